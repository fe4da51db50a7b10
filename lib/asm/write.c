/* Writes a function as pypto would: its head, its regions, and ops in generic form. */
#include "asm/canon.h"
#include "asm/writer.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <string.h>

void ptl_put(ptl_writer *writer, const char *text) { ptl_strbuf_puts(writer->out, text); }

void ptl_put_str(ptl_writer *writer, ptl_str text) { ptl_strbuf_add_str(writer->out, text); }

static void append(MlirStringRef text, void *buf) { ptl_strbuf_add(buf, text.data, text.length); }

void ptl_put_value(ptl_writer *writer, MlirValue value) {
  ptl_str name = ptl_pointers_get(&writer->values, value.ptr);
  ptl_put_str(writer, name.length > 0 ? name : ptl_str_of("%<unknown>"));
}

void ptl_put_op_name(ptl_writer *writer, MlirOperation op) {
  append(mlirIdentifierStr(mlirOperationGetName(op)), writer->out);
}

void ptl_put_operands(ptl_writer *writer, MlirOperation op, intptr_t first, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_value(writer, mlirOperationGetOperand(op, first + i));
  }
}

/* The text of a type as ptoas wants it: tiles in their long spelling. */
static ptl_str type_text(ptl_writer *writer, MlirType type) {
  ptl_str text = ptl_type_text(writer->arena, type);
  if (ptl_str_starts_with(text, "!pto.memref<")) {
    return (ptl_str){text.data + 5, text.length - 5};
  }
  ptl_strbuf respelled;
  ptl_strbuf_init(&respelled, writer->arena);
  if (ptl_str_starts_with(text, "!pto.tile_buf<") && ptl_tile_type_respell(text, &respelled)) {
    return (ptl_str){respelled.data, respelled.length};
  }
  return text;
}

void ptl_put_type(ptl_writer *writer, MlirType type) {
  ptl_str text = ptl_pointers_get(&writer->types, type.ptr);
  if (text.length == 0) {
    text = type_text(writer, type);
    ptl_pointers_set(&writer->types, type.ptr, text);
  }
  ptl_put_str(writer, text);
}

void ptl_put_result_types(ptl_writer *writer, MlirOperation op) {
  intptr_t count = mlirOperationGetNumResults(op);
  ptl_put(writer, count == 1 ? "" : "(");
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_type(writer, mlirValueGetType(mlirOperationGetResult(op, i)));
  }
  ptl_put(writer, count == 1 ? "" : ")");
}

/* `4096 : index`, and the same of any integer that MLIR prints with its sign. */
static bool put_integer(MlirAttribute attribute, ptl_strbuf *out) {
  MlirType type = mlirAttributeGetType(attribute);
  unsigned width = mlirTypeIsAInteger(type) ? mlirIntegerTypeGetWidth(type) : 64;
  bool has_sign = mlirTypeIsAIndex(type) || mlirIntegerTypeIsSignless(type);
  if (!has_sign || width < 2 || width > 64) {
    return false;
  }
  ptl_strbuf_number(out, mlirIntegerAttrGetValueInt(attribute));
  ptl_strbuf_puts(out, mlirTypeIsAIndex(type) ? " : index" : " : i");
  if (!mlirTypeIsAIndex(type)) {
    ptl_strbuf_number(out, width);
  }
  return true;
}

static ptl_str attribute_text(ptl_writer *writer, MlirAttribute attribute) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, writer->arena);
  if (!mlirAttributeIsAInteger(attribute) || !put_integer(attribute, &text)) {
    mlirAttributePrint(attribute, append, &text);
  }
  return (ptl_str){text.data, text.length};
}

ptl_str ptl_attribute_text(ptl_writer *writer, MlirAttribute attribute) {
  ptl_str text = ptl_pointers_get(&writer->attributes, attribute.ptr);
  if (text.length == 0) {
    text = attribute_text(writer, attribute);
    ptl_pointers_set(&writer->attributes, attribute.ptr, text);
  }
  return text;
}

static bool drop_suffix(ptl_str *text, const char *suffix) {
  size_t length = strlen(suffix);
  if (text->length > length && memcmp(text->data + text->length - length, suffix, length) == 0) {
    text->length -= length;
    return true;
  }
  return false;
}

ptl_str ptl_attribute_short_text(ptl_writer *writer, MlirAttribute attribute, bool bare) {
  ptl_str text = ptl_attribute_text(writer, attribute);
  if (mlirAttributeIsAInteger(attribute)) {
    if (!drop_suffix(&text, " : i64") && bare) {
      const char *colon = memchr(text.data, ' ', text.length);
      text.length = colon ? (size_t)(colon - text.data) : text.length;
    }
  } else if (mlirAttributeIsAFloat(attribute)) {
    (void)drop_suffix(&text, " : f64");
  }
  return text;
}

MlirAttribute ptl_attribute_of(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString(name));
}

static ptl_str attribute_name(MlirNamedAttribute attribute) {
  MlirStringRef name = mlirIdentifierStr(attribute.name);
  return (ptl_str){name.data, name.length};
}

static bool is_bare_name(ptl_str name) {
  for (size_t i = 0; i < name.length; i++) {
    char c = name.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    bool later = (c >= '0' && c <= '9') || c == '$' || c == '.';
    if (!letter && (i == 0 || !later)) {
      return false;
    }
  }
  return name.length > 0;
}

void ptl_put_attribute(ptl_writer *writer, MlirNamedAttribute attribute, bool bare) {
  ptl_str name = attribute_name(attribute);
  const char *quote = is_bare_name(name) ? "" : "\"";
  ptl_put(writer, quote);
  ptl_put_str(writer, name);
  ptl_put(writer, quote);
  if (!mlirAttributeIsAUnit(attribute.attribute)) {
    ptl_put(writer, " = ");
    ptl_put_str(writer, ptl_attribute_short_text(writer, attribute.attribute, bare));
  }
}

bool ptl_is_own_attribute(MlirNamedAttribute attribute) {
  return ptl_str_starts_with(attribute_name(attribute), "ptolower.");
}

void ptl_put_line_start(ptl_writer *writer) {
  for (int i = 0; i < writer->indent; i++) {
    ptl_put(writer, "  ");
  }
}

void ptl_put_location(ptl_writer *writer, MlirOperation op) {
  ptl_loc loc = ptl_place_of(writer, op).loc;
  if (loc.model) {
    ptl_put(writer, " loc(");
    ptl_put(writer, loc.model);
    ptl_put(writer, ")");
  } else if (loc.file) {
    const char *slash = strrchr(loc.file, '/');
    ptl_put(writer, " loc(");
    ptl_asm_add_quoted(writer->out, slash ? slash + 1 : loc.file);
    ptl_put(writer, ":");
    ptl_strbuf_number(writer->out, loc.line);
    ptl_put(writer, ":");
    ptl_strbuf_number(writer->out, loc.column);
    ptl_put(writer, ")");
  }
}

static void put_attributes(ptl_writer *writer, MlirOperation op, bool discardable, const char *open,
                           const char *close) {
  const char *separator = open;
  intptr_t count = discardable ? mlirOperationGetNumDiscardableAttributes(op)
                               : mlirOperationGetNumAttributes(op);
  for (intptr_t i = 0; i < count; i++) {
    MlirNamedAttribute attribute = discardable ? mlirOperationGetDiscardableAttribute(op, i)
                                               : mlirOperationGetAttribute(op, i);
    bool inherent = mlirAttributeIsNull(
        mlirOperationGetDiscardableAttributeByName(op, mlirIdentifierStr(attribute.name)));
    if (!ptl_is_own_attribute(attribute) && (discardable || inherent)) {
      ptl_put(writer, separator);
      ptl_put_attribute(writer, attribute, false);
      separator = ", ";
    }
  }
  ptl_put(writer, separator == open ? "" : close);
}

static void put_block_arguments(ptl_writer *writer, MlirBlock block) {
  intptr_t count = mlirBlockGetNumArguments(block);
  for (intptr_t i = 0; i < count; i++) {
    MlirValue argument = mlirBlockGetArgument(block, i);
    ptl_names_give(writer, argument, "arg");
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_value(writer, argument);
    ptl_put(writer, ": ");
    ptl_put_type(writer, mlirValueGetType(argument));
  }
}

static void put_generic_region(ptl_writer *writer, MlirRegion region) {
  MlirBlock block = mlirRegionGetFirstBlock(region);
  ptl_put(writer, "{\n");
  size_t mark = ptl_names_open(writer);
  if (!mlirBlockIsNull(block) && mlirBlockGetNumArguments(block) > 0) {
    ptl_put_line_start(writer);
    ptl_put(writer, "^bb0(");
    put_block_arguments(writer, block);
    ptl_put(writer, "):\n");
  }
  ptl_put_region(writer, region, false);
  ptl_names_close(writer, mark);
  ptl_put_line_start(writer);
  ptl_put(writer, "}");
}

void ptl_put_generic(ptl_writer *writer, MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  intptr_t operands = mlirOperationGetNumOperands(op);
  intptr_t regions = mlirOperationGetNumRegions(op);
  ptl_strbuf_printf(writer->out, "\"%.*s\"(", (int)name.length, name.data);
  ptl_put_operands(writer, op, 0, operands);
  ptl_put(writer, ")");
  put_attributes(writer, op, false, " <{", "}>");
  for (intptr_t i = 0; i < regions; i++) {
    ptl_put(writer, i == 0 ? " (" : ", ");
    put_generic_region(writer, mlirOperationGetRegion(op, i));
  }
  ptl_put(writer, regions > 0 ? ")" : "");
  put_attributes(writer, op, true, " {", "}");
  ptl_put(writer, " : (");
  for (intptr_t i = 0; i < operands; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_type(writer, mlirValueGetType(mlirOperationGetOperand(op, i)));
  }
  ptl_put(writer, ") -> ");
  ptl_put_result_types(writer, op);
}

static void refuse(ptl_writer *writer, MlirOperation op, ptl_status status, const char *what) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  ptl_loc loc = ptl_place_of(writer, op).loc;
  ptl_diag_add(writer->diags, PTL_CODE_NO_PTO_SYNTAX, loc, "%.*s %s", (int)name.length, name.data,
               what);
  writer->status = status;
}

static void put_results(ptl_writer *writer, MlirOperation op) {
  intptr_t count = mlirOperationGetNumResults(op);
  if (count == 0) {
    return;
  }
  ptl_str name = ptl_pointers_get(&writer->values, mlirOperationGetResult(op, 0).ptr);
  if (count > 1) {
    name.length -= 2; /* #0 */
  }
  ptl_put_str(writer, name);
  if (count > 1) {
    ptl_strbuf_printf(writer->out, ":%d", (int)count);
  }
  ptl_put(writer, " = ");
}

static void put_op(ptl_writer *writer, MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  ptl_op_id id = ptl_known_op_id(&writer->ops, op);
  if (ptl_str_starts_with((ptl_str){name.data, name.length}, "ptolower.")) {
    refuse(writer, op, PTL_INTERNAL, "has no .pto syntax");
    return;
  }
  if (mlirOperationGetNumSuccessors(op) > 0) {
    refuse(writer, op, PTL_REFUSED, "branches, which has no .pto syntax");
    return;
  }
  ptl_names_give_results(writer, op);
  ptl_put_line_start(writer);
  put_results(writer, op);
  if (!ptl_put_pto(writer, op, id) && !ptl_put_std(writer, op, id)) {
    ptl_put_generic(writer, op);
  }
  ptl_put_location(writer, op);
  ptl_put(writer, "\n");
}

static bool is_bare_terminator(MlirOperation op) {
  return ptl_op_is(op, PTL_SCF_YIELD) && mlirOperationGetNumOperands(op) == 0;
}

void ptl_put_region(ptl_writer *writer, MlirRegion region, bool drop_terminator) {
  MlirBlock block = mlirRegionGetFirstBlock(region);
  if (mlirBlockIsNull(block)) {
    return;
  }
  size_t mark = ptl_names_open(writer);
  writer->indent++;
  MlirOperation op = mlirBlockGetFirstOperation(block);
  while (!mlirOperationIsNull(op) && writer->status == PTL_OK) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (!drop_terminator || !mlirOperationIsNull(next) || !is_bare_terminator(op)) {
      put_op(writer, op);
    }
    op = next;
  }
  writer->indent--;
  ptl_names_close(writer, mark);
}

/* The i-th dictionary of arg_attrs or res_attrs. */
static void put_value_attributes(ptl_writer *writer, MlirOperation func, const char *list,
                                 intptr_t index) {
  MlirAttribute all = ptl_attribute_of(func, list);
  if (mlirAttributeIsNull(all) || index >= mlirArrayAttrGetNumElements(all)) {
    return;
  }
  MlirAttribute dict = mlirArrayAttrGetElement(all, index);
  if (mlirDictionaryAttrGetNumElements(dict) > 0) {
    ptl_put(writer, " ");
    ptl_put_str(writer, ptl_attribute_text(writer, dict));
  }
}

static void put_arguments(ptl_writer *writer, MlirOperation func, MlirType type, MlirBlock entry) {
  ptl_put(writer, "(");
  intptr_t count = mlirFunctionTypeGetNumInputs(type);
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    if (!mlirBlockIsNull(entry)) {
      const char *name = ptl_argument_name(writer->arena, func, i);
      ptl_names_give(writer, mlirBlockGetArgument(entry, i),
                     name ? name : ptl_arena_printf(writer->arena, "arg%d", (int)i));
      ptl_put_value(writer, mlirBlockGetArgument(entry, i));
      ptl_put(writer, ": ");
    }
    ptl_put_type(writer, mlirFunctionTypeGetInput(type, i));
    put_value_attributes(writer, func, "arg_attrs", i);
  }
  ptl_put(writer, ")");
}

static void put_function_results(ptl_writer *writer, MlirOperation func, MlirType type) {
  intptr_t count = mlirFunctionTypeGetNumResults(type);
  if (count == 0) {
    return;
  }
  bool bare = count == 1 && mlirAttributeIsNull(ptl_attribute_of(func, "res_attrs"));
  ptl_put(writer, bare ? " -> " : " -> (");
  for (intptr_t i = 0; i < count; i++) {
    ptl_put(writer, i > 0 ? ", " : "");
    ptl_put_type(writer, mlirFunctionTypeGetResult(type, i));
    put_value_attributes(writer, func, "res_attrs", i);
  }
  ptl_put(writer, bare ? "" : ")");
}

/* Those that are not its own are in its head. */
static void put_function_attributes(ptl_writer *writer, MlirOperation func) {
  const char *separator = " attributes {";
  intptr_t count = mlirOperationGetNumDiscardableAttributes(func);
  bool any = false;
  for (intptr_t i = 0; i < count; i++) {
    MlirNamedAttribute attribute = mlirOperationGetDiscardableAttribute(func, i);
    if (!ptl_is_own_attribute(attribute)) {
      ptl_put(writer, separator);
      ptl_put_attribute(writer, attribute, false);
      separator = ", ";
      any = true;
    }
  }
  ptl_put(writer, any ? "}" : "");
}

static void put_function(ptl_writer *writer, MlirOperation func) {
  MlirType type = mlirTypeAttrGetValue(ptl_attribute_of(func, "function_type"));
  MlirAttribute visibility = ptl_attribute_of(func, "sym_visibility");
  MlirRegion body = mlirOperationGetRegion(func, 0);
  MlirBlock entry = mlirRegionGetFirstBlock(body);
  ptl_put_op_name(writer, func);
  ptl_put(writer, " ");
  if (!mlirAttributeIsNull(visibility)) {
    MlirStringRef text = mlirStringAttrGetValue(visibility);
    ptl_put_str(writer, (ptl_str){text.data, text.length});
    ptl_put(writer, " ");
  }
  MlirAttribute name = ptl_attribute_of(func, "sym_name");
  MlirAttribute symbol =
      mlirFlatSymbolRefAttrGet(mlirOperationGetContext(func), mlirStringAttrGetValue(name));
  ptl_put_str(writer, ptl_attribute_text(writer, symbol));
  put_arguments(writer, func, type, entry);
  put_function_results(writer, func, type);
  put_function_attributes(writer, func);
  if (!mlirBlockIsNull(entry)) {
    ptl_put(writer, " {\n");
    ptl_put_region(writer, body, false);
    ptl_put(writer, "  }");
  }
  ptl_put_location(writer, func);
}

ptl_status ptl_asm_write_func(MlirOperation func, ptl_places *places, ptl_diags *diags,
                              ptl_strbuf *out) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_writer writer = {
      .arena = &arena, .places = places, .diags = diags, .out = out, .status = PTL_OK};
  writer.types.arena = &arena;
  writer.attributes.arena = &arena;
  writer.values.arena = &arena;
  writer.layouts.arena = &arena;
  ptl_symbols_init(&writer.used, &arena);
  put_function(&writer, func);
  ptl_arena_free(&arena);
  return writer.status;
}
