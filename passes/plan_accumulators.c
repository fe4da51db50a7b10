/* plan-accumulators: choose the L0 steps and what is unrolled, and place Left, Right and Acc tiles.
 *
 * Requires: ptolower.matmul_dual_acc with `staging`.
 * Produces: `plan` instead of it, whole: every buffer has its address, the Mat buffers where
 *   the staging has them. The plan has been proved on its own (ptl_plan_check). Products of one
 * function that differ in their plans lie apart: ptoas ties tiles by their base addresses, so that
 * two layouts must not overlap in part. Refuses: a staging that cannot be completed (PTL030 to
 * PTL033), or plans of one function that do not fit beside each other (PTL034).
 */
#include "ir/build.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/planned.h"
#include "passes/turns.h"

typedef struct planner {
  ptl_session *session;
  ptl_status status;
  ptl_layout layout; /* of this function */
} planner;

static ptl_status prove(ptl_session *session, MlirOperation op, const ptl_plan *plan) {
  const char *why = NULL;
  ptl_status status = ptl_plan_check(&session->arena, session->target, plan, &why);
  if (status != PTL_OK) {
    ptl_diag_add(&session->diags, PTL_CODE_PLAN_IS_WRONG, ptl_loc_of(session, op),
                 "the plan is wrong: %s", why);
  }
  return status;
}

/* The staging of an op, completed. That of a plan of this run is the plan's. */
static ptl_status complete(ptl_session *session, MlirOperation op, ptl_plan *plan) {
  ptl_no_plan why = {0};
  ptl_problem problem;
  ptl_limits limits = ptl_limits_of(session, op);
  if (ptl_problem_of(session, op, &problem) &&
      ptl_planned_completion(session, &problem, &limits, ptl_attr(op, ptl_attr_staging), plan)) {
    return PTL_OK;
  }
  if (!ptl_staging_from_attr(session, op, plan)) {
    ptl_diag_add(&session->diags, PTL_CODE_UNREADABLE_ATTRIBUTE, ptl_loc_of(session, op),
                 "the op has no 'staging' that can be read");
    return PTL_REFUSED;
  }
  ptl_status status = ptl_plan_accumulators(
      &session->arena, ptl_target_of_share(session, limits.share), limits.reference, plan, &why);
  if (status != PTL_OK) {
    ptl_diag_add(&session->diags, why.code, ptl_loc_of(session, op), "%s", why.text);
  }
  return status;
}

static ptl_status plan_op(planner *p, MlirOperation op) {
  ptl_session *session = p->session;
  ptl_plan plan;
  ptl_status status = complete(session, op, &plan);
  if (status != PTL_OK) {
    return status;
  }
  if (!ptl_layout_settle(&p->layout, &plan)) {
    ptl_diag_add(&session->diags, PTL_CODE_NO_PLAN_PRODUCTS, ptl_loc_of(session, op),
                 "the function's products do not fit beside each other: split the function");
    return PTL_REFUSED;
  }
  status = prove(session, op, &plan);
  if (status == PTL_OK) {
    mlirOperationRemoveAttributeByName(op, mlirStringRefCreateFromCString(ptl_attr_staging));
    ptl_set_attr(op, ptl_attr_plan, ptl_plan_to_attr(session, &plan));
  }
  return status;
}

static void visit(MlirOperation op, void *user) {
  planner *p = user;
  if (p->status == PTL_OK && ptl_is_dual_acc(op)) {
    p->status = plan_op(p, op);
  }
}

static ptl_status plan_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  planner p = {.session = session,
               .layout = {.arena = &session->arena,
                          .target = session->target,
                          .has_addresses = !ptl_has_attr(func, ptl_attr_level2)}};
  ptl_for_each_op(func, visit, &p);
  return p.status;
}

ptl_status ptl_plan_accumulators_pass(ptl_session *session) {
  return ptl_for_each_function(session, plan_function, NULL);
}
