/* What a ptoas makes of a kernel, for commands that look at its flags. */
#ifndef PTOLOWER_SYNCHRONISE_H
#define PTOLOWER_SYNCHRONISE_H

#include <ptolower/ptolower.h>

#include "common/files.h"

/* Has ptoas compile a text for its chip and level, in a directory of its own. False: it does not,
 * which is reported if it `tells`; or the text is none that can be read, which its check tells. */
bool ptoas_written(const char *ptoas, const ptolower_options *options, const char *name,
                   const file_text *input, bool tells, file_text *out);

/* The library knows then what ptoas wrote; nothing if it does not compile the text. */
ptolower_status synchronise(const char *ptoas, ptolower_options *options, const char *name,
                            const file_text *input, bool tells);

#endif
