/* Makes one body of two: what leads to an effect stands before it, effects alternate, and loops and
 * ifs that do the same turn become one. */
#include "asm/asm.h"
#include "ir/build.h"
#include "passes/merge.h"

static bool is_pure(MlirOperation op) {
  return ptl_op_table[ptl_op_id_of(op)].effect == PTL_EFFECT_PURE;
}

/* ---- equal ops ------------------------------------------------------------ */

static bool same_attributes(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumAttributes(a);
  bool same = count == mlirOperationGetNumAttributes(b);
  for (intptr_t i = 0; same && i < count; i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(a, i);
    same = mlirAttributeEqual(
        attribute.attribute, mlirOperationGetAttributeByName(b, mlirIdentifierStr(attribute.name)));
  }
  return same;
}

static bool same_result_types(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumResults(a);
  bool same = count == mlirOperationGetNumResults(b);
  for (intptr_t i = 0; same && i < count; i++) {
    same = mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, i)),
                         mlirValueGetType(mlirOperationGetResult(b, i)));
  }
  return same;
}

static bool same_value(MlirValue a, MlirValue b, int depth);

/* Whether two pure ops give the same; `depth` bounds how far their operands are looked through. */
static bool same_op(MlirOperation a, MlirOperation b, int depth) {
  if (!is_pure(a) || !mlirIdentifierEqual(mlirOperationGetName(a), mlirOperationGetName(b)) ||
      mlirOperationGetNumOperands(a) != mlirOperationGetNumOperands(b) || !same_attributes(a, b) ||
      !same_result_types(a, b)) {
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(a); i++) {
    if (!same_value(mlirOperationGetOperand(a, i), mlirOperationGetOperand(b, i), depth)) {
      return false;
    }
  }
  return true;
}

static bool same_value(MlirValue a, MlirValue b, int depth) {
  if (mlirValueEqual(a, b)) {
    return true;
  }
  return depth > 0 && mlirValueIsAOpResult(a) && mlirValueIsAOpResult(b) &&
         mlirOpResultGetResultNumber(a) == mlirOpResultGetResultNumber(b) &&
         same_op(mlirOpResultGetOwner(a), mlirOpResultGetOwner(b), depth - 1);
}

static void collect(MlirOperation op, void *user) { ptl_op_list_add(user, op); }

/* Whether what the first op defines can be used where the second one stands, which comes later. */
static bool reaches(MlirOperation first, MlirOperation second) {
  return !mlirOperationIsNull(ptl_op_in_block(second, mlirOperationGetBlock(first)));
}

void ptl_merge_equal_ops(ptl_session *session, MlirOperation func) {
  ptl_op_list list = {.arena = &session->arena};
  ptl_for_each_op(func, collect, &list);
  for (int i = 0; i < list.count; i++) {
    for (int j = 0; j < i && is_pure(list.items[i]); j++) {
      MlirOperation first = list.items[j], op = list.items[i];
      if (mlirOperationGetNumResults(op) == 1 && same_op(first, op, 0) && reaches(first, op)) {
        ptl_replace_uses(mlirOperationGetResult(op, 0), mlirOperationGetResult(first, 0));
        break;
      }
    }
  }
}

/* ---- blocks --------------------------------------------------------------- */

/* How far the operands of two loops are compared. */
enum { DEPTH = 16 };

static bool is_loop_or_if(MlirOperation op) {
  return ptl_op_is(op, PTL_SCF_FOR) || ptl_op_is(op, PTL_SCF_IF);
}

static bool is_store(MlirOperation op) {
  return ptl_op_table[ptl_op_id_of(op)].kind == PTL_OP_STORE;
}

static bool is_event(MlirOperation op) { return is_loop_or_if(op) || is_store(op); }

static bool is_last(MlirOperation op) {
  return mlirOperationIsNull(mlirOperationGetNextInBlock(op));
}

/* The first effect from `op` on, else the block's terminator. */
static MlirOperation next_event(MlirOperation op) {
  while (!is_last(op) && !is_event(op)) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

static MlirBlock block_of(MlirOperation op, intptr_t region) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, region));
}

/* Whether both take the same turns: loops of equal bounds, ifs of one condition. */
static bool can_be_one(MlirOperation host, MlirOperation guest) {
  if (!is_loop_or_if(host) ||
      !mlirIdentifierEqual(mlirOperationGetName(host), mlirOperationGetName(guest)) ||
      mlirOperationGetNumResults(host) > 0 || mlirOperationGetNumResults(guest) > 0) {
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(host); i++) {
    if (!same_value(mlirOperationGetOperand(host, i), mlirOperationGetOperand(guest, i), DEPTH)) {
      return false;
    }
  }
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(host); i++) {
    if (mlirBlockIsNull(block_of(host, i)) && !mlirBlockIsNull(block_of(guest, i))) {
      return false;
    }
  }
  return true;
}

static void make_one(MlirOperation host, MlirOperation guest) {
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(guest); i++) {
    MlirBlock block = block_of(guest, i);
    if (mlirBlockIsNull(block)) {
      continue;
    }
    for (intptr_t j = 0; j < mlirBlockGetNumArguments(block); j++) {
      ptl_replace_uses(mlirBlockGetArgument(block, j), mlirBlockGetArgument(block_of(host, i), j));
    }
    ptl_merge_blocks(block_of(host, i), block);
  }
  mlirOperationDestroy(guest);
}

/* The last of the stores that follow `op` one upon the other: a further store stands after it, so
 * that products which do not fit beside the others can be computed when those have left. */
static MlirOperation last_of_run(MlirOperation op) {
  while (is_store(op) && is_store(mlirOperationGetNextInBlock(op))) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

/* Moves the ops from `first` to before `end` in front of `before`. */
static void move_run(MlirOperation first, MlirOperation end, MlirOperation before) {
  while (!mlirOperationEqual(first, end)) {
    MlirOperation next = mlirOperationGetNextInBlock(first);
    mlirOperationMoveBefore(first, before);
    first = next;
  }
}

void ptl_merge_blocks(MlirBlock host, MlirBlock guest) {
  MlirOperation at = mlirBlockGetFirstOperation(host);
  for (;;) {
    MlirOperation first = mlirBlockGetFirstOperation(guest);
    MlirOperation event = next_event(first);
    at = next_event(at);
    move_run(first, event, at);
    if (is_last(event)) {
      return;
    }
    if (is_last(at)) {
      mlirOperationMoveBefore(event, at);
    } else if (can_be_one(at, event)) {
      make_one(at, event);
      at = mlirOperationGetNextInBlock(at);
    } else {
      mlirOperationMoveAfter(event, last_of_run(at));
      at = mlirOperationGetNextInBlock(event);
    }
  }
}
