/* Searches a plan: candidates are sorted by a lower bound of their time, run through the pipe
 * model, and compared under all calibrations until no bound can win. */
#include "plan/plan.h"

#include <string.h>

#include "plan/search.h"
#include "plan/timeline_state.h"

/* The model cannot tell plans apart whose worst ratios differ by less. */
static const double CLOSE = 0.01;

/* Candidates that are run at most. A few do nearly always; where hundreds are close to one
 * another, the rest is not worth the compiler's time. */
enum { MOST_RUNS = 32 };

typedef struct search {
  const ptl_target *target;
  const ptl_problem *problem;
} search;

/* Cycles by each calibration, and what they say of a candidate: how much worse they are
 * than the least that any candidate may need. */
typedef struct verdict {
  double cycles[PTL_MAX_RATES];
  double worst_ratio;
  double sum_of_ratios;
} verdict;

/* A candidate: before it is run, `verdict` is of its bounds. */
typedef struct candidate {
  ptl_tiling tiling;
  verdict verdict;
} candidate;

/* A candidate that was run. */
typedef struct entry {
  ptl_plan plan;
  verdict verdict;
  int64_t issued_items;
} entry;

static void judge(const search *s, verdict *v, const double *least) {
  v->worst_ratio = 0;
  v->sum_of_ratios = 0;
  for (int i = 0; i < s->target->rate_count; i++) {
    double ratio = v->cycles[i] / least[i];
    v->worst_ratio = ratio > v->worst_ratio ? ratio : v->worst_ratio;
    v->sum_of_ratios += ratio;
  }
}

/* Judges candidates by their bounds and sorts them, the most promising first. `least`
 * becomes the least bound by each calibration. */
static void sort_candidates(const search *s, candidate *list, int count, double *least) {
  for (int i = 0; i < s->target->rate_count; i++) {
    least[i] = list[0].verdict.cycles[i];
    for (int j = 1; j < count; j++) {
      double cycles = list[j].verdict.cycles[i];
      least[i] = cycles < least[i] ? cycles : least[i];
    }
  }
  for (int i = 0; i < count; i++) {
    judge(s, &list[i].verdict, least);
    candidate moving = list[i];
    int j = i;
    for (; j > 0 && list[j - 1].verdict.worst_ratio > moving.verdict.worst_ratio; j--) {
      list[j] = list[j - 1];
    }
    list[j] = moving;
  }
}

static void bound_cycles(const search *s, const ptl_tiling *tiling, double *out) {
  for (int i = 0; i < s->target->rate_count; i++) {
    out[i] = ptl_cycles_bound(s->target, &s->target->rates[i], s->problem, tiling);
  }
}

/* Places the buffers of a whole tiling and runs it under every calibration. */
static void run(const search *s, const ptl_tiling *tiling, entry *out) {
  ptl_arena scratch;
  ptl_arena_init(&scratch);
  memset(out, 0, sizeof(*out));
  out->plan.problem = *s->problem;
  out->plan.tiling = *tiling;
  out->issued_items = ptl_issued_items(s->problem, tiling);
  ptl_place_staging(s->target, &out->plan);
  ptl_place_accumulators(s->target, &out->plan);
  ptl_schedule schedule = ptl_schedule_build(&scratch, s->target, &out->plan);
  for (int i = 0; i < s->target->rate_count; i++) {
    ptl_timeline *timeline = ptl_timeline_create(&scratch, s->target, &s->target->rates[i]);
    ptl_timeline_run_schedule(timeline, &out->plan, &schedule);
    out->plan.cycles[i] = ptl_timeline_cycles(timeline);
  }
  memcpy(out->verdict.cycles, out->plan.cycles, sizeof(out->plan.cycles));
  ptl_arena_free(&scratch);
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

/* Of the entries whose worst ratio comes close to the least one, the one with the least
 * sum of ratios. `count` > 0. */
static const entry *best_of(const entry *entries, int count, double least_ratio) {
  const double same = 1e-9;
  const entry *best = NULL;
  for (int i = 0; i < count; i++) {
    const entry *e = &entries[i];
    double gain = best ? best->verdict.sum_of_ratios - e->verdict.sum_of_ratios : 1;
    if (e->verdict.worst_ratio <= least_ratio + CLOSE &&
        (gain > same || (gain >= -same && is_simpler(e, best)))) {
      best = e;
    }
  }
  return best;
}

/* Makes an entry of a candidate. */
typedef void (*run_fn)(const search *s, const ptl_tiling *tiling, entry *out);

/* Runs candidates, the most promising first, until no other can come close. `entries` has
 * room for all of them. `count` > 0. */
static void pick(const search *s, candidate *list, int count, run_fn run_candidate, entry *entries,
                 entry *out) {
  double least[PTL_MAX_RATES];
  sort_candidates(s, list, count, least);
  double least_ratio = 0;
  int done = 0;
  while (done < ptl_min(count, MOST_RUNS) &&
         (done == 0 || list[done].verdict.worst_ratio <= least_ratio + CLOSE)) {
    entry *e = &entries[done];
    run_candidate(s, &list[done].tiling, e);
    judge(s, &e->verdict, least);
    double ratio = e->verdict.worst_ratio;
    least_ratio = done == 0 || ratio < least_ratio ? ratio : least_ratio;
    done++;
  }
  *out = *best_of(entries, done, least_ratio);
}

/* The best way to complete a staging that can be completed. Looks at nothing but the
 * staging, so that the second half of planning finds what the first has timed. */
static void complete(const search *s, const ptl_tiling *staging, entry *out) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  candidate list[PTL_MAX_COMPLETIONS];
  entry entries[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, staging, tilings);
  for (int i = 0; i < count; i++) {
    list[i].tiling = tilings[i];
    bound_cycles(s, &tilings[i], list[i].verdict.cycles);
  }
  pick(s, list, count, run, entries, out);
}

/* A staging is bounded by the least that each calibration allows any of its completions. */
static void bound_staging(const search *s, candidate *staging) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, &staging->tiling, tilings);
  for (int i = 0; i < count; i++) {
    double cycles[PTL_MAX_RATES];
    double *least = staging->verdict.cycles;
    bound_cycles(s, &tilings[i], cycles);
    for (int r = 0; r < s->target->rate_count; r++) {
      least[r] = i == 0 || cycles[r] < least[r] ? cycles[r] : least[r];
    }
  }
}

static void search_all(const search *s, ptl_arena *scratch, const ptl_tilings *stagings,
                       ptl_plan *out) {
  size_t count = (size_t)stagings->count;
  candidate *list = ptl_arena_array(scratch, count, sizeof(*list));
  entry *entries = ptl_arena_array(scratch, count, sizeof(*entries));
  for (size_t i = 0; i < count; i++) {
    list[i].tiling = stagings->items[i];
    bound_staging(s, &list[i]);
  }
  entry best;
  pick(s, list, stagings->count, complete, entries, &best);
  *out = best.plan;
}

ptl_status ptl_plan_search(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
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
  ptl_plan staging = ptl_plan_staging(plan);
  const ptl_problem *problem = &staging.problem;
  ptl_status status = ptl_check_problem(arena, target, problem, why);
  if (status != PTL_OK) {
    return status;
  }
  status = ptl_check_staging(arena, target, problem, &staging.tiling, why);
  if (status != PTL_OK) {
    return status;
  }
  ptl_tiling completions[PTL_MAX_COMPLETIONS];
  if (ptl_completions(target, problem, &staging.tiling, completions) == 0) {
    ptl_explain_no_completion(arena, target, problem, &staging.tiling, why);
    return PTL_REFUSED;
  }
  status = ptl_check_mat_tiles(arena, target, &staging, why);
  if (status != PTL_OK) {
    return status;
  }
  search s = {target, problem};
  entry best;
  complete(&s, &staging.tiling, &best);
  *plan = staging;
  plan->tiling = best.plan.tiling;
  memcpy(plan->cycles, best.plan.cycles, sizeof(plan->cycles));
  ptl_place_accumulators(target, plan);
  return PTL_OK;
}
