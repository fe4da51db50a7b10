/* Where in global memory a view, or a part of one, lies: of any rank. */
#ifndef PTL_WALK_GM_WINDOWS_H
#define PTL_WALK_GM_WINDOWS_H

#include "expr/expr.h"
#include "kernel/kernel.h"

enum { PTL_MAX_RANK = 5 };

/* A pointer (rank 0), or the elements of a box that it points to. Expressions may be PTL_EXPR_NONE.
 */
typedef struct ptl_gm_window {
  int root;      /* value number of the pointer that the kernel was given */
  ptl_expr base; /* what was added to that, in elements */
  int rank;
  ptl_expr offsets[PTL_MAX_RANK], extents[PTL_MAX_RANK];
  ptl_expr strides[PTL_MAX_RANK]; /* in elements */
} ptl_gm_window;

struct ptl_walk;

/* The windows of make_tensor_view, partition_view and addptr, bound to their results. */
void ptl_gm_windows_walk_op(struct ptl_walk *walk, const ptl_op *op);

/* That of a view, part or pointer; NULL if it is not known. */
const ptl_gm_window *ptl_gm_window_at(struct ptl_walk *walk, int value);

#endif
