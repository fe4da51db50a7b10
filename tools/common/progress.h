/* How far a command is with many files: a line on the terminal that is written over. */
#ifndef PTOLOWER_PROGRESS_H
#define PTOLOWER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Of less than 80 columns, on standard error if that is a terminal; silent in the first second. */
typedef struct progress {
  bool is_shown, has_line;
  time_t last; /* second in which the line was written */
} progress;

progress progress_begin(void);
void progress_tell(progress *p, size_t done, size_t all, const char *file);
/* Wipes the line. */
void progress_end(const progress *p);

#endif
