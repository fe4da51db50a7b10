/* Remembers each problem with the answer of its search; a function has few, so that a list will do.
 */
#include "passes/planned.h"

typedef struct ptl_planned {
  ptl_problem problem;
  ptl_limits limits;
  ptl_plan plan;
  ptl_no_plan why;
  ptl_status status;
  MlirAttribute staging; /* of the plan; null: nobody has asked for it */
  struct ptl_planned *next;
} ptl_planned;

static bool is_same_rhs(const ptl_problem *a, const ptl_problem *b) {
  for (int i = 0; i < a->rhs_count; i++) {
    if (a->n[i] != b->n[i] || a->n_in_memory[i] != b->n_in_memory[i] ||
        a->rhs_transposed[i] != b->rhs_transposed[i]) {
      return false;
    }
  }
  return true;
}

static bool is_same(const ptl_problem *a, const ptl_problem *b) {
  return a->m == b->m && a->rows_out == b->rows_out && a->row_tiles == b->row_tiles &&
         a->k == b->k && a->rhs_count == b->rhs_count && is_same_rhs(a, b) && a->lhs == b->lhs &&
         a->lhs_transposed == b->lhs_transposed && a->rhs == b->rhs && a->acc == b->acc &&
         a->n_splittable == b->n_splittable && a->k_block == b->k_block &&
         a->outer_loops == b->outer_loops && a->repeats == b->repeats &&
         a->rounds_written_out == b->rounds_written_out && a->ptoas_places == b->ptoas_places;
}

static bool is_same_limits(const ptl_session *session, const ptl_limits *a, const ptl_limits *b) {
  for (int i = 0; a->reference && b->reference && i < session->target->rate_count; i++) {
    if (a->reference->cycles[i] != b->reference->cycles[i] ||
        a->reference->first_cycles[i] != b->reference->first_cycles[i]) {
      return false;
    }
  }
  return a->share == b->share && (a->reference == NULL) == (b->reference == NULL);
}

static ptl_planned *search(ptl_session *session, const ptl_problem *problem,
                           const ptl_limits *limits) {
  ptl_planned *planned = ptl_arena_alloc(&session->arena, sizeof(*planned));
  planned->problem = *problem;
  planned->limits = *limits;
  planned->status = ptl_plan_search(&session->arena, ptl_target_of_share(session, limits->share),
                                    problem, limits->reference, &planned->plan, &planned->why);
  planned->next = session->planned;
  session->planned = planned;
  return planned;
}

/* NULL: it has not been searched. */
static ptl_planned *find(ptl_session *session, const ptl_problem *problem,
                         const ptl_limits *limits) {
  ptl_planned *planned = session->planned;
  while (planned && !(is_same(&planned->problem, problem) &&
                      is_same_limits(session, &planned->limits, limits))) {
    planned = planned->next;
  }
  return planned;
}

static ptl_planned *find_or_search(ptl_session *session, const ptl_problem *problem,
                                   const ptl_limits *limits) {
  ptl_planned *planned = find(session, problem, limits);
  return planned ? planned : search(session, problem, limits);
}

ptl_status ptl_planned_search(ptl_session *session, const ptl_problem *problem,
                              const ptl_limits *limits, ptl_plan *out, ptl_no_plan *why) {
  const ptl_planned *planned = find_or_search(session, problem, limits);
  *out = planned->plan;
  *why = planned->why;
  return planned->status;
}

ptl_status ptl_planned_staging(ptl_session *session, const ptl_problem *problem,
                               const ptl_limits *limits, MlirAttribute *out, ptl_no_plan *why) {
  ptl_planned *planned = find_or_search(session, problem, limits);
  *why = planned->why;
  if (planned->status == PTL_OK && mlirAttributeIsNull(planned->staging)) {
    ptl_plan staging = ptl_plan_staging(&planned->plan);
    planned->staging = ptl_staging_to_attr(session, &staging);
  }
  *out = planned->staging;
  return planned->status;
}

bool ptl_planned_completion(ptl_session *session, const ptl_problem *problem,
                            const ptl_limits *limits, MlirAttribute staging, ptl_plan *out) {
  const ptl_planned *planned = find(session, problem, limits);
  if (!planned || mlirAttributeIsNull(planned->staging) ||
      !mlirAttributeEqual(planned->staging, staging)) {
    return false;
  }
  *out = planned->plan;
  return true;
}
