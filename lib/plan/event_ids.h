/* Event ids are a budget: whether ptoas has enough of them for the loops of a schedule.
 *
 * ptoas ties two pipes with flags. A Mat tile that a loop's pass leaves to the next one (its
 * last extract to the next first load, or its last load to the next first
 * extract) takes some of the few ids of that pair of pipes, and nested loops add up. */
#ifndef PTL_PLAN_EVENT_IDS_H
#define PTL_PLAN_EVENT_IDS_H

#include "plan/schedule.h"

typedef enum ptl_lack {
  PTL_LACK_NOTHING,
  PTL_LACK_MAT, /* too many Mat tiles; that depends on the staging, the loops and the turns of Left
                 */
  PTL_LACK_L0,  /* too many Left and Right tiles */
} ptl_lack;

/* What there are too few ids for first. `outer_loops`: that stand around the schedule. */
ptl_lack ptl_schedule_lacks_ids(const ptl_target *target, int outer_loops,
                                const ptl_schedule *schedule);

/* The same in words (in the arena); NULL if there are enough. */
const char *ptl_schedule_exceeds_ids(ptl_arena *arena, const ptl_target *target, int outer_loops,
                                     const ptl_schedule *schedule);

#endif
