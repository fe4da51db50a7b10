/* Works out which elements of global memory a view, or a part of one, names. */
#include "walk/gm_windows.h"

#include "walk/walk_state.h"

const ptl_gm_window *ptl_gm_window_at(ptl_walk *walk, int value) {
  ptl_binding *binding = &walk->bindings[value];
  if (!binding->gm_window && ptl_value_at(walk, value)->is_pointer) {
    ptl_gm_window *window = ptl_arena_alloc(walk->arena, sizeof(*window));
    *window = (ptl_gm_window){.root = value, .base = ptl_expr_const(walk->exprs, 0)};
    binding->gm_window = window;
  }
  return binding->gm_window;
}

static ptl_gm_window *copy_of(ptl_walk *walk, const ptl_gm_window *window) {
  ptl_gm_window *copy = ptl_arena_alloc(walk->arena, sizeof(*copy));
  *copy = *window;
  return copy;
}

static void walk_view(ptl_walk *walk, const ptl_op *op) {
  const ptl_gm_window *pointer = ptl_gm_window_at(walk, op->operands[0]);
  if (!pointer || op->rank > PTL_MAX_RANK) {
    return;
  }
  ptl_gm_window *window = copy_of(walk, pointer);
  window->rank = op->rank;
  for (int i = 0; i < op->rank; i++) {
    window->offsets[i] = ptl_expr_const(walk->exprs, 0);
    window->extents[i] = ptl_integer_at(walk, op->operands[1 + i]);
    window->strides[i] = ptl_integer_at(walk, op->operands[1 + op->rank + i]);
  }
  walk->bindings[op->first_result].gm_window = window;
}

static void walk_part(ptl_walk *walk, const ptl_op *op) {
  const ptl_gm_window *view = ptl_gm_window_at(walk, op->operands[0]);
  if (!view || view->rank != op->rank) {
    return;
  }
  ptl_gm_window *window = copy_of(walk, view);
  for (int i = 0; i < op->rank; i++) {
    window->offsets[i] =
        ptl_expr_add(walk->exprs, view->offsets[i], ptl_integer_at(walk, op->operands[1 + i]));
    window->extents[i] = ptl_integer_at(walk, op->operands[1 + op->rank + i]);
  }
  walk->bindings[op->first_result].gm_window = window;
}

static void walk_addptr(ptl_walk *walk, const ptl_op *op) {
  const ptl_gm_window *pointer = ptl_gm_window_at(walk, op->operands[0]);
  if (pointer && pointer->rank == 0) {
    ptl_gm_window *window = copy_of(walk, pointer);
    window->base = ptl_expr_add(walk->exprs, pointer->base, ptl_integer_at(walk, op->operands[1]));
    walk->bindings[op->first_result].gm_window = window;
  }
}

void ptl_gm_windows_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_VIEW) {
    walk_view(walk, op);
  } else if (op->kind == PTL_OP_PART) {
    walk_part(walk, op);
  } else if (op->id == PTL_PTO_ADDPTR && op->operand_count == 2 && op->result_count == 1) {
    walk_addptr(walk, op);
  }
}
