/* Whether parts of views stay inside of them, and whether what is valid of a tile is not negative.
 *
 * An offset and an extent are looked at at every visit of the walk, with what its path tells. What
 * fails at a visit that surely takes place, or at all visits, is an error. What may be negative by
 * one argument is a warning, with a value of it. An upper end that arguments decide is an
 * assumption, and so is that two arguments go together, and that a launch has no more blocks than
 * the kernel can take: an event at the end of the walk.
 */
#ifndef PTL_WALK_BOUNDS_H
#define PTL_WALK_BOUNDS_H

#include "expr/sign.h"
#include "kernel/kernel.h"

struct ptl_walk;
struct ptl_event;

/* What has been seen of one number of one op. */
typedef struct ptl_bound {
  const ptl_op *op;
  int extent;                     /* value number of an extent; -1: an offset, or an end */
  int visits, failures, searches; /* for a witness: they take time */
  bool is_told;
  const char *failure, *warning;    /* the first one; NULL: none */
  const struct ptl_question *taken; /* what is assumed to be right, likewise */
} ptl_bound;

typedef struct ptl_bounds {
  ptl_bound *items; /* in the order of the first visit */
  int count, capacity;
  int *first; /* by an op's index: its first item, the others follow; -1: none */
} ptl_bounds;

void ptl_bounds_init(ptl_bounds *bounds, ptl_arena *arena, const ptl_kernel *kernel);

/* Called for each op on views and tiles, after its own effect. */
void ptl_bounds_walk_op(struct ptl_walk *walk, const ptl_op *op);

/* Reports what is known only when the walk is over. */
void ptl_bounds_finish(struct ptl_walk *walk);

/* What is assumed, in words; for the listener to a PTL_EVENT_ASSUMPTION. */
const char *ptl_assumption_text(struct ptl_walk *walk, const struct ptl_event *event);

/* What holds on the path that the walk is on. */
ptl_facts ptl_facts_here(struct ptl_walk *walk);

#endif
