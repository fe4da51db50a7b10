/* Computes values anew at an earlier place. */
#include "passes/hoist.h"

#include "passes/erase.h"

enum { MOST_OPS = 1000 }; /* that a value may be made of */

/* Whether a value is there in front of `anchor`. */
static bool is_available(MlirOperation anchor, MlirValue value) {
  bool is_result = mlirValueIsAOpResult(value);
  MlirBlock home = is_result ? mlirOperationGetBlock(mlirOpResultGetOwner(value))
                             : mlirBlockArgumentGetOwner(value);
  MlirOperation here = ptl_op_in_block(anchor, home);
  return !mlirOperationIsNull(here) &&
         (!is_result || ptl_op_is_before(mlirOpResultGetOwner(value), here));
}

static bool is_variable_of(MlirOperation loop, MlirValue value) {
  return !mlirOperationIsNull(loop) && mlirValueIsABlockArgument(value) &&
         mlirOperationEqual(mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(value)), loop) &&
         mlirBlockArgumentGetArgNumber(value) == 0;
}

static bool can_be_hoisted(MlirOperation anchor, MlirOperation loop, MlirValue value, int *ops) {
  if (is_available(anchor, value) || is_variable_of(loop, value)) {
    return true;
  }
  if (!mlirValueIsAOpResult(value) || (*ops)++ > MOST_OPS) {
    return false;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!ptl_has_no_effect(op)) {
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    if (!can_be_hoisted(anchor, loop, mlirOperationGetOperand(op, i), ops)) {
      return false;
    }
  }
  return true;
}

bool ptl_can_be_hoisted(MlirOperation anchor, MlirOperation loop, MlirValue value) {
  int ops = 0;
  return can_be_hoisted(anchor, loop, value, &ops);
}

ptl_hoist ptl_hoist_before(ptl_session *session, MlirOperation anchor, MlirOperation loop) {
  return (ptl_hoist){.builder = ptl_builder_before(session, anchor), .loop = loop};
}

static MlirValue clone(ptl_hoist *hoist, MlirValue value) {
  MlirOperation op = mlirOpResultGetOwner(value);
  MlirOperation copy = mlirOperationClone(op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    mlirOperationSetOperand(copy, i, ptl_hoist_value(hoist, mlirOperationGetOperand(op, i)));
  }
  mlirBlockInsertOwnedOperationBefore(hoist->builder.block, hoist->builder.before, copy);
  return mlirOperationGetResult(copy, mlirOpResultGetResultNumber(value));
}

MlirValue ptl_hoist_value(ptl_hoist *hoist, MlirValue value) {
  if (is_available(hoist->builder.before, value)) {
    return value;
  }
  for (int i = 0; i < hoist->count; i++) {
    if (mlirValueEqual(hoist->items[i].from, value)) {
      return hoist->items[i].to;
    }
  }
  MlirValue to = is_variable_of(hoist->loop, value) ? mlirOperationGetOperand(hoist->loop, 0)
                                                    : clone(hoist, value);
  hoist->items = ptl_arena_more(hoist->builder.arena, hoist->items, hoist->count, &hoist->capacity,
                                sizeof(*hoist->items));
  hoist->items[hoist->count++] = (struct ptl_hoisted){value, to};
  return to;
}
