/* Running a .pto kernel on the host: values at addresses.
 *
 * GM tensors are byte arrays that the caller owns; every on-chip buffer is one byte array of
 * the chip's size, tiles lie in it at their addresses and in their fractal layouts (at level2,
 * without addresses, every alloc_tile has bytes of its own). Beside each byte of a buffer
 * stands whether it was ever written; an unwritten one that is stored to GM is an error.
 * Instructions take effect in program order: a race is not seen.
 *
 * An element of a product is summed in ascending k, over all tmatmul and tmatmul.acc that
 * make it; i8 and ui8 exactly in i32 (wrapping), floats in f32: the product rounded to f32 (exact
 * for f16 and bf16), then added and rounded, no fused multiply-add. Denormals are kept. Every NaN
 * that is computed is the quiet one. docs/sim.md has the rest.
 */
#ifndef PTL_SIM_SIM_H
#define PTL_SIM_SIM_H

#include "kernel/kernel.h"
#include "sim/fill.h"
#include "support/diag.h"
#include "target/target.h"

enum { PTL_SIM_VIEW_RANK = 5 };

/* Memory that a pointer argument points to. What is generated is made when it is first touched, in
 * blocks: a kernel that reads a tile of a large weight costs no more than the tile. */
typedef struct ptl_sim_tensor {
  ptl_elem elem;
  uint8_t *bytes;
  int64_t size;         /* bytes */
  bool borrowed;        /* `bytes` are the caller's: they are only read */
  bool grows;           /* the size is not known: it grows to what views and pointers reach */
  uint8_t *filled;      /* one for each block that was made; NULL: all were */
  ptl_sim_fill fill;    /* what the others hold */
  ptl_arena *arena;     /* from which it grows */
  int64_t row_elements; /* of the last view on it, for people; 0: unknown */
  int64_t shape[PTL_SIM_VIEW_RANK]; /* of the view that it grew to, in the order of memory */
  int rank;                         /* 0: there is none, or it has gaps */
  bool holds_indices;               /* scalars were read from it */
} ptl_sim_tensor;

enum { PTL_SIM_FILL_BLOCK = 256 };

typedef struct ptl_sim_arg {
  ptl_sim_tensor *tensor; /* of a pointer; else NULL */
  int64_t integer;        /* of an integer or index */
  double real;            /* of a float */
} ptl_sim_arg;

/* A tile that was pushed to vector functions which do not run. */
typedef struct ptl_sim_push {
  const ptl_op *op;
  ptl_elem elem;
  int64_t rows, cols;
  const uint8_t *bytes; /* dense */
} ptl_sim_push;

typedef struct ptl_sim_program ptl_sim_program;

/* Decodes a kernel for any number of runs. PTL_REFUSED with PTL301: it holds an op that
 * is not simulated. */
PTL_MUST_USE ptl_status ptl_sim_prepare(ptl_arena *arena, const ptl_kernel *kernel,
                                        const ptl_target *target, ptl_diags *diags,
                                        ptl_sim_program **out);

/* One launch. */
typedef struct ptl_sim_launch {
  ptl_arena *arena; /* of the run; may be freed after it */
  ptl_diags *diags;
  const ptl_target *target;
  const ptl_sim_program *cube;   /* the function, or the _aic one */
  const ptl_sim_program *vector; /* the _aiv function, run on both sub-blocks; may be NULL */
  const ptl_sim_arg *args;       /* of the cube function; both have the same arguments */
  int arg_count;
  int64_t first_block, block_count; /* blocks that are run, one after the other */
  int64_t block_num;                /* what the kernel is told */
  int64_t max_steps;                /* ops of one core; 0: 400 million */
  /* Run scalars and judge accesses: tensors have a size and no bytes, no data is moved. */
  bool addresses_only;
  /* Results. */
  int64_t stored;      /* elements that went to GM, or were pushed to functions that do not run */
  int64_t empty_loads; /* of no element */
  ptl_sim_push *pushes;
  int push_count, push_capacity;
} ptl_sim_launch;

/* Runs the blocks. PTL_REFUSED with a diagnostic of PTL302 to PTL307 at the op. */
PTL_MUST_USE ptl_status ptl_sim_run(ptl_sim_launch *launch);

/* Arguments named so are not the caller's: they say which block runs. */
bool ptl_sim_is_block_argument(const char *name);

/* Name of an argument, without %. */
const char *ptl_sim_argument_name(ptl_arena *arena, const ptl_kernel *kernel, int index);

/* Makes a tensor that grows hold `size` bytes; false if it is too large (2 GiB) or does not grow.
 * Without `bytes`, only the size changes. */
bool ptl_sim_tensor_reach(ptl_sim_tensor *tensor, int64_t size, bool bytes);

/* Gives a tensor its size, with bytes that are made when they are touched. */
void ptl_sim_tensor_allocate(ptl_sim_tensor *tensor, int64_t size);

/* Takes bytes of the caller's, who keeps them as long as the tensor is used. */
void ptl_sim_tensor_borrow(ptl_sim_tensor *tensor, const void *bytes, int64_t size);

/* To be called before bytes are written: what is borrowed is copied. */
void ptl_sim_tensor_own(ptl_sim_tensor *tensor);

/* Makes the elements from `first` to before `last`, where that was not done before. */
void ptl_sim_tensor_touch(ptl_sim_tensor *tensor, int64_t first, int64_t last);

#endif
