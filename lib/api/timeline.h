/* What ptolower_time tells of each instruction. */
#ifndef PTL_API_TIMELINE_H
#define PTL_API_TIMELINE_H

#include "ir/session.h"
#include "kernel/kernel.h"
#include "ptolower/time.h"

/* When the instructions of a kernel run under one calibration. Its lines are counted as if so many
 * stood before it. */
const ptolower_timeline *ptl_timeline_of(ptl_session *session, const ptl_kernel *kernel,
                                         const ptl_rates *rates, int lines_before);

#endif
