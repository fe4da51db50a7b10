/* A model of the core's pipes: when does each instruction run?
 *
 * The scalar unit issues instructions in program order, and with each the flags and barriers that
 * order it after others, `issue_cycles` for each of these items. Every pipe runs its instructions
 * in order. An instruction starts when it is issued, its pipe is free, the data it reads is written
 * (read after write), and the bytes it overwrites are read and written (write after read, write
 * after write). Buffers are byte ranges of a space; only their identity matters here.
 *
 * The same model times our schedules and, fed by the walk over a kernel, anybody's
 * .pto, so that "slower" compares like with like. Good for ratios only.
 *
 * A timeline is run by several calibrations at once: all see the same instructions and flags, each
 * has its own times.
 */
#ifndef PTL_PLAN_TIMELINE_H
#define PTL_PLAN_TIMELINE_H

#include "plan/paces.h"
#include "plan/schedule.h"
#include "target/range.h"

typedef enum ptl_pipe {
  PTL_PIPE_MTE2, /* GM -> Mat */
  PTL_PIPE_MTE1, /* Mat -> Left, Right */
  PTL_PIPE_M,    /* cube */
  PTL_PIPE_FIX,  /* Acc -> GM, Mat */
  PTL_PIPE_COUNT,
} ptl_pipe;

/* "MTE2", "MTE1", "M", "FIX" */
const char *ptl_pipe_name(ptl_pipe pipe);

typedef struct ptl_timeline ptl_timeline;

/* An instruction that was appended, by the first calibration. Cells are the byte ranges that
 * instructions name, numbered in the order of their first use. */
typedef struct ptl_issued {
  ptl_pipe pipe;
  double free;       /* since when its pipe had nothing to do */
  double issued;     /* when the scalar unit had come to it */
  double ready;      /* when it could begin, but for the flag that its pipe waits for */
  double begin, end; /* when it runs */
  const int *reads;  /* cells */
  int read_count;
  int write; /* < 0: none */
} ptl_issued;

typedef void (*ptl_timeline_listener)(void *user, const ptl_timeline *timeline,
                                      const ptl_issued *issued);

/* By these calibrations, which outlive it. */
ptl_timeline *ptl_timeline_create(ptl_arena *arena, const ptl_target *target,
                                  const ptl_rates *rates, int rate_count);

/* A second one that is as `timeline` is now. Neither sees what is appended to the other. */
ptl_timeline *ptl_timeline_copy(const ptl_timeline *timeline);

/* Tells the listener every instruction from here on, when it is appended; those that a loop of a
 * schedule repeats are not appended one by one. */
void ptl_timeline_listen(ptl_timeline *timeline, ptl_timeline_listener listener, void *user);
/* Whether two cells have a byte in common. */
bool ptl_timeline_cells_overlap(const ptl_timeline *timeline, int a, int b);
int ptl_timeline_cell_count(const ptl_timeline *timeline);

/* Appends instructions. `elem_bytes` etc. are the tile's; cycles come from the
 * target's rates. */
void ptl_timeline_load(ptl_timeline *timeline, ptl_range to, int64_t bytes);
/* `is_turned` as for ptl_charged_bytes. */
void ptl_timeline_extract(ptl_timeline *timeline, ptl_range from, ptl_range to, int64_t bytes,
                          ptl_elem elem, bool is_turned);
/* `accumulates`: also reads the accumulator. */
void ptl_timeline_matmul(ptl_timeline *timeline, ptl_range left, ptl_range right, ptl_range acc,
                         int64_t m, int64_t k, int64_t n, ptl_elem operand, bool accumulates);
void ptl_timeline_drain(ptl_timeline *timeline, ptl_range acc, int64_t rows, int64_t bytes);
/* A tile gets its address: an item of the scalar unit, on no pipe. */
void ptl_timeline_assign(ptl_timeline *timeline);

/* What is appended to the pipe from here on begins at this time, or later: it waits for a flag. */
void ptl_timeline_hold(ptl_timeline *timeline, ptl_pipe pipe, const ptl_cycles *time);

/* What is appended to the pipe from here on begins after all that stands on the other one by now.
 */
void ptl_timeline_await(ptl_timeline *timeline, ptl_pipe pipe, ptl_pipe other);

typedef enum ptl_timeline_flag_kind {
  PTL_TIMELINE_SET,  /* `from` raises flag `id` */
  PTL_TIMELINE_WAIT, /* `to` waits for it */
  PTL_TIMELINE_STOP, /* all pipes wait for each other, and the scalar unit for them */
  PTL_TIMELINE_ITEM, /* it stops no pipe that runs in order */
} ptl_timeline_flag_kind;

typedef struct ptl_timeline_flag {
  ptl_timeline_flag_kind kind;
  ptl_pipe from, to;
  int id; /* below PTL_TIMELINE_IDS */
} ptl_timeline_flag;

enum { PTL_TIMELINE_IDS = 8 };

/* From here on flags are appended one by one, and not counted with the instructions. */
void ptl_timeline_take_flags(ptl_timeline *timeline);
void ptl_timeline_flag_op(ptl_timeline *timeline, const ptl_timeline_flag *flag);

/* Appends the barrier of all pipes with which a kernel ends; returns when it is through. */
ptl_cycles ptl_timeline_end(ptl_timeline *timeline);

/* The scalar unit issues so many items more. */
void ptl_timeline_add_items(ptl_timeline *timeline, int64_t items);

/* Appends what `pass` appends, `times` times, and the flags around that; returns how many of those
 * there are, 0 if there is one pass. Once a pass does what the one before did, only later,
 * the rest is not appended, but counted. */
typedef void (*ptl_timeline_pass)(void *user);
int64_t ptl_timeline_repeat(ptl_timeline *timeline, int64_t times, ptl_timeline_pass pass,
                            void *user);

/* Appends all instructions of a plan's schedule: of one of its repeats, or of all. */
void ptl_timeline_run_once(ptl_timeline *timeline, const ptl_plan *plan,
                           const ptl_schedule *schedule);
void ptl_timeline_run_schedule(ptl_timeline *timeline, const ptl_plan *plan,
                               const ptl_schedule *schedule);

/* The end of the last instruction, in cycles; busy cycles of one pipe; those for which the scalar
 * unit issues. */
ptl_cycles ptl_timeline_cycles(const ptl_timeline *timeline);
ptl_cycles ptl_timeline_busy_cycles(const ptl_timeline *timeline, ptl_pipe pipe);
ptl_cycles ptl_timeline_issue_cycles(const ptl_timeline *timeline);

#endif
