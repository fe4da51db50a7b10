/* Where events and faults go: to the walk's listener, as far as it is to hear them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/describe.h"
#include "walk/walk_state.h"

void ptl_walk_report(ptl_walk *walk, ptl_event *event) {
  event->number = walk->event_count++;
  if (walk->hearing == PTL_HEARS_ALL ||
      (walk->hearing == PTL_HEARS_FAULTS && event->kind == PTL_EVENT_FAULT)) {
    walk->listener(walk->user, walk, event);
  }
}

void ptl_walk_tell_turn(ptl_walk *walk, ptl_event_kind kind, const ptl_op *op, int64_t phase) {
  if (walk->hearing != PTL_HEARS_NOTHING) {
    ptl_event event = {.kind = kind, .op = op, .phase = phase, .is_further = walk->further > 0};
    walk->listener(walk->user, walk, &event);
  }
}

void ptl_walk_tell_path(ptl_walk *walk, ptl_event_kind kind, const ptl_op *op) {
  ptl_walk_tell_turn(walk, kind, op, 0);
}

bool ptl_walk_is_later_turn(const ptl_walk *walk) { return walk->further > 0; }
bool ptl_walk_is_aside(const ptl_walk *walk) { return walk->hearing == PTL_HEARS_FAULTS; }

void ptl_walk_tell_leaf(ptl_walk *walk, int value, int leaf) {
  if (walk->hearing != PTL_HEARS_NOTHING) {
    ptl_event event = {.kind = PTL_EVENT_LEAF, .value = value, .leaf = leaf};
    walk->listener(walk->user, walk, &event);
  }
}

void ptl_walk_fault(ptl_walk *walk, ptl_code fault, const ptl_op *op, const ptl_op *other,
                    const char *format, ...) {
  if (walk->hearing == PTL_HEARS_NOTHING) {
    return;
  }
  char text[512];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  ptl_event event = {.kind = PTL_EVENT_FAULT, .op = op, .fault = fault, .other = other};
  event.text = ptl_arena_copy(walk->arena, text, strlen(text));
  ptl_walk_report(walk, &event);
}

const char *ptl_walk_tile_text(const ptl_walk *walk, const ptl_tile *tile) {
  return walk->hearing == PTL_HEARS_NOTHING
             ? ""
             : ptl_tile_text(walk->arena, walk->kernel, tile->alloc->first_result,
                             tile->range.begin_bytes);
}

const char *ptl_walk_name(const ptl_walk *walk, int value) {
  const char *name = walk->hearing == PTL_HEARS_NOTHING ? "" : ptl_value_name(walk->kernel, value);
  return *name ? name : "the tile";
}

const char *ptl_walk_written_text(const ptl_walk *walk, const ptl_op *op) {
  int value = ptl_written_tile(walk->kernel, op);
  const ptl_tile *tile = value >= 0 ? walk->bindings[value].tile : NULL;
  return tile         ? ptl_arena_printf(walk->arena, "the %s", ptl_walk_tile_text(walk, tile))
         : value >= 0 ? ptl_walk_name(walk, value)
                      : "another tile";
}

void ptl_walk_note_write(ptl_walk *walk, ptl_range range) {
  if (!walk->record_writes) {
    return;
  }
  walk->written = ptl_arena_more(walk->arena, walk->written, walk->written_count,
                                 &walk->written_capacity, sizeof(ptl_range));
  walk->written[walk->written_count++] = range;
}
