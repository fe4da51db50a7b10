/* Collects the tiles, places, steps and loops of a kernel for the memory map and the summary. */
#include "check/usage_lives.h"

#include <string.h>

/* What is collected in one pass over the ops. */
typedef struct collector {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  ptl_usage *usage;
  const ptl_noted *noted;
  int *tile_of_value;
  int tile_capacity, step_capacity, loop_capacity, depth;
} collector;

/* ---- tiles and steps ----------------------------------------------------- */

static int place_of(const ptl_usage *usage, const ptl_usage_tile *tile) {
  for (int i = 0; i < usage->tile_count && tile->alloc->address >= 0; i++) {
    const ptl_usage_tile *other = &usage->tiles[i];
    if (other->place >= 0 && other->has_address && other->type->space == tile->type->space &&
        other->address == tile->address) {
      return other->place;
    }
  }
  return -1;
}

static void add_tile(collector *c, const ptl_op *op) {
  const ptl_value *value = &c->kernel->values[op->first_result];
  ptl_usage *usage = c->usage;
  if (!value->is_tile && value->slot_count == 0) {
    return;
  }
  ptl_usage_tile tile = {.alloc = op, .type = &value->tile, .place = -1, .first = -1, .last = -1};
  tile.bytes = ptl_tile_bytes(c->target, tile.type);
  if (value->slot_count > 0) {
    tile.bytes += ptl_slot_offset_bytes(c->target, tile.type, value->slot_count - 1);
  }
  int64_t address;
  tile.has_address = op->address >= 0 && ptl_noted_constant(c->noted, op->address, &address) &&
                     ptl_address_is_possible(address);
  tile.address = tile.has_address ? address : 0;
  if (tile.has_address || op->address < 0) {
    int place = place_of(usage, &tile);
    tile.place = place >= 0 ? place : usage->place_count++;
  }
  usage->tiles = ptl_arena_more(c->arena, usage->tiles, usage->tile_count, &c->tile_capacity,
                                sizeof(*usage->tiles));
  c->tile_of_value[op->first_result] = usage->tile_count;
  usage->tiles[usage->tile_count++] = tile;
}

static void add_step(collector *c, const ptl_op *op) {
  ptl_usage *usage = c->usage;
  for (int i = 0; i < op->operand_count; i++) {
    if (op->access[i] != PTL_ACCESS_NONE && c->tile_of_value[op->operands[i]] >= 0) {
      usage->steps = ptl_arena_more(c->arena, usage->steps, usage->step_count, &c->step_capacity,
                                    sizeof(*usage->steps));
      usage->steps[usage->step_count++] = (ptl_usage_step){op, c->depth};
      return;
    }
  }
}

/* Results that are their operand's tile: views of it, and what loops and branches hand on. */
static void note_aliases(collector *c, const ptl_op *op) {
  int skipped = op->kind == PTL_OP_FOR ? 3 : 0;
  bool names_only = op->operand_count > 0 && op->access[0] == PTL_ACCESS_NONE;
  for (int i = 0; i < op->result_count && i + skipped < op->operand_count; i++) {
    if ((op->kind == PTL_OP_FOR || (names_only && i == 0)) &&
        c->kernel->values[op->first_result + i].is_tile) {
      int tile = c->tile_of_value[op->operands[i + skipped]];
      c->tile_of_value[op->first_result + i] = tile;
      if (op->kind == PTL_OP_FOR && i + 1 < op->blocks[0]->argument_count) {
        c->tile_of_value[op->blocks[0]->first_argument + 1 + i] = tile;
      }
    }
  }
}

static void collect(collector *c, const ptl_block *block);

static void collect_loop(collector *c, const ptl_op *op) {
  ptl_usage *usage = c->usage;
  usage->loops = ptl_arena_more(c->arena, usage->loops, usage->loop_count, &c->loop_capacity,
                                sizeof(*usage->loops));
  int index = usage->loop_count++;
  int first = usage->step_count;
  usage->loops[index].depth = c->depth++;
  collect(c, op->blocks[0]);
  c->depth--;
  usage->loops[index].op = op;
  usage->loops[index].first = first;
  usage->loops[index].last = usage->step_count - 1;
}

static void collect_if(collector *c, const ptl_op *op) {
  for (int j = 0; j < 2; j++) {
    if (op->blocks[j]) {
      collect(c, op->blocks[j]);
    }
  }
  const ptl_block *then = op->blocks[0];
  const ptl_op *last = then && then->op_count > 0 ? &then->ops[then->op_count - 1] : NULL;
  for (int i = 0; last && i < op->result_count && i < last->operand_count; i++) {
    c->tile_of_value[op->first_result + i] = c->tile_of_value[last->operands[i]];
  }
}

static void collect(collector *c, const ptl_block *block) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
      add_tile(c, op);
      continue;
    }
    note_aliases(c, op);
    if (op->kind == PTL_OP_FOR) {
      collect_loop(c, op);
    } else if (op->blocks[0]) {
      collect_if(c, op);
    } else {
      add_step(c, op);
    }
  }
}

ptl_usage *ptl_usage_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                        const ptl_noted *noted) {
  size_t values = (size_t)kernel->value_count + 1;
  collector c = {.arena = arena, .kernel = kernel, .target = target, .noted = noted};
  c.usage = ptl_arena_alloc(arena, sizeof(*c.usage));
  c.tile_of_value = ptl_arena_array(arena, values, sizeof(int));
  memset(c.tile_of_value, 0xff, values * sizeof(int));
  c.usage->kernel = kernel;
  c.usage->tile_of_value = c.tile_of_value;
  collect(&c, kernel->body);
  ptl_usage_find_lives(arena, c.usage);
  return c.usage;
}
