#include "api/api.h"
#include "asm/asm.h"
#include "ir/build.h"
#include "kernel/check.h"
#include "kernel/effects.h"

static MlirOperation first_op(MlirModule module) {
  return mlirBlockGetFirstOperation(mlirModuleGetBody(module));
}

static MlirOperation find_function(MlirModule module, ptl_str name) {
  MlirOperation op = first_op(module);
  while (!mlirOperationIsNull(op) && !ptl_str_equal(ptl_string_attr(op, "sym_name"), name)) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

static ptl_status report(ptl_session *session, const ptl_kernel *kernel,
                         const ptl_finding *finding) {
  ptl_diag_add(&session->diags, PTL_ERROR, 904, ptl_op_loc(&session->arena, finding->op),
               "the kernel '%s' that was emitted is wrong: %s", kernel->name, finding->text);
  if (finding->other) {
    ptl_diag_note(&session->diags, ptl_op_loc(&session->arena, finding->other),
                  "the other op is here");
  }
  return PTL_INTERNAL;
}

/* Whether the emitted kernel does what the input did, by the lines that raise-products
 * left; functions made from tensors have none. */
static ptl_status prove_effects(ptl_session *session, MlirOperation func,
                                const ptl_kernel *kernel) {
  MlirAttribute before = ptl_attr(func, ptl_attr_effects);
  if (mlirAttributeIsNull(before)) {
    return PTL_OK;
  }
  ptl_effects after = ptl_kernel_effects(&session->arena, kernel, session->target);
  bool same = after.is_complete && mlirArrayAttrGetNumElements(before) == after.count;
  int at = 0;
  for (; same && at < after.count; at++) {
    MlirStringRef line = mlirStringAttrGetValue(mlirArrayAttrGetElement(before, at));
    same = ptl_str_is((ptl_str){line.data, line.length}, after.lines[at]);
  }
  if (same) {
    return PTL_OK;
  }
  ptl_diag_add(&session->diags, PTL_ERROR, 906, ptl_loc_of(session, func),
               "the kernel '%s' that was emitted does not do what the input does, at effect %d",
               kernel->name, at);
  return PTL_INTERNAL;
}

static ptl_status prove_function(ptl_session *session, MlirModule emitted, MlirOperation func) {
  MlirOperation found = find_function(emitted, ptl_string_attr(func, "sym_name"));
  if (mlirOperationIsNull(found) || ptl_has_attr(found, ptl_attr_opaque)) {
    ptl_diag_add(&session->diags, PTL_ERROR, 903, ptl_loc_of(session, func),
                 "the function cannot be read again from the output");
    return PTL_INTERNAL;
  }
  const ptl_kernel *kernel = ptl_kernel_decode(&session->arena, found);
  ptl_findings findings = ptl_check_kernel(&session->arena, kernel, session->target);
  return findings.count == 0 ? prove_effects(session, func, kernel)
                             : report(session, kernel, &findings.items[0]);
}

static bool any_changed(const ptl_session *session) {
  MlirOperation op = first_op(session->module);
  while (!mlirOperationIsNull(op) && !ptl_has_attr(op, ptl_attr_changed)) {
    op = mlirOperationGetNextInBlock(op);
  }
  return !mlirOperationIsNull(op);
}

static ptl_status prove_functions(ptl_session *session, MlirModule emitted) {
  MlirOperation func = first_op(session->module);
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    if (ptl_has_attr(func, ptl_attr_changed)) {
      ptl_status status = prove_function(session, emitted, func);
      if (status != PTL_OK) {
        return status;
      }
    }
  }
  return PTL_OK;
}

ptl_status ptl_prove_output(ptl_session *session) {
  if (!any_changed(session)) {
    return PTL_OK;
  }
  ptl_str text = {session->output.data, session->output.length};
  ptl_asm_text read;
  ptl_diags ignored; /* remarks on functions that were passed through were made before */
  ptl_diags_init(&ignored, &session->arena);
  ptl_loc place = {session->file, 0, 0, NULL};
  ptl_status status = ptl_asm_read(&session->arena, text, "output", &ignored, &read);
  MlirModule emitted = {NULL};
  if (status == PTL_OK) {
    emitted = mlirModuleCreateParse(session->context,
                                    mlirStringRefCreate(read.mlir.data, read.mlir.length));
  }
  if (mlirModuleIsNull(emitted)) {
    ptl_diag_add(&session->diags, PTL_ERROR, 903, place, "the output cannot be read again");
    return PTL_INTERNAL;
  }
  status = prove_functions(session, emitted);
  mlirModuleDestroy(emitted);
  return status;
}
