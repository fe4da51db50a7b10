/* A function on tensors, read: which products it computes, and that it does nothing
 * that a kernel would drop.
 */
#ifndef PTL_PASSES_TENSOR_FUNCTION_H
#define PTL_PASSES_TENSOR_FUNCTION_H

#include "ir/session.h"

enum { PTL_MAX_TENSOR_PRODUCTS = 64 };

/* One product: result number `index` of `op`. Both operands are function arguments. */
typedef struct ptl_tensor_product {
  MlirOperation op;
  intptr_t index;
  MlirValue lhs, rhs;
} ptl_tensor_product;

typedef struct ptl_tensor_function {
  ptl_session *session;
  MlirOperation func;
  MlirBlock block;
  MlirOperation terminator;
  ptl_tensor_product products[PTL_MAX_TENSOR_PRODUCTS]; /* in program order */
  int product_count;
} ptl_tensor_function;

/* Whether the function takes, makes or gives tensors. */
bool ptl_is_on_tensors(MlirOperation func);

/* Whether ops of this name work on tensors. */
bool ptl_is_tensor_op(ptl_str name);

/* PTL_REFUSED with a diagnostic (PTL040 to PTL046) if it is more than products of its arguments
 * that begin at zero and are returned. */
PTL_MUST_USE ptl_status ptl_tensor_function_read(ptl_session *session, MlirOperation func,
                                                 ptl_tensor_function *out);

/* Element type of a tensor type; PTL_ELEM_NONE if the cube does not know it. */
ptl_elem ptl_tensor_elem(MlirType type);

bool ptl_is_matmul(MlirOperation op);      /* linalg.matmul, linalg.matmul_transpose_b */
bool ptl_is_transpose_b(MlirOperation op); /* the latter */
bool ptl_is_dual(MlirOperation op);        /* ptolower.matmul_dual_acc */

#endif
