/* The checker of a plan: takes the planner's, and rejects broken ones. */
#include "plan/plan_check.h"
#include "plan/plan_check_fixture.h"

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
  const ptl_plan *plans[] = {&f->good, &f->narrow, &f->mixed, &f->halves, &f->rows, &f->kept};
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

/* Where ptoas places them: the tail's last step has a smaller tile in Right than the others. */
static void rejects_tiles_on_one_another(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.problem.ptoas_places = true;
  rejected(f, &p, "right tiles of 98304 bytes on one another");
  p.tiling.tail_count = 2;
  p.tiling.tail_k[1] = 256;
  p.tiling.tail_k[2] = 0;
  const char *why = NULL;
  assert_int_equal(ptl_plan_check(&f->arena, ptl_target_find("a2a3"), &p, &why), PTL_OK);
  p = f->narrow;
  p.problem.ptoas_places = true;
  rejected(f, &p, "on one another");
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

static void rejects_wrong_extents(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.tiling.step_k = 0;
  rejected(f, &p, "not positive");
  p = f->good;
  p.tiling.chunk_k = -512;
  rejected(f, &p, "not positive");
  p = f->good;
  p.tiling.m_tile = 24;
  rejected(f, &p, "m_tile");
  p.tiling.m_tile = 32; /* the tiles of lhs are too small for it */
  rejected(f, &p, "does not fit");
}

static void rejects_wrong_slots(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.tiling.right_slots = 3;
  rejected(f, &p, "Right slots");
  p = f->good;
  p.tiling.left_slots = 100;
  rejected(f, &p, "Left slots");
  p = f->good;
  p.tiling.left_slots = 1;
  rejected(f, &p, "do not hold a chunk");
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
}

static void rejects_wrong_chunks(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
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
}

static void rejects_chunks_of_lhs_that_cannot_stay(void **state) {
  fixture *f = *state;
  ptl_plan p = f->kept;
  p.tiling.lhs_kept = -1;
  rejected(f, &p, "chunks of lhs stay");
  p.tiling.lhs_kept = 5;
  rejected(f, &p, "chunks of lhs stay");
  p.tiling.lhs_kept = p.tiling.lhs_slots = 3; /* no slot for the fourth */
  rejected(f, &p, "chunks of lhs stay");
  p = f->rows;
  p.tiling.lhs_kept = 1;
  rejected(f, &p, "chunks of lhs stay");
  p = f->good;
  p.tiling.lhs_kept = 1;
  rejected(f, &p, "chunks of lhs stay");
}

static void rejects_wrong_columns(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_good_plans),
      cmocka_unit_test(rejects_a_wrong_problem),
      cmocka_unit_test(rejects_tiles_on_one_another),
      cmocka_unit_test(rejects_row_tiles_that_are_not_there),
      cmocka_unit_test(rejects_chunks_in_two_blocks),
      cmocka_unit_test(rejects_wrong_extents),
      cmocka_unit_test(rejects_wrong_slots),
      cmocka_unit_test(rejects_wrong_chunks),
      cmocka_unit_test(rejects_chunks_of_lhs_that_cannot_stay),
      cmocka_unit_test(rejects_wrong_columns),
      cmocka_unit_test(rejects_tiles_that_are_in_no_box),
      cmocka_unit_test(rejects_buffers_out_of_place),
      cmocka_unit_test(rejects_buffers_that_are_too_small_or_missing),
      cmocka_unit_test(counts_event_ids),
      cmocka_unit_test(rejects_products_beyond_the_cube),
      cmocka_unit_test(rejects_each_changed_extent),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
