/* The products of a kernel: which parts of which matrices are multiplied, and by
 * which ops the results leave. Found by a walk; knows nothing of how the input
 * loops or names things.
 */
#ifndef PTL_SUMMARY_PRODUCTS_H
#define PTL_SUMMARY_PRODUCTS_H

#include "walk/walk.h"

typedef struct ptl_product {
  const ptl_sum *sum;
  ptl_segment k;       /* the whole K interval */
  ptl_k_blocks blocks; /* where in the operands it lies; of length 0: in one piece */
  int64_t m_tile;      /* rows of the accumulator tile */
  int64_t most_rows;   /* that m is, as far as that is proved; else m_tile */
  ptl_expr rows;       /* that the sinks take; those after m are not defined */
  int64_t n;
  int64_t columns;      /* that the sinks take; those after n are not defined */
  const ptl_op **sinks; /* in program order; all in one block, or it stays */
  int sink_count, sink_capacity;
  int position; /* number of the first sink's event */
  int group;    /* products of one group share lhs, and can all be computed at the place of the
                   group's first sink without a change of what they read */
} ptl_product;

/* A loop around sinks of which it is known how often it runs. */
typedef struct ptl_known_loop {
  const ptl_op *op;
  int64_t turns;
} ptl_known_loop;

/* Why something is not so; no text: it is so. */
typedef struct ptl_reason {
  ptl_code code;
  const char *text;
  const ptl_op *op, *other; /* the second may be NULL */
} ptl_reason;

typedef struct ptl_products {
  ptl_product *items; /* in order of their first sinks */
  int count;
  ptl_known_loop *loops;
  int loop_count, loop_capacity;
  bool cannot_work; /* the kernel asks for what the chip cannot do; the products are known */
  ptl_reason why;   /* the function cannot be followed; without it every product is in `items` */
  ptl_reason stays; /* it can, but its products cannot be computed in another way or place */
} ptl_products;

/* Finds them along a walk (PTL_WALK_ONCE) that someone else runs, with these expressions. */
typedef struct ptl_finder ptl_finder;
ptl_finder *ptl_finder_new(ptl_arena *arena, const ptl_kernel *kernel, ptl_exprs *exprs);
void ptl_finder_listen(ptl_finder *finder, ptl_walk *walk, const ptl_event *event);
/* `walked`: what the walk returned. */
ptl_products ptl_finder_end(ptl_finder *finder, ptl_status walked);

/* Whether both multiply the same part of the same lhs. */
bool ptl_product_shares_lhs(const ptl_product *a, const ptl_product *b);

#endif
