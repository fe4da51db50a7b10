/* What a kernel has stored to global memory since it last made its stores visible, and loads of it.
 *
 * The event flags that ptoas puts between a store and a load order the pipes; they do not make what
 * was stored visible to the load (PTOAS issue 730). `pto.fence.barrier_all` on global memory does,
 * and what waits for all pipes or for all cores
 * (PTOAS:docs/designs/ptoas-memory-consistency-design.md).
 */
#ifndef PTL_WALK_GM_STORES_H
#define PTL_WALK_GM_STORES_H

#include "walk/gm_windows.h"

typedef struct ptl_gm_store ptl_gm_store;

/* A list that only grows at its front, so that forks share it. */
typedef struct ptl_gm {
  const ptl_gm_store *newest; /* NULL: all is visible */
} ptl_gm;

/* What was stored on either of two paths. */
ptl_gm ptl_gm_meet(ptl_arena *arena, ptl_gm a, ptl_gm b);

/* Called for each op: notes stores, and reports loads of what is not visible. */
void ptl_gm_walk_op(struct ptl_walk *walk, const ptl_op *op);

#endif
