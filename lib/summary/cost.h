/* The modelled time of a kernel as it is written. */
#ifndef PTL_SUMMARY_COST_H
#define PTL_SUMMARY_COST_H

#include "walk/walk.h"

/* Cycles of the kernel's transfers and products under each of the target's
 * calibrations (loops with symbolic bounds count once). False if the walk could not
 * follow the kernel to its end. */
bool ptl_kernel_cycles(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                       double cycles[PTL_MAX_RATES]);

#endif
