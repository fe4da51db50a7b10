/* What holds for thousands of plans: the checker takes them, their stagings become them again, a
 * reference is kept, and no other way to cut is better. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/course.h"
#include "plan/event_ids.h"
#include "plan/problems.h"
#include "plan/random_problem.h"
#include "plan/schedule_build.h"
#include "plan/search.h"

/* Plans whose worst ratios differ by less are alike (docs/plan.md). */
static const double CLOSE = 0.004;

/* ---- plans and refusals ---- */

static int64_t widest(const ptl_problem *p) {
  int64_t most = 0;
  for (int i = 0; i < p->rhs_count; i++) {
    most = p->n[i] > most ? p->n[i] : most;
  }
  return most;
}

/* Whether products of smallest chunks and steps have room: of one column tile of 32 columns, or of
 * the whole rhs. */
static bool has_room(const ptl_target *target, const ptl_problem *p) {
  int64_t elem = ptl_elem_bytes(p->lhs);
  int64_t k = elem == 1 ? 32 : 16;
  int64_t rows = (p->m + 15) / 16 * 16;
  int64_t acc_rows =
      p->lhs == PTL_ELEM_I8 && target->acc_row_multiple_i32 == 32 ? (p->m + 31) / 32 * 32 : rows;
  int64_t n = p->n_splittable ? 32 : widest(p);
  int64_t columns = 0;
  for (int i = 0; i < p->rhs_count; i++) {
    columns += p->n_splittable ? 0 : p->n[i];
  }
  columns = p->n_splittable ? n : columns;
  return acc_rows * columns * 4 <= target->capacity_bytes[PTL_SPACE_ACC] &&
         k * n * elem <= target->capacity_bytes[PTL_SPACE_RIGHT] &&
         k * rows * elem <= target->capacity_bytes[PTL_SPACE_LEFT] &&
         k * (rows + n) * elem <= target->capacity_bytes[PTL_SPACE_MAT] &&
         n <= target->max_store_columns;
}

static void check_refusal(const ptl_target *target, const ptl_problem *p, const ptl_no_plan *why) {
  assert_non_null(why->text);
  bool too_wide = !p->n_splittable && widest(p) > target->max_store_columns;
  assert_true(why->code == PTL_CODE_NO_PLAN_BUFFER || why->code == PTL_CODE_NO_PLAN_EVENTS ||
              (too_wide && why->code == PTL_CODE_NO_PLAN_SHAPE));
  if (why->code == PTL_CODE_NO_PLAN_BUFFER) {
    assert_true(why->needed_bytes > why->available_bytes);
    if (has_room(target, p)) {
      print_problem(target, p);
      print_error("%s\n", why->text);
      fail();
    }
  }
}

static void plans_or_refuses_rightly(void **state) {
  (void)state;
  uint64_t seed = 2026;
  int refused = 0;
  for (int i = 0; i < 2000; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 20000, 4096);
    ptl_plan plan, again;
    ptl_no_plan why = {0};
    ptl_status status = ptl_plan_search(&arena, target, &p, NULL, &plan, &why);
    if (status == PTL_OK) {
      check_good_plan(&arena, target, NULL, &plan);
      if (i % 16 == 0) {
        assert_int_equal(ptl_plan_search(&arena, target, &p, NULL, &again, &why), PTL_OK);
        assert_memory_equal(&again, &plan, sizeof(plan));
      }
    } else {
      refused++;
      assert_int_equal(status, PTL_REFUSED);
      check_refusal(target, &p, &why);
    }
    ptl_arena_free(&arena);
  }
  assert_in_range(refused, 50, 1000);
}

/* ---- references ---- */

static ptl_reference reference_of(const ptl_plan *plan) {
  ptl_reference reference;
  memcpy(reference.cycles, plan->cycles, sizeof(reference.cycles));
  memcpy(reference.first_cycles, plan->first_cycles, sizeof(reference.first_cycles));
  return reference;
}

static bool exceeds(const ptl_target *target, const double *cycles, const double *reference) {
  for (int i = 0; i < target->rate_count; i++) {
    if (cycles[i] > reference[i]) {
      return true;
    }
  }
  return false;
}

/* What a plan needs is a reference that some plan keeps; none keeps one of no cycles. */
static void keeps_a_reference(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int i = 0; i < 100; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 8192, 1024);
    ptl_plan free, kept, none;
    ptl_no_plan why = {0};
    if (ptl_plan_search(&arena, target, &p, NULL, &free, &why) == PTL_OK) {
      ptl_reference reference = reference_of(&free);
      assert_int_equal(ptl_plan_search(&arena, target, &p, &reference, &kept, &why), PTL_OK);
      assert_false(exceeds(target, kept.cycles, free.cycles));
      assert_false(exceeds(target, kept.first_cycles, free.first_cycles));
      check_good_plan(&arena, target, &reference, &kept);
      const ptl_reference nothing = {{0}, {0}};
      assert_int_equal(ptl_plan_search(&arena, target, &p, &nothing, &none, &why), PTL_OK);
      assert_memory_equal(&none, &free, sizeof(free));
    }
    ptl_arena_free(&arena);
  }
}

/* Of a kernel that one large Right tile makes slower on a device, a plan is taken that is not. */
static void gives_way_to_a_reference(void **state) {
  (void)state;
  const ptl_target *target = ptl_target_find("a2a3");
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_problem p = problem_of(16, 8192, 256, 1, PTL_ELEM_BF16);
  p.n_splittable = true;
  ptl_plan free, kept;
  ptl_no_plan why;
  assert_int_equal(ptl_plan_search(&arena, target, &p, NULL, &free, &why), PTL_OK);
  ptl_reference reference = {{0}, {0}};
  for (int i = 0; i < target->rate_count; i++) {
    bool device = strncmp(target->rates[i].name, "pypto device", 12) == 0;
    reference.cycles[i] = device ? 0.97 * free.cycles[i] : 1e12;
  }
  assert_int_equal(ptl_plan_search(&arena, target, &p, &reference, &kept, &why), PTL_OK);
  assert_false(exceeds(target, kept.cycles, reference.cycles));
  check_good_plan(&arena, target, &reference, &kept);
  ptl_arena_free(&arena);
}

/* Of wide products hardly any tiling is possible: the search does not end before it comes to a good
 * one. The cycles are those of a search without an end. */
static void searches_wide_products_to_the_end(void **state) {
  (void)state;
  const struct {
    const char *chip;
    ptl_problem problem;
    double cycles;
  } cases[] = {{"a2a3", problem_of(64, 10533, 2688, 1, PTL_ELEM_BF16), 828361},
               {"a5", problem_of(64, 10533, 2688, 1, PTL_ELEM_BF16), 776319},
               {"a5", problem_of(48, 13792, 1632, 2, PTL_ELEM_F16), 1201465},
               {"a2a3", problem_of(64, 16128, 2784, 6, PTL_ELEM_BF16), 8737266},
               {"a5", problem_of(64, 16128, 2784, 6, PTL_ELEM_BF16), 7371901},
               {"a2a3", problem_of(48, 12288, 416, 5, PTL_ELEM_F32), 1428146}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    ptl_problem p = cases[i].problem;
    p.n_splittable = true;
    ptl_plan plan;
    ptl_no_plan why;
    assert_int_equal(ptl_plan_search(&arena, ptl_target_find(cases[i].chip), &p, NULL, &plan, &why),
                     PTL_OK);
    assert_true(plan.cycles[0] < 1.001 * cases[i].cycles);
    ptl_arena_free(&arena);
  }
}

/* ---- all ways to cut ---- */

/* The ways to complete one staging, or the stagings of a problem: the least cycles that one may
 * need by each calibration, and the least worst ratio of those that are possible. */
typedef struct brute {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_problem *problem;
  double least[PTL_MAX_RATES];
  double best;
  int ways;
  int64_t items; /* of all schedules that were run */
} brute;

static double worst_ratio(const brute *b, const double *cycles) {
  double worst = 0;
  for (int i = 0; i < b->target->rate_count; i++) {
    double ratio = cycles[i] / b->least[i];
    worst = !b->target->rates[i].is_guard && ratio > worst ? ratio : worst;
  }
  return worst;
}

static void note_way(brute *b, const double *cycles) {
  double worst = worst_ratio(b, cycles);
  b->best = b->ways == 0 || worst < b->best ? worst : b->best;
  b->ways++;
}

static ptl_cycles bounds_of(const brute *b, const ptl_tiling *t) {
  ptl_bounds of_problem = ptl_bounds_of(b->target, b->problem);
  ptl_staging_bounds of_staging = ptl_bounds_of_staging(&of_problem, t);
  ptl_counts counts = of_staging.counts;
  ptl_count_whole(b->target, b->problem, t, &counts);
  return ptl_cycles_bounds(&of_staging, t, &counts);
}

/* Sharper ones than those; no time is below them. */
static ptl_cycles sharp_bounds(const brute *b, const ptl_tiling *t) {
  ptl_bounds of_problem = ptl_bounds_of(b->target, b->problem);
  ptl_staging_bounds of_staging = ptl_bounds_of_staging(&of_problem, t);
  ptl_last_units units = ptl_last_units_of(&of_staging, t);
  ptl_counts counts = of_staging.counts;
  ptl_count_whole(b->target, b->problem, t, &counts);
  return ptl_last_units_bound(&units, &of_staging, t, &counts);
}

static void note_bounds(brute *b, const ptl_tiling *t, bool first) {
  ptl_cycles bounds = bounds_of(b, t);
  for (int i = 0; i < b->target->rate_count; i++) {
    b->least[i] = first || bounds.by[i] < b->least[i] ? bounds.by[i] : b->least[i];
  }
}

/* What is told of a schedule before it is made is right; says whether ptoas has event ids for
 * it. */
static bool has_ids(const brute *b, const ptl_plan *plan, const ptl_schedule *s, int *heads) {
  ptl_builder builder = ptl_begin_build(b->arena, b->target, &plan->problem, &plan->tiling);
  ptl_counts counts = ptl_count_staging(&plan->problem, &plan->tiling);
  ptl_outline outline = ptl_outline_of(&builder, &counts, PTL_MAX_TEXT);
  const char *lack = ptl_schedule_exceeds_ids(b->arena, b->target, b->problem->outer_loops, s);
  assert_int_equal(outline.items, s->count <= PTL_MAX_TEXT ? s->count : PTL_MAX_TEXT + 1);
  bool is_told = plan->problem.row_tiles <= 1 && s->count <= PTL_MAX_TEXT;
  assert_true(!is_told || outline.lacks_ids == (lack != NULL));
  *heads = is_told ? outline.heads : 0;
  return lack == NULL;
}

/* Of the ways to unroll that ptoas has event ids for the one with the shortest text; none: NULL. */
static ptl_schedule shortest_text(const brute *b, ptl_plan *plan, int *heads) {
  ptl_schedule shortest = {NULL, 0};
  ptl_tiling best = plan->tiling;
  for (int way = 0; way < 4; way++) {
    plan->tiling.unroll_k = way & 1;
    plan->tiling.unroll_n = way & 2;
    ptl_schedule s = ptl_schedule_build(b->arena, b->target, plan);
    int least_heads;
    if (has_ids(b, plan, &s, &least_heads) && s.count <= PTL_MAX_TEXT &&
        (!shortest.items || s.count < shortest.count)) {
      shortest = s;
      best = plan->tiling;
      *heads = least_heads;
    }
  }
  plan->tiling = best;
  return shortest;
}

static bool note_least(void *user, const ptl_cycles *least) {
  ptl_cycles *most = user;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    most->by[i] = least->by[i] > most->by[i] ? least->by[i] : most->by[i];
  }
  return true;
}

/* Cycles of a run; whatever it says on the way of what it takes at the least is not above them. */
static void run_to_the_end(const brute *b, ptl_plan *plan, const ptl_schedule *s) {
  const ptl_target *target = b->target;
  ptl_timeline *timeline = ptl_timeline_create(b->arena, target, target->rates, target->rate_count);
  ptl_course course = ptl_course_of(timeline, plan, s);
  ptl_cycles least = {{0}}, first;
  assert_true(ptl_timeline_run_course(timeline, &course, note_least, &least, &first));
  ptl_cycles cycles = ptl_timeline_cycles(timeline);
  for (int i = 0; i < target->rate_count; i++) {
    assert_true(least.by[i] <= cycles.by[i] && first.by[i] <= cycles.by[i]);
    plan->cycles[i] = cycles.by[i] / (double)ptl_repeats(b->problem);
  }
}

/* Runs one way; no bound may be above what comes out. */
static void run_way(brute *b, const ptl_tiling *t) {
  ptl_cycles bounds = bounds_of(b, t), sharp = sharp_bounds(b, t);
  ptl_plan plan = {.problem = *b->problem, .tiling = *t};
  ptl_plan_place(b->target, &plan);
  int least_heads = 0;
  ptl_schedule s = shortest_text(b, &plan, &least_heads);
  if (!s.items) {
    return;
  }
  run_to_the_end(b, &plan, &s);
  for (int i = 0; i < b->target->rate_count; i++) {
    assert_true(plan.cycles[i] >= bounds.by[i] * (1 - 1e-9));
    double heads = b->target->rates[i].issue_cycles * least_heads / (double)ptl_repeats(b->problem);
    double most = heads + ptl_later(sharp.by[i], bounds.by[i]);
    assert_true(plan.cycles[i] >= most * (1 - 1e-9));
  }
  note_way(b, plan.cycles);
  b->items += s.count;
}

static void expect_best(const brute *b, const double *cycles, const char *of) {
  double found = worst_ratio(b, cycles);
  if (found > b->best + CLOSE + 1e-9) {
    print_problem(b->target, b->problem);
    print_error("worst ratio %.4f, of %d %s the best has %.4f\n", found, b->ways, of, b->best);
  }
  assert_true(found <= b->best + CLOSE + 1e-9);
}

/* The completion that is chosen of a staging, which is best of all; false if there is none. */
static bool best_completion(brute *all, const ptl_tiling *staging, ptl_plan *out) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  brute b = {.arena = all->arena, .target = all->target, .problem = all->problem};
  int count = ptl_completions(b.target, b.problem, staging, tilings);
  for (int i = 0; i < count; i++) {
    note_bounds(&b, &tilings[i], i == 0);
  }
  for (int i = 0; i < count; i++) {
    run_way(&b, &tilings[i]);
  }
  ptl_no_plan why;
  *out = (ptl_plan){.problem = *b.problem, .tiling = *staging};
  ptl_place_staging(b.target, out);
  bool found = ptl_plan_accumulators(b.arena, b.target, NULL, out, &why) == PTL_OK;
  assert_true(found == (b.ways > 0));
  if (found) {
    expect_best(&b, out->cycles, "completions");
    all->items += b.items;
  }
  return found;
}

/* The search runs no more stagings, nor items of schedules, than these; where there are more it may
 * miss the best. */
enum { MOST_RUNS = 96, MOST_ITEMS = 12000 };

static bool compare_all(brute *b, const ptl_plan *plan) {
  ptl_ring_kind kind = {.narrow = false};
  ptl_tilings stagings = ptl_stagings(b->arena, b->target, b->problem, kind);
  if (stagings.count == 0) {
    kind.narrow = true;
    stagings = ptl_stagings(b->arena, b->target, b->problem, kind);
  }
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  ptl_plan completed;
  if (stagings.count == 0 || stagings.count > MOST_RUNS) {
    return false;
  }
  for (int i = 0; i < stagings.count; i++) {
    int count = ptl_completions(b->target, b->problem, &stagings.items[i], tilings);
    for (int j = 0; j < count; j++) {
      note_bounds(b, &tilings[j], i == 0 && j == 0);
    }
  }
  for (int i = 0; i < stagings.count; i++) {
    if (best_completion(b, &stagings.items[i], &completed)) {
      note_way(b, completed.cycles);
    }
  }
  bool all_are_run = b->ways > 0 && b->items <= MOST_ITEMS;
  if (all_are_run) {
    expect_best(b, plan->cycles, "stagings");
  }
  return all_are_run;
}

/* Plans a problem, if there is a plan; says whether all ways could be compared. No staging has a
 * better completion than the one that is chosen, and no other staging is better with its own. */
static bool compare_problem(ptl_arena *arena, const ptl_target *target, const ptl_problem *p) {
  ptl_plan plan;
  ptl_no_plan why;
  brute b = {.arena = arena, .target = target, .problem = p};
  return ptl_plan_search(arena, target, p, NULL, &plan, &why) == PTL_OK && compare_all(&b, &plan);
}

static void finds_the_best_of_all_ways(void **state) {
  (void)state;
  uint64_t seed = 12;
  int compared = 0;
  for (int i = 0; i < 300; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 1024, 512);
    compared += compare_problem(&arena, target, &p);
    ptl_arena_free(&arena);
  }
  assert_in_range(compared, 100, 300);
}

/* One repeat runs into the next: few rows and many. */
static void finds_the_best_of_repeats(void **state) {
  (void)state;
  uint64_t seed = 7;
  int compared = 0;
  for (int i = 0; i < 60; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 1024, 512);
    p.m = i % 2 ? PTL_MANY_ROWS + pick(&seed, 64) : 16;
    p.outer_loops = 1;
    p.repeats = 1 + pick(&seed, 7);
    p.rhs_count = 1;
    compared += compare_problem(&arena, target, &p);
    ptl_arena_free(&arena);
  }
  assert_in_range(compared, 20, 60);
}

/* Tiles of rows share the rhs in Mat, in the best of the ways in which that is possible. */
static void plans_row_tiles(void **state) {
  (void)state;
  uint64_t seed = 4;
  int planned = 0;
  for (int i = 0; i < 40; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    const ptl_target *target = random_target(&arena, &seed);
    ptl_problem p = random_problem(&seed, 1024, 512);
    p.m = 32 * pick(&seed, 4);
    p.row_tiles = 2 + (int)(next_random(&seed) % (PTL_MAX_SHARING - 1));
    p.n_splittable = true;
    ptl_plan plan;
    ptl_no_plan why;
    brute b = {.arena = &arena, .target = target, .problem = &p};
    if (ptl_plan_search(&arena, target, &p, NULL, &plan, &why) == PTL_OK) {
      planned++;
      check_good_plan(&arena, target, NULL, &plan);
      (void)compare_all(&b, &plan);
    }
    ptl_arena_free(&arena);
  }
  assert_in_range(planned, 20, 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plans_row_tiles),
      cmocka_unit_test(plans_or_refuses_rightly),
      cmocka_unit_test(keeps_a_reference),
      cmocka_unit_test(gives_way_to_a_reference),
      cmocka_unit_test(searches_wide_products_to_the_end),
      cmocka_unit_test(finds_the_best_of_all_ways),
      cmocka_unit_test(finds_the_best_of_repeats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
