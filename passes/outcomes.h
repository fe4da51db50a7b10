/* What becomes of each kernel of the input, as data: how many products it has, and which diagnostic
 * says what was done with it. A run hands it out as its report. */
#ifndef PTL_PASSES_OUTCOMES_H
#define PTL_PASSES_OUTCOMES_H

#include "ir/session.h"
#include "kernel/kernel.h"
#include "summary/products.h"

/* A function with tiles of the cube, or with ops that multiply. */
typedef struct ptl_outcome {
  MlirOperation func;
  const char *name;
  int line;
  int cube_ops;     /* ops that multiply, as the text has them */
  bool is_followed; /* the products are known */
  int product_count;
  int *groups; /* how many products share each left operand */
  int group_count;
  int diagnostic; /* index of the last that its passes gave; -1: there is none */
  struct ptl_outcome *next;
} ptl_outcome;

/* How many ops of a kernel multiply. */
int ptl_cube_ops(const ptl_kernel *kernel);

/* Opens the record of a function; nothing if it does not work with the cube. */
void ptl_outcome_open(ptl_session *session, const ptl_kernel *kernel);

/* Notes the products of a function that has a record; others are passed over. */
void ptl_outcome_set_products(ptl_session *session, MlirOperation func,
                              const ptl_products *products);

/* The code of what its passes said last of a function; PTL_CODE_NONE: nothing. */
ptl_code ptl_outcome_code(ptl_session *session, MlirOperation func);

/* What its passes said last of a function; NULL: nothing. */
const char *ptl_outcome_text(ptl_session *session, MlirOperation func);

/* A pass has visited the function: the diagnostics from `first` on are about it. */
void ptl_outcome_end_visit(ptl_session *session, MlirOperation func, size_t first);

#endif
