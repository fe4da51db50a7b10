/* Several plans in one function: where each goes.
 *
 * ptoas ties tiles that share memory by their base addresses, so that two plans of
 * one function either are laid out alike and take turns in one place, or lie apart. Without
 * addresses (level2) ptoas places the tiles, and reuses the bytes of those that nobody reads any
 * more.
 */
#ifndef PTL_PASSES_TURNS_H
#define PTL_PASSES_TURNS_H

#include "plan/plan.h"

/* A plan as it was made, and where it was put. */
typedef struct ptl_settled {
  ptl_plan base, placed;
} ptl_settled;

typedef struct ptl_layout {
  ptl_arena *arena;
  const ptl_target *target;
  bool has_addresses; /* level3 */
  ptl_settled *items; /* different ones */
  int count, capacity;
  int64_t used_bytes[PTL_SPACE_COUNT];
} ptl_layout;

/* Gives a complete plan its place: that of the plan laid out alike, else after all
 * others. False if it does not fit there; the plan is not to be used then. */
bool ptl_layout_settle(ptl_layout *layout, ptl_plan *plan);

#endif
