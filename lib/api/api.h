/* Inside of the public API: what options and results are. */
#ifndef PTL_API_API_H
#define PTL_API_API_H

#include <mlir-c/Diagnostics.h>

#include "ir/session.h"
#include "passes/print_ir.h"
#include "ptolower/ptolower.h"

/* Values are NULL until set; all strings are malloc'ed. */
struct ptolower_options {
  char *file;
  char *target;
  char *target_json;
  char *target_file;
  char *ptoas;
  char *fuse;
  char *rewrite;
  char *repair;
  char *functions;
  char *pass_pipeline;
  char *stop_after;
  char *print_ir;
  char *print_ir_change;
  char *print_ir_locations;
  char *print_ir_before;
  char *print_ir_after;
  char *timing;
  char *plan;
  char *report;
  char *validate;
  char *werror;
  char *baseline;
  char *map;
  char *written;
  char *written_lowered;
  char *keep;
  char *same;
  char *name;
  char *timeline;
};

struct ptolower_result {
  ptl_session session;
  ptl_strbuf ir;
  ptl_strbuf timing;
  ptl_strbuf plan;
  ptl_strbuf manifest;               /* of kernels that were fused */
  ptl_strbuf report;                 /* of a check, or of what a run decided */
  ptl_strbuf flags;                  /* of what ptoas made of an output */
  MlirDiagnosticHandlerID handler;   /* while there is a context */
  struct ptl_simulation *simulation; /* NULL: none */
  struct ptl_signature *signature;   /* NULL: none */
  struct ptl_timed *timed;           /* NULL: none */
  ptl_str source;                    /* of a check: the caller's text */
  ptl_status status;                 /* of a check: its first step */
  bool has_output;
  bool wants_ir;
  ptl_ir_printer printer;
  bool wants_timing;
};

/* Whether an option that is on or off is on. */
bool ptl_api_is_set(const char *flag);

/* A result for a call with these options; NULL if memory is out. */
ptolower_result *ptl_api_result(const ptolower_options *options);

/* Reads the module into the result's session. Whatever the status is, `ptl_api_close` is to
 * follow. One more text is read in the context of the first; what becomes of the module before is
 * the caller's affair. */
PTL_MUST_USE ptl_status ptl_api_read(ptolower_result *result, ptl_str source);
/* The same, and chooses the target. Whatever the status is,
 * `ptl_api_close` is to follow. */
PTL_MUST_USE ptl_status ptl_api_open(ptolower_result *result, const ptolower_options *options,
                                     ptl_str source);
/* Takes from the options how kernels are rewritten, and what is collected on the way. */
PTL_MUST_USE ptl_status ptl_api_begin(ptolower_result *result, const ptolower_options *options);
/* Rewrites the module that is open, proves and, where asked for, validates what comes out. */
PTL_MUST_USE ptl_status ptl_api_lower(ptolower_result *result, const ptolower_options *options,
                                      ptl_str source);
/* Writes the plans that the functions carry, if they do. */
void ptl_api_write_plan(ptolower_result *result);
/* Ends the module and its context, if they are still there. */
void ptl_api_close(ptolower_result *result);

/* Writes what became of each kernel as the result's report. The module is still there. */
void ptl_report_outcomes(ptolower_result *result);

/* Why a function was done with as it was, and the code of that; NULL: nothing is said of it. */
const char *ptl_outcome_reason(const ptl_session *session, const struct ptl_outcome *outcome,
                               ptl_code *code);
/* Why a function was not read whose text names an op that multiplies; NULL: it is none. */
const char *ptl_unread_reason(ptl_session *session, MlirOperation func);

/* Reads an emitted function's text as a module of its own, to be destroyed; null if that does not
 * work. `places`: its ops have those of the output; else only names. */
MlirModule ptl_read_emitted(ptl_session *session, const ptl_emitted *emitted, bool places);

/* Reads the emitted text again and checks every function that was changed, with no
 * plan in hand. PTL_INTERNAL with PTL903, PTL904 or PTL906: it is not proved. */
PTL_MUST_USE ptl_status ptl_prove_output(ptl_session *session);

#endif
