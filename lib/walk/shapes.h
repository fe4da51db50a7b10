/* What pto.set_validshape has made valid of a tile: by value number, over what the tile was
 * allocated with.
 */
#ifndef PTL_WALK_SHAPES_H
#define PTL_WALK_SHAPES_H

#include "support/arena.h"

struct ptl_tile;
struct ptl_walk;

typedef struct ptl_shape {
  int value;
  const struct ptl_tile *tile; /* NULL: as it was allocated */
} ptl_shape;

typedef struct ptl_shapes {
  ptl_arena *arena;
  ptl_shape *items;
  int count, capacity;
} ptl_shapes;

/* The tile as it was set; NULL if it was not, or was allocated again since. */
const struct ptl_tile *ptl_shapes_find(const ptl_shapes *shapes, int value);
void ptl_shapes_set(ptl_shapes *shapes, int value, const struct ptl_tile *tile);

/* A copy of tile `a` whose extents, where those of `b` differ, are some number. */
struct ptl_tile *ptl_shape_of_either(struct ptl_walk *walk, const struct ptl_tile *a,
                                     const struct ptl_tile *b);

ptl_shapes ptl_shapes_fork(ptl_shapes *shapes);
void ptl_shapes_meet(struct ptl_walk *walk, ptl_shapes *shapes, const ptl_shapes *second);

#endif
