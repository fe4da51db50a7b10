/* The line that a diagnostic is about, and the marks below it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/excerpt.h"

static ptl_arena arena;

static ptl_excerpt shown(const char *source, int line, int column, int width, const char *text) {
  ptl_diags diags;
  ptl_diags_init(&diags, &arena);
  ptl_diags_add_source(&diags, "k.pto", ptl_str_of(source));
  ptl_diag_note(&diags, (ptl_loc){"k.pto", line, column, NULL}, "%s", text);
  return ptl_excerpt_of(&diags, &diags.items[0], width);
}

static void expect(ptl_excerpt excerpt, const char *line, const char *marks) {
  assert_string_equal(excerpt.line, line);
  assert_string_equal(excerpt.marks, marks);
}

static void word_and_named_values_are_marked(void **state) {
  (void)state;
  const char *source = "a\n  pto.tadd ins(%x, %xy) outs(%z) // %x\r\n";
  expect(shown(source, 2, 3, 80, "%x is on %z, not on %w."),
         "  pto.tadd ins(%x, %xy) outs(%z) // %x", "  ^~~~~~~~     ~~            ~~");
  expect(shown(source, 2, 3, 80, "50% of it"), "  pto.tadd ins(%x, %xy) outs(%z) // %x",
         "  ^~~~~~~~");
  expect(shown(source, 2, 16, 80, ""), "  pto.tadd ins(%x, %xy) outs(%z) // %x",
         "               ^~");
  expect(shown(source, 1, 9, 80, ""), "a", " ^");
  expect(shown(source, 3, 1, 80, ""), "", "^");
}

static void what_has_no_line_has_no_excerpt(void **state) {
  (void)state;
  assert_null(shown("a\n", 3, 1, 80, "").line);
  assert_null(shown("a\n", 0, 0, 80, "").line);
  ptl_diags diags;
  ptl_diags_init(&diags, &arena);
  ptl_diag_note(&diags, (ptl_loc){"other.pto", 1, 1, NULL}, "x");
  ptl_diag_note(&diags, (ptl_loc){NULL, 0, 0, NULL}, "x");
  assert_null(ptl_excerpt_of(&diags, &diags.items[0], 80).line);
  assert_null(ptl_excerpt_of(&diags, &diags.items[1], 80).line);
}

/* A terminal obeys nothing of it, and a character has one mark. */
static void characters_are_shown_safely(void **state) {
  (void)state;
  expect(shown("\t\xc3\xa9\x1b[31m x\xff", 1, 5, 80, ""), " \xc3\xa9 [31m x?", "   ^");
  expect(shown("\xc2\x9b x", 1, 4, 80, ""), "  x", "  ^");
  expect(shown("\xc3\xa9x", 1, 2, 80, ""), "\xc3\xa9x", "^");
}

static void long_lines_are_cut_around_the_place(void **state) {
  (void)state;
  char line[300];
  memset(line, 'a', sizeof(line) - 1);
  line[sizeof(line) - 1] = '\0';
  memcpy(line + 100, " %here ", 7);
  expect(shown(line, 1, 102, 40, ""), "...aaaaaaa %here aaaaaaaaaaaaaaaaaaaa...",
         "           ^~~~~");
  expect(shown(line, 1, 2, 40, ""), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...",
         " ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
  expect(shown(line, 1, 300, 40, ""), "...aaaaaaaa", "           ^");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(word_and_named_values_are_marked),
      cmocka_unit_test(what_has_no_line_has_no_excerpt),
      cmocka_unit_test(characters_are_shown_safely),
      cmocka_unit_test(long_lines_are_cut_around_the_place),
  };
  ptl_arena_init(&arena);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  ptl_arena_free(&arena);
  return failed;
}
