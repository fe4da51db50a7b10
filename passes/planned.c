/* Remembers each problem with the answer of its search; a function has few, so that a list will do.
 */
#include "passes/planned.h"

typedef struct ptl_planned {
  ptl_problem problem;
  ptl_plan plan;
  ptl_no_plan why;
  ptl_status status;
  const struct ptl_planned *next;
} ptl_planned;

static bool is_same(const ptl_problem *a, const ptl_problem *b) {
  return a->m == b->m && a->k == b->k && a->n == b->n && a->rhs_count == b->rhs_count &&
         a->lhs == b->lhs && a->rhs == b->rhs && a->acc == b->acc &&
         a->rhs_transposed == b->rhs_transposed && a->n_splittable == b->n_splittable &&
         a->k_block == b->k_block && a->outer_loops == b->outer_loops;
}

static const ptl_planned *search(ptl_session *session, const ptl_problem *problem) {
  ptl_planned *planned = ptl_arena_alloc(&session->arena, sizeof(*planned));
  planned->problem = *problem;
  planned->status =
      ptl_plan_search(&session->arena, session->target, problem, &planned->plan, &planned->why);
  planned->next = session->planned;
  session->planned = planned;
  return planned;
}

ptl_status ptl_planned_search(ptl_session *session, const ptl_problem *problem, ptl_plan *out,
                              ptl_no_plan *why) {
  const ptl_planned *planned = session->planned;
  while (planned && !is_same(&planned->problem, problem)) {
    planned = planned->next;
  }
  planned = planned ? planned : search(session, problem);
  *out = planned->plan;
  *why = planned->why;
  return planned->status;
}
