/* Searches a plan: candidates are sorted by a lower bound of their time, run through the pipe
 * model, and compared under all calibrations until no bound can win. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/choice.h"

/* Candidates that are run at most, and instructions that they run. A few do nearly always; where
 * hundreds are close to one another, the rest is not worth the compiler's time. */
enum { MOST_RUNS = 96, MOST_ITEMS = 100000 };

static const int64_t ALL_ITEMS = (int64_t)1 << 40;

static int compare_candidates(const void *a, const void *b) {
  const ptl_candidate *x = *(const ptl_candidate *const *)a;
  const ptl_candidate *y = *(const ptl_candidate *const *)b;
  if (ptl_is_more_promising(&x->verdict, &y->verdict)) {
    return -1;
  }
  if (ptl_is_more_promising(&y->verdict, &x->verdict)) {
    return 1;
  }
  return x < y ? -1 : x > y;
}

/* Judges candidates by their bounds and sorts them, the most promising first. `least`
 * becomes the least bound by each calibration. */
static void sort_candidates(const ptl_search *s, ptl_candidate *list, ptl_candidate **order,
                            int count, double *least) {
  for (int i = 0; i < s->target->rate_count; i++) {
    least[i] = list[0].verdict.cycles[i];
    for (int j = 1; j < count; j++) {
      double cycles = list[j].verdict.cycles[i];
      least[i] = cycles < least[i] ? cycles : least[i];
    }
  }
  for (int i = 0; i < count; i++) {
    ptl_judge(s, &list[i].verdict, least);
    order[i] = &list[i];
  }
  qsort(order, (size_t)count, sizeof(*order), compare_candidates);
}

static void plan_of(const ptl_search *s, const ptl_entry *e, ptl_plan *out) {
  memset(out, 0, sizeof(*out));
  out->problem = *s->problem;
  out->tiling = e->tiling;
  ptl_plan_place(s->target, out);
  memcpy(out->cycles, e->verdict.cycles, sizeof(out->cycles));
  memcpy(out->first_cycles, e->verdict.first_cycles, sizeof(out->first_cycles));
}

static void try_in_order(ptl_search *s, ptl_trial *t, int count) {
  int64_t most = s->items + t->most_items;
  for (int i = 0; i < count && t->possible < MOST_RUNS && s->items < most; i++) {
    ptl_candidate *c = t->room->order[i];
    if (!ptl_may_win(&c->verdict, t->best)) {
      break;
    }
    if (c->is_tried || !ptl_verdict_is_wanted(t, &c->verdict)) {
      continue;
    }
    c->is_tried = true;
    ptl_entry now;
    t->run(s, c, t, &now);
    if (now.is_possible) {
      ptl_entry *e = ptl_arena_alloc(s->arena, sizeof(*e));
      *e = now;
      t->room->entries[t->possible++] = e;
      ptl_judge(s, &e->verdict, t->least);
      t->best = !t->best || ptl_is_more_promising(&e->verdict, t->best) ? &e->verdict : t->best;
      t->winner = ptl_best_of(t->room->entries, t->possible);
    }
  }
}

static int compare_lengths(const void *a, const void *b) {
  const ptl_candidate *x = *(const ptl_candidate *const *)a;
  const ptl_candidate *y = *(const ptl_candidate *const *)b;
  return x->text_items != y->text_items ? (x->text_items < y->text_items ? -1 : 1)
                                        : (x < y ? -1 : x > y);
}

/* Runs candidates, the most promising first, until no other can come close; where ptoas has event
 * ids for none of those, the shortest first, which can be unrolled. `count` > 0. False if none is
 * possible. */
static bool pick(ptl_search *s, ptl_candidate *list, int count, ptl_run_fn run_candidate,
                 int64_t most_items, const ptl_room *room, ptl_entry *out) {
  double least[PTL_MAX_RATES];
  ptl_trial t = {.run = run_candidate, .most_items = most_items, .least = least, .room = room};
  sort_candidates(s, list, room->order, count, least);
  try_in_order(s, &t, count);
  if (t.possible == 0) {
    qsort(room->order, (size_t)count, sizeof(*room->order), compare_lengths);
    try_in_order(s, &t, count);
  }
  if (t.winner) {
    *out = *t.winner;
  }
  return t.winner != NULL;
}

/* Whether one of these ways to complete a staging may win the choice around. What could only make
 * room for others there counts as well, so that the choice is the same as if all were completed. */
static bool is_worth_it(ptl_search *s, const ptl_candidate *list, int count,
                        const ptl_trial *around) {
  ptl_trial t = *around;
  t.winner = NULL;
  for (int i = 0; i < count && t.best; i++) {
    ptl_candidate c = list[i];
    ptl_entry way;
    ptl_judge(s, &c.verdict, t.least);
    if (ptl_verdict_is_wanted(&t, &c.verdict)) {
      ptl_attempt_run(s, &c, &t, &way);
      if (way.is_possible) {
        return true;
      }
    }
  }
  return !t.best;
}

/* What is known of a whole tiling without its bounds. */
static ptl_candidate candidate_of(const ptl_search *s, const ptl_staging_bounds *staging,
                                  const ptl_tiling *tiling) {
  ptl_candidate c = {.tiling = tiling, .counts = staging->counts};
  ptl_count_whole(s->target, s->problem, tiling, &c.counts);
  c.text_items = ptl_least_text(s->problem, tiling, &c.counts);
  c.is_hopeless = ptl_is_hopeless(s, tiling, &c.counts);
  return c;
}

/* The best way to complete a staging that can be completed; nothing if none can win the choice
 * around. The way is chosen by the staging alone, so that the second half of planning finds what
 * the first has timed. */
static void complete(ptl_search *s, const ptl_candidate *staging, const ptl_trial *around,
                     ptl_entry *out) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  ptl_candidate list[PTL_MAX_COMPLETIONS];
  ptl_candidate *order[PTL_MAX_COMPLETIONS];
  ptl_entry *entries[PTL_MAX_COMPLETIONS];
  ptl_attempt attempts[PTL_MAX_COMPLETIONS] = {{.is_known = false}};
  int count = ptl_completions(s->target, s->problem, staging->tiling, tilings);
  ptl_staging_bounds bounds = ptl_bounds_of_staging(&s->bounds, staging->tiling);
  for (int i = 0; i < count; i++) {
    list[i] = candidate_of(s, &bounds, &tilings[i]);
    list[i].attempt = &attempts[i];
    memcpy(list[i].verdict.cycles, staging->ways[i].by, sizeof(staging->ways[i].by));
  }
  s->staging = &bounds;
  s->last_units.is_known = false;
  ptl_room room = {order, entries};
  out->is_possible = (!around || is_worth_it(s, list, count, around)) &&
                     pick(s, list, count, ptl_attempt_run, ALL_ITEMS, &room, out);
}

/* Whether none of the ways to complete a staging can be possible. */
static bool is_hopeless(const ptl_search *s, const ptl_tiling *staging) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, staging, tilings);
  ptl_counts counts = ptl_count_staging(s->problem, staging);
  for (int i = 0; i < count; i++) {
    ptl_count_whole(s->target, s->problem, &tilings[i], &counts);
    if (!ptl_is_hopeless(s, &tilings[i], &counts)) {
      return false;
    }
  }
  return true;
}

static void run_staging(ptl_search *s, const ptl_candidate *c, const ptl_trial *t, ptl_entry *out) {
  out->is_possible = false;
  if (!c->is_hopeless) {
    complete(s, c, t, out);
  }
}

/* A staging is bounded by the least that each calibration allows any of its completions, whose
 * bounds are kept. */
static ptl_candidate bound_staging(const ptl_search *s, const ptl_tiling *tiling) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, tiling, tilings);
  ptl_staging_bounds bounds = ptl_bounds_of_staging(&s->bounds, tiling);
  ptl_candidate staging = {.tiling = tiling, .is_hopeless = true};
  staging.ways = ptl_arena_array(s->arena, (size_t)count, sizeof(*staging.ways));
  double *least = staging.verdict.cycles;
  for (int i = 0; i < count; i++) {
    ptl_candidate c = candidate_of(s, &bounds, &tilings[i]);
    staging.ways[i] = ptl_cycles_bounds(&bounds, &tilings[i], &c.counts);
    staging.is_hopeless = staging.is_hopeless && c.is_hopeless;
    staging.text_items = i == 0 ? c.text_items : ptl_min(c.text_items, staging.text_items);
    for (int r = 0; r < s->target->rate_count; r++) {
      double cycles = staging.ways[i].by[r];
      least[r] = i == 0 || cycles < least[r] ? cycles : least[r];
    }
  }
  return staging;
}

static bool search_stagings(ptl_search *s, const ptl_tilings *stagings, ptl_plan *out) {
  int hopeless = 0;
  while (hopeless < stagings->count && is_hopeless(s, &stagings->items[hopeless])) {
    hopeless++;
  }
  if (hopeless == stagings->count) {
    return false;
  }
  size_t count = (size_t)stagings->count;
  ptl_candidate *list = ptl_arena_array(s->arena, count, sizeof(*list));
  for (size_t i = 0; i < count; i++) {
    list[i] = bound_staging(s, &stagings->items[i]);
  }
  ptl_entry *entries[MOST_RUNS];
  ptl_room room = {ptl_arena_array(s->arena, count, sizeof(*room.order)), entries};
  ptl_entry best;
  if (!pick(s, list, stagings->count, run_staging, MOST_ITEMS, &room, &best)) {
    return false;
  }
  plan_of(s, &best, out);
  return true;
}

/* Of the first kind of ring that has a plan. `any`: whether there is a staging. */
static bool search_all(ptl_search *s, bool *any, ptl_plan *out) {
  static const ptl_ring_kind kinds[] = {{false, false}, {false, true}, {true, false}, {true, true}};
  *any = false;
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    ptl_tilings stagings = ptl_stagings(s->arena, s->target, s->problem, kinds[i]);
    *any = *any || stagings.count > 0;
    if (stagings.count > 0 && search_stagings(s, &stagings, out)) {
      return true;
    }
  }
  return false;
}

static ptl_search begin(ptl_arena *arena, ptl_arena *scratch, const ptl_target *target,
                        const ptl_problem *problem, const ptl_reference *reference) {
  ptl_arena_init(arena);
  ptl_arena_init(scratch);
  return (ptl_search){.target = target,
                      .problem = problem,
                      .reference = reference,
                      .bounds = ptl_bounds_of(target, problem),
                      .arena = arena,
                      .scratch = scratch};
}

static void end(ptl_search *s) {
  ptl_arena_free(s->scratch);
  ptl_arena_free(s->arena);
}

ptl_status ptl_plan_search(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                           const ptl_reference *reference, ptl_plan *out, ptl_no_plan *why) {
  ptl_status status = ptl_check_problem(arena, target, problem, why);
  if (status != PTL_OK) {
    return status;
  }
  ptl_arena own, scratch;
  ptl_search s = begin(&own, &scratch, target, problem, reference);
  bool any;
  if (!search_all(&s, &any, out)) {
    status = PTL_REFUSED;
    if (any) {
      ptl_explain_events(arena, target, problem, why);
    } else {
      ptl_explain_no_plan(arena, target, problem, why);
    }
  }
  end(&s);
  return status;
}

ptl_status ptl_plan_accumulators(ptl_arena *arena, const ptl_target *target,
                                 const ptl_reference *reference, ptl_plan *plan, ptl_no_plan *why) {
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
  if (!ptl_can_complete(target, problem, &staging.tiling)) {
    ptl_explain_no_completion(arena, target, problem, &staging.tiling, why);
    return PTL_REFUSED;
  }
  status = ptl_check_mat_tiles(arena, target, &staging, why);
  if (status != PTL_OK) {
    return status;
  }
  ptl_arena own, scratch;
  ptl_search s = begin(&own, &scratch, target, problem, reference);
  ptl_entry best;
  ptl_candidate candidate = bound_staging(&s, &staging.tiling);
  complete(&s, &candidate, NULL, &best);
  end(&s);
  if (!best.is_possible) {
    ptl_explain_events(arena, target, problem, why);
    return PTL_REFUSED;
  }
  *plan = staging;
  plan->tiling = best.tiling;
  memcpy(plan->cycles, best.verdict.cycles, sizeof(plan->cycles));
  memcpy(plan->first_cycles, best.verdict.first_cycles, sizeof(plan->first_cycles));
  ptl_place_accumulators(target, plan);
  return PTL_OK;
}
