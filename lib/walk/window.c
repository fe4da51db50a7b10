/* Resolves names that stand for a part of a tile, or for a tile in another shape, to the bytes of
 * the tile. */
#include "walk/window.h"

#include "walk/walk_state.h"

static bool is_subview(const ptl_op *op) {
  return op->id == PTL_PTO_SUBVIEW && op->operand_count >= 3;
}

static bool is_row_major(const ptl_tile_type *type) {
  return !type->blayout_col_major && type->slayout == PTL_SLAYOUT_NONE;
}

static int64_t line_bytes_of(const ptl_tile_type *type) {
  return (type->blayout_col_major ? type->rows : type->cols) * ptl_elem_bytes(type->elem);
}

static int64_t bytes_of(const ptl_tile_type *type) {
  return type->rows * type->cols * ptl_elem_bytes(type->elem);
}

static ptl_expr extent(ptl_walk *walk, int64_t valid) {
  return valid < 0 ? PTL_EXPR_NONE : ptl_expr_const(walk->exprs, valid);
}

/* Narrows a window to the extents of its type, from (row, col) of a row-major `source` on. */
static bool narrow(ptl_walk *walk, const ptl_op *op, const ptl_window *source, ptl_window *window) {
  const ptl_tile_type *type = &window->type;
  int64_t row, col, size = ptl_elem_bytes(type->elem);
  if (!is_row_major(&source->type) || !is_row_major(type) || type->elem != source->type.elem ||
      !ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->operands[1]), &row) ||
      !ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->operands[2]), &col) || row < 0 ||
      col < 0 || row > source->type.rows - type->rows || col > source->type.cols - type->cols) {
    return false;
  }
  window->line_bytes = source->line_bytes;
  window->range.begin_bytes += row * source->line_bytes + col * size;
  window->range.end_bytes =
      window->range.begin_bytes + (type->rows - 1) * source->line_bytes + type->cols * size;
  return true;
}

/* Whether it is known what is valid of the result. Where products are found, extents that are no
 * constants anyway may stay open: a plan is made of none. */
static bool extents_are_known(const ptl_walk *walk, const ptl_tile *tile,
                              const ptl_tile_type *type) {
  int64_t rows, cols;
  bool are_open = !ptl_expr_is_const(walk->exprs, tile->valid_rows, &rows) ||
                  !ptl_expr_is_const(walk->exprs, tile->valid_cols, &cols);
  return (type->valid_rows >= 0 && type->valid_cols >= 0) ||
         (are_open && walk->mode == PTL_WALK_ONCE);
}

bool ptl_reshape_bind(ptl_walk *walk, const ptl_op *op, ptl_tile *tile) {
  const ptl_tile_type *type = &ptl_value_at(walk, op->first_result)->tile;
  if (op->id != PTL_PTO_TRESHAPE || !tile->is_known || tile->type.space != PTL_SPACE_MAT ||
      type->space != PTL_SPACE_MAT || !extents_are_known(walk, tile, type) ||
      bytes_of(type) != bytes_of(&tile->type) ||
      (type->slayout == PTL_SLAYOUT_NONE) != (tile->type.slayout == PTL_SLAYOUT_NONE)) {
    return false;
  }
  tile->type = *type;
  tile->valid_rows = extent(walk, type->valid_rows);
  tile->valid_cols = extent(walk, type->valid_cols);
  return true;
}

void ptl_window_bind(ptl_walk *walk, const ptl_op *op, ptl_tile *tile) {
  ptl_window source = ptl_window_of(tile);
  bool is_exact = tile->has_range && (tile->is_known || tile->window);
  ptl_window window = source;
  window.type = ptl_value_at(walk, op->first_result)->tile;
  window.valid_rows = extent(walk, window.type.valid_rows);
  window.valid_cols = extent(walk, window.type.valid_cols);
  tile->window = NULL;
  if (tile->type.space != PTL_SPACE_VEC || window.type.space != PTL_SPACE_VEC || !is_exact) {
    return;
  }
  if (is_subview(op)) {
    is_exact = narrow(walk, op, &source, &window);
  } else {
    is_exact = bytes_of(&window.type) == bytes_of(&source.type) &&
               source.line_bytes == line_bytes_of(&source.type);
    window.line_bytes = line_bytes_of(&window.type);
  }
  if (is_exact) {
    ptl_window *copy = ptl_arena_alloc(walk->arena, sizeof(*copy));
    *copy = window;
    tile->window = copy;
  }
}

ptl_window ptl_window_of(const ptl_tile *tile) {
  return tile->window ? *tile->window
                      : (ptl_window){.type = tile->type,
                                     .range = tile->range,
                                     .valid_rows = tile->valid_rows,
                                     .valid_cols = tile->valid_cols,
                                     .line_bytes = line_bytes_of(&tile->type)};
}

/* Bytes of a line in front of the window's columns. */
static int64_t indent_of(const ptl_walk *walk, const ptl_tile *tile, const ptl_window *window) {
  const ptl_tile *whole = ptl_tile_at(walk, tile->alloc->first_result);
  return (window->range.begin_bytes - whole->range.begin_bytes) % window->line_bytes;
}

static bool are_side_by_side(const ptl_walk *walk, const ptl_tile *a, const ptl_tile *b) {
  ptl_window first = ptl_window_of(a), second = ptl_window_of(b);
  if (first.line_bytes != second.line_bytes || first.line_bytes <= 0 ||
      !is_row_major(&first.type) || !is_row_major(&second.type)) {
    return false;
  }
  int64_t indent = indent_of(walk, a, &first), other = indent_of(walk, b, &second);
  return indent + first.type.cols * ptl_elem_bytes(first.type.elem) <= other ||
         other + second.type.cols * ptl_elem_bytes(second.type.elem) <= indent;
}

bool ptl_windows_may_be_apart(const ptl_walk *walk, const ptl_tile *a, const ptl_tile *b) {
  bool is_exact = (a->is_known || a->window) && (b->is_known || b->window);
  return a->alloc == b->alloc && (!is_exact || are_side_by_side(walk, a, b));
}
