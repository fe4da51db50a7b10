/* Follows what a kernel stores to global memory, until something makes it visible, and reports
 * loads that meet it. */
#include "walk/gm_stores.h"

#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "kernel/describe.h"
#include "walk/walk_state.h"

enum {
  MAX_CONDITIONS = 8,
  MAX_PASSED = 4,    /* stores between those that are made one window */
  MAX_REPEATED = 32, /* as many of the newest stores are compared with a new one */
};

/* Which core moves the data. What another core does is ordered by other means, or not at all; that
 * is not asked here. */
typedef enum core { CORE_ANY, CORE_CUBE, CORE_VECTOR } core;

struct ptl_gm_store {
  const ptl_gm_store *next;
  int length; /* of the list from here on */
  const ptl_op *op;
  ptl_gm_window window;
  bool is_scalar;
  core core;
  ptl_expr conditions[MAX_CONDITIONS]; /* of the branches around it */
  int condition_count;
};

/* ---- lists -------------------------------------------------------------- */

static bool is_same_window(const ptl_gm_window *a, const ptl_gm_window *b) {
  bool result = a->root == b->root && a->base == b->base && a->rank == b->rank;
  for (int i = 0; result && i < a->rank; i++) {
    result = a->offsets[i] == b->offsets[i] && a->extents[i] == b->extents[i] &&
             a->strides[i] == b->strides[i];
  }
  return result;
}

static bool has(const ptl_gm_store *from, const ptl_gm_store *to, const ptl_gm_store *store) {
  for (int i = 0; from != to && i < MAX_REPEATED; from = from->next, i++) {
    if (from->op == store->op && is_same_window(&from->window, &store->window)) {
      return true;
    }
  }
  return false;
}

static const ptl_gm_store *put_before(ptl_arena *arena, const ptl_gm_store *next,
                                      const ptl_gm_store *store) {
  ptl_gm_store *copy = ptl_arena_alloc(arena, sizeof(*copy));
  *copy = *store;
  copy->next = next;
  copy->length = next ? next->length + 1 : 1;
  return copy;
}

static int length_of(const ptl_gm_store *list) { return list ? list->length : 0; }

static const ptl_gm_store *common_end(const ptl_gm_store *a, const ptl_gm_store *b) {
  while (a != b) {
    const ptl_gm_store *longer = length_of(a) >= length_of(b) ? a : b;
    a = longer == a ? a->next : a;
    b = longer == b ? b->next : b;
  }
  return a;
}

ptl_gm ptl_gm_meet(ptl_arena *arena, ptl_gm a, ptl_gm b) {
  const ptl_gm_store *end = common_end(a.newest, b.newest);
  const ptl_gm_store *own = a.newest;
  for (const ptl_gm_store *store = b.newest; store != end; store = store->next) {
    if (!has(own, end, store)) {
      a.newest = put_before(arena, a.newest, store);
    }
  }
  return a;
}

/* ---- one window that goes on where another one ends ---------------------- */

/* The dimension in which `next` follows `window`, with all else alike; -1: it does not. */
static int follows_in(ptl_exprs *exprs, const ptl_gm_window *window, const ptl_gm_window *next) {
  int found = -1;
  bool is_alike =
      window->root == next->root && window->base == next->base && window->rank == next->rank;
  for (int i = 0; is_alike && i < window->rank; i++) {
    bool is_same = window->offsets[i] == next->offsets[i] && window->extents[i] == next->extents[i];
    is_alike = window->strides[i] == next->strides[i] && (is_same || found < 0);
    found = is_same ? found : i;
  }
  bool follows =
      is_alike && found >= 0 && next->offsets[found] >= 0 &&
      ptl_expr_add(exprs, window->offsets[found], window->extents[found]) == next->offsets[found];
  return follows ? found : -1;
}

static bool have_same_conditions(const ptl_gm_store *a, const ptl_gm_store *b) {
  return a->condition_count == b->condition_count &&
         memcmp(a->conditions, b->conditions,
                (size_t)a->condition_count * sizeof(a->conditions[0])) == 0;
}

/* The list with its first store made part of the one after it, again and again; so a loop that
 * stores a matrix leaves one window. */
static const ptl_gm_store *joined(ptl_arena *arena, ptl_exprs *exprs, const ptl_gm_store *list) {
  while (list->next && list->next->op == list->op && have_same_conditions(list, list->next)) {
    int dimension = follows_in(exprs, &list->next->window, &list->window);
    if (dimension < 0) {
      break;
    }
    ptl_gm_store both = *list->next;
    both.window.extents[dimension] =
        ptl_expr_add(exprs, both.window.extents[dimension], list->window.extents[dimension]);
    list = put_before(arena, list->next->next, &both);
  }
  return list;
}

/* The list with a store of the same op to the front, if the new window goes on where that ends; a
 * loop may store in several places. */
static const ptl_gm_store *brought_forward(ptl_arena *arena, ptl_exprs *exprs,
                                           const ptl_gm_store *list, const ptl_gm_store *next) {
  const ptl_gm_store *passed[MAX_PASSED];
  const ptl_gm_store *store = list;
  int count = 0;
  while (store && count < MAX_PASSED &&
         (store->op != next->op || follows_in(exprs, &store->window, &next->window) < 0)) {
    passed[count++] = store;
    store = store->next;
  }
  if (!store || count == 0 || count == MAX_PASSED) {
    return list;
  }
  const ptl_gm_store *result = store->next;
  while (count > 0) {
    result = put_before(arena, result, passed[--count]);
  }
  return put_before(arena, result, store);
}

/* ---- where two windows meet --------------------------------------------- */

/* Where windows are compared: the facts of the path, and the turn of a loop that is looked at. */
typedef struct comparison {
  ptl_walk *walk;
  ptl_facts facts;
} comparison;

static bool is_at_least(comparison *c, ptl_expr a, ptl_expr b) {
  return ptl_is_nonnegative(&c->facts, ptl_expr_sub(c->walk->exprs, a, b));
}

/* Whether [a, a + a_size) and [b, b + b_size) have an element in common. */
static bool spans_meet(comparison *c, ptl_expr a, ptl_expr a_size, ptl_expr b, ptl_expr b_size) {
  ptl_exprs *exprs = c->walk->exprs;
  int64_t distance, a_length, b_length;
  bool is_known = ptl_expr_difference(exprs, a, b, &distance);
  if (is_known && distance == 0) {
    return true;
  }
  if (is_known && ptl_expr_is_const(exprs, a_size, &a_length) &&
      ptl_expr_is_const(exprs, b_size, &b_length)) {
    return distance < b_length && distance > -a_length;
  }
  ptl_expr a_last = ptl_expr_add_const(exprs, ptl_expr_add(exprs, a, a_size), -1);
  ptl_expr b_last = ptl_expr_add_const(exprs, ptl_expr_add(exprs, b, b_size), -1);
  return is_at_least(c, a_last, b) && is_at_least(c, b_last, a);
}

static bool have_same_strides(const ptl_gm_window *a, const ptl_gm_window *b) {
  bool result = a->base == b->base && a->rank == b->rank;
  for (int i = 0; result && i < a->rank; i++) {
    result = a->strides[i] >= 0 && a->strides[i] == b->strides[i];
  }
  return result;
}

/* The first element's number, counted from the pointer. */
static ptl_expr start_of(ptl_exprs *exprs, const ptl_gm_window *window) {
  ptl_expr start = window->base;
  for (int i = 0; i < window->rank; i++) {
    ptl_expr offset = ptl_expr_mul(exprs, window->offsets[i], window->strides[i]);
    start = ptl_expr_add(exprs, start, offset);
  }
  return start;
}

/* How many elements a window has; false if there are others between them. */
static bool dense_size(ptl_exprs *exprs, const ptl_gm_window *window, ptl_expr *out) {
  ptl_expr one = ptl_expr_const(exprs, 1);
  *out = one;
  for (int i = window->rank - 1; i >= 0; i--) {
    if (window->extents[i] != one && window->strides[i] != *out) {
      return false;
    }
    *out = ptl_expr_mul(exprs, *out, window->extents[i]);
  }
  return *out >= 0;
}

/* Whether the two surely have an element in common. */
static bool windows_meet(comparison *c, const ptl_gm_window *a, const ptl_gm_window *b) {
  ptl_exprs *exprs = c->walk->exprs;
  if (a->root != b->root) {
    return false;
  }
  if (have_same_strides(a, b)) {
    bool result = true;
    for (int i = 0; result && i < a->rank; i++) {
      result = spans_meet(c, a->offsets[i], a->extents[i], b->offsets[i], b->extents[i]);
    }
    return result;
  }
  ptl_expr a_start = start_of(exprs, a), b_start = start_of(exprs, b), a_size, b_size;
  if (a_start >= 0 && a_start == b_start) {
    return true;
  }
  return dense_size(exprs, a, &a_size) && dense_size(exprs, b, &b_size) &&
         spans_meet(c, a_start, a_size, b_start, b_size);
}

/* ---- iterations --------------------------------------------------------- */

/* `expr` in the second iteration of each loop of which it is in a later one. */
static ptl_expr in_second_iteration(ptl_walk *walk, ptl_expr expr) {
  ptl_expr result = expr;
  for (int i = 0; expr >= 0 && i < walk->exprs->nodes[expr].term_count; i++) {
    int atom = walk->exprs->nodes[expr].terms[i].atom;
    const ptl_atom *at = &walk->exprs->atoms[atom];
    if (at->op == PTL_EXPR_LEAF && ptl_leaves_at(&walk->leaves, at->leaf).kind == PTL_LEAF_TURN) {
      result = ptl_expr_without(walk->exprs, result, atom);
    }
  }
  return result;
}

static ptl_gm_window window_in_second_iteration(ptl_walk *walk, const ptl_gm_window *window) {
  ptl_gm_window result = *window;
  for (int i = 0; i < window->rank; i++) {
    result.offsets[i] = in_second_iteration(walk, window->offsets[i]);
    result.extents[i] = in_second_iteration(walk, window->extents[i]);
  }
  result.base = in_second_iteration(walk, window->base);
  return result;
}

/* Whether a path leads here on which all loops around are in their first or second iteration. */
static bool second_iteration_is_met(comparison *c) {
  ptl_facts facts = c->facts;
  ptl_witness ignored;
  facts.items = NULL;
  facts.count = facts.capacity = 0;
  for (int i = 0; i < c->facts.count; i++) {
    ptl_facts_add(&facts, in_second_iteration(c->walk, c->facts.items[i].expr));
  }
  return ptl_find_negative(&facts, ptl_expr_const(c->walk->exprs, -1), &ignored);
}

static bool meets(comparison *c, const ptl_gm_store *store, const ptl_gm_window *window) {
  if (windows_meet(c, &store->window, window)) {
    return true;
  }
  ptl_gm_window later = window_in_second_iteration(c->walk, window);
  return !is_same_window(window, &later) && windows_meet(c, &store->window, &later) &&
         second_iteration_is_met(c);
}

/* ---- ops ---------------------------------------------------------------- */

static bool says(const ptl_op *op, const char *attribute, const char *word) {
  MlirAttribute value =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(attribute));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAOpaque(value)) {
    return false;
  }
  MlirStringRef text = mlirOpaqueAttrGetData(value);
  size_t length = strlen(word);
  for (size_t i = 0; i + length <= text.length; i++) {
    if (memcmp(text.data + i, word, length) == 0) {
      return true;
    }
  }
  return false;
}

static bool makes_visible(const ptl_op *op) {
  return ptl_row(op)->shows_gm || (op->id == PTL_PTO_BARRIER && says(op, "pipe", "PIPE_ALL")) ||
         (op->id == PTL_PTO_FENCE_BARRIER_ALL && !says(op, "scope", "local"));
}

/* The one element that a scalar op touches; false if the pointer is not known. */
static bool element_at(ptl_walk *walk, int pointer, int offset, ptl_gm_window *out) {
  const ptl_gm_window *window = ptl_gm_window_at(walk, pointer);
  if (!window || window->rank != 0) {
    return false;
  }
  *out = *window;
  out->base = ptl_expr_add(walk->exprs, window->base, ptl_integer_at(walk, offset));
  return out->base >= 0;
}

static bool window_of(ptl_walk *walk, int part, ptl_gm_window *out) {
  const ptl_gm_window *window = ptl_gm_window_at(walk, part);
  if (window) {
    *out = *window;
  }
  return window != NULL;
}

static core core_of(const ptl_walk *walk, int tile) {
  const ptl_value *value = ptl_value_at(walk, tile);
  return !value->is_tile ? CORE_ANY : value->tile.space == PTL_SPACE_VEC ? CORE_VECTOR : CORE_CUBE;
}

/* Whether the store is one of this core, on a path that leads here. */
static bool is_compatible(ptl_walk *walk, const ptl_gm_store *store, core core) {
  bool result = store->core == CORE_ANY || core == CORE_ANY || store->core == core;
  for (int i = 0; result && i < store->condition_count; i++) {
    result = ptl_path_truth(&walk->path, walk->exprs, store->conditions[i]) != PTL_FALSE;
  }
  return result;
}

static void note_store(ptl_walk *walk, const ptl_op *op, const ptl_gm_window *window,
                       bool is_scalar) {
  ptl_gm_store store = {
      .op = op, .window = *window, .is_scalar = is_scalar, .core = core_of(walk, op->operands[0])};
  for (int i = 0; i < walk->path.count && store.condition_count < MAX_CONDITIONS; i++) {
    store.conditions[store.condition_count++] = walk->path.items[i].condition;
  }
  if (!has(walk->state.gm.newest, NULL, &store)) {
    const ptl_gm_store *list =
        brought_forward(walk->arena, walk->exprs, walk->state.gm.newest, &store);
    list = put_before(walk->arena, list, &store);
    walk->state.gm.newest = joined(walk->arena, walk->exprs, list);
  }
}

static void check_load(ptl_walk *walk, const ptl_op *op, const ptl_gm_window *window,
                       bool is_scalar) {
  comparison c = {walk, {0}};
  core core = is_scalar ? CORE_ANY : core_of(walk, op->operands[1]);
  bool has_facts = false;
  for (const ptl_gm_store *store = walk->state.gm.newest; store; store = store->next) {
    walk->scanned++;
    if (store->window.root != window->root || (is_scalar && store->is_scalar)) {
      continue; /* scalars go through one cache */
    }
    if (!has_facts) {
      c.facts = ptl_facts_here(walk);
      has_facts = true;
    }
    if (is_compatible(walk, store, core) && meets(&c, store, window)) {
      ptl_walk_fault(walk, PTL_CODE_STALE_LOAD, op, store->op,
                     "what is loaded here was stored to %s by this kernel, and event flags do not "
                     "make it visible; keep it in a tile, or put a pto.fence.barrier_all "
                     "#pto.fence_scope<gm> between",
                     ptl_value_name(walk->kernel, window->root));
      return;
    }
  }
}

void ptl_gm_walk_op(ptl_walk *walk, const ptl_op *op) {
  ptl_gm_window window;
  if (walk->mode == PTL_WALK_ONCE) {
    return;
  }
  if (op->kind == PTL_OP_STORE && window_of(walk, op->operands[1], &window)) {
    note_store(walk, op, &window, false);
  } else if (op->kind == PTL_OP_LOAD && walk->hearing != PTL_HEARS_NOTHING &&
             window_of(walk, op->operands[0], &window)) {
    check_load(walk, op, &window, false);
  } else if (op->id == PTL_PTO_STORE_SCALAR && op->operand_count == 3 &&
             element_at(walk, op->operands[1], op->operands[2], &window)) {
    note_store(walk, op, &window, true);
  } else if (op->id == PTL_PTO_LOAD_SCALAR && op->operand_count == 2 &&
             walk->hearing != PTL_HEARS_NOTHING &&
             element_at(walk, op->operands[0], op->operands[1], &window)) {
    check_load(walk, op, &window, true);
  } else if (makes_visible(op)) {
    walk->state.gm.newest = NULL;
  }
}
