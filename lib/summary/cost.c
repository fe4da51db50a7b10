/* Feeds the events of a walk to the pipe model, to time a kernel as it is written. */
#include "summary/cost.h"

typedef struct clocks {
  int count;
  ptl_timeline *timelines[PTL_MAX_RATES];
  ptl_cost cost;
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
  default:
    break;
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  clocks *c = user;
  (void)walk;
  c->cost.has_open_loops |= event->kind == PTL_EVENT_FOR;
  c->cost.has_branches |= event->kind == PTL_EVENT_IF;
  c->cost.has_gaps |= event->kind == PTL_EVENT_FAULT && event->fault == PTL_CODE_NOT_FOLLOWED;
  for (int i = 0; i < c->count; i++) {
    ptl_cost_append(c->timelines[i], event);
  }
}

ptl_cost ptl_kernel_cost(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  clocks c = {.count = target->rate_count};
  for (int i = 0; i < c.count; i++) {
    c.timelines[i] = ptl_timeline_create(arena, target, &target->rates[i]);
  }
  ptl_status status = ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &exprs, listen, &c);
  for (int i = 0; i < c.count; i++) {
    c.cost.times[i] = ptl_timeline_spent(c.timelines[i]);
  }
  c.cost.is_complete = status == PTL_OK;
  return c.cost;
}

bool ptl_kernel_cycles(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                       double cycles[PTL_MAX_RATES]) {
  ptl_cost cost = ptl_kernel_cost(arena, kernel, target);
  for (int i = 0; i < target->rate_count; i++) {
    cycles[i] = cost.times[i].cycles;
  }
  return cost.is_complete;
}
