/* The order of a schedule, as text: one item a line. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/schedule.h"
#include "support/strbuf.h"

static void print_k(const ptl_item *i, ptl_strbuf *out) {
  ptl_strbuf_printf(out, " k%" PRId64 "%s:%" PRId64, i->k_base, i->in_k_loop ? "+k" : "",
                    i->k_valid);
  if (i->k_tile != i->k_valid) {
    ptl_strbuf_printf(out, "/%" PRId64, i->k_tile);
  }
}

static void print_item(const ptl_item *i, ptl_strbuf *out) {
  switch (i->kind) {
  case PTL_ITEM_LOAD_LHS:
    ptl_strbuf_puts(out, "load a");
    print_k(i, out);
    break;
  case PTL_ITEM_LOAD_RHS:
    ptl_strbuf_printf(out, "load w%d", i->stream);
    print_k(i, out);
    break;
  case PTL_ITEM_EXTRACT_LHS:
    ptl_strbuf_printf(out, "left%d = a", i->slot);
    print_k(i, out);
    ptl_strbuf_printf(out, " at %" PRId64, i->k_in_mat);
    break;
  case PTL_ITEM_EXTRACT_RHS:
    ptl_strbuf_printf(out, "right%d = w%d", i->slot, i->stream);
    print_k(i, out);
    ptl_strbuf_printf(out, " at %" PRId64, i->k_in_mat);
    break;
  case PTL_ITEM_MATMUL:
    ptl_strbuf_printf(out, "acc%d %s left%d right%d", i->stream,
                      i->starts ? "=" : "+=", i->left_slot, i->right_slot);
    print_k(i, out);
    break;
  case PTL_ITEM_STORE:
    ptl_strbuf_printf(out, "store %d", i->stream);
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
  if (i->n_base != 0 || i->in_n_loop) {
    ptl_strbuf_printf(out, " n%" PRId64 "%s", i->n_base, i->in_n_loop ? "+n" : "");
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

static ptl_plan plan_of(int64_t k, int rhs_count, int64_t chunk_k, int64_t step_k, bool resident) {
  ptl_plan plan = {.problem = {.m = 16,
                               .k = k,
                               .n = 32,
                               .rhs_count = rhs_count,
                               .lhs = PTL_ELEM_I8,
                               .rhs = PTL_ELEM_I8,
                               .acc = PTL_ELEM_I32}};
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = 32,
                             .n_full = 1,
                             .chunk_k = chunk_k,
                             .full_chunks = k / chunk_k,
                             .step_k = step_k,
                             .lhs_resident = resident,
                             .left_slots = (int)(chunk_k / step_k),
                             .right_slots = 1};
  return plan;
}

static void loads_each_stream_before_the_other_multiplies(void **state) {
  (void)state;
  ptl_plan plan = plan_of(320, 2, 64, 64, true);
  expect(&plan, "load a k0:320\n"
                "load w0 k0:64\n"
                "load w1 k0:64\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0\n"
                "acc0 = left0 right0 k0:64\n"
                "load w0 k64:64\n"
                "right0 = w1 k0:64 at 0\n"
                "acc1 = left0 right0 k0:64\n"
                "for k 3 x 64\n"
                "load w1 k64+k:64\n"
                "left0 = a k64+k:64 at 64\n"
                "right0 = w0 k64+k:64 at 0\n"
                "acc0 += left0 right0 k64+k:64\n"
                "load w0 k128+k:64\n"
                "right0 = w1 k64+k:64 at 0\n"
                "acc1 += left0 right0 k64+k:64\n"
                "end\n"
                "load w1 k256:64\n"
                "left0 = a k256:64 at 256\n"
                "right0 = w0 k256:64 at 0\n"
                "acc0 += left0 right0 k256:64\n"
                "right0 = w1 k256:64 at 0\n"
                "acc1 += left0 right0 k256:64\n"
                "store 0\n"
                "store 1\n");
}

static void steps_through_a_chunk_and_its_tail(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 2, 64, 32, true);
  plan.problem.k = 104; /* 64, and a tail of 40 in boxes of 32: 64 */
  plan.tiling.right_slots = 2;
  plan.tiling.tail_count = 1;
  plan.tiling.tail_k[0] = 40;
  expect(&plan, "load a k0:104/128\n"
                "load w0 k0:64\n"
                "load w1 k0:64\n"
                "left0 = a k0:32 at 0\n"
                "right0 = w0 k0:32 at 0\n"
                "acc0 = left0 right0 k0:32\n"
                "left1 = a k32:32 at 32\n"
                "right1 = w0 k32:32 at 32\n"
                "acc0 += left1 right1 k32:32\n"
                "load w0 k64:40/64\n"
                "right0 = w1 k0:32 at 0\n"
                "acc1 = left0 right0 k0:32\n"
                "right1 = w1 k32:32 at 32\n"
                "acc1 += left1 right1 k32:32\n"
                "load w1 k64:40/64\n"
                "left0 = a k64:32 at 64\n"
                "right0 = w0 k64:32 at 0\n"
                "acc0 += left0 right0 k64:32\n"
                "left1 = a k96:8/32 at 96\n"
                "right1 = w0 k96:8/32 at 32\n"
                "acc0 += left1 right1 k96:8/32\n"
                "right0 = w1 k64:32 at 0\n"
                "acc1 += left0 right0 k64:32\n"
                "right1 = w1 k96:8/32 at 32\n"
                "acc1 += left1 right1 k96:8/32\n"
                "store 0\n"
                "store 1\n");
}

static void streams_lhs_behind_the_unit_that_extracts_it(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 2, 64, 64, false);
  expect(&plan, "load a k0:64\n"
                "load w0 k0:64\n"
                "load w1 k0:64\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0\n"
                "acc0 = left0 right0 k0:64\n"
                "load a k64:64\n"
                "load w0 k64:64\n"
                "right0 = w1 k0:64 at 0\n"
                "acc1 = left0 right0 k0:64\n"
                "load w1 k64:64\n"
                "left0 = a k64:64 at 0\n"
                "right0 = w0 k64:64 at 0\n"
                "acc0 += left0 right0 k64:64\n"
                "right0 = w1 k64:64 at 0\n"
                "acc1 += left0 right0 k64:64\n"
                "store 0\n"
                "store 1\n");
}

static void loads_a_single_rhs_behind_its_last_extract(void **state) {
  (void)state;
  ptl_plan plan = plan_of(128, 1, 64, 32, true);
  expect(&plan, "load a k0:128\n"
                "load w0 k0:64\n"
                "left0 = a k0:32 at 0\n"
                "right0 = w0 k0:32 at 0\n"
                "acc0 = left0 right0 k0:32\n"
                "left1 = a k32:32 at 32\n"
                "right0 = w0 k32:32 at 32\n"
                "load w0 k64:64\n"
                "acc0 += left1 right0 k32:32\n"
                "left0 = a k64:32 at 64\n"
                "right0 = w0 k64:32 at 0\n"
                "acc0 += left0 right0 k64:32\n"
                "left1 = a k96:32 at 96\n"
                "right0 = w0 k96:32 at 32\n"
                "acc0 += left1 right0 k96:32\n"
                "store 0\n");
}

static void loops_over_n_and_appends_the_rest(void **state) {
  (void)state;
  ptl_plan plan = plan_of(64, 1, 64, 64, true);
  plan.problem.n = 80;
  plan.tiling.n_full = 2;
  plan.tiling.n_tail = 16;
  expect(&plan, "load a k0:64\n"
                "for n 2 x 32\n"
                "load w0 k0:64 n0+n\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0 n0+n\n"
                "acc0 = left0 right0 k0:64 n0+n\n"
                "store 0 n0+n\n"
                "end\n"
                "load w0 k0:64 n64\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0 n64\n"
                "acc0 = left0 right0 k0:64 n64\n"
                "store 0 n64\n");
  plan.problem.n = 64;
  plan.tiling.n_tail = 0;
  plan.tiling.unroll_n = true;
  expect(&plan, "load a k0:64\n"
                "load w0 k0:64\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0\n"
                "acc0 = left0 right0 k0:64\n"
                "store 0\n"
                "load w0 k0:64 n32\n"
                "left0 = a k0:64 at 0\n"
                "right0 = w0 k0:64 at 0 n32\n"
                "acc0 = left0 right0 k0:64 n32\n"
                "store 0 n32\n");
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
  ptl_plan three = plan_of(192, 2, 64, 64, true);
  ptl_plan four = plan_of(256, 2, 64, 64, true);
  ptl_plan unrolled = four;
  unrolled.tiling.unroll_k = true;
  assert_int_equal(loops_in(&three), 0);
  assert_int_equal(loops_in(&four), 1);
  assert_int_equal(loops_in(&unrolled), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_each_stream_before_the_other_multiplies),
      cmocka_unit_test(steps_through_a_chunk_and_its_tail),
      cmocka_unit_test(streams_lhs_behind_the_unit_that_extracts_it),
      cmocka_unit_test(loads_a_single_rhs_behind_its_last_extract),
      cmocka_unit_test(loops_over_n_and_appends_the_rest),
      cmocka_unit_test(has_no_loop_of_one_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
