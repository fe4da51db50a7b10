/* Joins stores that take a product piece by piece. */
#include "summary/joined_stores.h"

#include <string.h>

bool ptl_joined_stores_take(const ptl_event *event) {
  return event->op->kind == PTL_OP_STORE && event->part && event->is_whole;
}

/* ---- attributes ------------------------------------------------------------ */

static bool groups_operands(MlirNamedAttribute attribute) {
  MlirStringRef name = mlirIdentifierStr(attribute.name);
  return name.length == 19 && memcmp(name.data, "operandSegmentSizes", 19) == 0;
}

/* Whether every attribute of `a` is one of `b`. */
static bool has_all_of(MlirOperation b, MlirOperation a) {
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(a); i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(a, i);
    MlirAttribute other = mlirOperationGetAttributeByName(b, mlirIdentifierStr(attribute.name));
    if (!groups_operands(attribute) && !mlirAttributeEqual(attribute.attribute, other)) {
      return false;
    }
  }
  return true;
}

bool ptl_attributes_are_same(MlirOperation a, MlirOperation b) {
  return has_all_of(a, b) && has_all_of(b, a);
}

/* ---- pieces after each other ----------------------------------------------- */

static ptl_expr add(const ptl_joined_stores *s, ptl_expr a, ptl_expr b) {
  return ptl_expr_add(s->exprs, a, b);
}

/* Where the columns of a product lie in rhs. */
static ptl_expr *n_offset_of(ptl_sum *sum) {
  return sum->rhs_transposed ? &sum->rhs.row : &sum->rhs.col;
}

static bool is_same_matrix(const ptl_region *a, const ptl_region *b) {
  return a->root == b->root && a->elem == b->elem && a->row_stride == b->row_stride &&
         a->col_stride == b->col_stride;
}

/* Whether both are sums over the same K, of operands that differ in rows or columns alone. */
static bool is_same_sum(const ptl_joined_stores *s, const ptl_sum *a, const ptl_sum *b) {
  ptl_segment x, y;
  ptl_k_blocks p = {0}, q = {0};
  bool joins = ptl_sum_join(s->exprs, a, &x) && ptl_sum_join(s->exprs, b, &y);
  joins = joins || (ptl_sum_blocks(s->exprs, a, &x, &p) && ptl_sum_blocks(s->exprs, b, &y, &q));
  return joins && memcmp(&p, &q, sizeof(p)) == 0 && x.lhs_k == y.lhs_k && x.rhs_k == y.rhs_k &&
         x.length == y.length && a->rhs_transposed == b->rhs_transposed &&
         is_same_matrix(&a->lhs, &b->lhs) && is_same_matrix(&a->rhs, &b->rhs);
}

/* Whether a store takes all rows of its product, and no padding. */
static bool takes_rows(const ptl_region *part, const ptl_tile *tile, const ptl_sum *sum) {
  return part->rows == sum->m && tile->valid_rows == sum->m;
}

static bool is_next_in_rows(const ptl_joined_stores *s, const ptl_joined_store *last,
                            const ptl_event *event) {
  const ptl_sum *a = &last->sum, *b = event->content->sum;
  const ptl_region *to = &last->part, *part = event->part;
  return takes_rows(to, &last->tile, a) && takes_rows(part, event->tile, b) &&
         to->col == part->col && to->cols == part->cols && part->row == add(s, to->row, to->rows) &&
         b->lhs.row == add(s, a->lhs.row, a->m) && a->rhs.row == b->rhs.row &&
         a->rhs.col == b->rhs.col && a->n == b->n;
}

/* Whether a store takes all columns of its product, and no padding. */
static bool takes_columns(const ptl_region *part, const ptl_tile *tile, const ptl_sum *sum) {
  return part->cols == sum->n && tile->valid_cols == sum->n;
}

static bool is_next_in_columns(const ptl_joined_stores *s, ptl_joined_store *last,
                               const ptl_event *event) {
  ptl_sum *a = &last->sum, b = *event->content->sum;
  const ptl_region *to = &last->part, *part = event->part;
  return takes_columns(to, &last->tile, a) && takes_columns(part, event->tile, &b) &&
         to->row == part->row && to->rows == part->rows && a->m == b.m &&
         last->tile.valid_rows == event->tile->valid_rows && a->lhs.row == b.lhs.row &&
         part->col == add(s, to->col, to->cols) &&
         *n_offset_of(&b) == add(s, *n_offset_of(a), a->n);
}

static void add_rows(const ptl_joined_stores *s, ptl_joined_store *store, ptl_expr rows) {
  store->sum.m = add(s, store->sum.m, rows);
  store->part.rows = store->sum.m;
  store->tile.valid_rows = store->sum.m;
}

static void set_columns(ptl_joined_store *store, ptl_expr columns) {
  store->sum.n = columns;
  store->part.cols = columns;
  store->tile.valid_cols = columns;
}

/* ---- what may be moved over what ------------------------------------------- */

static bool is_argument(const ptl_joined_stores *s, int root) {
  return root >= 0 && root < s->kernel->body->argument_count;
}

static bool are_apart(const ptl_joined_stores *s, int a, int b) {
  return a != b && is_argument(s, a) && is_argument(s, b);
}

/* Whether a store to `to` of this sum can be moved over `other`, which may be a piece of it. */
static bool can_pass(const ptl_joined_stores *s, const ptl_joined_store *other, int to,
                     const ptl_sum *sum, bool is_piece) {
  return (is_piece || are_apart(s, other->part.root, to)) &&
         are_apart(s, other->part.root, sum->lhs.root) &&
         are_apart(s, other->part.root, sum->rhs.root);
}

/* Joins a store with number `i` if it is the next piece of that. */
static bool join(ptl_joined_stores *s, int i, const ptl_event *event) {
  ptl_joined_store *last = &s->items[i];
  const ptl_sum *sum = event->content->sum;
  if (!is_same_matrix(&last->part, event->part) || !is_same_sum(s, &last->sum, sum) ||
      !ptl_attributes_are_same(last->event.op->op, event->op->op)) {
    return false;
  }
  if (i == s->count - 1 && is_next_in_rows(s, last, event)) {
    add_rows(s, last, sum->m);
    return true;
  }
  if (is_next_in_columns(s, last, event) && can_pass(s, last, event->part->root, sum, true)) {
    set_columns(last, add(s, last->sum.n, sum->n));
    return true;
  }
  return false;
}

static bool is_in_block(const ptl_joined_store *store, const ptl_op *parent, MlirBlock block) {
  return store->parent == parent && mlirBlockEqual(store->block, block);
}

const ptl_event *ptl_joined_store_event(ptl_joined_store *store) {
  store->content.sum = &store->sum;
  store->event.tile = &store->tile;
  store->event.part = &store->part;
  store->event.content = &store->content;
  return &store->event;
}

/* The last store has got more columns: with all of them it may be the next rows of the one before.
 */
static void join_last(ptl_joined_stores *s) {
  ptl_joined_store last = s->items[s->count - 1];
  if (s->count > 1 && is_in_block(&s->items[s->count - 2], last.parent, last.block)) {
    s->count--;
    s->count += !join(s, s->count - 1, ptl_joined_store_event(&last));
  }
}

/* Whether a store is joined with one that is there: with the last of its block that it cannot be
 * moved over, or with one after that. */
static bool join_any(ptl_joined_stores *s, const ptl_event *event, const ptl_op *parent,
                     MlirBlock block) {
  for (int i = s->count - 1; i >= 0 && is_in_block(&s->items[i], parent, block); i--) {
    if (join(s, i, event)) {
      join_last(s);
      return true;
    }
    if (!can_pass(s, &s->items[i], event->part->root, event->content->sum, false)) {
      return false;
    }
  }
  return false;
}

/* `parent`, `block`: where the store stands, or is taken to stand. */
static void add_at(ptl_joined_stores *s, const ptl_event *event, const ptl_op *parent,
                   MlirBlock block, const char *loops) {
  if (join_any(s, event, parent, block)) {
    return;
  }
  ptl_joined_store store = {.event = *event,
                            .tile = *event->tile,
                            .part = *event->part,
                            .sum = *event->content->sum,
                            .content = *event->content,
                            .parent = parent,
                            .block = block,
                            .loops = loops};
  s->items = ptl_arena_more(s->arena, s->items, s->count, &s->capacity, sizeof(*s->items));
  s->items[s->count++] = store;
}

void ptl_joined_stores_add(ptl_joined_stores *stores, const ptl_event *event, const char *loops) {
  add_at(stores, event, event->op->parent, mlirOperationGetBlock(event->op->op), loops);
}

/* ---- loops ----------------------------------------------------------------- */

/* A loop that runs a constant number of times. */
typedef struct turns {
  ptl_expr variable;
  int leaf; /* that the variable is */
  int64_t lower, step, count;
} turns;

static bool turns_of(const ptl_joined_stores *s, const ptl_walk *walk, const ptl_op *loop,
                     turns *out) {
  int64_t upper;
  bool is_const =
      ptl_expr_is_const(s->exprs, ptl_integer_at(walk, loop->operands[0]), &out->lower) &&
      ptl_expr_is_const(s->exprs, ptl_integer_at(walk, loop->operands[1]), &upper) &&
      ptl_expr_is_const(s->exprs, ptl_integer_at(walk, loop->operands[2]), &out->step);
  if (!is_const || out->lower < 0 || out->step <= 0 || upper <= out->lower) {
    return false;
  }
  out->variable = ptl_integer_at(walk, loop->blocks[0]->first_argument);
  out->leaf = out->variable >= 0 ? ptl_expr_leaf_number(s->exprs, out->variable) : -1;
  out->count = (upper - out->lower - 1) / out->step + 1;
  return out->leaf >= 0;
}

static bool depends(const ptl_exprs *exprs, ptl_expr expr, int leaf) {
  if (expr < 0) {
    return true;
  }
  const ptl_expr_node *node = &exprs->nodes[expr];
  for (int i = 0; i < node->term_count; i++) {
    const ptl_atom *atom = &exprs->atoms[node->terms[i].atom];
    bool is_unary = atom->op == PTL_EXPR_IS_ZERO || atom->op == PTL_EXPR_IS_NEGATIVE;
    if (atom->op == PTL_EXPR_LEAF
            ? atom->leaf == leaf
            : depends(exprs, atom->a, leaf) || (!is_unary && depends(exprs, atom->b, leaf))) {
      return true;
    }
  }
  return false;
}

static bool any_depends(const ptl_joined_stores *s, const ptl_expr *exprs, int count, int leaf) {
  for (int i = 0; i < count; i++) {
    if (depends(s->exprs, exprs[i], leaf)) {
      return true;
    }
  }
  return false;
}

/* An offset that moves by `width` with each turn: `out` is where it begins. */
static bool moves_by(const ptl_joined_stores *s, const turns *t, ptl_expr offset, int64_t width,
                     ptl_expr *out) {
  int64_t begin;
  if (width % t->step != 0 || __builtin_mul_overflow(width / t->step, t->lower, &begin)) {
    return false;
  }
  ptl_expr each = ptl_expr_const(s->exprs, width / t->step);
  ptl_expr rest = ptl_expr_sub(s->exprs, offset, ptl_expr_mul(s->exprs, t->variable, each));
  if (depends(s->exprs, rest, t->leaf)) {
    return false;
  }
  *out = ptl_expr_add_const(s->exprs, rest, begin);
  return *out >= 0;
}

/* What has to be the same on every turn. */
static bool is_fixed(const ptl_joined_stores *s, const ptl_joined_store *store, int leaf) {
  const ptl_sum *sum = &store->sum;
  ptl_segment k;
  ptl_k_blocks blocks;
  if (!ptl_sum_join(s->exprs, sum, &k) && !ptl_sum_blocks(s->exprs, sum, &k, &blocks)) {
    return false;
  }
  const ptl_region *to = &store->part;
  const ptl_expr fixed[] = {to->row,
                            to->rows,
                            to->row_stride,
                            to->col_stride,
                            store->tile.valid_rows,
                            sum->m,
                            sum->lhs.row,
                            k.lhs_k,
                            k.rhs_k,
                            sum->lhs.row_stride,
                            sum->lhs.col_stride,
                            sum->rhs.row_stride,
                            sum->rhs.col_stride};
  return !any_depends(s, fixed, sizeof(fixed) / sizeof(fixed[0]), leaf);
}

/* The store of all turns. */
static bool widen(const ptl_joined_stores *s, const turns *t, const ptl_joined_store *store,
                  ptl_joined_store *out) {
  int64_t width, all;
  *out = *store;
  if (!takes_columns(&store->part, &store->tile, &store->sum) ||
      !ptl_expr_is_const(s->exprs, store->sum.n, &width) ||
      __builtin_mul_overflow(width, t->count, &all) || !is_fixed(s, store, t->leaf) ||
      !moves_by(s, t, store->part.col, width, &out->part.col) ||
      !moves_by(s, t, *n_offset_of(&out->sum), width, n_offset_of(&out->sum))) {
    return false;
  }
  set_columns(out, ptl_expr_const(s->exprs, all));
  return true;
}

/* Whether stores of a loop may be made one after the other, each whole. */
static bool can_be_parted(const ptl_joined_stores *s, int first) {
  for (int i = first; i < s->count; i++) {
    for (int j = first; j < s->count; j++) {
      const ptl_joined_store *store = &s->items[i];
      if (!can_pass(s, &s->items[j], store->part.root, &store->sum, i == j)) {
        return false;
      }
    }
  }
  return true;
}

bool ptl_joined_stores_leave(ptl_joined_stores *stores, int first, const ptl_walk *walk,
                             const ptl_op *loop, const char *loops) {
  turns turns;
  int count = stores->count - first;
  if (count == 0 || !turns_of(stores, walk, loop, &turns) || !can_be_parted(stores, first)) {
    return false;
  }
  ptl_joined_store *wide = ptl_arena_array(stores->arena, (size_t)count, sizeof(*wide));
  ptl_joined_store *kept = ptl_arena_array(stores->arena, (size_t)count, sizeof(*kept));
  int wide_count = 0, kept_count = 0;
  for (int i = 0; i < count; i++) {
    const ptl_joined_store *store = &stores->items[first + i];
    if (store->parent == loop && widen(stores, &turns, store, &wide[wide_count])) {
      wide_count++;
    } else {
      kept[kept_count++] = *store;
    }
  }
  stores->count = first;
  for (int i = 0; i < wide_count; i++) {
    add_at(stores, ptl_joined_store_event(&wide[i]), loop->parent, mlirOperationGetBlock(loop->op),
           loops);
  }
  memcpy(&stores->items[stores->count], kept, (size_t)kept_count * sizeof(*kept));
  stores->count += kept_count;
  return kept_count == 0;
}
