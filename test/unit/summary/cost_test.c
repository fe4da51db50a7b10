/* What a turn of a loop of unknown bounds costs. */
#include "kernel_fixture.h"
#include "summary/cost.h"

/* A loop up to `bound` that multiplies x, which is loaded in front of it or in it. */
static ptl_cost cost_of_loop(const char *bound, bool loads_x_once) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  if (loads_x_once) {
    load_x(&k, "%c0");
  }
  ptl_strbuf_printf(&k, "scf.for %%j = %%c0 to %s step %%c64 {\n", bound);
  if (!loads_x_once) {
    load_x(&k, "%c0");
  }
  load_w(&k, "%w_mat", "%a", "%c0", "%j");
  ptl_strbuf_puts(&k, "%again = pto.alloc_tile addr = %p0 : !l\n");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  return ptl_kernel_cost(&test.arena, test.kernel, test.target);
}

/* What is done once for all turns is no part of one, nor what is hidden behind the turn before. */
static void loops_of_unknown_bounds(void **state) {
  (void)state;
  ptl_cost each = cost_of_loop("%m", false);
  assert_true(each.has_open_loops);
  assert_true(each.turns[0] > 0 && each.turns[0] < each.times[0].cycles);
  ptl_cost once = cost_of_loop("%m", true);
  assert_true(once.turns[0] > 0 && once.turns[0] <= each.turns[0]);
  assert_true(once.turns[0] < once.times[0].cycles);
}

static void loops_of_known_bounds(void **state) {
  (void)state;
  ptl_cost all = cost_of_loop("%c512", false);
  assert_false(all.has_open_loops);
  assert_true(all.times[0].cycles > 0);
}

/* The first turn is walked twice; what is issued in it counts once. */
static void the_first_turn_counts_once(void **state) {
  (void)state;
  ptl_cost open = cost_of_loop("%m", false);
  ptl_cost one = cost_of_loop("%c64", false);
  for (int i = 0; i < test.target->rate_count; i++) {
    assert_true(open.times[i].cycles == one.times[i].cycles);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(loops_of_unknown_bounds),
      TEST(loops_of_known_bounds),
      TEST(the_first_turn_counts_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
