/* Inside of owners.h: the table of owners (owners.c), reads (owners_read.c) and ops (owners_ops.c).
 * Not for other parts of the walk. */
#ifndef PTL_WALK_OWNERS_STATE_H
#define PTL_WALK_OWNERS_STATE_H

#include "walk/owners.h"

struct ptl_tile;

/* Tiles of which `root` is one more. */
const ptl_roots *ptl_roots_with(ptl_arena *arena, const ptl_roots *roots, int root);
bool ptl_roots_have(const ptl_roots *roots, int root);

/* Takes the range from whoever had it; what they had around it stays theirs. The other tiles that
 * had it are lost. */
void ptl_owners_take(ptl_owners *owners, ptl_owner owner);

/* How far bytes that were written on every path go on from `begin`; `begin` if it is not one of
 * them. */
int64_t ptl_owners_written_until(const struct ptl_walk *walk, const ptl_owners *owners,
                                 const ptl_range *range, int64_t begin);

/* Whatever lies in the range counts as read. */
void ptl_owners_mark_read(struct ptl_walk *walk, const ptl_range *range);

/* Asks all that has to be so of a tile where an op reads it. */
void ptl_owners_check_read(struct ptl_walk *walk, const ptl_op *op, const struct ptl_tile *tile);

/* The tile of which this is a slice, or itself. */
const struct ptl_tile *ptl_whole_of(const struct ptl_walk *walk, const struct ptl_tile *tile);

/* Whether nothing is valid of it. */
bool ptl_tile_is_empty(struct ptl_walk *walk, const struct ptl_tile *tile);

#endif
