/* Windows of accumulators: their bytes, whether they are in one piece, and whether all that is
 * stored was written. */
#include "walk/acc_window.h"

#include "walk/walk_state.h"

enum { ELEM_BYTES = 4, UNKNOWN_OFFSET = -1 };

static bool is_subview(const ptl_op *op) {
  return op->id == PTL_PTO_SUBVIEW && op->operand_count >= 3 && op->result_count == 1;
}

/* Valid extents: the operands after the offsets, if they are given, else those of the type. */
static ptl_expr valid_extent(ptl_walk *walk, const ptl_op *op, int operand, int64_t of_type,
                             int64_t whole) {
  if (operand < op->operand_count) {
    return ptl_integer_at(walk, op->operands[operand]);
  }
  return ptl_expr_const(walk->exprs, of_type >= 0 ? of_type : whole);
}

/* Whether the window's bytes are in one piece, and where its rows are not padded, which. */
static bool in_one_piece(const ptl_walk *walk, const ptl_tile *parent, ptl_tile *window) {
  const ptl_tile_type *type = &window->type;
  int64_t rows = parent->type.rows, block = walk->target->family->fractal_rows;
  if (!parent->is_known || (type->rows != rows && type->cols > block) ||
      ptl_tile_bytes(walk->target, &parent->type) != rows * parent->type.cols * ELEM_BYTES) {
    return false;
  }
  window->range.begin_bytes +=
      (window->window_row * block + window->window_col * rows) * ELEM_BYTES;
  window->range.end_bytes = window->range.begin_bytes + type->rows * type->cols * ELEM_BYTES;
  return true;
}

/* An offset of a window. One that is not a constant is taken where products are found: the window's
 * bytes are then not known, only that the whole accumulator has them. */
static bool offset_at(ptl_walk *walk, const ptl_op *op, int operand, int64_t *out) {
  *out = UNKNOWN_OFFSET;
  return ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->operands[operand]), out)
             ? *out >= 0
             : walk->mode == PTL_WALK_ONCE;
}

static bool is_inside_of_parent(const ptl_tile_type *part, const ptl_tile *parent, int64_t row,
                                int64_t col) {
  int64_t down = row == UNKNOWN_OFFSET ? 0 : row, across = col == UNKNOWN_OFFSET ? 0 : col;
  return part->rows <= parent->type.rows - down && part->cols <= parent->type.cols - across;
}

bool ptl_acc_window_bind(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *parent = is_subview(op) ? ptl_tile_at(walk, op->operands[0]) : NULL;
  const ptl_value *result = parent ? ptl_value_at(walk, op->first_result) : NULL;
  int64_t row, col;
  if (!parent || parent->parent || parent->range.slot != 0 || parent->type.space != PTL_SPACE_ACC ||
      !result->is_tile || !offset_at(walk, op, 1, &row) || !offset_at(walk, op, 2, &col) ||
      (col != UNKNOWN_OFFSET && col % walk->target->family->fractal_rows != 0) ||
      !is_inside_of_parent(&result->tile, parent, row, col)) {
    return false;
  }
  ptl_tile *window = ptl_arena_alloc(walk->arena, sizeof(*window));
  *window = *parent;
  window->type = result->tile;
  window->parent = parent;
  window->window_row = row;
  window->window_col = col;
  window->valid_rows = valid_extent(walk, op, 3, result->tile.valid_rows, result->tile.rows);
  window->valid_cols = valid_extent(walk, op, 4, result->tile.valid_cols, result->tile.cols);
  window->is_known =
      row != UNKNOWN_OFFSET && col != UNKNOWN_OFFSET && in_one_piece(walk, parent, window);
  walk->bindings[op->first_result].tile = window;
  return true;
}

static void report(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                   const ptl_content *content) {
  ptl_event event = {.kind = PTL_EVENT_SINK,
                     .op = op,
                     .acc = tile->range,
                     .tile = tile,
                     .content = content,
                     .rows = ptl_extent_most(walk, tile->valid_rows, tile->type.rows),
                     .bytes = ptl_valid_bytes(walk, tile),
                     .root = op->kind == PTL_OP_STORE ? ptl_root_of(walk, op->operands[1]) : -1};
  ptl_walk_report(walk, &event);
}

/* A window of an accumulator that one product fills. */
static bool sink_part(ptl_walk *walk, const ptl_op *op, const ptl_tile *window,
                      ptl_acc_reader reader) {
  const ptl_content *content = ptl_memory_find(&walk->state.memory, window->parent->range);
  if (!content) {
    return false;
  }
  ptl_pitch_check_read(walk, op, window, content, reader);
  content = ptl_read_tile(walk, op, window->parent);
  report(walk, op, window, content);
  return true;
}

/* Whether the content lies in the tile, and no other begins where it does. */
static bool is_inside(const ptl_range *range, const ptl_content *content) {
  return content->range.space == range->space && content->range.buffer == range->buffer &&
         content->range.begin_bytes >= range->begin_bytes &&
         content->range.end_bytes <= range->end_bytes;
}

/* Products that fill all bytes of the tile side by side. */
static bool is_filled_by_windows(const ptl_memory *memory, const ptl_range *range) {
  int64_t bytes = 0;
  for (int i = 0; i < memory->count; i++) {
    const ptl_content *content = &memory->contents[i];
    if (is_inside(range, content) && content->holds == PTL_HOLDS_SUM) {
      bytes += content->range.end_bytes - content->range.begin_bytes;
    }
  }
  return bytes == range->end_bytes - range->begin_bytes;
}

static bool sink_several(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                         ptl_acc_reader reader) {
  ptl_memory *memory = &walk->state.memory;
  if (!tile->is_known || ptl_memory_find(memory, tile->range) ||
      !is_filled_by_windows(memory, &tile->range)) {
    return false;
  }
  for (int i = 0; i < memory->count; i++) {
    ptl_content *content = &memory->contents[i];
    if (is_inside(&tile->range, content)) {
      ptl_pitch_check_read(walk, op, tile, content, reader);
      content->is_read = true;
      report(walk, op, tile, content);
    }
  }
  return true;
}

bool ptl_acc_window_sink(ptl_walk *walk, const ptl_op *op, ptl_acc_reader reader) {
  const ptl_tile *tile = ptl_tile_at(walk, op->operands[0]);
  if (!tile || tile->type.space != PTL_SPACE_ACC) {
    return false;
  }
  if (tile->parent && (!tile->is_known || !ptl_memory_find(&walk->state.memory, tile->range))) {
    return sink_part(walk, op, tile, reader);
  }
  return sink_several(walk, op, tile, reader);
}
