/* The pipes between the cube function and the vector function of a mixed kernel.
 *
 * While a function is walked, a record is made of it: its pushes, pops and frees as a tree of
 * sequences, loops and branches, with bounds and conditions as the walk has them. Two records are
 * compared: for each pipe and direction, does each core pop what the other pushes, on every path
 * and for all arguments; does any of them wait for ever; do the two agree on what a pipe is and
 * what goes through it? What a pipe takes in the buffers and in GM is judged as well.
 *
 * Counts are polynomials over trip counts and conditions, in which arguments, block indices and
 * loads from one address are the same on both cores. Equal polynomials are a proof. Unequal ones
 * are an error only with arguments for which the cores were run and the counts differ; else nothing
 * is known. Who waits for whom is run as well: exactly if nothing is symbolic, else for small trip
 * counts.
 */
#ifndef PTL_PIPES_PIPES_H
#define PTL_PIPES_PIPES_H

#include "walk/walk.h"

typedef struct ptl_pipe_record ptl_pipe_record;

/* A record of a kernel that is to be walked; NULL if it sets up no pipe and is not half of a mixed
 * kernel (`is_half`). */
ptl_pipe_record *ptl_pipe_record_new(ptl_arena *arena, const ptl_kernel *kernel,
                                     const ptl_target *target, bool is_half);
bool ptl_pipe_record_has_pipes(const ptl_pipe_record *record);
/* Forgets what it has and takes what follows as of a new walk over these expressions. */
void ptl_pipe_record_begin(ptl_pipe_record *record, const ptl_exprs *exprs);
void ptl_pipe_record_event(ptl_pipe_record *record, ptl_walk *walk, const ptl_event *event);

typedef struct ptl_pipe_finding {
  ptl_code fault;
  const ptl_op *op;
  bool in_vector;      /* the function that `op` is in */
  MlirOperation other; /* null if there is none */
  const char *text;
} ptl_pipe_finding;

typedef struct ptl_pipe_findings {
  ptl_arena *arena;
  ptl_pipe_finding *items;
  int count, capacity;
} ptl_pipe_findings;

/* Adds a finding; each op and fault once. */
__attribute__((format(printf, 5, 6))) void ptl_pipe_find(ptl_pipe_findings *out, ptl_code fault,
                                                         const ptl_pipe_record *record,
                                                         const ptl_op *op, const char *format, ...);

/* As ptl_pipe_find, with another op that it is about as well. */
__attribute__((format(printf, 6, 7))) void
ptl_pipe_find_with(ptl_pipe_findings *out, ptl_code fault, const ptl_pipe_record *record,
                   const ptl_op *op, const ptl_op *other, const char *format, ...);

/* The argument that tells the two vector cores apart: 0 or 1. */
enum { PTL_PIPE_LANE_KEY = -1 };

/* Compares the two functions of a kernel. `cube_keys` and `vector_keys` number their arguments:
 * what has one number is the same value. */
void ptl_pipes_compare(ptl_pipe_record *cube, const int *cube_keys, ptl_pipe_record *vector,
                       const int *vector_keys, ptl_pipe_findings *out);

/* Judges the memory of one function's pipes. */
void ptl_pipes_check_memory(const ptl_pipe_record *record, ptl_pipe_findings *out);

/* Bytes from the base of a reserve_buffer on that its pipe takes; 0 if it is no pipe's. */
int64_t ptl_pipe_ring_bytes(const ptl_pipe_record *record, MlirOperation reservation);

/* The first push, pop, loop or branch with one; NULL if nothing goes through its pipes. */
const ptl_op *ptl_pipe_record_first(const ptl_pipe_record *record);

/* Whether it is the vector core's. */
bool ptl_pipe_record_is_vector(const ptl_pipe_record *record);

#endif
