/* The state of a timeline, for timeline.c and the run of whole plans. */
#ifndef PTL_PLAN_TIMELINE_STATE_H
#define PTL_PLAN_TIMELINE_STATE_H

#include "plan/timeline.h"

/* The bytes of a cell. */
typedef struct ptl_place {
  ptl_range range;
  bool shares_bytes; /* with another cell */
} ptl_place;

/* Of each pipe the number of an instruction. They are counted from 1; 0: none. */
typedef struct ptl_numbers {
  int32_t of[PTL_PIPE_COUNT];
} ptl_numbers;

/* When a byte range that instructions have named was last used, and by which of them. */
typedef struct ptl_cell {
  ptl_cycles write_end, read_end;

  ptl_numbers written; /* by the last instruction that wrote it; of other pipes none */
  ptl_numbers read;    /* by the last instruction of each pipe that read it */
  /* What the pipes of these knew to be done when they ran. */
  ptl_numbers writer_knew;
  ptl_numbers reader_knew[PTL_PIPE_COUNT];
} ptl_cell;

/* When a flag was set, for each set that nobody has waited for; the oldest first. */
enum { PTL_RAISED_MOST = 4 };

typedef struct ptl_raised {
  ptl_cycles times[PTL_RAISED_MOST];
  int count;
} ptl_raised;

struct ptl_timeline {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_rates *rates;
  int rate_count;
  ptl_cycles item; /* what the scalar unit takes for one */
  bool takes_time; /* it does so by some calibration */
  ptl_cycles issue_time;
  ptl_cycles issue_stood; /* of it, the scalar unit stood at barriers */
  ptl_cycles issued_late; /* by so much an instruction started late because it was issued late */
  ptl_cycles pipe_end[PTL_PIPE_COUNT];
  ptl_cycles held[PTL_PIPE_COUNT]; /* by a flag, up to then */
  ptl_cycles busy[PTL_PIPE_COUNT];
  const ptl_place *places; /* of the cells */
  ptl_cell *cells;
  int cell_count;
  int place_capacity, cell_capacity;
  bool shares_bytes; /* a cell does, with another one */
  ptl_numbers issued;
  ptl_numbers known[PTL_PIPE_COUNT]; /* what each pipe knows to be done of each */
  ptl_numbers pass_begin, pass_end;  /* `issued` around the pass before */
  int64_t carried;                   /* waits for an instruction of the pass before */
  int64_t appended;                  /* instructions, one by one */
  int64_t heads;    /* flags that are set before all else, for loops: all begins later by them */
  int depth;        /* loops around this point */
  bool is_given_up; /* nothing more is appended by loops */
  bool has_flags;   /* they are appended, not counted */
  ptl_raised (*raised)[PTL_PIPE_COUNT][PTL_TIMELINE_IDS]; /* NULL where it has no flags */
  ptl_timeline_listener listener;                         /* NULL: there is none */
  void *user;
};

/* The cell of a range; cells are numbered in the order of their first use. */
int ptl_timeline_cell(ptl_timeline *timeline, ptl_range range);

/* Appends one instruction that reads and writes the given cells; `write` < 0: none. */
void ptl_timeline_issue(ptl_timeline *timeline, ptl_pipe pipe, const ptl_cycles *cycles,
                        const int *reads, int read_count, int write);

/* Items that the scalar unit issues for an instruction that is appended. */
int ptl_timeline_items(ptl_timeline *timeline, ptl_pipe pipe, const int *reads, int read_count,
                       int write);

/* Cycles for which flags are set where the kernel begins. */
ptl_cycles ptl_timeline_head_cycles(const ptl_timeline *timeline);

#endif
