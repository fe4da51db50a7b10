/* Gives ties event ids, as ptoas 0.48 does (PTOAS:lib/PTO/Transforms/InsertSync/
 * SyncEventIdAllocation.cpp).
 *
 * Each pair of pipes has 8 of them. A tie has its id from the set to the wait; one that a loop
 * carries has it throughout the kernel. One that gets none takes the place of one before it that is
 * about the same tiles and is still up. If there is none, all ties of the pair are given ids anew,
 * those that loops carry only while their loops run. */
#include "sync/sync_state.h"

#include <string.h>

/* From one element to another. */
typedef struct life {
  int begin, end;
} life;

typedef struct lives {
  life *items;
  int count, capacity;
} lives;

typedef struct giver {
  ptl_tier *t;
  lives lives[PTL_SYNC_PIPE_COUNT][PTL_SYNC_PIPE_COUNT][PTL_FLAG_IDS];
  bool is_short[PTL_SYNC_PIPE_COUNT][PTL_SYNC_PIPE_COUNT]; /* there were not enough for the pair */
} giver;

static bool is_short(const giver *g, int tie) {
  return g->is_short[g->t->ties[tie].from_pipe][g->t->ties[tie].to_pipe];
}

static life life_of(const giver *g, int tie) {
  const ptl_tie_ends *at = &g->t->ends[tie];
  if (at->loop_end < 0) {
    return (life){at->set_at, at->wait_at};
  }
  return is_short(g, tie) ? (life){g->t->list.elements[at->loop_end].begin, at->loop_end}
                          : (life){0, g->t->list.count};
}

static bool is_free(const lives *of, life wanted) {
  for (int i = 0; i < of->count; i++) {
    if (of->items[i].end > wanted.begin && of->items[i].begin < wanted.end) {
      return false;
    }
  }
  return true;
}

/* Ids that nobody has had go first. */
static void give(giver *g, int tie) {
  const ptl_tie *of = &g->t->ties[tie];
  ptl_tie_ends *at = &g->t->ends[tie];
  lives *ids = g->lives[of->from_pipe][of->to_pipe];
  life wanted = life_of(g, tie);
  int found[PTL_MAX_SLOTS], count = 0;
  for (int used = 0; used < 2; used++) {
    for (int id = 0; id < PTL_FLAG_IDS && count < of->ids; id++) {
      if ((ids[id].count > 0) == (used == 1) && is_free(&ids[id], wanted)) {
        found[count++] = id;
      }
    }
  }
  count = count < of->ids ? (is_short(g, tie) && count > 0 ? 1 : 0) : count;
  for (int i = 0; i < count; i++) {
    lives *id = &ids[found[i]];
    id->items =
        ptl_arena_more(g->t->list.arena, id->items, id->count, &id->capacity, sizeof(*id->items));
    id->items[id->count++] = wanted;
    at->ids[i] = found[i];
  }
  at->id_count = count;
  at->is_local = is_short(g, tie);
}

/* In the order of the waits. */
static void give_all(giver *g, bool again) {
  for (int i = 0; i < g->t->list.count; i++) {
    const ptl_flags *before = &g->t->list.elements[i].before;
    for (int j = 0; j < before->count; j++) {
      if (!before->items[j].is_set && (!again || is_short(g, before->items[j].tie))) {
        give(g, before->items[j].tie);
      }
    }
  }
}

/* ---- one tie for another ------------------------------------------------------------------ */

static bool has_roots_of(const ptl_tie_ends *a, const ptl_tie_ends *b) {
  int met = 0;
  for (int i = 0; i < a->root_count; i++) {
    for (int j = 0; j < b->root_count; j++) {
      met += a->roots[i] == b->roots[j];
    }
  }
  return a->root_count == b->root_count && met == a->root_count;
}

/* Whether tie `of` is up where `tie` is set, and about the same. */
static bool stands_for(const giver *g, int of, int tie) {
  const ptl_tie *a = &g->t->ties[of], *b = &g->t->ties[tie];
  const ptl_tie_ends *x = &g->t->ends[of], *y = &g->t->ends[tie];
  return of != tie && a->from_pipe == b->from_pipe && a->to_pipe == b->to_pipe &&
         x->loop_end == y->loop_end && !x->is_merged && x->id_count > 0 && has_roots_of(x, y) &&
         y->set_at > x->set_at && y->set_at <= x->wait_at;
}

/* The nearest tie before this one that stands for it, in its loop; -1: there is none. */
static int find_other(const giver *g, int tie) {
  const ptl_element *elements = g->t->list.elements;
  int loop_end = g->t->ends[tie].loop_end;
  int first = loop_end >= 0 ? elements[loop_end].begin : 0;
  for (int i = g->t->ends[tie].set_at; i >= first; i--) {
    const ptl_element *e = &elements[i];
    if (e->kind == PTL_ELEMENT_LOOP_BEGIN) {
      return -1;
    }
    i = e->kind == PTL_ELEMENT_LOOP_END ? e->begin : i;
    for (int j = 0; j < e->behind.count; j++) {
      if (e->behind.items[j].is_set && stands_for(g, e->behind.items[j].tie, tie)) {
        return e->behind.items[j].tie;
      }
    }
  }
  return -1;
}

/* The other one is set where this one would be. */
static void merge(giver *g, int tie, int other) {
  ptl_tie_ends *at = &g->t->ends[tie], *of = &g->t->ends[other];
  at->is_merged = true;
  ptl_sync_remove_flag(&g->t->list.elements[of->set_at].behind, other);
  of->set_at = at->set_at;
  ptl_sync_add_flag(g->t, &g->t->list.elements[of->set_at].behind, (ptl_flag){other, true});
}

/* False if a tie has neither an id nor one that stands for it. */
static bool merge_all(giver *g) {
  bool suffices = true;
  for (int i = 0; i < g->t->list.count; i++) {
    ptl_flags *behind = &g->t->list.elements[i].behind;
    for (int j = 0; j < behind->count; j++) {
      int tie = behind->items[j].tie;
      if (g->t->ends[tie].id_count > 0 || g->t->ends[tie].is_merged) {
        continue;
      }
      int other = find_other(g, tie);
      if (other >= 0) {
        merge(g, tie, other);
      } else {
        g->is_short[g->t->ties[tie].from_pipe][g->t->ties[tie].to_pipe] = true;
        suffices = false;
      }
    }
  }
  return suffices;
}

static void forget_short(giver *g) {
  for (int from = 0; from < PTL_SYNC_PIPE_COUNT; from++) {
    for (int to = 0; to < PTL_SYNC_PIPE_COUNT; to++) {
      if (g->is_short[from][to]) {
        memset(g->lives[from][to], 0, sizeof(g->lives[from][to]));
      }
    }
  }
}

void ptl_sync_give_ids(ptl_tier *t) {
  giver *g = ptl_arena_alloc(t->list.arena, sizeof(*g));
  g->t = t;
  give_all(g, false);
  if (!merge_all(g)) {
    forget_short(g);
    give_all(g, true);
    (void)merge_all(g);
  }
}
