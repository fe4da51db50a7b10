/* The order of a schedule, as text: one item a line. */
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

static void print_k(const ptl_item *i, ptl_strbuf *out) {
  ptl_strbuf_printf(out, " k%" PRId64 "%s:%" PRId64, i->k_base, i->in_k_loop ? "+k" : "",
                    i->k_valid);
  if (i->k_tile != i->k_valid) {
    ptl_strbuf_printf(out, "/%" PRId64, i->k_tile);
  }
}

static void print_n_in_mat(const ptl_item *i, ptl_strbuf *out) {
  if (i->n_in_mat != 0) {
    ptl_strbuf_printf(out, ", column %" PRId64, i->n_in_mat);
  }
}

static void print_item(const ptl_item *i, ptl_strbuf *out) {
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

static void expect(const ptl_plan *plan, const char *text) {
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
static ptl_plan plan_of(int64_t k, int rhs_count, int64_t chunk_k) {
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

static void add_tail(ptl_plan *plan, int64_t k) {
  plan->tiling.tail_k[plan->tiling.tail_count++] = k;
  plan->problem.k += k;
}

static void in_steps(ptl_plan *plan, int64_t step_k) {
  plan->tiling.step_k = step_k;
  plan->tiling.left_slots = (int)(plan->tiling.chunk_k / step_k);
}

static void loads_a_unit_before_the_other_multiplies(void **state) {
  (void)state;
  ptl_plan plan = plan_of(320, 2, 64);
  expect(&plan, "a0 = lhs k0:320\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs1 k0:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "mat0 = rhs0 k64:64\n"
                "right0 = mat1, rhs1 k0:64 at 0\n"
                "acc1 = left0 right0, rhs1 k0:64\n"
                "for k 3 x 64\n"
                "mat1 = rhs1 k64+k:64\n"
                "left0 = a0 k64+k:64 at 64\n"
                "right0 = mat0, rhs0 k64+k:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64+k:64\n"
                "mat0 = rhs0 k128+k:64\n"
                "right0 = mat1, rhs1 k64+k:64 at 0\n"
                "acc1 += left0 right0, rhs1 k64+k:64\n"
                "end\n"
                "mat1 = rhs1 k256:64\n"
                "left0 = a0 k256:64 at 256\n"
                "right0 = mat0, rhs0 k256:64 at 0\n"
                "acc0 += left0 right0, rhs0 k256:64\n"
                "right0 = mat1, rhs1 k256:64 at 0\n"
                "acc1 += left0 right0, rhs1 k256:64\n"
                "store acc0, rhs0\n"
                "store acc1, rhs1\n");
}

static void steps_through_a_chunk_and_its_tail(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 2, 64);
  in_steps(&plan, 32);
  plan.tiling.right_slots = 2;
  add_tail(&plan, 40); /* in boxes of 32: 64 */
  expect(&plan, "a0 = lhs k0:104/128\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs1 k0:64\n"
                "left0 = a0 k0:32 at 0\n"
                "right0 = mat0, rhs0 k0:32 at 0\n"
                "acc0 = left0 right0, rhs0 k0:32\n"
                "left1 = a0 k32:32 at 32\n"
                "right1 = mat0, rhs0 k32:32 at 32\n"
                "acc0 += left1 right1, rhs0 k32:32\n"
                "mat0 = rhs0 k64:40/64\n"
                "right0 = mat1, rhs1 k0:32 at 0\n"
                "acc1 = left0 right0, rhs1 k0:32\n"
                "right1 = mat1, rhs1 k32:32 at 32\n"
                "acc1 += left1 right1, rhs1 k32:32\n"
                "mat1 = rhs1 k64:40/64\n"
                "left0 = a0 k64:32 at 64\n"
                "right0 = mat0, rhs0 k64:32 at 0\n"
                "acc0 += left0 right0, rhs0 k64:32\n"
                "left1 = a0 k96:8/32 at 96\n"
                "right1 = mat0, rhs0 k96:8/32 at 32\n"
                "acc0 += left1 right1, rhs0 k96:8/32\n"
                "right0 = mat1, rhs1 k64:32 at 0\n"
                "acc1 += left0 right0, rhs1 k64:32\n"
                "right1 = mat1, rhs1 k96:8/32 at 32\n"
                "acc1 += left1 right1, rhs1 k96:8/32\n"
                "store acc0, rhs0\n"
                "store acc1, rhs1\n");
}

static void streams_lhs_with_the_first_unit_of_a_chunk(void **state) {
  (void)state;
  ptl_plan plan = plan_of(192, 1, 64);
  plan.tiling.lhs_resident = false;
  plan.tiling.lhs_slots = 2;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "a1 = lhs k64:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "a0 = lhs k128:64\n"
                "mat0 = rhs0 k128:64\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "left0 = a0 k128:64 at 0\n"
                "right0 = mat0, rhs0 k128:64 at 0\n"
                "acc0 += left0 right0, rhs0 k128:64\n"
                "store acc0, rhs0\n");
}

static void loads_nothing_ahead_through_one_slot(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64);
  plan.tiling.mat_slots = 1;
  expect(&plan, "a0 = lhs k0:128\n"
                "mat0 = rhs0 k0:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "mat0 = rhs0 k64:64\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat0, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "store acc0, rhs0\n");
}

static void loops_over_whole_turns_of_the_ring(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64 * 6, 1, 64); /* three slots, one unit a chunk: three chunks a pass */
  plan.tiling.mat_slots = 3;
  plan.tiling.full_chunks = 9;
  plan.problem.k = 64 * 9;
  expect(&plan, "a0 = lhs k0:576\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs0 k64:64\n"
                "mat2 = rhs0 k128:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "for k 2 x 192\n"
                "mat0 = rhs0 k192+k:64\n"
                "left0 = a0 k64+k:64 at 64\n"
                "right0 = mat1, rhs0 k64+k:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64+k:64\n"
                "mat1 = rhs0 k256+k:64\n"
                "left0 = a0 k128+k:64 at 128\n"
                "right0 = mat2, rhs0 k128+k:64 at 0\n"
                "acc0 += left0 right0, rhs0 k128+k:64\n"
                "mat2 = rhs0 k320+k:64\n"
                "left0 = a0 k192+k:64 at 192\n"
                "right0 = mat0, rhs0 k192+k:64 at 0\n"
                "acc0 += left0 right0, rhs0 k192+k:64\n"
                "end\n"
                "left0 = a0 k448:64 at 448\n"
                "right0 = mat1, rhs0 k448:64 at 0\n"
                "acc0 += left0 right0, rhs0 k448:64\n"
                "left0 = a0 k512:64 at 512\n"
                "right0 = mat2, rhs0 k512:64 at 0\n"
                "acc0 += left0 right0, rhs0 k512:64\n"
                "store acc0, rhs0\n");
}

static void cuts_the_units_of_a_wide_rhs(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 2, 64);
  in_steps(&plan, 32);
  plan.problem.n[0] = plan.tiling.n_tile[0] = 64;
  plan.tiling.k_parts[0] = 2;
  add_tail(&plan, 32); /* a unit of each */
  expect(&plan, "a0 = lhs k0:96\n"
                "mat0 = rhs0 k0:32\n"
                "mat1 = rhs0 k32:32\n"
                "left0 = a0 k0:32 at 0\n"
                "right0 = mat0, rhs0 k0:32 at 0\n"
                "acc0 = left0 right0, rhs0 k0:32\n"
                "mat0 = rhs1 k0:64\n"
                "left1 = a0 k32:32 at 32\n"
                "right0 = mat1, rhs0 k32:32 at 0\n"
                "acc0 += left1 right0, rhs0 k32:32\n"
                "mat1 = rhs0 k64:32\n"
                "right0 = mat0, rhs1 k0:32 at 0\n"
                "acc1 = left0 right0, rhs1 k0:32\n"
                "right0 = mat0, rhs1 k32:32 at 32\n"
                "acc1 += left1 right0, rhs1 k32:32\n"
                "mat0 = rhs1 k64:32\n"
                "left0 = a0 k64:32 at 64\n"
                "right0 = mat1, rhs0 k64:32 at 0\n"
                "acc0 += left0 right0, rhs0 k64:32\n"
                "right0 = mat0, rhs1 k64:32 at 0\n"
                "acc1 += left0 right0, rhs1 k64:32\n"
                "store acc0, rhs0\n"
                "store acc1, rhs1\n");
}

static void halves_columns_in_right(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 1, 64);
  plan.problem.n[0] = plan.tiling.n_tile[0] = 96; /* parts of 64 and 32 */
  plan.tiling.n_parts = 2;
  plan.tiling.right_slots = 2;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "right1 = mat0, rhs0 k0:64 at 0, column 64 n64:32\n"
                "acc1 = left0 right1, rhs0 k0:64 n64:32\n"
                "store acc0, rhs0\n"
                "store acc1, rhs0 n64:32\n");
}

static void loads_across_rounds(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64);
  plan.problem.n[0] = 80; /* the last tile has 16 columns */
  plan.problem.rhs_transposed[0] = true;
  expect(&plan, "a0 = lhs k0:128\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "mat0 = rhs0 k0:64 n32:32\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "store acc0, rhs0\n"
                "mat1 = rhs0 k64:64 n32:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32:32\n"
                "mat0 = rhs0 k0:64 n64:16\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat1, rhs0 k64:64 at 0 n32:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n32:32\n"
                "store acc0, rhs0 n32:32\n"
                "mat1 = rhs0 k64:64 n64:16\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n64:16\n"
                "acc0 = left0 right0, rhs0 k0:64 n64:16\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat1, rhs0 k64:64 at 0 n64:16\n"
                "acc0 += left0 right0, rhs0 k64:64 n64:16\n"
                "store acc0, rhs0 n64:16\n");
}

static void computes_one_column_of_each_rhs_in_turn(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 2, 64);
  plan.problem.n[0] = 64;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs1 k0:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "mat0 = rhs0 k0:64 n32:32\n"
                "right0 = mat1, rhs1 k0:64 at 0\n"
                "acc1 = left0 right0, rhs1 k0:64\n"
                "store acc0, rhs0\n"
                "store acc1, rhs1\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32:32\n"
                "store acc0, rhs0 n32:32\n");
}

static void computes_one_rhs_after_the_other(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 2, 64);
  plan.problem.n[0] = 64;
  plan.tiling.columns_at_once = 1;
  plan.tiling.rhs_by_rhs = true;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs0 k0:64 n32:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "store acc0, rhs0\n"
                "mat0 = rhs1 k0:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat1, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32:32\n"
                "store acc0, rhs0 n32:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs1 k0:64 at 0\n"
                "acc0 = left0 right0, rhs1 k0:64\n"
                "store acc0, rhs1\n");
}

static void loops_over_rounds_that_are_alike(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64); /* two units a round: one round a pass */
  plan.problem.n[0] = 32 * 4;
  expect(&plan, "a0 = lhs k0:128\n"
                "mat0 = rhs0 k0:64\n"
                "for n 3 x 32\n"
                "mat1 = rhs0 k64:64 n0+n:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n0+n:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n0+n:32\n"
                "mat0 = rhs0 k0:64 n32+n:32\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat1, rhs0 k64:64 at 0 n0+n:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n0+n:32\n"
                "store acc0, rhs0 n0+n:32\n"
                "end\n"
                "mat1 = rhs0 k64:64 n96:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n96:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n96:32\n"
                "left0 = a0 k64:64 at 64\n"
                "right0 = mat1, rhs0 k64:64 at 0 n96:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n96:32\n"
                "store acc0, rhs0 n96:32\n");
}

/* Each chunk has a slot: the first round alone loads lhs, and stands in no loop. */
static void keeps_lhs_that_has_a_slot_for_each_chunk(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64);
  plan.problem.n[0] = 32 * 4;
  plan.tiling.lhs_resident = false;
  plan.tiling.lhs_slots = 2;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "a1 = lhs k64:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "mat0 = rhs0 k0:64 n32:32\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "store acc0, rhs0\n"
                "for n 2 x 32\n"
                "mat1 = rhs0 k64:64 n32+n:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n32+n:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32+n:32\n"
                "mat0 = rhs0 k0:64 n64+n:32\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0 n32+n:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n32+n:32\n"
                "store acc0, rhs0 n32+n:32\n"
                "end\n"
                "mat1 = rhs0 k64:64 n96:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n96:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n96:32\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0 n96:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n96:32\n"
                "store acc0, rhs0 n96:32\n");
}

/* Two chunks of two steps each and two parts: of many rows the first and the last chunk are done
 * part by part, else step by step. */
static ptl_plan plan_in_parts(int64_t m) {
  ptl_plan plan = plan_of(128, 1, 64);
  plan.problem.m = m;
  plan.problem.n[0] = plan.tiling.n_tile[0] = 64;
  plan.tiling.step_k = 32;
  plan.tiling.n_parts = plan.tiling.left_slots = plan.tiling.right_slots = 2;
  return plan;
}

static void hides_the_store_of_a_part_behind_the_other(void **state) {
  (void)state;
  ptl_plan plan = plan_in_parts(65);
  expect(&plan, "a0 = lhs k0:128\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:32 at 0\n"
                "right0 = mat0, rhs0 k0:32 at 0\n"
                "acc0 = left0 right0, rhs0 k0:32\n"
                "left1 = a0 k32:32 at 32\n"
                "right1 = mat0, rhs0 k32:32 at 32\n"
                "acc0 += left1 right1, rhs0 k32:32\n"
                "right0 = mat0, rhs0 k0:32 at 0, column 32 n32:32\n"
                "acc1 = left0 right0, rhs0 k0:32 n32:32\n"
                "right1 = mat0, rhs0 k32:32 at 32, column 32 n32:32\n"
                "acc1 += left1 right1, rhs0 k32:32 n32:32\n"
                "left0 = a0 k64:32 at 64\n"
                "right0 = mat1, rhs0 k64:32 at 0\n"
                "acc0 += left0 right0, rhs0 k64:32\n"
                "left1 = a0 k96:32 at 96\n"
                "right1 = mat1, rhs0 k96:32 at 32\n"
                "acc0 += left1 right1, rhs0 k96:32\n"
                "right0 = mat1, rhs0 k64:32 at 0, column 32 n32:32\n"
                "acc1 += left0 right0, rhs0 k64:32 n32:32\n"
                "right1 = mat1, rhs0 k96:32 at 32, column 32 n32:32\n"
                "acc1 += left1 right1, rhs0 k96:32 n32:32\n"
                "store acc0, rhs0\n"
                "store acc1, rhs0 n32:32\n");
}

static void goes_step_by_step_through_few_rows(void **state) {
  (void)state;
  ptl_plan plan = plan_in_parts(64);
  expect(&plan, "a0 = lhs k0:128\n"
                "mat0 = rhs0 k0:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:32 at 0\n"
                "right0 = mat0, rhs0 k0:32 at 0\n"
                "acc0 = left0 right0, rhs0 k0:32\n"
                "right1 = mat0, rhs0 k0:32 at 0, column 32 n32:32\n"
                "acc1 = left0 right1, rhs0 k0:32 n32:32\n"
                "left1 = a0 k32:32 at 32\n"
                "right0 = mat0, rhs0 k32:32 at 32\n"
                "acc0 += left1 right0, rhs0 k32:32\n"
                "right1 = mat0, rhs0 k32:32 at 32, column 32 n32:32\n"
                "acc1 += left1 right1, rhs0 k32:32 n32:32\n"
                "left0 = a0 k64:32 at 64\n"
                "right0 = mat1, rhs0 k64:32 at 0\n"
                "acc0 += left0 right0, rhs0 k64:32\n"
                "right1 = mat1, rhs0 k64:32 at 0, column 32 n32:32\n"
                "acc1 += left0 right1, rhs0 k64:32 n32:32\n"
                "left1 = a0 k96:32 at 96\n"
                "right0 = mat1, rhs0 k96:32 at 32\n"
                "acc0 += left1 right0, rhs0 k96:32\n"
                "right1 = mat1, rhs0 k96:32 at 32, column 32 n32:32\n"
                "acc1 += left1 right1, rhs0 k96:32 n32:32\n"
                "store acc0, rhs0\n"
                "store acc1, rhs0 n32:32\n");
}

/* Both row tiles of a round use the units that the first has loaded; lhs streams. */
static void shares_units_among_row_tiles(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64);
  plan.problem.n[0] = 64;
  plan.problem.row_tiles = 2;
  plan.tiling.lhs_resident = false;
  plan.tiling.lhs_slots = 2;
  expect(&plan, "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "a1 = lhs k64:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "a0 = lhs k0:64, row tile 1\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "store acc0, rhs0\n"
                "a1 = lhs k64:64, row tile 1\n"
                "left0 = a0 k0:64 at 0, row tile 1\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64, row tile 1\n"
                "a0 = lhs k0:64\n"
                "mat0 = rhs0 k0:64 n32:32\n"
                "left0 = a1 k64:64 at 0, row tile 1\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64, row tile 1\n"
                "store acc0, rhs0, row tile 1\n"
                "a1 = lhs k64:64\n"
                "mat1 = rhs0 k64:64 n32:32\n"
                "left0 = a0 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32:32\n"
                "a0 = lhs k0:64, row tile 1\n"
                "left0 = a1 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0 n32:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n32:32\n"
                "store acc0, rhs0 n32:32\n"
                "a1 = lhs k64:64, row tile 1\n"
                "left0 = a0 k0:64 at 0, row tile 1\n"
                "right0 = mat0, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64, row tile 1 n32:32\n"
                "left0 = a1 k64:64 at 0, row tile 1\n"
                "right0 = mat1, rhs0 k64:64 at 0 n32:32\n"
                "acc0 += left0 right0, rhs0 k64:64, row tile 1 n32:32\n"
                "store acc0, rhs0, row tile 1 n32:32\n");
}

static int loops_in(const ptl_plan *plan) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_schedule schedule = ptl_schedule_build(&arena, ptl_target_find("a2a3"), plan);
  int loops = 0;
  for (int i = 0; i < schedule.count; i++) {
    loops += schedule.items[i].kind == PTL_ITEM_LOOP_K;
  }
  ptl_arena_free(&arena);
  return loops;
}

static void has_no_loop_of_one_pass(void **state) {
  (void)state;
  ptl_plan three = plan_of(192, 2, 64);
  ptl_plan four = plan_of(256, 2, 64);
  ptl_plan unrolled = four;
  unrolled.tiling.unroll_k = true;
  assert_int_equal(loops_in(&three), 0);
  assert_int_equal(loops_in(&four), 1);
  assert_int_equal(loops_in(&unrolled), 0);
}

static void builds_no_more_than_asked_for(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_plan plan = plan_of(320, 2, 64);
  int count = ptl_schedule_build(&arena, target, &plan).count;
  assert_int_equal(ptl_schedule_build_within(&arena, target, &plan, count).count, count);
  for (int most = 0; most < count; most++) {
    assert_null(ptl_schedule_build_within(&arena, target, &plan, most).items);
  }
  ptl_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_a_unit_before_the_other_multiplies),
      cmocka_unit_test(steps_through_a_chunk_and_its_tail),
      cmocka_unit_test(streams_lhs_with_the_first_unit_of_a_chunk),
      cmocka_unit_test(loads_nothing_ahead_through_one_slot),
      cmocka_unit_test(loops_over_whole_turns_of_the_ring),
      cmocka_unit_test(cuts_the_units_of_a_wide_rhs),
      cmocka_unit_test(halves_columns_in_right),
      cmocka_unit_test(loads_across_rounds),
      cmocka_unit_test(computes_one_column_of_each_rhs_in_turn),
      cmocka_unit_test(computes_one_rhs_after_the_other),
      cmocka_unit_test(loops_over_rounds_that_are_alike),
      cmocka_unit_test(keeps_lhs_that_has_a_slot_for_each_chunk),
      cmocka_unit_test(hides_the_store_of_a_part_behind_the_other),
      cmocka_unit_test(goes_step_by_step_through_few_rows),
      cmocka_unit_test(shares_units_among_row_tiles),
      cmocka_unit_test(has_no_loop_of_one_pass),
      cmocka_unit_test(builds_no_more_than_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
