/* Slices of vector tiles, as pypto writes them: a pto.subview names the bytes, and a second
 * alloc_tile at their address, or an extract onto themselves, uses them. */
#ifndef PTL_WALK_SLICES_H
#define PTL_WALK_SLICES_H

#include "kernel/kernel.h"
#include "target/range.h"

typedef struct ptl_slice {
  ptl_range range;
  int root; /* value number of the tile's alloc_tile */
} ptl_slice;

typedef struct ptl_slices {
  ptl_arena *arena;
  ptl_slice *items;
  int count, capacity;
} ptl_slices;

struct ptl_walk;

/* Called for every op: notes what a pto.subview names. */
void ptl_slices_note(struct ptl_walk *walk, const ptl_op *op);

/* See state.h. What only one path named is forgotten. */
ptl_slices ptl_slices_fork(const ptl_slices *slices);
void ptl_slices_meet(ptl_slices *slices, const ptl_slices *second);

/* Whether a subview of that tile names exactly these bytes. */
bool ptl_slices_have(const ptl_slices *slices, int root, const ptl_range *range);

/* The bytes that a pto.subview names, if they are known and in one piece. */
bool ptl_slice_range(const struct ptl_walk *walk, const ptl_op *op, ptl_range *out);

/* Whether an op extracts a slice onto itself: that moves nothing. */
bool ptl_stays_in_place(const struct ptl_walk *walk, const ptl_op *op);

#endif
