/* Has ptoas synchronise a file, so that a check can prove the flags that it puts in. */
#ifndef PTOLOWER_SYNCHRONISE_H
#define PTOLOWER_SYNCHRONISE_H

#include "common/files.h"

#include <ptolower/ptolower.h>

/* The library knows then what ptoas wrote. `tells`: what ptoas does not compile is reported. */
ptolower_status synchronise(const char *ptoas, ptolower_options *options, const char *name,
                            const file_text *input, bool tells);

#endif
