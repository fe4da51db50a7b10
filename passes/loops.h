/* How often loops run. */
#ifndef PTL_PASSES_LOOPS_H
#define PTL_PASSES_LOOPS_H

#include "ir/build.h"

/* Of a loop with constant bounds the number of its turns; -1: its bounds are not known. */
int64_t ptl_trip_count(MlirOperation loop);

/* How often the loops around an op run it: one of unknown bounds PTL_LIKELY_TURNS times. */
int64_t ptl_times_run(MlirOperation op);

#endif
