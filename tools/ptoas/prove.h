/* What is known of the flags that ptoas put into the functions that the drop-in rewrote. */
#ifndef DROPIN_PROVE_H
#define DROPIN_PROVE_H

#include <stdio.h>

#include "compose.h"

/* Prints a JSON value per function to `lines`, as proof.h has it, of the C++ that ptoas made of
 * what was lowered. Gives 0, PROOF_EXIT_FAILS or a ptolower_status; what is wrong has been
 * reported. */
int prove_flags(const lowered *of, const char *cpp, FILE *lines);

#endif
