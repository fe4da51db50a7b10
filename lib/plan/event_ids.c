/* Reads off a schedule which tiles its loops carry, and compares with what ptoas has event
 * ids for (docs/plan.md). */
#include "plan/event_ids.h"

#include <inttypes.h>

/* The slots of lhs, then those of the ring. */
enum { RING = PTL_MAX_LHS_SLOTS, MAT_TILES = RING + PTL_MAX_MAT_SLOTS };

/* First and last access to a Mat tile in a loop's body. */
typedef enum access { NONE, LOAD, EXTRACT } access;

typedef struct body {
  access first[MAT_TILES];
  access last[MAT_TILES];
  bool reloads; /* some tile is extracted, then loaded again */
  bool left[PTL_MAX_LEFT_SLOTS];
  bool right[PTL_MAX_RIGHT_SLOTS];
} body;

static bool opens_loop(const ptl_item *item) {
  return item->kind == PTL_ITEM_LOOP_K || item->kind == PTL_ITEM_LOOP_N;
}

static void touch(body *b, int tile, access now) {
  b->first[tile] = b->first[tile] == NONE ? now : b->first[tile];
  b->reloads |= b->last[tile] == EXTRACT && now == LOAD;
  b->last[tile] = now;
}

/* Reads items up to the end of the loop, or of the schedule. */
static body read_body(const ptl_schedule *schedule, int begin) {
  body b = {0};
  int depth = 1;
  for (int i = begin; i < schedule->count && depth > 0; i++) {
    const ptl_item *item = &schedule->items[i];
    depth += opens_loop(item) ? 1 : item->kind == PTL_ITEM_END ? -1 : 0;
    switch (item->kind) {
    case PTL_ITEM_LOAD_LHS:
      touch(&b, item->mat_slot, LOAD);
      break;
    case PTL_ITEM_LOAD_RHS:
      touch(&b, RING + item->mat_slot, LOAD);
      break;
    case PTL_ITEM_EXTRACT_LHS:
      touch(&b, item->mat_slot, EXTRACT);
      b.left[item->slot] = true;
      break;
    case PTL_ITEM_EXTRACT_RHS:
      touch(&b, RING + item->mat_slot, EXTRACT);
      b.right[item->slot] = true;
      break;
    default:
      break;
    }
  }
  return b;
}

static ptl_carried add_loop(ptl_carried outer, const body *b, int64_t times) {
  for (int tile = 0; tile < MAT_TILES; tile++) {
    outer.overwritten += b->first[tile] == LOAD && b->last[tile] == EXTRACT ? times : 0;
    outer.handed_on += b->first[tile] == EXTRACT && b->last[tile] == LOAD ? times : 0;
  }
  outer.reloads |= b->reloads;
  return outer;
}

typedef struct counter {
  const ptl_target *target;
  bool lacks; /* something is too much, this first */
  int64_t count, most;
  const char *verb, *what;
} counter;

/* Notes that `count` things are more than `most`. */
static void limit(counter *c, int64_t count, int64_t most, const char *verb, const char *what) {
  if (count > most && !c->lacks) {
    *c = (counter){c->target, true, count, most, verb, what};
  }
}

int64_t ptl_ids_overwritten(const ptl_target *target, bool reloads) {
  return (target->event_ids_per_pipe_pair - reloads) / target->ptoas->event_ids_per_carried_pair;
}

int64_t ptl_ids_handed_on(const ptl_target *target) {
  return (target->event_ids_per_pipe_pair - 1) / target->ptoas->event_ids_per_carried_pair;
}

static void check_nest(counter *c, const ptl_carried *n) {
  limit(c, n->overwritten, ptl_ids_overwritten(c->target, n->reloads), "carry",
        "Mat tiles to be loaded again");
  limit(c, n->handed_on, ptl_ids_handed_on(c->target), "hand on", "loaded Mat tiles");
}

static void check_slots(counter *c, const body *b) {
  int64_t most = ptl_target_max_carried(c->target);
  int mats = 0;
  int slots = 0;
  for (int i = 0; i < MAT_TILES; i++) {
    mats += b->first[i] == LOAD || b->last[i] == LOAD;
  }
  for (int i = 0; i < PTL_MAX_LEFT_SLOTS; i++) {
    slots += b->left[i];
  }
  for (int i = 0; i < PTL_MAX_RIGHT_SLOTS; i++) {
    slots += b->right[i];
  }
  limit(c, mats, most, "load", "Mat tiles");
  limit(c, slots, c->target->event_ids_per_pipe_pair, "fill", "Left and Right tiles");
}

static counter count_ids(const ptl_target *target, int outer_loops, const ptl_schedule *schedule) {
  counter c = {.target = target};
  ptl_carried nests[4] = {0}; /* by depth; two loops at most are ours */
  int depth = 0;
  if (outer_loops > 0) {
    body all = read_body(schedule, 0);
    nests[0] = add_loop(nests[0], &all, outer_loops);
    check_nest(&c, &nests[0]);
    check_slots(&c, &all);
  }
  for (int i = 0; i < schedule->count && !c.lacks; i++) {
    const ptl_item *item = &schedule->items[i];
    depth -= item->kind == PTL_ITEM_END;
    if (opens_loop(item)) {
      body own = read_body(schedule, i + 1);
      nests[depth + 1] = add_loop(nests[depth], &own, 1);
      depth++;
      check_nest(&c, &nests[depth]);
      check_slots(&c, &own);
    }
  }
  return c;
}

const char *ptl_schedule_exceeds_ids(ptl_arena *arena, const ptl_target *target, int outer_loops,
                                     const ptl_schedule *schedule) {
  counter c = count_ids(target, outer_loops, schedule);
  return !c.lacks
             ? NULL
             : ptl_arena_printf(arena, "loops %s %" PRId64 " %s, event ids are there for %" PRId64,
                                c.verb, c.count, c.what, c.most);
}
