#include "kernel/walk_state.h"

#include <inttypes.h>
#include <string.h>

static const ptl_value *value_of(const ptl_walk *walk, int value) {
  return &walk->kernel->values[value];
}

static ptl_expr integer(const ptl_walk *walk, int value) { return walk->bindings[value].expr; }

static int64_t const_or(const ptl_walk *walk, ptl_expr expr, int64_t otherwise) {
  int64_t value;
  return ptl_expr_is_const(walk->exprs, expr, &value) ? value : otherwise;
}

static bool is_cube_space(ptl_space space) {
  return space == PTL_SPACE_MAT || space == PTL_SPACE_LEFT || space == PTL_SPACE_RIGHT ||
         space == PTL_SPACE_ACC;
}

/* ---- views -------------------------------------------------------------- */

static void walk_view(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->first_result];
  const ptl_value *view = value_of(walk, op->first_result);
  if (op->rank != 2 || !view->is_view) {
    return;
  }
  ptl_expr zero = ptl_expr_const(walk->exprs, 0);
  binding->part = (ptl_region){.root = op->operands[0],
                               .elem = view->view.elem,
                               .rows = integer(walk, op->operands[1]),
                               .cols = integer(walk, op->operands[2]),
                               .row_stride = integer(walk, op->operands[3]),
                               .col_stride = integer(walk, op->operands[4]),
                               .row = zero,
                               .col = zero,
                               .view = op->first_result,
                               .view_rows = integer(walk, op->operands[1]),
                               .view_cols = integer(walk, op->operands[2])};
  binding->is_part_known = true;
}

static void walk_part(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->first_result];
  const ptl_binding *view = &walk->bindings[op->operands[0]];
  if (op->rank != 2 || !view->is_part_known) {
    return;
  }
  binding->part = view->part;
  binding->part.row = ptl_expr_add(walk->exprs, view->part.row, integer(walk, op->operands[1]));
  binding->part.col = ptl_expr_add(walk->exprs, view->part.col, integer(walk, op->operands[2]));
  binding->part.rows = integer(walk, op->operands[3]);
  binding->part.cols = integer(walk, op->operands[4]);
  binding->is_part_known = true;
}

/* The pointer behind a view or part, as a value number; -1 if it is not known. */
static int root_of(const ptl_walk *walk, int value) {
  const ptl_binding *binding = &walk->bindings[value];
  return binding->is_part_known ? binding->part.root : -1;
}

/* ---- tiles -------------------------------------------------------------- */

static int64_t tile_bytes(const ptl_walk *walk, const ptl_tile_type *type) {
  if (type->space == PTL_SPACE_ACC) {
    return ptl_acc_bytes(walk->target, type->elem, type->rows, type->cols);
  }
  return type->rows * type->cols * ptl_elem_bytes(type->elem);
}

static void check_place(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_space space = tile->type.space;
  int64_t capacity = walk->target->capacity_bytes[space];
  int64_t alignment = walk->target->alignment_bytes[space];
  if (tile->range.begin_bytes < 0 || tile->range.end_bytes > capacity) {
    ptl_walk_fault(walk, PTL_FAULT_CAPACITY, op, NULL,
                   "the tile takes bytes %" PRId64 " to %" PRId64 " of %s, which has %" PRId64,
                   tile->range.begin_bytes, tile->range.end_bytes, ptl_space_name(space), capacity);
  }
  if (alignment > 0 && tile->range.begin_bytes % alignment != 0) {
    ptl_walk_fault(walk, PTL_FAULT_ALIGNMENT, op, NULL,
                   "the tile's address %" PRId64 " is not a multiple of %" PRId64 ", as %s asks",
                   tile->range.begin_bytes, alignment, ptl_space_name(space));
  }
}

static void walk_alloc(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *value = value_of(walk, op->first_result);
  if (!value->is_tile) {
    return;
  }
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  int64_t address = 0;
  tile->type = value->tile;
  tile->alloc = op;
  tile->is_known = op->address < 0 ||
                   ptl_expr_is_const(walk->exprs, integer(walk, op->address), &address);
  tile->range = (ptl_range){tile->type.space, op->address < 0 ? op->first_result + 1 : 0, address,
                            address + tile_bytes(walk, &tile->type)};
  tile->valid_rows = op->valid_row >= 0 ? integer(walk, op->valid_row)
                                        : ptl_expr_const(walk->exprs, tile->type.valid_rows);
  tile->valid_cols = op->valid_col >= 0 ? integer(walk, op->valid_col)
                                        : ptl_expr_const(walk->exprs, tile->type.valid_cols);
  walk->bindings[op->first_result].tile = tile;
  if (!is_cube_space(tile->type.space)) {
    return;
  }
  if (!tile->is_known) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL, "the tile's address is not a constant");
  } else if (op->address >= 0) {
    check_place(walk, op, tile);
  }
}

static void walk_validshape(ptl_walk *walk, const ptl_op *op) {
  ptl_binding *binding = &walk->bindings[op->operands[0]];
  if (binding->tile) {
    ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
    *tile = *binding->tile;
    tile->valid_rows = integer(walk, op->operands[1]);
    tile->valid_cols = integer(walk, op->operands[2]);
    binding->tile = tile;
  }
}

static const ptl_tile *tile_of(const ptl_walk *walk, int value) {
  return walk->bindings[value].tile;
}

/* The tile of an operand, if its place is known; else a fault. */
static const ptl_tile *placed_tile(ptl_walk *walk, const ptl_op *op, int operand) {
  const ptl_tile *tile = tile_of(walk, op->operands[operand]);
  if (!tile || !tile->is_known) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL, "operand %d is a tile at an unknown place",
                   operand);
    return NULL;
  }
  return tile;
}

static void write_content(ptl_walk *walk, const ptl_op *op, const ptl_content *content) {
  const ptl_content *lost;
  ptl_walk_note_write(walk, content->range);
  ptl_memory_write(&walk->memory, content, &lost);
  if (lost) {
    ptl_walk_fault(walk, PTL_FAULT_DEAD_LOAD, op, lost->writer,
                   "this overwrites %s that nothing has read",
                   lost->holds == PTL_HOLDS_SUM ? "a product" : "data");
  }
}

static void write_unknown(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const char *why) {
  if (tile && tile->is_known) {
    ptl_walk_note_write(walk, tile->range);
    ptl_memory_forget(&walk->memory, tile->range, op, why);
  }
}

/* What a tile holds, as it was written; NULL with a fault if that is not known. */
static ptl_content *read_tile(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  ptl_content *content = ptl_memory_find(&walk->memory, tile->range);
  const char *space = ptl_space_name(tile->type.space);
  if (content && content->holds != PTL_HOLDS_UNKNOWN) {
    content->is_read = true;
    return content;
  }
  if (content) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, content->writer,
                   "it is not known what the %s tile at %" PRId64 " holds: %s", space,
                   tile->range.begin_bytes, content->why);
    return NULL;
  }
  const ptl_content *other = ptl_memory_overlap(&walk->memory, tile->range);
  if (other && other->holds == PTL_HOLDS_UNKNOWN) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, other->writer,
                   "it is not known what the %s tile at %" PRId64 " holds: %s", space,
                   tile->range.begin_bytes, other->why);
  } else if (other) {
    ptl_walk_fault(walk, PTL_FAULT_OVERWRITTEN, op, other->writer,
                   "the %s tile at %" PRId64 " was overwritten by a tile at %" PRId64
                   " that overlaps it in part",
                   space, tile->range.begin_bytes, other->range.begin_bytes);
  } else {
    ptl_walk_fault(walk, PTL_FAULT_UNWRITTEN, op, NULL,
                   "the %s tile at %" PRId64 " is read, but nothing was written there", space,
                   tile->range.begin_bytes);
  }
  return NULL;
}

/* ---- transfers ---------------------------------------------------------- */

static bool is_nz(const ptl_tile_type *type) {
  return type->blayout_col_major && type->slayout == PTL_SLAYOUT_ROW;
}

static bool is_zn(const ptl_tile_type *type) {
  return !type->blayout_col_major && type->slayout == PTL_SLAYOUT_COL;
}

static bool load_is_plain(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile) {
  const ptl_binding *part = &walk->bindings[op->operands[0]];
  if (!part->is_part_known) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL,
                   "the part that is loaded is not one of a two-dimensional view");
    return false;
  }
  if (const_or(walk, part->part.col_stride, 0) != 1 || !is_nz(&tile->type)) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL,
                   "only loads of row-major views into col_major/row_major tiles are followed");
    return false;
  }
  if (part->part.elem != tile->type.elem) {
    ptl_walk_fault(walk, PTL_FAULT_TYPES, op, NULL, "a view of %s is loaded into a tile of %s",
                   ptl_elem_name(part->part.elem), ptl_elem_name(tile->type.elem));
    return false;
  }
  if (part->part.rows < 0 || part->part.rows != tile->valid_rows ||
      part->part.cols != tile->valid_cols) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL,
                   "the part's extents are not the tile's valid extents");
    return false;
  }
  return true;
}

static void walk_load(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *value = value_of(walk, op->operands[1]);
  if (!value->is_tile || !is_cube_space(value->tile.space)) {
    return;
  }
  const ptl_tile *tile = placed_tile(walk, op, 1);
  if (!tile) {
    return;
  }
  if (tile->type.space != PTL_SPACE_MAT) {
    ptl_walk_fault(walk, PTL_FAULT_SPACE, op, NULL, "tload cannot fill a %s tile",
                   ptl_space_name(tile->type.space));
    return;
  }
  ptl_event event = {.kind = PTL_EVENT_LOAD, .op = op, .to = tile->range, .tile = tile};
  int64_t rows = const_or(walk, tile->valid_rows, tile->type.rows);
  int64_t cols = const_or(walk, tile->valid_cols, tile->type.cols);
  event.bytes = rows * cols * ptl_elem_bytes(tile->type.elem);
  ptl_walk_report(walk, &event);
  if (!load_is_plain(walk, op, tile)) {
    write_unknown(walk, op, tile, "the load that filled it is not followed");
    return;
  }
  ptl_content content = {.range = tile->range,
                         .holds = PTL_HOLDS_REGION,
                         .type = tile->type,
                         .region = walk->bindings[op->operands[0]].part,
                         .writer = op,
                         .load = event.number};
  write_content(walk, op, &content);
}

/* Whether `tile` reads the content as it was written, or as its transpose. */
static bool orientation(const ptl_content *content, const ptl_tile *tile, bool *transposed) {
  const ptl_tile_type *a = &content->type;
  const ptl_tile_type *b = &tile->type;
  if (a->elem != b->elem) {
    return false;
  }
  *transposed = is_nz(a) && is_zn(b);
  if (*transposed) {
    return a->rows == b->cols && a->cols == b->rows;
  }
  return is_nz(a) == is_nz(b) && a->rows == b->rows && a->cols == b->cols;
}

/* begin + length <= limit, as far as that can be told. */
static bool fits(ptl_walk *walk, ptl_expr begin, ptl_expr length, ptl_expr limit) {
  int64_t slack;
  ptl_expr end = ptl_expr_add(walk->exprs, begin, length);
  return ptl_expr_difference(walk->exprs, limit, end, &slack) && slack >= 0;
}

/* The part of `content` that begins at (row, col) of `from` and is as large as the
 * valid part of `to`. */
static bool sub_region(ptl_walk *walk, const ptl_content *content, const ptl_tile *from,
                       ptl_expr row, ptl_expr col, const ptl_tile *to, ptl_content *out) {
  bool transposed;
  if (!orientation(content, from, &transposed)) {
    return false;
  }
  ptl_region region = content->region;
  ptl_expr down = transposed ? col : row;
  ptl_expr across = transposed ? row : col;
  ptl_expr rows = transposed ? to->valid_cols : to->valid_rows;
  ptl_expr cols = transposed ? to->valid_rows : to->valid_cols;
  if (!fits(walk, down, rows, region.rows) || !fits(walk, across, cols, region.cols)) {
    return false;
  }
  region.row = ptl_expr_add(walk->exprs, region.row, down);
  region.col = ptl_expr_add(walk->exprs, region.col, across);
  region.rows = rows;
  region.cols = cols;
  out->region = region;
  out->transposed = transposed;
  return true;
}

static bool is_operand_space(ptl_space space) {
  return space == PTL_SPACE_LEFT || space == PTL_SPACE_RIGHT;
}

static void transfer(ptl_walk *walk, const ptl_op *op, const ptl_tile *from, ptl_expr row,
                     ptl_expr col, const ptl_tile *to) {
  ptl_event event = {.kind = PTL_EVENT_EXTRACT,
                     .op = op,
                     .from = from->range,
                     .to = to->range,
                     .tile = to,
                     .bytes = tile_bytes(walk, &to->type)};
  ptl_walk_report(walk, &event);
  const ptl_content *source = read_tile(walk, op, from);
  ptl_content content = {.range = to->range,
                         .holds = PTL_HOLDS_REGION,
                         .type = to->type,
                         .writer = op,
                         .load = source ? source->load : 0};
  if (!source) {
    write_unknown(walk, op, to, "what was moved into it is not known");
  } else if (source->holds != PTL_HOLDS_REGION ||
             !sub_region(walk, source, from, row, col, to, &content)) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, source->writer,
                   "what is moved is not a part of what was loaded");
    write_unknown(walk, op, to, "what was moved into it is not known");
  } else {
    write_content(walk, op, &content);
  }
}

static void walk_extract(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *from = placed_tile(walk, op, 0);
  const ptl_tile *to = placed_tile(walk, op, 3);
  if (!from || !to) {
    write_unknown(walk, op, to, "what was moved into it is not known");
    return;
  }
  if (from->type.space != PTL_SPACE_MAT || !is_operand_space(to->type.space)) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL, "an extract from %s to %s is not followed",
                   ptl_space_name(from->type.space), ptl_space_name(to->type.space));
    write_unknown(walk, op, to, "what was moved into it is not known");
    return;
  }
  transfer(walk, op, from, integer(walk, op->operands[1]), integer(walk, op->operands[2]), to);
}

/* ---- products ----------------------------------------------------------- */

static void walk_sink(ptl_walk *walk, const ptl_op *op, int part);

static void walk_move(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *source = value_of(walk, op->operands[0]);
  const ptl_value *target = value_of(walk, op->operands[1]);
  if (!source->is_tile || !target->is_tile ||
      (!is_cube_space(source->tile.space) && !is_cube_space(target->tile.space))) {
    return;
  }
  const ptl_tile *from = placed_tile(walk, op, 0);
  const ptl_tile *to = placed_tile(walk, op, 1);
  if (from && to && from->type.space == PTL_SPACE_MAT && is_operand_space(to->type.space)) {
    ptl_expr zero = ptl_expr_const(walk->exprs, 0);
    transfer(walk, op, from, zero, zero, to);
    return;
  }
  if (from && to && from->type.space == PTL_SPACE_ACC && to->type.space == PTL_SPACE_ACC) {
    ptl_walk_fault(walk, PTL_FAULT_SPACE, op, NULL, "no path leads from acc to acc");
  } else if (from && from->type.space == PTL_SPACE_ACC) {
    walk_sink(walk, op, -1);
  }
  write_unknown(walk, op, to, "a move that is not followed filled it");
}

typedef struct ptl_operands {
  const ptl_tile *left, *right, *acc;
  const ptl_content *lhs, *rhs;
  int64_t k;
} ptl_operands;

/* Tile extents, valid K and element types of left x right -> acc. */
static bool operands_fit(ptl_walk *walk, const ptl_op *op, ptl_operands *o) {
  const ptl_tile_type *l = &o->left->type, *r = &o->right->type, *a = &o->acc->type;
  if (l->space != PTL_SPACE_LEFT || r->space != PTL_SPACE_RIGHT || a->space != PTL_SPACE_ACC) {
    ptl_walk_fault(walk, PTL_FAULT_SPACE, op, NULL,
                   "a product takes left and right tiles and writes an acc tile, not %s, %s and %s",
                   ptl_space_name(l->space), ptl_space_name(r->space), ptl_space_name(a->space));
    return false;
  }
  if (ptl_elem_accumulator(l->elem, r->elem) != a->elem) {
    ptl_walk_fault(walk, PTL_FAULT_TYPES, op, NULL, "the cube has no product %s x %s -> %s",
                   ptl_elem_name(l->elem), ptl_elem_name(r->elem), ptl_elem_name(a->elem));
    return false;
  }
  int64_t lhs_k = const_or(walk, o->left->valid_cols, -1);
  int64_t rhs_k = const_or(walk, o->right->valid_rows, -2);
  if (l->cols != r->rows || l->rows != a->rows || r->cols != a->cols || lhs_k != rhs_k) {
    ptl_walk_fault(walk, PTL_FAULT_SHAPE, op, NULL,
                   "%" PRId64 " x %" PRId64 " (left) times %" PRId64 " x %" PRId64
                   " (right) does not give %" PRId64 " x %" PRId64 " (acc)",
                   l->rows, l->cols, r->rows, r->cols, a->rows, a->cols);
    return false;
  }
  o->k = lhs_k;
  return true;
}

static ptl_sum *new_sum(ptl_walk *walk, const ptl_op *op, const ptl_operands *o) {
  ptl_sum *sum = ptl_arena_alloc(walk->arena, sizeof(*sum));
  sum->first = op;
  sum->begin = walk->event_count;
  sum->lhs = o->lhs->region;
  sum->rhs = o->rhs->region;
  sum->rhs_transposed = o->rhs->transposed;
  sum->m = o->left->valid_rows;
  sum->n = o->right->valid_cols;
  sum->acc = o->acc->type.elem;
  sum->lhs_loads = (ptl_load_span){o->lhs->load, o->lhs->load};
  sum->rhs_loads = (ptl_load_span){o->rhs->load, o->rhs->load};
  sum->segments = ptl_arena_alloc(walk->arena, sizeof(ptl_segment));
  sum->segments[0].lhs_k = o->lhs->region.col;
  sum->segments[0].rhs_k = o->rhs->transposed ? o->rhs->region.col : o->rhs->region.row;
  sum->segments[0].length = o->k;
  sum->segment_count = 1;
  return sum;
}

static bool same_matrix(const ptl_region *a, const ptl_region *b) {
  return a->root == b->root && a->elem == b->elem && a->row_stride == b->row_stride &&
         a->col_stride == b->col_stride;
}

/* Whether both sums are over the same rows of lhs and columns of rhs. */
static bool same_product(const ptl_sum *a, const ptl_sum *b) {
  bool same_columns =
      a->rhs_transposed ? a->rhs.row == b->rhs.row : a->rhs.col == b->rhs.col;
  return same_matrix(&a->lhs, &b->lhs) && same_matrix(&a->rhs, &b->rhs) &&
         a->rhs_transposed == b->rhs_transposed && a->lhs.row == b->lhs.row && same_columns &&
         a->m == b->m && a->n == b->n && a->acc == b->acc;
}

static ptl_load_span join_spans(ptl_load_span a, ptl_load_span b) {
  return (ptl_load_span){a.first < b.first ? a.first : b.first, a.last > b.last ? a.last : b.last};
}

static const ptl_sum *extend(ptl_walk *walk, const ptl_sum *sum, const ptl_sum *more) {
  ptl_sum *result = ptl_arena_alloc(walk->arena, sizeof(*result));
  *result = *sum;
  ptl_segment next = more->segments[0];
  const ptl_segment *last = &sum->segments[sum->segment_count - 1];
  bool follows = ptl_expr_add_const(walk->exprs, last->lhs_k, last->length) == next.lhs_k &&
                 ptl_expr_add_const(walk->exprs, last->rhs_k, last->length) == next.rhs_k;
  size_t count = (size_t)sum->segment_count;
  result->segments = ptl_arena_grow(walk->arena, sum->segments, count, count + !follows,
                                    sizeof(ptl_segment));
  if (follows) {
    result->segments[count - 1].length += next.length;
  } else {
    result->segments[count] = next;
    result->segment_count++;
  }
  result->lhs_loads = join_spans(sum->lhs_loads, more->lhs_loads);
  result->rhs_loads = join_spans(sum->rhs_loads, more->rhs_loads);
  return result;
}

/* The sum that the accumulator holds before a tmatmul.acc adds to it. */
static const ptl_sum *accumulated(ptl_walk *walk, const ptl_op *op, const ptl_operands *o,
                                  const ptl_sum *more) {
  const ptl_tile *in = placed_tile(walk, op, 0);
  if (!in) {
    return NULL;
  }
  if (in->range.buffer != o->acc->range.buffer ||
      in->range.begin_bytes != o->acc->range.begin_bytes || in->type.rows != o->acc->type.rows ||
      in->type.cols != o->acc->type.cols) {
    ptl_walk_fault(walk, PTL_FAULT_ACC_IN_OUT, op, in->alloc,
                   "tmatmul.acc adds to its output, at %" PRId64
                   ", so its accumulator input, at %" PRId64 ", has to be the same tile",
                   o->acc->range.begin_bytes, in->range.begin_bytes);
    return NULL;
  }
  const ptl_content *content = read_tile(walk, op, o->acc);
  if (!content || content->holds != PTL_HOLDS_SUM) {
    return NULL;
  }
  if (!same_product(content->sum, more)) {
    ptl_walk_fault(walk, PTL_FAULT_MIXED_SUM, op, content->writer,
                   "this adds another product than the one that the accumulator at %" PRId64
                   " holds",
                   o->acc->range.begin_bytes);
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
                     .m = const_or(walk, o->left->valid_rows, o->left->type.rows),
                     .k = const_or(walk, o->left->valid_cols, o->left->type.cols),
                     .n = const_or(walk, o->right->valid_cols, o->right->type.cols),
                     .elem = o->left->type.elem,
                     .tile = o->acc,
                     .accumulates = op->kind == PTL_OP_MATMUL_ACC};
  ptl_walk_report(walk, &event);
}

static const ptl_sum *product(ptl_walk *walk, const ptl_op *op, ptl_operands *o) {
  o->lhs = read_tile(walk, op, o->left);
  o->rhs = read_tile(walk, op, o->right);
  if (!operands_fit(walk, op, o) || !o->lhs || !o->rhs) {
    return NULL;
  }
  if (o->lhs->transposed) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, o->lhs->writer,
                   "a transposed left operand is not followed");
    return NULL;
  }
  ptl_sum *sum = new_sum(walk, op, o);
  if (op->kind == PTL_OP_MATMUL) {
    return sum;
  }
  const ptl_sum *before = accumulated(walk, op, o, sum);
  return before ? extend(walk, before, sum) : NULL;
}

static void walk_matmul(ptl_walk *walk, const ptl_op *op) {
  int first = op->kind == PTL_OP_MATMUL ? 0 : 1;
  ptl_operands o = {.left = placed_tile(walk, op, first),
                    .right = placed_tile(walk, op, first + 1),
                    .acc = placed_tile(walk, op, first + 2)};
  if (!o.left || !o.right || !o.acc) {
    write_unknown(walk, op, o.acc, "a product that is not followed is in it");
    return;
  }
  report_matmul(walk, op, &o);
  const ptl_sum *sum = product(walk, op, &o);
  if (!sum) {
    write_unknown(walk, op, o.acc, "a product that is not followed is in it");
    return;
  }
  ptl_content content = {.range = o.acc->range,
                         .holds = PTL_HOLDS_SUM,
                         .type = o.acc->type,
                         .sum = sum,
                         .writer = op};
  write_content(walk, op, &content);
}

/* ---- what leaves the core ----------------------------------------------- */

/* Whether a sink takes the whole product and nothing of other columns. Rows behind the
 * product's own may leave with it (padding that the consumer asked for); what they hold is not
 * defined. */
static bool takes_product(ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum) {
  int64_t rows, m;
  if (sum->n != tile->valid_cols) {
    return false;
  }
  if (sum->m == tile->valid_rows) {
    return true;
  }
  if (!ptl_expr_is_const(walk->exprs, tile->valid_rows, &rows) || rows > tile->type.rows) {
    return false;
  }
  return !ptl_expr_is_const(walk->exprs, sum->m, &m) ? rows == tile->type.rows : m <= rows;
}

/* `part`: value number of the part of GM that a store writes; -1 for other sinks. */
static void walk_sink(ptl_walk *walk, const ptl_op *op, int part) {
  const ptl_tile *tile = placed_tile(walk, op, 0);
  if (!tile) {
    return;
  }
  int64_t rows = const_or(walk, tile->valid_rows, tile->type.rows);
  int64_t cols = const_or(walk, tile->valid_cols, tile->type.cols);
  const ptl_content *content = read_tile(walk, op, tile);
  if (content && content->holds == PTL_HOLDS_SUM &&
      !takes_product(walk, tile, content->sum)) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, content->writer,
                   "the tile's valid extents are not those of the product that it holds");
    content = NULL;
  }
  ptl_event event = {.kind = PTL_EVENT_SINK,
                     .op = op,
                     .acc = tile->range,
                     .tile = tile,
                     .content = content,
                     .rows = rows,
                     .bytes = rows * cols * ptl_elem_bytes(tile->type.elem),
                     .root = part >= 0 ? root_of(walk, part) : -1};
  if (part >= 0 && walk->bindings[part].is_part_known) {
    event.part = &walk->bindings[part].part;
  }
  ptl_walk_report(walk, &event);
}

static void report_effect(ptl_walk *walk, const ptl_op *op, int root) {
  ptl_event event = {.kind = PTL_EVENT_EFFECT, .op = op, .root = root};
  ptl_walk_report(walk, &event);
}

static void walk_store(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *source = value_of(walk, op->operands[0]);
  int root = root_of(walk, op->operands[1]);
  if (source->is_tile && source->tile.space == PTL_SPACE_ACC) {
    walk_sink(walk, op, op->operands[1]);
  }
  report_effect(walk, op, root);
}

/* Vector ops work on their tiles alone; the ones that talk to the cube core do not. */
static bool is_vector_op(const ptl_walk *walk, const ptl_op *op, ptl_str name) {
  bool has_tile = false;
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = value_of(walk, op->operands[i]);
    if (!value->is_tile && !value->is_integer && (value->is_view || value->is_pointer)) {
      return false;
    }
    has_tile = has_tile || (value->is_tile && value->tile.space == PTL_SPACE_VEC);
  }
  return has_tile && ptl_str_starts_with(name, "pto.t") && !ptl_str_starts_with(name, "pto.tpush") &&
         !ptl_str_starts_with(name, "pto.tpop") && !ptl_str_starts_with(name, "pto.tfree");
}

/* Ops that neither write memory nor wait for anybody. */
static bool is_pure(const ptl_walk *walk, const ptl_op *op) {
  static const char *const prefixes[] = {
      "arith.",   "math.",       "index.",      "func.func", "pto.get_",
      "pto.addptr", "pto.castptr", "pto.reserve_buffer", "pto.import_reserved_buffer",
      "pto.aic_initialize_pipe",
  };
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  ptl_str str = {name.data, name.length};
  for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
    if (ptl_str_starts_with(str, prefixes[i])) {
      return true;
    }
  }
  return is_vector_op(walk, op, str);
}

static void walk_other(ptl_walk *walk, const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  bool touches_cube = op->blocks[0] != NULL;
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = value_of(walk, op->operands[i]);
    if (value->is_tile && is_cube_space(value->tile.space)) {
      touches_cube = true;
      write_unknown(walk, op, tile_of(walk, op->operands[i]), "an op that is not followed uses it");
    }
  }
  for (int i = 0; i < op->result_count; i++) {
    const ptl_value *value = value_of(walk, op->first_result + i);
    touches_cube = touches_cube || (value->is_tile && is_cube_space(value->tile.space));
  }
  if (touches_cube) {
    ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, op, NULL, "'%.*s' is not followed",
                   (int)name.length, name.data);
  }
  if (!is_pure(walk, op)) {
    report_effect(walk, op, -1);
  }
}

void ptl_walk_tile_op(ptl_walk *walk, const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_VIEW:
    walk_view(walk, op);
    break;
  case PTL_OP_PART:
    walk_part(walk, op);
    break;
  case PTL_OP_ALLOC:
    walk_alloc(walk, op);
    break;
  case PTL_OP_VALIDSHAPE:
    walk_validshape(walk, op);
    break;
  case PTL_OP_LOAD:
    walk_load(walk, op);
    break;
  case PTL_OP_EXTRACT:
    walk_extract(walk, op);
    break;
  case PTL_OP_MOVE:
    walk_move(walk, op);
    break;
  case PTL_OP_MATMUL:
  case PTL_OP_MATMUL_ACC:
    walk_matmul(walk, op);
    break;
  case PTL_OP_STORE:
    walk_store(walk, op);
    break;
  case PTL_OP_PUSH:
    walk_sink(walk, op, -1);
    break;
  default:
    walk_other(walk, op);
    break;
  }
}

void ptl_walk_finish(ptl_walk *walk) {
  for (int i = 0; i < walk->memory.count; i++) {
    const ptl_content *content = &walk->memory.contents[i];
    if (!content->is_read && content->holds != PTL_HOLDS_UNKNOWN) {
      ptl_walk_fault(walk, PTL_FAULT_DEAD_LOAD, content->writer, NULL,
                     "nothing reads %s that this leaves in %s",
                     content->holds == PTL_HOLDS_SUM ? "the product" : "the data",
                     ptl_space_name(content->range.space));
    }
  }
}

static bool ascending(ptl_exprs *exprs, const ptl_segment *segments, int count) {
  for (int i = 1; i < count; i++) {
    int64_t difference;
    if (!ptl_expr_difference(exprs, segments[i].lhs_k, segments[i - 1].lhs_k, &difference) ||
        difference < 0) {
      return false;
    }
  }
  return true;
}

static void sort_by_distance(ptl_segment *segments, int64_t *distances, int count) {
  for (int i = 1; i < count; i++) {
    ptl_segment segment = segments[i];
    int64_t distance = distances[i];
    int j = i;
    for (; j > 0 && distances[j - 1] > distance; j--) {
      segments[j] = segments[j - 1];
      distances[j] = distances[j - 1];
    }
    segments[j] = segment;
    distances[j] = distance;
  }
}

bool ptl_sum_join(ptl_exprs *exprs, const ptl_sum *sum, ptl_segment *out) {
  int count = sum->segment_count;
  bool is_float = sum->acc == PTL_ELEM_F32;
  if (is_float && !ascending(exprs, sum->segments, count)) {
    return false;
  }
  ptl_segment *segments = ptl_arena_grow(exprs->arena, sum->segments, (size_t)count,
                                         (size_t)count, sizeof(ptl_segment));
  int64_t *distances = ptl_arena_array(exprs->arena, (size_t)count, sizeof(int64_t));
  for (int i = 0; i < count; i++) {
    if (!ptl_expr_difference(exprs, segments[i].lhs_k, segments[0].lhs_k, &distances[i])) {
      return false;
    }
  }
  sort_by_distance(segments, distances, count);
  *out = segments[0];
  for (int i = 1; i < count; i++) {
    if (segments[i].lhs_k != ptl_expr_add_const(exprs, out->lhs_k, out->length) ||
        segments[i].rhs_k != ptl_expr_add_const(exprs, out->rhs_k, out->length)) {
      return false;
    }
    out->length += segments[i].length;
  }
  return true;
}
