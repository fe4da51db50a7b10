/* Writes what became of each kernel of a run as JSON: its products, and the code and the reason of
 * what was done with it. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "ir/build.h"
#include "passes/outcomes.h"
#include "passes/passes.h"

static cJSON *add_function(cJSON *functions, const char *name, int line) {
  cJSON *function = cJSON_CreateObject();
  cJSON_AddItemToArray(functions, function);
  cJSON_AddStringToObject(function, "name", name);
  cJSON_AddNumberToObject(function, "line", line);
  return function;
}

/* Of `'name' is left: reason`, which is what diagnostics of functions look like, the reason. */
static const char *reason_of(const ptl_diag *diag, const char *name) {
  size_t length = strlen(name);
  const char *text = diag->text;
  if (text[0] != '\'' || strncmp(text + 1, name, length) != 0 || text[1 + length] != '\'') {
    return text;
  }
  const char *colon = strstr(text + 1 + length, ": ");
  return colon ? colon + 2 : text;
}

const char *ptl_outcome_reason(const ptl_session *session, const ptl_outcome *outcome,
                               ptl_code *code) {
  if (outcome->diagnostic < 0) {
    return NULL;
  }
  const ptl_diag *diag = &session->diags.items[outcome->diagnostic];
  *code = diag->code;
  return reason_of(diag, outcome->name);
}

static void add_outcome(const ptl_session *session, cJSON *functions, const ptl_outcome *outcome) {
  cJSON *function = add_function(functions, outcome->name, outcome->line);
  cJSON_AddNumberToObject(function, "cube_ops", outcome->cube_ops);
  if (outcome->is_followed) {
    cJSON_AddNumberToObject(function, "products", outcome->product_count);
    cJSON_AddItemToObject(function, "groups",
                          cJSON_CreateIntArray(outcome->groups, outcome->group_count));
  }
  ptl_code code = PTL_CODE_NONE;
  const char *reason = ptl_outcome_reason(session, outcome, &code);
  if (reason) {
    cJSON_AddNumberToObject(function, "code", code);
    cJSON_AddStringToObject(function, "reason", reason);
  }
}

static bool contains(ptl_str text, const char *word) {
  size_t length = strlen(word);
  for (size_t i = 0; i + length <= text.length; i++) {
    if (memcmp(text.data + i, word, length) == 0) {
      return true;
    }
  }
  return false;
}

/* Whether a text that was not read names an op that multiplies. */
static bool names_product(ptl_str text) {
  for (int id = 0; id < PTL_OP_ID_COUNT; id++) {
    if (ptl_op_table[id].pipe == PTL_SYNC_PIPE_M && contains(text, ptl_op_table[id].name)) {
      return true;
    }
  }
  return false;
}

const char *ptl_unread_reason(ptl_session *session, MlirOperation func) {
  ptl_str why = ptl_string_attr(func, ptl_attr_opaque);
  return ptl_has_attr(func, ptl_attr_opaque) && names_product(ptl_function_text(session, func))
             ? ptl_arena_copy(&session->arena, why.data, why.length)
             : NULL;
}

static void add_unread(ptl_session *session, cJSON *functions, MlirOperation func) {
  const char *reason = ptl_unread_reason(session, func);
  if (reason) {
    cJSON *function =
        add_function(functions, ptl_function_name(session, func), ptl_loc_of(session, func).line);
    cJSON_AddNumberToObject(function, "code", PTL_CODE_NOT_READ);
    cJSON_AddStringToObject(function, "reason", reason);
  }
}

void ptl_report_outcomes(ptolower_result *result) {
  ptl_session *session = &result->session;
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON *functions = cJSON_AddArrayToObject(document, "functions");
  for (const ptl_outcome *at = session->outcomes; at; at = at->next) {
    add_outcome(session, functions, at);
  }
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    add_unread(session, functions, op);
  }
  char *text = cJSON_PrintUnformatted(document);
  ptl_strbuf_printf(&result->report, "%s\n", text ? text : "{}");
  free(text);
  cJSON_Delete(document);
}
