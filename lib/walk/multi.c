/* Multi tiles: several tiles of one type side by side, of which multi_tile_get gives the one with a
 * number. Each slot is a tile of its own, with the name of its number. A number that is not a
 * constant at this point of a walk that judges is not followed; in a loop that counts in an unknown
 * range, ptl_slot_period says in how many cases it is one. The walk that finds products follows it:
 * two slots of one number are the same tile, all others may be. */
#include <inttypes.h>

#include "walk/walk_state.h"

void ptl_walk_alloc_multi(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->slot_count; i++) {
    ptl_walk_alloc(walk, &op->slots[i], op);
  }
  walk->bindings[op->first_result].tile = walk->bindings[op->slots[0].first_result].tile;
}

/* Any of the slots: what is written to it is written to none for sure. */
static ptl_tile *some_slot(ptl_walk *walk, const ptl_tile *first, int slots) {
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  *tile = *first;
  tile->is_known = false;
  tile->has_range = false;
  if (first->has_range) {
    tile->range.end_bytes += ptl_slot_offset_bytes(walk->target, &tile->type, slots - 1);
  }
  walk->state.owners.is_lost[tile->type.space] = true;
  return tile;
}

/* The slot of a number that is not a constant, as a place of its own. */
static ptl_tile *slot_of_number(ptl_walk *walk, const ptl_tile *first, int slots, ptl_expr number) {
  ptl_tile *tile = some_slot(walk, first, slots);
  tile->is_known = tile->has_range = first->is_known;
  tile->range.slot = number + 1;
  return tile;
}

void ptl_walk_slot(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *first = ptl_tile_at(walk, op->operands[0]);
  int count = ptl_value_at(walk, op->operands[0])->slot_count;
  ptl_binding *result = &walk->bindings[op->first_result];
  int64_t slot;
  if (!first || count == 0) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "the multi tile is not made in this function");
    return;
  }
  ptl_expr number = ptl_integer_at(walk, op->operands[1]);
  if (!ptl_expr_is_const(walk->exprs, number, &slot)) {
    if (walk->mode == PTL_WALK_ONCE && number >= 0) {
      result->tile = slot_of_number(walk, first, count, number);
      return;
    }
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "the number of the slot is not known");
    result->tile = some_slot(walk, first, count);
    return;
  }
  if (slot < 0 || slot >= count) {
    ptl_walk_fault(walk, PTL_CODE_OUTSIDE_OF_BUFFER, op, NULL,
                   "there is no slot %" PRId64 ": the multi tile has %d, from 0 on", slot, count);
    result->tile = some_slot(walk, first, count);
    return;
  }
  result->tile = walk->bindings[first->alloc[slot].first_result].tile;
}

static int64_t least_common_multiple(int64_t a, int64_t b) {
  int64_t x = a, y = b;
  while (y != 0) {
    int64_t rest = x % y;
    x = y;
    y = rest;
  }
  return a / x * b;
}

int64_t ptl_slot_period(const ptl_kernel *kernel, const ptl_block *body) {
  int64_t period = 1;
  for (int i = 0; body && i < body->op_count && period <= PTL_MAX_SLOTS; i++) {
    const ptl_op *op = &body->ops[i];
    int count = op->kind == PTL_OP_SLOT ? kernel->values[op->operands[0]].slot_count : 0;
    if (count > 0) {
      period = least_common_multiple(period, count);
    }
    for (int j = 0; j < 2; j++) {
      period = least_common_multiple(period, ptl_slot_period(kernel, op->blocks[j]));
    }
  }
  return period <= PTL_MAX_SLOTS ? period : 1;
}
