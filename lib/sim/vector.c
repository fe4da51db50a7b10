/* Vector ops, element by element. Elements are read as numbers, computed exactly or in
 * double, and rounded once; an element is unwritten if one that it is made of is. */
#include <string.h>

#include "sim/scalar.h"

static ptl_sim_tile *last_tile(ptl_sim_core *core, const ptl_op *op) {
  return &ptl_sim_operand(core, op, op->operand_count - 1)->tile;
}

static bool is_tile(ptl_sim_core *core, const ptl_op *op, int index) {
  return core->program->kernel->values[op->operands[index]].is_tile;
}

/* A tile read densely. */
typedef struct source {
  const uint8_t *bytes, *marks;
  ptl_elem elem;
  int64_t rows, cols, size;
} source;

/* Reads rows x cols of an operand into a slot (0 to 1; its marks into 2 to 3). */
static bool read_source(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile,
                        int64_t rows, int64_t cols, int slot, source *out) {
  if (!ptl_sim_check_tile(core, op, tile)) {
    return false;
  }
  if (rows > tile->rows || cols > tile->cols) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                 "%lld x %lld elements are read from a tile of %lld x %lld", (long long)rows,
                 (long long)cols, (long long)tile->rows, (long long)tile->cols);
    return false;
  }
  int64_t size = ptl_elem_bytes(tile->elem);
  uint8_t *bytes = ptl_sim_scratch(core, slot, rows * cols * size + 1);
  ptl_sim_region region = ptl_sim_region_of(tile, 0, 0, rows, cols);
  const uint8_t *marks = ptl_sim_read(core, tile, region, bytes, slot + 2);
  *out = (source){bytes, marks, tile->elem, rows, cols, size};
  return true;
}

/* What is written: dense elements, and their marks if one is unwritten. */
typedef struct sink {
  const ptl_sim_tile *tile;
  uint8_t *bytes, *marks;
  int64_t count, size;
} sink;

static bool open_sink(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile, sink *out) {
  int64_t count = tile->valid_rows * tile->valid_cols, size = ptl_elem_bytes(tile->elem);
  *out = (sink){.tile = tile, .count = count, .size = size};
  if (!ptl_sim_check_tile(core, op, tile)) {
    return false;
  }
  out->bytes = ptl_arena_alloc(core->arena, (size_t)(count * (size + 1)));
  out->marks = out->bytes + count * size;
  memset(out->marks, 1, (size_t)count);
  return true;
}

static void close_sink(const sink *out) {
  const ptl_sim_tile *tile = out->tile;
  const uint8_t *marks = memchr(out->marks, 0, (size_t)out->count) ? out->marks : NULL;
  ptl_sim_write(tile, ptl_sim_valid_region(tile), out->bytes, tile->valid_cols * out->size, marks);
}

/* One element: of up to two numbers, of the sink's type. */
static void compute(ptl_op_function function, const sink *out, int64_t at, const source *a,
                    int64_t a_at, const source *b, int64_t b_at) {
  uint8_t *to = out->bytes + at * out->size;
  const uint8_t *left = a->bytes + a_at * a->size;
  const uint8_t *right = b ? b->bytes + b_at * b->size : left;
  if (ptl_elem_is_float(out->tile->elem)) {
    double right_value = b ? ptl_read_real(b->elem, right) : 0.0;
    ptl_write_real(out->tile->elem, to,
                   ptl_sim_real_function(function, ptl_read_real(a->elem, left), right_value),
                   PTL_ROUND_RINT);
  } else {
    int64_t right_value = b ? ptl_read_integer(b->elem, right) : 0;
    ptl_write_integer(
        out->tile->elem, to,
        ptl_sim_integer_function(function, ptl_read_integer(a->elem, left), right_value));
  }
  bool written = (!a->marks || a->marks[a_at]) && (!b || !b->marks || b->marks[b_at]);
  out->marks[at] = written ? 1 : 0;
}

static bool same_elem(ptl_sim_core *core, const ptl_op *op, ptl_elem a, ptl_elem b) {
  if (a != b) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS, "elements of %s and of %s", ptl_elem_name(a),
                 ptl_elem_name(b));
  }
  return a == b;
}

ptl_sim_outcome ptl_sim_unary(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *to = last_tile(core, op), *from = &ptl_sim_operand(core, op, 0)->tile;
  source in;
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!same_elem(core, op, from->elem, to->elem) || !open_sink(core, op, to, &out) ||
      !read_source(core, op, from, to->valid_rows, to->valid_cols, 0, &in)) {
    return PTL_SIM_FAILED;
  }
  for (int64_t i = 0; i < out.count; i++) {
    compute((ptl_op_function)code->function, &out, i, &in, i, NULL, 0);
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

/* A scalar operand as an element of the type that it is used with. */
static source scalar_source(ptl_sim_core *core, const ptl_op *op, int index, ptl_elem elem,
                            uint8_t *bytes) {
  const ptl_sim_value *value = ptl_sim_operand(core, op, index);
  bool is_integer = core->program->types[op->operands[index]].bits > 0;
  if (is_integer && !ptl_elem_is_float(elem)) {
    ptl_write_integer(elem, bytes, value->integer);
  } else {
    ptl_write_real(elem, bytes, is_integer ? (double)value->integer : value->real, PTL_ROUND_RINT);
  }
  return (source){bytes, NULL, elem, 1, 1, ptl_elem_bytes(elem)};
}

/* Operands: two tiles, or one and a scalar; scratch, if any; the tile that is written. */
ptl_sim_outcome ptl_sim_binary(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *to = last_tile(core, op);
  int tiles[2] = {is_tile(core, op, 0) ? 1 : 0, is_tile(core, op, 1) ? 1 : 0};
  source in[2];
  uint8_t scalar[8];
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!open_sink(core, op, to, &out)) {
    return PTL_SIM_FAILED;
  }
  for (int i = 0; i < 2; i++) {
    if (!tiles[i]) {
      in[i] = scalar_source(core, op, i, to->elem, scalar);
      continue;
    }
    const ptl_sim_tile *from = &ptl_sim_operand(core, op, i)->tile;
    if (!same_elem(core, op, from->elem, to->elem) ||
        !read_source(core, op, from, to->valid_rows, to->valid_cols, i, &in[i])) {
      return PTL_SIM_FAILED;
    }
  }
  for (int64_t i = 0; i < out.count; i++) {
    compute((ptl_op_function)code->function, &out, i, &in[0], i * tiles[0], &in[1], i * tiles[1]);
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_splat(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  uint8_t scalar[8];
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!open_sink(core, op, last_tile(core, op), &out)) {
    return PTL_SIM_FAILED;
  }
  source in = scalar_source(core, op, 0, out.tile->elem, scalar);
  for (int64_t i = 0; i < out.count; i++) {
    compute(PTL_FN_COPY, &out, i, &in, 0, NULL, 0);
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

/* Numbers one after the other from the scalar on; the tile has one row. */
ptl_sim_outcome ptl_sim_count(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  int64_t first = ptl_sim_integer(core, op, 0), step = code->function ? -1 : 1;
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!open_sink(core, op, last_tile(core, op), &out)) {
    return PTL_SIM_FAILED;
  }
  if (out.tile->valid_rows > 1 || ptl_elem_is_float(out.tile->elem)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "a tile of %lld rows of %s cannot be counted up",
                        (long long)out.tile->valid_rows, ptl_elem_name(out.tile->elem));
  }
  for (int64_t i = 0; i < out.count; i++) {
    ptl_write_integer(out.tile->elem, out.bytes + i * out.size, first + step * i);
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_convert(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  source in;
  sink out;
  const ptl_sim_tile *to = last_tile(core, op);
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!open_sink(core, op, to, &out) || !read_source(core, op, &ptl_sim_operand(core, op, 0)->tile,
                                                     to->valid_rows, to->valid_cols, 0, &in)) {
    return PTL_SIM_FAILED;
  }
  for (int64_t i = 0; i < out.count; i++) {
    ptl_write_real(to->elem, out.bytes + i * out.size,
                   ptl_read_real(in.elem, in.bytes + i * in.size), code->round);
    out.marks[i] = !in.marks || in.marks[i];
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

/* The number of rows or columns that one vector is spread over: trowexpand takes one element
 * for each row, tcolexpand one for each column. Operands: the tile that is combined with it
 * (not with trowexpand and tcolexpand alone), the vector, scratch, the tile that is written. */
ptl_sim_outcome ptl_sim_expand(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  bool copies = code->function == PTL_FN_COPY;
  const ptl_sim_tile *to = last_tile(core, op);
  const ptl_sim_tile *spread = &ptl_sim_operand(core, op, copies ? 0 : 1)->tile;
  const ptl_sim_tile *base = &ptl_sim_operand(core, op, 0)->tile;
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  source whole, vector;
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!open_sink(core, op, to, &out) ||
      !read_source(core, op, spread, code->by_row ? rows : 1, code->by_row ? 1 : cols, 1,
                   &vector) ||
      (!copies && !read_source(core, op, base, rows, cols, 0, &whole)) ||
      !same_elem(core, op, spread->elem, to->elem)) {
    return PTL_SIM_FAILED;
  }
  for (int64_t i = 0; i < out.count; i++) {
    int64_t from = code->by_row ? i / cols : i % cols;
    compute((ptl_op_function)code->function, &out, i, copies ? &vector : &whole, copies ? from : i,
            copies ? NULL : &vector, from);
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}

/* Row or column sums, maxima, ...: in ascending order, each step rounded. Operands: the tile,
 * scratch, the vector that is written. */
ptl_sim_outcome ptl_sim_reduce(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *from = &ptl_sim_operand(core, op, 0)->tile, *to = last_tile(core, op);
  int64_t rows = from->valid_rows, cols = from->valid_cols;
  source in;
  sink out;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (!same_elem(core, op, from->elem, to->elem) || !open_sink(core, op, to, &out) ||
      !read_source(core, op, from, rows, cols, 0, &in)) {
    return PTL_SIM_FAILED;
  }
  int64_t terms = code->by_row ? cols : rows, sums = code->by_row ? rows : cols;
  int64_t step = code->by_row ? 1 : cols, stride = code->by_row ? cols : 1;
  if (sums != out.count && out.count > 0) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "%lld results and a tile of %lld valid elements", (long long)sums,
                        (long long)out.count);
  }
  source so_far = {out.bytes, out.marks, to->elem, 1, sums, out.size};
  for (int64_t i = 0; i < out.count && terms > 0; i++) {
    compute(PTL_FN_COPY, &out, i, &in, i * stride, NULL, 0);
    for (int64_t t = 1; t < terms; t++) {
      compute((ptl_op_function)code->function, &out, i, &so_far, i, &in, i * stride + t * step);
    }
  }
  close_sink(&out);
  return PTL_SIM_DONE;
}
