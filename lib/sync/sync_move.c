/* Moves flags out of branches and loops, and drops those that are not needed. */
#include "sync/sync_state.h"

/* The end of a branch or body that begins at element `begin`. */
static int end_of(const ptl_tier *t, int begin) {
  const ptl_element *e = &t->list.elements[begin];
  return e->kind == PTL_ELEMENT_IF_BEGIN ? e->middle : e->end;
}

/* Out of all branches, and then of all loops, in which the other end of the tie is not. */
static int moved(const ptl_tier *t, int tie, int at, int other, bool is_set) {
  for (int pass = 0; pass < 2; pass++) {
    for (int i = t->list.elements[at].around; i >= 0; i = t->list.elements[i].around) {
      const ptl_element *e = &t->list.elements[i];
      bool is_loop = e->kind == PTL_ELEMENT_LOOP_BEGIN;
      bool is_outside = other <= i || other >= end_of(t, i);
      if (is_loop == (pass == 1) && is_outside && t->ends[tie].loop_end != e->end) {
        at = is_set ? e->end : e->begin;
      }
    }
  }
  return at;
}

static void move_flags(ptl_tier *t) {
  for (int i = 0; i < t->count; i++) {
    int wait_at = moved(t, i, t->ends[i].wait_at, t->ends[i].set_at, false);
    int set_at = moved(t, i, t->ends[i].set_at, wait_at, true);
    ptl_sync_remove_flag(&t->list.elements[t->ends[i].wait_at].before, i);
    ptl_sync_remove_flag(&t->list.elements[t->ends[i].set_at].behind, i);
    t->ends[i].wait_at = wait_at;
    t->ends[i].set_at = set_at;
    ptl_sync_add_flag(t, &t->list.elements[wait_at].before, (ptl_flag){i, false});
    ptl_sync_add_flag(t, &t->list.elements[set_at].behind, (ptl_flag){i, true});
  }
}

/* Whether the flags hold one end of a tie that stands for tie `of`, and have seen the other. */
static bool completes(const ptl_tier *t, const ptl_flags *flags, int of, uint64_t *seen) {
  bool result = false;
  for (int i = 0; i < flags->count; i++) {
    int tie = flags->items[i].tie;
    if (tie == of || t->ties[tie].ids > 1 || t->ties[tie].from_pipe != t->ties[of].from_pipe ||
        t->ties[tie].to_pipe != t->ties[of].to_pipe) {
      continue;
    }
    if (flags->items[i].is_set) {
      seen[tie / 64] |= (uint64_t)1 << (tie % 64);
    } else {
      result = result || (seen[tie / 64] >> (tie % 64) & 1) != 0;
    }
  }
  return result;
}

/* Sets that were passed, by tie. */
typedef struct passed {
  uint64_t sets[PTL_SYNC_MAX_TIES / 64];
} passed;

static bool is_covered(const ptl_tier *t, int begin, int end, int of, passed *seen);

/* Whether both branches have a whole tie of the same pipes. */
static bool branches_cover(const ptl_tier *t, const ptl_element *e, int of, const passed *seen) {
  passed inside = *seen;
  return e->middle < e->end && is_covered(t, e->begin, e->middle, of, &inside) &&
         is_covered(t, e->middle, e->end, of, &inside);
}

/* The last element that is not looked into: loops, and branches that do not hold `end`. */
static int skipped_to(const ptl_tier *t, int i, int end) {
  const ptl_element *e = &t->list.elements[i];
  if (e->kind == PTL_ELEMENT_OP) {
    return i;
  }
  if (e->kind == PTL_ELEMENT_IF_BEGIN && end < e->end) {
    return end >= e->middle ? e->middle : i;
  }
  return e->end;
}

/* Whether a whole tie of the same pipes lies between two elements, in no loop, and in both branches
 * or in none. */
static bool is_covered(const ptl_tier *t, int begin, int end, int of, passed *seen) {
  bool result = completes(t, &t->list.elements[begin].behind, of, seen->sets);
  for (int i = begin + 1; i < end && !result; i++) {
    const ptl_element *e = &t->list.elements[i];
    result = completes(t, &e->before, of, seen->sets) ||
             (e->kind == PTL_ELEMENT_IF_BEGIN && end >= e->end && branches_cover(t, e, of, seen));
    i = skipped_to(t, i, end);
    result = result || (i < end && completes(t, &t->list.elements[i].behind, of, seen->sets));
  }
  return result || completes(t, &t->list.elements[end].before, of, seen->sets);
}

/* ptoas looks at those that a loop carries first, at the last loop before others, and at the last
 * tie of each. */
static bool is_looked_at_first(const ptl_tier *t, int a, int b) {
  int x = t->ends[a].loop_end, y = t->ends[b].loop_end;
  return x != y ? x > y : a > b;
}

static int *order_of_ties(const ptl_tier *t) {
  int *order = ptl_arena_array(t->list.arena, (size_t)t->count, sizeof(int));
  for (int i = 0; i < t->count; i++) {
    int at = i;
    for (; at > 0 && is_looked_at_first(t, i, order[at - 1]); at--) {
      order[at] = order[at - 1];
    }
    order[at] = i;
  }
  return order;
}

/* Around a loop a tie is covered by one that is set behind it and awaited at the loop's begin. */
static bool is_redundant(const ptl_tier *t, int tie) {
  const ptl_tie_ends *at = &t->ends[tie];
  passed seen = {{0}};
  if (at->set_at < at->wait_at) {
    return is_covered(t, at->set_at, at->wait_at, tie, &seen);
  }
  return at->loop_end >= 0 &&
         (is_covered(t, at->set_at, at->loop_end, tie, &seen) ||
          is_covered(t, t->list.elements[at->loop_end].begin, at->wait_at, tie, &seen));
}

static void drop_redundant(ptl_tier *t) {
  const int *order = order_of_ties(t);
  for (int i = 0; i < t->count; i++) {
    int tie = order[i];
    if (is_redundant(t, tie)) {
      t->ties[tie].is_redundant = true;
      ptl_sync_remove_flag(&t->list.elements[t->ends[tie].wait_at].before, tie);
      ptl_sync_remove_flag(&t->list.elements[t->ends[tie].set_at].behind, tie);
    }
  }
}

void ptl_sync_move(ptl_tier *t) {
  move_flags(t);
  drop_redundant(t);
}
