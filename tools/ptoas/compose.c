/* Finds out which functions of a file can be lowered, chooses those that are admitted, and lets the
 * library rewrite just these. */
#include "compose.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <ptolower/ptolower.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "common/sha256.h"
#include "functions.h"
#include "kernels.h"
#include "lowering.h"

typedef struct job {
  const lower_request *request;
  FILE *lines;
  ptolower_result *result;
  function_list before, after;
  cJSON *plan;
} job;

/* `functions`: names of those that may be rewritten; NULL: all. */
static ptolower_options *make_options(const job *job, const char *functions) {
  ptolower_options *options = ptolower_options_create();
  if (options &&
      (ptolower_options_set(options, "file", job->request->file) != PTOLOWER_OK ||
       ptolower_options_set(options, "rewrite", job->request->rewrite) ||
       ptolower_options_set(options, "repair", job->request->repairs ? "always" : "off") ||
       (*job->request->arch && ptolower_options_set(options, "target", job->request->arch)) ||
       (*job->request->version && ptolower_options_set(options, "ptoas", job->request->version)) ||
       (functions && ptolower_options_set(options, "functions", functions)))) {
    ptolower_options_destroy(options);
    return NULL;
  }
  return options;
}

static void print_first_error(const ptolower_result *result) {
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; i++) {
    if (ptolower_result_diagnostic(result, i).severity == PTOLOWER_ERROR) {
      fputs(ptolower_result_diagnostic_line(result, i), stderr);
      return;
    }
  }
}

static ptolower_status lower(const job *job, const char *functions, ptolower_result **out) {
  ptolower_options *options = make_options(job, functions);
  if (!options) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = ptolower_run(options, job->request->text, job->request->length, out);
  ptolower_options_destroy(options);
  if (status != PTOLOWER_OK && *out) {
    print_first_error(*out);
  }
  return status;
}

/* Tells the functions of input and output apart. */
static ptolower_status split(job *job) {
  size_t length;
  const char *output = ptolower_result_output(job->result, &length);
  job->plan = cJSON_Parse(ptolower_result_plan(job->result));
  if (!job->plan || !functions_find(job->request->text, job->request->length, &job->before) ||
      !functions_find(output, length, &job->after)) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  if (!functions_match(&job->before, &job->after)) {
    report_error("the functions of the input cannot be told apart from its text");
    return PTOLOWER_REFUSED;
  }
  return PTOLOWER_OK;
}

static bool holds(const function_text *function, const char *word) {
  return memmem(function->begin, (size_t)(function->end - function->begin), word, strlen(word));
}

/* Whether the function was on tensors: in a kernel's file it can only stand as it was made. */
static bool is_imported(const function_text *before, const function_text *after) {
  static const char word[] = "tensor<";
  return holds(before, word) && !holds(after, word);
}

/* What is taken of each function. */
typedef struct choice {
  kernel *kernels;
  bool any;                      /* one of them is */
  bool all;                      /* no other was changed: the output is right as it is */
  const function_text *imported; /* one that is not, or NULL */
} choice;

static void choose(const job *job, choice *out, size_t at) {
  const function_text *before = &job->before.items[at], *after = &job->after.items[at];
  const cJSON *plans = cJSON_GetObjectItem(job->plan, "kernels");
  kernel kernel = kernel_of(job->result, plans, before, job->request);
  out->kernels[at] = kernel;
  out->any = out->any || kernel.is_admitted;
  out->all = out->all && (kernel.is_admitted || function_is_same(before, after));
  if (!kernel.is_admitted && is_imported(before, after)) {
    out->imported = before;
  }
}

/* The names of the functions that are admitted, with commas; to be freed. NULL: memory is out. */
static char *admitted_names(const job *job, const choice *choice) {
  char *names = NULL;
  size_t length;
  FILE *out = open_memstream(&names, &length);
  for (size_t i = 0; out && i < job->before.count; i++) {
    const function_text *function = &job->before.items[i];
    if (choice->kernels[i].is_admitted) {
      fprintf(out, "%.*s,", (int)function->name_length, function->name);
    }
  }
  return out && fclose(out) == 0 ? names : NULL;
}

static int take_output(const ptolower_result *result, char **text, size_t *length) {
  const char *output = ptolower_result_output(result, length);
  *text = strndup(output, *length);
  return *text ? LOWER_EXIT_CHANGED : PTOLOWER_INTERNAL;
}

/* Lowers the admitted functions alone. */
static int take_admitted(const job *job, const choice *choice, char **text, size_t *length) {
  char *names = admitted_names(job, choice);
  if (!names) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_result *result = NULL;
  int status = (int)lower(job, names, &result);
  if (status == PTOLOWER_OK) {
    status = take_output(result, text, length);
  }
  ptolower_result_destroy(result);
  free(names);
  return status;
}

static int take_chosen(const job *job, const choice *choice, char **text, size_t *length) {
  if (!choice->any) {
    return LOWER_EXIT_UNCHANGED;
  }
  if (choice->all) {
    return take_output(job->result, text, length);
  }
  if (choice->imported) {
    report_error("function '%.*s' is on tensors, and is not admitted",
                 (int)choice->imported->name_length, choice->imported->name);
    return PTOLOWER_REFUSED;
  }
  return take_admitted(job, choice, text, length);
}

static void add_hash(cJSON *object, const char *name, const char *text, size_t length) {
  char hash[SHA256_TEXT];
  sha256_text(text, length, hash);
  cJSON_AddStringToObject(object, name, hash);
}

/* Which bytes were proved, from which, by whom, and for which chip and ptoas. */
static cJSON *certificate_of(const job *job, const char *text, size_t length) {
  const lower_request *request = job->request;
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "ptolower", ptolower_version());
  cJSON_AddItemToObject(object, "target",
                        cJSON_Duplicate(cJSON_GetObjectItem(job->plan, "target"), true));
  if (*request->version) {
    cJSON_AddStringToObject(object, "ptoas", request->version);
  }
  add_hash(object, "input_sha256", request->text, request->length);
  add_hash(object, "lowered_sha256", text, length);
  return object;
}

/* The lines of the log; `text`: what was made, NULL: nothing. */
static void print_kernels(const job *job, const choice *choice, const char *text, size_t length) {
  cJSON *certificate = text ? certificate_of(job, text, length) : NULL;
  for (size_t i = 0; i < job->before.count; i++) {
    if (!kernel_print(&choice->kernels[i], &job->before.items[i], certificate, job->lines)) {
      report_error("out of memory");
    }
  }
  cJSON_Delete(certificate);
}

static int take_lowered(const job *job, char **text, size_t *length) {
  choice choice = {.all = true, .kernels = calloc(job->before.count + 1, sizeof(*choice.kernels))};
  if (!choice.kernels) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < job->before.count; i++) {
    choose(job, &choice, i);
  }
  int status = take_chosen(job, &choice, text, length);
  print_kernels(job, &choice, *text, *length);
  if (fflush(job->lines) != 0) {
    report_error("the lines of the log cannot be written: %s", strerror(errno));
    status = PTOLOWER_REFUSED;
  }
  free(choice.kernels);
  return status;
}

int lower_text(const lower_request *request, FILE *lines, char **text, size_t *length) {
  job job = {.request = request, .lines = lines};
  *text = NULL;
  *length = 0;
  int status = (int)lower(&job, NULL, &job.result);
  if (status == PTOLOWER_OK) {
    status = (int)split(&job);
  }
  if (status == PTOLOWER_OK) {
    status = take_lowered(&job, text, length);
  }
  cJSON_Delete(job.plan);
  functions_free(&job.before);
  functions_free(&job.after);
  ptolower_result_destroy(job.result);
  return status;
}
