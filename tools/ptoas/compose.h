/* What the drop-in gives to ptoas: the input with the functions lowered that are admitted. */
#ifndef DROPIN_COMPOSE_H
#define DROPIN_COMPOSE_H

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "functions.h"

typedef struct lower_request {
  const char *file; /* the input's name */
  const char *text;
  size_t length;
  const char *arch;    /* empty: the module's */
  const char *version; /* of the ptoas that compiles it; empty: not known */
  const char *rewrite; /* which kernels may be, as the library's option has it */
  bool only_gate_up;   /* of those, pairs of gate and up alone */
  bool repairs;        /* kernels that no ptoas compiles */
} lower_request;

/* What came of a text. */
typedef struct lowered {
  int status;                  /* as lower_text gives it */
  ptolower_result *result;     /* of the run whose output ptoas gets, if something was changed */
  ptolower_result *first;      /* of a run before that; NULL: there was none */
  function_list before, after; /* the functions of the input and of that output */
  struct kernel *kernels;      /* what became of each function; NULL: it is not known */
  cJSON *plan;
} lowered;

/* Lowers a text. Gives LOWER_EXIT_CHANGED; LOWER_EXIT_UNCHANGED, nothing was to be done; or a
 * ptolower_status, and why has been reported. To be freed whatever it gives. */
int lower_text(const lower_request *request, lowered *out);
void lowered_free(lowered *of);

/* Prints a JSON object per function of the input. False: they cannot be written. */
bool lowered_print(const lower_request *request, const lowered *of, FILE *lines);

#endif
