/* Two faults of others that a walk sees by what lies where.
 *
 * pto-isa keeps the last bytes of the vector buffer for itself: some ops put a vector there that
 * they were given no scratch tile for. A tile there is lost (PTL_CODE_VECTOR_SCRATCH_AREA).
 *
 * ptoas takes a pto.tci for an op of the scalar pipe. With a scratch tile it is one of the vector
 * pipe, so what ptoas lets wait for the scalar pipe comes too early (PTL_CODE_WRONG_PIPE).
 */
#ifndef PTL_WALK_HAZARDS_H
#define PTL_WALK_HAZARDS_H

#include "kernel/kernel.h"
#include "target/range.h"

struct ptl_walk;
struct ptl_tile;

/* Bytes that a pto.tci writes, for which nothing has waited so far. Never changed once made. */
typedef struct ptl_unawaited {
  const struct ptl_unawaited *next;
  const ptl_op *op;
  ptl_range range;
} ptl_unawaited;

/* At one point of a walk. A copy of it is a second one. */
typedef struct ptl_hazards {
  const ptl_op *scratch_user; /* the last op that used the bytes; NULL: none yet */
  int64_t scratch_time;       /* as times of owners.h */
  const ptl_unawaited *unawaited;
} ptl_hazards;

/* What may have happened on one of two paths has happened. */
void ptl_hazards_meet(ptl_arena *arena, ptl_hazards *hazards, const ptl_hazards *other);

/* Called for every op, in program order, before what it writes is noted. */
void ptl_hazards_walk_op(struct ptl_walk *walk, const ptl_op *op);

/* Called for what an op reads of a tile: bytes that were written at `time`. */
void ptl_hazards_check_read(struct ptl_walk *walk, const struct ptl_tile *tile,
                            const ptl_range *written, int64_t time);

#endif
