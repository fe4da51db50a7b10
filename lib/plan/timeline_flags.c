/* Flags that are appended to a timeline: a set takes effect when its pipe has done all that stands
 * before it, a wait stops its pipe until then. */
#include "plan/timeline_state.h"

static double later(double a, double b) { return a > b ? a : b; }

/* When the pipe comes to a flag. */
static double reached(const ptl_timeline *timeline, ptl_pipe pipe) {
  return later(timeline->issue_time, later(timeline->pipe_end[pipe], timeline->held[pipe]));
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
  double time = reached(timeline, flag->to);
  if (raised->count > 0) {
    time = later(time, raised->times[0]);
    raised->count--;
    for (int i = 0; i < raised->count; i++) {
      raised->times[i] = raised->times[i + 1];
    }
  }
  ptl_timeline_hold(timeline, flag->to, time);
}

/* All pipes and the scalar unit wait for the last of them. */
static void stop(ptl_timeline *timeline) {
  double time = 0;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    time = later(time, reached(timeline, (ptl_pipe)pipe));
  }
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_timeline_hold(timeline, (ptl_pipe)pipe, time);
  }
  timeline->issue_stood += time - timeline->issue_time;
  timeline->issue_time = time;
}

void ptl_timeline_take_flags(ptl_timeline *timeline) {
  timeline->has_flags = true;
  timeline->raised = ptl_arena_array(timeline->arena, PTL_PIPE_COUNT, sizeof(*timeline->raised));
}

void ptl_timeline_flag_op(ptl_timeline *timeline, const ptl_timeline_flag *flag) {
  timeline->issue_time += timeline->rates->issue_cycles;
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
  timeline->issue_time += timeline->rates->issue_cycles * (double)items;
}

double ptl_timeline_end(ptl_timeline *timeline) {
  ptl_timeline_flag_op(timeline, &(ptl_timeline_flag){.kind = PTL_TIMELINE_STOP});
  return timeline->issue_time + ptl_timeline_head_cycles(timeline);
}
