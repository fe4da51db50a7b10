/* Ops: what each reads and writes of its tiles, in program order. */
#include <mlir-c/BuiltinTypes.h>

#include "walk/in_place.h"
#include "walk/owners_state.h"
#include "walk/walk_state.h"

static bool is_lost(const ptl_owner *owner, const ptl_range *by, int root) {
  return owner->range.space == PTL_SPACE_VEC && !owner->is_read && !owner->is_scratch &&
         owner->root != root && ptl_ranges_overlap(&owner->range, by);
}

static bool reads_range(const ptl_walk *walk, const ptl_op *op, const ptl_range *range) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && op->access[i] == PTL_ACCESS_READ && ptl_ranges_overlap(&tile->range, range)) {
      return true;
    }
  }
  return false;
}

static bool is_scalar(const ptl_value *value) {
  MlirType type = mlirValueGetType(value->value);
  return mlirTypeIsAInteger(type) || mlirTypeIsAIndex(type) || mlirTypeIsAFloat(type);
}

/* Not so an op that fills a tile with a constant. */
static bool takes_data(const ptl_walk *walk, const ptl_op *op) {
  bool result = false;
  for (int i = 0; i < op->operand_count; i++) {
    result = result ||
             (op->access[i] == PTL_ACCESS_READ && !is_scalar(ptl_value_at(walk, op->operands[i])));
  }
  return result;
}

/* Whether what an earlier op wrote is not lost where a tile is written over it: several ops fill
 * one tile, and are read with it; pypto fills many a tile that the next op writes as a whole. */
static bool is_kept(const ptl_walk *walk, const ptl_owner *old, const ptl_tile *tile) {
  bool is_part = !tile->is_known;
  bool is_refilled = !takes_data(walk, old->op) &&
                     old->whole.begin_bytes == tile->range.begin_bytes &&
                     old->whole.end_bytes == tile->range.end_bytes;
  return old->root == tile->alloc->first_result || is_part || is_refilled;
}

/* Whether a window of a tile is filled whose bytes have been filled under another name: they go on
 * being the tile's, whether this is done or not. */
static bool goes_on(const ptl_walk *walk, const ptl_tile *tile) {
  const ptl_owners *owners = &walk->state.owners;
  bool is_window = !tile->is_known && ptl_is_cube_space(tile->type.space);
  for (int i = 0; i < owners->count && is_window; i++) {
    if (ptl_range_equal(&owners->items[i].whole, &tile->range)) {
      return !ptl_marks_at(&owners->written, tile->alloc->first_result).is_written;
    }
  }
  return false;
}

static void note_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile, bool scratch) {
  ptl_owners *owners = &walk->state.owners;
  int root = tile->alloc->first_result;
  bool is_part = !tile->is_known;
  bool over_unread = false;
  if (ptl_tile_is_empty(walk, tile)) {
    return;
  }
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *old = &owners->items[i];
    over_unread = over_unread || (!is_part && is_lost(old, &tile->range, root));
    if (old->op != op && ptl_ranges_overlap(&old->range, &tile->range) &&
        is_kept(walk, old, tile)) {
      walk->ledger.has_reader[old->op->index] = true;
    }
  }
  if (tile->type.space == PTL_SPACE_VEC && !scratch) {
    walk->ledger.writers[op->index] = op;
  }
  ptl_mark mark =
      goes_on(walk, tile) ? ptl_marks_at(&owners->written, root) : (ptl_mark){.is_written = true};
  ptl_owners_take(owners, (ptl_owner){.range = tile->range,
                                      .root = root,
                                      .time = ++walk->ledger.now,
                                      .op = op,
                                      .in_place = reads_range(walk, op, &tile->range),
                                      .whole = ptl_whole_of(walk, tile)->range,
                                      .is_scratch = scratch,
                                      .over_unread = over_unread});
  ptl_marks_set(&owners->written, root, mark);
}

/* What is extracted onto itself is read, and has one name more. */
static void read_in_place(ptl_walk *walk, const ptl_op *op) {
  ptl_owners *owners = &walk->state.owners;
  const ptl_tile *to = ptl_tile_at(walk, op->operands[3]);
  int root = to->alloc->first_result;
  ptl_owners_check_read(walk, op, ptl_tile_at(walk, op->operands[0]));
  ptl_marks_set(&owners->written, root, (ptl_mark){.is_written = true});
  for (int i = 0; i < owners->count; i++) {
    ptl_owner *owner = &owners->items[i];
    if (ptl_ranges_overlap(&owner->range, &to->range)) {
      owner->shared = ptl_roots_with(walk->arena, owner->shared, root);
    }
  }
}

/* A vector tile of which nothing is known. (Of the cube's, the ops on contents say it.) */
static void check_places(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    if (value->is_tile && !ptl_is_cube_space(value->tile.space) &&
        op->access[i] != PTL_ACCESS_NONE && !ptl_tile_at(walk, op->operands[i])) {
      ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "it is not known where %s lies",
                     ptl_walk_name(walk, op->operands[i]));
    }
  }
}

void ptl_owners_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_ALLOC) {
    ptl_marks_set(&walk->state.owners.written, op->first_result, (ptl_mark){0});
    return;
  }
  for (int i = 0; i < op->slot_count; i++) {
    ptl_marks_set(&walk->state.owners.written, op->slots[i].first_result, (ptl_mark){0});
  }
  ptl_slices_note(walk, op);
  ptl_hazards_walk_op(walk, op);
  if (ptl_stays_in_place(walk, op)) {
    read_in_place(walk, op);
    return;
  }
  ptl_in_place_check(walk, op);
  check_places(walk, op);
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range && op->access[i] == PTL_ACCESS_READ) {
      ptl_owners_check_read(walk, op, tile);
    }
  }
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range &&
        (op->access[i] == PTL_ACCESS_WRITE || op->access[i] == PTL_ACCESS_SCRATCH)) {
      note_written(walk, op, tile, op->access[i] == PTL_ACCESS_SCRATCH);
    }
  }
}

void ptl_owners_walk_yield(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range) {
      ptl_owners_mark_read(walk, &tile->range);
    }
  }
}

/* What an op wrote in a loop may be read in the next iteration only, and the last one's not at all:
 * an op is useless only if nothing ever reads what it writes. */
void ptl_owners_finish(ptl_walk *walk) {
  const ptl_ledger *ledger = &walk->ledger;
  bool is_lost = walk->state.owners.is_lost[PTL_SPACE_VEC];
  for (int i = 0; i < walk->kernel->op_count && !is_lost; i++) {
    if (ledger->writers[i] && !ledger->has_reader[i]) {
      ptl_walk_fault(walk, PTL_CODE_LOST_DATA, ledger->writers[i], NULL,
                     "nothing reads what this writes to %s",
                     ptl_walk_written_text(walk, ledger->writers[i]));
    }
  }
}
