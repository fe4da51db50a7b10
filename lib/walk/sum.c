/* Judges the K intervals of a sum of products: whole, with a gap, with an overlap, or out of
 * order. */
#include <limits.h>

#include "support/checked.h"
#include "walk/walk.h"

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

bool ptl_sum_covers(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out) {
  int count = sum->segment_count;
  ptl_segment *segments = ptl_arena_grow(exprs->arena, sum->segments, (size_t)count, (size_t)count,
                                         sizeof(ptl_segment));
  int64_t *distances = ptl_arena_array(exprs->arena, (size_t)count, sizeof(int64_t));
  for (int i = 0; i < count; i++) {
    if (segments[i].lhs_row != segments[0].lhs_row ||
        !ptl_expr_difference(exprs, segments[i].lhs_k, segments[0].lhs_k, &distances[i])) {
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
    if (!ptl_add(out->length, segments[i].length, &out->length)) {
      return false;
    }
  }
  return true;
}

bool ptl_sum_join(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out) {
  bool is_float = sum->acc == PTL_ELEM_F32;
  return (!is_float || ascending(exprs, sum->segments, sum->segment_count)) &&
         ptl_sum_covers(exprs, sum, out);
}

/* A chunk of a blocked lhs and the one before it, as distances: to the right in the same block, or
 * at the begin of the next one, `*down` rows below (0: not known yet). */
static bool goes_on(ptl_exprs *exprs, const ptl_segment *before, const ptl_segment *next,
                    int64_t width, int64_t *down) {
  int64_t rows, k, begin, end;
  if (!ptl_expr_difference(exprs, next->lhs_row, before->lhs_row, &rows) ||
      !ptl_expr_difference(exprs, next->lhs_k, before->lhs_k, &k)) {
    return false;
  }
  if (rows == 0) {
    return k == before->length;
  }
  bool is_even = *down == 0 || *down == rows;
  *down = rows;
  return is_even && ptl_expr_is_const(exprs, before->lhs_k, &begin) &&
         ptl_add(begin, before->length, &end) && end == width && ptl_add(k, begin, &end) &&
         end == 0;
}

/* Whether the segments run through blocks of lhs, in even steps of rhs. */
static bool is_blocked(ptl_exprs *exprs, const ptl_sum *sum) {
  const ptl_segment *s = sum->segments;
  int64_t width, m, step, down = 0, along = 0;
  if (sum->lhs_transposed || !ptl_expr_is_const(exprs, sum->lhs.view_cols, &width) ||
      !ptl_expr_is_const(exprs, sum->m, &m)) {
    return false;
  }
  for (int i = 1; i < sum->segment_count; i++) {
    bool is_last = i == sum->segment_count - 1;
    if ((is_last ? s[i].length > s[0].length : s[i].length != s[0].length) ||
        !goes_on(exprs, &s[i - 1], &s[i], width, &down) ||
        !ptl_expr_difference(exprs, s[i].rhs_k, s[i - 1].rhs_k, &step) ||
        (i > 1 && step != along)) {
      return false;
    }
    along = step;
  }
  return down >= m && along >= s[0].length;
}

bool ptl_sum_blocks(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out, ptl_k_blocks *blocks) {
  const ptl_segment *s = sum->segments, *last = &s[sum->segment_count - 1];
  int64_t length = s[0].length, width, down = 0;
  if (!is_blocked(exprs, sum) || last->length != length || s[0].lhs_k != ptl_expr_const(exprs, 0) ||
      !ptl_expr_is_const(exprs, sum->lhs.view_cols, &width) ||
      !ptl_mul(sum->segment_count, length, &out->length)) {
    return false;
  }
  for (int i = 1; i < sum->segment_count && down == 0; i++) {
    (void)ptl_expr_difference(exprs, s[i].lhs_row, s[0].lhs_row, &down);
  }
  *blocks =
      (ptl_k_blocks){.length = length, .lhs_width = width, .lhs_down = down, .rhs_length = length};
  out->lhs_row = s[0].lhs_row;
  out->lhs_k = s[0].lhs_k;
  out->rhs_k = s[0].rhs_k;
  return width % length == 0 &&
         ptl_expr_difference(exprs, s[1].rhs_k, s[0].rhs_k, &blocks->rhs_step);
}

/* Sums of leaves are equal only if they are the same; of other expressions it is not known. */
static bool is_comparable(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return ptl_expr_is_linear(exprs, ptl_expr_sub(exprs, a, b), 0, INT_MAX);
}

ptl_wholeness ptl_sum_wholeness(ptl_exprs *exprs, const ptl_sum *sum) {
  ptl_segment joined;
  if (ptl_sum_join(exprs, sum, &joined) || is_blocked(exprs, sum)) {
    return PTL_SUM_WHOLE;
  }
  const ptl_segment *first = &sum->segments[0];
  for (int i = 1; i < sum->segment_count; i++) {
    if (!is_comparable(exprs, sum->segments[i].lhs_k, first->lhs_k) ||
        !is_comparable(exprs, sum->segments[i].rhs_k, first->rhs_k)) {
      return PTL_SUM_NOT_KNOWN;
    }
  }
  return PTL_SUM_BROKEN;
}
