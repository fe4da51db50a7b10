#include "plan/plan.h"

#include <string.h>

#include "plan/search.h"
#include "plan/timeline_state.h"

/* One candidate that was run, with what decides between candidates. */
typedef struct entry {
  ptl_plan plan;
  int64_t issued_items;
} entry;

typedef struct search {
  const ptl_target *target;
  const ptl_problem *problem;
} search;

/* Places the buffers of a whole tiling and runs it under every calibration. */
static void evaluate(const search *s, const ptl_tiling *tiling, entry *out) {
  ptl_arena scratch;
  ptl_arena_init(&scratch);
  out->plan.problem = *s->problem;
  out->plan.tiling = *tiling;
  out->issued_items = ptl_issued_items(s->problem, tiling);
  ptl_place_staging(s->target, &out->plan);
  ptl_place_accumulators(s->target, &out->plan);
  ptl_schedule schedule = ptl_schedule_build(&scratch, &out->plan);
  for (int i = 0; i < s->target->rate_count; i++) {
    ptl_timeline *timeline = ptl_timeline_create(&scratch, s->target, &s->target->rates[i]);
    ptl_timeline_run_schedule(timeline, &out->plan, &schedule);
    out->plan.cycles[i] = ptl_timeline_cycles(timeline);
  }
  ptl_arena_free(&scratch);
}

/* Whether `known` is as fast as `bound` promises to be under every calibration: then
 * what has that bound cannot win. */
static bool beats(const search *s, const entry *known, const double *bound) {
  for (int i = 0; i < s->target->rate_count; i++) {
    if (known->plan.cycles[i] > bound[i]) {
      return false;
    }
  }
  return true;
}

static bool beaten_by_any(const search *s, const entry *entries, int count, const double *bound) {
  for (int i = count - 1; i >= 0; i--) {
    if (beats(s, &entries[i], bound)) {
      return true;
    }
  }
  return false;
}

static void bounds_of(const search *s, const ptl_tiling *tiling, double *out) {
  for (int i = 0; i < s->target->rate_count; i++) {
    out[i] = ptl_cycles_bound(s->target, &s->target->rates[i], s->problem, tiling);
  }
}

static int compare_extent(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* Among equally fast plans: fewer instructions, then larger pieces. */
static bool is_simpler(const entry *a, const entry *b) {
  const ptl_tiling *x = &a->plan.tiling;
  const ptl_tiling *y = &b->plan.tiling;
  int order = compare_extent(a->issued_items, b->issued_items);
  order = order ? order : compare_extent(y->n_tile, x->n_tile);
  order = order ? order : compare_extent(y->chunk_k, x->chunk_k);
  order = order ? order : compare_extent(y->step_k, x->step_k);
  order = order ? order : compare_extent(x->tail_count, y->tail_count);
  order = order ? order : compare_extent(x->right_slots, y->right_slots);
  return order < 0;
}

/* How much slower than the fastest of all, under the calibration where it is worst. */
static double worst_ratio(const search *s, const entry *e, const double *fastest) {
  double worst = 0;
  for (int i = 0; i < s->target->rate_count; i++) {
    double ratio = e->plan.cycles[i] / fastest[i];
    worst = ratio > worst ? ratio : worst;
  }
  return worst;
}

/* The entry whose worst ratio is least. `count` > 0. */
static const entry *best_of(const search *s, const entry *entries, int count) {
  double fastest[PTL_MAX_RATES];
  for (int i = 0; i < s->target->rate_count; i++) {
    fastest[i] = entries[0].plan.cycles[i];
    for (int j = 1; j < count; j++) {
      fastest[i] = entries[j].plan.cycles[i] < fastest[i] ? entries[j].plan.cycles[i] : fastest[i];
    }
  }
  const entry *best = &entries[0];
  double best_ratio = worst_ratio(s, best, fastest);
  for (int j = 1; j < count; j++) {
    const double same = 1e-9;
    double ratio = worst_ratio(s, &entries[j], fastest);
    bool faster = ratio < best_ratio - same;
    bool as_fast = ratio <= best_ratio + same;
    if (faster || (as_fast && is_simpler(&entries[j], best))) {
      best = &entries[j];
      best_ratio = ratio;
    }
  }
  return best;
}

/* The best way to complete a staging. Looks at nothing but the staging, so that the
 * second half of planning finds what the first had in mind. */
static bool complete(const search *s, const ptl_tiling *staging, entry *out) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  entry entries[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, staging, tilings);
  int run = 0;
  for (int i = 0; i < count; i++) {
    double bound[PTL_MAX_RATES];
    bounds_of(s, &tilings[i], bound);
    if (!beaten_by_any(s, entries, run, bound)) {
      memset(&entries[run], 0, sizeof(entries[run]));
      evaluate(s, &tilings[i], &entries[run]);
      run++;
    }
  }
  if (run > 0) {
    *out = *best_of(s, entries, run);
  }
  return run > 0;
}

/* A staging and the least that any of its completions can take. */
typedef struct prospect {
  const ptl_tiling *staging;
  double bound[PTL_MAX_RATES];
  double score;
} prospect;

static prospect *prospects_of(const search *s, ptl_arena *arena, const ptl_tilings *stagings) {
  prospect *list = ptl_arena_array(arena, (size_t)stagings->count, sizeof(*list));
  for (int i = 0; i < stagings->count; i++) {
    ptl_tiling tilings[PTL_MAX_COMPLETIONS];
    list[i].staging = &stagings->items[i];
    int count = ptl_completions(s->target, s->problem, list[i].staging, tilings);
    for (int j = 0; j < count; j++) {
      double bound[PTL_MAX_RATES];
      bounds_of(s, &tilings[j], bound);
      for (int r = 0; r < s->target->rate_count; r++) {
        list[i].bound[r] = j == 0 || bound[r] < list[i].bound[r] ? bound[r] : list[i].bound[r];
      }
    }
  }
  return list;
}

/* Most promising first: then most of the rest is beaten before it is run. */
static void sort_prospects(const search *s, prospect *list, int count) {
  for (int i = 0; i < count; i++) {
    for (int r = 0; r < s->target->rate_count; r++) {
      list[i].score += list[i].bound[r] / list[0].bound[r];
    }
  }
  for (int i = 1; i < count; i++) {
    prospect moving = list[i];
    int j = i;
    for (; j > 0 && list[j - 1].score > moving.score; j--) {
      list[j] = list[j - 1];
    }
    list[j] = moving;
  }
}

static void search_all(const search *s, ptl_arena *scratch, const ptl_tilings *stagings,
                       ptl_plan *out) {
  prospect *list = prospects_of(s, scratch, stagings);
  sort_prospects(s, list, stagings->count);
  entry *entries = ptl_arena_array(scratch, (size_t)stagings->count, sizeof(*entries));
  int run = 0;
  for (int i = 0; i < stagings->count; i++) {
    if (!beaten_by_any(s, entries, run, list[i].bound) &&
        complete(s, list[i].staging, &entries[run])) {
      run++;
    }
  }
  *out = best_of(s, entries, run)->plan;
}

ptl_status ptl_plan_staging(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                            ptl_plan *out, ptl_no_plan *why) {
  ptl_status status = ptl_check_problem(arena, target, problem, why);
  if (status != PTL_OK) {
    return status;
  }
  search s = {target, problem};
  ptl_arena scratch;
  ptl_arena_init(&scratch);
  ptl_tilings stagings = ptl_stagings(&scratch, target, problem);
  if (stagings.count == 0) {
    ptl_explain_no_plan(arena, target, problem, why);
    status = PTL_REFUSED;
  } else {
    search_all(&s, &scratch, &stagings, out);
  }
  ptl_arena_free(&scratch);
  return status;
}

ptl_status ptl_plan_accumulators(ptl_arena *arena, const ptl_target *target, ptl_plan *plan,
                                 ptl_no_plan *why) {
  ptl_problem problem = plan->problem;
  ptl_tiling staging = plan->tiling;
  ptl_status status = ptl_check_problem(arena, target, &problem, why);
  if (status != PTL_OK) {
    return status;
  }
  status = ptl_check_staging(arena, &problem, &staging, why);
  if (status != PTL_OK) {
    return status;
  }
  search s = {target, &problem};
  entry best;
  if (!complete(&s, &staging, &best)) {
    ptl_explain_no_completion(arena, target, &problem, &staging, why);
    return PTL_REFUSED;
  }
  *plan = best.plan;
  return PTL_OK;
}
