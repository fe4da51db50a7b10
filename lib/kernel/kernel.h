/* A kernel function, decoded once: what the walk, the checker and the cost model
 * read instead of MLIR ops.
 *
 * Values are numbers, and so are ops: `id` leads to the row of ops.def, and `op` back to the MLIR
 * op. Every op is kept, also those that are only passed over (PTL_OP_OTHER). Decoding judges
 * nothing: what an op's operands hold is the walk's business.
 */
#ifndef PTL_KERNEL_KERNEL_H
#define PTL_KERNEL_KERNEL_H

#include <mlir-c/IR.h>

#include "asm/asm.h"
#include "kernel/access.h"
#include "support/arena.h"

typedef struct ptl_block ptl_block;

typedef struct ptl_op {
  ptl_op_id id;
  ptl_op_kind kind; /* that of its row, or PTL_OP_OTHER if the op is not formed as its kind is */
  MlirOperation op;
  int index; /* in program order, 0 is the function's first op */
  int operand_count, result_count;
  int *operands;      /* value numbers */
  ptl_access *access; /* of each operand */
  int first_result;   /* results are numbered in a row */
  int64_t imm;
  int rank;                          /* VIEW, PART */
  int address, valid_row, valid_col; /* ALLOC, ALLOC_MULTI */
  int place; /* ALLOC, ALLOC_MULTI without an address: the tile (a value number) whose bytes it has;
                its own result, unless ptl_attr_place says otherwise */
  bool shares_place;    /* ALLOC: it says otherwise of this or another one */
  struct ptl_op *slots; /* ALLOC_MULTI: an ALLOC for each, with its number as `imm` and a value of
                           its own as result */
  int slot_count;
  ptl_block *blocks[2];
  const struct ptl_op *parent; /* the op around it; NULL: the function */
  bool holds_sink; /* FOR, IF: a STORE or PUSH, or an op of unknown effect on tiles, is inside */
} ptl_op;

struct ptl_block {
  ptl_op *ops;
  int op_count;
  int first_argument; /* value number of the first block argument */
  int argument_count;
};

typedef struct ptl_value {
  MlirValue value;
  bool is_tile, is_view, is_integer, is_pointer;
  bool is_named;      /* it is an operand of an op */
  int bits;           /* of an integer; index: 64 */
  ptl_tile_type tile; /* of a tile, or of one slot of a multi tile */
  int slot_count;     /* of a multi tile; else 0 */
  ptl_view_type view; /* of a view or part */
} ptl_value;

typedef struct ptl_kernel {
  ptl_arena *arena; /* of what the kernel points to, also of names that are asked for later */
  MlirOperation func;
  const char *name;
  ptl_block *body;
  ptl_value *values;
  int value_count, value_capacity;
  int op_count;
  bool has_addresses; /* level3 */
  bool has_tiles;
  const char **names; /* by value number, where it was asked for (describe.h) */
} ptl_kernel;

/* On alloc_tile ops without an address: a number; those of one number have the bytes of the first
 * of them (passes/join_accumulators.c). */
extern const char ptl_attr_place[];

/* What is known of an op. */
static inline const ptl_op_row *ptl_row(const ptl_op *op) { return &ptl_op_table[op->id]; }

/* Decodes a func.func with a body. The kernel lives in the arena and is valid as
 * long as the function's ops are. */
ptl_kernel *ptl_kernel_decode(ptl_arena *arena, MlirOperation func);

/* `value` in two's complement of `bits`, 1 to 64: what is kept of it, with its sign. So true is -1
 * wherever integers of a kernel are computed, as for arith.extsi. */
int64_t ptl_wrap_signed(int64_t value, int bits);

/* The same bits, read without a sign. */
int64_t ptl_wrap_unsigned(int64_t value, int bits);

/* The location of an op, for diagnostics. */
ptl_loc ptl_op_loc(ptl_arena *arena, const ptl_op *op);

#endif
