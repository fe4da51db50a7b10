/* Products: what a tmatmul reads, and what the accumulator holds after it. */
#include "kernel/describe.h"
#include "support/checked.h"
#include "walk/acc_pitch.h"
#include "walk/product_kinds.h"
#include "walk/walk_state.h"

#include <inttypes.h>

typedef struct ptl_operands {
  const ptl_product_kind *kind;
  const ptl_tile *left, *right, *acc;
  const ptl_content *lhs, *rhs;
  int64_t k;
  bool is_open; /* where products are found: K, or what the accumulator holds, has no known end */
  const ptl_forked *forked; /* the accumulator's sums, if the paths that lead here have two */
} ptl_operands;

/* Tile extents, valid K and element types of left x right -> acc. */
static bool operands_fit(ptl_walk *walk, const ptl_op *op, ptl_operands *o) {
  const ptl_tile_type *l = &o->left->type, *r = &o->right->type, *a = &o->acc->type;
  if (l->space != PTL_SPACE_LEFT || r->space != PTL_SPACE_RIGHT || a->space != PTL_SPACE_ACC) {
    ptl_walk_fault(walk, PTL_CODE_NO_PATH, op, NULL,
                   "a product takes left and right tiles and writes an acc tile, not %s, %s and %s",
                   ptl_space_name(l->space), ptl_space_name(r->space), ptl_space_name(a->space));
    return false;
  }
  if (!o->kind->has_scales && !ptl_elem_multiplies(l->elem, r->elem, a->elem)) {
    ptl_walk_fault(walk, PTL_CODE_ELEMENT_TYPES, op, NULL, "the cube has no product %s x %s -> %s",
                   ptl_elem_name(l->elem), ptl_elem_name(r->elem), ptl_elem_name(a->elem));
    return false;
  }
  int64_t lhs_k = ptl_const_or(walk, o->left->valid_cols, -1);
  bool same_k = o->left->valid_cols == o->right->valid_rows;
  int64_t rhs_k = ptl_const_or(walk, o->right->valid_rows, -1);
  if (!same_k && lhs_k >= 0 && rhs_k >= 0) {
    ptl_walk_fault(walk, PTL_CODE_SHAPE_MISMATCH, op, NULL,
                   "%" PRId64 " x %" PRId64 " (left) times %" PRId64 " x %" PRId64
                   " (right) does not give %" PRId64 " x %" PRId64 " (acc)",
                   l->rows, l->cols, r->rows, r->cols, a->rows, a->cols);
    return false;
  }
  if (same_k && lhs_k < 0 && walk->mode == PTL_WALK_ONCE) {
    o->is_open = true;
    lhs_k = l->cols;
  }
  if (!ptl_tiles_multiply(l, r, a) || !same_k || lhs_k < 0) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "%s is not followed",
                   lhs_k < 0 ? "a K that is no constant"
                             : "a product of tiles whose whole extents "
                               "do not fit, but whose valid ones do");
    return false;
  }
  o->k = lhs_k;
  return true;
}

static ptl_sum *new_sum(ptl_walk *walk, const ptl_op *op, const ptl_operands *o) {
  ptl_sum *sum = ptl_arena_alloc(walk->arena, sizeof(*sum));
  sum->first = op;
  sum->begin = walk->event_count;
  sum->lhs_transposed = o->lhs->transposed;
  sum->lhs = sum->lhs_transposed ? ptl_region_turned(&o->lhs->region) : o->lhs->region;
  sum->lhs_last = sum->lhs;
  sum->rhs = sum->rhs_last = o->rhs->region;
  sum->rhs_transposed = o->rhs->transposed;
  sum->m = o->left->valid_rows;
  sum->n = o->right->valid_cols;
  sum->acc = o->acc->type.elem;
  sum->lhs_loads = (ptl_load_span){o->lhs->load, o->lhs->load};
  sum->rhs_loads = (ptl_load_span){o->rhs->load, o->rhs->load};
  sum->segments = ptl_arena_alloc(walk->arena, sizeof(ptl_segment));
  sum->segments[0].lhs_row = sum->lhs.row;
  sum->segments[0].lhs_k = sum->lhs.col;
  sum->segments[0].rhs_k = o->rhs->transposed ? o->rhs->region.col : o->rhs->region.row;
  sum->segments[0].length = o->k;
  sum->segment_count = 1;
  sum->is_open = o->is_open;
  sum->other = ptl_product_is_plain(op) ? NULL : op;
  sum->lhs_shift = sum->rhs_shift = ptl_expr_const(walk->exprs, 0);
  return sum;
}

static bool lies_nowhere(const ptl_region *region) {
  return region->root == PTL_ROOT_POPPED || region->root == PTL_ROOT_GATHERED;
}

/* What came through a pipe, or was gathered, is of a matrix that is not known here: nothing is
 * asked of where in it a tile lies, but that the parts of one tile fit each other. */
static bool is_elsewhere(const ptl_region *a, const ptl_region *b) {
  return (lies_nowhere(a) || lies_nowhere(b)) && (a->root != b->root || a->instance != b->instance);
}

static bool same_matrix(const ptl_region *a, const ptl_region *b) {
  if (is_elsewhere(a, b)) {
    return a->elem == b->elem;
  }
  return a->root == b->root && a->elem == b->elem && a->row_stride == b->row_stride &&
         a->col_stride == b->col_stride;
}

/* The worst of two is the greater one. */
typedef enum likeness { ALIKE, NOT_KNOWN, DIFFERENT_FOR_SOME, DIFFERENT } likeness;

static likeness worst(likeness a, likeness b) { return a > b ? a : b; }

/* Values that are not the same expression may still be equal, unless they differ by a constant. */
static likeness compare_exprs(ptl_walk *walk, ptl_expr a, ptl_expr b) {
  int64_t difference;
  if (a == b && a >= 0) {
    return ALIKE;
  }
  return ptl_expr_difference(walk->exprs, a, b, &difference) ? DIFFERENT : NOT_KNOWN;
}

/* Offsets: where they differ by a linear function of the kernel's arguments, no more than some
 * arguments make them equal. */
static likeness compare_offsets(ptl_walk *walk, ptl_expr a, ptl_expr b) {
  const ptl_block *body = walk->kernel->body;
  ptl_expr difference = ptl_expr_sub(walk->exprs, a, b);
  likeness result = compare_exprs(walk, a, b);
  bool is_linear =
      ptl_expr_is_linear(walk->exprs, difference, body->first_argument, body->argument_count);
  return result == NOT_KNOWN && is_linear ? DIFFERENT_FOR_SOME : result;
}

/* Whether both sums are over the same columns of rhs and rows of lhs, or of blocks of lhs. */
static likeness compare_products(ptl_walk *walk, const ptl_sum *a, const ptl_sum *b) {
  if (!same_matrix(&a->lhs_last, &b->lhs) || !same_matrix(&a->rhs_last, &b->rhs) ||
      a->lhs_transposed != b->lhs_transposed || a->rhs_transposed != b->rhs_transposed ||
      a->acc != b->acc) {
    return DIFFERENT;
  }
  likeness extents = worst(compare_exprs(walk, a->m, b->m), compare_exprs(walk, a->n, b->n));
  likeness rows = is_elsewhere(&a->lhs_last, &b->lhs)
                      ? ALIKE
                      : compare_offsets(walk, a->lhs_last.row, b->lhs.row);
  if (rows == DIFFERENT && !a->rhs_transposed) {
    rows = ALIKE; /* they may be blocks of one matrix: asked when the sum leaves */
  }
  if (is_elsewhere(&a->rhs_last, &b->rhs)) {
    return worst(extents, rows);
  }
  likeness columns = a->rhs_transposed ? compare_offsets(walk, a->rhs_last.row, b->rhs.row)
                                       : compare_offsets(walk, a->rhs_last.col, b->rhs.col);
  return worst(extents, worst(rows, columns));
}

static ptl_load_span join_spans(ptl_load_span a, ptl_load_span b) {
  return (ptl_load_span){a.first < b.first ? a.first : b.first, a.last > b.last ? a.last : b.last};
}

/* What is added to a chunk's offset in K: what lies nowhere, and what follows it from elsewhere, is
 * taken to go on where the chunk before it ended. */
static ptl_expr shift_of(ptl_walk *walk, const ptl_region *before, const ptl_region *next,
                         ptl_expr shift, ptl_expr end, ptl_expr next_k) {
  if (!is_elsewhere(before, next)) {
    return shift;
  }
  return lies_nowhere(next) ? end : ptl_expr_sub(walk->exprs, end, next_k);
}

static const ptl_sum *extend(ptl_walk *walk, const ptl_sum *sum, const ptl_sum *more) {
  ptl_sum *result = ptl_arena_alloc(walk->arena, sizeof(*result));
  *result = *sum;
  ptl_segment next = more->segments[0];
  const ptl_segment *last = &sum->segments[sum->segment_count - 1];
  ptl_expr lhs_end = ptl_expr_add_const(walk->exprs, last->lhs_k, last->length);
  ptl_expr rhs_end = ptl_expr_add_const(walk->exprs, last->rhs_k, last->length);
  result->lhs_shift =
      shift_of(walk, &sum->lhs_last, &more->lhs, sum->lhs_shift, lhs_end, next.lhs_k);
  result->rhs_shift =
      shift_of(walk, &sum->rhs_last, &more->rhs, sum->rhs_shift, rhs_end, next.rhs_k);
  if (is_elsewhere(&sum->lhs_last, &more->lhs)) {
    next.lhs_row = last->lhs_row;
  }
  result->is_open = sum->is_open || more->is_open;
  result->other = sum->other ? sum->other : more->other;
  result->lhs_last = more->lhs;
  result->rhs_last = more->rhs;
  next.lhs_k = ptl_expr_add(walk->exprs, next.lhs_k, result->lhs_shift);
  next.rhs_k = ptl_expr_add(walk->exprs, next.rhs_k, result->rhs_shift);
  int64_t length;
  bool follows = last->lhs_row == next.lhs_row && ptl_add(last->length, next.length, &length) &&
                 ptl_expr_add_const(walk->exprs, last->lhs_k, last->length) == next.lhs_k &&
                 ptl_expr_add_const(walk->exprs, last->rhs_k, last->length) == next.rhs_k;
  size_t count = (size_t)sum->segment_count;
  result->segments =
      ptl_arena_grow(walk->arena, sum->segments, count, count + !follows, sizeof(ptl_segment));
  if (follows) {
    result->segments[count - 1].length = length;
  } else {
    result->segments[count] = next;
    result->segment_count++;
  }
  result->lhs_loads = join_spans(sum->lhs_loads, more->lhs_loads);
  result->rhs_loads = join_spans(sum->rhs_loads, more->rhs_loads);
  return result;
}

/* That two accumulators are in one place, if the product is not this one's. */
static const char *shared_place_text(ptl_walk *walk, const ptl_tile *acc,
                                     const ptl_content *content) {
  int value = ptl_written_tile(walk->kernel, content->writer);
  const ptl_tile *other = value >= 0 ? ptl_tile_at(walk, value) : NULL;
  if (!other || other->alloc == acc->alloc || walk->hearing == PTL_HEARS_NOTHING) {
    return "";
  }
  return ptl_arena_printf(walk->arena, ": that of the %s, which lies on the same bytes",
                          ptl_walk_tile_text(walk, other));
}

/* `more` added to both sums; NULL if it is not known to belong to them. */
static const ptl_forked *extend_forked(ptl_walk *walk, const ptl_content *held,
                                       const ptl_sum *more) {
  if (!held || held->holds != PTL_HOLDS_UNKNOWN || !held->forked || walk->mode == PTL_WALK_ONCE) {
    return NULL;
  }
  ptl_forked *result = ptl_arena_alloc(walk->arena, sizeof(*result));
  *result = *held->forked;
  for (int i = 0; i < 2; i++) {
    const ptl_sum *sum = result->sums[i];
    if (sum && compare_products(walk, sum, more) != ALIKE) {
      return NULL;
    }
    result->sums[i] = sum ? extend(walk, sum, more) : NULL;
  }
  return result;
}

/* The sum that the accumulator holds before a tmatmul.acc adds to it. */
static const ptl_sum *accumulated(ptl_walk *walk, const ptl_op *op, ptl_operands *o,
                                  const ptl_sum *more) {
  const ptl_tile *in = ptl_placed_tile(walk, op, 0);
  if (!in) {
    return NULL;
  }
  if (in->range.buffer != o->acc->range.buffer ||
      in->range.begin_bytes != o->acc->range.begin_bytes || in->type.rows != o->acc->type.rows ||
      in->type.cols != o->acc->type.cols) {
    ptl_walk_fault(walk, PTL_CODE_ACCUMULATOR_IN_IS_OUT, op, in->alloc,
                   "%s adds to its output, the %s, so its accumulator input, the %s, has to be the "
                   "same tile",
                   ptl_row(op)->name + sizeof("pto.") - 1, ptl_walk_tile_text(walk, o->acc),
                   ptl_walk_tile_text(walk, in));
    return NULL;
  }
  ptl_content *held = ptl_memory_find(&walk->state.memory, o->acc->range);
  if (held) {
    ptl_forked_settle(walk, held);
  }
  o->forked = extend_forked(walk, held, more);
  if (o->forked && o->forked->sums[0] && o->forked->sums[1]) {
    held->is_read = true;
    return NULL;
  }
  const ptl_content *content = ptl_read_tile(walk, op, o->acc);
  if (!content || content->holds != PTL_HOLDS_SUM) {
    return NULL;
  }
  likeness likeness = compare_products(walk, content->sum, more);
  if (likeness == NOT_KNOWN) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, content->writer,
                   "it is not known whether this adds to the product that the accumulator holds");
    return NULL;
  }
  if (likeness != ALIKE) {
    ptl_walk_fault(walk, PTL_CODE_MIXED_SUM, op, content->writer,
                   "this adds another product than the one that the %s holds%s%s",
                   ptl_walk_tile_text(walk, o->acc), shared_place_text(walk, o->acc, content),
                   likeness == DIFFERENT_FOR_SOME
                       ? ", unless the kernel's arguments make the two the same"
                       : "");
    return NULL;
  }
  return content->sum;
}

static void report_matmul(ptl_walk *walk, const ptl_op *op, const ptl_operands *o) {
  ptl_event event = {.kind = PTL_EVENT_MATMUL,
                     .op = op,
                     .left = o->left->range,
                     .right = o->right->range,
                     .acc = o->acc->range,
                     .m = ptl_extent_most(walk, o->left->valid_rows, o->left->type.rows),
                     .k = ptl_extent_most(walk, o->left->valid_cols, o->left->type.cols),
                     .n = ptl_extent_most(walk, o->right->valid_cols, o->right->type.cols),
                     .elem = o->left->type.elem,
                     .tile = o->acc,
                     .accumulates = o->kind->adds};
  ptl_walk_report(walk, &event);
}

/* An operand has to be read in the shape in which it was filled. */
static bool is_as_filled(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                         const ptl_content *content) {
  const ptl_tile_type *read = &tile->type;
  const ptl_tile_type *filled = content ? &content->type : read;
  if (filled->rows == read->rows && filled->cols == read->cols && filled->elem == read->elem) {
    return true;
  }
  ptl_walk_fault(walk, PTL_CODE_SHAPE_MISMATCH, op, content->writer,
                 "the %s is read as %" PRId64 " x %" PRId64 " %s, but was filled as %" PRId64
                 " x %" PRId64 " %s",
                 ptl_walk_tile_text(walk, tile), read->rows, read->cols, ptl_elem_name(read->elem),
                 filled->rows, filled->cols, ptl_elem_name(filled->elem));
  return false;
}

/* Whether a loop hands on what the accumulator holds, and that is not known, where products are
 * found. */
static bool goes_on_from_loop(ptl_walk *walk, const ptl_operands *o) {
  ptl_content *held = ptl_memory_find(&walk->state.memory, o->acc->range);
  return held && held->holds == PTL_HOLDS_UNKNOWN && held->is_carried;
}

static const ptl_sum *product(ptl_walk *walk, const ptl_op *op, ptl_operands *o) {
  o->lhs = ptl_read_tile(walk, op, o->left);
  o->rhs = ptl_read_tile(walk, op, o->right);
  bool fits = operands_fit(walk, op, o);
  fits = is_as_filled(walk, op, o->left, o->lhs) && fits;
  fits = is_as_filled(walk, op, o->right, o->rhs) && fits;
  ptl_pitch_check_operands(walk, op, o->left, o->lhs, o->right, o->rhs);
  if (!fits || !o->lhs || !o->rhs) {
    return NULL;
  }
  ptl_sum *sum = new_sum(walk, op, o);
  if (!o->kind->adds || goes_on_from_loop(walk, o)) {
    sum->is_open = sum->is_open || o->kind->adds;
    return sum;
  }
  const ptl_sum *before = accumulated(walk, op, o, sum);
  return before ? extend(walk, before, sum) : NULL;
}

/* What a walk that judges asks of an op that is not tmatmul or tmatmul.acc. */
static void check_kind(ptl_walk *walk, const ptl_op *op, const ptl_operands *o) {
  if (walk->mode == PTL_WALK_ONCE) {
    return;
  }
  const ptl_tile *bias = o->kind->bias >= 0 ? ptl_tile_at(walk, op->operands[o->kind->bias]) : NULL;
  int64_t n = ptl_const_or(walk, o->right->valid_cols, o->right->type.cols);
  if (o->kind->unfollowed) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "'%s' is not followed: %s",
                   ptl_row(op)->name, o->kind->unfollowed);
  } else if (o->kind->bias >= 0 && (!bias || ptl_const_or(walk, bias->valid_cols, -1) < n)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL,
                   "it is not known whether the bias has as many columns as the product");
  }
}

void ptl_walk_matmul(ptl_walk *walk, const ptl_op *op) {
  const ptl_product_kind *kind = ptl_product_kind_of(op);
  if (!kind) {
    ptl_walk_other(walk, op);
    return;
  }
  ptl_operands o = {.kind = kind,
                    .left = ptl_placed_tile(walk, op, kind->left),
                    .right = ptl_placed_tile(walk, op, kind->right),
                    .acc = ptl_placed_tile(walk, op, kind->acc)};
  if (o.left && o.right && !o.acc) {
    const ptl_tile *window = ptl_tile_at(walk, op->operands[kind->acc]);
    if (window && window->parent) {
      (void)ptl_pitch_of_product(walk, op, o.left, window);
    }
  }
  if (!o.left || !o.right || !o.acc) {
    ptl_walk_give_up(walk, op, "a product that is not followed is in it");
    return;
  }
  check_kind(walk, op, &o);
  report_matmul(walk, op, &o);
  ptl_acc_pitch pitch = {0};
  if (!kind->unfollowed) {
    pitch = ptl_pitch_of_product(walk, op, o.left, o.acc);
  }
  if (kind->adds && !kind->unfollowed) {
    ptl_pitch_check_sum(walk, op, ptl_memory_find(&walk->state.memory, o.acc->range), &pitch,
                        o.right);
  }
  const ptl_sum *sum = product(walk, op, &o);
  ptl_content content = {.range = o.acc->range,
                         .holds = sum ? PTL_HOLDS_SUM : PTL_HOLDS_UNKNOWN,
                         .why = "a product that is not followed is in it",
                         .forked = sum ? NULL : o.forked,
                         .type = o.acc->type,
                         .sum = sum,
                         .writer = op,
                         .pitch = pitch,
                         .product = op};
  ptl_write_content(walk, op, &content);
}
