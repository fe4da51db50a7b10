/* Products of more rows than an accumulator takes, as products of rows after each other. */
#ifndef PTL_PASSES_CUT_ROWS_H
#define PTL_PASSES_CUT_ROWS_H

#include "ir/session.h"

/* In how many products of equal height, at most `most_rows` each, this one can be cut: a
 * ptolower.matmul of `m` rows on parts of views, whose result one store takes whole. 0: it cannot.
 */
int ptl_row_tiles(MlirOperation matmul, int64_t m, int64_t most_rows);

/* Puts `count` products and stores in the place of the product and its store; `out` gets the
 * products, which have no tile of the input. */
void ptl_cut_rows(ptl_session *session, MlirOperation matmul, int count, MlirOperation *out);

#endif
