/* Inside of the reading of C++: the lines of a function (written_lines.c), what its variables are
 * (written_value.c), and what the lines are to the ops of a kernel (written.c). Not for other
 * layers. */
#ifndef PTL_FLAGS_WRITTEN_LINES_H
#define PTL_FLAGS_WRITTEN_LINES_H

#include "flags/flags.h"
#include "support/strbuf.h"

typedef enum ptl_written_kind {
  PTL_WRITTEN_OP, /* `name` in capitals, as TMATMUL_ACC */
  PTL_WRITTEN_FLAG,
  PTL_WRITTEN_LOOP,
  PTL_WRITTEN_BRANCH,
  PTL_WRITTEN_ELSE,
  PTL_WRITTEN_END,
} ptl_written_kind;

typedef struct ptl_written {
  ptl_written_kind kind;
  ptl_str name;
  ptl_str words;    /* PTL_WRITTEN_OP: what stands between its brackets */
  ptl_flag_op flag; /* its id is -1 if it is computed */
  int variable;     /* of a loop; the id of a flag if it is computed; -1: none */
} ptl_written;

/* A variable: v1, v2 and so on are all that this emitter writes. */
typedef struct ptl_written_variable {
  ptl_str text;     /* what it is made of; empty if that is not known */
  int address;      /* of a tile: the variable with its address; 0: none */
  int value;        /* of a loop: value number of the loop's variable in the kernel, plus one */
  int64_t bytes;    /* of a vector tile that is declared; -1: of another one; 0: of none */
  int uses;         /* instructions that name it, other than those that place it */
  bool is_repeated; /* it is defined more than once */
} ptl_written_variable;

typedef struct ptl_written_values {
  ptl_written_variable *items; /* by number */
  int count, capacity;
} ptl_written_values;

typedef struct ptl_written_list {
  ptl_written *items;
  int count, capacity;
  ptl_written_values *values;
} ptl_written_list;

/* The variable of that number, which is made if need be; NULL if there are none as high. */
ptl_written_variable *ptl_written_variable_at(ptl_arena *arena, ptl_written_values *values,
                                              int number);
/* The number in "v12"; 0 if it is no such name. */
int ptl_written_number(ptl_str word);
/* Takes the next word of a list with commas, without blanks before it; false: there is none. */
bool ptl_written_next_word(ptl_str *list, ptl_str *word);
/* The words of a list with commas, each without blanks around it, if there are just so many. */
bool ptl_written_words(ptl_str list, ptl_str *words, int count);
/* What a variable is at this point of a walk; PTL_EXPR_NONE if that is not known. */
ptl_expr ptl_written_value(const ptl_written_values *values, ptl_walk *walk, int variable);

/* The lines of the function of that name, without the END that closes it. False with `why`. */
bool ptl_written_lines(ptl_arena *arena, ptl_str text, const char *function, ptl_written_list *out,
                       const char **why);

#endif
