/* Where the ops that multiply have their operands, and what is particular about each. */
#ifndef PTL_WALK_PRODUCT_KINDS_H
#define PTL_WALK_PRODUCT_KINDS_H

#include "kernel/kernel.h"

/* Numbers of operands; -1: it has none. */
typedef struct ptl_product_kind {
  ptl_op_id id;
  int left, right, bias, acc;
  bool adds;              /* to operand 0, which has to be `acc` */
  bool has_scales;        /* tiles of scales: what multiplies which is not asked */
  const char *unfollowed; /* why a walk that judges does not follow it; NULL: it does */
} ptl_product_kind;

/* NULL: it does not multiply. */
const ptl_product_kind *ptl_product_kind_of(const ptl_op *op);

/* Whether it is one that plans are made of. */
bool ptl_product_is_plain(const ptl_op *op);

#endif
