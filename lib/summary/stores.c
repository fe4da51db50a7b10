/* Checks a kernel that was made from tensors: each result is stored once, as a whole, and is the
 * product that its function said. */
#include "summary/stores.h"

#include <inttypes.h>

/* A band of rows of a result, of which so many columns from the left are stored. */
typedef struct band {
  int64_t row, height, columns;
} band;

/* How much of a result is stored: bands from the top, without a gap. */
typedef struct progress {
  band *bands;
  int count, capacity;
} progress;

typedef struct prover {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_exprs exprs;
  const ptl_expected_store *expected;
  int count;
  progress *covered; /* by expected store */
  bool is_run;
  const char *wrong;
  const ptl_op *where;
} prover;

static void fail(prover *p, const ptl_op *op, const char *wrong) {
  if (!p->wrong) {
    p->wrong = wrong;
    p->where = op;
  }
}

static bool is_const(prover *p, ptl_expr expr, int64_t value) {
  int64_t found;
  return ptl_expr_is_const(&p->exprs, expr, &found) && found == value;
}

/* A matrix of an argument whose rows and columns are so far apart. */
static bool has_strides(prover *p, const ptl_region *region, int64_t argument, int64_t row_stride,
                        int64_t col_stride) {
  return region->root == p->kernel->body->first_argument + argument &&
         is_const(p, region->row_stride, row_stride) && is_const(p, region->col_stride, col_stride);
}

/* The whole rows of a row-major matrix of `width` columns. */
static bool is_matrix(prover *p, const ptl_region *region, int64_t argument, int64_t width) {
  return has_strides(p, region, argument, width, 1);
}

/* The batch that is stored; -1: it is not known, or there are several. */
static int64_t batch_of(prover *p, const ptl_expected_store *e, const ptl_region *part) {
  int64_t row, rows;
  if (e->batches == 1) {
    return 0;
  }
  bool is_known = ptl_expr_is_const(&p->exprs, part->row, &row) &&
                  ptl_expr_is_const(&p->exprs, part->rows, &rows) && row >= 0 && rows > 0;
  return is_known && row / e->m == (row + rows - 1) / e->m ? row / e->m : -1;
}

/* lhs at the rows that are stored. */
static bool lhs_is_right(prover *p, const ptl_expected_store *e, const ptl_sum *sum,
                         const ptl_segment *k, const ptl_region *part, int64_t batch) {
  bool is_transposed = e->lhs_transposed != 0;
  bool has_own_rows = e->lhs_has_batches && !is_transposed;
  int64_t first = has_own_rows ? 0 : batch * e->m; /* row of the result */
  int64_t k_at = e->lhs_has_batches && is_transposed ? batch * e->k : 0;
  return sum->lhs_transposed == is_transposed &&
         has_strides(p, &sum->lhs, e->lhs, is_transposed ? 1 : e->k, is_transposed ? e->m : 1) &&
         ptl_expr_add_const(&p->exprs, sum->lhs.row, first) == part->row &&
         is_const(p, k->lhs_k, k_at) && k->length == e->k && sum->m == part->rows;
}

/* rhs at the columns that are stored. */
static bool rhs_is_right(prover *p, const ptl_expected_store *e, const ptl_sum *sum,
                         const ptl_segment *k, const ptl_region *part, int64_t batch) {
  int64_t of_batch = e->rhs_has_batches ? batch : 0;
  int64_t k_at = e->rhs_transposed ? 0 : of_batch * e->k;
  ptl_expr n_at = sum->rhs_transposed ? sum->rhs.row : sum->rhs.col;
  ptl_expr n_of_part =
      ptl_expr_add_const(&p->exprs, part->col, e->rhs_transposed ? of_batch * e->n : 0);
  return is_matrix(p, &sum->rhs, e->rhs, e->rhs_transposed ? e->k : e->n) &&
         sum->rhs_transposed == (e->rhs_transposed != 0) && is_const(p, k->rhs_k, k_at) &&
         n_at == n_of_part && sum->n == part->cols;
}

/* How many rows of the result are stored: a constant, or all that there are, as m. */
static bool rows_of(prover *p, const ptl_walk *walk, const ptl_expected_store *e,
                    const ptl_region *part, int64_t *rows) {
  if (e->rows < 0) {
    return ptl_expr_is_const(&p->exprs, part->rows, rows);
  }
  ptl_expr given = ptl_integer_at(walk, p->kernel->body->first_argument + (int)e->rows);
  *rows = e->m;
  return part->rows == ptl_expr_min(&p->exprs, given, ptl_expr_const(&p->exprs, e->m));
}

static int64_t end_of(const progress *done) {
  const band *last = done->count > 0 ? &done->bands[done->count - 1] : NULL;
  return last ? last->row + last->height : 0;
}

/* The band that begins at a row: one that is there, or a new one below all others; NULL: neither.
 */
static band *band_at(prover *p, progress *done, int64_t row, int64_t height) {
  int low = 0, high = done->count;
  while (low < high) {
    int middle = low + (high - low) / 2;
    bool is_above = done->bands[middle].row < row;
    low = is_above ? middle + 1 : low;
    high = is_above ? high : middle;
  }
  if (low == done->count && row == end_of(done) && height > 0) {
    done->bands = ptl_arena_more(p->arena, done->bands, done->count, &done->capacity, sizeof(band));
    done->bands[done->count++] = (band){row, height, 0};
  }
  return low < done->count && done->bands[low].row == row ? &done->bands[low] : NULL;
}

static void cover(prover *p, const ptl_walk *walk, const ptl_op *op, int index,
                  const ptl_region *part) {
  progress *done = &p->covered[index];
  int64_t row, n, rows;
  if (!rows_of(p, walk, &p->expected[index], part, &rows)) {
    fail(p, op, "the number of rows that it stores is not known");
    return;
  }
  if (!p->is_run) {
    return;
  }
  band *band = ptl_expr_is_const(&p->exprs, part->row, &row) ? band_at(p, done, row, rows) : NULL;
  if (!band || band->height != rows) {
    fail(p, op, "its rows do not follow those that were stored before");
    return;
  }
  if (!is_const(p, part->col, band->columns) || !ptl_expr_is_const(&p->exprs, part->cols, &n) ||
      n < 1 || n > p->expected[index].n - band->columns) {
    fail(p, op, "its columns do not follow those that were stored before");
    return;
  }
  band->columns += n;
}

/* Whether every row of a result is stored as a whole. */
static bool is_whole(const progress *done, const ptl_expected_store *e) {
  for (int i = 0; i < done->count; i++) {
    if (done->bands[i].columns != e->n) {
      return false;
    }
  }
  return end_of(done) == e->m * e->batches;
}

static void check_store(prover *p, const ptl_walk *walk, const ptl_event *event) {
  const ptl_region *part = event->part;
  ptl_segment k;
  int index = 0;
  while (part && index < p->count &&
         part->root != p->kernel->body->first_argument + p->expected[index].out) {
    index++;
  }
  if (!part || index == p->count) {
    fail(p, event->op, "it stores to no result of the function");
    return;
  }
  const ptl_expected_store *e = &p->expected[index];
  int64_t batch = batch_of(p, e, part);
  if (batch < 0) {
    fail(p, event->op, "it is not known of which batch it stores rows");
  } else if (!is_matrix(p, part, e->out, e->n)) {
    fail(p, event->op, "it does not store the rows of the result");
  } else if (!event->is_whole || !ptl_sum_join(&p->exprs, event->content->sum, &k) ||
             !lhs_is_right(p, e, event->content->sum, &k, part, batch)) {
    fail(p, event->op, "what it stores is not a product with those rows of the left operand");
  } else if (!rhs_is_right(p, e, event->content->sum, &k, part, batch)) {
    fail(p, event->op, "what it stores is not the product with those columns of that operand");
  } else {
    cover(p, walk, event->op, index, part);
  }
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  prover *p = user;
  if (event->kind == PTL_EVENT_SINK) {
    check_store(p, walk, event);
  }
}

static bool walk_in_mode(prover *p, const ptl_target *target, ptl_walk_mode mode) {
  p->is_run = mode == PTL_WALK_RUN;
  p->wrong = NULL;
  ptl_exprs_init(&p->exprs, p->arena);
  return ptl_walk_run(p->arena, p->kernel, target, mode, &p->exprs, listen, p) == PTL_OK;
}

const char *ptl_stores_differ(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                              const ptl_expected_store *expected, int count, const ptl_op **where) {
  prover p = {.arena = arena, .kernel = kernel, .expected = expected, .count = count};
  p.covered = ptl_arena_array(arena, (size_t)count, sizeof(progress));
  if (!walk_in_mode(&p, target, PTL_WALK_RUN) && !walk_in_mode(&p, target, PTL_WALK_ONCE)) {
    fail(&p, NULL, "it takes too many steps to tell");
  }
  for (int i = 0; i < count && p.is_run; i++) {
    if (!is_whole(&p.covered[i], &expected[i])) {
      fail(&p, NULL, "a result is not stored whole");
    }
  }
  *where = p.where;
  return p.wrong;
}
