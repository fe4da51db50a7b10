/* Validation by running, for ptolower_validate and for the option `validate`. */
#ifndef PTL_API_VALIDATION_H
#define PTL_API_VALIDATION_H

#include "api/api.h"

/* Runs what two texts of modules hold and compares them, into the diagnostics of `result`.
 * `names`: only these functions (NULL: all). `must_run`: what cannot be run is an error; else a
 * warning, and the next function's turn. `target` is the chip of both. */
typedef struct ptl_validation_texts {
  ptl_str before, after;
  const char *before_file, *after_file;
  const char *const *names;
  size_t name_count;
  bool must_run;
} ptl_validation_texts;

PTL_MUST_USE ptl_status ptl_validate_texts(ptolower_result *result, const ptolower_options *options,
                                           const ptl_validation_texts *texts);

/* The option `validate` of ptolower_run: what was emitted against the input. */
PTL_MUST_USE ptl_status ptl_validate_output(ptolower_result *result,
                                            const ptolower_options *options, ptl_str input);

#endif
