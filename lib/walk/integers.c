/* Integers of a kernel, and the conditions made of them, as expressions. */
#include "walk/walk_state.h"

static ptl_expr expr_of(const ptl_walk *walk, int value) { return walk->bindings[value].expr; }

/* ult, ule, ugt, uge, of constants: their order is that of the same bits in 64. */
static ptl_expr compare_unsigned(ptl_walk *walk, int64_t predicate, ptl_expr a, ptl_expr b) {
  int64_t x, y;
  if (!ptl_expr_is_const(walk->exprs, a, &x) || !ptl_expr_is_const(walk->exprs, b, &y)) {
    return PTL_EXPR_NONE;
  }
  uint64_t left = (uint64_t)x, right = (uint64_t)y;
  const bool results[4] = {left<right, left <= right, left> right, left >= right};
  return ptl_expr_const(walk->exprs, -results[predicate - 6]);
}

/* Predicates of arith.cmpi: eq, ne, slt, sle, sgt, sge; the unsigned ones follow. */
static ptl_expr compare(ptl_walk *walk, int64_t predicate, ptl_expr a, ptl_expr b) {
  ptl_exprs *exprs = walk->exprs;
  switch (predicate) {
  case 0:
    return ptl_expr_is_zero(exprs, ptl_expr_sub(exprs, a, b));
  case 1:
    return ptl_expr_not(exprs, ptl_expr_is_zero(exprs, ptl_expr_sub(exprs, a, b)));
  case 2:
    return ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, a, b));
  case 3:
    return ptl_expr_not(exprs, ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, b, a)));
  case 4:
    return ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, b, a));
  case 5:
    return ptl_expr_not(exprs, ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, a, b)));
  default:
    return compare_unsigned(walk, predicate, a, b);
  }
}

/* `and`, `or` and `xor` of truth values. */
static ptl_expr logical(ptl_walk *walk, const ptl_op *op, ptl_expr a, ptl_expr b) {
  ptl_exprs *exprs = walk->exprs;
  if (op->kind == PTL_OP_AND) {
    return ptl_expr_and(exprs, a, b);
  }
  if (op->kind == PTL_OP_OR) {
    return ptl_expr_not(exprs, ptl_expr_and(exprs, ptl_expr_not(exprs, a), ptl_expr_not(exprs, b)));
  }
  return PTL_EXPR_NONE;
}

static bool is_never_negative(ptl_walk *walk, ptl_expr a) {
  return a >= 0 && ptl_expr_max(walk->exprs, a, ptl_expr_const(walk->exprs, 0)) == a;
}

/* Whether `a & b` is the remainder of a division by b + 1. */
static bool is_low_bits(ptl_walk *walk, ptl_expr a, int64_t b) {
  return b >= 0 && b < INT64_MAX && (b & (b + 1)) == 0 && is_never_negative(walk, a);
}

/* Bitwise operations on constants; an `and` with zero and an `xor` with -1 need only one, as does
 * an `and` that keeps the low bits of a value without a sign. */
static ptl_expr bitwise(ptl_walk *walk, const ptl_op *op, ptl_expr a, ptl_expr b) {
  int64_t x, y;
  bool has_x = ptl_expr_is_const(walk->exprs, a, &x);
  bool has_y = ptl_expr_is_const(walk->exprs, b, &y);
  if (op->kind == PTL_OP_AND && ((has_x && x == 0) || (has_y && y == 0))) {
    return ptl_expr_const(walk->exprs, 0);
  }
  if (op->kind == PTL_OP_XOR && has_x != has_y && (has_x ? x : y) == -1) {
    return ptl_expr_not(walk->exprs, has_x ? b : a);
  }
  if (op->kind == PTL_OP_AND && has_x != has_y && is_low_bits(walk, has_y ? a : b, has_y ? y : x)) {
    return ptl_expr_rem(walk->exprs, has_y ? a : b,
                        ptl_expr_const(walk->exprs, (has_y ? y : x) + 1));
  }
  if (!has_x || !has_y) {
    return walk->kernel->values[op->first_result].bits == 1 ? logical(walk, op, a, b)
                                                            : PTL_EXPR_NONE;
  }
  return ptl_expr_const(walk->exprs, op->kind == PTL_OP_AND  ? x & y
                                     : op->kind == PTL_OP_OR ? x | y
                                                             : x ^ y);
}

/* As the signed division, where there is no sign. */
static ptl_expr divide_unsigned(ptl_walk *walk, const ptl_op *op, ptl_expr a, ptl_expr b) {
  if (!is_never_negative(walk, a) || !is_never_negative(walk, b)) {
    return PTL_EXPR_NONE;
  }
  return op->kind == PTL_OP_DIV_UNSIGNED ? ptl_expr_div(walk->exprs, a, b)
                                         : ptl_expr_rem(walk->exprs, a, b);
}

static ptl_expr binary(ptl_walk *walk, const ptl_op *op) {
  ptl_expr a = expr_of(walk, op->operands[0]);
  ptl_expr b = expr_of(walk, op->operands[1]);
  switch (op->kind) {
  case PTL_OP_ADD:
    return ptl_expr_add(walk->exprs, a, b);
  case PTL_OP_SUB:
    return ptl_expr_sub(walk->exprs, a, b);
  case PTL_OP_MUL:
    return ptl_expr_mul(walk->exprs, a, b);
  case PTL_OP_DIV:
    return ptl_expr_div(walk->exprs, a, b);
  case PTL_OP_REM:
    return ptl_expr_rem(walk->exprs, a, b);
  case PTL_OP_DIV_UNSIGNED:
  case PTL_OP_REM_UNSIGNED:
    return divide_unsigned(walk, op, a, b);
  case PTL_OP_MAX:
    return ptl_expr_max(walk->exprs, a, b);
  case PTL_OP_AND:
  case PTL_OP_OR:
  case PTL_OP_XOR:
    return bitwise(walk, op, a, b);
  default:
    return ptl_expr_min(walk->exprs, a, b);
  }
}

/* The operand's bits without a sign. That of a value which is never negative is the value. */
static ptl_expr cast_unsigned(ptl_walk *walk, const ptl_op *op) {
  int operand = op->operands[0], bits = walk->kernel->values[operand].bits;
  ptl_expr value = expr_of(walk, operand);
  int64_t constant;
  if (ptl_expr_is_const(walk->exprs, value, &constant)) {
    return ptl_expr_const(walk->exprs, ptl_wrap_unsigned(constant, bits));
  }
  bool is_itself =
      bits >= 64 || ptl_expr_max(walk->exprs, value, ptl_expr_const(walk->exprs, 0)) == value;
  return is_itself ? value : PTL_EXPR_NONE;
}

/* Constants wrap at the width of their type. Of what is not constant, i32 and wider are taken not
 * to; of narrower results, but for truth values, nothing is known. */
static ptl_expr fit(const ptl_walk *walk, int value, ptl_expr expr, bool is_truth) {
  int bits = walk->kernel->values[value].bits;
  int64_t constant;
  if (expr < 0 || bits > 64) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(walk->exprs, expr, &constant)) {
    return ptl_expr_const(walk->exprs, ptl_wrap_signed(constant, bits));
  }
  return bits >= 32 || (bits == 1 && is_truth) ? expr : PTL_EXPR_NONE;
}

static ptl_expr select_of(const ptl_walk *walk, const ptl_op *op) {
  ptl_truth truth = ptl_path_truth(&walk->path, walk->exprs, expr_of(walk, op->operands[0]));
  return truth == PTL_UNKNOWN ? PTL_EXPR_NONE
                              : expr_of(walk, op->operands[truth == PTL_TRUE ? 1 : 2]);
}

static ptl_expr result_of(ptl_walk *walk, const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_CONST:
    return ptl_expr_const(walk->exprs, op->imm);
  case PTL_OP_CAST:
    return expr_of(walk, op->operands[0]);
  case PTL_OP_CAST_UNSIGNED:
    return cast_unsigned(walk, op);
  case PTL_OP_CMP:
    return compare(walk, op->imm, expr_of(walk, op->operands[0]), expr_of(walk, op->operands[1]));
  case PTL_OP_SELECT:
    return select_of(walk, op);
  default:
    return binary(walk, op);
  }
}

bool ptl_is_integer_op(const ptl_op *op) {
  return op->kind >= PTL_OP_CONST && op->kind <= PTL_OP_SELECT;
}

void ptl_walk_integer(ptl_walk *walk, const ptl_op *op) {
  bool is_truth = op->kind == PTL_OP_CMP || op->kind == PTL_OP_AND || op->kind == PTL_OP_OR ||
                  op->kind == PTL_OP_XOR || op->kind == PTL_OP_SELECT;
  ptl_expr result = fit(walk, op->first_result, result_of(walk, op), is_truth);
  if (result >= 0) {
    ptl_bind(walk, op->first_result, result);
  } else {
    ptl_bind_leaf(walk, op->first_result, false);
  }
  if (result < 0 && op->kind == PTL_OP_SELECT) {
    ptl_note_choice(walk, op->first_result, expr_of(walk, op->operands[0]),
                    expr_of(walk, op->operands[1]), expr_of(walk, op->operands[2]));
  }
}
