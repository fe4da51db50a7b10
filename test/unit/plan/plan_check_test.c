/* The checker of a plan: takes the planner's, and rejects broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan/plan_check.h"
#include "plan/problems.h"

typedef struct fixture {
  ptl_arena arena;
  ptl_plan good;   /* 16 x 5120 x 256, two rhs, i8, a2a3 */
  ptl_plan narrow; /* the same cut along N, with a rest */
  ptl_plan mixed;  /* rhs of several widths, one of them transposed, in units of like size */
  ptl_plan halves; /* two accumulators for each column tile */
  ptl_plan rows;   /* two tiles of rows, which share the units of a round */
} fixture;

/* Appends buffers of the least size that there may be. */
static void put_slot(ptl_plan *plan, ptl_space space, ptl_role role, int slot, int64_t bytes) {
  plan->buffers[plan->buffer_count++] =
      (ptl_buffer){space, role, slot, plan->used_bytes[space], bytes};
  plan->used_bytes[space] += bytes;
}

static void put(ptl_plan *plan, ptl_space space, ptl_role role, int count, int64_t bytes) {
  for (int slot = 0; slot < count; slot++) {
    put_slot(plan, space, role, slot, bytes);
  }
}

static ptl_problem two_rhs(int64_t n) {
  ptl_problem p = problem_of(16, 5120, n, 2, PTL_ELEM_I8);
  p.n_splittable = true;
  return p;
}

/* A loop over K, and a tail. */
static ptl_plan good_plan(void) {
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
static ptl_plan narrow_plan(void) {
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
static ptl_plan mixed_plan(void) {
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
static ptl_plan halves_plan(void) {
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
static ptl_plan rows_plan(void) {
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

static int set_up(void **state) {
  static fixture f;
  ptl_arena_init(&f.arena);
  f.good = good_plan();
  f.narrow = narrow_plan();
  f.mixed = mixed_plan();
  f.halves = halves_plan();
  f.rows = rows_plan();
  *state = &f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  ptl_arena_free(&f->arena);
  return 0;
}

static ptl_buffer *buffer(ptl_plan *plan, ptl_space space, ptl_role role, int slot) {
  return &plan->buffers[ptl_plan_buffer(plan, space, role, slot) - plan->buffers];
}

static void rejected(fixture *f, const ptl_plan *plan, const char *words) {
  const char *why = NULL;
  assert_int_equal(ptl_plan_check(&f->arena, ptl_target_find("a2a3"), plan, &why), PTL_INTERNAL);
  assert_non_null(why);
  if (!strstr(why, words)) {
    print_error("no '%s' in: %s\n", words, why);
  }
  assert_non_null(strstr(why, words));
}

static void takes_good_plans(void **state) {
  fixture *f = *state;
  const ptl_plan *plans[] = {&f->good, &f->narrow, &f->mixed, &f->halves, &f->rows};
  for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
    const char *why = "";
    ptl_status status = ptl_plan_check(&f->arena, ptl_target_find("a2a3"), plans[i], &why);
    if (status != PTL_OK) {
      print_error("plan %zu: %s\n", i, why);
    }
    assert_int_equal(status, PTL_OK);
    assert_null(why);
  }
}

static void rejects_row_tiles_that_are_not_there(void **state) {
  fixture *f = *state;
  ptl_plan p = f->rows;
  p.problem.row_tiles = PTL_MAX_SHARING + 1;
  rejected(f, &p, "extent");
  p.problem.row_tiles = -1;
  rejected(f, &p, "extent");
  p = f->rows;
  p.problem.m = 31;
  rejected(f, &p, "m_tile");
  p = f->rows;
  p.tiling.mat_slots = 1; /* the second unit has taken the place of the first */
  rejected(f, &p, "not in Mat");
}

static void rejects_a_wrong_problem(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.problem.rhs_count = 0;
  rejected(f, &p, "right-hand");
  p.problem.rhs_count = PTL_MAX_RHS + 1;
  rejected(f, &p, "right-hand");
  p = f->good;
  p.problem.acc = PTL_ELEM_F32;
  rejected(f, &p, "no such product");
  p = f->good;
  p.problem.k = 5121;
  rejected(f, &p, "add up to K");
  p.problem.k = -1;
  rejected(f, &p, "not positive");
  p = f->good;
  p.problem.n[1] = 224;
  rejected(f, &p, "a column tile of 256");
  p = f->good;
  p.problem.m = 17;
  rejected(f, &p, "m_tile");
  p = f->good;
  p.problem.rhs_count = 3; /* no columns of the third */
  rejected(f, &p, "not positive");
  p.problem.n[2] = 256;
  rejected(f, &p, "a column tile of 0");
  p.tiling.n_tile[2] = 256;
  p.tiling.k_parts[2] = 1;
  p.tiling.columns_at_once = 3; /* no accumulator for it */
  rejected(f, &p, "does not fit its acc buffer");
}

/* K in blocks of 512: a load brings no more than one, and lhs is not loaded whole. */
static void rejects_chunks_in_two_blocks(void **state) {
  fixture *f = *state;
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_problem problem = f->good.problem;
  ptl_plan p;
  ptl_no_plan no_plan;
  const char *why = "";
  problem.k_block = 512;
  assert_int_equal(ptl_plan_search(&f->arena, target, &problem, NULL, &p, &no_plan), PTL_OK);
  assert_int_equal(512 % p.tiling.chunk_k, 0);
  assert_false(p.tiling.lhs_resident);
  assert_int_equal(ptl_plan_check(&f->arena, target, &p, &why), PTL_OK);
  p.problem.k_block = p.tiling.chunk_k / 2;
  rejected(f, &p, "two blocks");
  p = f->good;
  p.problem.k_block = p.tiling.chunk_k;
  rejected(f, &p, "two blocks");
  problem.k_block = 48;
  assert_int_equal(ptl_plan_search(&f->arena, target, &problem, NULL, &p, &no_plan), PTL_REFUSED);
  assert_non_null(strstr(no_plan.text, "in blocks of 48"));
}

static void rejects_a_wrong_tiling(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.tiling.step_k = 0;
  rejected(f, &p, "not positive");
  p = f->good;
  p.tiling.chunk_k = -512;
  rejected(f, &p, "not positive");
  p = f->good;
  p.tiling.right_slots = 3;
  rejected(f, &p, "Right slots");
  p = f->good;
  p.tiling.left_slots = 100;
  rejected(f, &p, "Left slots");
  p = f->good;
  p.tiling.left_slots = 1;
  rejected(f, &p, "do not hold a chunk");
  p = f->good;
  p.tiling.full_chunks -= 1;
  rejected(f, &p, "add up to K");
  p = f->good;
  p.tiling.full_chunks = INT64_MAX / 2;
  rejected(f, &p, "add up to K");
  p = f->good;
  p.tiling.tail_k[0] += 32;
  rejected(f, &p, "add up to K");
  p = f->good;
  p.tiling.tail_count = PTL_MAX_TAIL + 1;
  rejected(f, &p, "tail chunks");
  p = f->good;
  p.tiling.mat_slots = PTL_MAX_MAT_SLOTS + 1;
  rejected(f, &p, "Mat slots");
  p.tiling.mat_slots = 0;
  rejected(f, &p, "Mat slots");
  p = f->mixed;
  p.tiling.lhs_slots = 0;
  rejected(f, &p, "Mat slots");
  p.tiling.lhs_slots = 1; /* loaded again before its last extract */
  rejected(f, &p, "is not in Mat");
  p = f->good;
  p.tiling.n_parts = 0;
  rejected(f, &p, "columns at once");
  p.tiling.n_parts = PTL_MAX_ACCS + 1;
  rejected(f, &p, "columns at once");
  p = f->good;
  p.tiling.columns_at_once = 0;
  rejected(f, &p, "columns at once");
  p = f->mixed;
  p.tiling.k_parts[0] = 3;
  rejected(f, &p, "3 parts of a chunk");
  p.tiling.k_parts[0] = 0;
  rejected(f, &p, "0 parts of a chunk");
  p.tiling.k_parts[0] = 2; /* its units are too large for the ring */
  rejected(f, &p, "does not fit its mat buffer");
  p = f->narrow;
  p.tiling.n_tile[1] = 0;
  rejected(f, &p, "a column tile of 0");
  p.tiling.n_tile[1] = 1057;
  rejected(f, &p, "a column tile of 1057");
  p = f->good;
  p.tiling.m_tile = 24;
  rejected(f, &p, "m_tile");
  p.tiling.m_tile = 32; /* the tiles of lhs are too small for it */
  rejected(f, &p, "does not fit");
}

static void rejects_tiles_that_are_in_no_box(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.tiling.tail_k[0] += 8;
  p.tiling.tail_k[1] -= 8;
  rejected(f, &p, "an extract at K");
  p = f->good;
  p.problem.n[0] = p.tiling.n_tile[0] = 248;
  rejected(f, &p, "N = 248 is in no box");
  p.problem.n[0] = p.tiling.n_tile[0] =
      240; /* 15 times 16: good for Acc, not for a Mat tile of i8 */
  rejected(f, &p, "N = 240 is in no box");
  p.problem.rhs_transposed[0] = true; /* but for a transposed one */
  const char *why = NULL;
  assert_int_equal(ptl_plan_check(&f->arena, ptl_target_find("a2a3"), &p, &why), PTL_OK);
  p = f->mixed;
  p.problem.rhs_transposed[2] = false;
  rejected(f, &p, "N = 48 is in no box");
}

static void rejects_buffers_out_of_place(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1)->address_bytes -= 32;
  rejected(f, &p, "overlap");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1)->address_bytes += 16;
  rejected(f, &p, "not aligned");
  p = f->good;
  buffer(&p, PTL_SPACE_LEFT, PTL_ROLE_LHS, 1)->address_bytes += 32;
  rejected(f, &p, "not aligned");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1)->address_bytes = 524288 - 32;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_LHS, 0)->address_bytes = -32;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0)->size_bytes *= 2;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0)->size_bytes = INT64_MAX;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_ACC, PTL_ROLE_ACC, 1)->size_bytes = 0;
  rejected(f, &p, "outside");
  p = f->good;
  p.buffers[2].space = (ptl_space)99;
  rejected(f, &p, "no space");
  p = f->good;
  p.buffer_count = PTL_MAX_BUFFERS + 1;
  rejected(f, &p, "buffers");
}

/* Every buffer is needed, and all of it. */
static void needs_each_buffer(fixture *f, const ptl_plan *good) {
  for (int i = 0; i < good->buffer_count; i++) {
    ptl_plan p = *good;
    p.buffers[i].size_bytes -= 32;
    int64_t end = p.buffers[i].address_bytes + p.buffers[i].size_bytes;
    p.used_bytes[p.buffers[i].space] -= end + 32 == p.used_bytes[p.buffers[i].space] ? 32 : 0;
    rejected(f, &p, "does not fit");
    p = *good;
    p.buffers[i].slot += 50; /* the real one is missing now */
    rejected(f, &p, "does not fit");
  }
}

static void rejects_buffers_that_are_too_small_or_missing(void **state) {
  fixture *f = *state;
  /* Accumulators placed by their logical size would overlap in hardware. */
  ptl_plan p = f->good;
  buffer(&p, PTL_SPACE_ACC, PTL_ROLE_ACC, 0)->size_bytes = 16 * 256 * 4;
  p.tiling.n_parts = 1;
  rejected(f, &p, "does not fit its acc buffer");
  needs_each_buffer(f, &f->good);
  needs_each_buffer(f, &f->narrow);
  needs_each_buffer(f, &f->mixed);
  needs_each_buffer(f, &f->halves);
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1)->slot = 0;
  rejected(f, &p, "there twice");
  p = f->good;
  p.used_bytes[PTL_SPACE_LEFT] += 512;
  rejected(f, &p, "uses");
}

static void counts_event_ids(void **state) {
  fixture *f = *state;
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_plan p = f->good;
  /* lhs and both rhs around the loop outside, one rhs around the chunks. */
  p.problem.outer_loops = 1;
  rejected(f, &p, "loops carry 4 Mat tiles to be loaded again, event ids are there for 3");
  const char *why = NULL;
  p.tiling.unroll_k = true;
  assert_int_equal(ptl_plan_check(&f->arena, target, &p, &why), PTL_OK);
  p.problem.outer_loops = 2;
  rejected(f, &p, "loops carry 6 Mat tiles");
  ptl_target newer = *target;
  ptl_ptoas ptoas = {.event_ids_per_carried_pair = 1};
  newer.ptoas = &ptoas;
  assert_int_equal(ptl_plan_check(&f->arena, &newer, &p, &why), PTL_OK);
  newer.event_ids_per_pipe_pair = 2;
  p = f->good;
  assert_int_equal(ptl_plan_check(&f->arena, &newer, &p, &why), PTL_INTERNAL);
  assert_non_null(strstr(why, "Left and Right tiles"));
}

static void rejects_products_beyond_the_cube(void **state) {
  fixture *f = *state;
  ptl_target small = *ptl_target_find("a2a3");
  const char *why = NULL;
  small.max_matmul_extent = 128;
  assert_int_equal(ptl_plan_check(&f->arena, &small, &f->good, &why), PTL_INTERNAL);
  assert_non_null(strstr(why, "a product of"));
  small = *ptl_target_find("a2a3");
  small.max_store_columns = 128;
  assert_int_equal(ptl_plan_check(&f->arena, &small, &f->good, &why), PTL_INTERNAL);
  assert_non_null(strstr(why, "a store of"));
}

/* Any single field of a tiling that is off by a box makes a plan that does not pass. */
static void rejects_each_changed_extent(void **state) {
  fixture *f = *state;
  const int64_t changes[] = {-512, -256, -32, -16, -1, 1, 16, 32, 256, 512};
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    ptl_plan p = f->narrow;
    int64_t *fields[] = {&p.tiling.m_tile,      &p.tiling.chunk_k,   &p.tiling.step_k,
                         &p.tiling.full_chunks, &p.tiling.tail_k[0], &p.tiling.tail_k[1],
                         &p.problem.k};
    for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
      *fields[j] += changes[i];
      rejected(f, &p, "");
      *fields[j] -= changes[i];
    }
  }
}

static bool passes(fixture *f, const ptl_plan *plan, const ptl_schedule *schedule) {
  ptl_checker c = {&f->arena, ptl_target_find("a2a3"), plan, NULL};
  ptl_check_run(&c, schedule);
  return c.why == NULL;
}

typedef struct change {
  fixture *f;
  const ptl_plan *plan;
  ptl_schedule schedule;
  int at; /* the item that is changed */
} change;

/* Checks with an item in the place of that one, and puts it back. */
static bool passes_with(change *c, ptl_item item) {
  ptl_item *place = &c->schedule.items[c->at];
  ptl_item kept = *place;
  *place = item;
  bool ok = passes(c->f, c->plan, &c->schedule);
  *place = kept;
  return ok;
}

static bool passes_without(change *c) {
  ptl_item *place = &c->schedule.items[c->at];
  ptl_item kept = *place;
  int after = c->schedule.count - 1 - c->at;
  memmove(place, place + 1, (size_t)after * sizeof(*place));
  c->schedule.count--;
  bool ok = passes(c->f, c->plan, &c->schedule);
  c->schedule.count++;
  memmove(place + 1, place, (size_t)after * sizeof(*place));
  *place = kept;
  return ok;
}

/* With the next slot for that one of the item; rejected if there is another. */
static void rejects_another(change *c, ptl_item *item, int *slot, int count) {
  int kept = *slot;
  *slot = (kept + 1) % count;
  bool ok = count == 1 || !passes_with(c, *item);
  if (!ok) {
    print_error("item %d passes with rhs%d, mat%d, slot%d, acc%d, left%d, right%d\n", c->at,
                item->rhs, item->mat_slot, item->slot, item->acc, item->left_slot,
                item->right_slot);
  }
  assert_true(ok);
  *slot = kept;
}

static void change_data(change *c, const ptl_item *kept) {
  bool store = kept->kind == PTL_ITEM_STORE;
  bool lhs = kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_EXTRACT_LHS;
  ptl_item item = *kept;
  item.k_base += 32;
  assert_true(passes_with(c, item) == store);
  item = *kept;
  item.k_valid -= 1;
  assert_true(passes_with(c, item) == store);
  item = *kept;
  item.n += 32;
  assert_true(passes_with(c, item) == lhs);
  item = *kept;
  item.n_base += 32;
  assert_true(passes_with(c, item) == lhs);
  item = *kept;
  rejects_another(c, &item, &item.rhs, lhs ? 1 : c->plan->problem.rhs_count);
}

static void change_places(change *c, const ptl_item *kept) {
  const ptl_tiling *t = &c->plan->tiling;
  ptl_item item = *kept;
  bool lhs = kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_EXTRACT_LHS;
  bool extract = kept->kind == PTL_ITEM_EXTRACT_LHS || kept->kind == PTL_ITEM_EXTRACT_RHS;
  if (extract || kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_LOAD_RHS) {
    rejects_another(c, &item, &item.mat_slot, lhs ? t->lhs_slots : t->mat_slots);
  }
  item = *kept;
  if (extract) {
    rejects_another(c, &item, &item.slot, lhs ? t->left_slots : t->right_slots);
    item = *kept;
    item.k_in_mat += 32;
    assert_false(passes_with(c, item));
    item = *kept;
    item.n_in_mat += 32;
    assert_true(passes_with(c, item) == lhs);
  }
}

static void change_row(change *c, const ptl_item *kept) {
  ptl_item item = *kept;
  if (kept->kind != PTL_ITEM_LOAD_RHS && kept->kind != PTL_ITEM_EXTRACT_RHS) {
    rejects_another(c, &item, &item.row, 2);
  }
  item.row = -1;
  assert_false(passes_with(c, item));
}

static void change_accumulator(change *c, const ptl_item *kept) {
  const ptl_tiling *t = &c->plan->tiling;
  ptl_item item = *kept;
  if (kept->kind == PTL_ITEM_MATMUL || kept->kind == PTL_ITEM_STORE) {
    rejects_another(c, &item, &item.acc, t->columns_at_once * t->n_parts);
  }
  item = *kept;
  if (kept->kind == PTL_ITEM_MATMUL) {
    item.starts = !kept->starts;
    assert_false(passes_with(c, item));
    item = *kept;
    rejects_another(c, &item, &item.left_slot, t->left_slots);
    item = *kept;
    rejects_another(c, &item, &item.right_slot, t->right_slots);
  }
}

static bool is_loop(const ptl_item *item) { return item->kind >= PTL_ITEM_LOOP_N; }

/* Every instruction of a schedule is needed, and needed just so. */
static void rejects_each_changed_item(void **state) {
  fixture *f = *state;
  const ptl_plan *plans[] = {&f->good, &f->narrow, &f->mixed, &f->halves, &f->rows};
  for (size_t which = 0; which < sizeof(plans) / sizeof(plans[0]); which++) {
    change c = {.f = f, .plan = plans[which]};
    c.schedule = ptl_schedule_build(&f->arena, ptl_target_find("a2a3"), c.plan);
    assert_true(passes(f, c.plan, &c.schedule));
    for (c.at = 0; c.at < c.schedule.count; c.at++) {
      ptl_item kept = c.schedule.items[c.at];
      if (!is_loop(&kept)) {
        change_data(&c, &kept);
        change_places(&c, &kept);
        change_accumulator(&c, &kept);
        change_row(&c, &kept);
        assert_false(passes_without(&c));
      }
    }
    assert_true(passes(f, c.plan, &c.schedule));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_good_plans),
      cmocka_unit_test(rejects_a_wrong_problem),
      cmocka_unit_test(rejects_row_tiles_that_are_not_there),
      cmocka_unit_test(rejects_chunks_in_two_blocks),
      cmocka_unit_test(rejects_a_wrong_tiling),
      cmocka_unit_test(rejects_tiles_that_are_in_no_box),
      cmocka_unit_test(rejects_buffers_out_of_place),
      cmocka_unit_test(rejects_buffers_that_are_too_small_or_missing),
      cmocka_unit_test(counts_event_ids),
      cmocka_unit_test(rejects_products_beyond_the_cube),
      cmocka_unit_test(rejects_each_changed_extent),
      cmocka_unit_test(rejects_each_changed_item),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
