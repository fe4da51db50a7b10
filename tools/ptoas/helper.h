/* Running `ptoas-lower`, which has MLIR inside, in a process of its own: whatever happens to it
 * there, the build goes on. */
#ifndef DROPIN_HELPER_H
#define DROPIN_HELPER_H

/* What the program is asked for: the first of its words. */
#define HELPER_LOWERS "lower"
#define HELPER_PROVES "prove"

enum { HELPER_WORDS = 8, HELPER_FAILED = -1 };

typedef struct helper_run {
  const char *words[HELPER_WORDS]; /* its arguments; NULL ends them */
  int in_fd;                       /* its standard input; -1: ours */
  unsigned seconds;                /* that it may take */
  int status;                      /* its exit code; HELPER_FAILED: it did not come to one */
  char *said;                      /* on standard output; to be freed; may be NULL */
  char reason[512]; /* of a failure, or the first line that it said on standard error */
} helper_run;

void helper_execute(helper_run *run);

#endif
