/* Reads: is the tile that an op reads all there, on every path, and still its own? */
#include "kernel/describe.h"
#include "walk/owners_state.h"
#include "walk/walk_state.h"

const ptl_tile *ptl_whole_of(const ptl_walk *walk, const ptl_tile *tile) {
  const ptl_tile *whole = ptl_tile_at(walk, tile->alloc->first_result);
  return whole ? whole : tile;
}

bool ptl_tile_is_empty(ptl_walk *walk, const ptl_tile *tile) {
  return ptl_const_or(walk, tile->valid_rows, 1) == 0 ||
         ptl_const_or(walk, tile->valid_cols, 1) == 0;
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

/* ---- what was not written -------------------------------------------------- */

/* On which of the paths that lead here the byte at `begin` is written; on none of them: ptl_never.
 */
static const ptl_when *written_when(const ptl_walk *walk, const ptl_owners *owners,
                                    const ptl_range *range, int64_t begin) {
  const ptl_when *when = ptl_never;
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *owner = &owners->items[i];
    if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes <= begin &&
        owner->range.end_bytes > begin && ptl_walk_truth(walk, owner->when) == PTL_UNKNOWN) {
      when = ptl_when_either(walk->arena, when, owner->when);
    }
  }
  return when;
}

static ptl_code unwritten_fault(const ptl_tile *tile) {
  return ptl_is_cube_space(tile->type.space) ? PTL_CODE_READ_BEFORE_WRITE
                                             : PTL_CODE_VECTOR_READ_BEFORE_WRITE;
}

/* Reports what was not written of a tile that is read; false then. `own`: when the tile was written
 * under its own name. */
static bool check_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const ptl_when *own) {
  const ptl_owners *owners = &walk->state.owners;
  int64_t end = ptl_owners_written_until(walk, owners, &tile->range, tile->range.begin_bytes);
  ptl_code fault = unwritten_fault(tile);
  if (end >= tile->range.end_bytes) {
    return true;
  }
  const ptl_when *when = written_when(walk, owners, &tile->range, end);
  if (when != ptl_never || own) {
    ptl_walk_fault_on_paths(walk, fault, op, tile, when != ptl_never ? when : own, false, NULL,
                            "is read, but nothing was written there");
  } else if (!ptl_is_cube_space(tile->type.space)) { /* else its content tells */
    ptl_walk_fault(walk, fault, op, NULL, "the %s is read, but not all of it was written",
                   ptl_walk_tile_text(walk, tile));
  }
  return false;
}

/* Reports a tile that only some paths have written under its own name. */
static void check_written_own(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                              const ptl_when *own) {
  int64_t end =
      ptl_owners_written_until(walk, &walk->state.owners, &tile->range, tile->range.begin_bytes);
  ptl_walk_fault_on_paths(walk, unwritten_fault(tile), op, tile, own, false, NULL,
                          end >= tile->range.end_bytes
                              ? "is read, but not written, and another tile's data is there,"
                              : "is read, but nothing was written there");
}

/* ---- whose it is ----------------------------------------------------------- */

/* The tile that an owner wrote, in the user's words. */
static const char *owner_text(const ptl_walk *walk, const ptl_owner *owner) {
  return walk->hearing == PTL_HEARS_NOTHING
             ? ""
             : ptl_tile_text(walk->arena, walk->kernel, owner->root, owner->whole.begin_bytes);
}

/* The same bytes in another shape, the first rows of a larger tile, or a slice of it. */
static bool is_another_shape(const ptl_owners *owners, const ptl_owner *owner,
                             const ptl_tile_type *type, const ptl_tile *tile) {
  int64_t begin = owner->whole.begin_bytes, end = owner->whole.end_bytes;
  bool is_whole = begin == tile->range.begin_bytes && end == tile->range.end_bytes;
  return is_whole || ptl_slices_have(&owners->slices, owner->root, &tile->range) ||
         (begin == tile->range.begin_bytes && end > tile->range.end_bytes &&
          tile->type.rows * tile->type.cols % type->cols == 0);
}

/* A tile that is read under a name that no op wrote: another name of the same bytes, or a slice of
 * a larger tile. All of it has to be there, as elements of the same size. */
static void check_alias(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_owners *owners = &walk->state.owners;
  const ptl_tile *whole = ptl_whole_of(walk, tile);
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *owner = &owners->items[i];
    const ptl_tile_type *type = &walk->kernel->values[owner->root].tile;
    if (!ptl_ranges_overlap(&owner->range, &tile->range) ||
        ptl_walk_truth(walk, owner->when) == PTL_FALSE) {
      continue;
    }
    if (owner->is_scratch || !is_another_shape(owners, owner, type, whole)) {
      ptl_walk_fault(walk, PTL_CODE_TILE_CLOBBERED, op, owner->op,
                     "the %s is read, but what was written there last is %s",
                     ptl_walk_tile_text(walk, tile),
                     owner->is_scratch ? "scratch" : "no tile of its size");
      return;
    }
    if (ptl_elem_bytes(type->elem) != ptl_elem_bytes(tile->type.elem)) {
      ptl_walk_fault(walk, PTL_CODE_TILE_CLOBBERED, op, owner->op,
                     "the %s is read as %s, but %s was written there",
                     ptl_walk_tile_text(walk, tile), ptl_elem_name(tile->type.elem),
                     ptl_elem_name(type->elem));
      return;
    }
  }
}

static void check_own(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_owners *owners = &walk->state.owners;
  int root = tile->alloc->first_result;
  ptl_mark mark = ptl_marks_at(&owners->written, root);
  ptl_truth is_lost = mark.is_lost ? ptl_walk_truth(walk, mark.lost_when) : PTL_FALSE;
  ptl_range lost = tile->range;
  lost.begin_bytes = lost.begin_bytes > mark.lost_begin ? lost.begin_bytes : mark.lost_begin;
  lost.end_bytes = lost.end_bytes < mark.lost_end ? lost.end_bytes : mark.lost_end;
  bool may_be_lost = is_lost != PTL_FALSE && lost.begin_bytes < lost.end_bytes;
  for (int i = 0; i < owners->count && may_be_lost; i++) {
    const ptl_owner *owner = &owners->items[i];
    ptl_truth is_owner = ptl_walk_truth(walk, owner->when);
    if (!ptl_ranges_overlap(&owner->range, &lost) || owner->root == root || is_owner == PTL_FALSE ||
        ptl_roots_have(owner->shared, root) || carries_on(owner, ptl_whole_of(walk, tile))) {
      continue;
    }
    if (is_lost == PTL_UNKNOWN || is_owner == PTL_UNKNOWN) {
      ptl_walk_fault_on_paths(walk, PTL_CODE_TILE_CLOBBERED, op, tile,
                              is_lost == PTL_UNKNOWN ? mark.lost_when : owner->when, true,
                              owner->op, "was overwritten by another tile before it is read here");
    } else {
      ptl_walk_fault(walk, PTL_CODE_TILE_CLOBBERED, op, owner->op,
                     "the %s was overwritten by the %s before it is read here",
                     ptl_walk_tile_text(walk, tile), owner_text(walk, owner));
    }
    return;
  }
}

/* ---- all that is asked of a read ------------------------------------------- */

void ptl_owners_mark_read(ptl_walk *walk, const ptl_range *range) {
  ptl_owners *owners = &walk->state.owners;
  for (int i = 0; i < owners->count; i++) {
    if (ptl_ranges_overlap(&owners->items[i].range, range)) {
      owners->items[i].is_read = true;
      walk->ledger.has_reader[owners->items[i].op->index] = true;
    }
  }
}

static void check_hazards(ptl_walk *walk, const ptl_tile *tile) {
  const ptl_owners *owners = &walk->state.owners;
  for (int i = 0; i < owners->count && walk->state.hazards.scratch_user; i++) {
    const ptl_owner *owner = &owners->items[i];
    if (ptl_ranges_overlap(&owner->range, &tile->range) && owner->time > 0) {
      ptl_hazards_check_read(walk, tile, &owner->range, owner->time);
    }
  }
}

void ptl_owners_check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_owners_mark_read(walk, &tile->range);
  check_hazards(walk, tile);
  if (ptl_tile_is_empty(walk, tile) || walk->state.owners.is_lost[tile->type.space]) {
    return;
  }
  ptl_mark mark = ptl_marks_at(&walk->state.owners.written, tile->alloc->first_result);
  ptl_truth is_written = mark.is_written ? ptl_walk_truth(walk, mark.when) : PTL_FALSE;
  bool has_names = tile->type.space == PTL_SPACE_ACC; /* several on purpose */
  if (is_written == PTL_UNKNOWN && !has_names) {
    check_written_own(walk, op, tile, mark.when);
    return;
  }
  bool is_whole = is_written == PTL_TRUE ||
                  check_written(walk, op, tile, is_written == PTL_UNKNOWN ? mark.when : NULL);
  if (!is_whole || has_names) {
    return;
  }
  if (is_written == PTL_TRUE) {
    check_own(walk, op, tile);
  } else if (!ptl_is_cube_space(tile->type.space)) {
    check_alias(walk, op, tile);
  }
}
