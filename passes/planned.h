/* Plans that a run has searched: for one problem the search is done once, by the pass that asks
 * first, and its result is handed on to the others. */
#ifndef PTL_PASSES_PLANNED_H
#define PTL_PASSES_PLANNED_H

#include "ir/session.h"
#include "passes/plan_attr.h"

/* As ptl_plan_search, within limits. */
PTL_MUST_USE ptl_status ptl_planned_search(ptl_session *session, const ptl_problem *problem,
                                           const ptl_limits *limits, ptl_plan *out,
                                           ptl_no_plan *why);

/* The same; of the plan only its staging, as an attribute. */
PTL_MUST_USE ptl_status ptl_planned_staging(ptl_session *session, const ptl_problem *problem,
                                            const ptl_limits *limits, MlirAttribute *out,
                                            ptl_no_plan *why);

/* The plan of which that is the staging; false: of none that this run has searched. */
bool ptl_planned_completion(ptl_session *session, const ptl_problem *problem,
                            const ptl_limits *limits, MlirAttribute staging, ptl_plan *out);

#endif
