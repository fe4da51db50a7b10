/* Puts products of all columns in the place of a loop over them. */
#include "passes/widen.h"

#include <mlir-c/BuiltinTypes.h>

#include "passes/affine.h"
#include "passes/columns.h"
#include "passes/hoist.h"
#include "passes/parts.h"
#include "plan/plan.h"
#include "support/checked.h"

/* The loop whose body is the products' block; null if that is none. */
static MlirOperation loop_around(MlirOperation product) {
  MlirOperation loop = mlirOperationGetParentOperation(product);
  bool is_loop = ptl_op_is(loop, PTL_SCF_FOR) && mlirOperationGetNumResults(loop) == 0;
  return is_loop ? loop : (MlirOperation){NULL};
}

/* How often it runs, and by how much its variable grows. */
static bool read_loop(MlirOperation loop, int64_t *turns, int64_t *step) {
  int64_t lower, upper, distance;
  if (!ptl_constant_of(mlirOperationGetOperand(loop, 0), &lower) ||
      !ptl_constant_of(mlirOperationGetOperand(loop, 1), &upper) ||
      !ptl_constant_of(mlirOperationGetOperand(loop, 2), step) || lower < 0 || *step <= 0 ||
      !ptl_sub(upper, lower, &distance) || distance <= *step) {
    return false;
  }
  *turns = (distance - 1) / *step + 1;
  return true;
}

/* Whether a part is the same on every turn, but that its operand `moving` grows by `by` with each;
 * `moving` 0: nothing does. */
static bool part_moves(MlirOperation loop, MlirValue value, int moving, int64_t step, int64_t by) {
  MlirOperation part = ptl_part_of(value);
  for (int i = 0; !mlirOperationIsNull(part) && i < PTL_PART_OPERANDS; i++) {
    int64_t each, grows;
    if (!ptl_moves_with(loop, mlirOperationGetOperand(part, i), &each) ||
        !ptl_mul(each, step, &grows) || grows != (i == moving && moving > 0 ? by : 0)) {
      return false;
    }
  }
  return !mlirOperationIsNull(part);
}

static int n_offset_of(MlirOperation product) {
  return ptl_has_attr(product, "rhs_transposed") ? PTL_PART_ROW : PTL_PART_COL;
}

static int64_t columns_of(MlirOperation product) {
  return mlirShapedTypeGetDimSize(mlirValueGetType(mlirOperationGetResult(product, 0)), 1);
}

static bool product_moves(MlirOperation loop, MlirOperation product, int64_t step) {
  int64_t columns = columns_of(product);
  if (!part_moves(loop, mlirOperationGetOperand(product, 0), 0, step, 0) ||
      !part_moves(loop, mlirOperationGetOperand(product, 1), n_offset_of(product), step, columns)) {
    return false;
  }
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(product, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirValue part = mlirOperationGetOperand(mlirOpOperandGetOwner(use), 1);
    if (!part_moves(loop, part, PTL_PART_COL, step, columns)) {
      return false;
    }
  }
  return true;
}

static bool is_one_of(MlirOperation op, const MlirOperation *products, int count) {
  for (int i = 0; i < count; i++) {
    if (mlirOperationEqual(op, products[i])) {
      return true;
    }
  }
  return false;
}

/* Whether nothing else happens in the loop. */
static bool is_all_of(ptl_session *session, MlirOperation loop, const MlirOperation *products,
                      int count) {
  MlirOperation op =
      mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(mlirOperationGetRegion(loop, 0)));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!ptl_is_of_products(session, op, products, count) ||
        (ptl_op_is(op, PTL_PTOLOWER_MATMUL) && !is_one_of(op, products, count))) {
      return false;
    }
  }
  return true;
}

int64_t ptl_columns_in_turns(ptl_session *session, const MlirOperation *products, int count) {
  MlirOperation loop = loop_around(products[0]);
  int64_t turns, step, all;
  if (mlirOperationIsNull(loop) || !read_loop(loop, &turns, &step) ||
      !is_all_of(session, loop, products, count) ||
      !ptl_leaves_in_columns(session, products, count)) {
    return 0;
  }
  for (int i = 0; i < count; i++) {
    if (!product_moves(loop, products[i], step) || !ptl_mul(columns_of(products[i]), turns, &all)) {
      return 0;
    }
  }
  return turns;
}

/* ---- the products of all columns ------------------------------------------- */

/* The part of the first turn, with `columns` in place of those of one. */
static MlirValue build_all(ptl_hoist *hoist, MlirValue part, int extent, int64_t columns) {
  MlirOperation op = ptl_part_of(part);
  MlirValue operands[PTL_PART_OPERANDS];
  for (int i = 0; i < PTL_PART_OPERANDS; i++) {
    operands[i] = ptl_hoist_value(hoist, mlirOperationGetOperand(op, i));
  }
  operands[extent] = ptl_build_index(&hoist->builder, columns);
  hoist->builder.location = mlirOperationGetLocation(op);
  return ptl_build_part_like(&hoist->builder, part, operands);
}

/* The stores of a product with parts of all columns, in program order. */
static void collect_stores(ptl_hoist *hoist, MlirOperation product, int64_t columns,
                           ptl_op_list *stores) {
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(product, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation store = mlirOpOperandGetOwner(use);
    MlirValue part = mlirOperationGetOperand(store, 1);
    mlirOperationSetOperand(store, 1, build_all(hoist, part, PTL_PART_COLS, columns));
    int at = stores->count;
    ptl_op_list_add(stores, store);
    for (; at > 0 && ptl_op_is_before(store, stores->items[at - 1]); at--) {
      stores->items[at] = stores->items[at - 1];
    }
    stores->items[at] = store;
  }
}

static MlirOperation build_product(const ptl_builder *builder, MlirOperation product, MlirValue lhs,
                                   MlirValue rhs, int64_t columns) {
  MlirType old = mlirValueGetType(mlirOperationGetResult(product, 0));
  const int64_t shape[2] = {mlirShapedTypeGetDimSize(old, 0), columns};
  MlirType type =
      mlirRankedTensorTypeGet(2, shape, mlirShapedTypeGetElementType(old), mlirAttributeGetNull());
  const MlirValue operands[2] = {lhs, rhs};
  return ptl_build_like(builder, product, operands, 2, type);
}

void ptl_widen(ptl_session *session, MlirOperation *products, int count, int64_t turns) {
  MlirOperation loop = loop_around(products[0]);
  ptl_hoist hoist = ptl_hoist_before(session, loop, loop);
  ptl_op_list stores = {.arena = &session->arena};
  MlirValue rhs[PTL_MAX_RHS];
  MlirValue lhs = ptl_hoist_value(&hoist, mlirOperationGetOperand(products[0], 0));
  for (int i = 0; i < count; i++) {
    int64_t columns = columns_of(products[i]) * turns;
    rhs[i] = build_all(&hoist, mlirOperationGetOperand(products[i], 1),
                       n_offset_of(products[i]) == PTL_PART_ROW ? PTL_PART_ROWS : PTL_PART_COLS,
                       columns);
    collect_stores(&hoist, products[i], columns, &stores);
  }
  for (int i = 0; i < count; i++) {
    hoist.builder.location = mlirOperationGetLocation(products[i]);
    MlirOperation wide =
        build_product(&hoist.builder, products[i], lhs, rhs[i], columns_of(products[i]) * turns);
    ptl_replace_uses(mlirOperationGetResult(products[i], 0), mlirOperationGetResult(wide, 0));
    mlirOperationDestroy(products[i]);
    products[i] = wide;
  }
  for (int i = 0; i < stores.count; i++) {
    mlirOperationMoveBefore(stores.items[i], loop);
  }
  mlirOperationDestroy(loop);
}
