/* On which path, in which iterations and for which arguments a fault happens. */
#ifndef PTL_WALK_EVIDENCE_H
#define PTL_WALK_EVIDENCE_H

#include "walk/walk.h"

/* "in iteration %i = 3 of the loop at 22:5, when %n < 16 (25:7)": what leads to the op that is
 * being walked, from the outside inwards; NULL if that is nothing but the function's begin, or if
 * it is another op that is being walked. */
const char *ptl_evidence_text(const ptl_walk *walk, const ptl_op *op);

#endif
