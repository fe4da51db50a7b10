/* What is so on some of the paths that lead to the op that is walked, and not on others. */
#include "walk/walk_state.h"

ptl_truth ptl_walk_truth(const ptl_walk *walk, const ptl_when *when) {
  return ptl_when_truth(when, &walk->path, walk->exprs);
}

static ptl_doubt doubt_of(const ptl_walk *walk, const ptl_when *when, bool wanted) {
  const ptl_block *body = walk->kernel->body;
  return ptl_when_doubt(when, &walk->path, walk->exprs, body->first_argument, body->argument_count,
                        wanted);
}

/* "if the loop in line 12 has no iteration": the paths on which `doubt` is not so. */
static const char *path_of(ptl_walk *walk, const ptl_doubt *doubt, bool is_so) {
  bool first = doubt->first == is_so;
  int line = (int)ptl_op_loc(walk->arena, doubt->op).line;
  return doubt->op->kind == PTL_OP_FOR
             ? ptl_arena_printf(walk->arena, "if the loop in line %d %s", line,
                                first ? "runs" : "has no iteration")
             : ptl_arena_printf(walk->arena, "if the condition in line %d is %s", line,
                                first ? "true" : "false");
}

void ptl_walk_fault_on_paths(ptl_walk *walk, ptl_code fault, const ptl_op *op, const ptl_tile *tile,
                             const ptl_when *when, bool is_so, const ptl_op *other,
                             const char *what) {
  ptl_doubt doubt = doubt_of(walk, when, is_so);
  if (doubt.op && doubt.is_certain) {
    ptl_walk_fault(walk, fault, op, other ? other : doubt.op, "the %s %s %s",
                   ptl_walk_tile_text(walk, tile), what, path_of(walk, &doubt, is_so));
  } else if (walk->mode != PTL_WALK_ONCE) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, other ? other : doubt.op,
                   "the %s is read here, and it is not known whether all paths that lead here have "
                   "written it last",
                   ptl_walk_tile_text(walk, tile));
  }
}
