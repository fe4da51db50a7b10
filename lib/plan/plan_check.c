/* Checks a plan: extents, alignment, capacities, overlaps. It works out each figure again, by the
 * rules of docs/plan.md, and calls nothing of the search. */
#include "plan/plan_check.h"

#include "plan/event_ids.h"
#include "plan/own_tiles.h"

#include <inttypes.h>
#include <stdarg.h>

bool ptl_expect(ptl_checker *c, bool ok, const char *format, ...) {
  if (!ok && !c->why) {
    va_list args;
    va_start(args, format);
    c->why = ptl_arena_vprintf(c->arena, format, args);
    va_end(args);
  }
  return ok;
}

static bool check_problem(ptl_checker *c) {
  const ptl_problem *p = &c->plan->problem;
  if (!ptl_expect(c, p->rhs_count >= 1 && p->rhs_count <= PTL_MAX_RHS, "%d right-hand sides",
                  p->rhs_count)) {
    return false;
  }
  bool positive = p->m > 0 && p->row_tiles >= 0 && p->row_tiles <= PTL_MAX_SHARING && p->k > 0 &&
                  p->outer_loops >= 0 && p->repeats >= 0 && p->k_block >= 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    positive = positive && p->n[rhs] > 0;
  }
  return ptl_expect(c, positive, "an extent is not positive") &&
         ptl_expect(c, p->acc != PTL_ELEM_NONE && p->acc == ptl_elem_accumulator(p->lhs, p->rhs),
                    "the cube has no such product");
}

static bool check_slots(ptl_checker *c) {
  const ptl_tiling *t = &c->plan->tiling;
  return ptl_expect(c, t->right_slots >= 1 && t->right_slots <= PTL_MAX_RIGHT_SLOTS,
                    "%d Right slots", t->right_slots) &&
         ptl_expect(c, t->left_slots >= 1 && t->left_slots <= PTL_MAX_LEFT_SLOTS, "%d Left slots",
                    t->left_slots) &&
         ptl_expect(c,
                    t->mat_slots >= 1 && t->mat_slots <= PTL_MAX_MAT_SLOTS && t->lhs_slots >= 1 &&
                        t->lhs_slots <= PTL_MAX_LHS_SLOTS,
                    "%d and %d Mat slots", t->lhs_slots, t->mat_slots) &&
         ptl_expect(c,
                    t->n_parts >= 1 && t->columns_at_once >= 1 &&
                        t->columns_at_once <= PTL_MAX_ACCS / t->n_parts,
                    "%d columns at once in %d parts", t->columns_at_once, t->n_parts) &&
         ptl_expect(c, t->step_k <= t->chunk_k && t->chunk_k / t->left_slots <= t->step_k,
                    "%d Left slots of %" PRId64 " do not hold a chunk", t->left_slots, t->step_k);
}

static bool check_columns(ptl_checker *c) {
  const ptl_problem *p = &c->plan->problem;
  const ptl_tiling *t = &c->plan->tiling;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    if (!ptl_expect(c, t->n_tile[rhs] > 0 && t->n_tile[rhs] <= p->n[rhs],
                    "a column tile of %" PRId64, t->n_tile[rhs]) ||
        !ptl_expect(c, t->k_parts[rhs] >= 1 && t->chunk_k % t->k_parts[rhs] == 0,
                    "%d parts of a chunk", t->k_parts[rhs])) {
      return false;
    }
  }
  return true;
}

static bool check_chunks(ptl_checker *c) {
  const ptl_problem *p = &c->plan->problem;
  const ptl_tiling *t = &c->plan->tiling;
  int64_t full = t->full_chunks;
  bool k_ok = full >= 0 && full <= p->k / t->chunk_k;
  int64_t k_left = k_ok ? p->k - full * t->chunk_k : -1;
  for (int i = 0; i < t->tail_count; i++) {
    k_ok = k_ok && t->tail_k[i] > 0 && t->tail_k[i] <= t->chunk_k;
    k_left -= t->tail_k[i];
  }
  bool blocks_ok = p->k_block == 0 || (!t->lhs_resident && p->k_block % t->chunk_k == 0 &&
                                       (p->k - full * t->chunk_k) <= t->chunk_k);
  return ptl_expect(c, k_ok && k_left == 0, "the chunks do not add up to K") &&
         ptl_expect(c, blocks_ok, "a chunk lies in two blocks of %" PRId64, p->k_block);
}

/* Chunks of lhs that take turns need a slot; none stay of one that is resident, or that row tiles
 * share. */
static bool check_kept(ptl_checker *c) {
  const ptl_problem *p = &c->plan->problem;
  const ptl_tiling *t = &c->plan->tiling;
  int64_t chunks = t->full_chunks + t->tail_count;
  bool can_stay = !t->lhs_resident && p->row_tiles <= 1 && t->lhs_kept > 0 &&
                  t->lhs_kept <= chunks && t->lhs_kept + (t->lhs_kept < chunks) <= t->lhs_slots;
  return ptl_expect(c, t->lhs_kept == 0 || can_stay,
                    "%d of %" PRId64 " chunks of lhs stay in %d Mat slots", t->lhs_kept, chunks,
                    t->lhs_slots);
}

/* The numbers of a tiling are such that a schedule can be built at all. */
static bool check_tiling(ptl_checker *c) {
  const ptl_problem *p = &c->plan->problem;
  const ptl_tiling *t = &c->plan->tiling;
  return ptl_expect(c, t->chunk_k > 0 && t->step_k > 0 && t->m_tile > 0,
                    "a tile extent is not positive") &&
         ptl_expect(
             c,
             t->m_tile >= p->m && (p->row_tiles <= 1 || t->m_tile == p->m) &&
                 t->m_tile % c->target->family->fractal_rows == 0 &&
                 (!p->lhs_transposed ||
                  t->m_tile * ptl_elem_bytes(p->lhs) % c->target->family->fractal_bytes == 0),
             "m_tile is %" PRId64, t->m_tile) &&
         ptl_expect(c, t->tail_count >= 0 && t->tail_count <= PTL_MAX_TAIL, "%d tail chunks",
                    t->tail_count) &&
         check_slots(c) && check_columns(c) && check_chunks(c) && check_kept(c);
}

static bool check_buffer(ptl_checker *c, const ptl_buffer *b) {
  if (!ptl_expect(c, (unsigned)b->space < PTL_SPACE_COUNT, "a buffer is in no space")) {
    return false;
  }
  const char *name = ptl_space_name(b->space);
  int64_t capacity = c->target->capacity_bytes[b->space];
  bool inside = b->size_bytes > 0 && b->address_bytes >= 0 && b->size_bytes <= capacity &&
                b->address_bytes <= capacity - b->size_bytes;
  return ptl_expect(c, inside, "%s buffer at %" PRId64 " of %" PRId64 " bytes is outside %" PRId64,
                    name, b->address_bytes, b->size_bytes, capacity) &&
         ptl_expect(c, b->address_bytes % ptl_target_alignment(c->target, b->space) == 0,
                    "%s buffer at %" PRId64 " is not aligned", name, b->address_bytes);
}

static bool same_place(const ptl_buffer *a, const ptl_buffer *b) {
  return a->role == b->role && a->slot == b->slot;
}

static bool check_buffers(ptl_checker *c) {
  const ptl_plan *plan = c->plan;
  int64_t end[PTL_SPACE_COUNT] = {0};
  if (!ptl_expect(c, plan->buffer_count >= 0 && plan->buffer_count <= PTL_MAX_BUFFERS, "%d buffers",
                  plan->buffer_count)) {
    return false;
  }
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *a = &plan->buffers[i];
    if (!check_buffer(c, a)) {
      return false;
    }
    int64_t a_end = a->address_bytes + a->size_bytes;
    end[a->space] = a_end > end[a->space] ? a_end : end[a->space];
    for (int j = 0; j < i; j++) {
      const ptl_buffer *b = &plan->buffers[j];
      bool apart = a->space != b->space || a_end <= b->address_bytes ||
                   b->address_bytes + b->size_bytes <= a->address_bytes;
      if (!ptl_expect(c, apart, "two %s buffers overlap: at %" PRId64 " and at %" PRId64,
                      ptl_space_name(a->space), b->address_bytes, a->address_bytes) ||
          !ptl_expect(c, a->space != b->space || !same_place(a, b), "a %s buffer is there twice",
                      ptl_space_name(a->space))) {
        return false;
      }
    }
  }
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    if (!ptl_expect(c, plan->used_bytes[space] == end[space],
                    "%s uses %" PRId64 " bytes, not %" PRId64, ptl_space_name((ptl_space)space),
                    end[space], plan->used_bytes[space])) {
      return false;
    }
  }
  return true;
}

static bool has_turns(const ptl_own_tiles *tiles, ptl_space space) {
  for (int i = 0; i < tiles->count; i++) {
    const ptl_own_tile *a = &tiles->items[i];
    for (int j = 0; j < i && a->space == space; j++) {
      const ptl_own_tile *b = &tiles->items[j];
      if (b->space == space && b->role == a->role && b->slot == a->slot) {
        return true;
      }
    }
  }
  return false;
}

/* Tiles that ptoas places stay beside each other. */
static void check_own_tiles(ptl_checker *c, const ptl_schedule *schedule) {
  ptl_own_tiles tiles = ptl_own_tiles_of(c->arena, c->target, c->plan, schedule);
  for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
    int64_t bytes = ptl_own_tiles_bytes(&tiles, c->target, space);
    ptl_expect(
        c, bytes == 0 || ptl_own_tiles_fit(c->target, space, bytes, has_turns(&tiles, space)),
        "ptoas may put %s tiles of %" PRId64 " bytes on one another", ptl_space_name(space), bytes);
  }
}

ptl_status ptl_plan_check(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                          const char **why) {
  ptl_checker c = {arena, target, plan, NULL};
  if (check_problem(&c) && check_tiling(&c) && check_buffers(&c)) {
    ptl_schedule schedule = ptl_schedule_build(arena, target, plan);
    const char *ids = ptl_schedule_exceeds_ids(arena, target, plan->problem.outer_loops, &schedule);
    ptl_expect(&c, !ids, "%s", ids);
    ptl_check_run(&c, &schedule);
    if (plan->problem.ptoas_places) {
      check_own_tiles(&c, &schedule);
    }
  }
  *why = c.why;
  return c.why ? PTL_INTERNAL : PTL_OK;
}
