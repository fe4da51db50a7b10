/* The tiles of a plan that ptoas places (level2): each is an alloc_tile of its own.
 *
 * If the tiles of a buffer do not all fit beside each other, ptoas puts those on one another that
 * do not live at the same time. Up to 0.48 its flags tie tiles by equal addresses only, so that two
 * of different sizes may race. So all tiles of such a plan have to fit beside each other. A slot of
 * Mat is one tile, whatever part of it is valid. A slot of Left, Right or Acc has a tile for each
 * extent, because an extract fills a tile as a whole.
 */
#ifndef PTL_PLAN_OWN_TILES_H
#define PTL_PLAN_OWN_TILES_H

#include "plan/schedule.h"

typedef struct ptl_own_tile {
  ptl_space space;
  ptl_role role;
  int slot;
  int64_t k, n;    /* as declared; of lhs and accumulators one is the rows of the plan's tiles */
  int64_t bytes;   /* padded as the chip pads it */
  int64_t unit_k;  /* of a rhs in Mat: units of other lengths have tiles of their own */
  bool transposed; /* the same: it lies as n x k */
} ptl_own_tile;

typedef struct ptl_own_tiles {
  ptl_own_tile *items;
  int count, capacity;
} ptl_own_tiles;

/* Those of a complete plan, in the order in which its schedule fills them first. */
ptl_own_tiles ptl_own_tiles_of(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                               const ptl_schedule *schedule);

/* The Mat tile that a load fills. Never NULL for an item of the schedule. */
const ptl_own_tile *ptl_own_tile_loaded(const ptl_own_tiles *tiles, const ptl_plan *plan,
                                        const ptl_item *load);

/* Bytes that the tiles take of a space beside each other. */
int64_t ptl_own_tiles_bytes(const ptl_own_tiles *tiles, const ptl_target *target, ptl_space space);

/* Whether two plans have the same tiles. */
bool ptl_own_tiles_are_alike(const ptl_own_tiles *a, const ptl_own_tiles *b);

/* Whether ptoas leaves tiles beside each other that take so many bytes of a space. If two of them
 * that differ in size never live at the same time (`may_overlap`), it puts these on one another as
 * soon as the space is full. */
static inline bool ptl_own_tiles_fit(const ptl_target *target, ptl_space space, int64_t bytes,
                                     bool may_overlap) {
  int64_t capacity = target->capacity_bytes[space];
  return may_overlap ? bytes < capacity : bytes <= capacity;
}

#endif
