/* The half of a plan that is decided first, and whether one that came from outside can be used. */
#include <inttypes.h>
#include <string.h>

#include "plan/search.h"

ptl_plan ptl_plan_staging(const ptl_plan *plan) {
  ptl_plan staging;
  memset(&staging, 0, sizeof(staging));
  staging.problem = plan->problem;
  const ptl_tiling *t = &plan->tiling;
  ptl_tiling *out = &staging.tiling;
  out->m_tile = t->m_tile;
  out->n_tile = t->n_tile;
  out->n_full = t->n_full;
  out->n_tail = t->n_tail;
  out->chunk_k = t->chunk_k;
  out->full_chunks = t->full_chunks;
  out->tail_count = t->tail_count;
  memcpy(out->tail_k, t->tail_k, sizeof(out->tail_k));
  out->lhs_resident = t->lhs_resident;
  for (int i = 0; i < plan->buffer_count; i++) {
    if (plan->buffers[i].space == PTL_SPACE_MAT) {
      staging.buffers[staging.buffer_count++] = plan->buffers[i];
    }
  }
  staging.used_bytes[PTL_SPACE_MAT] = plan->used_bytes[PTL_SPACE_MAT];
  return staging;
}

ptl_status ptl_check_staging(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                             const ptl_tiling *t, ptl_no_plan *why) {
  bool sound = t->m_tile == ptl_m_tile(target, p) && t->chunk_k > 0 &&
               t->chunk_k <= 2 * PTL_MAX_EXTENT && t->chunk_k % ptl_k_box(target, p->lhs) == 0 &&
               t->n_tile > 0 && t->n_tile <= p->n && t->n_tile % ptl_n_box(target, p) == 0 &&
               t->n_full == p->n / t->n_tile && t->n_tail == p->n % t->n_tile &&
               t->tail_count >= 0 && t->tail_count <= PTL_MAX_TAIL && t->full_chunks >= 0 &&
               t->full_chunks <= p->k / t->chunk_k &&
               (p->k_block == 0 || (!t->lhs_resident && p->k_block % t->chunk_k == 0));
  int64_t k = sound ? t->full_chunks * t->chunk_k : 0;
  for (int i = 0; sound && i < t->tail_count; i++) {
    bool last = i + 1 == t->tail_count;
    sound = t->tail_k[i] > 0 && t->tail_k[i] <= t->chunk_k &&
            (last || t->tail_k[i] % ptl_k_box(target, p->lhs) == 0);
    k += t->tail_k[i];
  }
  if (sound && k == p->k) {
    return PTL_OK;
  }
  return ptl_refuse_shape(why,
                          ptl_arena_printf(arena,
                                           "this staging is none of M = %" PRId64 ", K = %" PRId64
                                           ", N = %" PRId64 ": its chunks and tiles do not add up",
                                           p->m, p->k, p->n));
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
  const ptl_buffer *lhs = ptl_plan_buffer(staging, PTL_SPACE_MAT, PTL_ROLE_LHS, 0, 0);
  bool sound = staging->buffer_count == p->rhs_count + 1 &&
               lhs->size_bytes >= ptl_mat_lhs_bytes(target, p, t);
  for (int stream = 0; stream < p->rhs_count; stream++) {
    const ptl_buffer *rhs = ptl_plan_buffer(staging, PTL_SPACE_MAT, PTL_ROLE_RHS, stream, 0);
    sound = sound && rhs->size_bytes >= ptl_mat_rhs_bytes(p, t);
  }
  for (int i = 0; sound && i < staging->buffer_count; i++) {
    sound = is_well_placed(target, staging, i);
  }
  if (sound) {
    return PTL_OK;
  }
  return ptl_refuse_shape(
      why,
      ptl_arena_printf(arena,
                       "the Mat buffers of this staging do not hold its tiles: one of lhs of "
                       "%" PRId64 " bytes and %d of rhs of %" PRId64
                       " bytes, aligned and apart from each other",
                       ptl_mat_lhs_bytes(target, p, t), p->rhs_count, ptl_mat_rhs_bytes(p, t)));
}
