/* Flags that are appended to a timeline: a set takes effect when its pipe has done all that stands
 * before it, a wait stops its pipe until then. */
#include "plan/timeline_state.h"

/* When the pipe comes to a flag. */
static ptl_cycles reached(const ptl_timeline *timeline, ptl_pipe pipe) {
  ptl_cycles time = timeline->issue_time;
  ptl_wait_until(&time, &timeline->pipe_end[pipe]);
  ptl_wait_until(&time, &timeline->held[pipe]);
  return time;
}

static void set(ptl_timeline *timeline, const ptl_timeline_flag *flag) {
  ptl_raised *raised = &timeline->raised[flag->from][flag->to][flag->id];
  if (raised->count < PTL_RAISED_MOST) {
    raised->times[raised->count++] = reached(timeline, flag->from);
  }
}

/* For the set that has been up longest; one that nobody sets stops nobody. */
static void wait_for(ptl_timeline *timeline, const ptl_timeline_flag *flag) {
  ptl_raised *raised = &timeline->raised[flag->from][flag->to][flag->id];
  ptl_cycles time = reached(timeline, flag->to);
  if (raised->count > 0) {
    ptl_wait_until(&time, &raised->times[0]);
    raised->count--;
    for (int i = 0; i < raised->count; i++) {
      raised->times[i] = raised->times[i + 1];
    }
  }
  ptl_timeline_hold(timeline, flag->to, &time);
}

/* All pipes and the scalar unit wait for the last of them. */
static void stop(ptl_timeline *timeline) {
  ptl_cycles time = {{0}};
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_cycles other = reached(timeline, (ptl_pipe)pipe);
    ptl_wait_until(&time, &other);
  }
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_timeline_hold(timeline, (ptl_pipe)pipe, &time);
  }
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    timeline->issue_stood.by[i] += time.by[i] - timeline->issue_time.by[i];
  }
  timeline->issue_time = time;
}

void ptl_timeline_take_flags(ptl_timeline *timeline) {
  timeline->has_flags = true;
  timeline->raised = ptl_arena_array(timeline->arena, PTL_PIPE_COUNT, sizeof(*timeline->raised));
}

void ptl_timeline_flag_op(ptl_timeline *timeline, const ptl_timeline_flag *flag) {
  ptl_timeline_add_items(timeline, 1);
  switch (flag->kind) {
  case PTL_TIMELINE_SET:
    set(timeline, flag);
    break;
  case PTL_TIMELINE_WAIT:
    wait_for(timeline, flag);
    break;
  case PTL_TIMELINE_STOP:
    stop(timeline);
    break;
  case PTL_TIMELINE_ITEM:
    break;
  }
}

void ptl_timeline_add_items(ptl_timeline *timeline, int64_t items) {
  ptl_add_cycles(&timeline->issue_time, &timeline->item, (double)items);
}

ptl_cycles ptl_timeline_end(ptl_timeline *timeline) {
  ptl_timeline_flag_op(timeline, &(ptl_timeline_flag){.kind = PTL_TIMELINE_STOP});
  ptl_cycles end = timeline->issue_time, heads = ptl_timeline_head_cycles(timeline);
  ptl_add_cycles(&end, &heads, 1);
  return end;
}
