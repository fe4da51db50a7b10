/* Runs instructions through the model of the pipes: each starts when its pipe is free and its
 * operands are there. */
#include "plan/timeline.h"

#include <string.h>

#include "plan/cycles.h"
#include "plan/timeline_state.h"

ptl_timeline *ptl_timeline_create(ptl_arena *arena, const ptl_target *target,
                                  const ptl_rates *rates) {
  ptl_timeline *timeline = ptl_arena_alloc(arena, sizeof(*timeline));
  timeline->arena = arena;
  timeline->target = target;
  timeline->rates = rates;
  return timeline;
}

static void *copy_of(ptl_arena *arena, const void *items, int count, size_t size) {
  return ptl_arena_grow(arena, items, (size_t)count, (size_t)count, size);
}

ptl_timeline *ptl_timeline_copy(const ptl_timeline *timeline) {
  ptl_arena *arena = timeline->arena;
  int count = timeline->cell_count;
  ptl_timeline *copy = copy_of(arena, timeline, 1, sizeof(*timeline));
  copy->places = copy_of(arena, timeline->places, count, sizeof(*timeline->places));
  copy->cells = copy_of(arena, timeline->cells, count, sizeof(*timeline->cells));
  copy->place_capacity = copy->cell_capacity = count;
  if (timeline->raised) {
    copy->raised = copy_of(arena, timeline->raised, PTL_PIPE_COUNT, sizeof(*timeline->raised));
  }
  return copy;
}

void ptl_timeline_restart(ptl_timeline *timeline, const ptl_rates *rates) {
  memset(timeline->cells, 0, (size_t)timeline->cell_count * sizeof(ptl_cell));
  *timeline = (ptl_timeline){.arena = timeline->arena,
                             .target = timeline->target,
                             .rates = rates,
                             .places = timeline->places,
                             .cells = timeline->cells,
                             .cell_count = timeline->cell_count,
                             .place_capacity = timeline->place_capacity,
                             .cell_capacity = timeline->cell_capacity,
                             .shares_bytes = timeline->shares_bytes};
}

void ptl_timeline_listen(ptl_timeline *timeline, ptl_timeline_listener listener, void *user) {
  timeline->listener = listener;
  timeline->user = user;
}

bool ptl_timeline_cells_overlap(const ptl_timeline *timeline, int a, int b) {
  return ptl_ranges_overlap(&timeline->places[a].range, &timeline->places[b].range);
}

int ptl_timeline_cell_count(const ptl_timeline *timeline) { return timeline->cell_count; }

/* A new cell of that place, at the end. */
static void add_cell(ptl_timeline *timeline, const ptl_range *range) {
  int count = timeline->cell_count;
  ptl_place *places = ptl_arena_more(timeline->arena, (ptl_place *)timeline->places, count,
                                     &timeline->place_capacity, sizeof(ptl_place));
  timeline->cells = ptl_arena_more(timeline->arena, timeline->cells, count,
                                   &timeline->cell_capacity, sizeof(ptl_cell));
  places[count].range = *range;
  for (int i = 0; i < count; i++) {
    if (ptl_ranges_overlap(&places[i].range, range)) {
      places[i].shares_bytes = places[count].shares_bytes = timeline->shares_bytes = true;
    }
  }
  timeline->places = places;
  timeline->cell_count++;
}

int ptl_timeline_cell(ptl_timeline *timeline, ptl_range range) {
  for (int i = 0; i < timeline->cell_count; i++) {
    if (ptl_range_equal(&timeline->places[i].range, &range)) {
      return i;
    }
  }
  add_cell(timeline, &range);
  return timeline->cell_count - 1;
}

static double later(double a, double b) { return a > b ? a : b; }

static double cell_ready_at(const ptl_cell *cell, bool for_write) {
  return for_write ? later(cell->write_end, cell->read_end) : cell->write_end;
}

/* When the bytes of a cell that shares them may be read or written. */
static double bytes_ready_at(const ptl_timeline *timeline, int index, bool for_write) {
  double time = 0;
  for (int i = 0; i < timeline->cell_count; i++) {
    if (ptl_timeline_cells_overlap(timeline, i, index)) {
      time = later(time, cell_ready_at(&timeline->cells[i], for_write));
    }
  }
  return time;
}

/* When a cell may be read: all writes of its bytes done; written: all reads too. */
static inline double ready_at(const ptl_timeline *timeline, int index, bool for_write) {
  return timeline->shares_bytes && timeline->places[index].shares_bytes
             ? bytes_ready_at(timeline, index, for_write)
             : cell_ready_at(&timeline->cells[index], for_write);
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
  int64_t fractals = ptl_matmul_fractals(timeline->target, m, k, n, operand);
  double cycles = ptl_matmul_cycles(timeline->rates, fractals);
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
