/* Reads a function on tensors: which values are products, zero tensors or preparations, and what
 * cannot be a kernel. */
#include "passes/tensor_function.h"

#include <math.h>

#include "ir/build.h"

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
  if (ptl_op_is(op, PTL_LINALG_FILL)) {
    return is_zero_value(mlirOperationGetOperand(op, 0));
  }
  return ptl_op_is(op, PTL_ARITH_CONSTANT) && is_zero(ptl_attr(op, "value"));
}

bool ptl_is_transpose_b(MlirOperation op) { return ptl_op_is(op, PTL_LINALG_MATMUL_TRANSPOSE_B); }

bool ptl_is_matmul(MlirOperation op) {
  return ptl_op_is(op, PTL_LINALG_MATMUL) || ptl_is_transpose_b(op);
}

bool ptl_is_dual(MlirOperation op) { return ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC); }

/* Ops that prepare what a product's outs holds. */
static bool is_preparation(MlirOperation op) {
  return ptl_op_is(op, PTL_ARITH_CONSTANT) || ptl_op_is(op, PTL_TENSOR_EMPTY) ||
         ptl_op_is(op, PTL_LINALG_FILL);
}

static bool is_unsigned(ptl_tensor_function *in, MlirOperation op) {
  MlirAttribute cast = ptl_attr(op, "cast");
  (void)in;
  if (mlirAttributeIsNull(cast)) {
    return false;
  }
  return mlirAttributeEqual(cast, mlirAttributeParseGet(mlirOperationGetContext(op),
                                                        mlirStringRefCreateFromCString(
                                                            "#linalg.type_fn<cast_unsigned>")));
}

static ptl_status check_tensor(ptl_tensor_function *in, MlirOperation op, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  if (!mlirTypeIsARankedTensor(type) || mlirShapedTypeGetRank(type) != 2 ||
      !mlirShapedTypeHasStaticShape(type) ||
      !mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type))) {
    return refuse(
        in, 43, op,
        "products need plain tensors of two constant extents; give the function the shape "
        "that the kernel is for");
  }
  if (mlirShapedTypeGetDimSize(type, 0) == 0 || mlirShapedTypeGetDimSize(type, 1) == 0) {
    return refuse(in, PTL_CODE_TENSOR_EXTENTS, op, "a tensor of the product has an extent of 0");
  }
  return PTL_OK;
}

static ptl_status check_operand(ptl_tensor_function *in, MlirOperation op, MlirValue value) {
  ptl_status status = check_tensor(in, op, value);
  if (status == PTL_OK && !mlirValueIsABlockArgument(value)) {
    return refuse(in, PTL_CODE_OPERAND_NOT_ARGUMENT, op,
                  "an operand of the product is not an argument of the function");
  }
  return status;
}

static ptl_status check_types(ptl_tensor_function *in, MlirOperation op, MlirValue lhs,
                              MlirValue rhs, MlirValue result) {
  bool is_product = ptl_elem_multiplies(ptl_tensor_elem(mlirValueGetType(lhs)),
                                        ptl_tensor_elem(mlirValueGetType(rhs)),
                                        ptl_tensor_elem(mlirValueGetType(result)));
  if (!is_product || is_unsigned(in, op)) {
    return refuse(in, PTL_CODE_TENSOR_ELEMENTS, op,
                  "the cube has no such product; it has i8 x i8 -> i32, and f16, bf16 or f32, each "
                  "with itself, -> f32");
  }
  return PTL_OK;
}

/* What the rest of the function does with a result. */
static ptl_status check_uses(ptl_tensor_function *in, MlirOperation op, MlirValue result) {
  MlirOpOperand use = mlirValueGetFirstUse(result);
  if (mlirOpOperandIsNull(use)) {
    return refuse(in, PTL_CODE_PRODUCT_NOT_RETURNED, op,
                  "the product is not returned; remove it or return it");
  }
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!mlirOperationEqual(user, in->terminator)) {
      ptl_str name = ptl_op_name(user);
      ptl_diag_add(&in->session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(in->session, user),
                   "'%.*s' uses a product; the kernel stores products and does nothing else "
                   "with them",
                   (int)name.length, name.data);
      return PTL_REFUSED;
    }
  }
  return PTL_OK;
}

static ptl_status add_product(ptl_tensor_function *in, MlirOperation op, intptr_t index,
                              MlirValue lhs, MlirValue rhs) {
  MlirValue result = mlirOperationGetResult(op, index);
  ptl_status status = check_operand(in, op, lhs);
  if (status == PTL_OK) {
    status = check_operand(in, op, rhs);
  }
  if (status == PTL_OK) {
    status = check_tensor(in, op, result);
  }
  if (status == PTL_OK) {
    status = check_types(in, op, lhs, rhs, result);
  }
  if (status == PTL_OK) {
    status = check_uses(in, op, result);
  }
  if (status == PTL_OK && in->product_count == PTL_MAX_TENSOR_PRODUCTS) {
    return refuse(in, PTL_CODE_NOT_A_PRODUCT, op,
                  ptl_arena_printf(&in->session->arena, "the function has more than %d products",
                                   PTL_MAX_TENSOR_PRODUCTS));
  }
  if (status == PTL_OK) {
    in->products[in->product_count++] = (ptl_tensor_product){op, index, lhs, rhs};
  }
  return status;
}

static ptl_status read_op(ptl_tensor_function *in, MlirOperation op) {
  if (is_preparation(op) || mlirOperationEqual(op, in->terminator)) {
    return PTL_OK;
  }
  if (ptl_is_matmul(op)) {
    if (!is_zero_value(mlirOperationGetOperand(op, 2))) {
      return refuse(in, PTL_CODE_OUTS_NOT_ZERO, op,
                    "outs is not filled with zero; the kernel's accumulators begin at zero");
    }
    return add_product(in, op, 0, mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1));
  }
  ptl_status status = PTL_OK;
  if (ptl_is_dual(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op) && status == PTL_OK; i++) {
      status = add_product(in, op, i, mlirOperationGetOperand(op, 0),
                           mlirOperationGetOperand(op, 1 + i));
    }
    return status;
  }
  ptl_str name = ptl_op_name(op);
  ptl_diag_add(&in->session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(in->session, op),
               "'%.*s' has no place in a kernel of products; take it out of the function",
               (int)name.length, name.data);
  return PTL_REFUSED;
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
    MlirValue value = mlirOperationGetOperand(in->terminator, i);
    MlirOperation owner =
        mlirValueIsAOpResult(value) ? mlirOpResultGetOwner(value) : in->terminator;
    if (!ptl_is_matmul(owner) && !ptl_is_dual(owner)) {
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
