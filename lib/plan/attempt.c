/* One whole tiling: the loops that ptoas has event ids for, its schedule, and its time under each
 * calibration, as far as it is wanted. */
#include <string.h>

#include "plan/choice.h"
#include "plan/event_ids.h"
#include "plan/schedule_build.h"
#include "plan/timeline_state.h"

/* The ways to unroll loops: over K, over N, or both. */
enum { UNROLLINGS = 4 };

/* What a schedule costs that is not run counts as that part of its items. */
enum { BUILDS_PER_RUN = 8 };

/* Whether the loops that stand outside need more event ids than ptoas has, however the own loops
 * are unrolled: each begins with the first load of every Mat tile, and ends after its last extract
 * (event_ids.c counts the same in a schedule). */
static bool outer_loops_exceed_ids(const ptl_search *s, const ptl_tiling *t,
                                   const ptl_counts *counts) {
  if (s->problem->outer_loops == 0) {
    return false;
  }
  int64_t tiles =
      ptl_min(t->mat_slots, counts->rhs_loads) + ptl_min(t->lhs_slots, counts->lhs_loads);
  bool reloads = counts->rhs_loads > t->mat_slots || counts->lhs_loads > t->lhs_slots;
  int64_t ids = s->target->event_ids_per_pipe_pair;
  int64_t chunk = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  return s->problem->outer_loops * tiles >
             (ids - reloads) / s->target->ptoas->event_ids_per_carried_pair ||
         ptl_ceil_div(chunk, t->step_k) + 1 > ids;
}

bool ptl_is_hopeless(const ptl_search *s, const ptl_tiling *tiling, const ptl_counts *counts) {
  return outer_loops_exceed_ids(s, tiling, counts) ||
         ptl_least_text(s->problem, tiling, counts) > 2 * PTL_MAX_TEXT;
}

/* Whether ptoas has too few event ids for a tiling of several row tiles, which its outline does not
 * tell. */
static bool row_tiles_lack_ids(ptl_search *s, const ptl_tiling *tiling) {
  if (s->problem->row_tiles <= 1) {
    return false;
  }
  ptl_plan plan = {.problem = *s->problem, .tiling = *tiling};
  ptl_schedule schedule = ptl_schedule_build(s->scratch, s->target, &plan);
  s->items += schedule.count / BUILDS_PER_RUN;
  return ptl_schedule_exceeds_ids(s->scratch, s->target, s->problem->outer_loops, &schedule);
}

/* Unrolls those loops that ptoas has not enough event ids for, in the way that makes the
 * shortest text; it is not possible if that is too long, or if there is no way. */
static void choose_loops(ptl_search *s, const ptl_candidate *c, ptl_attempt *a) {
  ptl_tiling t = *c->tiling;
  ptl_builder b = ptl_begin_build(s->scratch, s->target, s->problem, &t);
  int first = s->problem->rounds_written_out ? 2 : 0;
  for (int way = first; way < UNROLLINGS; way++) {
    t.unroll_k = (way & 1) != 0;
    t.unroll_n = (way & 2) != 0;
    int most = a->is_possible ? a->text_items - 1 : PTL_MAX_TEXT;
    if (t.unroll_k && t.unroll_n && a->issued_items > most) {
      break; /* the last way */
    }
    ptl_outline outline;
    if (ptl_outline_if_possible(&b, &c->counts, most, &outline) && !row_tiles_lack_ids(s, &t)) {
      a->is_possible = true;
      a->unroll_k = t.unroll_k;
      a->unroll_n = t.unroll_n;
      a->text_items = outline.items;
      a->heads = s->problem->row_tiles <= 1 ? outline.heads : 0;
    }
    if (way == first && a->is_possible) {
      break; /* as it is */
    }
  }
}

/* Settles which loops it has. */
static void settle(ptl_search *s, const ptl_candidate *c, ptl_attempt *a) {
  a->is_known = true;
  a->issued_items = ptl_issued_items(s->problem, &c->counts);
  if (!c->is_hopeless) {
    ptl_arena_reset(s->scratch);
    choose_loops(s, c, a);
  }
}

static ptl_tiling with_loops(const ptl_tiling *tiling, const ptl_attempt *a) {
  ptl_tiling t = *tiling;
  t.unroll_k = a->unroll_k;
  t.unroll_n = a->unroll_n;
  return t;
}

/* A run whose times are still open: what is known of them at the least. */
typedef struct run {
  const ptl_search *search;
  const ptl_trial *trial;
  ptl_verdict verdict;
} run;

static bool is_still_wanted(void *user, const ptl_cycles *least) {
  run *r = user;
  double repeats = (double)ptl_repeats(r->search->problem);
  bool is_news = false; /* or the bounds have told as much */
  for (int i = 0; i < r->search->target->rate_count; i++) {
    double cycles = least->by[i] / repeats;
    if (cycles > r->verdict.cycles[i]) {
      r->verdict.cycles[i] = cycles;
      is_news = true;
    }
  }
  if (!is_news) {
    return true;
  }
  ptl_judge(r->search, &r->verdict, r->trial->least);
  return ptl_verdict_is_wanted(r->trial, &r->verdict);
}

/* Puts in what is known; says whether it is wanted all the same. */
static bool is_wanted(const ptl_search *s, const ptl_trial *t, const ptl_attempt *a,
                      ptl_verdict *v) {
  memcpy(v->cycles, a->cycles, sizeof(v->cycles));
  memcpy(v->first_cycles, a->first_cycles, sizeof(v->first_cycles));
  ptl_judge(s, v, t->least);
  return ptl_verdict_is_wanted(t, v);
}

/* Runs it, up to where it is known not to be wanted. */
static void run_course(ptl_search *s, const ptl_candidate *c, const ptl_trial *t,
                       const ptl_verdict *known) {
  ptl_attempt *a = c->attempt;
  ptl_arena_reset(s->scratch);
  ptl_plan plan = {.problem = *s->problem, .tiling = with_loops(c->tiling, a)};
  ptl_plan_place(s->target, &plan);
  ptl_schedule schedule = ptl_schedule_build(s->scratch, s->target, &plan);
  ptl_timeline *timeline =
      ptl_timeline_create(s->scratch, s->target, s->target->rates, s->target->rate_count);
  ptl_course course = ptl_course_of(timeline, &plan, &schedule);
  run r = {.search = s, .trial = t, .verdict = *known};
  ptl_cycles first;
  a->is_run = ptl_timeline_run_course(timeline, &course, is_still_wanted, &r, &first);
  s->items += timeline->appended + schedule.count / BUILDS_PER_RUN;
  if (!a->is_run) {
    memcpy(a->cycles, r.verdict.cycles, sizeof(a->cycles));
    return;
  }
  ptl_cycles cycles = ptl_timeline_cycles(timeline);
  for (int i = 0; i < s->target->rate_count; i++) {
    a->cycles[i] = cycles.by[i] / (double)ptl_repeats(s->problem);
    a->first_cycles[i] = first.by[i];
  }
}

/* The bounds of last_units.c, where they are sharper than what is known, and the flags that are set
 * before all else. */
static void sharpen_bounds(ptl_search *s, const ptl_candidate *c) {
  if (!s->last_units.is_known) {
    s->last_units = ptl_last_units_of(s->staging, c->tiling);
  }
  double heads = c->attempt->heads / (double)ptl_repeats(s->problem);
  ptl_cycles bound = ptl_last_units_bound(&s->last_units, s->staging, c->tiling, &c->counts);
  for (int i = 0; i < s->target->rate_count; i++) {
    double known = ptl_later(bound.by[i], c->verdict.cycles[i]);
    double with_heads = known + s->target->rates[i].issue_cycles * heads;
    c->attempt->cycles[i] = with_heads * (1 - 1e-9);
  }
  c->attempt->is_bounded = true;
}

/* Whether it is wanted by what is found out of its times: first by sharp bounds, then by a run. */
static bool is_wanted_in_time(ptl_search *s, const ptl_candidate *c, const ptl_trial *t,
                              ptl_verdict *v) {
  ptl_attempt *a = c->attempt;
  if (!a->is_bounded) {
    sharpen_bounds(s, c);
  }
  if (!is_wanted(s, t, a, v)) {
    return false;
  }
  if (!a->is_run) {
    run_course(s, c, t, v);
  }
  return a->is_run && is_wanted(s, t, a, v);
}

void ptl_attempt_run(ptl_search *s, const ptl_candidate *c, const ptl_trial *t, ptl_entry *out) {
  ptl_attempt *a = c->attempt;
  if (!a->is_known) {
    settle(s, c, a);
  }
  out->issued_items = a->issued_items;
  out->tiling = with_loops(c->tiling, a);
  out->verdict = c->verdict;
  out->is_possible = a->is_possible && is_wanted_in_time(s, c, t, &out->verdict);
}
