/* An address-level interpreter of .pto kernels: executes one function with concrete
 * scalar arguments, op by op, in program order, and records what it stores.
 *
 * What is stored is told by value identity (memory.h): two runs with equal records
 * have computed the same from the same elements of GM. A product is a sum that does not
 * depend on its order: out[m, n] is the sum of f(left[m, k]) * g(right[k, n]), modulo 2^64,
 * for 8 columns of an accumulator's row at once.
 *
 * As the hardware does it: rows of an accumulator are padded to 16, of an i32 one on
 * a2a3 to 32, and a product overwrites the padding, too; tmatmul.acc adds to its output
 * tile, whatever its input says. `adds_to_input` runs it as it is written instead.
 */
#ifndef PTL_TEST_MUTATION_MACHINE_H
#define PTL_TEST_MUTATION_MACHINE_H

#include "memory.h"
#include "program.h"

enum { MUT_ARGUMENT_SETS = 2 };

/* What an op read of a tile. */
typedef struct mut_read {
  uint64_t hash;
  bool by_alias; /* through a name that no op writes */
} mut_read;

typedef struct mut_record {
  uint64_t *stores; /* one hash for each store and push, in order */
  int count, capacity;
  int outside, unwritten, pieces; /* see mut_memory */
  const char *failed;             /* why the run could not be done, or NULL */
  /* Of judged runs: */
  mut_read *reads; /* of the Mat and vector tiles, in order */
  int read_count, read_capacity;
  bool is_consistent; /* every accumulator that left held one product without a gap */
} mut_record;

/* An alloc_tile, as it was executed last. */
typedef struct mut_place {
  const mut_op *op; /* NULL: never executed, or without an address */
  int64_t address;
  int64_t bytes; /* with an accumulator's padding */
} mut_place;

typedef struct mut_machine mut_machine;

/* A machine for kernels of this chip; `level2_bytes` is nothing, or what tiles without
 * addresses take together. */
mut_machine *mut_machine_create(bool is_a5);
void mut_machine_destroy(mut_machine *machine);

/* Runs with the given set of arguments. `places`, one for each op of the function by number, may
 * be NULL. `judge`: also tell is_consistent (slow). */
void mut_machine_run(mut_machine *machine, const mut_func *func, int argument_set,
                     bool adds_to_input, bool judge, mut_place *places, mut_record *out);

bool mut_record_equal(const mut_record *a, const mut_record *b);
void mut_record_free(mut_record *record);

int64_t mut_capacity(bool is_a5, mut_space space);
/* Bytes of a tile; of an accumulator with its padding. */
int64_t mut_tile_bytes(bool is_a5, const mut_tile_type *type);

#endif
