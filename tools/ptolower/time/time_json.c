/* The table as JSON. */
#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "support/codes.h"
#include "time/time.h"

static void add_number(cJSON *object, const char *name, double value, double parts) {
  cJSON_AddNumberToObject(object, name, floor(value * parts + 0.5) / parts);
}

static cJSON *cost_json(const char *calibration, const ptolower_cost *cost) {
  enum { CYCLE_PARTS = 10, SHARE_PARTS = 10000 };
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "calibration", calibration);
  add_number(object, "cycles", cost->cycles, CYCLE_PARTS);
  cJSON *busy = cJSON_AddObjectToObject(object, "busy_cycles");
  for (int unit = 0; unit < PTOLOWER_UNITS; unit++) {
    add_number(busy, ptolower_unit_name((ptolower_unit)unit), cost->busy[unit], CYCLE_PARTS);
  }
  cJSON_AddStringToObject(object, "bound", ptolower_unit_name(cost->bound));
  add_number(object, "bound_cycles", cost->busy[cost->bound], CYCLE_PARTS);
  add_number(object, "efficiency", cost->cycles > 0 ? cost->busy[cost->bound] / cost->cycles : 1,
             SHARE_PARTS);
  return object;
}

/* With the flags that ptoas put in; nothing if nobody asked. */
static void add_flags(cJSON *kernel, const ptolower_times *times) {
  const ptolower_played *played = times ? times->played : NULL;
  if (!played) {
    return;
  }
  cJSON *object = cJSON_AddObjectToObject(kernel, "flags");
  if (played->unknown) {
    cJSON_AddStringToObject(object, "unknown", played->unknown);
    return;
  }
  add_number(object, "cycles", played->cycles, 10);
  cJSON *stalls = cJSON_AddArrayToObject(object, "stalls");
  for (int i = 0; i < played->stall_count; i++) {
    const ptolower_stall *stall = &played->stalls[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(stalls, item);
    cJSON_AddStringToObject(item, "pipe", ptolower_unit_name(stall->unit));
    cJSON_AddStringToObject(item, "flag", stall->flag);
    cJSON_AddNumberToObject(item, "line", stall->line);
    cJSON_AddStringToObject(item, "before", stall->op);
    add_number(item, "cycles", stall->cycles, 10);
    add_number(item, "needless_cycles", stall->longer, 10);
    cJSON_AddNumberToObject(item, "times", stall->count);
  }
}

static void add_times(cJSON *kernel, const char *name, const time_table *table, const time_row *row,
                      const ptolower_times *times) {
  if (!times) {
    cJSON_AddNullToObject(kernel, name);
    return;
  }
  cJSON *object = cJSON_AddObjectToObject(kernel, name);
  cJSON_AddBoolToObject(object, "complete", times->is_complete);
  cJSON_AddBoolToObject(object, "open_loops", times->has_open_loops);
  cJSON_AddBoolToObject(object, "branches", times->has_branches);
  cJSON_AddBoolToObject(object, "gaps", times->has_gaps);
  cJSON *costs = cJSON_AddArrayToObject(object, "costs");
  for (size_t at = 0; time_next(table, row, &at); at++) {
    cJSON_AddItemToArray(
        costs, cost_json(ptolower_result_calibration(row->result, at), &times->costs[at]));
  }
  add_flags(object, times);
}

static cJSON *kernel_json(const time_table *table, const time_row *row) {
  const ptolower_timed *kernel = row->kernel;
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "file", row->file);
  cJSON_AddStringToObject(object, "name", kernel->name);
  cJSON_AddNumberToObject(object, "line", kernel->line);
  if (kernel->code) {
    char code[16];
    snprintf(code, sizeof(code), "PTL%03d", kernel->code);
    cJSON_AddStringToObject(object, "code", code);
    cJSON_AddStringToObject(object, "rule", ptl_diag_row_of((ptl_code)kernel->code)->name);
    cJSON_AddStringToObject(object, "reason", kernel->reason);
  }
  cJSON_AddBoolToObject(object, "can_run", time_can_run(kernel));
  add_times(object, "before", table, row, kernel->before);
  add_times(object, "after", table, row, kernel->after);
  return object;
}

void time_put_json(FILE *out, const time_table *table) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "ptolower", ptolower_version());
  cJSON *kernels = cJSON_AddArrayToObject(document, "kernels");
  for (size_t i = 0; i < table->row_count; i++) {
    cJSON_AddItemToArray(kernels, kernel_json(table, &table->rows[i]));
  }
  char *text = cJSON_Print(document);
  fprintf(out, "%s\n", text ? text : "");
  free(text);
  cJSON_Delete(document);
}
