/* How often something is done on a pipe, as a polynomial over conditions and trip counts. */
#include <string.h>

#include "pipes/pipes_state.h"

enum { MAX_MONOMIALS = 2000, MAX_FACTORS = 5000, MAX_WORK = 2 * 1000 * 1000, MAX_NESTING = 500 };

/* ---- factors ------------------------------------------------------------------ */

static bool is_same(const ptl_factor *a, const ptl_factor *b) {
  return a->kind == b->kind && a->a == b->a && a->b == b->b && a->trips == b->trips &&
         a->depth == b->depth && a->inner_count == b->inner_count &&
         (a->inner_count == 0 ||
          memcmp(a->inner, b->inner, sizeof(int) * (size_t)a->inner_count) == 0);
}

static bool is_indicator(const ptl_factor *factor) {
  return factor->kind == PTL_FACTOR_IF || factor->kind == PTL_FACTOR_BELOW;
}

/* The number of a factor; -1 if there are too many. */
static int number_of(ptl_world *world, const ptl_factor *factor) {
  for (int i = 0; i < world->factor_count; i++) {
    if (is_same(&world->factors[i], factor)) {
      return i;
    }
  }
  if (world->factor_count == MAX_FACTORS) {
    return -1;
  }
  world->factors = ptl_arena_more(world->arena, world->factors, world->factor_count,
                                  &world->factor_capacity, sizeof(ptl_factor));
  world->factors[world->factor_count] = *factor;
  return world->factor_count++;
}

/* ---- polynomials --------------------------------------------------------------- */

typedef struct builder {
  ptl_arena *arena;
  ptl_monomial *items;
  int count, capacity;
  bool is_full;
} builder;

static int order_of(const ptl_monomial *a, const ptl_monomial *b) {
  if (a->count != b->count) {
    return a->count < b->count ? -1 : 1;
  }
  for (int i = 0; i < a->count; i++) {
    if (a->factors[i] != b->factors[i]) {
      return a->factors[i] < b->factors[i] ? -1 : 1;
    }
  }
  return 0;
}

/* Keeps the order; joins what has the same factors. */
static void add_monomial(builder *b, ptl_monomial item) {
  int low = 0, high = b->count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (order_of(&b->items[middle], &item) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < b->count && order_of(&b->items[low], &item) == 0) {
    b->is_full = b->is_full || __builtin_add_overflow(b->items[low].coefficient, item.coefficient,
                                                      &b->items[low].coefficient);
    return;
  }
  if (b->count == MAX_MONOMIALS) {
    b->is_full = true;
    return;
  }
  b->items = ptl_arena_more(b->arena, b->items, b->count, &b->capacity, sizeof(ptl_monomial));
  memmove(&b->items[low + 1], &b->items[low], sizeof(*b->items) * (size_t)(b->count - low));
  b->items[low] = item;
  b->count++;
}

/* NULL if it became too long. */
static const ptl_count *finish(builder *b) {
  if (b->is_full) {
    return NULL;
  }
  ptl_count *count = ptl_arena_alloc(b->arena, sizeof(*count));
  int kept = 0;
  for (int i = 0; i < b->count; i++) {
    if (b->items[i].coefficient != 0) {
      b->items[kept++] = b->items[i];
    }
  }
  *count = (ptl_count){b->items, kept};
  return count;
}

static void add_count(builder *b, const ptl_count *count, int64_t times) {
  for (int i = 0; i < count->count; i++) {
    ptl_monomial item = count->items[i];
    b->is_full = b->is_full || __builtin_mul_overflow(item.coefficient, times, &item.coefficient);
    add_monomial(b, item);
  }
}

static const ptl_count *constant(ptl_world *world, int64_t value) {
  builder b = {.arena = world->arena};
  add_monomial(&b, (ptl_monomial){value, NULL, 0});
  return finish(&b);
}

static const ptl_count *of_factor(ptl_world *world, const ptl_factor *factor) {
  int *number = ptl_arena_alloc(world->arena, sizeof(int));
  builder b = {.arena = world->arena};
  *number = number_of(world, factor);
  add_monomial(&b, (ptl_monomial){1, number, 1});
  return *number < 0 ? NULL : finish(&b);
}

static const ptl_count *sum_of(ptl_world *world, const ptl_count *x, int64_t times_x,
                               const ptl_count *y, int64_t times_y) {
  builder b = {.arena = world->arena};
  if (!x || !y) {
    return NULL;
  }
  add_count(&b, x, times_x);
  add_count(&b, y, times_y);
  return finish(&b);
}

/* Conditions are 0 or 1: their squares are themselves. */
static ptl_monomial multiply(ptl_world *world, const ptl_monomial *x, const ptl_monomial *y) {
  int *factors = ptl_arena_array(world->arena, (size_t)(x->count + y->count) + 1, sizeof(int));
  int count = 0, i = 0, j = 0;
  while (i < x->count || j < y->count) {
    bool take_x = j == y->count || (i < x->count && x->factors[i] <= y->factors[j]);
    int next = take_x ? x->factors[i++] : y->factors[j++];
    if (count == 0 || factors[count - 1] != next || !is_indicator(&world->factors[next])) {
      factors[count++] = next;
    }
  }
  return (ptl_monomial){0, factors, count};
}

static const ptl_count *product_of(ptl_world *world, const ptl_count *x, const ptl_count *y) {
  builder b = {.arena = world->arena};
  if (!x || !y || (world->work += (int64_t)x->count * y->count) > MAX_WORK) {
    return NULL;
  }
  for (int i = 0; i < x->count; i++) {
    for (int j = 0; j < y->count && !b.is_full; j++) {
      ptl_monomial item = multiply(world, &x->items[i], &y->items[j]);
      b.is_full = __builtin_mul_overflow(x->items[i].coefficient, y->items[j].coefficient,
                                         &item.coefficient);
      add_monomial(&b, item);
    }
  }
  return finish(&b);
}

bool ptl_count_equal(const ptl_count *a, const ptl_count *b) {
  bool equal = a->count == b->count;
  for (int i = 0; equal && i < a->count; i++) {
    equal = a->items[i].coefficient == b->items[i].coefficient &&
            order_of(&a->items[i], &b->items[i]) == 0;
  }
  return equal;
}

bool ptl_count_is_const(const ptl_count *count, int64_t *value) {
  if (count->count == 0) {
    *value = 0;
    return true;
  }
  *value = count->items[0].coefficient;
  return count->count == 1 && count->items[0].count == 0;
}

/* ---- conditions ------------------------------------------------------------------ */

static const ptl_count * not(ptl_world * world, const ptl_count *x) {
  return sum_of(world, constant(world, 1), 1, x, -1);
}

static bool is_nonnegative(ptl_exprs *exprs, ptl_expr a) {
  return a >= 0 && ptl_expr_max(exprs, a, ptl_expr_const(exprs, 0)) == a;
}

static const ptl_count *holds(ptl_world *world, ptl_expr condition, int nesting);

/* Predicates of arith.cmpi without sign: ult, ule, ugt, uge. */
static const ptl_count *compare_unsigned(ptl_world *world, int64_t predicate, ptl_expr a,
                                         ptl_expr b, int nesting) {
  bool is_swapped = predicate == 7 || predicate == 8;
  ptl_expr x = is_swapped ? b : a, y = is_swapped ? a : b;
  ptl_exprs *exprs = &world->exprs;
  const ptl_count *below =
      is_nonnegative(exprs, x) && is_nonnegative(exprs, y)
          ? holds(world, ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, x, y)), nesting)
          : of_factor(world, &(ptl_factor){.kind = PTL_FACTOR_BELOW, .a = x, .b = y});
  return predicate == 7 || predicate == 9 ? not(world, below) : below;
}

/* A result that the walk does not compute. */
static const ptl_count *op_holds(ptl_world *world, const ptl_symbol *symbol, int nesting) {
  const ptl_expr *operands = symbol->operands;
  ptl_op_kind kind = symbol->op->kind;
  if (kind == PTL_OP_CMP) {
    return compare_unsigned(world, symbol->key, operands[0], operands[1], nesting);
  }
  const ptl_count *x = holds(world, operands[0], nesting), *y = holds(world, operands[1], nesting);
  const ptl_count *both = product_of(world, x, y);
  if (kind == PTL_OP_SELECT) {
    const ptl_count *z = holds(world, operands[2], nesting);
    return sum_of(world, both, 1, product_of(world, not(world, x), z), 1);
  }
  return sum_of(world, sum_of(world, x, 1, y, 1), 1, both, -2); /* xor */
}

static const ptl_count *atom_holds(ptl_world *world, ptl_atom atom, int nesting) {
  if (atom.op == PTL_EXPR_AND) {
    return product_of(world, holds(world, atom.a, nesting), holds(world, atom.b, nesting));
  }
  if (atom.op == PTL_EXPR_IS_ZERO || atom.op == PTL_EXPR_IS_NEGATIVE) {
    return of_factor(world, &(ptl_factor){.kind = PTL_FACTOR_IF, .a = ptl_world_atom(world, atom)});
  }
  if (atom.op == PTL_EXPR_LEAF) {
    ptl_symbol symbol = world->symbols[atom.leaf];
    bool is_known = symbol.kind == PTL_SYMBOL_OP && symbol.is_bool &&
                    (symbol.op->kind == PTL_OP_CMP || symbol.op->kind == PTL_OP_SELECT ||
                     symbol.op->kind == PTL_OP_XOR);
    if (is_known) {
      return op_holds(world, &symbol, nesting);
    }
  }
  ptl_expr zero = ptl_expr_is_zero(&world->exprs, ptl_world_atom(world, atom));
  return not(world, holds(world, zero, nesting));
}

/* 1 if a condition is not 0, else 0. Those of the walk are -1, or made of it. */
static const ptl_count *make_condition(ptl_world *world, ptl_expr condition, int nesting) {
  int64_t value;
  if (ptl_expr_is_const(&world->exprs, condition, &value)) {
    return constant(world, value != 0);
  }
  ptl_expr_node node = world->exprs.nodes[condition];
  ptl_atom atom = world->exprs.atoms[node.terms[0].atom];
  bool is_condition =
      atom.op == PTL_EXPR_IS_ZERO || atom.op == PTL_EXPR_IS_NEGATIVE || atom.op == PTL_EXPR_AND;
  if (node.term_count == 1 && node.constant == 0) {
    return atom_holds(world, atom, nesting + 1);
  }
  if (node.term_count == 1 && is_condition && node.constant == -node.terms[0].coefficient) {
    return not(world, atom_holds(world, atom, nesting + 1));
  }
  return not(world, holds(world, ptl_expr_is_zero(&world->exprs, condition), nesting + 1));
}

static const ptl_count *holds(ptl_world *world, ptl_expr condition, int nesting) {
  if (condition < 0 || nesting > MAX_NESTING) {
    return NULL;
  }
  if (condition >= world->condition_count) {
    int count = world->exprs.node_count * 2;
    world->conditions =
        ptl_arena_grow(world->arena, world->conditions, (size_t)world->condition_count,
                       (size_t)count, sizeof(ptl_count *));
    world->condition_count = count;
  }
  if (!world->conditions[condition] && world->work <= MAX_WORK) {
    const ptl_count *made = make_condition(world, condition, nesting);
    world->conditions[condition] = made;
  }
  return world->conditions[condition];
}

/* ---- symbols -------------------------------------------------------------------------- */

typedef struct visitor {
  ptl_world *world;
  void (*visit)(void *user, const ptl_symbol *symbol);
  void *user;
  int nesting;
} visitor;

static void visit_expr(visitor *v, ptl_expr expr) {
  if (expr < 0 || v->nesting > MAX_NESTING) {
    return;
  }
  bool is_new;
  (void)ptl_world_mark(v->world, expr, &is_new);
  if (!is_new) {
    return;
  }
  v->nesting++;
  const ptl_expr_node *node = &v->world->exprs.nodes[expr];
  for (int i = 0; i < node->term_count; i++) {
    const ptl_atom *atom = &v->world->exprs.atoms[node->terms[i].atom];
    if (atom->op != PTL_EXPR_LEAF) {
      visit_expr(v, atom->a);
      visit_expr(v, atom->b);
      continue;
    }
    const ptl_symbol *symbol = &v->world->symbols[atom->leaf];
    v->visit(v->user, symbol);
    for (int j = 0; j < symbol->operand_count; j++) {
      visit_expr(v, symbol->operands[j]);
    }
  }
  v->nesting--;
}

static void visit_factor(visitor *v, int number) {
  const ptl_factor *factor = &v->world->factors[number];
  if (factor->kind == PTL_FACTOR_SUM) {
    visit_factor(v, factor->trips);
    for (int i = 0; i < factor->inner_count; i++) {
      visit_factor(v, factor->inner[i]);
    }
    return;
  }
  visit_expr(v, factor->a);
  if (factor->kind == PTL_FACTOR_BELOW || factor->kind == PTL_FACTOR_TRIPS) {
    visit_expr(v, factor->b);
  }
}

void ptl_count_symbols(ptl_world *world, const ptl_count *count,
                       void (*visit)(void *user, const ptl_symbol *symbol), void *user) {
  visitor v = {world, visit, user, 0};
  world->marks.pass++;
  for (int i = 0; i < count->count; i++) {
    for (int j = 0; j < count->items[i].count; j++) {
      visit_factor(&v, count->items[i].factors[j]);
    }
  }
}

typedef struct loop_search {
  int depth; /* -1: of any loop */
  bool found;
} loop_search;

static void look_for_loop(void *user, const ptl_symbol *symbol) {
  loop_search *search = user;
  search->found = search->found || (symbol->kind == PTL_SYMBOL_LOOP &&
                                    (search->depth < 0 || symbol->key == search->depth));
}

bool ptl_world_is_in_loop(ptl_world *world, ptl_expr expr) {
  loop_search search = {-1, false};
  visitor v = {world, look_for_loop, &search, 0};
  world->marks.pass++;
  visit_expr(&v, expr);
  return search.found;
}

static bool depends_on_loop(ptl_world *world, int factor, int depth) {
  loop_search search = {depth, false};
  visitor v = {world, look_for_loop, &search, 0};
  world->marks.pass++;
  visit_factor(&v, factor);
  return search.found;
}

/* ---- loops --------------------------------------------------------------------------------- */

/* a, a sum of parts that are never negative. */
static const ptl_count *value_count(ptl_world *world, ptl_expr a) {
  ptl_expr_node node = world->exprs.nodes[a];
  builder b = {.arena = world->arena};
  add_monomial(&b, (ptl_monomial){node.constant, NULL, 0});
  for (int i = 0; i < node.term_count; i++) {
    ptl_expr atom = ptl_world_atom(world, world->exprs.atoms[node.terms[i].atom]);
    const ptl_count *value = of_factor(world, &(ptl_factor){.kind = PTL_FACTOR_VALUE, .a = atom});
    if (!value) {
      return NULL;
    }
    add_count(&b, value, node.terms[i].coefficient);
  }
  return finish(&b);
}

/* What a loop runs over: a distance and a step. */
typedef struct span {
  ptl_expr distance, step;
} span;

/* False if the distance, or a positive step, is not known. */
static bool span_of(ptl_core *core, const ptl_pipe_node *loop, span *out) {
  ptl_exprs *exprs = &core->world->exprs;
  ptl_expr lower = ptl_core_expr(core, loop->lower), upper = ptl_core_expr(core, loop->upper);
  int64_t step;
  out->distance = ptl_expr_sub(exprs, upper, lower);
  out->step = ptl_core_expr(core, loop->step);
  if (out->distance < 0 || out->step < 0) {
    return false;
  }
  if (!ptl_expr_is_const(exprs, out->step, &step)) {
    return true;
  }
  if (step > 1 && ptl_expr_is_multiple(exprs, out->distance, step)) {
    out->distance = ptl_expr_div(exprs, out->distance, out->step);
    out->step = ptl_expr_const(exprs, 1);
  }
  return step > 0 && out->distance >= 0;
}

static const ptl_count *trips_of(ptl_world *world, const span *s) {
  ptl_exprs *exprs = &world->exprs;
  int64_t distance, step;
  bool has_step = ptl_expr_is_const(exprs, s->step, &step);
  if (has_step && ptl_expr_is_const(exprs, s->distance, &distance)) {
    return constant(world, distance <= 0 ? 0 : (distance - 1) / step + 1);
  }
  if (has_step && step == 1 && is_nonnegative(exprs, s->distance)) {
    return value_count(world, s->distance);
  }
  return of_factor(world, &(ptl_factor){.kind = PTL_FACTOR_TRIPS, .a = s->distance, .b = s->step});
}

/* What does not depend on the iteration is taken out of the sum. */
static const ptl_count *sum_monomial(ptl_world *world, const ptl_monomial *item, int depth,
                                     const span *s) {
  int *inner = ptl_arena_array(world->arena, (size_t)item->count + 1, sizeof(int));
  int *outer = ptl_arena_array(world->arena, (size_t)item->count + 1, sizeof(int));
  int inner_count = 0, outer_count = 0;
  for (int i = 0; i < item->count; i++) {
    if (depends_on_loop(world, item->factors[i], depth)) {
      inner[inner_count++] = item->factors[i];
    } else {
      outer[outer_count++] = item->factors[i];
    }
  }
  const ptl_count *total = trips_of(world, s);
  if (inner_count > 0) {
    int trips =
        number_of(world, &(ptl_factor){.kind = PTL_FACTOR_TRIPS, .a = s->distance, .b = s->step});
    total = trips < 0 ? NULL
                      : of_factor(world, &(ptl_factor){.kind = PTL_FACTOR_SUM,
                                                       .trips = trips,
                                                       .depth = depth,
                                                       .inner = inner,
                                                       .inner_count = inner_count});
  }
  builder b = {.arena = world->arena};
  add_monomial(&b, (ptl_monomial){item->coefficient, outer, outer_count});
  return product_of(world, total, finish(&b));
}

/* Over all iterations, of what any of them does. */
static const ptl_count *sum_body(ptl_world *world, const ptl_count *body, int depth,
                                 const span *s) {
  builder b = {.arena = world->arena};
  for (int i = 0; i < body->count; i++) {
    const ptl_count *sum = sum_monomial(world, &body->items[i], depth, s);
    if (!sum) {
      return NULL;
    }
    add_count(&b, sum, 1);
  }
  return finish(&b);
}

static const ptl_count *factor_at_first(ptl_world *world, int number, int depth);

static const ptl_count *sum_at_first(ptl_world *world, const ptl_factor *factor, int depth) {
  ptl_factor trips = world->factors[factor->trips];
  span s = {ptl_world_at_first(world, trips.a, depth), ptl_world_at_first(world, trips.b, depth)};
  const ptl_count *body = constant(world, 1);
  for (int i = 0; i < factor->inner_count && body; i++) {
    body = product_of(world, body, factor_at_first(world, factor->inner[i], depth));
  }
  return body && s.distance >= 0 && s.step >= 0 ? sum_body(world, body, factor->depth, &s) : NULL;
}

static const ptl_count *factor_at_first(ptl_world *world, int number, int depth) {
  ptl_factor factor = world->factors[number];
  if (!depends_on_loop(world, number, depth)) {
    return of_factor(world, &factor);
  }
  ptl_expr a = ptl_world_at_first(world, factor.a, depth);
  ptl_expr b = factor.kind == PTL_FACTOR_BELOW || factor.kind == PTL_FACTOR_TRIPS
                   ? ptl_world_at_first(world, factor.b, depth)
                   : PTL_EXPR_NONE;
  switch (factor.kind) {
  case PTL_FACTOR_IF:
    return holds(world, a, 0);
  case PTL_FACTOR_BELOW:
    return a < 0 || b < 0 ? NULL : compare_unsigned(world, 6, a, b, 0);
  case PTL_FACTOR_VALUE:
    return is_nonnegative(&world->exprs, a) ? value_count(world, a) : NULL;
  case PTL_FACTOR_TRIPS:
    return a < 0 || b < 0 ? NULL : trips_of(world, &(span){a, b});
  default:
    return sum_at_first(world, &factor, depth);
  }
}

/* What a count is in the first iteration of the loop at that depth. */
static const ptl_count *count_at_first(ptl_world *world, const ptl_count *count, int depth) {
  builder b = {.arena = world->arena};
  for (int i = 0; i < count->count; i++) {
    const ptl_count *product = constant(world, count->items[i].coefficient);
    for (int j = 0; j < count->items[i].count && product; j++) {
      product =
          product_of(world, product, factor_at_first(world, count->items[i].factors[j], depth));
    }
    if (!product) {
      return NULL;
    }
    add_count(&b, product, 1);
  }
  return finish(&b);
}

/* The first iteration may do something else than the others: that is added, if it runs. */
static const ptl_count *count_loop(ptl_core *core, const ptl_pipe_node *loop,
                                   const ptl_pipe_use *use) {
  ptl_world *world = core->world;
  const ptl_count *first = ptl_core_count(core, &loop->bodies[0], use);
  const ptl_count *any = ptl_core_count(core, &loop->bodies[1], use);
  span s;
  if (!first || !any || (first->count == 0 && any->count == 0)) {
    return first && any ? any : NULL;
  }
  if (!span_of(core, loop, &s)) {
    return NULL;
  }
  const ptl_count *sum = sum_body(world, any, loop->depth, &s);
  const ptl_count *expected = count_at_first(world, any, loop->depth);
  if (!sum || !loop->has_first || (expected && ptl_count_equal(first, expected))) {
    return sum;
  }
  ptl_exprs *exprs = &world->exprs;
  ptl_expr begun = ptl_expr_sub(exprs, ptl_expr_const(exprs, 0), s.distance);
  const ptl_count *runs = holds(world, ptl_expr_is_negative(exprs, begun), 0);
  return sum_of(world, sum, 1, product_of(world, runs, sum_of(world, first, 1, expected, -1)), 1);
}

/* ---- a function ------------------------------------------------------------------------------ */

static const ptl_count *count_branches(ptl_core *core, const ptl_pipe_node *node,
                                       const ptl_pipe_use *use) {
  ptl_world *world = core->world;
  const ptl_count *then = ptl_core_count(core, &node->bodies[0], use);
  const ptl_count *otherwise = ptl_core_count(core, &node->bodies[1], use);
  if (!then || !otherwise || ptl_count_equal(then, otherwise)) {
    return then && otherwise ? then : NULL;
  }
  const ptl_count *condition = holds(world, ptl_core_expr(core, node->condition), 0);
  if (!condition) {
    return NULL;
  }
  return sum_of(world, product_of(world, condition, then), 1,
                product_of(world, not(world, condition), otherwise), 1);
}

static bool is_use(const ptl_pipe_node *node, const ptl_pipe_use *use) {
  return node->use.act == use->act && node->use.direction == use->direction &&
         node->use.id == use->id;
}

const ptl_count *ptl_core_count(ptl_core *core, const ptl_pipe_nodes *nodes,
                                const ptl_pipe_use *use) {
  builder b = {.arena = core->world->arena};
  int64_t here = 0;
  for (int i = 0; i < nodes->count; i++) {
    const ptl_pipe_node *node = nodes->items[i];
    if (node->kind == PTL_NODE_OP) {
      here += is_use(node, use) ? node->times : 0;
      continue;
    }
    const ptl_count *part =
        node->kind == PTL_NODE_IF ? count_branches(core, node, use) : count_loop(core, node, use);
    if (!part) {
      core->unknown = core->unknown ? core->unknown : node->op;
      return NULL;
    }
    add_count(&b, part, 1);
  }
  add_monomial(&b, (ptl_monomial){here, NULL, 0});
  return finish(&b);
}
