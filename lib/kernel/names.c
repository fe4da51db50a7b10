#include "kernel/names.h"

#include <inttypes.h>

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
  bool same_place = owner->range.begin_bytes == tile->range.begin_bytes &&
                    owner->range.end_bytes == tile->range.end_bytes;
  return tile->type.space == PTL_SPACE_VEC && (owner->in_place || same_place) &&
         !mlirBlockEqual(mlirOperationGetBlock(owner->op->op),
                         mlirOperationGetBlock(tile->alloc->op));
}

static bool is_empty(ptl_walk *walk, const ptl_tile *tile) {
  return ptl_const_or(walk, tile->valid_rows, 1) == 0 ||
         ptl_const_or(walk, tile->valid_cols, 1) == 0;
}

static void check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_names *names = &walk->names;
  int root = tile->alloc->first_result;
  bool any = false;
  if (tile->type.space == PTL_SPACE_ACC || is_empty(walk, tile)) {
    return;
  }
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    if (!overlaps(&owner->range, &tile->range)) {
      continue;
    }
    any = true;
    if (owner->root != root && names->written[root] > 0 && owner->time > names->written[root] &&
        !carries_on(owner, tile)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s tile at %" PRId64 " was overwritten by another tile at %" PRId64
                     " before it is read here",
                     ptl_space_name(tile->type.space), tile->range.begin_bytes,
                     owner->range.begin_bytes);
      return;
    }
  }
  if (!any && !ptl_is_cube_space(tile->type.space)) {
    ptl_walk_fault(walk, PTL_FAULT_UNWRITTEN_VEC, op, NULL,
                   "the %s tile at %" PRId64 " is read, but nothing was written there",
                   ptl_space_name(tile->type.space), tile->range.begin_bytes);
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

static void note_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_names *names = &walk->names;
  int root = tile->alloc->first_result;
  names->now++;
  names->written[root] = names->now;
  take(names, (ptl_owner){tile->range, root, names->now, op, reads_range(walk, op, &tile->range)});
}

ptl_names ptl_names_copy(const ptl_names *names) {
  ptl_names copy = *names;
  copy.owners = ptl_arena_grow(names->arena, names->owners, (size_t)names->count,
                               (size_t)names->capacity, sizeof(ptl_owner));
  return copy;
}

static bool has_owner(const ptl_names *names, const ptl_owner *owner) {
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *other = &names->owners[i];
    if (other->root == owner->root && other->time == owner->time &&
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

void ptl_names_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_ALLOC) {
    walk->names.written[op->first_result] = 0;
    return;
  }
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
      note_written(walk, op, tile);
    }
  }
}
