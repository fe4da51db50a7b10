/* Access to the result of a run: output, plan, IR, times, diagnostics. Strings belong to the
 * result. */
#include <stdlib.h>

#include "api/api.h"
#include "passes/passes.h"
#include "support/excerpt.h"

const char *ptolower_version(void) { return PTOLOWER_VERSION; }

const char *ptolower_dialect(void) { return ptl_dialect_text(); }

const char *ptolower_pass_name(size_t index) {
  return index < (size_t)ptl_pipeline_length ? ptl_pipeline[index].name : NULL;
}

const char *ptolower_pass_help(size_t index) {
  return index < (size_t)ptl_pipeline_length ? ptl_pipeline[index].help : NULL;
}

void ptolower_result_destroy(ptolower_result *result) {
  if (result) {
    ptl_api_close(result);
    ptl_arena_free(&result->session.arena);
    free(result);
  }
}

const char *ptolower_result_output(const ptolower_result *result, size_t *length) {
  if (length) {
    *length = result && result->has_output ? result->session.output.length : 0;
  }
  if (!result || !result->has_output) {
    return NULL;
  }
  return result->session.output.data ? result->session.output.data : "";
}

const char *ptolower_result_plan(const ptolower_result *result) {
  return result && result->has_output ? result->plan.data : NULL;
}

static const char *collected(const ptl_strbuf *text, bool is_wanted) {
  return !is_wanted ? NULL : text->data ? text->data : "";
}

const char *ptolower_result_ir(const ptolower_result *result) {
  return result ? collected(&result->ir, result->wants_ir) : NULL;
}

const char *ptolower_result_timing(const ptolower_result *result) {
  return result ? collected(&result->timing, result->wants_timing) : NULL;
}

size_t ptolower_result_diagnostic_count(const ptolower_result *result) {
  return result ? result->session.diags.count : 0;
}

ptolower_diagnostic ptolower_result_diagnostic(const ptolower_result *result, size_t index) {
  if (index >= ptolower_result_diagnostic_count(result)) {
    return (ptolower_diagnostic){.text = ""};
  }
  const ptl_diag *diag = &result->session.diags.items[index];
  ptolower_diagnostic out = {(ptolower_severity)diag->severity,
                             diag->code,
                             diag->loc.file,
                             diag->loc.line,
                             diag->loc.column,
                             diag->text};
  return out;
}

int ptolower_result_diagnostic_is_shown(const ptolower_result *result, size_t index) {
  const ptl_diag *diag = &result->session.diags.items[index];
  while (index > 0 && diag->severity == PTL_NOTE) {
    diag = &result->session.diags.items[--index];
  }
  const ptl_diag_row *row = ptl_diag_row_of(diag->code);
  return diag->severity != PTL_REMARK || (!diag->allowed && row->grade == PTL_GRADE_SHOWN_REMARK);
}

const char *ptolower_result_diagnostic_allowed(const ptolower_result *result, size_t index) {
  return result->session.diags.items[index].allowed;
}

ptolower_excerpt ptolower_result_diagnostic_excerpt(const ptolower_result *result, size_t index,
                                                    int width) {
  if (index >= ptolower_result_diagnostic_count(result)) {
    return (ptolower_excerpt){NULL, NULL};
  }
  const ptl_diags *diags = &result->session.diags;
  ptl_excerpt excerpt = ptl_excerpt_of(diags, &diags->items[index], width);
  return (ptolower_excerpt){excerpt.line, excerpt.marks};
}

const char *ptolower_result_diagnostic_line(const ptolower_result *result, size_t index) {
  if (index >= ptolower_result_diagnostic_count(result)) {
    return "";
  }
  ptl_strbuf text;
  ptl_strbuf_init(&text, result->session.diags.arena);
  ptl_diag_format(&result->session.diags.items[index], &text);
  return text.data;
}
