/* The state of a timeline, for timeline.c and the run of whole plans. */
#ifndef PTL_PLAN_TIMELINE_STATE_H
#define PTL_PLAN_TIMELINE_STATE_H

#include "plan/timeline.h"

/* One byte range that instructions have named, and when it was last used. */
typedef struct ptl_cell {
  ptl_range range;
  double write_end;
  double read_end;
} ptl_cell;

struct ptl_timeline {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_rates *rates;
  double issue_time;
  bool issue_bound; /* an instruction started late because it was issued late */
  double pipe_end[PTL_PIPE_COUNT];
  double busy[PTL_PIPE_COUNT];
  ptl_cell *cells;
  int cell_count;
  int cell_capacity;
};

/* Appends all instructions of a plan's schedule. */
void ptl_timeline_run_schedule(ptl_timeline *timeline, const ptl_plan *plan,
                               const ptl_schedule *schedule);

#endif
