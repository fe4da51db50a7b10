/* Functions on tensors, computed as they are written: the plain sums that a kernel made from
 * them has to equal. Shares no code with the passes, nor with the simulator's cube. */
#include "sim/reference.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <string.h>

#include "ir/build.h"
#include "ir/dynamic_rows.h"
#include "sim/validate.h"

enum { MAX_VALUES = 512, MAX_INPUTS = 2 };

typedef struct evaluation {
  ptl_arena *arena;
  ptl_diags *diags;
  ptl_sim_side *side;
  ptl_tensor_value values[MAX_VALUES];
  int count;
} evaluation;

static ptl_elem elem_of(MlirType type) {
  MlirType elem = mlirTypeIsAShaped(type) ? mlirShapedTypeGetElementType(type) : type;
  ptl_str name = ptl_str_of("");
  if (mlirTypeIsAInteger(elem)) {
    unsigned width = mlirIntegerTypeGetWidth(elem);
    name = ptl_str_of(width == 8 ? "i8" : width == 32 ? "i32" : "");
  } else if (mlirTypeIsAF32(elem)) {
    name = ptl_str_of("f32");
  } else if (mlirTypeIsAF16(elem)) {
    name = ptl_str_of("f16");
  } else if (mlirTypeIsABF16(elem)) {
    name = ptl_str_of("bf16");
  }
  return ptl_elem_find(name);
}

static ptl_status not_understood(evaluation *e, MlirOperation op) {
  ptl_str name = ptl_op_name(op);
  ptl_loc loc = ptl_loc_parts_of(e->diags->arena, mlirOperationGetLocation(op)).loc;
  ptl_diag_add(e->diags, PTL_CODE_NOT_VALIDATED, loc, "there is no plain computation of '%.*s'",
               (int)name.length, name.data);
  return PTL_REFUSED;
}

static ptl_tensor_value *find(evaluation *e, MlirValue value) {
  for (int i = e->count - 1; i >= 0; i--) {
    if (mlirValueEqual(e->values[i].value, value)) {
      return &e->values[i];
    }
  }
  return NULL;
}

/* Remembers a value, whose dynamic extents are those of `like`; NULL: its type is not known, or
 * there are too many. */
static ptl_tensor_value *add_like(evaluation *e, MlirValue value, const ptl_tensor_value *like) {
  MlirType type = mlirValueGetType(value);
  int rank = mlirTypeIsARankedTensor(type) ? (int)mlirShapedTypeGetRank(type) : 0;
  if (e->count == MAX_VALUES || elem_of(type) == PTL_ELEM_NONE || rank > PTL_TENSOR_RANK ||
      (rank > 0 && !mlirShapedTypeHasStaticShape(type) && (!like || like->rank != rank))) {
    return NULL;
  }
  ptl_tensor_value *out = &e->values[e->count++];
  *out = (ptl_tensor_value){.value = value, .elem = elem_of(type), .rank = rank};
  for (int i = 0; i < out->rank; i++) {
    out->extents[i] =
        mlirShapedTypeIsDynamicDim(type, i) ? like->extents[i] : mlirShapedTypeGetDimSize(type, i);
  }
  return out;
}

static ptl_tensor_value *add(evaluation *e, MlirValue value) { return add_like(e, value, NULL); }

int64_t ptl_tensor_elements(const ptl_tensor_value *tensor) {
  int64_t count = 1;
  for (int i = 0; i < tensor->rank; i++) {
    count *= tensor->extents[i];
  }
  return count;
}

static int64_t bytes_of(const ptl_tensor_value *tensor) {
  return ptl_tensor_elements(tensor) * ptl_elem_bytes(tensor->elem);
}

double *ptl_tensor_numbers(ptl_arena *arena, const ptl_tensor_value *tensor) {
  int64_t count = ptl_tensor_elements(tensor), size = ptl_elem_bytes(tensor->elem);
  double *out = ptl_arena_array(arena, (size_t)count, sizeof(double));
  for (int64_t i = 0; tensor->bytes && i < count; i++) {
    out[i] = ptl_read_real(tensor->elem, tensor->bytes + i * size);
  }
  return out;
}

void ptl_tensor_set(ptl_arena *arena, ptl_tensor_value *out, const double *numbers) {
  int64_t size = ptl_elem_bytes(out->elem), count = ptl_tensor_elements(out);
  out->bytes = ptl_arena_alloc(arena, (size_t)bytes_of(out));
  for (int64_t i = 0; i < count; i++) {
    if (ptl_elem_is_float(out->elem)) {
      ptl_write_real(out->elem, out->bytes + i * size, numbers[i], PTL_ROUND_RINT);
    } else {
      ptl_write_integer(out->elem, out->bytes + i * size, (int64_t)numbers[i]);
    }
  }
}

/* ---- products ----------------------------------------------------------- */

/* A product by its name. */
typedef struct form {
  ptl_op_id id;
  bool a_transposed, b_transposed;
} form;

static const form forms[] = {
    {PTL_LINALG_MATMUL, false, false},
    {PTL_LINALG_MATMUL_TRANSPOSE_A, true, false},
    {PTL_LINALG_MATMUL_TRANSPOSE_B, false, true},
    {PTL_LINALG_BATCH_MATMUL, false, false},
    {PTL_LINALG_BATCH_MATMUL_TRANSPOSE_A, true, false},
    {PTL_LINALG_BATCH_MATMUL_TRANSPOSE_B, false, true},
};

static const form *form_of(MlirOperation op) {
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    if (ptl_op_is(op, forms[i].id)) {
      return &forms[i];
    }
  }
  return NULL;
}

static void multiply(evaluation *e, const ptl_tensor_value *a, const ptl_tensor_value *b,
                     const form *form, ptl_tensor_value *out) {
  ptl_product_form product = {
      .batches = out->rank == 3 ? out->extents[0] : 1,
      .m = out->extents[out->rank - 2],
      .k = a->extents[a->rank - (form->a_transposed ? 2 : 1)],
      .n = out->extents[out->rank - 1],
      .lhs_transposed = form->a_transposed,
      .rhs_transposed = form->b_transposed,
  };
  ptl_multiply(e->arena, &product, a, b, out);
}

static bool holds_zeros(const ptl_tensor_value *tensor) {
  int64_t count = tensor->bytes ? bytes_of(tensor) : 0, at = 0;
  while (at < count && tensor->bytes[at] == 0) {
    at++;
  }
  return at == count;
}

/* A named op has two inputs and one result, which starts at zero; the dual op one lhs and as many
 * results as further inputs. */
static ptl_status run_product(evaluation *e, MlirOperation op, const form *form) {
  bool dual = ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC);
  const ptl_tensor_value *lhs = find(e, mlirOperationGetOperand(op, 0));
  intptr_t count = mlirOperationGetNumResults(op);
  if (!dual) {
    const ptl_tensor_value *start = find(e, mlirOperationGetOperand(op, 2));
    if (!start || !holds_zeros(start)) {
      return not_understood(e, op);
    }
  }
  for (intptr_t i = 0; i < count; i++) {
    const ptl_tensor_value *rhs = find(e, mlirOperationGetOperand(op, 1 + i));
    ptl_tensor_value *out = add_like(e, mlirOperationGetResult(op, i), lhs);
    if (!lhs || !rhs || !out) {
      return not_understood(e, op);
    }
    multiply(e, lhs, rhs, form, out);
  }
  return PTL_OK;
}

/* ---- other ops ---------------------------------------------------------- */

static ptl_status run_generic(evaluation *e, MlirOperation op) {
  const ptl_tensor_value *inputs[MAX_INPUTS];
  int count = (int)mlirOperationGetNumOperands(op) - 1;
  bool is_known = count <= MAX_INPUTS && mlirOperationGetNumResults(op) == 1;
  for (int i = 0; i < count && is_known; i++) {
    inputs[i] = find(e, mlirOperationGetOperand(op, i));
    is_known = inputs[i] != NULL;
  }
  const ptl_tensor_value *start = is_known ? find(e, mlirOperationGetOperand(op, count)) : NULL;
  ptl_tensor_value *out = start ? add_like(e, mlirOperationGetResult(op, 0), start) : NULL;
  return out && ptl_run_generic(e->arena, op, inputs, count, start, out) ? PTL_OK
                                                                         : not_understood(e, op);
}

static ptl_status run_truncation(evaluation *e, MlirOperation op) {
  const ptl_tensor_value *from = find(e, mlirOperationGetOperand(op, 0));
  ptl_tensor_value *out = from ? add_like(e, mlirOperationGetResult(op, 0), from) : NULL;
  if (!out) {
    return not_understood(e, op);
  }
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_tensor_set(e->arena, out, ptl_tensor_numbers(&arena, from));
  ptl_arena_free(&arena);
  return PTL_OK;
}

static ptl_status run_transpose(evaluation *e, MlirOperation op) {
  const ptl_tensor_value *from = find(e, mlirOperationGetOperand(op, 0));
  const ptl_tensor_value *into = find(e, mlirOperationGetOperand(op, 1));
  ptl_tensor_value *out = from && into ? add_like(e, mlirOperationGetResult(op, 0), into) : NULL;
  return out && ptl_run_transpose(e->arena, op, from, out) ? PTL_OK : not_understood(e, op);
}

static bool is_zero(MlirOperation op) {
  MlirAttribute value = ptl_attr(op, "value");
  if (!mlirAttributeIsNull(value) && mlirAttributeIsADenseElements(value) &&
      mlirDenseElementsAttrIsSplat(value)) {
    value = mlirDenseElementsAttrGetSplatValue(value);
  }
  if (mlirAttributeIsNull(value)) {
    return false;
  }
  return mlirAttributeIsAInteger(value)
             ? mlirIntegerAttrGetValueInt(value) == 0
             : mlirAttributeIsAFloat(value) && mlirFloatAttrGetValueDouble(value) == 0.0;
}

/* The extent that a tensor.dim of a constant dimension gives; -1: it is not known. */
static int64_t extent_of(evaluation *e, MlirValue value) {
  if (!mlirValueIsAOpResult(value)) {
    return -1;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  bool is_dim = ptl_op_is(op, PTL_TENSOR_DIM);
  const ptl_tensor_value *tensor = is_dim ? find(e, mlirOperationGetOperand(op, 0)) : NULL;
  int64_t dimension;
  return tensor && ptl_constant_of(mlirOperationGetOperand(op, 1), &dimension) && dimension >= 0 &&
                 dimension < tensor->rank
             ? tensor->extents[dimension]
             : -1;
}

static ptl_status run_empty(evaluation *e, MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  ptl_tensor_value sizes = {.rank = (int)mlirShapedTypeGetRank(type)};
  intptr_t next = 0;
  for (int i = 0; i < sizes.rank && i < PTL_TENSOR_RANK; i++) {
    if (mlirShapedTypeIsDynamicDim(type, i)) {
      sizes.extents[i] = extent_of(e, mlirOperationGetOperand(op, next++));
      if (sizes.extents[i] < 0) {
        return not_understood(e, op);
      }
    }
  }
  return add_like(e, mlirOperationGetResult(op, 0), &sizes) ? PTL_OK : not_understood(e, op);
}

/* All zeros: a scalar that is not zero was not remembered. */
static ptl_status run_fill(evaluation *e, MlirOperation op) {
  const ptl_tensor_value *zero = find(e, mlirOperationGetOperand(op, 0));
  const ptl_tensor_value *into = find(e, mlirOperationGetOperand(op, 1));
  bool is_done = zero && into && add_like(e, mlirOperationGetResult(op, 0), into);
  return is_done ? PTL_OK : not_understood(e, op);
}

/* Zeros are remembered; so an op that takes another constant is not understood. */
static ptl_status run_constant(evaluation *e, MlirOperation op) {
  if (is_zero(op)) {
    (void)add(e, mlirOperationGetResult(op, 0));
  }
  return PTL_OK;
}

static const struct {
  ptl_op_id id;
  ptl_status (*run)(evaluation *e, MlirOperation op);
} others[] = {
    {PTL_ARITH_CONSTANT, run_constant},    {PTL_ARITH_TRUNCF, run_truncation},
    {PTL_LINALG_FILL, run_fill},           {PTL_LINALG_GENERIC, run_generic},
    {PTL_LINALG_TRANSPOSE, run_transpose}, {PTL_TENSOR_EMPTY, run_empty},
};

static ptl_status run_op(evaluation *e, MlirOperation op) {
  static const form plain = {PTL_PTOLOWER_MATMUL_DUAL_ACC, false, false};
  static const form transposed = {PTL_PTOLOWER_MATMUL_DUAL_ACC, false, true};
  if (form_of(op)) {
    return run_product(e, op, form_of(op));
  }
  if (ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC)) {
    return run_product(e, op, ptl_has_attr(op, "rhs_transposed") ? &transposed : &plain);
  }
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    if (ptl_op_is(op, others[i].id)) {
      return others[i].run(e, op);
    }
  }
  return ptl_op_is(op, PTL_TENSOR_DIM) ? PTL_OK : not_understood(e, op);
}

/* Results follow the arguments. */
static ptl_status give_results(evaluation *e, MlirOperation op, int first) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    const ptl_tensor_value *value = find(e, mlirOperationGetOperand(op, i));
    if (!value || first + i >= e->side->count) {
      return not_understood(e, op);
    }
    ptl_sim_tensor *tensor = e->side->args[first + i].tensor;
    if (!tensor || tensor->elem != value->elem ||
        !ptl_sim_tensor_reach(tensor, bytes_of(value), true)) {
      return not_understood(e, op);
    }
    ptl_sim_tensor_touch(tensor, 0, ptl_tensor_elements(value));
    tensor->row_elements = value->extents[value->rank - 1];
    if (value->bytes) {
      memcpy(tensor->bytes, value->bytes, (size_t)bytes_of(value));
    } else {
      memset(tensor->bytes, 0, (size_t)bytes_of(value));
    }
  }
  return PTL_OK;
}

/* Rows of an argument that has dynamic ones: what the kernel gets, and no more than there may be.
 */
static bool take_rows(evaluation *e, MlirOperation func, MlirBlock block, intptr_t index,
                      ptl_tensor_value *out) {
  MlirOperation end = mlirBlockGetTerminator(block);
  intptr_t at = mlirBlockGetNumArguments(block) + mlirOperationGetNumOperands(end) +
                ptl_dynamic_rows_number(block, index);
  if (at >= e->side->count || e->side->args[at].tensor) {
    return false;
  }
  int64_t given = e->side->args[at].integer, most = ptl_max_rows_of(func, index);
  *out = (ptl_tensor_value){.rank = 2, .extents = {given < most ? given : most}};
  return given >= 0;
}

static ptl_status take_arguments(evaluation *e, MlirOperation func, MlirBlock block) {
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    ptl_tensor_value rows = {.rank = 0};
    if (!mlirTypeIsATensor(mlirValueGetType(argument))) {
      continue; /* what needs a number is not understood */
    }
    if (ptl_has_dynamic_rows(mlirValueGetType(argument)) && !take_rows(e, func, block, i, &rows)) {
      return not_understood(e, func);
    }
    ptl_tensor_value *value = add_like(e, argument, &rows);
    ptl_sim_tensor *tensor = i < e->side->count ? e->side->args[i].tensor : NULL;
    if (!value || !tensor || tensor->elem != value->elem ||
        !ptl_sim_tensor_reach(tensor, bytes_of(value), true)) {
      return not_understood(e, func);
    }
    ptl_sim_tensor_touch(tensor, 0, ptl_tensor_elements(value));
    value->bytes = tensor->bytes;
  }
  return PTL_OK;
}

ptl_status ptl_sim_run_tensors(ptl_arena *arena, ptl_diags *diags, MlirOperation func,
                               ptl_sim_side *side) {
  evaluation *e = ptl_arena_alloc(arena, sizeof(*e));
  *e = (evaluation){.arena = arena, .diags = diags, .side = side};
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
  ptl_status status = take_arguments(e, func, block);
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (; status == PTL_OK && !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    status = ptl_op_is(op, PTL_FUNC_RETURN)
                 ? give_results(e, op, (int)mlirBlockGetNumArguments(block))
                 : run_op(e, op);
  }
  return status;
}
