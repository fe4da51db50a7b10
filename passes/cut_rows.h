/* Products of more rows than an accumulator takes, as products of rows after each other. */
#ifndef PTL_PASSES_CUT_ROWS_H
#define PTL_PASSES_CUT_ROWS_H

#include "ir/session.h"

/* In how many products of equal height, at most `most_rows` each, this one can be cut: a
 * ptolower.matmul of `m` rows on parts of views, whose result one store takes whole. 0: it cannot.
 */
int ptl_row_tiles(MlirOperation matmul, int64_t m, int64_t most_rows);

/* How high the products are, at most `most_rows`, that `count` products of one lhs can be cut in,
 * where the last may be lower; 0: they cannot. */
int64_t ptl_row_tile(const MlirOperation *matmuls, int count, int64_t most_rows);

/* Puts products of `rows` rows and their stores in the place of `count` products of one lhs and
 * their stores, at the first of those; `out` gets the products, all of the first rows, then all of
 * the next. They have no tile of the input. */
void ptl_cut_rows(ptl_session *session, const MlirOperation *matmuls, int count, int64_t rows,
                  MlirOperation *out);

#endif
