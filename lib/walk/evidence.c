/* Puts into words what leads to an op: iterations of loops and conditions of branches, from the
 * outside inwards. */
#include "walk/evidence.h"

#include <inttypes.h>
#include <mlir-c/BuiltinAttributes.h>

#include "kernel/describe.h"
#include "walk/walk_state.h"

static MlirAttribute attribute(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString(name));
}

/* A constant as its number, another value by its name; NULL if it has none. */
static const char *value_text(ptl_arena *arena, MlirValue value) {
  if (mlirValueIsAOpResult(value) && ptl_op_is(mlirOpResultGetOwner(value), PTL_ARITH_CONSTANT)) {
    MlirAttribute constant = attribute(mlirOpResultGetOwner(value), "value");
    if (!mlirAttributeIsNull(constant) && mlirAttributeIsAInteger(constant)) {
      return ptl_arena_printf(arena, "%" PRId64, mlirIntegerAttrGetValueInt(constant));
    }
  }
  const char *name = ptl_name_of_value(arena, value);
  return *name ? name : NULL;
}

/* "%n < 16", or the opposite; NULL if it is no comparison of two values that have names. */
static const char *comparison_text(ptl_arena *arena, MlirValue condition, bool holds) {
  static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">=", "<", "<=", ">", ">="};
  static const int opposites[] = {1, 0, 5, 4, 3, 2, 9, 8, 7, 6};
  if (!mlirValueIsAOpResult(condition) ||
      !ptl_op_is(mlirOpResultGetOwner(condition), PTL_ARITH_CMPI)) {
    return NULL;
  }
  MlirOperation op = mlirOpResultGetOwner(condition);
  int64_t predicate = mlirIntegerAttrGetValueInt(attribute(op, "predicate"));
  const char *left = value_text(arena, mlirOperationGetOperand(op, 0));
  const char *right = value_text(arena, mlirOperationGetOperand(op, 1));
  if (!left || !right || predicate < 0 || predicate > 9) {
    return NULL;
  }
  return ptl_arena_printf(arena, "%s %s %s", left, signs[holds ? predicate : opposites[predicate]],
                          right);
}

static const char *branch_text(const ptl_walk *walk, const ptl_op *branch, const ptl_op *inside) {
  ptl_arena *arena = walk->arena;
  const ptl_block *second = branch->blocks[1];
  bool holds = !second || inside < second->ops || inside >= second->ops + second->op_count;
  int condition = branch->operands[0];
  int64_t constant;
  if (ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, condition), &constant)) {
    return NULL; /* decided by what was told of the loops */
  }
  MlirValue value = ptl_value_at(walk, condition)->value;
  ptl_loc place = ptl_op_loc(arena, branch);
  const char *text = comparison_text(arena, value, holds);
  if (!text) {
    const char *name = ptl_value_name(walk->kernel, condition);
    text = ptl_arena_printf(arena, "%s is %s", *name ? name : "the condition",
                            holds ? "true" : "false");
  }
  return ptl_arena_printf(arena, "when %s (%d:%d)", text, place.line, place.column);
}

static const char *loop_text(const ptl_walk *walk, const ptl_op *loop) {
  ptl_arena *arena = walk->arena;
  int variable = loop->blocks[0]->first_argument;
  ptl_expr now = ptl_integer_at(walk, variable);
  const char *name = ptl_value_name(walk->kernel, variable);
  ptl_loc place = ptl_op_loc(arena, loop);
  int64_t constant;
  if (ptl_expr_is_const(walk->exprs, now, &constant)) {
    return ptl_arena_printf(arena, "in iteration %s%s%" PRId64 " of the loop at %d:%d", name,
                            *name ? " = " : "", constant, place.line, place.column);
  }
  const char *upper = value_text(arena, ptl_value_at(walk, loop->operands[1])->value);
  return ptl_arena_printf(
      arena, "in %s of the loop at %d:%d%s%s",
      now == ptl_integer_at(walk, loop->operands[0]) ? "the first iteration" : "a later iteration",
      place.line, place.column, upper ? ", which runs up to " : "", upper ? upper : "");
}

const char *ptl_evidence_text(const ptl_walk *walk, const ptl_op *op) {
  const char *text = NULL;
  if (walk->current != op) {
    return NULL;
  }
  for (const ptl_op *inside = op, *outer = op->parent; outer;
       inside = outer, outer = outer->parent) {
    const char *own = outer->kind == PTL_OP_FOR  ? loop_text(walk, outer)
                      : outer->kind == PTL_OP_IF ? branch_text(walk, outer, inside)
                                                 : NULL;
    text = own && text ? ptl_arena_printf(walk->arena, "%s, %s", own, text) : own ? own : text;
  }
  return text;
}
