/* Runs a pass again and again.
 *
 * Loops are not run to their end: once a pass leaves the pipes as the pass before
 * it did, only later, all further passes do the same, and the state is moved on
 * by that much for each of them. */
#include <string.h>

#include "plan/timeline_state.h"

/* Passes that may differ; a loop that is not steady by then is taken to be. */
enum { PATIENCE = 48 };

/* When a cell was last written and read. */
typedef struct cell_ends {
  double write_end, read_end;
} cell_ends;

/* State of the pipes at the end of a pass. */
typedef struct snapshot {
  double pipe_end[PTL_PIPE_COUNT];
  double busy[PTL_PIPE_COUNT];
  double issue_time;
  double pass_issue; /* what the pass took of it */
  double base;       /* nothing that the loop holds starts before it any more */
  cell_ends *cells;
  int cell_count, capacity;
} snapshot;

static double later(double a, double b) { return a > b ? a : b; }

/* The pipes of the loop run in order, so none of its instructions starts before
 * the earliest end among them: times before that are all the same. */
static double floor_of(const double *pipe_end) {
  double least = pipe_end[PTL_PIPE_MTE2];
  least = pipe_end[PTL_PIPE_MTE1] < least ? pipe_end[PTL_PIPE_MTE1] : least;
  return pipe_end[PTL_PIPE_M] < least ? pipe_end[PTL_PIPE_M] : least;
}

static void take_snapshot(const ptl_timeline *timeline, const snapshot *before, snapshot *out) {
  memcpy(out->pipe_end, timeline->pipe_end, sizeof(out->pipe_end));
  memcpy(out->busy, timeline->busy, sizeof(out->busy));
  out->issue_time = timeline->issue_time;
  out->pass_issue = before ? timeline->issue_time - before->issue_time : 0;
  out->base = floor_of(timeline->pipe_end);
  out->cell_count = timeline->cell_count;
  if (out->capacity < out->cell_count) {
    out->capacity = out->cell_count;
    out->cells = ptl_arena_array(timeline->arena, (size_t)out->capacity, sizeof(*out->cells));
  }
  for (int i = 0; i < timeline->cell_count; i++) {
    out->cells[i].write_end = later(timeline->cells[i].write_end, out->base);
    out->cells[i].read_end = later(timeline->cells[i].read_end, out->base);
  }
}

static bool near(double a, double b) { return a - b < 1e-6 && b - a < 1e-6; }

/* Whether `now` is `before`, only later. */
static bool is_shifted(const snapshot *before, const snapshot *now, bool issue_bound) {
  double shift = now->base - before->base;
  bool same = before->cell_count == now->cell_count;
  /* FIX only moves in a loop over N; one that stands still is not part of the loop. */
  bool fix_still = now->pipe_end[PTL_PIPE_FIX] == before->pipe_end[PTL_PIPE_FIX];
  for (int pipe = 0; pipe < PTL_PIPE_COUNT && same; pipe++) {
    same = (pipe == PTL_PIPE_FIX && fix_still) ||
           near(now->pipe_end[pipe] - before->pipe_end[pipe], shift);
  }
  for (int i = 0; i < now->cell_count && same; i++) {
    same = near(now->cells[i].write_end - before->cells[i].write_end, shift) &&
           near(now->cells[i].read_end - before->cells[i].read_end, shift);
  }
  double issue_shift = now->issue_time - before->issue_time;
  return same && near(now->pass_issue, before->pass_issue) &&
         (near(issue_shift, shift) || (!issue_bound && issue_shift < shift));
}

/* `passes` more of what happened between the two snapshots. */
static void skip_passes(ptl_timeline *timeline, const snapshot *before, const snapshot *now,
                        int64_t passes) {
  double shift = (now->base - before->base) * (double)passes;
  bool fix_still = now->pipe_end[PTL_PIPE_FIX] == before->pipe_end[PTL_PIPE_FIX];
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    timeline->pipe_end[pipe] += pipe == PTL_PIPE_FIX && fix_still ? 0 : shift;
    timeline->busy[pipe] += (now->busy[pipe] - before->busy[pipe]) * (double)passes;
  }
  for (int i = 0; i < now->cell_count; i++) {
    timeline->cells[i].write_end = now->cells[i].write_end + shift;
    timeline->cells[i].read_end = now->cells[i].read_end + shift;
  }
  timeline->issue_time += (now->issue_time - before->issue_time) * (double)passes;
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
  snapshot states[2] = {0};
  ptl_numbers begin = timeline->issued;
  int64_t carried = 0;
  for (int64_t pass = 0; pass < times; pass++) {
    timeline->issue_bound = false;
    ptl_numbers before = begin;
    begin = timeline->issued;
    int64_t ties = run_pass(timeline, &before, run, user);
    if (timeline->is_given_up) {
      return 0;
    }
    carried = pass == 1 ? ties : carried;
    snapshot *now = &states[pass % 2];
    const snapshot *last = &states[(pass + 1) % 2];
    take_snapshot(timeline, pass > 0 ? last : NULL, now);
    bool alike = pass > 0 && is_shifted(last, now, timeline->issue_bound);
    if (alike || pass == PATIENCE) {
      skip_passes(timeline, last, now, times - pass - 1);
      break;
    }
  }
  return note_carried(timeline, carried);
}
