/* Tensors whose rows are dynamic: how many there may be. */
#ifndef PTL_IR_DYNAMIC_ROWS_H
#define PTL_IR_DYNAMIC_ROWS_H

#include <mlir-c/IR.h>
#include <stdbool.h>
#include <stdint.h>

enum { PTL_DEFAULT_MAX_ROWS = 128 };

/* The attribute of an argument that says so. */
extern const char ptl_attr_max_rows[];

/* Whether a type is a tensor of two dimensions of which the rows, and nothing else, are dynamic. */
bool ptl_has_dynamic_rows(MlirType type);

/* Most rows of such an argument of a function: its attribute, else PTL_DEFAULT_MAX_ROWS. */
int64_t ptl_max_rows_of(MlirOperation func, intptr_t argument);

/* Which of the function's arguments with dynamic rows an argument is. The kernel made from the
 * function takes their rows in that order, behind its results. */
intptr_t ptl_dynamic_rows_number(MlirBlock body, intptr_t argument);

#endif
