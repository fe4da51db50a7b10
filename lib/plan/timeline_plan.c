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
  double busy[PTL_PIPE_COUNT];  /* that each pipe is in the whole run */
  double after[PTL_PIPE_COUNT]; /* what others do after the last instruction of each pipe */
  double instructions;          /* not yet appended */
} rest;

typedef struct runner {
  ptl_timeline *timeline;
  const ptl_course *course;
  double *cycles; /* of each kind of work */
  int seen;       /* steps before it have run: their tiles have addresses */
  rest rest;
  ptl_course_hope hope; /* NULL: it is run to its end */
  void *user;
  int until_look;
  double asked; /* the least time that was last asked about */
} runner;

/* Steps that run again and again. */
typedef struct repeated {
  runner *run;
  int begin, end;
} repeated;

static double later(double a, double b) { return a > b ? a : b; }

/* The course cannot end earlier than this, however its instructions wait. */
static double least_end(const runner *run) {
  const ptl_timeline *t = run->timeline;
  double end = t->issue_time + run->rest.instructions * t->rates->issue_cycles;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    double left = run->rest.busy[pipe] - t->busy[pipe] + run->rest.after[pipe];
    end = later(end, t->pipe_end[pipe] + left);
  }
  return end + ptl_timeline_head_cycles(t);
}

/* Looks whether it is worth to go on. Sums of the same cycles differ by the order in which they are
 * added. */
static void look(runner *run) {
  run->until_look = BETWEEN_LOOKS;
  double least = run->hope ? least_end(run) * (1 - 1e-9) : 0;
  if (least > run->asked * WORTH_ASKING) {
    run->asked = least;
    run->timeline->is_given_up = !run->hope(run->user, least);
  }
}

static void run_steps(runner *run, int begin, int end);

static void run_again(void *user) {
  const repeated *again = user;
  run_steps(again->run, again->begin, again->end);
}

/* Returns the step behind it. */
static int run_loop(runner *run, int index) {
  const ptl_course_loop *loop = &run->course->loops[run->course->steps[index].number];
  double after = run->rest.instructions - loop->instructions;
  ptl_timeline_repeat(run->timeline, loop->trip_count, run_again,
                      &(repeated){run, index + 1, loop->end});
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
  ptl_timeline_issue(run->timeline, (ptl_pipe)step->pipe, run->cycles[step->number], step->reads,
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
static double cycles_after(const runner *run, ptl_pipe pipe) {
  const ptl_course *course = run->course;
  int last = last_of(course, pipe);
  if (pipe == PTL_PIPE_FIX || last < 0) {
    return 0;
  }
  int reader = first_reader(course, last + 1, course->steps[last].write);
  double cycles = reader < course->count ? run->rest.after[pipe + 1] : 0;
  for (int i = reader; i < course->count; i++) {
    const ptl_course_step *step = &course->steps[i];
    cycles += !step->is_loop && step->pipe == pipe + 1 ? run->cycles[step->number] : 0;
  }
  return cycles;
}

/* What all of the repeats have to do. */
static void plan_rest(runner *run) {
  const ptl_course *course = run->course;
  double repeats = (double)ptl_repeats(course->problem);
  for (int i = 0; i < course->work_count; i++) {
    const ptl_work_done *work = &course->work[i];
    run->rest.busy[work->pipe] += run->cycles[i] * work->times * repeats;
  }
  for (int pipe = PTL_PIPE_COUNT - 1; pipe >= 0; pipe--) {
    run->rest.after[pipe] = cycles_after(run, (ptl_pipe)pipe);
  }
  run->rest.instructions = course->instructions * repeats;
}

static runner begin(ptl_timeline *timeline, const ptl_course *course) {
  runner run = {.timeline = timeline, .course = course, .until_look = BETWEEN_LOOKS};
  run.cycles = ptl_arena_array(timeline->arena, (size_t)course->work_count, sizeof(double));
  for (int i = 0; i < course->work_count; i++) {
    run.cycles[i] = ptl_course_cycles(course, timeline->target, timeline->rates, &course->work[i]);
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
                             void *user, double *out_first) {
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

double ptl_timeline_run_schedule(ptl_timeline *timeline, const ptl_plan *plan,
                                 const ptl_schedule *schedule) {
  ptl_course course = ptl_course_of(timeline, plan, schedule);
  double first = 0;
  (void)ptl_timeline_run_course(timeline, &course, NULL, NULL, &first);
  return first;
}
