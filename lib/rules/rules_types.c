/* What the rules read of an op: types with any element type, constants, attributes. */
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <string.h>

#include "rules/rules_state.h"

/* ---- element types ------------------------------------------------------- */

bool ptl_elem_is(const ptl_rule_type *type, const char *name) {
  return ptl_str_is(type->elem, name);
}

bool ptl_elem_is_one_of(const ptl_rule_type *type, const char *const *names) {
  for (; *names; names++) {
    if (ptl_elem_is(type, *names)) {
      return true;
    }
  }
  return false;
}

/* Bits of `i8`, `ui8`, `si8`; 0 if it is no integer. */
static int integer_bits(ptl_str elem) {
  size_t at = elem.length > 0 && (elem.data[0] == 'u' || elem.data[0] == 's') ? 1 : 0;
  if (at + 1 >= elem.length || elem.length > at + 3 || elem.data[at++] != 'i') {
    return 0;
  }
  int bits = 0;
  for (; at < elem.length; at++) {
    if (elem.data[at] < '0' || elem.data[at] > '9') {
      return 0;
    }
    bits = bits * 10 + (elem.data[at] - '0');
  }
  return bits;
}

bool ptl_elem_is_int(const ptl_rule_type *type, int bits) {
  return integer_bits(type->elem) == bits;
}

bool ptl_elem_is_low(const ptl_rule_type *type) {
  return ptl_str_starts_with(type->elem, "!pto.") || ptl_str_starts_with(type->elem, "f8");
}

bool ptl_same_elem(const ptl_rule_type *a, const ptl_rule_type *b) {
  return ptl_str_equal(a->elem, b->elem);
}

static int64_t elem_bytes(const ptl_rule_type *type) {
  int bits = integer_bits(type->elem);
  if (bits > 0) {
    return bits < 8 ? 1 : bits / 8;
  }
  if (ptl_elem_is(type, "f16") || ptl_elem_is(type, "bf16")) {
    return 2;
  }
  if (ptl_elem_is(type, "f32")) {
    return 4;
  }
  return ptl_elem_is(type, "f64") ? 8 : ptl_elem_is_low(type) ? 1 : 0;
}

/* ---- types ---------------------------------------------------------------- */

static void read_text(ptl_str text, ptl_rule_type *out) {
  ptl_view_shape view;
  if (ptl_str_starts_with(text, "!pto.tile_buf<")) {
    bool is_tile = ptl_tile_shape_parse(text, &out->tile, &out->elem);
    out->kind = is_tile ? PTL_TYPE_TILE : PTL_TYPE_NO_TILE;
  } else if (ptl_view_shape_parse(text, &view)) {
    out->kind = view.is_partition ? PTL_TYPE_PART : PTL_TYPE_VIEW;
    out->elem = view.elem;
    out->rank = view.rank;
    memcpy(out->extents, view.extents, sizeof(out->extents));
  } else if (ptl_str_starts_with(text, "!pto.ptr<")) {
    out->kind = PTL_TYPE_POINTER;
    out->elem = ptl_ptr_elem(text);
  } else if (ptl_str_starts_with(text, "!pto.pipe")) {
    out->kind = PTL_TYPE_PIPE;
  }
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

static const ptl_rule_type *read_type(ptl_rules *r, const ptl_value *value) {
  ptl_rule_type *type = ptl_arena_alloc(r->arena, sizeof(*type));
  type->elem = (ptl_str){"", 0};
  if (value->is_integer) {
    type->kind = PTL_TYPE_INTEGER;
  } else if (value->is_tile) {
    type->kind = PTL_TYPE_TILE;
    type->tile = value->tile;
    type->elem = ptl_str_of(ptl_elem_name(value->tile.elem));
  } else if (mlirTypeIsAOpaque(mlirValueGetType(value->value))) {
    read_text(ptl_type_text(r->arena, mlirValueGetType(value->value)), type);
  }
  type->elem_bytes = elem_bytes(type);
  return type;
}

const ptl_rule_type *ptl_rule_type_of(ptl_rules *r, int value) {
  if (!r->types[value]) {
    r->types[value] = read_type(r, &r->kernel->values[value]);
  }
  return r->types[value];
}

static const ptl_rule_type unknown_type = {.kind = PTL_TYPE_UNKNOWN, .elem = {"", 0}};

const ptl_rule_type *ptl_rule_operand(ptl_rules *r, const ptl_op *op, int operand) {
  return operand < op->operand_count ? ptl_rule_type_of(r, op->operands[operand]) : &unknown_type;
}

const ptl_rule_type *ptl_rule_result(ptl_rules *r, const ptl_op *op) {
  return op->result_count > 0 ? ptl_rule_type_of(r, op->first_result) : &unknown_type;
}

const ptl_rule_type *ptl_rule_extra(ptl_rules *r, const ptl_op *op, int fixed, ptl_type_kind kind) {
  for (int i = fixed; i < op->operand_count; i++) {
    const ptl_rule_type *type = ptl_rule_operand(r, op, i);
    if (type->kind == kind) {
      return type;
    }
  }
  return NULL;
}

/* ---- constants and attributes --------------------------------------------- */

bool ptl_rule_constant(const ptl_rules *r, int value, int64_t *out) {
  return ptl_noted_constant(r->noted, value, out);
}

static MlirAttribute attribute(const ptl_op *op, const char *name) {
  return mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name));
}

bool ptl_rule_integer_attr(const ptl_op *op, const char *name, int64_t *out) {
  MlirAttribute value = attribute(op, name);
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAInteger(value)) {
    return false;
  }
  *out = mlirIntegerAttrGetValueInt(value);
  return true;
}

ptl_str ptl_rule_attr_text(ptl_rules *r, const ptl_op *op, const char *name) {
  MlirAttribute value = attribute(op, name);
  if (mlirAttributeIsNull(value)) {
    return (ptl_str){"", 0};
  }
  ptl_strbuf text;
  ptl_strbuf_init(&text, r->arena);
  mlirAttributePrint(value, append_text, &text);
  return (ptl_str){text.data, text.length};
}

int ptl_rule_segment(const ptl_op *op, int group, int otherwise) {
  MlirAttribute sizes = attribute(op, "operandSegmentSizes");
  if (mlirAttributeIsNull(sizes) || !mlirAttributeIsADenseI32Array(sizes) ||
      group >= mlirDenseArrayGetNumElements(sizes)) {
    return otherwise;
  }
  return mlirDenseI32ArrayGetElement(sizes, group);
}

/* ---- names ----------------------------------------------------------------- */

const char *ptl_blayout_name(const ptl_tile_type *tile) {
  return tile->blayout_col_major ? "col_major" : "row_major";
}

const char *ptl_slayout_name(const ptl_tile_type *tile) {
  static const char *const names[] = {"none_box", "row_major", "col_major"};
  return names[tile->slayout];
}

bool ptl_layout_is(const ptl_tile_type *tile, bool col_major, int slayout) {
  bool is_left = tile->space == PTL_SPACE_LEFT;
  return (is_left || tile->blayout_col_major == col_major) && (int)tile->slayout == slayout;
}
