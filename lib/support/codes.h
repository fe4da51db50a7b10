/* The diagnostics that there are: what diagnostics.def says, as an enum and as a table. */
#ifndef PTL_SUPPORT_CODES_H
#define PTL_SUPPORT_CODES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ptl_severity {
  PTL_ERROR,
  PTL_WARNING,
  PTL_REMARK, /* shown when asked for; of a check, some always */
  PTL_NOTE,   /* belongs to the diagnostic before it */
} ptl_severity;

/* How grave a diagnostic is. Of two severities the first is the usual one; the place where the
 * diagnostic is made says when it is the other (ptl_diag_add_as). */
typedef enum ptl_grade {
  PTL_GRADE_ERROR,
  PTL_GRADE_WARNING,
  PTL_GRADE_REMARK,
  PTL_GRADE_SHOWN_REMARK, /* shown without being asked for */
  PTL_GRADE_ERROR_OR_WARNING,
  PTL_GRADE_WARNING_OR_ERROR,
  PTL_GRADE_REMARK_OR_WARNING,
  PTL_GRADE_LOG,     /* stands only in the log of the drop-in */
  PTL_GRADE_RETIRED, /* is no longer said */
} ptl_grade;

typedef enum ptl_code {
  PTL_CODE_NONE, /* of a note; of a walk: no fault */
#define PTL_DIAGNOSTIC(NAME, number, ...) PTL_CODE_##NAME = number,
#include "support/diagnostics.def"
} ptl_code;

typedef struct ptl_diag_row {
  ptl_code code;
  ptl_grade grade;
  const char *name;    /* small letters and dashes */
  const char *summary; /* a sentence: what holds where the diagnostic does not arise */
  const char *text;    /* what it says, with X for what differs */
  const char *meaning;
  const char *cure; /* "": nothing is to be done */
  const char *note; /* what it says of a second op; NULL: nothing of its own */
} ptl_diag_row;

/* The numbers from `first` to `last` are kept for diagnostics of one kind. */
typedef struct ptl_diag_section {
  int first, last;
  const char *title;
  const char *text; /* "": there is none */
} ptl_diag_section;

extern const ptl_diag_row ptl_diag_rows[]; /* ascending by code */
extern const size_t ptl_diag_row_count;
extern const ptl_diag_section ptl_diag_sections[]; /* ascending */
extern const size_t ptl_diag_section_count;

/* NULL: no diagnostic has the number. */
const ptl_diag_row *ptl_diag_row_of(int number);

/* The usual severity. */
ptl_severity ptl_grade_severity(ptl_grade grade);

/* The grade in words: "remark or warning". */
const char *ptl_grade_text(ptl_grade grade);

/* Whether a check finds it: its number is from 200 to 299. */
bool ptl_code_is_of_check(int number);

#endif
