/* Erases the cube ops of a function that was lowered, and then all that has become unused. */
#include "passes/erase.h"

#include "ir/build.h"
#include "ir/types.h"

static void collect(MlirOperation op, void *user) { ptl_op_list_add(user, op); }

static bool is_cube_tile(ptl_session *session, MlirValue value) {
  const ptl_tile_type *tile = ptl_tile_of(session, value);
  return tile && ptl_is_cube_space(tile->space);
}

bool ptl_is_cube_op(ptl_session *session, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    if (is_cube_tile(session, mlirOperationGetOperand(op, i))) {
      return true;
    }
  }
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); i++) {
    if (is_cube_tile(session, mlirOperationGetResult(op, i))) {
      return true;
    }
  }
  return false;
}

/* Ops in reverse order: users before what they use, inner ops before outer. */
static ptl_op_list list_ops(ptl_session *session, MlirOperation func) {
  ptl_op_list list = {.arena = &session->arena};
  ptl_for_each_op(func, collect, &list);
  return list;
}

void ptl_erase_cube_ops(ptl_session *session, MlirOperation func) {
  ptl_op_list list = list_ops(session, func);
  for (int i = list.count; i-- > 0;) {
    if (ptl_is_cube_op(session, list.items[i])) {
      mlirOperationDestroy(list.items[i]);
    }
  }
}

static bool is_unused(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); i++) {
    if (!ptl_value_is_unused(mlirOperationGetResult(op, i))) {
      return false;
    }
  }
  return true;
}

bool ptl_has_no_effect(MlirOperation op) {
  ptl_op_id id = ptl_op_id_of(op);
  return ptl_op_is_arith(id) || id == PTL_PTO_MAKE_TENSOR_VIEW || id == PTL_PTO_PARTITION_VIEW ||
         id == PTL_PTO_ALLOC_TILE || id == PTL_PTO_ALLOC_MULTI_TILE || id == PTL_TENSOR_EMPTY ||
         id == PTL_LINALG_FILL;
}

/* A loop or an if without results whose blocks hold nothing but their terminators. */
static bool is_empty_region_op(MlirOperation op) {
  if ((!ptl_op_is(op, PTL_SCF_FOR) && !ptl_op_is(op, PTL_SCF_IF)) ||
      mlirOperationGetNumResults(op) > 0) {
    return false;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(op); i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i));
    if (!mlirBlockIsNull(block) &&
        !mlirOperationEqual(mlirBlockGetFirstOperation(block), mlirBlockGetTerminator(block))) {
      return false;
    }
  }
  return true;
}

void ptl_erase_dead_ops(ptl_session *session, MlirOperation func) {
  ptl_op_list list = list_ops(session, func);
  for (int i = list.count; i-- > 0;) {
    MlirOperation op = list.items[i];
    if ((is_unused(op) && ptl_has_no_effect(op)) || is_empty_region_op(op)) {
      mlirOperationDestroy(op);
    }
  }
}
