/* What a proof takes for granted of a kernel's arguments, and prints. */
#ifndef PTL_CHECK_ASSUME_H
#define PTL_CHECK_ASSUME_H

#include "expr/expr.h"
#include "kernel/kernel.h"

typedef enum ptl_assumption_kind {
  PTL_ASSUMES_SIGN,     /* index arguments, block indices and loop variables are not negative */
  PTL_ASSUMES_NO_ALIAS, /* the memory of different pointer arguments does not overlap */
  PTL_ASSUMES_BOUND,    /* an upper bound that only an argument decides holds */
} ptl_assumption_kind;

typedef struct ptl_assumption {
  ptl_assumption_kind kind;
  const char *text;
} ptl_assumption;

/* Each once. */
typedef struct ptl_assumptions {
  ptl_assumption *items;
  int count, capacity;
} ptl_assumptions;

void ptl_assume(ptl_arena *arena, ptl_assumptions *assumptions, ptl_assumption_kind kind,
                const char *text);

/* Adds those that a walk leaves behind in its expressions, and that on pointers. */
void ptl_assume_of_walk(ptl_arena *arena, ptl_assumptions *assumptions, const ptl_kernel *kernel,
                        const ptl_exprs *exprs);

#endif
