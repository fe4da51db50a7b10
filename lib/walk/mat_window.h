/* Windows of Mat tiles that loads fill one by one: rows that are gathered from several places.
 *
 * The walk that finds products follows them as far as to say what is multiplied: the whole tile is
 * then a matrix that lies nowhere in memory, whatever loads ran. Which bytes were filled is not
 * known, so that a walk that judges does not follow them.
 */
#ifndef PTL_WALK_MAT_WINDOW_H
#define PTL_WALK_MAT_WINDOW_H

#include "walk/walk_state.h"

/* Binds the result of a pto.subview of a Mat tile; false if it is none, or the walk judges. */
bool ptl_mat_window_bind(ptl_walk *walk, const ptl_op *op);

/* A load into a window; false if it is none. */
bool ptl_mat_window_load(ptl_walk *walk, const ptl_op *op);

/* What is in a tile that was filled through windows; false if `tile` is none. */
bool ptl_mat_window_read(ptl_walk *walk, const ptl_tile *tile, ptl_content *out);

#endif
