/* Slices of vector tiles, as pypto writes them: a pto.subview names the bytes, and a second
 * alloc_tile at their address, or an extract onto themselves, uses them. */
#ifndef PTL_KERNEL_SLICES_H
#define PTL_KERNEL_SLICES_H

#include "kernel/kernel.h"
#include "plan/timeline.h"

typedef struct ptl_slice {
  ptl_range range;
  int root; /* value number of the tile's alloc_tile */
} ptl_slice;

typedef struct ptl_slices {
  ptl_slice *items;
  int count, capacity;
} ptl_slices;

struct ptl_walk;

/* Called for every op: notes what a pto.subview names. */
void ptl_slices_note(struct ptl_walk *walk, const ptl_op *op);

/* Whether a subview of that tile names exactly these bytes. */
bool ptl_slices_have(const ptl_slices *slices, int root, const ptl_range *range);

/* Whether an op extracts a slice onto itself: that moves nothing. */
bool ptl_stays_in_place(const struct ptl_walk *walk, const ptl_op *op);

#endif
