/* All that a walk knows at one point of the kernel: what each byte holds, whose it is, and what is
 * valid of each tile.
 *
 * It is one value: it forks at a branch, meets after it, and is taken back as a whole. What only
 * one of the paths that met has done is known to be done on that path only.
 */
#ifndef PTL_WALK_STATE_H
#define PTL_WALK_STATE_H

#include "walk/gm_stores.h"
#include "walk/hazards.h"
#include "walk/memory.h"
#include "walk/owners.h"
#include "walk/shapes.h"

typedef struct ptl_state {
  ptl_memory memory;
  ptl_owners owners;
  ptl_shapes shapes;
  ptl_hazards hazards;
  ptl_gm gm;
} ptl_state;

void ptl_state_init(ptl_state *state, ptl_arena *arena, const ptl_kernel *kernel);

/* A second one that is as `state` is now. */
ptl_state ptl_state_fork(ptl_state *state);

/* After `meeting->op`: `state` is the first path of the meeting, `second` the second. */
void ptl_state_meet(struct ptl_walk *walk, ptl_state *state, const ptl_state *second,
                    const ptl_meeting *meeting);

#endif
