/* What goes with a staging: parts of N, steps of K, Left and Right slots. */
#include "plan/search.h"

/* Steps to try with each number of Right slots: the largest that fit. */
enum { STEPS_EACH = 3 };

static int64_t least_unit_k(const ptl_problem *p, const ptl_tiling *t) {
  int64_t least = t->chunk_k;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    least = ptl_min(least, ptl_unit_k(t, rhs));
  }
  return least;
}

/* What the tiles of Left and Right take, however long the steps are. */
typedef struct l0_widths {
  int64_t left, right; /* bytes for each element of K */
  ptl_own_widths own;
} l0_widths;

static l0_widths widths_of(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t widest = ptl_widest_part(target, p, t);
  return (l0_widths){t->m_tile * ptl_elem_bytes(p->lhs), widest * ptl_elem_bytes(p->rhs),
                     ptl_own_widths_of(target, p, t)};
}

static bool steps_fit(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                      const l0_widths *widths) {
  return t->step_k <= target->max_matmul_extent &&
         ptl_fits(target, PTL_SPACE_LEFT, t->left_slots, t->step_k * widths->left) &&
         ptl_fits(target, PTL_SPACE_RIGHT, t->right_slots, t->step_k * widths->right) &&
         ptl_own_l0_fits(target, p, t, &widths->own);
}

/* Whether a step divides the units of every rhs, and so the chunk. */
static bool divides_units(const ptl_problem *p, const ptl_tiling *t) {
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    if (ptl_unit_k(t, rhs) % t->step_k != 0) {
      return false;
    }
  }
  return true;
}

/* Pushes `most` ways at most, with the slots of Right and parts of N that `t` has. */
static int push_steps(const ptl_target *target, const ptl_problem *p, ptl_tiling *t, int most,
                      ptl_tiling *out) {
  int count = 0, tried = 0;
  int64_t unit = least_unit_k(p, t), box = ptl_k_box(target, p->lhs);
  l0_widths widths = widths_of(target, p, t);
  for (int64_t steps = 1; steps <= PTL_MAX_LEFT_SLOTS && tried < STEPS_EACH && count < most;
       steps++) {
    t->step_k = unit / steps;
    if (t->step_k < box) {
      break;
    }
    if (t->step_k * steps != unit || t->step_k % box != 0 || !divides_units(p, t) ||
        t->chunk_k / t->step_k > PTL_MAX_LEFT_SLOTS) {
      continue;
    }
    t->left_slots = (int)(t->chunk_k / t->step_k);
    if (!steps_fit(target, p, t, &widths)) {
      continue;
    }
    tried++;
    out[count++] = *t;
    /* One Left tile would be overwritten while products still read it. */
    if (t->left_slots == 1 && t->right_slots > 1 && count < most) {
      t->left_slots = 2;
      if (steps_fit(target, p, t, &widths)) {
        out[count++] = *t;
      }
    }
  }
  return count;
}

/* Whether every column tile can be halved. */
static bool has_halves(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    if (ptl_part_columns(target, p, t, rhs) >= t->n_tile[rhs]) {
      return false;
    }
  }
  return p->n_splittable;
}

/* The first `most` ways, where Mat and Acc hold the tiles. */
static int completions(const ptl_target *target, const ptl_problem *p, const ptl_tiling *staging,
                       int most, ptl_tiling *out) {
  int count = 0;
  ptl_tiling t = *staging;
  t.n_parts = 1;
  for (t.right_slots = 1; t.right_slots <= PTL_MAX_RIGHT_SLOTS; t.right_slots++) {
    count += push_steps(target, p, &t, most - count, out + count);
  }
  t.right_slots = PTL_MAX_RIGHT_SLOTS;
  t.n_parts = 2;
  if (count < most && has_halves(target, p, &t) && ptl_mat_and_acc_fit(target, p, &t)) {
    count += push_steps(target, p, &t, most - count, out + count);
  }
  return count;
}

int ptl_completions(const ptl_target *target, const ptl_problem *p, const ptl_tiling *staging,
                    ptl_tiling *out) {
  return completions(target, p, staging, PTL_MAX_COMPLETIONS, out);
}

bool ptl_can_complete(const ptl_target *target, const ptl_problem *p, const ptl_tiling *staging) {
  ptl_tiling t = *staging, first;
  t.n_parts = 1;
  return ptl_mat_and_acc_fit(target, p, &t) && completions(target, p, staging, 1, &first) > 0;
}
