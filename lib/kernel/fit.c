/* Bytes of a tile in its buffer, and the largest extent that would fit. */
#include "kernel/fit.h"

#include <inttypes.h>

#include "support/rounding.h"

/* The same tile with other extents. */
static int64_t bytes_with(const ptl_target *target, const ptl_size *size, int64_t rows,
                          int64_t cols) {
  if (size->tile->space == PTL_SPACE_ACC) {
    rows =
        ptl_round_up(rows, size->is_i32 ? target->acc_row_multiple_i32 : target->acc_row_multiple);
  }
  return rows * cols * size->elem_bytes;
}

int64_t ptl_size_bytes(const ptl_target *target, const ptl_size *size) {
  return bytes_with(target, size, size->tile->rows, size->tile->cols);
}

/* Elements by which an extent grows: whole boxes, and of what the cube multiplies at least 16
 * columns, which are 32 of i8; rows of vector tiles take multiples of 32 bytes. */
static int64_t step_of(const ptl_family *family, const ptl_size *size, bool is_cols) {
  const ptl_tile_type *tile = size->tile;
  int64_t rows = family->fractal_rows, bytes = family->fractal_bytes;
  int64_t run = size->elem_bytes < bytes ? bytes / size->elem_bytes : 1;
  if (tile->space == PTL_SPACE_ACC) {
    return is_cols && size->is_i32 ? 2 * rows : rows;
  }
  if (tile->slayout == PTL_SLAYOUT_NONE && tile->space != PTL_SPACE_LEFT &&
      tile->space != PTL_SPACE_RIGHT) {
    return is_cols == tile->blayout_col_major ? 1 : run;
  }
  bool is_by_rows = tile->space == PTL_SPACE_LEFT || tile->slayout == PTL_SLAYOUT_ROW;
  return (is_by_rows && !is_cols) || run < rows ? rows : run;
}

static int64_t largest(const ptl_target *target, const ptl_size *size, bool is_cols,
                       int64_t available_bytes) {
  int64_t step = step_of(target->family, size, is_cols);
  int64_t extent = is_cols ? size->tile->cols : size->tile->rows;
  int64_t one =
      is_cols ? bytes_with(target, size, size->tile->rows, 1) : size->tile->cols * size->elem_bytes;
  int64_t found = available_bytes < 0 ? 0 : available_bytes / one / step * step;
  while (!is_cols && found > 0 &&
         bytes_with(target, size, found, size->tile->cols) > available_bytes) {
    found -= step;
  }
  return found < extent ? found : 0;
}

static const char *axis_name(ptl_space space, bool is_cols) {
  switch (space) {
  case PTL_SPACE_LEFT:
    return is_cols ? "K" : "M";
  case PTL_SPACE_RIGHT:
    return is_cols ? "N" : "K";
  case PTL_SPACE_ACC:
    return is_cols ? "N" : "M";
  default:
    return is_cols ? "columns" : "rows";
  }
}

const char *ptl_fitting_extents(ptl_arena *arena, const ptl_target *target, const ptl_size *size,
                                int64_t available_bytes) {
  const ptl_tile_type *tile = size->tile;
  const char *row = axis_name(tile->space, false), *col = axis_name(tile->space, true);
  int64_t rows = largest(target, size, false, available_bytes);
  int64_t cols = largest(target, size, true, available_bytes);
  if (rows > 0 && cols > 0) {
    return ptl_arena_printf(
        arena, "%s <= %" PRId64 " (%s = %" PRId64 ") or %s <= %" PRId64 " (%s = %" PRId64 ") fits",
        col, cols, row, tile->rows, row, rows, col, tile->cols);
  }
  if (cols > 0) {
    return ptl_arena_printf(arena, "%s <= %" PRId64 " (%s = %" PRId64 ") fits", col, cols, row,
                            tile->rows);
  }
  return rows > 0 ? ptl_arena_printf(arena, "%s <= %" PRId64 " (%s = %" PRId64 ") fits", row, rows,
                                     col, tile->cols)
                  : NULL;
}
