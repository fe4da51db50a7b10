/* The column tiles of a tiling, in the order in which they are computed. */
#include "plan/plan.h"
#include "support/rounding.h"

static int64_t tiles_of(const ptl_problem *p, const ptl_tiling *t, int rhs) {
  return ptl_ceil_div(p->n[rhs], t->n_tile[rhs]);
}

int64_t ptl_column_count(const ptl_problem *p, const ptl_tiling *t) {
  int64_t count = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    count += tiles_of(p, t, rhs);
  }
  return count;
}

static ptl_column column_of(const ptl_problem *p, const ptl_tiling *t, int rhs, int64_t tile) {
  int64_t base = tile * t->n_tile[rhs];
  return (ptl_column){rhs, base, ptl_min(t->n_tile[rhs], p->n[rhs] - base)};
}

/* The rhs and its tile when each rhs has its turn; those with no tile left are passed over. So many
 * turns are alike as the rhs with the fewest tiles left has. */
static ptl_column column_in_turn(const ptl_problem *p, const ptl_tiling *t, int64_t number) {
  int64_t tile = 0;
  for (;;) {
    int turning[PTL_MAX_RHS], count = 0;
    int64_t end = INT64_MAX;
    for (int rhs = 0; rhs < p->rhs_count; rhs++) {
      int64_t tiles = tiles_of(p, t, rhs);
      if (tile < tiles) {
        turning[count++] = rhs;
        end = ptl_min(end, tiles);
      }
    }
    if (number < (end - tile) * count) {
      return column_of(p, t, turning[number % count], tile + number / count);
    }
    number -= (end - tile) * count;
    tile = end;
  }
}

ptl_column ptl_column_at(const ptl_problem *p, const ptl_tiling *t, int64_t number) {
  if (!t->rhs_by_rhs) {
    return column_in_turn(p, t, number);
  }
  int rhs = 0;
  for (; number >= tiles_of(p, t, rhs); rhs++) {
    number -= tiles_of(p, t, rhs);
  }
  return column_of(p, t, rhs, number);
}

void ptl_columns_of(const ptl_problem *p, const ptl_tiling *t, ptl_column *out) {
  int64_t count = ptl_column_count(p, t), number = 0;
  if (t->rhs_by_rhs) {
    for (; number < count; number++) {
      out[number] = ptl_column_at(p, t, number);
    }
  }
  for (int64_t tile = 0; number < count; tile++) {
    for (int rhs = 0; rhs < p->rhs_count; rhs++) {
      if (tile < tiles_of(p, t, rhs)) {
        out[number++] = column_of(p, t, rhs, tile);
      }
    }
  }
}

int64_t ptl_columns_in_memory(const ptl_problem *p, int rhs, int64_t n_base, int64_t n) {
  int64_t whole = p->n_in_memory[rhs];
  return whole == 0 ? n : ptl_max(0, ptl_min(n, whole - n_base));
}

int64_t ptl_repeats(const ptl_problem *p) { return ptl_max(1, p->repeats); }

int ptl_row_tiles_of(const ptl_problem *p) { return p->row_tiles > 1 ? p->row_tiles : 1; }

int64_t ptl_lhs_kept_before(const ptl_tiling *t, int64_t piece) {
  return piece * t->lhs_kept / (t->full_chunks + t->tail_count);
}

bool ptl_lhs_is_kept(const ptl_tiling *t, int64_t piece) {
  return ptl_lhs_kept_before(t, piece + 1) > ptl_lhs_kept_before(t, piece);
}

int64_t ptl_rows_out(const ptl_problem *p) { return p->rows_out > 0 ? p->rows_out : p->m; }

bool ptl_plan_cuts_n(const ptl_plan *plan) {
  int64_t columns = ptl_column_count(&plan->problem, &plan->tiling);
  return plan->problem.row_tiles > 1 || plan->tiling.n_parts > 1 ||
         columns > plan->tiling.columns_at_once || columns > plan->problem.rhs_count;
}
