/* Which tiles of a lowered product have to be compact, so that each is read at the pitch at which
 * it was written.
 *
 * mad writes an accumulator, and reads Left, at the valid rows rounded up to 16. tstore and
 * tpush_to_aiv read an accumulator at the rows of its type, compact ones at the valid rows; Left is
 * filled on a5 alike (docs/sim.md). Tiles are as high as the plan says, which is more where M is
 * not constant, or where ptoas, which places level2's accumulators by their types, has to keep more
 * free than is written.
 */
#ifndef PTL_PASSES_COMPACT_H
#define PTL_PASSES_COMPACT_H

#include "ir/session.h"
#include "plan/plan.h"

typedef struct ptl_pitch {
  bool acc_is_compact, left_is_compact;
} ptl_pitch;

/* What a ptolower.matmul or ptolower.matmul_dual_acc on parts of views asks for. False: its sinks
 * take rows that the product does not write. */
bool ptl_pitch_of(ptl_session *session, MlirOperation op, const ptl_plan *plan, ptl_pitch *out);

/* matmul, matmul_dual_acc: the accumulators that it stands for were compact. */
extern const char ptl_attr_compact[];

#endif
