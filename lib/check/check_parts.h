/* Inside of the check: what it asks of a kernel as a whole, beside its walk. Not for other layers.
 */
#ifndef PTL_CHECK_CHECK_PARTS_H
#define PTL_CHECK_CHECK_PARTS_H

#include "check/check.h"

/* Tiles without an address (level2) that are larger than their buffer. */
void ptl_check_sizes(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     ptl_finding_listener listener, void *user);

/* Tiles without an address that live at the same time and do not fit beside each other (lives.c).
 */
void ptl_check_lives(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted, ptl_finding_listener listener, void *user);

/* Loops that need more event ids than there are, and slots that are filled for a later iteration.
 */
void ptl_check_sync(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                    const ptl_noted *noted, ptl_finding_listener listener, void *user);

#endif
