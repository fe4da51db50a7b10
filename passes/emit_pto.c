/* emit-pto: write the module as .pto assembly.
 *
 * Requires: functions in pto ops only.
 * Produces: the session's output. A function that no pass has changed is copied from
 *   the input byte for byte, as is everything around functions; a module with
 *   functions made from tensors is written anew.
 * Leaves alone: the IR.
 */
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/passes.h"

typedef struct range {
  size_t begin, end;
} range;

static bool range_of(MlirOperation func, ptl_str source, range *out) {
  MlirAttribute attr = ptl_attr(func, ptl_attr_range);
  if (mlirAttributeIsNull(attr) || !mlirAttributeIsADenseI64Array(attr) ||
      mlirDenseArrayGetNumElements(attr) != 2) {
    return false;
  }
  int64_t begin = mlirDenseI64ArrayGetElement(attr, 0);
  int64_t end = mlirDenseI64ArrayGetElement(attr, 1);
  if (begin < 0 || end < begin || (uint64_t)end > source.length) {
    return false;
  }
  *out = (range){(size_t)begin, (size_t)end};
  return true;
}

static MlirOperation first_op(const ptl_session *session) {
  return mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
}

/* Adds text with the line ends of the input, which are those of its first line. */
static void add_lines(ptl_session *session, ptl_str text) {
  ptl_str source = ptl_string_attr(mlirModuleGetOperation(session->module), ptl_attr_source);
  const char *newline = source.length ? memchr(source.data, '\n', source.length) : NULL;
  bool has_returns = newline && newline > source.data && newline[-1] == '\r';
  for (const char *at = text.data, *end = at + text.length; at < end;) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    const char *stop = line_end ? line_end : end;
    ptl_strbuf_add(&session->output, at, (size_t)(stop - at));
    if (line_end) {
      ptl_strbuf_puts(&session->output, has_returns ? "\r\n" : "\n");
    }
    at = line_end ? line_end + 1 : end;
  }
}

static void add_line(ptl_session *session, const char *text) {
  add_lines(session, ptl_str_of(text));
}

/* Writes a function; what the writer says of an op is at its place in the user's file. */
static ptl_status write_text(ptl_session *session, MlirOperation func) {
  size_t first = session->diags.count;
  ptl_strbuf text;
  ptl_strbuf_init(&text, &session->arena);
  ptl_status status = ptl_asm_write_func(func, &session->places, &session->diags, &text);
  add_lines(session, (ptl_str){text.data, text.length});
  for (size_t i = first; i < session->diags.count; i++) {
    ptl_loc *loc = &session->diags.items[i].loc;
    if (loc->file && strcmp(loc->file, "-") == 0) {
      loc->file = session->file;
    }
  }
  return status;
}

/* Writes a function and notes where. */
static ptl_status write_changed(ptl_session *session, MlirOperation func) {
  size_t begin = session->output.length;
  ptl_status status = write_text(session, func);
  session->emitted = ptl_arena_more(&session->arena, session->emitted, (int)session->emitted_count,
                                    &session->emitted_capacity, sizeof(ptl_emitted));
  session->emitted[session->emitted_count++] =
      (ptl_emitted){.func = func, .begin = begin, .end = session->output.length};
  return status;
}

static bool any_imported(const ptl_session *session) {
  for (MlirOperation op = first_op(session); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (ptl_has_attr(op, ptl_attr_imported)) {
      return true;
    }
  }
  return false;
}

/* The input with the changed functions replaced. */
static ptl_status patch_source(ptl_session *session, ptl_str source) {
  size_t at = 0;
  for (MlirOperation op = first_op(session); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    range range;
    if (!ptl_has_attr(op, ptl_attr_changed)) {
      continue;
    }
    if (!range_of(op, source, &range) || range.begin < at) {
      ptl_diag_add(&session->diags, PTL_CODE_TEXT_LOST, ptl_loc_of(session, op),
                   "it is not known where the function stood in the input");
      return PTL_INTERNAL;
    }
    ptl_strbuf_add(&session->output, source.data + at, range.begin - at);
    ptl_status status = write_changed(session, op);
    if (status != PTL_OK) {
      return status;
    }
    at = range.end;
  }
  ptl_strbuf_add(&session->output, source.data + at, source.length - at);
  return PTL_OK;
}

/* A function's text: as written from its ops, or from the input if it could not be read or
 * branches, for which .pto has no syntax. */
static ptl_status write_function(ptl_session *session, MlirOperation op, ptl_str source) {
  range range;
  bool is_opaque = ptl_has_attr(op, ptl_attr_opaque);
  bool has_range = range_of(op, source, &range);
  if (is_opaque || (has_range && ptl_has_branches(op))) {
    if (!has_range) {
      ptl_diag_add(&session->diags, PTL_CODE_TEXT_LOST, ptl_loc_of(session, op),
                   "the text of a function that was passed through is not at hand");
      return PTL_INTERNAL;
    }
    ptl_strbuf_add(&session->output, source.data + range.begin, range.end - range.begin);
    return PTL_OK;
  }
  return ptl_has_attr(op, ptl_attr_changed) ? write_changed(session, op) : write_text(session, op);
}

static ptl_status write_module(ptl_session *session, ptl_str source) {
  add_line(session,
           ptl_arena_printf(&session->arena, "module attributes {pto.target_arch = \"%s\"} {\n",
                            ptl_target_module_arch(session->target)));
  for (MlirOperation op = first_op(session); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!ptl_op_is(op, PTL_FUNC_FUNC)) {
      ptl_str name = ptl_op_name(op);
      ptl_diag_add(&session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(session, op),
                   "'%.*s' has no place in a module of kernels", (int)name.length, name.data);
      return PTL_REFUSED;
    }
    ptl_strbuf_puts(&session->output, "  ");
    ptl_status status = write_function(session, op, source);
    if (status != PTL_OK) {
      return status;
    }
    add_line(session, "\n");
  }
  add_line(session, "}\n");
  return PTL_OK;
}

ptl_status ptl_emit_pto(ptl_session *session) {
  MlirOperation module = mlirModuleGetOperation(session->module);
  bool has_source = ptl_has_attr(module, ptl_attr_source);
  ptl_str source = ptl_string_attr(module, ptl_attr_source);
  ptl_status status = has_source && !any_imported(session) ? patch_source(session, source)
                                                           : write_module(session, source);
  session->has_output = status == PTL_OK;
  session->ir_is_kept = true;
  return status;
}
