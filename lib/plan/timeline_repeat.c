/* Runs a pass again and again.
 *
 * Loops are not run to their end: once a pass leaves the pipes as the pass before
 * it did, only later, all further passes do the same, and the state is moved on
 * by that much for each of them. The calibrations come to that after different numbers of passes:
 * what comes out by one is put aside until the last one is there. */
#include <string.h>

#include "plan/timeline_state.h"

/* Passes that may differ; a loop that is not steady by then is taken to be. */
enum { PATIENCE = 48 };

/* When a cell was last written and read. */
typedef struct cell_ends {
  ptl_cycles write_end, read_end;
} cell_ends;

/* State of the pipes at the end of a pass. */
typedef struct snapshot {
  ptl_cycles pipe_end[PTL_PIPE_COUNT];
  ptl_cycles held[PTL_PIPE_COUNT];
  ptl_cycles busy[PTL_PIPE_COUNT];
  ptl_cycles issue_time;
  ptl_cycles pass_issue; /* what the pass took of it */
  ptl_cycles base;       /* nothing that the loop holds starts before it any more */
  cell_ends *cells;
  int cell_count, capacity;
} snapshot;

/* The passes of one loop. */
typedef struct passes {
  snapshot states[2]; /* in turn */
  snapshot end;       /* by the calibrations that are done, after all passes */
  bool is_done[PTL_MAX_RATES];
  int done_count;
} passes;

static double earlier(double a, double b) { return a < b ? a : b; }

/* The pipes of the loop run in order, so none of its instructions starts before
 * the earliest end among them: times before that are all the same. */
static ptl_cycles floor_of(const ptl_cycles *pipe_end) {
  ptl_cycles least = pipe_end[PTL_PIPE_MTE2];
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    least.by[i] = earlier(pipe_end[PTL_PIPE_MTE1].by[i], least.by[i]);
    least.by[i] = earlier(pipe_end[PTL_PIPE_M].by[i], least.by[i]);
  }
  return least;
}

static void make_room(const ptl_timeline *timeline, snapshot *s) {
  int count = timeline->cell_count;
  if (s->capacity < count) {
    s->cells = ptl_arena_grow(timeline->arena, s->cells, (size_t)s->cell_count, (size_t)count,
                              sizeof(*s->cells));
    s->capacity = count;
  }
  s->cell_count = count;
}

static void take_snapshot(const ptl_timeline *timeline, const snapshot *before, snapshot *out) {
  memcpy(out->pipe_end, timeline->pipe_end, sizeof(out->pipe_end));
  memcpy(out->busy, timeline->busy, sizeof(out->busy));
  out->issue_time = timeline->issue_time;
  out->pass_issue = (ptl_cycles){{0}};
  if (before) {
    out->pass_issue = timeline->issue_time;
    ptl_add_cycles(&out->pass_issue, &before->issue_time, -1);
  }
  out->base = floor_of(timeline->pipe_end);
  memcpy(out->held, timeline->held, sizeof(out->held));
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    ptl_wait_until(&out->held[pipe], &out->base);
  }
  make_room(timeline, out);
  for (int i = 0; i < timeline->cell_count; i++) {
    const ptl_cell *cell = &timeline->cells[i];
    out->cells[i] = (cell_ends){cell->write_end, cell->read_end};
    ptl_wait_until(&out->cells[i].write_end, &out->base);
    ptl_wait_until(&out->cells[i].read_end, &out->base);
  }
}

static bool near(double a, double b) { return a - b < 1e-6 && b - a < 1e-6; }

/* Whether a time is `shift` later. */
static bool is_later_by(const ptl_cycles *before, const ptl_cycles *now, int rate, double shift) {
  return near(now->by[rate] - before->by[rate], shift);
}

/* FIX only moves in a loop over N; one that stands still is not part of the loop. */
static bool stands_still(const snapshot *before, const snapshot *now, int pipe, int rate) {
  return pipe == PTL_PIPE_FIX && now->pipe_end[pipe].by[rate] == before->pipe_end[pipe].by[rate];
}

/* Whether by a calibration `now` is `before`, only later. */
static bool is_shifted(const snapshot *before, const snapshot *now, int rate, bool issue_bound) {
  double shift = now->base.by[rate] - before->base.by[rate];
  bool same = before->cell_count == now->cell_count;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT && same; pipe++) {
    same = (stands_still(before, now, pipe, rate) ||
            is_later_by(&before->pipe_end[pipe], &now->pipe_end[pipe], rate, shift)) &&
           is_later_by(&before->held[pipe], &now->held[pipe], rate, shift);
  }
  for (int i = 0; i < now->cell_count && same; i++) {
    same = is_later_by(&before->cells[i].write_end, &now->cells[i].write_end, rate, shift) &&
           is_later_by(&before->cells[i].read_end, &now->cells[i].read_end, rate, shift);
  }
  double issue_shift = now->issue_time.by[rate] - before->issue_time.by[rate];
  return same && near(now->pass_issue.by[rate], before->pass_issue.by[rate]) &&
         (near(issue_shift, shift) || (!issue_bound && issue_shift < shift));
}

/* By a calibration, where all is after `times` more of what happened between the two snapshots. */
static void skip_passes(const snapshot *before, const snapshot *now, int rate, double times,
                        snapshot *end) {
  double shift = (now->base.by[rate] - before->base.by[rate]) * times;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    double more = stands_still(before, now, pipe, rate) ? 0 : shift;
    end->pipe_end[pipe].by[rate] = now->pipe_end[pipe].by[rate] + more;
    end->held[pipe].by[rate] = now->held[pipe].by[rate] + shift;
    end->busy[pipe].by[rate] =
        now->busy[pipe].by[rate] + (now->busy[pipe].by[rate] - before->busy[pipe].by[rate]) * times;
  }
  for (int i = 0; i < now->cell_count; i++) {
    end->cells[i].write_end.by[rate] = now->cells[i].write_end.by[rate] + shift;
    end->cells[i].read_end.by[rate] = now->cells[i].read_end.by[rate] + shift;
  }
  end->issue_time.by[rate] =
      now->issue_time.by[rate] + (now->issue_time.by[rate] - before->issue_time.by[rate]) * times;
}

/* Moves the timeline to the end of all passes by the calibrations that were done before the last
 * one was run. */
static void move_to_end(ptl_timeline *timeline, const passes *p) {
  for (int rate = 0; rate < timeline->rate_count; rate++) {
    if (!p->is_done[rate]) {
      continue;
    }
    for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
      timeline->pipe_end[pipe].by[rate] = p->end.pipe_end[pipe].by[rate];
      timeline->held[pipe].by[rate] = p->end.held[pipe].by[rate];
      timeline->busy[pipe].by[rate] = p->end.busy[pipe].by[rate];
    }
    for (int i = 0; i < p->end.cell_count; i++) {
      timeline->cells[i].write_end.by[rate] = p->end.cells[i].write_end.by[rate];
      timeline->cells[i].read_end.by[rate] = p->end.cells[i].read_end.by[rate];
    }
    timeline->issue_time.by[rate] = p->end.issue_time.by[rate];
  }
}

/* Looks at what a pass left; `left` are to come. */
static void look_at_pass(const ptl_timeline *timeline, passes *p, int64_t pass, int64_t left) {
  snapshot *now = &p->states[pass % 2];
  const snapshot *last = &p->states[(pass + 1) % 2];
  take_snapshot(timeline, pass > 0 ? last : NULL, now);
  for (int rate = 0; pass > 0 && rate < timeline->rate_count; rate++) {
    bool issue_bound = timeline->issued_late.by[rate] > 0;
    if (!p->is_done[rate] && (is_shifted(last, now, rate, issue_bound) || pass == PATIENCE)) {
      make_room(timeline, &p->end);
      skip_passes(last, now, rate, (double)left, &p->end);
      p->is_done[rate] = true;
      p->done_count++;
    }
  }
}

/* A tie of one pass to the next is set once more in the last pass, and awaited once more in the
 * first. Besides it is set where the kernel begins, and awaited where it ends. */
enum { ITEMS_IN_LOOP = 2, ITEMS_OUTSIDE = 1 };

static int64_t note_carried(ptl_timeline *timeline, int64_t carried) {
  bool is_outermost = timeline->depth == 0;
  timeline->heads += is_outermost ? carried : 0;
  int64_t items = carried * (ITEMS_IN_LOOP + (is_outermost ? ITEMS_OUTSIDE : 0));
  ptl_timeline_add_items(timeline, items);
  return items + (is_outermost ? carried : 0);
}

/* The second pass has shown how many ties the loop carries. */
static int64_t run_pass(ptl_timeline *timeline, const ptl_numbers *before, ptl_timeline_pass run,
                        void *user) {
  ptl_numbers outer = timeline->pass_begin, outer_end = timeline->pass_end;
  int64_t carried = timeline->carried;
  timeline->issued_late = (ptl_cycles){{0}};
  timeline->pass_begin = *before;
  timeline->pass_end = timeline->issued;
  timeline->carried = 0;
  timeline->depth++;
  run(user);
  timeline->depth--;
  int64_t result = timeline->carried;
  timeline->carried = carried;
  timeline->pass_begin = outer;
  timeline->pass_end = outer_end;
  return result;
}

int64_t ptl_timeline_repeat(ptl_timeline *timeline, int64_t times, ptl_timeline_pass run,
                            void *user) {
  passes p = {.done_count = 0};
  ptl_numbers begin = timeline->issued;
  int64_t carried = 0;
  for (int64_t pass = 0; pass < times && p.done_count < timeline->rate_count; pass++) {
    ptl_numbers before = begin;
    begin = timeline->issued;
    int64_t ties = run_pass(timeline, &before, run, user);
    if (timeline->is_given_up) {
      return 0;
    }
    carried = pass == 1 ? ties : carried;
    look_at_pass(timeline, &p, pass, times - pass - 1);
  }
  move_to_end(timeline, &p);
  return note_carried(timeline, carried);
}
