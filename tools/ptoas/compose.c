/* Finds out which functions of a file can be lowered, chooses those that are admitted, and lets the
 * library rewrite just these. */
#include "compose.h"

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"
#include "common/sha256.h"
#include "functions.h"
#include "kernels.h"
#include "lowering.h"

/* `functions`: names of those that may be rewritten; NULL: all. */
static ptolower_options *make_options(const lower_request *request, const char *functions) {
  ptolower_options *options = ptolower_options_create();
  if (options &&
      (ptolower_options_set(options, "file", request->file) != PTOLOWER_OK ||
       ptolower_options_set(options, "keep", "1") || ptolower_options_set(options, "report", "0") ||
       ptolower_options_set(options, "rewrite", request->rewrite) ||
       ptolower_options_set(options, "repair", request->repairs ? "always" : "off") ||
       (*request->arch && ptolower_options_set(options, "target", request->arch)) ||
       (*request->version && ptolower_options_set(options, "ptoas", request->version)) ||
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

static ptolower_status lower(const lower_request *request, const char *functions,
                             ptolower_result **out) {
  ptolower_options *options = make_options(request, functions);
  if (!options) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = ptolower_run(options, request->text, request->length, out);
  ptolower_options_destroy(options);
  if (status != PTOLOWER_OK && *out) {
    print_first_error(*out);
  }
  return status;
}

/* Tells the functions of input and output apart. */
static ptolower_status split(const lower_request *request, lowered *out) {
  size_t length;
  const char *output = ptolower_result_output(out->result, &length);
  out->plan = cJSON_Parse(ptolower_result_plan(out->result));
  if (!out->plan || !functions_find(request->text, request->length, &out->before) ||
      !functions_find(output, length, &out->after)) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  if (!functions_match(&out->before, &out->after)) {
    report_error("the functions of the input cannot be told apart from its text");
    return PTOLOWER_REFUSED;
  }
  out->kernels = calloc(out->before.count + 1, sizeof(*out->kernels));
  if (!out->kernels) {
    report_error("out of memory");
  }
  return out->kernels ? PTOLOWER_OK : PTOLOWER_INTERNAL;
}

static bool holds(const function_text *function, const char *word) {
  return memmem(function->begin, (size_t)(function->end - function->begin), word, strlen(word));
}

/* Whether the function was on tensors: in a kernel's file it can only stand as it was made. */
static bool is_imported(const function_text *before, const function_text *after) {
  static const char word[] = "tensor<";
  return holds(before, word) && !holds(after, word);
}

/* What is taken of all functions. */
typedef struct choice {
  bool any;                      /* one of them is */
  bool all;                      /* no other was changed: the output is right as it is */
  const function_text *imported; /* one that is not, or NULL */
} choice;

static void choose(const lower_request *request, const lowered *of, size_t at, choice *out) {
  const function_text *before = &of->before.items[at], *after = &of->after.items[at];
  const cJSON *plans = cJSON_GetObjectItem(of->plan, "kernels");
  kernel kernel = kernel_of(of->result, plans, before, request);
  of->kernels[at] = kernel;
  out->any = out->any || kernel.is_admitted;
  out->all = out->all && (kernel.is_admitted || function_is_same(before, after));
  if (!kernel.is_admitted && is_imported(before, after)) {
    out->imported = before;
  }
}

/* The names of the functions that are admitted, with commas; to be freed. NULL: memory is out. */
static char *admitted_names(const lowered *of) {
  char *names = NULL;
  size_t length;
  FILE *out = open_memstream(&names, &length);
  for (size_t i = 0; out && i < of->before.count; i++) {
    const function_text *function = &of->before.items[i];
    if (of->kernels[i].is_admitted) {
      fprintf(out, "%.*s,", (int)function->name_length, function->name);
    }
  }
  return out && fclose(out) == 0 ? names : NULL;
}

/* Lowers the admitted functions alone. What is known of them belongs to the first result. */
static int take_admitted(const lower_request *request, lowered *out) {
  char *names = admitted_names(out);
  ptolower_result *again = NULL;
  if (!names) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  int status = (int)lower(request, names, &again);
  free(names);
  out->first = out->result;
  out->result = again;
  if (status == PTOLOWER_OK) {
    size_t length;
    const char *output = ptolower_result_output(again, &length);
    functions_free(&out->after);
    status = functions_find(output, length, &out->after) ? LOWER_EXIT_CHANGED : PTOLOWER_INTERNAL;
  }
  return status;
}

static int take_chosen(const lower_request *request, lowered *out) {
  choice choice = {.all = true};
  for (size_t i = 0; i < out->before.count; i++) {
    choose(request, out, i, &choice);
  }
  if (!choice.any) {
    return LOWER_EXIT_UNCHANGED;
  }
  if (choice.all) {
    return LOWER_EXIT_CHANGED;
  }
  if (choice.imported) {
    report_error("function '%.*s' is on tensors, and is not admitted",
                 (int)choice.imported->name_length, choice.imported->name);
    return PTOLOWER_REFUSED;
  }
  return take_admitted(request, out);
}

int lower_text(const lower_request *request, lowered *out) {
  *out = (lowered){0};
  int status = (int)lower(request, NULL, &out->result);
  if (status == PTOLOWER_OK) {
    status = (int)split(request, out);
  }
  out->status = status == PTOLOWER_OK ? take_chosen(request, out) : status;
  return out->status;
}

void lowered_free(lowered *of) {
  cJSON_Delete(of->plan);
  functions_free(&of->before);
  functions_free(&of->after);
  free(of->kernels);
  ptolower_result_destroy(of->first);
  ptolower_result_destroy(of->result);
}

/* ---- what is told of it ---------------------------------------------------- */

static void add_hash(cJSON *object, const char *name, const char *text, size_t length) {
  char hash[SHA256_TEXT];
  sha256_text(text, length, hash);
  cJSON_AddStringToObject(object, name, hash);
}

/* Which bytes were proved, from which, by whom, and for which chip and ptoas. */
static cJSON *certificate_of(const lower_request *request, const lowered *of) {
  size_t length;
  const char *text = ptolower_result_output(of->result, &length);
  cJSON *object = cJSON_CreateObject();
  cJSON_AddStringToObject(object, "ptolower", ptolower_version());
  cJSON_AddItemToObject(object, "target",
                        cJSON_Duplicate(cJSON_GetObjectItem(of->plan, "target"), true));
  if (*request->version) {
    cJSON_AddStringToObject(object, "ptoas", request->version);
  }
  add_hash(object, "input_sha256", request->text, request->length);
  add_hash(object, "lowered_sha256", text, length);
  return object;
}

bool lowered_print(const lower_request *request, const lowered *of, FILE *lines) {
  bool is_changed = of->status == LOWER_EXIT_CHANGED;
  cJSON *certificate = is_changed ? certificate_of(request, of) : NULL;
  bool ok = true;
  for (size_t i = 0; of->kernels && i < of->before.count; i++) {
    ok = kernel_print(&of->kernels[i], &of->before.items[i], certificate, lines) && ok;
  }
  cJSON_Delete(certificate);
  return fflush(lines) == 0 && ok;
}
