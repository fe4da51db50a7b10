/* Which IR of a run is printed: before passes, after them, or where they change it. */
#include "passes/print_ir.h"

#include <string.h>

#include "ir/build.h"

static MlirOperation module_op(const ptl_session *session) {
  return mlirModuleGetOperation(session->module);
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

void ptl_print_ir(ptl_session *session, bool locations, ptl_strbuf *out) {
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  if (locations) {
    mlirOpPrintingFlagsEnableDebugInfo(flags, true, false);
  }
  mlirOperationPrintWithFlags(module_op(session), flags, append_text, out);
  mlirOpPrintingFlagsDestroy(flags);
  ptl_strbuf_puts(out, "\n");
}

/* Without the input's text, which would be most of it, and the mark of the last pass. */
static void print_body(ptl_session *session, bool locations, ptl_strbuf *out) {
  const char *const left_out[] = {ptl_attr_source, ptl_attr_stage};
  MlirAttribute kept[2];
  MlirOperation module = module_op(session);
  for (int i = 0; i < 2; i++) {
    kept[i] = ptl_attr(module, left_out[i]);
    mlirOperationRemoveAttributeByName(module, mlirStringRefCreateFromCString(left_out[i]));
  }
  ptl_print_ir(session, locations, out);
  for (int i = 0; i < 2; i++) {
    if (!mlirAttributeIsNull(kept[i])) {
      ptl_set_attr(module, left_out[i], kept[i]);
    }
  }
}

static ptl_strbuf body_of(ptl_session *session, bool locations) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  print_body(session, locations, &text);
  return text;
}

static bool is_named(const char *name, const char *pass) { return name && strcmp(name, pass) == 0; }

static void put(ptl_strbuf *out, const char *when, const char *pass, const ptl_strbuf *text) {
  ptl_strbuf_printf(out, "// -----// IR %s %s //----- //\n", when, pass);
  ptl_strbuf_add(out, text->data, text->length);
}

void ptl_print_before(ptl_session *session, ptl_ir_printer *printer, const char *pass) {
  bool wanted = is_named(printer->before, pass);
  if (wanted || printer->changes) {
    printer->last = body_of(session, printer->locations);
  }
  if (wanted) {
    put(printer->out, "before", pass, &printer->last);
  }
}

/* A pass that says that it left the IR as it was is not verified. */
static ptl_status check_kept(ptl_session *session, const char *pass, bool differs) {
  if (!session->ir_is_kept || !differs) {
    return PTL_OK;
  }
  ptl_loc loc = {session->file, 0, 0, NULL};
  ptl_diag_add(&session->diags, PTL_CODE_PASS_LEFT_WRONG_IR, loc,
               "%s changed the IR, but says that it did not", pass);
  return PTL_INTERNAL;
}

ptl_status ptl_print_after(ptl_session *session, ptl_ir_printer *printer, const char *pass) {
  bool wanted = printer->all || is_named(printer->after, pass);
  if (!wanted && !printer->changes) {
    return PTL_OK;
  }
  ptl_strbuf text = body_of(session, printer->locations);
  bool differs = printer->changes && strcmp(text.data, printer->last.data) != 0;
  if (wanted || differs) {
    put(printer->out, "after", pass, &text);
  } else {
    ptl_strbuf_printf(printer->out, "// -----// %s changes nothing //----- //\n", pass);
  }
  return check_kept(session, pass, differs);
}
