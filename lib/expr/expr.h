/* Integers of a kernel as symbolic expressions.
 *
 * An expression is a constant plus a sum of coefficients times atoms. An atom is a leaf
 * (a function argument, a loop variable, the result of an op that is not
 * arithmetic) or an operation that is not linear (max, div, ...) on expressions.
 * Expressions are interned: two are equal if and only if their handles are.
 *
 * Sign rule (shared by pypto's own emitter, domain of its index values): leaves
 * marked non-negative are taken to be so, hence max(x, 0) is x when x is a sum of
 * products of non-negative parts. Each leaf that such a step relied on is marked
 * `assumed`, so that the user can be told.
 */
#ifndef PTL_EXPR_EXPR_H
#define PTL_EXPR_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/map.h"

typedef int32_t ptl_expr;
enum { PTL_EXPR_NONE = -1 };

typedef enum ptl_expr_op {
  PTL_EXPR_LEAF,
  PTL_EXPR_MUL,
  PTL_EXPR_DIV,
  PTL_EXPR_REM,
  PTL_EXPR_MAX,
  PTL_EXPR_MIN,
  PTL_EXPR_IS_ZERO,     /* 1 if `a` is 0, else 0; no `b` */
  PTL_EXPR_IS_NEGATIVE, /* 1 if `a` is negative, else 0; no `b` */
  PTL_EXPR_AND,         /* of two conditions */
} ptl_expr_op;

typedef struct ptl_atom {
  ptl_expr_op op;
  int leaf;      /* PTL_EXPR_LEAF: the caller's number of the leaf */
  ptl_expr a, b; /* else: the operands */
  bool nonnegative;
  bool assumed; /* the sign rule was used on this leaf, or on one of the operands' */
} ptl_atom;

typedef struct ptl_term {
  int atom;
  int64_t coefficient;
} ptl_term;

typedef struct ptl_expr_node {
  int64_t constant;
  int term_count;
  ptl_term *terms; /* ascending by atom */
} ptl_expr_node;

typedef struct ptl_exprs {
  ptl_arena *arena;
  ptl_expr_node *nodes;
  int node_count, node_capacity;
  ptl_atom *atoms;
  int atom_count, atom_capacity;
  ptl_map node_map, atom_map;
  int64_t probes; /* slots looked at so far: the work of interning */
} ptl_exprs;

void ptl_exprs_init(ptl_exprs *exprs, ptl_arena *arena);

ptl_expr ptl_expr_const(ptl_exprs *exprs, int64_t value);
/* The expression of leaf number `leaf`. */
ptl_expr ptl_expr_leaf(ptl_exprs *exprs, int leaf, bool nonnegative);

/* PTL_EXPR_NONE if an operand is, or the result overflows 64 bits. Division rounds as arith.divsi
 * does, towards zero; by zero it is PTL_EXPR_NONE. */
ptl_expr ptl_expr_add(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_sub(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_mul(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_div(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_rem(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_max(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_min(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
ptl_expr ptl_expr_add_const(ptl_exprs *exprs, ptl_expr a, int64_t value);

/* Marks that a step relied on the sign of an atom. */
void ptl_expr_assume_sign(ptl_exprs *exprs, int atom);

/* The number of the leaf that an expression is; -1: it is none. */
int ptl_expr_leaf_number(const ptl_exprs *exprs, ptl_expr a);

/* `a` without the term of that atom. */
ptl_expr ptl_expr_without(ptl_exprs *exprs, ptl_expr a, int atom);

/* Conditions: -1 where they hold, as true is in an i1, else 0. Equal conditions are one
 * expression: a < b and b > a, and each of them and the negation of a >= b. What the sign rule
 * decides is a constant. PTL_EXPR_NONE if an operand is. */
ptl_expr ptl_expr_is_zero(ptl_exprs *exprs, ptl_expr a);
ptl_expr ptl_expr_is_negative(ptl_exprs *exprs, ptl_expr a);
ptl_expr ptl_expr_not(ptl_exprs *exprs, ptl_expr condition);
ptl_expr ptl_expr_and(ptl_exprs *exprs, ptl_expr a, ptl_expr b);
/* Whether a condition is the `and` of two, and of which. */
bool ptl_expr_is_and(const ptl_exprs *exprs, ptl_expr condition, ptl_expr *a, ptl_expr *b);

/* Whether a value of the one can go with every value of the other: they have no leaf in common, and
 * only one of them has leaves other than the `count` from number `first` on. */
bool ptl_expr_are_independent(const ptl_exprs *exprs, ptl_expr a, ptl_expr b, int first, int count);

bool ptl_expr_is_const(const ptl_exprs *exprs, ptl_expr a, int64_t *value);
/* What `a` is at most, by its form: a constant, a minimum with one, a maximum of such.
 * INT64_MAX: not known. */
int64_t ptl_expr_most(const ptl_exprs *exprs, ptl_expr a);
/* Whether every part of `a` is a multiple of `divisor`, which is not 0. */
bool ptl_expr_is_multiple(const ptl_exprs *exprs, ptl_expr a, int64_t divisor);
/* Whether it is a linear function of the `count` leaves from number `first` on, and of all others
 * independent. It is the zero function only if it is the constant 0. */
bool ptl_expr_is_linear(const ptl_exprs *exprs, ptl_expr a, int first, int count);
/* Whether a - b is a constant, and which. */
bool ptl_expr_difference(ptl_exprs *exprs, ptl_expr a, ptl_expr b, int64_t *value);

#endif
