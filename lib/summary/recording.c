/* Walks a kernel with a timeline that is recorded, and keeps the op of each instruction. */
#include "summary/recording.h"

#include "summary/cost.h"

typedef struct recorder {
  ptl_arena *arena;
  ptl_timeline *timeline;
  const ptl_record *record;
  ptl_recorded *recorded;
  int count, capacity;
} recorder;

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  recorder *r = user;
  if (ptl_walk_is_aside(walk)) {
    return;
  }
  ptl_cost_append(r->timeline, event);
  if (r->count < r->record->count) {
    r->recorded =
        ptl_arena_more(r->arena, r->recorded, r->count, &r->capacity, sizeof(*r->recorded));
    r->recorded[r->count++] = (ptl_recorded){event->op, event->bytes, event->m, event->k, event->n};
  }
}

ptl_recording ptl_kernel_recording(ptl_arena *arena, const ptl_kernel *kernel,
                                   const ptl_target *target, const ptl_rates *rates) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  recorder r = {.arena = arena, .timeline = ptl_timeline_create(arena, target, rates)};
  r.record = ptl_record_of(arena, r.timeline);
  ptl_status status = ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &exprs, listen, &r);
  return (ptl_recording){.items = r.record->items,
                         .recorded = r.recorded,
                         .count = r.count,
                         .is_cut = r.record->is_cut || status != PTL_OK};
}
