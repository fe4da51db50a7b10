/* What a kernel does to the world, as text: one line for each sink and for each other op
 * with an effect, in program order. A sink's line says what leaves (which parts of
 * which matrices are multiplied), how, where to, and in which loops; on-chip buffers, chunks and
 * SSA names do not occur. Two kernels with equal lines store the same products to the same places,
 * if their floats are summed in the same order.
 */
#ifndef PTL_SUMMARY_EFFECTS_H
#define PTL_SUMMARY_EFFECTS_H

#include "walk/walk.h"

typedef struct ptl_effects {
  const char **lines;
  int count;
  bool is_complete; /* the walk could follow everything */
} ptl_effects;

/* Describes them along a walk (PTL_WALK_ONCE) that someone else runs, as its listener. */
typedef struct ptl_describer ptl_describer;
ptl_describer *ptl_describer_new(ptl_arena *arena, const ptl_kernel *kernel);
void ptl_describer_listen(void *describer, ptl_walk *walk, const ptl_event *event);
/* `walked`: what the walk returned. */
ptl_effects ptl_describer_end(ptl_describer *describer, ptl_status walked);
/* The same along a PTL_WALK_RUN. It says what the kernel does if it went straight: no sink is in a
 * loop, and no loop or branch was walked by cases. */
void ptl_describer_listen_to_run(void *describer, ptl_walk *walk, const ptl_event *event);
bool ptl_describer_went_straight(const ptl_describer *describer);

/* Walks the kernel for them alone. */
ptl_effects ptl_kernel_effects(ptl_arena *arena, const ptl_kernel *kernel,
                               const ptl_target *target);

#endif
