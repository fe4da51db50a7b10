/* The state of a timeline, for timeline.c and the run of whole plans. */
#ifndef PTL_PLAN_TIMELINE_STATE_H
#define PTL_PLAN_TIMELINE_STATE_H

#include "plan/timeline.h"

/* What ptl_timeline_items keeps of an instruction. Those of a pipe are numbered from 1; 0: none. */
typedef struct ptl_use {
  int64_t number;
  int64_t knew[PTL_PIPE_COUNT]; /* instructions that its pipe knew to be done when it ran */
} ptl_use;

/* One byte range that instructions have named, and when it was last used. */
typedef struct ptl_cell {
  ptl_range range;
  bool shares_bytes; /* with another cell */
  double write_end;
  double read_end;

  ptl_use written; /* by the last instruction that wrote it, of this pipe */
  ptl_pipe writer;
  ptl_use read[PTL_PIPE_COUNT]; /* by the last instruction of each pipe that read it */
} ptl_cell;

/* When a flag was set, for each set that nobody has waited for; the oldest first. */
enum { PTL_RAISED_MOST = 4 };

typedef struct ptl_raised {
  double times[PTL_RAISED_MOST];
  int count;
} ptl_raised;

struct ptl_timeline {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_rates *rates;
  double issue_time;
  double issue_stood; /* of it, the scalar unit stood at barriers */
  bool issue_bound;   /* an instruction started late because it was issued late */
  double pipe_end[PTL_PIPE_COUNT];
  double held[PTL_PIPE_COUNT]; /* by a flag, up to then */
  double busy[PTL_PIPE_COUNT];
  ptl_cell *cells;
  int cell_count;
  int cell_capacity;
  int64_t issued[PTL_PIPE_COUNT];
  int64_t known[PTL_PIPE_COUNT][PTL_PIPE_COUNT]; /* what each pipe knows to be done of each */
  int64_t pass_begin[PTL_PIPE_COUNT],
      pass_end[PTL_PIPE_COUNT]; /* `issued` around the pass before */
  int64_t carried;              /* waits for an instruction of the pass before */
  int64_t heads;  /* flags that are set before all else, for loops: all begins later by them */
  int depth;      /* loops around this point */
  bool has_flags; /* they are appended, not counted */
  ptl_raised raised[PTL_PIPE_COUNT][PTL_PIPE_COUNT][PTL_TIMELINE_IDS];
  ptl_timeline_listener listener; /* NULL: there is none */
  void *user;
};

/* The cell of a range; cells are numbered in the order of their first use. */
int ptl_timeline_cell(ptl_timeline *timeline, ptl_range range);

/* Appends one instruction that reads and writes the given cells; `write` < 0: none. */
void ptl_timeline_issue(ptl_timeline *timeline, ptl_pipe pipe, double cycles, const int *reads,
                        int read_count, int write);

/* Items that the scalar unit issues for an instruction that is appended. */
int ptl_timeline_items(ptl_timeline *timeline, ptl_pipe pipe, const int *reads, int read_count,
                       int write);

/* Cycles for which flags are set where the kernel begins. */
double ptl_timeline_head_cycles(const ptl_timeline *timeline);

/* Cycles that an instruction keeps its pipe busy. */
double ptl_load_cycles(const ptl_rates *rates, int64_t bytes);
double ptl_extract_cycles(const ptl_rates *rates, ptl_space to, int64_t bytes, int64_t elem_bytes,
                          bool is_turned);
double ptl_matmul_cycles(const ptl_target *target, const ptl_rates *rates, int64_t m, int64_t k,
                         int64_t n, ptl_elem operand);
double ptl_drain_cycles(const ptl_rates *rates, int64_t rows, int64_t bytes);

#endif
