/* The pipeline, and how it is run: which passes, in which order, with what between.
 *
 * Every pass is an external pass of MLIR's pass manager. After each that does not say that it
 * left the IR as it was, the IR is verified (by MLIR and by ptl_verify); the module is marked with
 * the pass's name, and the IR and the time are collected if asked for. A pass refuses a module that
 * is not marked with the pass before it.
 */
#include <mlir-c/Pass.h>
#include <string.h>
#include <time.h>

#include "ir/build.h"
#include "passes/outcomes.h"
#include "passes/passes.h"
#include "support/nearest.h"

const ptl_pass ptl_pipeline[] = {
    {"import-linalg", "turn functions on tensors into kernels on views", ptl_import_linalg},
    {"join-accumulators", "take accumulators for one that a move joins", ptl_join_accumulators},
    {"raise-products", "find the products that kernels compute", ptl_raise_products},
    {"merge-kernels", "make one kernel of those that were asked for", ptl_merge_kernels},
    {"fuse-products", "join products that share lhs into matmul_dual_acc", ptl_fuse_products},
    {"stage-rhs", "choose K chunks and place the Mat tiles", ptl_stage_rhs},
    {"plan-accumulators", "choose L0 steps and place Left, Right and Acc tiles",
     ptl_plan_accumulators_pass},
    {"lower-to-pto", "turn planned products into pto ops", ptl_lower_to_pto},
    {"settle-tiles", "allocate tiles in front of loops where kernels stay", ptl_settle_tiles},
    {"emit-pto", "write the module as .pto assembly", ptl_emit_pto},
};
const int ptl_pipeline_length = sizeof(ptl_pipeline) / sizeof(ptl_pipeline[0]);

typedef struct run {
  ptl_session *session;
  const ptl_pipeline_options *options;
  ptl_status status;
  double total_ms;
} run;

typedef struct step {
  run *run;
  int index; /* in ptl_pipeline */
} step;

/* 0 unless somebody wants to know. */
static double now_ms(const run *run) {
  struct timespec time;
  if (!run->options->timing || clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) {
    return 0;
  }
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int find_pass(ptl_str name) {
  for (int i = 0; i < ptl_pipeline_length; i++) {
    if (ptl_str_is(name, ptl_pipeline[i].name)) {
      return i;
    }
  }
  return -1;
}

static MlirOperation module_op(const ptl_session *session) {
  return mlirModuleGetOperation(session->module);
}

/* Whether the module is where this pass can take over. */
static ptl_status check_stage(ptl_session *session, int index) {
  ptl_str stage = ptl_string_attr(module_op(session), ptl_attr_stage);
  int last = find_pass(stage);
  if (last == index - 1) {
    return PTL_OK;
  }
  ptl_loc loc = {session->file, 0, 0, NULL};
  if (last < 0) {
    ptl_diag_add(&session->diags, PTL_CODE_PASS_ORDER, loc,
                 "pass '%s' needs '%s' to have run before, but no pass has",
                 ptl_pipeline[index].name, ptl_pipeline[index - 1].name);
  } else {
    ptl_diag_add(&session->diags, PTL_CODE_PASS_ORDER, loc,
                 "pass '%s' cannot run behind '%s'; the next pass there is '%s'",
                 ptl_pipeline[index].name, ptl_pipeline[last].name,
                 last + 1 < ptl_pipeline_length ? ptl_pipeline[last + 1].name : "none");
  }
  return PTL_REFUSED;
}

/* MLIR's diagnostics are in the list. */
static ptl_status verify_after(ptl_session *session, const char *pass) {
  if (session->ir_is_kept) {
    return PTL_OK;
  }
  return mlirOperationVerify(module_op(session)) ? ptl_verify(session, pass) : PTL_INTERNAL;
}

static ptl_status run_step(run *run, int index) {
  const ptl_pass *pass = &ptl_pipeline[index];
  ptl_status status = check_stage(run->session, index);
  if (status != PTL_OK) {
    return status;
  }
  ptl_print_before(run->session, run->options->ir, pass->name);
  double begin = now_ms(run);
  run->session->ir_is_kept = false;
  status = pass->run(run->session);
  if (status == PTL_OK) {
    status = verify_after(run->session, pass->name);
  }
  double elapsed = now_ms(run) - begin;
  run->total_ms += elapsed;
  if (run->options->timing) {
    ptl_strbuf_printf(run->options->timing_text, "%10.3f  %s\n", elapsed, pass->name);
  }
  if (status != PTL_OK) {
    return status;
  }
  MlirAttribute name = ptl_string(run->session->context, ptl_str_of(pass->name));
  ptl_set_attr(module_op(run->session), ptl_attr_stage, name);
  return ptl_print_after(run->session, run->options->ir, pass->name);
}

static void pass_callback(MlirOperation op, MlirExternalPass external, void *user) {
  step *s = user;
  (void)op;
  ptl_status status = run_step(s->run, s->index);
  if (status != PTL_OK) {
    s->run->status = status;
    mlirExternalPassSignalFailure(external);
  }
}

static void nothing(void *user) { (void)user; }
static MlirLogicalResult initialize(MlirContext context, void *user) {
  (void)context;
  (void)user;
  return mlirLogicalResultSuccess();
}
static void *same(void *user) { return user; }

static void add_pass(MlirPassManager manager, MlirTypeIDAllocator ids, step *s) {
  MlirExternalPassCallbacks callbacks = {.construct = nothing,
                                         .destruct = nothing,
                                         .initialize = initialize,
                                         .clone = same,
                                         .run = pass_callback};
  const ptl_pass *pass = &ptl_pipeline[s->index];
  MlirPass external = mlirCreateExternalPass(
      mlirTypeIDAllocatorAllocateTypeID(ids), mlirStringRefCreateFromCString(pass->name),
      mlirStringRefCreateFromCString(pass->name), mlirStringRefCreateFromCString(pass->help),
      mlirStringRefCreateFromCString(ptl_op_table[PTL_BUILTIN_MODULE].name), 0, NULL, callbacks, s);
  mlirPassManagerAddOwnedPass(manager, external);
}

static ptl_status no_such_pass(ptl_session *session, ptl_str name) {
  ptl_loc nowhere = {NULL, 0, 0, NULL};
  ptl_nearest nearest = ptl_nearest_to(name);
  for (int i = 0; i < ptl_pipeline_length; i++) {
    ptl_nearest_try(&nearest, ptl_str_of(ptl_pipeline[i].name));
  }
  const char *question = ptl_nearest_question(&session->arena, &nearest, "'", "'");
  ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere, "no pass is named '%.*s'%s",
               (int)name.length, name.data, *question ? question : "; see --list-passes");
  return PTL_USAGE;
}

/* The steps that the options name, in their order. */
static ptl_status select_steps(run *run, step *steps, int capacity, int *count) {
  const char *at = run->options->passes;
  *count = 0;
  if (!at) {
    for (int i = 0; i < ptl_pipeline_length; i++) {
      steps[(*count)++] = (step){run, i};
    }
    return PTL_OK;
  }
  while (*at) {
    ptl_str name = {at, strcspn(at, ",")};
    int index = find_pass(name);
    if (index < 0) {
      return no_such_pass(run->session, name);
    }
    if (*count < capacity) {
      steps[(*count)++] = (step){run, index};
    }
    at += name.length;
    at += *at == ',';
  }
  return PTL_OK;
}

static ptl_status cut_steps(run *run, const step *steps, int *count) {
  if (!run->options->stop_after) {
    return PTL_OK;
  }
  ptl_str name = ptl_str_of(run->options->stop_after);
  for (int i = 0; i < *count; i++) {
    if (ptl_str_is(name, ptl_pipeline[steps[i].index].name)) {
      *count = i + 1;
      return PTL_OK;
    }
  }
  if (find_pass(name) < 0) {
    return no_such_pass(run->session, name);
  }
  ptl_loc nowhere = {NULL, 0, 0, NULL};
  ptl_diag_add(&run->session->diags, PTL_CODE_OPTION_VALUE, nowhere,
               "the pipeline is to stop after '%s', but that pass is not in it",
               run->options->stop_after);
  return PTL_USAGE;
}

/* The passes whose IR is to be printed. */
static ptl_status check_printed(run *run) {
  const char *const names[] = {run->options->ir->before, run->options->ir->after};
  for (int i = 0; i < 2; i++) {
    if (names[i] && find_pass(ptl_str_of(names[i])) < 0) {
      return no_such_pass(run->session, ptl_str_of(names[i]));
    }
  }
  return PTL_OK;
}

static ptl_status run_passes(run *run, step *steps, int count) {
  MlirPassManager manager = mlirPassManagerCreate(run->session->context);
  MlirTypeIDAllocator ids = mlirTypeIDAllocatorCreate();
  mlirPassManagerEnableVerifier(manager, false); /* verify_after does */
  for (int i = 0; i < count; i++) {
    add_pass(manager, ids, &steps[i]);
  }
  (void)mlirPassManagerRunOnOp(manager, module_op(run->session)); /* a failure is in run->status */
  mlirPassManagerDestroy(manager);
  mlirTypeIDAllocatorDestroy(ids);
  return run->status;
}

ptl_status ptl_pipeline_run(ptl_session *session, const ptl_pipeline_options *options) {
  enum { MAX_STEPS = 64 };
  step steps[MAX_STEPS];
  int count;
  run run = {.session = session, .options = options, .status = PTL_OK};
  ptl_status status = select_steps(&run, steps, MAX_STEPS, &count);
  if (status == PTL_OK) {
    status = cut_steps(&run, steps, &count);
  }
  if (status == PTL_OK) {
    status = check_printed(&run);
  }
  if (status == PTL_OK && options->timing) {
    ptl_strbuf_puts(options->timing_text, "    CPU ms  pass\n");
  }
  if (status == PTL_OK) {
    status = run_passes(&run, steps, count);
  }
  if (status == PTL_OK && options->timing) {
    ptl_strbuf_printf(options->timing_text, "%10.3f  total\n", run.total_ms);
  }
  if (status == PTL_OK && !session->has_output) {
    ptl_print_ir(session, true, &session->output);
    session->has_output = true;
  }
  return status;
}

ptl_status ptl_for_each_function(ptl_session *session,
                                 ptl_status (*visit)(ptl_session *session, MlirOperation func,
                                                     void *user),
                                 void *user) {
  ptl_status worst = PTL_OK;
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (ptl_op_is(op, PTL_FUNC_FUNC) &&
        !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)))) {
      size_t first = session->diags.count;
      ptl_status status = visit(session, op, user);
      ptl_outcome_end_visit(session, op, first);
      worst = status > worst ? status : worst;
    }
    op = next;
  }
  return worst;
}

bool ptl_is_wanted(const ptl_session *session, MlirOperation func) {
  ptl_str name = ptl_string_attr(func, "sym_name");
  for (const char *at = session->functions; at;) {
    const char *comma = strchr(at, ',');
    if (ptl_str_equal(name, (ptl_str){at, comma ? (size_t)(comma - at) : strlen(at)})) {
      return true;
    }
    at = comma ? comma + 1 : NULL;
  }
  return !session->functions;
}

const char *ptl_function_name(ptl_session *session, MlirOperation func) {
  ptl_str name = ptl_string_attr(func, "sym_name");
  return ptl_arena_copy(&session->arena, name.data, name.length);
}

ptl_str ptl_function_text(ptl_session *session, MlirOperation func) {
  MlirAttribute range = ptl_attr(func, ptl_attr_range);
  ptl_str source = ptl_string_attr(mlirModuleGetOperation(session->module), ptl_attr_source);
  if (mlirAttributeIsNull(range) || !mlirAttributeIsADenseI64Array(range) ||
      mlirDenseArrayGetNumElements(range) != 2) {
    return ptl_str_of("");
  }
  int64_t begin = mlirDenseI64ArrayGetElement(range, 0);
  int64_t end = mlirDenseI64ArrayGetElement(range, 1);
  if (begin < 0 || end < begin || (uint64_t)end > source.length) {
    return ptl_str_of("");
  }
  return (ptl_str){source.data + begin, (size_t)(end - begin)};
}
