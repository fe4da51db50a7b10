/* Values under which an integer is negative: looked for among those next to the constants that the
 * integer and what is known are made of. */
#include "expr/sign.h"

enum {
  MAX_LEAVES = PTL_WITNESS_LEAVES,
  MAX_FACTS = 64,
  MAX_CANDIDATES = 32,
  MAX_DEPTH = 32,
  MAX_TRIES = 20000,
  FAR = 4096, /* larger than what one block of a kernel handles */
};

typedef struct search {
  ptl_facts *facts;
  const ptl_exprs *exprs;
  ptl_expr goal;
  int leaves[MAX_LEAVES]; /* ascending: what a loop's bounds are made of comes before its variable
                           */
  int64_t values[MAX_LEAVES];
  int leaf_count;
  bool is_too_large;
  int facts_used[MAX_FACTS];
  int last_leaf[MAX_FACTS]; /* with which a fact can be evaluated */
  int fact_count;
  int64_t candidates[MAX_CANDIDATES];
  int candidate_count;
  int tries;
} search;

/* ---- values ------------------------------------------------------------- */

static bool evaluate(const search *s, ptl_expr expr, int depth, int64_t *out);

static bool evaluate_leaf(const search *s, int number, int depth, int64_t *out) {
  ptl_leaf leaf = ptl_leaves_at(s->facts->leaves, number);
  int64_t condition;
  if (leaf.kind == PTL_LEAF_CHOICE) {
    return evaluate(s, leaf.condition, depth - 1, &condition) &&
           evaluate(s, condition ? leaf.a : leaf.b, depth - 1, out);
  }
  for (int i = 0; i < s->leaf_count; i++) {
    if (s->leaves[i] == number) {
      *out = s->values[i];
      return true;
    }
  }
  return false;
}

static bool evaluate_atom(const search *s, const ptl_atom *atom, int depth, int64_t *out) {
  int64_t a, b = 0;
  if (atom->op == PTL_EXPR_LEAF) {
    return evaluate_leaf(s, atom->leaf, depth, out);
  }
  bool has_b = atom->op != PTL_EXPR_IS_ZERO && atom->op != PTL_EXPR_IS_NEGATIVE;
  if (!evaluate(s, atom->a, depth - 1, &a) || (has_b && !evaluate(s, atom->b, depth - 1, &b))) {
    return false;
  }
  bool is_division = atom->op == PTL_EXPR_DIV || atom->op == PTL_EXPR_REM;
  if (is_division && (b == 0 || b == -1)) {
    return false;
  }
  switch (atom->op) {
  case PTL_EXPR_MUL:
    return !__builtin_mul_overflow(a, b, out);
  case PTL_EXPR_DIV:
    *out = a / b;
    return true;
  case PTL_EXPR_REM:
    *out = a % b;
    return true;
  case PTL_EXPR_MAX:
    *out = a > b ? a : b;
    return true;
  case PTL_EXPR_MIN:
    *out = a < b ? a : b;
    return true;
  case PTL_EXPR_IS_ZERO:
    *out = a == 0;
    return true;
  case PTL_EXPR_IS_NEGATIVE:
    *out = a < 0;
    return true;
  default: /* PTL_EXPR_AND */
    *out = a != 0 && b != 0;
    return true;
  }
}

static bool evaluate(const search *s, ptl_expr expr, int depth, int64_t *out) {
  if (expr < 0 || depth <= 0) {
    return false;
  }
  const ptl_expr_node *node = &s->exprs->nodes[expr];
  *out = node->constant;
  for (int i = 0; i < node->term_count; i++) {
    int64_t value;
    if (!evaluate_atom(s, &s->exprs->atoms[node->terms[i].atom], depth, &value) ||
        __builtin_mul_overflow(value, node->terms[i].coefficient, &value) ||
        __builtin_add_overflow(*out, value, out)) {
      return false;
    }
  }
  return true;
}

/* ---- what is to be looked for ------------------------------------------- */

static void add_candidate(search *s, int64_t value) {
  for (int i = 0; i < s->candidate_count; i++) {
    if (s->candidates[i] == value) {
      return;
    }
  }
  if (value >= 0 && s->candidate_count < MAX_CANDIDATES) {
    s->candidates[s->candidate_count++] = value;
  }
}

static void add_candidates(search *s, int64_t constant) {
  if (constant > -INT64_MAX / 2 && constant < INT64_MAX / 2) {
    int64_t size = constant < 0 ? -constant : constant;
    add_candidate(s, size);
    add_candidate(s, size + 1);
    add_candidate(s, size - 1);
  }
}

static int find_leaf(const search *s, int number) {
  for (int i = 0; i < s->leaf_count; i++) {
    if (s->leaves[i] == number) {
      return i;
    }
  }
  return -1;
}

static void insert_leaf(search *s, int number) {
  int at = s->leaf_count;
  s->is_too_large = s->is_too_large || at == MAX_LEAVES;
  if (s->is_too_large) {
    return;
  }
  for (; at > 0 && s->leaves[at - 1] > number; at--) {
    s->leaves[at] = s->leaves[at - 1];
  }
  s->leaves[at] = number;
  s->leaf_count++;
}

static void collect(search *s, ptl_expr expr, int depth);

static void collect_leaf(search *s, int number, int depth) {
  ptl_leaf leaf = ptl_leaves_at(s->facts->leaves, number);
  if (leaf.kind == PTL_LEAF_CHOICE) {
    collect(s, leaf.condition, depth - 1);
    collect(s, leaf.a, depth - 1);
    collect(s, leaf.b, depth - 1);
  } else if (find_leaf(s, number) < 0) {
    insert_leaf(s, number);
    if (leaf.kind == PTL_LEAF_LOOP || leaf.kind == PTL_LEAF_TURN) {
      collect(s, leaf.lower, depth - 1);
      collect(s, leaf.upper, depth - 1);
      collect(s, leaf.step, depth - 1);
    }
  }
}

/* The leaves of an expression, and its constants. */
static void collect(search *s, ptl_expr expr, int depth) {
  s->is_too_large = s->is_too_large || expr < 0 || depth <= 0;
  if (s->is_too_large) {
    return;
  }
  const ptl_expr_node *node = &s->exprs->nodes[expr];
  add_candidates(s, node->constant);
  for (int i = 0; i < node->term_count; i++) {
    const ptl_atom *atom = &s->exprs->atoms[node->terms[i].atom];
    if (atom->op == PTL_EXPR_LEAF) {
      collect_leaf(s, atom->leaf, depth);
      continue;
    }
    collect(s, atom->a, depth - 1);
    if (atom->op != PTL_EXPR_IS_ZERO && atom->op != PTL_EXPR_IS_NEGATIVE) {
      collect(s, atom->b, depth - 1);
    }
  }
}

/* The number of the youngest of the expression's leaves among those that are looked for; -1: it
 * has none of them. */
static int last_leaf_of(const search *s, ptl_expr expr) {
  search alone = {.facts = s->facts, .exprs = s->exprs};
  int last = -1;
  collect(&alone, expr, MAX_DEPTH);
  for (int i = 0; i < alone.leaf_count; i++) {
    int at = find_leaf(s, alone.leaves[i]);
    last = at > last ? at : last;
  }
  return last;
}

/* The facts that have a leaf in common with what is looked for, and their leaves; all of them where
 * that is a constant. */
static void take_facts(search *s) {
  bool is_used[MAX_FACTS] = {false};
  bool takes_all = s->leaf_count == 0;
  s->is_too_large = s->is_too_large || s->facts->count > MAX_FACTS;
  bool has_changed = !s->is_too_large;
  while (has_changed && !s->is_too_large) {
    has_changed = false;
    for (int i = 0; i < s->facts->count; i++) {
      ptl_expr expr = s->facts->items[i].expr;
      if (!is_used[i] && (takes_all || last_leaf_of(s, expr) >= 0)) {
        is_used[i] = has_changed = true;
        s->facts_used[s->fact_count++] = i;
        collect(s, expr, MAX_DEPTH);
      }
    }
  }
  for (int i = 0; i < s->fact_count && !s->is_too_large; i++) {
    s->last_leaf[i] = last_leaf_of(s, s->facts->items[s->facts_used[i]].expr);
  }
}

/* ---- the search --------------------------------------------------------- */

static bool is_kept(const search *s, int fact) {
  const ptl_fact *item = &s->facts->items[s->facts_used[fact]];
  int64_t value;
  return evaluate(s, item->expr, MAX_DEPTH, &value) && (item->is_nonzero ? value != 0 : value >= 0);
}

/* Whether all facts hold that can be evaluated with leaf number `at` and those before it. */
static bool are_kept(const search *s, int at) {
  bool result = true;
  for (int i = 0; result && i < s->fact_count; i++) {
    result = s->last_leaf[i] != at || is_kept(s, i);
  }
  return result;
}

static bool is_unknown(const search *s, int at) {
  return ptl_leaves_at(s->facts->leaves, s->leaves[at]).kind == PTL_LEAF_UNKNOWN;
}

static bool is_goal_negative(const search *s) {
  int64_t value;
  return evaluate(s, s->goal, MAX_DEPTH, &value) && value < 0;
}

/* Whether the goal is negative whatever one value that is not known is, as the facts allow it. */
static bool is_negative_for_all(search *s, int at) {
  static const int64_t others[] = {0, 1, -1, 17, FAR};
  int64_t value = s->values[at];
  bool result = true;
  for (size_t i = 0; result && i < sizeof(others) / sizeof(others[0]); i++) {
    bool is_allowed = true;
    s->values[at] = others[i];
    for (int j = 0; j < s->fact_count; j++) {
      is_allowed = is_allowed && is_kept(s, j);
    }
    result = !is_allowed || is_goal_negative(s);
  }
  s->values[at] = value;
  return result;
}

static bool is_found(search *s) {
  bool result = is_goal_negative(s);
  for (int i = 0; result && i < s->leaf_count; i++) {
    result = !is_unknown(s, i) || is_negative_for_all(s, i);
  }
  return result;
}

/* The first, the second and the last value of a loop's variable. */
static int loop_values(const search *s, const ptl_leaf *leaf, int64_t *out) {
  int64_t lower, upper, step, last;
  if (!evaluate(s, leaf->lower, MAX_DEPTH, &lower) ||
      !evaluate(s, leaf->upper, MAX_DEPTH, &upper) || !evaluate(s, leaf->step, MAX_DEPTH, &step) ||
      step <= 0 || lower >= upper || __builtin_sub_overflow(upper - 1, lower, &last)) {
    return 0;
  }
  last = lower + last / step * step;
  out[0] = lower;
  out[1] = last;
  out[2] = lower + (last > lower ? step : 0);
  return last == lower ? 1 : last - lower == step ? 2 : 3;
}

static int values_of(const search *s, int at, int64_t *out) {
  ptl_leaf leaf = ptl_leaves_at(s->facts->leaves, s->leaves[at]);
  if (leaf.kind == PTL_LEAF_LOOP) {
    return loop_values(s, &leaf, out);
  }
  if (leaf.kind == PTL_LEAF_INDEX || leaf.kind == PTL_LEAF_COUNT) {
    out[0] = leaf.kind == PTL_LEAF_COUNT;
    return 1;
  }
  if (leaf.is_flag) {
    out[0] = 0;
    out[1] = -1;
    return 2;
  }
  for (int i = 0; i < s->candidate_count; i++) {
    out[i] = s->candidates[i];
  }
  return s->candidate_count;
}

static bool try_leaf(search *s, int at) {
  int64_t values[MAX_CANDIDATES];
  if (at == s->leaf_count) {
    return is_found(s);
  }
  int count = values_of(s, at, values);
  for (int i = 0; i < count && s->tries < MAX_TRIES; i++) {
    s->tries++;
    s->values[at] = values[i];
    if (are_kept(s, at) && try_leaf(s, at + 1)) {
      return true;
    }
  }
  return false;
}

static int argument_count(const search *s) {
  int count = 0;
  for (int i = 0; i < s->leaf_count; i++) {
    count += ptl_leaves_at(s->facts->leaves, s->leaves[i]).kind == PTL_LEAF_ARGUMENT;
  }
  return count;
}

bool ptl_find_negative(ptl_facts *facts, ptl_expr expr, ptl_witness *witness) {
  search s = {.facts = facts, .exprs = facts->exprs, .goal = expr};
  add_candidate(&s, 0);
  add_candidate(&s, 1);
  collect(&s, expr, MAX_DEPTH);
  int arguments = argument_count(&s);
  take_facts(&s);
  add_candidate(&s, FAR);
  if (s.is_too_large || !try_leaf(&s, 0)) {
    return false;
  }
  *witness = (ptl_witness){.count = s.leaf_count, .argument_count = arguments};
  for (int i = 0; i < s.leaf_count; i++) {
    ptl_leaf leaf = ptl_leaves_at(facts->leaves, s.leaves[i]);
    witness->leaves[i] = s.leaves[i];
    if (leaf.kind != PTL_LEAF_TURN ||
        !evaluate(&s, leaf.variable, MAX_DEPTH, &witness->values[i])) {
      witness->values[i] = s.values[i];
    }
  }
  return evaluate(&s, expr, MAX_DEPTH, &witness->value);
}
