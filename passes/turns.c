/* Places the plans of one function: alike and in turn, or after each other, as ptoas ties
 * tiles. */
#include "passes/turns.h"

#include <string.h>

#include "support/rounding.h"

static bool same_layout(const ptl_plan *a, const ptl_plan *b) {
  if (a->buffer_count != b->buffer_count) {
    return false;
  }
  for (int i = 0; i < a->buffer_count; i++) {
    const ptl_buffer *x = &a->buffers[i], *y = &b->buffers[i];
    if (x->space != y->space || x->address_bytes != y->address_bytes ||
        x->size_bytes != y->size_bytes) {
      return false;
    }
  }
  return true;
}

static bool place_behind(ptl_layout *layout, ptl_plan *plan) {
  for (int i = 0; i < plan->buffer_count; i++) {
    plan->buffers[i].address_bytes += layout->used_bytes[plan->buffers[i].space];
  }
  for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
    int64_t align = ptl_target_alignment(layout->target, space);
    int64_t end = layout->used_bytes[space] + plan->used_bytes[space];
    if (end > layout->target->capacity_bytes[space]) {
      return false;
    }
    plan->used_bytes[space] = end;
    layout->used_bytes[space] = align > 0 ? ptl_round_up(end, align) : end;
  }
  return true;
}

/* The size of all tiles of a space, if they and those before it, of `each` bytes, have one; else
 * -1.
 */
static int64_t common_size(const ptl_own_tiles *tiles, ptl_space space, int64_t each) {
  for (int i = 0; i < tiles->count; i++) {
    const ptl_own_tile *tile = &tiles->items[i];
    if (tile->space == space) {
      each = each == 0 || each == tile->bytes ? tile->bytes : -1;
    }
  }
  return each;
}

/* Whether the tiles of the plan fit beside those of the plans before it, where ptoas places them.
 * Tiles of one size only ever take each other's place. */
static bool keep_tiles(ptl_layout *layout, const ptl_own_tiles *tiles, const int64_t *before) {
  for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
    int64_t bytes = ptl_own_tiles_bytes(tiles, layout->target, space);
    if (bytes == 0) {
      continue;
    }
    int64_t end = before[space] + bytes;
    layout->each_bytes[space] = common_size(tiles, space, layout->each_bytes[space]);
    bool may_overlap = before[space] > 0 && layout->each_bytes[space] < 0;
    if (!ptl_own_tiles_fit(layout->target, space, end, may_overlap)) {
      return false;
    }
    int64_t align = ptl_target_alignment(layout->target, space);
    layout->used_bytes[space] = align > 0 ? ptl_round_up(end, align) : end;
  }
  return true;
}

/* Places the plan after all others if its tiles stay beside theirs. */
static bool lies_apart(ptl_layout *layout, const ptl_own_tiles *tiles, ptl_plan *plan) {
  int64_t before[PTL_SPACE_COUNT];
  memcpy(before, layout->used_bytes, sizeof(before));
  return place_behind(layout, plan) && keep_tiles(layout, tiles, before);
}

static bool takes_turns(const ptl_layout *layout, const ptl_settled *with, const ptl_settled *now) {
  return same_layout(&with->base, &now->base) &&
         (layout->has_addresses || ptl_own_tiles_are_alike(&with->tiles, &now->tiles));
}

static ptl_own_tiles tiles_of(const ptl_layout *layout, const ptl_plan *plan) {
  if (layout->has_addresses) {
    return (ptl_own_tiles){.count = 0};
  }
  ptl_schedule schedule = ptl_schedule_build(layout->arena, layout->target, plan);
  return ptl_own_tiles_of(layout->arena, layout->target, plan, &schedule);
}

bool ptl_layout_settle(ptl_layout *layout, ptl_plan *plan) {
  ptl_settled settled = {.base = *plan, .tiles = tiles_of(layout, plan)};
  for (int i = 0; i < layout->count; i++) {
    const ptl_settled *item = &layout->items[i];
    if (takes_turns(layout, item, &settled)) {
      memcpy(plan->buffers, item->placed.buffers, sizeof(plan->buffers));
      memcpy(plan->used_bytes, item->placed.used_bytes, sizeof(plan->used_bytes));
      return true;
    }
  }
  if (!layout->has_addresses && !lies_apart(layout, &settled.tiles, plan)) {
    layout->is_crowded = true;
    *plan = settled.base;
    return true;
  }
  if (layout->has_addresses && !place_behind(layout, plan)) {
    return false;
  }
  settled.placed = *plan;
  layout->items = ptl_arena_more(layout->arena, layout->items, layout->count, &layout->capacity,
                                 sizeof(ptl_settled));
  layout->items[layout->count++] = settled;
  return true;
}
