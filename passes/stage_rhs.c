/* stage-rhs: choose how K is cut, and place the Mat tiles.
 *
 * Requires: ptolower.matmul_dual_acc on parts of views.
 * Produces: on each such op the attribute `staging`: chunk sizes, tail, tiles of N, and
 *   the Mat tiles of lhs and of every rhs; of the best whole plan no more than that.
 * Refuses: a function made from tensors for which there is no plan (PTL030 to PTL033).
 */
#include "ir/build.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/planned.h"

static void stage(ptl_session *session, MlirOperation op, ptl_status *status) {
  ptl_problem problem;
  MlirAttribute staging;
  ptl_no_plan why = {0};
  if (!ptl_problem_of(session, op, &problem)) {
    ptl_diag_add(&session->diags, PTL_CODE_FOREIGN_IR, ptl_loc_of(session, op),
                 "the operands are not parts of views with constant extents");
    *status = PTL_REFUSED;
    return;
  }
  ptl_limits limits = ptl_limits_of(session, op);
  *status = ptl_planned_staging(session, &problem, &limits, &staging, &why);
  if (*status != PTL_OK) {
    ptl_diag_add(&session->diags, why.code, ptl_loc_of(session, op), "%s", why.text);
    return;
  }
  ptl_set_attr(op, ptl_attr_staging, staging);
}

typedef struct visitor {
  ptl_session *session;
  ptl_status status;
} visitor;

static void visit(MlirOperation op, void *user) {
  visitor *v = user;
  if (v->status == PTL_OK && ptl_is_dual_acc(op)) {
    stage(v->session, op, &v->status);
  }
}

ptl_status ptl_stage_rhs(ptl_session *session) {
  visitor v = {session, PTL_OK};
  ptl_for_each_op(mlirModuleGetOperation(session->module), visit, &v);
  return v.status;
}
