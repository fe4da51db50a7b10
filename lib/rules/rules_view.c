/* Rules for make_tensor_view and partition_view. */
#include "rules/rules_state.h"
#include "support/checked.h"

/* ptoas: "ptr element type must match tensor_view element type", "shape/strides operand counts
 * must match tensor_view rank". */
const char *ptl_rule_view(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *pointer = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *view = ptl_rule_result(r, op);
  if (view->kind != PTL_TYPE_VIEW) {
    return NULL;
  }
  if (pointer->kind == PTL_TYPE_TILE || pointer->kind == PTL_TYPE_VIEW ||
      pointer->kind == PTL_TYPE_INTEGER) {
    return "a view is made of a pointer to global memory, !pto.ptr";
  }
  if (pointer->kind == PTL_TYPE_POINTER && !ptl_same_elem(pointer, view)) {
    return PTL_RULE_SAY(r, "the pointer is to %.*s, the view of %.*s; they have to be the same",
                        PTL_STR(pointer->elem), PTL_STR(view->elem));
  }
  int shape = ptl_rule_segment(op, 1, view->rank);
  int strides = ptl_rule_segment(op, 2, view->rank);
  if (shape == view->rank && strides == view->rank) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "the view has %d dimensions, so it takes as many extents and strides: not "
                      "%d and %d",
                      view->rank, shape, strides);
}

/* ptoas: "expects tensor_view source and partition_tensor_view result", "element type mismatch",
 * "offset count must match source rank". */
const char *ptl_rule_part_types(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *view = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *part = ptl_rule_result(r, op);
  if (view->kind == PTL_TYPE_PART || view->kind == PTL_TYPE_TILE || part->kind == PTL_TYPE_VIEW ||
      part->kind == PTL_TYPE_TILE) {
    return "a part is taken of a !pto.tensor_view, and is a !pto.partition_tensor_view";
  }
  if (view->kind != PTL_TYPE_VIEW || part->kind != PTL_TYPE_PART) {
    return NULL;
  }
  if (!ptl_same_elem(view, part)) {
    return PTL_RULE_SAY(r, "the view is of %.*s, its part of %.*s; they have to be the same",
                        PTL_STR(view->elem), PTL_STR(part->elem));
  }
  int offsets = ptl_rule_segment(op, 1, view->rank);
  int sizes = ptl_rule_segment(op, 2, view->rank);
  if (offsets == view->rank && sizes == view->rank) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "the view has %d dimensions, so its part takes as many offsets and sizes: "
                      "not %d and %d",
                      view->rank, offsets, sizes);
}

/* One dimension of a part; -1 and false: not known. */
typedef struct dimension {
  int number;
  bool has_offset, has_size;
  int64_t offset, size;
  int64_t of_view, of_part;
} dimension;

static const char *check_dimension(ptl_rules *r, const dimension *d) {
  if (d->has_offset && d->offset < 0) {
    return PTL_RULE_SAY(r, "the part begins at %" PRId64 " in dimension %d, before the view",
                        d->offset, d->number);
  }
  if (d->has_size && d->size <= 0) {
    return PTL_RULE_SAY(r,
                        "the part has %" PRId64 " elements in dimension %d; it takes at least one",
                        d->size, d->number);
  }
  if (d->has_size && d->of_part >= 0 && d->size != d->of_part) {
    return PTL_RULE_SAY(r,
                        "the part has %" PRId64 " elements in dimension %d, its type says %" PRId64,
                        d->size, d->number, d->of_part);
  }
  int64_t end = d->has_size ? ptl_add_saturated(d->has_offset ? d->offset : 0, d->size) : 0;
  if (d->of_view < 0 || end <= d->of_view) {
    return NULL;
  }
  return PTL_RULE_SAY(r, "the part ends at %" PRId64 " in dimension %d, the view at %" PRId64, end,
                      d->number, d->of_view);
}

/* ptoas: "offset at dim must be non-negative", "size ... positive", "size/result mismatch",
 * "exceeds static source dim". */
const char *ptl_rule_part_bounds(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *view = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *part = ptl_rule_result(r, op);
  if (view->kind != PTL_TYPE_VIEW || part->kind != PTL_TYPE_PART ||
      op->operand_count != 1 + 2 * view->rank) {
    return NULL;
  }
  for (int i = 0; i < view->rank; i++) {
    dimension d = {.number = i,
                   .of_view = view->extents[i],
                   .of_part = part->rank == view->rank ? part->extents[i] : -1};
    d.has_offset = ptl_rule_constant(r, op->operands[1 + i], &d.offset);
    d.has_size = ptl_rule_constant(r, op->operands[1 + view->rank + i], &d.size);
    const char *wrong = check_dimension(r, &d);
    if (wrong) {
      return wrong;
    }
  }
  return NULL;
}
