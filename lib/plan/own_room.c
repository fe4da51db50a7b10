/* How much room the tiles of a tiling take where ptoas places them (own_tiles.h), at most, before
 * there is a schedule. */
#include "plan/own_tiles.h"
#include "plan/search.h"

enum { MOST_WIDTHS = 4 * PTL_MAX_RHS };

typedef struct extents {
  int64_t items[MOST_WIDTHS];
  int count;
} extents;

static void add(extents *list, int64_t extent) {
  for (int i = 0; i < list->count; i++) {
    if (list->items[i] == extent) {
      return;
    }
  }
  list->items[list->count++] = extent;
}

static int64_t sum(const extents *list) {
  int64_t total = 0;
  for (int i = 0; i < list->count; i++) {
    total += list->items[i];
  }
  return total;
}

/* Columns of the last tile of a rhs if it is narrower than the others, else 0. */
static int64_t narrow_tile(const ptl_problem *p, const ptl_tiling *t, int rhs) {
  return p->n[rhs] % t->n_tile[rhs];
}

/* Adds the widths of the parts that `columns` go to Right in. */
static void add_parts(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t, int rhs,
                      int64_t columns, extents *out) {
  int64_t part = ptl_part_columns(target, p, t, rhs);
  if (columns >= part) {
    add(out, part);
  }
  if (columns % part > 0) {
    add(out, columns % part);
  }
}

ptl_own_widths ptl_own_widths_of(const ptl_target *target, const ptl_problem *p,
                                 const ptl_tiling *t) {
  extents widths = {.count = 0};
  for (int rhs = 0; rhs < p->rhs_count && p->ptoas_places; rhs++) {
    add_parts(target, p, t, rhs, t->n_tile[rhs], &widths);
    add_parts(target, p, t, rhs, narrow_tile(p, t, rhs), &widths);
  }
  return (ptl_own_widths){sum(&widths), widths.count};
}

/* K of the last step of a tail chunk if that is no whole step, else 0. */
static int64_t short_step(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                          int tail) {
  int64_t k = ptl_round_up(t->tail_k[tail] % t->step_k, ptl_l0_k_box(target, p));
  return k == t->step_k ? 0 : k;
}

static bool right_has_room(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                           const ptl_own_widths *widths) {
  extents steps = {{t->step_k}, 1};
  for (int tail = 0; tail < t->tail_count; tail++) {
    int64_t k = short_step(target, p, t, tail);
    if (k > 0) {
      add(&steps, k);
    }
  }
  int64_t bytes = t->right_slots * widths->columns * sum(&steps) * ptl_elem_bytes(p->rhs);
  return ptl_own_tiles_fit(target, PTL_SPACE_RIGHT, bytes, widths->count * steps.count > 1);
}

/* Whether a tail before this one has its last step in the same Left slot, of the same length. */
static bool is_known(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                     int tail) {
  for (int i = 0; i < tail; i++) {
    if (t->tail_k[i] / t->step_k == t->tail_k[tail] / t->step_k &&
        short_step(target, p, t, i) == short_step(target, p, t, tail)) {
      return true;
    }
  }
  return false;
}

static bool left_has_room(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t turns = ptl_max(1, t->left_slots / ptl_ceil_div(t->chunk_k, t->step_k));
  int64_t k = t->left_slots * t->step_k;
  bool has_short = false;
  for (int tail = 0; tail < t->tail_count; tail++) {
    int64_t last = short_step(target, p, t, tail);
    if (last > 0 && !is_known(target, p, t, tail)) {
      k += turns * last;
      has_short = true;
    }
  }
  int64_t bytes = t->m_tile * k * ptl_elem_bytes(p->lhs);
  return ptl_own_tiles_fit(target, PTL_SPACE_LEFT, bytes, has_short);
}

bool ptl_own_l0_fits(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                     const ptl_own_widths *widths) {
  return !p->ptoas_places || (right_has_room(target, p, t, widths) && left_has_room(target, p, t));
}

static int64_t acc_bytes(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                         int rhs, int64_t columns) {
  int64_t part = ptl_part_columns(target, p, t, rhs), bytes = 0;
  for (int64_t n = 0; n < columns; n += part) {
    bytes += ptl_acc_bytes(target, p->acc, t->m_tile, ptl_min(part, columns - n));
  }
  return bytes;
}

/* In several rounds each accumulator may have columns of every width; narrow tiles come once. */
static bool acc_has_room(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  if (ptl_column_count(p, t) <= t->columns_at_once) {
    return true;
  }
  extents widths = {.count = 0};
  int64_t bytes = 0;
  bool has_narrow = false;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    int before = widths.count;
    add(&widths, t->n_tile[rhs]);
    if (widths.count > before) {
      bytes += t->columns_at_once * acc_bytes(target, p, t, rhs, t->n_tile[rhs]);
    }
    bytes += acc_bytes(target, p, t, rhs, narrow_tile(p, t, rhs));
    has_narrow = has_narrow || narrow_tile(p, t, rhs) > 0;
  }
  return ptl_own_tiles_fit(target, PTL_SPACE_ACC, bytes, has_narrow || widths.count > 1);
}

/* Bytes of the tiles that a rhs shares a slot of the ring with: those of its unit's length that lie
 * in memory as it does; 0 if a rhs before it has counted them. */
static int64_t slot_bytes(const ptl_problem *p, const ptl_tiling *t, int rhs) {
  int64_t widest = 0;
  for (int i = 0; i < p->rhs_count; i++) {
    bool shares =
        t->k_parts[i] == t->k_parts[rhs] && p->rhs_transposed[i] == p->rhs_transposed[rhs];
    if (shares && i < rhs) {
      return 0;
    }
    widest = shares ? ptl_max(widest, t->n_tile[i]) : widest;
  }
  return ptl_unit_k(t, rhs) * widest * ptl_elem_bytes(p->rhs);
}

static bool mat_has_room(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t bytes = t->lhs_slots * ptl_mat_lhs_bytes(target, p, t);
  int shapes = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    int64_t each = slot_bytes(p, t, rhs);
    bytes += t->mat_slots * each;
    shapes += each > 0;
  }
  return ptl_own_tiles_fit(target, PTL_SPACE_MAT, bytes, shapes > 1);
}

bool ptl_own_mat_and_acc_fit(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  return !p->ptoas_places || (mat_has_room(target, p, t) && acc_has_room(target, p, t));
}
