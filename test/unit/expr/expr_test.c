/* Symbolic integers: equal expressions are one handle, and nothing is ever guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/expr.h"

typedef struct fixture {
  ptl_arena arena;
  ptl_exprs e;
  ptl_expr n, m; /* never negative */
  ptl_expr x;    /* anything */
} fixture;

static fixture f;

static int set_up(void **state) {
  (void)state;
  ptl_arena_init(&f.arena);
  ptl_exprs_init(&f.e, &f.arena);
  f.n = ptl_expr_leaf(&f.e, 1, true);
  f.m = ptl_expr_leaf(&f.e, 2, true);
  f.x = ptl_expr_leaf(&f.e, 3, false);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  ptl_arena_free(&f.arena);
  return 0;
}

static ptl_expr constant(int64_t value) { return ptl_expr_const(&f.e, value); }
static ptl_expr add(ptl_expr a, ptl_expr b) { return ptl_expr_add(&f.e, a, b); }
static ptl_expr sub(ptl_expr a, ptl_expr b) { return ptl_expr_sub(&f.e, a, b); }
static ptl_expr mul(ptl_expr a, ptl_expr b) { return ptl_expr_mul(&f.e, a, b); }
static ptl_expr quotient(ptl_expr a, ptl_expr b) { return ptl_expr_div(&f.e, a, b); }
static ptl_expr rest(ptl_expr a, ptl_expr b) { return ptl_expr_rem(&f.e, a, b); }
static ptl_expr max(ptl_expr a, ptl_expr b) { return ptl_expr_max(&f.e, a, b); }
static ptl_expr min(ptl_expr a, ptl_expr b) { return ptl_expr_min(&f.e, a, b); }

static bool is_assumed(int leaf) {
  for (int i = 0; i < f.e.atom_count; i++) {
    if (f.e.atoms[i].op == PTL_EXPR_LEAF && f.e.atoms[i].leaf == leaf) {
      return f.e.atoms[i].assumed;
    }
  }
  return false;
}

static void equal_sums_are_one(void **state) {
  (void)state;
  ptl_expr a = add(mul(f.n, constant(4)), add(f.m, constant(8)));
  ptl_expr b = sub(add(constant(16), add(f.m, mul(constant(4), f.n))), constant(8));
  assert_int_equal(a, b);
  assert_int_equal(add(f.n, f.m), add(f.m, f.n));
  assert_int_equal(sub(a, a), constant(0));
  assert_int_equal(mul(a, constant(0)), constant(0));
  assert_int_equal(add(sub(f.x, f.n), f.n), f.x);
  assert_int_not_equal(f.n, f.m);
  assert_int_not_equal(add(f.n, constant(1)), f.n);
}

/* Constants fold; distribution over a sum is linear. */
static void arithmetic_is_linear(void **state) {
  (void)state;
  assert_int_equal(mul(constant(-3), constant(7)), constant(-21));
  assert_int_equal(mul(add(f.n, constant(2)), constant(3)),
                   add(mul(f.n, constant(3)), constant(6)));
  assert_int_equal(ptl_expr_add_const(&f.e, f.n, 5), add(f.n, constant(5)));
  int64_t value = 0;
  assert_true(ptl_expr_difference(&f.e, add(f.n, constant(9)), add(f.n, constant(2)), &value));
  assert_int_equal(value, 7);
  assert_false(ptl_expr_difference(&f.e, f.n, f.m, &value));
  assert_true(ptl_expr_is_const(&f.e, constant(-1), &value));
  assert_int_equal(value, -1);
  assert_false(ptl_expr_is_const(&f.e, f.n, &value));
}

/* Of leaves, of no others, and of nothing that is not linear. */
static void linear_functions(void **state) {
  (void)state;
  ptl_expr first = ptl_expr_leaf(&f.e, 100, true), second = ptl_expr_leaf(&f.e, 101, true);
  ptl_expr sum = add(mul(first, constant(64)), add(second, constant(-3)));
  assert_true(ptl_expr_is_linear(&f.e, sum, 100, 2));
  assert_true(ptl_expr_is_linear(&f.e, constant(7), 100, 2));
  assert_false(ptl_expr_is_linear(&f.e, sum, 100, 1));
  assert_false(ptl_expr_is_linear(&f.e, sum, 101, 1));
  assert_false(ptl_expr_is_linear(&f.e, mul(first, second), 100, 2));
  assert_false(ptl_expr_is_linear(&f.e, add(first, min(first, second)), 100, 2));
  assert_false(ptl_expr_is_linear(&f.e, PTL_EXPR_NONE, 100, 2));
}

/* Products of symbols are atoms, whatever their order. */
static void other_operations_are_atoms(void **state) {
  (void)state;
  assert_int_equal(mul(f.n, f.m), mul(f.m, f.n));
  assert_int_equal(max(f.n, f.m), max(f.m, f.n));
  assert_int_equal(min(f.n, f.m), min(f.m, f.n));
  assert_int_not_equal(max(f.n, f.m), min(f.n, f.m));
  assert_int_not_equal(quotient(f.n, f.m), quotient(f.m, f.n));
  assert_int_equal(sub(add(mul(f.n, f.m), f.n), mul(f.m, f.n)), f.n);
}

/* As arith.divsi and remsi: towards zero. */
static void division_is_exact_or_symbolic(void **state) {
  (void)state;
  assert_int_equal(quotient(constant(-7), constant(2)), constant(-3));
  assert_int_equal(rest(constant(-7), constant(2)), constant(-1));
  assert_int_equal(quotient(constant(7), constant(-2)), constant(-3));
  ptl_expr a = add(mul(f.n, constant(256)), constant(64));
  assert_int_equal(quotient(a, constant(64)), add(mul(f.n, constant(4)), constant(1)));
  assert_int_equal(rest(a, constant(64)), constant(0));
  assert_int_equal(quotient(f.n, constant(1)), f.n);
  /* (n + 1) / 2 is not n / 2 + something. */
  assert_int_equal(quotient(add(f.n, constant(1)), constant(2)),
                   quotient(add(constant(1), f.n), constant(2)));
  assert_int_not_equal(quotient(add(f.n, constant(1)), constant(2)), quotient(f.n, constant(2)));
  assert_int_not_equal(rest(f.n, constant(2)), constant(0));
  assert_int_equal(quotient(f.n, constant(0)), PTL_EXPR_NONE);
  assert_int_equal(rest(f.n, constant(0)), PTL_EXPR_NONE);
  assert_int_equal(rest(constant(INT64_MIN), constant(-1)), PTL_EXPR_NONE);
}

static void overflow_is_none(void **state) {
  (void)state;
  ptl_expr most = constant(INT64_MAX);
  assert_int_equal(add(most, constant(1)), PTL_EXPR_NONE);
  assert_int_equal(sub(constant(INT64_MIN), constant(1)), PTL_EXPR_NONE);
  assert_int_equal(mul(most, constant(2)), PTL_EXPR_NONE);
  ptl_expr large = mul(f.n, most);
  assert_int_not_equal(large, PTL_EXPR_NONE);
  assert_int_equal(add(large, f.n), PTL_EXPR_NONE);
  assert_int_equal(mul(large, constant(2)), PTL_EXPR_NONE);
  assert_int_equal(mul(constant(INT64_MIN), constant(-1)), PTL_EXPR_NONE);
}

static void none_stays_none(void **state) {
  (void)state;
  int64_t value;
  assert_int_equal(add(PTL_EXPR_NONE, f.n), PTL_EXPR_NONE);
  assert_int_equal(sub(f.n, PTL_EXPR_NONE), PTL_EXPR_NONE);
  assert_int_equal(mul(PTL_EXPR_NONE, constant(0)), PTL_EXPR_NONE);
  assert_int_equal(quotient(f.n, PTL_EXPR_NONE), PTL_EXPR_NONE);
  assert_int_equal(rest(PTL_EXPR_NONE, f.n), PTL_EXPR_NONE);
  assert_int_equal(max(PTL_EXPR_NONE, constant(0)), PTL_EXPR_NONE);
  assert_int_equal(min(f.n, PTL_EXPR_NONE), PTL_EXPR_NONE);
  assert_false(ptl_expr_is_const(&f.e, PTL_EXPR_NONE, &value));
  assert_false(ptl_expr_difference(&f.e, PTL_EXPR_NONE, f.n, &value));
}

/* What differs by a constant can be compared. */
static void extrema_fold(void **state) {
  (void)state;
  assert_int_equal(max(constant(3), constant(-4)), constant(3));
  assert_int_equal(min(constant(3), constant(-4)), constant(-4));
  assert_int_equal(max(f.x, add(f.x, constant(1))), add(f.x, constant(1)));
  assert_int_equal(min(f.x, add(f.x, constant(1))), f.x);
  assert_int_equal(max(f.x, f.x), f.x);
}

/* max(a, 0) is a where a is made of what is never negative; whoever relied on it is known. */
static void sign_rule(void **state) {
  (void)state;
  ptl_expr zero = constant(0);
  ptl_expr offset = add(mul(f.n, constant(256)), constant(512));
  assert_false(is_assumed(1));
  assert_int_equal(max(offset, zero), offset);
  assert_int_equal(max(zero, offset), offset);
  assert_true(is_assumed(1));
  assert_false(is_assumed(2));
  assert_int_equal(max(mul(f.n, f.m), zero), mul(f.n, f.m));
  assert_true(is_assumed(2));
  /* A clamped value is never negative, and neither is its quotient. */
  ptl_expr clamped = max(f.x, zero);
  assert_int_not_equal(clamped, f.x);
  assert_int_equal(max(clamped, zero), clamped);
  assert_int_equal(max(quotient(clamped, constant(3)), zero), quotient(clamped, constant(3)));
  assert_false(is_assumed(3));
}

static void sign_rule_is_not_stretched(void **state) {
  (void)state;
  ptl_expr zero = constant(0);
  const ptl_expr unsafe[] = {
      f.x,           sub(f.n, constant(1)), sub(f.n, f.m),          add(f.n, f.x),
      mul(f.n, f.x), min(f.n, f.x),         mul(f.n, constant(-1)), rest(f.x, constant(4))};
  for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
    assert_int_not_equal(max(unsafe[i], zero), unsafe[i]);
  }
  assert_int_equal(max(max(f.x, f.n), zero), max(f.x, f.n)); /* n is enough */
  assert_int_not_equal(max(f.n, constant(1)), f.n);
}

/* Thousands of expressions: the table grows, and handles stay what they are. */
static void interning_scales(void **state) {
  (void)state;
  enum { COUNT = 5000 };
  ptl_expr *first = ptl_arena_array(&f.arena, COUNT, sizeof(*first));
  for (int i = 0; i < COUNT; i++) {
    first[i] = add(mul(f.n, constant(i)), constant(i * 7));
  }
  int count = f.e.node_count;
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(add(constant(i * 7), mul(constant(i), f.n)), first[i]);
  }
  assert_int_equal(f.e.node_count, count);
  /* More terms than fit on the stack. */
  ptl_expr up = constant(0), down = constant(0);
  for (int i = 0; i < 40; i++) {
    up = add(up, ptl_expr_leaf(&f.e, 100 + i, true));
    down = add(down, ptl_expr_leaf(&f.e, 139 - i, true));
  }
  assert_int_equal(up, down);
  assert_int_equal(sub(up, down), constant(0));
}

/* Loops make constants and products of even stride: each is found within a few slots. */
static void interning_takes_few_probes(void **state) {
  (void)state;
  enum { COUNT = 20000 };
  for (int64_t i = 0; i < COUNT; i++) {
    (void)constant(i << 32);
    (void)mul(f.x, mul(f.n, constant(i * 4096)));
    (void)mul(f.x, ptl_expr_leaf(&f.e, 1000 + (int)i, false));
  }
  assert_in_range(f.e.atom_count, 2 * COUNT, 4 * COUNT);
  assert_in_range(f.e.probes, COUNT, 40 * COUNT);
}

/* Squares of squares: 2^200 paths lead to the leaf, and 100,000 factors deep lies another. */
static void sign_rule_goes_through_an_atom_once(void **state) {
  (void)state;
  ptl_expr wide = f.n, deep = f.m;
  for (int i = 0; i < 200; i++) {
    wide = mul(wide, wide);
  }
  for (int i = 0; i < 100000; i++) {
    deep = mul(deep, f.m);
  }
  assert_int_equal(max(wide, constant(0)), wide);
  assert_int_equal(max(deep, constant(0)), deep);
  assert_true(is_assumed(1));
  assert_true(is_assumed(2));
}

static void bounds_by_form(void **state) {
  (void)state;
  assert_int_equal(ptl_expr_most(&f.e, constant(-3)), -3);
  assert_int_equal(ptl_expr_most(&f.e, min(f.x, constant(16))), 16);
  assert_int_equal(ptl_expr_most(&f.e, max(min(f.x, constant(16)), constant(32))), 32);
  assert_int_equal(ptl_expr_most(&f.e, max(f.x, constant(16))), INT64_MAX);
  assert_int_equal(ptl_expr_most(&f.e, mul(min(f.x, constant(16)), constant(2))), INT64_MAX);
  assert_int_equal(ptl_expr_most(&f.e, add(min(f.x, constant(16)), constant(1))), INT64_MAX);
  assert_int_equal(ptl_expr_most(&f.e, PTL_EXPR_NONE), INT64_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(equal_sums_are_one, set_up, tear_down),
      cmocka_unit_test_setup_teardown(arithmetic_is_linear, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_operations_are_atoms, set_up, tear_down),
      cmocka_unit_test_setup_teardown(linear_functions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(division_is_exact_or_symbolic, set_up, tear_down),
      cmocka_unit_test_setup_teardown(overflow_is_none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(none_stays_none, set_up, tear_down),
      cmocka_unit_test_setup_teardown(extrema_fold, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bounds_by_form, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sign_rule, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sign_rule_is_not_stretched, set_up, tear_down),
      cmocka_unit_test_setup_teardown(interning_scales, set_up, tear_down),
      cmocka_unit_test_setup_teardown(interning_takes_few_probes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sign_rule_goes_through_an_atom_once, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
