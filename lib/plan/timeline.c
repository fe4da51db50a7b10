#include "plan/timeline.h"

#include <string.h>

#include "plan/timeline_state.h"

ptl_timeline *ptl_timeline_create(ptl_arena *arena, const ptl_target *target,
                                  const ptl_rates *rates) {
  ptl_timeline *timeline = ptl_arena_alloc(arena, sizeof(*timeline));
  timeline->arena = arena;
  timeline->target = target;
  timeline->rates = rates;
  return timeline;
}

static bool same_range(const ptl_range *a, const ptl_range *b) {
  return a->space == b->space && a->buffer == b->buffer && a->begin_bytes == b->begin_bytes &&
         a->end_bytes == b->end_bytes;
}

static bool overlap(const ptl_range *a, const ptl_range *b) {
  return a->space == b->space && a->buffer == b->buffer && a->begin_bytes < b->end_bytes &&
         b->begin_bytes < a->end_bytes;
}

static ptl_cell *cell_of(ptl_timeline *timeline, ptl_range range) {
  for (int i = 0; i < timeline->cell_count; i++) {
    if (same_range(&timeline->cells[i].range, &range)) {
      return &timeline->cells[i];
    }
  }
  if (timeline->cell_count == timeline->cell_capacity) {
    int capacity = timeline->cell_capacity ? 2 * timeline->cell_capacity : 32;
    timeline->cells = ptl_arena_grow(timeline->arena, timeline->cells, (size_t)timeline->cell_count,
                                     (size_t)capacity, sizeof(ptl_cell));
    timeline->cell_capacity = capacity;
  }
  ptl_cell cell = {.range = range};
  timeline->cells[timeline->cell_count] = cell;
  return &timeline->cells[timeline->cell_count++];
}

static void wait_until(double *start, double time) {
  if (time > *start) {
    *start = time;
  }
}

/* When the bytes of `range` may be read: all writes done; written: all reads too. */
static double ready_at(const ptl_timeline *timeline, const ptl_range *range, bool for_write) {
  double time = 0;
  for (int i = 0; i < timeline->cell_count; i++) {
    const ptl_cell *cell = &timeline->cells[i];
    if (overlap(&cell->range, range)) {
      wait_until(&time, cell->write_end);
      if (for_write) {
        wait_until(&time, cell->read_end);
      }
    }
  }
  return time;
}

/* Appends one instruction that reads and writes the given ranges. */
static void issue(ptl_timeline *timeline, ptl_pipe pipe, double cycles, const ptl_range *reads,
                  int read_count, const ptl_range *write) {
  timeline->issue_time += timeline->rates->issue_cycles;
  double start = timeline->pipe_end[pipe];
  for (int i = 0; i < read_count; i++) {
    wait_until(&start, ready_at(timeline, &reads[i], false));
  }
  if (write) {
    wait_until(&start, ready_at(timeline, write, true));
  }
  if (timeline->issue_time > start) {
    start = timeline->issue_time;
    timeline->issue_bound = true;
  }
  double end = start + cycles;
  timeline->pipe_end[pipe] = end;
  timeline->busy[pipe] += cycles;
  for (int i = 0; i < read_count; i++) {
    wait_until(&cell_of(timeline, reads[i])->read_end, end);
  }
  if (write) {
    cell_of(timeline, *write)->write_end = end;
  }
}

void ptl_timeline_load(ptl_timeline *timeline, ptl_range to, int64_t bytes) {
  double cycles = (double)bytes / timeline->rates->gm_to_mat_bytes_per_cycle;
  issue(timeline, PTL_PIPE_MTE2, cycles, NULL, 0, &to);
}

void ptl_timeline_extract(ptl_timeline *timeline, ptl_range from, ptl_range to, int64_t bytes) {
  const ptl_rates *rates = timeline->rates;
  double speed = to.space == PTL_SPACE_RIGHT ? rates->mat_to_right_bytes_per_cycle
                                             : rates->mat_to_left_bytes_per_cycle;
  issue(timeline, PTL_PIPE_MTE1, (double)bytes / speed, &from, 1, &to);
}

static int64_t blocks(int64_t extent, int64_t block) { return (extent + block - 1) / block; }

void ptl_timeline_matmul(ptl_timeline *timeline, ptl_range left, ptl_range right, ptl_range acc,
                         int64_t m, int64_t k, int64_t n, ptl_elem operand, bool accumulates) {
  int64_t passes = operand == PTL_ELEM_F32 ? timeline->target->fp32_passes : 1;
  int64_t fractal_k = ptl_elem_fractal_k(operand);
  int64_t fractals = blocks(m, 16) * blocks(n, 16) * (fractal_k > 0 ? blocks(k, fractal_k) : 0);
  double cycles = timeline->rates->matmul_head_cycles + (double)(passes * fractals);
  ptl_range reads[3] = {left, right, acc};
  issue(timeline, PTL_PIPE_M, cycles, reads, accumulates ? 3 : 2, &acc);
}

void ptl_timeline_drain(ptl_timeline *timeline, ptl_range acc, int64_t rows, int64_t bytes) {
  const ptl_rates *rates = timeline->rates;
  double row_cycles = 0;
  if (rows > 0) {
    row_cycles = (double)bytes / (double)rows / rates->acc_drain_bytes_per_cycle;
    wait_until(&row_cycles, rates->drain_row_cycles);
  }
  double cycles = rates->drain_fixed_cycles + (double)rows * row_cycles;
  issue(timeline, PTL_PIPE_FIX, cycles, &acc, 1, NULL);
}

double ptl_timeline_cycles(const ptl_timeline *timeline) {
  double cycles = 0;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    wait_until(&cycles, timeline->pipe_end[pipe]);
  }
  return cycles;
}

double ptl_timeline_busy_cycles(const ptl_timeline *timeline, ptl_pipe pipe) {
  return timeline->busy[pipe];
}
