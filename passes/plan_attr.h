/* A plan as an attribute: how the planning passes hand it to the lowering. */
#ifndef PTL_PASSES_PLAN_ATTR_H
#define PTL_PASSES_PLAN_ATTR_H

#include "ir/session.h"
#include "plan/plan.h"

/* The problem of a ptolower.matmul or ptolower.matmul_dual_acc on parts of views;
 * false if its types are not those of one. */
bool ptl_problem_of(ptl_session *session, MlirOperation op, ptl_problem *out);

/* Where the blocks of K lie of a product that has them (docs/ir.md): width and distance of those of
 * lhs, length and distance of those of rhs. False: K lies in one piece. */
bool ptl_k_blocks_of(MlirOperation op, int64_t places[4]);

/* Makes the problem of a whole product one of so many row tiles; false, and nothing is done, if its
 * rows are not as many whole tiles. */
bool ptl_problem_in_row_tiles(const ptl_target *target, int tiles, ptl_problem *problem);

/* The attribute for a staging: a dictionary of what ptl_plan_staging keeps of a plan; and that
 * for a whole plan: its tiling, its buffers and its cycles. */
MlirAttribute ptl_staging_to_attr(ptl_session *session, const ptl_plan *staging);
MlirAttribute ptl_plan_to_attr(ptl_session *session, const ptl_plan *plan);

/* The reverse; the problem is taken from the op. False if the op's attribute does not
 * hold a staging, or a plan. */
bool ptl_staging_from_attr(ptl_session *session, MlirOperation op, ptl_plan *out);
bool ptl_plan_from_attr(ptl_session *session, MlirOperation op, ptl_plan *out);

extern const char ptl_attr_staging[]; /* matmul_dual_acc: how it is cut, and the Mat buffers */
extern const char ptl_attr_plan[];    /* matmul_dual_acc: whole plan */
/* Of a product: where the blocks lie that K is made of, as ptl_k_blocks_of reads it. */
extern const char ptl_attr_k_blocks[];
/* Of a product: in so many tiles of rows it is computed, which share each rhs in Mat; and how often
 * such products follow each other, of which each has a part of the rows. */
extern const char ptl_attr_row_tiles[];
extern const char ptl_attr_repeats[];
/* Of a product whose rows are not constant: what they are at most, if that is proved to be less
 * than max_rows. */
extern const char ptl_attr_most_rows[];
/* matmul_dual_acc: the cycles by each calibration that its plan must not exceed, then those of the
 * first repeat; into how many
 * equal parts the buffers are cut, of which it gets one. */
extern const char ptl_attr_reference[];
extern const char ptl_attr_share[];

/* What a plan must keep to, besides the chip. */
typedef struct ptl_limits {
  const ptl_reference *reference; /* or NULL */
  int share;                      /* it gets one of so many parts of each buffer */
} ptl_limits;

/* A reference as such an attribute. */
MlirAttribute ptl_reference_to_attr(ptl_session *session, const ptl_reference *reference);

/* The limits that the attributes of an op say. */
ptl_limits ptl_limits_of(ptl_session *session, MlirOperation op);

/* The chip with that part of its buffers. */
const ptl_target *ptl_target_of_share(ptl_session *session, int share);

#endif
