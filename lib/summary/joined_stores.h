/* Stores that take a product piece by piece, as one store of all of it: how much leaves at once is
 * no effect. Pieces are rows after each other, or columns after each other, of stores in one block;
 * and columns after each other of one store in a loop over them.
 *
 * Columns are joined where that moves no store over another of the same tensor, and none over what
 * it multiplies: all of them are arguments of the function, and those that are written differ from
 * each other and from those that are read.
 */
#ifndef PTL_SUMMARY_JOINED_STORES_H
#define PTL_SUMMARY_JOINED_STORES_H

#include "walk/walk.h"

/* What stands for a store, and all that were joined with it. */
typedef struct ptl_joined_store {
  ptl_event event; /* of the first; its parts are those below */
  ptl_tile tile;
  ptl_region part;
  ptl_sum sum;
  ptl_content content;
  const ptl_op *parent; /* the loop or branch around it; NULL: the function's body */
  MlirBlock block;
  const char *loops; /* around it, as text */
} ptl_joined_store;

/* In the order of their first pieces. */
typedef struct ptl_joined_stores {
  ptl_arena *arena;
  ptl_exprs *exprs;
  const ptl_kernel *kernel;
  ptl_joined_store *items;
  int count, capacity;
} ptl_joined_stores;

/* Whether what this sink takes may be a piece: a product goes to a part of a matrix. */
bool ptl_joined_stores_take(const ptl_event *event);

/* Adds a store, or joins it with one that is there. `loops`: those around it, as text. */
void ptl_joined_stores_add(ptl_joined_stores *stores, const ptl_event *event, const char *loops);

/* The store as an event, which points into it. */
const ptl_event *ptl_joined_store_event(ptl_joined_store *store);

/* At the end of a loop with constant bounds: of the stores from number `first` on, which are all
 * that the loop does, those that go on from column to column become stores of all columns in front
 * of it. False: some are left in the loop. `loops`: those around the loop. */
bool ptl_joined_stores_leave(ptl_joined_stores *stores, int first, const ptl_walk *walk,
                             const ptl_op *loop, const char *loops);

/* Whether both have the same attributes, but for those that only say how operands are grouped. */
bool ptl_attributes_are_same(MlirOperation a, MlirOperation b);

#endif
