/* Sources: pto-isa's include/pto, by file name. */
#include "sim/pitch.h"

#include "support/rounding.h"

bool ptl_sim_is_cube_space(ptl_space space) {
  return space == PTL_SPACE_LEFT || space == PTL_SPACE_RIGHT || space == PTL_SPACE_ACC;
}

/* The tile in strips for so many rows and columns. */
static ptl_sim_tile at_extents(const ptl_sim_tile *tile, int64_t rows, int64_t cols) {
  ptl_sim_tile seen = *tile;
  const ptl_sim_layout *layout = &tile->layout;
  bool along_rows = layout->down_first != layout->swapped;
  int64_t multiple = layout->down_first ? layout->box_rows : layout->box_cols;
  seen.layout = ptl_sim_layout_at(layout, ptl_round_up(along_rows ? rows : cols, multiple));
  return seen;
}

ptl_sim_tile ptl_sim_as_typed(const ptl_sim_tile *tile) {
  return at_extents(tile, tile->box_rows, tile->box_cols);
}

static ptl_sim_tile as_valid(const ptl_sim_tile *tile) {
  return at_extents(tile, tile->valid_rows, tile->valid_cols);
}

ptl_sim_tile ptl_sim_as_operand(const ptl_sim_tile *tile) { return as_valid(tile); }

/* TMatmul.hpp: m, rounded up to 16, whatever the accumulator's own rows. */
ptl_sim_tile ptl_sim_as_product(const ptl_sim_tile *acc, int64_t m) {
  return at_extents(acc, m, acc->valid_cols);
}

/* TMov.hpp, TExtract.hpp: bytes that are transposed on their way go the compact way, but on a2a3
 * by textract to Left. */
static bool turns_bytes(const ptl_target *target, const ptl_sim_tile *from, ptl_sim_way way,
                        const ptl_sim_tile *to) {
  bool is_exempt = target->family->extracts_left_by_elements && way == PTL_SIM_BY_EXTRACT &&
                   to->space == PTL_SPACE_LEFT;
  return ptl_elem_bytes(to->elem) == 1 && from->layout.swapped != to->layout.swapped && !is_exempt;
}

ptl_sim_tile ptl_sim_as_filled(const ptl_target *target, const ptl_sim_tile *from, ptl_sim_way way,
                               const ptl_sim_tile *to) {
  if (to->space != PTL_SPACE_LEFT && to->space != PTL_SPACE_RIGHT) {
    return *to;
  }
  bool goes_compact = to->is_compact || turns_bytes(target, from, way, to);
  return goes_compact ? as_valid(to) : ptl_sim_as_typed(to);
}

/* a5's TMov.hpp, GetTmovAccSrcStride, to which its TPush.hpp leads, too. The versions of pto-isa
 * differ: by valid rows before 21c1862f (2026-08-18), by rows before dfd3c8da (2026-08-20), and
 * from then on as here. */
static ptl_sim_tile as_moved_to_vec(const ptl_sim_tile *acc) {
  bool is_narrow = acc->static_rows > 0 && acc->static_rows < acc->box_rows;
  return is_narrow ? ptl_sim_as_typed(acc) : as_valid(acc);
}

/* tmov to Vec, and to rows or columns that are not cut into boxes. */
static bool leaves_boxes(ptl_sim_way way, const ptl_sim_tile *to) {
  return way == PTL_SIM_BY_MOVE && (to->space == PTL_SPACE_VEC || to->layout.box_rows == 1);
}

ptl_sim_tile ptl_sim_as_read(const ptl_target *target, const ptl_sim_tile *from, ptl_sim_way way,
                             const ptl_sim_tile *to) {
  if (from->space != PTL_SPACE_ACC) {
    return *from;
  }
  if (target->family->acc_to_vec && (way == PTL_SIM_BY_PUSH || (to && leaves_boxes(way, to)))) {
    return as_moved_to_vec(from);
  }
  /* TMov.hpp and TExtract.hpp to Mat do not ask whether the tile is compact. */
  bool asks = !to || to->space == PTL_SPACE_VEC;
  return asks && from->is_compact ? as_valid(from) : ptl_sim_as_typed(from);
}
