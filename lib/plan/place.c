/* Where every piece of a plan lies: one buffer after the other in each space. */
#include "plan/search.h"

static void place(const ptl_target *target, ptl_plan *plan, ptl_space space, ptl_role role,
                  int count, int64_t size_bytes) {
  for (int slot = 0; slot < count; slot++) {
    int64_t *used = &plan->used_bytes[space];
    int64_t address = ptl_round_up(*used, ptl_target_alignment(target, space));
    plan->buffers[plan->buffer_count++] = (ptl_buffer){space, role, slot, address, size_bytes};
    *used = address + size_bytes;
  }
}

void ptl_place_staging(const ptl_target *target, ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  const ptl_problem *p = &plan->problem;
  plan->buffer_count = 0;
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    plan->used_bytes[space] = 0;
  }
  place(target, plan, PTL_SPACE_MAT, PTL_ROLE_LHS, t->lhs_slots, ptl_mat_lhs_bytes(target, p, t));
  place(target, plan, PTL_SPACE_MAT, PTL_ROLE_RHS, t->mat_slots, ptl_mat_rhs_bytes(p, t));
}

void ptl_place_accumulators(const ptl_target *target, ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  const ptl_problem *p = &plan->problem;
  int64_t widths[PTL_MAX_ACCS];
  int accs = ptl_acc_widths(target, p, t, widths);
  place(target, plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, t->left_slots, ptl_left_bytes(p, t));
  place(target, plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, t->right_slots, ptl_right_bytes(target, p, t));
  for (int acc = 0; acc < accs; acc++) {
    place(target, plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1,
          ptl_acc_bytes(target, p->acc, t->m_tile, widths[acc]));
    plan->buffers[plan->buffer_count - 1].slot = acc;
  }
}

void ptl_plan_place(const ptl_target *target, ptl_plan *plan) {
  ptl_place_staging(target, plan);
  ptl_place_accumulators(target, plan);
}

const ptl_buffer *ptl_plan_buffer(const ptl_plan *plan, ptl_space space, ptl_role role, int slot) {
  /* Nothing fits into it, so that the checker can follow a plan that lacks a buffer. */
  static const ptl_buffer none;
  for (int i = 0; i < plan->buffer_count; i++) {
    const ptl_buffer *buffer = &plan->buffers[i];
    if (buffer->space == space && buffer->role == role && buffer->slot == slot) {
      return buffer;
    }
  }
  return &none;
}
