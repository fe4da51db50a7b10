/* The table of diagnostics.def, and what can be asked of it. */
#include "support/codes.h"

const ptl_diag_row ptl_diag_rows[] = {
#define PTL_ROW(NAME, number, name, GRADE, summary, text, meaning, cure, note)                     \
  {PTL_CODE_##NAME, PTL_GRADE_##GRADE, name, summary, text, meaning, cure, note},
#define PTL_DIAGNOSTIC(...) PTL_ROW(__VA_ARGS__, NULL)
#define PTL_FINDING(...) PTL_ROW(__VA_ARGS__)
#include "support/diagnostics.def"
};

const ptl_diag_section ptl_diag_sections[] = {
#define PTL_SECTION(first, last, title, text) {first, last, title, text},
#include "support/diagnostics.def"
};

const size_t ptl_diag_row_count = sizeof(ptl_diag_rows) / sizeof(ptl_diag_rows[0]);
const size_t ptl_diag_section_count = sizeof(ptl_diag_sections) / sizeof(ptl_diag_sections[0]);

enum {
#define PTL_DIAGNOSTIC(NAME, ...) INDEX_##NAME,
#include "support/diagnostics.def"
};

/* A number that two rows have does not compile. */
const ptl_diag_row *ptl_diag_row_of(int number) {
  switch (number) {
#define PTL_DIAGNOSTIC(NAME, number, ...)                                                          \
  case number:                                                                                     \
    return &ptl_diag_rows[INDEX_##NAME];
#include "support/diagnostics.def"
  default:
    return NULL;
  }
}

static const struct {
  ptl_severity severity;
  const char *text;
} grades[] = {
    [PTL_GRADE_ERROR] = {PTL_ERROR, "error"},
    [PTL_GRADE_WARNING] = {PTL_WARNING, "warning"},
    [PTL_GRADE_REMARK] = {PTL_REMARK, "remark"},
    [PTL_GRADE_SHOWN_REMARK] = {PTL_REMARK, "remark, shown by default"},
    [PTL_GRADE_ERROR_OR_WARNING] = {PTL_ERROR, "error or warning"},
    [PTL_GRADE_WARNING_OR_ERROR] = {PTL_WARNING, "warning or error"},
    [PTL_GRADE_REMARK_OR_WARNING] = {PTL_REMARK, "remark or warning"},
    [PTL_GRADE_LOG] = {PTL_REMARK, "log only"},
    [PTL_GRADE_RETIRED] = {PTL_REMARK, "no longer said"},
};

ptl_severity ptl_grade_severity(ptl_grade grade) { return grades[grade].severity; }

const char *ptl_grade_text(ptl_grade grade) { return grades[grade].text; }

bool ptl_code_is_of_check(int number) { return number >= 200 && number <= 299; }
