#include "kernel/walk.h"

static bool ascending(ptl_exprs *exprs, const ptl_segment *segments, int count) {
  for (int i = 1; i < count; i++) {
    int64_t difference;
    if (!ptl_expr_difference(exprs, segments[i].lhs_k, segments[i - 1].lhs_k, &difference) ||
        difference < 0) {
      return false;
    }
  }
  return true;
}

static void sort_by_distance(ptl_segment *segments, int64_t *distances, int count) {
  for (int i = 1; i < count; i++) {
    ptl_segment segment = segments[i];
    int64_t distance = distances[i];
    int j = i;
    for (; j > 0 && distances[j - 1] > distance; j--) {
      segments[j] = segments[j - 1];
      distances[j] = distances[j - 1];
    }
    segments[j] = segment;
    distances[j] = distance;
  }
}

bool ptl_sum_join(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out) {
  int count = sum->segment_count;
  bool is_float = sum->acc == PTL_ELEM_F32;
  if (is_float && !ascending(exprs, sum->segments, count)) {
    return false;
  }
  ptl_segment *segments = ptl_arena_grow(exprs->arena, sum->segments, (size_t)count, (size_t)count,
                                         sizeof(ptl_segment));
  int64_t *distances = ptl_arena_array(exprs->arena, (size_t)count, sizeof(int64_t));
  for (int i = 0; i < count; i++) {
    if (!ptl_expr_difference(exprs, segments[i].lhs_k, segments[0].lhs_k, &distances[i])) {
      return false;
    }
  }
  sort_by_distance(segments, distances, count);
  *out = segments[0];
  for (int i = 1; i < count; i++) {
    if (segments[i].lhs_k != ptl_expr_add_const(exprs, out->lhs_k, out->length) ||
        segments[i].rhs_k != ptl_expr_add_const(exprs, out->rhs_k, out->length)) {
      return false;
    }
    out->length += segments[i].length;
  }
  return true;
}
