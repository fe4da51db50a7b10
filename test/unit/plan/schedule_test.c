/* The order of a schedule, as text: one item a line. */
#include "plan/schedule_build.h"
#include "plan/schedule_text.h"

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

/* Its items are counted without it, up to a limit. */
static void tells_its_items(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_plan plan = plan_of(320, 2, 64);
  int count = ptl_schedule_build(&arena, target, &plan).count;
  ptl_builder builder = ptl_begin_build(&arena, target, &plan.problem, &plan.tiling);
  ptl_counts counts = ptl_count_staging(&plan.problem, &plan.tiling);
  assert_int_equal(ptl_outline_of(&builder, &counts, count).items, count);
  for (int most = 0; most < count; most++) {
    assert_int_equal(ptl_outline_of(&builder, &counts, most).items, most + 1);
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
      cmocka_unit_test(hides_the_store_of_a_part_behind_the_other),
      cmocka_unit_test(goes_step_by_step_through_few_rows),
      cmocka_unit_test(has_no_loop_of_one_pass),
      cmocka_unit_test(tells_its_items),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
