/* Event ids are a budget: whether ptoas has enough of them for the loops of a schedule.
 *
 * ptoas ties two pipes with flags. A Mat tile that a loop's pass leaves to the next one (its
 * last extract to the next first load, or its last load to the next first
 * extract) takes some of the few ids of that pair of pipes, and nested loops add up. */
#ifndef PTL_PLAN_EVENT_IDS_H
#define PTL_PLAN_EVENT_IDS_H

#include "plan/schedule.h"

/* What there are too few ids for, in words (in the arena); NULL if there are enough. `outer_loops`:
 * that stand around the schedule. */
const char *ptl_schedule_exceeds_ids(ptl_arena *arena, const ptl_target *target, int outer_loops,
                                     const ptl_schedule *schedule);

#endif
