/* What ptolower_time tells of each instruction. */
#ifndef PTL_API_TIMELINE_H
#define PTL_API_TIMELINE_H

#include "api/played.h"
#include "ir/session.h"
#include "kernel/kernel.h"
#include "ptolower/time.h"

/* The instructions of a kernel as they were recorded. */
const ptolower_timeline *ptl_timeline_of(ptl_session *session, const ptl_kernel *kernel,
                                         const ptl_recording *recording);

/* What its flags make of a kernel. */
const ptolower_played *ptl_stalls_of(ptl_arena *arena, const ptl_played *played);

#endif
