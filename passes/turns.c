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

bool ptl_layout_settle(ptl_layout *layout, ptl_plan *plan) {
  if (!layout->has_addresses) {
    return true; /* each plan fits by itself */
  }
  for (int i = 0; i < layout->count; i++) {
    const ptl_settled *item = &layout->items[i];
    if (same_layout(&item->base, plan)) {
      memcpy(plan->buffers, item->placed.buffers, sizeof(plan->buffers));
      memcpy(plan->used_bytes, item->placed.used_bytes, sizeof(plan->used_bytes));
      return true;
    }
  }
  ptl_settled settled = {.base = *plan};
  if (!place_behind(layout, plan)) {
    return false;
  }
  settled.placed = *plan;
  layout->items = ptl_arena_more(layout->arena, layout->items, layout->count, &layout->capacity,
                                 sizeof(ptl_settled));
  layout->items[layout->count++] = settled;
  return true;
}
