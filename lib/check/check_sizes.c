/* Tiles without an address (level2) that are larger than their buffer. */
#include "check/check_parts.h"

#include <inttypes.h>

#include "kernel/fit.h"
#include "rules/op_types.h"

typedef struct sizes {
  ptl_rules rules; /* for types of any element */
  ptl_finding_listener listener;
  void *user;
} sizes;

/* How many bits an element of fp4 takes in a tile is a matter of its layout. */
static bool has_known_bytes(const ptl_rule_type *type) {
  bool is_fp4 = false;
  for (size_t i = 0; i + 1 < type->elem.length; i++) {
    is_fp4 = is_fp4 || (type->elem.data[i] == 'f' && type->elem.data[i + 1] == '4');
  }
  return type->elem_bytes > 0 && !is_fp4;
}

static bool size_of(sizes *s, const ptl_op *op, ptl_size *out) {
  const ptl_value *value = &s->rules.kernel->values[op->first_result];
  if (op->kind == PTL_OP_ALLOC_MULTI) {
    *out = (ptl_size){&value->tile, ptl_elem_bytes(value->tile.elem),
                      value->tile.elem == PTL_ELEM_I32, op->slot_count};
    return true;
  }
  const ptl_rule_type *type = ptl_rule_result(&s->rules, op);
  *out = (ptl_size){&type->tile, type->elem_bytes, ptl_elem_is_int(type, 32), 1};
  return type->kind == PTL_TYPE_TILE && has_known_bytes(type);
}

static const char *slots_text(ptl_arena *arena, const ptl_size *size, int64_t bytes,
                              int64_t capacity) {
  return size->slots < 2 || bytes > capacity
             ? NULL
             : ptl_arena_printf(arena, "%" PRId64 " of them fit", capacity / bytes);
}

static void check_size(sizes *s, const ptl_op *op) {
  ptl_arena *arena = s->rules.arena;
  const ptl_target *target = s->rules.target;
  ptl_size size;
  if (op->address >= 0 || op->result_count != 1 || !size_of(s, op, &size)) {
    return;
  }
  const char *space = ptl_space_name(size.tile->space);
  int64_t capacity = target->capacity_bytes[size.tile->space];
  int64_t bytes = ptl_size_bytes(target, &size);
  if (bytes * size.slots <= capacity) {
    return;
  }
  bool is_padded = bytes > size.tile->rows * size.tile->cols * size.elem_bytes;
  const char *slots = slots_text(arena, &size, bytes, capacity);
  const char *extents = ptl_fitting_extents(arena, target, &size, capacity / size.slots);
  const char *count = size.slots > 1 ? ptl_arena_printf(arena, "%d tiles", size.slots) : "tile";
  s->listener(s->user,
              (ptl_finding){.fault = PTL_CODE_TILE_TOO_LARGE,
                            .op = op,
                            .text = ptl_arena_printf(
                                arena,
                                "the %s of %" PRId64 " bytes%s %s not fit %s, which "
                                "has %" PRId64 "%s%s%s%s",
                                count, bytes, is_padded ? " (with padded rows)" : "",
                                size.slots > 1 ? "do" : "does", space, capacity, slots ? "; " : "",
                                slots ? slots : "", extents ? "; " : "", extents ? extents : "")});
}

static void check_block(sizes *s, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
      check_size(s, op);
    }
    check_block(s, op->blocks[0]);
    check_block(s, op->blocks[1]);
  }
}

void ptl_check_sizes(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     ptl_finding_listener listener, void *user) {
  size_t values = (size_t)kernel->value_count;
  sizes s = {.rules = {.arena = arena,
                       .kernel = kernel,
                       .target = target,
                       .types = ptl_arena_array(arena, values, sizeof(ptl_rule_type *))},
             .listener = listener,
             .user = user};
  check_block(&s, kernel->body);
}
