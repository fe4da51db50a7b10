/* Findings that a file allows, in comments:
 *
 *   // ptolower: allow PTL220 because ptoas 0.60 builds this kernel
 *
 * at the end of an op's line or on a line before it, for findings at that op; of a func.func, for
 * all findings in the function. Several codes are separated by commas. It needs its reason. */
#ifndef PTL_API_ALLOW_H
#define PTL_API_ALLOW_H

#include "api/report.h"
#include "support/diag.h"

typedef struct ptl_allowance {
  int line, column; /* of the comment */
  int target;       /* the line that it speaks of */
  int number;       /* the code */
  const char *reason;
  bool is_used;
} ptl_allowance;

typedef struct ptl_allowances {
  const char *file;
  ptl_allowance *items;
  int count, capacity;
  int finding_count; /* allowed so far */
  const struct ptl_baseline *baseline;
} ptl_allowances;

/* Reads those of a text; a comment that is meant as one and is none is PTL234. */
ptl_allowances ptl_allowances_of(ptl_str source, const char *file, ptl_diags *diags);

/* Whether findings of this code may be allowed. */
bool ptl_can_be_allowed(int number);

/* Turns a diagnostic that is not allowed yet into a remark that is, for this reason. */
void ptl_allow(ptl_allowances *allowances, ptl_diags *diags, size_t index, const char *reason);

/* Turns the findings from diagnostic `first` on that are allowed, at their own line or at line
 * `function` (0: none), into remarks. */
void ptl_allow_findings(ptl_allowances *allowances, ptl_diags *diags, size_t first, int function);

/* Those for lines from `begin` on and before `end` count as used: whether they are is not known. */
void ptl_allowances_skip(ptl_allowances *allowances, int begin, int end);

/* PTL234 for those that allowed nothing. */
void ptl_allowances_finish(const ptl_allowances *allowances, ptl_diags *diags);

#endif
