/* The ties that loops carry from one pass to the next, as far as they are sure.
 *
 * The ring makes these. The first load of a pass comes into the slot that the last unit of the pass
 * before is extracted from: MTE2 waits for the last of all extracts, which it cannot know of. The
 * units whose loads stand in the pass before are awaited by MTE1 one after the other: slots - 1 of
 * them. The first extract to Right, or to Left, waits for a product of the pass before that came
 * after all that MTE1 has waited for. A pass of a loop over rounds begins with a product that
 * overwrites an accumulator whose store M has not waited for; of the units only the first one
 * surely stands outside of loops over chunks, whose ties count as their own. */
#include "plan/schedule.h"

static int ties_of(const ptl_item *loop, int mat_slots) {
  if (loop->kind == PTL_ITEM_LOOP_K) {
    return 1 + (mat_slots - 1) + 1;
  }
  return 1 + (mat_slots > 1) + 1 + 1;
}

int ptl_schedule_least_heads(const ptl_schedule *schedule, int mat_slots) {
  int heads = 0, depth = 0;
  for (int i = 0; i < schedule->count; i++) {
    const ptl_item *item = &schedule->items[i];
    if (item->kind == PTL_ITEM_END) {
      depth--;
    } else if (item->kind == PTL_ITEM_LOOP_N || item->kind == PTL_ITEM_LOOP_K) {
      heads += depth == 0 ? ties_of(item, mat_slots) : 0;
      depth++;
    }
  }
  return heads;
}
