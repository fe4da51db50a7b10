/* linalg.generic, computed as it is written: its body for every point of its loops. */
#include <mlir-c/AffineExpr.h>
#include <mlir-c/AffineMap.h>
#include <mlir-c/BuiltinAttributes.h>

#include "ir/build.h"
#include "sim/reference.h"

enum { MAX_LOOPS = 4, MAX_OPERANDS = 3, MAX_STEPS = 16 };

/* One op of the body: registers are the body's arguments, then the results of its ops. */
typedef struct step {
  ptl_op_id id;
  int a, b;
} step;

typedef struct generic {
  MlirOperation op;
  int operand_count; /* inputs, and the result last */
  int loops;
  int64_t extents[MAX_LOOPS];
  bool is_known[MAX_LOOPS];                 /* by an operand */
  int64_t strides[MAX_OPERANDS][MAX_LOOPS]; /* in elements */
  double *numbers[MAX_OPERANDS];
  step steps[MAX_STEPS];
  int step_count, yielded;
} generic;

/* ---- loops -------------------------------------------------------------- */

/* Takes the loops' extents, and the operand's strides along them, from an operand. */
static bool read_map(generic *g, int operand, const ptl_tensor_value *tensor) {
  MlirAffineMap map =
      mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(ptl_attr(g->op, "indexing_maps"), operand));
  if (mlirAffineMapGetNumResults(map) != tensor->rank) {
    return false;
  }
  int64_t stride = 1;
  for (int i = tensor->rank - 1; i >= 0; i--) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, i);
    if (!mlirAffineExprIsADim(expr)) {
      return false;
    }
    intptr_t loop = mlirAffineDimExprGetPosition(expr);
    if (g->is_known[loop] && g->extents[loop] != tensor->extents[i]) {
      return false;
    }
    g->extents[loop] = tensor->extents[i];
    g->is_known[loop] = true;
    g->strides[operand][loop] += stride;
    stride *= tensor->extents[i];
  }
  return true;
}

/* ---- body --------------------------------------------------------------- */

static int register_of(const generic *g, MlirBlock body, MlirValue value) {
  if (mlirValueIsABlockArgument(value)) {
    bool is_own = mlirBlockEqual(mlirBlockArgumentGetOwner(value), body);
    return is_own ? (int)mlirBlockArgumentGetArgNumber(value) : -1;
  }
  MlirOperation op = mlirBlockGetFirstOperation(body);
  for (int i = 0; i < g->step_count; i++, op = mlirOperationGetNextInBlock(op)) {
    if (mlirOperationEqual(op, mlirOpResultGetOwner(value))) {
      return g->operand_count + i;
    }
  }
  return -1;
}

static bool is_known(ptl_op_id id) {
  return id == PTL_ARITH_EXTSI || id == PTL_ARITH_EXTF || id == PTL_ARITH_TRUNCF ||
         id == PTL_ARITH_MULF || id == PTL_ARITH_MULI || id == PTL_ARITH_ADDF ||
         id == PTL_ARITH_ADDI;
}

static bool read_body(generic *g) {
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(g->op, 0));
  MlirOperation end = mlirBlockGetTerminator(body), op = mlirBlockGetFirstOperation(body);
  for (; !mlirOperationEqual(op, end); op = mlirOperationGetNextInBlock(op)) {
    step step = {.id = ptl_op_id_of(op)};
    if (!is_known(step.id) || g->step_count == MAX_STEPS) {
      return false;
    }
    step.a = register_of(g, body, mlirOperationGetOperand(op, 0));
    step.b = mlirOperationGetNumOperands(op) > 1
                 ? register_of(g, body, mlirOperationGetOperand(op, 1))
                 : 0;
    if (step.a < 0 || step.b < 0) {
      return false;
    }
    g->steps[g->step_count++] = step;
  }
  g->yielded = register_of(g, body, mlirOperationGetOperand(end, 0));
  return g->yielded >= 0;
}

static double compute(const step *step, const double *registers) {
  double a = registers[step->a], b = registers[step->b];
  switch (step->id) {
  case PTL_ARITH_MULF:
    return (float)(a * b); /* exact before: 24 bits times 24 bits */
  case PTL_ARITH_ADDF:
    return (float)(a + b);
  case PTL_ARITH_MULI:
    return (int32_t)((int64_t)a * (int64_t)b);
  case PTL_ARITH_ADDI:
    return (int32_t)((int64_t)a + (int64_t)b);
  default:
    return a; /* a truncation is rounded when the result is complete */
  }
}

/* ---- all points --------------------------------------------------------- */

static void run_point(const generic *g, const int64_t *at) {
  double registers[MAX_OPERANDS + MAX_STEPS];
  for (int i = 0; i < g->operand_count; i++) {
    registers[i] = g->numbers[i][at[i]];
  }
  for (int i = 0; i < g->step_count; i++) {
    registers[g->operand_count + i] = compute(&g->steps[i], registers);
  }
  int result = g->operand_count - 1;
  g->numbers[result][at[result]] = registers[g->yielded];
}

static void run_loop(const generic *g, int loop, const int64_t *from) {
  if (loop == g->loops || loop == MAX_LOOPS) {
    run_point(g, from);
    return;
  }
  int64_t at[MAX_OPERANDS];
  for (int64_t i = 0; i < g->extents[loop]; i++) {
    for (int j = 0; j < g->operand_count; j++) {
      at[j] = from[j] + i * g->strides[j][loop];
    }
    run_loop(g, loop + 1, at);
  }
}

static bool read(generic *g, const ptl_tensor_value *const *operands) {
  MlirAttribute loops = ptl_attr(g->op, "iterator_types");
  if (mlirAttributeIsNull(loops) || mlirArrayAttrGetNumElements(loops) > MAX_LOOPS) {
    return false;
  }
  g->loops = (int)mlirArrayAttrGetNumElements(loops);
  for (int i = 0; i < g->operand_count; i++) {
    if (!read_map(g, i, operands[i])) {
      return false;
    }
  }
  return read_body(g);
}

bool ptl_run_generic(ptl_arena *arena, MlirOperation op, const ptl_tensor_value *const *inputs,
                     int count, const ptl_tensor_value *start, ptl_tensor_value *out) {
  generic g = {.op = op, .operand_count = count + 1};
  const ptl_tensor_value *operands[MAX_OPERANDS];
  if (count >= MAX_OPERANDS) {
    return false;
  }
  for (int i = 0; i < count; i++) {
    operands[i] = inputs[i];
  }
  operands[count] = start;
  if (!read(&g, operands)) {
    return false;
  }
  ptl_arena numbers; /* of this op */
  ptl_arena_init(&numbers);
  for (int i = 0; i < g.operand_count; i++) {
    g.numbers[i] = ptl_tensor_numbers(&numbers, operands[i]);
  }
  const int64_t begin[MAX_OPERANDS] = {0};
  run_loop(&g, 0, begin);
  ptl_tensor_set(arena, out, g.numbers[count]);
  ptl_arena_free(&numbers);
  return true;
}
