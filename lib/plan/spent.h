/* Where the time of a plan goes. */
#ifndef PTL_PLAN_SPENT_H
#define PTL_PLAN_SPENT_H

#include "plan/timeline.h"

typedef struct ptl_spent {
  double cycles;
  double busy[PTL_PIPE_COUNT]; /* cycles for which each pipe works */
  double issue; /* cycles for which the scalar unit issues instructions, while any of them runs */
} ptl_spent;

/* Of a complete plan, under each calibration of the target: of one repeat, on average. */
void ptl_plan_spent(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                    ptl_spent out[PTL_MAX_RATES]);

/* Of all that a timeline has run, by one of its calibrations. */
ptl_spent ptl_timeline_spent(const ptl_timeline *timeline, int rate);

#endif
