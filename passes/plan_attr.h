/* A plan as an attribute: how the planning passes hand it to the lowering. */
#ifndef PTL_PASSES_PLAN_ATTR_H
#define PTL_PASSES_PLAN_ATTR_H

#include "ir/session.h"
#include "plan/plan.h"

/* The problem of a ptolower.matmul or ptolower.matmul_dual_acc on parts of views;
 * false if its types are not those of one. */
bool ptl_problem_of(ptl_session *session, MlirOperation op, ptl_problem *out);

/* The attribute for `plan`: a dictionary of its tiling and buffers. */
MlirAttribute ptl_plan_to_attr(ptl_session *session, const ptl_plan *plan);

/* The reverse; the problem is taken from the op. False if the attribute does not
 * hold a plan. */
bool ptl_plan_from_attr(ptl_session *session, MlirOperation op, const char *name, ptl_plan *out);

extern const char ptl_attr_staging[]; /* matmul_dual_acc: plan with its Mat half */
extern const char ptl_attr_plan[];    /* matmul_dual_acc: whole plan */

#endif
