/* Whether products can be computed some columns at a time, each of which leaves at once. */
#ifndef PTL_PASSES_COLUMNS_H
#define PTL_PASSES_COLUMNS_H

#include "ir/session.h"

/* Whether the results of ptolower.matmul ops of one block, or of a matmul_dual_acc, can be computed
 * and stored column by column, side by side, in front of the first store: they leave by stores of
 * all their columns, in this block, between which nothing else happens; and what is stored are
 * arguments that differ from each other and from those that are multiplied. */
bool ptl_leaves_in_columns(ptl_session *session, const MlirOperation *products, int count);

/* Whether the op stands for nothing that happens once the function is rewritten: it computes, makes
 * views, works on cube tiles, or is a product, a loop or a branch of such ops; or one of the stores
 * of these products. */
bool ptl_is_of_products(ptl_session *session, MlirOperation op, const MlirOperation *products,
                        int count);

/* Makes parts that are stored later than in front of the first store there. */
void ptl_hoist_stored_parts(ptl_session *session, MlirOperation first,
                            const MlirOperation *products, int count);

#endif
