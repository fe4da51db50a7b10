/* fuse-products: join products that share lhs into ptolower.matmul_dual_acc.
 *
 * Requires: ptolower.matmul ops, marked with their groups.
 * Produces: one ptolower.matmul_dual_acc for each group, at the first sink of its results, and
 * nothing left of the code that computed them before. A function that is rewritten has all its
 * products turned into that op, the single ones with one rhs. Leaves alone: functions that are not
 * asked for (--rewrite), without a plan, or whose plan is not modelled faster; a remark says which.
 */
#include "ir/build.h"
#include "passes/columns.h"
#include "passes/compact.h"
#include "passes/erase.h"
#include "passes/groups.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/widen.h"

/* Of compact accumulators and others of as many rows, the others show that both forms are read as
 * they are written. */
static bool all_have(const ptl_group *group, const char *name) {
  for (int i = 0; i < group->count; i++) {
    if (!ptl_has_attr(group->ops[i], name)) {
      return false;
    }
  }
  return true;
}

static bool any_has(const ptl_group *group, const char *name) {
  for (int i = 0; i < group->count; i++) {
    if (ptl_has_attr(group->ops[i], name)) {
      return true;
    }
  }
  return false;
}

/* Which of the rhs are transposed, where not all are. */
static MlirNamedAttribute transposed_of(ptl_groups *g, const ptl_group *group) {
  int which[PTL_MAX_RHS];
  for (int i = 0; i < group->count; i++) {
    which[i] = ptl_has_attr(group->ops[i], ptl_attr_rhs_transposed);
  }
  MlirContext context = g->session->context;
  return ptl_named(context, ptl_attr_rhs_transposed,
                   mlirDenseBoolArrayGet(context, group->count, which));
}

static ptl_status fuse_group(ptl_groups *g, ptl_group *group) {
  MlirContext context = g->session->context;
  if (group->turns > 1) {
    ptl_widen(g->session, group->ops, group->count, group->turns);
  }
  if (ptl_plan_cuts_n(&group->plan)) {
    ptl_hoist_stored_parts(g->session, ptl_group_place(group), group->ops, group->count);
  }
  ptl_builder builder = ptl_builder_before(g->session, ptl_group_place(group));
  builder.location = mlirOperationGetLocation(group->ops[0]);
  MlirValue operands[1 + PTL_MAX_RHS];
  MlirType results[PTL_MAX_RHS];
  operands[0] = mlirOperationGetOperand(group->ops[0], 0);
  for (int i = 0; i < group->count; i++) {
    operands[1 + i] = mlirOperationGetOperand(group->ops[i], 1);
    results[i] = mlirValueGetType(mlirOperationGetResult(group->ops[i], 0));
  }
  const char *names[] = {"max_rows",        ptl_attr_lhs_transposed, ptl_attr_rhs_transposed,
                         ptl_attr_k_blocks, ptl_attr_compact,        ptl_attr_row_tiles,
                         ptl_attr_repeats,  ptl_attr_most_rows};
  enum { NAMES = sizeof(names) / sizeof(names[0]) };
  MlirNamedAttribute attributes[NAMES + 3];
  int attribute_count = 0;
  for (int i = 0; i < NAMES; i++) {
    MlirAttribute value = ptl_attr(group->ops[0], names[i]);
    if (all_have(group, names[i])) {
      attributes[attribute_count++] = ptl_named(context, names[i], value);
    }
  }
  if (any_has(group, ptl_attr_rhs_transposed) && !all_have(group, ptl_attr_rhs_transposed)) {
    attributes[attribute_count++] = transposed_of(g, group);
  }
  if (g->share > 1) {
    attributes[attribute_count++] = ptl_named(context, ptl_attr_share, ptl_int(context, g->share));
  }
  if (group->reference) {
    attributes[attribute_count++] =
        ptl_named(context, ptl_attr_reference, ptl_reference_to_attr(g->session, group->reference));
  }
  ptl_op_spec spec = {.id = ptl_dual_acc_id(operands, results, group->count),
                      .operands = operands,
                      .operand_count = 1 + group->count,
                      .results = results,
                      .result_count = group->count,
                      .attributes = attributes,
                      .attribute_count = attribute_count,
                      .value_name = "acc"};
  ptl_status status = spec.id == PTL_PTOLOWER_MATMUL_DUAL_ACC ? PTL_OK : ptl_load_accs(g->session);
  if (status != PTL_OK) {
    return status;
  }
  MlirOperation dual = ptl_build(&builder, &spec);
  for (int i = 0; i < group->count; i++) {
    ptl_replace_uses(mlirOperationGetResult(group->ops[i], 0), mlirOperationGetResult(dual, i));
    mlirOperationDestroy(group->ops[i]);
  }
  return PTL_OK;
}

/* Gives the sinks their tiles back and drops what raise-products added. */
static void restore(ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 0; j < g->items[i].count; j++) {
      MlirOperation op = g->items[i].ops[j];
      ptl_replace_uses(mlirOperationGetResult(op, 0), mlirOperationGetOperand(op, 2));
      mlirOperationDestroy(op);
    }
  }
}

static void find_dual(MlirOperation op, void *user) {
  MlirOperation *found = user;
  if (ptl_is_dual_acc(op)) {
    *found = op;
  }
}

static void remark_on_given(ptl_session *session, MlirOperation func) {
  MlirOperation dual = {NULL};
  ptl_for_each_op(func, find_dual, &dual);
  if (!mlirOperationIsNull(dual)) {
    ptl_diag_add(&session->diags, PTL_CODE_GIVEN_AS_DUAL, ptl_loc_of(session, dual),
                 "'%s' was given as matmul_dual_acc and is taken as it is",
                 ptl_function_name(session, func));
  }
}

static ptl_status fuse_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  ptl_groups g = {.session = session, .func = func, .share = 1};
  ptl_for_each_op(func, ptl_groups_collect, &g);
  if (g.count == 0) {
    remark_on_given(session, func);
    return PTL_OK;
  }
  bool fuse;
  ptl_status status = ptl_groups_decide(&g, &fuse);
  if (status != PTL_OK || !fuse) {
    if (status == PTL_OK) {
      restore(&g);
      ptl_erase_dead_ops(session, func);
    }
    return status;
  }
  ptl_groups_cut_rows(&g);
  for (int i = 0; i < g.count && status == PTL_OK; i++) {
    status = fuse_group(&g, &g.items[i]);
  }
  if (status != PTL_OK) {
    return status;
  }
  ptl_erase_cube_ops(session, func);
  ptl_erase_dead_ops(session, func);
  ptl_set_unit(func, ptl_attr_changed);
  return PTL_OK;
}

ptl_status ptl_fuse_products(ptl_session *session) {
  return ptl_for_each_function(session, fuse_function, NULL);
}
