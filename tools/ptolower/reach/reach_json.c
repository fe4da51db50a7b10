/* The table as JSON. */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "reach/reach.h"
#include "support/codes.h"

static void add_code(cJSON *object, int code) {
  char text[16];
  if (code) {
    snprintf(text, sizeof(text), "PTL%03d", code);
    cJSON_AddStringToObject(object, "code", text);
    cJSON_AddStringToObject(object, "rule", ptl_diag_row_of((ptl_code)code)->name);
  }
}

static void add_count(cJSON *object, const char *name, int count) {
  if (count >= 0) {
    cJSON_AddNumberToObject(object, name, count);
  }
}

static void add_kernel(cJSON *kernels, const reach_kernel *kernel) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(kernels, object);
  cJSON_AddStringToObject(object, "file", kernel->file);
  cJSON_AddStringToObject(object, "name", kernel->name);
  cJSON_AddNumberToObject(object, "line", kernel->line);
  add_count(object, "cube_ops", kernel->cube_ops);
  add_count(object, "products", kernel->products);
  cJSON_AddStringToObject(object, "groups", kernel->groups);
  cJSON_AddStringToObject(object, "outcome", reach_outcome_name(kernel->outcome));
  add_code(object, kernel->code);
  cJSON_AddStringToObject(object, "reason", kernel->reason);
}

static void add_reasons(cJSON *document, const reach_table *table) {
  size_t count;
  reach_reason *reasons = reach_reasons(table, &count);
  cJSON *array = cJSON_AddArrayToObject(document, "reasons");
  for (size_t i = 0; i < count; i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddNumberToObject(object, "kernels", (double)reasons[i].count);
    cJSON_AddStringToObject(object, "outcome", reach_outcome_name(reasons[i].example->outcome));
    add_code(object, reasons[i].example->code);
    cJSON_AddStringToObject(object, "reason", reasons[i].example->kind);
  }
  free(reasons);
}

static void add_faults(cJSON *document, const reach_table *table) {
  cJSON *array = cJSON_AddArrayToObject(document, "no_module");
  for (size_t i = 0; i < table->fault_count; i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddStringToObject(object, "file", table->faults[i].file);
    cJSON_AddStringToObject(object, "text", table->faults[i].text);
  }
}

void reach_put_json(FILE *out, const reach_table *table) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON *kernels = cJSON_AddArrayToObject(document, "kernels");
  for (size_t i = 0; i < table->kernel_count; i++) {
    add_kernel(kernels, &table->kernels[i]);
  }
  add_faults(document, table);
  add_reasons(document, table);
  char *text = cJSON_Print(document);
  fprintf(out, "%s\n", text ? text : "");
  free(text);
  cJSON_Delete(document);
}
