/* Inside of usage.h: the second half of ptl_usage_of. */
#ifndef PTL_CHECK_USAGE_LIVES_H
#define PTL_CHECK_USAGE_LIVES_H

#include "check/usage.h"

/* Fills in lives, the tiles' first and last steps, and spaces, from tiles, steps and loops. */
void ptl_usage_find_lives(ptl_arena *arena, ptl_usage *usage);

#endif
