/* Whether the flags that ptoas put into a rewritten kernel order what it does. */
#ifndef DROPIN_PROOF_H
#define DROPIN_PROOF_H

#include <stdbool.h>

#include "helper.h"

/* The exit code of `ptoas-lower` where they do not, or may not; the first line of standard error
 * says what is wrong. Standard output gets a JSON value per function: `null` for one that was not
 * rewritten. */
enum { PROOF_EXIT_FAILS = 11 };

typedef struct proof {
  bool fails; /* what ptoas wrote is not to be used */
  const char
      *functions;   /* a JSON value per line and function of the file; NULL: nothing is known */
  char reason[512]; /* why it fails, or why nothing is known */
} proof;

/* What ptoas wrote is read from the begin of `cpp_fd`; -1: it is not at hand. `h` stays since it
 * lowered the file, and has what is known. */
proof proof_run(helper *h, int cpp_fd, unsigned seconds);

#endif
