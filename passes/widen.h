/* Loops over the columns of products, as products of all columns. */
#ifndef PTL_PASSES_WIDEN_H
#define PTL_PASSES_WIDEN_H

#include "ir/session.h"

/* How often the loop around ptolower.matmul ops of one block runs, if all of it is their columns,
 * some on each turn, one after the other: each is a product of as many times its columns, that
 * leaves in columns (columns.h). 0: it is no such loop. */
int64_t ptl_columns_in_turns(ptl_session *session, const MlirOperation *products, int count);

/* Puts products of all columns in front of the loop and takes the loop away; `products` gets them.
 * They have no tile of the input. */
void ptl_widen(ptl_session *session, MlirOperation *products, int count, int64_t turns);

#endif
