/* Makes and interns expressions: sums over atoms in a fixed order, folded as they are made, so
 * that equal integers have one handle. */
#include "expr/expr.h"

#include <string.h>

#include "support/rounding.h"

enum { FIRST_MAP_SIZE = 1024 };

void ptl_exprs_init(ptl_exprs *exprs, ptl_arena *arena) {
  memset(exprs, 0, sizeof(*exprs));
  exprs->arena = arena;
}

/* ---- sums --------------------------------------------------------------- */

static uint32_t hash_of(int64_t constant, const ptl_term *terms, int count) {
  uint64_t hash = ptl_hash(1, (uint64_t)constant);
  for (int i = 0; i < count; i++) {
    hash = ptl_hash(hash, (uint64_t)terms[i].atom);
    hash = ptl_hash(hash, (uint64_t)terms[i].coefficient);
  }
  return (uint32_t)hash;
}

static bool node_equals(const ptl_expr_node *node, int64_t constant, const ptl_term *terms,
                        int count) {
  if (node->constant != constant || node->term_count != count) {
    return false;
  }
  for (int i = 0; i < count; i++) {
    if (node->terms[i].atom != terms[i].atom ||
        node->terms[i].coefficient != terms[i].coefficient) {
      return false;
    }
  }
  return true;
}

static ptl_expr add_node(ptl_exprs *exprs, int64_t constant, const ptl_term *terms, int count) {
  exprs->nodes = ptl_arena_more(exprs->arena, exprs->nodes, exprs->node_count,
                                &exprs->node_capacity, sizeof(ptl_expr_node));
  ptl_expr_node *node = &exprs->nodes[exprs->node_count];
  node->constant = constant;
  node->term_count = count;
  node->terms = ptl_arena_array(exprs->arena, (size_t)count, sizeof(ptl_term));
  if (count > 0) {
    memcpy(node->terms, terms, (size_t)count * sizeof(ptl_term));
  }
  return exprs->node_count++;
}

static ptl_expr intern(ptl_exprs *exprs, int64_t constant, const ptl_term *terms, int count) {
  ptl_map_reserve(&exprs->node_map, exprs->arena, FIRST_MAP_SIZE);
  uint32_t hash = hash_of(constant, terms, count);
  uint32_t at = hash;
  int found;
  do {
    found = ptl_map_next(&exprs->node_map, hash, &at);
  } while (found >= 0 && !node_equals(&exprs->nodes[found], constant, terms, count));
  exprs->probes += (uint32_t)(at - hash);
  if (found < 0) {
    found = add_node(exprs, constant, terms, count);
    ptl_map_add(&exprs->node_map, hash, found);
  }
  return found;
}

ptl_expr ptl_expr_const(ptl_exprs *exprs, int64_t value) { return intern(exprs, value, NULL, 0); }

static ptl_expr of_atom(ptl_exprs *exprs, int atom) {
  ptl_term term = {atom, 1};
  return intern(exprs, 0, &term, 1);
}

/* ---- atoms -------------------------------------------------------------- */

static uint32_t hash_of_atom(const ptl_atom *atom) {
  uint64_t hash = ptl_hash((uint64_t)atom->op, (uint64_t)atom->leaf);
  return (uint32_t)ptl_hash(ptl_hash(hash, (uint64_t)atom->a), (uint64_t)atom->b);
}

static bool atom_equals(const ptl_atom *x, const ptl_atom *y) {
  return x->op == y->op && x->leaf == y->leaf && x->a == y->a && x->b == y->b;
}

static int append_atom(ptl_exprs *exprs, const ptl_atom *atom) {
  exprs->atoms = ptl_arena_more(exprs->arena, exprs->atoms, exprs->atom_count,
                                &exprs->atom_capacity, sizeof(ptl_atom));
  exprs->atoms[exprs->atom_count] = *atom;
  return exprs->atom_count++;
}

static int add_atom(ptl_exprs *exprs, ptl_atom atom) {
  ptl_map_reserve(&exprs->atom_map, exprs->arena, FIRST_MAP_SIZE);
  uint32_t hash = hash_of_atom(&atom);
  uint32_t at = hash;
  int found;
  do {
    found = ptl_map_next(&exprs->atom_map, hash, &at);
  } while (found >= 0 && !atom_equals(&exprs->atoms[found], &atom));
  exprs->probes += (uint32_t)(at - hash);
  if (found < 0) {
    found = append_atom(exprs, &atom);
    ptl_map_add(&exprs->atom_map, hash, found);
  }
  return found;
}

ptl_expr ptl_expr_leaf(ptl_exprs *exprs, int leaf, bool nonnegative) {
  ptl_atom atom = {PTL_EXPR_LEAF, leaf, PTL_EXPR_NONE, PTL_EXPR_NONE, nonnegative, false};
  return of_atom(exprs, add_atom(exprs, atom));
}

static bool nonnegative(const ptl_exprs *exprs, ptl_expr a) {
  const ptl_expr_node *node = &exprs->nodes[a];
  if (node->constant < 0) {
    return false;
  }
  for (int i = 0; i < node->term_count; i++) {
    if (node->terms[i].coefficient < 0 || !exprs->atoms[node->terms[i].atom].nonnegative) {
      return false;
    }
  }
  return true;
}

/* Expressions that are still to be looked at. */
typedef struct expr_stack {
  ptl_arena *arena;
  ptl_expr *items;
  int count, capacity;
} expr_stack;

static void push(expr_stack *stack, ptl_expr a) {
  stack->items =
      ptl_arena_more(stack->arena, stack->items, stack->count, &stack->capacity, sizeof(ptl_expr));
  stack->items[stack->count++] = a;
}

/* Marks what the sign of an atom relied on; what is marked already is not gone through again. */
static void mark_atom(ptl_exprs *exprs, ptl_atom *atom, expr_stack *stack) {
  if (atom->assumed) {
    return;
  }
  atom->assumed = true;
  if (atom->op == PTL_EXPR_MAX) { /* one that is not negative is enough */
    push(stack, nonnegative(exprs, atom->a) ? atom->a : atom->b);
  } else if (atom->op != PTL_EXPR_LEAF) {
    push(stack, atom->a);
    push(stack, atom->b);
  }
}

static void mark_assumed(ptl_exprs *exprs, ptl_expr a) {
  expr_stack stack = {.arena = exprs->arena};
  push(&stack, a);
  while (stack.count > 0) {
    const ptl_expr_node *node = &exprs->nodes[stack.items[--stack.count]];
    for (int i = 0; i < node->term_count; i++) {
      mark_atom(exprs, &exprs->atoms[node->terms[i].atom], &stack);
    }
  }
}

static ptl_expr operation(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, ptl_expr b) {
  bool both = nonnegative(exprs, a) && nonnegative(exprs, b);
  bool either = nonnegative(exprs, a) || nonnegative(exprs, b);
  ptl_atom atom = {op, -1, a, b, op == PTL_EXPR_MAX ? either : both, false};
  return of_atom(exprs, add_atom(exprs, atom));
}

/* a * factor_a + b * factor_b; PTL_EXPR_NONE on overflow. */
static ptl_expr combine(ptl_exprs *exprs, ptl_expr a, int64_t factor_a, ptl_expr b,
                        int64_t factor_b) {
  if (a < 0 || b < 0) {
    return PTL_EXPR_NONE;
  }
  const ptl_expr_node *x = &exprs->nodes[a];
  const ptl_expr_node *y = &exprs->nodes[b];
  int64_t left, right, constant;
  if (__builtin_mul_overflow(x->constant, factor_a, &left) ||
      __builtin_mul_overflow(y->constant, factor_b, &right) ||
      __builtin_add_overflow(left, right, &constant)) {
    return PTL_EXPR_NONE;
  }
  ptl_term local[16];
  int capacity = x->term_count + y->term_count;
  ptl_term *terms =
      capacity <= 16 ? local : ptl_arena_array(exprs->arena, (size_t)capacity, sizeof(ptl_term));
  int count = 0, i = 0, j = 0;
  while (i < x->term_count || j < y->term_count) {
    bool take_x = j == y->term_count || (i < x->term_count && x->terms[i].atom <= y->terms[j].atom);
    bool take_y = i == x->term_count || (j < y->term_count && y->terms[j].atom <= x->terms[i].atom);
    int atom = take_x ? x->terms[i].atom : y->terms[j].atom;
    left = right = 0;
    if ((take_x && __builtin_mul_overflow(x->terms[i].coefficient, factor_a, &left)) ||
        (take_y && __builtin_mul_overflow(y->terms[j].coefficient, factor_b, &right)) ||
        __builtin_add_overflow(left, right, &left)) {
      return PTL_EXPR_NONE;
    }
    i += take_x;
    j += take_y;
    if (left != 0) {
      terms[count++] = (ptl_term){atom, left};
    }
  }
  return intern(exprs, constant, terms, count);
}

ptl_expr ptl_expr_add(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return combine(exprs, a, 1, b, 1);
}

static ptl_expr div_or_rem(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, ptl_expr b);

/* Whether b is (a / c) * c; c then. */
static bool is_rounded_down(const ptl_exprs *exprs, ptl_expr a, ptl_expr b, ptl_expr *c) {
  if (b < 0 || exprs->nodes[b].term_count != 1 || exprs->nodes[b].constant != 0) {
    return false;
  }
  const ptl_term *term = &exprs->nodes[b].terms[0];
  const ptl_atom *atom = &exprs->atoms[term->atom];
  int64_t divisor;
  *c = atom->b;
  return atom->op == PTL_EXPR_DIV && atom->a == a && ptl_expr_is_const(exprs, atom->b, &divisor) &&
         divisor == term->coefficient;
}

ptl_expr ptl_expr_sub(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  ptl_expr c;
  return is_rounded_down(exprs, a, b, &c) ? div_or_rem(exprs, PTL_EXPR_REM, a, c)
                                          : combine(exprs, a, 1, b, -1);
}

ptl_expr ptl_expr_add_const(ptl_exprs *exprs, ptl_expr a, int64_t value) {
  return ptl_expr_add(exprs, a, ptl_expr_const(exprs, value));
}

bool ptl_expr_is_const(const ptl_exprs *exprs, ptl_expr a, int64_t *value) {
  if (a < 0 || exprs->nodes[a].term_count > 0) {
    return false;
  }
  *value = exprs->nodes[a].constant;
  return true;
}

/* Through so many operations inside of each other; beyond them nothing is known. */
enum { MOST_DEPTH = 8 };

static int64_t most_of(const ptl_exprs *exprs, ptl_expr a, int depth) {
  int64_t value;
  if (ptl_expr_is_const(exprs, a, &value)) {
    return value;
  }
  const ptl_expr_node *node = a < 0 || depth == 0 ? NULL : &exprs->nodes[a];
  if (!node || node->term_count != 1 || node->terms[0].coefficient != 1 || node->constant != 0) {
    return INT64_MAX;
  }
  const ptl_atom *atom = &exprs->atoms[node->terms[0].atom];
  if (atom->op != PTL_EXPR_MIN && atom->op != PTL_EXPR_MAX) {
    return INT64_MAX;
  }
  int64_t x = most_of(exprs, atom->a, depth - 1), y = most_of(exprs, atom->b, depth - 1);
  return atom->op == PTL_EXPR_MIN ? ptl_min(x, y) : ptl_max(x, y);
}

int64_t ptl_expr_most(const ptl_exprs *exprs, ptl_expr a) {
  return most_of(exprs, a, MOST_DEPTH);
}

bool ptl_expr_is_linear(const ptl_exprs *exprs, ptl_expr a, int first, int count) {
  bool result = a >= 0;
  for (int i = 0; result && i < exprs->nodes[a].term_count; i++) {
    const ptl_atom *atom = &exprs->atoms[exprs->nodes[a].terms[i].atom];
    result = atom->op == PTL_EXPR_LEAF && atom->leaf >= first && atom->leaf < first + count;
  }
  return result;
}

bool ptl_expr_difference(ptl_exprs *exprs, ptl_expr a, ptl_expr b, int64_t *value) {
  return ptl_expr_is_const(exprs, ptl_expr_sub(exprs, a, b), value);
}

ptl_expr ptl_expr_mul(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  if (a < 0 || b < 0) {
    return PTL_EXPR_NONE;
  }
  ptl_expr zero = ptl_expr_const(exprs, 0);
  int64_t factor;
  if (ptl_expr_is_const(exprs, b, &factor)) {
    return combine(exprs, a, factor, zero, 1);
  }
  if (ptl_expr_is_const(exprs, a, &factor)) {
    return combine(exprs, b, factor, zero, 1);
  }
  return operation(exprs, PTL_EXPR_MUL, a < b ? a : b, a < b ? b : a);
}

bool ptl_expr_is_multiple(const ptl_exprs *exprs, ptl_expr a, int64_t divisor) {
  const ptl_expr_node *node = &exprs->nodes[a];
  bool result = node->constant % divisor == 0;
  for (int i = 0; i < node->term_count; i++) {
    result = result && node->terms[i].coefficient % divisor == 0;
  }
  return result;
}

static ptl_expr divide_exactly(ptl_exprs *exprs, ptl_expr a, int64_t divisor) {
  int count = exprs->nodes[a].term_count;
  ptl_term *terms = ptl_arena_array(exprs->arena, (size_t)count, sizeof(ptl_term));
  for (int i = 0; i < count; i++) {
    terms[i] = exprs->nodes[a].terms[i];
    terms[i].coefficient /= divisor;
  }
  return intern(exprs, exprs->nodes[a].constant / divisor, terms, count);
}

/* Divides rest + remainder, where rest is a multiple of `divisor` and, as `a`, never negative;
 * PTL_EXPR_NONE if `a` is no such sum. */
static ptl_expr divide_sum(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, int64_t divisor) {
  int64_t remainder = divisor > 0 ? exprs->nodes[a].constant % divisor : 0;
  remainder += remainder < 0 ? divisor : 0;
  ptl_expr rest = ptl_expr_add_const(exprs, a, -remainder);
  if (remainder == 0 || rest < 0 || !ptl_expr_is_multiple(exprs, rest, divisor) ||
      !nonnegative(exprs, rest)) {
    return PTL_EXPR_NONE;
  }
  mark_assumed(exprs, rest);
  return op == PTL_EXPR_DIV ? divide_exactly(exprs, rest, divisor)
                            : ptl_expr_const(exprs, remainder);
}

static ptl_expr div_or_rem(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, ptl_expr b) {
  int64_t divisor, value;
  if (a < 0 || b < 0) {
    return PTL_EXPR_NONE;
  }
  if (!ptl_expr_is_const(exprs, b, &divisor)) {
    return operation(exprs, op, a, b);
  }
  if (divisor == 0 || divisor == -1) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(exprs, a, &value)) {
    return ptl_expr_const(exprs, op == PTL_EXPR_DIV ? value / divisor : value % divisor);
  }
  if (ptl_expr_is_multiple(exprs, a, divisor)) {
    return op == PTL_EXPR_DIV ? divide_exactly(exprs, a, divisor) : ptl_expr_const(exprs, 0);
  }
  ptl_expr quotient = divide_sum(exprs, op, a, divisor);
  return quotient >= 0 ? quotient : operation(exprs, op, a, b);
}

ptl_expr ptl_expr_div(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return div_or_rem(exprs, PTL_EXPR_DIV, a, b);
}

ptl_expr ptl_expr_rem(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return div_or_rem(exprs, PTL_EXPR_REM, a, b);
}

static ptl_expr extremum(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, ptl_expr b) {
  int64_t difference;
  if (a < 0 || b < 0) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_difference(exprs, a, b, &difference)) {
    return (difference >= 0) == (op == PTL_EXPR_MAX) ? a : b;
  }
  ptl_expr zero = ptl_expr_const(exprs, 0);
  ptl_expr other = a == zero ? b : a;
  if (op == PTL_EXPR_MAX && (a == zero || b == zero) && nonnegative(exprs, other)) {
    mark_assumed(exprs, other);
    return other;
  }
  return operation(exprs, op, a < b ? a : b, a < b ? b : a);
}

ptl_expr ptl_expr_max(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return extremum(exprs, PTL_EXPR_MAX, a, b);
}

ptl_expr ptl_expr_min(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  return extremum(exprs, PTL_EXPR_MIN, a, b);
}

void ptl_expr_assume_sign(ptl_exprs *exprs, int atom) {
  if (!exprs->atoms[atom].assumed) {
    mark_assumed(exprs, of_atom(exprs, atom));
  }
}

int ptl_expr_leaf_number(const ptl_exprs *exprs, ptl_expr a) {
  const ptl_expr_node *node = a < 0 ? NULL : &exprs->nodes[a];
  if (!node || node->constant != 0 || node->term_count != 1 || node->terms[0].coefficient != 1) {
    return -1;
  }
  return exprs->atoms[node->terms[0].atom].leaf; /* -1 for an operation */
}

ptl_expr ptl_expr_without(ptl_exprs *exprs, ptl_expr a, int atom) {
  const ptl_expr_node *node = &exprs->nodes[a];
  int64_t coefficient = 0;
  for (int i = 0; i < node->term_count; i++) {
    coefficient = node->terms[i].atom == atom ? node->terms[i].coefficient : coefficient;
  }
  return coefficient ? combine(exprs, a, 1, of_atom(exprs, atom), -coefficient) : a;
}

/* ---- conditions ---------------------------------------------------------- */

static ptl_expr negated(ptl_exprs *exprs, ptl_expr a) {
  return combine(exprs, a, -1, ptl_expr_const(exprs, 0), 1);
}

/* Whether `a` is below zero by the sign rule. */
static bool is_below_zero(ptl_exprs *exprs, ptl_expr a) {
  ptl_expr rest = combine(exprs, a, -1, ptl_expr_const(exprs, -1), 1);
  if (rest < 0 || !nonnegative(exprs, rest)) {
    return false;
  }
  mark_assumed(exprs, rest);
  return true;
}

/* -1 where the atom of that kind on `a` is 1. Its own sign needs no assumption. */
static ptl_expr condition_on(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a) {
  ptl_atom atom = {op, -1, a, PTL_EXPR_NONE, true, true};
  return negated(exprs, of_atom(exprs, add_atom(exprs, atom)));
}

ptl_expr ptl_expr_is_zero(ptl_exprs *exprs, ptl_expr a) {
  int64_t value;
  ptl_expr opposite = a < 0 ? PTL_EXPR_NONE : negated(exprs, a);
  if (opposite < 0) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(exprs, a, &value)) {
    return ptl_expr_const(exprs, -(value == 0));
  }
  if (is_below_zero(exprs, a) || is_below_zero(exprs, opposite)) {
    return ptl_expr_const(exprs, 0);
  }
  bool is_first = exprs->nodes[a].terms[0].coefficient > 0;
  return condition_on(exprs, PTL_EXPR_IS_ZERO, is_first ? a : opposite);
}

ptl_expr ptl_expr_is_negative(ptl_exprs *exprs, ptl_expr a) {
  int64_t value;
  if (a < 0) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(exprs, a, &value)) {
    return ptl_expr_const(exprs, -(value < 0));
  }
  if (nonnegative(exprs, a)) {
    mark_assumed(exprs, a);
    return ptl_expr_const(exprs, 0);
  }
  if (is_below_zero(exprs, a)) {
    return ptl_expr_const(exprs, -1);
  }
  /* Of `a < 0` and its negation `-a - 1 < 0` only the one with a positive first term is an atom. */
  if (exprs->nodes[a].terms[0].coefficient > 0) {
    return condition_on(exprs, PTL_EXPR_IS_NEGATIVE, a);
  }
  ptl_expr opposite = combine(exprs, a, -1, ptl_expr_const(exprs, -1), 1);
  return opposite < 0 ? PTL_EXPR_NONE
                      : ptl_expr_not(exprs, condition_on(exprs, PTL_EXPR_IS_NEGATIVE, opposite));
}

ptl_expr ptl_expr_not(ptl_exprs *exprs, ptl_expr condition) {
  return combine(exprs, condition, -1, ptl_expr_const(exprs, -1), 1);
}

ptl_expr ptl_expr_and(ptl_exprs *exprs, ptl_expr a, ptl_expr b) {
  int64_t value;
  if (a < 0 || b < 0) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(exprs, a, &value)) {
    return value == 0 ? a : b;
  }
  if (ptl_expr_is_const(exprs, b, &value) || a == b) {
    return value == 0 && a != b ? b : a;
  }
  ptl_atom atom = {PTL_EXPR_AND, -1, a < b ? a : b, a < b ? b : a, true, true};
  return negated(exprs, of_atom(exprs, add_atom(exprs, atom)));
}

bool ptl_expr_is_and(const ptl_exprs *exprs, ptl_expr condition, ptl_expr *a, ptl_expr *b) {
  const ptl_expr_node *node = condition < 0 ? NULL : &exprs->nodes[condition];
  if (!node || node->constant != 0 || node->term_count != 1 || node->terms[0].coefficient != -1) {
    return false;
  }
  const ptl_atom *atom = &exprs->atoms[node->terms[0].atom];
  *a = atom->a;
  *b = atom->b;
  return atom->op == PTL_EXPR_AND;
}

/* The leaves of an expression, each once; false if they are more than fit. */
enum { MAX_LEAVES = 32 };

typedef struct leaf_set {
  int leaves[MAX_LEAVES];
  int count;
  int looked_at; /* atoms: what is larger than can be gone through is taken as full */
  bool is_full;
} leaf_set;

static void add_leaf(leaf_set *set, int leaf) {
  for (int i = 0; i < set->count; i++) {
    if (set->leaves[i] == leaf) {
      return;
    }
  }
  set->is_full = set->is_full || set->count == MAX_LEAVES;
  if (!set->is_full) {
    set->leaves[set->count++] = leaf;
  }
}

static void collect_leaves(const ptl_exprs *exprs, ptl_expr a, leaf_set *set) {
  for (int i = 0; a >= 0 && i < exprs->nodes[a].term_count && !set->is_full; i++) {
    const ptl_atom *atom = &exprs->atoms[exprs->nodes[a].terms[i].atom];
    set->is_full = ++set->looked_at > 8 * MAX_LEAVES;
    if (atom->op == PTL_EXPR_LEAF) {
      add_leaf(set, atom->leaf);
    } else {
      collect_leaves(exprs, atom->a, set);
      collect_leaves(exprs, atom->b, set);
    }
  }
}

static bool are_all_in(const leaf_set *set, int first, int count) {
  for (int i = 0; i < set->count; i++) {
    if (set->leaves[i] < first || set->leaves[i] >= first + count) {
      return false;
    }
  }
  return true;
}

bool ptl_expr_are_independent(const ptl_exprs *exprs, ptl_expr a, ptl_expr b, int first,
                              int count) {
  leaf_set x = {.count = 0}, y = {.count = 0};
  collect_leaves(exprs, a, &x);
  collect_leaves(exprs, b, &y);
  if (a < 0 || b < 0 || x.is_full || y.is_full ||
      (!are_all_in(&x, first, count) && !are_all_in(&y, first, count))) {
    return false;
  }
  for (int i = 0; i < x.count; i++) {
    for (int j = 0; j < y.count; j++) {
      if (x.leaves[i] == y.leaves[j]) {
        return false;
      }
    }
  }
  return true;
}
