/* Numbers are divided and rounded up to the last one of int64_t: texts say what they like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/rounding.h"

static void divides_up(void **state) {
  (void)state;
  assert_int_equal(ptl_ceil_div(0, 16), 0);
  assert_int_equal(ptl_ceil_div(1, 16), 1);
  assert_int_equal(ptl_ceil_div(16, 16), 1);
  assert_int_equal(ptl_ceil_div(17, 16), 2);
  assert_true(ptl_ceil_div(INT64_MAX, 32) == INT64_MAX / 32 + 1);
  assert_true(ptl_ceil_div(INT64_MAX, 1) == INT64_MAX);
}

static void rounds_up_where_there_is_room(void **state) {
  (void)state;
  assert_int_equal(ptl_round_up(0, 16), 0);
  assert_int_equal(ptl_round_up(17, 16), 32);
  assert_true(ptl_round_up(INT64_MAX, 32) == INT64_MAX - 31);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(divides_up),
      cmocka_unit_test(rounds_up_where_there_is_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
