/* What pipes take: slots, the rings of slots in the consumer's buffer and in GM, flags; and whether
 * both ends agree on it. */
#include <inttypes.h>
#include <mlir-c/BuiltinAttributes.h>

#include "pipes/pipes_state.h"
#include "rules/op_types.h"
#include "support/checked.h"

enum { HARDWARE_FLAGS = 16 };

/* ---- slots ------------------------------------------------------------------------ */

static bool is_const(const ptl_pipe_record *record, ptl_expr expr, int64_t *value) {
  return ptl_expr_is_const(record->exprs, expr, value) && *value >= 0;
}

/* Bytes of a whole entry: a vector core has half of it if it is split. False if not known. */
static bool entry_bytes(const ptl_pipe_record *record, const ptl_pipe_node *node, int64_t *bytes) {
  int64_t rows, cols;
  if (!node->tile || !is_const(record, node->rows, &rows) || !is_const(record, node->cols, &cols) ||
      rows > node->tile->rows || cols > node->tile->cols) {
    return false;
  }
  bool is_half = record->is_vector && node->use.split != 0;
  return ptl_mul(rows, cols, bytes) &&
         ptl_mul(*bytes, ptl_elem_bytes(node->tile->elem) * (is_half ? 2 : 1), bytes);
}

/* ptoas: a pipe is either split or not (PTOAS:lib/PTO/Transforms/PTOInferValidatePipeInitPass.cpp).
 */
static void check_split(const ptl_pipe_record *record, const ptl_pipe_node *node,
                        ptl_pipe_findings *out) {
  ptl_pipe_end *end = ptl_pipe_end_of(record, node->use.id);
  if (!end) {
    return;
  }
  if (end->nosplit == 1 && node->use.split != 0) {
    ptl_pipe_find_with(out, PTL_CODE_PIPE_ENDS, record, node->op, end->op,
                       "the pipe has nosplit = true, but this has split = %" PRId64,
                       node->use.split);
  } else if (end->first_use && (end->first_use->use.split == 0) != (node->use.split == 0)) {
    ptl_pipe_find_with(out, PTL_CODE_PIPE_ENDS, record, node->op, end->first_use->op,
                       "split is %" PRId64 " here and %" PRId64
                       " in another op of this pipe: either all have 0 or none",
                       node->use.split, end->first_use->use.split);
  }
  end->first_use = end->first_use ? end->first_use : node;
}

static void check_entry(const ptl_pipe_record *record, const ptl_pipe_node *node,
                        ptl_pipe_findings *out) {
  const ptl_pipe_end *end = ptl_pipe_end_of(record, node->use.id);
  int64_t bytes;
  if (end && !end->has_epilogue && end->slot_size > 0 && entry_bytes(record, node, &bytes) &&
      bytes > end->slot_size) {
    ptl_pipe_find_with(
        out, PTL_CODE_SLOT_SIZE, record, node->op, end->op,
        "a tile of %" PRId64 " bytes%s goes through slots of %" PRId64 "; make slot_size %" PRId64,
        bytes, record->is_vector && node->use.split ? ", both halves," : "", end->slot_size, bytes);
  }
}

static void check_entries(const ptl_pipe_record *record, const ptl_pipe_nodes *nodes,
                          ptl_pipe_findings *out) {
  for (int i = 0; i < nodes->count; i++) {
    const ptl_pipe_node *node = nodes->items[i];
    if (node->kind == PTL_NODE_OP && node->use.act != PTL_PIPE_FREE) {
      check_split(record, node, out);
      check_entry(record, node, out);
    }
    check_entries(record, &node->bodies[0], out);
    check_entries(record, &node->bodies[1], out);
  }
}

/* ---- rings in the consumer's buffer --------------------------------------------------- */

/* pto-isa: a2a3/TPush.hpp pops to base + (i % local_slot_num) * slot_size, a5/TPush.hpp to
 * base + (i % slot_num) * slot_size. */
static int64_t ring_slots(const ptl_pipe_record *record, const ptl_pipe_end *end) {
  return record->target->family->has_local_slots ? end->local_slot_num : end->slot_num;
}

static int64_t ring_bytes(const ptl_pipe_record *record, const ptl_pipe_end *end) {
  int64_t bytes;
  return !ptl_mul(ring_slots(record, end), end->slot_size, &bytes) || bytes < 0 ? 0 : bytes;
}

int64_t ptl_pipe_ring_bytes(const ptl_pipe_record *record, MlirOperation reservation) {
  for (int i = 0; i < record->end_count; i++) {
    for (int j = 0; j < 2; j++) {
      const ptl_op *buffer = record->ends[i].buffer[j];
      if (buffer && mlirOperationEqual(buffer->op, reservation)) {
        return ring_bytes(record, &record->ends[i]);
      }
    }
  }
  return 0;
}

/* The reserve_buffer of a function that pops: cube to vector in the vector function. */
static const ptl_op *own_buffer(const ptl_pipe_record *record, const ptl_pipe_end *end) {
  const ptl_op *buffer = end->buffer[record->is_vector ? PTL_C2V : PTL_V2C];
  return buffer && buffer->id == PTL_PTO_RESERVE_BUFFER ? buffer : NULL;
}

static void check_ring(const ptl_pipe_record *record, const ptl_pipe_end *end,
                       ptl_pipe_findings *out) {
  const ptl_op *buffer = own_buffer(record, end);
  int64_t size, bytes = ring_bytes(record, end);
  if (buffer && ptl_rule_integer_attr(buffer, "size", &size) && size < bytes) {
    ptl_pipe_find_with(out, PTL_CODE_SLOT_SIZE, record, buffer, end->op,
                       "%" PRId64 " bytes are reserved, but the pipe's %" PRId64
                       " slots of %" PRId64 " take %" PRId64,
                       size, ring_slots(record, end), end->slot_size, bytes);
  }
}

/* Where a ring lies; false if ptoas places it. */
static bool place_of(const ptl_pipe_record *record, const ptl_pipe_end *end, int64_t *begin,
                     int64_t *bytes) {
  const ptl_op *buffer = own_buffer(record, end);
  int64_t size;
  if (!buffer || !ptl_rule_integer_attr(buffer, "base", begin)) {
    return false;
  }
  *bytes = ring_bytes(record, end);
  *bytes = ptl_rule_integer_attr(buffer, "size", &size) && size > *bytes ? size : *bytes;
  return ptl_address_is_possible(*begin) && ptl_address_is_possible(*bytes);
}

static void check_rings(const ptl_pipe_record *record, const ptl_pipe_end *a, const ptl_pipe_end *b,
                        ptl_pipe_findings *out) {
  int64_t begin_a, begin_b, bytes_a, bytes_b;
  if (place_of(record, a, &begin_a, &bytes_a) && place_of(record, b, &begin_b, &bytes_b) &&
      ptl_bytes_overlap(begin_a, begin_a + bytes_a, begin_b, begin_b + bytes_b)) {
    ptl_pipe_find_with(out, PTL_CODE_SLOTS_OVERLAP, record, own_buffer(record, b),
                       own_buffer(record, a),
                       "the slots of pipe %" PRId64 ", bytes %" PRId64 " to %" PRId64
                       ", lie on those of pipe %" PRId64 ", %" PRId64 " to %" PRId64,
                       b->id, begin_b, begin_b + bytes_b, a->id, begin_a, begin_a + bytes_a);
  }
}

/* ---- rings in GM ------------------------------------------------------------------------ */

/* pto-isa: a2a3/TPush.hpp l.484-501: one ring for each way. */
int64_t ptl_pipe_gm_bytes(const ptl_pipe_end *end) {
  int64_t bytes;
  bool is_too_large = !ptl_mul(end->slot_num, end->slot_size, &bytes) ||
                      !ptl_mul(bytes, end->dir_mask == 3 ? 2 : 1, &bytes);
  return is_too_large ? 0 : bytes;
}

static void check_gm(const ptl_pipe_record *record, const ptl_pipe_end *a, const ptl_pipe_end *b,
                     ptl_pipe_findings *out) {
  int64_t distance;
  if (a->gm_root < 0 || a->gm_root != b->gm_root ||
      !ptl_expr_difference((ptl_exprs *)record->exprs, b->gm_offset, a->gm_offset, &distance) ||
      !ptl_address_is_possible(distance) || distance >= ptl_pipe_gm_bytes(a) ||
      -distance >= ptl_pipe_gm_bytes(b)) {
    return;
  }
  ptl_pipe_find_with(out, PTL_CODE_SLOTS_OVERLAP, record, b->op, a->op,
                     "pipe %" PRId64 " takes %" PRId64 " bytes of GM, %" PRId64
                     " bytes behind the begin of pipe %" PRId64 ", which takes %" PRId64
                     ": they overlap",
                     b->id, ptl_pipe_gm_bytes(b), distance, a->id, ptl_pipe_gm_bytes(a));
}

void ptl_pipes_check_memory(const ptl_pipe_record *record, ptl_pipe_findings *out) {
  int64_t flags = 0;
  for (int i = 0; i < record->end_count; i++) {
    const ptl_pipe_end *end = &record->ends[i];
    check_ring(record, end, out);
    for (int j = 0; j < i; j++) {
      check_rings(record, &record->ends[j], end, out);
      check_gm(record, &record->ends[j], end, out);
    }
    flags += end->dir_mask == 3 ? 4 : 2;
    if (flags > HARDWARE_FLAGS && flags <= HARDWARE_FLAGS + 4) {
      ptl_pipe_find(out, PTL_CODE_PIPE_FLAGS, record, end->op,
                    "up to here the function's pipes take %" PRId64
                    " flags, of %d: 2 for a pipe of "
                    "one way, 4 for both",
                    flags, HARDWARE_FLAGS);
    }
  }
  check_entries(record, &record->root, out);
}

/* ---- both ends ------------------------------------------------------------------------------ */

static void check_gm_ends(const ptl_pipe_record *cube, const ptl_pipe_end *a,
                          const ptl_pipe_record *vector, const ptl_pipe_end *b,
                          ptl_pipe_findings *out) {
  int first_cube = cube->kernel->body->first_argument;
  int first_vector = vector->kernel->body->first_argument;
  int x = a->gm_root - first_cube, y = b->gm_root - first_vector;
  int64_t offset_a, offset_b;
  if (a->gm_root < 0 || b->gm_root < 0 || x < 0 || y < 0 ||
      x >= cube->kernel->body->argument_count || y >= vector->kernel->body->argument_count) {
    return;
  }
  if (cube->arg_keys[x] != vector->arg_keys[y]) {
    ptl_pipe_find_with(out, PTL_CODE_PIPE_ENDS, vector, b->op, a->op,
                       "pipe %" PRId64 " has its slots in %%%s, but the cube's end in %%%s", b->id,
                       ptl_pipe_argument_name(vector, b->gm_root),
                       ptl_pipe_argument_name(cube, a->gm_root));
  } else if (is_const(cube, a->gm_offset, &offset_a) && is_const(vector, b->gm_offset, &offset_b) &&
             offset_a != offset_b) {
    ptl_pipe_find_with(out, PTL_CODE_PIPE_ENDS, vector, b->op, a->op,
                       "pipe %" PRId64 " has its slots %" PRId64
                       " bytes into GM, but the cube's end %" PRId64,
                       b->id, offset_b, offset_a);
  }
}

static void check_ends(const ptl_pipe_record *cube, const ptl_pipe_end *a,
                       const ptl_pipe_record *vector, const ptl_pipe_end *b,
                       ptl_pipe_findings *out) {
  const struct {
    const char *name;
    int64_t cube, vector;
  } fields[] = {{"dir_mask", a->dir_mask, b->dir_mask},
                {"slot_size", a->slot_size, b->slot_size},
                {"slot_num", a->slot_num, b->slot_num},
                {"local_slot_num", a->local_slot_num, b->local_slot_num},
                {"nosplit", b->nosplit < 0 ? b->nosplit : a->nosplit,
                 a->nosplit < 0 ? a->nosplit : b->nosplit}};
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    if (fields[i].cube != fields[i].vector) {
      ptl_pipe_find_with(out, PTL_CODE_PIPE_ENDS, vector, b->op, a->op,
                         "%s of pipe %" PRId64 " is %" PRId64 ", but %" PRId64
                         " in the cube function",
                         fields[i].name, b->id, fields[i].vector, fields[i].cube);
      return;
    }
  }
  check_gm_ends(cube, a, vector, b, out);
}

void ptl_pipes_agree(const ptl_pipe_record *cube, const ptl_pipe_record *vector,
                     ptl_pipe_findings *out) {
  for (int i = 0; i < vector->end_count; i++) {
    const ptl_pipe_end *end = ptl_pipe_end_of(cube, vector->ends[i].id);
    if (end) {
      check_ends(cube, end, vector, &vector->ends[i], out);
    }
  }
}
