/* The verifier of a module after each pass: the rules of ptolower ops that IRDL cannot express, and
 * those of pto ops, which MLIR does not know. In the input a broken rule is PTL006; after a pass of
 * ours it is PTL900. */
#include <inttypes.h>

#include "ir/build.h"
#include "ir/types.h"

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
  return ptl_elem_find(ptl_type_text(&v->session->arena, mlirShapedTypeGetElementType(type)));
}

static bool read_matrix(verifier *v, MlirType type, matrix *out) {
  if (mlirTypeIsARankedTensor(type) && mlirShapedTypeGetRank(type) == 2) {
    bool dynamic_rows = mlirShapedTypeIsDynamicDim(type, 0);
    bool dynamic_cols = mlirShapedTypeIsDynamicDim(type, 1);
    *out = (matrix){false, dynamic_rows ? -1 : mlirShapedTypeGetDimSize(type, 0),
                    dynamic_cols ? -1 : mlirShapedTypeGetDimSize(type, 1), tensor_elem(v, type)};
    return true;
  }
  const ptl_type_facts *facts = ptl_type_facts_of(v->session, type);
  if (!facts->is_matrix || !facts->is_partition || facts->view.rank != 2) {
    return false;
  }
  *out = (matrix){true, facts->view.extents[0], facts->view.extents[1], facts->view.elem};
  return true;
}

/* The product with its rhs number `index`. */
static void verify_product(verifier *v, MlirOperation op, int index) {
  MlirValue lhs_value = mlirOperationGetOperand(op, 0);
  MlirValue rhs_value = mlirOperationGetOperand(op, 1 + index);
  MlirValue result_value = mlirOperationGetResult(op, index);
  matrix lhs, rhs, result;
  if (!read_matrix(v, mlirValueGetType(lhs_value), &lhs) ||
      !read_matrix(v, mlirValueGetType(rhs_value), &rhs) ||
      !read_matrix(v, mlirValueGetType(result_value), &result)) {
    complain(v, op, "takes and gives matrices of two dimensions");
    return;
  }
  bool transposed = ptl_rhs_is_transposed(op, index);
  int64_t k = transposed ? rhs.cols : rhs.rows;
  int64_t n = transposed ? rhs.rows : rhs.cols;
  bool is_turned = ptl_has_attr(op, ptl_attr_lhs_transposed);
  int64_t m = is_turned ? lhs.cols : lhs.rows;
  if (lhs.is_part != rhs.is_part || result.is_part) {
    complain(v, op, "takes tensors or parts of views, not both, and gives tensors");
  } else if ((is_turned ? lhs.rows : lhs.cols) != k || n > result.cols || m > result.rows ||
             (!lhs.is_part && (n < result.cols || m < result.rows))) {
    complain(
        v, op,
        "has extents that do not fit: lhs is m x k (k x m if lhs_transposed), rhs k x n (n x k "
        "if rhs_transposed), a result m x n (of parts also with more rows and columns)");
  } else if (!ptl_elem_multiplies(lhs.elem, rhs.elem, result.elem)) {
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
    verify_product(v, op, (int)i);
  }
}

/* Kinds of operands, one letter each: t tile, p part, v view, . anything. More may follow. */
static const char *operand_kinds(ptl_op_kind kind) {
  switch (kind) {
  case PTL_OP_LOAD:
    return "pt";
  case PTL_OP_EXTRACT:
    return "t..t";
  case PTL_OP_MOVE:
    return "tt";
  case PTL_OP_MATMUL:
    return "ttt";
  case PTL_OP_MATMUL_ACC:
    return "tttt";
  case PTL_OP_PART:
    return "v";
  case PTL_OP_VALIDSHAPE:
    return "t..";
  default:
    return "";
  }
}

static bool has_kind(verifier *v, MlirType type, char kind) {
  switch (kind) {
  case 't':
    return ptl_type_facts_of(v->session, type)->is_tile;
  case 'p':
    return ptl_type_facts_of(v->session, type)->is_partition;
  case 'v':
    return ptl_type_facts_of(v->session, type)->is_view;
  default:
    return true;
  }
}

static void verify_operand_kinds(verifier *v, MlirOperation op, const char *kinds) {
  intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; kinds[i]; i++) {
    if (i >= count || !has_kind(v, mlirValueGetType(mlirOperationGetOperand(op, i)), kinds[i])) {
      complain(v, op, "has an operand of the wrong kind, or too few");
      return;
    }
  }
}

/* NULL if it is no tile. */
static const ptl_tile_type *tile_operand(verifier *v, MlirOperation op, intptr_t index) {
  return ptl_tile_of(v->session, mlirOperationGetOperand(op, index));
}

static void verify_matmul(verifier *v, MlirOperation op, intptr_t first) {
  const ptl_tile_type *left = tile_operand(v, op, first);
  const ptl_tile_type *right = tile_operand(v, op, first + 1);
  const ptl_tile_type *acc = tile_operand(v, op, first + 2);
  if (!left || !right || !acc) {
    return; /* the kinds were complained about */
  }
  if (!ptl_tiles_multiply(left, right, acc)) {
    complain(v, op, "has tile extents that do not fit: m x k, k x n, m x n");
  } else if (!ptl_elem_multiplies(left->elem, right->elem, acc->elem)) {
    complain(v, op, "has element types that the cube does not multiply");
  }
}

static void verify_move(verifier *v, MlirOperation op) {
  const ptl_tile_type *from = tile_operand(v, op, 0);
  const ptl_tile_type *to = tile_operand(v, op, 1);
  if (from && to && from->space == PTL_SPACE_ACC && to->space == PTL_SPACE_ACC) {
    complain(v, op, "moves an accumulator to an accumulator; there is no such path");
  }
}

/* An op of the pto dialect in a function that we have changed. */
static void verify_pto(verifier *v, MlirOperation op, ptl_op_kind kind) {
  verify_operand_kinds(v, op, operand_kinds(kind));
  if (v->status != PTL_OK) {
    return;
  }
  if (kind == PTL_OP_MATMUL || kind == PTL_OP_MATMUL_ACC) {
    verify_matmul(v, op, kind == PTL_OP_MATMUL_ACC);
  } else if (kind == PTL_OP_MOVE) {
    verify_move(v, op);
  }
}

static void visit(MlirOperation op, void *user) {
  verifier *v = user;
  ptl_op_id id = ptl_known_op_id(&v->session->ops, op);
  if (id == PTL_PTOLOWER_MATMUL) {
    verify_product(v, op, 0);
  } else if (ptl_is_dual_acc_id(id)) {
    verify_dual(v, op);
  } else if (v->is_ours) {
    verify_pto(v, op, ptl_op_table[id].kind);
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
