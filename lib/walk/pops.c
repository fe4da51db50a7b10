/* Tiles that the other core pushed and this one pops: data that is there, on the cube of a matrix
 * that this function does not know. A tile lies in a slot of the pipe, which no tile of the
 * function may overlap (pipes_memory.c): a buffer of its own for the walk. */
#include <mlir-c/BuiltinAttributes.h>

#include "walk/walk_state.h"

static int segment_size(const ptl_op *op, int group) {
  MlirAttribute sizes = mlirOperationGetAttributeByName(
      op->op, mlirStringRefCreateFromCString("operandSegmentSizes"));
  if (mlirAttributeIsNull(sizes) || !mlirAttributeIsADenseI32Array(sizes) ||
      group >= mlirDenseArrayGetNumElements(sizes)) {
    return 0;
  }
  return mlirDenseI32ArrayGetElement(sizes, group);
}

void ptl_pop_valid(ptl_walk *walk, const ptl_op *op, ptl_expr *rows, ptl_expr *cols) {
  const ptl_tile_type *type = &ptl_value_at(walk, op->first_result)->tile;
  bool is_given = segment_size(op, 0) == 1 && segment_size(op, 1) == 1;
  int64_t fixed_rows = type->valid_rows >= 0 ? type->valid_rows : type->rows;
  int64_t fixed_cols = type->valid_cols >= 0 ? type->valid_cols : type->cols;
  *rows =
      is_given ? ptl_integer_at(walk, op->operands[0]) : ptl_expr_const(walk->exprs, fixed_rows);
  *cols =
      is_given ? ptl_integer_at(walk, op->operands[1]) : ptl_expr_const(walk->exprs, fixed_cols);
}

bool ptl_op_pops_to_cube(const ptl_op *op) { return op->id == PTL_PTO_TPOP_FROM_AIV; }

static ptl_tile *popped_tile(ptl_walk *walk, const ptl_op *op) {
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  tile->type = ptl_value_at(walk, op->first_result)->tile;
  tile->alloc = op;
  tile->has_range = tile->is_known = true;
  tile->range = (ptl_range){.space = tile->type.space,
                            .buffer = op->first_result + 1,
                            .end_bytes = ptl_tile_bytes(walk->target, &tile->type)};
  ptl_pop_valid(walk, op, &tile->valid_rows, &tile->valid_cols);
  return tile;
}

static void write_popped(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_expr zero = ptl_expr_const(walk->exprs, 0);
  ptl_content content = {.range = tile->range,
                         .holds = PTL_HOLDS_REGION,
                         .type = tile->type,
                         .region = {.root = PTL_ROOT_POPPED,
                                    .instance = ++walk->pops,
                                    .elem = tile->type.elem,
                                    .row_stride = PTL_EXPR_NONE,
                                    .col_stride = PTL_EXPR_NONE,
                                    .row = zero,
                                    .col = zero,
                                    .rows = tile->valid_rows,
                                    .cols = tile->valid_cols,
                                    .view = op->first_result,
                                    .view_rows = tile->valid_rows,
                                    .view_cols = tile->valid_cols},
                         .writer = op,
                         .load = walk->event_count,
                         .is_read = true}; /* the consumer may drop it */
  ptl_write_content(walk, op, &content);
}

bool ptl_walk_pop(ptl_walk *walk, const ptl_op *op) {
  ptl_space space = ptl_op_pops_to_cube(op)           ? PTL_SPACE_MAT
                    : op->id == PTL_PTO_TPOP_FROM_AIC ? PTL_SPACE_VEC
                                                      : PTL_SPACE_COUNT;
  if (space == PTL_SPACE_COUNT || op->result_count != 1 ||
      !ptl_value_at(walk, op->first_result)->is_tile ||
      ptl_value_at(walk, op->first_result)->tile.space != space) {
    return false;
  }
  ptl_tile *tile = popped_tile(walk, op);
  walk->bindings[op->first_result].tile = tile;
  ptl_marks_set(&walk->state.owners.written, op->first_result, (ptl_mark){.is_written = true});
  if (space == PTL_SPACE_MAT) {
    write_popped(walk, op, tile);
  }
  return true;
}
