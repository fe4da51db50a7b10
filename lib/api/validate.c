/* Kernels before and after, compared by running them. Each text is read on its own, so
 * that nothing is shared with the run that made one from the other. */
#include "api/validation.h"

#include <stdlib.h>
#include <string.h>

#include "ir/build.h"
#include "passes/passes.h"
#include "ptolower/sim.h"
#include "sim/validate.h"

/* One comparison of two modules; both are there while `compare` runs. */
typedef struct validation_call {
  const ptl_validation_texts *texts;
  ptolower_result *own;            /* whose diagnostics are the caller's */
  ptolower_result *before, *after; /* of reading the texts */
} validation_call;

static bool is_wanted(const ptl_validation_texts *texts, const char *name) {
  bool wanted = !texts->names;
  for (size_t i = 0; i < texts->name_count && !wanted; i++) {
    wanted = strcmp(texts->names[i], name) == 0;
  }
  return wanted;
}

static bool takes_tensors(const ptl_kernel *kernel) {
  for (int i = 0; i < kernel->body->argument_count; i++) {
    const ptl_value *value = &kernel->values[kernel->body->first_argument + i];
    if (mlirTypeIsAShaped(mlirValueGetType(value->value))) {
      return true;
    }
  }
  return false;
}

/* Of the diagnostics from `mark` on, among which there is an error. */
static const ptl_diag *first_error(const ptl_diags *diags, size_t mark) {
  while (diags->items[mark].severity != PTL_ERROR) {
    mark++;
  }
  return &diags->items[mark];
}

static ptl_status compare_unit(validation_call *call, const ptl_sim_unit *before,
                               const ptl_sim_unit *after) {
  ptl_diags *diags = &call->own->session.diags;
  ptl_sim_reference reference = {.unit = before};
  size_t mark = diags->count;
  if (takes_tensors(before->cube)) {
    reference = (ptl_sim_reference){.tensors = before->cube->func};
  }
  ptl_status status = ptl_sim_validate(diags, call->after->session.target, &reference, after);
  if (status == PTL_REFUSED && !call->texts->must_run) {
    const ptl_diag *why = first_error(diags, mark);
    ptl_loc loc = why->loc;
    const char *text = why->text;
    ptl_diags_truncate(diags, mark);
    ptl_diag_add_as(diags, PTL_WARNING, PTL_CODE_NOT_VALIDATED, loc, "'%s' was not validated: %s",
                    after->name, text);
    status = PTL_OK;
  }
  return status;
}

/* Compares all functions of the first module, which have to be in the second. What the first one's
 * accumulators are is asked as when it is lowered (passes/join_accumulators.c). */
static ptl_status compare(validation_call *call) {
  ptl_session *before = &call->before->session, *after = &call->after->session;
  if (ptl_join_accumulators(before) != PTL_OK) {
    return PTL_REFUSED;
  }
  ptl_sim_units first = ptl_sim_units_of(&before->arena, before->module);
  ptl_sim_units second = ptl_sim_units_of(&after->arena, after->module);
  ptl_status status = PTL_OK;
  for (int i = 0; i < first.count && status == PTL_OK; i++) {
    const ptl_sim_unit *unit = &first.items[i];
    ptl_sim_unit other;
    if (!is_wanted(call->texts, unit->name) && !is_wanted(call->texts, unit->cube->name)) {
      continue;
    }
    if (!ptl_sim_find_unit(&second, unit->name, &other)) {
      const char *file = ptl_arena_printf(&call->own->session.arena, "%s", after->file);
      ptl_loc loc = {file, 0, 0, NULL};
      ptl_diag_add(&call->own->session.diags, PTL_CODE_NOT_VALIDATED, loc,
                   "there is no function '%s' to compare", unit->name);
      return PTL_REFUSED;
    }
    status = compare_unit(call, unit, &other);
  }
  return status;
}

/* ---- reading both ------------------------------------------------------- */

/* What a text's reading had to say becomes the caller's, if it failed. */
static void take_diagnostics(ptl_session *to, const ptl_session *from) {
  for (size_t i = 0; from->diags.error_count > 0 && i < from->diags.source_count; i++) {
    const ptl_source *source = &from->diags.sources[i];
    const char *file = ptl_arena_printf(&to->arena, "%s", source->file);
    ptl_diags_add_source(&to->diags, file, source->text);
  }
  for (size_t i = 0; i < from->diags.count; i++) {
    const ptl_diag *diag = &from->diags.items[i];
    ptl_loc loc = diag->loc;
    if (loc.file) {
      loc.file = ptl_arena_printf(&to->arena, "%s", loc.file);
    }
    loc.model = NULL;
    if (diag->severity == PTL_NOTE) {
      ptl_diag_note(&to->diags, loc, "%s", diag->text);
    } else if (diag->severity != PTL_REMARK) {
      ptl_diag_add_as(&to->diags, diag->severity, diag->code, loc, "%s", diag->text);
    }
  }
}

static ptl_status open_text(const ptolower_options *options, ptl_str text, const char *file,
                            ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTL_INTERNAL;
  }
  if (file) {
    result->session.file = ptl_arena_printf(&result->session.arena, "%s", file);
  }
  return ptl_api_open(result, options, text);
}

static void close_text(validation_call *call, ptolower_result *result) {
  if (result) {
    ptl_api_close(result);
    take_diagnostics(&call->own->session, &result->session);
    ptolower_result_destroy(result);
  }
}

ptl_status ptl_validate_texts(ptolower_result *result, const ptolower_options *options,
                              const ptl_validation_texts *texts) {
  validation_call call = {.texts = texts, .own = result};
  ptl_status status = open_text(options, texts->before, texts->before_file, &call.before);
  if (status == PTL_OK) {
    status = open_text(options, texts->after, texts->after_file, &call.after);
  }
  if (status == PTL_OK) {
    status = compare(&call);
  }
  close_text(&call, call.after);
  close_text(&call, call.before);
  return status;
}

ptolower_status ptolower_validate(const ptolower_options *options, const ptolower_text *before,
                                  const ptolower_text *after, ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_validation_texts texts = {.before = {before->data, before->length},
                                .after = {after->data, after->length},
                                .before_file = before->file,
                                .after_file = after->file,
                                .must_run = true};
  return (ptolower_status)ptl_validate_texts(result, options, &texts);
}

/* ---- the output of a lowering ------------------------------------------- */

static const char output_file[] = "output";

/* The function whose text has this line of the output; null if none has. */
static MlirOperation function_at(const ptl_session *session, int line) {
  size_t at = 0;
  for (; line > 1 && at < session->output.length; at++) {
    line -= session->output.data[at] == '\n';
  }
  const char *end = session->output.data + session->output.length;
  const char *begin = session->output.data + at,
             *newline = memchr(begin, '\n', (size_t)(end - begin));
  size_t line_end = newline ? (size_t)(newline - session->output.data) : session->output.length;
  for (size_t i = 0; i < session->emitted_count; i++) {
    if (session->emitted[i].begin < line_end + 1 && at < session->emitted[i].end) {
      return session->emitted[i].func;
    }
  }
  return (MlirOperation){NULL};
}

/* What is emitted is in no file yet: places are those of the function that it was made from. */
static void relocate(ptl_session *session, size_t mark) {
  ptl_diags *diags = &session->diags;
  size_t kept = mark;
  for (size_t i = mark; i < diags->count; i++) {
    ptl_diag diag = diags->items[i];
    if (diag.loc.file && strcmp(diag.loc.file, output_file) == 0) {
      if (diag.severity == PTL_NOTE) {
        continue; /* what the text's own location says */
      }
      MlirOperation func = function_at(session, diag.loc.line);
      diag.loc = mlirOperationIsNull(func) ? (ptl_loc){session->file, 0, 0, NULL}
                                           : ptl_loc_of(session, func);
    }
    diags->items[kept++] = diag;
  }
  diags->count = kept;
}

ptl_status ptl_validate_output(ptolower_result *result, const ptolower_options *options,
                               ptl_str input) {
  ptl_session *session = &result->session;
  const char **names = ptl_arena_array(&session->arena, session->emitted_count + 1, sizeof(char *));
  for (size_t i = 0; i < session->emitted_count; i++) {
    ptl_str name = ptl_string_attr(session->emitted[i].func, "sym_name");
    names[i] = ptl_arena_copy(&session->arena, name.data, name.length);
  }
  ptl_validation_texts texts = {.before = input,
                                .after = {session->output.data, session->output.length},
                                .after_file = output_file,
                                .names = names,
                                .name_count = session->emitted_count};
  size_t mark = session->diags.count;
  ptl_status status =
      session->emitted_count > 0 ? ptl_validate_texts(result, options, &texts) : PTL_OK;
  relocate(session, mark);
  return status;
}
