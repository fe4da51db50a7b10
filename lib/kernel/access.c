/* Tells by the op table which operands of an op are read, written, or scratch. */
#include "kernel/access.h"

#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "asm/syntax.h"

typedef struct ptl_access_row {
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

/* What passes data on through GM has tiles to do it by. */
static bool is_scratch(const ptl_op_row *row, ptl_str name) {
  bool passes = row->operands == PTL_OPERANDS_PASSED;
  return ptl_str_is(name, "tmp") || ptl_str_is(name, "scratch") ||
         (passes &&
          (ptl_str_is(name, "ping") || ptl_str_is(name, "pong") || ptl_str_is(name, "acc")));
}

static ptl_access access_of(const ptl_op_row *row, ptl_str name) {
  ptl_str outs = outs_of(row->syntax);
  bool in_outs = name.data >= outs.data && name.data < outs.data + outs.length;
  switch (row->operands) {
  case PTL_OPERANDS_NAMED:
    return PTL_ACCESS_NONE;
  case PTL_OPERANDS_FILLED:
  case PTL_OPERANDS_PASSED:
    return is_scratch(row, name) ? PTL_ACCESS_SCRATCH : PTL_ACCESS_WRITE;
  case PTL_OPERANDS_BY_SYNTAX:
    break;
  }
  return is_scratch(row, name) ? PTL_ACCESS_SCRATCH : in_outs ? PTL_ACCESS_WRITE : PTL_ACCESS_READ;
}

static void read_row(const ptl_op_row *row, ptl_access_row *out) {
  ptl_op_layout layout = ptl_op_layout_of(row);
  out->group_count = layout.count;
  out->is_fixed = layout.is_fixed;
  for (int i = 0; i < layout.count; i++) {
    out->groups[i] = access_of(row, layout.groups[i].name);
  }
}

static const ptl_access_row *row_of(ptl_arena *arena, ptl_access_cache *cache, ptl_op_id id) {
  if (!cache->rows[id]) {
    cache->rows[id] = ptl_arena_alloc(arena, sizeof(ptl_access_row));
    if (ptl_op_table[id].syntax) {
      read_row(&ptl_op_table[id], cache->rows[id]);
    }
  }
  return cache->rows[id];
}

/* Ops of the table that have groups have a syntax. */
MlirAttribute ptl_op_segments(MlirOperation op, ptl_op_id id) {
  const MlirAttribute none = {NULL};
  if (!ptl_op_table[id].syntax) {
    return none;
  }
  MlirAttribute sizes =
      mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString("operandSegmentSizes"));
  return mlirAttributeIsNull(sizes) || !mlirAttributeIsADenseI32Array(sizes) ? none : sizes;
}

/* Size of the i-th group: from the op's segments, else one each. */
static int group_size(const ptl_access_row *row, MlirAttribute segments, int group) {
  if (row->is_fixed || mlirAttributeIsNull(segments) ||
      group >= mlirDenseArrayGetNumElements(segments)) {
    return 1;
  }
  return mlirDenseI32ArrayGetElement(segments, group);
}

/* A merge of lists that says where they ended (a second output) takes scratch as its last input. */
static void find_merge_scratch(ptl_op_id id, MlirAttribute segments, ptl_access *out) {
  if (id != PTL_PTO_TMRGSORT || mlirAttributeIsNull(segments) ||
      mlirDenseArrayGetNumElements(segments) != 2) {
    return;
  }
  int inputs = mlirDenseI32ArrayGetElement(segments, 0);
  if (inputs > 2 && mlirDenseI32ArrayGetElement(segments, 1) == 2) {
    out[inputs - 1] = PTL_ACCESS_SCRATCH;
  }
}

void ptl_access_of_op(ptl_arena *arena, ptl_access_cache *cache, ptl_op_id id,
                      MlirAttribute segments, int operand_count, ptl_access *out) {
  const ptl_access_row *row = row_of(arena, cache, id);
  int at = 0;
  for (int group = 0; group < row->group_count; group++) {
    int size = group_size(row, segments, group);
    for (int i = 0; i < size && at < operand_count; i++) {
      out[at++] = row->groups[group];
    }
  }
  find_merge_scratch(id, segments, out);
}
