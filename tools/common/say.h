/* What the drop-in says on standard error: one line, `ptolower: warning: text [PTLnnn]`. */
#ifndef DROPIN_SAY_H
#define DROPIN_SAY_H

#include <stdbool.h>

#include "support/codes.h"

__attribute__((format(printf, 3, 4))) void dropin_say(bool is_error, ptl_code code,
                                                      const char *format, ...);

#endif
