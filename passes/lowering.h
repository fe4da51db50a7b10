/* A product that lower-to-pto turns into ops, and where the items of its plan lie in memory. */
#ifndef PTL_PASSES_LOWERING_H
#define PTL_PASSES_LOWERING_H

#include "ir/build.h"
#include "passes/plan_tiles.h"

/* The pto.partition_view of an operand. */
typedef struct ptl_operand_part {
  MlirValue view, row, col, rows, cols;
  ptl_elem elem;
  MlirLocation location;
  const char *name;      /* of its value */
  const char *part_name; /* of the parts of it */
} ptl_operand_part;

typedef struct ptl_lowering {
  ptl_session *session;
  MlirOperation op; /* the matmul_dual_acc */
  ptl_plan plan;
  ptl_tiles tiles;
  ptl_builder builder;
  ptl_operand_part lhs, rhs[PTL_MAX_RHS];
  MlirValue k_variable, n_variable; /* of the loops around; null outside */
  int64_t k_blocks[4];              /* as ptl_k_blocks_of gives them; 0: K lies in one piece */
  bool n_is_cut;
} ptl_lowering;

/* False if the value is not made by a pto.partition_view of two dimensions. */
bool ptl_read_operand_part(ptl_session *session, MlirValue value, ptl_operand_part *out);

/* Builds the part that an item loads. */
MlirValue ptl_build_loaded_part(const ptl_lowering *l, const ptl_item *item);

/* Builds the part of a store's target that takes the columns of an item. */
MlirValue ptl_build_stored_part(const ptl_lowering *l, const ptl_operand_part *target,
                                const ptl_item *item);

/* Builds where along K an item begins in its Mat tile; `moves`: with the loop around. */
MlirValue ptl_build_k_in_mat(const ptl_lowering *l, const ptl_item *item, bool moves);

#endif
