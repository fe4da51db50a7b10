/* Values and ops of a kernel in the user's words, for messages: names are those of the file, which
 * the reader keeps in the locations. */
#ifndef PTL_KERNEL_DESCRIBE_H
#define PTL_KERNEL_DESCRIBE_H

#include "kernel/kernel.h"

/* The SSA name of a value, with its `%`; "" if none is known. */
const char *ptl_name_of_value(ptl_arena *arena, MlirValue value);
const char *ptl_value_name(const ptl_kernel *kernel, int value);

/* A tile value: "mat tile %w_gate (at 131072)"; without a name or, at level2, an address, what
 * there is of it. */
const char *ptl_tile_text(ptl_arena *arena, const ptl_kernel *kernel, int value,
                          int64_t address_bytes);

/* The tile that an op writes, as a value number; -1 if it writes none. */
int ptl_written_tile(const ptl_kernel *kernel, const ptl_op *op);

/* What an op is in what is said of another one: "%t is loaded", "%acc is written by this product".
 */
const char *ptl_op_text(ptl_arena *arena, const ptl_kernel *kernel, const ptl_op *op);

#endif
