/* What became of each function, and which of the fused ones are admitted. */
#ifndef DROPIN_KERNELS_H
#define DROPIN_KERNELS_H

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>
#include <stdbool.h>
#include <stdio.h>

#include "compose.h"
#include "functions.h"
#include "support/codes.h"

/* Strings belong to the result and to the plans. */
typedef struct kernel {
  bool is_fused;
  bool is_admitted;
  int code; /* of the diagnostic that says so; 0: there is none */
  const char *why;
  double before, after; /* modelled cycles; 0: not known */
  const cJSON *plan;    /* of its first product; NULL without */
} kernel;

/* Looks at one function. `plans` is the list "kernels" of the plan document. */
kernel kernel_of(const ptolower_result *result, const cJSON *plans, const function_text *function,
                 const lower_request *request);

/* Whether a name has the words gate and up: split at every character that is neither letter nor
 * digit, `gate` may stand at the begin or the end of a word, `up` is one of up, wup and gateup. */
bool name_has_gate(const char *name, size_t length);
bool name_has_up(const char *name, size_t length);

/* One JSON object on a line of its own, "fused" first; one that is fused has the certificate of the
 * file, if there is one. False: memory is out. */
bool kernel_print(const kernel *kernel, const function_text *function, const cJSON *certificate,
                  FILE *out);

#endif
