/* Numbers in text that grows. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/strbuf.h"

static void numbers_as_printf(void **state) {
  (void)state;
  static const int64_t numbers[] = {0, 7, 10, -1, -4096, 262144, INT64_MAX, INT64_MIN};
  ptl_arena arena;
  ptl_arena_init(&arena);
  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    char expected[32];
    snprintf(expected, sizeof(expected), "n%" PRId64, numbers[i]);
    ptl_strbuf text;
    ptl_strbuf_init(&text, &arena);
    ptl_strbuf_puts(&text, "n");
    ptl_strbuf_number(&text, numbers[i]);
    assert_string_equal(text.data, expected);
  }
  ptl_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_as_printf),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
