/* Arithmetic that the parts of the planner share: the boxes that tiles come in.
 * Not for the checker. */
#ifndef PTL_PLAN_BOXES_H
#define PTL_PLAN_BOXES_H

#include "plan/plan.h"
#include "support/rounding.h"

/* Of fewer rows a product is done before the next weights are there. */
enum { PTL_MANY_ROWS = 65 };

/* M of a tile comes in multiples of a fractal's rows; of a transposed lhs it goes along the rows of
 * memory, as N of a rhs that is not transposed. */
static inline int64_t ptl_m_tile(const ptl_target *target, const ptl_problem *problem) {
  int64_t box = target->family->fractal_rows;
  return ptl_round_up(problem->m, problem->lhs_transposed
                                      ? ptl_max(box, ptl_fractal_k(target, problem->lhs))
                                      : box);
}

/* K of a tile comes in multiples of this: a fractal's row of K for lhs, Left and Right,
 * and a fractal's rows of a rhs tile in Mat. */
static inline int64_t ptl_k_box(const ptl_target *target, ptl_elem elem) {
  return ptl_max(target->family->fractal_rows, ptl_fractal_k(target, elem));
}

/* K of a Left or Right tile. An extract that transposes fills whole boxes either way. */
static inline int64_t ptl_l0_k_box(const ptl_target *target, const ptl_problem *problem) {
  int64_t box = ptl_fractal_k(target, problem->lhs);
  return problem->lhs_transposed ? ptl_max(box, target->family->fractal_rows) : box;
}

/* Where rows of boxes of Left follow each other, the next one begins where the last valid fractal
 * of K ends: it has to have been filled so. */
static inline bool ptl_left_is_read_as_filled(const ptl_target *target,
                                              const ptl_problem *problem) {
  return target->family->left_is_col_major || problem->m <= target->family->fractal_rows ||
         ptl_round_up(problem->k, ptl_l0_k_box(target, problem)) ==
             ptl_round_up(problem->k, ptl_fractal_k(target, problem->lhs));
}

/* N of a tile of a rhs: the columns of a fractal for Right and Acc; a rhs tile in Mat that is not
 * transposed has fractals whose rows are those of memory. */
static inline int64_t ptl_n_box(const ptl_target *target, const ptl_problem *problem, int rhs) {
  int64_t box = target->family->fractal_rows;
  return problem->rhs_transposed[rhs] ? box : ptl_max(box, ptl_fractal_k(target, problem->rhs));
}

/* Columns of a part of a column tile; the last part of a tile may be narrower. */
static inline int64_t ptl_part_columns(const ptl_target *target, const ptl_problem *problem,
                                       const ptl_tiling *tiling, int rhs) {
  int64_t part = ptl_ceil_div(tiling->n_tile[rhs], tiling->n_parts);
  return ptl_round_up(part, ptl_n_box(target, problem, rhs));
}

/* K of a unit of a rhs in a full chunk. */
static inline int64_t ptl_unit_k(const ptl_tiling *tiling, int rhs) {
  return tiling->chunk_k / tiling->k_parts[rhs];
}

#endif
