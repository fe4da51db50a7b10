/* Reads off a schedule which tiles its loops carry, and compares with what ptoas has event
 * ids for (docs/plan.md). */
#include <inttypes.h>

#include "plan/plan_check.h"

enum { LHS_TILE = PTL_MAX_RHS, MAT_TILES };

/* First and last access to a Mat tile in a loop's body. */
typedef enum access { NONE, LOAD, EXTRACT } access;

typedef struct body {
  access first[MAT_TILES];
  access last[MAT_TILES];
  bool reloads; /* some tile is extracted, then loaded again */
  bool left[PTL_MAX_BUFFERS];
  bool right[2];
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
    if (item->kind == PTL_ITEM_LOAD_LHS || item->kind == PTL_ITEM_EXTRACT_LHS) {
      touch(&b, LHS_TILE, item->kind == PTL_ITEM_LOAD_LHS ? LOAD : EXTRACT);
    } else if (item->kind == PTL_ITEM_LOAD_RHS || item->kind == PTL_ITEM_EXTRACT_RHS) {
      touch(&b, item->stream, item->kind == PTL_ITEM_LOAD_RHS ? LOAD : EXTRACT);
    }
    b.left[item->slot] |= item->kind == PTL_ITEM_EXTRACT_LHS;
    b.right[item->slot % 2] |= item->kind == PTL_ITEM_EXTRACT_RHS;
  }
  return b;
}

/* What the loops that are open carry. */
typedef struct nest {
  int64_t overwritten; /* a pass ends with an extract, the next one begins with a load */
  int64_t handed_on;   /* a pass ends with a load, the next one begins with an extract */
  bool reloads;
} nest;

static nest add_loop(nest outer, const body *b, int64_t times) {
  for (int tile = 0; tile < MAT_TILES; tile++) {
    outer.overwritten += b->first[tile] == LOAD && b->last[tile] == EXTRACT ? times : 0;
    outer.handed_on += b->first[tile] == EXTRACT && b->last[tile] == LOAD ? times : 0;
  }
  outer.reloads |= b->reloads;
  return outer;
}

static void check_nest(ptl_checker *c, const nest *n) {
  int64_t ids = c->target->event_ids_per_pipe_pair;
  int64_t each = c->target->ptoas->event_ids_per_carried_pair;
  ptl_expect(c, n->overwritten * each + n->reloads <= ids,
             "loops carry %" PRId64
             " Mat tiles to be loaded again, event ids are there for %" PRId64,
             n->overwritten, (ids - n->reloads) / each);
  ptl_expect(c, n->handed_on * each + 1 <= ids,
             "loops carry %" PRId64 " loaded Mat tiles, event ids are there for %" PRId64,
             n->handed_on, (ids - 1) / each);
}

static void check_slots(ptl_checker *c, const body *b) {
  int64_t most = c->target->event_ids_per_pipe_pair / c->target->ptoas->event_ids_per_carried_pair;
  int mats = 0;
  int slots = b->right[0] + b->right[1];
  for (int i = 0; i < MAT_TILES; i++) {
    mats += b->first[i] == LOAD || b->last[i] == LOAD;
  }
  for (int i = 0; i < PTL_MAX_BUFFERS; i++) {
    slots += b->left[i];
  }
  ptl_expect(c, mats <= most, "a loop loads %d Mat tiles, event ids are there for %" PRId64, mats,
             most);
  ptl_expect(c, slots <= most,
             "a loop fills %d Left and Right tiles, event ids are there for %" PRId64, slots, most);
}

void ptl_check_ids(ptl_checker *c, const ptl_schedule *schedule) {
  nest nests[4] = {0}; /* by depth; two loops at most are ours */
  int depth = 0;
  int64_t outer_loops = c->plan->problem.outer_loops;
  if (outer_loops > 0) {
    body all = read_body(schedule, 0);
    nests[0] = add_loop(nests[0], &all, outer_loops);
    check_nest(c, &nests[0]);
    check_slots(c, &all);
  }
  for (int i = 0; i < schedule->count; i++) {
    const ptl_item *item = &schedule->items[i];
    depth -= item->kind == PTL_ITEM_END;
    if (opens_loop(item)) {
      body own = read_body(schedule, i + 1);
      nests[depth + 1] = add_loop(nests[depth], &own, 1);
      depth++;
      ptl_expect(c, item->trip_count >= 2 && item->step > 0, "a loop of %" PRId64 " passes",
                 item->trip_count);
      check_nest(c, &nests[depth]);
      check_slots(c, &own);
    }
  }
}
