/* Event ids are a budget: whether ptoas has enough of them for the loops of a schedule.
 *
 * ptoas ties two pipes with flags. A Mat tile that a loop's pass leaves to the next one (its
 * last extract to the next first load, or its last load to the next first
 * extract) takes some of the few ids of that pair of pipes, and nested loops add up. */
#ifndef PTL_PLAN_EVENT_IDS_H
#define PTL_PLAN_EVENT_IDS_H

#include "plan/schedule.h"

/* What loops carry. */
typedef struct ptl_carried {
  int64_t overwritten; /* Mat tiles: a pass ends with an extract, the next begins with a load */
  int64_t handed_on;   /* a pass ends with a load, the next one begins with an extract */
  bool reloads;        /* a pass loads a tile again that it has extracted */
} ptl_carried;

/* How many of them there are ids for. */
int64_t ptl_ids_overwritten(const ptl_target *target, bool reloads);
int64_t ptl_ids_handed_on(const ptl_target *target);

/* What ptoas has too few event ids for, in words (in the arena); NULL if there are enough.
 * `outer_loops`: that stand around the schedule. */
const char *ptl_schedule_exceeds_ids(ptl_arena *arena, const ptl_target *target, int outer_loops,
                                     const ptl_schedule *schedule);

#endif
