/* What ops say by themselves: flags of one core, and what they tell the other core. */
#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "flags/flags_state.h"
#include "rules/op_types.h"

/* ---- flags of one core ------------------------------------------------------- */

/* The text of an attribute that MLIR does not know: "pto.pipe<PIPE_M>" without its dialect. */
static ptl_str text_of(const ptl_op *op, const char *name) {
  MlirAttribute value =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAOpaque(value)) {
    return (ptl_str){"", 0};
  }
  MlirStringRef text = mlirOpaqueAttrGetData(value);
  return (ptl_str){text.data, text.length};
}

/* What stands between the brackets of "pipe<PIPE_M>". */
static ptl_str inside(ptl_str text) {
  size_t begin = 0;
  while (begin < text.length && text.data[begin] != '<') {
    begin++;
  }
  size_t end = begin;
  while (end < text.length && text.data[end] != '>') {
    end++;
  }
  return begin < end ? (ptl_str){text.data + begin + 1, end - begin - 1} : (ptl_str){"", 0};
}

static bool pipe_named(const ptl_op *op, const char *attribute, ptl_sync_pipe *out) {
  ptl_str name = inside(text_of(op, attribute));
  for (int i = PTL_SYNC_PIPE_S; i < PTL_SYNC_PIPE_COUNT; i++) {
    if (ptl_str_is(name, ptl_sync_pipe_name((ptl_sync_pipe)i))) {
      *out = (ptl_sync_pipe)i;
      return true;
    }
  }
  *out = PTL_SYNC_PIPE_NONE;
  return ptl_str_is(name, "PIPE_ALL");
}

/* Ops of an event by their kinds, and the pipes that run them
 * (PTOAS:lib/PTO/IR/PTOSyncUtils.cpp). */
static const struct {
  const char *name;
  ptl_sync_pipe pipe;
} event_ops[] = {
    {"TLOAD", PTL_SYNC_PIPE_MTE2},       {"TSTORE_VEC", PTL_SYNC_PIPE_MTE3},
    {"TSTORE_ACC", PTL_SYNC_PIPE_FIX},   {"TMOV_M2L", PTL_SYNC_PIPE_MTE1},
    {"TMOV_M2B", PTL_SYNC_PIPE_MTE1},    {"TMOV_M2S", PTL_SYNC_PIPE_FIX},
    {"TMOV_M2V", PTL_SYNC_PIPE_V},       {"TMOV_V2M", PTL_SYNC_PIPE_FIX},
    {"TMATMUL", PTL_SYNC_PIPE_M},        {"TVEC", PTL_SYNC_PIPE_V},
    {"TVECWAIT_EVENT", PTL_SYNC_PIPE_V},
};

static bool pipe_of_event_op(const ptl_op *op, const char *attribute, ptl_sync_pipe *out) {
  ptl_str name = inside(text_of(op, attribute));
  for (size_t i = 0; i < sizeof(event_ops) / sizeof(event_ops[0]); i++) {
    if (ptl_str_is(name, event_ops[i].name)) {
      *out = event_ops[i].pipe;
      return true;
    }
  }
  return false;
}

static int64_t id_named(const ptl_op *op) {
  ptl_str name = inside(text_of(op, "event_id"));
  const char prefix[] = "EVENT_ID";
  size_t length = sizeof(prefix) - 1;
  if (name.length <= length || name.length > length + 4 || memcmp(name.data, prefix, length) != 0) {
    return -1;
  }
  int64_t id = 0;
  for (size_t i = length; i < name.length; i++) {
    if (name.data[i] < '0' || name.data[i] > '9') {
      return -1;
    }
    id = id * 10 + (name.data[i] - '0');
  }
  return id;
}

static bool is_dynamic(const ptl_op *op) {
  return op->id == PTL_PTO_SET_FLAG_DYN || op->id == PTL_PTO_WAIT_FLAG_DYN;
}

static int64_t id_of(const ptl_walk *walk, const ptl_op *op) {
  int64_t id;
  if (!is_dynamic(op)) {
    return id_named(op);
  }
  return walk && op->operand_count == 1 &&
                 ptl_expr_is_const(ptl_walk_exprs(walk), ptl_integer_at(walk, op->operands[0]),
                                   &id) &&
                 id >= 0
             ? id
             : -1;
}

static bool pipes_of_flag(const ptl_op *op, ptl_flag_op *out) {
  if (op->id == PTL_PTO_RECORD_EVENT || op->id == PTL_PTO_WAIT_EVENT) {
    return pipe_of_event_op(op, "src_op", &out->from) && pipe_of_event_op(op, "dst_op", &out->to);
  }
  return pipe_named(op, "src_pipe", &out->from) && pipe_named(op, "dst_pipe", &out->to) &&
         out->from != PTL_SYNC_PIPE_NONE && out->to != PTL_SYNC_PIPE_NONE;
}

bool ptl_flag_of_op(const ptl_walk *walk, const ptl_op *op, ptl_flag_op *out) {
  bool sets = op->id == PTL_PTO_SET_FLAG || op->id == PTL_PTO_SET_FLAG_DYN ||
              op->id == PTL_PTO_RECORD_EVENT;
  bool waits = op->id == PTL_PTO_WAIT_FLAG || op->id == PTL_PTO_WAIT_FLAG_DYN ||
               op->id == PTL_PTO_WAIT_EVENT;
  *out = (ptl_flag_op){.kind = sets ? PTL_FLAG_SET : waits ? PTL_FLAG_WAIT : PTL_FLAG_BARRIER};
  if (op->id == PTL_PTO_BARRIER) {
    return pipe_named(op, "pipe", &out->from);
  }
  if (!sets && !waits) {
    return false;
  }
  out->id = pipes_of_flag(op, out) ? id_of(walk, op) : -1;
  return true;
}

/* ---- flags between the cores --------------------------------------------------- */

bool ptl_flag_is_signal(const ptl_op *op) {
  switch (op->id) {
  case PTL_PTO_SYNC_SET:
  case PTL_PTO_SYNC_WAIT:
  case PTL_PTO_SET_INTRA_BLOCK:
  case PTL_PTO_WAIT_INTRA_BLOCK:
  case PTL_PTO_SET_CROSS_BLOCK:
  case PTL_PTO_WAIT_CROSS_BLOCK:
    return true;
  default:
    return false;
  }
}

static bool attribute_is(const ptl_op *op, const char *name, const char *word) {
  return ptl_str_is(inside(text_of(op, name)), word);
}

/* A wait for the other core stops the scalar unit, and so all pipes, where the cores signal through
 * the task scheduler; else one pipe (pto-isa:include/pto/npu/a5/TPush.hpp, wait_intra_block). */
static ptl_sync_pipe pipe_that_awaits(const ptl_target *target, ptl_sync_pipe pipe) {
  return target->family->pipes_lie_in_gm ? PTL_SYNC_PIPE_NONE : pipe;
}

static void end_of_pipe(const ptl_target *target, const ptl_op *op, ptl_flag_crossing *out) {
  bool to_vector = ptl_row(op)->direction == PTL_C2V;
  bool is_push = ptl_row(op)->act == PTL_PIPE_PUSH;
  int64_t id = 0;
  (void)ptl_rule_integer_attr(op, "id", &id);
  out->is_pipe = true;
  out->id = (int64_t)((uint64_t)id << 1 | to_vector); /* whatever a text says: nothing overflows */
  out->kind = is_push ? PTL_FLAG_SIGNAL : PTL_FLAG_AWAIT;
  out->pipe = is_push ? (to_vector ? PTL_SYNC_PIPE_FIX : PTL_SYNC_PIPE_MTE3)
                      : pipe_that_awaits(target, to_vector ? PTL_SYNC_PIPE_V : PTL_SYNC_PIPE_MTE1);
}

static bool id_of_signal(const ptl_walk *walk, const ptl_op *op, int64_t *id) {
  return ptl_rule_integer_attr(op, "event_id", id) ||
         (op->operand_count == 1 &&
          ptl_expr_is_const(ptl_walk_exprs(walk), ptl_integer_at(walk, op->operands[0]), id));
}

enum { MODE_OF_BLOCK = 2 }; /* between the cores of a block (PTOAS: getFFTSMsg) */

static const char *end_of_signal(const ptl_target *target, const ptl_walk *walk, const ptl_op *op,
                                 ptl_flag_crossing *out) {
  bool sets = op->id == PTL_PTO_SYNC_SET || op->id == PTL_PTO_SET_INTRA_BLOCK;
  int64_t mode;
  if (op->id == PTL_PTO_SET_CROSS_BLOCK || op->id == PTL_PTO_WAIT_CROSS_BLOCK ||
      (ptl_rule_integer_attr(op, "ffts_mode", &mode) && mode != MODE_OF_BLOCK)) {
    return "flags that are not between the cores of one block are not followed";
  }
  out->kind = sets ? PTL_FLAG_SIGNAL : PTL_FLAG_AWAIT;
  if (!pipe_named(op, "pipe", &out->pipe) || (sets && out->pipe == PTL_SYNC_PIPE_NONE)) {
    return "the pipe of a flag between the cores is not known";
  }
  out->pipe = sets ? out->pipe : pipe_that_awaits(target, out->pipe);
  return id_of_signal(walk, op, &out->id) ? NULL
                                          : "the id of a flag between the cores is not known";
}

bool ptl_flag_crossing_of(const ptl_target *target, const ptl_walk *walk, const ptl_op *op,
                          ptl_flag_crossing *out, const char **why) {
  ptl_pipe_act act = ptl_row(op)->act;
  *why = NULL;
  *out = (ptl_flag_crossing){.kind = PTL_FLAG_MEETING};
  if (act == PTL_PIPE_PUSH || act == PTL_PIPE_POP) {
    end_of_pipe(target, op, out);
    return true;
  }
  if (ptl_flag_is_signal(op)) {
    *why = end_of_signal(target, walk, op, out);
    return !*why;
  }
  if (op->id != PTL_PTO_SYNCALL) {
    return false;
  }
  *why =
      attribute_is(op, "mode", "hard") ? NULL : "a meeting of cores by a counter is not followed";
  return !*why && attribute_is(op, "core_type", "mix");
}
