/* Rules for the pipes between the cube core and the vector cores, and for the buffers that
 * are reserved for them. */
#include <mlir-c/BuiltinTypes.h>
#include <string.h>

#include "rules/rules_state.h"

static int64_t attr_or(const ptl_op *op, const char *name, int64_t otherwise) {
  int64_t value;
  return ptl_rule_integer_attr(op, name, &value) ? value : otherwise;
}

static bool is_frontend_init(const ptl_op *op) { return ptl_row(op)->act == PTL_PIPE_INIT; }

/* From the cube core to the vector cores. */
static bool is_towards_vector(const ptl_op *op) { return ptl_row(op)->direction == PTL_C2V; }

/* The core that an op like tpush_to_aiv runs on: what takes from a pipe runs at its far end. */
static const char *core_of(const ptl_op *op) {
  ptl_pipe_act act = ptl_row(op)->act;
  bool takes = act == PTL_PIPE_POP || act == PTL_PIPE_FREE;
  return is_towards_vector(op) != takes ? "cube" : "vector";
}

/* ptoas: "must be inside a cube kernel function or section". */
const char *ptl_rule_core(ptl_rules *r, const ptl_op *op) {
  const char *core = core_of(op);
  if (r->core && strcmp(r->core, core) == 0) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "this belongs into a %s kernel, a function with pto.kernel_kind = "
                      "#pto.kernel_kind<%s>, or into a pto.section.%s%s",
                      core, core, core, r->core ? "; this is one of the other core" : "");
}

static const char *check_split(ptl_rules *r, const ptl_op *op) {
  int64_t split = attr_or(op, "split", 0);
  return split >= 0 && split <= 2 ? NULL
                                  : PTL_RULE_SAY(r, "split is 0, 1 or 2, not %" PRId64, split);
}

/* The initialize_pipe of an id; counts them. */
static const ptl_op *find_pipe(const ptl_rules *r, int64_t id, int *count) {
  const ptl_op *found = NULL;
  *count = 0;
  for (int i = 0; i < r->pipe_count; i++) {
    if (is_frontend_init(r->pipes[i]) && attr_or(r->pipes[i], "id", 0) == id) {
      found = found ? found : r->pipes[i];
      ++*count;
    }
  }
  return found;
}

/* ptoas: "expects 'id' to be non-negative", "'split' to be 0, 1, or 2", 0.48: "to match a frontend
 * initialize_pipe op in the same function", "initialize_pipe with dir_mask = 1 or 3". */
const char *ptl_rule_frontend_data(ptl_rules *r, const ptl_op *op) {
  int64_t id = attr_or(op, "id", 0);
  const char *wrong = check_split(r, op);
  int count;
  if (wrong) {
    return wrong;
  }
  const ptl_op *pipe = find_pipe(r, id, &count);
  if (count != 1) {
    r->other = pipe;
    return PTL_RULE_SAY(r, "%s initialize_pipe of the function has id = %" PRId64,
                        count == 0 ? "no" : "more than one", id);
  }
  int64_t mask = attr_or(pipe, "dir_mask", 0);
  int64_t bit = is_towards_vector(op) ? 1 : 2;
  if (mask & bit) {
    return NULL;
  }
  r->other = pipe;
  return PTL_RULE_SAY(r,
                      "the pipe %" PRId64 " has dir_mask = %" PRId64
                      ", but this goes %s, which takes "
                      "dir_mask = %" PRId64 " or 3",
                      id, mask, bit == 1 ? "from cube to vector" : "from vector to cube", bit);
}

static const char *check_sizes(ptl_rules *r, const ptl_op *op) {
  int64_t mask = attr_or(op, "dir_mask", 0);
  if (mask < 1 || mask > 3) {
    return PTL_RULE_SAY(
        r, "dir_mask is 1 (cube to vector), 2 (vector to cube) or 3 (both), not %" PRId64, mask);
  }
  static const char *const names[] = {"slot_size", "slot_num"};
  for (int i = 0; i < 2; i++) {
    int64_t value = attr_or(op, names[i], 1);
    if (value <= 0) {
      return PTL_RULE_SAY(r, "%s is at least 1, not %" PRId64, names[i], value);
    }
  }
  return NULL;
}

static const char *check_local_slots(ptl_rules *r, const ptl_op *op, int64_t slots) {
  int64_t local;
  if (!ptl_rule_integer_attr(op, "local_slot_num", &local) || (local > 0 && local <= slots)) {
    return NULL;
  }
  return PTL_RULE_SAY(r, "local_slot_num is 1 to slot_num, which is %" PRId64 ", not %" PRId64,
                      slots, local);
}

/* ptoas: "expects 'id' to be non-negative", "'id' to be unique across frontend initialize_pipe
 * ops",
 * "'dir_mask' to be 1, 2, or 3", "'slot_size' to be greater than 0". */
const char *ptl_rule_frontend_init(ptl_rules *r, const ptl_op *op) {
  int64_t id = attr_or(op, "id", 0);
  int count;
  if (id < 0) {
    return PTL_RULE_SAY(r, "the id of a pipe is 0 or more, not %" PRId64, id);
  }
  const ptl_op *first = find_pipe(r, id, &count);
  if (count > 1) {
    r->other = first == op ? NULL : first;
    return PTL_RULE_SAY(r, "%d pipes of the function have id = %" PRId64 "; each takes its own",
                        count, id);
  }
  return check_sizes(r, op);
}

/* A pipe that converts what an accumulator holds on the way (0.60: fixpipe). */
static bool converts(ptl_rules *r, const ptl_op *pipe) {
  return ptl_rule_attr_text(r, pipe, "acc_push_epilogue").length > 0;
}

/* ptoas 0.60: "expects fixpipe pipe to have dir_mask = 1 (C2V only)". */
const char *ptl_rule_frontend_epilogue(ptl_rules *r, const ptl_op *op) {
  int64_t mask = attr_or(op, "dir_mask", 0);
  return mask == 1 || !converts(r, op)
             ? NULL
             : PTL_RULE_SAY(r,
                            "a pipe with acc_push_epilogue leads from cube to vector, dir_mask = "
                            "1, not %" PRId64,
                            mask);
}

/* ptoas 0.60: "expects fixpipe TPOP to have split = 0". */
const char *ptl_rule_pop_split(ptl_rules *r, const ptl_op *op) {
  int count;
  const ptl_op *pipe = find_pipe(r, attr_or(op, "id", 0), &count);
  int64_t split = attr_or(op, "split", 0);
  if (!pipe || split == 0 || !converts(r, pipe)) {
    return NULL;
  }
  r->other = pipe;
  return PTL_RULE_SAY(r, "the pipe has acc_push_epilogue, so split is 0, not %" PRId64, split);
}

/* ptoas: "expects 'c2v_consumer_buf' when dir_mask is 1", "'local_slot_num' is only supported for
 * a2/a3", "to be less than or equal to slot_num". */
const char *ptl_rule_frontend_buffers(ptl_rules *r, const ptl_op *op) {
  int64_t mask = attr_or(op, "dir_mask", 0);
  if (ptl_rule_segment(op, 1, 0) > 0) {
    return ptl_rule_segment(op, 0, 0) > 0
               ? "a pipe through a tensor takes gm_slot_tensor and no gm_slot_buffer"
               : NULL;
  }
  bool to_vector = ptl_rule_segment(op, 2, 1) > 0;
  bool to_cube = ptl_rule_segment(op, 3, 1) > 0;
  if (((mask & 1) && !to_vector) || ((mask & 2) && !to_cube)) {
    return PTL_RULE_SAY(r, "a pipe with dir_mask = %" PRId64 " takes %s", mask,
                        mask == 1   ? "c2v_consumer_buf"
                        : mask == 2 ? "v2c_consumer_buf"
                                    : "both c2v_consumer_buf and v2c_consumer_buf");
  }
  int64_t local;
  if (!r->family->has_local_slots && ptl_rule_integer_attr(op, "local_slot_num", &local)) {
    return "local_slot_num is for a2a3 only";
  }
  return check_local_slots(r, op, attr_or(op, "slot_num", mask == 3 ? 4 : 8));
}

/* ptoas: "expects valid_row and valid_col operands to be provided together", "tile result to have
 * dynamic validShape (?, ?)". */
const char *ptl_rule_pop_valid(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *tile = ptl_rule_result(r, op);
  int given = 0;
  for (int i = 0; i < op->operand_count; i++) {
    given += mlirTypeIsAIndex(mlirValueGetType(r->kernel->values[op->operands[i]].value));
  }
  if (given == 0 || tile->kind != PTL_TYPE_TILE) {
    return NULL;
  }
  if (given == 1) {
    return "valid_row and valid_col are given together, or not at all";
  }
  return tile->tile.valid_rows < 0 || tile->tile.valid_cols < 0
             ? NULL
             : PTL_RULE_SAY(r,
                            "valid_row and valid_col are given, but the type fixes what is valid, "
                            "%" PRId64 " x %" PRId64 "; it takes v_row=?, v_col=?",
                            tile->tile.valid_rows, tile->tile.valid_cols);
}

/* ---- entries that are tensors ---------------------------------------------------- */

static const char *check_entry(ptl_rules *r, const ptl_rule_type *entry,
                               const ptl_rule_type *slot) {
  if (slot->kind != PTL_TYPE_VIEW) {
    return NULL;
  }
  if (!ptl_same_elem(entry, slot) || entry->rank != slot->rank) {
    return PTL_RULE_SAY(
        r,
        "the entry has %d dimensions of %.*s, the slots of its pipe %d of %.*s; they "
        "have to be the same",
        entry->rank, PTL_STR(entry->elem), slot->rank, PTL_STR(slot->elem));
  }
  for (int i = 0; i < entry->rank; i++) {
    if (entry->extents[i] >= 0 && slot->extents[i] >= 0 && entry->extents[i] != slot->extents[i]) {
      return PTL_RULE_SAY(r,
                          "the entry has %" PRId64 " elements in dimension %d, a slot of its pipe "
                          "%" PRId64,
                          entry->extents[i], i, slot->extents[i]);
    }
  }
  return NULL;
}

/* The entry that an op hands on, if it is a tensor: an operand or the result. */
static const ptl_rule_type *entry_of(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *entry = ptl_rule_operand(r, op, 0);
  return entry->kind == PTL_TYPE_VIEW                    ? entry
         : ptl_rule_result(r, op)->kind == PTL_TYPE_VIEW ? ptl_rule_result(r, op)
                                                         : NULL;
}

/* ptoas 0.48: "expects pipe entry dimension to match gm_slot_tensor dimension", "initialize_pipe
 * with 'gm_slot_tensor' when the pipe entry is !pto.tensor_view". */
const char *ptl_rule_frontend_entry(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *entry = entry_of(r, op);
  int count;
  const ptl_op *pipe = find_pipe(r, attr_or(op, "id", 0), &count);
  if (!entry || !pipe) {
    return NULL;
  }
  int buffers = ptl_rule_segment(pipe, 0, 0);
  r->other = pipe;
  return ptl_rule_segment(pipe, 1, 0) > 0
             ? check_entry(r, entry, ptl_rule_operand(r, pipe, buffers))
             : "an entry that is a tensor takes a pipe with gm_slot_tensor";
}

/* ptoas 0.48: "expects pipe entry dimension to match initialize_l2g2l_pipe gm_addr dimension". */
const char *ptl_rule_pipe_entry(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *entry = entry_of(r, op);
  const ptl_op *pipe = NULL;
  for (int i = 0; i < op->operand_count && !pipe; i++) {
    bool is_pipe = ptl_rule_operand(r, op, i)->kind == PTL_TYPE_PIPE;
    pipe = is_pipe ? r->makers[op->operands[i]] : NULL;
  }
  if (!entry || !pipe) {
    return NULL;
  }
  r->other = pipe;
  return pipe->id == PTL_PTO_INITIALIZE_L2G2L_PIPE
             ? check_entry(r, entry, ptl_rule_operand(r, pipe, 0))
             : "an entry that is a tensor takes a pipe of initialize_l2g2l_pipe";
}

/* ---- pipes by handle ---------------------------------------------------------- */

enum { HARDWARE_FLAGS = 16 };

/* ptoas: "'dir_mask' to be 1, 2, or 3", "requires 'flag_base' and dir_mask to fit within 16
 * hardware flag ids". */
const char *ptl_rule_pipe_shape(ptl_rules *r, const ptl_op *op) {
  const char *wrong = check_sizes(r, op);
  int64_t base;
  if (wrong || !ptl_rule_integer_attr(op, "flag_base", &base)) {
    return wrong;
  }
  int64_t width = attr_or(op, "dir_mask", 0) == 3 ? 4 : 2;
  if (base >= 0 && base + width <= HARDWARE_FLAGS) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "the pipe takes %" PRId64 " flags from flag_base on, of %d; %" PRId64
                      " is not between 0 and %" PRId64,
                      width, HARDWARE_FLAGS, base, HARDWARE_FLAGS - width);
}

/* ptoas: "expects 'peer_local_addr' when dir_mask is 3", "'peer_local_addr' requires 'local_addr'",
 * "'local_slot_num' is only allowed when 'local_addr' is present". */
const char *ptl_rule_pipe_operands(ptl_rules *r, const ptl_op *op) {
  bool through_gm = op->id == PTL_PTO_INITIALIZE_L2G2L_PIPE;
  bool has_local = !through_gm || ptl_rule_segment(op, 1, op->operand_count > 1) > 0;
  bool has_peer =
      ptl_rule_segment(op, through_gm ? 2 : 1, op->operand_count > (through_gm ? 2 : 1)) > 0;
  int64_t mask = attr_or(op, "dir_mask", 0);
  int64_t local;
  if (!has_local) {
    return has_peer ? "the address of the peer is given, but not the local one"
           : ptl_rule_integer_attr(op, "local_slot_num", &local)
               ? "local_slot_num is for a pipe with a local address"
               : NULL;
  }
  const char *wrong = check_local_slots(r, op, attr_or(op, "slot_num", 1));
  if (wrong || (mask == 3) == has_peer) {
    return wrong;
  }
  return PTL_RULE_SAY(r, "a pipe with dir_mask = %" PRId64 " takes %s", mask,
                      has_peer ? "no address of the peer; with dir_mask = 3 it does"
                               : "the address of the peer as well");
}

/* ptoas: "must be inside pto.section.cube/vector or a kernel_kind function", "'split' to be 0, 1,
 * or 2", "pipe_handle must be produced by pto.initialize_l2l_pipe or pto.initialize_l2g2l_pipe". */
const char *ptl_rule_pipe_data(ptl_rules *r, const ptl_op *op) {
  if (!r->core) {
    return "this belongs into a function with a pto.kernel_kind, or into a pto.section.cube "
           "or pto.section.vector";
  }
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_op *maker = r->makers[op->operands[i]];
    if (ptl_rule_operand(r, op, i)->kind == PTL_TYPE_PIPE &&
        (!maker || (maker->id != PTL_PTO_INITIALIZE_L2L_PIPE &&
                    maker->id != PTL_PTO_INITIALIZE_L2G2L_PIPE))) {
      return "the pipe has to come from initialize_l2l_pipe or initialize_l2g2l_pipe of this "
             "function";
    }
  }
  return check_split(r, op);
}

/* ptoas: reserve_buffer: "'size' to be greater than 0", "'location' to be vec or mat", "'base' when
 * 'auto' is false", "'base' to be non-negative", "'name' to be unique within the function". */
const char *ptl_rule_reserve(ptl_rules *r, const ptl_op *op) {
  ptl_str location = ptl_rule_attr_text(r, op, "location");
  ptl_str name = ptl_rule_attr_text(r, op, "name");
  int64_t base = 0;
  bool has_base = ptl_rule_integer_attr(op, "base", &base);
  if (attr_or(op, "size", 1) <= 0) {
    return PTL_RULE_SAY(r,
                        "a buffer of %" PRId64 " bytes cannot be reserved; it takes at least one",
                        attr_or(op, "size", 1));
  }
  if (location.length > 0 && !strstr(location.data, "vec") && !strstr(location.data, "mat")) {
    return PTL_RULE_SAY(r, "buffers are reserved in vec and mat, not in %.*s", PTL_STR(location));
  }
  if (ptl_str_is(ptl_rule_attr_text(r, op, "auto"), "false") && !has_base) {
    return "a buffer that is not placed by ptoas (auto = false) takes a base";
  }
  if (base < 0) {
    return PTL_RULE_SAY(r, "the buffer's base is %" PRId64 "; addresses begin at 0", base);
  }
  for (int i = 0; i < r->pipe_count && r->pipes[i] != op; i++) {
    if (r->pipes[i]->id == PTL_PTO_RESERVE_BUFFER &&
        ptl_str_equal(ptl_rule_attr_text(r, r->pipes[i], "name"), name)) {
      r->other = r->pipes[i];
      return PTL_RULE_SAY(r, "the function reserves two buffers by the name of %.*s",
                          PTL_STR(name));
    }
  }
  return NULL;
}
