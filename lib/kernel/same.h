/* Whether two kernels do the same, op by op, on tiles that may be allocated at other places in the
 * text. */
#ifndef PTL_KERNEL_SAME_H
#define PTL_KERNEL_SAME_H

#include "kernel/kernel.h"

/* Whether the ops of both are the same, in the same order, on the same values. Constants and
 * alloc_tile ops may stand anywhere, and what is computed for nothing does not count. A tile that
 * set_validshape changes has to be allocated in the same loop of both, so that it begins each turn
 * alike. The context is one. */
bool ptl_kernels_do_the_same(ptl_arena *arena, const ptl_kernel *a, const ptl_kernel *b);

#endif
