/* `ptolower pypto-kernel`: a lowered kernel as pypto models call it from outside: the .pto, the C++
 * with its entry, and a Python stub (docs/pypto-lib.md). */
#ifndef PTOLOWER_PYPTO_KERNEL_H
#define PTOLOWER_PYPTO_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <ptolower/signature.h>

#include "common/files.h"

enum { PYPTO_NAME = 64, PYPTO_ARGS = 32, PYPTO_WEIGHTS = 4, PYPTO_RANK = 5, PYPTO_FUNCTIONS = 2 };

/* Bytes of what slots are counted in: FP32. */
enum { PYPTO_SLOT_ELEMENT = 4 };

/* The rows of a view that says nothing about them. */
#define PYPTO_ANY_ROWS (1L << 30)

/* Where an offset comes from. */
typedef enum pypto_offset {
  PYPTO_NO_OFFSET, /* always zero */
  PYPTO_ARGUMENT,  /* an index argument */
  PYPTO_BLOCK,     /* the SPMD block index, times the tile */
} pypto_offset;

/* The command line. */
typedef struct pypto_words {
  const char *input, *out_dir, *name, *weights, *dtype, *target, *ptoas, *synchroniser;
  const char *m, *k, *n, *lda, *ldb, *ldc, *b_rows, *n_offset, *row_offset;
  bool transpose_b, is_helped, synchronises;
} pypto_words;

/* A kernel that is to be made. */
typedef struct pypto_shape {
  const char *name, *dtype, *chip;
  char weights[PYPTO_WEIGHTS][PYPTO_NAME];
  int weight_count;
  bool is_transposed; /* the weights are N x K */
  bool cuts_columns;  /* the columns may be cut into tiles, in a loop */
  long m, k, n, lda, ldb, ldc, b_rows;
  pypto_offset n_offset, row_offset;
} pypto_shape;

typedef enum pypto_kind {
  PYPTO_TENSOR,
  PYPTO_SCALAR,
  /* Given by the runtime, not by the model. */
  PYPTO_BLOCK_IDX,
  PYPTO_BLOCK_NUM,
  PYPTO_SUBBLOCK_IDX,
} pypto_kind;

typedef struct pypto_arg {
  char ssa[PYPTO_NAME];  /* its name in the kernel, without % */
  char name[PYPTO_NAME]; /* in C++ and Python */
  pypto_kind kind;
  char dtype[8]; /* of a scalar, or of a tensor's elements */
  long dims[PYPTO_RANK];
  int rank; /* 0: the extents are not known */
  bool is_viewed, is_read, is_written;
  long pipe_bytes; /* of its slots, if it is what the cores hand tiles on through */
} pypto_arg;

typedef struct pypto_function {
  char name[PYPTO_NAME];
  bool is_vector;
  pypto_arg args[PYPTO_ARGS];
  int arg_count;
} pypto_function;

/* What a lowered kernel says of itself: one function, or those of a mixed kernel, X_aic and X_aiv,
 * which agree in what the model gives them. */
typedef struct pypto_signature {
  char name[PYPTO_NAME];
  pypto_function functions[PYPTO_FUNCTIONS];
  int function_count;
  bool is_dual;         /* X_aiv runs on both vector cores of a cube core */
  bool has_pipe;        /* its cores hand tiles on */
  bool stores_in_parts; /* of a task's tiles */
  long n_tile, n_total; /* columns of what one task stores, and of the tensor; 0: not known */
  size_t tile_count, placed_tile_count; /* that its functions allocate; that have an address */
} pypto_signature;

/* The shape that the command line asks for. False: it is none, which has been reported. */
bool pypto_read_shape(const pypto_words *words, const char *chip, pypto_shape *out);

/* Whether the weights may have any number of rows; the kernel does not ask for it. */
bool pypto_any_rows(const pypto_words *words);

/* The name of the argument with the first row of the weights. */
const char *pypto_row_argument(const pypto_shape *shape);

/* Whether it has more rows than one product takes. */
bool pypto_is_high(const pypto_shape *shape);

/* The products of the shape, as the pass pipeline has them after fuse-products, or where they are
 * high before it; to be freed. */
char *pypto_write_input(const pypto_shape *shape, size_t *length);

/* Takes over what the library read of a lowered kernel. False: it cannot be called so, which has
 * been reported. */
bool pypto_take_signature(const char *path, const ptolower_result *result, pypto_signature *out);

/* Whether a model gives this argument. */
bool pypto_is_given(const pypto_arg *arg);

/* Whether the runtime tells the function which block it is. */
bool pypto_is_spmd(const pypto_function *function);

/* pypto's name of a type; NULL: it has none. */
const char *pypto_type_name(const char *dtype);

/* The C++ of a function: what ptoas made of the kernel, with the entry after it. To be freed;
 * NULL: the function is not in it. */
char *pypto_write_cpp(const pypto_signature *kernel, const pypto_function *function,
                      const char *ptoas_text, const ptolower_chip *chip, size_t *length);

/* The Python module. To be freed. */
char *pypto_write_stub(const pypto_signature *kernel, const char *chip, size_t *length);

/* The command; argv[0] is its name. */
ptolower_status pypto_kernel_main(int argc, char **argv);

/* A kernel that a ptoas is to compile. */
typedef struct pypto_compile {
  const char *ptoas;
  const char *path; /* of the .pto */
  const char *text; /* what it holds */
  size_t length;
  const char *arch; /* of ptoas' --pto-arch */
  bool is_level2;   /* ptoas plans the addresses */
  bool proves;      /* the flags that it puts in have to be proved */
  ptolower_options *options;
} pypto_compile;

/* What ptoas made of it. It lies where nothing else does, so that what remains of a run that fails
 * is not taken for a kernel. False: it does not compile, or its flags are wrong, which has been
 * reported. */
bool pypto_run_ptoas(const pypto_compile *given, file_text *out);

#endif
