/* Whether the flags that ptoas put into a rewritten kernel order what it does. */
#ifndef DROPIN_PROOF_H
#define DROPIN_PROOF_H

#include <stdbool.h>

/* The exit code of `ptoas-lower prove` where they do not, or may not; the first line of standard
 * error says what is wrong. Standard output gets a JSON value per function: `null` for one that was
 * not rewritten. */
enum { PROOF_EXIT_FAILS = 11 };

typedef struct proof {
  bool fails;       /* what ptoas wrote is not to be used */
  char *functions;  /* a JSON value per line and function of the file; to be freed; may be NULL */
  char reason[512]; /* why it fails, or why nothing is known */
} proof;

typedef struct proof_request {
  const char *input, *lowered; /* files */
  const char *arch;            /* may be NULL */
  const char *version;         /* of ptoas; empty: not known */
  int cpp_fd;                  /* what it wrote; read from its begin; -1: it is not at hand */
  unsigned seconds;
} proof_request;

proof proof_run(const proof_request *request);

#endif
