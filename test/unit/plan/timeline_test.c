/* The model of the pipes, by hand-computed numbers; and whole plans against the cycles
 * that pto-isa's own model gave the same kernels (docs/plan.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/timeline.h"

static ptl_rates simple_rates(void) {
  ptl_rates rates = {.name = "simple",
                     .gm_to_mat_bytes_per_cycle = 10,
                     .mat_to_left_bytes_per_cycle = 10,
                     .mat_to_right_bytes_per_cycle = 20,
                     .acc_drain_bytes_per_cycle = 10,
                     .drain_fixed_cycles = 5,
                     .drain_row_cycles = 1,
                     .matmul_head_cycles = 2};
  return rates;
}

static ptl_range range(ptl_space space, int64_t begin, int64_t end) {
  ptl_range result = {.space = space, .begin_bytes = begin, .end_bytes = end};
  return result;
}

typedef struct fixture {
  ptl_arena arena;
  ptl_rates rates;
  ptl_timeline *timeline;
} fixture;

static void start(fixture *f, ptl_rates rates) {
  ptl_arena_init(&f->arena);
  f->rates = rates;
  f->timeline = ptl_timeline_create(&f->arena, ptl_target_find("a2a3"), &f->rates);
}

static void expect_end(fixture *f, double cycles) {
  double end = ptl_timeline_cycles(f->timeline);
  assert_true(end > cycles - 1e-9 && end < cycles + 1e-9);
}

static const ptl_range MAT = {.space = PTL_SPACE_MAT, .end_bytes = 100};
static const ptl_range LEFT = {.space = PTL_SPACE_LEFT, .end_bytes = 100};
static const ptl_range RIGHT = {.space = PTL_SPACE_RIGHT, .end_bytes = 100};
static const ptl_range ACC = {.space = PTL_SPACE_ACC, .begin_bytes = 0, .end_bytes = 1024};

static void runs_one_instruction_of_each_kind(void **state) {
  (void)state;
  fixture f;
  start(&f, simple_rates());
  expect_end(&f, 0);
  ptl_timeline_load(f.timeline, MAT, 100);
  expect_end(&f, 10); /* 100 / 10 */
  ptl_timeline_extract(f.timeline, MAT, LEFT, 100, PTL_ELEM_I8, true);
  expect_end(&f, 20); /* behind the load, 100 / 10 */
  ptl_timeline_extract(f.timeline, MAT, RIGHT, 100, PTL_ELEM_I8, true);
  expect_end(&f, 25); /* same pipe, 100 / 20 */
  /* 2 + ceil(17/16) * ceil(33/32) * ceil(16/16) = 6 */
  ptl_timeline_matmul(f.timeline, LEFT, RIGHT, ACC, 17, 33, 16, PTL_ELEM_I8, false);
  expect_end(&f, 31);
  /* 5 + 16 rows of max(1, 40 / 10) */
  ptl_timeline_drain(f.timeline, ACC, 16, 640);
  expect_end(&f, 100);
  assert_true(ptl_timeline_busy_cycles(f.timeline, PTL_PIPE_MTE2) == 10);
  assert_true(ptl_timeline_busy_cycles(f.timeline, PTL_PIPE_MTE1) == 15);
  assert_true(ptl_timeline_busy_cycles(f.timeline, PTL_PIPE_M) == 6);
  assert_true(ptl_timeline_busy_cycles(f.timeline, PTL_PIPE_FIX) == 69);
  ptl_arena_free(&f.arena);
}

static void charges_what_a_type_costs(void **state) {
  (void)state;
  fixture f;
  start(&f, simple_rates());
  ptl_timeline_matmul(f.timeline, LEFT, RIGHT, ACC, 1, 16, 16, PTL_ELEM_F32, false);
  expect_end(&f, 2 + 2 * 2); /* two passes of two fractals of 8 */
  ptl_arena_free(&f.arena);
  start(&f, simple_rates());
  ptl_timeline_drain(f.timeline, ACC, 8, 8);
  expect_end(&f, 5 + 8); /* narrow rows cost what a row costs at least */
  ptl_arena_free(&f.arena);
  ptl_rates rates = simple_rates();
  rates.load_fixed_cycles = 7;
  start(&f, rates);
  ptl_timeline_load(f.timeline, MAT, 100);
  expect_end(&f, 17);
  ptl_arena_free(&f.arena);
}

/* What pto-isa charges for 1024 bytes (textract_common.hpp), in bytes of its rates. */
static void charges_elements_and_fractals(void **state) {
  (void)state;
  static const struct {
    ptl_elem elem;
    double left, turned, plain;
  } rows[] = {{PTL_ELEM_I8, 2048, 512, 1024},
              {PTL_ELEM_BF16, 1024, 1024, 1024},
              {PTL_ELEM_F32, 512, 512, 1024}};
  ptl_rates rates = {.charges_fractals = true}, bytes = {.charges_fractals = false};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    int64_t elem = ptl_elem_bytes(rows[i].elem);
    assert_true(ptl_charged_bytes(&rates, PTL_SPACE_LEFT, 1024, elem, false) == rows[i].left);
    assert_true(ptl_charged_bytes(&rates, PTL_SPACE_RIGHT, 1024, elem, true) == rows[i].turned);
    assert_true(ptl_charged_bytes(&rates, PTL_SPACE_RIGHT, 1024, elem, false) == rows[i].plain);
    assert_true(ptl_charged_bytes(&bytes, PTL_SPACE_RIGHT, 1024, elem, true) == 1024);
  }
}

static void waits_for_readers_before_it_overwrites(void **state) {
  (void)state;
  fixture f;
  start(&f, simple_rates());
  ptl_timeline_load(f.timeline, MAT, 100);                             /* 0 to 10 */
  ptl_timeline_extract(f.timeline, MAT, LEFT, 100, PTL_ELEM_I8, true); /* 10 to 20 */
  ptl_timeline_load(f.timeline, MAT, 100);                             /* 20 to 30 */
  expect_end(&f, 30);
  ptl_timeline_load(f.timeline, range(PTL_SPACE_MAT, 100, 200), 100); /* another place */
  expect_end(&f, 40);
  ptl_arena_free(&f.arena);
}

static void keeps_apart_what_does_not_overlap(void **state) {
  (void)state;
  fixture f;
  start(&f, simple_rates());
  ptl_timeline_load(f.timeline, MAT, 1000); /* to 100 */
  ptl_timeline_extract(f.timeline, range(PTL_SPACE_MAT, 100, 200), LEFT, 100, PTL_ELEM_I8,
                       true); /* 0 to 10 */
  assert_true(ptl_timeline_busy_cycles(f.timeline, PTL_PIPE_MTE1) == 10);
  ptl_timeline_extract(f.timeline, range(PTL_SPACE_MAT, 99, 200), RIGHT, 100, PTL_ELEM_I8,
                       true); /* 100 to 105 */
  expect_end(&f, 105);
  ptl_range other = MAT; /* the same bytes of another buffer of a kernel without addresses */
  other.buffer = 1;
  ptl_timeline_load(f.timeline, other, 10);
  expect_end(&f, 105);
  ptl_arena_free(&f.arena);
}

static void accumulating_products_take_turns_with_the_drain(void **state) {
  (void)state;
  fixture f;
  start(&f, simple_rates());
  ptl_timeline_matmul(f.timeline, LEFT, RIGHT, ACC, 16, 32, 16, PTL_ELEM_I8, false); /* to 3 */
  ptl_timeline_drain(f.timeline, ACC, 16, 160);                                      /* 3 to 24 */
  ptl_timeline_matmul(f.timeline, LEFT, RIGHT, ACC, 16, 32, 16, PTL_ELEM_I8, true);
  expect_end(&f, 27);
  ptl_arena_free(&f.arena);
}

static void is_bound_by_issue(void **state) {
  (void)state;
  ptl_rates rates = simple_rates();
  rates.issue_cycles = 50;
  fixture f;
  start(&f, rates);
  for (int i = 0; i < 4; i++) {
    ptl_timeline_load(f.timeline, MAT, 100);
  }
  expect_end(&f, 4 * 50 + 10);
  ptl_arena_free(&f.arena);
}

/* ---- whole plans ---- */

/* Runs a schedule through the public calls, every pass of every loop. */
typedef struct unrolled {
  const ptl_plan *plan;
  const ptl_item *items;
  ptl_timeline *timeline;
} unrolled;

static ptl_range place(const unrolled *u, ptl_space space, ptl_role role, int stream, int slot) {
  const ptl_buffer *b = ptl_plan_buffer(u->plan, space, role, stream, slot);
  return range(space, b->address_bytes, b->address_bytes + b->size_bytes);
}

static void run_one(const unrolled *u, const ptl_item *i) {
  const ptl_problem *p = &u->plan->problem;
  int64_t elem = ptl_elem_bytes(p->lhs);
  ptl_range mat_lhs = place(u, PTL_SPACE_MAT, PTL_ROLE_LHS, 0, 0);
  ptl_range mat_rhs = place(u, PTL_SPACE_MAT, PTL_ROLE_RHS, i->stream, 0);
  ptl_range acc = place(u, PTL_SPACE_ACC, PTL_ROLE_ACC, i->stream, 0);
  if (i->kind == PTL_ITEM_LOAD_LHS) {
    ptl_timeline_load(u->timeline, mat_lhs, p->m * i->k_valid * elem);
  } else if (i->kind == PTL_ITEM_LOAD_RHS) {
    ptl_timeline_load(u->timeline, mat_rhs, i->n * i->k_valid * elem);
  } else if (i->kind == PTL_ITEM_EXTRACT_LHS) {
    ptl_timeline_extract(u->timeline, mat_lhs, place(u, PTL_SPACE_LEFT, PTL_ROLE_LHS, 0, i->slot),
                         u->plan->tiling.m_tile * i->k_tile * elem, p->lhs, false);
  } else if (i->kind == PTL_ITEM_EXTRACT_RHS) {
    ptl_timeline_extract(u->timeline, mat_rhs, place(u, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, i->slot),
                         i->n * i->k_tile * elem, p->rhs, !p->rhs_transposed);
  } else if (i->kind == PTL_ITEM_MATMUL) {
    ptl_timeline_matmul(u->timeline, place(u, PTL_SPACE_LEFT, PTL_ROLE_LHS, 0, i->left_slot),
                        place(u, PTL_SPACE_RIGHT, PTL_ROLE_RHS, 0, i->right_slot), acc, p->m,
                        i->k_valid, i->n, p->lhs, !i->starts);
  } else if (i->kind == PTL_ITEM_STORE) {
    ptl_timeline_drain(u->timeline, acc, p->m, p->m * i->n * 4);
  }
}

static int run_unrolled(const unrolled *u, int begin, int end) {
  int i = begin;
  for (; i < end && u->items[i].kind != PTL_ITEM_END; i++) {
    const ptl_item *item = &u->items[i];
    if (item->kind == PTL_ITEM_LOOP_N || item->kind == PTL_ITEM_LOOP_K) {
      int loop_end = i;
      for (int64_t pass = 0; pass < item->trip_count; pass++) {
        loop_end = run_unrolled(u, i + 1, end);
      }
      i = loop_end;
    } else {
      run_one(u, item);
    }
  }
  return i;
}

static ptl_problem problem(int64_t m, int64_t k, int64_t n, int rhs_count, ptl_elem elem) {
  ptl_problem p = {.m = m, .k = k, .n = n, .rhs_count = rhs_count, .lhs = elem, .rhs = elem};
  p.acc = ptl_elem_accumulator(elem, elem);
  p.n_splittable = true;
  return p;
}

static void skipping_passes_changes_nothing(void **state) {
  (void)state;
  const ptl_problem problems[] = {
      problem(16, 5120, 256, 2, PTL_ELEM_I8),    problem(16, 5120, 1024, 2, PTL_ELEM_I8),
      problem(128, 2048, 1024, 2, PTL_ELEM_I8),  problem(64, 5120, 512, 2, PTL_ELEM_F32),
      problem(16, 5000, 256, 1, PTL_ELEM_BF16),  problem(33, 3001, 320, 3, PTL_ELEM_F16),
      problem(16, 5120, 512, 4, PTL_ELEM_I8),    problem(1, 17408, 256, 2, PTL_ELEM_I8),
      problem(16, 40000, 512, 2, PTL_ELEM_BF16),
  };
  const char *const names[] = {"a2a3", "a5"};
  for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]) * 2; i++) {
    const ptl_target *target = ptl_target_find(names[i % 2]);
    ptl_arena arena;
    ptl_arena_init(&arena);
    ptl_plan plan;
    ptl_no_plan why;
    assert_int_equal(ptl_plan_search(&arena, target, &problems[i / 2], &plan, &why), PTL_OK);
    ptl_schedule schedule = ptl_schedule_build(&arena, target, &plan);
    for (int r = 0; r < target->rate_count; r++) {
      ptl_timeline *timeline = ptl_timeline_create(&arena, target, &target->rates[r]);
      unrolled u = {&plan, schedule.items, timeline};
      (void)run_unrolled(&u, 0, schedule.count);
      double slow = ptl_timeline_cycles(timeline);
      double fast = plan.cycles[r];
      assert_true(fast > slow * 0.9999 && fast < slow * 1.0001);
    }
    ptl_arena_free(&arena);
  }
}

/* The kernel of docs/plan.md in a given staging. */
static void in_staging(int64_t chunk_k, int64_t full_chunks, const int64_t *tail, int tail_count,
                       ptl_arena *arena, ptl_plan *plan) {
  memset(plan, 0, sizeof(*plan));
  plan->problem = problem(16, 5120, 256, 2, PTL_ELEM_I8);
  ptl_tiling t = {.m_tile = 16, .n_tile = 256, .n_full = 1, .lhs_resident = true};
  t.chunk_k = chunk_k;
  t.full_chunks = full_chunks;
  t.tail_count = tail_count;
  for (int i = 0; i < tail_count; i++) {
    t.tail_k[i] = tail[i];
  }
  plan->tiling = t;
  const int64_t lhs_bytes = 16 * 5120;
  plan->buffer_count = 3;
  plan->buffers[0] = (ptl_buffer){PTL_SPACE_MAT, PTL_ROLE_LHS, 0, 0, 0, lhs_bytes};
  for (int stream = 0; stream < 2; stream++) {
    plan->buffers[1 + stream] = (ptl_buffer){
        PTL_SPACE_MAT, PTL_ROLE_RHS, stream, 0, lhs_bytes + stream * chunk_k * 256, chunk_k * 256};
  }
  ptl_no_plan why;
  assert_int_equal(ptl_plan_accumulators(arena, ptl_target_find("a2a3"), plan, &why), PTL_OK);
  assert_int_equal(plan->tiling.step_k, 256);
}

static void within(double cycles, double measured, double percent) {
  assert_true(cycles > measured * (1 - percent / 100) && cycles < measured * (1 + percent / 100));
}

static void agrees_with_pto_isa(void **state) {
  (void)state;
  const int64_t taper[] = {256, 128, 128};
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_plan plan;
  in_staging(512, 9, taper, 3, &arena, &plan);
  within(plan.cycles[0], 34885, 0.1);  /* flat, issue 0 */
  within(plan.cycles[2], 42300, 4);    /* issue 100 */
  within(plan.cycles[3], 166222, 0.1); /* fitted */
  in_staging(512, 10, NULL, 0, &arena, &plan);
  within(plan.cycles[0], 35467, 0.1);
  within(plan.cycles[3], 166538, 0.1);
  in_staging(256, 20, NULL, 0, &arena, &plan);
  within(plan.cycles[0], 35077, 0.1);
  within(plan.cycles[2], 48300, 4);
  within(plan.cycles[3], 167468, 0.1);
  ptl_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_one_instruction_of_each_kind),
      cmocka_unit_test(charges_what_a_type_costs),
      cmocka_unit_test(charges_elements_and_fractals),
      cmocka_unit_test(waits_for_readers_before_it_overwrites),
      cmocka_unit_test(keeps_apart_what_does_not_overlap),
      cmocka_unit_test(accumulating_products_take_turns_with_the_drain),
      cmocka_unit_test(is_bound_by_issue),
      cmocka_unit_test(skipping_passes_changes_nothing),
      cmocka_unit_test(agrees_with_pto_isa),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
