/* Works out the boxes of a tile's layout, and copies lines between tile and dense order. */
#include "sim/layout.h"

#include <string.h>

#include "support/rounding.h"

/* What most fractals' rows have. */
enum { USUAL_LINE_BYTES = 32 };

static ptl_sim_layout plain_layout(const ptl_tile_type *type) {
  int64_t line = type->blayout_col_major ? type->rows : type->cols;
  int64_t elem_bytes = ptl_elem_bytes(type->elem);
  return (ptl_sim_layout){.swapped = type->blayout_col_major,
                          .box_rows = 1,
                          .box_cols = line,
                          .row_step = line,
                          .elem_bytes = elem_bytes,
                          .bytes = type->rows * type->cols * elem_bytes};
}

/* What the chip makes of Left, Right and Acc tiles. */
static ptl_tile_type chip_type(const ptl_tile_type *type, const ptl_target *target) {
  ptl_tile_type own = *type;
  if (type->space == PTL_SPACE_LEFT) {
    own.blayout_col_major = target->family->left_is_col_major;
    own.slayout = PTL_SLAYOUT_ROW;
  } else if (type->space == PTL_SPACE_RIGHT) {
    own.blayout_col_major = false;
    own.slayout = PTL_SLAYOUT_COL;
  } else if (type->space == PTL_SPACE_ACC) {
    own.blayout_col_major = true;
    own.slayout = PTL_SLAYOUT_ROW;
  }
  return own;
}

ptl_sim_layout ptl_sim_layout_of(const ptl_tile_type *type, const ptl_target *target) {
  ptl_tile_type own = chip_type(type, target);
  if (own.slayout == PTL_SLAYOUT_NONE) {
    return plain_layout(&own);
  }
  ptl_sim_layout layout = {.swapped = own.slayout == PTL_SLAYOUT_COL,
                           .box_rows = target->family->fractal_rows,
                           .elem_bytes = ptl_elem_bytes(own.elem)};
  layout.box_cols = own.space == PTL_SPACE_ACC ? target->family->fractal_rows
                                               : target->family->fractal_bytes / layout.elem_bytes;
  int64_t rows = ptl_round_up(layout.swapped ? own.cols : own.rows, layout.box_rows);
  int64_t cols = ptl_round_up(layout.swapped ? own.rows : own.cols, layout.box_cols);
  layout.down_first = own.blayout_col_major != layout.swapped;
  layout.row_step = layout.box_rows * (layout.down_first ? layout.box_cols : cols);
  layout.col_step = layout.box_cols * (layout.down_first ? rows : layout.box_rows);
  int64_t padded = own.space == PTL_SPACE_ACC ? ptl_acc_bytes(target, own.elem, own.rows, cols) : 0;
  layout.bytes = rows * cols * layout.elem_bytes;
  layout.bytes = padded > layout.bytes ? padded : layout.bytes;
  return layout;
}

ptl_sim_layout ptl_sim_layout_at(const ptl_sim_layout *layout, int64_t pitch) {
  ptl_sim_layout other = *layout;
  if (layout->down_first) {
    other.col_step = pitch * layout->box_cols;
  } else {
    other.row_step = pitch * layout->box_rows;
  }
  return other;
}

int64_t ptl_sim_offset(const ptl_sim_layout *layout, int64_t row, int64_t col) {
  int64_t r = layout->swapped ? col : row;
  int64_t c = layout->swapped ? row : col;
  return (r / layout->box_rows * layout->row_step + c / layout->box_cols * layout->col_step +
          r % layout->box_rows * layout->box_cols + c % layout->box_cols) *
         layout->elem_bytes;
}

/* The lines of a rectangle, box column by box column. Rows and columns are those of the
 * layout, swapped ones included. */
typedef struct line_walk {
  const ptl_sim_layout *layout;
  ptl_sim_region region;
  bool joins;                        /* lines that follow each other without a gap count as one */
  int64_t row, col;                  /* of the next line */
  int64_t line_row, line_col, count; /* the line: its first element, its elements */
  int64_t offset;                    /* of the line, in bytes */
} line_walk;

static line_walk start_walk(const ptl_sim_layout *layout, ptl_sim_region region, bool joins) {
  line_walk walk = {.layout = layout, .region = region, .joins = joins};
  if (layout->swapped) {
    walk.region = (ptl_sim_region){region.col, region.row, region.cols, region.rows};
  }
  walk.row = walk.region.row;
  walk.col = walk.region.col;
  return walk;
}

static bool next_line(line_walk *walk) {
  const ptl_sim_layout *layout = walk->layout;
  const ptl_sim_region *region = &walk->region;
  if (walk->row >= region->row + region->rows) {
    walk->col = (walk->col / layout->box_cols + 1) * layout->box_cols;
    walk->row = region->row;
  }
  if (walk->col >= region->col + region->cols || region->rows <= 0) {
    return false;
  }
  int64_t box_row = walk->row / layout->box_rows, in_box = walk->row % layout->box_rows;
  walk->line_row = walk->row;
  walk->line_col = walk->col;
  walk->offset = (box_row * layout->row_step + walk->col / layout->box_cols * layout->col_step +
                  in_box * layout->box_cols + walk->col % layout->box_cols) *
                 layout->elem_bytes;
  walk->count = ptl_min(layout->box_cols - walk->col % layout->box_cols,
                        region->col + region->cols - walk->col);
  int64_t lines = 1;
  if (walk->joins && walk->count == layout->box_cols) {
    int64_t left = region->row + region->rows - walk->row;
    bool gapless = layout->row_step == layout->box_rows * layout->box_cols;
    lines = gapless ? left : ptl_min(left, layout->box_rows - in_box);
  }
  walk->count *= lines;
  walk->row += lines;
  return true;
}

static inline void copy_strided(uint8_t *to, int64_t to_step, const uint8_t *from,
                                int64_t from_step, int64_t count, int64_t size) {
  for (int64_t i = 0; i < count; i++) {
    memcpy(to + i * to_step, from + i * from_step, (size_t)size);
  }
}

/* Constant sizes make plain loads and stores of the copies. */
static void copy_elements(uint8_t *to, int64_t to_step, const uint8_t *from, int64_t from_step,
                          int64_t count, int64_t size) {
  if (size == 1) {
    copy_strided(to, to_step, from, from_step, count, 1);
  } else if (size == 2) {
    copy_strided(to, to_step, from, from_step, count, 2);
  } else {
    copy_strided(to, to_step, from, from_step, count, 4);
  }
}

/* Where a line's first element lies in the dense array. */
static int64_t dense_offset(const line_walk *walk, int64_t stride) {
  int64_t row = walk->line_row - walk->region.row, col = walk->line_col - walk->region.col;
  int64_t size = walk->layout->elem_bytes;
  return walk->layout->swapped ? col * stride + row * size : row * stride + col * size;
}

static inline void copy_line(uint8_t *to, const uint8_t *from, int64_t bytes) {
  if (bytes == USUAL_LINE_BYTES) {
    memcpy(to, from, USUAL_LINE_BYTES);
  } else {
    memcpy(to, from, (size_t)bytes);
  }
}

void ptl_sim_gather(const ptl_sim_layout *layout, const uint8_t *tile, ptl_sim_region region,
                    uint8_t *dense, int64_t stride) {
  int64_t size = layout->elem_bytes;
  line_walk walk = start_walk(layout, region, false);
  while (next_line(&walk)) {
    uint8_t *to = dense + dense_offset(&walk, stride);
    if (layout->swapped) {
      copy_elements(to, stride, tile + walk.offset, size, walk.count, size);
    } else {
      copy_line(to, tile + walk.offset, walk.count * size);
    }
  }
}

void ptl_sim_scatter(const ptl_sim_layout *layout, uint8_t *tile, ptl_sim_region region,
                     const uint8_t *dense, int64_t stride) {
  int64_t size = layout->elem_bytes;
  line_walk walk = start_walk(layout, region, false);
  while (next_line(&walk)) {
    const uint8_t *from = dense + dense_offset(&walk, stride);
    if (layout->swapped) {
      copy_elements(tile + walk.offset, size, from, stride, walk.count, size);
    } else {
      copy_line(tile + walk.offset, from, walk.count * size);
    }
  }
}

void ptl_sim_set_marks(const ptl_sim_layout *layout, uint8_t *marks, ptl_sim_region region,
                       ptl_sim_mark mark) {
  line_walk walk = start_walk(layout, region, true);
  while (next_line(&walk)) {
    memset(marks + walk.offset, (int)mark, (size_t)(walk.count * layout->elem_bytes));
  }
}

bool ptl_sim_has_mark(const ptl_sim_layout *layout, const uint8_t *marks, ptl_sim_region region,
                      ptl_sim_mark mark) {
  line_walk walk = start_walk(layout, region, true);
  while (next_line(&walk)) {
    if (memchr(marks + walk.offset, (int)mark, (size_t)(walk.count * layout->elem_bytes))) {
      return true;
    }
  }
  return false;
}

void ptl_sim_gather_marks(const ptl_sim_layout *layout, const uint8_t *marks, ptl_sim_region region,
                          uint8_t *dense) {
  for (int64_t r = 0; r < region.rows; r++) {
    for (int64_t c = 0; c < region.cols; c++) {
      const uint8_t *mark = marks + ptl_sim_offset(layout, region.row + r, region.col + c);
      *dense++ = memchr(mark, 0, (size_t)layout->elem_bytes) == NULL;
    }
  }
}

void ptl_sim_scatter_marks(const ptl_sim_layout *layout, uint8_t *marks, ptl_sim_region region,
                           const uint8_t *dense) {
  for (int64_t r = 0; r < region.rows; r++) {
    for (int64_t c = 0; c < region.cols; c++) {
      memset(marks + ptl_sim_offset(layout, region.row + r, region.col + c), *dense++,
             (size_t)layout->elem_bytes);
    }
  }
}
