/* Signs: what is proved of integers, and the arguments for which they are negative. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/sign.h"

enum { LEAF_N = 1, LEAF_M, LEAF_LOADED, LEAF_CHOICE, LEAF_LOOP };

typedef struct fixture {
  ptl_arena arena;
  ptl_exprs e;
  ptl_leaves leaves;
  ptl_facts facts;
  ptl_expr n, m, loaded, choice, loop;
} fixture;

static fixture f;

static ptl_expr leaf(int number, ptl_leaf_kind kind, bool nonnegative) {
  ptl_leaf noted = {.kind = kind, .value = number};
  ptl_leaves_note(&f.leaves, number, &noted);
  return ptl_expr_leaf(&f.e, number, nonnegative);
}

static int set_up(void **state) {
  (void)state;
  ptl_arena_init(&f.arena);
  ptl_exprs_init(&f.e, &f.arena);
  f.leaves = (ptl_leaves){.arena = &f.arena};
  f.facts = (ptl_facts){.arena = &f.arena, .exprs = &f.e, .leaves = &f.leaves};
  f.n = leaf(LEAF_N, PTL_LEAF_ARGUMENT, true);
  f.m = leaf(LEAF_M, PTL_LEAF_ARGUMENT, true);
  f.loaded = leaf(LEAF_LOADED, PTL_LEAF_UNKNOWN, false);
  f.choice = leaf(LEAF_CHOICE, PTL_LEAF_CHOICE, false);
  f.loop = leaf(LEAF_LOOP, PTL_LEAF_LOOP, true);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ptl_arena_free(&f.arena);
  return 0;
}

static ptl_expr number(int64_t value) { return ptl_expr_const(&f.e, value); }
static ptl_expr plus(ptl_expr a, int64_t value) { return ptl_expr_add_const(&f.e, a, value); }
static ptl_expr add(ptl_expr a, ptl_expr b) { return ptl_expr_add(&f.e, a, b); }
static ptl_expr sub(ptl_expr a, ptl_expr b) { return ptl_expr_sub(&f.e, a, b); }
static ptl_expr times(ptl_expr a, int64_t value) { return ptl_expr_mul(&f.e, a, number(value)); }
static ptl_expr over(ptl_expr a, int64_t value) { return ptl_expr_div(&f.e, a, number(value)); }
static ptl_expr rest(ptl_expr a, int64_t value) { return ptl_expr_rem(&f.e, a, number(value)); }
static ptl_expr max(ptl_expr a, ptl_expr b) { return ptl_expr_max(&f.e, a, b); }
static ptl_expr min(ptl_expr a, ptl_expr b) { return ptl_expr_min(&f.e, a, b); }
static ptl_expr is_below(ptl_expr a, ptl_expr b) { return ptl_expr_is_negative(&f.e, sub(a, b)); }

static bool is_proved(ptl_expr expr) { return ptl_is_nonnegative(&f.facts, expr); }

static bool is_refuted(ptl_expr expr, int64_t expected) {
  ptl_witness witness;
  return ptl_find_negative(&f.facts, expr, &witness) && witness.value == expected;
}

/* The variable of a loop from `lower` to `upper`. */
static void enter_loop(ptl_expr lower, ptl_expr upper, int64_t step) {
  ptl_leaf noted = {.kind = PTL_LEAF_LOOP,
                    .value = LEAF_LOOP,
                    .lower = lower,
                    .upper = upper,
                    .step = number(step)};
  ptl_leaves_note(&f.leaves, LEAF_LOOP, &noted);
  ptl_facts_add(&f.facts, sub(f.loop, lower));
  ptl_facts_add(&f.facts, plus(sub(upper, f.loop), -1));
}

static void clamps(void **state) {
  (void)state;
  ptl_expr before = plus(f.n, -16);
  assert_false(is_proved(before));
  assert_true(is_refuted(before, -16));
  assert_true(is_proved(max(before, number(0))));
  assert_false(is_proved(min(before, number(16))));
  assert_true(is_refuted(min(before, number(16)), -16));
  assert_true(is_proved(sub(number(16), min(f.n, number(16)))));
  assert_true(is_proved(sub(max(f.n, number(16)), number(16))));
  assert_true(is_proved(sub(max(f.n, f.m), f.m)));
  assert_true(is_proved(sub(f.m, min(f.n, f.m))));
}

static void quotients_and_rests(void **state) {
  (void)state;
  assert_true(is_proved(sub(f.n, times(over(f.n, 16), 16))));
  assert_true(is_proved(sub(times(over(plus(f.n, 15), 16), 16), f.n)));
  assert_true(is_refuted(sub(times(over(plus(f.n, 14), 16), 16), f.n), -1));
  assert_true(is_proved(over(plus(f.n, -1), 16))); /* rounded towards zero */
  assert_true(is_proved(sub(number(15), rest(f.n, 16))));
  assert_true(is_refuted(sub(number(14), rest(f.n, 16)), -1));
  assert_true(is_proved(plus(rest(plus(f.n, -8), 4), 3)));
  assert_true(is_proved(sub(f.n, rest(f.n, 4))));
}

static void facts_about_arguments(void **state) {
  (void)state;
  ptl_facts_assume(&f.facts, is_below(f.n, number(16)), false);
  assert_true(is_proved(plus(f.n, -16)));
  assert_false(is_proved(plus(f.n, -17)));
  assert_true(is_refuted(plus(f.n, -17), -1));
  ptl_facts_assume(&f.facts, is_below(f.m, f.n), true);
  assert_true(is_proved(plus(sub(f.n, f.m), -1)));
  assert_true(is_refuted(sub(number(14), sub(f.n, f.m)), -2));
}

static void either_of_two(void **state) {
  (void)state;
  ptl_expr few = is_below(f.n, number(16)), many = is_below(number(64), f.n);
  ptl_expr neither = ptl_expr_and(&f.e, ptl_expr_not(&f.e, few), ptl_expr_not(&f.e, many));
  ptl_facts_assume(&f.facts, neither, false);
  assert_true(is_refuted(plus(f.n, -16), -16));
  assert_true(is_refuted(sub(number(64), f.n), -1));
  ptl_facts_assume(&f.facts, few, false);
  assert_false(is_refuted(plus(f.n, -16), -16));
}

static void not_zero_is_positive(void **state) {
  (void)state;
  ptl_facts_assume(&f.facts, ptl_expr_is_zero(&f.e, f.n), false);
  assert_true(is_proved(plus(f.n, -1)));
  assert_true(is_refuted(plus(f.n, -2), -1));
}

static void loops_bound_their_variables(void **state) {
  (void)state;
  enter_loop(number(0), over(plus(f.n, 15), 16), 1);
  assert_true(is_proved(plus(sub(f.n, times(f.loop, 16)), -1)));
  assert_true(is_refuted(plus(sub(f.n, times(f.loop, 16)), -2), -1));
}

static void steps_are_multiples(void **state) {
  (void)state;
  enter_loop(number(0), f.n, 16);
  ptl_facts_assume(&f.facts, ptl_expr_is_zero(&f.e, f.loop), false);
  assert_true(is_proved(plus(f.loop, -16)));
  assert_true(is_refuted(plus(f.loop, -17), -1));
}

static void choices_know_their_condition(void **state) {
  (void)state;
  ptl_leaf noted = {.kind = PTL_LEAF_CHOICE,
                    .condition = is_below(f.n, number(16)),
                    .a = number(0),
                    .b = plus(f.n, -16)};
  ptl_leaves_note(&f.leaves, LEAF_CHOICE, &noted);
  assert_true(is_proved(f.choice));
  noted.condition = is_below(f.n, number(8));
  ptl_leaves_note(&f.leaves, LEAF_CHOICE, &noted);
  assert_false(is_proved(f.choice));
  assert_true(is_refuted(f.choice, -8));
}

/* What is not known may be anything: it is neither proved nor a witness. */
static void loaded_values(void **state) {
  (void)state;
  assert_false(is_proved(f.loaded));
  assert_false(is_refuted(f.loaded, -1));
  assert_false(is_refuted(plus(f.loaded, -1), -1));
  assert_true(is_refuted(min(plus(f.n, -16), add(f.loaded, number(0))), -16));
}

/* How many arguments decide is counted, those of the loop's bounds among them. */
static void arguments_are_counted(void **state) {
  (void)state;
  ptl_witness witness;
  assert_true(ptl_find_negative(&f.facts, plus(f.n, -16), &witness));
  assert_int_equal(witness.argument_count, 1);
  assert_int_equal(witness.leaves[0], LEAF_N);
  assert_int_equal(witness.values[0], 0);
  assert_true(ptl_find_negative(&f.facts, sub(f.n, f.m), &witness));
  assert_int_equal(witness.argument_count, 2);
  enter_loop(number(0), f.m, 1);
  assert_true(ptl_find_negative(&f.facts, sub(f.n, f.loop), &witness));
  assert_int_equal(witness.argument_count, 2);
}

static int64_t most_of(ptl_expr expr) { return ptl_most_of(&f.facts, expr, 16); }

/* The least bound that can be proved, or the limit. */
static void what_it_is_at_most(void **state) {
  (void)state;
  assert_int_equal(most_of(number(5)), 5);
  assert_int_equal(most_of(sub(number(8), times(over(f.n, 16), 16))), 8);
  assert_int_equal(most_of(min(number(12), sub(f.n, times(f.m, 16)))), 12);
  assert_int_equal(most_of(max(number(3), sub(number(7), f.n))), 7);
  assert_int_equal(most_of(rest(f.n, 16)), 15);
  assert_int_equal(most_of(f.n), 16);
  assert_int_equal(most_of(f.loaded), 16);
  assert_int_equal(most_of(number(-3)), 0);
  assert_int_equal(most_of(PTL_EXPR_NONE), 16);
  ptl_leaf chosen = {
      .kind = PTL_LEAF_CHOICE, .condition = is_below(f.n, number(9)), .a = f.n, .b = number(4)};
  ptl_leaves_note(&f.leaves, LEAF_CHOICE, &chosen);
  assert_int_equal(most_of(f.choice), 8);
  enter_loop(number(0), number(11), 1);
  assert_int_equal(most_of(f.loop), 10);
  assert_int_equal(most_of(sub(number(13), f.loop)), 13);
  ptl_facts_add(&f.facts, sub(number(6), f.n));
  assert_int_equal(most_of(f.n), 6);
  assert_int_equal(ptl_most_of(&f.facts, f.n, 0), 0);
}

static void ends_of_numbers(void **state) {
  (void)state;
  ptl_expr huge = add(f.n, number(INT64_MAX)), low = add(f.n, number(INT64_MIN));
  assert_true(is_proved(huge));
  assert_false(is_proved(low));
  assert_false(is_proved(PTL_EXPR_NONE));
  assert_true(is_refuted(number(INT64_MIN), INT64_MIN));
  ptl_facts_add(&f.facts, PTL_EXPR_NONE);
  assert_int_equal(f.facts.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(clamps, set_up, tear_down),
      cmocka_unit_test_setup_teardown(quotients_and_rests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(facts_about_arguments, set_up, tear_down),
      cmocka_unit_test_setup_teardown(either_of_two, set_up, tear_down),
      cmocka_unit_test_setup_teardown(not_zero_is_positive, set_up, tear_down),
      cmocka_unit_test_setup_teardown(loops_bound_their_variables, set_up, tear_down),
      cmocka_unit_test_setup_teardown(steps_are_multiples, set_up, tear_down),
      cmocka_unit_test_setup_teardown(choices_know_their_condition, set_up, tear_down),
      cmocka_unit_test_setup_teardown(loaded_values, set_up, tear_down),
      cmocka_unit_test_setup_teardown(arguments_are_counted, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_it_is_at_most, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ends_of_numbers, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
