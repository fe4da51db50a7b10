/* Arithmetic that the parts of the planner share: the boxes that tiles come in,
 * and which loops a tiling has. Not for the checker. */
#ifndef PTL_PLAN_BOXES_H
#define PTL_PLAN_BOXES_H

#include "plan/plan.h"
#include "support/rounding.h"

/* M of a tile comes in multiples of a fractal's rows. */
static inline int64_t ptl_m_tile(const ptl_target *target, const ptl_problem *problem) {
  return ptl_round_up(problem->m, target->family->fractal_rows);
}

/* K of a tile comes in multiples of this: a fractal's row of K for lhs, Left and Right,
 * and a fractal's rows of a rhs tile in Mat. */
static inline int64_t ptl_k_box(const ptl_target *target, ptl_elem elem) {
  return ptl_max(target->family->fractal_rows, ptl_fractal_k(target, elem));
}

/* N of a tile: the columns of a fractal for Right and Acc; a rhs tile in Mat that is not
 * transposed has fractals whose rows are those of memory. */
static inline int64_t ptl_n_box(const ptl_target *target, const ptl_problem *problem) {
  int64_t box = target->family->fractal_rows;
  return problem->rhs_transposed ? box : ptl_max(box, ptl_fractal_k(target, problem->rhs));
}

/* Passes of the loops; 0: there is no loop (one of a single pass would be none). */
static inline int64_t ptl_k_loop_trips(const ptl_tiling *tiling) {
  return tiling->full_chunks >= 4 && !tiling->unroll_k ? tiling->full_chunks - 2 : 0;
}
static inline int64_t ptl_n_loop_trips(const ptl_tiling *tiling) {
  return tiling->n_full >= 2 && !tiling->unroll_n ? tiling->n_full : 0;
}

#endif
