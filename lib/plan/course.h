/* A schedule as the timeline runs it: of each instruction its pipe, the cells that it reads and
 * writes, and what its time depends on. It is made once for all calibrations. */
#ifndef PTL_PLAN_COURSE_H
#define PTL_PLAN_COURSE_H

#include "plan/timeline.h"

/* What an instruction does, as far as its time depends on it. */
typedef struct ptl_work_done {
  ptl_pipe pipe;
  ptl_space to;   /* of an extract */
  bool is_turned; /* likewise */
  int64_t bytes;  /* but for a product */
  int64_t k, n;   /* of a product */
  double times;   /* that the course does this */
} ptl_work_done;

/* An instruction, or a loop over the steps behind it. */
typedef struct ptl_course_step {
  int reads[3], write; /* cells; < 0: none */
  uint8_t pipe, read_count;
  uint8_t addresses; /* that tiles get where it runs for the first time */
  bool is_loop;
  int number; /* of its work, or of the loop, in the course */
} ptl_course_step;

typedef struct ptl_course_loop {
  int64_t trip_count;
  int end;             /* the step behind it */
  double instructions; /* that all its passes run */
} ptl_course_loop;

typedef struct ptl_course {
  const ptl_problem *problem;
  ptl_course_step *steps;
  ptl_work_done *work;
  ptl_course_loop *loops;
  int count, work_count, loop_count;
  int work_capacity, loop_capacity;
  double instructions; /* that it runs, with all passes of its loops */
} ptl_course;

/* The course of a schedule; its cells are those of the timeline. It lives as long as that and the
 * plan. */
ptl_course ptl_course_of(ptl_timeline *timeline, const ptl_plan *plan,
                         const ptl_schedule *schedule);

/* Cycles of a piece of work. */
double ptl_course_cycles(const ptl_course *course, const ptl_target *target, const ptl_rates *rates,
                         const ptl_work_done *work);

/* Asked now and then while a course runs: whether to go on, where no run of it ends before
 * `least`. */
typedef bool (*ptl_course_hope)(void *user, const ptl_cycles *least);

/* Appends all repeats of a course to a timeline on which nothing was appended. False if it was
 * given up; else `out_first` is when the first repeat is done. */
bool ptl_timeline_run_course(ptl_timeline *timeline, const ptl_course *course, ptl_course_hope hope,
                             void *user, ptl_cycles *out_first);

#endif
