/* Kernels that are not faster as they are written than they were. */
#ifndef PTL_API_SLOWER_H
#define PTL_API_SLOWER_H

#include "ir/session.h"

/* Times the changed functions of a module that is in pto ops again, with the flags that ptoas puts
 * into them, which a plan knows about only. Notes those that are slower than their input under a
 * calibration, or faster under none, as the session's `slower`; true if there are any. Functions
 * that are rewritten whatever the time is are left out. */
bool ptl_note_slower(ptl_session *session);

#endif
