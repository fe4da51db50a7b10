/* Which loops a plan may have: event ids are a budget, too.
 *
 * ptoas ties two pipes with flags. A Mat tile that a loop's pass leaves to the next one (its
 * last extract to the next first load, or its last load to the next first
 * extract) takes some of the few ids of that pair of pipes, and nested loops add up. */
#include "plan/search.h"

/* Tiles that loops carry from pass to pass, those of nested loops added up. */
typedef struct carried {
  int64_t overwritten; /* extract, then loaded again in the next pass: MTE1 -> MTE2 */
  int64_t handed_on;   /* loaded, then extracted in the next pass: MTE2 -> MTE1 */
  bool reloads;        /* some tile is loaded twice within a pass: one id more */
} carried;

static carried carried_by(const ptl_problem *p, const ptl_tiling *t) {
  carried c = {0};
  int64_t streamed = t->lhs_resident ? 0 : 1;
  bool k_loop = ptl_k_loop_trips(t) > 0;
  bool n_loop = ptl_n_loop_trips(t) > 0;
  bool many_chunks = t->full_chunks + t->tail_count > 1;
  bool many_n_tiles = t->n_full + (t->n_tail > 0) > 1;
  if (k_loop) { /* lhs and the first rhs are loaded for the next pass */
    c.overwritten += p->rhs_count - 1;
    c.handed_on += 1 + streamed;
  }
  if (n_loop) {
    c.overwritten += p->rhs_count + streamed;
  }
  c.overwritten += p->outer_loops * (p->rhs_count + 1); /* lhs is loaded in there, too */
  c.reloads =
      k_loop || (n_loop && many_chunks) || (p->outer_loops > 0 && (many_chunks || many_n_tiles));
  return c;
}

static bool has_loop(const ptl_problem *p, const ptl_tiling *t) {
  return p->outer_loops > 0 || ptl_k_loop_trips(t) > 0 || ptl_n_loop_trips(t) > 0;
}

static bool ids_suffice(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  if (!has_loop(p, t)) {
    return true;
  }
  int64_t tiles = p->rhs_count + (t->lhs_resident ? 0 : 1);
  carried c = carried_by(p, t);
  int64_t each = target->ptoas->event_ids_per_carried_pair;
  int64_t ids = target->event_ids_per_pipe_pair;
  return tiles <= ptl_target_max_carried(target) && c.overwritten * each + c.reloads <= ids &&
         c.handed_on * each + 1 <= ids;
}

/* Instructions in the text of the kernel, loops written once. */
static int64_t text_items(const ptl_problem *p, const ptl_tiling *t) {
  ptl_tiling once = *t;
  int64_t k_trips = ptl_k_loop_trips(t);
  int64_t n_trips = ptl_n_loop_trips(t);
  once.full_chunks -= k_trips > 0 ? k_trips - 1 : 0;
  once.n_full -= n_trips > 0 ? n_trips - 1 : 0;
  return ptl_issued_items(p, &once);
}

bool ptl_choose_loops(const ptl_target *target, const ptl_problem *p, ptl_tiling *t) {
  ptl_tiling rolled = *t;
  rolled.unroll_k = rolled.unroll_n = false;
  int64_t slots = t->left_slots + t->right_slots;
  if (has_loop(p, &rolled) && slots > ptl_target_max_carried(target)) {
    return false;
  }
  *t = rolled;
  if (ids_suffice(target, p, t)) {
    return true;
  }
  int64_t best = PTL_MAX_UNROLLED + 1;
  for (int way = 1; way < 4; way++) {
    ptl_tiling now = rolled;
    now.unroll_k = (way & 1) && ptl_k_loop_trips(&rolled) > 0;
    now.unroll_n = (way & 2) && ptl_n_loop_trips(&rolled) > 0;
    int64_t text = text_items(p, &now);
    if (text < best && ids_suffice(target, p, &now)) {
      best = text;
      *t = now;
    }
  }
  return best <= PTL_MAX_UNROLLED;
}
