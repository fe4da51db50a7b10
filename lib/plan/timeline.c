/* Runs instructions through the model of the pipes: each starts when its pipe is free and its
 * operands are there. */
#include "plan/timeline.h"

#include <string.h>

#include "plan/timeline_state.h"
#include "support/rounding.h"

ptl_timeline *ptl_timeline_create(ptl_arena *arena, const ptl_target *target,
                                  const ptl_rates *rates) {
  ptl_timeline *timeline = ptl_arena_alloc(arena, sizeof(*timeline));
  timeline->arena = arena;
  timeline->target = target;
  timeline->rates = rates;
  return timeline;
}

void ptl_timeline_listen(ptl_timeline *timeline, ptl_timeline_listener listener, void *user) {
  timeline->listener = listener;
  timeline->user = user;
}

bool ptl_timeline_cells_overlap(const ptl_timeline *timeline, int a, int b) {
  return ptl_ranges_overlap(&timeline->cells[a].range, &timeline->cells[b].range);
}

int ptl_timeline_cell_count(const ptl_timeline *timeline) { return timeline->cell_count; }

int ptl_timeline_cell(ptl_timeline *timeline, ptl_range range) {
  for (int i = 0; i < timeline->cell_count; i++) {
    if (ptl_range_equal(&timeline->cells[i].range, &range)) {
      return i;
    }
  }
  timeline->cells = ptl_arena_more(timeline->arena, timeline->cells, timeline->cell_count,
                                   &timeline->cell_capacity, sizeof(ptl_cell));
  ptl_cell cell = {.range = range};
  for (int i = 0; i < timeline->cell_count; i++) {
    if (ptl_ranges_overlap(&timeline->cells[i].range, &range)) {
      timeline->cells[i].shares_bytes = cell.shares_bytes = true;
    }
  }
  timeline->cells[timeline->cell_count] = cell;
  return timeline->cell_count++;
}

static double later(double a, double b) { return a > b ? a : b; }

/* When a cell may be read: all writes of its bytes done; written: all reads too. */
static double ready_at(const ptl_timeline *timeline, int index, bool for_write) {
  const ptl_cell *own = &timeline->cells[index];
  double time = for_write ? later(own->write_end, own->read_end) : own->write_end;
  for (int i = 0; own->shares_bytes && i < timeline->cell_count; i++) {
    const ptl_cell *cell = &timeline->cells[i];
    if (ptl_ranges_overlap(&cell->range, &own->range)) {
      time = later(time, cell->write_end);
      time = for_write ? later(time, cell->read_end) : time;
    }
  }
  return time;
}

void ptl_timeline_issue(ptl_timeline *timeline, ptl_pipe pipe, double cycles, const int *reads,
                        int read_count, int write) {
  if (timeline->rates->issue_cycles > 0) {
    int items =
        timeline->has_flags ? 1 : ptl_timeline_items(timeline, pipe, reads, read_count, write);
    timeline->issue_time += timeline->rates->issue_cycles * items;
  }
  double start = timeline->pipe_end[pipe];
  for (int i = 0; i < read_count; i++) {
    start = later(start, ready_at(timeline, reads[i], false));
  }
  if (write >= 0) {
    start = later(start, ready_at(timeline, write, true));
  }
  /* As if the scalar unit had not stood at barriers: they are flags, too. */
  double issued = timeline->issue_time - timeline->issue_stood;
  if (issued > start) {
    start = issued;
    timeline->issue_bound = true;
  }
  double ready = start;
  start = later(ready, later(timeline->held[pipe], timeline->issue_time));
  double end = start + cycles;
  if (timeline->listener) {
    ptl_issued issued = {.pipe = pipe,
                         .free = timeline->pipe_end[pipe],
                         .issued = timeline->issue_time,
                         .ready = ready,
                         .begin = start,
                         .end = end,
                         .reads = reads,
                         .read_count = read_count,
                         .write = write};
    timeline->listener(timeline->user, timeline, &issued);
  }
  timeline->pipe_end[pipe] = end;
  timeline->busy[pipe] += cycles;
  for (int i = 0; i < read_count; i++) {
    ptl_cell *cell = &timeline->cells[reads[i]];
    cell->read_end = later(cell->read_end, end);
  }
  if (write >= 0) {
    timeline->cells[write].write_end = end;
  }
}

void ptl_timeline_hold(ptl_timeline *timeline, ptl_pipe pipe, double time) {
  timeline->held[pipe] = later(timeline->held[pipe], time);
}

double ptl_load_cycles(const ptl_rates *rates, int64_t bytes) {
  return rates->load_fixed_cycles + (double)bytes / rates->gm_to_mat_bytes_per_cycle;
}

double ptl_extract_cycles(const ptl_rates *rates, ptl_space to, int64_t bytes, int64_t elem_bytes,
                          bool is_turned) {
  double charged = ptl_charged_bytes(rates, to, bytes, elem_bytes, is_turned);
  return charged / (to == PTL_SPACE_RIGHT ? rates->mat_to_right_bytes_per_cycle
                                          : rates->mat_to_left_bytes_per_cycle);
}

double ptl_matmul_cycles(const ptl_target *target, const ptl_rates *rates, int64_t m, int64_t k,
                         int64_t n, ptl_elem operand) {
  int64_t passes = operand == PTL_ELEM_F32 ? target->fp32_passes : 1;
  int64_t fractal_k = ptl_fractal_k(target, operand);
  int64_t rows = target->family->fractal_rows;
  int64_t fractals = ptl_ceil_div(m, rows) * ptl_ceil_div(n, rows) *
                     (fractal_k > 0 ? ptl_ceil_div(k, fractal_k) : 0);
  return rates->matmul_head_cycles + (double)(passes * fractals);
}

/* Row by row: each takes its bytes' time, but at least `drain_row_cycles`
 * (pypto:src/ir/transforms/utils/l0_tile_chooser.cpp). */
double ptl_drain_cycles(const ptl_rates *rates, int64_t rows, int64_t bytes) {
  if (rows <= 0) {
    return rates->drain_fixed_cycles;
  }
  double row = (double)bytes / (double)rows / rates->acc_drain_bytes_per_cycle;
  return rates->drain_fixed_cycles + (double)rows * later(row, rates->drain_row_cycles);
}

void ptl_timeline_load(ptl_timeline *timeline, ptl_range to, int64_t bytes) {
  int write = ptl_timeline_cell(timeline, to);
  ptl_timeline_issue(timeline, PTL_PIPE_MTE2, ptl_load_cycles(timeline->rates, bytes), NULL, 0,
                     write);
}

void ptl_timeline_extract(ptl_timeline *timeline, ptl_range from, ptl_range to, int64_t bytes,
                          ptl_elem elem, bool is_turned) {
  int read = ptl_timeline_cell(timeline, from);
  int write = ptl_timeline_cell(timeline, to);
  double cycles =
      ptl_extract_cycles(timeline->rates, to.space, bytes, ptl_elem_bytes(elem), is_turned);
  ptl_timeline_issue(timeline, PTL_PIPE_MTE1, cycles, &read, 1, write);
}

void ptl_timeline_matmul(ptl_timeline *timeline, ptl_range left, ptl_range right, ptl_range acc,
                         int64_t m, int64_t k, int64_t n, ptl_elem operand, bool accumulates) {
  int reads[3] = {ptl_timeline_cell(timeline, left), ptl_timeline_cell(timeline, right),
                  ptl_timeline_cell(timeline, acc)};
  double cycles = ptl_matmul_cycles(timeline->target, timeline->rates, m, k, n, operand);
  ptl_timeline_issue(timeline, PTL_PIPE_M, cycles, reads, accumulates ? 3 : 2, reads[2]);
}

void ptl_timeline_drain(ptl_timeline *timeline, ptl_range acc, int64_t rows, int64_t bytes) {
  int read = ptl_timeline_cell(timeline, acc);
  double cycles = ptl_drain_cycles(timeline->rates, rows, bytes);
  ptl_timeline_issue(timeline, PTL_PIPE_FIX, cycles, &read, 1, -1);
}

void ptl_timeline_assign(ptl_timeline *timeline) {
  timeline->issue_time += timeline->rates->issue_cycles;
}

double ptl_timeline_head_cycles(const ptl_timeline *timeline) {
  return timeline->rates->issue_cycles * (double)timeline->heads;
}

double ptl_timeline_cycles(const ptl_timeline *timeline) {
  double cycles = timeline->has_flags ? timeline->issue_time : 0;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    cycles = later(cycles, timeline->pipe_end[pipe]);
  }
  return cycles + ptl_timeline_head_cycles(timeline);
}

double ptl_timeline_busy_cycles(const ptl_timeline *timeline, ptl_pipe pipe) {
  return timeline->busy[pipe];
}

double ptl_timeline_issue_cycles(const ptl_timeline *timeline) {
  return timeline->issue_time - timeline->issue_stood + ptl_timeline_head_cycles(timeline);
}
