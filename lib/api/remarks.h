/* What a check says of one function: collected, and told in program order. */
#ifndef PTL_API_REMARKS_H
#define PTL_API_REMARKS_H

#include "api/allow.h"
#include "ir/session.h"
#include "kernel/kernel.h"
#include "support/codes.h"

typedef struct ptl_remark {
  ptl_code code;
  const ptl_op *op;
  MlirOperation other; /* null if there is none */
  const char *text;
  const char *note;     /* what the other op is; NULL: what the row of the code says */
  const char *evidence; /* on which path it happens; NULL: on any */
} ptl_remark;

typedef struct ptl_remarks {
  ptl_arena *arena;
  const char *function; /* its name */
  int line;             /* of the function */
  ptl_remark *items;
  int count, capacity;
} ptl_remarks;

void ptl_remarks_add(ptl_remarks *remarks, ptl_remark item);

/* What a note says of the other op: what it is to the fault, if the row of the code says so, and
 * what it does. */
const char *ptl_note_text(ptl_arena *arena, ptl_code code, const ptl_kernel *kernel,
                          const ptl_op *other);

/* Makes diagnostics of them. What could not be followed becomes one more, PTL231. */
ptl_verdict ptl_remarks_tell(ptl_session *session, const ptl_remarks *remarks,
                             ptl_allowances *allowances);

/* PTL231 of a function of which nothing was followed. */
void ptl_tell_not_followed(ptl_session *session, const char *function, ptl_loc place,
                           const char *what);

#endif
