/* Where ptoas is to write: beside the output, to be renamed to it when it is whole. */
#ifndef DROPIN_PATHS_H
#define DROPIN_PATHS_H

#include <limits.h>
#include <stdbool.h>

typedef struct paths {
  bool is_whole;            /* false: a device, or standard output, which ptoas writes itself */
  char target[PATH_MAX];    /* the output, links followed */
  char temporary[PATH_MAX]; /* what ptoas writes */
  char lowered[PATH_MAX];   /* the lowered .pto */
  bool drop_lowered;        /* it is to be removed; its name is of this process only */
} paths;

/* Whether the input can be read twice, and the output (NULL: none is named) can be written. */
bool paths_are_usable(const char *input, const char *output);

/* Chooses the paths; `path` is NULL for standard output. The lowered file never is the input, also
 * where that is one that was kept. False: the paths are too long. */
bool paths_choose(const char *path, const char *input, bool keep, paths *out);

/* Renames what ptoas wrote, if it did. False: that failed. */
bool paths_finish(const paths *out);
/* Removes what ptoas wrote. */
void paths_discard(const paths *out);

#endif
