/* Bytes of the tiles of a tiling, and whether they fit. */
#include "plan/search.h"

int64_t ptl_mat_lhs_bytes(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t k = t->lhs_resident ? ptl_round_up(p->k, ptl_k_box(target, p->lhs)) : t->chunk_k;
  return t->m_tile * k * ptl_elem_bytes(p->lhs);
}

int64_t ptl_mat_rhs_bytes(const ptl_problem *p, const ptl_tiling *t) {
  int64_t most = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    most = ptl_max(most, ptl_unit_k(t, rhs) * t->n_tile[rhs] * ptl_elem_bytes(p->rhs));
  }
  return most;
}

int64_t ptl_left_bytes(const ptl_problem *p, const ptl_tiling *t) {
  return t->m_tile * t->step_k * ptl_elem_bytes(p->lhs);
}

int64_t ptl_widest_part(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t most = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    most = ptl_max(most, ptl_part_columns(target, p, t, rhs));
  }
  return most;
}

int64_t ptl_right_bytes(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  return t->step_k * ptl_widest_part(target, p, t) * ptl_elem_bytes(p->rhs);
}

/* Several rounds use the same accumulators: each is as wide as the widest column. */
int ptl_acc_widths(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                   int64_t widths[PTL_MAX_ACCS]) {
  int64_t most = ptl_widest_part(target, p, t);
  bool one_round = ptl_column_count(p, t) <= t->columns_at_once;
  int count = 0;
  for (int column = 0; column < t->columns_at_once; column++) {
    int64_t width =
        one_round ? ptl_part_columns(target, p, t, ptl_column_at(p, t, column).rhs) : most;
    for (int part = 0; part < t->n_parts; part++) {
      widths[count++] = width;
    }
  }
  return count;
}

int64_t ptl_acc_total_bytes(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t widths[PTL_MAX_ACCS];
  int count = ptl_acc_widths(target, p, t, widths);
  int64_t align = ptl_target_alignment(target, PTL_SPACE_ACC);
  int64_t end = 0;
  for (int i = 0; i < count; i++) {
    end = ptl_round_up(end, align) + ptl_acc_bytes(target, p->acc, t->m_tile, widths[i]);
  }
  return end;
}

int64_t ptl_mat_total_bytes(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t lhs =
      ptl_space_bytes(target, PTL_SPACE_MAT, t->lhs_slots, ptl_mat_lhs_bytes(target, p, t));
  return ptl_round_up(lhs, ptl_target_alignment(target, PTL_SPACE_MAT)) +
         ptl_space_bytes(target, PTL_SPACE_MAT, t->mat_slots, ptl_mat_rhs_bytes(p, t));
}

int64_t ptl_space_bytes(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes) {
  return (count - 1) * ptl_round_up(bytes, ptl_target_alignment(target, space)) + bytes;
}

bool ptl_fits(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes) {
  return ptl_space_bytes(target, space, count, bytes) <= target->capacity_bytes[space];
}

bool ptl_mat_and_acc_fit(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  return t->columns_at_once * t->n_parts <= PTL_MAX_ACCS &&
         ptl_acc_total_bytes(target, p, t) <= target->capacity_bytes[PTL_SPACE_ACC] &&
         ptl_mat_total_bytes(target, p, t) <= target->capacity_bytes[PTL_SPACE_MAT] &&
         ptl_own_mat_and_acc_fit(target, p, t);
}
