/* The half of a plan that is decided first, and whether one that came from outside can be used. */
#include <inttypes.h>
#include <string.h>

#include "plan/search.h"

ptl_plan ptl_plan_staging(const ptl_plan *plan) {
  ptl_plan staging;
  memset(&staging, 0, sizeof(staging));
  staging.problem = plan->problem;
  staging.tiling = plan->tiling;
  ptl_tiling *t = &staging.tiling;
  t->n_parts = t->left_slots = t->right_slots = 0;
  t->step_k = 0;
  t->unroll_k = t->unroll_n = false;
  for (int i = 0; i < plan->buffer_count; i++) {
    if (plan->buffers[i].space == PTL_SPACE_MAT) {
      staging.buffers[staging.buffer_count++] = plan->buffers[i];
    }
  }
  staging.used_bytes[PTL_SPACE_MAT] = plan->used_bytes[PTL_SPACE_MAT];
  return staging;
}

static bool chunks_are_sound(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t box = ptl_k_box(target, p->lhs);
  bool sound = t->chunk_k > 0 && t->chunk_k <= 2 * PTL_MAX_EXTENT && t->chunk_k % box == 0 &&
               t->tail_count >= 0 && t->tail_count <= PTL_MAX_TAIL && t->full_chunks >= 0 &&
               t->full_chunks <= p->k / t->chunk_k &&
               (p->k_block == 0 || (!t->lhs_resident && p->k_block % t->chunk_k == 0));
  int64_t k = sound ? t->full_chunks * t->chunk_k : 0;
  for (int i = 0; sound && i < t->tail_count; i++) {
    bool last = i + 1 == t->tail_count;
    sound = t->tail_k[i] > 0 && t->tail_k[i] <= t->chunk_k && (last || t->tail_k[i] % box == 0);
    k += t->tail_k[i];
  }
  return sound && k == p->k;
}

static bool columns_are_sound(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  bool sound = true, is_cut = false;
  for (int rhs = 0; rhs < p->rhs_count && sound; rhs++) {
    int64_t n = t->n_tile[rhs];
    sound = n > 0 && n <= p->n[rhs] && n % ptl_n_box(target, p, rhs) == 0 && t->k_parts[rhs] > 0 &&
            t->k_parts[rhs] <= t->chunk_k &&
            t->chunk_k % (t->k_parts[rhs] * ptl_k_box(target, p->lhs)) == 0;
    is_cut = is_cut || n < p->n[rhs];
  }
  return sound && t->columns_at_once > 0 && t->columns_at_once <= PTL_MAX_ACCS &&
         t->columns_at_once <= ptl_column_count(p, t) &&
         (p->n_splittable || (!is_cut && t->columns_at_once == p->rhs_count));
}

/* Of a lhs whose chunks all stay none take turns. */
static bool lhs_slots_are_sound(const ptl_problem *p, const ptl_tiling *t) {
  int64_t pieces = t->full_chunks + t->tail_count;
  int turning = t->lhs_kept < pieces ? ptl_lhs_slots(p, t) : 0;
  bool can_stay = !t->lhs_resident && p->row_tiles <= 1 && t->lhs_kept <= pieces;
  return t->lhs_kept >= 0 && (t->lhs_kept == 0 || can_stay) && t->lhs_slots <= PTL_MAX_LHS_SLOTS &&
         t->lhs_slots == t->lhs_kept + turning;
}

static bool slots_are_sound(const ptl_problem *p, const ptl_tiling *t) {
  return t->mat_slots > 0 && t->mat_slots <= PTL_MAX_MAT_SLOTS && lhs_slots_are_sound(p, t) &&
         (p->row_tiles <= 1 || ptl_rhs_stays(p, t));
}

ptl_status ptl_check_staging(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                             const ptl_tiling *t, ptl_no_plan *why) {
  if (t->m_tile == ptl_m_tile(target, p) && chunks_are_sound(target, p, t) &&
      columns_are_sound(target, p, t) && slots_are_sound(p, t)) {
    return PTL_OK;
  }
  return ptl_refuse_shape(
      why, ptl_arena_printf(arena,
                            "this staging is none of M = %" PRId64 ", K = %" PRId64
                            " and %d right-hand sides: its chunks and tiles do not add up",
                            p->m, p->k, p->rhs_count));
}

/* The buffer is in Mat, aligned, and apart from those before it. */
static bool is_well_placed(const ptl_target *target, const ptl_plan *staging, int index) {
  const ptl_buffer *b = &staging->buffers[index];
  int64_t capacity = target->capacity_bytes[PTL_SPACE_MAT];
  bool ok = b->address_bytes >= 0 && b->address_bytes <= capacity && b->size_bytes > 0 &&
            b->size_bytes <= capacity - b->address_bytes &&
            b->address_bytes % ptl_target_alignment(target, PTL_SPACE_MAT) == 0;
  for (int i = 0; ok && i < index; i++) {
    const ptl_buffer *other = &staging->buffers[i];
    ok = other->address_bytes + other->size_bytes <= b->address_bytes ||
         b->address_bytes + b->size_bytes <= other->address_bytes;
  }
  return ok;
}

ptl_status ptl_check_mat_tiles(ptl_arena *arena, const ptl_target *target, const ptl_plan *staging,
                               ptl_no_plan *why) {
  const ptl_problem *p = &staging->problem;
  const ptl_tiling *t = &staging->tiling;
  int64_t lhs_bytes = ptl_mat_lhs_bytes(target, p, t), rhs_bytes = ptl_mat_rhs_bytes(p, t);
  bool sound = staging->buffer_count == t->lhs_slots + t->mat_slots;
  for (int slot = 0; slot < t->lhs_slots; slot++) {
    const ptl_buffer *lhs = ptl_plan_buffer(staging, PTL_SPACE_MAT, PTL_ROLE_LHS, slot);
    sound = sound && lhs->size_bytes >= lhs_bytes;
  }
  for (int slot = 0; slot < t->mat_slots; slot++) {
    const ptl_buffer *rhs = ptl_plan_buffer(staging, PTL_SPACE_MAT, PTL_ROLE_RHS, slot);
    sound = sound && rhs->size_bytes >= rhs_bytes;
  }
  for (int i = 0; sound && i < staging->buffer_count; i++) {
    sound = is_well_placed(target, staging, i);
  }
  if (sound) {
    return PTL_OK;
  }
  return ptl_refuse_shape(
      why, ptl_arena_printf(arena,
                            "the Mat buffers of this staging do not hold its tiles: %d of lhs of "
                            "%" PRId64 " bytes and %d of rhs of %" PRId64
                            " bytes, aligned and apart from each other",
                            t->lhs_slots, lhs_bytes, t->mat_slots, rhs_bytes));
}
