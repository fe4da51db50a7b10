/* Runs a schedule on what each buffer holds.
 *
 * A loop is proved by its first, second and last pass: what a buffer holds moves by the
 * same amount with every pass (that is checked), all conditions are linear in the pass,
 * and a linear condition that holds at the second and at the last pass holds between. */
#include <inttypes.h>
#include <string.h>

#include "plan/plan_check.h"

/* A part of lhs or rhs in a buffer; all int64_t, see `skip_passes`. */
typedef struct content {
  int64_t filled;
  int64_t rhs;
  int64_t k_begin, k_end;
  int64_t k_tile;
  int64_t n_begin, n_end;
  int64_t row; /* tile of rows of lhs */
} content;

typedef struct accumulator {
  int64_t running; /* holds products that are not stored yet */
  int64_t rhs;
  int64_t k_end; /* products of K up to here */
  int64_t n_begin, n_end;
  int64_t row;
} accumulator;

typedef struct state {
  content lhs[PTL_MAX_LHS_SLOTS];
  content ring[PTL_MAX_MAT_SLOTS];
  content left[PTL_MAX_LEFT_SLOTS];
  content right[PTL_MAX_RIGHT_SLOTS];
  accumulator acc[PTL_MAX_ACCS];
  int64_t stored_n[PTL_MAX_SHARING][PTL_MAX_RHS]; /* columns of each result that are stored */
} state;

enum { STATE_WORDS = sizeof(state) / sizeof(int64_t) };

typedef struct runner {
  ptl_checker *c;
  const ptl_item *items;
  int count;
  int64_t elem_bytes;
  int64_t k_var, n_var;
  state now;
} runner;

static content content_of(const runner *run, const ptl_item *item) {
  int64_t k = item->k_base + (item->in_k_loop ? run->k_var : 0);
  int64_t n = item->n_base + (item->in_n_loop ? run->n_var : 0);
  content result = {1, item->rhs, k, k + item->k_valid, item->k_tile, n, n + item->n, item->row};
  return result;
}

/* A tile of `rows` x `cols` elements that an item puts into the buffer. */
static void check_size(runner *run, ptl_space space, ptl_role role, int slot, int64_t rows,
                       int64_t cols, int64_t bytes_each) {
  const ptl_buffer *buffer = ptl_plan_buffer(run->c->plan, space, role, slot);
  bool fits = rows > 0 && cols > 0 && rows <= buffer->size_bytes &&
              cols <= buffer->size_bytes / rows / bytes_each;
  ptl_expect(run->c, fits,
             "a %" PRId64 " x %" PRId64 " tile does not fit its %s buffer of %" PRId64, rows, cols,
             ptl_space_name(space), buffer->size_bytes);
}

static void check_extents(runner *run, const ptl_item *item, const content *what) {
  const ptl_problem *p = &run->c->plan->problem;
  ptl_expect(run->c, item->row == 0 || (item->row > 0 && item->row < p->row_tiles),
             "there is no row tile %d", item->row);
  const ptl_family *family = run->c->target->family;
  ptl_expect(run->c, what->k_begin >= 0 && item->k_valid > 0 && what->k_end <= p->k,
             "K from %" PRId64 " to %" PRId64 " is outside", what->k_begin, what->k_end);
  ptl_expect(run->c,
             item->k_tile >= item->k_valid &&
                 item->k_tile * run->elem_bytes % family->fractal_bytes == 0 &&
                 item->k_tile % family->fractal_rows == 0,
             "a tile with K = %" PRId64 " is in no box", item->k_tile);
  bool lhs = item->kind == PTL_ITEM_LOAD_LHS || item->kind == PTL_ITEM_EXTRACT_LHS;
  if (!lhs) {
    bool whole_rows =
        p->rhs_transposed[item->rhs] || item->n * run->elem_bytes % family->fractal_bytes == 0;
    ptl_expect(run->c, item->n > 0 && item->n % family->fractal_rows == 0 && whole_rows,
               "a tile with N = %" PRId64 " is in no box", item->n);
    ptl_expect(run->c, what->n_begin >= 0 && what->n_end <= p->n[item->rhs],
               "N from %" PRId64 " to %" PRId64 " is outside", what->n_begin, what->n_end);
  }
}

/* A load of rhs brings the whole width of a column tile: extracts take the Mat tile to be as wide.
 */
static void check_column(runner *run, const ptl_item *item, const content *what) {
  int64_t tile = run->c->plan->tiling.n_tile[item->rhs];
  int64_t left = run->c->plan->problem.n[item->rhs] - what->n_begin;
  ptl_expect(run->c, what->n_begin % tile == 0 && item->n == (tile < left ? tile : left),
             "a load of N from %" PRId64 " is of no column tile", what->n_begin);
}

static void run_load(runner *run, const ptl_item *item) {
  content what = content_of(run, item);
  int64_t block = run->c->plan->problem.k_block;
  check_extents(run, item, &what);
  ptl_expect(run->c, block == 0 || what.k_begin / block == (what.k_end - 1) / block,
             "K from %" PRId64 " to %" PRId64 " lies in two blocks", what.k_begin, what.k_end);
  if (item->kind == PTL_ITEM_LOAD_LHS) {
    check_size(run, PTL_SPACE_MAT, PTL_ROLE_LHS, item->mat_slot, run->c->plan->tiling.m_tile,
               item->k_tile, run->elem_bytes);
    run->now.lhs[item->mat_slot] = what;
  } else {
    check_column(run, item, &what);
    check_size(run, PTL_SPACE_MAT, PTL_ROLE_RHS, item->mat_slot, item->k_tile, item->n,
               run->elem_bytes);
    run->now.ring[item->mat_slot] = what;
  }
}

/* The columns of an extract begin at a whole box of the Mat tile that holds them. */
static void check_columns_in_mat(runner *run, const ptl_item *item, const content *what,
                                 const content *from) {
  const ptl_family *family = run->c->target->family;
  bool whole = run->c->plan->problem.rhs_transposed[item->rhs] ||
               item->n_in_mat * run->elem_bytes % family->fractal_bytes == 0;
  ptl_expect(run->c,
             what->rhs == from->rhs && what->n_begin >= from->n_begin &&
                 what->n_end <= from->n_end && what->n_begin - from->n_begin == item->n_in_mat &&
                 item->n_in_mat % family->fractal_rows == 0 && whole,
             "N from %" PRId64 " of rhs %d is not in Mat", what->n_begin, item->rhs);
}

static void run_extract(runner *run, const ptl_item *item) {
  content what = content_of(run, item);
  bool lhs = item->kind == PTL_ITEM_EXTRACT_LHS;
  const content *from = lhs ? &run->now.lhs[item->mat_slot] : &run->now.ring[item->mat_slot];
  const ptl_family *family = run->c->target->family;
  check_extents(run, item, &what);
  ptl_expect(run->c, !lhs || from->row == what.row, "row tile %" PRId64 " is not in Mat", what.row);
  int64_t offset = item->k_in_mat;
  if (lhs && run->c->plan->tiling.lhs_resident && item->in_k_loop) {
    offset += run->k_var;
  }
  ptl_expect(run->c, from->filled && what.k_begin >= from->k_begin && what.k_end <= from->k_end,
             "K from %" PRId64 " to %" PRId64 " is not in Mat", what.k_begin, what.k_end);
  ptl_expect(run->c,
             offset == what.k_begin - from->k_begin && offset % family->fractal_rows == 0 &&
                 offset * run->elem_bytes % family->fractal_bytes == 0 &&
                 offset + item->k_tile <= from->k_tile,
             "an extract at K = %" PRId64 " of a Mat tile", offset);
  if (lhs) {
    check_size(run, PTL_SPACE_LEFT, PTL_ROLE_LHS, item->slot, run->c->plan->tiling.m_tile,
               item->k_tile, run->elem_bytes);
    run->now.left[item->slot] = what;
    return;
  }
  check_columns_in_mat(run, item, &what, from);
  check_size(run, PTL_SPACE_RIGHT, PTL_ROLE_RHS, item->slot, item->k_tile, item->n,
             run->elem_bytes);
  run->now.right[item->slot] = what;
}

static void check_operands(runner *run, const ptl_item *item, const content *what) {
  const content *left = &run->now.left[item->left_slot];
  const content *right = &run->now.right[item->right_slot];
  ptl_expect(run->c,
             left->filled && left->k_begin == what->k_begin && left->k_end == what->k_end &&
                 left->row == what->row,
             "Left does not hold K from %" PRId64 " of row tile %" PRId64, what->k_begin,
             what->row);
  ptl_expect(run->c,
             right->filled && right->k_begin == what->k_begin && right->k_end == what->k_end &&
                 right->n_begin == what->n_begin && right->n_end == what->n_end &&
                 right->rhs == item->rhs,
             "Right does not hold K from %" PRId64 " of rhs %d", what->k_begin, item->rhs);
  ptl_expect(run->c, left->k_tile == right->k_tile, "Left and Right tiles differ in K");
}

static void run_matmul(runner *run, const ptl_item *item) {
  const ptl_target *target = run->c->target;
  content what = content_of(run, item);
  accumulator *acc = &run->now.acc[item->acc];
  check_operands(run, item, &what);
  int64_t most = target->max_matmul_extent;
  ptl_expect(run->c, item->k_valid <= most && item->n <= most && run->c->plan->problem.m <= most,
             "a product of K = %" PRId64 " and N = %" PRId64, item->k_valid, item->n);
  if (item->starts) {
    ptl_expect(run->c, !acc->running && what.k_begin == 0, "a product overwrites accumulator %d",
               item->acc);
    acc->running = 1;
    acc->rhs = item->rhs;
    acc->n_begin = what.n_begin;
    acc->n_end = what.n_end;
    acc->row = what.row;
  } else {
    ptl_expect(run->c,
               acc->running && acc->rhs == item->rhs && acc->k_end == what.k_begin &&
                   acc->row == what.row && acc->n_begin == what.n_begin && acc->n_end == what.n_end,
               "accumulator %d is not at K = %" PRId64, item->acc, what.k_begin);
  }
  acc->k_end = what.k_end;
  bool i32 = run->c->plan->problem.acc == PTL_ELEM_I32;
  int64_t multiple = i32 ? target->acc_row_multiple_i32 : target->acc_row_multiple;
  int64_t rows = multiple;
  while (rows < run->c->plan->tiling.m_tile) {
    rows += multiple;
  }
  check_size(run, PTL_SPACE_ACC, PTL_ROLE_ACC, item->acc, rows, item->n, 4);
}

static void run_store(runner *run, const ptl_item *item) {
  accumulator *acc = &run->now.acc[item->acc];
  int64_t n = item->n_base + (item->in_n_loop ? run->n_var : 0);
  int64_t *stored_n = &run->now.stored_n[item->row][item->rhs];
  ptl_expect(run->c,
             acc->running && acc->rhs == item->rhs && acc->row == item->row &&
                 acc->k_end == run->c->plan->problem.k,
             "accumulator %d is stored at K = %" PRId64, item->acc, acc->k_end);
  ptl_expect(run->c, acc->n_begin == n && acc->n_end == n + item->n && *stored_n == n,
             "the store of N from %" PRId64 " is out of order", n);
  ptl_expect(run->c, item->n <= run->c->target->max_store_columns, "a store of %" PRId64 " columns",
             item->n);
  acc->running = 0;
  *stored_n = n + item->n;
}

/* Moves the state on by `passes`: each word by what it changed in the last one. */
static void skip_passes(runner *run, const state *before, int64_t passes, int64_t step) {
  int64_t old[STATE_WORDS];
  int64_t new[STATE_WORDS];
  memcpy(old, before, sizeof(old));
  memcpy(new, &run->now, sizeof(new));
  for (int i = 0; i < STATE_WORDS; i++) {
    int64_t change = new[i] - old[i];
    ptl_expect(run->c, change == 0 || change == step, "a loop's passes are not alike");
    new[i] += change *passes;
  }
  memcpy(&run->now, new, sizeof(new));
}

static int run_items(runner *run, int begin);

/* Returns the index of the loop's end. */
static int run_loop(runner *run, int begin) {
  const ptl_item *loop = &run->items[begin];
  int64_t *var = loop->kind == PTL_ITEM_LOOP_K ? &run->k_var : &run->n_var;
  int end = begin;
  ptl_expect(run->c, loop->trip_count >= 2 && loop->step > 0, "a loop of %" PRId64 " passes",
             loop->trip_count);
  for (int64_t pass = 0; pass < loop->trip_count && !run->c->why; pass++) {
    state before = run->now;
    *var = pass * loop->step;
    end = run_items(run, begin + 1);
    if (pass == 1 && loop->trip_count > 3) {
      skip_passes(run, &before, loop->trip_count - 3, loop->step);
      pass = loop->trip_count - 2;
    }
  }
  *var = 0;
  return end;
}

/* Runs up to the end of the list or of the loop; returns where it stopped. */
static int run_items(runner *run, int begin) {
  int i = begin;
  for (; i < run->count && !run->c->why; i++) {
    const ptl_item *item = &run->items[i];
    switch (item->kind) {
    case PTL_ITEM_LOAD_LHS:
    case PTL_ITEM_LOAD_RHS:
      run_load(run, item);
      break;
    case PTL_ITEM_EXTRACT_LHS:
    case PTL_ITEM_EXTRACT_RHS:
      run_extract(run, item);
      break;
    case PTL_ITEM_MATMUL:
      run_matmul(run, item);
      break;
    case PTL_ITEM_STORE:
      run_store(run, item);
      break;
    case PTL_ITEM_LOOP_N:
    case PTL_ITEM_LOOP_K:
      i = run_loop(run, i);
      break;
    case PTL_ITEM_END:
      return i;
    }
  }
  return i;
}

void ptl_check_run(ptl_checker *c, const ptl_schedule *schedule) {
  runner run = {.c = c, .items = schedule->items, .count = schedule->count};
  run.elem_bytes = ptl_elem_bytes(c->plan->problem.lhs);
  (void)run_items(&run, 0);
  int rows = c->plan->problem.row_tiles > 1 ? c->plan->problem.row_tiles : 1;
  for (int row = 0; row < rows; row++) {
    for (int rhs = 0; rhs < c->plan->problem.rhs_count; rhs++) {
      ptl_expect(c, run.now.stored_n[row][rhs] == c->plan->problem.n[rhs],
                 "result %d is not stored as a whole", rhs);
    }
  }
  for (int acc = 0; acc < PTL_MAX_ACCS; acc++) {
    ptl_expect(c, !run.now.acc[acc].running, "accumulator %d is not stored", acc);
  }
}
