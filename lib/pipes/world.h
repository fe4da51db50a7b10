/* Integers of both functions of a mixed kernel as expressions of one world: what is the same value
 * on both cores is the same symbol. Arguments are told by the keys that the comparison gave them.
 */
#ifndef PTL_PIPES_WORLD_H
#define PTL_PIPES_WORLD_H

#include "pipes/pipes.h"

typedef enum ptl_symbol_kind {
  PTL_SYMBOL_ARG,   /* key: of the argument */
  PTL_SYMBOL_OP,    /* an op on operands, the same wherever they are */
  PTL_SYMBOL_LOAD,  /* a load from a place in memory */
  PTL_SYMBOL_LOOP,  /* number of the iteration of a loop; key: its depth */
  PTL_SYMBOL_OTHER, /* a value of one function alone */
} ptl_symbol_kind;

enum { PTL_SYMBOL_OPERANDS = 4 };

typedef struct ptl_symbol {
  ptl_symbol_kind kind;
  int64_t key;
  const char *name; /* of the op */
  ptl_expr operands[PTL_SYMBOL_OPERANDS];
  int operand_count;
  bool nonnegative, is_bool;
  const ptl_op *op;              /* the first that was seen */
  const ptl_pipe_record *record; /* that it is of */
  int value;
} ptl_symbol;

/* By expression: what was found out of it in one pass over others. */
typedef struct ptl_world_marks {
  int *passes; /* the pass that it was found in */
  ptl_expr *values;
  int count, pass;
} ptl_world_marks;

typedef struct ptl_world {
  ptl_arena *arena;
  ptl_exprs exprs;
  ptl_symbol *symbols;
  int symbol_count, symbol_capacity;
  ptl_map symbol_map;
  struct ptl_factor *factors;
  int factor_count, factor_capacity;
  int64_t work;                        /* products of monomials so far */
  const struct ptl_count **conditions; /* by expression: 1 where it holds; NULL: not made yet */
  int condition_count;
  ptl_world_marks marks;
} ptl_world;

/* A function as it runs on one core. */
typedef struct ptl_core {
  ptl_world *world;
  const ptl_pipe_record *record;
  int lane;       /* of the vector core: 0 or 1 */
  ptl_expr *memo; /* by expression of the walk */
  int memo_count, nesting;
  const ptl_op *unknown; /* the first loop or branch whose count is not known */
} ptl_core;

/* The key of an argument of a function that was compared; -1 if the value is none. */
int ptl_pipe_argument_key(const ptl_pipe_record *record, int value);
void ptl_world_init(ptl_world *world, ptl_arena *arena);
/* An expression of the walk as one of the world; PTL_EXPR_NONE if it is not known. */
ptl_expr ptl_core_expr(ptl_core *core, ptl_expr expr);
/* An atom of the world as an expression. */
ptl_expr ptl_world_atom(ptl_world *world, ptl_atom atom);
/* Whether it is another number in each iteration of some loop. */
bool ptl_world_is_in_loop(ptl_world *world, ptl_expr expr);

#endif
