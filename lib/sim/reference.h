/* Parts of the plain computation of functions on tensors. */
#ifndef PTL_SIM_REFERENCE_H
#define PTL_SIM_REFERENCE_H

#include <mlir-c/IR.h>

#include "sim/number.h"
#include "support/arena.h"

enum { PTL_TENSOR_RANK = 4 };

/* A tensor value, or a scalar: its bytes, or NULL: all zeros. */
typedef struct ptl_tensor_value {
  MlirValue value;
  ptl_elem elem;
  int rank; /* 0: a scalar */
  int64_t extents[PTL_TENSOR_RANK];
  uint8_t *bytes;
} ptl_tensor_value;

/* Elements of a tensor. */
int64_t ptl_tensor_elements(const ptl_tensor_value *tensor);

/* Its elements as numbers, in the arena. */
double *ptl_tensor_numbers(ptl_arena *arena, const ptl_tensor_value *tensor);

/* Gives `out` its bytes: the numbers, each rounded to the nearest of its type. */
void ptl_tensor_set(ptl_arena *arena, ptl_tensor_value *out, const double *numbers);

/* The extents of a product, of each batch, and how its operands lie. */
typedef struct ptl_product_form {
  int64_t batches, m, k, n;
  bool lhs_transposed; /* k x m */
  bool rhs_transposed; /* n x k */
} ptl_product_form;

/* Gives `out` the products. Floats are f32, summed in ascending order of K, and rounded to a
 * narrower type when the sum is complete. */
void ptl_multiply(ptl_arena *arena, const ptl_product_form *form, const ptl_tensor_value *lhs,
                  const ptl_tensor_value *rhs, ptl_tensor_value *out);

/* Computes a linalg.transpose. false: its permutation is not one of this tensor. */
bool ptl_run_transpose(ptl_arena *arena, MlirOperation op, const ptl_tensor_value *from,
                       ptl_tensor_value *out);

/* Computes a linalg.generic with `count` inputs, whose result begins as `start`. Floats are f32,
 * and rounded to a narrower type when the result is complete. false: it holds something that is not
 * known here. */
bool ptl_run_generic(ptl_arena *arena, MlirOperation op, const ptl_tensor_value *const *inputs,
                     int count, const ptl_tensor_value *start, ptl_tensor_value *out);

#endif
