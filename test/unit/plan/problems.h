/* Problems, and what every plan of one must be, for the tests of the planner. */
#ifndef PTL_UNIT_PLAN_PROBLEMS_H
#define PTL_UNIT_PLAN_PROBLEMS_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/plan.h"

/* lhs of m x k, and `rhs_count` rhs of k x n. */
static inline ptl_problem problem_of(int64_t m, int64_t k, int64_t n, int rhs_count,
                                     ptl_elem elem) {
  ptl_problem p = {.m = m, .k = k, .rhs_count = rhs_count, .lhs = elem, .rhs = elem};
  for (int i = 0; i < PTL_MAX_RHS; i++) {
    p.n[i] = i < rhs_count ? n : 0;
  }
  p.acc = ptl_elem_accumulator(elem, elem);
  return p;
}

static inline void print_problem(const ptl_target *target, const ptl_problem *p) {
  print_error("%s: m %" PRId64 " k %" PRId64 " %s %s, %d loops outside, n", target->name, p->m,
              p->k, ptl_elem_name(p->lhs), p->n_splittable ? "stored" : "whole", p->outer_loops);
  for (int i = 0; i < p->rhs_count; i++) {
    print_error(" %" PRId64 "%s", p->n[i], p->rhs_transposed[i] ? "t" : "");
  }
  print_error("\n");
}

/* The checker takes it, and its staging becomes the same plan again. */
static inline void check_good_plan(ptl_arena *arena, const ptl_target *target,
                                   const ptl_reference *reference, const ptl_plan *plan) {
  const char *wrong = NULL;
  ptl_status status = ptl_plan_check(arena, target, plan, &wrong);
  if (status != PTL_OK) {
    print_problem(target, &plan->problem);
    print_error("%s\n", wrong);
  }
  assert_int_equal(status, PTL_OK);
  ptl_plan second = ptl_plan_staging(plan);
  assert_int_equal(second.tiling.step_k, 0);
  assert_int_equal(second.buffer_count, plan->tiling.lhs_slots + plan->tiling.mat_slots);
  ptl_no_plan why;
  assert_int_equal(ptl_plan_accumulators(arena, target, reference, &second, &why), PTL_OK);
  assert_memory_equal(&second, plan, sizeof(second));
}

#endif
