/* Expressions as text, in the names of the kernel's values: `%n - 16`. */
#ifndef PTL_EXPR_EXPR_TEXT_H
#define PTL_EXPR_EXPR_TEXT_H

#include "expr/leaves.h"
#include "kernel/kernel.h"

/* "?" for PTL_EXPR_NONE, and for what is too deep to be read. */
const char *ptl_expr_text(ptl_arena *arena, const ptl_kernel *kernel, ptl_exprs *exprs,
                          const ptl_leaves *leaves, ptl_expr expr);

#endif
