/* Moves to Left and Right, and products. */
#include <string.h>

#include "sim/matmul.h"
#include "sim/pitch.h"
#include "support/rounding.h"

/* Elements of one type in place of another's. */
static void convert(ptl_elem from, const uint8_t *in, ptl_elem to, uint8_t *out, int64_t count) {
  int64_t in_size = ptl_elem_bytes(from), out_size = ptl_elem_bytes(to);
  for (int64_t i = 0; i < count; i++) {
    ptl_write_real(to, out + i * out_size, ptl_read_real(from, in + i * in_size), PTL_ROUND_RINT);
  }
}

/* Copies the valid elements of `to` from (row, col) of `from`. */
static ptl_sim_outcome copy_tile(ptl_sim_core *core, const ptl_op *op, ptl_sim_way way,
                                 const ptl_sim_tile *from, int64_t row, int64_t col,
                                 const ptl_sim_tile *to) {
  if (!ptl_sim_check_tile(core, op, from) || !ptl_sim_check_tile(core, op, to)) {
    return PTL_SIM_FAILED;
  }
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  if (row < 0 || col < 0 || row > from->rows - rows || col > from->cols - cols) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "%lld x %lld elements from [%lld, %lld] leave a tile of %lld x %lld",
                        (long long)rows, (long long)cols, (long long)row, (long long)col,
                        (long long)from->rows, (long long)from->cols);
  }
  if (from->elem != to->elem && from->space != PTL_SPACE_ACC) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "elements of %s are moved into a tile of %s", ptl_elem_name(from->elem),
                        ptl_elem_name(to->elem));
  }
  const ptl_target *target = core->launch->target;
  ptl_sim_tile source = ptl_sim_as_read(target, from, way, to);
  ptl_sim_tile filled = ptl_sim_as_filled(target, from, way, to);
  if (!ptl_sim_check_reach(core, op, &source, row + rows, col + cols) ||
      !ptl_sim_check_reach(core, op, &filled, rows, cols)) {
    return PTL_SIM_FAILED;
  }
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  int64_t size = ptl_elem_bytes(from->elem), to_size = ptl_elem_bytes(to->elem);
  uint8_t *dense = ptl_sim_scratch(core, 0, rows * cols * size);
  ptl_sim_region region = ptl_sim_region_of(&source, row, col, rows, cols);
  const uint8_t *marks = ptl_sim_read(core, &source, region, dense, 1);
  if (from->elem != to->elem) {
    uint8_t *converted = ptl_sim_scratch(core, 2, rows * cols * to_size);
    convert(from->elem, dense, to->elem, converted, rows * cols);
    dense = converted;
  }
  ptl_sim_write(&filled, ptl_sim_valid_region(&filled), dense, cols * to_size, marks);
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_extract(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  return copy_tile(core, op, PTL_SIM_BY_EXTRACT, &ptl_sim_operand(core, op, 0)->tile,
                   ptl_sim_integer(core, op, 1), ptl_sim_integer(core, op, 2),
                   &ptl_sim_operand(core, op, 3)->tile);
}

/* No chip moves an accumulator into another: what is meant is that `to` holds what `from` does, at
 * the pitch at which it was written. */
static ptl_sim_outcome copy_accumulator(ptl_sim_core *core, const ptl_op *op,
                                        const ptl_sim_tile *from, const ptl_sim_tile *to) {
  if (from->is_window || to->is_window || from->elem != to->elem || from->rows != to->rows ||
      from->cols != to->cols) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "an accumulator is copied into one of its own type alone");
  }
  if (!ptl_sim_check_tile(core, op, from) || !ptl_sim_check_tile(core, op, to)) {
    return PTL_SIM_FAILED;
  }
  if (!core->launch->addresses_only) {
    size_t bytes = (size_t)from->layout.bytes;
    memmove(ptl_sim_bytes_of(to), ptl_sim_bytes_of(from), bytes);
    memmove(ptl_sim_marks_of(to), ptl_sim_marks_of(from), bytes);
  }
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_move(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile *from = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_tile *to = &ptl_sim_operand(core, op, 1)->tile;
  if (from->space == PTL_SPACE_ACC && to->space == PTL_SPACE_ACC) {
    return copy_accumulator(core, op, from, to);
  }
  return copy_tile(core, op, PTL_SIM_BY_MOVE, from, 0, 0, to);
}

/* A product: what it reads and writes, as mad sees it. */
typedef struct product {
  ptl_sim_tile lhs, rhs, acc;
  const ptl_sim_tile *bias;
  int64_t m, k, n;
  bool adds;
} product;

static bool check_product(ptl_sim_core *core, const ptl_op *op, const product *p) {
  if (p->k != p->rhs.valid_rows || p->m > p->acc.rows || p->n > p->acc.cols ||
      (p->bias && (p->n > p->bias->cols || p->bias->elem != p->acc.elem))) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                 "%lld x %lld by %lld x %lld elements do not make a tile of %lld x %lld",
                 (long long)p->m, (long long)p->k, (long long)p->rhs.valid_rows, (long long)p->n,
                 (long long)p->acc.rows, (long long)p->acc.cols);
    return false;
  }
  bool floats =
      ptl_elem_is_float(p->lhs.elem) && p->lhs.elem == p->rhs.elem && p->acc.elem == PTL_ELEM_F32;
  bool integers = ptl_elem_bytes(p->lhs.elem) == 1 && ptl_elem_bytes(p->rhs.elem) == 1 &&
                  p->acc.elem == PTL_ELEM_I32;
  if (!floats && !integers) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS, "the cube has no product of %s and %s in %s",
                 ptl_elem_name(p->lhs.elem), ptl_elem_name(p->rhs.elem),
                 ptl_elem_name(p->acc.elem));
    return false;
  }
  return true;
}

/* An operand's elements as int16_t or float, in the first half of a slot. */
static void widen(ptl_elem elem, const uint8_t *in, int64_t count, void *out) {
  int16_t *integers = out;
  float *reals = out;
  switch (elem) {
  case PTL_ELEM_I8:
    for (int64_t i = 0; i < count; i++) {
      integers[i] = (int8_t)in[i];
    }
    break;
  case PTL_ELEM_UI8:
    for (int64_t i = 0; i < count; i++) {
      integers[i] = in[i];
    }
    break;
  case PTL_ELEM_F32:
    memcpy(out, in, (size_t)count * sizeof(float));
    break;
  default:
    for (int64_t i = 0; i < count; i++) {
      reals[i] = (float)ptl_read_real(elem, in + 2 * i);
    }
  }
}

/* Reads an operand. `*marks` is NULL if all of it was written, else the caller's to use
 * before slot 3 is asked for again. */
static void *read_operand(ptl_sim_core *core, const ptl_sim_tile *tile, int64_t rows, int64_t cols,
                          int slot, const uint8_t **marks) {
  int64_t count = rows * cols, size = ptl_elem_bytes(tile->elem);
  uint8_t *out = ptl_sim_scratch(core, slot, count * ((int64_t)sizeof(float) + size));
  uint8_t *dense = out + count * (int64_t)sizeof(float);
  *marks = ptl_sim_read(core, tile, ptl_sim_region_of(tile, 0, 0, rows, cols), dense, 3);
  widen(tile->elem, dense, count, out);
  return out;
}

/* Makes an accumulator's marks 0 in the rows or columns of an operand that have a gap. */
static void spread_gaps(const product *p, const uint8_t *lhs, const uint8_t *rhs, uint8_t *acc) {
  for (int64_t i = 0; lhs && i < p->m; i++) {
    if (memchr(lhs + i * p->k, 0, (size_t)p->k)) {
      memset(acc + i * p->n, 0, (size_t)p->n);
    }
  }
  for (int64_t at = 0; rhs && at < p->k * p->n; at++) {
    for (int64_t i = 0; !rhs[at] && i < p->m; i++) {
      acc[i * p->n + at % p->n] = 0;
    }
  }
}

static uint8_t *new_marks(ptl_sim_core *core, const product *p) {
  uint8_t *marks = ptl_arena_alloc(core->arena, (size_t)(p->m * p->n));
  memset(marks, 1, (size_t)(p->m * p->n));
  return marks;
}

/* What the accumulator holds before: zero, itself, or the bias in every row. */
static uint8_t *read_start(ptl_sim_core *core, const product *p, uint8_t *acc) {
  int64_t row = p->n * 4;
  const uint8_t *marks = NULL;
  uint8_t *result = NULL;
  if (p->adds) {
    marks = ptl_sim_read(core, &p->acc, ptl_sim_region_of(&p->acc, 0, 0, p->m, p->n), acc, 3);
    if (marks) {
      result = new_marks(core, p);
      memcpy(result, marks, (size_t)(p->m * p->n));
    }
  } else if (p->bias) {
    marks = ptl_sim_read(core, p->bias, ptl_sim_region_of(p->bias, 0, 0, 1, p->n), acc, 3);
    result = marks ? new_marks(core, p) : NULL;
    for (int64_t i = 0; i < p->m; i++) {
      memmove(acc + i * row, acc, (size_t)row);
      if (marks) {
        memcpy(result + i * p->n, marks, (size_t)p->n);
      }
    }
  } else {
    memset(acc, 0, (size_t)(p->m * row));
  }
  return result;
}

static void pad(const ptl_sim_tile *tile, ptl_sim_region region, const uint8_t *zeros) {
  ptl_sim_scatter(&tile->layout, ptl_sim_bytes_of(tile), region, zeros, 0);
  ptl_sim_set_marks(&tile->layout, ptl_sim_marks_of(tile), region, PTL_SIM_PADDING);
}

/* The cube computes whole fractals: what lies beside the product is lost. So is what lies after
 * it where the chip wants more rows to be kept free than it writes; of a window that is the whole
 * tile's. */
static void pad_product(ptl_sim_core *core, const product *p) {
  const ptl_sim_layout *layout = &p->acc.layout;
  const ptl_target *target = core->launch->target;
  int64_t rows = layout->col_step / layout->box_cols;
  int64_t cols = ptl_round_up(p->n, layout->box_cols);
  int64_t written = rows * cols * 4, kept = ptl_acc_bytes(target, p->acc.elem, p->m, cols);
  uint8_t *zeros = ptl_sim_scratch(core, 3, cols * 4);
  memset(zeros, 0, (size_t)(cols * 4));
  pad(&p->acc, (ptl_sim_region){p->m, 0, rows - p->m, cols}, zeros);
  pad(&p->acc, (ptl_sim_region){0, p->n, p->m, cols - p->n}, zeros);
  if (!p->acc.is_window && kept > written) {
    memset(ptl_sim_bytes_of(&p->acc) + written, 0, (size_t)(kept - written));
    memset(ptl_sim_marks_of(&p->acc) + written, PTL_SIM_PADDING, (size_t)(kept - written));
  }
}

static void run_product(ptl_sim_core *core, const product *p) {
  const uint8_t *lhs_marks, *rhs_marks;
  uint8_t *acc = ptl_sim_scratch(core, 2, p->m * p->n * 4);
  uint8_t *marks = read_start(core, p, acc);
  void *lhs = read_operand(core, &p->lhs, p->m, p->k, 0, &lhs_marks);
  if (lhs_marks) {
    marks = marks ? marks : new_marks(core, p);
    spread_gaps(p, lhs_marks, NULL, marks);
  }
  void *rhs = read_operand(core, &p->rhs, p->k, p->n, 1, &rhs_marks);
  if (rhs_marks) {
    marks = marks ? marks : new_marks(core, p);
    spread_gaps(p, NULL, rhs_marks, marks);
  }
  if (p->acc.elem == PTL_ELEM_I32) {
    ptl_sim_matmul_i16(p->m, p->k, p->n, lhs, rhs, (int32_t *)(void *)acc);
  } else {
    ptl_sim_matmul_f32(p->m, p->k, p->n, lhs, rhs, (float *)(void *)acc);
  }
  pad_product(core, p);
  ptl_sim_write(&p->acc, ptl_sim_region_of(&p->acc, 0, 0, p->m, p->n), acc, p->n * 4, marks);
}

/* Whether all that the product touches lies in its memory. */
static bool check_reach(ptl_sim_core *core, const ptl_op *op, const product *p) {
  int64_t block = p->acc.layout.box_cols;
  int64_t rows = p->m > 0 ? p->acc.layout.col_step / block : 0;
  int64_t cols = ptl_round_up(p->n, block);
  return ptl_sim_check_reach(core, op, &p->lhs, p->m, p->k) &&
         ptl_sim_check_reach(core, op, &p->rhs, p->k, p->n) &&
         ptl_sim_check_reach(core, op, &p->acc, rows, cols) &&
         (!p->bias || ptl_sim_check_tile(core, op, p->bias));
}

/* `function`: 0 tmatmul, 1 tmatmul.acc, 2 tmatmul.bias. The accumulator that is added to is
 * the one that is written, whatever is named as read. */
ptl_sim_outcome ptl_sim_matmul(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  int first = code->function == 1 ? 1 : 0;
  const ptl_sim_tile *acc = &ptl_sim_operand(core, op, op->operand_count - 1)->tile;
  product p = {.lhs = ptl_sim_as_operand(&ptl_sim_operand(core, op, first)->tile),
               .rhs = ptl_sim_as_operand(&ptl_sim_operand(core, op, first + 1)->tile),
               .bias = code->function == 2 ? &ptl_sim_operand(core, op, 2)->tile : NULL,
               .adds = code->function == 1};
  p.m = p.lhs.valid_rows;
  p.k = p.lhs.valid_cols;
  p.n = p.rhs.valid_cols;
  p.acc = ptl_sim_as_product(acc, p.m);
  if (!check_product(core, op, &p) || !check_reach(core, op, &p)) {
    return PTL_SIM_FAILED;
  }
  if (!core->launch->addresses_only && p.m > 0 && p.n > 0) {
    run_product(core, &p);
  }
  return PTL_SIM_DONE;
}
