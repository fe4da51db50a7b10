/* Feeds the events of a walk to the pipe model, to time a kernel as it is written. */
#include "summary/cost.h"

/* Each calibration has two timelines: one with a turn of the loops of unknown bounds, one with
 * more, which shows how much of a turn is hidden behind the one before, or done once for all. */
typedef struct clocks {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  int count;
  ptl_timeline *once[PTL_MAX_RATES], *more[PTL_MAX_RATES];
  ptl_cost cost;
  ptl_event_kind *open; /* loops and branches around this point */
  int depth, depth_capacity;
  int open_loops;
  ptl_event *turn; /* what the outermost open loop does */
  int turn_count, turn_capacity;
  int64_t added; /* turns that the longer timelines have more, at most */
} clocks;

void ptl_cost_append(ptl_timeline *timeline, const ptl_event *event) {
  switch (event->kind) {
  case PTL_EVENT_LOAD:
    ptl_timeline_load(timeline, event->to, event->bytes);
    break;
  case PTL_EVENT_EXTRACT:
    ptl_timeline_extract(timeline, event->from, event->to, event->bytes, event->elem,
                         event->is_turned);
    break;
  case PTL_EVENT_MATMUL:
    ptl_timeline_matmul(timeline, event->left, event->right, event->acc, event->m, event->k,
                        event->n, event->elem, event->accumulates);
    break;
  case PTL_EVENT_SINK:
    ptl_timeline_drain(timeline, event->acc, event->rows, event->bytes);
    break;
  case PTL_EVENT_STEP:
    if (event->op->kind == PTL_OP_ALLOC) {
      ptl_timeline_assign(timeline);
    }
    break;
  default:
    break;
  }
}

static void append(ptl_timeline *const *timelines, int count, const ptl_event *event) {
  for (int i = 0; i < count; i++) {
    ptl_cost_append(timelines[i], event);
  }
}

static void take_instruction(clocks *c, const ptl_walk *walk, const ptl_event *event) {
  if (ptl_walk_is_aside(walk)) {
    return;
  }
  append(c->more, c->count, event);
  if (ptl_walk_is_later_turn(walk)) {
    return;
  }
  append(c->once, c->count, event);
  if (c->open_loops > 0) {
    c->turn = ptl_arena_more(c->arena, c->turn, c->turn_count, &c->turn_capacity, sizeof(*c->turn));
    c->turn[c->turn_count++] = *event;
  }
}

static void enter(clocks *c, ptl_event_kind kind) {
  c->open = ptl_arena_more(c->arena, c->open, c->depth, &c->depth_capacity, sizeof(*c->open));
  c->open[c->depth++] = kind;
  if (kind == PTL_EVENT_FOR && c->open_loops++ == 0) {
    c->turn_count = 0;
  }
}

/* After the outermost open loop comes another turn, unless the walk takes one itself. */
static void leave(clocks *c, const ptl_op *op) {
  if (c->open[--c->depth] != PTL_EVENT_FOR || --c->open_loops > 0) {
    return;
  }
  int64_t period = ptl_slot_period(c->kernel, op->blocks[0]);
  int64_t added = period == 1 ? PTL_LIKELY_TURNS - 1 : period - 1;
  c->added = added > c->added ? added : c->added;
  for (int64_t turn = 1; period == 1 && turn < PTL_LIKELY_TURNS; turn++) {
    for (int i = 0; i < c->turn_count; i++) {
      append(c->more, c->count, &c->turn[i]);
    }
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  clocks *c = user;
  c->cost.has_open_loops |= event->kind == PTL_EVENT_FOR;
  c->cost.has_branches |= event->kind == PTL_EVENT_IF;
  c->cost.has_gaps |= event->kind == PTL_EVENT_FAULT && event->fault == PTL_CODE_NOT_FOLLOWED;
  switch (event->kind) {
  case PTL_EVENT_STEP:
    if (event->op->kind == PTL_OP_ALLOC) {
      take_instruction(c, walk, event);
    }
    break;
  case PTL_EVENT_LOAD:
  case PTL_EVENT_EXTRACT:
  case PTL_EVENT_MATMUL:
  case PTL_EVENT_SINK:
    take_instruction(c, walk, event);
    break;
  case PTL_EVENT_FIRST:
  case PTL_EVENT_FOR:
  case PTL_EVENT_IF:
    enter(c, event->kind);
    break;
  case PTL_EVENT_END:
    leave(c, event->op);
    break;
  default:
    break;
  }
}

ptl_cost ptl_kernel_cost(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  clocks c = {.arena = arena, .kernel = kernel, .count = target->rate_count, .added = 1};
  for (int i = 0; i < c.count; i++) {
    c.once[i] = ptl_timeline_create(arena, target, &target->rates[i]);
    c.more[i] = ptl_timeline_create(arena, target, &target->rates[i]);
  }
  ptl_status status = ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &exprs, listen, &c);
  for (int i = 0; i < c.count; i++) {
    c.cost.times[i] = ptl_timeline_spent(c.once[i]);
    c.cost.turns[i] = (ptl_timeline_cycles(c.more[i]) - c.cost.times[i].cycles) / (double)c.added;
  }
  c.cost.is_complete = status == PTL_OK;
  return c.cost;
}
