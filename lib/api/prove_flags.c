/* ptolower_prove_flags: the flags that ptoas put into the functions of an output. They are walked
 * as the proof of the output has read them. */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api/api.h"
#include "api/report.h"
#include "api/walked.h"
#include "ir/build.h"

/* A function that may be written otherwise than it was read. Of the other functions of a kernel the
 * module says what the output says. */
static void hide_if_raised(MlirOperation op, void *user) {
  ptl_session *session = user;
  if (ptl_op_is(op, PTL_FUNC_FUNC) && ptl_has_attr(op, ptl_attr_effects)) {
    ptl_set_attr(op, ptl_attr_opaque, ptl_string(session->context, ptl_str_of("it was raised")));
  }
}

/* Puts what was read in place of what it was written from, once. */
static void take_emitted(ptl_session *session) {
  for (size_t i = 0; i < session->emitted_count; i++) {
    ptl_emitted *emitted = &session->emitted[i];
    if (!mlirModuleIsNull(emitted->read)) {
      MlirOperation read = mlirBlockGetFirstOperation(mlirModuleGetBody(emitted->read));
      mlirOperationRemoveFromParent(read);
      mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(emitted->func), emitted->func,
                                          read);
      mlirOperationDestroy(emitted->func);
      mlirModuleDestroy(emitted->read);
      emitted->func = read;
      emitted->read = (MlirModule){NULL};
    }
  }
  ptl_for_each_op(mlirModuleGetOperation(session->module), hide_if_raised, session);
}

static void prove_function(ptl_walks *walks, MlirOperation func, cJSON *functions) {
  ptl_arena *arena = &walks->session->arena;
  ptl_walked *walked = ptl_walk_function(walks, func);
  ptl_compare_with_peer(walks, walked);
  cJSON *function = cJSON_CreateObject();
  cJSON_AddItemToArray(functions, function);
  cJSON_AddStringToObject(function, "name", walked->kernel->name);
  ptl_report_flags(arena, function, &walked->findings.flags);
}

ptolower_status ptolower_prove_flags(ptolower_result *result, const char *written) {
  ptl_session *session = result ? &result->session : NULL;
  if (!result || !result->has_output || !session->keeps_emitted) {
    return PTOLOWER_USAGE;
  }
  ptl_walks walks = {.session = session, .written = ptl_str_of(written)};
  cJSON *functions = cJSON_CreateArray();
  take_emitted(session);
  for (size_t i = 0; i < session->emitted_count; i++) {
    prove_function(&walks, session->emitted[i].func, functions);
  }
  char *text = cJSON_PrintUnformatted(functions);
  result->flags.length = 0;
  ptl_strbuf_puts(&result->flags, text ? text : "[]");
  free(text);
  cJSON_Delete(functions);
  return PTOLOWER_OK;
}

const char *ptolower_result_flags(const ptolower_result *result) {
  return result ? result->flags.data : NULL;
}
