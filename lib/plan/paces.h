/* How many cycles something takes by each calibration of a target at once. The rates lie side by
 * side, and the loops over them have no branches, so that the compiler takes several at a time.
 * What comes out is what cycles.h says of each, to the bit. */
#ifndef PTL_PLAN_PACES_H
#define PTL_PLAN_PACES_H

#include "target/target.h"

/* Cycles by each calibration; 0 by those that there are not. */
typedef struct ptl_cycles {
  double by[PTL_MAX_RATES];
} ptl_cycles;

static inline double ptl_later(double a, double b) { return a > b ? a : b; }

/* By each calibration the later of two times. */
static inline void ptl_wait_until(ptl_cycles *restrict time, const ptl_cycles *restrict other) {
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    time->by[i] = ptl_later(time->by[i], other->by[i]);
  }
}

/* `times` of `cycles` more. */
static inline void ptl_add_cycles(ptl_cycles *time, const ptl_cycles *cycles, double times) {
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    time->by[i] += cycles->by[i] * times;
  }
}

static inline ptl_cycles ptl_times(const ptl_cycles *cycles, double times) {
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    out.by[i] = cycles->by[i] * times;
  }
  return out;
}

/* As those of ptl_rates, for operands of one type. */
typedef struct ptl_paces {
  ptl_cycles load_fixed, gm_to_mat_bytes;
  ptl_cycles mat_to_left_bytes, mat_to_right_bytes;
  ptl_cycles charged_left, charged_right[2]; /* for a byte; [is_turned] */
  ptl_cycles drain_fixed, drain_row, acc_drain_bytes;
  ptl_cycles matmul_head;
  ptl_cycles issue;
} ptl_paces;

ptl_paces ptl_paces_of(const ptl_target *target, ptl_elem operand);

static inline ptl_cycles ptl_loads_take(const ptl_paces *p, double loads, double bytes) {
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    out.by[i] = loads * p->load_fixed.by[i] + bytes / p->gm_to_mat_bytes.by[i];
  }
  return out;
}

static inline ptl_cycles ptl_left_takes(const ptl_paces *p, double bytes) {
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    out.by[i] = bytes * p->charged_left.by[i] / p->mat_to_left_bytes.by[i];
  }
  return out;
}

static inline ptl_cycles ptl_right_takes(const ptl_paces *p, double bytes, bool is_turned) {
  const ptl_cycles *charged = &p->charged_right[is_turned];
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    out.by[i] = bytes * charged->by[i] / p->mat_to_right_bytes.by[i];
  }
  return out;
}

static inline ptl_cycles ptl_matmuls_take(const ptl_paces *p, double products, double fractals) {
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    out.by[i] = products * p->matmul_head.by[i] + fractals;
  }
  return out;
}

static inline ptl_cycles ptl_drain_takes(const ptl_paces *p, int64_t rows, int64_t bytes) {
  double row_bytes = rows > 0 ? (double)bytes / (double)rows : 0;
  ptl_cycles out;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    double row = ptl_later(row_bytes / p->acc_drain_bytes.by[i], p->drain_row.by[i]);
    out.by[i] = p->drain_fixed.by[i] + (double)rows * row;
  }
  return out;
}

#endif
