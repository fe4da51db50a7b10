/* Follows whose each byte is: an op that writes a tile takes its bytes from all other names; an
 * op that reads one asks whether they are still its own. */
#include "walk/names.h"

#include <inttypes.h>

#include <mlir-c/BuiltinTypes.h>

#include "kernel/describe.h"
#include "walk/in_place.h"
#include "walk/walk_state.h"

static void add_owner(ptl_names *names, ptl_owner owner) {
  if (owner.range.begin_bytes >= owner.range.end_bytes) {
    return;
  }
  names->owners = ptl_arena_more(names->arena, names->owners, names->count, &names->capacity,
                                 sizeof(ptl_owner));
  names->owners[names->count++] = owner;
}

static bool has_root(const ptl_roots *roots, int root) {
  while (roots && roots->root != root) {
    roots = roots->next;
  }
  return roots != NULL;
}

static const ptl_roots *with_root(ptl_arena *arena, const ptl_roots *roots, int root) {
  if (has_root(roots, root)) {
    return roots;
  }
  ptl_roots *result = ptl_arena_alloc(arena, sizeof(*result));
  *result = (ptl_roots){root, roots};
  return result;
}

static const ptl_roots *with_roots(ptl_arena *arena, const ptl_roots *roots,
                                   const ptl_roots *more) {
  for (; more; more = more->next) {
    roots = with_root(arena, roots, more->root);
  }
  return roots;
}

static void lose(ptl_names *names, int root, const ptl_range *range) {
  ptl_mark mark = ptl_marks_at(&names->written, root);
  if (!mark.is_lost) {
    mark.lost_begin = range->begin_bytes;
    mark.lost_end = range->end_bytes;
  }
  mark.is_lost = true;
  mark.lost_when = NULL;
  ptl_mark_widen(&mark, range->begin_bytes, range->end_bytes);
  ptl_marks_set(&names->written, root, mark);
}

/* Takes the range from whoever had it; what they had around it stays theirs. The other tiles that
 * had it are lost. */
static void take(ptl_names *names, ptl_owner owner) {
  int count = names->count;
  for (int i = 0; i < count; i++) {
    ptl_owner old = names->owners[i];
    if (!ptl_ranges_overlap(&old.range, &owner.range)) {
      continue;
    }
    for (const ptl_roots *shared = old.shared; shared; shared = shared->next) {
      lose(names, shared->root, &owner.range);
    }
    lose(names, old.root, &owner.range);
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
  ptl_marks_set(&names->written, owner.root, (ptl_mark){.is_written = true});
}

/* The tile of which this is a slice, or itself. */
static const ptl_tile *whole_of(const ptl_walk *walk, const ptl_tile *tile) {
  const ptl_tile *whole = ptl_tile_at(walk, tile->alloc->first_result);
  return whole ? whole : tile;
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

/* Whether it is so on the path that leads here. */
static ptl_truth is_so(const ptl_walk *walk, const ptl_when *when) {
  return ptl_when_truth(when, &walk->path, walk->exprs);
}

static ptl_doubt doubt_of(const ptl_walk *walk, const ptl_when *when, bool wanted) {
  const ptl_block *body = walk->kernel->body;
  return ptl_when_doubt(when, &walk->path, walk->exprs, body->first_argument, body->argument_count,
                        wanted);
}

static bool is_empty(ptl_walk *walk, const ptl_tile *tile) {
  return ptl_const_or(walk, tile->valid_rows, 1) == 0 ||
         ptl_const_or(walk, tile->valid_cols, 1) == 0;
}

/* ---- what is written on all paths ----------------------------------------- */

/* How far bytes that were written on every path go on from `begin`; `begin` if it is not one of
 * them. */
static int64_t written_until(const ptl_walk *walk, const ptl_names *names, const ptl_range *range,
                             int64_t begin) {
  int64_t end = begin, before;
  do {
    before = end;
    for (int i = 0; i < names->count && end < range->end_bytes; i++) {
      const ptl_owner *owner = &names->owners[i];
      if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes <= end &&
          owner->range.end_bytes > end &&
          (owner->is_backed || is_so(walk, owner->when) == PTL_TRUE)) {
        end = owner->range.end_bytes;
      }
    }
  } while (end > before);
  return end < range->end_bytes ? end : range->end_bytes;
}

/* The tile that an owner wrote, in the user's words. */
static const char *owner_text(const ptl_walk *walk, const ptl_owner *owner) {
  return walk->hearing == PTL_HEARS_NOTHING
             ? ""
             : ptl_tile_text(walk->arena, walk->kernel, owner->root, owner->whole.begin_bytes);
}

/* On which of the paths that lead here the byte at `begin` is written; on none of them: ptl_never.
 */
static const ptl_when *written_when(const ptl_walk *walk, const ptl_names *names,
                                    const ptl_range *range, int64_t begin) {
  const ptl_when *when = ptl_never;
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes <= begin &&
        owner->range.end_bytes > begin && is_so(walk, owner->when) == PTL_UNKNOWN) {
      when = ptl_when_either(walk->arena, when, owner->when);
    }
  }
  return when;
}

/* "if the loop in line 12 has no iteration": the paths on which `doubt` is not so. */
static const char *path_of(ptl_walk *walk, const ptl_doubt *doubt, bool is_so) {
  bool first = doubt->first == is_so;
  int line = (int)ptl_op_loc(walk->arena, doubt->op).line;
  return doubt->op->kind == PTL_OP_FOR
             ? ptl_arena_printf(walk->arena, "if the loop in line %d %s", line,
                                first ? "runs" : "has no iteration")
             : ptl_arena_printf(walk->arena, "if the condition in line %d is %s", line,
                                first ? "true" : "false");
}

void ptl_walk_fault_on_paths(ptl_walk *walk, ptl_fault fault, const ptl_op *op,
                             const ptl_tile *tile, const ptl_when *when, bool is_so,
                             const ptl_op *other, const char *what) {
  ptl_doubt doubt = doubt_of(walk, when, is_so);
  if (doubt.op && doubt.is_certain) {
    ptl_walk_fault(walk, fault, op, other ? other : doubt.op, "the %s %s %s",
                   ptl_walk_tile_text(walk, tile), what, path_of(walk, &doubt, is_so));
  } else if (walk->mode != PTL_WALK_ONCE) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, other ? other : doubt.op,
                   "the %s is read here, and it is not known whether all paths that lead here have "
                   "written it last",
                   ptl_walk_tile_text(walk, tile));
  }
}

static ptl_fault unwritten_fault(const ptl_tile *tile) {
  return ptl_is_cube_space(tile->type.space) ? PTL_FAULT_UNWRITTEN : PTL_FAULT_UNWRITTEN_VEC;
}

/* Reports what was not written of a tile that is read; false then. `own`: when the tile was written
 * under its own name. */
static bool check_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const ptl_when *own) {
  const ptl_names *names = &walk->state.names;
  int64_t end = written_until(walk, names, &tile->range, tile->range.begin_bytes);
  ptl_fault fault = unwritten_fault(tile);
  if (end >= tile->range.end_bytes) {
    return true;
  }
  const ptl_when *when = written_when(walk, names, &tile->range, end);
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
  int64_t end = written_until(walk, &walk->state.names, &tile->range, tile->range.begin_bytes);
  ptl_walk_fault_on_paths(walk, unwritten_fault(tile), op, tile, own, false, NULL,
                          end >= tile->range.end_bytes
                              ? "is read, but not written, and another tile's data is there,"
                              : "is read, but nothing was written there");
}

/* The same bytes in another shape, the first rows of a larger tile, or a slice of it. */
static bool is_another_shape(const ptl_names *names, const ptl_owner *owner,
                             const ptl_tile_type *type, const ptl_tile *tile) {
  int64_t begin = owner->whole.begin_bytes, end = owner->whole.end_bytes;
  bool is_whole = begin == tile->range.begin_bytes && end == tile->range.end_bytes;
  return is_whole || ptl_slices_have(&names->slices, owner->root, &tile->range) ||
         (begin == tile->range.begin_bytes && end > tile->range.end_bytes &&
          tile->type.rows * tile->type.cols % type->cols == 0);
}

/* A tile that is read under a name that nobody wrote: another name of the same bytes, or a slice of
 * a larger tile. All of it has to be there, as elements of the same size. */
static void check_alias(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_names *names = &walk->state.names;
  const ptl_tile *whole = whole_of(walk, tile);
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    const ptl_tile_type *type = &walk->kernel->values[owner->root].tile;
    if (!ptl_ranges_overlap(&owner->range, &tile->range) || is_so(walk, owner->when) == PTL_FALSE) {
      continue;
    }
    if (owner->is_scratch || !is_another_shape(names, owner, type, whole)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s is read, but what was written there last is %s",
                     ptl_walk_tile_text(walk, tile),
                     owner->is_scratch ? "scratch" : "no tile of its size");
      return;
    }
    if (ptl_elem_bytes(type->elem) != ptl_elem_bytes(tile->type.elem)) {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s is read as %s, but %s was written there",
                     ptl_walk_tile_text(walk, tile), ptl_elem_name(tile->type.elem),
                     ptl_elem_name(type->elem));
      return;
    }
  }
}

static void check_own(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_names *names = &walk->state.names;
  int root = tile->alloc->first_result;
  ptl_mark mark = ptl_marks_at(&names->written, root);
  ptl_truth is_lost = mark.is_lost ? is_so(walk, mark.lost_when) : PTL_FALSE;
  ptl_range lost = tile->range;
  lost.begin_bytes = lost.begin_bytes > mark.lost_begin ? lost.begin_bytes : mark.lost_begin;
  lost.end_bytes = lost.end_bytes < mark.lost_end ? lost.end_bytes : mark.lost_end;
  bool may_be_lost = is_lost != PTL_FALSE && lost.begin_bytes < lost.end_bytes;
  for (int i = 0; i < names->count && may_be_lost; i++) {
    const ptl_owner *owner = &names->owners[i];
    ptl_truth is_owner = is_so(walk, owner->when);
    if (!ptl_ranges_overlap(&owner->range, &lost) || owner->root == root || is_owner == PTL_FALSE ||
        has_root(owner->shared, root) || carries_on(owner, whole_of(walk, tile))) {
      continue;
    }
    if (is_lost == PTL_UNKNOWN || is_owner == PTL_UNKNOWN) {
      ptl_walk_fault_on_paths(walk, PTL_FAULT_CLOBBERED, op, tile,
                              is_lost == PTL_UNKNOWN ? mark.lost_when : owner->when, true,
                              owner->op, "was overwritten by another tile before it is read here");
    } else {
      ptl_walk_fault(walk, PTL_FAULT_CLOBBERED, op, owner->op,
                     "the %s was overwritten by the %s before it is read here",
                     ptl_walk_tile_text(walk, tile), owner_text(walk, owner));
    }
    return;
  }
}

static void mark_read(ptl_walk *walk, const ptl_range *range) {
  ptl_names *names = &walk->state.names;
  for (int i = 0; i < names->count; i++) {
    if (ptl_ranges_overlap(&names->owners[i].range, range)) {
      names->owners[i].is_read = true;
      walk->ledger.has_reader[names->owners[i].op->index] = true;
    }
  }
}

void ptl_names_walk_yield(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range) {
      mark_read(walk, &tile->range);
    }
  }
}

static bool is_lost(const ptl_owner *owner, const ptl_range *by, int root) {
  return owner->range.space == PTL_SPACE_VEC && !owner->is_read && !owner->is_scratch &&
         owner->root != root && ptl_ranges_overlap(&owner->range, by);
}

/* What an op wrote in a loop may be read in the next iteration only, and the last one's not at all:
 * an op is useless only if nothing ever reads what it writes. */
void ptl_names_finish(ptl_walk *walk) {
  const ptl_ledger *ledger = &walk->ledger;
  bool is_lost = walk->state.names.is_lost[PTL_SPACE_VEC];
  for (int i = 0; i < walk->kernel->op_count && !is_lost; i++) {
    if (ledger->writers[i] && !ledger->has_reader[i]) {
      ptl_walk_fault(walk, PTL_FAULT_DEAD_LOAD, ledger->writers[i], NULL,
                     "nothing reads what this writes to %s",
                     ptl_walk_written_text(walk, ledger->writers[i]));
    }
  }
}

static void check_hazards(ptl_walk *walk, const ptl_tile *tile) {
  const ptl_names *names = &walk->state.names;
  for (int i = 0; i < names->count && walk->state.hazards.scratch_user; i++) {
    const ptl_owner *owner = &names->owners[i];
    if (ptl_ranges_overlap(&owner->range, &tile->range) && owner->time > 0) {
      ptl_hazards_check_read(walk, tile, &owner->range, owner->time);
    }
  }
}

static void check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  mark_read(walk, &tile->range);
  check_hazards(walk, tile);
  if (is_empty(walk, tile) || walk->state.names.is_lost[tile->type.space]) {
    return;
  }
  ptl_mark mark = ptl_marks_at(&walk->state.names.written, tile->alloc->first_result);
  ptl_truth is_written = mark.is_written ? is_so(walk, mark.when) : PTL_FALSE;
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

static void note_written(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile, bool scratch) {
  ptl_names *names = &walk->state.names;
  int root = tile->alloc->first_result;
  bool is_part = !tile->is_known;
  bool over_unread = false;
  if (is_empty(walk, tile)) {
    return;
  }
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *old = &names->owners[i];
    over_unread = over_unread || (!is_part && is_lost(old, &tile->range, root));
    if (old->op != op && ptl_ranges_overlap(&old->range, &tile->range) &&
        is_kept(walk, old, tile)) {
      walk->ledger.has_reader[old->op->index] = true;
    }
  }
  if (tile->type.space == PTL_SPACE_VEC && !scratch) {
    walk->ledger.writers[op->index] = op;
  }
  take(names, (ptl_owner){.range = tile->range,
                          .root = root,
                          .time = ++walk->ledger.now,
                          .op = op,
                          .in_place = reads_range(walk, op, &tile->range),
                          .whole = whole_of(walk, tile)->range,
                          .is_scratch = scratch,
                          .over_unread = over_unread});
}

/* ---- forks and meetings ---------------------------------------------------- */

void ptl_names_init(ptl_names *names, ptl_arena *arena, const ptl_kernel *kernel) {
  *names = (ptl_names){.arena = arena, .slices = {.arena = arena}};
  ptl_marks_init(&names->written, arena, kernel->value_count);
}

void ptl_ledger_init(ptl_ledger *ledger, ptl_arena *arena, const ptl_kernel *kernel) {
  ledger->writers = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(ptl_op *));
  ledger->has_reader = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(bool));
}

ptl_names ptl_names_fork(ptl_names *names) {
  ptl_names fork = *names;
  size_t count = (size_t)names->count;
  fork.owners = ptl_arena_grow(names->arena, names->owners, count, count, sizeof(ptl_owner));
  fork.capacity = names->count;
  fork.written = ptl_marks_fork(&names->written);
  fork.slices = ptl_slices_fork(&names->slices);
  return fork;
}

/* The same bytes, written by the same op under the same name; NULL if there is no such owner. */
static const ptl_owner *counterpart(const ptl_names *names, const ptl_owner *owner) {
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *other = &names->owners[i];
    if (other->op == owner->op && other->root == owner->root &&
        ptl_range_equal(&other->range, &owner->range)) {
      return other;
    }
  }
  return NULL;
}

/* Where the run of bytes from `begin` on ends in which the owners of `names` have either all or
 * none. */
static int64_t end_of_run(const ptl_walk *walk, const ptl_names *names, const ptl_range *range,
                          int64_t begin, bool *is_written) {
  int64_t end = written_until(walk, names, range, begin);
  *is_written = end > begin;
  if (*is_written) {
    return end;
  }
  end = range->end_bytes;
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i];
    if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes > begin &&
        owner->range.begin_bytes < end) {
      end = owner->range.begin_bytes;
    }
  }
  return end;
}

/* What only one path has is its on that path only; where the other path has written as well, the
 * bytes are written in any case. */
static void add_one_sided(ptl_walk *walk, ptl_names *out, const ptl_names *other,
                          const ptl_owner *owner, const ptl_when *when) {
  for (int64_t begin = owner->range.begin_bytes; begin < owner->range.end_bytes;) {
    ptl_owner part = *owner;
    bool is_written;
    part.range.begin_bytes = begin;
    part.range.end_bytes = begin = end_of_run(walk, other, &owner->range, begin, &is_written);
    bool is_backed = owner->is_backed || !owner->when;
    part.is_backed = is_backed && is_written;
    part.when = when;
    add_owner(out, part);
  }
}

static ptl_owner on_both(ptl_walk *walk, const ptl_meeting *meeting, const ptl_owner *a,
                         const ptl_owner *b) {
  ptl_owner met = *a;
  met.time = a->time < b->time ? a->time : b->time;
  met.shared = with_roots(walk->arena, a->shared, b->shared);
  met.when = ptl_when_meet(walk->arena, walk->exprs, meeting, a->when, b->when, false);
  met.is_backed = (a->is_backed || !a->when) && (b->is_backed || !b->when);
  met.is_read = a->is_read || b->is_read;
  met.in_place = a->in_place || b->in_place;
  met.is_scratch = a->is_scratch || b->is_scratch;
  met.over_unread = a->over_unread && b->over_unread;
  return met;
}

static void meet_owners(ptl_walk *walk, ptl_names *names, const ptl_names *second,
                        const ptl_meeting *meeting) {
  ptl_names met = {.arena = names->arena};
  for (int i = 0; i < names->count; i++) {
    const ptl_owner *owner = &names->owners[i], *other = counterpart(second, owner);
    if (other) {
      add_owner(&met, on_both(walk, meeting, owner, other));
    } else {
      add_one_sided(
          walk, &met, second, owner,
          ptl_when_meet(walk->arena, walk->exprs, meeting, owner->when, ptl_never, false));
    }
  }
  for (int i = 0; i < second->count; i++) {
    const ptl_owner *owner = &second->owners[i];
    if (!counterpart(names, owner)) {
      add_one_sided(
          walk, &met, names, owner,
          ptl_when_meet(walk->arena, walk->exprs, meeting, ptl_never, owner->when, false));
    }
  }
  names->owners = met.owners;
  names->count = met.count;
  names->capacity = met.capacity;
}

void ptl_names_meet(ptl_walk *walk, ptl_names *names, const ptl_names *second,
                    const ptl_meeting *meeting) {
  meet_owners(walk, names, second, meeting);
  ptl_marks_meet(&names->written, &second->written, walk->exprs, meeting);
  ptl_slices_meet(&names->slices, &second->slices);
  for (int i = 0; i < PTL_SPACE_COUNT; i++) {
    names->is_lost[i] = names->is_lost[i] || second->is_lost[i];
  }
}

/* ---- ops --------------------------------------------------------------------- */

/* What is extracted onto itself is read, and has one name more. */
static void read_in_place(ptl_walk *walk, const ptl_op *op) {
  ptl_names *names = &walk->state.names;
  const ptl_tile *to = ptl_tile_at(walk, op->operands[3]);
  int root = to->alloc->first_result;
  check_read(walk, op, ptl_tile_at(walk, op->operands[0]));
  ptl_marks_set(&names->written, root, (ptl_mark){.is_written = true});
  for (int i = 0; i < names->count; i++) {
    ptl_owner *owner = &names->owners[i];
    if (ptl_ranges_overlap(&owner->range, &to->range)) {
      owner->shared = with_root(walk->arena, owner->shared, root);
    }
  }
}

/* A vector tile of which nothing is known. (Of the cube's, the ops on contents say it.) */
static void check_places(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    if (value->is_tile && !ptl_is_cube_space(value->tile.space) &&
        op->access[i] != PTL_ACCESS_NONE && !ptl_tile_at(walk, op->operands[i])) {
      ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL, "it is not known where %s lies",
                     ptl_walk_name(walk, op->operands[i]));
    }
  }
}

void ptl_names_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_ALLOC) {
    ptl_marks_set(&walk->state.names.written, op->first_result, (ptl_mark){0});
    return;
  }
  for (int i = 0; i < op->slot_count; i++) {
    ptl_marks_set(&walk->state.names.written, op->slots[i].first_result, (ptl_mark){0});
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
