/* What the drop-in gives to ptoas: the input with the functions lowered that are admitted. */
#ifndef DROPIN_COMPOSE_H
#define DROPIN_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

/* Lowers a text, and prints a JSON object per function to `lines`. Gives LOWER_EXIT_CHANGED, with a
 * text that is to be freed; LOWER_EXIT_UNCHANGED, nothing was to be done; or a ptolower_status, and
 * why has been reported. */
int lower_text(const lower_request *request, FILE *lines, char **text, size_t *length);

#endif
