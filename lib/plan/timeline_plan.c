/* Runs the schedule of a plan through the model of the pipes. A run is given up as soon as the time
 * that is left to each pipe shows that it ends too late. */
#include "plan/course.h"
#include "plan/timeline_state.h"

/* Instructions between two looks at what is left. */
enum { BETWEEN_LOOKS = 8 };
/* It is asked whether to go on where the least time has grown by so much. */
static const double WORTH_ASKING = 1.0002;

/* What a course has still to do at the least. */
typedef struct rest {
  ptl_cycles busy[PTL_PIPE_COUNT];  /* that each pipe is in the whole run */
  ptl_cycles after[PTL_PIPE_COUNT]; /* what others do after the last instruction of each pipe */
  double instructions;              /* not yet appended */
} rest;

typedef struct runner {
  ptl_timeline *timeline;
  const ptl_course *course;
  ptl_cycles *cycles; /* of each kind of work */
  int seen;           /* steps before it have run: their tiles have addresses */
  rest rest;
  ptl_course_hope hope; /* NULL: it is run to its end */
  void *user;
  int until_look;
  ptl_cycles asked; /* the least times that were last asked about */
} runner;

/* Steps that run again and again. */
typedef struct repeated {
  runner *run;
  int begin, end;
} repeated;

/* The course cannot end earlier than this, however its instructions wait. Sums of the same cycles
 * differ by the order in which they are added. */
static ptl_cycles least_end(const runner *run) {
  const ptl_timeline *t = run->timeline;
  ptl_cycles end = t->issue_time, heads = ptl_timeline_head_cycles(t);
  ptl_add_cycles(&end, &t->item, run->rest.instructions);
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_cycles until = t->pipe_end[pipe];
    ptl_add_cycles(&until, &run->rest.busy[pipe], 1);
    ptl_add_cycles(&until, &t->busy[pipe], -1);
    ptl_add_cycles(&until, &run->rest.after[pipe], 1);
    ptl_wait_until(&end, &until);
  }
  ptl_add_cycles(&end, &heads, 1);
  ptl_add_cycles(&end, &end, -1e-9);
  return end;
}

/* Looks whether it is worth to go on. */
static void look(runner *run) {
  run->until_look = BETWEEN_LOOKS;
  if (!run->hope) {
    return;
  }
  ptl_cycles least = least_end(run);
  bool has_grown = false;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    has_grown |= least.by[i] > run->asked.by[i] * WORTH_ASKING;
  }
  if (has_grown) {
    run->asked = least;
    run->timeline->is_given_up = !run->hope(run->user, &least);
  }
}

static void run_steps(runner *run, int begin, int end);

static void run_again(void *user) {
  const repeated *again = user;
  run_steps(again->run, again->begin, again->end);
}

/* What a loop extracts of loads that stand before it waits in front of it, for all of them; what
 * stands after it waits for all of its loads: ptoas sets and awaits a flag once. Returns the step
 * behind it. */
static int run_loop(runner *run, int index) {
  const ptl_course_loop *loop = &run->course->loops[run->course->steps[index].number];
  double after = run->rest.instructions - loop->instructions;
  ptl_timeline_await(run->timeline, PTL_PIPE_MTE1, PTL_PIPE_MTE2);
  ptl_timeline_repeat(run->timeline, loop->trip_count, run_again,
                      &(repeated){run, index + 1, loop->end});
  ptl_timeline_await(run->timeline, PTL_PIPE_MTE1, PTL_PIPE_MTE2);
  run->rest.instructions = after;
  return loop->end;
}

static void give_addresses(runner *run, int index) {
  for (int i = 0; i < run->course->steps[index].addresses; i++) {
    ptl_timeline_assign(run->timeline);
  }
  run->seen = index + 1;
}

static void run_instruction(runner *run, int index) {
  const ptl_course_step *step = &run->course->steps[index];
  if (index >= run->seen) {
    give_addresses(run, index);
  }
  ptl_timeline_issue(run->timeline, (ptl_pipe)step->pipe, &run->cycles[step->number], step->reads,
                     step->read_count, step->write);
  run->rest.instructions--;
  if (--run->until_look == 0) {
    look(run);
  }
}

static void run_steps(runner *run, int begin, int end) {
  const ptl_course_step *steps = run->course->steps;
  for (int i = begin; i < end && !run->timeline->is_given_up;) {
    if (steps[i].is_loop) {
      i = run_loop(run, i);
    } else {
      run_instruction(run, i++);
    }
  }
}

/* Of the steps from `begin` on the first that reads a cell; the end if none does. */
static int first_reader(const ptl_course *course, int begin, int cell) {
  for (int i = begin; i < course->count; i++) {
    for (int r = 0; r < course->steps[i].read_count; r++) {
      if (course->steps[i].reads[r] == cell) {
        return i;
      }
    }
  }
  return course->count;
}

static int last_of(const ptl_course *course, ptl_pipe pipe) {
  int i = course->count - 1;
  while (i >= 0 && (course->steps[i].is_loop || course->steps[i].pipe != pipe)) {
    i--;
  }
  return i;
}

/* What must be done after the last instruction of a pipe: all that the pipe of its reader does from
 * that on, and what must be done after this one. Loads come before extracts, and so on. */
static ptl_cycles cycles_after(const runner *run, ptl_pipe pipe) {
  const ptl_course *course = run->course;
  ptl_cycles cycles = {{0}};
  int last = last_of(course, pipe);
  if (pipe == PTL_PIPE_FIX || last < 0) {
    return cycles;
  }
  int reader = first_reader(course, last + 1, course->steps[last].write);
  if (reader < course->count) {
    cycles = run->rest.after[pipe + 1];
  }
  for (int i = reader; i < course->count; i++) {
    const ptl_course_step *step = &course->steps[i];
    if (!step->is_loop && step->pipe == pipe + 1) {
      ptl_add_cycles(&cycles, &run->cycles[step->number], 1);
    }
  }
  return cycles;
}

/* What all of the repeats have to do. */
static void plan_rest(runner *run) {
  const ptl_course *course = run->course;
  double repeats = (double)ptl_repeats(course->problem);
  for (int i = 0; i < course->work_count; i++) {
    const ptl_work_done *work = &course->work[i];
    ptl_add_cycles(&run->rest.busy[work->pipe], &run->cycles[i], work->times * repeats);
  }
  for (int pipe = PTL_PIPE_COUNT - 1; pipe >= 0; pipe--) {
    run->rest.after[pipe] = cycles_after(run, (ptl_pipe)pipe);
  }
  run->rest.instructions = course->instructions * repeats;
}

static runner begin(ptl_timeline *timeline, const ptl_course *course) {
  runner run = {.timeline = timeline, .course = course, .until_look = BETWEEN_LOOKS};
  run.cycles = ptl_arena_array(timeline->arena, (size_t)course->work_count, sizeof(*run.cycles));
  for (int i = 0; i < course->work_count; i++) {
    for (int rate = 0; rate < timeline->rate_count; rate++) {
      run.cycles[i].by[rate] =
          ptl_course_cycles(course, timeline->target, &timeline->rates[rate], &course->work[i]);
    }
  }
  return run;
}

void ptl_timeline_run_once(ptl_timeline *timeline, const ptl_plan *plan,
                           const ptl_schedule *schedule) {
  ptl_course course = ptl_course_of(timeline, plan, schedule);
  runner run = begin(timeline, &course);
  run_steps(&run, 0, course.count);
}

bool ptl_timeline_run_course(ptl_timeline *timeline, const ptl_course *course, ptl_course_hope hope,
                             void *user, ptl_cycles *out_first) {
  runner run = begin(timeline, course);
  run.hope = hope;
  run.user = user;
  plan_rest(&run);
  run_steps(&run, 0, course->count);
  *out_first = ptl_timeline_cycles(timeline);
  int64_t more = ptl_repeats(course->problem) - 1;
  if (more > 0 && !timeline->is_given_up) {
    ptl_timeline_repeat(timeline, more, run_again, &(repeated){&run, 0, course->count});
  }
  return !timeline->is_given_up;
}

void ptl_timeline_run_schedule(ptl_timeline *timeline, const ptl_plan *plan,
                               const ptl_schedule *schedule) {
  ptl_course course = ptl_course_of(timeline, plan, schedule);
  ptl_cycles first;
  (void)ptl_timeline_run_course(timeline, &course, NULL, NULL, &first);
}
