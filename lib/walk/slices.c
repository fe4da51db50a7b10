/* Remembers which bytes of vector tiles a pto.subview has named, so that a second tile there is
 * taken for the same data. */
#include "walk/slices.h"

#include <string.h>

#include "walk/walk_state.h"

bool ptl_slices_have(const ptl_slices *slices, int root, const ptl_range *range) {
  for (int i = 0; i < slices->count; i++) {
    if (slices->items[i].root == root && ptl_range_equal(&slices->items[i].range, range)) {
      return true;
    }
  }
  return false;
}

static bool is_subview(const ptl_op *op) {
  return op->id == PTL_PTO_SUBVIEW && op->operand_count >= 3 && op->result_count == 1;
}

/* The bytes of rows x cols elements from (row, col) of a vector tile on; false if they are not
 * known, or not in one piece of its rows. */
static bool part_of(const ptl_walk *walk, const ptl_tile *tile, const ptl_op *op,
                    const ptl_tile_type *part, ptl_range *out) {
  int64_t row, col;
  if (!tile || !tile->is_known || tile->type.space != PTL_SPACE_VEC ||
      tile->type.blayout_col_major || tile->type.slayout != PTL_SLAYOUT_NONE ||
      (part->rows != 1 && part->cols != tile->type.cols) ||
      !ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->operands[1]), &row) ||
      !ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, op->operands[2]), &col) || row < 0 ||
      row > tile->type.rows || col < 0 || col > tile->type.cols) {
    return false;
  }
  int64_t size = ptl_elem_bytes(tile->type.elem);
  *out = tile->range;
  out->begin_bytes += (row * tile->type.cols + col) * size;
  out->end_bytes = out->begin_bytes + part->rows * part->cols * size;
  return true;
}

bool ptl_slice_range(const ptl_walk *walk, const ptl_op *op, ptl_range *out) {
  return is_subview(op) && part_of(walk, ptl_tile_at(walk, op->operands[0]), op,
                                   &ptl_value_at(walk, op->first_result)->tile, out);
}

void ptl_slices_note(ptl_walk *walk, const ptl_op *op) {
  if (!is_subview(op)) {
    return;
  }
  ptl_slices *slices = &walk->state.owners.slices;
  ptl_range range;
  if (!ptl_slice_range(walk, op, &range)) {
    return;
  }
  const ptl_tile *tile = ptl_tile_at(walk, op->operands[0]);
  if (ptl_slices_have(slices, tile->alloc->first_result, &range)) {
    return;
  }
  slices->items = ptl_arena_more(walk->arena, slices->items, slices->count, &slices->capacity,
                                 sizeof(ptl_slice));
  slices->items[slices->count++] = (ptl_slice){range, tile->alloc->first_result};
}

ptl_slices ptl_slices_fork(const ptl_slices *slices) {
  ptl_slices fork = *slices;
  size_t count = (size_t)slices->count;
  fork.items = ptl_arena_grow(slices->arena, slices->items, count, count, sizeof(ptl_slice));
  fork.capacity = slices->count;
  return fork;
}

void ptl_slices_meet(ptl_slices *slices, const ptl_slices *second) {
  int kept = 0;
  for (int i = 0; i < slices->count; i++) {
    ptl_slice slice = slices->items[i];
    if (ptl_slices_have(second, slice.root, &slice.range)) {
      slices->items[kept++] = slice;
    }
  }
  slices->count = kept;
}

bool ptl_stays_in_place(const ptl_walk *walk, const ptl_op *op) {
  if (op->kind != PTL_OP_EXTRACT) {
    return false;
  }
  const ptl_tile *from = ptl_tile_at(walk, op->operands[0]);
  const ptl_tile *to = ptl_tile_at(walk, op->operands[3]);
  ptl_range range;
  return to && to->is_known && to->type.slayout == PTL_SLAYOUT_NONE && from &&
         from->type.elem == to->type.elem && part_of(walk, from, op, &to->type, &range) &&
         ptl_range_equal(&range, &to->range);
}
