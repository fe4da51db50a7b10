/* Says why there is no plan, in words for the user: what does not fit, by how much, what was tried.
 */
#include <inttypes.h>
#include <stddef.h>

#include "plan/search.h"

ptl_status ptl_refuse_shape(ptl_no_plan *why, const char *text) {
  why->code = PTL_CODE_NO_PLAN_SHAPE;
  why->space = PTL_SPACE_COUNT;
  why->needed_bytes = 0;
  why->available_bytes = 0;
  why->text = text;
  return PTL_REFUSED;
}

static void explain_buffer(ptl_no_plan *why, const ptl_target *target, ptl_space space,
                           int64_t needed, const char *text) {
  why->code = PTL_CODE_NO_PLAN_BUFFER;
  why->space = space;
  why->needed_bytes = needed;
  why->available_bytes = target->capacity_bytes[space];
  why->text = text;
}

static ptl_status check_elements(ptl_arena *arena, const ptl_problem *p, ptl_no_plan *why) {
  if (ptl_elem_multiplies(p->lhs, p->rhs, p->acc)) {
    return PTL_OK;
  }
  ptl_refuse_shape(why, ptl_arena_printf(arena,
                                         "the cube has no product %s x %s -> %s; it has i8 x i8 -> "
                                         "i32, and f16 x f16, bf16 x bf16 and f32 x f32 -> f32",
                                         ptl_elem_name(p->lhs), ptl_elem_name(p->rhs),
                                         ptl_elem_name(p->acc)));
  why->code = PTL_CODE_NO_PLAN_ELEMENTS;
  return PTL_REFUSED;
}

static ptl_status check_columns(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                                int rhs, ptl_no_plan *why) {
  int64_t n = p->n[rhs], box = ptl_n_box(target, p, rhs);
  if (n > PTL_MAX_EXTENT) {
    return ptl_refuse_shape(
        why, ptl_arena_printf(arena, "N is %" PRId64 ": it must be at most 2^40", n));
  }
  if (n < box || n % box != 0) {
    return ptl_refuse_shape(why, ptl_arena_printf(arena,
                                                  "N is %" PRId64
                                                  ": %s%s tiles come in multiples of %" PRId64
                                                  " columns, padding as well",
                                                  n, p->rhs_transposed[rhs] ? "transposed " : "",
                                                  ptl_elem_name(p->rhs), box));
  }
  return PTL_OK;
}

ptl_status ptl_check_problem(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                             ptl_no_plan *why) {
  ptl_status status = check_elements(arena, p, why);
  if (status != PTL_OK) {
    return status;
  }
  if (p->rhs_count < 1 || p->rhs_count > PTL_MAX_RHS) {
    return ptl_refuse_shape(why,
                            ptl_arena_printf(arena, "%d right-hand sides: 1 to %d are possible",
                                             p->rhs_count, PTL_MAX_RHS));
  }
  if (p->m > PTL_MAX_ROWS * PTL_MAX_ROW_TILES) {
    return ptl_refuse_shape(
        why, ptl_arena_printf(arena,
                              "M is %" PRId64
                              ": a function takes at most %d rows; give the others to more tasks",
                              p->m, PTL_MAX_ROWS * PTL_MAX_ROW_TILES));
  }
  if (p->m < 1 || p->m > PTL_MAX_ROWS) {
    return ptl_refuse_shape(
        why,
        ptl_arena_printf(arena, "M is %" PRId64 ": it must be from 1 to %d", p->m, PTL_MAX_ROWS));
  }
  if (p->row_tiles < 0 || p->row_tiles > PTL_MAX_SHARING ||
      (p->row_tiles > 1 && !p->n_splittable)) {
    return ptl_refuse_shape(why,
                            ptl_arena_printf(arena,
                                             "%d row tiles are not possible: at most %d are, of "
                                             "results that leave through stores",
                                             p->row_tiles, PTL_MAX_SHARING));
  }
  if (p->k < 1 || p->k > PTL_MAX_EXTENT) {
    return ptl_refuse_shape(
        why, ptl_arena_printf(arena, "K is %" PRId64 ": it must be from 1 to 2^40", p->k));
  }
  if (!ptl_left_is_read_as_filled(target, p)) {
    return ptl_refuse_shape(
        why, ptl_arena_printf(arena,
                              "K is %" PRId64 " and M is %" PRId64
                              ": of a transposed %s lhs, Left is filled in 16 columns and read in "
                              "%" PRId64 "; make K a multiple of 16, or M 16 at most",
                              p->k, p->m, ptl_elem_name(p->lhs), ptl_fractal_k(target, p->lhs)));
  }
  if (p->k_block < 0 || p->k_block % ptl_k_box(target, p->lhs) != 0 ||
      (p->k_block > 0 && p->k % p->k_block != 0)) {
    return ptl_refuse_shape(why, ptl_arena_printf(arena,
                                                  "K is %" PRId64 " in blocks of %" PRId64
                                                  ": they must be whole, and of a multiple of "
                                                  "%" PRId64,
                                                  p->k, p->k_block, ptl_k_box(target, p->lhs)));
  }
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    status = check_columns(arena, target, p, rhs, why);
    if (status != PTL_OK) {
      return status;
    }
  }
  if (target->max_matmul_extent < ptl_max(ptl_m_tile(target, p), ptl_k_box(target, p->lhs))) {
    return ptl_refuse_shape(why, ptl_arena_printf(arena,
                                                  "%s takes at most %" PRId64 " in m, k and n "
                                                  "of one product: that is less than a box",
                                                  target->name, target->max_matmul_extent));
  }
  return PTL_OK;
}

/* "512, 384, 256" */
static const char *list_chunks(ptl_arena *arena, const ptl_target *target, const ptl_problem *p) {
  int64_t chunks[PTL_MAX_CHUNKS];
  int count = ptl_chunks(target, p, chunks);
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  for (int i = 0; i < count; i++) {
    ptl_strbuf_printf(&text, "%s%" PRId64, i > 0 ? ", " : "", chunks[i]);
  }
  return text.data;
}

static const char *advice_on_n(const ptl_problem *p) {
  return p->n_splittable ? "make M smaller, or use fewer right-hand sides"
                         : "make N smaller, or let the results leave through stores, which "
                           "can be cut along N";
}

/* The narrowest tiles that the problem allows, in a ring of `slots`, and all others at their least.
 */
static ptl_tiling least_tiling(const ptl_target *target, const ptl_problem *p, bool lhs_resident,
                               int slots) {
  int64_t box = ptl_k_box(target, p->lhs);
  ptl_tiling t = {.m_tile = ptl_m_tile(target, p),
                  .columns_at_once = p->n_splittable ? 1 : p->rhs_count,
                  .n_parts = 1,
                  .chunk_k = box,
                  .step_k = box,
                  .lhs_resident = lhs_resident,
                  .mat_slots = slots};
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    t.n_tile[rhs] = p->n_splittable ? ptl_n_box(target, p, rhs) : p->n[rhs];
    t.k_parts[rhs] = 1;
  }
  t.lhs_slots = ptl_lhs_slots(p, &t);
  return t;
}

static int64_t widest(const ptl_problem *p, const ptl_tiling *t) {
  int64_t most = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    most = ptl_max(most, t->n_tile[rhs]);
  }
  return most;
}

static bool explain_acc(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                        const ptl_tiling *t, ptl_no_plan *why) {
  int64_t needed = ptl_acc_total_bytes(target, p, t);
  if (needed <= target->capacity_bytes[PTL_SPACE_ACC]) {
    return false;
  }
  int64_t n = widest(p, t);
  int64_t rows = ptl_acc_bytes(target, p->acc, t->m_tile, n) / (n * ptl_elem_bytes(p->acc));
  explain_buffer(why, target, PTL_SPACE_ACC, needed,
                 ptl_arena_printf(arena,
                                  "Acc needs %" PRId64 " bytes for %d accumulator%s of %" PRId64
                                  " x %" PRId64 " %s (rows padded to %" PRId64 "), %s has %" PRId64
                                  "; tried n = %" PRId64 ", and chunks of %s of K, which do "
                                  "not change it; %s",
                                  needed, t->columns_at_once, t->columns_at_once == 1 ? "" : "s",
                                  p->m, n, ptl_elem_name(p->acc), rows, target->name,
                                  target->capacity_bytes[PTL_SPACE_ACC], n,
                                  list_chunks(arena, target, p), advice_on_n(p)));
  return true;
}

static bool explain_l0(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                       const ptl_tiling *t, ptl_space space, ptl_no_plan *why) {
  bool left = space == PTL_SPACE_LEFT;
  int64_t needed = left ? ptl_left_bytes(p, t) : ptl_right_bytes(target, p, t);
  if (needed <= target->capacity_bytes[space]) {
    return false;
  }
  int64_t n = widest(p, t);
  explain_buffer(why, target, space, needed,
                 ptl_arena_printf(arena,
                                  "%s needs %" PRId64 " bytes for a tile of %" PRId64 " x %" PRId64
                                  " %s, %s has %" PRId64 "; tried n = %" PRId64
                                  " and chunks of K down to %" PRId64 "; %s",
                                  left ? "Left" : "Right", needed, left ? t->m_tile : t->step_k,
                                  left ? t->step_k : n, ptl_elem_name(p->lhs), target->name,
                                  target->capacity_bytes[space], n, t->chunk_k, advice_on_n(p)));
  return true;
}

static bool explain_mat(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                        const ptl_tiling *t, const char *because, ptl_no_plan *why) {
  int64_t needed = ptl_mat_total_bytes(target, p, t);
  if (needed <= target->capacity_bytes[PTL_SPACE_MAT]) {
    return false;
  }
  int64_t lhs_k = t->lhs_resident ? p->k : t->chunk_k;
  explain_buffer(why, target, PTL_SPACE_MAT, needed,
                 ptl_arena_printf(arena,
                                  "Mat needs %" PRId64 " bytes for lhs of %" PRId64 " x %" PRId64
                                  " and %d rhs tile%s of %" PRId64 " x %" PRId64
                                  " %s, %s has %" PRId64 "; tried chunks of %s of K%s; %s",
                                  needed, t->m_tile, lhs_k, t->mat_slots,
                                  t->mat_slots == 1 ? "" : "s", t->chunk_k, widest(p, t),
                                  ptl_elem_name(p->lhs), target->name,
                                  target->capacity_bytes[PTL_SPACE_MAT],
                                  list_chunks(arena, target, p), because, advice_on_n(p)));
  return true;
}

void ptl_explain_events(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                        ptl_no_plan *why) {
  why->code = PTL_CODE_NO_PLAN_EVENTS;
  why->space = PTL_SPACE_MAT;
  why->needed_bytes = 0;
  why->available_bytes = 0;
  why->text = ptl_arena_printf(
      arena,
      "ptoas has too few event ids: in each pass of the loops over K or N, and of %d loops around "
      "them, the Mat tiles of lhs and of %d rhs are loaded again; each such tile takes %" PRId64
      " of %" PRId64 " ids; tried chunks of %s of K; use fewer right-hand sides or a newer ptoas",
      p->outer_loops, p->rhs_count, target->ptoas->event_ids_per_carried_pair,
      target->event_ids_per_pipe_pair, list_chunks(arena, target, p));
}

/* The first rhs of which no tile fits, because a product and its store take no more columns. */
static bool explain_columns(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                            const ptl_tiling *t, ptl_no_plan *why) {
  int64_t most_n = ptl_min(target->max_store_columns, target->max_matmul_extent);
  if (widest(p, t) <= most_n) {
    return false;
  }
  (void)ptl_refuse_shape(why,
                         ptl_arena_printf(arena,
                                          "N is %" PRId64 ": one product and its store take at "
                                          "most %" PRId64 " columns; %s",
                                          widest(p, t), most_n, advice_on_n(p)));
  return true;
}

void ptl_explain_no_plan(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                         ptl_no_plan *why) {
  ptl_tiling streamed = least_tiling(target, p, false, 1);
  if (explain_acc(arena, target, p, &streamed, why) ||
      explain_columns(arena, target, p, &streamed, why) ||
      explain_l0(arena, target, p, &streamed, PTL_SPACE_RIGHT, why) ||
      explain_l0(arena, target, p, &streamed, PTL_SPACE_LEFT, why) ||
      explain_mat(arena, target, p, &streamed, "", why)) {
    return;
  }
  ptl_explain_events(arena, target, p, why);
}

void ptl_explain_no_completion(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                               const ptl_tiling *staging, ptl_no_plan *why) {
  ptl_tiling t = *staging;
  t.step_k = ptl_k_box(target, p->lhs);
  t.n_parts = 1;
  if (explain_mat(arena, target, p, &t, "", why) || explain_acc(arena, target, p, &t, why) ||
      explain_l0(arena, target, p, &t, PTL_SPACE_RIGHT, why)) {
    return;
  }
  int64_t chunk_bytes = t.m_tile * t.chunk_k * ptl_elem_bytes(p->lhs);
  if (chunk_bytes > target->capacity_bytes[PTL_SPACE_LEFT]) {
    t.step_k = t.chunk_k;
    (void)explain_l0(arena, target, p, &t, PTL_SPACE_LEFT, why);
    return;
  }
  explain_buffer(why, target, PTL_SPACE_RIGHT, ptl_right_bytes(target, p, &t),
                 ptl_arena_printf(arena,
                                  "a chunk of %" PRId64 " x %" PRId64
                                  " has no cut into steps that Right (%" PRId64
                                  " bytes) allows; take a smaller chunk",
                                  t.chunk_k, widest(p, &t),
                                  target->capacity_bytes[PTL_SPACE_RIGHT]));
}
