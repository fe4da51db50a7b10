/* What IRDL cannot say of the ptolower ops, and what nobody says of the pto ops. */
#include <inttypes.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "ir/session.h"

typedef struct verifier {
  ptl_session *session;
  const char *pass; /* NULL: this is the input */
  bool is_ours;     /* inside a function that we have changed */
  ptl_status status;
} verifier;

static void complain(verifier *v, MlirOperation op, const char *text) {
  ptl_str name = ptl_op_name(op);
  if (v->pass) {
    ptl_diag_add(&v->session->diags, PTL_CODE_PASS_LEFT_WRONG_IR, ptl_loc_of(v->session, op),
                 "behind %s: '%.*s' %s", v->pass, (int)name.length, name.data, text);
    v->status = PTL_INTERNAL;
  } else {
    ptl_diag_add(&v->session->diags, PTL_CODE_DIALECT_RULE, ptl_loc_of(v->session, op), "'%.*s' %s",
                 (int)name.length, name.data, text);
    v->status = PTL_REFUSED;
  }
}

/* Extents and element type of an operand or result: a tensor or a part of a view. */
typedef struct matrix {
  bool is_part;
  int64_t rows, cols; /* -1: not constant */
  ptl_elem elem;
} matrix;

static ptl_elem tensor_elem(verifier *v, MlirType type) {
  const char *text = ptl_type_text(&v->session->arena, mlirShapedTypeGetElementType(type));
  return ptl_elem_find(ptl_str_of(text));
}

static bool read_matrix(verifier *v, MlirType type, matrix *out) {
  ptl_view_type view;
  if (mlirTypeIsARankedTensor(type) && mlirShapedTypeGetRank(type) == 2) {
    bool dynamic_rows = mlirShapedTypeIsDynamicDim(type, 0);
    bool dynamic_cols = mlirShapedTypeIsDynamicDim(type, 1);
    *out = (matrix){false, dynamic_rows ? -1 : mlirShapedTypeGetDimSize(type, 0),
                    dynamic_cols ? -1 : mlirShapedTypeGetDimSize(type, 1), tensor_elem(v, type)};
    return true;
  }
  if (!ptl_view_type_parse(ptl_str_of(ptl_type_text(&v->session->arena, type)), &view) ||
      !view.is_partition || view.rank != 2) {
    return false;
  }
  *out = (matrix){true, view.extents[0], view.extents[1], view.elem};
  return true;
}

static void verify_product(verifier *v, MlirOperation op, MlirValue lhs_value, MlirValue rhs_value,
                           MlirValue result_value) {
  matrix lhs, rhs, result;
  if (!read_matrix(v, mlirValueGetType(lhs_value), &lhs) ||
      !read_matrix(v, mlirValueGetType(rhs_value), &rhs) ||
      !read_matrix(v, mlirValueGetType(result_value), &result)) {
    complain(v, op, "takes and gives matrices of two dimensions");
    return;
  }
  bool transposed = ptl_has_attr(op, "rhs_transposed");
  int64_t k = transposed ? rhs.cols : rhs.rows;
  int64_t n = transposed ? rhs.rows : rhs.cols;
  if (lhs.is_part != rhs.is_part || result.is_part) {
    complain(v, op, "takes tensors or parts of views, not both, and gives tensors");
  } else if (lhs.cols != k || n != result.cols || lhs.rows > result.rows ||
             (lhs.rows < result.rows && !lhs.is_part)) {
    complain(v, op,
             "has extents that do not fit: lhs is m x k, rhs k x n (n x k if "
             "rhs_transposed), a result m x n (of parts also with more rows)");
  } else if (ptl_elem_accumulator(lhs.elem, rhs.elem) != result.elem ||
             result.elem == PTL_ELEM_NONE) {
    complain(v, op, "has element types that the cube does not multiply");
  }
}

static void verify_dual(verifier *v, MlirOperation op) {
  intptr_t count = mlirOperationGetNumResults(op);
  if (count < 1 || mlirOperationGetNumOperands(op) != count + 1) {
    complain(v, op, "has one result for each rhs");
    return;
  }
  for (intptr_t i = 0; i < count; i++) {
    verify_product(v, op, mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1 + i),
                   mlirOperationGetResult(op, i));
  }
}

/* Kinds of operands, one letter each: t tile, p part, v view, . anything. */
typedef struct pto_rule {
  const char *name;
  const char *operands;
} pto_rule;

static const pto_rule pto_rules[] = {
    {"pto.tload", "pt"},           {"pto.textract", "t..t"},    {"pto.tmov", "tt"},
    {"pto.tmatmul", "ttt"},        {"pto.tmatmul.acc", "tttt"}, {"pto.partition_view", "v*"},
    {"pto.set_validshape", "t.."},
};

static bool has_kind(verifier *v, MlirType type, char kind) {
  ptl_tile_type tile;
  ptl_view_type view;
  ptl_str text = ptl_str_of(ptl_type_text(&v->session->arena, type));
  switch (kind) {
  case 't':
    return ptl_tile_type_parse(text, &tile);
  case 'p':
    return ptl_str_starts_with(text, "!pto.partition_tensor_view<");
  case 'v':
    return ptl_str_starts_with(text, "!pto.tensor_view<") || ptl_view_type_parse(text, &view);
  default:
    return true;
  }
}

static void verify_operand_kinds(verifier *v, MlirOperation op, const pto_rule *rule) {
  intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; rule->operands[i] && rule->operands[i] != '*'; i++) {
    if (i >= count ||
        !has_kind(v, mlirValueGetType(mlirOperationGetOperand(op, i)), rule->operands[i])) {
      complain(v, op, "has an operand of the wrong kind, or too few");
      return;
    }
  }
}

static bool tile_operand(verifier *v, MlirOperation op, intptr_t index, ptl_tile_type *out) {
  MlirType type = mlirValueGetType(mlirOperationGetOperand(op, index));
  return ptl_tile_type_parse(ptl_str_of(ptl_type_text(&v->session->arena, type)), out);
}

static void verify_matmul(verifier *v, MlirOperation op, intptr_t first) {
  ptl_tile_type left, right, acc;
  if (!tile_operand(v, op, first, &left) || !tile_operand(v, op, first + 1, &right) ||
      !tile_operand(v, op, first + 2, &acc)) {
    return; /* the kinds were complained about */
  }
  if (left.cols != right.rows || left.rows != acc.rows || right.cols != acc.cols) {
    complain(v, op, "has tile extents that do not fit: m x k, k x n, m x n");
  } else if (ptl_elem_accumulator(left.elem, right.elem) != acc.elem) {
    complain(v, op, "has element types that the cube does not multiply");
  }
}

static void verify_move(verifier *v, MlirOperation op) {
  ptl_tile_type from, to;
  if (tile_operand(v, op, 0, &from) && tile_operand(v, op, 1, &to) && from.space == PTL_SPACE_ACC &&
      to.space == PTL_SPACE_ACC) {
    complain(v, op, "moves an accumulator to an accumulator; there is no such path");
  }
}

static void visit(MlirOperation op, void *user) {
  verifier *v = user;
  ptl_str name = ptl_op_name(op);
  if (ptl_str_is(name, "ptolower.matmul")) {
    verify_product(v, op, mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1),
                   mlirOperationGetResult(op, 0));
  } else if (ptl_str_is(name, "ptolower.matmul_dual_acc")) {
    verify_dual(v, op);
  } else if (v->is_ours && ptl_str_starts_with(name, "pto.")) {
    for (size_t i = 0; i < sizeof(pto_rules) / sizeof(pto_rules[0]); i++) {
      if (ptl_str_is(name, pto_rules[i].name)) {
        verify_operand_kinds(v, op, &pto_rules[i]);
      }
    }
    if (v->status == PTL_OK && ptl_str_is(name, "pto.tmatmul")) {
      verify_matmul(v, op, 0);
    } else if (v->status == PTL_OK && ptl_str_is(name, "pto.tmatmul.acc")) {
      verify_matmul(v, op, 1);
    } else if (v->status == PTL_OK && ptl_str_is(name, "pto.tmov")) {
      verify_move(v, op);
    }
  }
}

ptl_status ptl_verify(ptl_session *session, const char *pass) {
  verifier v = {session, pass, false, PTL_OK};
  MlirOperation func = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    v.is_ours = ptl_has_attr(func, ptl_attr_changed);
    ptl_for_each_op(func, visit, &v);
  }
  return v.status;
}
