/* Says which tiles of a kernel without addresses are one buffer to ptoas' planner: results of
 * loops and branches, and the values that they hand on. */
#include <string.h>

#include "check/lives_state.h"
#include "rules/op_types.h"

static void add_tile(ptl_lives *l, const ptl_op *op) {
  const ptl_value *value = &l->kernel->values[op->first_result];
  const ptl_tile_type *type = &value->tile;
  int slots = value->slot_count > 0 ? value->slot_count : 1;
  ptl_size size = {type, ptl_elem_bytes(type->elem), type->elem == PTL_ELEM_I32, slots};
  int64_t capacity = l->target->capacity_bytes[type->space];
  int64_t alignment = ptl_target_alignment(l->target, type->space);
  int64_t bytes = ptl_size_bytes(l->target, &size);
  bytes += alignment > 1 && bytes % alignment ? alignment - bytes % alignment : 0;
  if ((!value->is_tile && value->slot_count == 0) || op->address >= 0 || bytes * slots > capacity) {
    return; /* the last are told of by themselves */
  }
  l->tiles = ptl_arena_more(l->arena, l->tiles, l->count, &l->capacity, sizeof(*l->tiles));
  l->tiles[l->count] = (ptl_lives_tile){.alloc = op, .size = size, .bytes = bytes * slots};
  l->total_bytes[type->space] += bytes * slots;
  l->tile_of[op->first_result] = l->count++;
}

/* One value that is another: one tile if both are that, else none that is followed. */
static void name_either(ptl_lives *l, int result, int a, int b) {
  int first = l->tile_of[a], second = l->tile_of[b];
  if (first == second) {
    l->tile_of[result] = first;
    l->is_part[result] = l->is_part[a] || l->is_part[b];
    return;
  }
  l->tile_of[result] = -1;
  if (first >= 0) {
    l->tiles[first].is_merged = true;
  }
  if (second >= 0) {
    l->tiles[second].is_merged = true;
  }
}

const ptl_op *ptl_lives_last_op(const ptl_block *block) {
  return block && block->op_count > 0 ? &block->ops[block->op_count - 1] : NULL;
}

static void name_block(ptl_lives *l, const ptl_block *block);

static void name_loop(ptl_lives *l, const ptl_op *op) {
  const ptl_block *body = op->blocks[0];
  for (int i = 0; i + 3 < op->operand_count && i + 1 < body->argument_count; i++) {
    name_either(l, body->first_argument + 1 + i, op->operands[i + 3], op->operands[i + 3]);
  }
  name_block(l, body);
  const ptl_op *yield = ptl_lives_last_op(body);
  for (int i = 0;
       yield && i < op->result_count && i < yield->operand_count && i + 3 < op->operand_count;
       i++) {
    name_either(l, op->first_result + i, op->operands[i + 3], yield->operands[i]);
  }
}

static void name_branches(ptl_lives *l, const ptl_op *op) {
  name_block(l, op->blocks[0]);
  name_block(l, op->blocks[1]);
  const ptl_op *then = ptl_lives_last_op(op->blocks[0]), *other = ptl_lives_last_op(op->blocks[1]);
  for (int i = 0;
       then && other && i < op->result_count && i < then->operand_count && i < other->operand_count;
       i++) {
    name_either(l, op->first_result + i, then->operands[i], other->operands[i]);
  }
}

static void name_results(ptl_lives *l, const ptl_op *op) {
  bool only_names = op->operand_count > 0 && op->access[0] == PTL_ACCESS_NONE;
  if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
    add_tile(l, op);
  } else if (op->kind == PTL_OP_SELECT) {
    name_either(l, op->first_result, op->operands[1], op->operands[2]);
  } else if (only_names && op->result_count == 1 && l->tile_of[op->operands[0]] >= 0) {
    l->tile_of[op->first_result] = l->tile_of[op->operands[0]];
    l->is_part[op->first_result] =
        l->is_part[op->operands[0]] || op->kind == PTL_OP_SLOT || op->id == PTL_PTO_SUBVIEW;
  }
}

static void reserve(ptl_lives *l, const ptl_op *op) {
  ptl_rules rules = {.arena = l->arena};
  int64_t bytes;
  if (op->id != PTL_PTO_RESERVE_BUFFER || !ptl_rule_integer_attr(op, "size", &bytes) ||
      bytes <= 0 || !ptl_str_is(ptl_rule_attr_text(&rules, op, "auto"), "true")) {
    return;
  }
  ptl_str location = ptl_rule_attr_text(&rules, op, "location");
  ptl_space space = strstr(location.data, "mat") ? PTL_SPACE_MAT : PTL_SPACE_VEC;
  if (bytes <= l->target->capacity_bytes[space]) {
    l->reserved_bytes[space] += bytes;
  }
}

static void name_block(ptl_lives *l, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      name_loop(l, op);
    } else if (op->blocks[0]) {
      name_branches(l, op);
    } else {
      name_results(l, op);
      reserve(l, op);
    }
  }
}

void ptl_lives_name(ptl_lives *l) {
  size_t values = (size_t)l->kernel->value_count + 1;
  l->tile_of = ptl_arena_array(l->arena, values, sizeof(int));
  memset(l->tile_of, 0xff, values * sizeof(int));
  l->is_part = ptl_arena_array(l->arena, values, sizeof(bool));
  name_block(l, l->kernel->body);
}
