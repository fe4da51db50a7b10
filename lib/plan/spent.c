/* Runs a plan once more to see what each pipe does; the search keeps its cycles only. */
#include "plan/spent.h"

#include "plan/timeline_state.h"

const char *ptl_pipe_name(ptl_pipe pipe) {
  static const char *const names[] = {"MTE2", "MTE1", "M", "FIX"};
  return names[pipe];
}

ptl_spent ptl_timeline_spent(const ptl_timeline *timeline, int rate) {
  double cycles = ptl_timeline_cycles(timeline).by[rate];
  double issue = ptl_timeline_issue_cycles(timeline).by[rate];
  ptl_spent out = {.cycles = cycles, .issue = issue < cycles ? issue : cycles};
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    out.busy[pipe] = ptl_timeline_busy_cycles(timeline, (ptl_pipe)pipe).by[rate];
  }
  return out;
}

static void divide(ptl_spent *spent, double repeats) {
  spent->cycles /= repeats;
  spent->issue /= repeats;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    spent->busy[pipe] /= repeats;
  }
}

void ptl_plan_spent(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                    ptl_spent out[PTL_MAX_RATES]) {
  ptl_timeline *timeline = ptl_timeline_create(arena, target, target->rates, target->rate_count);
  ptl_schedule schedule = ptl_schedule_build(arena, target, plan);
  ptl_timeline_run_schedule(timeline, plan, &schedule);
  for (int i = 0; i < target->rate_count; i++) {
    out[i] = ptl_timeline_spent(timeline, i);
    divide(&out[i], (double)ptl_repeats(&plan->problem));
  }
}
