/* The order of a schedule of several rounds, and of several tiles of rows. */
#include "plan/schedule_text.h"

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
  plan.tiling.lhs_kept = 2;
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

/* Of three chunks one stays, the others take turns in two slots. */
static void keeps_a_part_of_lhs(void **state) {
  (void)state;
  ptl_plan plan = plan_of(192, 1, 64);
  plan.problem.n[0] = 32 * 2;
  plan.tiling.lhs_resident = false;
  plan.tiling.lhs_slots = 3;
  plan.tiling.lhs_kept = 1;
  expect(&plan, "a1 = lhs k0:64\n"
                "mat0 = rhs0 k0:64\n"
                "a2 = lhs k64:64\n"
                "mat1 = rhs0 k64:64\n"
                "left0 = a1 k0:64 at 0\n"
                "right0 = mat0, rhs0 k0:64 at 0\n"
                "acc0 = left0 right0, rhs0 k0:64\n"
                "a0 = lhs k128:64\n"
                "mat0 = rhs0 k128:64\n"
                "left0 = a2 k64:64 at 0\n"
                "right0 = mat1, rhs0 k64:64 at 0\n"
                "acc0 += left0 right0, rhs0 k64:64\n"
                "a1 = lhs k0:64\n"
                "mat1 = rhs0 k0:64 n32:32\n"
                "left0 = a0 k128:64 at 0\n"
                "right0 = mat0, rhs0 k128:64 at 0\n"
                "acc0 += left0 right0, rhs0 k128:64\n"
                "store acc0, rhs0\n"
                "a2 = lhs k64:64\n"
                "mat0 = rhs0 k64:64 n32:32\n"
                "left0 = a1 k0:64 at 0\n"
                "right0 = mat1, rhs0 k0:64 at 0 n32:32\n"
                "acc0 = left0 right0, rhs0 k0:64 n32:32\n"
                "mat1 = rhs0 k128:64 n32:32\n"
                "left0 = a2 k64:64 at 0\n"
                "right0 = mat0, rhs0 k64:64 at 0 n32:32\n"
                "acc0 += left0 right0, rhs0 k64:64 n32:32\n"
                "left0 = a0 k128:64 at 0\n"
                "right0 = mat1, rhs0 k128:64 at 0 n32:32\n"
                "acc0 += left0 right0, rhs0 k128:64 n32:32\n"
                "store acc0, rhs0 n32:32\n");
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_across_rounds),
      cmocka_unit_test(computes_one_column_of_each_rhs_in_turn),
      cmocka_unit_test(computes_one_rhs_after_the_other),
      cmocka_unit_test(loops_over_rounds_that_are_alike),
      cmocka_unit_test(keeps_lhs_that_has_a_slot_for_each_chunk),
      cmocka_unit_test(keeps_a_part_of_lhs),
      cmocka_unit_test(shares_units_among_row_tiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
