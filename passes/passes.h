/* The passes, one file each, and the table that is the pipeline.
 *
 * A pass reads and changes session->module and nothing else of the IR; it reports
 * through session->diags. What it requires and produces stands at the head of its
 * file and in docs/passes/.
 */
#ifndef PTL_PASSES_PASSES_H
#define PTL_PASSES_PASSES_H

#include "ir/session.h"
#include "passes/print_ir.h"

typedef struct ptl_pass {
  const char *name;
  const char *help; /* one line */
  ptl_status (*run)(ptl_session *session);
} ptl_pass;

/* The pipeline, first pass first. */
extern const ptl_pass ptl_pipeline[];
extern const int ptl_pipeline_length;

ptl_status ptl_import_linalg(ptl_session *session);
ptl_status ptl_join_accumulators(ptl_session *session);
/* The same of one function, which need not be of the session's module. */
void ptl_join_function(ptl_session *session, MlirOperation func);
ptl_status ptl_raise_products(ptl_session *session);
ptl_status ptl_merge_kernels(ptl_session *session);
ptl_status ptl_fuse_products(ptl_session *session);
ptl_status ptl_stage_rhs(ptl_session *session);
ptl_status ptl_plan_accumulators_pass(ptl_session *session);
ptl_status ptl_lower_to_pto(ptl_session *session);
ptl_status ptl_settle_tiles(ptl_session *session);
ptl_status ptl_emit_pto(ptl_session *session);

/* How a pipeline is run. */
typedef struct ptl_pipeline_options {
  const char *passes;     /* names, separated by commas; NULL: all */
  const char *stop_after; /* NULL: none */
  ptl_ir_printer *ir;
  bool timing;
  ptl_strbuf *timing_text; /* gets a table */
} ptl_pipeline_options;

/* Runs passes on the session's module, through MLIR's pass manager, with the IR
 * verified after each. PTL_USAGE: no such pass. */
PTL_MUST_USE ptl_status ptl_pipeline_run(ptl_session *session, const ptl_pipeline_options *options);

/* Calls `visit` for each function with a body, in order, until one does not return
 * PTL_OK; returns the worst status. `user` is handed on. */
PTL_MUST_USE ptl_status ptl_for_each_function(ptl_session *session,
                                              ptl_status (*visit)(ptl_session *session,
                                                                  MlirOperation func, void *user),
                                              void *user);

/* Whether a function is one of those that the user lets be rewritten. */
bool ptl_is_wanted(const ptl_session *session, MlirOperation func);

/* Name of a function, NUL-terminated, in the arena. */
const char *ptl_function_name(ptl_session *session, MlirOperation func);

/* Its text in the input; empty if it is not at hand. */
ptl_str ptl_function_text(ptl_session *session, MlirOperation func);

#endif
