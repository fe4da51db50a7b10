/* Reads linalg ops as products of matrices: those with a name by a table, linalg.generic by its
 * indexing maps, its loops and its body. */
#include "passes/contraction.h"

#include <mlir-c/AffineExpr.h>
#include <mlir-c/AffineMap.h>

enum { MAX_LOOPS = 4 };

/* ---- ops with a name ---------------------------------------------------- */

static const struct {
  ptl_op_id id;
  ptl_contraction form;
} named[] = {
    {PTL_LINALG_MATMUL, {0, 1, false, false, false}},
    {PTL_LINALG_MATMUL_TRANSPOSE_A, {0, 1, true, false, false}},
    {PTL_LINALG_MATMUL_TRANSPOSE_B, {0, 1, false, true, false}},
    {PTL_LINALG_BATCH_MATMUL, {0, 1, false, false, true}},
    {PTL_LINALG_BATCH_MATMUL_TRANSPOSE_A, {0, 1, true, false, true}},
    {PTL_LINALG_BATCH_MATMUL_TRANSPOSE_B, {0, 1, false, true, true}},
};

static const ptl_contraction *find_named(MlirOperation op) {
  for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
    if (ptl_op_is(op, named[i].id)) {
      return &named[i].form;
    }
  }
  return NULL;
}

bool ptl_is_contraction(MlirOperation op) {
  return find_named(op) || ptl_op_is(op, PTL_LINALG_GENERIC);
}

/* ---- the loops of linalg.generic ---------------------------------------- */

/* Which loop each dimension of an operand goes along. */
typedef struct axes {
  int rank;
  int loop[MAX_LOOPS];
} axes;

/* false: a dimension goes along something else than one loop. */
static bool read_axes(MlirOperation op, intptr_t operand, axes *out) {
  MlirAttribute maps = ptl_attr(op, "indexing_maps");
  if (mlirAttributeIsNull(maps) || !mlirAttributeIsAArray(maps) ||
      operand >= mlirArrayAttrGetNumElements(maps)) {
    return false;
  }
  MlirAffineMap map = mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, operand));
  out->rank = (int)mlirAffineMapGetNumResults(map);
  bool is_known = out->rank <= MAX_LOOPS && mlirAffineMapGetNumDims(map) <= MAX_LOOPS;
  for (int i = 0; is_known && i < out->rank; i++) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, i);
    is_known = mlirAffineExprIsADim(expr);
    out->loop[i] = is_known ? (int)mlirAffineDimExprGetPosition(expr) : 0;
    for (int j = 0; j < i; j++) {
      is_known = is_known && out->loop[j] != out->loop[i];
    }
  }
  return is_known;
}

static int loop_count(MlirOperation op) {
  return (int)mlirArrayAttrGetNumElements(ptl_attr(op, "iterator_types"));
}

static bool is_reduction(MlirOperation op, int loop) {
  MlirAttribute reduction =
      mlirAttributeParseGet(mlirOperationGetContext(op),
                            mlirStringRefCreateFromCString("#linalg.iterator_type<reduction>"));
  return mlirAttributeEqual(mlirArrayAttrGetElement(ptl_attr(op, "iterator_types"), loop),
                            reduction);
}

/* What each loop of a product is for. */
typedef struct roles {
  int batch; /* -1: none */
  int m, n, k;
} roles;

/* The result's dimensions are batch, m and n; the loop that is left is k, the only sum. */
static bool read_roles(MlirOperation op, const axes *result, roles *out) {
  int loops = loop_count(op), first = result->rank - 2;
  if ((result->rank != 2 && result->rank != 3) || loops != result->rank + 1) {
    return false;
  }
  out->batch = first > 0 ? result->loop[0] : -1;
  out->m = result->loop[first];
  out->n = result->loop[first + 1];
  out->k = loops * (loops - 1) / 2 - out->m - out->n - (first > 0 ? out->batch : 0);
  for (int loop = 0; loop < loops; loop++) {
    if (is_reduction(op, loop) != (loop == out->k)) {
      return false;
    }
  }
  return true;
}

/* Whether the operand is batch x `down` x `across` or down x across, or with the last two the other
 * way round. */
static bool lies_along(const axes *operand, const roles *roles, int down, int across,
                       bool *transposed) {
  int first = operand->rank - 2;
  if (operand->rank < 2 || operand->rank > 3 || (first > 0 && operand->loop[0] != roles->batch)) {
    return false;
  }
  *transposed = operand->loop[first] == across && operand->loop[first + 1] == down;
  return *transposed || (operand->loop[first] == down && operand->loop[first + 1] == across);
}

static bool read_loops(MlirOperation op, ptl_contraction *out) {
  axes input[2], result;
  roles roles;
  if (!read_axes(op, 0, &input[0]) || !read_axes(op, 1, &input[1]) || !read_axes(op, 2, &result) ||
      !read_roles(op, &result, &roles)) {
    return false;
  }
  out->has_batches = roles.batch >= 0;
  for (out->lhs = 0; out->lhs < 2; out->lhs++) {
    out->rhs = 1 - out->lhs;
    if (lies_along(&input[out->lhs], &roles, roles.m, roles.k, &out->lhs_transposed) &&
        lies_along(&input[out->rhs], &roles, roles.k, roles.n, &out->rhs_transposed)) {
      return true;
    }
  }
  return false;
}

/* ---- the body of linalg.generic ----------------------------------------- */

static MlirBlock body_of(MlirOperation op) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
}

/* Whether a value is argument `number` of the block that `op` stands in. */
static bool is_argument_at(MlirOperation op, MlirValue value, intptr_t number) {
  return mlirValueIsABlockArgument(value) && mlirBlockArgumentGetArgNumber(value) == number &&
         mlirBlockEqual(mlirBlockArgumentGetOwner(value), mlirOperationGetBlock(op));
}

/* The op of one of two names that makes a value; null if it is made otherwise. */
static MlirOperation made_by(MlirValue value, ptl_op_id first, ptl_op_id second) {
  MlirOperation none = {NULL};
  if (!mlirValueIsAOpResult(value)) {
    return none;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  return ptl_op_is(op, first) || ptl_op_is(op, second) ? op : none;
}

/* An element of input `number`, widened as a named op widens it, or as it is. */
static bool is_input(MlirOperation user, MlirValue value, intptr_t number) {
  MlirOperation wider = made_by(value, PTL_ARITH_EXTF, PTL_ARITH_EXTSI);
  return is_argument_at(
      user, mlirOperationIsNull(wider) ? value : mlirOperationGetOperand(wider, 0), number);
}

static bool is_product_of_inputs(MlirValue value) {
  MlirOperation op = made_by(value, PTL_ARITH_MULF, PTL_ARITH_MULI);
  if (mlirOperationIsNull(op)) {
    return false;
  }
  MlirValue a = mlirOperationGetOperand(op, 0), b = mlirOperationGetOperand(op, 1);
  return (is_input(op, a, 0) && is_input(op, b, 1)) || (is_input(op, a, 1) && is_input(op, b, 0));
}

static bool is_arithmetic(MlirOperation op) {
  MlirOperation at = mlirBlockGetFirstOperation(body_of(op));
  while (ptl_str_starts_with(ptl_op_name(at), "arith.")) {
    at = mlirOperationGetNextInBlock(at);
  }
  return mlirOperationEqual(at, mlirBlockGetTerminator(body_of(op)));
}

/* What the body of a linalg.generic of `inputs` inputs and one result yields; null if it is none.
 */
static MlirValue yielded(MlirOperation op, intptr_t inputs) {
  MlirValue none = {NULL};
  if (!ptl_op_is(op, PTL_LINALG_GENERIC) || mlirOperationGetNumOperands(op) != inputs + 1 ||
      mlirOperationGetNumResults(op) != 1 || !is_arithmetic(op)) {
    return none;
  }
  return mlirOperationGetOperand(mlirBlockGetTerminator(body_of(op)), 0);
}

static bool adds_product(MlirOperation op) {
  MlirOperation sum = made_by(yielded(op, 2), PTL_ARITH_ADDF, PTL_ARITH_ADDI);
  if (mlirOperationIsNull(sum)) {
    return false;
  }
  MlirValue a = mlirOperationGetOperand(sum, 0), b = mlirOperationGetOperand(sum, 1);
  return (is_argument_at(sum, a, 2) && is_product_of_inputs(b)) ||
         (is_argument_at(sum, b, 2) && is_product_of_inputs(a));
}

const char *ptl_contraction_read(MlirOperation op, ptl_contraction *out) {
  const ptl_contraction *form = find_named(op);
  if (form) {
    *out = *form;
    return NULL;
  }
  if (mlirValueIsNull(yielded(op, 2))) {
    return "does not make one result of two inputs";
  }
  if (!read_loops(op, out)) {
    return "has not the loops of a product: one that sums, and those of the result's dimensions; "
           "each dimension goes along one of them";
  }
  return adds_product(op) ? NULL
                          : "does not add the product of its inputs to the result; they may be "
                            "widened by extsi or extf before, and nothing else";
}

/* ---- transposes ---------------------------------------------------------- */

/* Whether the op changes the places of the last two dimensions, and of no other. */
static bool turns_matrices(MlirOperation op) {
  MlirAttribute permutation =
      ptl_op_is(op, PTL_LINALG_TRANSPOSE) ? ptl_attr(op, "permutation") : mlirAttributeGetNull();
  if (mlirAttributeIsNull(permutation) || !mlirAttributeIsADenseI64Array(permutation)) {
    return false;
  }
  intptr_t rank = mlirDenseArrayGetNumElements(permutation);
  bool turns = rank >= 2;
  for (intptr_t i = 0; turns && i < rank; i++) {
    intptr_t from = i == rank - 1 ? rank - 2 : i == rank - 2 ? rank - 1 : i;
    turns = mlirDenseI64ArrayGetElement(permutation, i) == from;
  }
  return turns;
}

MlirValue ptl_untransposed(MlirValue value, bool *transposed) {
  while (mlirValueIsAOpResult(value) && turns_matrices(mlirOpResultGetOwner(value))) {
    value = mlirOperationGetOperand(mlirOpResultGetOwner(value), 0);
    *transposed = !*transposed;
  }
  return value;
}

/* ---- element by element ------------------------------------------------- */

/* Whether operand and result go through the same loops in the same order, or the operand is a
 * scalar. */
static bool is_elementwise(MlirOperation op) {
  axes input, result;
  if (!read_axes(op, 0, &input) || !read_axes(op, 1, &result) ||
      (input.rank != 0 && input.rank != result.rank) || loop_count(op) != result.rank) {
    return false;
  }
  for (int i = 0; i < result.rank; i++) {
    if (result.loop[i] != i || (input.rank > 0 && input.loop[i] != i)) {
      return false;
    }
  }
  return true;
}

bool ptl_is_copy(MlirOperation op) {
  MlirValue value = yielded(op, 1);
  return !mlirValueIsNull(value) && is_argument_at(mlirBlockGetTerminator(body_of(op)), value, 0) &&
         is_elementwise(op);
}

/* The default is to the nearest, and to even. */
static bool rounds_to_nearest(MlirOperation truncf) {
  return !ptl_has_attr(truncf, "roundingmode");
}

bool ptl_is_truncation(MlirOperation op) {
  if (ptl_op_is(op, PTL_ARITH_TRUNCF)) {
    return rounds_to_nearest(op);
  }
  MlirValue value = yielded(op, 1);
  MlirOperation cut = {NULL};
  if (!mlirValueIsNull(value)) {
    cut = made_by(value, PTL_ARITH_TRUNCF, PTL_ARITH_TRUNCF);
  }
  return !mlirOperationIsNull(cut) && rounds_to_nearest(cut) &&
         is_argument_at(cut, mlirOperationGetOperand(cut, 0), 0) && is_elementwise(op);
}
