/* The sign of an integer, by what is known on a path.
 *
 * What is known are facts: expressions that are not negative, or not zero. A proof replaces atoms
 * one after the other by what bounds them: a maximum, minimum, quotient or rest by its operands, a
 * leaf by a fact about it. It never guesses: what is not proved may be so all the same.
 * A witness is the other way round: values of the arguments under which all facts hold
 * and the integer is negative.
 */
#ifndef PTL_EXPR_SIGN_H
#define PTL_EXPR_SIGN_H

#include "expr/leaves.h"

typedef struct ptl_fact {
  ptl_expr expr;
  bool is_nonzero; /* not 0; else: not negative */
} ptl_fact;

typedef struct ptl_facts {
  ptl_arena *arena;
  ptl_exprs *exprs;
  const ptl_leaves *leaves;
  ptl_fact *items;
  int count, capacity;
} ptl_facts;

/* `expr` is not negative. */
void ptl_facts_add(ptl_facts *facts, ptl_expr expr);

/* The condition holds, or does not. PTL_EXPR_NONE: nothing is known. */
void ptl_facts_assume(ptl_facts *facts, ptl_expr condition, bool holds);

/* Whether `expr` is not negative wherever the facts hold. */
bool ptl_is_nonnegative(ptl_facts *facts, ptl_expr expr);

/* The least number from 0 to `limit` of which it is proved that `expr`, where it is not negative,
 * does not exceed it; `limit`, which it does not exceed, if there is none. */
int64_t ptl_most_of(ptl_facts *facts, ptl_expr expr, int64_t limit);

enum { PTL_WITNESS_LEAVES = 16 };

typedef struct ptl_witness {
  int leaves[PTL_WITNESS_LEAVES];     /* ascending */
  int64_t values[PTL_WITNESS_LEAVES]; /* of a loop that is counted: that of its variable */
  int count;
  int argument_count; /* of the kernel, on which the expression depends */
  int64_t value;      /* of the expression: negative */
} ptl_witness;

/* Looks for values of arguments and loop variables under which the facts hold and `expr` is
 * negative, whatever the values that are not known. */
bool ptl_find_negative(ptl_facts *facts, ptl_expr expr, ptl_witness *witness);

#endif
