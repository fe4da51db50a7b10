/* The table of owners: who writes a tile takes its bytes from all others; how tables fork and meet.
 */
#include "walk/owners.h"

#include "walk/owners_state.h"
#include "walk/walk_state.h"

static void add_owner(ptl_owners *owners, ptl_owner owner) {
  if (owner.range.begin_bytes >= owner.range.end_bytes) {
    return;
  }
  owners->items = ptl_arena_more(owners->arena, owners->items, owners->count, &owners->capacity,
                                 sizeof(ptl_owner));
  owners->items[owners->count++] = owner;
}

bool ptl_roots_have(const ptl_roots *roots, int root) {
  while (roots && roots->root != root) {
    roots = roots->next;
  }
  return roots != NULL;
}

const ptl_roots *ptl_roots_with(ptl_arena *arena, const ptl_roots *roots, int root) {
  if (ptl_roots_have(roots, root)) {
    return roots;
  }
  ptl_roots *result = ptl_arena_alloc(arena, sizeof(*result));
  *result = (ptl_roots){root, roots};
  return result;
}

static const ptl_roots *with_roots(ptl_arena *arena, const ptl_roots *roots,
                                   const ptl_roots *more) {
  for (; more; more = more->next) {
    roots = ptl_roots_with(arena, roots, more->root);
  }
  return roots;
}

static void lose(ptl_owners *owners, int root, const ptl_range *range) {
  ptl_mark mark = ptl_marks_at(&owners->written, root);
  if (!mark.is_lost) {
    mark.lost_begin = range->begin_bytes;
    mark.lost_end = range->end_bytes;
  }
  mark.is_lost = true;
  mark.lost_when = NULL;
  ptl_mark_widen(&mark, range->begin_bytes, range->end_bytes);
  ptl_marks_set(&owners->written, root, mark);
}

static void drop_empty(ptl_owners *owners) {
  int kept = 0;
  for (int i = 0; i < owners->count; i++) {
    if (owners->items[i].range.begin_bytes < owners->items[i].range.end_bytes) {
      owners->items[kept++] = owners->items[i];
    }
  }
  owners->count = kept;
}

void ptl_owners_take(ptl_owners *owners, ptl_owner owner) {
  int count = owners->count;
  bool any_empty = false;
  for (int i = 0; i < count; i++) {
    if (!ptl_ranges_overlap(&owners->items[i].range, &owner.range)) {
      continue;
    }
    const ptl_owner old = owners->items[i];
    for (const ptl_roots *shared = old.shared; shared; shared = shared->next) {
      lose(owners, shared->root, &owner.range);
    }
    lose(owners, old.root, &owner.range);
    ptl_owner before = old, behind = old;
    before.range.end_bytes = owner.range.begin_bytes;
    behind.range.begin_bytes = owner.range.end_bytes;
    owners->items[i].range.end_bytes = owners->items[i].range.begin_bytes;
    any_empty = true;
    add_owner(owners, before);
    add_owner(owners, behind);
  }
  if (any_empty) {
    drop_empty(owners);
  }
  add_owner(owners, owner);
  ptl_marks_set(&owners->written, owner.root, (ptl_mark){.is_written = true});
}

int64_t ptl_owners_written_until(const ptl_walk *walk, const ptl_owners *owners,
                                 const ptl_range *range, int64_t begin) {
  int64_t end = begin, before;
  do {
    before = end;
    for (int i = 0; i < owners->count && end < range->end_bytes; i++) {
      const ptl_owner *owner = &owners->items[i];
      if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes <= end &&
          owner->range.end_bytes > end &&
          (owner->is_backed || ptl_walk_truth(walk, owner->when) == PTL_TRUE)) {
        end = owner->range.end_bytes;
      }
    }
  } while (end > before);
  return end < range->end_bytes ? end : range->end_bytes;
}

/* ---- forks and meetings ---------------------------------------------------- */

void ptl_owners_init(ptl_owners *owners, ptl_arena *arena, const ptl_kernel *kernel) {
  *owners = (ptl_owners){.arena = arena, .slices = {.arena = arena}};
  ptl_marks_init(&owners->written, arena, kernel->value_count);
}

void ptl_ledger_init(ptl_ledger *ledger, ptl_arena *arena, const ptl_kernel *kernel) {
  ledger->writers = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(ptl_op *));
  ledger->has_reader = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(bool));
}

ptl_owners ptl_owners_fork(ptl_owners *owners) {
  ptl_owners fork = *owners;
  size_t count = (size_t)owners->count;
  fork.items = ptl_arena_grow(owners->arena, owners->items, count, count, sizeof(ptl_owner));
  fork.capacity = owners->count;
  fork.written = ptl_marks_fork(&owners->written);
  fork.slices = ptl_slices_fork(&owners->slices);
  return fork;
}

/* The same bytes, written by the same op under the same name; NULL if there is no such owner. */
static const ptl_owner *counterpart(const ptl_owners *owners, const ptl_owner *owner) {
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *other = &owners->items[i];
    if (other->op == owner->op && other->root == owner->root &&
        ptl_range_equal(&other->range, &owner->range)) {
      return other;
    }
  }
  return NULL;
}

/* Where the run of bytes from `begin` on ends in which the `owners` have either all or
 * none. */
static int64_t end_of_run(const ptl_walk *walk, const ptl_owners *owners, const ptl_range *range,
                          int64_t begin, bool *is_written) {
  int64_t end = ptl_owners_written_until(walk, owners, range, begin);
  *is_written = end > begin;
  if (*is_written) {
    return end;
  }
  end = range->end_bytes;
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *owner = &owners->items[i];
    if (ptl_ranges_overlap(&owner->range, range) && owner->range.begin_bytes > begin &&
        owner->range.begin_bytes < end) {
      end = owner->range.begin_bytes;
    }
  }
  return end;
}

/* What only one path has is its on that path only; where the other path has written as well, the
 * bytes are written in any case. */
static void add_one_sided(ptl_walk *walk, ptl_owners *out, const ptl_owners *other,
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

static void meet_owners(ptl_walk *walk, ptl_owners *owners, const ptl_owners *second,
                        const ptl_meeting *meeting) {
  ptl_owners met = {.arena = owners->arena};
  for (int i = 0; i < owners->count; i++) {
    const ptl_owner *owner = &owners->items[i], *other = counterpart(second, owner);
    if (other) {
      add_owner(&met, on_both(walk, meeting, owner, other));
    } else {
      add_one_sided(
          walk, &met, second, owner,
          ptl_when_meet(walk->arena, walk->exprs, meeting, owner->when, ptl_never, false));
    }
  }
  for (int i = 0; i < second->count; i++) {
    const ptl_owner *owner = &second->items[i];
    if (!counterpart(owners, owner)) {
      add_one_sided(
          walk, &met, owners, owner,
          ptl_when_meet(walk->arena, walk->exprs, meeting, ptl_never, owner->when, false));
    }
  }
  owners->items = met.items;
  owners->count = met.count;
  owners->capacity = met.capacity;
}

void ptl_owners_meet(ptl_walk *walk, ptl_owners *owners, const ptl_owners *second,
                     const ptl_meeting *meeting) {
  meet_owners(walk, owners, second, meeting);
  ptl_marks_meet(&owners->written, &second->written, walk->exprs, meeting);
  ptl_slices_meet(&owners->slices, &second->slices);
  for (int i = 0; i < PTL_SPACE_COUNT; i++) {
    owners->is_lost[i] = owners->is_lost[i] || second->is_lost[i];
  }
}
