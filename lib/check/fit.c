#include "check/fit.h"

#include <inttypes.h>

#include "rules/rules_state.h"

static int64_t round_up(int64_t value, int64_t multiple) {
  return multiple > 1 ? (value + multiple - 1) / multiple * multiple : value;
}

/* The same tile with other extents. */
static int64_t bytes_with(const ptl_target *target, const ptl_size *size, int64_t rows,
                          int64_t cols) {
  if (size->tile->space == PTL_SPACE_ACC) {
    rows = round_up(rows, size->is_i32 ? target->acc_row_multiple_i32 : target->acc_row_multiple);
  }
  return rows * cols * size->elem_bytes;
}

int64_t ptl_size_bytes(const ptl_target *target, const ptl_size *size) {
  return bytes_with(target, size, size->tile->rows, size->tile->cols);
}

/* Elements by which an extent grows: whole boxes, and of what the cube multiplies at least 16
 * columns, which are 32 of i8; rows of vector tiles take multiples of 32 bytes. */
static int64_t step_of(const ptl_size *size, bool is_cols) {
  const ptl_tile_type *tile = size->tile;
  int64_t run = size->elem_bytes < 32 ? 32 / size->elem_bytes : 1;
  if (tile->space == PTL_SPACE_ACC) {
    return is_cols && size->is_i32 ? 32 : 16;
  }
  if (tile->slayout == PTL_SLAYOUT_NONE && tile->space != PTL_SPACE_LEFT &&
      tile->space != PTL_SPACE_RIGHT) {
    return is_cols == tile->blayout_col_major ? 1 : run;
  }
  bool is_by_rows = tile->space == PTL_SPACE_LEFT || tile->slayout == PTL_SLAYOUT_ROW;
  return (is_by_rows && !is_cols) || run < 16 ? 16 : run;
}

static int64_t largest(const ptl_target *target, const ptl_size *size, bool is_cols,
                       int64_t available_bytes) {
  int64_t step = step_of(size, is_cols);
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

/* ---- tiles that are too large ---------------------------------------------- */

typedef struct sizes {
  ptl_rules rules; /* for types of any element */
  ptl_finding_listener listener;
  void *user;
} sizes;

/* How many bits an element of fp4 takes in a tile is a matter of its layout. */
static bool has_known_bytes(const ptl_rule_type *type) {
  bool is_fp4 = false;
  for (size_t i = 0; i + 1 < type->elem.length; i++) {
    is_fp4 = is_fp4 || (type->elem.data[i] == 'f' && type->elem.data[i + 1] == '4');
  }
  return type->elem_bytes > 0 && !is_fp4;
}

static bool size_of(sizes *s, const ptl_op *op, ptl_size *out) {
  const ptl_value *value = &s->rules.kernel->values[op->first_result];
  if (op->kind == PTL_OP_ALLOC_MULTI) {
    *out = (ptl_size){&value->tile, ptl_elem_bytes(value->tile.elem),
                      value->tile.elem == PTL_ELEM_I32, op->slot_count};
    return true;
  }
  const ptl_rule_type *type = ptl_rule_result(&s->rules, op);
  *out = (ptl_size){&type->tile, type->elem_bytes, ptl_elem_is_int(type, 32), 1};
  return type->kind == PTL_TYPE_TILE && has_known_bytes(type);
}

static const char *slots_text(ptl_arena *arena, const ptl_size *size, int64_t bytes,
                              int64_t capacity) {
  return size->slots < 2 || bytes > capacity
             ? NULL
             : ptl_arena_printf(arena, "%" PRId64 " of them fit", capacity / bytes);
}

static void check_size(sizes *s, const ptl_op *op) {
  ptl_arena *arena = s->rules.arena;
  const ptl_target *target = s->rules.target;
  ptl_size size;
  if (op->address >= 0 || op->result_count != 1 || !size_of(s, op, &size)) {
    return;
  }
  const char *space = ptl_space_name(size.tile->space);
  int64_t capacity = target->capacity_bytes[size.tile->space];
  int64_t bytes = ptl_size_bytes(target, &size);
  if (bytes * size.slots <= capacity) {
    return;
  }
  bool is_padded = bytes > size.tile->rows * size.tile->cols * size.elem_bytes;
  const char *slots = slots_text(arena, &size, bytes, capacity);
  const char *extents = ptl_fitting_extents(arena, target, &size, capacity / size.slots);
  const char *count = size.slots > 1 ? ptl_arena_printf(arena, "%d tiles", size.slots) : "tile";
  s->listener(s->user,
              (ptl_finding){.fault = PTL_FAULT_TILE_SIZE,
                            .op = op,
                            .text = ptl_arena_printf(
                                arena,
                                "the %s of %" PRId64 " bytes%s %s not fit %s, which "
                                "has %" PRId64 "%s%s%s%s",
                                count, bytes, is_padded ? " (with padded rows)" : "",
                                size.slots > 1 ? "do" : "does", space, capacity, slots ? "; " : "",
                                slots ? slots : "", extents ? "; " : "", extents ? extents : "")});
}

static void check_block(sizes *s, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
      check_size(s, op);
    }
    check_block(s, op->blocks[0]);
    check_block(s, op->blocks[1]);
  }
}

void ptl_check_sizes(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     ptl_finding_listener listener, void *user) {
  size_t values = (size_t)kernel->value_count;
  sizes s = {.rules = {.arena = arena,
                       .kernel = kernel,
                       .target = target,
                       .types = ptl_arena_array(arena, values, sizeof(ptl_rule_type *))},
             .listener = listener,
             .user = user};
  check_block(&s, kernel->body);
}
