/* ptolower: the command line over libptolower. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ptolower/ptolower.h>

#include "commands.h"
#include "commit.h"
#include "common/files.h"
#include "common/heap.h"
#include "common/output.h"
#include "common/plan_table.h"
#include "common/report.h"
#include "common/streams.h"
#include "options/options.h"

static void print_text(const char *text) {
  if (text) {
    fputs(text, stderr);
  }
}

static ptolower_status write_result(const cli_options *options, const ptolower_result *result) {
  char *table = NULL;
  output_file files[2] = {{.path = options->output}, {.path = options->plan}};
  files[0].text = ptolower_result_output(result, &files[0].length);
  files[1].text =
      options->plan ? plan_text(options->plan, ptolower_result_plan(result), &table) : "";
  if (!files[0].text || !files[1].text) {
    report_error("the library gave no result");
    return PTOLOWER_INTERNAL;
  }
  files[1].length = strlen(files[1].text);
  ptolower_status status = output_write(files, options->plan ? 2 : 1);
  free(table);
  return status;
}

static ptolower_status run(const cli_options *options, const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_status status =
      ptolower_run(options->command.library, input->data, input->length, &result);
  if (!result) {
    report_error("out of memory");
  }
  print_text(ptolower_result_ir(result));
  report_diagnostics(stderr, result, options->remarks);
  print_text(ptolower_result_timing(result));
  if (status == PTOLOWER_OK) {
    status = write_result(options, result);
  }
  ptolower_result_destroy(result);
  return status;
}

static ptolower_status lower(const cli_options *options) {
  file_text text;
  const char *input = options->command.inputs[0];
  ptolower_options *library = options->command.library;
  if ((strcmp(input, "-") != 0 && ptolower_options_set(library, "file", input) != PTOLOWER_OK) ||
      ptolower_options_set(library, "report", "0") != PTOLOWER_OK ||
      (!options->plan && ptolower_options_set(library, "plan", "0") != PTOLOWER_OK)) {
    return PTOLOWER_INTERNAL;
  }
  if (!file_read(input, &text)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = run(options, &text);
  file_text_free(&text);
  return status;
}

/* One input, and no word that was meant as a command. */
static ptolower_status judge_inputs(const cli_options *options) {
  for (size_t i = 0; i < options->command.input_count; i++) {
    ptolower_status status = command_judge(options->command.inputs[i]);
    if (status != PTOLOWER_OK) {
      return status;
    }
  }
  return options->command.input_count == 1
             ? PTOLOWER_OK
             : report_usage("more than one input: '%s' and '%s'; 'ptolower fuse' makes one kernel "
                            "of several",
                            options->command.inputs[0], options->command.inputs[1]);
}

static ptolower_status print_version(void) {
  char line[128];
  snprintf(line, sizeof(line), "ptolower %s%s%s, MLIR %s\n", ptolower_version(),
           *PTOLOWER_COMMIT ? ", commit " : "", PTOLOWER_COMMIT, PTOLOWER_MLIR_VERSION);
  return output_print(line);
}

static ptolower_status list_passes(void) {
  ptolower_status status = PTOLOWER_OK;
  for (size_t i = 0; status == PTOLOWER_OK && ptolower_pass_name(i); i++) {
    char line[256];
    snprintf(line, sizeof(line), "%-24s %s\n", ptolower_pass_name(i), ptolower_pass_help(i));
    status = output_print(line);
  }
  return status;
}

static ptolower_status perform(const cli_options *options) {
  switch (options->action) {
  case CLI_VERSION:
    return print_version();
  case CLI_DIALECT:
    return output_print(ptolower_dialect());
  case CLI_LIST_PASSES:
    return list_passes();
  case CLI_NOTHING:
    return PTOLOWER_OK;
  case CLI_LOWER:
    break;
  }
  ptolower_status status = judge_inputs(options);
  return status == PTOLOWER_OK ? lower(options) : status;
}

int main(int argc, char **argv) {
  cli_options options;
  heap_prepare();
  guard_standard_streams();
  ptolower_status status;
  if (command_run(argc, argv, &status)) {
    return (int)status;
  }
  status = lower_options_parse(argc, argv, command_list, &options);
  if (status == PTOLOWER_OK) {
    status = perform(&options);
  }
  cli_options_free(&options);
  return (int)status;
}
