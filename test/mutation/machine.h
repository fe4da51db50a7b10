/* An address-level interpreter of .pto kernels: executes a kernel with concrete scalar
 * arguments, op by op, and records what it stores. A mixed kernel runs on a cube and two
 * vector cores (one where a5 dispatches one), which wait for each other at its pipes.
 *
 * What is stored is told by value identity (memory.h): two runs with equal records
 * have computed the same from the same elements of GM. A product is a sum that does not
 * depend on its order: out[m, n] is the sum of f(left[m, k]) * g(right[k, n]), modulo 2^64,
 * for 8 columns of an accumulator's row at once.
 *
 * As the hardware does it:
 *   - a product lies in L0C at the pitch of its own rows, rounded up to 16, and is read at the
 *     reader's (machine_pitch.c); so do operands in L0A and L0B;
 *   - i32 accumulators on a2a3 take 32 rows of each block column, and a product may
 *     write over all of them;
 *   - tmatmul.acc adds to its output tile, whatever its input says. `adds_to_input`
 *     runs it as it is written instead.
 */
#ifndef PTL_TEST_MUTATION_MACHINE_H
#define PTL_TEST_MUTATION_MACHINE_H

#include "memory.h"
#include "program.h"

/* 0, 1: different sizes; 2: all integers are 0. */
enum { MUT_ARGUMENT_SETS = 3, MUT_NOTHING = 2, MUT_CORES = 3 };

/* What an op read of a tile. */
typedef struct mut_read {
  uint64_t hash;
  bool by_alias; /* through a name that no op writes */
} mut_read;

/* From numbers to numbers. */
typedef struct mut_table {
  uint64_t *keys, *values;
  size_t size, count;
} mut_table;

typedef struct mut_record {
  uint64_t *stores; /* one hash for each store, in order, core after core */
  int count;
  int first[MUT_CORES + 1];       /* where each core's begin */
  bool is_other;                  /* than what was expected: the run was not finished */
  int outside, unwritten, pieces; /* see mut_memory */
  const char *failed;             /* why the run could not be done, or NULL */
  const char *ending;             /* what is wrong where pipes end, or NULL */
  int refused;                    /* what ptoas refuses of a pipe's ops */
  /* Of judged runs: */
  mut_read *reads; /* of the Mat and vector tiles, in order */
  int read_count, read_capacity;
  bool is_consistent; /* every accumulator that left held one product without a gap */
  int misplaced;      /* what was read where something else was meant to be */
  mut_table names;    /* under which name what was read by which */
} mut_record;

/* An alloc_tile, as it was executed last. */
typedef struct mut_place {
  const mut_op *op; /* NULL: never executed, or without an address */
  int64_t address;
  int64_t bytes; /* with an accumulator's padding */
} mut_place;

struct mut_machine;

typedef struct mut_how {
  int argument_set; /* from MUT_ARGUMENT_SETS on: the nth is `argument` + n * `argument_step` */
  int64_t argument, argument_step;
  bool adds_to_input;
  bool judge;                 /* also tell what only judged runs do (slow) */
  bool vector_first;          /* of a mixed kernel: who runs ahead */
  const mut_record *expected; /* end as soon as another thing is stored; or NULL */
  /* Is told each op, core after core: pipes between them stop nobody; true: it has run the op. Or
   * NULL. */
  bool (*listen)(void *user, struct mut_machine *machine, const mut_op *op);
  void *user;
} mut_how;

typedef struct mut_chip mut_chip;

mut_chip *mut_chip_create(bool is_a5);
void mut_chip_destroy(mut_chip *chip);

/* Runs a unit. `places`: for each of its functions, one for each op by number; or NULL. */
void mut_chip_run(mut_chip *chip, const mut_program *program, const mut_unit *unit, mut_how how,
                  mut_place *const places[2], mut_record *out);

bool mut_record_equal(const mut_record *a, const mut_record *b);
void mut_record_free(mut_record *record);

int64_t mut_capacity(bool is_a5, mut_space space);
/* Bytes of a tile; of an accumulator with its padding. */
int64_t mut_tile_bytes(bool is_a5, const mut_tile_type *type);

#endif
