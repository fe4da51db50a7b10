/* The modelled time of a kernel as it is written. */
#ifndef PTL_SUMMARY_COST_H
#define PTL_SUMMARY_COST_H

#include "plan/spent.h"
#include "sync/inserted.h"
#include "walk/walk.h"

typedef struct ptl_cost {
  bool is_complete;               /* the walk came to the kernel's end */
  bool has_open_loops;            /* loops of unknown bounds: their bodies count once */
  bool has_branches;              /* on unknown conditions: both ways count */
  bool has_gaps;                  /* ops that are not followed, which may be missing */
  ptl_spent times[PTL_MAX_RATES]; /* by calibration of the target */
  double turns[PTL_MAX_RATES];    /* what one more turn of the loops of unknown bounds adds */
  ptl_spent most[PTL_MAX_RATES];  /* the times with as many turns as those loops have at most, where
                                     that is proved */
} ptl_cost;

/* False: it is a pipe of the vector core, or the scalar unit, which the model does not run. */
bool ptl_modelled_pipe(ptl_sync_pipe pipe, ptl_pipe *out);

/* The flags that ptoas puts into the kernel; NULL: not known. */
const ptl_inserted *ptl_kernel_flags(ptl_arena *arena, const ptl_kernel *kernel,
                                     const ptl_target *target);

/* The time of the kernel's transfers and products, with the flags that ptoas puts in. */
ptl_cost ptl_kernel_cost(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target);
/* The same, with these flags; NULL: they are not known. */
ptl_cost ptl_kernel_cost_with(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                              const ptl_inserted *inserted);

/* Takes the time along a walk (PTL_WALK_RUN) that someone else runs, as its listener. */
typedef struct ptl_clocks ptl_clocks;
ptl_clocks *ptl_clocks_new(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                           const ptl_inserted *inserted);
void ptl_clocks_listen(void *clocks, ptl_walk *walk, const ptl_event *event);
/* `is_complete`: the walk came to the kernel's end. */
ptl_cost ptl_clocks_end(ptl_clocks *clocks, bool is_complete);

/* Appends what an event is an instruction of to a timeline; nothing if it is none. */
void ptl_cost_append(ptl_timeline *timeline, const ptl_kernel *kernel, const ptl_event *event);

#endif
