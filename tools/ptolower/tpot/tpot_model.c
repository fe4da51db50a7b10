/* The model of a decode step: groups of tasks, how many run side by side, and the time of a
 * token. */
#include "tpot/tpot.h"

#include <string.h>

#include "common/json_read.h"
#include "common/report.h"

static bool check_fields(const char *path, const cJSON *object, const char *const *known,
                         size_t count) {
  const char *unknown = json_unknown_field(object, known, count);
  if (unknown) {
    report_error("%s: there is no field '%s'", path, unknown);
  }
  return !unknown;
}

/* A number above zero. */
static bool read_number(const char *path, const cJSON *object, const char *key, double *out) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  bool ok = cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 1e15;
  *out = ok ? item->valuedouble : 0;
  if (!ok) {
    report_error("%s: '%s' must be a number above zero", path, key);
  }
  return ok;
}

static bool sum_groups(const char *path, const cJSON *document, double *out) {
  const cJSON *groups = cJSON_GetObjectItem(document, "groups_per_layer"), *group;
  *out = 0;
  cJSON_ArrayForEach(group, groups) {
    double tasks;
    if (!read_number(path, groups, group->string, &tasks)) {
      return false;
    }
    *out += tasks;
  }
  if (*out <= 0) {
    report_error("%s: 'groups_per_layer' must name groups of tasks", path);
  }
  return *out > 0;
}

bool tpot_read_model(const char *path, const cJSON *document, tpot_model *out) {
  static const char *const known[] = {"model",
                                      "source",
                                      "layers",
                                      "groups_per_layer",
                                      "records_per_step",
                                      "task_us",
                                      "dispatch_us",
                                      "device_ms_per_step",
                                      "clock_ghz",
                                      "changes"};
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(document, "model"));
  out->name = name ? name : "model";
  return check_fields(path, document, known, sizeof(known) / sizeof(known[0])) &&
         read_number(path, document, "layers", &out->layers) &&
         read_number(path, document, "records_per_step", &out->records) &&
         read_number(path, document, "task_us", &out->task_us) &&
         read_number(path, document, "dispatch_us", &out->dispatch_us) &&
         read_number(path, document, "device_ms_per_step", &out->device_ms) &&
         read_number(path, document, "clock_ghz", &out->clock_ghz) &&
         sum_groups(path, document, &out->groups);
}

/* Whether the name stands before itself in the list. */
static bool is_repeated(const cJSON *names, const cJSON *name) {
  for (const cJSON *item = names->child; item != name; item = item->next) {
    if (strcmp(item->valuestring, name->valuestring) == 0) {
      return true;
    }
  }
  return false;
}

/* Sums the tasks of the groups that the change names. */
static bool sum_changed(const char *path, const cJSON *document, const cJSON *names,
                        tpot_change *out) {
  const cJSON *groups = cJSON_GetObjectItem(document, "groups_per_layer"), *name;
  cJSON_ArrayForEach(name, names) {
    double tasks;
    if (!cJSON_IsString(name) || is_repeated(names, name)) {
      report_error("%s: 'groups' of '%s' must be names, each once", path, out->name);
      return false;
    }
    if (!read_number(path, groups, name->valuestring, &tasks)) {
      return false;
    }
    out->tasks_before += tasks;
    out->groups_before += 1;
  }
  if (out->groups_before <= 0) {
    report_error("%s: 'groups' of '%s' must name groups of 'groups_per_layer'", path, out->name);
  }
  return out->groups_before > 0;
}

bool tpot_read_change(const char *path, const cJSON *document, const cJSON *item,
                      tpot_change *out) {
  const cJSON *before = cJSON_GetObjectItem(item, "before");
  const cJSON *after = cJSON_GetObjectItem(item, "after");
  static const char *const known[] = {"name", "source", "before", "after"};
  static const char *const known_before[] = {"groups", "cycles"};
  static const char *const known_after[] = {"tasks", "cycles"};
  *out = (tpot_change){.name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name"))};
  if (!out->name || !*out->name) {
    report_error("%s: a change has no 'name'", path);
    return false;
  }
  return check_fields(path, item, known, 4) && check_fields(path, before, known_before, 2) &&
         check_fields(path, after, known_after, 2) &&
         sum_changed(path, document, cJSON_GetObjectItem(before, "groups"), out) &&
         read_number(path, before, "cycles", &out->cycles_before) &&
         read_number(path, after, "tasks", &out->tasks_after) &&
         read_number(path, after, "cycles", &out->cycles_after);
}

double tpot_records_per_group(const tpot_model *model) {
  return model->records / (model->groups * model->layers);
}

double tpot_parallelism(const tpot_model *model) {
  return model->records * (model->task_us + model->dispatch_us) / (1000 * model->device_ms);
}

/* How long these tasks of all layers keep a core, with their dispatch. */
static double busy_ms(const tpot_model *model, double tasks, double cycles) {
  double task_us = cycles / (1000 * model->clock_ghz) + model->dispatch_us;
  return model->layers * tpot_records_per_group(model) * tasks * task_us / 1000;
}

tpot_estimate tpot_before(const tpot_model *model) {
  return (tpot_estimate){model->groups * model->layers, model->records, model->device_ms};
}

tpot_estimate tpot_after(const tpot_model *model, const tpot_change *change) {
  double fewer = (change->tasks_before - change->tasks_after) * model->layers;
  double saved_ms = busy_ms(model, change->tasks_before, change->cycles_before) -
                    busy_ms(model, change->tasks_after, change->cycles_after);
  tpot_estimate before = tpot_before(model);
  return (tpot_estimate){before.groups - fewer,
                         before.records - fewer * tpot_records_per_group(model),
                         before.device_ms - saved_ms / tpot_parallelism(model)};
}
