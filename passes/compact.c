/* Chooses for each tile of a lowered product whether it has to be compact. */
#include "passes/compact.h"

#include "asm/asm.h"
#include "ir/build.h"
#include "support/rounding.h"

const char ptl_attr_compact[] = "compact";

/* Rows rounded up to whole fractals. */
static int64_t in_blocks(const ptl_session *session, int64_t rows) {
  return ptl_round_up(rows, session->target->family->fractal_rows);
}

/* Rows of lhs; -1: not constant. */
static int64_t rows_of_lhs(ptl_session *session, MlirOperation op) {
  ptl_view_type type;
  ptl_str text = ptl_type_text(&session->arena, mlirValueGetType(mlirOperationGetOperand(op, 0)));
  bool is_transposed = ptl_has_attr(op, ptl_attr_lhs_transposed);
  return ptl_view_type_parse(text, &type) ? type.extents[is_transposed ? 1 : 0] : -1;
}

/* Whether the rows that the sinks take fill `pitch`. Where they take as many as lhs has, which are
 * not constant, they fill any. */
static bool sinks_fill(const ptl_session *session, MlirOperation op, int64_t pitch) {
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); i++) {
    MlirType type = mlirValueGetType(mlirOperationGetResult(op, i));
    if (!mlirShapedTypeIsDynamicDim(type, 0) &&
        in_blocks(session, mlirShapedTypeGetDimSize(type, 0)) != pitch) {
      return false;
    }
  }
  return true;
}

bool ptl_pitch_of(ptl_session *session, MlirOperation op, const ptl_plan *plan, ptl_pitch *out) {
  if (plan->problem.row_tiles > 1) { /* each is whole */
    *out = (ptl_pitch){0};
    return true;
  }
  int64_t box = plan->tiling.m_tile, rows = rows_of_lhs(session, op);
  bool fits =
      rows >= 0 ? in_blocks(session, rows) == box : box == session->target->family->fractal_rows;
  *out = (ptl_pitch){.left_is_compact = !fits && session->target->family->left_is_col_major};
  if (rows >= 0) {
    out->acc_is_compact = !fits;
    return sinks_fill(session, op, in_blocks(session, rows));
  }
  /* As the input's were: if those were not compact, M fills the last block of their rows. */
  MlirAttribute max_rows = ptl_attr(op, "max_rows");
  int64_t given = mlirAttributeIsNull(max_rows) ? box : mlirIntegerAttrGetValueInt(max_rows);
  bool was_compact = ptl_has_attr(op, ptl_attr_compact);
  out->acc_is_compact = !fits && (was_compact || given != box);
  return !out->acc_is_compact || was_compact || sinks_fill(session, op, given);
}
