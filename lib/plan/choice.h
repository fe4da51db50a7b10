/* How candidates are run and compared: verdict.c, attempt.c and plan.c. Not for other layers. */
#ifndef PTL_PLAN_CHOICE_H
#define PTL_PLAN_CHOICE_H

#include "plan/course.h"
#include "plan/search.h"

typedef struct ptl_search {
  const ptl_target *target;
  const ptl_problem *problem;
  const ptl_reference *reference; /* or NULL */
  ptl_bounds bounds;
  ptl_arena *arena;   /* for all of the search */
  ptl_arena *scratch; /* for one attempt */
  int64_t items;      /* that were run */
  /* Of the staging at hand: its bounds; and its last units, once they are asked for. */
  const ptl_staging_bounds *staging;
  ptl_last_units last_units;
} ptl_search;

/* Cycles by each calibration, and what they say of a candidate: how much worse they are
 * than the least that any candidate may need. */
typedef struct ptl_verdict {
  double cycles[PTL_MAX_RATES];
  double first_cycles[PTL_MAX_RATES]; /* 0: not known */
  double worst_ratio;                 /* of the calibrations that lead */
  double sum_of_ratios;
  bool exceeds; /* the reference */
} ptl_verdict;

/* What is known of a whole tiling once it was tried; nothing is timed twice. */
typedef struct ptl_attempt {
  bool is_known, is_possible; /* ptoas has event ids for it */
  bool unroll_k, unroll_n;
  int text_items;
  int heads; /* flags that are set before all else, at the least */
  int64_t issued_items;
  bool is_bounded;              /* the cycles are sharp bounds, or more */
  bool is_run;                  /* to its end */
  double cycles[PTL_MAX_RATES]; /* where it was not: at the least */
  double first_cycles[PTL_MAX_RATES];
} ptl_attempt;

/* A candidate: a whole tiling, or a staging. Before it is run, `verdict` is of its bounds. */
typedef struct ptl_candidate {
  const ptl_tiling *tiling;
  ptl_verdict verdict;
  int64_t text_items; /* at the least */
  ptl_counts counts;  /* of a whole tiling */
  bool is_tried;
  bool is_hopeless;     /* a whole tiling, or all ways to complete a staging: ptl_is_hopeless */
  ptl_attempt *attempt; /* of a whole tiling */
  ptl_cycles *ways;     /* of a staging: the bounds of each way to complete it */
} ptl_candidate;

/* A candidate that was run. */
typedef struct ptl_entry {
  ptl_tiling tiling; /* with its loops */
  ptl_verdict verdict;
  int64_t issued_items;
  bool is_possible; /* ptoas has event ids for it */
} ptl_entry;

typedef struct ptl_trial ptl_trial;

/* Makes an entry of a candidate; one that is not wanted any more is not possible. */
typedef void (*ptl_run_fn)(ptl_search *s, const ptl_candidate *c, const ptl_trial *t,
                           ptl_entry *out);

/* Room for the candidates of a choice: `order` for all, `entries` for those that are possible. */
typedef struct ptl_room {
  ptl_candidate **order;
  ptl_entry **entries;
} ptl_room;

/* The candidates of a choice, in the order in which they are tried, with room for what comes out.
 */
struct ptl_trial {
  ptl_run_fn run;
  int64_t most_items; /* of schedules that are built */
  const double *least;
  const ptl_room *room;
  const ptl_verdict *best; /* of those that were run and are possible */
  const ptl_entry *winner;
  int possible;
};

/* ---- verdict.c ---- */

/* Fills in what the cycles of a verdict say, next to the least by each calibration. */
void ptl_judge(const ptl_search *s, ptl_verdict *v, const double *least);

/* Candidates that may keep below the reference come first, then the most promising. */
bool ptl_is_more_promising(const ptl_verdict *a, const ptl_verdict *b);

/* Whether a candidate with these bounds may still be better than the best that was run. */
bool ptl_may_win(const ptl_verdict *bounds, const ptl_verdict *best);

/* Whether a candidate with these bounds, or times, may come to win. Where it may not, longer times
 * do not change that. */
bool ptl_verdict_is_wanted(const ptl_trial *t, const ptl_verdict *v);

/* Of the entries whose worst ratio comes close to the least one, the one with the least
 * sum of ratios; those that keep below the reference go before all others. NULL if none is
 * possible. */
const ptl_entry *ptl_best_of(ptl_entry *const *entries, int count);

/* ---- attempt.c ---- */

/* Whether it is known without a schedule that ptoas has too few event ids for a whole tiling, or
 * that its text is too long. */
bool ptl_is_hopeless(const ptl_search *s, const ptl_tiling *tiling, const ptl_counts *counts);

/* Places the buffers of a whole tiling and runs it. */
void ptl_attempt_run(ptl_search *s, const ptl_candidate *c, const ptl_trial *t, ptl_entry *out);

#endif
