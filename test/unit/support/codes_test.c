/* The table of diagnostics is well-formed, and a diagnostic gets its severity from it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/codes.h"
#include "support/diag.h"

/* NAME of each row, in the order of the rows. */
static const char *const NAMES[] = {
#define PTL_DIAGNOSTIC(NAME, ...) #NAME,
#include "support/diagnostics.def"
};

static const ptl_diag_section *section_of(int number) {
  for (size_t i = 0; i < ptl_diag_section_count; i++) {
    if (number >= ptl_diag_sections[i].first && number <= ptl_diag_sections[i].last) {
      return &ptl_diag_sections[i];
    }
  }
  return NULL;
}

static void numbers_ascend_in_their_sections(void **state) {
  (void)state;
  int before = 0;
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    int number = (int)ptl_diag_rows[i].code;
    assert_true(number > before);
    assert_non_null(section_of(number));
    assert_ptr_equal(ptl_diag_row_of(number), &ptl_diag_rows[i]);
    before = number;
  }
  for (size_t i = 1; i < ptl_diag_section_count; i++) {
    assert_true(ptl_diag_sections[i].first > ptl_diag_sections[i - 1].last);
  }
  assert_null(ptl_diag_row_of(0));
  assert_null(ptl_diag_row_of(-1));
  assert_null(ptl_diag_row_of(before + 1));
}

static void a_name_is_its_enumerator(void **state) {
  (void)state;
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    char name[64] = "";
    for (size_t at = 0; NAMES[i][at]; at++) {
      name[at] = (char)(NAMES[i][at] == '_' ? '-' : tolower((unsigned char)NAMES[i][at]));
    }
    assert_string_equal(ptl_diag_rows[i].name, name);
  }
}

static void texts_are_there(void **state) {
  (void)state;
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    const ptl_diag_row *row = &ptl_diag_rows[i];
    const char *texts[] = {row->text, row->meaning, row->cure};
    assert_true(isupper((unsigned char)row->summary[0]));
    assert_int_equal(row->summary[strlen(row->summary) - 1], '.');
    for (size_t j = 0; j < 3; j++) {
      assert_null(strchr(texts[j], '\n'));
      assert_null(strstr(texts[j], "  "));
      assert_true(j == 2 || texts[j][0]);
    }
    assert_true(!row->note || (row->note[0] && ptl_code_is_of_check((int)row->code)));
  }
}

static void severity_comes_from_the_row(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_diags diags;
  ptl_loc nowhere = {0};
  ptl_arena_init(&arena);
  ptl_diags_init(&diags, &arena);
  ptl_diag_add(&diags, PTL_CODE_NESTING, nowhere, "nested %d", 7);
  ptl_diag_add(&diags, PTL_CODE_OUTPUT_IS_IR, nowhere, "IR");
  ptl_diag_add(&diags, PTL_CODE_NOT_READ, nowhere, "not read");
  ptl_diag_add_as(&diags, PTL_WARNING, PTL_CODE_NOT_READ, nowhere, "not read");
  const ptl_severity expected[] = {PTL_ERROR, PTL_WARNING, PTL_REMARK, PTL_WARNING};
  assert_int_equal(diags.count, 4);
  assert_int_equal(diags.error_count, 1);
  for (size_t i = 0; i < diags.count; i++) {
    assert_int_equal(diags.items[i].severity, expected[i]);
  }
  assert_string_equal(diags.items[0].text, "nested 7");
  ptl_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_ascend_in_their_sections),
      cmocka_unit_test(a_name_is_its_enumerator),
      cmocka_unit_test(texts_are_there),
      cmocka_unit_test(severity_comes_from_the_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
