/* What the calibrations take side by side is what each takes alone, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/cycles.h"
#include "plan/paces.h"

static void expect_same(const ptl_target *target, ptl_elem elem, int64_t bytes) {
  ptl_paces paces = ptl_paces_of(target, elem);
  int64_t elem_bytes = ptl_elem_bytes(elem), rows = 16;
  ptl_cycles load = ptl_loads_take(&paces, 1, (double)bytes);
  ptl_cycles left = ptl_left_takes(&paces, (double)bytes);
  ptl_cycles matmul = ptl_matmuls_take(&paces, 1, (double)bytes);
  ptl_cycles drain = ptl_drain_takes(&paces, rows, bytes);
  for (int i = 0; i < target->rate_count; i++) {
    const ptl_rates *rates = &target->rates[i];
    assert_true(load.by[i] == ptl_load_cycles(rates, bytes));
    assert_true(left.by[i] == ptl_extract_cycles(rates, PTL_SPACE_LEFT, bytes, elem_bytes, false));
    assert_true(matmul.by[i] == ptl_matmul_cycles(rates, bytes));
    assert_true(drain.by[i] == ptl_drain_cycles(rates, rows, bytes));
    for (int turned = 0; turned < 2; turned++) {
      ptl_cycles right = ptl_right_takes(&paces, (double)bytes, turned);
      assert_true(right.by[i] ==
                  ptl_extract_cycles(rates, PTL_SPACE_RIGHT, bytes, elem_bytes, turned));
    }
  }
  for (int i = target->rate_count; i < PTL_MAX_RATES; i++) {
    assert_true(matmul.by[i] == (double)bytes && left.by[i] == 0);
  }
}

static void takes_what_each_takes_alone(void **state) {
  (void)state;
  static const char *const names[] = {"a2a3", "a5"};
  static const ptl_elem elems[] = {PTL_ELEM_I8, PTL_ELEM_BF16, PTL_ELEM_F32};
  for (int i = 0; i < 6; i++) {
    for (int64_t bytes = 32; bytes < (1 << 22); bytes = bytes * 3 + 32) {
      expect_same(ptl_target_find(names[i % 2]), elems[i / 2], bytes);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(takes_what_each_takes_alone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
