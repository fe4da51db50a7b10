/* Parts of merge-kernels: which arguments are one, and how bodies become one. */
#ifndef PTL_PASSES_MERGE_H
#define PTL_PASSES_MERGE_H

#include "ir/session.h"

/* A function that becomes a part of another. */
typedef struct ptl_merge_input {
  MlirOperation func;
  MlirBlock body;
  const char *label; /* as the user names it: FILE#FUNCTION */
  int argument_count;
  int first_node;          /* number of its first argument among those of all functions */
  int *arguments;          /* of each of its arguments, which it is of the merged function */
  MlirOperation *products; /* its ptolower.matmul ops, in order */
  int product_count;
} ptl_merge_input;

typedef struct ptl_merge {
  ptl_session *session;
  ptl_merge_input *inputs;
  int count;
  int *nodes; /* an argument of each argument of the merged function, by its number among all */
  int argument_count; /* of the merged function */
  int node_count;
} ptl_merge;

/* Input and index of an argument, by its number among those of all functions. */
const ptl_merge_input *ptl_merge_node(const ptl_merge *m, int node, int *index);
/* Its name, without %. */
const char *ptl_merge_name(const ptl_merge *m, int node);

/* An error about one of the functions. */
ptl_status ptl_merge_refuse(const ptl_merge *m, const ptl_merge_input *input, ptl_code code,
                            const char *text);

/* Decides which arguments are one: those that the user named, the left operands of products, the
 * scalars that are used alike, and which block runs. Fills in `nodes` and `arguments`; a remark
 * says what was taken to be one. PTL_REFUSED: what is named contradicts the functions, or a
 * function has no left operand in common with those before it. */
PTL_MUST_USE ptl_status ptl_merge_arguments(ptl_merge *m);

/* Moves the ops of `guest` into `host`, both of which hold no ops but pure ones, products, stores,
 * loads of scalars, loops and ifs. Each keeps its order; loops of equal bounds and ifs of one
 * condition that meet become one. The terminators of `guest` stay. */
void ptl_merge_blocks(MlirBlock host, MlirBlock guest);

/* Lets equal pure ops be one: uses of a later one become uses of the first. */
void ptl_merge_equal_ops(ptl_session *session, MlirOperation func);

#endif
