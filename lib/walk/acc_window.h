/* Windows of accumulators: a pto.subview names rows and columns of one.
 *
 * The window begins at its parent's address + (row * 16 + column * rows of the parent) * 4 bytes
 * (PTOAS 0.60:lib/PTO/Transforms/PTOResolveBufferSelect.cpp, `computeTileAddress`). Its bytes are
 * in one piece if it has all rows, or one block column.
 */
#ifndef PTL_WALK_ACC_WINDOW_H
#define PTL_WALK_ACC_WINDOW_H

#include "walk/acc_pitch.h"

/* Binds the result of a pto.subview of an accumulator at constant offsets; false if it is none. */
bool ptl_acc_window_bind(ptl_walk *walk, const ptl_op *op);

/* A sink of a part of a product, or of several products side by side in the windows of one
 * accumulator; false if `op` is neither. */
bool ptl_acc_window_sink(ptl_walk *walk, const ptl_op *op, ptl_acc_reader reader);

#endif
