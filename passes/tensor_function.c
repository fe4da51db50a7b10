/* Reads a function on tensors: which values are products, zero tensors or preparations, and what
 * cannot be a kernel. */
#include "passes/tensor_function.h"

#include <math.h>

#include "ir/build.h"
#include "ir/dynamic_rows.h"
#include "passes/contraction.h"

static ptl_status refuse(ptl_tensor_function *in, ptl_code code, MlirOperation op,
                         const char *text) {
  ptl_diag_add(&in->session->diags, code, ptl_loc_of(in->session, op), "%s", text);
  return PTL_REFUSED;
}

ptl_elem ptl_tensor_elem(MlirType type) {
  MlirType elem = mlirShapedTypeGetElementType(type);
  if (mlirTypeIsAInteger(elem)) {
    if (!mlirIntegerTypeIsSignless(elem)) {
      return PTL_ELEM_NONE;
    }
    unsigned width = mlirIntegerTypeGetWidth(elem);
    return width == 8 ? PTL_ELEM_I8 : width == 32 ? PTL_ELEM_I32 : PTL_ELEM_NONE;
  }
  return mlirTypeIsAF32(elem)    ? PTL_ELEM_F32
         : mlirTypeIsAF16(elem)  ? PTL_ELEM_F16
         : mlirTypeIsABF16(elem) ? PTL_ELEM_BF16
                                 : PTL_ELEM_NONE;
}

static bool is_zero(MlirAttribute value) {
  if (mlirAttributeIsADenseElements(value)) {
    return mlirDenseElementsAttrIsSplat(value) &&
           is_zero(mlirDenseElementsAttrGetSplatValue(value));
  }
  if (mlirAttributeIsAInteger(value)) {
    return mlirIntegerAttrGetValueInt(value) == 0;
  }
  return mlirAttributeIsAFloat(value) && mlirFloatAttrGetValueDouble(value) == 0.0 &&
         !signbit(mlirFloatAttrGetValueDouble(value));
}

static bool is_zero_value(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) {
    return false;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (ptl_op_is(op, PTL_LINALG_FILL) || ptl_is_copy(op)) {
    return is_zero_value(mlirOperationGetOperand(op, 0));
  }
  return ptl_op_is(op, PTL_ARITH_CONSTANT) && is_zero(ptl_attr(op, "value"));
}

bool ptl_is_dual(MlirOperation op) { return ptl_is_dual_acc(op); }

/* Ops that prepare what a product's operands or its outs hold. */
static bool is_preparation(MlirOperation op) {
  return ptl_op_is(op, PTL_ARITH_CONSTANT) || ptl_op_is(op, PTL_TENSOR_EMPTY) ||
         ptl_op_is(op, PTL_TENSOR_DIM) || ptl_op_is(op, PTL_LINALG_TRANSPOSE) ||
         ptl_op_is(op, PTL_LINALG_FILL) || ptl_is_copy(op);
}

MlirValue ptl_rounded_value(MlirValue value) {
  bool is_rounded = mlirValueIsAOpResult(value) && ptl_is_truncation(mlirOpResultGetOwner(value));
  return is_rounded ? mlirOperationGetOperand(mlirOpResultGetOwner(value), 0) : value;
}

static bool is_unsigned(MlirOperation op) {
  MlirAttribute cast = ptl_attr(op, "cast");
  if (mlirAttributeIsNull(cast)) {
    return false;
  }
  return mlirAttributeEqual(cast, mlirAttributeParseGet(mlirOperationGetContext(op),
                                                        mlirStringRefCreateFromCString(
                                                            "#linalg.type_fn<cast_unsigned>")));
}

/* ---- products ----------------------------------------------------------- */

static ptl_status check_tensor(ptl_tensor_function *in, MlirOperation op, MlirValue value,
                               int most_dimensions, bool has_dynamic_rows) {
  MlirType type = mlirValueGetType(value);
  bool is_plain =
      mlirTypeIsARankedTensor(type) &&
      (has_dynamic_rows ? ptl_has_dynamic_rows(type) : mlirShapedTypeHasStaticShape(type)) &&
      mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type));
  int64_t rank = is_plain ? mlirShapedTypeGetRank(type) : 0;
  if (rank < 2 || rank > most_dimensions) {
    return refuse(in, PTL_CODE_TENSOR_EXTENTS, op,
                  "products need plain tensors of two constant extents, and batches of them of "
                  "three; only the rows of a left operand of two, and of its products, may be "
                  "dynamic; give the function the shape that the kernel is for");
  }
  for (int i = 0; i < rank; i++) {
    if (!mlirShapedTypeIsDynamicDim(type, i) && mlirShapedTypeGetDimSize(type, i) == 0) {
      return refuse(in, PTL_CODE_TENSOR_EXTENTS, op, "a tensor of the product has an extent of 0");
    }
  }
  return PTL_OK;
}

static ptl_status check_operand(ptl_tensor_function *in, MlirOperation op, MlirValue value,
                                int most_dimensions, bool has_dynamic_rows) {
  ptl_status status = check_tensor(in, op, value, most_dimensions, has_dynamic_rows);
  if (status == PTL_OK && !mlirValueIsABlockArgument(value)) {
    return refuse(in, PTL_CODE_OPERAND_NOT_ARGUMENT, op,
                  "an operand of the product is not an argument of the function");
  }
  return status;
}

/* As the accumulator has it, or as it can leave: rounded. */
static bool is_result_elem(ptl_elem acc, ptl_elem result) {
  return acc != PTL_ELEM_NONE &&
         (result == acc ||
          (acc == PTL_ELEM_F32 && (result == PTL_ELEM_F16 || result == PTL_ELEM_BF16)));
}

static ptl_status check_types(ptl_tensor_function *in, const ptl_tensor_product *p,
                              MlirValue result) {
  ptl_elem acc = ptl_elem_accumulator(ptl_tensor_elem(mlirValueGetType(p->lhs)),
                                      ptl_tensor_elem(mlirValueGetType(p->rhs)));
  if (!is_result_elem(acc, ptl_tensor_elem(mlirValueGetType(result))) || is_unsigned(p->op)) {
    return refuse(in, PTL_CODE_TENSOR_ELEMENTS, p->op,
                  "the cube has no such product; it has i8 x i8 -> i32, and f16, bf16 or f32, each "
                  "with itself, -> f32, which may leave as f16 or bf16");
  }
  return PTL_OK;
}

/* What the rest of the function does with a value: it returns it, or, if that is not yet done,
 * rounds it and returns that. */
static ptl_status check_uses(ptl_tensor_function *in, MlirOperation op, MlirValue value,
                             bool may_be_rounded) {
  MlirOpOperand use = mlirValueGetFirstUse(value);
  if (mlirOpOperandIsNull(use)) {
    return refuse(in, PTL_CODE_PRODUCT_NOT_RETURNED, op,
                  "the product is not returned; remove it or return it");
  }
  ptl_status status = PTL_OK;
  for (; !mlirOpOperandIsNull(use) && status == PTL_OK; use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (may_be_rounded && ptl_is_truncation(user)) {
      MlirValue rounded = mlirOperationGetResult(user, 0);
      status = check_uses(in, user, rounded, false);
    } else if (!mlirOperationEqual(user, in->terminator)) {
      ptl_str name = ptl_op_name(user);
      ptl_diag_add(&in->session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(in->session, user),
                   "'%.*s' uses a product; the kernel stores products, as they are or rounded, and "
                   "does nothing else with them",
                   (int)name.length, name.data);
      return PTL_REFUSED;
    }
  }
  return status;
}

static int64_t rank_of(MlirValue value) { return mlirShapedTypeGetRank(mlirValueGetType(value)); }

static int64_t extent(MlirValue value, int from_last) {
  return mlirShapedTypeGetDimSize(mlirValueGetType(value), rank_of(value) - from_last);
}

/* Completes a product of which op, result, operands and the form are set. */
static void set_extents(const ptl_tensor_function *in, ptl_tensor_product *p, MlirValue result) {
  p->m = p->has_dynamic_rows ? ptl_max_rows_of(in->func, mlirBlockArgumentGetArgNumber(p->lhs))
                             : extent(result, 2);
  p->n = extent(result, 1);
  p->k = extent(p->lhs, p->lhs_transposed ? 2 : 1);
  p->batches = rank_of(result) == 3 ? extent(result, 3) : 1;
  /* The rows of all batches are those of one matrix if they have one rhs, and follow each other. */
  if (rank_of(p->lhs) == 3 && rank_of(p->rhs) == 2 && !p->lhs_transposed) {
    p->m *= p->batches;
    p->batches = 1;
  }
}

static void remark_on_sum(ptl_tensor_function *in, const ptl_tensor_product *p, MlirValue result) {
  ptl_elem elem = ptl_tensor_elem(mlirValueGetType(result));
  if (elem == PTL_ELEM_F16 || elem == PTL_ELEM_BF16) {
    ptl_diag_add(&in->session->diags, PTL_CODE_SUMMED_WIDER, ptl_loc_of(in->session, p->op),
                 "the product is summed in f32 and rounded to %s once, when it is stored",
                 ptl_elem_name(elem));
  }
}

static ptl_status add_product(ptl_tensor_function *in, ptl_tensor_product *p, bool has_batches) {
  MlirValue result = mlirOperationGetResult(p->op, p->index);
  int most_dimensions = has_batches ? 3 : 2;
  p->has_dynamic_rows = !has_batches && !ptl_is_dual(p->op) && !p->lhs_transposed &&
                        ptl_has_dynamic_rows(mlirValueGetType(p->lhs));
  ptl_status status = check_operand(in, p->op, p->lhs, most_dimensions, p->has_dynamic_rows);
  if (status == PTL_OK) {
    status = check_operand(in, p->op, p->rhs, most_dimensions, false);
  }
  if (status == PTL_OK) {
    status = check_tensor(in, p->op, result, most_dimensions, p->has_dynamic_rows);
  }
  if (status == PTL_OK) {
    status = check_types(in, p, result);
  }
  if (status == PTL_OK) {
    status = check_uses(in, p->op, result, true);
  }
  if (status == PTL_OK && in->product_count == PTL_MAX_TENSOR_PRODUCTS) {
    return refuse(in, PTL_CODE_NOT_A_PRODUCT, p->op,
                  ptl_arena_printf(&in->session->arena, "the function has more than %d products",
                                   PTL_MAX_TENSOR_PRODUCTS));
  }
  if (status == PTL_OK) {
    remark_on_sum(in, p, result);
    set_extents(in, p, result);
    in->products[in->product_count++] = *p;
  }
  return status;
}

/* An op of linalg that is a product, or may be one. */
static ptl_status read_contraction(ptl_tensor_function *in, MlirOperation op) {
  ptl_contraction form;
  ptl_tensor_product p = {.op = op};
  const char *why_not = ptl_contraction_read(op, &form);
  if (!why_not) {
    p.lhs = ptl_untransposed(mlirOperationGetOperand(op, form.lhs), &form.lhs_transposed);
    p.rhs = ptl_untransposed(mlirOperationGetOperand(op, form.rhs), &form.rhs_transposed);
    p.lhs_transposed = form.lhs_transposed;
    p.rhs_transposed = form.rhs_transposed;
  }
  if (why_not) {
    ptl_str name = ptl_op_name(op);
    ptl_diag_add(&in->session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(in->session, op),
                 "'%.*s' %s", (int)name.length, name.data, why_not);
    return PTL_REFUSED;
  }
  if (!is_zero_value(mlirOperationGetOperand(op, 2))) {
    return refuse(in, PTL_CODE_OUTS_NOT_ZERO, op,
                  "outs is not filled with zero; the kernel's accumulators begin at zero");
  }
  return add_product(in, &p, form.has_batches);
}

static ptl_status read_dual(ptl_tensor_function *in, MlirOperation op) {
  ptl_status status = PTL_OK;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op) && status == PTL_OK; i++) {
    ptl_tensor_product p = {.op = op,
                            .index = i,
                            .lhs = mlirOperationGetOperand(op, 0),
                            .rhs = mlirOperationGetOperand(op, 1 + i),
                            .rhs_transposed = ptl_has_attr(op, "rhs_transposed")};
    status = add_product(in, &p, false);
  }
  return status;
}

/* ---- the function ------------------------------------------------------- */

/* Ops that round what is no product are found at the return. */
static ptl_status read_op(ptl_tensor_function *in, MlirOperation op) {
  if (is_preparation(op) || ptl_is_truncation(op) || mlirOperationEqual(op, in->terminator)) {
    return PTL_OK;
  }
  if (ptl_is_contraction(op)) {
    return read_contraction(in, op);
  }
  if (ptl_is_dual(op)) {
    return read_dual(in, op);
  }
  ptl_str name = ptl_op_name(op);
  ptl_diag_add(&in->session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(in->session, op),
               "'%.*s' has no place in a kernel of products; take it out of the function",
               (int)name.length, name.data);
  return PTL_REFUSED;
}

/* Whether a returned value is a product, as it is or rounded. */
static bool is_product(MlirValue value) {
  MlirValue source = ptl_rounded_value(value);
  if (!mlirValueIsAOpResult(source)) {
    return false;
  }
  MlirOperation owner = mlirOpResultGetOwner(source);
  return !is_preparation(owner) && (ptl_is_contraction(owner) || ptl_is_dual(owner));
}

static ptl_status read_body(ptl_tensor_function *in) {
  MlirRegion region = mlirOperationGetRegion(in->func, 0);
  in->block = mlirRegionGetFirstBlock(region);
  in->terminator = mlirBlockGetTerminator(in->block);
  if (!mlirBlockIsNull(mlirBlockGetNextInRegion(in->block))) {
    return refuse(in, PTL_CODE_NOT_A_PRODUCT, in->func, "a kernel of products has no branches");
  }
  ptl_status status = PTL_OK;
  MlirOperation op = mlirBlockGetFirstOperation(in->block);
  for (; !mlirOperationIsNull(op) && status == PTL_OK; op = mlirOperationGetNextInBlock(op)) {
    status = read_op(in, op);
  }
  for (intptr_t i = 0; status == PTL_OK && i < mlirOperationGetNumOperands(in->terminator); i++) {
    if (!is_product(mlirOperationGetOperand(in->terminator, i))) {
      status = refuse(in, PTL_CODE_RESULT_NOT_PRODUCT, in->terminator,
                      "a value that is not a product is returned");
    }
  }
  if (status == PTL_OK && in->product_count == 0) {
    return refuse(in, PTL_CODE_RESULT_NOT_PRODUCT, in->func, "the function computes no product");
  }
  return status;
}

bool ptl_is_tensor_op(ptl_str name) {
  return ptl_str_starts_with(name, "linalg.") || ptl_str_starts_with(name, "tensor.");
}

/* What makes or returns tensors. A constant of a tensor type alone does not: ops of other dialects
 * take such constants as attributes. */
static void find_tensor(MlirOperation op, void *user) {
  bool *found = user;
  ptl_str name = ptl_op_name(op);
  bool makes = ptl_is_tensor_op(name) || ptl_str_starts_with(name, "ptolower.");
  for (intptr_t i = 0; makes && i < mlirOperationGetNumResults(op); i++) {
    *found = *found || mlirTypeIsATensor(mlirValueGetType(mlirOperationGetResult(op, i)));
  }
  for (intptr_t i = 0; ptl_op_is(op, PTL_FUNC_RETURN) && i < mlirOperationGetNumOperands(op); i++) {
    MlirValue value = mlirOperationGetOperand(op, i);
    bool is_pto = mlirValueIsAOpResult(value) &&
                  ptl_str_starts_with(ptl_op_name(mlirOpResultGetOwner(value)), "pto.");
    *found = *found || (!is_pto && mlirTypeIsATensor(mlirValueGetType(value)));
  }
}

bool ptl_is_on_tensors(MlirOperation func) {
  bool found = false;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    found = found || mlirTypeIsATensor(mlirValueGetType(mlirBlockGetArgument(block, i)));
  }
  ptl_for_each_op(func, find_tensor, &found);
  return found;
}

static ptl_status check_arguments(ptl_tensor_function *in) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(in->func, 0));
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    MlirType type = mlirValueGetType(mlirBlockGetArgument(block, i));
    if (mlirTypeIsATensor(type) && ptl_tensor_elem(type) == PTL_ELEM_NONE) {
      return refuse(in, PTL_CODE_TENSOR_ELEMENTS, in->func,
                    "an argument has an element type that the cube does not know; it knows i8, "
                    "i32, f16, bf16 and f32");
    }
  }
  return PTL_OK;
}

ptl_status ptl_tensor_function_read(ptl_session *session, MlirOperation func,
                                    ptl_tensor_function *out) {
  *out = (ptl_tensor_function){.session = session, .func = func};
  ptl_status status = check_arguments(out);
  return status == PTL_OK ? read_body(out) : status;
}
