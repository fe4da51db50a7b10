/* Schedules as text, one item a line, and the plans that they are of. */
#ifndef PTL_TEST_SCHEDULE_TEXT_H
#define PTL_TEST_SCHEDULE_TEXT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/problems.h"
#include "plan/schedule.h"
#include "support/strbuf.h"

static inline void print_k(const ptl_item *i, ptl_strbuf *out) {
  ptl_strbuf_printf(out, " k%" PRId64 "%s:%" PRId64, i->k_base, i->in_k_loop ? "+k" : "",
                    i->k_valid);
  if (i->k_tile != i->k_valid) {
    ptl_strbuf_printf(out, "/%" PRId64, i->k_tile);
  }
}

static inline void print_n_in_mat(const ptl_item *i, ptl_strbuf *out) {
  if (i->n_in_mat != 0) {
    ptl_strbuf_printf(out, ", column %" PRId64, i->n_in_mat);
  }
}

static inline void print_item(const ptl_item *i, ptl_strbuf *out) {
  switch (i->kind) {
  case PTL_ITEM_LOAD_LHS:
    ptl_strbuf_printf(out, "a%d = lhs", i->mat_slot);
    print_k(i, out);
    break;
  case PTL_ITEM_LOAD_RHS:
    ptl_strbuf_printf(out, "mat%d = rhs%d", i->mat_slot, i->rhs);
    print_k(i, out);
    break;
  case PTL_ITEM_EXTRACT_LHS:
    ptl_strbuf_printf(out, "left%d = a%d", i->slot, i->mat_slot);
    print_k(i, out);
    ptl_strbuf_printf(out, " at %" PRId64, i->k_in_mat);
    break;
  case PTL_ITEM_EXTRACT_RHS:
    ptl_strbuf_printf(out, "right%d = mat%d, rhs%d", i->slot, i->mat_slot, i->rhs);
    print_k(i, out);
    ptl_strbuf_printf(out, " at %" PRId64, i->k_in_mat);
    print_n_in_mat(i, out);
    break;
  case PTL_ITEM_MATMUL:
    ptl_strbuf_printf(out, "acc%d %s left%d right%d, rhs%d", i->acc,
                      i->starts ? "=" : "+=", i->left_slot, i->right_slot, i->rhs);
    print_k(i, out);
    break;
  case PTL_ITEM_STORE:
    ptl_strbuf_printf(out, "store acc%d, rhs%d", i->acc, i->rhs);
    break;
  case PTL_ITEM_LOOP_N:
    ptl_strbuf_printf(out, "for n %" PRId64 " x %" PRId64, i->trip_count, i->step);
    break;
  case PTL_ITEM_LOOP_K:
    ptl_strbuf_printf(out, "for k %" PRId64 " x %" PRId64, i->trip_count, i->step);
    break;
  case PTL_ITEM_END:
    ptl_strbuf_puts(out, "end");
    break;
  }
  if (i->row != 0) {
    ptl_strbuf_printf(out, ", row tile %d", i->row);
  }
  if (i->n_base != 0 || i->in_n_loop) {
    ptl_strbuf_printf(out, " n%" PRId64 "%s:%" PRId64, i->n_base, i->in_n_loop ? "+n" : "", i->n);
  }
  ptl_strbuf_puts(out, "\n");
}

static inline void expect(const ptl_plan *plan, const char *text) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_schedule schedule = ptl_schedule_build(&arena, ptl_target_find("a2a3"), plan);
  ptl_strbuf out;
  ptl_strbuf_init(&out, &arena);
  for (int i = 0; i < schedule.count; i++) {
    print_item(&schedule.items[i], &out);
  }
  assert_string_equal(out.data, text);
  ptl_arena_free(&arena);
}

/* A plan of rhs of 32 columns each, one tile each, all at once through two slots; `k` is full
 * chunks of one step each. */
static inline ptl_plan plan_of(int64_t k, int rhs_count, int64_t chunk_k) {
  ptl_plan plan = {.problem = problem_of(16, k, 32, rhs_count, PTL_ELEM_I8)};
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .columns_at_once = rhs_count,
                             .n_parts = 1,
                             .chunk_k = chunk_k,
                             .full_chunks = k / chunk_k,
                             .step_k = chunk_k,
                             .lhs_resident = true,
                             .lhs_slots = 1,
                             .mat_slots = 2,
                             .left_slots = 1,
                             .right_slots = 1};
  for (int rhs = 0; rhs < rhs_count; rhs++) {
    plan.tiling.n_tile[rhs] = 32;
    plan.tiling.k_parts[rhs] = 1;
  }
  return plan;
}

static inline void add_tail(ptl_plan *plan, int64_t k) {
  plan->tiling.tail_k[plan->tiling.tail_count++] = k;
  plan->problem.k += k;
}

static inline void in_steps(ptl_plan *plan, int64_t step_k) {
  plan->tiling.step_k = step_k;
  plan->tiling.left_slots = (int)(plan->tiling.chunk_k / step_k);
}

#endif
