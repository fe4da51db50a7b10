/* The pitch of an accumulator: the rows from one block column of 16 to the next.
 *
 * It is stored nowhere. A product writes at the valid rows of its left tile rounded up to 16
 * (pto-isa:include/pto/npu/a2a3/TMatmul.hpp, a5/TMatmul.hpp); who reads the accumulator goes by the
 * rows of its own tile, or with compact=1 by its valid rows
 * (pto-isa:include/pto/common/arch/memory/ tstore_common.hpp, tmov_common.hpp, npu/a5/TMov.hpp). If
 * the two differ, all columns but the first 16 are wrong. The operands in Left and Right have a
 * pitch as well: that at which they were filled, and that at which a product reads them.
 */
#ifndef PTL_WALK_ACC_PITCH_H
#define PTL_WALK_ACC_PITCH_H

#include "walk/walk.h"

/* Who reads an accumulator. */
typedef enum ptl_acc_reader {
  PTL_READER_STORE,
  PTL_READER_PUSH,
  PTL_READER_TO_MAT,
  PTL_READER_TO_VEC,
} ptl_acc_reader;

/* A product into `acc` whose left tile is `left`: its pitch. A fault if it cannot be in a window of
 * several block columns. */
ptl_acc_pitch ptl_pitch_of_product(ptl_walk *walk, const ptl_op *op, const ptl_tile *left,
                                   const ptl_tile *acc);

/* A tmatmul.acc at `pitch` adds to what `content` has: a fault if that lies at another. */
void ptl_pitch_check_sum(ptl_walk *walk, const ptl_op *op, const ptl_content *content,
                         const ptl_acc_pitch *pitch, const ptl_tile *right);

/* `content` is read through `tile`: a fault if it is not read as it was written. */
void ptl_pitch_check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const ptl_content *content, ptl_acc_reader reader);

/* The operands of a product: a fault if they are not read as they were filled. */
void ptl_pitch_check_operands(ptl_walk *walk, const ptl_op *op, const ptl_tile *left,
                              const ptl_content *lhs, const ptl_tile *right,
                              const ptl_content *rhs);

#endif
