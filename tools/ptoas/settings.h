/* The environment variables that the drop-in obeys. */
#ifndef DROPIN_SETTINGS_H
#define DROPIN_SETTINGS_H

#include <stdbool.h>

/* Which kernels are rewritten because it pays. */
typedef enum admission {
  ADMIT_NOTHING,
  ADMIT_GATE_UP, /* QWEN_A8W8_DUAL_GATE_UP_PROJ=1: those with pairs of gate and up */
  ADMIT_PAIRS,   /* PTOLOWER_FUSE=1: those with products that share their left operand */
  ADMIT_ALL,     /* PTOLOWER=1 */
} admission;

/* Strings belong to the environment. */
typedef struct settings {
  admission admit;
  bool repairs;      /* PTOLOWER_REPAIR=1, PTOLOWER=1: kernels that no ptoas compiles */
  bool keep;         /* PTOLOWER_KEEP: leave the lowered file behind */
  bool strict;       /* PTOLOWER_STRICT: our failures are errors */
  bool proves;       /* PTOLOWER_SYNC: the flags in what ptoas writes are proved */
  unsigned seconds;  /* PTOLOWER_TIMEOUT: for lowering, and for ptoas with the lowered file */
  const char *log;   /* PTOLOWER_LOG, or NULL */
  const char *ptoas; /* PTOLOWER_PTOAS, or NULL */
} settings;

settings settings_read(void);

/* Whether there is nothing to be done: the real ptoas is executed at once. */
bool settings_are_off(const settings *settings);

#endif
