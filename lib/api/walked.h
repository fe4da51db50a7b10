/* The functions of a module, walked for a check, each once; and the two of a mixed kernel,
 * compared.
 */
#ifndef PTL_API_WALKED_H
#define PTL_API_WALKED_H

#include "check/check.h"
#include "ir/session.h"

/* A function, walked. The other one of a mixed kernel is walked with it. */
typedef struct ptl_walked {
  MlirOperation func;
  const ptl_kernel *kernel;
  ptl_noted noted;
  ptl_findings findings;
  ptl_pipe_record *record; /* NULL: it sets up no pipe */
  ptl_pipe_findings pipes;
  bool is_compared;
} ptl_walked;

/* Of one module, with the C++ that ptoas made of it, if there is any. */
typedef struct ptl_walks {
  ptl_session *session;
  ptl_str written; /* no data: there is none */
  size_t found;    /* where in it the function stands that was walked last */
  ptl_walked **items;
  int count, capacity;
} ptl_walks;

/* Whether it has a body that is read, without branches between blocks. */
bool ptl_can_be_walked(MlirOperation func);
ptl_walked *ptl_walk_function(ptl_walks *walks, MlirOperation func);
/* Compares it with its peer; both get what is found, the first time that one of them comes up. */
void ptl_compare_with_peer(ptl_walks *walks, ptl_walked *w);

#endif
