/* What an op's output may lie on.
 *
 * Element by element an op may write where it reads: onto the same place, in rows of the same
 * pitch. Others still read an operand when they have begun to write: rows that are put side by
 * side, a vector that each row takes, a list that is sorted. Which ones, says one table.
 */
#ifndef PTL_WALK_IN_PLACE_H
#define PTL_WALK_IN_PLACE_H

#include "kernel/kernel.h"

struct ptl_walk;

/* Reports an output on an operand that the op has not read to its end, and scratch on anything. */
void ptl_in_place_check(struct ptl_walk *walk, const ptl_op *op);

#endif
