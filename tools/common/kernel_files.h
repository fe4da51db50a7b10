/* The kernels that a word of a command line names. */
#ifndef PTOLOWER_KERNEL_FILES_H
#define PTOLOWER_KERNEL_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* The paths of the kernels below a folder, the files that match a pattern (`*`, `?`, `[...]`, and
 * `**` for any folders) where there is no file of that name, or the file itself; to be freed, each
 * and all. False: it cannot be searched, there is none, or memory is out, which has been reported.
 */
bool kernel_files(const char *place, char ***out, size_t *count);

#endif
