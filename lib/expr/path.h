/* What is known to hold at a point of the walk: the conditions of the branches around it, and that
 * the loops around it run.
 *
 * A condition is an expression that is -1 where it holds (expr.h). Equal conditions are equal
 * expressions, so a branch on a condition that an outer branch has decided is decided, too.
 */
#ifndef PTL_EXPR_PATH_H
#define PTL_EXPR_PATH_H

#include "expr/expr.h"
#include "kernel/kernel.h"

/* One decision: `condition` holds, because `op` is an scf.if whose block `branch` is walked, or an
 * scf.for whose body is. PTL_EXPR_NONE: nothing can be said of it. */
typedef struct ptl_decision {
  ptl_expr condition, opposite;
  const ptl_op *op;
  int branch;
  int64_t number; /* of the decision, counting up over the walk */
} ptl_decision;

typedef struct ptl_path {
  ptl_arena *arena;
  ptl_decision *items;
  int count, capacity;
  int64_t numbers; /* given out so far */
} ptl_path;

typedef enum ptl_truth { PTL_FALSE, PTL_TRUE, PTL_UNKNOWN } ptl_truth;

/* Inside of `op`, `condition` holds; both halves of an `and` are entered on their own. Returns what
 * ptl_path_leave wants back. */
int ptl_path_enter(ptl_path *path, ptl_exprs *exprs, const ptl_op *op, int branch,
                   ptl_expr condition);
void ptl_path_leave(ptl_path *path, int before);

/* Whether a condition holds here. */
ptl_truth ptl_path_truth(const ptl_path *path, const ptl_exprs *exprs, ptl_expr condition);

/* Whether a condition that is not decided may fail for all that was decided since decision number
 * `since`: none of those depends on it. Arguments of the kernel, its first `count` values from
 * `first` on, are independent of each other. */
bool ptl_path_is_free(const ptl_path *path, const ptl_exprs *exprs, ptl_expr condition,
                      int64_t since, int first, int count);

#endif
