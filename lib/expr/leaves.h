/* What is known of leaves (expr.h): where a value comes from that is nothing but itself. */
#ifndef PTL_EXPR_LEAVES_H
#define PTL_EXPR_LEAVES_H

#include "expr/expr.h"
#include "kernel/kernel.h"

typedef enum ptl_leaf_kind {
  PTL_LEAF_UNKNOWN,  /* what an op gives that is not arithmetic: loaded, carried by a loop */
  PTL_LEAF_ARGUMENT, /* of the kernel: any value that is not negative */
  PTL_LEAF_INDEX,    /* of the block or of its half: below a count that the launch decides */
  PTL_LEAF_COUNT,    /* of blocks: not 0 */
  PTL_LEAF_LOOP,     /* a loop's variable, in any iteration: lower, upper, step */
  PTL_LEAF_TURN,     /* counts the iterations from the second on: the variable is `variable` */
  PTL_LEAF_CHOICE,   /* one of two, by a condition: a where it holds, else b */
} ptl_leaf_kind;

typedef struct ptl_leaf {
  ptl_leaf_kind kind;
  int value;    /* number of the kernel's value */
  bool is_flag; /* an i1 */
  ptl_expr lower, upper, step, variable;
  ptl_expr condition, a, b;
} ptl_leaf;

typedef struct ptl_leaves {
  ptl_arena *arena;
  ptl_leaf *items; /* by number of the leaf */
  int count, capacity;
} ptl_leaves;

void ptl_leaves_note(ptl_leaves *leaves, int number, const ptl_leaf *leaf);

/* What a leaf is that stands for a value of the kernel, by the op that gives it, or the name by
 * which pypto has the runtime give it. */
ptl_leaf ptl_leaf_of_value(const ptl_kernel *kernel, int value);

/* PTL_LEAF_UNKNOWN, of value -1, if nothing was noted. */
ptl_leaf ptl_leaves_at(const ptl_leaves *leaves, int number);

#endif
