/* A .pto file as the mutation test sees it: read by a small line-based parser of its
 * own, which shares nothing with lib/asm. It keeps where each statement and each
 * operand stands in the text, so that a mutation is an edit of the text.
 *
 * Understood is what pypto writes: one statement begins on a line, its rest may go
 * on in further lines; custom op forms only.
 */
#ifndef PTL_TEST_MUTATION_PROGRAM_H
#define PTL_TEST_MUTATION_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mut_space {
  MUT_MAT,
  MUT_LEFT,
  MUT_RIGHT,
  MUT_ACC,
  MUT_BIAS,
  MUT_SCALING,
  MUT_VEC,
  MUT_SPACES,
} mut_space;

typedef struct mut_tile_type {
  mut_space space;
  char elem[8];
  int64_t elem_bytes;
  int64_t rows, cols;
  int64_t valid_rows, valid_cols; /* -1: not in the type */
  bool blocks_col_major;
  enum { MUT_INNER_NONE, MUT_INNER_ROW, MUT_INNER_COL } inner;
  int64_t fractal;
  int compact;
  char pad[24];
} mut_tile_type;

typedef enum mut_result_type {
  MUT_NO_RESULT,
  MUT_INTEGER,
  MUT_FLOAT,
  MUT_POINTER,
  MUT_VIEW,
  MUT_TILE,
} mut_result_type;

typedef struct mut_value {
  char *name; /* with % */
  mut_result_type kind;
  mut_tile_type tile;
  int scope;       /* number of the block that it is defined in */
  bool is_written; /* it, or a slice of it, stands in an op's outs(...) */
  int slice_of;    /* the tile that a subview is a part of; -1 */
} mut_value;

typedef struct mut_operand {
  int value;                   /* -1: name not found */
  char key;                    /* alloc_tile: a addr, r valid_row, c valid_col; else 0 */
  bool is_out;                 /* stands in outs(...) */
  size_t begin, end;           /* its token in the text */
  size_t type_begin, type_end; /* of its type; equal: it has none of its own */
} mut_operand;

typedef struct mut_block mut_block;

typedef struct mut_op {
  char name[48]; /* "pto.tload" */
  int number;    /* in program order */
  int line;
  size_t begin, end;           /* the statement; of one with a block: its head */
  size_t close;                /* after its last block, loc(...) and all; without one: its end */
  size_t type_begin, type_end; /* of its result's type, if it is a tile */
  mut_operand *operands;
  int operand_count;
  int *results;
  int result_count;
  bool is_float;          /* constant, load_scalar: not an integer */
  int64_t integer;        /* constant; cmpi: the predicate's letters */
  const char *attributes; /* text of the statement, NUL-terminated */
  mut_block *blocks[2];
  int scope;
} mut_op;

struct mut_block {
  int number, parent; /* of blocks; -1 */
  bool in_loop;
  size_t begin, end; /* of its inside in the text */
  mut_op *ops;
  int count, capacity;
  int *arguments; /* loop variable, carried values */
  int argument_count;
};

typedef struct mut_func {
  char name[128];
  size_t begin, end;    /* in the text */
  size_t entry;         /* behind the brace of its head: where a constant can be put */
  size_t last_argument; /* where one more can be added */
  bool is_vector;       /* kernel_kind */
  mut_block *body;      /* its arguments are the function's */
  mut_value *values;
  int value_count, value_capacity;
  int op_count, block_count;
  const mut_block **blocks; /* by number */
  const char *unknown;      /* a statement that was not understood, or NULL */
} mut_func;

typedef struct mut_program {
  bool is_a5;
  mut_func *funcs;
  int func_count;
} mut_program;

/* What runs as one kernel: a function, or the cube's and the vector core's halves. */
typedef struct mut_unit {
  int funcs[2]; /* by number in the program; the cube's first */
  int count;
} mut_unit;

/* Reads the whole text, NUL-terminated. What is not understood is noted in the function. */
mut_program *mut_program_read(const char *text);
void mut_program_free(mut_program *program);

/* The unit that begins with a function; `count` is 0 if the function is another one's half. */
mut_unit mut_unit_of(const mut_program *program, int func);

/* Whether a value can be named at an op. */
bool mut_in_scope(const mut_func *func, int value, const mut_op *op);

/* Where the value of an attribute stands in the op's text, `key` being "slot_num = ", say; NULL if
 * there is none. And the value, if it is a number. */
const char *mut_find_attribute(const mut_op *op, const char *key);
int64_t mut_attribute(const mut_op *op, const char *key, int64_t otherwise);

/* The type in the long spelling, at most `size` bytes with its NUL. */
void mut_write_tile_type(const mut_tile_type *type, char *out, size_t size);

#endif
