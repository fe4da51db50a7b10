/* What a ptoas makes of a kernel, for commands that look at its flags. */
#ifndef PTOLOWER_SYNCHRONISE_H
#define PTOLOWER_SYNCHRONISE_H

#include <ptolower/ptolower.h>

#include "common/files.h"

/* The first step of a check: reads a text, and has ptoas compile it, in a directory of its own, for
 * the second one. `out` has no data if ptoas does not compile it, which is reported if it `tells`,
 * or if the text cannot be read, which the second step tells. */
ptolower_status synchronise(const char *ptoas, const ptolower_options *options, const char *name,
                            const file_text *input, bool tells, ptolower_result **result,
                            file_text *out);
/* The second step. The flags that could not be had are not known. */
ptolower_status synchronise_end(ptolower_result *result, const ptolower_options *options,
                                const file_text *written);

/* What ptoas makes of a text, without a check. False: nothing. */
bool ptoas_written(const char *ptoas, const ptolower_options *options, const char *name,
                   const file_text *input, bool tells, file_text *out);

#endif
