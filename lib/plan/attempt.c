/* One whole tiling: the loops that ptoas has event ids for, its schedule, and its time under each
 * calibration, as far as it is wanted. */
#include <string.h>

#include "plan/choice.h"
#include "plan/event_ids.h"
#include "plan/schedule_build.h"

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

/* Whether ptoas has too few event ids for a tiling with that outline. */
static bool lacks_ids(const ptl_search *s, const ptl_tiling *tiling, const ptl_outline *outline) {
  if (s->problem->row_tiles <= 1) {
    return outline->lacks_ids;
  }
  ptl_plan plan = {.problem = *s->problem, .tiling = *tiling};
  ptl_schedule schedule = ptl_schedule_build(s->scratch, s->target, &plan);
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
    ptl_outline outline = ptl_outline_of(&b, &c->counts, most);
    a->built_items += ptl_min(outline.items, most) / BUILDS_PER_RUN;
    if (outline.items <= most && !lacks_ids(s, &t, &outline)) {
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

/* What is run of an attempt. */
typedef struct work {
  ptl_plan plan;
  ptl_timeline *timeline; /* of the course */
  ptl_course course;
} work;

static work *make_work(const ptl_search *s, const ptl_tiling *tiling, const ptl_attempt *a) {
  ptl_arena_reset(s->scratch);
  work *w = ptl_arena_alloc(s->scratch, sizeof(*w));
  w->plan.problem = *s->problem;
  w->plan.tiling = with_loops(tiling, a);
  ptl_plan_place(s->target, &w->plan);
  ptl_schedule schedule = ptl_schedule_build(s->scratch, s->target, &w->plan);
  w->timeline = ptl_timeline_create(s->scratch, s->target, &s->target->rates[0]);
  w->course = ptl_course_of(w->timeline, &w->plan, &schedule);
  return w;
}

/* A run under one calibration, whose time is still open. */
typedef struct run {
  const ptl_search *search;
  const ptl_trial *trial;
  ptl_verdict verdict; /* by the others */
  int rate;
} run;

static bool is_still_wanted(void *user, double least_cycles) {
  run *r = user;
  double *cycles = &r->verdict.cycles[r->rate];
  double least = least_cycles / (double)ptl_repeats(r->search->problem);
  if (least <= *cycles) {
    return true; /* the bounds have told as much */
  }
  *cycles = least;
  ptl_judge(r->search, &r->verdict, r->trial->least);
  return ptl_verdict_is_wanted(r->trial, &r->verdict);
}

/* Runs it under a calibration, up to where it is known not to be wanted. */
static void time_under(const ptl_search *s, const ptl_trial *t, const ptl_verdict *known, int rate,
                       const work *w, ptl_attempt *a) {
  run r = {.search = s, .trial = t, .verdict = *known, .rate = rate};
  ptl_timeline_restart(w->timeline, &s->target->rates[rate]);
  bool done =
      ptl_timeline_run_course(w->timeline, &w->course, is_still_wanted, &r, &a->first_cycles[rate]);
  a->state[rate] = done ? PTL_RUN : PTL_GIVEN_UP;
  a->cycles[rate] = done ? ptl_timeline_cycles(w->timeline) / (double)ptl_repeats(s->problem)
                         : r.verdict.cycles[rate];
}

/* Puts in what is known by a calibration; says whether it is wanted all the same. */
static bool is_wanted_by(const ptl_search *s, const ptl_trial *t, const ptl_attempt *a, int rate,
                         ptl_verdict *v) {
  v->cycles[rate] = a->cycles[rate];
  v->first_cycles[rate] = a->state[rate] == PTL_RUN ? a->first_cycles[rate] : 0;
  ptl_judge(s, v, t->least);
  return ptl_verdict_is_wanted(t, v);
}

/* The bound of last_units.c by a calibration, if it is sharper than that of the candidate, and the
 * flags that are set before all else. */
static double sharp_bound(ptl_search *s, const ptl_candidate *c, int rate) {
  if (!s->last_units.is_known) {
    s->last_units = ptl_last_units_of(s->staging, c->tiling);
  }
  double heads = s->target->rates[rate].issue_cycles * c->attempt->heads;
  double bound = ptl_last_units_bound(&s->last_units, s->staging, c->tiling, &c->counts, rate);
  double known = c->verdict.cycles[rate];
  return ((bound > known ? bound : known) + heads / (double)ptl_repeats(s->problem)) * (1 - 1e-9);
}

/* Whether a candidate is wanted by what is found out of its time under one calibration: first by a
 * sharp bound, then by a run. */
static bool is_wanted_under(ptl_search *s, const ptl_candidate *c, const ptl_trial *t, int rate,
                            work **w, ptl_verdict *v) {
  ptl_attempt *a = c->attempt;
  if (a->state[rate] == PTL_NOT_RUN) {
    a->cycles[rate] = sharp_bound(s, c, rate);
    a->state[rate] = PTL_BOUNDED;
  }
  bool is_wanted = is_wanted_by(s, t, a, rate, v);
  if (is_wanted && a->state[rate] != PTL_RUN) {
    if (!*w) {
      *w = make_work(s, c->tiling, a);
    }
    time_under(s, t, v, rate, *w, a);
    is_wanted = is_wanted_by(s, t, a, rate, v);
  }
  return is_wanted;
}

/* Under one calibration after the other, until what is known and the bounds of the rest say that
 * the candidate is not wanted. By what the last one was found to be so, the next one most likely
 * is. */
static bool time_under_all(ptl_search *s, const ptl_candidate *c, const ptl_trial *t,
                           ptl_verdict *v) {
  work *w = NULL;
  int count = s->target->rate_count, first = s->refuter;
  for (int j = 0; j < count; j++) {
    int i = (first + j) % count;
    s->items += c->attempt->text_items / count;
    if (!is_wanted_under(s, c, t, i, &w, v)) {
      s->refuter = i;
      return false;
    }
  }
  return true;
}

void ptl_attempt_run(ptl_search *s, const ptl_candidate *c, const ptl_trial *t, ptl_entry *out) {
  ptl_attempt *a = c->attempt;
  if (!a->is_known) {
    settle(s, c, a);
  }
  s->items += a->built_items;
  out->issued_items = a->issued_items;
  out->tiling = with_loops(c->tiling, a);
  out->verdict = c->verdict;
  out->is_possible = a->is_possible && time_under_all(s, c, t, &out->verdict);
}
