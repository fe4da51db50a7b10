/* What is known of the flags that ptoas put into the functions that the drop-in rewrote. */
#ifndef DROPIN_PROVE_H
#define DROPIN_PROVE_H

#include <stdio.h>

#include "common/files.h"

typedef struct prove_request {
  file_text input, lowered; /* kernels before and after */
  file_text cpp;            /* what ptoas made of the second */
  const char *arch;         /* empty: the module's */
  const char *version;      /* of ptoas; empty: not known */
} prove_request;

/* Prints a JSON value per function to `lines`, as proof.h has it. Gives 0, PROOF_EXIT_FAILS or a
 * ptolower_status; what is wrong has been reported. */
int prove_text(const prove_request *request, FILE *lines);

#endif
