/* Where ptoas is to write: beside the output, to be renamed to it when it is whole. */
#ifndef DROPIN_PATHS_H
#define DROPIN_PATHS_H

#include <limits.h>
#include <stdbool.h>

/* Each compile has a file of its own: what is left of the first cannot reach the second. */
typedef enum compile { OF_LOWERED, OF_ORIGINAL, COMPILES } compile;

typedef struct paths {
  bool is_whole;                        /* false: a device, or standard output: ptoas writes it */
  char target[PATH_MAX];                /* the output, links followed */
  char directory[PATH_MAX];             /* a new one, of this process only; empty: none yet */
  char temporaries[COMPILES][PATH_MAX]; /* in it: what ptoas writes */
  char lowered[PATH_MAX];               /* the lowered .pto */
  bool drop_lowered;                    /* it lies in the directory, and goes with it */
} paths;

/* Whether the input can be read twice, and the output (NULL: none is named) can be written. */
bool paths_are_usable(const char *input, const char *output);

/* Chooses the paths; `path` is NULL for standard output. The lowered file never is the input, also
 * where that is one that was kept, and no link. The directory is removed when the process ends, by
 * exit or by a signal; `out` must stay. False: there is no place, errno says why. */
bool paths_choose(const char *path, const char *input, bool keep, paths *out);

/* Renames what ptoas wrote, if it did. False: that failed. */
bool paths_finish(const paths *out, compile which);
/* Removes the directory and what is in it. */
void paths_remove(void);

#endif
