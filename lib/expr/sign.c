/* Proves that an integer is not negative, by the facts of a path. The search is bounded in depth;
 * a proof that is not found says nothing. */
#include "expr/sign.h"

enum { MAX_DEPTH = 10, MAX_STEPS = 2000 };

typedef struct prover {
  ptl_facts *facts;
  ptl_exprs *exprs;
  int steps;
} prover;

/* ---- multiples ---------------------------------------------------------- */

static int64_t gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? (a == INT64_MIN ? 1 : -a) : a;
}

static int64_t factor_of_terms(const ptl_facts *facts, ptl_expr expr, int depth);

/* All values of an expression are multiples of this; 0: it is 0. */
static int64_t factor_of(const ptl_facts *facts, ptl_expr expr, int depth) {
  return expr < 0 || depth == 0
             ? 1
             : gcd(factor_of_terms(facts, expr, depth), facts->exprs->nodes[expr].constant);
}

static int64_t factor_of_leaf(const ptl_facts *facts, int number, int depth) {
  ptl_leaf leaf = ptl_leaves_at(facts->leaves, number);
  return leaf.kind == PTL_LEAF_LOOP
             ? gcd(factor_of(facts, leaf.step, depth - 1), factor_of(facts, leaf.lower, depth - 1))
             : 1;
}

static int64_t factor_of_atom(const ptl_facts *facts, const ptl_atom *atom, int depth) {
  int64_t product;
  switch (atom->op) {
  case PTL_EXPR_LEAF:
    return factor_of_leaf(facts, atom->leaf, depth);
  case PTL_EXPR_MUL:
    return __builtin_mul_overflow(factor_of(facts, atom->a, depth - 1),
                                  factor_of(facts, atom->b, depth - 1), &product)
               ? 1
               : product;
  case PTL_EXPR_MAX:
  case PTL_EXPR_MIN:
  case PTL_EXPR_REM:
    return gcd(factor_of(facts, atom->a, depth - 1), factor_of(facts, atom->b, depth - 1));
  default:
    return 1;
  }
}

static int64_t factor_of_terms(const ptl_facts *facts, ptl_expr expr, int depth) {
  const ptl_expr_node *node = &facts->exprs->nodes[expr];
  int64_t result = 0;
  for (int i = 0; i < node->term_count && result != 1; i++) {
    int64_t factor = factor_of_atom(facts, &facts->exprs->atoms[node->terms[i].atom], depth);
    if (__builtin_mul_overflow(factor, node->terms[i].coefficient, &factor)) {
      return 1;
    }
    result = gcd(result, factor);
  }
  return result;
}

static int64_t rounded_down(int64_t value, int64_t factor) {
  int64_t rest = value % factor;
  return rest < 0 ? value - rest - factor : value - rest;
}

/* The terms are multiples of a number, so that `expr >= 0` says as much with any constant between
 * two multiples of it: with the lowest one (what is known), or the highest (what is asked). */
static ptl_expr tightened(ptl_facts *facts, ptl_expr expr, bool is_asked) {
  if (expr < 0) {
    return expr;
  }
  int64_t factor = factor_of_terms(facts, expr, 4);
  int64_t constant = facts->exprs->nodes[expr].constant;
  if (factor <= 1 || constant < INT64_MIN / 2 || constant > INT64_MAX / 2 ||
      factor > INT64_MAX / 4) {
    return expr;
  }
  int64_t wanted = rounded_down(constant, factor) + (is_asked ? factor - 1 : 0);
  return ptl_expr_add_const(facts->exprs, expr, wanted - constant);
}

/* ---- facts -------------------------------------------------------------- */

static void append(ptl_facts *facts, ptl_expr expr, bool is_nonzero) {
  if (expr < 0) {
    return;
  }
  facts->items =
      ptl_arena_more(facts->arena, facts->items, facts->count, &facts->capacity, sizeof(ptl_fact));
  facts->items[facts->count++] = (ptl_fact){expr, is_nonzero};
}

void ptl_facts_add(ptl_facts *facts, ptl_expr expr) {
  append(facts, tightened(facts, expr, false), false);
}

static ptl_expr negated(ptl_exprs *exprs, ptl_expr a) {
  return ptl_expr_sub(exprs, ptl_expr_const(exprs, 0), a);
}

/* What is not 0, and of a sign that is known, is 1 or more away from it. */
static void add_nonzero(ptl_facts *facts, ptl_expr expr) {
  ptl_expr opposite = negated(facts->exprs, expr);
  if (ptl_is_nonnegative(facts, expr)) {
    ptl_facts_add(facts, ptl_expr_add_const(facts->exprs, expr, -1));
  } else if (opposite >= 0 && ptl_is_nonnegative(facts, opposite)) {
    ptl_facts_add(facts, ptl_expr_add_const(facts->exprs, opposite, -1));
  } else {
    append(facts, expr, true);
  }
}

static void assume_atom(ptl_facts *facts, const ptl_atom *atom, bool holds) {
  ptl_exprs *exprs = facts->exprs;
  ptl_expr a = atom->a, b = atom->b;
  if (atom->op == PTL_EXPR_IS_NEGATIVE) {
    ptl_facts_add(facts, holds ? ptl_expr_add_const(exprs, negated(exprs, a), -1) : a);
  } else if (atom->op == PTL_EXPR_IS_ZERO && holds) {
    ptl_facts_add(facts, a);
    ptl_facts_add(facts, negated(exprs, a));
  } else if (atom->op == PTL_EXPR_IS_ZERO) {
    add_nonzero(facts, a);
  } else if (atom->op == PTL_EXPR_AND && holds) {
    ptl_facts_assume(facts, a, true);
    ptl_facts_assume(facts, b, true);
  }
}

/* A condition is the negative of an atom that is 0 or 1, or one less than such an atom. */
void ptl_facts_assume(ptl_facts *facts, ptl_expr condition, bool holds) {
  if (condition < 0 || facts->exprs->nodes[condition].term_count != 1) {
    return;
  }
  const ptl_expr_node node = facts->exprs->nodes[condition];
  const ptl_atom atom = facts->exprs->atoms[node.terms[0].atom];
  bool is_negated = node.constant == -1 && node.terms[0].coefficient == 1;
  bool is_plain = node.constant == 0 && node.terms[0].coefficient == -1;
  if (atom.op == PTL_EXPR_LEAF || (atom.op == PTL_EXPR_AND && holds == is_negated)) {
    append(facts, holds ? condition : ptl_expr_add_const(facts->exprs, condition, 1), true);
  } else if (is_plain || is_negated) {
    assume_atom(facts, &atom, holds == is_plain);
  }
}

/* ---- proofs ------------------------------------------------------------- */

static bool prove(prover *p, ptl_expr goal, int depth);

static bool proves(prover *p, ptl_expr goal, int depth) {
  return goal >= 0 && prove(p, tightened(p->facts, goal, true), depth);
}

static bool is_plainly_nonnegative(const ptl_exprs *exprs, ptl_expr expr) {
  const ptl_expr_node *node = &exprs->nodes[expr];
  bool result = node->constant >= 0;
  for (int i = 0; result && i < node->term_count; i++) {
    result = node->terms[i].coefficient > 0 && exprs->atoms[node->terms[i].atom].nonnegative;
  }
  return result;
}

/* Leaves are taken to be not negative; what counts iterations is so by itself. */
static void assume_signs(prover *p, ptl_expr expr) {
  for (int i = 0; i < p->exprs->nodes[expr].term_count; i++) {
    int atom = p->exprs->nodes[expr].terms[i].atom, leaf = p->exprs->atoms[atom].leaf;
    if (leaf < 0 || ptl_leaves_at(p->facts->leaves, leaf).kind != PTL_LEAF_TURN) {
      ptl_expr_assume_sign(p->exprs, atom);
    }
  }
}

/* The goal with another expression in place of the atom of `term`. */
static ptl_expr with(ptl_exprs *exprs, ptl_expr goal, ptl_term term, ptl_expr in_place) {
  ptl_expr scaled = ptl_expr_mul(exprs, in_place, ptl_expr_const(exprs, term.coefficient));
  return ptl_expr_add(exprs, ptl_expr_without(exprs, goal, term.atom), scaled);
}

/* With the fact taken off so many times that the atom is gone. */
static bool by_fact(prover *p, ptl_expr goal, ptl_term term, ptl_expr fact, int depth) {
  const ptl_expr_node *node = &p->exprs->nodes[fact];
  int64_t coefficient = 0;
  for (int i = 0; i < node->term_count; i++) {
    coefficient = node->terms[i].atom == term.atom ? node->terms[i].coefficient : coefficient;
  }
  if (coefficient == 0 || (coefficient > 0) != (term.coefficient > 0)) {
    return false;
  }
  int64_t common = gcd(coefficient, term.coefficient);
  int64_t of_goal = coefficient / common, of_fact = term.coefficient / common;
  if (coefficient < 0) {
    of_goal = -of_goal;
    of_fact = -of_fact;
  }
  ptl_expr left = ptl_expr_mul(p->exprs, goal, ptl_expr_const(p->exprs, of_goal));
  ptl_expr right = ptl_expr_mul(p->exprs, fact, ptl_expr_const(p->exprs, of_fact));
  return proves(p, ptl_expr_sub(p->exprs, left, right), depth - 1);
}

static bool by_facts(prover *p, ptl_expr goal, ptl_term term, int depth) {
  for (int i = p->facts->count - 1; i >= 0; i--) {
    const ptl_fact fact = p->facts->items[i];
    if (!fact.is_nonzero && by_fact(p, goal, term, fact.expr, depth)) {
      return true;
    }
  }
  return false;
}

static bool by_extremum(prover *p, ptl_expr goal, ptl_term term, const ptl_atom *atom, int depth) {
  bool one_is_enough = (atom->op == PTL_EXPR_MAX) == (term.coefficient > 0);
  bool first = proves(p, with(p->exprs, goal, term, atom->a), depth - 1);
  return first == one_is_enough ? first : proves(p, with(p->exprs, goal, term, atom->b), depth - 1);
}

/* Whether all terms but the atom's are multiples of its coefficient; then by what the goal without
 * it is, rounded down, that many times. */
static bool rest_over(prover *p, ptl_expr goal, ptl_term term, ptl_expr *out) {
  int64_t size = term.coefficient < 0 ? -term.coefficient : term.coefficient;
  ptl_expr rest = ptl_expr_without(p->exprs, goal, term.atom);
  const ptl_expr_node *node = &p->exprs->nodes[rest];
  for (int i = 0; i < node->term_count; i++) {
    if (node->terms[i].coefficient % size != 0) {
      return false;
    }
  }
  int64_t constant = node->constant;
  if (constant < INT64_MIN / 2 || size > INT64_MAX / 4) {
    return false;
  }
  rest = ptl_expr_add_const(p->exprs, rest, rounded_down(constant, size) - constant);
  *out = ptl_expr_div(p->exprs, rest, ptl_expr_const(p->exprs, size));
  return *out >= 0;
}

/* With the quotient as a fraction: no less than (a - d + 1) / d, and no more than a / d, or, for a
 * below 0, (a + d - 1) / d. */
static bool by_fraction(prover *p, ptl_expr goal, ptl_term term, ptl_expr dividend, int64_t divisor,
                        int depth) {
  bool is_floor = term.coefficient < 0 && proves(p, dividend, depth - 1);
  int64_t slack = is_floor ? 0 : divisor - 1;
  ptl_expr bound = ptl_expr_add_const(p->exprs, dividend, term.coefficient > 0 ? -slack : slack);
  ptl_expr of_bound = ptl_expr_mul(p->exprs, bound, ptl_expr_const(p->exprs, term.coefficient));
  ptl_expr rest = ptl_expr_mul(p->exprs, ptl_expr_without(p->exprs, goal, term.atom),
                               ptl_expr_const(p->exprs, divisor));
  return proves(p, ptl_expr_add(p->exprs, rest, of_bound), depth - 1);
}

/* a / d >= t where a >= d * t, or, for t not above 0, a >= d * t - (d - 1); a / d <= t where a <= d
 * * t + d - 1, or, for a below 0, a <= d * t. */
static bool by_quotient(prover *p, ptl_expr goal, ptl_term term, const ptl_atom *atom, int depth) {
  ptl_expr rest;
  int64_t divisor;
  if (!ptl_expr_is_const(p->exprs, atom->b, &divisor)) { /* it is no larger than what is divided */
    return term.coefficient < 0 && proves(p, atom->a, depth - 1) &&
           proves(p, with(p->exprs, goal, term, atom->a), depth - 1);
  }
  if (divisor <= 0) {
    return false;
  }
  if (!rest_over(p, goal, term, &rest)) {
    return by_fraction(p, goal, term, atom->a, divisor, depth);
  }
  ptl_expr limit = ptl_expr_mul(p->exprs, rest, ptl_expr_const(p->exprs, divisor));
  if (term.coefficient > 0) {
    int64_t times;
    bool is_towards_zero = ptl_expr_is_const(p->exprs, rest, &times) && times >= 0;
    ptl_expr enough = ptl_expr_add(p->exprs, atom->a, limit);
    return proves(p, is_towards_zero ? ptl_expr_add_const(p->exprs, enough, divisor - 1) : enough,
                  depth - 1);
  }
  ptl_expr slack = ptl_expr_sub(p->exprs, limit, atom->a);
  bool is_floor = proves(p, atom->a, depth - 1);
  return proves(p, is_floor ? ptl_expr_add_const(p->exprs, slack, divisor - 1) : slack, depth - 1);
}

static bool by_rest(prover *p, ptl_expr goal, ptl_term term, const ptl_atom *atom, int depth) {
  ptl_expr largest = ptl_expr_add_const(p->exprs, atom->b, -1);
  if (largest < 0 || !proves(p, largest, depth - 1)) {
    return false; /* the divisor may be negative */
  }
  if (term.coefficient < 0) {
    return proves(p, with(p->exprs, goal, term, largest), depth - 1) ||
           (proves(p, atom->a, depth - 1) &&
            proves(p, with(p->exprs, goal, term, atom->a), depth - 1));
  }
  ptl_expr least =
      proves(p, atom->a, depth - 1) ? ptl_expr_const(p->exprs, 0) : negated(p->exprs, largest);
  return proves(p, with(p->exprs, goal, term, least), depth - 1);
}

/* A product of what is not negative is not negative. */
static bool by_product(prover *p, ptl_expr goal, ptl_term term, const ptl_atom *atom, int depth) {
  return term.coefficient > 0 && proves(p, atom->a, depth - 1) && proves(p, atom->b, depth - 1) &&
         proves(p, ptl_expr_without(p->exprs, goal, term.atom), depth - 1);
}

/* Either way of a choice, with what its condition tells. */
static bool by_choice(prover *p, ptl_expr goal, ptl_term term, const ptl_leaf *leaf, int depth) {
  int before = p->facts->count;
  ptl_facts_assume(p->facts, leaf->condition, true);
  bool result = proves(p, with(p->exprs, goal, term, leaf->a), depth - 1);
  p->facts->count = before;
  if (result) {
    ptl_facts_assume(p->facts, leaf->condition, false);
    result = proves(p, with(p->exprs, goal, term, leaf->b), depth - 1);
    p->facts->count = before;
  }
  return result;
}

static bool by_atom(prover *p, ptl_expr goal, ptl_term term, const ptl_atom *atom, int depth) {
  ptl_leaf leaf;
  switch (atom->op) {
  case PTL_EXPR_LEAF:
    leaf = ptl_leaves_at(p->facts->leaves, atom->leaf);
    return leaf.kind == PTL_LEAF_CHOICE && by_choice(p, goal, term, &leaf, depth);
  case PTL_EXPR_MAX:
  case PTL_EXPR_MIN:
    return by_extremum(p, goal, term, atom, depth);
  case PTL_EXPR_DIV:
    return by_quotient(p, goal, term, atom, depth);
  case PTL_EXPR_REM:
    return by_rest(p, goal, term, atom, depth);
  case PTL_EXPR_MUL:
    return by_product(p, goal, term, atom, depth);
  default: /* a condition: 0 or 1 */
    return term.coefficient < 0 &&
           proves(p, with(p->exprs, goal, term, ptl_expr_const(p->exprs, 1)), depth - 1);
  }
}

static bool prove(prover *p, ptl_expr goal, int depth) {
  if (is_plainly_nonnegative(p->exprs, goal)) {
    assume_signs(p, goal);
    return true;
  }
  int count = p->exprs->nodes[goal].term_count;
  if (count == 0 || depth <= 0 || ++p->steps > MAX_STEPS) {
    return false;
  }
  ptl_term term = p->exprs->nodes[goal].terms[count - 1];
  const ptl_atom atom = p->exprs->atoms[term.atom]; /* the table may move */
  return by_facts(p, goal, term, depth) || by_atom(p, goal, term, &atom, depth) ||
         (term.coefficient > 0 && atom.nonnegative &&
          proves(p, ptl_expr_without(p->exprs, goal, term.atom), depth - 1));
}

bool ptl_is_nonnegative(ptl_facts *facts, ptl_expr expr) {
  prover p = {facts, facts->exprs, 0};
  return expr >= 0 && proves(&p, expr, MAX_DEPTH);
}

static bool is_at_most(ptl_facts *facts, ptl_expr expr, int64_t most) {
  return ptl_is_nonnegative(facts,
                            ptl_expr_sub(facts->exprs, ptl_expr_const(facts->exprs, most), expr));
}

int64_t ptl_most_of(ptl_facts *facts, ptl_expr expr, int64_t limit) {
  if (limit <= 0 || !is_at_most(facts, expr, limit - 1)) {
    return limit;
  }
  int64_t above = -1, most = limit - 1; /* it is proved of `most`, and not of `above` */
  while (most - above > 1) {
    int64_t middle = above + (most - above) / 2;
    if (is_at_most(facts, expr, middle)) {
      most = middle;
    } else {
      above = middle;
    }
  }
  return most;
}
