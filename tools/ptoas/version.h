/* The version of the real ptoas, remembered.
 *
 * Asking costs a start of ptoas, so the answer is kept in a file of the user's cache directory
 * ($XDG_CACHE_HOME/ptolower, else $HOME/.cache/ptolower), one for each program, which holds until
 * the program is another file or has changed (device, inode, size, time of change). Where nothing
 * can be kept, nothing is asked: the version is not known.
 */
#ifndef DROPIN_VERSION_H
#define DROPIN_VERSION_H

#include "common/ptoas_version.h"

/* Empty: not known. Whatever fails is silent. */
void real_version(const char *program, char version[PTOAS_VERSION_SIZE]);

#endif
