/* Every mutation of a kernel, as edits of its text. Sites are enumerated, not sampled. */
#ifndef PTL_TEST_MUTATION_MUTATE_H
#define PTL_TEST_MUTATION_MUTATE_H

#include "machine.h"
#include "program.h"

typedef enum mut_kind {
  MUT_MOVE,         /* an alloc_tile's address := another one's of its space */
  MUT_MOVE_BUFFER,  /* the same for all alloc_tiles of one address */
  MUT_STRADDLE_END, /* so that half of the tile lies past the buffer's end; alone and all */
  MUT_PAST_END,     /* all of it */
  MUT_MISALIGN,     /* + 16, + 8; alone and all */
  MUT_NEGATIVE,     /* alone and all */
  MUT_ACC_IN,       /* acc_in of a tmatmul.acc := another accumulator */
  MUT_COLLAPSE,     /* in a loop: one stage's tiles on the other stage's address */
  MUT_FOOTPRINT,    /* an i32 accumulator right behind another's 16 rows */
  MUT_COMPUTED,     /* an address := another one's, as a sum, product or cast */
  MUT_OPERAND,      /* left or right of a product := another tile of its type */
  MUT_STORE_SOURCE, /* what leaves := another accumulator */
  MUT_DROP_LOAD,    /* a tload is removed */
  MUT_DROP_EXTRACT, /* a textract, or a tmov to Left or Right, is removed */
  /* From here on a mutant may be a sound kernel that means something else. */
  MUT_INTO_BRANCH,   /* an op under a condition of its own */
  MUT_INTO_LOOP,     /* an op in a loop that may not run */
  MUT_OUT_OF_BRANCH, /* an op before or behind the scf.if that it is in */
  MUT_OUT_OF_LOOP,   /* an op before or behind the loop that it is in */
  MUT_OTHER_BRANCH,  /* an op to the other branch */
  MUT_BOUND,         /* a loop's end := an argument */
  MUT_COMPACT,       /* compact of an accumulator, Left or Right tile turned over */
  MUT_BOX_ROWS,      /* rows of an accumulator, or of a product's whole left side, changed */
  MUT_VALID_ROWS,    /* valid rows of Left, of accumulators, of both */
  MUT_SET_VALID,     /* a set_validshape before an accumulator leaves */
  MUT_DROP_PIPE,     /* a push, a pop with its tfree, or a tfree is removed */
  MUT_DOUBLE_PIPE,   /* the same, twice */
  MUT_TRIPS,         /* a loop around pushes or pops once more or less */
  MUT_SPLIT,         /* split of a push or pop */
  MUT_SLOTS,         /* base, number and size of slots, GM pointer; one half and both */
  MUT_SCALE,         /* without addresses: an extent of all tiles made larger */
  MUT_SAME_ADDRESS,  /* its own address, computed: nothing may change */
  MUT_KINDS,
} mut_kind;

const char *mut_kind_name(mut_kind kind);

enum { MUT_MAX_EDITS = 4096, MUT_POOL_BYTES = 1 << 20 };

typedef struct mut_edit {
  size_t begin, end;
  const char *text; /* NULL: remove, but keep line breaks */
} mut_edit;

typedef struct mut_mutation {
  mut_kind kind;
  const mut_op *op; /* the first that changes; NULL: the whole function */
  char what[160];
  mut_edit edits[MUT_MAX_EDITS];
  int edit_count;
  char pool[MUT_POOL_BYTES]; /* texts of edits */
  size_t pool_used;
} mut_mutation;

typedef void (*mut_visitor)(void *user, const mut_mutation *mutation);

/* Calls `visit` for every mutation of a function; `places` come from a run of it. */
void mut_enumerate(const char *text, const mut_program *program, const mut_unit *unit,
                   const mut_func *func, const mut_place *places, mut_visitor visit, void *user);

/* The text with the mutation made, NUL-terminated; to be freed. */
char *mut_apply(const char *text, const mut_mutation *mutation);

#endif
