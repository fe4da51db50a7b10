/* A kernel function, decoded once: what the walk, the checker and the cost model
 * read instead of MLIR ops.
 *
 * Values are numbers. Every op is kept, also those that are only passed over
 * (PTL_OP_OTHER); `op` leads back to the MLIR op. Decoding judges nothing: what an
 * op's operands hold is the walk's business.
 */
#ifndef PTL_KERNEL_KERNEL_H
#define PTL_KERNEL_KERNEL_H

#include <mlir-c/IR.h>

#include "asm/asm.h"
#include "kernel/access.h"
#include "support/arena.h"

typedef enum ptl_op_kind {
  PTL_OP_CONST, /* imm */
  PTL_OP_ADD,
  PTL_OP_SUB,
  PTL_OP_MUL,
  PTL_OP_DIV,
  PTL_OP_REM,
  PTL_OP_DIV_UNSIGNED, /* followed for operands that are never negative */
  PTL_OP_REM_UNSIGNED,
  PTL_OP_MAX,
  PTL_OP_MIN,
  PTL_OP_CAST,          /* index_cast and the like: the same integer, where it fits */
  PTL_OP_CAST_UNSIGNED, /* the integer that the bits of the operand are without a sign */
  PTL_OP_AND,           /* bitwise; followed for constants */
  PTL_OP_OR,
  PTL_OP_XOR,
  PTL_OP_CMP, /* imm: arith predicate */
  PTL_OP_SELECT,
  PTL_OP_FOR, /* operands: lower, upper, step, initial values; block 0 */
  PTL_OP_IF,  /* operand: condition; blocks 0 and, if there is an else, 1 */
  PTL_OP_YIELD,
  PTL_OP_RETURN,
  PTL_OP_VIEW,  /* operands: pointer, shape, strides (rank each) */
  PTL_OP_PART,  /* operands: view, offsets, sizes (rank each) */
  PTL_OP_ALLOC, /* address, valid_row, valid_col: value numbers or -1 */
  /* the same of several slots, side by side */
  PTL_OP_ALLOC_MULTI,
  PTL_OP_SLOT,       /* multi_tile_get; operands: multi tile, number of the slot */
  PTL_OP_VALIDSHAPE, /* operands: tile, rows, cols */
  PTL_OP_LOAD,       /* operands: part, tile */
  PTL_OP_EXTRACT,    /* operands: tile, row, col, tile */
  PTL_OP_MOVE,       /* operands: tile, tile */
  PTL_OP_MATMUL,     /* operands: left, right, acc */
  PTL_OP_MATMUL_ACC, /* operands: acc in, left, right, acc */
  PTL_OP_STORE,      /* operands: tile, part */
  PTL_OP_PUSH,       /* tpush_to_aiv; operand: tile */
  PTL_OP_OTHER,      /* anything else */
} ptl_op_kind;

typedef struct ptl_block ptl_block;

typedef struct ptl_op {
  ptl_op_kind kind;
  MlirOperation op;
  int index; /* in program order, 0 is the function's first op */
  int operand_count, result_count;
  int *operands;      /* value numbers */
  ptl_access *access; /* of each operand */
  int first_result;   /* results are numbered in a row */
  int64_t imm;
  int rank;                          /* VIEW, PART */
  int address, valid_row, valid_col; /* ALLOC, ALLOC_MULTI */
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
  int bits;           /* of an integer; index: 64 */
  ptl_tile_type tile; /* of a tile, or of one slot of a multi tile */
  int slot_count;     /* of a multi tile; else 0 */
  ptl_view_type view; /* of a view or part */
} ptl_value;

typedef struct ptl_kernel {
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
