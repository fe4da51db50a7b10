/* Runs the schedule of a plan through the model of the pipes.
 *
 * Loops are not run to their end: once a pass leaves the pipes as the pass before
 * it did, only later, all further passes do the same, and the state is moved on
 * by that much for each of them. */
#include <string.h>

#include "plan/boxes.h"
#include "plan/timeline_state.h"

/* Passes that may differ; a loop that is not steady by then is taken to be. */
enum { PATIENCE = 48 };

/* Tiles of one buffer that are told apart; more than that are not counted. */
enum { MOST_TILES = 64 };

/* A tile gets its address once: one for each shape in each buffer, and one more for the view of a
 * transposed operand that is extracted. */
typedef struct tile {
  int cell;
  int64_t k, n;
} tile;

typedef struct runner {
  const ptl_plan *plan;
  ptl_timeline *timeline;
  int64_t elem_bytes;
  int cells[PTL_MAX_BUFFERS]; /* by buffer of the plan */
  /* Those of slot 0; the others follow. */
  const int *lhs, *rhs, *left, *right, *acc;
  tile tiles[MOST_TILES];
  int tile_count;
} runner;

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

static const int *first_cell(const runner *run, ptl_space space, ptl_role role) {
  return &run->cells[ptl_plan_buffer(run->plan, space, role, 0) - run->plan->buffers];
}

static void name_cells(runner *run) {
  for (int i = 0; i < run->plan->buffer_count; i++) {
    const ptl_buffer *b = &run->plan->buffers[i];
    ptl_range range = {.space = b->space,
                       .begin_bytes = b->address_bytes,
                       .end_bytes = b->address_bytes + b->size_bytes};
    run->cells[i] = ptl_timeline_cell(run->timeline, range);
  }
  run->lhs = first_cell(run, PTL_SPACE_MAT, PTL_ROLE_LHS);
  run->rhs = first_cell(run, PTL_SPACE_MAT, PTL_ROLE_RHS);
  run->left = first_cell(run, PTL_SPACE_LEFT, PTL_ROLE_LHS);
  run->right = first_cell(run, PTL_SPACE_RIGHT, PTL_ROLE_RHS);
  run->acc = first_cell(run, PTL_SPACE_ACC, PTL_ROLE_ACC);
}

static void use_tile(runner *run, int cell, int64_t k, int64_t n, bool has_view) {
  if (run->timeline->rates->issue_cycles <= 0) {
    return;
  }
  for (int i = 0; i < run->tile_count; i++) {
    const tile *known = &run->tiles[i];
    if (known->cell == cell && known->k == k && known->n == n) {
      return;
    }
  }
  if (run->tile_count < MOST_TILES) {
    run->tiles[run->tile_count++] = (tile){cell, k, n};
    for (int i = 0; i < 1 + has_view; i++) {
      ptl_timeline_assign(run->timeline);
    }
  }
}

static void run_load(void *user, const ptl_item *item) {
  runner *run = user;
  const ptl_problem *p = &run->plan->problem;
  bool lhs = item->kind == PTL_ITEM_LOAD_LHS;
  int64_t columns =
      lhs ? p->m : ptl_columns_in_memory(p, item->rhs, item->in_n_loop ? 0 : item->n_base, item->n);
  int64_t bytes = item->k_valid * columns * run->elem_bytes;
  int to = (lhs ? run->lhs : run->rhs)[item->mat_slot];
  use_tile(run, to, item->k_tile, item->n, lhs ? p->lhs_transposed : p->rhs_transposed[item->rhs]);
  ptl_timeline_issue(run->timeline, PTL_PIPE_MTE2, ptl_load_cycles(run->timeline->rates, bytes),
                     NULL, 0, to);
}

static void run_extract(void *user, const ptl_item *item) {
  runner *run = user;
  bool lhs = item->kind == PTL_ITEM_EXTRACT_LHS;
  int64_t other = lhs ? run->plan->tiling.m_tile : item->n;
  ptl_space to = lhs ? PTL_SPACE_LEFT : PTL_SPACE_RIGHT;
  int from = (lhs ? run->lhs : run->rhs)[item->mat_slot];
  double cycles =
      ptl_extract_cycles(run->timeline->rates, to, item->k_tile * other * run->elem_bytes,
                         run->elem_bytes, !lhs && !run->plan->problem.rhs_transposed[item->rhs]);
  int tile = (lhs ? run->left : run->right)[item->slot];
  use_tile(run, tile, item->k_tile, other, false);
  ptl_timeline_issue(run->timeline, PTL_PIPE_MTE1, cycles, &from, 1, tile);
}

static void run_matmul(void *user, const ptl_item *item) {
  runner *run = user;
  const ptl_problem *p = &run->plan->problem;
  int reads[3] = {run->left[item->left_slot], run->right[item->right_slot], run->acc[item->acc]};
  double cycles = ptl_matmul_cycles(run->timeline->target, run->timeline->rates, p->m,
                                    item->k_valid, item->n, p->lhs);
  use_tile(run, reads[2], 0, item->n, false);
  ptl_timeline_issue(run->timeline, PTL_PIPE_M, cycles, reads, item->starts ? 2 : 3, reads[2]);
}

static void run_store(void *user, const ptl_item *item) {
  const runner *run = user;
  const ptl_problem *p = &run->plan->problem;
  int acc = run->acc[item->acc];
  int64_t rows = ptl_rows_out(p);
  double cycles =
      ptl_drain_cycles(run->timeline->rates, rows, rows * item->n * ptl_elem_bytes(p->acc));
  ptl_timeline_issue(run->timeline, PTL_PIPE_FIX, cycles, &acc, 1, -1);
}

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
static int64_t run_pass(ptl_timeline *timeline, const int64_t *before, ptl_timeline_pass run,
                        void *user) {
  int64_t outer[PTL_PIPE_COUNT], outer_end[PTL_PIPE_COUNT], carried = timeline->carried;
  memcpy(outer, timeline->pass_begin, sizeof(outer));
  memcpy(outer_end, timeline->pass_end, sizeof(outer_end));
  memcpy(timeline->pass_begin, before, sizeof(outer));
  memcpy(timeline->pass_end, timeline->issued, sizeof(outer));
  timeline->carried = 0;
  timeline->depth++;
  run(user);
  timeline->depth--;
  int64_t result = timeline->carried;
  timeline->carried = carried;
  memcpy(timeline->pass_begin, outer, sizeof(outer));
  memcpy(timeline->pass_end, outer_end, sizeof(outer_end));
  return result;
}

int64_t ptl_timeline_repeat(ptl_timeline *timeline, int64_t times, ptl_timeline_pass run,
                            void *user) {
  snapshot states[2] = {0};
  int64_t begin[PTL_PIPE_COUNT], before[PTL_PIPE_COUNT], carried = 0;
  memcpy(begin, timeline->issued, sizeof(begin));
  for (int64_t pass = 0; pass < times; pass++) {
    timeline->issue_bound = false;
    memcpy(before, begin, sizeof(before));
    memcpy(begin, timeline->issued, sizeof(begin));
    int64_t ties = run_pass(timeline, before, run, user);
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

static void run_items(runner *run, const ptl_schedule *items);

/* A part of a schedule that runs again and again. */
typedef struct repeated {
  runner *run;
  const ptl_schedule *items;
} repeated;

static void run_again(void *user) {
  const repeated *again = user;
  run_items(again->run, again->items);
}

static void run_loop(void *user, const ptl_item *loop, const ptl_schedule *body) {
  runner *run = user;
  ptl_timeline_repeat(run->timeline, loop->trip_count, run_again, &(repeated){run, body});
}

static void run_items(runner *run, const ptl_schedule *items) {
  static const ptl_schedule_visitor visitor = {.load = run_load,
                                               .extract = run_extract,
                                               .matmul = run_matmul,
                                               .store = run_store,
                                               .loop = run_loop};
  ptl_schedule_visit(items, &visitor, run);
}

static void begin(runner *run, ptl_timeline *timeline, const ptl_plan *plan) {
  run->plan = plan;
  run->tile_count = 0;
  run->timeline = timeline;
  run->elem_bytes = ptl_elem_bytes(plan->problem.lhs);
  name_cells(run);
}

void ptl_timeline_run_once(ptl_timeline *timeline, const ptl_plan *plan,
                           const ptl_schedule *schedule) {
  runner run;
  begin(&run, timeline, plan);
  run_items(&run, schedule);
}

double ptl_timeline_run_schedule(ptl_timeline *timeline, const ptl_plan *plan,
                                 const ptl_schedule *schedule) {
  runner run;
  begin(&run, timeline, plan);
  run_items(&run, schedule);
  double first = ptl_timeline_cycles(timeline);
  int64_t more = ptl_repeats(&plan->problem) - 1;
  if (more > 0) {
    ptl_timeline_repeat(timeline, more, run_again, &(repeated){&run, schedule});
  }
  return first;
}
