/* ptoas-lower INPUT LOWERED all|gate-up ARCH: lowers a file for the drop-in, which runs it.
 *
 * Exit status: 0, LOWERED was written; 10, nothing was to be done; others, it failed, and the first
 * line of standard error says why. Standard output gets a JSON object per function.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <ptolower/ptolower.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "functions.h"
#include "kernels.h"
#include "lowering.h"
#include "output.h"
#include "report.h"

typedef struct job {
  const char *input, *lowered, *arch;
  bool only_gate_up;
  file_text text;
  ptolower_result *result;
  function_list before, after;
  cJSON *plan;
} job;

static ptolower_options *make_options(const job *job) {
  ptolower_options *options = ptolower_options_create();
  if (options && (ptolower_options_set(options, "file", job->input) != PTOLOWER_OK ||
                  (*job->arch && ptolower_options_set(options, "target", job->arch)))) {
    ptolower_options_destroy(options);
    return NULL;
  }
  return options;
}

static void print_first_error(const ptolower_result *result) {
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; ++i) {
    if (ptolower_result_diagnostic(result, i).severity == PTOLOWER_ERROR) {
      fputs(ptolower_result_diagnostic_line(result, i), stderr);
      return;
    }
  }
}

static ptolower_status lower(job *job) {
  ptolower_options *options = make_options(job);
  if (!options) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = ptolower_run(options, job->text.data, job->text.length, &job->result);
  ptolower_options_destroy(options);
  if (status != PTOLOWER_OK && job->result) {
    print_first_error(job->result);
  }
  return status;
}

/* Tells the functions of input and output apart. */
static ptolower_status split(job *job) {
  size_t length;
  const char *output = ptolower_result_output(job->result, &length);
  job->plan = cJSON_Parse(ptolower_result_plan(job->result));
  if (!job->plan || !functions_find(job->text.data, job->text.length, &job->before) ||
      !functions_find(output, length, &job->after)) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  if (!functions_match(&job->before, &job->after)) {
    report_error("the functions of the input are not those of the output");
    return PTOLOWER_INTERNAL;
  }
  return PTOLOWER_OK;
}

static void put_range(FILE *out, const char *begin, const char *end) {
  fwrite(begin, 1, (size_t)(end - begin), out);
}

static bool is_same_text(const function_text *a, const function_text *b) {
  return a->end - a->begin == b->end - b->begin &&
         memcmp(a->begin, b->begin, (size_t)(a->end - a->begin)) == 0;
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
  bool *is_admitted;
  bool any;                      /* one of them is */
  bool all;                      /* no other was changed: the output is right as it is */
  const function_text *imported; /* one that is not, or NULL */
} choice;

static void choose(const job *job, choice *out, size_t at) {
  const function_text *before = &job->before.items[at], *after = &job->after.items[at];
  const cJSON *plans = cJSON_GetObjectItem(job->plan, "kernels");
  kernel kernel = kernel_of(job->result, plans, before, job->only_gate_up);
  out->is_admitted[at] = kernel.is_admitted;
  out->any = out->any || kernel.is_admitted;
  out->all = out->all && (kernel.is_admitted || is_same_text(before, after));
  if (!kernel.is_admitted && is_imported(before, after)) {
    out->imported = before;
  }
  if (!kernel_print(&kernel, before, stdout)) {
    report_error("out of memory");
  }
}

/* Writes the functions that are admitted from the output, the others from the input. */
static void compose(const job *job, const choice *choice, FILE *out) {
  for (size_t i = 0; i < job->before.count; ++i) {
    const function_text *before = &job->before.items[i], *after = &job->after.items[i];
    const function_text *taken = choice->is_admitted[i] ? after : before;
    if (i == 0) {
      put_range(out, job->text.data, before->begin);
    }
    put_range(out, taken->begin, taken->end);
  }
}

/* Whether what was put together from two files can be read. */
static bool is_readable(const job *job, const char *text, size_t length) {
  ptolower_result *result = NULL;
  ptolower_options *options = make_options(job);
  ptolower_status status =
      options ? ptolower_check(options, text, length, &result) : PTOLOWER_INTERNAL;
  const char *report = result ? ptolower_result_report(result) : "";
  bool ok = status <= PTOLOWER_REFUSED && report && *report; /* findings are not ours */
  if (!ok) {
    report_error("the functions of input and output do not fit together");
  }
  if (result) {
    ptolower_result_destroy(result);
  }
  ptolower_options_destroy(options);
  return ok;
}

static int write_text(const job *job, const char *text, size_t length) {
  output_file file = {.path = job->lowered, .text = text, .length = length};
  ptolower_status status = output_write(&file, 1);
  return status == PTOLOWER_OK ? LOWER_EXIT_CHANGED : (int)status;
}

static int write_composed(const job *job, const choice *choice) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  if (out) {
    compose(job, choice, out);
  }
  if (!out || fclose(out) != 0) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  int status = is_readable(job, text, length) ? write_text(job, text, length) : PTOLOWER_INTERNAL;
  free(text);
  return status;
}

static int write_chosen(const job *job, const choice *choice) {
  if (!choice->any) {
    return LOWER_EXIT_UNCHANGED;
  }
  if (choice->all) {
    size_t length;
    const char *output = ptolower_result_output(job->result, &length);
    return write_text(job, output, length);
  }
  if (choice->imported) {
    report_error("function '%.*s' is on tensors, and is not admitted",
                 (int)choice->imported->name_length, choice->imported->name);
    return PTOLOWER_REFUSED;
  }
  return write_composed(job, choice);
}

static int write_lowered(const job *job) {
  choice choice = {.all = true,
                   .is_admitted = calloc(job->before.count + 1, sizeof *choice.is_admitted)};
  if (!choice.is_admitted) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < job->before.count; ++i) {
    choose(job, &choice, i);
  }
  int status = PTOLOWER_REFUSED;
  if (fflush(stdout) != 0) {
    report_error("the lines of the log cannot be written: %s", strerror(errno));
  } else {
    status = write_chosen(job, &choice);
  }
  free(choice.is_admitted);
  return status;
}

static int run(job *job) {
  if (!file_read(job->input, &job->text)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = lower(job);
  if (status == PTOLOWER_OK) {
    status = split(job);
  }
  return status == PTOLOWER_OK ? write_lowered(job) : (int)status;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    report_error("ptoas-lower is run by the drop-in ptoas");
    return PTOLOWER_USAGE;
  }
  job job = {.input = argv[1],
             .lowered = argv[2],
             .only_gate_up = strcmp(argv[3], "all") != 0,
             .arch = argv[4]};
  int status = run(&job);
  cJSON_Delete(job.plan);
  functions_free(&job.before);
  functions_free(&job.after);
  if (job.result) {
    ptolower_result_destroy(job.result);
  }
  file_text_free(&job.text);
  return status;
}
