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
  MUT_OPERAND,      /* left or right of a product := another tile of its type */
  MUT_STORE_SOURCE, /* what leaves := another accumulator */
  MUT_DROP_LOAD,    /* a tload is removed */
  MUT_DROP_EXTRACT, /* a textract, or a tmov to Left or Right, is removed */
  MUT_KINDS,
} mut_kind;

const char *mut_kind_name(mut_kind kind);

enum { MUT_MAX_EDITS = 128 };

typedef struct mut_edit {
  size_t begin, end;
  const char *text; /* NULL: remove, but keep line breaks */
} mut_edit;

typedef struct mut_mutation {
  mut_kind kind;
  const mut_op *op; /* the first that changes */
  char what[160];
  char entry[64]; /* a line of its own at the function's entry */
  mut_edit edits[MUT_MAX_EDITS];
  int edit_count;
} mut_mutation;

typedef void (*mut_visitor)(void *user, const mut_mutation *mutation);

/* Calls `visit` for every mutation of the function; `places` come from a run of it. */
void mut_enumerate(const mut_program *program, const mut_func *func, const mut_place *places,
                   mut_visitor visit, void *user);

/* The text with the mutation made, NUL-terminated; to be freed. */
char *mut_apply(const char *text, const mut_func *func, const mut_mutation *mutation);

#endif
