/* `ptolower tpot MODEL.json --kernels=DIR`: times kernels as `ptolower time` does, and adds up what
 * they take of a decode step before and after they are rewritten. */
#include "tpot/tpot_kernels.h"

#include <math.h>
#include <ptolower/time.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/json_read.h"
#include "common/kernel_files.h"
#include "common/output.h"
#include "common/report.h"
#include "tpot/tpot.h"

enum { MAX_CALIBRATIONS = 16, MAX_KERNELS = 256 };

/* What the model says of the step and the chip. */
typedef struct step {
  double layers, device_ms, clock_ghz, cores, memory_gb_per_s; /* memory 0: not known */
} step;

/* A kernel that the model names, and the cycles of one task by calibration. */
typedef struct step_kernel {
  const char *name;
  double tasks, weight_bytes; /* of a layer, and of one task */
  double before[MAX_CALIBRATIONS], after[MAX_CALIBRATIONS];
  bool is_found, is_rewritten;
} step_kernel;

typedef struct kernels_run {
  const char *path;
  step step;
  step_kernel kernels[MAX_KERNELS];
  size_t kernel_count;
  char *calibrations[MAX_CALIBRATIONS]; /* owned */
  size_t calibration_count;
} kernels_run;

/* ---- the model ---------------------------------------------------------------- */

static bool read_number(const char *path, const cJSON *object, const char *key, double *out) {
  const cJSON *item = cJSON_GetObjectItem(object, key);
  bool ok = cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 1e15;
  *out = ok ? item->valuedouble : 0;
  if (!ok) {
    report_error("%s: '%s' must be a number above zero", path, key);
  }
  return ok;
}

static bool read_kernel(kernels_run *run, const cJSON *item) {
  static const char *const known[] = {"tasks", "weight_bytes"};
  const char *unknown = json_unknown_field(item, known, 2);
  if (unknown || run->kernel_count == MAX_KERNELS) {
    report_error(unknown ? "%s: there is no field '%s'" : "%s: there are too many kernels",
                 run->path, unknown);
    return false;
  }
  step_kernel *kernel = &run->kernels[run->kernel_count++];
  *kernel = (step_kernel){.name = item->string};
  return read_number(run->path, item, "tasks", &kernel->tasks) &&
         (!cJSON_HasObjectItem(item, "weight_bytes") ||
          read_number(run->path, item, "weight_bytes", &kernel->weight_bytes));
}

static bool read_model(kernels_run *run, const cJSON *model) {
  static const char *const known[] = {
      "model",     "source", "layers",          "device_ms_per_step",
      "clock_ghz", "cores",  "memory_gb_per_s", "kernels"};
  step *step = &run->step;
  const char *unknown = json_unknown_field(model, known, sizeof(known) / sizeof(known[0]));
  if (unknown) {
    report_error("%s: with --kernels there is no field '%s'", run->path, unknown);
    return false;
  }
  bool ok = read_number(run->path, model, "layers", &step->layers) &&
            read_number(run->path, model, "device_ms_per_step", &step->device_ms) &&
            read_number(run->path, model, "clock_ghz", &step->clock_ghz) &&
            read_number(run->path, model, "cores", &step->cores) &&
            (!cJSON_HasObjectItem(model, "memory_gb_per_s") ||
             read_number(run->path, model, "memory_gb_per_s", &step->memory_gb_per_s));
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItem(model, "kernels")) {
    ok = ok && read_kernel(run, item);
  }
  if (ok && run->kernel_count == 0) {
    report_error("%s: 'kernels' must name the kernels of a layer", run->path);
  }
  return ok && run->kernel_count > 0;
}

/* ---- the kernels ---------------------------------------------------------------- */

/* The kernel of the model that a function is: by its name, or that without `_aic`. */
static step_kernel *find_kernel(kernels_run *run, const char *function) {
  size_t length = strlen(function);
  length -= length > 4 && strcmp(function + length - 4, "_aic") == 0 ? 4 : 0;
  for (size_t i = 0; i < run->kernel_count; i++) {
    const char *name = run->kernels[i].name;
    if (strcmp(name, function) == 0 ||
        (strlen(name) == length && strncmp(name, function, length) == 0)) {
      return &run->kernels[i];
    }
  }
  return NULL;
}

static void keep_calibrations(kernels_run *run, const ptolower_result *result) {
  const char *name;
  while (run->calibration_count < MAX_CALIBRATIONS &&
         (name = ptolower_result_calibration(result, run->calibration_count)) != NULL) {
    run->calibrations[run->calibration_count++] = strdup(name);
  }
}

static void take_kernel(kernels_run *run, const ptolower_timed *timed) {
  step_kernel *kernel = timed->before ? find_kernel(run, timed->name) : NULL;
  if (!kernel || kernel->is_found) {
    return;
  }
  const ptolower_times *after = timed->after ? timed->after : timed->before;
  kernel->is_found = true;
  kernel->is_rewritten = timed->after;
  for (size_t i = 0; i < run->calibration_count; i++) {
    kernel->before[i] = timed->before->costs[i].cycles;
    kernel->after[i] = after->costs[i].cycles;
  }
}

static ptolower_status time_file(kernels_run *run, const ptolower_options *options,
                                 const char *path) {
  file_text input;
  ptolower_result *result = NULL;
  const ptolower_timed *kernel;
  if (!file_read(path, &input)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = ptolower_time(options, input.data, input.length, &result);
  if (status >= PTOLOWER_USAGE) {
    report_diagnostics(stderr, result, false);
  }
  keep_calibrations(run, result);
  for (size_t i = 0; (kernel = ptolower_result_timed(result, i)) != NULL; i++) {
    take_kernel(run, kernel);
  }
  ptolower_result_destroy(result);
  file_text_free(&input);
  return status == PTOLOWER_INTERNAL ? status : PTOLOWER_OK;
}

static ptolower_status time_all(kernels_run *run, const char *place) {
  char **files;
  size_t count;
  ptolower_options *options = ptolower_options_create();
  ptolower_status status =
      options && kernel_files(place, &files, &count) ? PTOLOWER_OK : PTOLOWER_REFUSED;
  for (size_t i = 0; status == PTOLOWER_OK && i < count; i++) {
    status = ptolower_options_set(options, "file", files[i]);
    status = status == PTOLOWER_OK ? time_file(run, options, files[i]) : status;
  }
  for (size_t i = 0; options && i < count; i++) {
    free(files[i]);
  }
  free(options ? files : NULL);
  ptolower_options_destroy(options);
  if (status == PTOLOWER_OK && run->calibration_count == 0) {
    report_error("there is no kernel at '%s'", place);
    status = PTOLOWER_REFUSED;
  }
  return status;
}

/* ---- the estimate ----------------------------------------------------------------- */

/* Milliseconds of a step in which tasks of the kernel run: in waves over the cores, and no faster
 * than memory gives the weights. */
static double kernel_ms(const step *step, const step_kernel *kernel, double cycles) {
  double waves = ceil(kernel->tasks / step->cores);
  double ms = waves * cycles / step->clock_ghz / 1e6;
  double memory_ms = step->memory_gb_per_s > 0
                         ? kernel->tasks * kernel->weight_bytes / step->memory_gb_per_s / 1e6
                         : 0;
  return step->layers * (ms > memory_ms ? ms : memory_ms);
}

static double saved_ms(const kernels_run *run, size_t calibration, bool with_memory) {
  step step = run->step;
  double sum = 0;
  step.memory_gb_per_s = with_memory ? step.memory_gb_per_s : 0;
  for (size_t i = 0; i < run->kernel_count; i++) {
    const step_kernel *kernel = &run->kernels[i];
    sum += kernel_ms(&step, kernel, kernel->before[calibration]) -
           kernel_ms(&step, kernel, kernel->after[calibration]);
  }
  return sum;
}

static void print_kernels(FILE *out, const kernels_run *run) {
  fprintf(out, "%-28s %6s %6s   cycles of a task, before and after (%s)\n", "", "tasks", "waves",
          run->calibrations[0]);
  for (size_t i = 0; i < run->kernel_count; i++) {
    const step_kernel *kernel = &run->kernels[i];
    fprintf(out, "%-28s %6.0f %6.0f   ", kernel->name, kernel->tasks,
            ceil(kernel->tasks / run->step.cores));
    if (!kernel->is_found) {
      fputs("not in the folder\n", out);
    } else if (!kernel->is_rewritten) {
      fprintf(out, "%.0f, stays\n", kernel->before[0]);
    } else {
      fprintf(out, "%.0f, %.0f\n", kernel->before[0], kernel->after[0]);
    }
  }
}

static void print_text(FILE *out, const kernels_run *run, const char *name) {
  const step *step = &run->step;
  fprintf(out, "%s\nThis is an estimate from modelled kernels, not a measurement.\n\n", name);
  print_kernels(out, run);
  fprintf(out, "\n%-28s %9s %12s %24s\n", "", "ms/step", "rewritten", "if memory is the limit");
  for (size_t i = 0; i < run->calibration_count; i++) {
    double free_ms = step->device_ms - saved_ms(run, i, false);
    fprintf(out, "%-28s %9.1f %5.1f %5.1f%%", run->calibrations[i], step->device_ms, free_ms,
            100 * (free_ms / step->device_ms - 1));
    if (step->memory_gb_per_s > 0) {
      double bound_ms = step->device_ms - saved_ms(run, i, true);
      fprintf(out, " %17.1f %5.1f%%", bound_ms, 100 * (bound_ms / step->device_ms - 1));
    }
    fputc('\n', out);
  }
  fprintf(
      out,
      "\nAssumptions:\n"
      "  * the tasks of a kernel run in waves over %.0f cores, one kernel after the other; each\n"
      "    wave takes a task's modelled cycles at %.2f GHz, in each of %.0f layers\n"
      "  * what the waves gain the step gains: nothing else runs meanwhile, and launches cost the\n"
      "    same\n",
      step->cores, step->clock_ghz, step->layers);
  if (step->memory_gb_per_s > 0) {
    fprintf(out,
            "  * \"if memory is the limit\": besides, all cores together load no more than %.0f "
            "GB/s, so\n"
            "    that no kernel is faster than its weights at that rate\n",
            step->memory_gb_per_s);
  }
}

static cJSON *json_of(const kernels_run *run, const char *name) {
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "model", name);
  cJSON_AddNumberToObject(document, "ms_per_step", run->step.device_ms);
  cJSON *kernels = cJSON_AddArrayToObject(document, "kernels");
  for (size_t i = 0; i < run->kernel_count; i++) {
    cJSON *kernel = cJSON_CreateObject();
    cJSON_AddItemToArray(kernels, kernel);
    cJSON_AddStringToObject(kernel, "name", run->kernels[i].name);
    cJSON_AddBoolToObject(kernel, "found", run->kernels[i].is_found);
    cJSON_AddBoolToObject(kernel, "rewritten", run->kernels[i].is_rewritten);
  }
  cJSON *estimates = cJSON_AddArrayToObject(document, "estimates");
  for (size_t i = 0; i < run->calibration_count; i++) {
    cJSON *estimate = cJSON_CreateObject();
    cJSON_AddItemToArray(estimates, estimate);
    cJSON_AddStringToObject(estimate, "calibration", run->calibrations[i]);
    cJSON_AddNumberToObject(estimate, "ms_per_step", run->step.device_ms - saved_ms(run, i, false));
    if (run->step.memory_gb_per_s > 0) {
      cJSON_AddNumberToObject(estimate, "ms_per_step_if_memory_is_the_limit",
                              run->step.device_ms - saved_ms(run, i, true));
    }
  }
  return document;
}

static ptolower_status print(const kernels_run *run, const cJSON *model, const char *format) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(model, "model"));
  char *text = NULL;
  size_t length;
  name = name ? name : "model";
  if (strcmp(format, "json") == 0) {
    cJSON *document = json_of(run, name);
    text = cJSON_Print(document);
    cJSON_Delete(document);
  } else {
    FILE *out = open_memstream(&text, &length);
    if (out) {
      print_text(out, run, name);
      fclose(out);
    }
  }
  if (!text) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = output_print(text);
  free(text);
  return status;
}

ptolower_status tpot_kernels(const char *path, const cJSON *model, const char *kernels,
                             const char *format) {
  kernels_run *run = calloc(1, sizeof(*run));
  if (!run) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  run->path = path;
  ptolower_status status = read_model(run, model) ? time_all(run, kernels) : PTOLOWER_REFUSED;
  if (status == PTOLOWER_OK) {
    status = print(run, model, format);
  }
  for (size_t i = 0; i < run->calibration_count; i++) {
    free(run->calibrations[i]);
  }
  free(run);
  return status;
}
