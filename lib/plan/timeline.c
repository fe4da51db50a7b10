/* Runs instructions through the model of the pipes: each starts when its pipe is free and its
 * operands are there. */
#include "plan/timeline.h"

#include "plan/cycles.h"
#include "plan/timeline_state.h"

ptl_timeline *ptl_timeline_create(ptl_arena *arena, const ptl_target *target,
                                  const ptl_rates *rates, int rate_count) {
  ptl_timeline *timeline = ptl_arena_alloc(arena, sizeof(*timeline));
  timeline->arena = arena;
  timeline->target = target;
  timeline->rates = rates;
  timeline->rate_count = rate_count;
  for (int i = 0; i < rate_count; i++) {
    timeline->item.by[i] = rates[i].issue_cycles;
    timeline->takes_time |= rates[i].issue_cycles > 0;
  }
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

static inline void wait_for_cell(ptl_cycles *time, const ptl_cell *cell, bool for_write) {
  ptl_wait_until(time, &cell->write_end);
  if (for_write) {
    ptl_wait_until(time, &cell->read_end);
  }
}

/* Until the bytes of a cell that shares them may be read or written. */
static void wait_for_bytes(const ptl_timeline *timeline, ptl_cycles *time, int index,
                           bool for_write) {
  for (int i = 0; i < timeline->cell_count; i++) {
    if (ptl_timeline_cells_overlap(timeline, i, index)) {
      wait_for_cell(time, &timeline->cells[i], for_write);
    }
  }
}

/* Until a cell may be read: all writes of its bytes done; written: all reads too. */
static inline void wait_for(const ptl_timeline *timeline, ptl_cycles *time, int index,
                            bool for_write) {
  if (timeline->shares_bytes && timeline->places[index].shares_bytes) {
    wait_for_bytes(timeline, time, index, for_write);
  } else {
    wait_for_cell(time, &timeline->cells[index], for_write);
  }
}

/* When the operands of an instruction, and its pipe, are free for it. */
static inline ptl_cycles free_at(const ptl_timeline *timeline, ptl_pipe pipe, const int *reads,
                                 int read_count, int write) {
  ptl_cycles time = timeline->pipe_end[pipe];
  for (int i = 0; i < read_count; i++) {
    wait_for(timeline, &time, reads[i], false);
  }
  if (write >= 0) {
    wait_for(timeline, &time, write, true);
  }
  return time;
}

/* Turns what is free into what is ready: as if the scalar unit had not stood at barriers, which are
 * flags, too. */
static inline void wait_for_issue(ptl_timeline *timeline, ptl_cycles *time) {
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    double issued = timeline->issue_time.by[i] - timeline->issue_stood.by[i];
    timeline->issued_late.by[i] = ptl_later(timeline->issued_late.by[i], issued - time->by[i]);
    time->by[i] = ptl_later(issued, time->by[i]);
  }
}

static inline void note_end(ptl_timeline *timeline, const ptl_cycles *end, const int *reads,
                            int read_count, int write) {
  for (int i = 0; i < read_count; i++) {
    ptl_wait_until(&timeline->cells[reads[i]].read_end, end);
  }
  if (write >= 0) {
    timeline->cells[write].write_end = *end;
  }
}

void ptl_timeline_issue(ptl_timeline *timeline, ptl_pipe pipe, const ptl_cycles *cycles,
                        const int *reads, int read_count, int write) {
  if (timeline->takes_time) {
    int items =
        timeline->has_flags ? 1 : ptl_timeline_items(timeline, pipe, reads, read_count, write);
    ptl_add_cycles(&timeline->issue_time, &timeline->item, items);
  }
  ptl_cycles ready = free_at(timeline, pipe, reads, read_count, write);
  wait_for_issue(timeline, &ready);
  ptl_cycles begin = ready;
  ptl_wait_until(&begin, &timeline->held[pipe]);
  ptl_wait_until(&begin, &timeline->issue_time);
  ptl_cycles end = begin;
  ptl_add_cycles(&end, cycles, 1);
  if (timeline->listener) {
    ptl_issued issued = {.pipe = pipe,
                         .free = timeline->pipe_end[pipe].by[0],
                         .issued = timeline->issue_time.by[0],
                         .ready = ready.by[0],
                         .begin = begin.by[0],
                         .end = end.by[0],
                         .reads = reads,
                         .read_count = read_count,
                         .write = write};
    timeline->listener(timeline->user, timeline, &issued);
  }
  timeline->appended++;
  timeline->pipe_end[pipe] = end;
  ptl_add_cycles(&timeline->busy[pipe], cycles, 1);
  note_end(timeline, &end, reads, read_count, write);
}

void ptl_timeline_hold(ptl_timeline *timeline, ptl_pipe pipe, const ptl_cycles *time) {
  ptl_wait_until(&timeline->held[pipe], time);
}

void ptl_timeline_await(ptl_timeline *timeline, ptl_pipe pipe, ptl_pipe other) {
  ptl_timeline_hold(timeline, pipe, &timeline->pipe_end[other]);
}

void ptl_timeline_load(ptl_timeline *timeline, ptl_range to, int64_t bytes) {
  int write = ptl_timeline_cell(timeline, to);
  ptl_cycles cycles = {{0}};
  for (int i = 0; i < timeline->rate_count; i++) {
    cycles.by[i] = ptl_load_cycles(&timeline->rates[i], bytes);
  }
  ptl_timeline_issue(timeline, PTL_PIPE_MTE2, &cycles, NULL, 0, write);
}

void ptl_timeline_extract(ptl_timeline *timeline, ptl_range from, ptl_range to, int64_t bytes,
                          ptl_elem elem, bool is_turned) {
  int read = ptl_timeline_cell(timeline, from);
  int write = ptl_timeline_cell(timeline, to);
  ptl_cycles cycles = {{0}};
  for (int i = 0; i < timeline->rate_count; i++) {
    cycles.by[i] =
        ptl_extract_cycles(&timeline->rates[i], to.space, bytes, ptl_elem_bytes(elem), is_turned);
  }
  ptl_timeline_issue(timeline, PTL_PIPE_MTE1, &cycles, &read, 1, write);
}

void ptl_timeline_matmul(ptl_timeline *timeline, ptl_range left, ptl_range right, ptl_range acc,
                         int64_t m, int64_t k, int64_t n, ptl_elem operand, bool accumulates) {
  int reads[3] = {ptl_timeline_cell(timeline, left), ptl_timeline_cell(timeline, right),
                  ptl_timeline_cell(timeline, acc)};
  int64_t fractals = ptl_matmul_fractals(timeline->target, m, k, n, operand);
  ptl_cycles cycles = {{0}};
  for (int i = 0; i < timeline->rate_count; i++) {
    cycles.by[i] = ptl_matmul_cycles(&timeline->rates[i], fractals);
  }
  ptl_timeline_issue(timeline, PTL_PIPE_M, &cycles, reads, accumulates ? 3 : 2, reads[2]);
}

void ptl_timeline_drain(ptl_timeline *timeline, ptl_range acc, int64_t rows, int64_t bytes) {
  int read = ptl_timeline_cell(timeline, acc);
  ptl_cycles cycles = {{0}};
  for (int i = 0; i < timeline->rate_count; i++) {
    cycles.by[i] = ptl_drain_cycles(&timeline->rates[i], rows, bytes);
  }
  ptl_timeline_issue(timeline, PTL_PIPE_FIX, &cycles, &read, 1, -1);
}

void ptl_timeline_assign(ptl_timeline *timeline) { ptl_timeline_add_items(timeline, 1); }

ptl_cycles ptl_timeline_head_cycles(const ptl_timeline *timeline) {
  ptl_cycles cycles = {{0}};
  ptl_add_cycles(&cycles, &timeline->item, (double)timeline->heads);
  return cycles;
}

ptl_cycles ptl_timeline_cycles(const ptl_timeline *timeline) {
  ptl_cycles cycles = {{0}}, heads = ptl_timeline_head_cycles(timeline);
  if (timeline->has_flags) {
    cycles = timeline->issue_time;
  }
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_wait_until(&cycles, &timeline->pipe_end[pipe]);
  }
  ptl_add_cycles(&cycles, &heads, 1);
  return cycles;
}

ptl_cycles ptl_timeline_busy_cycles(const ptl_timeline *timeline, ptl_pipe pipe) {
  return timeline->busy[pipe];
}

ptl_cycles ptl_timeline_issue_cycles(const ptl_timeline *timeline) {
  ptl_cycles cycles = timeline->issue_time, heads = ptl_timeline_head_cycles(timeline);
  ptl_add_cycles(&cycles, &timeline->issue_stood, -1);
  ptl_add_cycles(&cycles, &heads, 1);
  return cycles;
}
