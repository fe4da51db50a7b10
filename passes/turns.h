/* Several plans in one function: where each goes.
 *
 * ptoas ties tiles that share memory by their base addresses, so that two plans of
 * one function either are laid out alike and take turns in one place, or lie apart. Without
 * addresses (level2) ptoas places the tiles. Plans that take turns share the tiles themselves then.
 * Others lie apart if all tiles fit beside each other (plan/own_tiles.h), else the function is
 * crowded: a barrier stands between one plan and the next.
 */
#ifndef PTL_PASSES_TURNS_H
#define PTL_PASSES_TURNS_H

#include "ir/session.h"
#include "plan/own_tiles.h"

/* A plan as it was made, and where it was put. */
typedef struct ptl_settled {
  ptl_plan base, placed;
  ptl_own_tiles tiles; /* without addresses */
} ptl_settled;

typedef struct ptl_layout {
  ptl_arena *arena;
  const ptl_target *target;
  bool has_addresses; /* level3 */
  ptl_settled *items; /* different ones */
  int count, capacity;
  int64_t used_bytes[PTL_SPACE_COUNT];
  int64_t each_bytes[PTL_SPACE_COUNT]; /* without addresses: of a tile; -1: they differ */
  bool is_crowded;
} ptl_layout;

/* Gives a complete plan its place: that of the plan laid out alike, else after all
 * others. False if it does not fit there, and has addresses; the plan is not to be used then. */
bool ptl_layout_settle(ptl_layout *layout, ptl_plan *plan);

#endif
