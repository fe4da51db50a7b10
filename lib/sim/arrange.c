/* Vector ops that move elements about. */
#include <string.h>

#include "sim/scalar.h"

static const ptl_sim_tile *tile_at(ptl_sim_core *core, const ptl_op *op, int index) {
  return &ptl_sim_operand(core, op, index)->tile;
}

/* Copies rows x cols from the begin of a tile to (0, col) of another. */
static ptl_sim_outcome copy_part(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *from,
                                 const ptl_sim_tile *to, int64_t col) {
  int64_t rows = from->valid_rows, cols = from->valid_cols, size = ptl_elem_bytes(from->elem);
  if (!ptl_sim_check_tile(core, op, from) || !ptl_sim_check_tile(core, op, to)) {
    return PTL_SIM_FAILED;
  }
  if (from->elem != to->elem || rows > to->rows || col + cols > to->cols) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "the elements do not fit the tile of %lld x %lld", (long long)to->rows,
                        (long long)to->cols);
  }
  uint8_t *dense = ptl_sim_scratch(core, 0, rows * cols * size + 1);
  const uint8_t *marks = ptl_sim_read(core, from, ptl_sim_valid_region(from), dense, 1);
  ptl_sim_write(to, ptl_sim_region_of(to, 0, col, rows, cols), dense, cols * size, marks);
  return PTL_SIM_DONE;
}

/* Two tiles side by side. */
ptl_sim_outcome ptl_sim_concat(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *left = tile_at(core, op, 0), *right = tile_at(core, op, 1);
  const ptl_sim_tile *to = tile_at(core, op, op->operand_count - 1);
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  ptl_sim_outcome outcome = copy_part(core, op, left, to, 0);
  return outcome == PTL_SIM_DONE ? copy_part(core, op, right, to, left->valid_cols) : outcome;
}

/* The valid elements, and the pad value in all others of the tile that is written. */
ptl_sim_outcome ptl_sim_fillpad(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *from = tile_at(core, op, 0), *to = tile_at(core, op, op->operand_count - 1);
  if (core->launch->addresses_only || to->valid_rows == 0 || to->valid_cols == 0) {
    return PTL_SIM_DONE;
  }
  if (!ptl_sim_check_tile(core, op, from) || !ptl_sim_check_tile(core, op, to)) {
    return PTL_SIM_FAILED;
  }
  int64_t rows = from->valid_rows, cols = from->valid_cols, size = ptl_elem_bytes(to->elem);
  if (from->elem != to->elem || rows > to->rows || cols > to->cols) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "the elements do not fit the tile of %lld x %lld", (long long)to->rows,
                        (long long)to->cols);
  }
  uint8_t *kept = ptl_sim_scratch(core, 0, rows * cols * size + 1), pad[8];
  const uint8_t *marks = ptl_sim_read(core, from, ptl_sim_valid_region(from), kept, 1);
  uint8_t *dense = ptl_sim_scratch(core, 2, to->rows * to->cols * size);
  ptl_sim_pad_value(to, pad);
  for (int64_t i = 0; i < to->rows * to->cols; i++) {
    memcpy(dense + i * size, pad, (size_t)size);
  }
  ptl_sim_write(to, ptl_sim_region_of(to, 0, 0, to->rows, to->cols), dense, to->cols * size, NULL);
  ptl_sim_write(to, ptl_sim_region_of(to, 0, 0, rows, cols), kept, cols * size, marks);
  return PTL_SIM_DONE;
}

/* The element at an offset in the tile's own order; NULL and a report if there is none. */
static uint8_t *element_at(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile,
                           int64_t offset, uint8_t **written) {
  if (!ptl_sim_check_tile(core, op, tile)) {
    return NULL;
  }
  bool near = offset >= 0 && offset < tile->layout.bytes;
  int64_t at = ptl_sim_offset(&tile->layout, tile->row, tile->col) +
               (near ? offset : 0) * tile->layout.elem_bytes;
  if (!near || at + tile->layout.elem_bytes > tile->layout.bytes) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_TILE_OUTSIDE,
                 "element %lld is outside of a tile of %lld x %lld", (long long)offset,
                 (long long)tile->rows, (long long)tile->cols);
    return NULL;
  }
  *written = ptl_sim_marks_of(tile) + at;
  return ptl_sim_bytes_of(tile) + at;
}

/* Operands: tile, offset. */
ptl_sim_outcome ptl_sim_getval(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *tile = tile_at(core, op, 0);
  uint8_t *written;
  const uint8_t *at = element_at(core, op, tile, ptl_sim_integer(core, op, 1), &written);
  if (!at) {
    return PTL_SIM_FAILED;
  }
  if (!*written && !core->launch->addresses_only) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_UNWRITTEN,
                        "the element is read and was never written");
  }
  if (ptl_elem_is_float(tile->elem)) {
    ptl_sim_result(core, op)->real = ptl_read_real(tile->elem, at);
  } else {
    ptl_sim_set_integer(core, op->first_result, ptl_read_integer(tile->elem, at));
  }
  return PTL_SIM_DONE;
}

/* Operands: offset, value, tile. */
ptl_sim_outcome ptl_sim_setval(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *tile = tile_at(core, op, op->operand_count - 1);
  uint8_t *written;
  uint8_t *at = element_at(core, op, tile, ptl_sim_integer(core, op, 0), &written);
  if (!at) {
    return PTL_SIM_FAILED;
  }
  if (ptl_elem_is_float(tile->elem)) {
    ptl_write_real(tile->elem, at, ptl_sim_operand(core, op, 1)->real, PTL_ROUND_RINT);
  } else {
    ptl_write_integer(tile->elem, at, ptl_sim_integer(core, op, 1));
  }
  memset(written, 1, (size_t)ptl_elem_bytes(tile->elem));
  return PTL_SIM_DONE;
}
