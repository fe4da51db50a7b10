/* How values move with the variable of a loop. */
#ifndef PTL_PASSES_AFFINE_H
#define PTL_PASSES_AFFINE_H

#include "ir/build.h"

/* Whether a value grows by a constant `step` whenever the variable of the loop grows by one; 0: it
 * is the same on every turn. Arguments and loop variables count as not negative, as they do in the
 * walk. */
bool ptl_moves_with(MlirOperation loop, MlirValue value, int64_t *step);

#endif
