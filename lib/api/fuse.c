/* ptolower_fuse: reads several kernels into one module, runs the pipeline, which makes one function
 * of them, and proves that it does what they do one after the other. */
#include <stdlib.h>
#include <string.h>

#include "api/fusion.h"
#include "api/validation.h"
#include "ir/build.h"
#include "passes/passes.h"

/* The only function that the passes leave. */
static MlirOperation merged_function(const ptl_session *session) {
  return mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
}

/* The kernels' names with _ between. */
static const char *joined_names(const ptl_fusion *f) {
  const char *name = f->parts[0].name;
  for (int i = 1; i < f->count; i++) {
    name = ptl_arena_printf(&f->session->arena, "%s_%s", name, f->parts[i].name);
  }
  return name;
}

static void set_name(ptl_fusion *f, const char *name) {
  MlirOperation module = mlirModuleGetOperation(f->session->module);
  ptl_str text = ptl_str_of(name ? name : joined_names(f));
  ptl_set_attr(module, ptl_attr_merge, ptl_string(f->session->context, text));
}

static ptl_status prove(ptl_fusion *f, const ptolower_options *options) {
  ptl_str reference;
  ptl_status status = ptl_fusion_reference(f, merged_function(f->session), &reference);
  if (status == PTL_OK) {
    status = ptl_prove_output(f->session);
  }
  if (status == PTL_OK && ptl_api_is_set(options->validate)) {
    status = ptl_validate_output(f->result, options, reference);
  }
  return status;
}

static ptl_status run(ptl_fusion *f, const ptolower_options *options) {
  ptl_pipeline_options pipeline = {.passes = NULL,
                                   .ir = &f->result->printer,
                                   .timing = f->result->wants_timing,
                                   .timing_text = &f->result->timing};
  ptl_status status = ptl_pipeline_run(f->session, &pipeline);
  if (status != PTL_OK) {
    return status;
  }
  ptl_api_write_plan(f->result);
  ptl_fusion_write_manifest(f, merged_function(f->session));
  return prove(f, options);
}

static void destroy_originals(ptl_fusion *f) {
  for (int i = 0; i < f->count; i++) {
    if (!mlirOperationIsNull(f->parts[i].original)) {
      mlirOperationDestroy(f->parts[i].original);
    }
  }
}

static ptl_status fuse(ptl_fusion *f, const ptolower_options *options,
                       const ptolower_kernel *kernels, size_t count) {
  ptl_status status = ptl_fusion_read(f, options, kernels, count);
  status = status == PTL_OK ? ptl_fusion_name_same(f, options->same) : status;
  if (status == PTL_OK) {
    set_name(f, options->name);
    status = run(f, options);
  }
  destroy_originals(f);
  return status;
}

ptolower_status ptolower_fuse(const ptolower_options *options, const ptolower_kernel *kernels,
                              size_t count, ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_status status = ptl_api_begin(result, options);
  if (status == PTL_OK) {
    ptl_fusion f = {.result = result, .session = &result->session};
    status = fuse(&f, options, kernels, count);
    ptl_api_close(result);
  }
  result->has_output = status == PTL_OK;
  return (ptolower_status)status;
}

const char *ptolower_result_manifest(const ptolower_result *result) {
  return result && result->has_output ? result->manifest.data : NULL;
}
