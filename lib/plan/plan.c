/* Searches a plan: candidates are sorted by a lower bound of their time, run through the pipe
 * model, and compared under all calibrations until no bound can win. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/event_ids.h"
#include "plan/search.h"
#include "plan/timeline_state.h"

/* The model cannot tell plans apart whose worst ratios differ by less. */
static const double CLOSE = 0.004;
/* Sums of ratios that differ by less are the same. */
static const double SAME = 1e-9;

/* Candidates that are run at most, and items of their schedules. A few do nearly always; where
 * hundreds are close to one another, the rest is not worth the compiler's time. */
enum { MOST_RUNS = 96, MOST_ITEMS = 40000 };
/* So many schedules are built in the time that one is run under all calibrations. */
enum { BUILDS_PER_RUN = 8 };

static const int64_t ALL_ITEMS = (int64_t)1 << 40;

typedef struct search {
  const ptl_target *target;
  const ptl_problem *problem;
  const ptl_reference *reference; /* or NULL */
  ptl_arena *scratch;             /* for the run of one candidate */
  ptl_bounds bounds;
  int64_t items; /* that were run */
  int refuter;   /* the calibration by which the last unwanted candidate was found to be so */
} search;

/* Cycles by each calibration, and what they say of a candidate: how much worse they are
 * than the least that any candidate may need. */
typedef struct verdict {
  double cycles[PTL_MAX_RATES];
  double first_cycles[PTL_MAX_RATES]; /* 0: not known */
  double worst_ratio;                 /* of the calibrations that lead */
  double sum_of_ratios;
  bool exceeds; /* the reference */
} verdict;

/* A candidate: before it is run, `verdict` is of its bounds. */
typedef struct candidate {
  ptl_tiling tiling;
  verdict verdict;
  int64_t text_items;
  bool is_tried;
} candidate;

/* A candidate that was run. */
typedef struct entry {
  ptl_tiling tiling; /* with its loops */
  verdict verdict;
  int64_t issued_items;
  bool is_possible; /* ptoas has event ids for it */
} entry;

static bool exceeds(const ptl_reference *most, const verdict *v, int rate) {
  return most && (ptl_is_longer(v->cycles[rate], most->cycles[rate]) ||
                  (most->first_cycles[rate] > 0 &&
                   ptl_is_longer(v->first_cycles[rate], most->first_cycles[rate])));
}

static void judge(const search *s, verdict *v, const double *least) {
  v->worst_ratio = 0;
  v->sum_of_ratios = 0;
  v->exceeds = false;
  for (int i = 0; i < s->target->rate_count; i++) {
    double ratio = v->cycles[i] / least[i];
    bool leads = !s->target->rates[i].is_guard;
    v->worst_ratio = leads && ratio > v->worst_ratio ? ratio : v->worst_ratio;
    v->sum_of_ratios += ratio;
    v->exceeds = v->exceeds || exceeds(s->reference, v, i);
  }
}

/* Candidates that may keep below the reference come first, then the most promising. */
static bool is_more_promising(const verdict *a, const verdict *b) {
  return a->exceeds != b->exceeds ? b->exceeds : a->worst_ratio < b->worst_ratio;
}

static int compare_candidates(const void *a, const void *b) {
  const candidate *x = *(const candidate *const *)a;
  const candidate *y = *(const candidate *const *)b;
  if (is_more_promising(&x->verdict, &y->verdict)) {
    return -1;
  }
  if (is_more_promising(&y->verdict, &x->verdict)) {
    return 1;
  }
  return x < y ? -1 : x > y;
}

/* Judges candidates by their bounds and sorts them, the most promising first. `least`
 * becomes the least bound by each calibration. */
static void sort_candidates(const search *s, candidate *list, candidate **order, int count,
                            double *least) {
  for (int i = 0; i < s->target->rate_count; i++) {
    least[i] = list[0].verdict.cycles[i];
    for (int j = 1; j < count; j++) {
      double cycles = list[j].verdict.cycles[i];
      least[i] = cycles < least[i] ? cycles : least[i];
    }
  }
  for (int i = 0; i < count; i++) {
    judge(s, &list[i].verdict, least);
    order[i] = &list[i];
  }
  qsort(order, (size_t)count, sizeof(*order), compare_candidates);
}

/* Returns about how many items its schedule has at the least, too. */
static int64_t bound_cycles(const search *s, const ptl_tiling *tiling, double *out) {
  ptl_counts counts = ptl_count(s->target, s->problem, tiling);
  ptl_cycles_bounds(&s->bounds, tiling, &counts, out);
  return ptl_least_text(s->problem, tiling, &counts);
}

/* ---- one candidate ------------------------------------------------------------ */

/* Whether the loops that stand outside need more event ids than ptoas has, however the own loops
 * are unrolled: each begins with the first load of every Mat tile, and ends after its last extract
 * (event_ids.c counts the same in a schedule). */
static bool outer_loops_exceed_ids(const search *s, const ptl_tiling *t, const ptl_counts *counts) {
  if (s->problem->outer_loops == 0) {
    return false;
  }
  int64_t lhs_loads = ptl_lhs_loads(s->problem, t, counts);
  int64_t tiles = ptl_min(t->mat_slots, counts->rhs_loads) + ptl_min(t->lhs_slots, lhs_loads);
  bool reloads = counts->rhs_loads > t->mat_slots || lhs_loads > t->lhs_slots;
  int64_t ids = s->target->event_ids_per_pipe_pair;
  int64_t chunk = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  return s->problem->outer_loops * tiles >
             (ids - reloads) / s->target->ptoas->event_ids_per_carried_pair ||
         ptl_ceil_div(chunk, t->step_k) + 1 > ids;
}

/* Unrolls those loops that ptoas has not enough event ids for, in the way that makes the shortest
 * text; false if that is too long, or if there is no way. `issued_items`: those of the text without
 * loops. */
static bool choose_loops(search *s, int64_t issued_items, ptl_plan *plan, ptl_schedule *out) {
  ptl_tiling *t = &plan->tiling;
  ptl_tiling best = *t;
  ptl_schedule shortest = {NULL, 0};
  int first = s->problem->rounds_written_out ? 2 : 0;
  for (int way = first; way < 4; way++) {
    t->unroll_k = (way & 1) != 0;
    t->unroll_n = (way & 2) != 0;
    int most = shortest.items ? shortest.count - 1 : PTL_MAX_TEXT;
    if (t->unroll_k && t->unroll_n && issued_items > most) {
      break; /* the last way */
    }
    ptl_schedule now = ptl_schedule_build_within(s->scratch, s->target, plan, most);
    s->items += (now.items ? now.count : most) / BUILDS_PER_RUN;
    if (now.items &&
        !ptl_schedule_exceeds_ids(s->scratch, s->target, s->problem->outer_loops, &now)) {
      best = *t;
      shortest = now;
    }
    if (way == first && shortest.items) {
      break; /* as it is */
    }
  }
  *t = best;
  *out = shortest;
  return shortest.items != NULL;
}

static void place(const search *s, const ptl_tiling *tiling, ptl_plan *plan) {
  memset(plan, 0, sizeof(*plan));
  plan->problem = *s->problem;
  plan->tiling = *tiling;
  ptl_plan_place(s->target, plan);
}

static void plan_of(const search *s, const entry *e, ptl_plan *out) {
  place(s, &e->tiling, out);
  memcpy(out->cycles, e->verdict.cycles, sizeof(out->cycles));
  memcpy(out->first_cycles, e->verdict.first_cycles, sizeof(out->first_cycles));
}

/* ---- the choice ------------------------------------------------------------------ */

static int compare_extent(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* Among equally fast plans: fewer instructions, then larger pieces. */
static bool is_simpler(const entry *a, const entry *b) {
  const ptl_tiling *x = &a->tiling;
  const ptl_tiling *y = &b->tiling;
  int order = compare_extent(a->issued_items, b->issued_items);
  order = order ? order : compare_extent(x->n_parts, y->n_parts);
  order = order ? order : compare_extent(x->mat_slots, y->mat_slots);
  order = order ? order : compare_extent(y->n_tile[0], x->n_tile[0]);
  order = order ? order : compare_extent(y->chunk_k, x->chunk_k);
  order = order ? order : compare_extent(y->step_k, x->step_k);
  order = order ? order : compare_extent(x->tail_count, y->tail_count);
  order = order ? order : compare_extent(x->right_slots, y->right_slots);
  return order < 0;
}

/* Of the entries whose worst ratio comes close to the least one, the one with the least
 * sum of ratios; those that keep below the reference go before all others. NULL if none is
 * possible. */
static const entry *best_of(const entry *entries, int count) {
  const entry *best = NULL;
  const verdict *least = NULL;
  for (int i = 0; i < count; i++) {
    const verdict *v = &entries[i].verdict;
    least = entries[i].is_possible && (!least || is_more_promising(v, least)) ? v : least;
  }
  for (int i = 0; i < count; i++) {
    const entry *e = &entries[i];
    if (!e->is_possible || e->verdict.exceeds != least->exceeds ||
        e->verdict.worst_ratio > least->worst_ratio + CLOSE) {
      continue;
    }
    double gain = best ? best->verdict.sum_of_ratios - e->verdict.sum_of_ratios : 1;
    if (gain > SAME || (gain >= -SAME && is_simpler(e, best))) {
      best = e;
    }
  }
  return best;
}

/* Whether a candidate with these bounds may still be better than the best that was run. */
static bool may_win(const verdict *bounds, const verdict *best) {
  return !best || bounds->exceeds < best->exceeds ||
         (bounds->exceeds == best->exceeds && bounds->worst_ratio <= best->worst_ratio + CLOSE);
}

/* Whether a candidate with these bounds cannot take the place of the winner so far: it brings the
 * winner no further from the least worst ratio than what is close, and has no less sum. */
static bool cannot_replace(const verdict *bounds, const verdict *winner) {
  return bounds->exceeds >= winner->exceeds && bounds->worst_ratio >= winner->worst_ratio - CLOSE &&
         bounds->sum_of_ratios >= winner->sum_of_ratios;
}

typedef struct trial trial;

/* Makes an entry of a candidate; one that is not wanted any more is not possible. */
typedef void (*run_fn)(search *s, const candidate *c, const trial *t, entry *out);

/* Room for the candidates of a choice: `order` for all, `entries` for those that are run. */
typedef struct room {
  candidate **order;
  entry *entries;
} room;

/* The candidates of a choice, in the order in which they are tried, with room for what comes out.
 */
struct trial {
  run_fn run;
  int64_t most_items; /* of schedules that are built */
  const double *least;
  const room *room;
  const verdict *best; /* of those that were run and are possible */
  const entry *winner;
  int possible;
};

/* Whether one that was run is better in all that counts. */
static bool is_outdone(const trial *t, const verdict *v) {
  for (int i = 0; i < t->possible; i++) {
    const verdict *other = &t->room->entries[i].verdict;
    if (other->exceeds <= v->exceeds && other->worst_ratio <= v->worst_ratio &&
        other->sum_of_ratios < v->sum_of_ratios - SAME) {
      return true;
    }
  }
  return false;
}

/* Whether a candidate with these bounds, or times, may come to win. */
static bool is_wanted(const trial *t, const verdict *v) {
  return may_win(v, t->best) && !(t->winner && cannot_replace(v, &t->winner->verdict)) &&
         !is_outdone(t, v);
}

/* Runs a schedule under one calibration after the other, until what is known and the bounds of the
 * rest say that the candidate is not wanted. By what the last one was found to be so, the next one
 * most likely is. */
static bool time_under_all(search *s, const candidate *c, const trial *t, const ptl_plan *plan,
                           const ptl_schedule *schedule, entry *out) {
  out->verdict = c->verdict;
  int count = s->target->rate_count, first = s->refuter;
  for (int j = 0; j < count; j++) {
    int i = (first + j) % count;
    ptl_timeline *timeline = ptl_timeline_create(s->scratch, s->target, &s->target->rates[i]);
    out->verdict.first_cycles[i] = ptl_timeline_run_schedule(timeline, plan, schedule);
    out->verdict.cycles[i] = ptl_timeline_cycles(timeline) / (double)ptl_repeats(s->problem);
    s->items += schedule->count / count;
    judge(s, &out->verdict, t->least);
    if (!is_wanted(t, &out->verdict)) {
      s->refuter = i;
      return false;
    }
  }
  return true;
}

/* Places the buffers of a whole tiling and runs it. */
static void run(search *s, const candidate *c, const trial *t, entry *out) {
  const ptl_tiling *tiling = &c->tiling;
  ptl_arena_reset(s->scratch);
  ptl_counts counts = ptl_count(s->target, s->problem, tiling);
  out->issued_items = ptl_issued_items(s->problem, tiling, &counts);
  out->is_possible = false;
  if (outer_loops_exceed_ids(s, tiling, &counts) ||
      ptl_least_text(s->problem, tiling, &counts) > 2 * PTL_MAX_TEXT) {
    return;
  }
  ptl_plan plan;
  place(s, tiling, &plan);
  ptl_schedule schedule;
  out->is_possible = choose_loops(s, out->issued_items, &plan, &schedule);
  out->tiling = plan.tiling;
  out->is_possible = out->is_possible && time_under_all(s, c, t, &plan, &schedule, out);
}

static void try_in_order(search *s, trial *t, int count) {
  int64_t most = s->items + t->most_items;
  for (int i = 0; i < count && t->possible < MOST_RUNS && s->items < most; i++) {
    candidate *c = t->room->order[i];
    if (!may_win(&c->verdict, t->best)) {
      break;
    }
    if (c->is_tried || !is_wanted(t, &c->verdict)) {
      continue;
    }
    entry *e = &t->room->entries[t->possible];
    c->is_tried = true;
    t->run(s, c, t, e);
    if (e->is_possible) {
      t->possible++;
      judge(s, &e->verdict, t->least);
      t->best = !t->best || is_more_promising(&e->verdict, t->best) ? &e->verdict : t->best;
      t->winner = best_of(t->room->entries, t->possible);
    }
  }
}

static int compare_lengths(const void *a, const void *b) {
  const candidate *x = *(const candidate *const *)a;
  const candidate *y = *(const candidate *const *)b;
  return x->text_items != y->text_items ? (x->text_items < y->text_items ? -1 : 1)
                                        : (x < y ? -1 : x > y);
}

/* Runs candidates, the most promising first, until no other can come close; where ptoas has event
 * ids for none of those, the shortest first, which can be unrolled. `count` > 0. False if none is
 * possible. */
static bool pick(search *s, candidate *list, int count, run_fn run_candidate, int64_t most_items,
                 const room *room, entry *out) {
  double least[PTL_MAX_RATES];
  trial t = {.run = run_candidate, .most_items = most_items, .least = least, .room = room};
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
static bool is_worth_it(search *s, const candidate *list, int count, const trial *around) {
  trial t = *around;
  t.winner = NULL;
  for (int i = 0; i < count && t.best; i++) {
    candidate c = list[i];
    entry way;
    judge(s, &c.verdict, t.least);
    if (is_wanted(&t, &c.verdict)) {
      run(s, &c, &t, &way);
      if (way.is_possible) {
        return true;
      }
    }
  }
  return !t.best;
}

/* The best way to complete a staging that can be completed; nothing if none can win the choice
 * around. The way is chosen by the staging alone, so that the second half of planning finds what
 * the first has timed. */
static void complete(search *s, const ptl_tiling *staging, const trial *around, entry *out) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  candidate list[PTL_MAX_COMPLETIONS];
  candidate *order[PTL_MAX_COMPLETIONS];
  entry entries[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, staging, tilings);
  for (int i = 0; i < count; i++) {
    list[i] = (candidate){.tiling = tilings[i]};
    list[i].text_items = bound_cycles(s, &tilings[i], list[i].verdict.cycles);
  }
  out->is_possible = (!around || is_worth_it(s, list, count, around)) &&
                     pick(s, list, count, run, ALL_ITEMS, &(room){order, entries}, out);
}

static void run_staging(search *s, const candidate *c, const trial *t, entry *out) {
  complete(s, &c->tiling, t, out);
}

/* A staging is bounded by the least that each calibration allows any of its completions. */
static void bound_staging(const search *s, candidate *staging) {
  ptl_tiling tilings[PTL_MAX_COMPLETIONS];
  int count = ptl_completions(s->target, s->problem, &staging->tiling, tilings);
  for (int i = 0; i < count; i++) {
    double cycles[PTL_MAX_RATES];
    double *least = staging->verdict.cycles;
    int64_t items = bound_cycles(s, &tilings[i], cycles);
    staging->text_items = i == 0 ? items : ptl_min(items, staging->text_items);
    for (int r = 0; r < s->target->rate_count; r++) {
      least[r] = i == 0 || cycles[r] < least[r] ? cycles[r] : least[r];
    }
  }
}

static bool search_stagings(search *s, ptl_arena *scratch, const ptl_tilings *stagings,
                            ptl_plan *out) {
  size_t count = (size_t)stagings->count;
  candidate *list = ptl_arena_array(scratch, count, sizeof(*list));
  for (size_t i = 0; i < count; i++) {
    list[i] = (candidate){.tiling = stagings->items[i]};
    bound_staging(s, &list[i]);
  }
  room room = {
      ptl_arena_array(scratch, count, sizeof(*room.order)),
      ptl_arena_array(scratch, (size_t)ptl_min(stagings->count, MOST_RUNS), sizeof(entry))};
  entry best;
  if (!pick(s, list, stagings->count, run_staging, MOST_ITEMS, &room, &best)) {
    return false;
  }
  plan_of(s, &best, out);
  return true;
}

/* Of the first kind of ring that has a plan. `any`: whether there is a staging. */
static bool search_all(search *s, ptl_arena *scratch, bool *any, ptl_plan *out) {
  static const ptl_ring_kind kinds[] = {{false, false}, {false, true}, {true, false}, {true, true}};
  *any = false;
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    ptl_tilings stagings = ptl_stagings(scratch, s->target, s->problem, kinds[i]);
    *any = *any || stagings.count > 0;
    if (stagings.count > 0 && search_stagings(s, scratch, &stagings, out)) {
      return true;
    }
  }
  return false;
}

ptl_status ptl_plan_search(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                           const ptl_reference *reference, ptl_plan *out, ptl_no_plan *why) {
  ptl_status status = ptl_check_problem(arena, target, problem, why);
  if (status != PTL_OK) {
    return status;
  }
  ptl_arena scratch, run_scratch;
  ptl_arena_init(&scratch);
  ptl_arena_init(&run_scratch);
  search s = {target, problem, reference, &run_scratch, ptl_bounds_of(target, problem), 0, 0};
  bool any;
  if (!search_all(&s, &scratch, &any, out)) {
    status = PTL_REFUSED;
    if (any) {
      ptl_explain_events(arena, target, problem, why);
    } else {
      ptl_explain_no_plan(arena, target, problem, why);
    }
  }
  ptl_arena_free(&run_scratch);
  ptl_arena_free(&scratch);
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
  ptl_tiling completions[PTL_MAX_COMPLETIONS];
  if (ptl_completions(target, problem, &staging.tiling, completions) == 0) {
    ptl_explain_no_completion(arena, target, problem, &staging.tiling, why);
    return PTL_REFUSED;
  }
  status = ptl_check_mat_tiles(arena, target, &staging, why);
  if (status != PTL_OK) {
    return status;
  }
  ptl_arena run_scratch;
  ptl_arena_init(&run_scratch);
  search s = {target, problem, reference, &run_scratch, ptl_bounds_of(target, problem), 0, 0};
  entry best;
  complete(&s, &staging.tiling, NULL, &best);
  ptl_arena_free(&run_scratch);
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
