/* Tells by the op table which operands of an op are read, written, or scratch. */
#include "kernel/access.h"

#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "asm/optable.h"

typedef struct ptl_access_row {
  MlirIdentifier name;
  int group_count;
  bool is_fixed;
  ptl_access groups[PTL_MAX_GROUPS];
} ptl_access_row;

/* The inside of outs(...) of a syntax; empty if there is none. */
static ptl_str outs_of(const char *syntax) {
  const char *begin = strstr(syntax, "outs(");
  if (!begin) {
    return (ptl_str){syntax, 0};
  }
  begin += 5;
  return (ptl_str){begin, strcspn(begin, ")")};
}

static bool only_names(const char *name) {
  static const char *const names[] = {"set_validshape", "subview",  "bind_tile",
                                      "bitcast",        "treshape", "get_validshape",
                                      "multi_tile_get"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

/* Ops that fill a tile which the syntax does not put into outs(...). */
static bool fills_operands(const char *name) {
  return strncmp(name, "tpop", 4) == 0 || strncmp(name, "comm.", 5) == 0 ||
         strncmp(name, "syncall", 7) == 0;
}

/* Operands that an op uses as room for its work; what passes through GM has tiles to do it by. */
static bool is_scratch_name(const char *op, ptl_str name) {
  bool is_transfer = strncmp(op, "comm.", 5) == 0;
  return ptl_str_is(name, "tmp") || ptl_str_is(name, "scratch") ||
         (is_transfer &&
          (ptl_str_is(name, "ping") || ptl_str_is(name, "pong") || ptl_str_is(name, "acc")));
}

static void read_row(const ptl_op_syntax *syntax, ptl_access_row *row) {
  ptl_op_layout layout = ptl_op_layout_of(syntax);
  ptl_str outs = outs_of(syntax->syntax);
  row->group_count = layout.count;
  row->is_fixed = layout.is_fixed;
  for (int i = 0; i < layout.count; i++) {
    ptl_str name = layout.groups[i].name;
    bool in_outs = name.data >= outs.data && name.data < outs.data + outs.length;
    bool is_scratch = is_scratch_name(syntax->name, name);
    row->groups[i] = only_names(syntax->name)                  ? PTL_ACCESS_NONE
                     : is_scratch                              ? PTL_ACCESS_SCRATCH
                     : in_outs || fills_operands(syntax->name) ? PTL_ACCESS_WRITE
                                                               : PTL_ACCESS_READ;
  }
}

static const ptl_access_row *row_of(ptl_arena *arena, ptl_access_cache *cache, MlirOperation op) {
  MlirIdentifier name = mlirOperationGetName(op);
  for (int i = 0; i < cache->count; i++) {
    if (mlirIdentifierEqual(cache->rows[i].name, name)) {
      return &cache->rows[i];
    }
  }
  cache->rows =
      ptl_arena_more(arena, cache->rows, cache->count, &cache->capacity, sizeof(ptl_access_row));
  ptl_access_row *row = &cache->rows[cache->count++];
  MlirStringRef text = mlirIdentifierStr(name);
  const ptl_op_syntax *syntax = ptl_op_find((ptl_str){text.data, text.length});
  row->name = name;
  if (syntax) {
    read_row(syntax, row);
  }
  return row;
}

/* Size of the i-th group: from the op's segments, else one each. */
static int group_size(const ptl_access_row *row, MlirAttribute segments, int group) {
  if (row->is_fixed || mlirAttributeIsNull(segments) || !mlirAttributeIsADenseI32Array(segments) ||
      group >= mlirDenseArrayGetNumElements(segments)) {
    return 1;
  }
  return mlirDenseI32ArrayGetElement(segments, group);
}

/* A merge of lists that says where they ended (a second output) takes scratch as its last input. */
static void find_merge_scratch(MlirOperation op, MlirAttribute segments, ptl_access *out) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (!ptl_str_is((ptl_str){name.data, name.length}, "pto.tmrgsort") ||
      mlirAttributeIsNull(segments) || !mlirAttributeIsADenseI32Array(segments) ||
      mlirDenseArrayGetNumElements(segments) != 2) {
    return;
  }
  int inputs = mlirDenseI32ArrayGetElement(segments, 0);
  if (inputs > 2 && mlirDenseI32ArrayGetElement(segments, 1) == 2) {
    out[inputs - 1] = PTL_ACCESS_SCRATCH;
  }
}

void ptl_access_of_op(ptl_arena *arena, ptl_access_cache *cache, MlirOperation op,
                      int operand_count, ptl_access *out) {
  const ptl_access_row *row = row_of(arena, cache, op);
  MlirAttribute segments =
      mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString("operandSegmentSizes"));
  int at = 0;
  for (int group = 0; group < row->group_count; group++) {
    int size = group_size(row, segments, group);
    for (int i = 0; i < size && at < operand_count; i++) {
      out[at++] = row->groups[group];
    }
  }
  find_merge_scratch(op, segments, out);
}
