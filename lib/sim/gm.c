/* GM: views, parts, loads and stores. */
#include <string.h>

#include "sim/pitch.h"
#include "support/checked.h"

/* Extents, strides and offsets that are larger than this are no addresses; below it, nothing
 * that is computed with them overflows. */
#define FARTHEST (INT64_C(1) << 30)

static bool is_far(int64_t value) { return value > FARTHEST || value < -FARTHEST; }

ptl_sim_outcome ptl_sim_addptr(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  ptl_sim_pointer pointer = ptl_sim_operand(core, op, 0)->pointer;
  int64_t offset = ptl_sim_integer(core, op, 1);
  if (is_far(offset) || is_far(pointer.offset + offset)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_VIEW_OUTSIDE,
                        "the pointer is moved by %lld elements", (long long)offset);
  }
  pointer.offset += offset;
  ptl_sim_result(core, op)->pointer = pointer;
  return PTL_SIM_DONE;
}

/* The dimension that is `remaining` elements long with all that lie inside of it; -1: none is.
 * One of a single element may have any stride. */
static int outer_dimension(const ptl_sim_view *view, unsigned used, int64_t remaining) {
  for (int i = 0; i < view->rank; i++) {
    bool fits = view->shape[i] == 1 || view->shape[i] * view->strides[i] == remaining;
    if (fits && !(used >> i & 1)) {
      return i;
    }
  }
  return -1;
}

/* The extents of a view without gaps, the outermost in memory first. The rank; 0: it has gaps. */
static int dense_shape(const ptl_sim_view *view, int64_t shape[PTL_SIM_VIEW_RANK]) {
  int64_t remaining = 1;
  unsigned used = 0;
  for (int i = 0; i < view->rank; i++) {
    remaining = ptl_mul_saturated(remaining, view->shape[i]);
  }
  for (int i = 0; i < view->rank; i++) {
    int dimension = outer_dimension(view, used, remaining);
    if (dimension < 0) {
      return 0;
    }
    used |= 1u << dimension;
    shape[i] = view->shape[dimension];
    remaining /= shape[i];
  }
  return view->rank;
}

/* A tensor that grows has the shape of the view that is as large as it. */
static void keep_shape(const ptl_sim_view *view, int64_t elements) {
  ptl_sim_tensor *tensor = view->tensor;
  int64_t size = elements * ptl_elem_bytes(view->elem);
  if (size > tensor->size || (size == tensor->size && tensor->rank == 0)) {
    tensor->rank = view->offset == 0 ? dense_shape(view, tensor->shape) : 0;
  }
}

/* The bytes up to the last element of a view, for a tensor that grows. */
static void reach_view(ptl_sim_core *core, const ptl_sim_view *view) {
  int64_t last = view->offset;
  for (int i = 0; i < view->rank; i++) {
    if (view->shape[i] <= 0) {
      return;
    }
    last += (view->shape[i] - 1) * view->strides[i];
  }
  if (last >= 0 && last < FARTHEST) {
    keep_shape(view, last + 1);
    (void)ptl_sim_tensor_reach(view->tensor, (last + 1) * ptl_elem_bytes(view->elem),
                               !core->launch->addresses_only);
  }
}

ptl_sim_outcome ptl_sim_make_view(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  ptl_sim_pointer pointer = ptl_sim_operand(core, op, 0)->pointer;
  ptl_sim_view view = {.tensor = pointer.tensor,
                       .elem = core->program->types[op->first_result].elem,
                       .is_dn = code->function != 0,
                       .offset = pointer.offset,
                       .rank = op->rank};
  for (int i = 0; i < op->rank; i++) {
    view.shape[i] = ptl_sim_integer(core, op, 1 + i);
    view.strides[i] = ptl_sim_integer(core, op, 1 + op->rank + i);
    if (view.shape[i] < 0 || is_far(view.shape[i]) || is_far(view.strides[i])) {
      return ptl_sim_fail(core, op, PTL_CODE_SIM_VIEW_OUTSIDE,
                          "dimension %d has %lld elements, %lld apart", i, (long long)view.shape[i],
                          (long long)view.strides[i]);
    }
  }
  if (op->rank > 1) {
    view.tensor->row_elements = view.strides[op->rank - 2];
  }
  if (view.tensor->grows) {
    reach_view(core, &view);
  }
  ptl_sim_result(core, op)->view = view;
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_part(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  ptl_sim_view part = ptl_sim_operand(core, op, 0)->view;
  for (int i = 0; i < op->rank; i++) {
    int64_t offset = ptl_sim_integer(core, op, 1 + i);
    int64_t size = ptl_sim_integer(core, op, 1 + op->rank + i);
    if (offset < 0 || size < 0 || size > part.shape[i] || offset > part.shape[i] - size) {
      return ptl_sim_fail(core, op, PTL_CODE_SIM_VIEW_OUTSIDE,
                          "%lld elements from %lld on leave dimension %d of a view, which has %lld",
                          (long long)size, (long long)offset, i, (long long)part.shape[i]);
    }
    part.offset += offset * part.strides[i];
    part.shape[i] = size;
  }
  ptl_sim_result(core, op)->view = part;
  return PTL_SIM_DONE;
}

/* A part seen as rows and columns: the last dimension is the columns, all others the rows. */
typedef struct grid {
  int64_t rows, cols, col_stride;
} grid;

static grid grid_of(const ptl_sim_view *view) {
  grid result = {1, view->shape[view->rank - 1], view->strides[view->rank - 1]};
  for (int i = 0; i + 1 < view->rank; i++) {
    result.rows = ptl_mul_saturated(result.rows, view->shape[i]);
  }
  return result;
}

/* Element offset of a row of the grid. */
static int64_t row_offset(const ptl_sim_view *view, int64_t row) {
  int64_t offset = view->offset;
  for (int i = view->rank - 2; i >= 0; i--) {
    offset += row % view->shape[i] * view->strides[i];
    row /= view->shape[i];
  }
  return offset;
}

/* Whether all of the part lies in its tensor. */
static bool check_part(ptl_sim_core *core, const ptl_op *op, const ptl_sim_view *view) {
  int64_t low = view->offset, high = view->offset;
  for (int i = 0; i < view->rank; i++) {
    if (view->shape[i] == 0) {
      return true;
    }
    int64_t extent = (view->shape[i] - 1) * view->strides[i];
    low += extent < 0 ? extent : 0;
    high += extent > 0 ? extent : 0;
  }
  int64_t size = ptl_elem_bytes(view->elem);
  if (low >= 0 && high < FARTHEST &&
      ptl_sim_tensor_reach(view->tensor, (high + 1) * size, !core->launch->addresses_only)) {
    return true;
  }
  ptl_sim_fail(core, op, PTL_CODE_SIM_VIEW_OUTSIDE,
               "elements [%lld, %lld] are outside of a tensor of %lld", (long long)low,
               (long long)high, (long long)(view->tensor->size / size));
  return false;
}

static bool check_shapes(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile,
                         grid part) {
  if (tile->valid_rows <= part.rows && tile->valid_cols <= part.cols) {
    return true;
  }
  ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
               "a tile of %lld x %lld valid elements and a part of %lld x %lld",
               (long long)tile->valid_rows, (long long)tile->valid_cols, (long long)part.rows,
               (long long)part.cols);
  return false;
}

/* The value that a tile's `pad` stands for: 1 zero, 2 the largest, 3 the smallest. */
void ptl_sim_pad_value(const ptl_sim_tile *tile, uint8_t *out) {
  bool real = ptl_elem_is_float(tile->elem);
  if (tile->pad <= 1) {
    memset(out, 0, 8);
  } else if (real) {
    ptl_write_real(tile->elem, out, tile->pad == 2 ? __builtin_inf() : -__builtin_inf(),
                   PTL_ROUND_RINT);
  } else {
    ptl_write_integer(tile->elem, out,
                      ptl_saturate(tile->elem, tile->pad == 2 ? INT64_MAX : INT64_MIN));
  }
}

static void pad_tile(ptl_sim_core *core, const ptl_sim_tile *tile) {
  ptl_sim_region all = ptl_sim_region_of(tile, 0, 0, tile->rows, tile->cols);
  int64_t size = ptl_elem_bytes(tile->elem), count = tile->rows * tile->cols;
  uint8_t *dense = ptl_sim_scratch(core, 0, count * size), value[8];
  ptl_sim_pad_value(tile, value);
  for (int64_t i = 0; i < count; i++) {
    memcpy(dense + i * size, value, (size_t)size);
  }
  ptl_sim_write(tile, all, dense, tile->cols * size, NULL);
}

/* Makes the elements of a part that a region of a tile takes or gives, row by row. */
static void touch_part(const ptl_sim_view *view, grid part, ptl_sim_region region) {
  int64_t width = (region.cols - 1) * part.col_stride;
  for (int64_t r = 0; r < region.rows && region.cols > 0 && view->tensor->filled; r++) {
    int64_t at = row_offset(view, r);
    ptl_sim_tensor_touch(view->tensor, width < 0 ? at + width : at,
                         (width < 0 ? at : at + width) + 1);
  }
}

/* Copies columns that do not lie side by side. */
static const uint8_t *dense_part(ptl_sim_core *core, const ptl_sim_view *view, int64_t rows,
                                 int64_t cols, int64_t col_stride, const uint8_t *bytes) {
  int64_t size = ptl_elem_bytes(view->elem);
  uint8_t *dense = ptl_sim_scratch(core, 0, rows * cols * size);
  for (int64_t r = 0; r < rows; r++) {
    const uint8_t *from = bytes + row_offset(view, r) * size;
    for (int64_t c = 0; c < cols; c++) {
      memcpy(dense + (r * cols + c) * size, from + c * col_stride * size, (size_t)size);
    }
  }
  return dense;
}

ptl_sim_outcome ptl_sim_load(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_view *view = &ptl_sim_operand(core, op, 0)->view;
  const ptl_sim_tile *tile = &ptl_sim_operand(core, op, 1)->tile;
  grid part = grid_of(view);
  if (!check_part(core, op, view) || !ptl_sim_check_tile(core, op, tile) ||
      !check_shapes(core, op, tile, part)) {
    return PTL_SIM_FAILED;
  }
  if (view->elem != tile->elem) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "elements of %s are loaded into a tile of %s", ptl_elem_name(view->elem),
                        ptl_elem_name(tile->elem));
  }
  core->launch->empty_loads += tile->valid_rows == 0 || tile->valid_cols == 0;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  if (tile->pad > 0) {
    pad_tile(core, tile);
  }
  ptl_sim_region region = ptl_sim_valid_region(tile);
  int64_t size = ptl_elem_bytes(tile->elem), stride = region.cols * size;
  if (region.rows == 0 || region.cols == 0) {
    return PTL_SIM_DONE; /* its tensor may have no bytes */
  }
  touch_part(view, part, region);
  const uint8_t *from = view->tensor->bytes + view->offset * size;
  if (part.col_stride != 1 || view->rank > 2) {
    from = dense_part(core, view, region.rows, region.cols, part.col_stride, view->tensor->bytes);
  } else if (view->rank == 2) {
    stride = view->strides[0] * size;
  }
  ptl_sim_write(tile, region, from, stride, NULL);
  return PTL_SIM_DONE;
}

/* One element on its way out, with what tstore does to it. */
static void store_element(const ptl_sim_code *code, const ptl_sim_tile *tile,
                          const ptl_sim_view *view, const uint8_t *from, uint8_t *to,
                          const double *scale) {
  bool same = tile->elem == view->elem && !scale && !code->relu && !code->adds;
  if (same) {
    memcpy(to, from, (size_t)ptl_elem_bytes(view->elem));
    return;
  }
  if (!ptl_elem_is_float(tile->elem) && !ptl_elem_is_float(view->elem) && !scale) {
    int64_t value = ptl_read_integer(tile->elem, from);
    value = code->relu && value < 0 ? 0 : value;
    uint64_t sum = (uint64_t)value; /* it wraps */
    sum += code->adds ? (uint64_t)ptl_read_integer(view->elem, to) : 0;
    ptl_write_integer(view->elem, to, (int64_t)sum);
    return;
  }
  double value = ptl_read_real(tile->elem, from);
  value = scale ? (double)(float)(value * *scale) : value;
  if (scale && view->elem == PTL_ELEM_F16) {
    value = value > 65504.0 ? 65504.0 : value < -65504.0 ? -65504.0 : value;
  }
  value = code->relu && !(value > 0) ? 0.0 : value;
  if (code->adds) {
    uint8_t rounded[8];
    ptl_write_real(view->elem, rounded, value, PTL_ROUND_RINT);
    value = ptl_read_real(view->elem, rounded) + ptl_read_real(view->elem, to);
  }
  ptl_write_real(view->elem, to, value, PTL_ROUND_RINT);
}

/* Takes columns of padding off the end of a region: those after the product's own, in its last
 * block of columns. */
static ptl_sim_region without_last_columns(const ptl_sim_tile *tile, ptl_sim_region region) {
  const uint8_t *written = ptl_sim_marks_of(tile);
  ptl_sim_region own = region, rest = region;
  own.cols = 0;
  while (region.rows > 0 && own.cols < region.cols &&
         written[ptl_sim_offset(&tile->layout, region.row, region.col + own.cols)] !=
             PTL_SIM_PADDING) {
    own.cols++;
  }
  rest.col += own.cols;
  rest.cols -= own.cols;
  bool is_padding = own.cols > 0 && rest.cols < tile->layout.box_cols &&
                    !ptl_sim_has_mark(&tile->layout, written, rest, PTL_SIM_WRITTEN);
  return is_padding ? own : region;
}

/* Whether padding is only in the last rows and columns, where the product had fewer than are
 * stored: there nothing looks at it. Elsewhere one tile lies on another's padding. */
static bool has_good_padding(const ptl_sim_tile *tile, ptl_sim_region region) {
  region = without_last_columns(tile, region);
  const ptl_sim_layout *layout = &tile->layout;
  const uint8_t *written = ptl_sim_marks_of(tile);
  ptl_sim_region above = region, below = region;
  above.rows = 0;
  while (above.rows < region.rows &&
         written[ptl_sim_offset(layout, region.row + above.rows, region.col)] != PTL_SIM_PADDING) {
    above.rows++;
  }
  below.row += above.rows;
  below.rows -= above.rows;
  return !ptl_sim_has_mark(layout, written, above, PTL_SIM_PADDING) &&
         (above.rows > 0 || region.rows == 0) &&
         !ptl_sim_has_mark(layout, written, below, PTL_SIM_WRITTEN);
}

static ptl_sim_outcome store_region(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code,
                                    const ptl_sim_tile *tile, const ptl_sim_view *view,
                                    const double *scale) {
  ptl_sim_region region = ptl_sim_valid_region(tile);
  int64_t size = ptl_elem_bytes(tile->elem), to_size = ptl_elem_bytes(view->elem);
  uint8_t *dense = ptl_sim_scratch(core, 0, region.rows * region.cols * size);
  const uint8_t *marks = ptl_sim_read(core, tile, region, dense, 1);
  int64_t col_stride = grid_of(view).col_stride;
  if (region.cols > 0 && !has_good_padding(tile, region)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_UNWRITTEN,
                        "the tile that is stored lies on the padding of another");
  }
  for (int64_t r = 0; r < region.rows; r++) {
    int64_t row = row_offset(view, r);
    for (int64_t c = 0; c < region.cols; c++) {
      if (marks && !marks[r * region.cols + c]) {
        return ptl_sim_fail(core, op, PTL_CODE_SIM_UNWRITTEN,
                            "element [%lld, %lld] of the tile is stored and was never written",
                            (long long)r, (long long)c);
      }
      int64_t at = (row + c * col_stride) * to_size;
      store_element(code, tile, view, dense + (r * region.cols + c) * size,
                    view->tensor->bytes + at, scale);
    }
  }
  return PTL_SIM_DONE;
}

/* Operands: tile, a scalar to quantise with if there is one, part. */
ptl_sim_outcome ptl_sim_store(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *tile = &ptl_sim_operand(core, op, 0)->tile;
  const ptl_sim_view *view = &ptl_sim_operand(core, op, op->operand_count - 1)->view;
  double scale = 1.0;
  if (op->operand_count == 3) {
    uint8_t bits[4];
    ptl_write_integer(PTL_ELEM_I32, bits, ptl_sim_integer(core, op, 1));
    scale = ptl_read_real(PTL_ELEM_F32, bits);
  }
  ptl_sim_tile seen = ptl_sim_as_read(core->launch->target, tile, PTL_SIM_BY_STORE, NULL);
  if (!check_part(core, op, view) || !check_shapes(core, op, tile, grid_of(view)) ||
      !ptl_sim_check_reach(core, op, &seen, tile->valid_rows, tile->valid_cols)) {
    return PTL_SIM_FAILED;
  }
  core->launch->stored += tile->valid_rows * tile->valid_cols;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  touch_part(view, grid_of(view), ptl_sim_valid_region(tile));
  ptl_sim_tensor_own(view->tensor);
  return store_region(core, op, code, &seen, view, op->operand_count == 3 ? &scale : NULL);
}

/* Whether there is an element at pointer[offset], and its index. */
static bool find_scalar(ptl_sim_core *core, const ptl_op *op, int operand, int64_t *out) {
  const ptl_sim_pointer *pointer = &ptl_sim_operand(core, op, operand)->pointer;
  int64_t index = ptl_sim_integer(core, op, operand + 1);
  int64_t at = is_far(index) ? -1 : pointer->offset + index;
  int64_t size = ptl_elem_bytes(pointer->elem);
  *out = at;
  if (at >= 0 && at < FARTHEST &&
      ptl_sim_tensor_reach(pointer->tensor, (at + 1) * size, !core->launch->addresses_only)) {
    return true;
  }
  ptl_sim_fail(core, op, PTL_CODE_SIM_VIEW_OUTSIDE, "element %lld is outside of a tensor of %lld",
               (long long)index, (long long)(pointer->tensor->size / size));
  return false;
}

ptl_sim_outcome ptl_sim_load_scalar(ptl_sim_core *core, const ptl_op *op,
                                    const ptl_sim_code *code) {
  (void)code;
  ptl_sim_tensor *tensor = ptl_sim_operand(core, op, 0)->pointer.tensor;
  ptl_elem elem = ptl_sim_operand(core, op, 0)->pointer.elem;
  int64_t at;
  uint8_t bytes[8];
  if (!find_scalar(core, op, 0, &at)) {
    return PTL_SIM_FAILED;
  }
  if (tensor->bytes) {
    ptl_sim_tensor_touch(tensor, at, at + 1);
    memcpy(bytes, tensor->bytes + at * ptl_elem_bytes(elem), (size_t)ptl_elem_bytes(elem));
  } else {
    ptl_sim_fill_one(tensor->fill, elem, bytes, at);
  }
  if (ptl_elem_is_float(elem)) {
    ptl_sim_result(core, op)->real = ptl_read_real(elem, bytes);
  } else {
    tensor->holds_indices = true;
    ptl_sim_set_integer(core, op->first_result, ptl_read_integer(elem, bytes));
  }
  return PTL_SIM_DONE;
}

/* Operands: value, pointer, offset. */
ptl_sim_outcome ptl_sim_store_scalar(ptl_sim_core *core, const ptl_op *op,
                                     const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_pointer *pointer = &ptl_sim_operand(core, op, 1)->pointer;
  int64_t at;
  if (!find_scalar(core, op, 1, &at)) {
    return PTL_SIM_FAILED;
  }
  core->launch->stored++;
  if (core->launch->addresses_only) {
    return PTL_SIM_DONE;
  }
  ptl_sim_tensor_touch(pointer->tensor, at, at + 1);
  ptl_sim_tensor_own(pointer->tensor);
  uint8_t *to = pointer->tensor->bytes + at * ptl_elem_bytes(pointer->elem);
  if (ptl_elem_is_float(pointer->elem)) {
    ptl_write_real(pointer->elem, to, ptl_sim_operand(core, op, 0)->real, PTL_ROUND_RINT);
  } else {
    ptl_write_integer(pointer->elem, to, ptl_sim_integer(core, op, 0));
  }
  return PTL_SIM_DONE;
}
