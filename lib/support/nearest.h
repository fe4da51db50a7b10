/* "Did you mean": the name that a misspelt word was probably meant to be.
 *
 *   ptl_nearest nearest = ptl_nearest_to(word);
 *   for each name: ptl_nearest_try(&nearest, name);
 *   if (nearest.name.length > 0) ...
 */
#ifndef PTL_SUPPORT_NEAREST_H
#define PTL_SUPPORT_NEAREST_H

#include "support/strbuf.h"

typedef struct ptl_nearest {
  ptl_str word, name; /* the name: empty if none is near */
  int limit;          /* edits that a nearer one may have */
} ptl_nearest;

ptl_nearest ptl_nearest_to(ptl_str word);

/* Takes `name` if it is nearer than all before: fewer letters, capital or small, have to be
 * inserted, deleted, replaced or swapped; no more than a third of them. */
void ptl_nearest_try(ptl_nearest *nearest, ptl_str name);

/* "; did you mean 'NAME'?", with `before` and `after` around the name; "" if none is near. */
const char *ptl_nearest_question(ptl_arena *arena, const ptl_nearest *nearest, const char *before,
                                 const char *after);

#endif
