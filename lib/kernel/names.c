#include "kernel/names.h"

#include <inttypes.h>

#include <mlir-c/BuiltinTypes.h>

#include "kernel/walk_state.h"

static bool overlaps(const ptl_range *a, const ptl_range *b) {
  return a->space == b->space && a->buffer == b->buffer && a->begin_bytes < b->end_bytes &&
         b->begin_bytes < a->end_bytes;
}

static void add_owner(ptl_names *names, ptl_owner owner) {
  if (owner.range.begin_bytes >= owner.range.end_bytes) {
    return;
  }
  if (names->count == names->capacity) {
    int capacity = names->capacity ? names->capacity * 2 : 64;
    names->owners = ptl_arena_grow(names->arena, names->owners, (size_t)names->count,
                                   (size_t)capacity, sizeof(ptl_owner));
    names->capacity = capacity;
  }
  names->owners[names->count++] = owner;
}

/* Takes the range from whoever had it; what they had around it stays theirs. */
static void take(ptl_names *names, ptl_owner owner) {
  int count = names->count;
  for (int i = 0; i < count; i++) {
    ptl_owner old = names->owners[i];
    if (!overlaps(&old.range, &owner.range)) {
      continue;
    }
    ptl_owner before = old, behind = old;
    before.range.end_bytes = owner.range.begin_bytes;
    behind.range.begin_bytes = owner.range.end_bytes;
    names->owners[i].range.end_bytes = names->owners[i].range.begin_bytes; /* empty */
    add_owner(names, before);
    add_owner(names, behind);
  }
  int kept = 0;
  for (int i = 0; i < names->count; i++) {
    if (names->owners[i].range.begin_bytes < names->owners[i].range.end_bytes) {
      names->owners[kept++] = names->owners[i];
    }
  }
  names->count = kept;
  add_owner(names, owner);
}

/* Whether a later write under another name leaves the tile the reader's all the same:
 * a vector tile that a loop carries is written in the loop under another name. */
static bool carries_on(const ptl_owner *owner, const ptl_tile *tile) {
  bool same_place = owner->whole.begin_bytes == tile->range.begin_bytes &&
                    owner->whole.end_bytes == tile->range.end_bytes;
  return tile->type.space == PTL_SPACE_VEC && same_place &&
         (owner->in_place || !owner->over_unread) &&
         !mlirBlockEqual(mlirOperationGetBlock(owner->op->op),
                         mlirOperationGetBlock(tile->alloc->op));
}

static bool is_empty(ptl_walk *walk, const ptl_tile *tile) {
  return ptl_const_or(walk, tile->valid_rows, 1) == 0 ||
         ptl_const_or(walk, tile->valid_cols, 1) == 0;
}

/* Bytes of the tile that somebody has written. */
static int64_t bytes_with_owner(const ptl_names *names, const ptl_range *range) {
  int64_t bytes = 0;
  for (int i = 0; i < names->count; i++) {
    const ptl_range *other = &names->owners[i].range;
    if (overlaps(other, range)) {
      int64_t begin =
          other->begin_bytes > range->begin_bytes ? other->begin_bytes : range->begin_bytes;
      int64_t end = other->end_bytes < range->end_bytes ? other->end_bytes : range->end_bytes;
      bytes += end - begin;
    }
  }
  return bytes;
}

/* The same bytes in another shape, the first rows of a larger tile, or a slice of it. */
static bool is_another_shape(const ptl_names *names, const ptl_owner *owner,
                             const ptl_tile_type *type, const ptl_tile *tile) {
  int64_t begin = owner->whole.begin_bytes, end = owner->whole.end_bytes;
  bool is_whole = begin == tile->range.begin_bytes && end == tile->range.end_bytes;
  return is_whole || ptl_slices_have(names->slices, owner->root, &tile->range) ||
         (begin == tile->range.begin_bytes && end > tile->range.end_bytes &&
          tile->type.rows * tile->type.cols % type->cols == 0);
}

/* A tile that is read under a name that nobody wrote: another name of the same bytes, or a slice of
 * a larger tile. All of it has to be there, as elements of the same size. */
static void check_alias(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_names *names = &walk->names;
  if (bytes_with_owner(names, &tile->range) < tile->range.end_bytes - tile->range.begin_bytes) {
    ptl_walk_fault(walk, PTL_FAULT_UNWRITTEN_VEC, op, NULL,
                   "the %s tile at %" PRId64 " is read, but not all of it was written",
                   ptl_space_name(tile->type.space), tile->range.begin_bytes);
    return;
  }
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    const ptl_tile_type *type = &walk->kernel->values[owner->root].tile;
    if (!overlaps(&owner->range, &tile->range)) {
      continue;
    }
    if (owner->is_scratch || !is_another_shape(names, owner, type, tile)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s tile at %" PRId64 " is read, but what was written there last is %s",
                     ptl_space_name(tile->type.space), tile->range.begin_bytes,
                     owner->is_scratch ? "scratch" : "no tile of its size");
      return;
    }
    if (ptl_elem_bytes(type->elem) != ptl_elem_bytes(tile->type.elem)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s tile of %s at %" PRId64 " is read, but %s was written there",
                     ptl_space_name(tile->type.space), ptl_elem_name(tile->type.elem),
                     tile->range.begin_bytes, ptl_elem_name(type->elem));
      return;
    }
  }
}

static void check_own(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_names *names = &walk->names;
  int root = tile->alloc->first_result;
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    if (overlaps(&owner->range, &tile->range) && owner->root != root &&
        owner->time > names->written[root] && !carries_on(owner, tile)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s tile at %" PRId64 " was overwritten by another tile at %" PRId64
                     " before it is read here",
                     ptl_space_name(tile->type.space), tile->range.begin_bytes,
                     owner->range.begin_bytes);
      return;
    }
  }
}

static void mark_read(ptl_names *names, const ptl_range *range) {
  for (int i = 0; i < names->count; i++) {
    if (overlaps(&names->owners[i].range, range)) {
      names->owners[i].is_read = true;
      names->has_reader[names->owners[i].op->index] = true;
    }
  }
}

void ptl_names_walk_yield(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range) {
      mark_read(&walk->names, &tile->range);
    }
  }
}

static bool is_lost(const ptl_owner *owner, const ptl_range *by, int root) {
  return owner->range.space == PTL_SPACE_VEC && !owner->is_read && !owner->is_scratch &&
         owner->root != root && overlaps(&owner->range, by);
}

/* What an op wrote in a loop may be read in the next iteration only, and the last one's not at all:
 * an op is useless only if nothing ever reads what it writes. */
void ptl_names_finish(ptl_walk *walk) {
  const ptl_names *names = &walk->names;
  for (int i = 0; i < walk->kernel->op_count && !names->is_lost[PTL_SPACE_VEC]; i++) {
    if (names->writers[i] && !names->has_reader[i]) {
      ptl_walk_fault(walk, PTL_FAULT_DEAD_LOAD, names->writers[i], NULL,
                     "nothing reads what this writes to a vec tile");
    }
  }
}

static void check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  mark_read(&walk->names, &tile->range);
  if (tile->type.space == PTL_SPACE_ACC || is_empty(walk, tile) ||
      walk->names.is_lost[tile->type.space]) {
    return;
  }
  if (walk->names.written[tile->alloc->first_result] > 0) {
    check_own(walk, op, tile);
  } else if (!ptl_is_cube_space(tile->type.space)) {
    check_alias(walk, op, tile);
  }
}

/* Element by element an op may write where it reads: onto the same place, with elements that are
 * not larger. Scratch may not lie on anything. */
static void check_in_place(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *to = ptl_tile_at(walk, op->operands[i]);
    bool is_scratch = op->access[i] == PTL_ACCESS_SCRATCH;
    if (!to || !to->has_range || to->type.space != PTL_SPACE_VEC ||
        (op->access[i] != PTL_ACCESS_WRITE && !is_scratch)) {
      continue;
    }
    for (int j = 0; j < op->operand_count; j++) {
      const ptl_tile *from = ptl_tile_at(walk, op->operands[j]);
      if (!from || !from->has_range || i == j || op->access[j] == PTL_ACCESS_NONE ||
          !overlaps(&to->range, &from->range)) {
        continue;
      }
      bool fits = to->range.begin_bytes == from->range.begin_bytes &&
                  ptl_elem_bytes(to->type.elem) <= ptl_elem_bytes(from->type.elem);
      if (is_scratch || !fits) {
        ptl_walk_fault(walk, PTL_FAULT_IN_PLACE, op, from->alloc,
                       "%s at %" PRId64 " lies on the op's operand at %" PRId64,
                       is_scratch ? "the scratch tile" : "the output", to->range.begin_bytes,
                       from->range.begin_bytes);
        return;
      }
    }
  }
}

static bool reads_range(const ptl_walk *walk, const ptl_op *op, const ptl_range *range) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && op->access[i] == PTL_ACCESS_READ && overlaps(&tile->range, range)) {
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

static void note_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile, bool scratch) {
  ptl_names *names = &walk->names;
  int root = tile->alloc->first_result;
  bool is_part = !tile->is_known;
  bool over_unread = false;
  if (is_empty(walk, tile)) {
    return;
  }
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *old = &names->owners[i];
    over_unread = over_unread || (!is_part && is_lost(old, &tile->range, root));
    if (old->op != op && overlaps(&old->range, &tile->range) && is_kept(walk, old, tile)) {
      names->has_reader[old->op->index] = true;
    }
  }
  if (tile->type.space == PTL_SPACE_VEC && !scratch) {
    names->writers[op->index] = op;
  }
  names->now++;
  names->written[root] = names->now;
  take(names, (ptl_owner){.range = tile->range,
                          .root = root,
                          .time = names->now,
                          .op = op,
                          .in_place = reads_range(walk, op, &tile->range),
                          .whole = tile->range,
                          .is_scratch = scratch,
                          .over_unread = over_unread});
}

ptl_names ptl_names_copy(const ptl_names *names) {
  ptl_names copy = *names;
  copy.owners = ptl_arena_grow(names->arena, names->owners, (size_t)names->count,
                               (size_t)names->count, sizeof(ptl_owner));
  copy.capacity = names->count;
  return copy;
}

static bool has_owner(const ptl_names *names, const ptl_owner *owner) {
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *other = &names->owners[i];
    if (other->op == owner->op && other->root == owner->root && other->time == owner->time &&
        other->range.space == owner->range.space &&
        other->range.begin_bytes == owner->range.begin_bytes &&
        other->range.end_bytes == owner->range.end_bytes) {
      return true;
    }
  }
  return false;
}

/* What only one branch wrote may be anybody's: it counts as written long ago. */
void ptl_names_meet(ptl_names *names, const ptl_names *other) {
  for (int i = 0; i < names->count; i++) {
    if (!has_owner(other, &names->owners[i])) {
      names->owners[i].time = 0;
    }
  }
  for (int i = 0; i < other->count; i++) {
    if (!has_owner(names, &other->owners[i])) {
      ptl_owner owner = other->owners[i];
      owner.time = 0;
      add_owner(names, owner);
    }
  }
  names->now = names->now > other->now ? names->now : other->now;
}

/* What is extracted onto itself is read, and has one name more. */
static void read_in_place(ptl_walk *walk, const ptl_op *op) {
  check_read(walk, op, ptl_tile_at(walk, op->operands[0]));
  walk->names.written[ptl_tile_at(walk, op->operands[3])->alloc->first_result] = walk->names.now;
}

void ptl_names_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_ALLOC) {
    walk->names.written[op->first_result] = 0;
    return;
  }
  ptl_slices_note(walk, op);
  if (ptl_stays_in_place(walk, op)) {
    read_in_place(walk, op);
    return;
  }
  check_in_place(walk, op);
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range && op->access[i] == PTL_ACCESS_READ) {
      check_read(walk, op, tile);
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
