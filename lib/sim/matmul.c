/* Compiled without contraction to fused multiply-adds (CMakeLists.txt): a product is
 * rounded before it is added. The inner loops run along a row, so that they can be
 * vectorised without changing the order in which an element is summed. */
#include "sim/matmul.h"

#include <string.h>

/* The results of one row that stay in registers or the nearest cache. */
enum { STEPS = 4 };

static void row_i16(int64_t k, int64_t n, const int16_t *restrict lhs, const int16_t *restrict rhs,
                    uint32_t *restrict acc) {
  int64_t at = 0;
  for (; at + STEPS <= k; at += STEPS) {
    const int16_t *restrict r0 = rhs + at * n, *restrict r1 = r0 + n;
    const int16_t *restrict r2 = r1 + n, *restrict r3 = r2 + n;
    int16_t l0 = lhs[at], l1 = lhs[at + 1], l2 = lhs[at + 2], l3 = lhs[at + 3];
    for (int64_t j = 0; j < n; j++) {
      acc[j] += (uint32_t)(l0 * r0[j]) + (uint32_t)(l1 * r1[j]) + (uint32_t)(l2 * r2[j]) +
                (uint32_t)(l3 * r3[j]);
    }
  }
  for (; at < k; at++) {
    const int16_t *restrict row = rhs + at * n;
    for (int64_t j = 0; j < n; j++) {
      acc[j] += (uint32_t)(lhs[at] * row[j]);
    }
  }
}

void ptl_sim_matmul_i16(int64_t m, int64_t k, int64_t n, const int16_t *lhs, const int16_t *rhs,
                        int32_t *acc) {
  for (int64_t i = 0; i < m; i++) {
    row_i16(k, n, lhs + i * k, rhs, (uint32_t *)acc + i * n);
  }
}

static void row_f32(int64_t k, int64_t n, const float *restrict lhs, const float *restrict rhs,
                    float *restrict acc) {
  int64_t at = 0;
  for (; at + STEPS <= k; at += STEPS) {
    const float *restrict r0 = rhs + at * n, *restrict r1 = r0 + n;
    const float *restrict r2 = r1 + n, *restrict r3 = r2 + n;
    float l0 = lhs[at], l1 = lhs[at + 1], l2 = lhs[at + 2], l3 = lhs[at + 3];
    for (int64_t j = 0; j < n; j++) {
      float sum = acc[j] + l0 * r0[j];
      sum = sum + l1 * r1[j];
      sum = sum + l2 * r2[j];
      acc[j] = sum + l3 * r3[j];
    }
  }
  for (; at < k; at++) {
    const float *restrict row = rhs + at * n;
    for (int64_t j = 0; j < n; j++) {
      acc[j] = acc[j] + lhs[at] * row[j];
    }
  }
}

void ptl_sim_matmul_f32(int64_t m, int64_t k, int64_t n, const float *lhs, const float *rhs,
                        float *acc) {
  static const uint32_t quiet_nan = 0x7fc00000u;
  for (int64_t i = 0; i < m; i++) {
    row_f32(k, n, lhs + i * k, rhs, acc + i * n);
  }
  for (int64_t i = 0; i < m * n; i++) {
    if (acc[i] != acc[i]) {
      memcpy(&acc[i], &quiet_nan, sizeof(quiet_nan));
    }
  }
}
