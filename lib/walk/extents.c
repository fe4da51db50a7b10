/* How many rows and columns of tiles are valid at most, where a kernel does not say it in
 * constants: what is known at that point of the walk bounds them. */
#include "walk/walk_state.h"

#include "support/rounding.h"

int64_t ptl_walk_most(ptl_walk *walk, ptl_expr expr, int64_t limit) {
  int64_t value;
  if (ptl_expr_is_const(walk->exprs, expr, &value)) {
    return value;
  }
  ptl_facts facts = ptl_facts_here(walk);
  return expr < 0 ? limit : ptl_most_of(&facts, expr, limit);
}

/* The last decision on the path: what is known changes with it alone. */
static int64_t decision_here(const ptl_walk *walk) {
  return walk->path.count > 0 ? walk->path.items[walk->path.count - 1].number : -1;
}

int64_t ptl_extent_most(ptl_walk *walk, ptl_expr extent, int64_t size) {
  int64_t value;
  if (ptl_expr_is_const(walk->exprs, extent, &value)) {
    return value;
  }
  if (extent < 0 || walk->mode == PTL_WALK_ONCE || walk->hearing != PTL_HEARS_ALL) {
    return size;
  }
  ptl_known_extent *known = &walk->known_extents[extent % PTL_KNOWN_EXTENTS];
  int64_t here = decision_here(walk);
  if (!known->is_set || known->extent != extent || known->size != size || known->decision != here) {
    *known = (ptl_known_extent){true, extent, size, here, ptl_walk_most(walk, extent, size)};
  }
  return known->most;
}

/* No more than the tile has, whatever the kernel says. */
int64_t ptl_valid_bytes(ptl_walk *walk, const ptl_tile *tile) {
  const ptl_tile_type *type = &tile->type;
  int64_t rows = ptl_extent_most(walk, tile->valid_rows, type->rows);
  int64_t cols = ptl_extent_most(walk, tile->valid_cols, type->cols);
  rows = ptl_min(ptl_max(rows, 0), type->rows);
  cols = ptl_min(ptl_max(cols, 0), type->cols);
  return rows * cols * ptl_elem_bytes(type->elem);
}
