/* Taking out the code that a rewritten kernel no longer needs. */
#ifndef PTL_PASSES_ERASE_H
#define PTL_PASSES_ERASE_H

#include "ir/session.h"

/* Whether the op has an operand or a result that is a Mat, Left, Right or Acc tile. */
bool ptl_is_cube_op(ptl_session *session, MlirOperation op);

/* Whether the op computes, or makes views or tiles: without its results it is nothing. */
bool ptl_has_no_effect(MlirOperation op);

/* Erases every op on cube tiles inside `func`; none of their results may be used
 * by an op that stays. */
void ptl_erase_cube_ops(ptl_session *session, MlirOperation func);

/* Erases ops without effect whose results are not used, and empty loops and ifs. */
void ptl_erase_dead_ops(ptl_session *session, MlirOperation func);

#endif
