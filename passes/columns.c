/* Tells whether products can be computed some columns at a time. */
#include "passes/columns.h"

#include "ir/build.h"
#include "passes/erase.h"
#include "passes/hoist.h"
#include "passes/parts.h"
#include "plan/plan.h"

enum { MOST_SINKS = 4 * PTL_MAX_RHS };

typedef struct sinks {
  MlirOperation stores[MOST_SINKS];
  MlirValue roots[MOST_SINKS];
  int count;
  MlirOperation first, last;
} sinks;

static int64_t columns_of(MlirValue result) {
  return mlirShapedTypeGetDimSize(mlirValueGetType(result), 1);
}

/* Adds a store that takes all columns of a result. */
static bool add_store(sinks *sinks, MlirOperation user, MlirOperation product, MlirValue result) {
  if (sinks->count == MOST_SINKS || !ptl_op_is(user, PTL_PTO_TSTORE) ||
      mlirOperationGetNumOperands(user) != 2 ||
      !mlirBlockEqual(mlirOperationGetBlock(user), mlirOperationGetBlock(product)) ||
      !ptl_part_has(mlirOperationGetOperand(user, 1), PTL_PART_COLS, columns_of(result))) {
    return false;
  }
  MlirValue root = ptl_argument_of_part(mlirOperationGetOperand(user, 1));
  sinks->stores[sinks->count] = user;
  sinks->roots[sinks->count++] = root;
  if (mlirOperationIsNull(sinks->first) || ptl_op_is_before(user, sinks->first)) {
    sinks->first = user;
  }
  if (mlirOperationIsNull(sinks->last) || ptl_op_is_before(sinks->last, user)) {
    sinks->last = user;
  }
  return !mlirValueIsNull(root);
}

static bool add_product(sinks *sinks, MlirOperation product) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(product); i++) {
    MlirValue result = mlirOperationGetResult(product, i);
    MlirType type = mlirValueGetType(result);
    bool is_transposed = ptl_rhs_is_transposed(product, (int)i);
    if (!mlirTypeIsARankedTensor(type) || mlirShapedTypeGetRank(type) != 2 ||
        !ptl_part_has(mlirOperationGetOperand(product, 1 + i),
                      is_transposed ? PTL_PART_ROWS : PTL_PART_COLS, columns_of(result))) {
      return false;
    }
    MlirOpOperand use = mlirValueGetFirstUse(result);
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      if (!add_store(sinks, mlirOpOperandGetOwner(use), product, result)) {
        return false;
      }
    }
  }
  return true;
}

static bool any_root_is(const sinks *sinks, int first, MlirValue root) {
  for (int i = first; i < sinks->count; i++) {
    if (mlirValueEqual(sinks->roots[i], root)) {
      return true;
    }
  }
  return false;
}

/* Whether the product reads arguments, none of which is stored to. */
static bool reads_apart(const sinks *sinks, MlirOperation product) {
  for (intptr_t i = 0; i <= mlirOperationGetNumResults(product); i++) {
    MlirValue root = ptl_argument_of_part(mlirOperationGetOperand(product, i));
    if (mlirValueIsNull(root) || any_root_is(sinks, 0, root)) {
      return false;
    }
  }
  return true;
}

static bool stores_apart(const sinks *sinks) {
  for (int i = 0; i < sinks->count; i++) {
    if (any_root_is(sinks, i + 1, sinks->roots[i])) {
      return false;
    }
  }
  return true;
}

static bool is_store_of(MlirOperation op, const MlirOperation *products, int count) {
  if (!ptl_op_is(op, PTL_PTO_TSTORE) || !mlirValueIsAOpResult(mlirOperationGetOperand(op, 0))) {
    return false;
  }
  MlirOperation stored = mlirOpResultGetOwner(mlirOperationGetOperand(op, 0));
  for (int i = 0; i < count; i++) {
    if (mlirOperationEqual(stored, products[i])) {
      return true;
    }
  }
  return false;
}

static bool holds_only_ops_of_products(ptl_session *session, MlirOperation op,
                                       const MlirOperation *products, int count) {
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(op); i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i));
    MlirOperation child =
        mlirBlockIsNull(block) ? (MlirOperation){NULL} : mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(child); child = mlirOperationGetNextInBlock(child)) {
      if (!ptl_is_of_products(session, child, products, count)) {
        return false;
      }
    }
  }
  return true;
}

bool ptl_is_of_products(ptl_session *session, MlirOperation op, const MlirOperation *products,
                        int count) {
  if (ptl_op_is(op, PTL_SCF_FOR) || ptl_op_is(op, PTL_SCF_IF)) {
    return holds_only_ops_of_products(session, op, products, count);
  }
  return ptl_has_no_effect(op) || ptl_op_is(op, PTL_SCF_YIELD) ||
         ptl_op_is(op, PTL_PTOLOWER_MATMUL) || is_store_of(op, products, count) ||
         (!ptl_op_is(op, PTL_PTO_TSTORE) && ptl_is_cube_op(session, op));
}

/* Whether nothing happens from the first store to the last but these. */
static bool stores_are_side_by_side(ptl_session *session, const sinks *sinks,
                                    const MlirOperation *products, int count) {
  MlirOperation op = sinks->first;
  while (!mlirOperationIsNull(op) && ptl_is_of_products(session, op, products, count)) {
    if (mlirOperationEqual(op, sinks->last)) {
      return true;
    }
    op = mlirOperationGetNextInBlock(op);
  }
  return false;
}

static bool parts_can_be_hoisted(const sinks *sinks) {
  for (int i = 0; i < sinks->count; i++) {
    if (!ptl_can_be_hoisted(sinks->first, (MlirOperation){NULL},
                            mlirOperationGetOperand(sinks->stores[i], 1))) {
      return false;
    }
  }
  return true;
}

bool ptl_leaves_in_columns(ptl_session *session, const MlirOperation *products, int count) {
  sinks sinks = {.count = 0};
  for (int i = 0; i < count; i++) {
    if (!add_product(&sinks, products[i])) {
      return false;
    }
  }
  for (int i = 0; i < count; i++) {
    if (!reads_apart(&sinks, products[i])) {
      return false;
    }
  }
  return sinks.count > 0 && stores_apart(&sinks) && parts_can_be_hoisted(&sinks) &&
         stores_are_side_by_side(session, &sinks, products, count);
}

void ptl_hoist_stored_parts(ptl_session *session, MlirOperation first,
                            const MlirOperation *products, int count) {
  sinks sinks = {.count = 0};
  for (int i = 0; i < count; i++) {
    (void)add_product(&sinks, products[i]);
  }
  ptl_hoist hoist = ptl_hoist_before(session, first, (MlirOperation){NULL});
  for (int i = 0; i < sinks.count; i++) {
    MlirValue part = mlirOperationGetOperand(sinks.stores[i], 1);
    mlirOperationSetOperand(sinks.stores[i], 1, ptl_hoist_value(&hoist, part));
  }
}
