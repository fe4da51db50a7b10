/* The conditions that hold at a point of the walk, in the order in which they were decided. */
#include "expr/path.h"

static void add(ptl_path *path, ptl_exprs *exprs, const ptl_op *op, int branch,
                ptl_expr condition) {
  ptl_expr opposite = ptl_expr_not(exprs, condition);
  path->items =
      ptl_arena_more(path->arena, path->items, path->count, &path->capacity, sizeof(ptl_decision));
  path->items[path->count++] = (ptl_decision){condition, opposite, op, branch, ++path->numbers};
}

int ptl_path_enter(ptl_path *path, ptl_exprs *exprs, const ptl_op *op, int branch,
                   ptl_expr condition) {
  int before = path->count;
  ptl_expr a, b, rest = condition;
  while (ptl_expr_is_and(exprs, rest, &a, &b)) {
    add(path, exprs, op, branch, a);
    rest = b;
  }
  add(path, exprs, op, branch, rest);
  return before;
}

void ptl_path_leave(ptl_path *path, int before) { path->count = before; }

/* How deep conditions made of conditions are taken apart. */
enum { MAX_DEPTH = 16 };

static ptl_truth both(ptl_truth a, ptl_truth b) {
  return a == PTL_FALSE || b == PTL_FALSE ? PTL_FALSE
         : a == PTL_TRUE && b == PTL_TRUE ? PTL_TRUE
                                          : PTL_UNKNOWN;
}

static ptl_truth truth_of(const ptl_path *path, const ptl_exprs *exprs, ptl_expr condition,
                          int depth) {
  int64_t constant;
  if (condition < 0) {
    return PTL_UNKNOWN;
  }
  if (ptl_expr_is_const(exprs, condition, &constant)) {
    return constant != 0 ? PTL_TRUE : PTL_FALSE;
  }
  for (int i = 0; i < path->count; i++) {
    if (path->items[i].condition == condition) {
      return PTL_TRUE;
    }
    if (path->items[i].opposite == condition) {
      return PTL_FALSE;
    }
  }
  ptl_expr a, b;
  if (depth == 0 || !ptl_expr_is_and(exprs, condition, &a, &b)) {
    return PTL_UNKNOWN;
  }
  return both(truth_of(path, exprs, a, depth - 1), truth_of(path, exprs, b, depth - 1));
}

ptl_truth ptl_path_truth(const ptl_path *path, const ptl_exprs *exprs, ptl_expr condition) {
  return truth_of(path, exprs, condition, MAX_DEPTH);
}

bool ptl_path_is_free(const ptl_path *path, const ptl_exprs *exprs, ptl_expr condition,
                      int64_t since, int first, int count) {
  for (int i = 0; i < path->count; i++) {
    const ptl_decision *decision = &path->items[i];
    if (decision->number > since &&
        !ptl_expr_are_independent(exprs, decision->condition, condition, first, count)) {
      return false;
    }
  }
  return true;
}
