/* linalg.transpose, computed as it is written: element by element. */
#include <mlir-c/BuiltinAttributes.h>

#include "ir/build.h"
#include "sim/reference.h"

/* Which elements of the source follow each other along each dimension of the result. */
static bool read_steps(MlirOperation op, const ptl_tensor_value *from, const ptl_tensor_value *out,
                       int64_t steps[PTL_TENSOR_RANK]) {
  MlirAttribute permutation = ptl_attr(op, "permutation");
  if (mlirAttributeIsNull(permutation) || mlirDenseArrayGetNumElements(permutation) != from->rank ||
      from->rank != out->rank) {
    return false;
  }
  for (int i = 0; i < out->rank; i++) {
    int64_t dimension = mlirDenseI64ArrayGetElement(permutation, i);
    if (dimension < 0 || dimension >= from->rank || from->extents[dimension] != out->extents[i]) {
      return false;
    }
    steps[i] = 1;
    for (int64_t j = dimension + 1; j < from->rank; j++) {
      steps[i] *= from->extents[j];
    }
  }
  return true;
}

bool ptl_run_transpose(ptl_arena *arena, MlirOperation op, const ptl_tensor_value *from,
                       ptl_tensor_value *out) {
  int64_t steps[PTL_TENSOR_RANK];
  if (!read_steps(op, from, out, steps)) {
    return false;
  }
  ptl_arena numbers; /* of this op */
  ptl_arena_init(&numbers);
  int64_t count = ptl_tensor_elements(out);
  const double *source = ptl_tensor_numbers(&numbers, from);
  double *turned = ptl_arena_array(&numbers, (size_t)count, sizeof(double));
  for (int64_t i = 0; i < count; i++) {
    int64_t at = 0, rest = i;
    for (int j = out->rank - 1; j >= 0; j--) {
      at += rest % out->extents[j] * steps[j];
      rest /= out->extents[j];
    }
    turned[i] = source[at];
  }
  ptl_tensor_set(arena, out, turned);
  ptl_arena_free(&numbers);
  return true;
}
