/* Ops that move tiles: from GM to Mat, from Mat to Left and Right, from accumulator to accumulator.
 * What is moved is a part of what was loaded, or it is not followed. */
#include "walk/mat_window.h"
#include "walk/walk_state.h"

static bool is_nz(const ptl_tile_type *type) {
  return type->blayout_col_major && type->slayout == PTL_SLAYOUT_ROW;
}

static bool is_zn(const ptl_tile_type *type) {
  return !type->blayout_col_major && type->slayout == PTL_SLAYOUT_COL;
}

/* pto-isa loads rows into col_major/row_major boxes (ND -> NZ) and columns into row_major/col_major
 * boxes (DN -> ZN), and no others into boxes (pto-isa:docs/isa/TLOAD.md). */
static bool goes_by_rows(const ptl_walk *walk, const ptl_region *part, const ptl_tile_type *type) {
  return ptl_const_or(walk, part->col_stride, 0) == 1 && is_nz(type);
}

static bool goes_by_columns(const ptl_walk *walk, const ptl_region *part,
                            const ptl_tile_type *type) {
  return ptl_const_or(walk, part->row_stride, 0) == 1 && is_zn(type);
}

/* Rows as they are, which no product takes: those of a bias. */
static bool goes_as_it_is(const ptl_walk *walk, const ptl_region *part, const ptl_tile_type *type) {
  return ptl_const_or(walk, part->col_stride, 0) == 1 && type->slayout == PTL_SLAYOUT_NONE &&
         !type->blayout_col_major;
}

/* Columns of a view in row_major/col_major boxes have the bytes that rows of its transpose have in
 * col_major/row_major ones. */
static void turn(ptl_content *content) {
  content->region = ptl_region_turned(&content->region);
  const ptl_tile_type type = content->type;
  content->type.rows = type.cols;
  content->type.cols = type.rows;
  content->type.valid_rows = type.valid_cols;
  content->type.valid_cols = type.valid_rows;
  content->type.blayout_col_major = true;
  content->type.slayout = PTL_SLAYOUT_ROW;
}

static bool load_is_plain(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_binding *part = &walk->bindings[op->operands[0]];
  if (!part->is_part_known) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "the part that is loaded is not one of the rows of a matrix");
    return false;
  }
  if (!goes_by_rows(walk, &part->part, &tile->type) &&
      !goes_by_columns(walk, &part->part, &tile->type) &&
      !goes_as_it_is(walk, &part->part, &tile->type)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "only loads of row-major views into col_major/row_major tiles, and of "
                   "column-major views into row_major/col_major tiles, are followed");
    return false;
  }
  if (part->part.elem != tile->type.elem) {
    ptl_walk_fault(walk, PTL_CODE_ELEMENT_TYPES, op, NULL,
                   "a view of %s is loaded into a tile of %s", ptl_elem_name(part->part.elem),
                   ptl_elem_name(tile->type.elem));
    return false;
  }
  if (part->part.rows < 0 || part->part.rows != tile->valid_rows ||
      part->part.cols != tile->valid_cols) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "the part's extents are not the tile's valid extents");
    return false;
  }
  return true;
}

void ptl_walk_load(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *value = ptl_value_at(walk, op->operands[1]);
  if (!value->is_tile || !ptl_is_cube_space(value->tile.space)) {
    return;
  }
  if (ptl_mat_window_load(walk, op)) {
    return;
  }
  const ptl_tile *tile = ptl_placed_tile(walk, op, 1);
  if (!tile) {
    ptl_walk_give_up(walk, op, "a load that is not followed filled it");
    return;
  }
  if (tile->type.space != PTL_SPACE_MAT) {
    ptl_walk_fault(walk, PTL_CODE_NO_PATH, op, NULL, "tload cannot fill a %s tile",
                   ptl_space_name(tile->type.space));
    return;
  }
  ptl_event event = {.kind = PTL_EVENT_LOAD, .op = op, .to = tile->range, .tile = tile};
  event.bytes = ptl_valid_bytes(walk, tile);
  ptl_walk_report(walk, &event);
  if (!load_is_plain(walk, op, tile)) {
    ptl_write_unknown(walk, op, tile, "the load that filled it is not followed");
    return;
  }
  ptl_content content = {.range = tile->range,
                         .holds = PTL_HOLDS_REGION,
                         .type = tile->type,
                         .region = walk->bindings[op->operands[0]].part,
                         .writer = op,
                         .load = event.number};
  if (is_zn(&tile->type)) {
    turn(&content);
  }
  ptl_write_content(walk, op, &content);
}

/* Whether `tile` reads the content as it was written, or as its transpose. */
static bool orientation(const ptl_content *content, const ptl_tile *tile, bool *transposed) {
  const ptl_tile_type *a = &content->type;
  const ptl_tile_type *b = &tile->type;
  if (a->elem != b->elem || a->slayout == PTL_SLAYOUT_NONE || b->slayout == PTL_SLAYOUT_NONE) {
    return false;
  }
  *transposed = is_nz(a) && is_zn(b);
  if (*transposed) {
    return a->rows == b->cols && a->cols == b->rows;
  }
  return is_nz(a) == is_nz(b) && a->rows == b->rows && a->cols == b->cols;
}

/* begin + length <= limit, as far as that can be told. */
static bool fits(ptl_walk *walk, ptl_expr begin, ptl_expr length, ptl_expr limit) {
  int64_t slack;
  ptl_expr end = ptl_expr_add(walk->exprs, begin, length);
  if (ptl_expr_difference(walk->exprs, limit, end, &slack)) {
    return slack >= 0;
  }
  ptl_facts facts = ptl_facts_here(walk);
  return ptl_is_nonnegative(&facts, ptl_expr_sub(walk->exprs, limit, end));
}

/* The part of `content` that begins at (row, col) of `from` and is as large as the
 * valid part of `to`. */
static bool sub_region(ptl_walk *walk, const ptl_content *content, const ptl_tile *from,
                       ptl_expr row, ptl_expr col, const ptl_tile *to, ptl_content *out) {
  bool transposed;
  if (!orientation(content, from, &transposed)) {
    return false;
  }
  ptl_region region = content->region;
  ptl_expr down = transposed ? col : row;
  ptl_expr across = transposed ? row : col;
  ptl_expr rows = transposed ? to->valid_cols : to->valid_rows;
  ptl_expr cols = transposed ? to->valid_rows : to->valid_cols;
  if (!fits(walk, down, rows, region.rows) || !fits(walk, across, cols, region.cols)) {
    return false;
  }
  region.row = ptl_expr_add(walk->exprs, region.row, down);
  region.col = ptl_expr_add(walk->exprs, region.col, across);
  region.rows = rows;
  region.cols = cols;
  out->region = region;
  out->transposed = transposed;
  return true;
}

static bool is_operand_space(ptl_space space) {
  return space == PTL_SPACE_LEFT || space == PTL_SPACE_RIGHT;
}

static void transfer(ptl_walk *walk, const ptl_op *op, const ptl_tile *from, ptl_expr row,
                     ptl_expr col, const ptl_tile *to) {
  ptl_event event = {.kind = PTL_EVENT_EXTRACT,
                     .op = op,
                     .from = from->range,
                     .to = to->range,
                     .tile = to,
                     .bytes = ptl_tile_bytes(walk->target, &to->type),
                     .elem = to->type.elem,
                     .is_turned = to->type.space == PTL_SPACE_RIGHT && is_nz(&from->type)};
  ptl_walk_report(walk, &event);
  ptl_content gathered;
  const ptl_content *source =
      ptl_mat_window_read(walk, from, &gathered) ? &gathered : ptl_read_tile(walk, op, from);
  ptl_content content = {.range = to->range,
                         .holds = PTL_HOLDS_REGION,
                         .type = to->type,
                         .writer = op,
                         .load = source ? source->load : 0};
  if (!source) {
    ptl_write_unknown(walk, op, to, "what was moved into it is not known");
  } else if (source->holds != PTL_HOLDS_REGION ||
             !sub_region(walk, source, from, row, col, to, &content)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, source->writer,
                   "what is moved is not a part of what was loaded");
    ptl_write_unknown(walk, op, to, "what was moved into it is not known");
  } else {
    ptl_write_content(walk, op, &content);
  }
}

void ptl_walk_extract(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *source = ptl_value_at(walk, op->operands[0]);
  const ptl_value *target = ptl_value_at(walk, op->operands[3]);
  if (source->is_tile && target->is_tile && !ptl_is_cube_space(source->tile.space) &&
      !ptl_is_cube_space(target->tile.space)) {
    return;
  }
  const ptl_tile *from = ptl_placed_tile(walk, op, 0);
  const ptl_tile *to = ptl_placed_tile(walk, op, 3);
  if (!from || !to) {
    ptl_walk_give_up(walk, op, "what was moved into it is not known");
    return;
  }
  if (from->type.space != PTL_SPACE_MAT || !is_operand_space(to->type.space)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "an extract from %s to %s is not followed", ptl_space_name(from->type.space),
                   ptl_space_name(to->type.space));
    ptl_walk_give_up(walk, op, "what was moved into it is not known");
    return;
  }
  transfer(walk, op, from, ptl_integer_at(walk, op->operands[1]),
           ptl_integer_at(walk, op->operands[2]), to);
}

/* The chip cannot do it, but what it means is plain: `to` holds what `from` does. */
static void copy_accumulator(ptl_walk *walk, const ptl_op *op, const ptl_tile *from,
                             const ptl_tile *to) {
  ptl_walk_fault(walk, PTL_CODE_NO_PATH, op, NULL, "no path leads from acc to acc");
  if (from->type.elem != to->type.elem || from->type.rows != to->type.rows ||
      from->type.cols != to->type.cols) {
    ptl_walk_give_up(walk, op, "a move that is not followed filled it");
    return;
  }
  const ptl_content *source = ptl_read_tile(walk, op, from);
  if (ptl_range_equal(&from->range, &to->range)) {
    return;
  }
  if (!source) {
    ptl_write_unknown(walk, op, to, "what was moved into it is not known");
    return;
  }
  ptl_content content = *source;
  content.range = to->range;
  content.writer = op;
  content.is_read = true; /* `from` has it, too: nothing is lost if this is not read */
  ptl_write_content(walk, op, &content);
}

void ptl_walk_move(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *source = ptl_value_at(walk, op->operands[0]);
  const ptl_value *target = ptl_value_at(walk, op->operands[1]);
  if (!source->is_tile || !target->is_tile ||
      (!ptl_is_cube_space(source->tile.space) && !ptl_is_cube_space(target->tile.space))) {
    return;
  }
  const ptl_tile *from = ptl_placed_tile(walk, op, 0);
  const ptl_tile *to = ptl_placed_tile(walk, op, 1);
  if (from && to && from->type.space == PTL_SPACE_MAT && is_operand_space(to->type.space)) {
    ptl_expr zero = ptl_expr_const(walk->exprs, 0);
    transfer(walk, op, from, zero, zero, to);
    return;
  }
  if (from && to && from->type.space == PTL_SPACE_ACC && to->type.space == PTL_SPACE_ACC) {
    copy_accumulator(walk, op, from, to);
    return;
  }
  if (from && target->tile.space == PTL_SPACE_BIAS) {
    (void)ptl_read_tile(walk, op, from);
  }
  if (from && from->type.space == PTL_SPACE_ACC) {
    ptl_walk_sink(walk, op, -1);
  }
  ptl_walk_give_up(walk, op, "a move that is not followed filled it");
}
