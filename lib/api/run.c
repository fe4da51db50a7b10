/* ptolower_run: raises or imports, plans, lowers, proves, and hands out the text. Nothing is
 * handed out that was not proved. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/slower.h"
#include "api/validation.h"
#include "ir/build.h"
#include "passes/passes.h"

static const ptl_loc nowhere = {NULL, 0, 0, NULL};

static ptl_status read_fuse(ptl_session *session, const char *value) {
  static const struct {
    const char *name;
    ptl_fuse_mode mode;
  } modes[] = {{"auto", PTL_FUSE_AUTO}, {"off", PTL_FUSE_OFF}, {"always", PTL_FUSE_ALWAYS}};
  for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
    if (!value || strcmp(value, modes[i].name) == 0) {
      session->fuse = modes[i].mode;
      return PTL_OK;
    }
  }
  ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
               "invalid value '%s' for --fuse; use auto, off or always", value);
  return PTL_USAGE;
}

/* After the way to fuse is known. */
static ptl_status read_rewrite(ptl_session *session, const char *value) {
  static const struct {
    const char *name;
    ptl_rewrite_mode mode;
  } modes[] = {{"all", PTL_REWRITE_ALL}, {"pairs", PTL_REWRITE_PAIRS}, {"none", PTL_REWRITE_NONE}};
  bool is_off = session->fuse == PTL_FUSE_OFF;
  if (!value) {
    session->rewrite = is_off ? PTL_REWRITE_NONE : PTL_REWRITE_ALL;
    return PTL_OK;
  }
  for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
    if (strcmp(value, modes[i].name) == 0) {
      session->rewrite = modes[i].mode;
      if (is_off && session->rewrite != PTL_REWRITE_NONE) {
        ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
                     "to fuse is off, so that nothing is rewritten, and '%s' is to be rewritten; "
                     "use one of the two",
                     value);
        return PTL_USAGE;
      }
      return PTL_OK;
    }
  }
  ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
               "'%s' is no set of kernels to rewrite; use all, pairs or none", value);
  return PTL_USAGE;
}

/* After it is known what is rewritten. */
static ptl_status read_repair(ptl_session *session, const char *value) {
  if (!value || strcmp(value, "auto") == 0) {
    session->repairs = session->rewrite != PTL_REWRITE_NONE;
  } else if (strcmp(value, "off") == 0 || strcmp(value, "always") == 0) {
    session->repairs = strcmp(value, "always") == 0;
  } else {
    ptl_diag_add(&session->diags, PTL_CODE_OPTION_VALUE, nowhere,
                 "invalid value '%s' for --repair; use auto, off or always", value);
    return PTL_USAGE;
  }
  return PTL_OK;
}

/* Where the output is IR, the plans are part of it. */
static bool wants_plans(const ptolower_result *result, const ptolower_options *options) {
  return !options->plan || ptl_api_is_set(options->plan) || options->pass_pipeline ||
         options->stop_after || result->wants_ir;
}

ptl_status ptl_api_begin(ptolower_result *result, const ptolower_options *options) {
  result->printer = (ptl_ir_printer){.all = ptl_api_is_set(options->print_ir),
                                     .changes = ptl_api_is_set(options->print_ir_change),
                                     .locations = ptl_api_is_set(options->print_ir_locations),
                                     .before = options->print_ir_before,
                                     .after = options->print_ir_after,
                                     .out = &result->ir};
  const ptl_ir_printer *printer = &result->printer;
  result->wants_ir = printer->all || printer->changes || printer->before || printer->after;
  result->wants_timing = ptl_api_is_set(options->timing);
  result->session.writes_plans = wants_plans(result, options);
  result->session.keeps_emitted = ptl_api_is_set(options->keep);
  ptl_status status = read_fuse(&result->session, options->fuse);
  if (status == PTL_OK) {
    status = read_rewrite(&result->session, options->rewrite);
  }
  return status == PTL_OK ? read_repair(&result->session, options->repair) : status;
}

static void warn_of_early_end(ptl_session *session, const ptolower_options *options) {
  if (options->pass_pipeline && !options->stop_after) {
    ptl_diag_add(&session->diags, PTL_CODE_OUTPUT_IS_IR, nowhere,
                 "the pipeline ends before 'emit-pto': the output is IR, not .pto");
  }
}

/* They are JSON already, and cJSON's parser keeps a global: they are put in as they are. */
static void add_plans(ptl_arena *arena, MlirOperation func, cJSON *kernels) {
  MlirAttribute plans = ptl_attr(func, ptl_attr_plans);
  intptr_t count = mlirAttributeIsNull(plans) ? 0 : mlirArrayAttrGetNumElements(plans);
  for (intptr_t i = 0; i < count; i++) {
    MlirStringRef text = mlirStringAttrGetValue(mlirArrayAttrGetElement(plans, i));
    char *copy = ptl_arena_copy(arena, text.data, text.length);
    cJSON_AddItemToArray(kernels, cJSON_CreateRaw(copy));
  }
}

void ptl_api_write_plan(ptolower_result *result) {
  ptl_session *session = &result->session;
  if (!session->writes_plans) {
    return;
  }
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON_AddStringToObject(document, "target", session->target->name);
  cJSON *kernels = cJSON_AddArrayToObject(document, "kernels");
  MlirOperation func = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    add_plans(&session->arena, func, kernels);
  }
  char *text = cJSON_Print(document);
  ptl_strbuf_printf(&result->plan, "%s\n", text ? text : "{}");
  free(text);
  cJSON_Delete(document);
}

static bool is_emitted(const ptl_session *session) {
  ptl_str stage = ptl_string_attr(mlirModuleGetOperation(session->module), ptl_attr_stage);
  return ptl_str_is(stage, ptl_pipeline[ptl_pipeline_length - 1].name);
}

/* Opens the input again as if nothing had been done with it, but for what is known of kernels and
 * plans. */
static ptl_status begin_anew(ptolower_result *result, const ptolower_options *options,
                             ptl_str source) {
  ptl_session *session = &result->session;
  mlirModuleDestroy(session->module);
  session->module = (MlirModule){NULL};
  ptl_diags_truncate(&session->diags, 0);
  session->diags.source_count = 0;
  session->emitted_count = 0;
  session->outcomes = NULL;
  session->has_output = false;
  ptl_strbuf_init(&session->output, &session->arena);
  ptl_strbuf_init(&result->ir, &session->arena);
  ptl_strbuf_init(&result->timing, &session->arena);
  return ptl_api_open(result, options, source);
}

/* Runs the passes; a second time without the kernels that the first has made slower. */
static ptl_status run_passes(ptolower_result *result, const ptolower_options *options,
                             ptl_str source, const ptl_pipeline_options *pipeline) {
  ptl_session *session = &result->session;
  ptl_status status = ptl_pipeline_run(session, pipeline);
  if (status != PTL_OK || !is_emitted(session) || !ptl_note_slower(session)) {
    return status;
  }
  status = begin_anew(result, options, source);
  return status == PTL_OK ? ptl_pipeline_run(session, pipeline) : status;
}

ptl_status ptl_api_lower(ptolower_result *result, const ptolower_options *options, ptl_str source) {
  ptl_session *session = &result->session;
  ptl_pipeline_options pipeline = {.passes = options->pass_pipeline,
                                   .stop_after = options->stop_after,
                                   .ir = &result->printer,
                                   .timing = result->wants_timing,
                                   .timing_text = &result->timing};
  ptl_status status = run_passes(result, options, source, &pipeline);
  if (status != PTL_OK) {
    return status;
  }
  ptl_api_write_plan(result);
  if (!is_emitted(session)) {
    warn_of_early_end(session, options);
    return PTL_OK;
  }
  status = ptl_prove_output(session);
  if (status == PTL_OK && ptl_api_is_set(options->validate)) {
    status = ptl_validate_output(result, options, source);
  }
  return status;
}

ptolower_status ptolower_run(const ptolower_options *options, const char *text, size_t length,
                             ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_status status = ptl_api_begin(result, options);
  if (status == PTL_OK) {
    ptl_str source = {text, length};
    status = ptl_api_open(result, options, source);
    if (status == PTL_OK) {
      status = ptl_api_lower(result, options, source);
      if (!options->report || ptl_api_is_set(options->report)) {
        ptl_report_outcomes(result);
      }
    }
  }
  result->has_output = status == PTL_OK;
  if (!result->has_output || !result->session.keeps_emitted) {
    ptl_api_close(result);
  }
  return (ptolower_status)status;
}
