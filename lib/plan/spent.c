/* Runs a plan once more to see what each pipe does; the search keeps its cycles only. */
#include "plan/spent.h"

#include "plan/timeline_state.h"

const char *ptl_pipe_name(ptl_pipe pipe) {
  static const char *const names[] = {"MTE2", "MTE1", "M", "FIX"};
  return names[pipe];
}

ptl_spent ptl_timeline_spent(const ptl_timeline *timeline) {
  ptl_spent out = {.cycles = ptl_timeline_cycles(timeline),
                   .issue = ptl_timeline_issue_cycles(timeline)};
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    out.busy[pipe] = ptl_timeline_busy_cycles(timeline, (ptl_pipe)pipe);
  }
  return out;
}

ptl_spent ptl_plan_spent(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                         const ptl_rates *rates) {
  ptl_timeline *timeline = ptl_timeline_create(arena, target, rates);
  ptl_schedule schedule = ptl_schedule_build(arena, target, plan);
  (void)ptl_timeline_run_schedule(timeline, plan, &schedule);
  ptl_spent out = ptl_timeline_spent(timeline);
  double repeats = (double)ptl_repeats(&plan->problem);
  out.cycles /= repeats;
  out.issue /= repeats;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    out.busy[pipe] /= repeats;
  }
  return out;
}
