/* Running `ptoas-lower`, which has MLIR inside, in a process of its own: whatever happens to it
 * there, the build goes on.
 *
 * It lowers a file. If that was changed, it stays: what it says of the lowering ends with a line,
 * HELPER_STAYS. Then it takes what ptoas made of the lowered file, up to its end, and proves that.
 */
#ifndef DROPIN_HELPER_H
#define DROPIN_HELPER_H

#include <stddef.h>
#include <sys/types.h>

/* What the program is asked for: the first of its words. */
#define HELPER_LOWERS "lower"
#define HELPER_STAYS "stays\n"

enum { HELPER_WORDS = 7, HELPER_FAILED = -1 };

typedef struct helper {
  int status;       /* its exit code, or 0: it stays; HELPER_FAILED: it did not come to one */
  char *said;       /* on standard output; to be freed; may be NULL */
  char reason[512]; /* of a failure, or the first line that it said on standard error */
  pid_t pid;        /* of one that stays, else 0 */
  int fd, err_fd;   /* to and from it; what it says on standard error */
} helper;

/* Starts it, and takes what it says up to its end, or until it stays. NULL ends `words`. */
void helper_lower(helper *h, const char *const words[HELPER_WORDS], unsigned seconds);
/* Hands this text to one that stays, and takes what it says then. It does not stay. */
void helper_prove(helper *h, const char *text, size_t length, unsigned seconds);
/* Ends one that stays. */
void helper_end(helper *h);

#endif
