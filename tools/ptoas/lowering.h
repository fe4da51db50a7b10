/* Lowering the input, in a process of its own: MLIR is loaded only where it is needed, and
 * whatever happens to it there, the build goes on. */
#ifndef DROPIN_LOWERING_H
#define DROPIN_LOWERING_H

#include "helper.h"
#include "settings.h"

typedef enum lowering_outcome {
  LOWERING_CHANGED,   /* the lowered file is there */
  LOWERING_UNCHANGED, /* nothing was to be done; there is no file */
  LOWERING_FAILED,
} lowering_outcome;

typedef struct lowering {
  lowering_outcome outcome;
  char reason[512]; /* of a failure */
} lowering;

/* The exit codes of the program that lowers; others are failures, with the reason as the first
 * line of standard error. */
enum { LOWER_EXIT_CHANGED = 0, LOWER_EXIT_UNCHANGED = 10 };

/* Lowers `input` into the file `lowered`; `arch` may be NULL; `version` is that of the ptoas that
 * compiles it, empty if that is not known. If the file was changed, `h` stays for the proof; else
 * it has told what became of each function. */
lowering lowering_run(const settings *settings, const char *input, const char *lowered,
                      const char *arch, const char *version, helper *h);

#endif
