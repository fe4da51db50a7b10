/* Reads values as linear in the variable of a loop. */
#include "passes/affine.h"

#include "passes/erase.h"
#include "support/checked.h"

typedef struct reader {
  MlirOperation loop;
  int ops; /* read so far */
} reader;

enum { MOST_OPS = 1000 };

static bool is_inside(MlirOperation loop, MlirBlock block) {
  MlirOperation op = mlirBlockGetParentOperation(block);
  while (!mlirOperationIsNull(op) && !mlirOperationEqual(op, loop)) {
    op = mlirOperationGetParentOperation(op);
  }
  return !mlirOperationIsNull(op);
}

static bool is_not_negative(reader *r, MlirValue value) {
  int64_t constant;
  if (mlirValueIsABlockArgument(value)) {
    return true; /* by the sign rule, of which the walk keeps the arguments */
  }
  if (ptl_constant_of(value, &constant)) {
    return constant >= 0;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  switch (ptl_op_id_of(op)) {
  case PTL_ARITH_ADDI:
  case PTL_ARITH_MULI:
  case PTL_ARITH_DIVSI:
  case PTL_ARITH_REMSI:
  case PTL_ARITH_MINSI:
  case PTL_ARITH_INDEX_CAST:
    break;
  default:
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    if (r->ops++ > MOST_OPS || !is_not_negative(r, mlirOperationGetOperand(op, i))) {
      return false;
    }
  }
  return true;
}

static bool moves(reader *r, MlirValue value, int64_t *step);

/* Both operands' steps; whether they are constant. */
static bool steps_of(reader *r, MlirOperation op, int64_t steps[2]) {
  return moves(r, mlirOperationGetOperand(op, 0), &steps[0]) &&
         moves(r, mlirOperationGetOperand(op, 1), &steps[1]);
}

/* A factor that is constant, times one that moves. */
static bool moves_as_product(MlirOperation op, const int64_t steps[2], int64_t *step) {
  int moving = steps[0] != 0 ? 0 : 1;
  int64_t factor;
  return steps[1 - moving] == 0 &&
         ptl_constant_of(mlirOperationGetOperand(op, 1 - moving), &factor) &&
         ptl_mul(factor, steps[moving], step);
}

/* max(x, 0), where x is not negative. */
static bool moves_as_clamped(reader *r, MlirOperation op, const int64_t steps[2], int64_t *step) {
  int64_t bound;
  *step = steps[0];
  return ptl_constant_of(mlirOperationGetOperand(op, 1), &bound) && bound == 0 &&
         is_not_negative(r, mlirOperationGetOperand(op, 0));
}

/* An op with an operand that moves. */
static bool op_moves(reader *r, MlirOperation op, int64_t *step) {
  int64_t steps[2];
  ptl_op_id id = ptl_op_id_of(op);
  if (id == PTL_ARITH_INDEX_CAST) {
    return moves(r, mlirOperationGetOperand(op, 0), step);
  }
  if (mlirOperationGetNumOperands(op) != 2 || !steps_of(r, op, steps)) {
    return false;
  }
  switch (id) {
  case PTL_ARITH_ADDI:
    return ptl_add(steps[0], steps[1], step);
  case PTL_ARITH_MULI:
    return moves_as_product(op, steps, step);
  case PTL_ARITH_MAXSI:
    return moves_as_clamped(r, op, steps, step);
  default:
    return false;
  }
}

static bool is_fixed(reader *r, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    int64_t step;
    if (!moves(r, mlirOperationGetOperand(op, i), &step) || step != 0) {
      return false;
    }
  }
  return true;
}

static bool moves(reader *r, MlirValue value, int64_t *step) {
  *step = 0;
  if (mlirValueIsABlockArgument(value)) {
    MlirBlock home = mlirBlockArgumentGetOwner(value);
    bool is_variable = mlirOperationEqual(mlirBlockGetParentOperation(home), r->loop) &&
                       mlirBlockArgumentGetArgNumber(value) == 0;
    *step = is_variable;
    return is_variable || !is_inside(r->loop, home);
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!is_inside(r->loop, mlirOperationGetBlock(op))) {
    return true;
  }
  if (r->ops++ > MOST_OPS || !ptl_has_no_effect(op)) {
    return false;
  }
  return is_fixed(r, op) || op_moves(r, op, step);
}

bool ptl_moves_with(MlirOperation loop, MlirValue value, int64_t *step) {
  reader r = {.loop = loop};
  return moves(&r, value, step);
}
