/* The checker of a plan: takes the planner's, and rejects broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan/plan_check.h"

typedef struct fixture {
  ptl_arena arena;
  ptl_plan good;   /* 16 x 5120 x 256, two rhs, i8, a2a3 */
  ptl_plan narrow; /* the same cut along N, with a rest */
} fixture;

static ptl_plan plan_of(ptl_arena *arena, int64_t n) {
  ptl_problem p = {.m = 16,
                   .k = 5120,
                   .n = n,
                   .rhs_count = 2,
                   .lhs = PTL_ELEM_I8,
                   .rhs = PTL_ELEM_I8,
                   .acc = PTL_ELEM_I32,
                   .n_splittable = true};
  ptl_plan plan;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  return plan;
}

static int set_up(void **state) {
  static fixture f;
  ptl_arena_init(&f.arena);
  f.good = plan_of(&f.arena, 256);
  f.narrow = plan_of(&f.arena, 1056);
  *state = &f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  ptl_arena_free(&f->arena);
  return 0;
}

static ptl_buffer *buffer(ptl_plan *plan, ptl_space space, ptl_role role, int stream, int slot) {
  return &plan->buffers[ptl_plan_buffer(plan, space, role, stream, slot) - plan->buffers];
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
  const char *why = "";
  assert_int_equal(ptl_plan_check(&f->arena, ptl_target_find("a2a3"), &f->good, &why), PTL_OK);
  assert_null(why);
  assert_int_equal(ptl_plan_check(&f->arena, ptl_target_find("a2a3"), &f->narrow, &why), PTL_OK);
}

static void rejects_a_wrong_problem(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  p.problem.rhs_count = 0;
  rejected(f, &p, "right-hand");
  p.problem.rhs_count = 5;
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
  p.problem.n = 512;
  rejected(f, &p, "add up to N");
  p = f->good;
  p.problem.m = 17;
  rejected(f, &p, "m_tile");
  p = f->good;
  p.problem.rhs_count = 3; /* no buffers for the third */
  rejected(f, &p, "does not fit");
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
  assert_int_equal(ptl_plan_search(&f->arena, target, &problem, &p, &no_plan), PTL_OK);
  assert_int_equal(512 % p.tiling.chunk_k, 0);
  assert_false(p.tiling.lhs_resident);
  assert_int_equal(ptl_plan_check(&f->arena, target, &p, &why), PTL_OK);
  p.problem.k_block = p.tiling.chunk_k / 2;
  rejected(f, &p, "two blocks");
  p = f->good;
  p.problem.k_block = p.tiling.chunk_k;
  rejected(f, &p, "two blocks");
  problem.k_block = 48;
  assert_int_equal(ptl_plan_search(&f->arena, target, &problem, &p, &no_plan), PTL_REFUSED);
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
  p = f->narrow;
  p.tiling.n_tail -= 32;
  rejected(f, &p, "add up to N");
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
  p.problem.n = 248;
  p.tiling.n_tile = 248;
  rejected(f, &p, "N = 248 is in no box");
  p.problem.n = 240; /* 15 times 16: good for Acc, not for a Mat tile of i8 */
  p.tiling.n_tile = 240;
  rejected(f, &p, "N = 240 is in no box");
}

static void rejects_buffers_out_of_place(void **state) {
  fixture *f = *state;
  ptl_plan p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1, 0)->address_bytes -= 32;
  rejected(f, &p, "overlap");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1, 0)->address_bytes += 16;
  rejected(f, &p, "not aligned");
  p = f->good;
  buffer(&p, PTL_SPACE_LEFT, PTL_ROLE_LHS, 0, 1)->address_bytes += 32;
  rejected(f, &p, "not aligned");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1, 0)->address_bytes = 524288 - 32;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_LHS, 0, 0)->address_bytes = -32;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, 0)->size_bytes *= 2;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, 0)->size_bytes = INT64_MAX;
  rejected(f, &p, "outside");
  p = f->good;
  buffer(&p, PTL_SPACE_ACC, PTL_ROLE_ACC, 1, 0)->size_bytes = 0;
  rejected(f, &p, "outside");
  p = f->good;
  p.buffers[2].space = (ptl_space)99;
  rejected(f, &p, "no space");
  p = f->good;
  p.buffer_count = PTL_MAX_BUFFERS + 1;
  rejected(f, &p, "buffers");
}

static void rejects_buffers_that_are_too_small_or_missing(void **state) {
  fixture *f = *state;
  /* Accumulators placed by their logical size would overlap in hardware. */
  ptl_plan p = f->good;
  buffer(&p, PTL_SPACE_ACC, PTL_ROLE_ACC, 0, 0)->size_bytes = 16384;
  rejected(f, &p, "does not fit its acc buffer");
  for (int i = 0; i < f->good.buffer_count; i++) {
    p = f->good;
    p.buffers[i].size_bytes -= 32;
    int64_t end = p.buffers[i].address_bytes + p.buffers[i].size_bytes;
    p.used_bytes[p.buffers[i].space] -= end + 32 == p.used_bytes[p.buffers[i].space] ? 32 : 0;
    rejected(f, &p, "does not fit");
    p = f->good;
    p.buffers[i].slot += 7; /* the real one is missing now */
    rejected(f, &p, "does not fit");
  }
  p = f->good;
  buffer(&p, PTL_SPACE_MAT, PTL_ROLE_RHS, 1, 0)->stream = 0;
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
    int64_t *fields[] = {&p.tiling.n_tile,      &p.tiling.n_full,    &p.tiling.n_tail,
                         &p.tiling.full_chunks, &p.tiling.tail_k[0], &p.problem.k,
                         &p.problem.n};
    for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
      if (j == 4 && p.tiling.tail_count == 0) {
        continue;
      }
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

static bool is_loop(const ptl_item *item) { return item->kind >= PTL_ITEM_LOOP_N; }

/* Every instruction of a schedule is needed, and needed just so. */
static void rejects_each_changed_item(void **state) {
  fixture *f = *state;
  const ptl_plan *plans[] = {&f->good, &f->narrow};
  for (int which = 0; which < 2; which++) {
    const ptl_plan *plan = plans[which];
    ptl_schedule schedule = ptl_schedule_build(&f->arena, ptl_target_find("a2a3"), plan);
    assert_true(passes(f, plan, &schedule));
    for (int i = 0; i < schedule.count; i++) {
      ptl_item kept = schedule.items[i];
      ptl_item *item = &schedule.items[i];
      if (is_loop(&kept)) {
        continue;
      }
      item->k_base += 32;
      assert_true(passes(f, plan, &schedule) == (kept.kind == PTL_ITEM_STORE));
      *item = kept;
      item->n += 32;
      bool has_n = kept.kind != PTL_ITEM_LOAD_LHS && kept.kind != PTL_ITEM_EXTRACT_LHS;
      assert_true(passes(f, plan, &schedule) == !has_n);
      *item = kept;
      item->k_valid -= 1;
      assert_true(passes(f, plan, &schedule) == (kept.kind == PTL_ITEM_STORE));
      *item = kept;
      item->stream = 1 - kept.stream;
      bool has_stream = kept.kind != PTL_ITEM_LOAD_LHS && kept.kind != PTL_ITEM_EXTRACT_LHS;
      assert_true(!has_stream || !passes(f, plan, &schedule));
      *item = kept;
      if (kept.kind == PTL_ITEM_MATMUL) {
        item->starts = !kept.starts;
        assert_false(passes(f, plan, &schedule));
        *item = kept;
      }
      int last = schedule.count - 1; /* leave it out */
      memmove(item, item + 1, (size_t)(last - i) * sizeof(*item));
      schedule.count--;
      assert_false(passes(f, plan, &schedule));
      schedule.count++;
      memmove(item + 1, item, (size_t)(last - i) * sizeof(*item));
      *item = kept;
    }
    assert_true(passes(f, plan, &schedule));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_good_plans),
      cmocka_unit_test(rejects_a_wrong_problem),
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
