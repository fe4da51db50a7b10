/* The list of diagnostics of a run, and their one form as text: `file:line:col: severity: text
 * [PTLnnn]`. */
#include "support/diag.h"

#include <stdarg.h>
#include <string.h>

void ptl_diags_init(ptl_diags *diags, ptl_arena *arena) {
  memset(diags, 0, sizeof(*diags));
  diags->arena = arena;
}

void ptl_diags_add_source(ptl_diags *diags, const char *file, ptl_str text) {
  diags->sources = ptl_arena_more(diags->arena, diags->sources, (int)diags->source_count,
                                  &diags->source_capacity, sizeof(ptl_source));
  const char *copy = ptl_arena_copy(diags->arena, text.data, text.length);
  diags->sources[diags->source_count++] = (ptl_source){file, {copy, text.length}};
}

static void push(ptl_diags *diags, ptl_diag diag) {
  diags->items = ptl_arena_more(diags->arena, diags->items, (int)diags->count, &diags->capacity,
                                sizeof(ptl_diag));
  diags->items[diags->count++] = diag;
  if (diag.severity == PTL_ERROR) {
    diags->error_count++;
  }
}

static void add(ptl_diags *diags, ptl_severity severity, ptl_code code, ptl_loc loc,
                const char *text) {
  push(diags, (ptl_diag){.severity = severity, .code = code, .loc = loc, .text = text});
  if (loc.model) {
    ptl_loc own = loc;
    own.model = NULL;
    ptl_diag_note(diags, own, "from %s", loc.model);
  }
}

void ptl_diag_add(ptl_diags *diags, ptl_code code, ptl_loc loc, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *text = ptl_arena_vprintf(diags->arena, format, args);
  va_end(args);
  add(diags, ptl_grade_severity(ptl_diag_row_of(code)->grade), code, loc, text);
}

void ptl_diag_add_as(ptl_diags *diags, ptl_severity severity, ptl_code code, ptl_loc loc,
                     const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *text = ptl_arena_vprintf(diags->arena, format, args);
  va_end(args);
  add(diags, severity, code, loc, text);
}

void ptl_diag_note(ptl_diags *diags, ptl_loc loc, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ptl_diag diag = {
      .severity = PTL_NOTE, .loc = loc, .text = ptl_arena_vprintf(diags->arena, format, args)};
  va_end(args);
  push(diags, diag);
}

void ptl_diags_truncate(ptl_diags *diags, size_t count) {
  diags->count = count;
  diags->error_count = 0;
  for (size_t i = 0; i < count; i++) {
    diags->error_count += diags->items[i].severity == PTL_ERROR;
  }
}

static const char *severity_name(ptl_severity severity) {
  switch (severity) {
  case PTL_ERROR:
    return "error";
  case PTL_WARNING:
    return "warning";
  case PTL_REMARK:
    return "remark";
  case PTL_NOTE:
    return "note";
  }
  return "";
}

void ptl_diag_format(const ptl_diag *diag, ptl_strbuf *out) {
  if (diag->loc.file) {
    ptl_strbuf_printf(out, "%s:", diag->loc.file);
    if (diag->loc.line > 0) {
      ptl_strbuf_printf(out, "%d:%d:", diag->loc.line, diag->loc.column);
    }
    ptl_strbuf_puts(out, " ");
  } else {
    ptl_strbuf_puts(out, "ptolower: ");
  }
  ptl_strbuf_printf(out, "%s: %s", severity_name(diag->severity), diag->text);
  if (diag->code > 0) {
    ptl_strbuf_printf(out, " [PTL%03d]", diag->code);
  }
  ptl_strbuf_puts(out, "\n");
}
