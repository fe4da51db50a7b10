/* A function on tensors, read: which products it computes, and that it does nothing
 * that a kernel would drop.
 */
#ifndef PTL_PASSES_TENSOR_FUNCTION_H
#define PTL_PASSES_TENSOR_FUNCTION_H

#include "ir/session.h"

enum { PTL_MAX_TENSOR_PRODUCTS = 64 };

/* One product, or one for each of several batches: result number `index` of `op`. Both operands are
 * function arguments; those of three dimensions have a matrix for each batch. */
typedef struct ptl_tensor_product {
  MlirOperation op;
  intptr_t index;
  MlirValue lhs, rhs;
  bool lhs_transposed, rhs_transposed; /* k x m, n x k */
  int64_t batches; /* that have a right operand each; 1: all rows are of one product */
  int64_t m, k, n; /* of one batch; m: at most, if the rows are dynamic */
  bool has_dynamic_rows;
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

bool ptl_is_dual(MlirOperation op); /* ptolower.matmul_dual_acc */

/* What a returned value is made of: what it rounds, if it is a product in a narrower type, else the
 * value itself. */
MlirValue ptl_rounded_value(MlirValue value);

#endif
