/* ptoas-lower INPUT LOWERED all|gate-up ARCH: lowers a file for the drop-in, which runs it.
 *
 * Exit status: 0, LOWERED was written; 10, nothing was to be done; others, it failed, and the first
 * line of standard error says why. Standard output gets a JSON object per function.
 */
#include <cjson/cJSON.h>
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

/* Writes the functions that are admitted from the output, the others from the input. */
static bool compose(const job *job, FILE *out) {
  const cJSON *plans = cJSON_GetObjectItem(job->plan, "kernels");
  bool changed = false;
  for (size_t i = 0; i < job->before.count; ++i) {
    const function_text *before = &job->before.items[i], *after = &job->after.items[i];
    kernel kernel = kernel_of(job->result, plans, before, job->only_gate_up);
    const function_text *taken = kernel.is_admitted ? after : before;
    if (i == 0) {
      put_range(out, job->text.data, before->begin);
    }
    put_range(out, taken->begin, taken->end);
    changed = changed || kernel.is_admitted;
    if (!kernel_print(&kernel, before, stdout)) {
      report_error("out of memory");
    }
  }
  return changed;
}

static int write_lowered(const job *job) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  bool changed = out && compose(job, out);
  if (!out || fclose(out) != 0) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  output_file file = {.path = job->lowered, .text = text, .length = length};
  int status = LOWER_EXIT_UNCHANGED;
  if (changed) {
    status = output_write(&file, 1) ? LOWER_EXIT_CHANGED : PTOLOWER_REFUSED;
  }
  free(text);
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
