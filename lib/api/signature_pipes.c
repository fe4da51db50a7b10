/* The pipes that a function sets up, by id: directions, slots and the memory that they lie in. */
#include "api/peers.h"
#include "api/signature.h"
#include "ir/build.h"

static int64_t integer_or(const ptl_op *op, const char *name, int64_t otherwise) {
  MlirAttribute value = ptl_attr(op->op, name);
  return mlirAttributeIsNull(value) || !mlirAttributeIsAInteger(value)
             ? otherwise
             : mlirIntegerAttrGetValueInt(value);
}

static const char *peer_of(const ptl_signature_body *b) {
  MlirOperation peer = ptl_peer_of(b->kernel->func);
  if (mlirOperationIsNull(peer)) {
    return NULL;
  }
  ptl_str name = ptl_string_attr(peer, "sym_name");
  return ptl_arena_copy(b->arena, name.data, name.length);
}

/* The operand that its slots lie in; the other ones are numbers of reserved buffers. */
static int memory_of(const ptl_signature_body *b, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = &b->kernel->values[op->operands[i]];
    if (!value->is_integer) {
      return op->operands[i];
    }
  }
  return -1;
}

void ptl_signature_add_pipe(ptl_signature_body *b, const ptl_op *op) {
  int64_t mask = integer_or(op, "dir_mask", 0);
  int memory = memory_of(b, op);
  b->pipes = ptl_arena_more(b->arena, b->pipes, (int)b->out->pipe_count, &b->pipe_capacity,
                            sizeof(ptolower_pipe));
  b->pipes[b->out->pipe_count++] =
      (ptolower_pipe){.id = integer_or(op, "id", 0),
                      .place = ptl_signature_place(b->arena, op->op),
                      .to_vector = (mask & 1) != 0,
                      .to_cube = (mask & 2) != 0,
                      .slot_bytes = integer_or(op, "slot_size", 0),
                      .slots = integer_or(op, "slot_num", mask == 3 ? 4 : 8),
                      .has_memory = memory >= 0,
                      .argument = memory >= 0 ? b->roots[memory] : -1,
                      .peer = peer_of(b)};
}

void ptl_signature_use_pipe(ptl_signature_body *b, const ptl_op *op) {
  bool uses = ptl_row(op)->act != PTL_PIPE_NONE && ptl_row(op)->act != PTL_PIPE_INIT;
  for (size_t i = 0; uses && i < b->out->pipe_count; i++) {
    if (b->pipes[i].id == integer_or(op, "id", 0)) {
      b->pipes[i].is_split = b->pipes[i].is_split || integer_or(op, "split", 0) > 0;
    }
  }
}
