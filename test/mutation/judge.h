/* Whether a mutation changes what a kernel does, by running both.
 *
 * A mutation counts if, for one of the sets of arguments and either order of the cores, it
 * changes what the kernel stores, makes a read of bytes that nothing wrote reach a store, touches
 * what lies outside of a buffer, needs more room than there is, or makes cores wait for ever, leave
 * an entry in a pipe, or break what ptoas asks of a pipe's ops. Else it is neutral.
 */
#ifndef PTL_TEST_MUTATION_JUDGE_H
#define PTL_TEST_MUTATION_JUDGE_H

#include "machine.h"
#include "mutate.h"

enum { MUT_RUNS = MUT_ARGUMENT_SETS * 2 };

/* What the original does, and which of its runs can be compared with. */
typedef struct mut_original {
  mut_chip *chip;
  const mut_program *program;
  mut_unit unit;
  bool is_usable[MUT_RUNS];
  mut_record records[MUT_RUNS], as_written[MUT_RUNS];
  mut_record judged[MUT_RUNS]; /* once they are asked for */
  bool is_judged;
  const char *failed; /* why nothing can be judged, or NULL */
  int unwritten;      /* elements that are read and that nothing wrote */
  mut_place *places[2];
} mut_original;

void mut_original_run(mut_original *original, mut_chip *chip, const mut_program *program,
                      mut_unit unit);
void mut_original_free(mut_original *original);

bool mut_counts(const mut_original *original, const mut_program *mutant, mut_kind kind);

/* Why nobody can ask of the checker to catch a mutation that counts. */
typedef enum mut_excuse {
  MUT_NO_EXCUSE,
  MUT_SOUND,    /* the mutant is a sound kernel that was not meant */
  MUT_BY_ALIAS, /* a sound one, and the first wrong value is read through a name that nothing
                 * writes, pypto's way of seeing a column as a row, or a weight transposed */
} mut_excuse;

mut_excuse mut_excuse_of(mut_original *original, const mut_program *mutant, mut_kind kind);

#endif
