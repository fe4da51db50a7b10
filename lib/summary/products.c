/* Collects the products and sinks of a kernel from the walk, and groups products that share their
 * left operand and may be joined. */
#include "summary/products.h"

#include <string.h>

typedef struct effect {
  int number;
  int root;
  const ptl_op *op;
} effect;

struct ptl_finder {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_exprs *exprs;
  ptl_products found;
  int capacity;
  effect *effects;
  int effect_count, effect_capacity;
};

typedef struct ptl_finder finder;

static void give(ptl_reason *reason, ptl_code code, const ptl_op *op, const ptl_op *other,
                 const char *text) {
  if (!reason->text) {
    *reason = (ptl_reason){code, text, op, other};
  }
}

/* The function is not followed. */
static void refuse(finder *f, const ptl_op *op, const ptl_op *other, ptl_code fault,
                   const char *why) {
  give(&f->found.why, fault, op, other, why);
}

/* It is followed, and left as it is. */
static void keep(finder *f, ptl_code code, const ptl_op *op, const ptl_op *other, const char *why) {
  give(&f->found.stays, code, op, other, why);
}

static void add_effect(finder *f, const ptl_event *event) {
  f->effects =
      ptl_arena_more(f->arena, f->effects, f->effect_count, &f->effect_capacity, sizeof(effect));
  f->effects[f->effect_count++] = (effect){event->number, event->root, event->op};
}

static void add_loop(finder *f, const ptl_walk *walk, const ptl_op *op) {
  ptl_products *found = &f->found;
  int64_t turns;
  if (ptl_walk_turns(walk, op, &turns)) {
    found->loops = ptl_arena_more(f->arena, found->loops, found->loop_count, &found->loop_capacity,
                                  sizeof(*found->loops));
    found->loops[found->loop_count++] = (ptl_known_loop){op, turns};
  }
}

static ptl_product *product_of(finder *f, ptl_walk *walk, const ptl_event *event) {
  const ptl_sum *sum = event->content->sum;
  for (int i = 0; i < f->found.count; i++) {
    if (f->found.items[i].sum == sum) {
      return &f->found.items[i];
    }
  }
  f->found.items =
      ptl_arena_more(f->arena, f->found.items, f->found.count, &f->capacity, sizeof(ptl_product));
  ptl_product *product = &f->found.items[f->found.count++];
  memset(product, 0, sizeof(*product));
  product->sum = sum;
  product->position = event->number;
  product->m_tile = event->tile->type.rows;
  product->most_rows = ptl_walk_most(walk, sum->m, product->m_tile);
  product->rows = event->tile->valid_rows;
  (void)ptl_expr_is_const(f->exprs, event->tile->valid_cols, &product->columns);
  return product;
}

static bool in_one_block(const ptl_op *a, const ptl_op *b) {
  return mlirBlockEqual(mlirOperationGetBlock(a->op), mlirOperationGetBlock(b->op));
}

/* Whether a plan's accumulators can be left as these are: whole, once, by a store or a push. */
static void check_way_out(finder *f, const ptl_product *product, const ptl_event *event) {
  const ptl_code code = PTL_CODE_LEAVES_IN_PARTS;
  int64_t columns = 0;
  (void)ptl_expr_is_const(f->exprs, event->tile->valid_cols, &columns);
  if (event->op->kind == PTL_OP_MOVE) {
    keep(f, code, event->op, NULL, "a product is moved on inside the core");
  } else if (product->sink_count > 0 && !in_one_block(product->sinks[0], event->op)) {
    keep(f, code, event->op, product->sinks[0], "a product leaves in two different blocks");
  } else if (product->rows != event->tile->valid_rows || product->columns != columns) {
    keep(f, code, event->op, product->sinks[0],
         "the sinks of a product take different numbers of rows or columns");
  } else if (!event->is_whole) {
    keep(f, code, event->op, product->sum->first,
         "another number of rows or columns leaves than the product has");
  }
}

/* Whether the product's K chunks are such that a plan can go through them. */
static void check_order(finder *f, ptl_product *product, const ptl_event *event) {
  const ptl_sum *sum = event->content->sum;
  if (sum->other) {
    keep(f, PTL_CODE_OTHER_PRODUCT, sum->other, NULL,
         ptl_arena_printf(f->arena, "%s is in it, of which no plan is made",
                          ptl_row(sum->other)->name));
  }
  if (sum->is_open) {
    product->k = sum->segments[0];
    keep(f, PTL_CODE_EXTENT_NOT_KNOWN, event->op, event->content->writer,
         "K is not a constant, or a loop adds to the product, and it is not known how often");
    return;
  }
  if (ptl_sum_join(f->exprs, sum, &product->k) ||
      ptl_sum_blocks(f->exprs, sum, &product->k, &product->blocks)) {
    return;
  }
  if (ptl_sum_covers(f->exprs, sum, &product->k)) {
    keep(f, PTL_CODE_K_ORDER, event->op, event->content->writer,
         "the K chunks of this sum of floats are not in ascending order");
  } else if (ptl_sum_wholeness(f->exprs, sum) == PTL_SUM_WHOLE) {
    keep(f, PTL_CODE_K_ORDER, event->op, event->content->writer,
         "the K chunks of this sum are blocks that do not begin with the left operand, or are not "
         "of one length");
  } else {
    refuse(f, event->op, event->content->writer, PTL_CODE_NOT_FOLLOWED,
           "the K chunks of this sum overlap or leave a gap");
  }
}

static void add_sink(finder *f, ptl_walk *walk, const ptl_event *event) {
  if (!event->content) {
    return; /* a fault said why */
  }
  if (event->content->holds != PTL_HOLDS_SUM) {
    refuse(f, event->op, event->content->writer, PTL_CODE_NOT_FOLLOWED,
           "what leaves is no product");
    return;
  }
  ptl_product *product = product_of(f, walk, event);
  check_way_out(f, product, event);
  check_order(f, product, event);
  if (!ptl_expr_is_const(f->exprs, event->content->sum->n, &product->n)) {
    keep(f, PTL_CODE_EXTENT_NOT_KNOWN, event->op, NULL,
         "the number of valid columns is not a constant");
  }
  product->sinks = ptl_arena_more(f->arena, product->sinks, product->sink_count,
                                  &product->sink_capacity, sizeof(*product->sinks));
  product->sinks[product->sink_count++] = event->op;
}

/* Whether the chip cannot do what the op asks for, although it is plain what that is: a move from
 * accumulator to accumulator, a tile past the end of its buffer. */
static bool cannot_be_done(const ptl_event *event) {
  return event->fault == PTL_CODE_OUTSIDE_OF_BUFFER ||
         (event->fault == PTL_CODE_NO_PATH && event->op->kind == PTL_OP_MOVE);
}

/* Faults that leave open no question of what the products are. */
static bool is_of_no_concern(ptl_code fault) {
  return fault == PTL_CODE_MISALIGNED || fault == PTL_CODE_TILE_CLOBBERED ||
         fault == PTL_CODE_VECTOR_READ_BEFORE_WRITE || fault == PTL_CODE_OUTPUT_ON_INPUT ||
         ptl_fault_is_of_others(fault);
}

void ptl_finder_listen(ptl_finder *f, ptl_walk *walk, const ptl_event *event) {
  switch (event->kind) {
  case PTL_EVENT_SINK:
    add_sink(f, walk, event);
    break;
  case PTL_EVENT_FOR:
    add_loop(f, walk, event->op);
    break;
  case PTL_EVENT_EFFECT:
    add_effect(f, event);
    break;
  case PTL_EVENT_LOAD:
    if (event->tile->parent) {
      keep(f, PTL_CODE_GATHERED_OPERAND, event->op, NULL,
           "a Mat tile is filled in parts, from several places");
    }
    break;
  case PTL_EVENT_OP:
    if (ptl_op_pops_to_cube(event->op)) {
      keep(f, PTL_CODE_POPPED_OPERAND, event->op, NULL,
           "tiles come through a pipe, and have to be taken from it where they are");
    }
    break;
  case PTL_EVENT_FAULT:
    f->found.cannot_work = f->found.cannot_work || cannot_be_done(event);
    if (!is_of_no_concern(event->fault) && !cannot_be_done(event)) {
      refuse(f, event->op, event->other, event->fault, event->text);
    }
    break;
  default:
    break;
  }
}

static bool is_argument(const finder *f, int value) {
  const ptl_block *body = f->kernel->body;
  return value >= body->first_argument && value < body->first_argument + body->argument_count;
}

/* Distinct pointer arguments do not alias. */
static bool may_write(const finder *f, const effect *effect, int root) {
  return effect->op->id != PTL_PTO_LOAD_SCALAR &&
         (!is_argument(f, effect->root) || !is_argument(f, root) || effect->root == root);
}

/* The outermost loop around an op; null if there is none. */
static MlirOperation loop_around(const ptl_op *inner) {
  MlirOperation loop = {NULL};
  MlirOperation op = mlirBlockGetParentOperation(mlirOperationGetBlock(inner->op));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetParentOperation(op)) {
    loop = ptl_op_is(op, PTL_SCF_FOR) ? op : loop;
  }
  return loop;
}

/* Whether what was loaded in `span` from `root` can be loaded at the event number `place`
 * instead: nothing in between may write it. In a loop "between" is everywhere in it. */
static bool can_load_at(const finder *f, ptl_load_span span, int root, int place,
                        MlirOperation loop) {
  int begin = span.first < place ? span.first : place;
  int end = span.last > place ? span.last : place;
  for (int i = 0; i < f->effect_count; i++) {
    const effect *effect = &f->effects[i];
    bool is_between =
        (effect->number > begin && effect->number < end) ||
        (!mlirOperationIsNull(loop) && mlirOperationEqual(loop_around(effect->op), loop));
    if (is_between && may_write(f, effect, root)) {
      return false;
    }
  }
  return true;
}

static bool can_compute_at(const finder *f, const ptl_product *product, int place) {
  MlirOperation loop = loop_around(product->sinks[0]);
  const ptl_sum *sum = product->sum;
  return can_load_at(f, sum->lhs_loads, sum->lhs.root, place, loop) &&
         can_load_at(f, sum->rhs_loads, sum->rhs.root, place, loop);
}

bool ptl_product_shares_lhs(const ptl_product *a, const ptl_product *b) {
  const ptl_region *x = &a->sum->lhs, *y = &b->sum->lhs;
  return a->sum->lhs_transposed == b->sum->lhs_transposed && x->root == y->root &&
         x->elem == y->elem && x->row_stride == y->row_stride && x->col_stride == y->col_stride &&
         x->row == y->row && a->sum->m == b->sum->m && a->k.lhs_k == b->k.lhs_k &&
         a->k.length == b->k.length && a->m_tile == b->m_tile &&
         memcmp(&a->blocks, &b->blocks, sizeof(a->blocks)) == 0;
}

static bool can_join(const finder *f, const ptl_product *head, const ptl_product *product) {
  return in_one_block(head->sinks[0], product->sinks[0]) && ptl_product_shares_lhs(head, product) &&
         head->sum->rhs.elem == product->sum->rhs.elem &&
         can_compute_at(f, product, head->position);
}

static void make_groups(finder *f) {
  int head = 0;
  for (int i = 0; i < f->found.count; i++) {
    ptl_product *product = &f->found.items[i];
    if (i > 0 && can_join(f, &f->found.items[head], product)) {
      product->group = f->found.items[head].group;
      continue;
    }
    product->group = i == 0 ? 0 : f->found.items[i - 1].group + 1;
    head = i;
    if (!can_compute_at(f, product, product->position)) {
      keep(f, PTL_CODE_OPERANDS_MAY_CHANGE, product->sinks[0], product->sum->first,
           "an op between the product and this may write what the product reads");
    }
  }
}

ptl_finder *ptl_finder_new(ptl_arena *arena, const ptl_kernel *kernel, ptl_exprs *exprs) {
  finder *f = ptl_arena_alloc(arena, sizeof(*f));
  *f = (finder){.arena = arena, .kernel = kernel, .exprs = exprs};
  return f;
}

ptl_products ptl_finder_end(ptl_finder *f, ptl_status walked) {
  if (walked == PTL_OK && !f->found.why.text) {
    make_groups(f);
  }
  return f->found;
}
