/* Where a ptoas is, for the commands that can use one. */
#ifndef PTOLOWER_PTOAS_H
#define PTOLOWER_PTOAS_H

#include <limits.h>
#include <stdbool.h>

/* Takes `asked` (a program, a directory that holds one, or `none`), else $PTOAS, else ptoas on
 * PATH. An empty path: there is none. False: what was asked for is not there, which has been
 * reported. */
bool ptoas_find(const char *asked, char path[PATH_MAX]);

#endif
