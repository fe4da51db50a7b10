/* Names the windows of Mat tiles, and notes which tiles are filled through them. */
#include "walk/mat_window.h"

bool ptl_mat_window_bind(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *whole = op->id == PTL_PTO_SUBVIEW ? ptl_tile_at(walk, op->operands[0]) : NULL;
  const ptl_value *result = whole ? ptl_value_at(walk, op->first_result) : NULL;
  if (!whole || walk->mode != PTL_WALK_ONCE || whole->type.space != PTL_SPACE_MAT ||
      !whole->is_known || !result->is_tile || result->tile.elem != whole->type.elem) {
    return false;
  }
  ptl_tile *window = ptl_arena_alloc(walk->arena, sizeof(*window));
  *window = *whole;
  window->type = result->tile;
  window->parent = whole;
  window->is_known = false;
  walk->bindings[op->first_result].tile = window;
  return true;
}

static void note(ptl_walk *walk, const ptl_tile *whole) {
  walk->gathered = ptl_arena_more(walk->arena, walk->gathered, walk->gathered_count,
                                  &walk->gathered_capacity, sizeof(*walk->gathered));
  walk->gathered[walk->gathered_count++] = (ptl_gathered){whole, ++walk->pops};
}

bool ptl_mat_window_load(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *window = ptl_tile_at(walk, op->operands[1]);
  if (!window || !window->parent || window->type.space != PTL_SPACE_MAT) {
    return false;
  }
  ptl_event event = {.kind = PTL_EVENT_LOAD,
                     .op = op,
                     .to = window->range,
                     .tile = window,
                     .bytes = ptl_valid_bytes(walk, window)};
  ptl_walk_report(walk, &event);
  ptl_write_unknown(walk, op, window->parent, "it is filled part by part");
  note(walk, window->parent);
  return true;
}

static const ptl_gathered *gathered_at(const ptl_walk *walk, const ptl_range *range) {
  for (int i = walk->gathered_count - 1; i >= 0; i--) {
    if (ptl_range_equal(&walk->gathered[i].whole->range, range)) {
      return &walk->gathered[i];
    }
  }
  return NULL;
}

bool ptl_mat_window_read(ptl_walk *walk, const ptl_tile *tile, ptl_content *out) {
  const ptl_gathered *gathered = gathered_at(walk, &tile->range);
  const ptl_content *content = ptl_memory_find(&walk->state.memory, tile->range);
  if (!gathered || !content || content->holds != PTL_HOLDS_UNKNOWN) {
    return false;
  }
  const ptl_tile *whole = gathered->whole;
  ptl_expr zero = ptl_expr_const(walk->exprs, 0);
  ptl_expr rows = ptl_expr_const(walk->exprs, whole->type.rows);
  ptl_expr cols = ptl_expr_const(walk->exprs, whole->type.cols);
  *out = (ptl_content){.range = tile->range,
                       .holds = PTL_HOLDS_REGION,
                       .type = whole->type,
                       .region = {.root = PTL_ROOT_GATHERED,
                                  .instance = gathered->instance,
                                  .elem = whole->type.elem,
                                  .row_stride = PTL_EXPR_NONE,
                                  .col_stride = PTL_EXPR_NONE,
                                  .row = zero,
                                  .col = zero,
                                  .rows = rows,
                                  .cols = cols,
                                  .view = whole->alloc->first_result,
                                  .view_rows = rows,
                                  .view_cols = cols},
                       .writer = content->writer,
                       .load = walk->event_count};
  return true;
}
