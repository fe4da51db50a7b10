/* The parts of the checker of a plan. It shares no arithmetic with the search:
 * what a tile needs is worked out here once more, from the rules in docs/plan.md. */
#ifndef PTL_PLAN_PLAN_CHECK_H
#define PTL_PLAN_PLAN_CHECK_H

#include "plan/schedule.h"

typedef struct ptl_checker {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_plan *plan;
  const char *why; /* the first thing that is wrong, or NULL */
} ptl_checker;

/* Notes what is wrong, if nothing is yet; returns `ok`. */
__attribute__((format(printf, 3, 4))) bool ptl_expect(ptl_checker *c, bool ok, const char *format,
                                                      ...);

/* Runs the schedule on what each buffer holds: every tile fits its buffer, every
 * read finds what it is meant to, K and N are covered exactly once. */
void ptl_check_run(ptl_checker *c, const ptl_schedule *schedule);

#endif
