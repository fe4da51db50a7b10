/* Views and tiles: where they lie, what they hold and how that is read and written; and which
 * function walks an op on them. */
#include "kernel/describe.h"
#include "walk/walk_state.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/fit.h"

ptl_exprs *ptl_walk_exprs(const ptl_walk *walk) { return walk->exprs; }

const ptl_value *ptl_value_at(const ptl_walk *walk, int value) {
  return &walk->kernel->values[value];
}

ptl_expr ptl_integer_at(const ptl_walk *walk, int value) { return walk->bindings[value].expr; }

int64_t ptl_const_or(const ptl_walk *walk, ptl_expr expr, int64_t otherwise) {
  int64_t value;
  return ptl_expr_is_const(walk->exprs, expr, &value) ? value : otherwise;
}

/* ---- views -------------------------------------------------------------- */

/* Of a view of any rank; PTL_ELEM_NONE if it is none. */
static ptl_elem elem_of_view(const ptl_walk *walk, const ptl_value *value) {
  ptl_view_shape shape;
  if (value->is_view) {
    return value->view.elem;
  }
  bool is_view =
      ptl_view_shape_parse(ptl_type_text(walk->arena, mlirValueGetType(value->value)), &shape);
  return is_view ? ptl_elem_find(shape.elem) : PTL_ELEM_NONE;
}

/* The last two dimensions of a view are the matrix. */
static void walk_view(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->first_result];
  int row = op->rank - 2, row_stride = 2 * op->rank - 1;
  ptl_elem elem = elem_of_view(walk, ptl_value_at(walk, op->first_result));
  if (op->rank < 2 || elem == PTL_ELEM_NONE) {
    return;
  }
  ptl_expr zero = ptl_expr_const(walk->exprs, 0);
  binding->part = (ptl_region){.root = op->operands[0],
                               .elem = elem,
                               .rows = ptl_integer_at(walk, op->operands[1 + row]),
                               .cols = ptl_integer_at(walk, op->operands[2 + row]),
                               .row_stride = ptl_integer_at(walk, op->operands[row_stride]),
                               .col_stride = ptl_integer_at(walk, op->operands[row_stride + 1]),
                               .row = zero,
                               .col = zero,
                               .view = op->first_result};
  binding->part.view_rows = binding->part.rows;
  binding->part.view_cols = binding->part.cols;
  binding->is_part_known = true;
}

/* Makes an index of one of the dimensions before the matrix a number of rows; false if there is
 * more than one index, or the dimension's elements do not lie whole rows apart. */
static bool fold_dimension(ptl_walk *walk, const ptl_op *op, int dimension, ptl_region *part) {
  ptl_exprs *exprs = walk->exprs;
  const ptl_gm_window *view = ptl_gm_window_at(walk, op->operands[0]);
  int64_t size, stride, row_stride;
  if (!view || view->rank != op->rank ||
      !ptl_expr_is_const(exprs, ptl_integer_at(walk, op->operands[1 + op->rank + dimension]),
                         &size) ||
      !ptl_expr_is_const(exprs, view->strides[dimension], &stride) ||
      !ptl_expr_is_const(exprs, part->row_stride, &row_stride) || size != 1 || row_stride <= 0 ||
      stride % row_stride != 0) {
    return false;
  }
  ptl_expr rows = ptl_expr_const(exprs, stride / row_stride);
  ptl_expr index = ptl_integer_at(walk, op->operands[1 + dimension]);
  ptl_expr further = ptl_expr_add_const(exprs, view->extents[dimension], -1);
  part->row = ptl_expr_add(exprs, part->row, ptl_expr_mul(exprs, index, rows));
  part->view_rows = ptl_expr_add(exprs, part->view_rows, ptl_expr_mul(exprs, further, rows));
  part->is_remade = true;
  return part->row >= 0 && part->view_rows >= 0;
}

static void walk_part(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->first_result];
  const ptl_binding *view = &walk->bindings[op->operands[0]];
  int row = op->rank - 2;
  if (op->rank < 2 || !view->is_part_known) {
    return;
  }
  ptl_region part = view->part;
  part.row = ptl_expr_add(walk->exprs, part.row, ptl_integer_at(walk, op->operands[1 + row]));
  part.col = ptl_expr_add(walk->exprs, part.col, ptl_integer_at(walk, op->operands[2 + row]));
  part.rows = ptl_integer_at(walk, op->operands[1 + op->rank + row]);
  part.cols = ptl_integer_at(walk, op->operands[2 + op->rank + row]);
  bool is_matrix = true;
  for (int i = 0; i < row && is_matrix; i++) {
    is_matrix = fold_dimension(walk, op, i, &part);
  }
  binding->part = part;
  binding->is_part_known = is_matrix;
}

/* The pointer of a view or part, as a value number; -1 if it is not known. */
int ptl_root_of(ptl_walk *walk, int value) {
  const ptl_gm_window *window = ptl_gm_window_at(walk, value);
  return window ? window->root : -1;
}

/* ---- tiles -------------------------------------------------------------- */

/* "; from there N <= 128 (K = 128) fits"; empty for a tile that begins outside of its buffer. */
static const char *what_fits(const ptl_walk *walk, const ptl_tile *tile, int64_t capacity) {
  ptl_size size = {&tile->type, ptl_elem_bytes(tile->type.elem), tile->type.elem == PTL_ELEM_I32,
                   1};
  int64_t begin = tile->range.begin_bytes;
  const char *extents =
      begin < 0 || begin >= capacity
          ? NULL
          : ptl_fitting_extents(walk->arena, walk->target, &size, capacity - begin);
  return extents ? ptl_arena_printf(walk->arena, "; from there %s", extents) : "";
}

static void check_place(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_space space = tile->type.space;
  int64_t capacity = walk->target->capacity_bytes[space];
  int64_t alignment = ptl_target_alignment(walk->target, space);
  if (tile->range.begin_bytes < 0 || tile->range.end_bytes > capacity) {
    ptl_walk_fault(walk, PTL_CODE_OUTSIDE_OF_BUFFER, op, NULL,
                   "%s takes bytes %" PRId64 " to %" PRId64 " of %s, which has %" PRId64 "%s",
                   ptl_walk_name(walk, op->first_result), tile->range.begin_bytes,
                   tile->range.end_bytes, ptl_space_name(space), capacity,
                   what_fits(walk, tile, capacity));
  }
  if (alignment > 0 && tile->range.begin_bytes % alignment != 0) {
    ptl_walk_fault(walk, PTL_CODE_MISALIGNED, op, NULL,
                   "the address of %s, %" PRId64 ", is not a multiple of %" PRId64 ", as %s asks",
                   ptl_walk_name(walk, op->first_result), tile->range.begin_bytes, alignment,
                   ptl_space_name(space));
  }
}

/* Each place of an alloc_tile once. */
static void note_place(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_noted *noted = walk->noted;
  int last = noted->last_place[op->index];
  for (int i = last; i >= 0; i = noted->places[i].previous) {
    if (ptl_range_equal(&noted->places[i].range, &tile->range)) {
      return;
    }
  }
  noted->places = ptl_arena_more(walk->arena, noted->places, noted->place_count,
                                 &noted->place_capacity, sizeof(ptl_place));
  noted->last_place[op->index] = noted->place_count;
  noted->places[noted->place_count++] = (ptl_place){op, tile->range, last};
}

void ptl_walk_alloc(ptl_walk *walk, const ptl_op *op, const ptl_op *at) {
  const ptl_value *value = ptl_value_at(walk, op->first_result);
  if (!value->is_tile) {
    return;
  }
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  int64_t address = 0;
  tile->type = value->tile;
  tile->alloc = op;
  bool is_constant = op->address < 0 ||
                     ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->address), &address);
  tile->has_range = is_constant && ptl_address_is_possible(address);
  address += tile->has_range ? ptl_slot_offset_bytes(walk->target, &tile->type, op->imm) : 0;
  int64_t bytes = tile->has_range ? ptl_tile_bytes(walk->target, &tile->type)
                                  : walk->target->capacity_bytes[tile->type.space];
  int64_t begin = tile->has_range ? address : 0;
  tile->range = (ptl_range){.space = tile->type.space,
                            .buffer = op->address < 0 ? at->place + 1 : 0,
                            .begin_bytes = begin,
                            .end_bytes = begin + bytes};
  tile->valid_rows = op->valid_row >= 0 ? ptl_integer_at(walk, op->valid_row)
                                        : ptl_expr_const(walk->exprs, tile->type.valid_rows);
  tile->valid_cols = op->valid_col >= 0 ? ptl_integer_at(walk, op->valid_col)
                                        : ptl_expr_const(walk->exprs, tile->type.valid_cols);
  tile->is_known = tile->has_range;
  walk->bindings[op->first_result].tile = tile;
  if (walk->noted && tile->has_range) {
    note_place(walk, at, tile);
  }
  if (!tile->has_range) {
    walk->state.owners.is_lost[tile->type.space] = true;
  }
  if (is_constant && !tile->has_range) {
    ptl_walk_fault(walk, PTL_CODE_OUTSIDE_OF_BUFFER, at, NULL,
                   "the address of %s, %" PRId64 ", is outside of any buffer; %s has %" PRId64
                   " bytes",
                   ptl_walk_name(walk, op->first_result), address, ptl_space_name(tile->type.space),
                   walk->target->capacity_bytes[tile->type.space]);
  } else if (!tile->has_range) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, at, NULL, "the address of %s is not a constant",
                   ptl_walk_name(walk, op->first_result));
  } else if (op->address >= 0) {
    check_place(walk, at, tile);
  }
}

static void walk_validshape(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->operands[0]];
  const ptl_tile *old = ptl_tile_at(walk, op->operands[0]);
  if (old) {
    ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
    *tile = *old;
    tile->valid_rows = ptl_integer_at(walk, op->operands[1]);
    tile->valid_cols = ptl_integer_at(walk, op->operands[2]);
    binding->is_set = true;
    ptl_shapes_set(&walk->state.shapes, op->operands[0], tile);
  }
}

const ptl_tile *ptl_tile_at(const ptl_walk *walk, int value) {
  const ptl_binding *binding = &walk->bindings[value];
  const ptl_tile *set = binding->is_set ? ptl_shapes_find(&walk->state.shapes, value) : NULL;
  return set ? set : binding->tile;
}

/* The tile of an operand, if its place is known; else a fault. */
const ptl_tile *ptl_placed_tile(ptl_walk *walk, const ptl_op *op, int operand) {
  const ptl_tile *tile = ptl_tile_at(walk, op->operands[operand]);
  if (!tile || !tile->is_known) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "it is not known where %s lies",
                   ptl_walk_name(walk, op->operands[operand]));
    return NULL;
  }
  return tile;
}

/* That another tile is in the place of what is lost, if it is. */
static const char *same_place_text(const ptl_walk *walk, const ptl_op *op,
                                   const ptl_content *lost) {
  int own = ptl_written_tile(walk->kernel, op);
  int other = ptl_written_tile(walk->kernel, lost->writer);
  const ptl_tile *a = own >= 0 ? ptl_tile_at(walk, own) : NULL;
  const ptl_tile *b = other >= 0 ? ptl_tile_at(walk, other) : NULL;
  return !a || !b || a->alloc == b->alloc || walk->hearing == PTL_HEARS_NOTHING
             ? ""
             : ptl_arena_printf(walk->arena, ": %s lies on the same bytes",
                                ptl_walk_name(walk, own));
}

void ptl_write_content(ptl_walk *walk, const ptl_op *op, const ptl_content *content) {
  const ptl_content *lost;
  ptl_content written = *content;
  written.step = walk->steps;
  ptl_walk_note_write(walk, content->range);
  ptl_memory_write(&walk->state.memory, &written, &lost);
  if (lost && lost->step >= walk->maybe_begin) { /* else it may be read on another path */
    ptl_walk_fault(walk, PTL_CODE_LOST_DATA, op, lost->writer,
                   "this overwrites %s in %s that nothing has read%s",
                   lost->holds == PTL_HOLDS_SUM ? "the product" : "the data",
                   ptl_walk_written_text(walk, lost->writer), same_place_text(walk, op, lost));
  }
}

void ptl_write_unknown(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile, const char *why) {
  if (tile && tile->is_known) {
    ptl_walk_note_write(walk, tile->range);
    ptl_memory_forget(&walk->state.memory, tile->range, op, why);
  }
}

void ptl_walk_give_up(ptl_walk *walk, const ptl_op *op, const char *why) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (!tile || !ptl_is_cube_space(tile->type.space)) {
      continue;
    }
    ptl_memory_mark_read(&walk->state.memory, tile->range);
    if (op->access[i] != PTL_ACCESS_READ) {
      ptl_walk_note_write(walk, tile->range);
      ptl_memory_forget(&walk->state.memory, tile->range, op, why);
    }
  }
}

static void fault_overwritten(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                              const ptl_op *writer, int64_t by_bytes) {
  const char *by = ptl_written_tile(walk->kernel, writer) >= 0
                       ? ptl_walk_written_text(walk, writer)
                       : ptl_arena_printf(walk->arena, "a tile at %" PRId64, by_bytes);
  ptl_walk_fault(walk, PTL_CODE_TILE_OVERWRITTEN_IN_PART, op, writer,
                 "the %s was overwritten by %s, which overlaps it in part",
                 ptl_walk_tile_text(walk, tile), by);
}

static void fault_unknown(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const ptl_content *content) {
  ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, content->writer,
                 "it is not known what the %s holds: %s", ptl_walk_tile_text(walk, tile),
                 content->why);
}

/* What a tile holds, as it was written; NULL with a fault if that is not known. */
ptl_content *ptl_read_tile(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_content *content = ptl_memory_find(&walk->state.memory, tile->range);
  const ptl_content *other = content ? NULL : ptl_memory_overlap(&walk->state.memory, tile->range);
  if (content && content->holds != PTL_HOLDS_UNKNOWN) {
    content->is_read = true;
    return content;
  }
  if (content && content->is_torn) {
    fault_overwritten(walk, op, tile, content->writer, content->torn_by_bytes);
  } else if (content) {
    fault_unknown(walk, op, tile, content);
  } else if (other && other->holds == PTL_HOLDS_UNKNOWN) {
    fault_unknown(walk, op, tile, other);
  } else if (other && ptl_ranges_may_be_apart(&other->range, &tile->range)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, other->writer,
                   "it is not known whether the %s is the slot that was written",
                   ptl_walk_tile_text(walk, tile));
  } else if (other) {
    fault_overwritten(walk, op, tile, other->writer, other->range.begin_bytes);
  } else {
    ptl_walk_fault(walk, PTL_CODE_READ_BEFORE_WRITE, op, NULL,
                   "the %s is read, but nothing was written there", ptl_walk_tile_text(walk, tile));
  }
  return NULL;
}

void ptl_walk_tile_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_PUSH || op->kind == PTL_OP_OTHER) {
    ptl_walk_tell_path(walk, PTL_EVENT_OP, op);
  }
  ptl_gm_windows_walk_op(walk, op);
  ptl_bounds_walk_op(walk, op);
  ptl_gm_walk_op(walk, op);
  switch (op->kind) {
  case PTL_OP_VIEW:
    walk_view(walk, op);
    break;
  case PTL_OP_PART:
    walk_part(walk, op);
    break;
  case PTL_OP_ALLOC:
    ptl_walk_alloc(walk, op, op);
    break;
  case PTL_OP_ALLOC_MULTI:
    ptl_walk_alloc_multi(walk, op);
    break;
  case PTL_OP_SLOT:
    ptl_walk_slot(walk, op);
    break;
  case PTL_OP_VALIDSHAPE:
    walk_validshape(walk, op);
    break;
  case PTL_OP_LOAD:
    ptl_walk_load(walk, op);
    break;
  case PTL_OP_EXTRACT:
    ptl_walk_extract(walk, op);
    break;
  case PTL_OP_MOVE:
    ptl_walk_move(walk, op);
    break;
  case PTL_OP_MATMUL:
  case PTL_OP_MATMUL_ACC:
  case PTL_OP_PRODUCT:
    ptl_walk_matmul(walk, op);
    break;
  case PTL_OP_STORE:
    ptl_walk_store(walk, op);
    break;
  case PTL_OP_PUSH:
    ptl_walk_sink(walk, op, -1);
    break;
  default:
    ptl_walk_other(walk, op);
    break;
  }
}
