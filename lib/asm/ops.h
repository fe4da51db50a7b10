/* What is known of each op: the rows of ops.def as a table, found by number or by name.
 *
 * A number is fixed once, when a text is read or a kernel is decoded; what is known of the op is
 * then asked of its row, never of its name.
 */
#ifndef PTL_ASM_OPS_H
#define PTL_ASM_OPS_H

#include <mlir-c/IR.h>

#include "support/strbuf.h"
#include "target/ptoas.h"

/* PTL_PTO_TLOAD, PTL_ARITH_ADDI, ...; PTL_NO_OP is an op without a row. */
typedef enum ptl_op_id {
  PTL_NO_OP,
#define OP(id, ...) PTL_##id,
#include "asm/ops.def"
#undef OP
  PTL_OP_ID_COUNT,
} ptl_op_id;

/* What an op is to the walk over a kernel. */
typedef enum ptl_op_kind {
  PTL_OP_OTHER, /* nothing: it is only passed over */
  /* integers, from here to PTL_OP_SELECT */
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
  PTL_OP_SLOT,       /* operands: multi tile, number of the slot */
  PTL_OP_VALIDSHAPE, /* operands: tile, rows, cols */
  PTL_OP_LOAD,       /* operands: part, tile */
  PTL_OP_EXTRACT,    /* operands: tile, row, col, tile */
  PTL_OP_MOVE,       /* operands: tile, tile */
  PTL_OP_MATMUL,     /* operands: left, right, acc */
  PTL_OP_MATMUL_ACC, /* operands: acc in, left, right, acc */
  PTL_OP_PRODUCT,    /* a product of another kind (walk/product_kinds.h) */
  PTL_OP_STORE,      /* operands: tile, part */
  PTL_OP_PUSH,       /* from cube to vector; operand: tile */
} ptl_op_kind;

typedef enum ptl_op_effect {
  PTL_EFFECT_UNKNOWN, /* taken as PTL_EFFECT_ACTS */
  PTL_EFFECT_PURE,    /* none but its results */
  PTL_EFFECT_MOVES,   /* reads and writes what its operands name, and nothing else */
  PTL_EFFECT_ACTS,    /* the other core, another op or the user notices it */
} ptl_op_effect;

/* How operands are read and written where the syntax does not tell. */
typedef enum ptl_op_operands {
  PTL_OPERANDS_BY_SYNTAX, /* outs(...) is written, `tmp` and `scratch` are scratch, others read */
  PTL_OPERANDS_NAMED,     /* the op reads and writes no bytes of them */
  PTL_OPERANDS_FILLED,    /* written */
  PTL_OPERANDS_PASSED,    /* written; what they pass through on their way is scratch */
} ptl_op_operands;

/* Pipes of a core, as ptoas assigns ops to them. */
typedef enum ptl_sync_pipe {
  PTL_SYNC_PIPE_NONE,
  PTL_SYNC_PIPE_S,
  PTL_SYNC_PIPE_V,
  PTL_SYNC_PIPE_MTE1,
  PTL_SYNC_PIPE_MTE2,
  PTL_SYNC_PIPE_MTE3,
  PTL_SYNC_PIPE_M,
  PTL_SYNC_PIPE_FIX,
  PTL_SYNC_PIPE_COUNT,
} ptl_sync_pipe;

/* What an op does to a pipe between the cores, and which way that leads. */
typedef enum ptl_pipe_act {
  PTL_PIPE_NONE,
  PTL_PIPE_INIT,
  PTL_PIPE_ALLOC,
  PTL_PIPE_PUSH,
  PTL_PIPE_POP,
  PTL_PIPE_FREE,
} ptl_pipe_act;

typedef enum ptl_pipe_direction { PTL_C2V, PTL_V2C } ptl_pipe_direction;

/* Which of ptoas' rules an op has to keep. rules/rules.c makes its table from this list, so that no
 * set is without its functions. FRONTEND: pipes by id; PIPE: pipes by handle. */
/* clang-format off */
#define PTL_FOR_EACH_RULES(SET)                                                                    \
  SET(ALLOC, alloc) SET(VALIDSHAPE, validshape) SET(VIEW, view) SET(PART, part) SET(LOAD, load)    \
  SET(STORE, store) SET(EXTRACT, extract) SET(MOVE, move) SET(PRODUCT, product)                    \
  SET(BIAS_PRODUCT, bias_product) SET(A5_ONLY, a5_only) SET(RESERVE, reserve)                      \
  SET(FRONTEND_INIT, frontend_init) SET(FRONTEND_DATA, frontend_data)                              \
  SET(FRONTEND_POP, frontend_pop) SET(PIPE, pipe) SET(PIPE_DATA, pipe_data)
/* clang-format on */

typedef enum ptl_op_rules {
  PTL_RULES_NONE,
#define SET(name, functions) PTL_RULES_##name,
  PTL_FOR_EACH_RULES(SET)
#undef SET
} ptl_op_rules;

/* How the simulator runs an op, a family of ops each. sim/ops.c makes its table from this list, so
 * that no family is without its function. */
/* clang-format off */
#define PTL_FOR_EACH_RUN(FAMILY)                                                                   \
  FAMILY(ADDPTR, addptr) FAMILY(ALLOC, alloc) FAMILY(ALLOC_MULTI, alloc_multi)                     \
  FAMILY(ARITH, arith) FAMILY(BINARY, binary)                                                      \
  FAMILY(BLOCK_VALUE, block_value) FAMILY(CAST, cast) FAMILY(COMPARE, compare)                     \
  FAMILY(CONCAT, concat) FAMILY(CONSTANT, constant) FAMILY(CONVERT, convert)                       \
  FAMILY(COUNT_UP, count) FAMILY(EXPAND, expand) FAMILY(EXTRACT, extract)                          \
  FAMILY(FILLPAD, fillpad) FAMILY(FREE_SLOT, free_slot) FAMILY(GET_VALID, get_valid)               \
  FAMILY(GETVAL, getval) FAMILY(INIT_PIPE, init_pipe) FAMILY(LOAD, load)                           \
  FAMILY(LOAD_SCALAR, load_scalar) FAMILY(MAKE_VIEW, make_view) FAMILY(MATMUL, matmul)             \
  FAMILY(MOVE, move) FAMILY(NOTHING, nothing) FAMILY(PART, part) FAMILY(PICK, pick)                \
  FAMILY(POP_TILE, pop_tile) FAMILY(PUSH_TILE, push_tile) FAMILY(REAL_ARITH, real_arith)           \
  FAMILY(REAL_COMPARE, real_compare) FAMILY(REDUCE, reduce) FAMILY(RESERVE, reserve)               \
  FAMILY(RESHAPE, reshape) FAMILY(SLOT, slot)                                                      \
  FAMILY(SAME_INTEGER, same_integer) FAMILY(SELECT, select) FAMILY(SET_VALID, set_valid)           \
  FAMILY(SETVAL, setval) FAMILY(SPLAT, splat) FAMILY(STORE, store)                                 \
  FAMILY(STORE_SCALAR, store_scalar) FAMILY(SUBVIEW, subview) FAMILY(TRANSPOSE, transpose)         \
  FAMILY(UNARY, unary)
/* clang-format on */

typedef enum ptl_op_run {
  PTL_RUN_NONE,      /* it cannot */
  PTL_RUN_STRUCTURE, /* control flow, which the simulator follows by itself */
#define FAMILY(name, function) PTL_RUN_##name,
  PTL_FOR_EACH_RUN(FAMILY)
#undef FAMILY
      PTL_RUN_COUNT,
} ptl_op_run;

/* What a family of ops computes: of two numbers, or of one. */
typedef enum ptl_op_function {
  PTL_FN_ADD,
  PTL_FN_SUB,
  PTL_FN_MUL,
  PTL_FN_DIV,
  PTL_FN_UDIV,
  PTL_FN_CEILDIV,
  PTL_FN_FLOORDIV,
  PTL_FN_REM,
  PTL_FN_UREM,
  PTL_FN_MAX,
  PTL_FN_MIN,
  PTL_FN_UMAX,
  PTL_FN_UMIN,
  PTL_FN_AND,
  PTL_FN_OR,
  PTL_FN_XOR,
  PTL_FN_SHL,
  PTL_FN_SHR,
  PTL_FN_EXPDIF, /* exp(a - b) */
  /* of one number */
  PTL_FN_COPY,
  PTL_FN_NEG,
  PTL_FN_ABS,
  PTL_FN_EXP,
  PTL_FN_LOG,
  PTL_FN_SQRT,
  PTL_FN_RSQRT,
  PTL_FN_RECIP,
  PTL_FN_RELU,
  PTL_FN_NOT,
} ptl_op_function;

/* How an op without a syntax of ours is written; write_std.c. */
typedef enum ptl_op_form {
  PTL_FORM_GENERIC,
  PTL_FORM_CONSTANT,
  PTL_FORM_COMPARE,
  PTL_FORM_ELEMENTWISE,
  PTL_FORM_CAST,
  PTL_FORM_SELECT,
  PTL_FORM_FOR,
  PTL_FORM_IF,
  PTL_FORM_YIELD,
  PTL_FORM_RETURN,
  PTL_FORM_CALL,
} ptl_op_form;

/* Sets of operands, by their number. */
enum {
  PTL_OPERANDS_NONE = 0,
  PTL_OPERANDS_ALL = 0xffff,
  PTL_OPERANDS_FIRST = 1 << 0,
  PTL_OPERANDS_SECOND = 1 << 1,
  PTL_OPERANDS_BUT_FIRST = PTL_OPERANDS_ALL & ~PTL_OPERANDS_FIRST,
};

typedef struct ptl_op_row {
  const char *name; /* with its dialect; of the dialect alone, with its dot: any other op of it */
  size_t name_length;
  const char *syntax; /* NULL: MLIR reads it */
  ptl_op_effect effect;
  ptl_op_kind kind;
  const char *also; /* another spelling of the name, which is read and kept; NULL: none */
  int also_since;   /* the first ptoas that has that spelling */
  ptl_op_form form;
  ptl_op_operands operands;
  ptl_sync_pipe pipe;
  ptl_pipe_act act;
  ptl_pipe_direction direction;
  ptl_op_rules rules;
  ptl_op_run run;
  int function;   /* ptl_op_function of a family of ops, else which of the ops of its `run` */
  bool by_row;    /* along the rows of a tile; else along its columns */
  unsigned apart; /* operands on which no output may lie */
  bool may_in_registers; /* where vector ops go through registers, element by element, it may */
  bool shows_gm;         /* what was stored to GM before it can be loaded after it */
  /* The ptoas that have it by its name, 60 for 0.60, of those that were looked at. 0: from the
   * oldest on, to the newest. */
  int since, until;
} ptl_op_row;

/* By number; the row of PTL_NO_OP says nothing. Rows stand in the order of their names. */
extern const ptl_op_row ptl_op_table[PTL_OP_ID_COUNT];

/* The number of an op, by its name or its other spelling; that of its dialect, or PTL_NO_OP, if it
 * has no row of its own. */
ptl_op_id ptl_op_find(ptl_str name);

/* Whether it is an op of the arith dialect, with a row of its own or not. Rows stand in the order
 * of their names, those of a dialect side by side. */
static inline bool ptl_op_is_arith(ptl_op_id id) {
  return id >= PTL_ANY_ARITH && id <= PTL_ARITH_XORI;
}

/* The number of an op of MLIR. */
ptl_op_id ptl_op_id_of(MlirOperation op);

/* The numbers of ops that were asked for, by their names, which a context has once: to look one up
 * in the table takes longer. All zero to begin with, and for one context. */
enum { PTL_KNOWN_OPS_BITS = 6 };
typedef struct ptl_known_ops {
  const void *names[1 << PTL_KNOWN_OPS_BITS];
  ptl_op_id ids[1 << PTL_KNOWN_OPS_BITS];
} ptl_known_ops;
ptl_op_id ptl_known_op_id(ptl_known_ops *known, MlirOperation op);

/* The row of an op of MLIR. */
const ptl_op_row *ptl_op_row_of(MlirOperation op);

/* Whether an op of MLIR is this one. */
bool ptl_op_is(MlirOperation op, ptl_op_id id);

/* The versions of ptoas in which ops were looked up, ascending; 0.63 and 0.64 for what one renamed
 * only. */
#define PTL_OPS_LOOKED_AT(VERSION) VERSION(27) VERSION(48) VERSION(60) VERSION(63) VERSION(64)

typedef enum ptl_op_absence {
  PTL_OP_NOT_MISSING, /* or not known */
  PTL_OP_NOT_YET,
  PTL_OP_NO_LONGER,
} ptl_op_absence;

/* Whether a version of ptoas surely has no op of this row by this name; `with` is then the nearest
 * one that was looked at and has it. */
ptl_op_absence ptl_op_missing(const ptl_op_row *row, ptl_str name, ptl_version version,
                              ptl_version *with);

/* An op's name without its dialect. */
ptl_str ptl_op_short_name(ptl_str name);

/* Whether ptoas has an op of that name (with `pto.`), with or without a row. */
bool ptl_op_exists(ptl_str name);

/* The op, without `pto.`, that a name was probably meant to be; empty if it is like none. */
ptl_str ptl_op_nearest(ptl_str name);

#endif
