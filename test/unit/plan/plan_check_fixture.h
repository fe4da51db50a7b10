/* Good plans of several kinds, which the tests of the checker break. */
#ifndef PTL_TEST_PLAN_CHECK_FIXTURE_H
#define PTL_TEST_PLAN_CHECK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan/problems.h"

typedef struct fixture {
  ptl_arena arena;
  ptl_plan good;   /* 16 x 5120 x 256, two rhs, i8, a2a3 */
  ptl_plan narrow; /* the same cut along N, with a rest */
  ptl_plan mixed;  /* rhs of several widths, one of them transposed, in units of like size */
  ptl_plan halves; /* two accumulators for each column tile */
  ptl_plan rows;   /* two tiles of rows, which share the units of a round */
  ptl_plan kept;   /* a part of lhs stays, the rest is loaded in each round */
} fixture;

/* Appends buffers of the least size that there may be. */
static inline void put_slot(ptl_plan *plan, ptl_space space, ptl_role role, int slot,
                            int64_t bytes) {
  plan->buffers[plan->buffer_count++] =
      (ptl_buffer){space, role, slot, plan->used_bytes[space], bytes};
  plan->used_bytes[space] += bytes;
}

static inline void put(ptl_plan *plan, ptl_space space, ptl_role role, int count, int64_t bytes) {
  for (int slot = 0; slot < count; slot++) {
    put_slot(plan, space, role, slot, bytes);
  }
}

static inline ptl_problem two_rhs(int64_t n) {
  ptl_problem p = problem_of(16, 5120, n, 2, PTL_ELEM_I8);
  p.n_splittable = true;
  return p;
}

/* A loop over K, and a tail. */
static inline ptl_plan good_plan(void) {
  ptl_plan plan = {.problem = two_rhs(256)};
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = {256, 256},
                             .columns_at_once = 2,
                             .n_parts = 1,
                             .chunk_k = 512,
                             .k_parts = {1, 1},
                             .full_chunks = 9,
                             .tail_count = 3,
                             .tail_k = {256, 128, 128},
                             .step_k = 256,
                             .lhs_resident = true,
                             .lhs_slots = 1,
                             .mat_slots = 2,
                             .left_slots = 2,
                             .right_slots = 1};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 1, 16 * 5120);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 2, 512 * 256);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 2, 16 * 256);
  put(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 1, 256 * 256);
  put(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 2, 32 * 256 * 4);
  return plan;
}

/* Column tiles of 544 and 512 columns, one after the other. */
static inline ptl_plan narrow_plan(void) {
  ptl_plan plan = {.problem = two_rhs(1056)};
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = {544, 544},
                             .columns_at_once = 1,
                             .rhs_by_rhs = true,
                             .n_parts = 1,
                             .chunk_k = 256,
                             .k_parts = {1, 1},
                             .full_chunks = 19,
                             .tail_count = 2,
                             .tail_k = {192, 64},
                             .step_k = 64,
                             .lhs_resident = true,
                             .lhs_slots = 1,
                             .mat_slots = 2,
                             .left_slots = 4,
                             .right_slots = 1};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 1, 16 * 5120);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 2, 256 * 544);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 4, 16 * 64);
  put(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 1, 64 * 544);
  put(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 32 * 544 * 4);
  return plan;
}

/* 512, 128 and 48 columns: units of a quarter of a chunk, and of a whole one. */
static inline ptl_plan mixed_plan(void) {
  ptl_plan plan = {.problem = problem_of(16, 1024 + 100, 512, 3, PTL_ELEM_I8)};
  plan.problem.n[1] = 128;
  plan.problem.n[2] = 48;
  plan.problem.rhs_transposed[2] = true;
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = {512, 128, 48},
                             .columns_at_once = 3,
                             .n_parts = 1,
                             .chunk_k = 256,
                             .k_parts = {4, 1, 1},
                             .full_chunks = 4,
                             .tail_count = 1,
                             .tail_k = {100},
                             .step_k = 64,
                             .lhs_slots = 2,
                             .mat_slots = 4,
                             .left_slots = 4,
                             .right_slots = 2};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 2, 16 * 256);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 4, 64 * 512);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 4, 16 * 64);
  put(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 2, 64 * 512);
  put_slot(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 0, 32 * 512 * 4);
  put_slot(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 32 * 128 * 4);
  put_slot(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 2, 32 * 48 * 4);
  return plan;
}

/* A tile of 96 columns in parts of 64 and 32. */
static inline ptl_plan halves_plan(void) {
  ptl_plan plan = {.problem = problem_of(16, 512, 96, 1, PTL_ELEM_I8)};
  plan.problem.n_splittable = true;
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = {96},
                             .columns_at_once = 1,
                             .n_parts = 2,
                             .chunk_k = 64,
                             .k_parts = {1},
                             .full_chunks = 8,
                             .step_k = 64,
                             .lhs_resident = true,
                             .lhs_slots = 1,
                             .mat_slots = 3,
                             .left_slots = 1,
                             .right_slots = 2};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 1, 16 * 512);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 3, 64 * 96);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 1, 16 * 64);
  put_slot(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, 64 * 64);
  put_slot(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 1, 64 * 32);
  put_slot(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 0, 32 * 64 * 4);
  put_slot(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 32 * 32 * 4);
  return plan;
}

/* Two rounds of two chunks, each for two tiles of rows. */
static inline ptl_plan rows_plan(void) {
  ptl_plan plan = {.problem = problem_of(32, 128, 64, 1, PTL_ELEM_I8)};
  plan.problem.n_splittable = true;
  plan.problem.row_tiles = 2;
  plan.tiling = (ptl_tiling){.m_tile = 32,
                             .n_tile = {32},
                             .columns_at_once = 1,
                             .n_parts = 1,
                             .chunk_k = 64,
                             .k_parts = {1},
                             .full_chunks = 2,
                             .step_k = 64,
                             .lhs_slots = 2,
                             .mat_slots = 2,
                             .left_slots = 1,
                             .right_slots = 1};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 2, 32 * 64);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 2, 64 * 32);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 1, 32 * 64);
  put(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 1, 64 * 32);
  put(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 32 * 32 * 4);
  return plan;
}

/* Two rounds of five chunks: of lhs two stay, the three others take turns in two slots. */
static inline ptl_plan kept_plan(void) {
  ptl_plan plan = {.problem = problem_of(16, 640, 64, 1, PTL_ELEM_I8)};
  plan.problem.n_splittable = true;
  plan.tiling = (ptl_tiling){.m_tile = 16,
                             .n_tile = {32},
                             .columns_at_once = 1,
                             .n_parts = 1,
                             .chunk_k = 128,
                             .k_parts = {1},
                             .full_chunks = 5,
                             .step_k = 128,
                             .lhs_slots = 4,
                             .lhs_kept = 2,
                             .mat_slots = 2,
                             .left_slots = 1,
                             .right_slots = 1};
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_LHS, 4, 16 * 128);
  put(&plan, PTL_SPACE_MAT, PTL_ROLE_RHS, 2, 128 * 32);
  put(&plan, PTL_SPACE_LEFT, PTL_ROLE_LHS, 1, 16 * 128);
  put(&plan, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 1, 128 * 32);
  put(&plan, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 32 * 32 * 4);
  return plan;
}

static inline int set_up(void **state) {
  static fixture f;
  ptl_arena_init(&f.arena);
  f.good = good_plan();
  f.narrow = narrow_plan();
  f.mixed = mixed_plan();
  f.halves = halves_plan();
  f.rows = rows_plan();
  f.kept = kept_plan();
  *state = &f;
  return 0;
}

static inline int tear_down(void **state) {
  fixture *f = *state;
  ptl_arena_free(&f->arena);
  return 0;
}

#endif
