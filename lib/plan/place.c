/* Where every piece of a plan lies: one buffer after the other in each space. */
#include "plan/search.h"

static void place(const ptl_target *target, ptl_plan *plan, ptl_buffer buffer) {
  int64_t *used = &plan->used_bytes[buffer.space];
  buffer.address_bytes = ptl_round_up(*used, ptl_target_alignment(target, buffer.space));
  *used = buffer.address_bytes + buffer.size_bytes;
  plan->buffers[plan->buffer_count++] = buffer;
}

void ptl_place_staging(const ptl_target *target, ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  const ptl_problem *p = &plan->problem;
  plan->buffer_count = 0;
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    plan->used_bytes[space] = 0;
  }
  ptl_buffer lhs = {PTL_SPACE_MAT, PTL_ROLE_LHS, 0, 0, 0, ptl_mat_lhs_bytes(target, p, t)};
  place(target, plan, lhs);
  for (int stream = 0; stream < p->rhs_count; stream++) {
    ptl_buffer rhs = {PTL_SPACE_MAT, PTL_ROLE_RHS, stream, 0, 0, ptl_mat_rhs_bytes(p, t)};
    place(target, plan, rhs);
  }
}

void ptl_place_accumulators(const ptl_target *target, ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  const ptl_problem *p = &plan->problem;
  for (int slot = 0; slot < t->left_slots; slot++) {
    ptl_buffer left = {PTL_SPACE_LEFT, PTL_ROLE_LHS, 0, slot, 0, ptl_left_bytes(p, t)};
    place(target, plan, left);
  }
  for (int slot = 0; slot < t->right_slots; slot++) {
    ptl_buffer right = {PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, slot, 0, ptl_right_bytes(p, t)};
    place(target, plan, right);
  }
  int64_t acc_bytes = ptl_acc_bytes(target, p->acc, t->m_tile, t->n_tile);
  for (int stream = 0; stream < p->rhs_count; stream++) {
    ptl_buffer acc = {PTL_SPACE_ACC, PTL_ROLE_ACC, stream, 0, 0, acc_bytes};
    place(target, plan, acc);
  }
}

const ptl_buffer *ptl_plan_buffer(const ptl_plan *plan, ptl_space space, ptl_role role, int stream,
                                  int slot) {
  /* Nothing fits into it, so that the checker can follow a plan that lacks a buffer. */
  static const ptl_buffer none;
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *buffer = &plan->buffers[i];
    if (buffer->space == space && buffer->role == role && buffer->stream == stream &&
        buffer->slot == slot) {
      return buffer;
    }
  }
  return &none;
}
