/* Other names for bytes of a tile: a window of a vector tile's rows and columns (pto.subview), or
 * all of a tile in another shape (pto.treshape and the like). */
#ifndef PTL_WALK_WINDOW_H
#define PTL_WALK_WINDOW_H

#include "walk/walk.h"

/* A Mat tile in another shape of the same bytes, as its transpose (pto.treshape): gives the tile of
 * the op's result, a copy of its source's, its type. The result has the valid extents of its type;
 * ptoas asks for one space, one size in bytes, and boxes in both or in none
 * (PTOAS:lib/PTO/IR/PTO.cpp `TReshapeOp::verify`), pto-isa assigns the address
 * (pto-isa:include/pto/npu/a2a3/TReshape.hpp). False if the op is none of these. */
bool ptl_reshape_bind(ptl_walk *walk, const ptl_op *op, ptl_tile *tile);

/* Gives the tile of an op's result, a copy of its source's, its window, if that is known. */
void ptl_window_bind(ptl_walk *walk, const ptl_op *op, ptl_tile *tile);

/* The tile's window; without one it is the whole tile. */
ptl_window ptl_window_of(const ptl_tile *tile);

/* Whether a is the tile that b is, or a part of it, and they may have no byte in common: they do
 * not, or one of them is a part that is not known. */
bool ptl_windows_may_be_apart(const ptl_walk *walk, const ptl_tile *a, const ptl_tile *b);

#endif
