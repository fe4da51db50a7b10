/* Findings that were there before: a check with a baseline tells new ones only.
 *
 *   {"baseline": 1, "findings": [
 *     {"code": "PTL220", "function": "k", "ops": ["pto.tload"], "count": 2}]}
 *
 * A finding is known again by its code, its function, and the ops that take part in it, its own
 * first. Lines and names of values are left out: they change with every new version of a kernel. */
#ifndef PTL_API_BASELINE_H
#define PTL_API_BASELINE_H

#include <cjson/cJSON.h>

#include "api/allow.h"
#include "support/diag.h"
#include "support/status.h"

/* Of one module. */
typedef struct ptl_baseline {
  ptl_str source;  /* the text that is checked */
  cJSON *document; /* owned; NULL: there is none */
  cJSON *keys;     /* gets the findings of the function that is checked, in the form above */
} ptl_baseline;

/* Reads its text, which may be NULL. PTL_USAGE with PTL002: it is no baseline. */
PTL_MUST_USE ptl_status ptl_baseline_read(ptl_baseline *out, const char *text, ptl_diags *diags);
void ptl_baseline_free(ptl_baseline *baseline);

/* Adds the findings from diagnostic `first` on, which are of `function`, to the keys, and turns
 * those that the baseline lists into allowed ones, each as often as it is listed. */
void ptl_baseline_apply(const ptl_baseline *baseline, ptl_allowances *allowances, ptl_diags *diags,
                        size_t first, const char *function);

#endif
