/* The table of ops, and how a row is found. */
#include "asm/ops.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Syntaxes that many ops share. */
#define UNARY "ins(<src>) outs(<dst>) {}"
#define BINARY "ins(<a, b>) outs(<dst>) {}"
#define TERNARY "ins(<a, b, c>) outs(<dst>) {}"
#define WITH_SCRATCH "ins(<a, tmp?>) outs(<dst>) {}"
#define BINARY_WITH_SCRATCH "ins(<a, b, tmp?>) outs(<dst>) {}"
#define PRODUCT "ins(<lhs, rhs>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_3 "ins(<a, b, c>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_4 "ins(<a, b, c, d>) outs(<dst>) {} [[-> !result]]"
#define PRODUCT_5 "ins(<a, b, c, d, e>) outs(<dst>) {} [[-> !result]]"
#define ALLOC                                                                                      \
  "[[addr = $addr:i64]] [[valid_row = $valid_row:index]] [[valid_col = $valid_col:index]] {} : "   \
  "!result"
#define FRONTEND_PIPE                                                                              \
  "{id,dir_mask,slot_size,slot_num,local_slot_num,nosplit,acc_push_epilogue} "                     \
  "([[; gm_slot_buffer = $gm_slot_buffer : !gm_slot_buffer]] "                                     \
  "[[; gm_slot_tensor = $gm_slot_tensor : !gm_slot_tensor]] "                                      \
  "[[; c2v_consumer_buf = $c2v_consumer_buf : !c2v_consumer_buf]] "                                \
  "[[; v2c_consumer_buf = $v2c_consumer_buf : !v2c_consumer_buf]]) {}"
#define TPUSH "(<tile>) {id,split} [[aiv_subblockid($aiv_subblockid:i64)]] {}"
#define TPOP                                                                                       \
  "[[($valid_row:index, $valid_col:index)]] {id,split} [[aiv_subblockid($aiv_subblockid:i64)]] "   \
  "{} "                                                                                            \
  "-> !result"
#define TFREE "[[($entry : !entry)]] {id,split} {}"
#define TALLOC "{id,split} {} -> !result"
#define EVENT "[@src_op, @dst_op, @event_id<event>] {}"
#define FLAG "[@src_pipe<pipe>, @dst_pipe<pipe>, @event_id<event>] {}"
#define FLAG_DYN "[@src_pipe<pipe>, @dst_pipe<pipe>, $event_id:index] {}"
#define SYNC "@pipe<pipe> [[, @event_id]] [[, $event_id_dyn:index]] {}"
#define BUF "[@op_type, @buf_id [[, @mode]] ] {}"
#define VALID_VIEW "$source [[, $valid_row:index, $valid_col:index]] {} : !source -> !result"
#define ASYNC "(<dst, src, session>) {} -> !result"
#define COLLECTIVE_TYPES "!ping [[, !pong]], !group) {}"

/* The words of a row. */
#define AS_IN_MLIR NULL
#define PURE .effect = PTL_EFFECT_PURE
#define MOVES .effect = PTL_EFFECT_MOVES
#define ACTS .effect = PTL_EFFECT_ACTS
#define UNKNOWN .effect = PTL_EFFECT_UNKNOWN
#define KIND(what) .kind = PTL_OP_##what
#define ALSO(spelling) .also = spelling
#define ALSO_SINCE(version) .also_since = version
#define FORM(what) .form = PTL_FORM_##what
#define ON(what) .pipe = PTL_SYNC_PIPE_##what
#define CROSSES(what, way) .act = PTL_PIPE_##what, .direction = PTL_##way
#define NAMES_OPERANDS .operands = PTL_OPERANDS_NAMED
#define FILLS_OPERANDS .operands = PTL_OPERANDS_FILLED
#define PASSES_OPERANDS .operands = PTL_OPERANDS_PASSED
#define SHOWS_GM .shows_gm = true
#define APART(which) .apart = PTL_OPERANDS_##which
#define MAY_IN_REGISTERS .may_in_registers = true
#define RULES(what) .rules = PTL_RULES_##what
#define RUN_AS(family, number) .run = PTL_RUN_##family, .function = number
#define RUN(family, what) .run = PTL_RUN_##family, .function = PTL_FN_##what
#define ROWS(family, what) .run = PTL_RUN_##family, .function = PTL_FN_##what, .by_row = true
#define SINCE(version) .since = version
#define UNTIL(version) .until = version
#define OP(id, op_name, op_syntax, ...)                                                            \
  [PTL_##id] = {                                                                                   \
      .name = op_name, .name_length = sizeof(op_name) - 1, .syntax = op_syntax, __VA_ARGS__},

const ptl_op_row ptl_op_table[PTL_OP_ID_COUNT] = {
    [PTL_NO_OP] = {.name = ""},
#include "asm/ops.def"
};

static int compare(ptl_str name, const ptl_op_row *row) {
  size_t length = row->name_length;
  int order = memcmp(name.data, row->name, name.length < length ? name.length : length);
  return order != 0 ? order : (name.length > length) - (name.length < length);
}

static ptl_op_id find_name(ptl_str name) {
  int low = 1;
  int high = PTL_OP_ID_COUNT;
  while (low < high) {
    int middle = low + (high - low) / 2;
    int order = compare(name, &ptl_op_table[middle]);
    if (order == 0) {
      return (ptl_op_id)middle;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return PTL_NO_OP;
}

static ptl_op_id find_spelling(ptl_str name) {
  for (int id = 1; id < PTL_OP_ID_COUNT; id++) {
    if (ptl_op_table[id].also && ptl_str_is(name, ptl_op_table[id].also)) {
      return (ptl_op_id)id;
    }
  }
  return PTL_NO_OP;
}

/* With its dot; empty if there is none. */
static ptl_str dialect_of(ptl_str name) {
  const char *dot = memchr(name.data, '.', name.length);
  return (ptl_str){name.data, dot ? (size_t)(dot - name.data) + 1 : 0};
}

ptl_op_id ptl_op_find(ptl_str name) {
  if (name.length == 0) {
    return PTL_NO_OP;
  }
  ptl_op_id id = find_name(name);
  id = id == PTL_NO_OP ? find_spelling(name) : id;
  return id == PTL_NO_OP ? find_name(dialect_of(name)) : id;
}

static ptl_str name_of(MlirOperation op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  return (ptl_str){name.data, name.length};
}

ptl_op_id ptl_op_id_of(MlirOperation op) { return ptl_op_find(name_of(op)); }

ptl_op_id ptl_known_op_id(ptl_known_ops *known, MlirOperation op) {
  const void *name = mlirOperationGetName(op).ptr;
  uint64_t hash = ((uintptr_t)name >> 3) * 0x9e3779b97f4a7c15u;
  size_t slot = hash >> (64 - PTL_KNOWN_OPS_BITS);
  if (known->names[slot] != name) {
    known->names[slot] = name;
    known->ids[slot] = ptl_op_id_of(op);
  }
  return known->ids[slot];
}

const ptl_op_row *ptl_op_row_of(MlirOperation op) { return &ptl_op_table[ptl_op_id_of(op)]; }

bool ptl_op_is(MlirOperation op, ptl_op_id id) {
  const ptl_op_row *row = &ptl_op_table[id];
  ptl_str name = name_of(op);
  return ptl_str_equal(name, (ptl_str){row->name, row->name_length}) ||
         (row->also && ptl_str_is(name, row->also));
}

/* Of the versions that were looked at: the newest before `version`, and the oldest after it. */
static int looked_at_before(int version) {
  int found = 0;
#define LOOKED_AT(v) found = v < version ? v : found;
  PTL_OPS_LOOKED_AT(LOOKED_AT)
#undef LOOKED_AT
  return found;
}

static int looked_at_after(int version) {
  int found = INT_MAX;
#define LOOKED_AT(v) found = v > version && found == INT_MAX ? v : found;
  PTL_OPS_LOOKED_AT(LOOKED_AT)
#undef LOOKED_AT
  return found;
}

ptl_op_absence ptl_op_missing(const ptl_op_row *row, ptl_str name, ptl_version version,
                              ptl_version *with) {
  bool is_also = row->also && ptl_str_is(name, row->also);
  int since = is_also ? row->also_since : row->since, until = is_also ? 0 : row->until;
  int minor = version.major > 0 ? INT_MAX : version.minor;
  if (since > 0 && minor <= looked_at_before(since)) {
    *with = (ptl_version){0, since};
    return PTL_OP_NOT_YET;
  }
  if (until > 0 && minor >= looked_at_after(until)) {
    *with = (ptl_version){0, until};
    return PTL_OP_NO_LONGER;
  }
  return PTL_OP_NOT_MISSING;
}

ptl_str ptl_op_short_name(ptl_str name) {
  size_t dialect = dialect_of(name).length;
  return (ptl_str){name.data + dialect, name.length - dialect};
}
