/* Printing the IR of a run. */
#ifndef PTL_PASSES_PRINT_IR_H
#define PTL_PASSES_PRINT_IR_H

#include "ir/session.h"

/* What of the IR is printed, for people to read. */
typedef struct ptl_ir_printer {
  bool all;           /* after every pass */
  bool changes;       /* after every pass that changes it */
  bool locations;     /* with loc(...) */
  const char *before; /* this pass; NULL: none */
  const char *after;  /* this pass; NULL: none */
  ptl_strbuf *out;
  ptl_strbuf last; /* the IR before the pass that runs, if it is compared */
} ptl_ir_printer;

/* Prints the module as it is. */
void ptl_print_ir(ptl_session *session, bool locations, ptl_strbuf *out);

/* Print what is asked for, before and after a pass runs. PTL_INTERNAL: the IR is compared, and the
 * pass changed it, but says that it did not. */
void ptl_print_before(ptl_session *session, ptl_ir_printer *printer, const char *pass);
PTL_MUST_USE ptl_status ptl_print_after(ptl_session *session, ptl_ir_printer *printer,
                                        const char *pass);

#endif
