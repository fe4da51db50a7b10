/* Which operands an op reads and writes, told by its row in the op table: what
 * stands in outs(...) is written, an operand named `tmp` or `scratch` is scratch
 * (and the last list of a merge that has two outputs), the rest is read.
 */
#ifndef PTL_KERNEL_ACCESS_H
#define PTL_KERNEL_ACCESS_H

#include <mlir-c/IR.h>

#include "asm/ops.h"
#include "support/arena.h"

typedef enum ptl_access {
  PTL_ACCESS_NONE, /* the op only names it */
  PTL_ACCESS_READ,
  PTL_ACCESS_WRITE,
  PTL_ACCESS_SCRATCH, /* written, and of no interest after the op */
} ptl_access;

/* What was found of ops before; zero to begin with. */
typedef struct ptl_access_cache {
  struct ptl_access_row *rows[PTL_OP_ID_COUNT];
} ptl_access_cache;

/* The sizes of an op's operand groups; null if it does not say them. */
MlirAttribute ptl_op_segments(MlirOperation op, ptl_op_id id);

/* Fills in the access of each of the op's operands. */
void ptl_access_of_op(ptl_arena *arena, ptl_access_cache *cache, ptl_op_id id,
                      MlirAttribute segments, int operand_count, ptl_access *out);

#endif
