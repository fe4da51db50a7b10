/* Where the real ptoas is.
 *
 * A drop-in may be linked to, copied, or reached again through a wrapper script. Files with its own
 * bytes are passed over. For what is left (a drop-in of another version, a script) the variable
 * PTOLOWER_PTOAS_GUARD lists the files (device:inode) that have been gone through; none of them is
 * executed again, and a drop-in that finds the variable set does not lower.
 */
#ifndef DROPIN_FIND_H
#define DROPIN_FIND_H

#include <limits.h>
#include <stdbool.h>

typedef struct real_ptoas {
  char path[PATH_MAX];
  bool is_guarded; /* another drop-in has called this one */
} real_ptoas;

/* Takes `named` (may be NULL), else the first ptoas on PATH, and sets the guard for the program
 * that will be executed. False: there is none, which has been reported. */
bool real_ptoas_find(const char *named, real_ptoas *out);

/* The path of this program, links followed. */
bool own_path(char path[PATH_MAX]);

#endif
