/* How often loops run. */
#ifndef PTL_PASSES_LOOPS_H
#define PTL_PASSES_LOOPS_H

#include "ir/build.h"

/* How often a loop runs whose bounds are constants, or differ by one (docs/ir.md); -1: that is not
 * known. */
int64_t ptl_trip_count(MlirOperation loop);

/* How often the loops around an op run it: one of which that is not known PTL_LIKELY_TURNS times.
 */
int64_t ptl_times_run(MlirOperation op);

#endif
