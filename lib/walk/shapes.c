/* The valid extents that pto.set_validshape has given to tiles, per path. */
#include "walk/shapes.h"

#include "walk/walk_state.h"

static ptl_shape *find(const ptl_shapes *shapes, int value) {
  for (int i = 0; i < shapes->count; i++) {
    if (shapes->items[i].value == value) {
      return &shapes->items[i];
    }
  }
  return NULL;
}

const ptl_tile *ptl_shapes_find(const ptl_shapes *shapes, int value) {
  const ptl_shape *shape = find(shapes, value);
  return shape ? shape->tile : NULL;
}

void ptl_shapes_set(ptl_shapes *shapes, int value, const ptl_tile *tile) {
  ptl_shape *shape = find(shapes, value);
  if (shape) {
    shape->tile = tile;
    return;
  }
  shapes->items = ptl_arena_more(shapes->arena, shapes->items, shapes->count, &shapes->capacity,
                                 sizeof(ptl_shape));
  shapes->items[shapes->count++] = (ptl_shape){value, tile};
}

ptl_shapes ptl_shapes_fork(ptl_shapes *shapes) {
  ptl_shapes fork = *shapes;
  size_t count = (size_t)shapes->count;
  fork.items = ptl_arena_grow(shapes->arena, shapes->items, count, count, sizeof(ptl_shape));
  fork.capacity = shapes->count;
  return fork;
}

ptl_tile *ptl_shape_of_either(ptl_walk *walk, const ptl_tile *a, const ptl_tile *b) {
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  *tile = *a;
  if (a->valid_rows != b->valid_rows) {
    tile->valid_rows = ptl_walk_fresh_leaf(walk);
  }
  if (a->valid_cols != b->valid_cols) {
    tile->valid_cols = ptl_walk_fresh_leaf(walk);
  }
  return tile;
}

static const ptl_tile *either(ptl_walk *walk, const ptl_tile *a, const ptl_tile *b) {
  bool is_same = !a || !b || (a->valid_rows == b->valid_rows && a->valid_cols == b->valid_cols);
  return is_same ? a : ptl_shape_of_either(walk, a, b);
}

static const ptl_tile *at(const ptl_walk *walk, const ptl_shapes *shapes, int value) {
  const ptl_tile *tile = ptl_shapes_find(shapes, value);
  return tile ? tile : walk->bindings[value].tile;
}

void ptl_shapes_meet(ptl_walk *walk, ptl_shapes *shapes, const ptl_shapes *second) {
  for (int i = 0; i < second->count; i++) {
    int value = second->items[i].value;
    if (!find(shapes, value)) {
      ptl_shapes_set(shapes, value, walk->bindings[value].tile);
    }
  }
  for (int i = 0; i < shapes->count; i++) {
    ptl_shape *shape = &shapes->items[i];
    shape->tile = either(walk, at(walk, shapes, shape->value), at(walk, second, shape->value));
  }
}
