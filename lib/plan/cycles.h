/* How many cycles an instruction keeps its pipe busy, by a calibration. */
#ifndef PTL_PLAN_CYCLES_H
#define PTL_PLAN_CYCLES_H

#include "support/rounding.h"
#include "target/target.h"

static inline double ptl_load_cycles(const ptl_rates *rates, int64_t bytes) {
  return rates->load_fixed_cycles + (double)bytes / rates->gm_to_mat_bytes_per_cycle;
}

static inline double ptl_extract_cycles(const ptl_rates *rates, ptl_space to, int64_t bytes,
                                        int64_t elem_bytes, bool is_turned) {
  double charged = ptl_charged_bytes(rates, to, bytes, elem_bytes, is_turned);
  return charged / (to == PTL_SPACE_RIGHT ? rates->mat_to_right_bytes_per_cycle
                                          : rates->mat_to_left_bytes_per_cycle);
}

/* Fractals that the cube multiplies, counted for each of its passes. */
static inline int64_t ptl_matmul_fractals(const ptl_target *target, int64_t m, int64_t k, int64_t n,
                                          ptl_elem operand) {
  int64_t passes = operand == PTL_ELEM_F32 ? target->fp32_passes : 1;
  int64_t fractal_k = ptl_fractal_k(target, operand);
  int64_t rows = target->family->fractal_rows;
  return passes * ptl_ceil_div(m, rows) * ptl_ceil_div(n, rows) *
         (fractal_k > 0 ? ptl_ceil_div(k, fractal_k) : 0);
}

static inline double ptl_matmul_cycles(const ptl_rates *rates, int64_t fractals) {
  return rates->matmul_head_cycles + (double)fractals;
}

/* Row by row: each takes its bytes' time, but at least `drain_row_cycles`
 * (pypto:src/ir/transforms/utils/l0_tile_chooser.cpp). */
static inline double ptl_drain_cycles(const ptl_rates *rates, int64_t rows, int64_t bytes) {
  if (rows <= 0) {
    return rates->drain_fixed_cycles;
  }
  double row = (double)bytes / (double)rows / rates->acc_drain_bytes_per_cycle;
  double each = row > rates->drain_row_cycles ? row : rates->drain_row_cycles;
  return rates->drain_fixed_cycles + (double)rows * each;
}

#endif
