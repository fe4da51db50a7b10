/* Arithmetic that the parts of the planner share: the boxes that tiles come in,
 * and which loops a tiling has. Not for the checker. */
#ifndef PTL_PLAN_BOXES_H
#define PTL_PLAN_BOXES_H

#include "plan/plan.h"

enum { PTL_FRACTAL_ROWS = 16 };

static inline int64_t ptl_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ptl_max(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t ptl_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t ptl_round_up(int64_t a, int64_t b) { return ptl_ceil_div(a, b) * b; }

/* K of a tile comes in multiples of this: 32 bytes of K for lhs, Left and Right,
 * and 16 rows of a rhs tile in Mat. */
static inline int64_t ptl_k_box(ptl_elem elem) {
  return ptl_max(PTL_FRACTAL_ROWS, ptl_elem_fractal_k(elem));
}

/* N of a tile: 16 columns for Right and Acc; a rhs tile in Mat that is not
 * transposed has rows of 32-byte boxes. */
static inline int64_t ptl_n_box(const ptl_problem *problem) {
  int64_t box = 16;
  return problem->rhs_transposed ? box : ptl_max(box, ptl_elem_fractal_k(problem->rhs));
}

/* Passes of the loops; 0: there is no loop (one of a single pass would be none). */
static inline int64_t ptl_k_loop_trips(const ptl_tiling *tiling) {
  return tiling->full_chunks >= 4 && !tiling->unroll_k ? tiling->full_chunks - 2 : 0;
}
static inline int64_t ptl_n_loop_trips(const ptl_tiling *tiling) {
  return tiling->n_full >= 2 && !tiling->unroll_n ? tiling->n_full : 0;
}

#endif
