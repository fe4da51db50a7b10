/* A plan as JSON, for --plan. */
#ifndef PTL_PASSES_PLAN_JSON_H
#define PTL_PASSES_PLAN_JSON_H

#include "ir/session.h"
#include "plan/plan.h"

/* Appends the plan of one lowered product to the function's attribute ptl_attr_plans, so
 * that it travels with the IR. `rhs_names` are those of its tiles. */
void ptl_plan_add_json(ptl_session *session, MlirOperation func, const ptl_plan *plan,
                       const char *lhs_name, const char *const *rhs_names);

#endif
