/* The planner: known numbers, refusals in words, and properties of thousands of plans. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "plan/schedule.h"

static ptl_problem problem(int64_t m, int64_t k, int64_t n, int rhs_count, ptl_elem elem) {
  ptl_problem p = {.m = m, .k = k, .n = n, .rhs_count = rhs_count, .lhs = elem, .rhs = elem};
  p.acc = ptl_elem_accumulator(elem, elem);
  return p;
}

static void plans_the_gate_up_kernel(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_problem p = problem(16, 5120, 256, 2, PTL_ELEM_I8);
  ptl_plan plan;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  const ptl_tiling *t = &plan.tiling;
  assert_true(t->lhs_resident);
  assert_int_equal(t->m_tile, 16);
  assert_int_equal(t->n_tile, 256);
  assert_int_equal(t->chunk_k, 512);
  assert_int_equal(t->full_chunks, 9);
  assert_int_equal(t->step_k, 256);
  assert_true(t->tail_count >= 2);
  assert_int_equal(plan.used_bytes[PTL_SPACE_MAT], 16 * 5120 + 2 * 131072);
  assert_int_equal(plan.used_bytes[PTL_SPACE_ACC], 65536);
  /* MTE2 alone needs 34,502 cycles; today's kernel takes 47,988. */
  assert_true(plan.cycles[0] > 34502 && plan.cycles[0] < 34502 / 0.98);
  p.n_splittable = true;
  ptl_plan other;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &other, &why), PTL_OK);
  assert_memory_equal(&other.tiling, &plan.tiling, sizeof(plan.tiling));
  ptl_arena_free(&arena);
}

static void plans_the_smallest_and_a_large_product(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_plan plan;
  ptl_no_plan why;
  ptl_problem least = problem(1, 16, 16, 1, PTL_ELEM_BF16);
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a5"), &least, &plan, &why), PTL_OK);
  assert_int_equal(plan.tiling.chunk_k, 16);
  assert_int_equal(plan.tiling.full_chunks, 1);
  ptl_problem large = problem(128, 17408, 17408, 2, PTL_ELEM_BF16);
  large.n_splittable = true;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &large, &plan, &why), PTL_OK);
  assert_false(plan.tiling.lhs_resident);
  assert_true(plan.tiling.n_full > 1);
  ptl_arena_free(&arena);
}

static void unrolls_what_event_ids_do_not_reach_for(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_plan plan;
  ptl_no_plan why;
  ptl_problem p = problem(16, 5120, 1024, 3, PTL_ELEM_I8); /* three tiles in two loops: six */
  p.n_splittable = true;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  assert_true(plan.tiling.unroll_n || plan.tiling.unroll_k);
  p = problem(16, 5120, 256, 2, PTL_ELEM_I8);
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  assert_false(plan.tiling.unroll_k);
  p.outer_loops = 1;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  assert_true(plan.tiling.unroll_k);
  p.rhs_count = 3;
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_REFUSED);
  assert_int_equal(why.code, PTL_CODE_NO_PLAN_EVENTS);
  assert_non_null(strstr(why.text, "8 ids"));
  p.k = 256; /* one chunk: nothing is loaded twice */
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &p, &plan, &why), PTL_OK);
  ptl_arena_free(&arena);
}

/* ---- refusals ---- */

typedef struct refusal {
  ptl_problem problem;
  ptl_code code;
  const char *words;
} refusal;

static void expect_refusal(const refusal *r) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_plan plan;
  ptl_no_plan why = {0};
  assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a2a3"), &r->problem, &plan, &why),
                   PTL_REFUSED);
  assert_int_equal(why.code, r->code);
  if (!strstr(why.text, r->words)) {
    print_error("no '%s' in: %s\n", r->words, why.text);
  }
  assert_non_null(strstr(why.text, r->words));
  ptl_arena_free(&arena);
}

static void says_why_there_is_no_plan(void **state) {
  (void)state;
  ptl_problem mixed = problem(16, 512, 256, 2, PTL_ELEM_I8);
  mixed.rhs = PTL_ELEM_I16;
  ptl_problem wrong_acc = problem(16, 512, 256, 2, PTL_ELEM_I8);
  wrong_acc.acc = PTL_ELEM_F32;
  ptl_problem transposed = problem(16, 512, 24, 2, PTL_ELEM_I8);
  transposed.rhs_transposed = true;
  ptl_problem four = problem(128, 20480, 256, 4, PTL_ELEM_F32);
  four.n_splittable = true;
  const refusal refusals[] = {
      {mixed, PTL_CODE_NO_PLAN_ELEMENTS, "i8 x i16"},
      {wrong_acc, PTL_CODE_NO_PLAN_ELEMENTS, "i8 x i8 -> f32"},
      {problem(0, 512, 256, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "M is 0"},
      {problem(129, 512, 256, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "M is 129"},
      {problem(16, 15, 256, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "K is 15"},
      {problem(16, 512, 48, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "multiples of 32"},
      {problem(16, 512, 24, 2, PTL_ELEM_F32), PTL_CODE_NO_PLAN_SHAPE, "multiples of 16"},
      {transposed, PTL_CODE_NO_PLAN_SHAPE, "transposed i8 tiles come in multiples of 16"},
      {problem(16, 512, 0, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "N is 0"},
      {problem(16, 512, (int64_t)1 << 62, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "at most 2^40"},
      {problem(16, 512, INT64_MAX, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "at most 2^40"},
      {problem(16, 512, 256, 5, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "5 right-hand sides"},
      {problem(16, 512, 256, 0, PTL_ELEM_I8), PTL_CODE_NO_PLAN_SHAPE, "0 right-hand sides"},
      {problem(128, 512, 160, 2, PTL_ELEM_I8), PTL_CODE_NO_PLAN_BUFFER,
       "Acc needs 163840 bytes for 2 accumulators of 128 x 160 i32 (rows padded to 128), a2a3 has "
       "131072; tried n = 160, and chunks of 512, 384, 256, 192, 128, 96, 64, 32 of K"},
      {problem(16, 512, 2048, 1, PTL_ELEM_F32), PTL_CODE_NO_PLAN_BUFFER,
       "Right needs 131072 bytes"},
      {four, PTL_CODE_NO_PLAN_BUFFER, "Mat needs 10489856 bytes"},
  };
  for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
    expect_refusal(&refusals[i]);
  }
}

static void refuses_more_columns_than_a_store_takes(void **state) {
  (void)state;
  ptl_target roomy = *ptl_target_find("a5");
  for (int space = 0; space < PTL_SPACE_COUNT; space++) {
    roomy.capacity_bytes[space] *= 64;
  }
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_problem p = problem(16, 512, 4096, 2, PTL_ELEM_I8);
  ptl_plan plan;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(&arena, &roomy, &p, &plan, &why), PTL_REFUSED);
  assert_int_equal(why.code, PTL_CODE_NO_PLAN_SHAPE);
  assert_non_null(strstr(why.text, "4095 columns"));
  p.n_splittable = true;
  assert_int_equal(ptl_plan_search(&arena, &roomy, &p, &plan, &why), PTL_OK);
  ptl_arena_free(&arena);
}

static void refuses_a_staging_of_another_problem(void **state) {
  (void)state;
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_problem p = problem(16, 5120, 256, 2, PTL_ELEM_I8);
  ptl_plan good;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(&arena, target, &p, &good, &why), PTL_OK);
  const int64_t wrong[] = {INT64_MIN, -512, 0, 1, 48, 8192, INT64_MAX / 4};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    int64_t *fields[] = {&good.tiling.m_tile,   &good.tiling.n_tile,  &good.tiling.n_full,
                         &good.tiling.n_tail,   &good.tiling.chunk_k, &good.tiling.full_chunks,
                         &good.tiling.tail_k[0]};
    for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
      int64_t kept = *fields[j];
      if (kept != wrong[i]) {
        *fields[j] = wrong[i];
        ptl_plan bad = good;
        assert_int_equal(ptl_plan_accumulators(&arena, target, &bad, &why), PTL_REFUSED);
        assert_non_null(why.text);
        *fields[j] = kept;
      }
    }
  }
  ptl_plan bad = good;
  bad.tiling.tail_count = PTL_MAX_TAIL + 1;
  assert_int_equal(ptl_plan_accumulators(&arena, target, &bad, &why), PTL_REFUSED);
  /* Sums up, but Left cannot hold such a chunk, nor Mat such tiles. */
  bad = good;
  bad.tiling = (ptl_tiling){.m_tile = 16,
                            .n_tile = 256,
                            .n_full = 1,
                            .chunk_k = 5120,
                            .full_chunks = 1,
                            .lhs_resident = true};
  assert_int_equal(ptl_plan_accumulators(&arena, target, &bad, &why), PTL_REFUSED);
  assert_int_equal(why.code, PTL_CODE_NO_PLAN_BUFFER);
  assert_int_equal(why.space, PTL_SPACE_MAT);
  ptl_arena_free(&arena);
}

static void check_good_plan(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan) {
  const char *wrong = NULL;
  ptl_status status = ptl_plan_check(arena, target, plan, &wrong);
  if (status != PTL_OK) {
    const ptl_problem *p = &plan->problem;
    print_error("%s: m %" PRId64 " k %" PRId64 " n %" PRId64 " rhs %d %s: %s\n", target->name, p->m,
                p->k, p->n, p->rhs_count, ptl_elem_name(p->lhs), wrong);
  }
  assert_int_equal(status, PTL_OK);
  ptl_plan second = ptl_plan_staging(plan);
  assert_int_equal(second.tiling.step_k, 0);
  assert_int_equal(second.buffer_count, plan->problem.rhs_count + 1);
  ptl_no_plan why;
  assert_int_equal(ptl_plan_accumulators(arena, target, &second, &why), PTL_OK);
  assert_memory_equal(&second, plan, sizeof(second));
}

/* Mat buffers that are edited are kept where they are, or refused: too few, too small, not aligned,
 * not in Mat, or one on another. */
static void keeps_the_mat_buffers_of_a_staging(void **state) {
  (void)state;
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_problem p = problem(16, 5120, 256, 2, PTL_ELEM_I8);
  ptl_plan plan;
  ptl_no_plan why = {0};
  assert_int_equal(ptl_plan_search(&arena, target, &p, &plan, &why), PTL_OK);
  const ptl_plan staging = ptl_plan_staging(&plan);
  int64_t capacity = target->capacity_bytes[PTL_SPACE_MAT];
  ptl_plan moved = staging;
  moved.buffers[2].address_bytes = capacity - moved.buffers[2].size_bytes;
  moved.used_bytes[PTL_SPACE_MAT] = capacity;
  assert_int_equal(ptl_plan_accumulators(&arena, target, &moved, &why), PTL_OK);
  assert_int_equal(moved.buffers[2].address_bytes, capacity - moved.buffers[2].size_bytes);
  check_good_plan(&arena, target, &moved);

  ptl_plan bad[7];
  for (int i = 0; i < 7; i++) {
    bad[i] = staging;
  }
  bad[0].buffer_count = 2;
  bad[1].buffers[0].size_bytes--;
  bad[2].buffers[1].size_bytes--;
  bad[3].buffers[2].address_bytes++;
  bad[4].buffers[2].address_bytes = capacity;
  bad[5].buffers[2].address_bytes = bad[5].buffers[1].address_bytes;
  bad[6].buffers[0].address_bytes = INT64_MAX - 511;
  for (int i = 0; i < 7; i++) {
    assert_int_equal(ptl_plan_accumulators(&arena, target, &bad[i], &why), PTL_REFUSED);
    assert_int_equal(why.code, PTL_CODE_NO_PLAN_SHAPE);
    assert_non_null(strstr(why.text, "Mat buffers"));
  }
  ptl_arena_free(&arena);
}

/* ---- properties ---- */

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return *seed >> 33;
}

static int64_t pick(uint64_t *seed, int64_t most) {
  /* As many small as large ones. */
  int64_t limit = most >> (next_random(seed) % 10);
  return 1 + (int64_t)(next_random(seed) % (uint64_t)(limit > 0 ? limit : 1));
}

static ptl_problem random_problem(uint64_t *seed) {
  const ptl_elem elems[] = {PTL_ELEM_I8, PTL_ELEM_F16, PTL_ELEM_BF16, PTL_ELEM_F32};
  ptl_elem elem = elems[next_random(seed) % 4];
  ptl_problem p =
      problem(pick(seed, 128), pick(seed, 20000), 0, 1 + (int)(next_random(seed) % 4), elem);
  p.rhs_transposed = next_random(seed) % 2;
  p.n_splittable = next_random(seed) % 2;
  p.outer_loops = next_random(seed) % 4 == 0;
  int64_t box = elem == PTL_ELEM_I8 && !p.rhs_transposed ? 32 : 16;
  p.n = box * pick(seed, 2048 / box);
  p.k = p.k < 16 ? 16 : p.k;
  p.k = next_random(seed) % 2 ? (p.k + 127) / 128 * 128 : p.k;
  return p;
}

/* Whether one product of smallest chunks and steps in `n` columns has room. */
static bool has_room(const ptl_target *target, const ptl_problem *p, int64_t n, bool resident) {
  int64_t elem = p->lhs == PTL_ELEM_I8 ? 1 : p->lhs == PTL_ELEM_F32 ? 4 : 2;
  int64_t k = elem == 1 ? 32 : 16;
  int64_t rows = (p->m + 15) / 16 * 16;
  int64_t acc_rows =
      p->lhs == PTL_ELEM_I8 && target->acc_row_multiple_i32 == 32 ? (p->m + 31) / 32 * 32 : rows;
  int64_t lhs_k = resident ? (p->k + k - 1) / k * k : k;
  int64_t mat = rows * lhs_k * elem + p->rhs_count * k * n * elem;
  int64_t tiles = p->rhs_count + (resident ? 0 : 1);
  return p->rhs_count * acc_rows * n * 4 <= target->capacity_bytes[PTL_SPACE_ACC] &&
         k * n * elem <= target->capacity_bytes[PTL_SPACE_RIGHT] &&
         k * rows * elem <= target->capacity_bytes[PTL_SPACE_LEFT] &&
         mat <= target->capacity_bytes[PTL_SPACE_MAT] && n <= 4095 &&
         tiles * (p->outer_loops + 1) <= 4;
}

static bool any_room(const ptl_target *target, const ptl_problem *p) {
  int64_t box = p->lhs == PTL_ELEM_I8 && !p->rhs_transposed ? 32 : 16;
  int64_t least = p->n_splittable ? box : p->n;
  return has_room(target, p, least, true) || has_room(target, p, least, false);
}

static void plans_or_refuses_rightly(void **state) {
  (void)state;
  uint64_t seed = 2026;
  int refused = 0;
  for (int i = 0; i < 3000; i++) {
    const ptl_target *target = ptl_target_find(i % 2 ? "a2a3" : "a5");
    ptl_problem p = random_problem(&seed);
    ptl_arena arena;
    ptl_arena_init(&arena);
    ptl_plan plan;
    ptl_plan again;
    ptl_no_plan why = {0};
    ptl_status status = ptl_plan_search(&arena, target, &p, &plan, &why);
    if (status == PTL_OK) {
      check_good_plan(&arena, target, &plan);
      assert_int_equal(ptl_plan_search(&arena, target, &p, &again, &why), PTL_OK);
      assert_memory_equal(&again, &plan, sizeof(plan));
    } else {
      refused++;
      assert_int_equal(status, PTL_REFUSED);
      assert_true(why.code == PTL_CODE_NO_PLAN_BUFFER || why.code == PTL_CODE_NO_PLAN_EVENTS);
      assert_true(why.code == PTL_CODE_NO_PLAN_EVENTS || why.needed_bytes > why.available_bytes);
      if (any_room(target, &p) && why.code == PTL_CODE_NO_PLAN_BUFFER) {
        print_error("m %" PRId64 " k %" PRId64 " n %" PRId64 " x %d %s: %s\n", p.m, p.k, p.n,
                    p.rhs_count, ptl_elem_name(p.lhs), why.text);
        fail();
      }
    }
    ptl_arena_free(&arena);
  }
  assert_in_range(refused, 100, 1500);
}

/* K that leaves a rest shorter than a box, which must not be cut any further. */
static void plans_short_rests(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  for (int64_t k = 577; k < 640; k++) {
    ptl_problem p = problem(16, k, 1376, 1, PTL_ELEM_BF16);
    ptl_plan plan;
    ptl_no_plan why;
    assert_int_equal(ptl_plan_search(&arena, ptl_target_find("a5"), &p, &plan, &why), PTL_OK);
    check_good_plan(&arena, ptl_target_find("a5"), &plan);
  }
  ptl_arena_free(&arena);
}

static double cycles_of(const ptl_target *target, ptl_problem p) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_plan plan;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(&arena, target, &p, &plan, &why), PTL_OK);
  double cycles = plan.cycles[0];
  ptl_arena_free(&arena);
  return cycles;
}

static void more_work_takes_longer(void **state) {
  (void)state;
  const ptl_target *target = ptl_target_find("a2a3");
  for (int64_t k = 256; k <= 16384; k *= 2) {
    ptl_problem p = problem(16, k, 256, 2, PTL_ELEM_I8);
    ptl_problem longer = p;
    longer.k = 2 * k;
    ptl_problem more = p;
    more.rhs_count = 3;
    assert_true(cycles_of(target, longer) > 1.5 * cycles_of(target, p));
    assert_true(cycles_of(target, more) > 1.2 * cycles_of(target, p));
  }
}

static void keeps_the_pipe_from_memory_busy(void **state) {
  (void)state;
  const ptl_target *target = ptl_target_find("a2a3");
  const ptl_elem elems[] = {PTL_ELEM_I8, PTL_ELEM_BF16};
  for (int i = 0; i < 2; i++) {
    ptl_problem p = problem(16, 5120, 256, 2, elems[i]);
    double bytes = (16.0 * 5120 + 2.0 * 5120 * 256) * (double)ptl_elem_bytes(elems[i]);
    double bound = bytes / target->rates[0].gm_to_mat_bytes_per_cycle;
    assert_true(cycles_of(target, p) < bound / 0.97);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plans_the_gate_up_kernel),
      cmocka_unit_test(plans_the_smallest_and_a_large_product),
      cmocka_unit_test(unrolls_what_event_ids_do_not_reach_for),
      cmocka_unit_test(says_why_there_is_no_plan),
      cmocka_unit_test(refuses_more_columns_than_a_store_takes),
      cmocka_unit_test(refuses_a_staging_of_another_problem),
      cmocka_unit_test(keeps_the_mat_buffers_of_a_staging),
      cmocka_unit_test(plans_or_refuses_rightly),
      cmocka_unit_test(plans_short_rests),
      cmocka_unit_test(more_work_takes_longer),
      cmocka_unit_test(keeps_the_pipe_from_memory_busy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
