/* Running programs, and what is to be cleared away when we are killed meanwhile. */
#ifndef DROPIN_CHILD_H
#define DROPIN_CHILD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct child {
  char **words;
  int out_fd, err_fd; /* become its standard output and error; -1: ours */
  unsigned seconds;   /* it is killed after that; 0: no limit */
} child;

/* Runs it and waits; it dies with us. False: it could not be started. */
bool child_run(const child *given, int *wait_status);

/* From now on SIGINT, SIGTERM and SIGHUP also end the running child and remove both files
 * (NULL: none). The paths must stay. */
void child_on_signal_remove(const char *first, const char *second);

/* Ends as a child with this status did: with its exit code, or by its signal. */
_Noreturn void child_end_like(int wait_status);

/* An anonymous file to take a child's output, or -1. */
int capture_open(void);
/* Its text, NUL-terminated, to be freed; NULL if it cannot be read. */
char *capture_text(int fd, size_t *length);
/* Copies it all to another file. */
bool capture_replay(int fd, int to);

#endif
