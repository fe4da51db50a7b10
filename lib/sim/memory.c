/* Tiles: what they stand for, and reading and writing their bytes. */
#include <string.h>

#include "kernel/slots.h"
#include "sim/pitch.h"

static ptl_sim_memory *new_memory(ptl_sim_core *core, const char *name, int64_t size) {
  ptl_sim_memory *memory = ptl_arena_alloc(core->arena, sizeof(*memory));
  memory->bytes = ptl_arena_alloc(core->arena, (size_t)size);
  memory->written = ptl_arena_alloc(core->arena, (size_t)size);
  memory->size = size;
  memory->name = name;
  return memory;
}

static ptl_sim_memory *buffer_of(ptl_sim_core *core, ptl_space space) {
  if (!core->buffers[space]) {
    core->buffers[space] =
        new_memory(core, ptl_space_name(space), core->launch->target->capacity_bytes[space]);
  }
  return core->buffers[space];
}

/* The bytes of an alloc_tile without an address; each run of it is a new tile, but for those that
 * share a place. */
static ptl_sim_memory *own_memory(ptl_sim_core *core, const ptl_op *op, int64_t bytes) {
  ptl_sim_memory **own = &core->own[op->place];
  if (!*own) {
    *own = new_memory(core, "tile", bytes);
  } else if (!op->shares_place) {
    memset((*own)->written, PTL_SIM_UNWRITTEN, (size_t)bytes);
  }
  return *own;
}

static void set_type(ptl_sim_core *core, int value, ptl_sim_tile *tile) {
  const ptl_tile_type *type = &core->program->kernel->values[value].tile;
  *tile = (ptl_sim_tile){.layout = core->program->types[value].layout,
                         .rows = type->rows,
                         .cols = type->cols,
                         .box_rows = type->rows,
                         .box_cols = type->cols,
                         .static_rows = type->valid_rows,
                         .is_compact = type->compact == 1,
                         .valid_rows = type->valid_rows >= 0 ? type->valid_rows : type->rows,
                         .valid_cols = type->valid_cols >= 0 ? type->valid_cols : type->cols,
                         .pad = type->pad,
                         .elem = type->elem,
                         .space = type->space};
}

void ptl_sim_place_tile(ptl_sim_core *core, int value, ptl_sim_tile *tile, ptl_sim_memory *memory,
                        int64_t base) {
  set_type(core, value, tile);
  tile->memory = memory ? memory : buffer_of(core, tile->space);
  tile->base = base;
}

bool ptl_sim_set_extents(ptl_sim_core *core, const ptl_op *op, ptl_sim_tile *tile, int64_t rows,
                         int64_t cols) {
  tile->valid_rows = rows;
  tile->valid_cols = cols;
  if (rows < 0 || cols < 0 || rows > tile->rows || cols > tile->cols) {
    ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                 "%lld x %lld valid elements do not fit a tile of %lld x %lld", (long long)rows,
                 (long long)cols, (long long)tile->rows, (long long)tile->cols);
    return false;
  }
  return true;
}

/* Gives a value the first of `count` tiles of its type, `stride` bytes apart: at the address of the
 * op, or without one in bytes of their own, as many as they take. */
static ptl_sim_outcome place(ptl_sim_core *core, const ptl_op *op, int64_t stride, int count) {
  int value = op->first_result;
  ptl_sim_tile *tile = &ptl_sim_result(core, op)->tile;
  bool has_address = op->address >= 0;
  int64_t bytes = core->program->types[value].layout.bytes;
  ptl_space space = core->program->kernel->values[value].tile.space;
  if (has_address && bytes > core->launch->target->capacity_bytes[space]) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_TILE_OUTSIDE,
                        "a tile of %lld bytes does not fit '%s'", (long long)bytes,
                        ptl_space_name(space));
  }
  ptl_sim_memory *memory = has_address ? NULL : own_memory(core, op, stride * (count - 1) + bytes);
  int64_t base = has_address ? core->values[op->address].integer : 0;
  ptl_sim_place_tile(core, value, tile, memory, base);
  tile->slot_stride = stride;
  int64_t rows = op->valid_row >= 0 ? core->values[op->valid_row].integer : tile->valid_rows;
  int64_t cols = op->valid_col >= 0 ? core->values[op->valid_col].integer : tile->valid_cols;
  return ptl_sim_set_extents(core, op, tile, rows, cols) ? PTL_SIM_DONE : PTL_SIM_FAILED;
}

ptl_sim_outcome ptl_sim_alloc(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  return place(core, op, 0, 1);
}

/* The value of a multi tile is its first slot. */
ptl_sim_outcome ptl_sim_alloc_multi(ptl_sim_core *core, const ptl_op *op,
                                    const ptl_sim_code *code) {
  (void)code;
  const ptl_value *value = &core->program->kernel->values[op->first_result];
  int64_t stride = op->address >= 0 ? ptl_slot_offset_bytes(core->launch->target, &value->tile, 1)
                                    : core->program->types[op->first_result].layout.bytes;
  return place(core, op, stride, value->slot_count);
}

ptl_sim_outcome ptl_sim_slot(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  ptl_sim_tile *tile = &ptl_sim_result(core, op)->tile;
  int count = core->program->kernel->values[op->operands[0]].slot_count;
  int64_t slot = ptl_sim_integer(core, op, 1);
  if (slot < 0 || slot >= count) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "there is no slot %lld: the multi tile has %d, from 0 on", (long long)slot,
                        count);
  }
  *tile = ptl_sim_operand(core, op, 0)->tile;
  tile->base += slot * tile->slot_stride;
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_set_valid(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  ptl_sim_tile *tile = &ptl_sim_operand(core, op, 0)->tile;
  bool fits = ptl_sim_set_extents(core, op, tile, ptl_sim_integer(core, op, 1),
                                  ptl_sim_integer(core, op, 2));
  return fits ? PTL_SIM_DONE : PTL_SIM_FAILED;
}

ptl_sim_outcome ptl_sim_get_valid(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_tile *tile = &ptl_sim_operand(core, op, 0)->tile;
  int64_t extents[2] = {tile->valid_rows, tile->valid_cols};
  for (int i = 0; i < op->result_count && i < 2; i++) {
    core->values[op->first_result + i].integer = extents[code->function + i];
  }
  return PTL_SIM_DONE;
}

/* PTOAS:lib/PTO/Transforms/PTOResolveBufferSelect.cpp: a part of a cube's tile is a tile of its
 * own. It begins where its first element would lie in the whole tile, by that one's type, and has
 * the part's extents if it is as long along the strips, else those of the whole tile. */
static void make_window(const ptl_sim_tile *whole, int64_t row, int64_t col, ptl_sim_tile *tile) {
  ptl_sim_tile by_type = ptl_sim_as_typed(whole);
  bool as_long = ptl_sim_as_typed(tile).layout.row_step == by_type.layout.row_step &&
                 ptl_sim_as_typed(tile).layout.col_step == by_type.layout.col_step;
  tile->start = whole->start + ptl_sim_offset(&by_type.layout, row, col);
  tile->box_rows = as_long ? tile->box_rows : whole->box_rows;
  tile->box_cols = as_long ? tile->box_cols : whole->box_cols;
  tile->layout = by_type.layout;
}

/* Operands: tile, row, col, and, if they are given, the valid rows and columns. */
ptl_sim_outcome ptl_sim_subview(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  ptl_sim_tile parent = ptl_sim_operand(core, op, 0)->tile;
  ptl_sim_tile *tile = &ptl_sim_result(core, op)->tile;
  set_type(core, op->first_result, tile);
  tile->memory = parent.memory;
  tile->base = parent.base;
  tile->is_window = true;
  int64_t row = ptl_sim_integer(core, op, 1), col = ptl_sim_integer(core, op, 2);
  if (row < 0 || col < 0 || row > parent.rows - tile->rows || col > parent.cols - tile->cols ||
      tile->elem != parent.elem) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS, "the part leaves its tile of %lld x %lld",
                        (long long)parent.rows, (long long)parent.cols);
  }
  if (ptl_sim_is_cube_space(parent.space)) {
    make_window(&parent, row, col, tile);
  } else {
    tile->layout = parent.layout;
    tile->row = parent.row + row;
    tile->col = parent.col + col;
  }
  bool given = op->operand_count == 5;
  int64_t rows = given ? ptl_sim_integer(core, op, 3) : tile->valid_rows;
  int64_t cols = given ? ptl_sim_integer(core, op, 4) : tile->valid_cols;
  return ptl_sim_set_extents(core, op, tile, rows, cols) ? PTL_SIM_DONE : PTL_SIM_FAILED;
}

/* Whether the elements of a part of a tile follow each other without a gap. */
static bool in_one_piece(const ptl_sim_tile *tile) {
  const ptl_sim_layout *layout = &tile->layout;
  int64_t first = ptl_sim_offset(layout, tile->row, tile->col);
  int64_t last = ptl_sim_offset(layout, tile->row + tile->rows - 1, tile->col + tile->cols - 1);
  return !ptl_sim_is_cube_space(tile->space) &&
         last - first + layout->elem_bytes == tile->rows * tile->cols * layout->elem_bytes;
}

/* The same bytes as another tile (pto-isa:include/pto/npu/a2a3/TReshape.hpp), with the valid
 * extents of its type. */
ptl_sim_outcome ptl_sim_reshape(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  const ptl_sim_tile source = ptl_sim_operand(core, op, 0)->tile;
  const ptl_tile_type *type = &core->program->kernel->values[op->first_result].tile;
  ptl_sim_tile *tile = &ptl_sim_result(core, op)->tile;
  if (source.is_window && !in_one_piece(&source)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "the bytes of a part of a tile that has gaps have no other shape");
  }
  if (type->space != source.space || type->rows * type->cols * ptl_elem_bytes(type->elem) !=
                                         source.rows * source.cols * ptl_elem_bytes(source.elem)) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "the two shapes are not of the same bytes");
  }
  if (type->valid_rows < 0 || type->valid_cols < 0) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_OPERANDS,
                        "nothing says how much of the new shape is valid");
  }
  int64_t begin =
      source.base + source.start + ptl_sim_offset(&source.layout, source.row, source.col);
  ptl_sim_place_tile(core, op->first_result, tile, source.memory, begin);
  return PTL_SIM_DONE;
}

bool ptl_sim_check_tile(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile) {
  int64_t bytes = tile->layout.bytes, size = tile->memory->size;
  if (tile->base >= 0 && bytes <= size && tile->base <= size - bytes) {
    return true;
  }
  ptl_sim_fail(core, op, PTL_CODE_SIM_TILE_OUTSIDE,
               "a tile of %lld bytes at %lld is outside of '%s', which has %lld bytes",
               (long long)bytes, (long long)tile->base, tile->memory->name, (long long)size);
  return false;
}

bool ptl_sim_check_reach(ptl_sim_core *core, const ptl_op *op, const ptl_sim_tile *tile,
                         int64_t rows, int64_t cols) {
  if (!ptl_sim_check_tile(core, op, tile)) {
    return false;
  }
  int64_t end = tile->base + tile->start;
  if (rows > 0 && cols > 0) {
    end += ptl_sim_offset(&tile->layout, tile->row + rows - 1, tile->col + cols - 1) +
           tile->layout.elem_bytes;
  }
  if (end <= tile->memory->size) {
    return true;
  }
  ptl_sim_fail(core, op, PTL_CODE_SIM_TILE_OUTSIDE,
               "%lld x %lld elements end at byte %lld of '%s', which has %lld", (long long)rows,
               (long long)cols, (long long)end, tile->memory->name, (long long)tile->memory->size);
  return false;
}

ptl_sim_region ptl_sim_region_of(const ptl_sim_tile *tile, int64_t row, int64_t col, int64_t rows,
                                 int64_t cols) {
  return (ptl_sim_region){tile->row + row, tile->col + col, rows, cols};
}

uint8_t *ptl_sim_read(ptl_sim_core *core, const ptl_sim_tile *tile, ptl_sim_region region,
                      uint8_t *dense, int marks_slot) {
  int64_t stride = region.cols * tile->layout.elem_bytes;
  const uint8_t *written = ptl_sim_marks_of(tile);
  ptl_sim_gather(&tile->layout, ptl_sim_bytes_of(tile), region, dense, stride);
  if (!ptl_sim_has_mark(&tile->layout, written, region, PTL_SIM_UNWRITTEN)) {
    return NULL;
  }
  uint8_t *marks = ptl_sim_scratch(core, marks_slot, region.rows * region.cols);
  ptl_sim_gather_marks(&tile->layout, written, region, marks);
  return marks;
}

void ptl_sim_write(const ptl_sim_tile *tile, ptl_sim_region region, const uint8_t *dense,
                   int64_t stride, const uint8_t *marks) {
  uint8_t *written = ptl_sim_marks_of(tile);
  ptl_sim_scatter(&tile->layout, ptl_sim_bytes_of(tile), region, dense, stride);
  if (marks) {
    ptl_sim_scatter_marks(&tile->layout, written, region, marks);
  } else {
    ptl_sim_set_marks(&tile->layout, written, region, PTL_SIM_WRITTEN);
  }
}
