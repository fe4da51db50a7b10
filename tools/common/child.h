/* Running programs, each in a process group of its own: what a script starts ends with it. */
#ifndef DROPIN_CHILD_H
#define DROPIN_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* As many may run at once. */
enum { CHILDREN = 2 };

typedef struct child {
  char **words;
  int in_fd, out_fd, err_fd; /* become its standard streams; -1: ours */
  unsigned seconds;          /* child_run: its group is killed after that; 0: no limit */
} child;

typedef struct child_end {
  int status;   /* as waitpid gives it */
  bool is_late; /* it was killed after its time */
} child_end;

/* Runs it and waits. Signals that end this process while it runs end its group first, Ctrl-Z stops
 * and continues both; if this process is killed, the child is. False: it could not be started. */
bool child_run(const child *given, child_end *out);

/* The same in two steps. Its time, if there is a limit, begins with the second. */
bool child_start(const child *given, pid_t *pid);
bool child_wait(pid_t pid, unsigned seconds, child_end *out);

/* Ends as a child with this status did: with its exit code, or by its signal. */
_Noreturn void child_end_like(int wait_status);

#endif
