/* Decides which fused kernels are admitted by the drop-in's variables, and collects what the log
 * says of each. */
#include "kernels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- names -------------------------------------------------------------- */

typedef bool (*word_test)(const char *word, size_t length);

static bool is_word(const char *word, size_t length, const char *expected) {
  return strlen(expected) == length && !strncasecmp(word, expected, length);
}

static bool is_gate(const char *word, size_t length) {
  return length >= 4 &&
         (!strncasecmp(word, "gate", 4) || !strncasecmp(word + length - 4, "gate", 4));
}

static bool is_up(const char *word, size_t length) {
  return is_word(word, length, "up") || is_word(word, length, "wup") ||
         is_word(word, length, "gateup");
}

static bool any_word(const char *name, size_t length, word_test test) {
  for (size_t at = 0; at < length;) {
    size_t end = at;
    while (end < length && isalnum((unsigned char)name[end])) {
      end++;
    }
    if (end > at && test(name + at, end - at)) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

bool name_has_gate(const char *name, size_t length) { return any_word(name, length, is_gate); }
bool name_has_up(const char *name, size_t length) { return any_word(name, length, is_up); }

/* Whether the weights of the plan are a gate's and an up's, in any order. */
static bool plan_is_gate_up(const cJSON *plan) {
  bool gate = false, up = false;
  const cJSON *name;
  cJSON_ArrayForEach(name, cJSON_GetObjectItem(plan, "rhs_names")) {
    const char *text = cJSON_IsString(name) ? name->valuestring : "";
    if (!gate && name_has_gate(text, strlen(text))) {
      gate = true;
    } else {
      up = up || name_has_up(text, strlen(text));
    }
  }
  return gate && up;
}

/* ---- one function ------------------------------------------------------- */

static bool is_plan_of(const cJSON *plan, const function_text *function) {
  const cJSON *name = cJSON_GetObjectItem(plan, "function");
  return cJSON_IsString(name) && function_is(function, name->valuestring);
}

static bool plan_has_pair(const cJSON *plan) {
  return cJSON_GetArraySize(cJSON_GetObjectItem(plan, "rhs_names")) > 1;
}

/* By its own name, or because each of its pairs is one of gate and up. */
static bool is_gate_up(const cJSON *plans, const function_text *function) {
  const cJSON *plan;
  bool any = false, all = true;
  if (name_has_gate(function->name, function->name_length) &&
      name_has_up(function->name, function->name_length)) {
    return true;
  }
  cJSON_ArrayForEach(plan, plans) {
    if (is_plan_of(plan, function) && plan_has_pair(plan)) {
      any = true;
      all = all && plan_is_gate_up(plan);
    }
  }
  return any && all;
}

static double number(const cJSON *object, const char *key) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* Cycles under the first calibration, as in the messages. */
static void add_plans(kernel *out, const cJSON *plans, const function_text *function) {
  const cJSON *plan;
  cJSON_ArrayForEach(plan, plans) {
    if (is_plan_of(plan, function)) {
      const cJSON *cycles = cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "modelled_cycles"), 0);
      out->plan = out->plan ? out->plan : plan;
      out->before = number(cycles, "input_function");
      out->after += number(cycles, "plan");
    }
  }
}

/* The first diagnostic that says what became of the function. */
static void add_reason(kernel *out, const ptolower_result *result, const function_text *function) {
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count && out->code == 0; i++) {
    ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, i);
    if (diagnostic.severity != PTOLOWER_NOTE && diagnostic.line >= function->first_line &&
        diagnostic.line <= function->last_line) {
      out->code = diagnostic.code;
      out->why = diagnostic.text;
    }
  }
}

static void refuse(kernel *out, ptl_code code, const char *why) {
  out->code = code;
  out->why = why;
}

/* Whether the drop-in's variables ask for it. */
static bool is_asked_for(const kernel *kernel, const cJSON *plans, const function_text *function,
                         const lower_request *request) {
  return kernel->code == PTL_CODE_REPAIRED ||
         (strcmp(request->rewrite, "none") != 0 &&
          (!request->only_gate_up || is_gate_up(plans, function)));
}

kernel kernel_of(const ptolower_result *result, const cJSON *plans, const function_text *function,
                 const lower_request *request) {
  kernel out = {.why = "it holds no products"};
  add_plans(&out, plans, function);
  add_reason(&out, result, function);
  out.is_fused = out.plan != NULL;
  out.is_admitted = out.is_fused && is_asked_for(&out, plans, function, request);
  if (out.is_fused && !out.is_admitted) {
    refuse(&out, PTL_CODE_DROPIN_NOT_ADMITTED,
           "not fused: QWEN_A8W8_DUAL_GATE_UP_PROJ admits pairs of gate and up only");
  }
  return out;
}

/* ---- the line ----------------------------------------------------------- */

static void add_code(cJSON *line, int number) {
  char text[16];
  snprintf(text, sizeof(text), "PTL%03d", number);
  cJSON_AddItemToObject(line, "code", number ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static void add_cycles(cJSON *line, const kernel *kernel) {
  if (!kernel->plan) {
    cJSON_AddNullToObject(line, "cycles");
    return;
  }
  cJSON *cycles = cJSON_AddObjectToObject(line, "cycles");
  cJSON_AddNumberToObject(cycles, "before", kernel->before);
  cJSON_AddNumberToObject(cycles, "after", kernel->after);
}

static void add_buffers(cJSON *line, const kernel *kernel) {
  cJSON *spaces = cJSON_GetObjectItem(kernel->plan, "spaces");
  cJSON_AddItemToObject(line, "buffers",
                        spaces ? cJSON_Duplicate(spaces, true) : cJSON_CreateNull());
}

bool kernel_print(const kernel *kernel, const function_text *function, const cJSON *certificate,
                  FILE *out) {
  char name[256];
  snprintf(name, sizeof(name), "%.*s", (int)function->name_length, function->name);
  cJSON *line = cJSON_CreateObject();
  cJSON_AddBoolToObject(line, "fused", kernel->is_admitted);
  cJSON_AddStringToObject(line, "kernel", name);
  add_code(line, kernel->code);
  cJSON_AddStringToObject(line, "why", kernel->why);
  add_cycles(line, kernel);
  add_buffers(line, kernel);
  cJSON_AddItemToObject(line, "certificate",
                        kernel->is_admitted && certificate ? cJSON_Duplicate(certificate, true)
                                                           : cJSON_CreateNull());
  char *text = cJSON_PrintUnformatted(line);
  cJSON_Delete(line);
  bool ok = text && fprintf(out, "%s\n", text) > 0;
  free(text);
  return ok;
}
