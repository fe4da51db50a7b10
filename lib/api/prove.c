/* Proves an output: reads its text again as if it were an input, checks every changed function,
 * and compares what it does with what its source did. */
#include "api/api.h"
#include "asm/asm.h"
#include "check/check.h"
#include "ir/build.h"
#include "kernel/describe.h"
#include "kernel/same.h"
#include "summary/effects.h"
#include "summary/stores.h"

/* What is emitted is in no file yet: places are those of the function that it was made from. */
static ptl_status report(ptl_session *session, MlirOperation func, const ptl_kernel *kernel,
                         const ptl_finding *finding) {
  ptl_str name = ptl_op_name(finding->op->op);
  ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_IS_WRONG, ptl_loc_of(session, func),
               "the kernel '%s' that was emitted is wrong, at one of its '%.*s': %s", kernel->name,
               (int)name.length, name.data, finding->text);
  return PTL_INTERNAL;
}

/* The effects of the kernels that a function was made of, and how many of each were seen. */
typedef struct expected_effects {
  MlirAttribute *kernels; /* arrays of lines */
  intptr_t *seen;
  intptr_t count;
} expected_effects;

/* By the lines that raise-products left, or of a merged function by those of each kernel. */
static expected_effects effects_before(ptl_session *session, MlirAttribute attr) {
  bool is_merged = mlirArrayAttrGetNumElements(attr) > 0 &&
                   mlirAttributeIsAArray(mlirArrayAttrGetElement(attr, 0));
  expected_effects out = {.count = is_merged ? mlirArrayAttrGetNumElements(attr) : 1};
  out.kernels = ptl_arena_array(&session->arena, (size_t)out.count, sizeof(*out.kernels));
  out.seen = ptl_arena_array(&session->arena, (size_t)out.count, sizeof(*out.seen));
  for (intptr_t i = 0; i < out.count; i++) {
    out.kernels[i] = is_merged ? mlirArrayAttrGetElement(attr, i) : attr;
  }
  return out;
}

/* Takes the line as the next one of a kernel; false: it is of none. */
static bool take_effect(expected_effects *before, const char *line) {
  for (intptr_t i = 0; i < before->count; i++) {
    if (before->seen[i] < mlirArrayAttrGetNumElements(before->kernels[i])) {
      MlirStringRef next =
          mlirStringAttrGetValue(mlirArrayAttrGetElement(before->kernels[i], before->seen[i]));
      if (ptl_str_is((ptl_str){next.data, next.length}, line)) {
        before->seen[i]++;
        return true;
      }
    }
  }
  return false;
}

/* Whether these are the effects of the input, in its order. Of a merged kernel those of its kernels
 * may alternate: they store to different tensors. `at`: how many are. */
static bool are_as_before(ptl_session *session, MlirAttribute attr, const ptl_effects *after,
                          int *at) {
  expected_effects before = effects_before(session, attr);
  *at = 0;
  while (after->is_complete && *at < after->count && take_effect(&before, after->lines[*at])) {
    (*at)++;
  }
  bool same = after->is_complete && *at == after->count;
  for (intptr_t i = 0; i < before.count; i++) {
    same = same && before.seen[i] == mlirArrayAttrGetNumElements(before.kernels[i]);
  }
  return same;
}

/* Whether the emitted kernel does what the input did. Functions made from tensors have no lines. A
 * kernel that went straight was described when it was checked; of any other, or if that differs,
 * there is a walk for that alone. `checked`: NULL if the check did not run it. */
static ptl_status prove_effects(ptl_session *session, MlirOperation func, const ptl_kernel *kernel,
                                ptl_describer *checked) {
  MlirAttribute attr = ptl_attr(func, ptl_attr_effects);
  int at = 0;
  if (mlirAttributeIsNull(attr)) {
    return PTL_OK;
  }
  if (checked && ptl_describer_went_straight(checked)) {
    ptl_effects after = ptl_describer_end(checked, PTL_OK);
    if (are_as_before(session, attr, &after, &at)) {
      return PTL_OK;
    }
  }
  ptl_effects after = ptl_kernel_effects(&session->arena, kernel, session->target);
  if (are_as_before(session, attr, &after, &at)) {
    return PTL_OK;
  }
  ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_DOES_OTHERWISE, ptl_loc_of(session, func),
               "the kernel '%s' that was emitted does not do what the input does, at effect %d",
               kernel->name, at);
  return PTL_INTERNAL;
}

/* Whether a kernel made from tensors stores what import-linalg left word of. */
static ptl_status prove_stores(ptl_session *session, MlirOperation func, const ptl_kernel *kernel) {
  MlirAttribute attr = ptl_attr(func, ptl_attr_stores);
  if (mlirAttributeIsNull(attr)) {
    return PTL_OK;
  }
  intptr_t fields = mlirDenseArrayGetNumElements(attr);
  int count = (int)(fields / PTL_EXPECTED_STORE_FIELDS);
  ptl_expected_store *expected = ptl_arena_array(&session->arena, (size_t)count, sizeof(*expected));
  for (int i = 0; i < count; i++) {
    int64_t f[PTL_EXPECTED_STORE_FIELDS];
    for (int j = 0; j < PTL_EXPECTED_STORE_FIELDS; j++) {
      f[j] = mlirDenseI64ArrayGetElement(attr, i * PTL_EXPECTED_STORE_FIELDS + j);
    }
    expected[i] = (ptl_expected_store){f[0], f[1], f[2], f[3], f[4],  f[5],
                                       f[6], f[7], f[8], f[9], f[10], f[11]};
  }
  const ptl_op *where = NULL;
  const char *wrong =
      ptl_stores_differ(&session->arena, kernel, session->target, expected, count, &where);
  if (!wrong) {
    return PTL_OK;
  }
  ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_DOES_OTHERWISE, ptl_loc_of(session, func),
               "the kernel '%s' that was emitted does not compute the function: %s", kernel->name,
               wrong);
  return PTL_INTERNAL;
}

/* Whether there is no proof because the kernel takes too many steps: it is cut short, or its loops,
 * which are not run, leave open what its tiles hold. */
static bool is_too_long(const ptl_findings *findings) {
  bool is_open = findings->is_cut_short;
  for (int i = 0; i < findings->count; i++) {
    is_open = is_open || findings->items[i].fault == PTL_CODE_NOT_FOLLOWED;
  }
  return findings->is_long && is_open;
}

/* The function of that name as the input has it; null if it is not at hand. The module is the
 * caller's. */
static MlirOperation read_source(ptl_session *session, const char *name, MlirModule *module) {
  MlirOperation none = {NULL};
  ptl_str source = ptl_string_attr(mlirModuleGetOperation(session->module), ptl_attr_source);
  ptl_diags ignored;
  ptl_diags_init(&ignored, &session->arena);
  ptl_asm_text read;
  *module = (MlirModule){NULL};
  if (ptl_asm_read(&session->arena, source, NULL, &ignored, &read) != PTL_OK) {
    return none;
  }
  *module = mlirModuleCreateParse(session->context,
                                  mlirStringRefCreate(read.mlir.data, read.mlir.length));
  MlirOperation op =
      mlirModuleIsNull(*module) ? none : mlirBlockGetFirstOperation(mlirModuleGetBody(*module));
  while (!mlirOperationIsNull(op) && !ptl_str_is(ptl_string_attr(op, "sym_name"), name)) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

/* Whether a function that is changed in where its tiles are allocated only is the input's. */
static ptl_status prove_settled(ptl_session *session, MlirOperation func,
                                const ptl_kernel *kernel) {
  if (!ptl_has_attr(func, ptl_attr_settled)) {
    return PTL_OK;
  }
  MlirModule module;
  MlirOperation source = read_source(session, kernel->name, &module);
  bool same =
      !mlirOperationIsNull(source) &&
      ptl_kernels_do_the_same(&session->arena, ptl_kernel_decode(&session->arena, source), kernel);
  if (!mlirModuleIsNull(module)) {
    mlirModuleDestroy(module);
  }
  if (same) {
    return PTL_OK;
  }
  ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_DOES_OTHERWISE, ptl_loc_of(session, func),
               "the kernel '%s' that was emitted differs from the input in more than where tiles "
               "are allocated",
               kernel->name);
  return PTL_INTERNAL;
}

/* Whether a fault is no reason against the output: the input has it, too, or it is another's. */
static bool is_of_input(ptl_code fault) {
  return ptl_fault_is_of_others(fault) || ptl_fault_is_shared(fault);
}

static ptl_status prove_kernel(ptl_session *session, MlirOperation func, MlirOperation read) {
  const ptl_kernel *kernel = ptl_kernel_decode(&session->arena, read);
  ptl_describer *describer = ptl_describer_new(&session->arena, kernel);
  ptl_findings findings = ptl_check_heard(&session->arena, kernel, session->target,
                                          ptl_describer_listen_to_run, describer);
  if (is_too_long(&findings)) {
    ptl_diag_add(&session->diags, PTL_CODE_KERNEL_TOO_LONG, ptl_loc_of(session, func),
                 "the kernel '%s' is too long to be proved: it takes more than %d steps; make K "
                 "or N smaller, or split the function",
                 kernel->name, PTL_WALK_MAX_STEPS);
    return PTL_REFUSED;
  }
  for (int i = 0; i < findings.count; i++) {
    if (!is_of_input(findings.items[i].fault)) {
      return report(session, func, kernel, &findings.items[i]);
    }
  }
  ptl_status status = prove_effects(session, func, kernel, findings.is_long ? NULL : describer);
  status = status == PTL_OK ? prove_settled(session, func, kernel) : status;
  return status == PTL_OK ? prove_stores(session, func, kernel) : status;
}

MlirModule ptl_read_emitted(ptl_session *session, const ptl_emitted *emitted, bool places) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  for (size_t i = 0; i < emitted->begin; i++) {
    if (session->output.data[i] == '\n') {
      ptl_strbuf_puts(&text, "\n");
    }
  }
  ptl_strbuf_puts(&text, "module { ");
  ptl_strbuf_add(&text, session->output.data + emitted->begin, emitted->end - emitted->begin);
  ptl_strbuf_puts(&text, "\n}\n");
  ptl_diags ignored;
  ptl_diags_init(&ignored, &session->arena);
  ptl_asm_text read;
  MlirModule none = {NULL};
  if (ptl_asm_read(&session->arena, (ptl_str){text.data, text.length}, places ? "output" : NULL,
                   &ignored, &read) != PTL_OK) {
    return none;
  }
  return mlirModuleCreateParse(session->context,
                               mlirStringRefCreate(read.mlir.data, read.mlir.length));
}

/* Whether effects name ops by their places: values that no sum describes, as those of a
 * pto.load_scalar, `pto.load_scalar#0 at "model.py":3:4`. */
static bool name_places(MlirAttribute effects) {
  if (mlirAttributeIsNull(effects)) {
    return false;
  }
  if (mlirAttributeIsAString(effects)) {
    MlirStringRef line = mlirStringAttrGetValue(effects);
    return memchr(line.data, '#', line.length) != NULL;
  }
  bool any = false;
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(effects) && !any; i++) {
    any = name_places(mlirArrayAttrGetElement(effects, i));
  }
  return any;
}

static ptl_status prove_function(ptl_session *session, ptl_emitted *emitted) {
  size_t mark = session->diags.count;
  bool places = session->keeps_emitted || name_places(ptl_attr(emitted->func, ptl_attr_effects));
  MlirModule module = ptl_read_emitted(session, emitted, places);
  MlirOperation func = {NULL};
  if (!mlirModuleIsNull(module)) {
    func = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
  }
  ptl_status status;
  if (mlirOperationIsNull(func) || ptl_has_attr(func, ptl_attr_opaque)) {
    ptl_diags_truncate(&session->diags, mark); /* MLIR's places are not those of a file */
    ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_NOT_READ, ptl_loc_of(session, emitted->func),
                 "the function cannot be read again from the output");
    status = PTL_INTERNAL;
  } else {
    status = prove_kernel(session, emitted->func, func);
  }
  if (session->keeps_emitted && status == PTL_OK) {
    emitted->read = module;
  } else if (!mlirModuleIsNull(module)) {
    mlirModuleDestroy(module);
  }
  return status;
}

ptl_status ptl_prove_output(ptl_session *session) {
  ptl_status status = PTL_OK;
  for (size_t i = 0; i < session->emitted_count && status == PTL_OK; i++) {
    status = prove_function(session, &session->emitted[i]);
  }
  return status;
}
