/* On which of the paths that met something is so: that a tile was written, or that bytes belong to
 * another one.
 *
 * A formula over the conditions of the branches and loops that have met. NULL: on all paths. What a
 * path decides again later (path.h) decides the formula.
 */
#ifndef PTL_EXPR_WHEN_H
#define PTL_EXPR_WHEN_H

#include "expr/path.h"

typedef struct ptl_when ptl_when;

/* Where two paths met: `condition` holds on the first and not on the second. PTL_EXPR_NONE: nothing
 * tells them apart. */
typedef struct ptl_meeting {
  const ptl_op *op; /* the scf.if, or the scf.for that ran or did not */
  ptl_expr condition;
  int64_t number; /* decisions made before (path.h) */
} ptl_meeting;

/* On no path. */
extern const ptl_when *const ptl_never;

/* So on the first path where `first` holds, on the second where `second` does. Where that grows too
 * large, it is not known (`is_exact`), or taken to be so on more paths than it is. */
const ptl_when *ptl_when_meet(ptl_arena *arena, ptl_exprs *exprs, const ptl_meeting *meeting,
                              const ptl_when *first, const ptl_when *second, bool is_exact);

/* So where one of two is; not known where that grows too large. */
const ptl_when *ptl_when_either(ptl_arena *arena, const ptl_when *a, const ptl_when *b);

/* Whether it is so here. PTL_UNKNOWN: on some of the paths that lead here. */
ptl_truth ptl_when_truth(const ptl_when *when, const ptl_path *path, const ptl_exprs *exprs);

/* What decides a formula that is not known: the op that met and on which side it is so; and whether
 * there surely are paths on which it is so (`wanted`) or not so: the conditions that are not
 * decided do not depend on each other, nor on what was decided since (`ptl_path_is_free`). */
typedef struct ptl_doubt {
  const ptl_op *op;
  bool first; /* so on the first path */
  bool is_certain;
} ptl_doubt;

ptl_doubt ptl_when_doubt(const ptl_when *when, const ptl_path *path, const ptl_exprs *exprs,
                         int first_argument, int argument_count, bool wanted);

#endif
