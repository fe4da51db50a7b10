/* Goes through the items of a schedule, loop by loop. */
#include "plan/schedule.h"

/* The items of the loop that begins there, without its own and its end. */
static ptl_schedule body_of(const ptl_schedule *schedule, int begin) {
  int depth = 1, end = begin + 1;
  for (; end < schedule->count; end++) {
    ptl_item_kind kind = schedule->items[end].kind;
    depth += kind == PTL_ITEM_LOOP_N || kind == PTL_ITEM_LOOP_K;
    depth -= kind == PTL_ITEM_END;
    if (depth == 0) {
      break;
    }
  }
  return (ptl_schedule){schedule->items + begin + 1, end - begin - 1};
}

void ptl_schedule_visit(const ptl_schedule *schedule, const ptl_schedule_visitor *visitor,
                        void *user) {
  for (int i = 0; i < schedule->count; i++) {
    const ptl_item *item = &schedule->items[i];
    switch (item->kind) {
    case PTL_ITEM_LOAD_LHS:
    case PTL_ITEM_LOAD_RHS:
      visitor->load(user, item);
      break;
    case PTL_ITEM_EXTRACT_LHS:
    case PTL_ITEM_EXTRACT_RHS:
      visitor->extract(user, item);
      break;
    case PTL_ITEM_MATMUL:
      visitor->matmul(user, item);
      break;
    case PTL_ITEM_STORE:
      visitor->store(user, item);
      break;
    case PTL_ITEM_LOOP_N:
    case PTL_ITEM_LOOP_K: {
      ptl_schedule body = body_of(schedule, i);
      visitor->loop(user, item, &body);
      i += body.count + 1;
      break;
    }
    case PTL_ITEM_END:
      break;
    }
  }
}
