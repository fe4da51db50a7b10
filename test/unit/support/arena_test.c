/* Arrays that grow, and sums that may not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/arena.h"
#include "support/checked.h"

/* An array keeps what it holds, whatever it had room for, and what is new is zero. */
static void an_array_grows(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  int *items = NULL, count = 0, capacity = 0;
  for (; count < 100000; count++) {
    items = ptl_arena_more(&arena, items, count, &capacity, sizeof(*items));
    assert_true(count < capacity);
    assert_int_equal(items[count], 0);
    items[count] = count;
  }
  for (int i = 0; i < count; i++) {
    assert_int_equal(items[i], i);
  }
  assert_true(arena.bytes < 4 * 131072 * sizeof(*items));
  ptl_arena_free(&arena);
}

/* Two arrays that grow in turn stand in each other's way, and keep what they hold. */
static void arrays_grow_side_by_side(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  int *items[2] = {NULL, NULL}, capacity[2] = {0, 0};
  for (int count = 0; count < 10000; count++) {
    for (int i = 0; i < 2; i++) {
      items[i] = ptl_arena_more(&arena, items[i], count, &capacity[i], sizeof(int));
      assert_int_equal(items[i][count], 0);
      items[i][count] = 2 * count + i;
    }
  }
  for (int i = 0; i < 20000; i++) {
    assert_int_equal(items[i % 2][i / 2], i);
  }
  ptl_arena_free(&arena);
}

/* What is handed out is zero, also where it was handed out and written before. */
static void memory_is_zero(void **state) {
  (void)state;
  static const size_t sizes[] = {24, 70000, 3000000, 24, 1100000};
  ptl_arena arena;
  ptl_arena_init(&arena);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
      unsigned char *bytes = ptl_arena_alloc(&arena, sizes[i]);
      for (size_t at = 0; at < sizes[i]; at++) {
        assert_int_equal(bytes[at], 0);
        bytes[at] = 0xff;
      }
    }
    ptl_arena_reset(&arena);
  }
  ptl_arena_free(&arena);
}

static void numbers_that_fit(void **state) {
  (void)state;
  int64_t out;
  assert_true(ptl_add(INT64_MAX - 1, 1, &out));
  assert_int_equal(out, INT64_MAX);
  assert_false(ptl_add(INT64_MAX, 1, &out));
  assert_false(ptl_sub(INT64_MIN, 1, &out));
  assert_false(ptl_mul(INT64_MIN, -1, &out));
  assert_int_equal(ptl_add_saturated(INT64_MAX, 5), INT64_MAX);
  assert_int_equal(ptl_add_saturated(INT64_MIN, -5), INT64_MIN);
  assert_int_equal(ptl_mul_saturated(INT64_C(1) << 40, -(INT64_C(1) << 40)), INT64_MIN);
  assert_int_equal(ptl_mul_saturated(INT64_MIN, INT64_MIN), INT64_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_array_grows), cmocka_unit_test(arrays_grow_side_by_side),
      cmocka_unit_test(memory_is_zero), cmocka_unit_test(numbers_that_fit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
