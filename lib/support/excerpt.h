/* The line of a source that a diagnostic is about, with marks below it.
 *
 *     pto.tload ins(%a_part : !part) outs(%a_mat : !mat)
 *     ^~~~~~~~~                           ~~~~~~
 */
#ifndef PTL_SUPPORT_EXCERPT_H
#define PTL_SUPPORT_EXCERPT_H

#include "support/diag.h"

/* Two strings of one width, a character of the line above each mark. */
typedef struct ptl_excerpt {
  const char *line;  /* as it is to be shown; NULL: no line is known */
  const char *marks; /* '^' at the place, '~' below the rest of its word and below each value that
                        the diagnostic's text names; no blanks at the end */
} ptl_excerpt;

/* Of at most `width` characters (40 at least): of a longer line, the part around the place. */
ptl_excerpt ptl_excerpt_of(const ptl_diags *diags, const ptl_diag *diag, int width);

#endif
