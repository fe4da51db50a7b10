/* How long a function takes whose groups are computed as they are planned. */
#ifndef PTL_PASSES_GROUP_TIME_H
#define PTL_PASSES_GROUP_TIME_H

#include "passes/groups.h"

typedef struct ptl_group_time {
  double once;         /* loops of unknown bounds have one turn */
  double turn;         /* what one more turn of them adds */
  bool has_open_loops; /* there are such */
} ptl_group_time;

/* Of all groups of a function, in the loops in which they stand, by each calibration. */
void ptl_groups_time(const ptl_groups *g, ptl_group_time times[PTL_MAX_RATES]);

/* Instructions that the plans of all groups are written down with. */
int64_t ptl_groups_instructions(const ptl_groups *g);

#endif
