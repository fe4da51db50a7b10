/* Ties ops with flags as ptoas does: backwards from each op to those that it depends on, then
 * around each loop; flags are moved out of branches, and redundant ones dropped. */
#include "sync/sync_state.h"

#include <string.h>

/* What is known while one op is tied to those before it: the pipes that it has waited for, and the
 * ties whose wait was passed on the way back. */
typedef struct record {
  bool is_synced[PTL_SYNC_PIPE_COUNT];
  uint64_t waited[PTL_SYNC_MAX_TIES / 64];
} record;

/* ---- dependences --------------------------------------------------------------- */

typedef struct pair {
  const ptl_sync_bytes *now, *front;
} pair;

enum { MAX_PAIRS = 64 };

typedef struct pairs {
  pair items[MAX_PAIRS];
  int count;
  int first_write; /* from here on the later op writes */
  bool has_read_after_write;
} pairs;

/* Whether ptoas sees that both have a byte in common. */
static bool share_bytes(const ptl_tier *t, const ptl_sync_bytes *a, const ptl_sync_bytes *b) {
  bool is_comparable = a->has_address ? b->has_address : a->root == b->root && !b->has_address;
  bool by_bases = t->by_bases && a->has_address && a->root != b->root;
  bool result = false;
  for (int i = 0; is_comparable && a->space == b->space && i < a->begin_count; i++) {
    for (int j = 0; j < b->begin_count; j++) {
      result = result || (by_bases ? a->begins[i] == b->begins[j]
                                   : a->begins[i] < b->begins[j] + b->bytes &&
                                         b->begins[j] < a->begins[i] + a->bytes);
    }
  }
  return result;
}

static bool collect(const ptl_tier *t, const ptl_sync_bytes **now, int now_count,
                    const ptl_sync_bytes **front, int front_count, pairs *out) {
  int before = out->count;
  for (int i = 0; i < now_count; i++) {
    for (int j = 0; j < front_count && out->count < MAX_PAIRS; j++) {
      if (share_bytes(t, now[i], front[j])) {
        out->items[out->count++] = (pair){now[i], front[j]};
      }
    }
  }
  return out->count > before;
}

/* Loads into one place are in order without a barrier. */
static bool are_loads(const ptl_element *a, const ptl_element *b) {
  return a->op->kind == PTL_OP_LOAD && b->op->kind == PTL_OP_LOAD;
}

static void find_dependences(const ptl_tier *t, const ptl_element *now, const ptl_element *front,
                             pairs *found) {
  found->count = 0;
  found->has_read_after_write =
      collect(t, now->reads, now->read_count, front->writes, front->write_count, found);
  found->first_write = found->count;
  (void)collect(t, now->writes, now->write_count, front->reads, front->read_count, found);
  if (!are_loads(now, front)) {
    (void)collect(t, now->writes, now->write_count, front->writes, front->write_count, found);
  }
}

static int slots_of(const pair *p) {
  return p->now->begin_count > p->front->begin_count ? p->now->begin_count : p->front->begin_count;
}

static ptl_slot_relation relation_of(const ptl_tier *t, const pair *p) {
  int slots = slots_of(p);
  if (slots < 2 || p->now->slot < 0 || p->front->slot < 0) {
    return PTL_SLOTS_UNRELATED;
  }
  return ptl_slots_compare(&t->list.values, p->now->slot, p->front->slot, slots);
}

/* Within one iteration ops on different slots are not tied. ptoas knows this of `arith.remui` only;
 * taken for granted in all forms here. */
static void drop_disjoint(const ptl_tier *t, pairs *found) {
  int kept = 0;
  for (int i = 0; i < found->count; i++) {
    if (relation_of(t, &found->items[i]) != PTL_SLOTS_DISJOINT) {
      found->items[kept++] = found->items[i];
    }
  }
  found->count = kept;
}

/* Ids of a tie that a loop carries: one for each slot, if either end names one slot by one value.
 */
static int ids_of(const pairs *found) {
  int ids = 1, now = -1, front = -1;
  for (int i = 0; i < found->count; i++) {
    const pair *p = &found->items[i];
    int slots = slots_of(p);
    bool is_large = p->now->space == PTL_SPACE_MAT || p->now->space == PTL_SPACE_VEC;
    bool is_other = i > 0 && (p->now->slot != now || p->front->slot != front);
    bool differs = ids > 1 && slots > 1 && slots != ids;
    if (!is_large || p->now->slot < 0 || p->front->slot < 0 || is_other || differs) {
      return 1;
    }
    now = p->now->slot;
    front = p->front->slot;
    ids = slots > ids ? slots : ids;
  }
  return ids;
}

/* ---- slots that the later op fills -------------------------------------------------- */

static bool is_of_slots(const pair *p) {
  return slots_of(p) > 1 && p->now->slot >= 0 && p->front->slot >= 0 &&
         p->now->root == p->front->root &&
         (p->now->space == PTL_SPACE_MAT || p->now->space == PTL_SPACE_VEC);
}

static bool is_same_slot(const ptl_tier *t, int a, int b, int slots) {
  return ptl_slots_compare(&t->list.values, a, b, slots) == PTL_SLOTS_EQUAL;
}

/* Notes the slots of a tie that a loop carries: of the first pair that has some, and whether
 * another pair has others. */
static void note_slots(const ptl_tier *t, const pairs *found, ptl_tie *tie, ptl_tie_ends *at) {
  for (int i = found->first_write; i < found->count; i++) {
    const pair *p = &found->items[i];
    if (!is_of_slots(p)) {
      continue;
    }
    if (tie->slots_of < 0) {
      tie->slots_of = p->now->root;
      at->slots = slots_of(p);
      at->to_slot = p->now->slot;
      at->from_slot = p->front->slot;
    } else if (tie->slots_of == p->now->root) {
      tie->has_other_slot |= !is_same_slot(t, at->to_slot, p->now->slot, at->slots) ||
                             !is_same_slot(t, at->from_slot, p->front->slot, at->slots);
    }
  }
}

/* The tiles, or places, that a tie is about, each once. */
static void note_roots(const pairs *found, ptl_tie_ends *at) {
  for (int i = 0; i < 2 * found->count; i++) {
    const pair *p = &found->items[i / 2];
    int root = i % 2 == 0 ? p->now->place : p->front->place;
    bool is_known = false;
    for (int j = 0; j < at->root_count; j++) {
      is_known = is_known || at->roots[j] == root;
    }
    if (!is_known && at->root_count < PTL_SYNC_MAX_ROOTS) {
      at->roots[at->root_count++] = root;
    }
  }
}

/* Whether two ties carry slots of one multi tile around one loop, from one pipe to one other. */
static bool are_alike(const ptl_tie *a, const ptl_tie *b) {
  return a->slots_of >= 0 && a->slots_of == b->slots_of && a->loop == b->loop &&
         a->from_pipe == b->from_pipe && a->to_pipe == b->to_pipe;
}

static void compare_slots(ptl_tier *t) {
  for (int i = 0; i < t->count; i++) {
    for (int j = 0; j < i; j++) {
      ptl_tie *a = &t->ties[i], *b = &t->ties[j];
      const ptl_tie_ends *x = &t->ends[i], *y = &t->ends[j];
      if (are_alike(a, b) && (!is_same_slot(t, x->to_slot, y->to_slot, x->slots) ||
                              !is_same_slot(t, x->from_slot, y->from_slot, x->slots))) {
        a->has_other_slot = b->has_other_slot = true;
      }
    }
  }
}

/* ---- flags ---------------------------------------------------------------------- */

void ptl_sync_add_flag(ptl_tier *t, ptl_flags *flags, ptl_flag flag) {
  flags->items =
      ptl_arena_more(t->list.arena, flags->items, flags->count, &flags->capacity, sizeof(ptl_flag));
  flags->items[flags->count++] = flag;
}

void ptl_sync_remove_flag(ptl_flags *flags, int tie) {
  int kept = 0;
  for (int i = 0; i < flags->count; i++) {
    if (flags->items[i].tie != tie) {
      flags->items[kept++] = flags->items[i];
    }
  }
  flags->count = kept;
}

static void pass_flags(const ptl_tier *t, const ptl_flags *flags, ptl_sync_pipe pipe,
                       record *known) {
  for (int i = 0; i < flags->count; i++) {
    int tie = flags->items[i].tie;
    const ptl_tie *of = &t->ties[tie];
    uint64_t bit = (uint64_t)1 << (tie % 64);
    if (of->ids > 1 || (!known->is_synced[of->to_pipe] && of->to_pipe != pipe)) {
      continue; /* an id of one slot orders that slot only */
    }
    if (flags->items[i].is_set) {
      known->is_synced[of->from_pipe] |= (known->waited[tie / 64] & bit) != 0;
    } else {
      known->waited[tie / 64] |= bit;
    }
  }
}

/* A pipe that has stopped for itself is behind all that it did before. */
static void pass_barrier(const ptl_element *e, ptl_sync_pipe pipe, record *known) {
  known->is_synced[pipe] |= e->has_barrier && e->pipe == pipe;
}

static bool is_in_branch(const ptl_tier *t, int at, int loop_end) {
  for (int i = t->list.elements[at].around; i >= 0; i = t->list.elements[i].around) {
    const ptl_element *e = &t->list.elements[i];
    if (e->kind != PTL_ELEMENT_LOOP_BEGIN) {
      return true;
    }
    if (e->end == loop_end) {
      return false;
    }
  }
  return false;
}

static void add_tie(ptl_tier *t, int now, int front, int loop_end, const pairs *found,
                    record *known) {
  const ptl_element *to = &t->list.elements[now], *from = &t->list.elements[front];
  if (t->count == PTL_SYNC_MAX_TIES) {
    t->list.is_given_up = true;
    return;
  }
  int ids = loop_end >= 0 ? ids_of(found) : 1;
  bool is_ahead = ids > 1 && found->has_read_after_write &&
                  relation_of(t, &found->items[0]) == PTL_SLOTS_DISJOINT;
  t->ties = ptl_arena_more(t->list.arena, t->ties, t->count, &t->tie_capacity, sizeof(*t->ties));
  t->ends = ptl_arena_more(t->list.arena, t->ends, t->count, &t->end_capacity, sizeof(*t->ends));
  t->ties[t->count] = (ptl_tie){.from = from->op,
                                .to = to->op,
                                .from_pipe = from->pipe,
                                .to_pipe = to->pipe,
                                .loop = loop_end >= 0 ? t->list.elements[loop_end].op : NULL,
                                .ids = ids,
                                .slots_of = -1,
                                .is_look_ahead = is_ahead};
  t->ties[t->count].is_conditional =
      loop_end >= 0 && (is_in_branch(t, now, loop_end) || is_in_branch(t, front, loop_end));
  t->ends[t->count] = (ptl_tie_ends){.set_at = front, .wait_at = now, .loop_end = loop_end};
  note_roots(found, &t->ends[t->count]);
  if (loop_end >= 0) {
    note_slots(t, found, &t->ties[t->count], &t->ends[t->count]);
  }
  ptl_sync_add_flag(t, &t->list.elements[front].behind, (ptl_flag){t->count, true});
  ptl_sync_add_flag(t, &t->list.elements[now].before, (ptl_flag){t->count, false});
  t->count++;
  known->is_synced[from->pipe] |= ids == 1;
}

static void tie_to(ptl_tier *t, int now, int front, int loop_end, record *known) {
  ptl_element *to = &t->list.elements[now];
  const ptl_element *from = &t->list.elements[front];
  pairs found;
  find_dependences(t, to, from, &found);
  if (loop_end < 0) {
    drop_disjoint(t, &found);
  }
  if (found.count > 0 && to->pipe != from->pipe) {
    add_tie(t, now, front, loop_end, &found, known);
  } else if (found.count > 0 && to->pipe != PTL_SYNC_PIPE_S) {
    to->has_barrier = known->is_synced[to->pipe] = true;
  }
}

/* ---- backwards from one op --------------------------------------------------------- */

static void tie_back(ptl_tier *t, int now, int begin, int end, int loop_end, record *known);

/* Ties from both branches; waiting in both of them is waiting. */
static void tie_to_branches(ptl_tier *t, int now, const ptl_element *e, int end, int loop_end,
                            record *known) {
  record then = *known, other = *known;
  tie_back(t, now, e->begin, e->middle, loop_end, &then);
  if (e->middle == e->end) {
    memcpy(known->waited, then.waited, sizeof(known->waited));
    return;
  }
  tie_back(t, now, e->middle, end, loop_end, &other);
  for (int i = 0; i < PTL_SYNC_PIPE_COUNT; i++) {
    known->is_synced[i] = known->is_synced[i] || (then.is_synced[i] && other.is_synced[i]);
  }
}

/* Ties op `now` to those of [begin, end) that it depends on, from the last to the first. */
static void tie_back(ptl_tier *t, int now, int begin, int end, int loop_end, record *known) {
  ptl_sync_pipe pipe = t->list.elements[now].pipe;
  pass_flags(t, &t->list.elements[end].before, pipe, known);
  pass_barrier(&t->list.elements[end], pipe, known);
  for (int i = end - 1; i >= begin && !t->list.is_given_up; i--) {
    const ptl_element *e = &t->list.elements[i];
    if (e->kind == PTL_ELEMENT_OP) {
      pass_flags(t, &e->behind, pipe, known);
      if (!known->is_synced[e->pipe]) {
        tie_to(t, now, i, loop_end, known);
      }
      pass_flags(t, &e->before, pipe, known);
      pass_barrier(e, pipe, known);
    } else if (e->kind == PTL_ELEMENT_LOOP_END) {
      record inner = *known; /* the loop may not run */
      tie_back(t, now, e->begin > begin ? e->begin : begin, i, loop_end, &inner);
      memcpy(known->waited, inner.waited, sizeof(known->waited));
      i = e->begin;
    } else if (e->kind == PTL_ELEMENT_IF_END) {
      tie_to_branches(t, now, e, i, loop_end, known);
      i = e->begin;
    } else if (e->kind == PTL_ELEMENT_ELSE && i != begin) {
      i = e->begin;
    }
  }
}

/* What one iteration leaves to the next: each op looks back through its own iteration first. */
static void tie_iterations(ptl_tier *t, int loop_end) {
  int begin = t->list.elements[loop_end].begin;
  for (int i = begin; i < loop_end && !t->list.is_given_up; i++) {
    if (t->list.elements[i].kind == PTL_ELEMENT_OP) {
      record known = {.waited = {0}};
      tie_back(t, i, begin, i, loop_end, &known);
      tie_back(t, i, i, loop_end, loop_end, &known);
    }
  }
}

static void tie_all(ptl_tier *t) {
  for (int i = 0; i < t->list.count && !t->list.is_given_up; i++) {
    if (t->list.elements[i].kind == PTL_ELEMENT_OP) {
      record known = {.waited = {0}};
      tie_back(t, i, 0, i, -1, &known);
    } else if (t->list.elements[i].kind == PTL_ELEMENT_LOOP_END) {
      tie_iterations(t, i);
    }
  }
}

bool ptl_sync_tie(ptl_tier *t, ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                  const ptl_noted *noted) {
  t->list.arena = arena;
  t->list.kernel = kernel;
  t->list.target = target;
  t->list.values = ptl_values_of(arena, kernel, noted);
  ptl_sync_list(&t->list);
  if (!t->list.is_given_up) {
    tie_all(t);
  }
  if (t->list.is_given_up) {
    return false;
  }
  compare_slots(t);
  ptl_sync_move(t);
  return true;
}

static bool names_slots(const ptl_element *e) {
  bool result = false;
  for (int i = 0; i < e->read_count; i++) {
    result = result || e->reads[i]->begin_count > 1;
  }
  for (int i = 0; i < e->write_count; i++) {
    result = result || e->writes[i]->begin_count > 1;
  }
  return result;
}

ptl_sync_ends ptl_sync_ends_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                               const ptl_noted *noted) {
  ptl_sync list = {.arena = arena, .kernel = kernel, .target = target, .values = {.noted = noted}};
  ptl_sync_ends ends = {0};
  ptl_sync_list(&list);
  for (int i = 0; i < list.count; i++) {
    const ptl_element *e = &list.elements[i];
    if (e->kind == PTL_ELEMENT_OP) {
      ends.has_pipe[e->pipe] = true;
      ends.has_slots = ends.has_slots || names_slots(e);
    }
  }
  return ends;
}

ptl_ties ptl_ties_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted) {
  ptl_tier t = {.by_bases = false};
  return ptl_sync_tie(&t, arena, kernel, target, noted) ? (ptl_ties){t.ties, t.count}
                                                        : (ptl_ties){NULL, 0};
}

const char *ptl_sync_pipe_name(ptl_sync_pipe pipe) {
  static const char *const names[] = {
      [PTL_SYNC_PIPE_NONE] = "none",      [PTL_SYNC_PIPE_S] = "PIPE_S",
      [PTL_SYNC_PIPE_V] = "PIPE_V",       [PTL_SYNC_PIPE_MTE1] = "PIPE_MTE1",
      [PTL_SYNC_PIPE_MTE2] = "PIPE_MTE2", [PTL_SYNC_PIPE_MTE3] = "PIPE_MTE3",
      [PTL_SYNC_PIPE_M] = "PIPE_M",       [PTL_SYNC_PIPE_FIX] = "PIPE_FIX",
  };
  return names[pipe];
}
