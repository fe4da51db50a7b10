/* Lays the rates of a target's calibrations side by side. */
#include "plan/paces.h"

/* Calibrations that there are not: nothing takes time, and nothing is divided by 0. */
static ptl_paces no_paces(void) {
  ptl_paces p = {.load_fixed = {{0}}};
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    p.gm_to_mat_bytes.by[i] = p.mat_to_left_bytes.by[i] = p.mat_to_right_bytes.by[i] = 1;
    p.acc_drain_bytes.by[i] = 1;
  }
  return p;
}

ptl_paces ptl_paces_of(const ptl_target *target, ptl_elem operand) {
  int64_t elem = ptl_elem_bytes(operand);
  ptl_paces p = no_paces();
  for (int i = 0; i < target->rate_count; i++) {
    const ptl_rates *rates = &target->rates[i];
    p.load_fixed.by[i] = rates->load_fixed_cycles;
    p.gm_to_mat_bytes.by[i] = rates->gm_to_mat_bytes_per_cycle;
    p.mat_to_left_bytes.by[i] = rates->mat_to_left_bytes_per_cycle;
    p.mat_to_right_bytes.by[i] = rates->mat_to_right_bytes_per_cycle;
    p.charged_left.by[i] = ptl_charged_bytes(rates, PTL_SPACE_LEFT, 1, elem, false);
    p.charged_right[false].by[i] = ptl_charged_bytes(rates, PTL_SPACE_RIGHT, 1, elem, false);
    p.charged_right[true].by[i] = ptl_charged_bytes(rates, PTL_SPACE_RIGHT, 1, elem, true);
    p.drain_fixed.by[i] = rates->drain_fixed_cycles;
    p.drain_row.by[i] = rates->drain_row_cycles;
    p.acc_drain_bytes.by[i] = rates->acc_drain_bytes_per_cycle;
    p.matmul_head.by[i] = rates->matmul_head_cycles;
    p.issue.by[i] = rates->issue_cycles;
  }
  return p;
}
