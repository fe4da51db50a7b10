/* Functions on tensors, computed as they are written: the plain sums that a kernel made from
 * them has to equal. Shares no code with the passes, nor with the simulator's cube. */
#include <math.h>
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <string.h>

#include "ir/build.h"
#include "sim/number.h"
#include "sim/validate.h"

/* A tensor value: its bytes, or NULL: all zeros. */
typedef struct tensor_value {
  MlirValue value;
  ptl_elem elem;
  int64_t rows, cols;
  uint8_t *bytes;
} tensor_value;

enum { MAX_VALUES = 512 };

typedef struct evaluation {
  ptl_arena *arena;
  ptl_diags *diags;
  ptl_sim_side *side;
  tensor_value values[MAX_VALUES];
  int count;
} evaluation;

static ptl_elem elem_of(MlirType type) {
  MlirType elem = mlirShapedTypeGetElementType(type);
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

static tensor_value *find(evaluation *e, MlirValue value) {
  for (int i = e->count - 1; i >= 0; i--) {
    if (mlirValueEqual(e->values[i].value, value)) {
      return &e->values[i];
    }
  }
  return NULL;
}

/* Remembers a value of a tensor type; NULL: it is none of two dimensions, or there are too
 * many. */
static tensor_value *add(evaluation *e, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  if (e->count == MAX_VALUES || !mlirTypeIsARankedTensor(type) ||
      mlirShapedTypeGetRank(type) != 2 || !mlirShapedTypeHasStaticShape(type) ||
      elem_of(type) == PTL_ELEM_NONE) {
    return NULL;
  }
  tensor_value *out = &e->values[e->count++];
  *out = (tensor_value){value, elem_of(type), mlirShapedTypeGetDimSize(type, 0),
                        mlirShapedTypeGetDimSize(type, 1), NULL};
  return out;
}

static int64_t bytes_of(const tensor_value *tensor) {
  return tensor->rows * tensor->cols * ptl_elem_bytes(tensor->elem);
}

/* One operand as numbers. */
static double *numbers(ptl_arena *arena, const tensor_value *tensor) {
  int64_t count = tensor->rows * tensor->cols, size = ptl_elem_bytes(tensor->elem);
  double *out = ptl_arena_array(arena, (size_t)count, sizeof(double));
  for (int64_t i = 0; tensor->bytes && i < count; i++) {
    out[i] = ptl_read_real(tensor->elem, tensor->bytes + i * size);
  }
  return out;
}

/* A sum of products: exact for integers (they stay far below 2^53), in f32 step by step for
 * floats. */
static double dot(const double *a, const double *b, int64_t count, int64_t b_step,
                  bool is_integer) {
  double exact = 0.0;
  volatile float single = 0.0f;
  for (int64_t k = 0; k < count; k++) {
    if (is_integer) {
      exact += a[k] * b[k * b_step];
    } else {
      volatile float product = (float)a[k] * (float)b[k * b_step];
      single = single + product;
    }
  }
  return is_integer ? exact : (double)single;
}

static void multiply(evaluation *e, const tensor_value *a, const tensor_value *b, bool transposed,
                     tensor_value *out) {
  ptl_arena arena; /* of one product */
  ptl_arena_init(&arena);
  const double *left = numbers(&arena, a), *right = numbers(&arena, b);
  int64_t k = a->cols, n = out->cols, size = ptl_elem_bytes(out->elem);
  bool is_integer = !ptl_elem_is_float(out->elem);
  out->bytes = ptl_arena_alloc(e->arena, (size_t)bytes_of(out));
  for (int64_t i = 0; i < out->rows; i++) {
    for (int64_t j = 0; j < n; j++) {
      double sum =
          dot(left + i * k, right + (transposed ? j * k : j), k, transposed ? 1 : n, is_integer);
      uint8_t *at = out->bytes + (i * n + j) * size;
      if (is_integer) {
        ptl_write_integer(out->elem, at, (int64_t)sum);
      } else {
        ptl_write_real(out->elem, at, sum, PTL_ROUND_RINT);
      }
    }
  }
  ptl_arena_free(&arena);
}

/* linalg.matmul and its like have two inputs and one result, which starts at zero; the dual
 * op one lhs and as many results as further inputs. */
static ptl_status run_product(evaluation *e, MlirOperation op, bool transposed) {
  bool dual = ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC);
  const tensor_value *lhs = find(e, mlirOperationGetOperand(op, 0));
  intptr_t count = mlirOperationGetNumResults(op);
  if (!dual) {
    const tensor_value *start = find(e, mlirOperationGetOperand(op, 2));
    if (!start || start->bytes) {
      return not_understood(e, op);
    }
  }
  for (intptr_t i = 0; i < count; i++) {
    const tensor_value *rhs = find(e, mlirOperationGetOperand(op, 1 + i));
    tensor_value *out = add(e, mlirOperationGetResult(op, i));
    if (!lhs || !rhs || !out) {
      return not_understood(e, op);
    }
    multiply(e, lhs, rhs, transposed, out);
  }
  return PTL_OK;
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

static ptl_status run_op(evaluation *e, MlirOperation op) {
  if (ptl_op_is(op, PTL_LINALG_MATMUL) || ptl_op_is(op, PTL_LINALG_MATMUL_TRANSPOSE_B)) {
    return run_product(e, op, ptl_op_is(op, PTL_LINALG_MATMUL_TRANSPOSE_B));
  }
  if (ptl_op_is(op, PTL_PTOLOWER_MATMUL_DUAL_ACC)) {
    return run_product(e, op, ptl_has_attr(op, "rhs_transposed"));
  }
  bool zeros = ptl_op_is(op, PTL_TENSOR_EMPTY) || ptl_op_is(op, PTL_LINALG_FILL) ||
               (ptl_op_is(op, PTL_ARITH_CONSTANT) && is_zero(op));
  if (!zeros) {
    return not_understood(e, op);
  }
  if (mlirOperationGetNumResults(op) == 1) {
    (void)add(e, mlirOperationGetResult(op, 0)); /* a scalar is no tensor */
  }
  return PTL_OK;
}

/* Results follow the arguments. */
static ptl_status give_results(evaluation *e, MlirOperation op, int first) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    const tensor_value *value = find(e, mlirOperationGetOperand(op, i));
    if (!value || first + i >= e->side->count) {
      return not_understood(e, op);
    }
    ptl_sim_tensor *tensor = e->side->args[first + i].tensor;
    if (!tensor || tensor->elem != value->elem ||
        !ptl_sim_tensor_reach(tensor, bytes_of(value), true)) {
      return not_understood(e, op);
    }
    ptl_sim_tensor_touch(tensor, 0, value->rows * value->cols);
    tensor->row_elements = value->cols;
    if (value->bytes) {
      memcpy(tensor->bytes, value->bytes, (size_t)bytes_of(value));
    } else {
      memset(tensor->bytes, 0, (size_t)bytes_of(value));
    }
  }
  return PTL_OK;
}

static ptl_status take_arguments(evaluation *e, MlirOperation func, MlirBlock block) {
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    tensor_value *value = add(e, mlirBlockGetArgument(block, i));
    ptl_sim_tensor *tensor = i < e->side->count ? e->side->args[i].tensor : NULL;
    if (!value || !tensor || tensor->elem != value->elem ||
        !ptl_sim_tensor_reach(tensor, bytes_of(value), true)) {
      return not_understood(e, func);
    }
    ptl_sim_tensor_touch(tensor, 0, value->rows * value->cols);
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
