/* What the passes ask of an input kernel as a whole, found by one walk: its products, what it does
 * to the world, and what its numbers and places are. */
#ifndef PTL_SUMMARY_SURVEY_H
#define PTL_SUMMARY_SURVEY_H

#include "summary/effects.h"
#include "summary/products.h"

typedef struct ptl_survey {
  ptl_products products;
  ptl_effects effects;
  ptl_noted noted;
  bool is_whole; /* the walk came to the kernel's end */
} ptl_survey;

/* Walks the kernel (PTL_WALK_ONCE). Expressions are those of `exprs`. It all holds as long as the
 * function is not changed. */
ptl_survey ptl_kernel_survey(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                             ptl_exprs *exprs);

#endif
