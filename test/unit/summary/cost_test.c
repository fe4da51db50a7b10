/* What a turn of a loop of unknown bounds costs, and what is taken of sizes that are no constants.
 */
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

/* Bounds that differ by a constant. */
static void loops_of_a_known_number_of_turns(void **state) {
  (void)state;
  ptl_cost open = cost_of_loop("%m", false);
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%end = arith.addi %n, %c192 : index\n"
                      "scf.for %j = %n to %end step %c64 {\n");
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  ptl_cost known = ptl_kernel_cost(&test.arena, test.kernel, test.target);
  ptl_products products = products_of(&test);
  k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %c192 step %c64 {\n");
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  ptl_cost constant = ptl_kernel_cost(&test.arena, test.kernel, test.target);
  assert_true(open.has_open_loops);
  assert_false(known.has_open_loops);
  assert_int_equal(products.loop_count, 1);
  assert_int_equal(products.loops[0].turns, 3);
  for (int i = 0; i < test.target->rate_count; i++) {
    assert_true(known.times[i].cycles == constant.times[i].cycles);
  }
}

static ptl_cost cost_of_turns(const char *lower, const char *upper) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_printf(&k,
                    "%%some = arith.minsi %%m, %%c256 : index\n"
                    "scf.for %%j = %s to %s step %%c64 {\n",
                    lower, upper);
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  return ptl_kernel_cost(&test.arena, test.kernel, test.target);
}

/* The most turns that are proved, for who asks how long it takes; one and a further one for who
 * decides. */
static void loops_of_a_bounded_number_of_turns(void **state) {
  (void)state;
  ptl_cost four = cost_of_turns("%c0", "%c256"), one = cost_of_turns("%c0", "%c64");
  ptl_cost costs[] = {cost_of_turns("%n", "%c256"), cost_of_turns("%c0", "%some"),
                      cost_of_turns("%n", "%some")};
  for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
    assert_true(costs[i].has_open_loops);
    for (int rate = 0; rate < test.target->rate_count; rate++) {
      double most = costs[i].most[rate].cycles, expected = four.times[rate].cycles;
      assert_true(most > expected * 0.99 && most < expected * 1.01);
      assert_true(costs[i].times[rate].cycles == one.times[rate].cycles);
    }
  }
  ptl_cost any = cost_of_turns("%c0", "%m");
  assert_true(any.most[0].cycles == any.times[0].cycles);
}

/* A product of as many rows as `text` defines %rows to be. */
static ptl_cost cost_of_rows(const char *text) {
  ptl_strbuf k = kernel_begin(
      &test, "%w_mat = pto.alloc_tile addr = %p0 : !w\n%right = pto.alloc_tile addr = %p0 : !r\n");
  ptl_strbuf_printf(
      &k,
      "%%c8 = arith.constant 8 : index\n%s"
      "%%x_mat = pto.alloc_tile addr = %%p8192 valid_row = %%rows : !xr\n"
      "%%left = pto.alloc_tile addr = %%p0 valid_row = %%rows : !lr\n"
      "%%g_acc = pto.alloc_tile addr = %%p0 valid_row = %%rows : !ar\n"
      "%%x_part = pto.partition_view %%x, offsets = [%%c0, %%c0], sizes = [%%rows, %%c64] : "
      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<?x64xi8>\n"
      "pto.tload ins(%%x_part : !pto.partition_tensor_view<?x64xi8>) outs(%%x_mat : !xr)\n",
      text);
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  ptl_strbuf_puts(&k,
                  "pto.tmov ins(%x_mat : !xr) outs(%left : !lr)\n"
                  "pto.tmov ins(%w_mat : !w) outs(%right : !r)\n"
                  "pto.tmatmul ins(%left, %right : !lr, !r) outs(%g_acc : !ar)\n"
                  "%y = pto.partition_view %g, offsets = [%c0, %n], sizes = [%rows, %c64] : "
                  "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<?x64xi32>\n"
                  "pto.tstore ins(%g_acc : !ar) outs(%y : !pto.partition_tensor_view<?x64xi32>)\n"
                  "return\n}\n}\n");
  ptl_strbuf whole;
  ptl_strbuf_init(&whole, &test.arena);
  ptl_strbuf_puts(&whole, "!xr = !pto.tile_buf<mat, 16x64xi8, valid=?x64, blayout=col_major, "
                          "slayout=row_major>\n"
                          "!lr = !pto.tile_buf<left, 16x64xi8, valid=?x64, slayout=row_major>\n"
                          "!ar = !pto.tile_buf<acc, 16x64xi32, valid=?x64, blayout=col_major, "
                          "slayout=row_major, fractal=1024>\n");
  ptl_strbuf_puts(&whole, k.data);
  case_read(&test, (ptl_str){whole.data, whole.length});
  return ptl_kernel_cost(&test.arena, test.kernel, test.target);
}

/* Rows that an expression tells are as many as they are at most. */
static void rows_are_what_they_are_at_most(void **state) {
  (void)state;
  const char *const texts[] = {
      "%rows = arith.addi %c8, %c0 : index\n",
      "%block = arith.divsi %n, %c16 : index\n%s = arith.muli %block, %c16 : index\n"
      "%rows = arith.subi %c8, %s : index\n",
      "%rows = arith.minsi %n, %c8 : index\n",
      "%few = arith.cmpi sle, %n, %c8 : index\n"
      "%rows = arith.select %few, %n, %c8 : index\n",
  };
  ptl_cost eight = cost_of_rows(texts[0]);
  for (size_t i = 1; i < sizeof(texts) / sizeof(texts[0]); i++) {
    ptl_cost cost = cost_of_rows(texts[i]);
    assert_true(cost.is_complete);
    ptl_products products = products_of(&test);
    assert_int_equal(products.count, 1);
    assert_int_equal(products.items[0].most_rows, 8);
    for (int rate = 0; rate < test.target->rate_count; rate++) {
      assert_true(cost.times[rate].cycles == eight.times[rate].cycles);
    }
  }
  ptl_cost all = cost_of_rows("%rows = arith.addi %n, %c0 : index\n");
  assert_true(all.times[0].cycles > eight.times[0].cycles);
  assert_int_equal(products_of(&test).items[0].most_rows, 16);
}

static bool has_same_times(const ptl_cost *a, const ptl_cost *b) {
  return a->is_complete == b->is_complete && a->has_open_loops == b->has_open_loops &&
         memcmp(a->times, b->times, sizeof(a->times)) == 0 &&
         memcmp(a->turns, b->turns, sizeof(a->turns)) == 0 &&
         memcmp(a->most, b->most, sizeof(a->most)) == 0;
}

/* The time of a kernel is the same along the walk of its check, with the flags of its survey. */
static void a_check_takes_the_time(void **state) {
  (void)state;
  const char *const bounds[] = {"%c512", "%m"};
  for (int i = 0; i < 2; i++) {
    ptl_cost alone = cost_of_loop(bounds[i], false);
    ptl_exprs exprs;
    ptl_exprs_init(&exprs, &test.arena);
    ptl_survey survey = ptl_kernel_survey(&test.arena, test.kernel, test.target, &exprs);
    assert_true(survey.is_whole);
    const ptl_inserted *flags =
        ptl_inserted_flags(&test.arena, test.kernel, test.target, &survey.noted);
    ptl_clocks *clocks = ptl_clocks_new(&test.arena, test.kernel, test.target, flags);
    ptl_findings findings =
        ptl_check_heard(&test.arena, test.kernel, test.target, ptl_clocks_listen, clocks);
    assert_false(findings.is_long);
    ptl_cost heard = ptl_clocks_end(clocks, true);
    assert_true(has_same_times(&heard, &alone));
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(loops_of_unknown_bounds),
      TEST(loops_of_known_bounds),
      TEST(the_first_turn_counts_once),
      TEST(loops_of_a_known_number_of_turns),
      TEST(loops_of_a_bounded_number_of_turns),
      TEST(rows_are_what_they_are_at_most),
      TEST(a_check_takes_the_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
