/* Builds the ops of raise-products: a product and the parts of views that it reads. */
#ifndef PTL_PASSES_RAISE_BUILD_H
#define PTL_PASSES_RAISE_BUILD_H

#include "ir/build.h"
#include "ir/session.h"
#include "summary/cost.h"
#include "summary/survey.h"

typedef struct ptl_raiser {
  ptl_session *session;
  const ptl_kernel *kernel;
  bool stays; /* its products are known, and cannot be computed in another way */
  ptl_exprs exprs;
  ptl_survey survey;
  bool is_timed; /* `cost` is known */
  ptl_cost cost;
  ptl_builder builder; /* where ops are built, and what has to be known */
} ptl_raiser;

/* Whether the offsets and extents of a product's operands are known at the builder's place. */
bool ptl_raise_can_build(ptl_raiser *r, const ptl_product *product);

/* Builds the products from `first` up to `last`, which are one group, in front of their sinks, and
 * lets the sinks use them. */
void ptl_raise_build(ptl_raiser *r, const ptl_products *products, int first, int last);

#endif
