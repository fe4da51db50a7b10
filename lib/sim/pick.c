/* Vector ops that pick elements: transposition, and gathers by index and by mask. */
#include <string.h>

#include "sim/scalar.h"

/* Writes the valid elements of `to`: its i-th is the `origins[i]`-th of a region of `from`. */
static ptl_sim_outcome take(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *from,
                            ptl_sim_region region, const ptl_sim_tile *to, const int64_t *origins) {
  int64_t size = ptl_elem_bytes(to->elem), count = to->valid_rows * to->valid_cols;
  if (ptl_elem_bytes(from->elem) != size) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS, "elements of %s and of %s",
                        ptl_elem_name(from->elem), ptl_elem_name(to->elem));
  }
  uint8_t *in = ptl_sim_scratch(core, 0, region.rows * region.cols * size + 1);
  const uint8_t *marks = ptl_sim_read(core, from, region, in, 1);
  uint8_t *out = ptl_sim_scratch(core, 2, count * size + 1);
  uint8_t *written = ptl_sim_scratch(core, 3, count + 1);
  for (int64_t i = 0; i < count; i++) {
    memcpy(out + i * size, in + origins[i] * size, (size_t)size);
    written[i] = !marks || marks[origins[i]];
  }
  ptl_sim_write(to, ptl_sim_valid_region(to), out, to->valid_cols * size,
                memchr(written, 0, (size_t)count) ? written : NULL);
  return PTL_SIM_DONE;
}

static int64_t *origins_of(ptl_sim_core *core, const ptl_sim_tile *to) {
  return ptl_arena_array(core->arena, (size_t)(to->valid_rows * to->valid_cols) + 1,
                         sizeof(int64_t));
}

/* Operands: the tile, scratch, the tile that is written. */
ptl_sim_outcome ptl_sim_transpose(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *from = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_tile *to = &ptl_sim_operand(core, op, op->operand_count - 1)->tile;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!ptl_sim_check_tile(core, op, from) || !ptl_sim_check_tile(core, op, to)) {
    return PTL_SIM_FAILED;
  }
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  if (rows > from->cols || cols > from->rows) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "%lld x %lld elements are read from a tile of %lld x %lld", (long long)cols,
                        (long long)rows, (long long)from->rows, (long long)from->cols);
  }
  int64_t *origins = origins_of(core, to);
  for (int64_t i = 0; i < rows * cols; i++) {
    origins[i] = i % cols * rows + i / cols;
  }
  return take(core, op, from, ptl_sim_region_of(from, 0, 0, cols, rows), to, origins);
}

/* Indices count the elements of all of the tile, row by row. */
static ptl_sim_outcome gather_indexed(ptl_sim_core *core, const ptl_op *op) {
  const ptl_sim_tile *from = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_tile *to = &ptl_sim_operand(core, op, 1)->tile;
  const ptl_sim_tile *indices = &ptl_sim_operand(core, op, 2)->tile;
  int64_t rows = to->valid_rows, cols = to->valid_cols, size = ptl_elem_bytes(indices->elem);
  if (!ptl_sim_check_tile(core, op, indices)) {
    return PTL_SIM_FAILED;
  }
  if (ptl_elem_is_float(indices->elem) || rows > indices->rows || cols > indices->cols) {
    return ptl_sim_fail(
        core, op, PTL_CODE_SIM_OPERANDS, "a tile of %lld x %lld %s has no index for each element",
        (long long)indices->rows, (long long)indices->cols, ptl_elem_name(indices->elem));
  }
  uint8_t *read = ptl_sim_scratch(core, 0, rows * cols * size + 1);
  if (ptl_sim_read(core, indices, ptl_sim_region_of(indices, 0, 0, rows, cols), read, 1)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_UNWRITTEN, "an index is read and was never written");
  }
  int64_t *origins = origins_of(core, to);
  for (int64_t i = 0; i < rows * cols; i++) {
    origins[i] = ptl_read_integer(indices->elem, read + i * size);
    if (origins[i] < 0 || origins[i] >= from->rows * from->cols) {
      return ptl_sim_fail(core, op, PTL_CODE_SIM_TILE_OUTSIDE,
                          "element %lld is outside of a tile of %lld x %lld", (long long)origins[i],
                          (long long)from->rows, (long long)from->cols);
    }
  }
  return take(core, op, from, ptl_sim_region_of(from, 0, 0, from->rows, from->cols), to, origins);
}

/* The elements of each row whose bit is set in the mask, which repeats every four. */
static ptl_sim_outcome gather_masked(ptl_sim_core *core, const ptl_op *op, int mask) {
  const ptl_sim_tile *from = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_tile *to = &ptl_sim_operand(core, op, 1)->tile;
  int64_t room = to->valid_rows * to->valid_cols, count = 0;
  int64_t *origins = origins_of(core, to);
  for (int64_t i = 0; i < from->valid_rows * from->valid_cols; i++) {
    if (mask >> (i % from->valid_cols % 4) & 1) {
      origins[count < room ? count : room] = i;
      count++;
    }
  }
  if (count != room) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "%lld results and a tile of %lld valid elements", (long long)count,
                        (long long)room);
  }
  return take(core, op, from, ptl_sim_valid_region(from), to, origins);
}

/* Operands: the tile, the tile that is written, indices, scratch. */
ptl_sim_outcome ptl_sim_pick(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!ptl_sim_check_tile(core, op, &ptl_sim_operand(core, op, 0)->tile) ||
      !ptl_sim_check_tile(core, op, &ptl_sim_operand(core, op, 1)->tile)) {
    return PTL_SIM_FAILED;
  }
  return op->operand_count > 2 ? gather_indexed(core, op) : gather_masked(core, op, code->function);
}
