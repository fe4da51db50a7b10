/* Writes the arith, scf and func ops that kernels use in their custom forms. */
#include "asm/writer.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>

static bool is_one_of(ptl_str name, const char *const *names) {
  for (; *names; names++) {
    if (ptl_str_is(name, *names)) {
      return true;
    }
  }
  return false;
}

/* How many attributes would be lost if none were written: all but ours and the
 * defaults of flags. */
static int count_attributes(ptl_writer *writer, MlirOperation op) {
  static const char *const defaults[] = {"#arith.fastmath<none>", "#arith.overflow<none>", NULL};
  int count = 0;
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(op, i);
    count += !ptl_is_own_attribute(attribute) &&
             !is_one_of(ptl_attribute_text(writer, attribute.attribute), defaults);
  }
  return count;
}

static MlirType operand_type(MlirOperation op, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(op, index));
}

static void put_name(ptl_writer *writer, MlirOperation op) {
  ptl_put_op_name(writer, op);
  ptl_put(writer, " ");
}

/* `arith.addi %a, %b : type` */
static void put_elementwise(ptl_writer *writer, MlirOperation op) {
  put_name(writer, op);
  ptl_put_operands(writer, op, 0, mlirOperationGetNumOperands(op));
  ptl_put(writer, " : ");
  ptl_put_type(writer, operand_type(op, 0));
}

/* `arith.index_cast %a : type to type` */
static void put_cast(ptl_writer *writer, MlirOperation op) {
  put_elementwise(writer, op);
  ptl_put(writer, " to ");
  ptl_put_result_types(writer, op);
}

/* `arith.cmpi eq, %a, %b : type`; false if the predicate is none. */
static bool put_compare(ptl_writer *writer, MlirOperation op) {
  static const char *const integer[] = {"eq",  "ne",  "slt", "sle", "sgt",
                                        "sge", "ult", "ule", "ugt", "uge"};
  static const char *const real[] = {"false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord",
                                     "ueq",   "ugt", "uge", "ult", "ule", "une", "uno", "true"};
  bool is_integer = ptl_op_is(op, PTL_ARITH_CMPI);
  int64_t count = is_integer ? 10 : 16;
  int64_t predicate = mlirIntegerAttrGetValueInt(ptl_attribute_of(op, "predicate"));
  if (predicate < 0 || predicate >= count) {
    return false;
  }
  put_name(writer, op);
  ptl_put(writer, is_integer ? integer[predicate] : real[predicate]);
  ptl_put(writer, ", ");
  ptl_put_operands(writer, op, 0, 2);
  ptl_put(writer, " : ");
  ptl_put_type(writer, operand_type(op, 0));
  return true;
}

/* `arith.select %c, %a, %b : type` */
static bool put_select(ptl_writer *writer, MlirOperation op) {
  if (!mlirTypeIsAInteger(operand_type(op, 0))) {
    return false;
  }
  put_name(writer, op);
  ptl_put_operands(writer, op, 0, 3);
  ptl_put(writer, " : ");
  ptl_put_type(writer, operand_type(op, 1));
  return true;
}

static void put_constant(ptl_writer *writer, MlirOperation op) {
  put_name(writer, op);
  ptl_put_str(writer, ptl_attribute_text(writer, ptl_attribute_of(op, "value")));
}

/* `scf.yield %a : type`, `return`; both may have no operands. */
static void put_terminator(ptl_writer *writer, MlirOperation op, const char *name) {
  intptr_t count = mlirOperationGetNumOperands(op);
  ptl_put(writer, name);
  if (count == 0) {
    return;
  }
  ptl_put(writer, " ");
  ptl_put_operands(writer, op, 0, count);
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i == 0 ? " : " : ", ");
    ptl_put_type(writer, operand_type(op, i));
  }
}

static void put_call(ptl_writer *writer, MlirOperation op) {
  intptr_t count = mlirOperationGetNumOperands(op);
  put_name(writer, op);
  ptl_put_str(writer, ptl_attribute_text(writer, ptl_attribute_of(op, "callee")));
  ptl_put(writer, "(");
  ptl_put_operands(writer, op, 0, count);
  ptl_put(writer, ") : (");
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_type(writer, operand_type(op, i));
  }
  ptl_put(writer, ") -> ");
  ptl_put_result_types(writer, op);
}

static void put_closing(ptl_writer *writer) {
  ptl_put_line_start(writer);
  ptl_put(writer, "}");
}

/* `iter_args(%a = %b, ...) -> (types)` */
static void put_iter_args(ptl_writer *writer, MlirOperation op, MlirBlock body) {
  intptr_t count = mlirOperationGetNumResults(op);
  if (count == 0) {
    return;
  }
  for (intptr_t i = 0; i < count; i++) {
    MlirValue argument = mlirBlockGetArgument(body, i + 1);
    const char *name = ptl_argument_name(writer->arena, op, i + 1);
    ptl_names_give(writer, argument, name ? name : "iter");
    ptl_put(writer, i == 0 ? " iter_args(" : ", ");
    ptl_put_value(writer, argument);
    ptl_put(writer, " = ");
    ptl_put_value(writer, mlirOperationGetOperand(op, i + 3));
  }
  ptl_put(writer, ") -> (");
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_type(writer, mlirValueGetType(mlirOperationGetResult(op, i)));
  }
  ptl_put(writer, ")");
}

static const char *loop_variable_name(ptl_writer *writer, MlirOperation op) {
  const char *name = ptl_argument_name(writer->arena, op, 0);
  if (!name && mlirOperationGetNumResults(op) == 0) {
    name = ptl_place_of(writer, op).name;
  }
  return name ? name : "iv";
}

static void put_for(ptl_writer *writer, MlirOperation op) {
  MlirRegion region = mlirOperationGetRegion(op, 0);
  MlirBlock body = mlirRegionGetFirstBlock(region);
  MlirValue variable = mlirBlockGetArgument(body, 0);
  size_t mark = ptl_names_open(writer);
  ptl_names_give(writer, variable, loop_variable_name(writer, op));
  put_name(writer, op);
  ptl_put_value(writer, variable);
  static const char *const words[] = {" = ", " to ", " step "};
  for (intptr_t i = 0; i < 3; i++) {
    ptl_put(writer, words[i]);
    ptl_put_value(writer, mlirOperationGetOperand(op, i));
  }
  put_iter_args(writer, op, body);
  if (!mlirTypeIsAIndex(mlirValueGetType(variable))) {
    ptl_put(writer, " : ");
    ptl_put_type(writer, mlirValueGetType(variable));
  }
  ptl_put(writer, " {\n");
  ptl_put_region(writer, region, true);
  ptl_names_close(writer, mark);
  put_closing(writer);
}

static void put_if(ptl_writer *writer, MlirOperation op) {
  MlirRegion otherwise = mlirOperationGetRegion(op, 1);
  intptr_t results = mlirOperationGetNumResults(op);
  put_name(writer, op);
  ptl_put_value(writer, mlirOperationGetOperand(op, 0));
  for (intptr_t i = 0; i < results; i++) {
    ptl_put(writer, i == 0 ? " -> (" : ", ");
    ptl_put_type(writer, mlirValueGetType(mlirOperationGetResult(op, i)));
  }
  ptl_put(writer, results > 0 ? ") {\n" : " {\n");
  ptl_put_region(writer, mlirOperationGetRegion(op, 0), true);
  if (!mlirBlockIsNull(mlirRegionGetFirstBlock(otherwise))) {
    ptl_put_line_start(writer);
    ptl_put(writer, "} else {\n");
    ptl_put_region(writer, otherwise, true);
  }
  put_closing(writer);
}

/* Attributes that the form of an op writes. */
static int attributes_of(ptl_op_form form) {
  return form == PTL_FORM_CONSTANT || form == PTL_FORM_COMPARE || form == PTL_FORM_CALL;
}

bool ptl_put_std(ptl_writer *writer, MlirOperation op, ptl_op_id id) {
  ptl_op_form form = ptl_op_table[id].form;
  if (form == PTL_FORM_GENERIC || count_attributes(writer, op) != attributes_of(form)) {
    return false;
  }
  switch (form) {
  case PTL_FORM_CONSTANT:
    put_constant(writer, op);
    return true;
  case PTL_FORM_COMPARE:
    return put_compare(writer, op);
  case PTL_FORM_ELEMENTWISE:
    put_elementwise(writer, op);
    return true;
  case PTL_FORM_CAST:
    put_cast(writer, op);
    return true;
  case PTL_FORM_SELECT:
    return put_select(writer, op);
  case PTL_FORM_FOR:
    put_for(writer, op);
    return true;
  case PTL_FORM_IF:
    put_if(writer, op);
    return true;
  case PTL_FORM_YIELD:
    put_terminator(writer, op, ptl_op_table[id].name);
    return true;
  case PTL_FORM_RETURN:
    put_terminator(writer, op, ptl_op_table[id].also);
    return true;
  case PTL_FORM_CALL:
    put_call(writer, op);
    return true;
  case PTL_FORM_GENERIC:
    break;
  }
  return false;
}
