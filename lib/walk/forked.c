/* Keeps both sums of an accumulator to which the two paths of a meeting have added differently. */
#include "walk/forked.h"

#include "walk/walk_state.h"

/* The sum of a content on one side of a meeting, if it is known. */
static const ptl_sum *sum_on_side(const ptl_content *content, const ptl_meeting *meeting,
                                  int side) {
  const ptl_forked *forked = content->forked;
  if (content->holds == PTL_HOLDS_SUM) {
    return content->sum;
  }
  bool is_same =
      forked && meeting->condition >= 0 && forked->meeting.condition == meeting->condition;
  return is_same ? forked->sums[side] : NULL;
}

const ptl_forked *ptl_forked_meet(ptl_arena *arena, const ptl_content *first,
                                  const ptl_content *second, const ptl_meeting *meeting) {
  const ptl_sum *a = sum_on_side(first, meeting, 0), *b = sum_on_side(second, meeting, 1);
  if (meeting->condition < 0 || (!a && !b)) {
    return NULL;
  }
  ptl_forked *forked = ptl_arena_alloc(arena, sizeof(*forked));
  *forked = (ptl_forked){{a, b}, *meeting};
  return forked;
}

void ptl_forked_settle(const ptl_walk *walk, ptl_content *content) {
  const ptl_forked *forked = content->holds == PTL_HOLDS_UNKNOWN ? content->forked : NULL;
  ptl_truth truth =
      forked ? ptl_path_truth(&walk->path, walk->exprs, forked->meeting.condition) : PTL_UNKNOWN;
  const ptl_sum *sum = truth == PTL_UNKNOWN ? NULL : forked->sums[truth == PTL_TRUE ? 0 : 1];
  if (sum) {
    content->holds = PTL_HOLDS_SUM;
    content->sum = sum;
    content->forked = NULL;
  }
}

bool ptl_forked_leave(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                      ptl_content *content) {
  const ptl_forked *forked = content->holds == PTL_HOLDS_UNKNOWN ? content->forked : NULL;
  bool is_settled = forked && forked->sums[0] && forked->sums[1];
  if (!forked || walk->mode == PTL_WALK_ONCE) {
    return false;
  }
  const ptl_when *first =
      ptl_when_meet(walk->arena, walk->exprs, &forked->meeting, NULL, ptl_never, true);
  for (int side = 0; side < 2; side++) {
    const ptl_sum *sum = forked->sums[side];
    ptl_wholeness wholeness = sum ? ptl_sum_wholeness(walk->exprs, sum) : PTL_SUM_NOT_KNOWN;
    if (wholeness == PTL_SUM_BROKEN) {
      content->is_read = true;
      ptl_walk_fault_on_paths(walk, PTL_CODE_MIXED_SUM, op, tile, first, side == 0, NULL,
                              "leaves with K chunks that overlap, leave a gap, or (floats) are not "
                              "in ascending order,");
      return true;
    }
    is_settled = is_settled && wholeness == PTL_SUM_WHOLE && ptl_takes_product(walk, tile, sum);
  }
  content->is_read = content->is_read || is_settled;
  return is_settled;
}
