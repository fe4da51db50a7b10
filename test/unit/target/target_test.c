/* The tables of the known chips, and the names of spaces and elements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "target/target.h"

static void finds_names_and_aliases(void **state) {
  (void)state;
  assert_string_equal(ptl_target_find("a2a3")->name, "a2a3");
  assert_ptr_equal(ptl_target_find("a3"), ptl_target_find("a2a3"));
  assert_string_equal(ptl_target_find("a3")->family->arch, "a3");
  assert_string_equal(ptl_target_find("a5")->family->arch, "a5");
  assert_null(ptl_target_find("a4"));
  assert_null(ptl_target_find(""));
  assert_null(ptl_target_find("950 "));
  assert_string_equal(ptl_target_names(), "a2a3 (a3, 910B, 910C), a5 (950)");
}

static void finds_products_in_any_case(void **state) {
  (void)state;
  const char *const of_a2a3[] = {"A2A3", "A3", "910B", "910b", "910C", "910c"};
  for (size_t i = 0; i < sizeof(of_a2a3) / sizeof(of_a2a3[0]); i++) {
    assert_ptr_equal(ptl_target_find(of_a2a3[i]), ptl_target_default());
  }
  assert_ptr_equal(ptl_target_find("950"), ptl_target_find("a5"));
  assert_ptr_equal(ptl_target_find("A5"), ptl_target_find("a5"));
}

/* ptoas would take the name of a product for its default. */
static void finds_the_chip_of_a_module(void **state) {
  (void)state;
  const ptl_target *a5 = ptl_target_find("a5");
  assert_ptr_equal(ptl_target_of_module("A5"), a5);
  assert_ptr_equal(ptl_target_of_module("a3"), ptl_target_default());
  assert_null(ptl_target_of_module("950"));
  ptl_target third = *a5;
  third.name = "next";
  assert_true(ptl_target_takes_module(&third, "a5"));
  assert_true(ptl_target_takes_module(&third, "next"));
  assert_false(ptl_target_takes_module(&third, "a2a3"));
  assert_string_equal(ptl_target_module_arch(&third), "a5");
  assert_string_equal(ptl_target_module_arch(a5), "a5");
  assert_string_equal(ptl_target_module_arch(ptl_target_default()), "a2a3");
}

static void has_published_capacities(void **state) {
  (void)state;
  const int64_t *a2a3 = ptl_target_find("a2a3")->capacity_bytes;
  const int64_t *a5 = ptl_target_find("a5")->capacity_bytes;
  assert_int_equal(a2a3[PTL_SPACE_MAT], 524288);
  assert_int_equal(a2a3[PTL_SPACE_LEFT], 65536);
  assert_int_equal(a2a3[PTL_SPACE_RIGHT], 65536);
  assert_int_equal(a2a3[PTL_SPACE_ACC], 131072);
  assert_int_equal(a2a3[PTL_SPACE_BIAS], 1024);
  assert_int_equal(a2a3[PTL_SPACE_VEC], 196608);
  assert_int_equal(a5[PTL_SPACE_ACC], 262144);
  assert_int_equal(a5[PTL_SPACE_BIAS], 4096);
  assert_int_equal(a5[PTL_SPACE_VEC], 253952);
}

static void has_no_empty_field(void **state) {
  (void)state;
  const char *const names[] = {"a2a3", "a5"};
  for (size_t i = 0; i < 2; i++) {
    const ptl_target *t = ptl_target_find(names[i]);
    for (int space = 0; space < PTL_SPACE_COUNT; space++) {
      assert_true(t->capacity_bytes[space] > 0);
      assert_true(ptl_target_alignment(t, space) % 32 == 0 && ptl_target_alignment(t, space) > 0);
    }
    assert_true(t->rate_count >= 4);
    for (int r = 0; r < t->rate_count; r++) {
      assert_non_null(t->rates[r].name);
      assert_true(t->rates[r].gm_to_mat_bytes_per_cycle > 0);
      assert_true(t->rates[r].mat_to_left_bytes_per_cycle > 0);
      assert_true(t->rates[r].mat_to_right_bytes_per_cycle > 0);
      assert_true(t->rates[r].acc_drain_bytes_per_cycle > 0);
    }
    assert_int_equal(ptl_target_max_carried(t), 4);
  }
}

static void converts_gib_per_second(void **state) {
  (void)state;
  double speed = ptl_target_find("a2a3")->rates[0].gm_to_mat_bytes_per_cycle;
  assert_true(speed > 78.35 && speed < 78.36);
}

static void pads_accumulator_rows(void **state) {
  (void)state;
  const ptl_target *a2a3 = ptl_target_find("a2a3");
  const ptl_target *a5 = ptl_target_find("a5");
  assert_int_equal(ptl_acc_bytes(a2a3, PTL_ELEM_I32, 16, 256), 32768);
  assert_int_equal(ptl_acc_bytes(a2a3, PTL_ELEM_I32, 33, 256), 65536);
  assert_int_equal(ptl_acc_bytes(a2a3, PTL_ELEM_F32, 16, 256), 16384);
  assert_int_equal(ptl_acc_bytes(a2a3, PTL_ELEM_F32, 1, 16), 1024);
  assert_int_equal(ptl_acc_bytes(a5, PTL_ELEM_I32, 16, 256), 16384);
}

static void names_round_trip(void **state) {
  (void)state;
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    assert_int_equal(ptl_space_find(ptl_str_of(ptl_space_name((ptl_space)space))), space);
  }
  assert_int_equal(ptl_space_find(ptl_str_of("ub")), PTL_SPACE_COUNT);
  for (int elem = PTL_ELEM_NONE + 1; elem < PTL_ELEM_COUNT; elem++) {
    assert_int_equal(ptl_elem_find(ptl_str_of(ptl_elem_name((ptl_elem)elem))), elem);
    assert_true(ptl_elem_bytes((ptl_elem)elem) *
                    ptl_fractal_k(ptl_target_find("a5"), (ptl_elem)elem) ==
                32);
  }
  assert_int_equal(ptl_elem_find(ptl_str_of("none")), PTL_ELEM_NONE);
  assert_int_equal(ptl_elem_find(ptl_str_of("i4")), PTL_ELEM_NONE);
  assert_string_equal(ptl_space_name(PTL_SPACE_COUNT), "unknown");
}

static void knows_the_products_of_the_cube(void **state) {
  (void)state;
  for (int lhs = 0; lhs < PTL_ELEM_COUNT; lhs++) {
    for (int rhs = 0; rhs < PTL_ELEM_COUNT; rhs++) {
      ptl_elem acc = ptl_elem_accumulator((ptl_elem)lhs, (ptl_elem)rhs);
      bool is_float = lhs == PTL_ELEM_F16 || lhs == PTL_ELEM_BF16 || lhs == PTL_ELEM_F32;
      ptl_elem expected = lhs != rhs           ? PTL_ELEM_NONE
                          : lhs == PTL_ELEM_I8 ? PTL_ELEM_I32
                          : is_float           ? PTL_ELEM_F32
                                               : PTL_ELEM_NONE;
      assert_int_equal(acc, expected);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_names_and_aliases),
      cmocka_unit_test(finds_products_in_any_case),
      cmocka_unit_test(finds_the_chip_of_a_module),
      cmocka_unit_test(has_published_capacities),
      cmocka_unit_test(has_no_empty_field),
      cmocka_unit_test(converts_gib_per_second),
      cmocka_unit_test(pads_accumulator_rows),
      cmocka_unit_test(names_round_trip),
      cmocka_unit_test(knows_the_products_of_the_cube),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
