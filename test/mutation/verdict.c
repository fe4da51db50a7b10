#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "ptolower/ptolower.h"

enum { CODE_PASSED_THROUGH = 13 }; /* a function that was not read */

static void note(mut_verdict *v, const ptolower_diagnostic *d) {
  if (d->code > 0 && d->code < MUT_MAX_CODE) {
    v->errors[d->code] += d->severity == PTOLOWER_ERROR;
    v->others[d->code] += d->severity != PTOLOWER_ERROR;
  }
}

mut_verdict mut_check(const char *text, const char *name) {
  mut_verdict v = {.is_read = false};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_check(options, text, strlen(text), &result);
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; i++) {
    ptolower_diagnostic d = ptolower_result_diagnostic(result, i);
    note(&v, &d);
    if (name && d.code > 0 && d.severity != PTOLOWER_NOTE) {
      (void)printf("%s: %s: %s", d.severity == PTOLOWER_ERROR ? "FALSE ALARM" : "note", name,
                   ptolower_result_diagnostic_line(result, i));
    }
  }
  v.is_read = status != PTOLOWER_INTERNAL && status != PTOLOWER_USAGE &&
              ptolower_result_report(result) && v.others[CODE_PASSED_THROUGH] == 0;
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return v;
}

int mut_new_code(const mut_verdict *mutant, const mut_verdict *original, bool errors) {
  for (int i = 0; i < MUT_MAX_CODE; i++) {
    if (errors ? mutant->errors[i] > original->errors[i]
               : mutant->others[i] > original->others[i]) {
      return i;
    }
  }
  return 0;
}
