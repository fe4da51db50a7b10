/* `ptolower reach`: what becomes of the kernels of many files, and why. */
#ifndef PTOLOWER_REACH_H
#define PTOLOWER_REACH_H

#include <stdbool.h>
#include <stdio.h>

#include <ptolower/ptolower.h>

ptolower_status reach_main(int argc, char **argv);

/* What became of a kernel. */
typedef enum reach_outcome {
  REACH_FUSED,
  REACH_REWRITTEN, /* no products share their left operand, and a plan of its own is faster */
  REACH_REPAIRED,
  REACH_SETTLED,      /* its products stay, and its tiles are allocated once */
  REACH_LEFT,         /* its products are known; it stays as it is */
  REACH_NOT_FOLLOWED, /* its products are not known */
  REACH_WRONG,        /* it uses its buffers in a way that a check reports */
  REACH_NOT_READ,
  REACH_REFUSED,
  REACH_NO_PRODUCT,
  REACH_OUTCOMES,
} reach_outcome;

const char *reach_outcome_name(reach_outcome outcome);

/* A kernel. Strings are owned. */
typedef struct reach_kernel {
  size_t place; /* index of the word that named its file or folder */
  char *file, *name;
  int line;
  int cube_ops; /* ops that multiply; -1: not known */
  int products; /* -1: not known */
  char *groups; /* how many products share each left operand: "2, 1" */
  reach_outcome outcome;
  int code;     /* of the diagnostic that says so; 0: none */
  char *reason; /* what it says */
  char *kind;   /* the reason without what is this kernel's own: names and numbers */
} reach_kernel;

/* A file that is no module. */
typedef struct reach_fault {
  size_t place;
  char *file, *text;
} reach_fault;

/* All that was found. */
typedef struct reach_table {
  const char *const *places; /* the words of the command line */
  size_t place_count;
  size_t *files; /* read, by place */
  reach_kernel *kernels;
  size_t kernel_count, kernel_capacity;
  reach_fault *faults;
  size_t fault_count, fault_capacity;
} reach_table;

/* Kernels of one outcome, code and kind. */
typedef struct reach_reason {
  const reach_kernel *example;
  size_t count;
} reach_reason;

/* The reasons, by outcome and then by count; to be freed. NULL: there are none, or memory is out.
 */
reach_reason *reach_reasons(const reach_table *table, size_t *count);

/* Adds what a run said of a file. False: memory is out. */
bool reach_add_result(reach_table *table, size_t place, const char *file,
                      const ptolower_result *result);
void reach_table_free(reach_table *table);

/* Each writes a whole document. */
void reach_put_text(FILE *out, const reach_table *table, bool summary);
void reach_put_markdown(FILE *out, const reach_table *table);
void reach_put_json(FILE *out, const reach_table *table);

#endif
