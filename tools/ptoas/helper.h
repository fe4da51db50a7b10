/* Running `ptoas-lower`, which has MLIR inside, in a process of its own: whatever happens to it
 * there, the build goes on.
 *
 * It lowers a file. If that was changed, it says HELPER_STAYS, and stays: while ptoas compiles the
 * lowered file, it goes on to tell what became of each function. Then it takes what ptoas made of
 * the file, up to its end, says HELPER_PROVES, and proves that.
 */
#ifndef DROPIN_HELPER_H
#define DROPIN_HELPER_H

#include <stddef.h>
#include <sys/types.h>

/* What the program is asked for: the first of its words. */
#define HELPER_LOWERS "lower"
#define HELPER_STAYS "stays\n"
#define HELPER_PROVES "proves\n"
/* The last of its words, if it is to tell what became of each function. */
#define HELPER_LOGS "log"

enum { HELPER_WORDS = 8, HELPER_FAILED = -1 };

typedef struct helper {
  int status;         /* its exit code, or 0: it stays; HELPER_FAILED: it did not come to one */
  char *said;         /* on standard output; to be freed; may be NULL */
  const char *told;   /* in that: of each function; NULL before it has ended */
  const char *proved; /* in that: of the flags; NULL: it has proved nothing */
  char reason[512];   /* of a failure, or the first line that it said on standard error */
  pid_t pid;          /* of one that stays, else 0 */
  int fd, err_fd;     /* to and from it; what it says on standard error */
} helper;

/* Starts it, and takes what it says up to its end, or until it stays. NULL ends `words`. */
void helper_lower(helper *h, const char *const words[HELPER_WORDS], unsigned seconds);
/* Hands this text to one that stays, and takes what it has said since. It does not stay. Without a
 * text nothing is proved. */
void helper_prove(helper *h, const char *text, size_t length, unsigned seconds);

#endif
