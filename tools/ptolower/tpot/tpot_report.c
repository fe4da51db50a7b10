/* The estimate as text and as JSON. */
#include "tpot/tpot.h"

#include <stdlib.h>
#include <string.h>

static const char estimate_note[] =
    "This is an estimate from measured averages and modelled kernels, not a measurement.";

static void print_row(FILE *out, const char *name, int width, const tpot_estimate *estimate,
                      const tpot_estimate *before) {
  fprintf(out, "%-*s %8.0f %9.0f %9.1f", width, name, estimate->groups, estimate->records,
          estimate->device_ms);
  if (estimate == before) {
    fputs("         -\n", out);
  } else {
    fprintf(out, " %+9.1f\n", estimate->device_ms - before->device_ms);
  }
}

/* The change, and where the cycles come from if that is known. */
static void label_of(const tpot_change *change, char *out, size_t size) {
  snprintf(out, size, "%s%s%s%s", change->name, change->calibration ? " (" : "",
           change->calibration ? change->calibration : "", change->calibration ? ")" : "");
}

static void print_table(FILE *out, const tpot_model *model, const tpot_change *changes,
                        size_t count) {
  int width = (int)strlen("as measured");
  char label[256];
  tpot_estimate before = tpot_before(model);
  for (size_t i = 0; i < count; i++) {
    label_of(&changes[i], label, sizeof(label));
    int length = (int)strlen(label);
    width = length > width ? length : width;
  }
  fprintf(out, "%-*s %8s %9s %9s %9s\n", width, "", "groups", "records", "ms/step", "ms");
  print_row(out, "as measured", width, &before, &before);
  for (size_t i = 0; i < count; i++) {
    tpot_estimate after = tpot_after(model, &changes[i]);
    label_of(&changes[i], label, sizeof(label));
    print_row(out, label, width, &after, &before);
  }
}

static void print_kernels(FILE *out, const tpot_model *model, const tpot_change *changes,
                          size_t count) {
  char label[256];
  fputs("\nTasks per layer, and cycles (us) of one, before and after:\n", out);
  for (size_t i = 0; i < count; i++) {
    const tpot_change *change = &changes[i];
    double us = 1 / (1000 * model->clock_ghz);
    label_of(change, label, sizeof(label));
    fprintf(out, "  %s: %.0f of %.0f (%.1f), %.0f of %.0f (%.1f)\n", label, change->tasks_before,
            change->cycles_before, change->cycles_before * us, change->tasks_after,
            change->cycles_after, change->cycles_after * us);
  }
}

static void print_assumptions(FILE *out, const tpot_model *model) {
  fprintf(
      out,
      "\nAssumptions:\n"
      "  * every task group makes %.2f task records: %.0f records of %.0f groups in %.0f layers\n"
      "  * %.2f tasks run at a time: %.0f records of %.0f + %.0f us in %.0f ms; this stays so\n"
      "  * dispatch costs %.0f us a record, whatever the task does\n"
      "  * a changed task takes its modelled cycles at %.2f GHz; a mixed task's vector cores wait\n"
      "    for its cube core; all other tasks take what they took\n"
      "  * memory bandwidth is not shared: cores that load at once do not slow each other down\n"
      "  * the critical path shrinks as the work does\n",
      tpot_records_per_group(model), model->records, model->groups, model->layers,
      tpot_parallelism(model), model->records, model->task_us, model->dispatch_us, model->device_ms,
      model->dispatch_us, model->clock_ghz);
}

void tpot_print_text(FILE *out, const tpot_model *model, const tpot_change *changes, size_t count) {
  fprintf(out, "%s\n%s\n\n", model->name, estimate_note);
  print_table(out, model, changes, count);
  print_kernels(out, model, changes, count);
  print_assumptions(out, model);
}

static cJSON *estimate_object(const char *name, const tpot_estimate *estimate) {
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "name", name);
  cJSON_AddNumberToObject(object, "groups_per_step", estimate->groups);
  cJSON_AddNumberToObject(object, "records_per_step", estimate->records);
  cJSON_AddNumberToObject(object, "ms_per_step", estimate->device_ms);
  return object;
}

static void add_change(cJSON *list, const tpot_model *model, const tpot_change *change) {
  tpot_estimate after = tpot_after(model, change);
  cJSON *object = estimate_object(change->name, &after);
  if (change->calibration) {
    cJSON_AddStringToObject(object, "calibration", change->calibration);
  }
  cJSON_AddNumberToObject(object, "tasks_before", change->tasks_before);
  cJSON_AddNumberToObject(object, "cycles_before", change->cycles_before);
  cJSON_AddNumberToObject(object, "tasks_after", change->tasks_after);
  cJSON_AddNumberToObject(object, "cycles_after", change->cycles_after);
  cJSON_AddItemToArray(list, object);
}

void tpot_print_json(FILE *out, const tpot_model *model, const tpot_change *changes, size_t count) {
  tpot_estimate before = tpot_before(model);
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "model", model->name);
  cJSON_AddStringToObject(document, "note", estimate_note);
  cJSON_AddNumberToObject(document, "records_per_group", tpot_records_per_group(model));
  cJSON_AddNumberToObject(document, "tasks_at_a_time", tpot_parallelism(model));
  cJSON_AddItemToObject(document, "measured", estimate_object("as measured", &before));
  cJSON *list = cJSON_AddArrayToObject(document, "estimates");
  for (size_t i = 0; i < count; i++) {
    add_change(list, model, &changes[i]);
  }
  char *text = cJSON_Print(document);
  fprintf(out, "%s\n", text ? text : "");
  free(text);
  cJSON_Delete(document);
}
