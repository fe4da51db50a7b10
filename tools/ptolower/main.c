/* ptolower: the command line over libptolower. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ptolower/ptolower.h>

#include "check/check.h"
#include "commands.h"
#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "common/streams.h"
#include "options/options.h"

static void print_text(const char *text) {
  if (text) {
    fputs(text, stderr);
  }
}

/* Tells the library the user's chip table, if there is one. */
static ptolower_status load_target(const cli_options *options) {
  file_text json;
  if (!options->target_file) {
    return PTOLOWER_OK;
  }
  if (!file_read(options->target_file, &json)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = PTOLOWER_REFUSED;
  if (strlen(json.data) != json.length) {
    report_error("'%s' is not JSON: it holds a NUL byte", options->target_file);
  } else {
    status = ptolower_options_set(options->library, "target-json", json.data);
  }
  if (status == PTOLOWER_OK) {
    status = ptolower_options_set(options->library, "target-file", options->target_file);
  }
  file_text_free(&json);
  return status;
}

static ptolower_status write_result(const cli_options *options, const ptolower_result *result) {
  output_file files[2] = {{.path = options->output}, {.path = options->plan}};
  files[0].text = ptolower_result_output(result, &files[0].length);
  files[1].text = options->plan ? ptolower_result_plan(result) : "";
  if (!files[0].text || !files[1].text) {
    report_error("the library gave no result");
    return PTOLOWER_INTERNAL;
  }
  files[1].length = strlen(files[1].text);
  return output_write(files, options->plan ? 2 : 1);
}

static ptolower_status run(const cli_options *options, const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_run(options->library, input->data, input->length, &result);
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
  file_text input;
  if (strcmp(options->input, "-") != 0 &&
      ptolower_options_set(options->library, "file", options->input) != PTOLOWER_OK) {
    return PTOLOWER_INTERNAL;
  }
  if (!file_read(options->input, &input)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = run(options, &input);
  file_text_free(&input);
  return status;
}

static ptolower_status print_version(void) {
  char line[64];
  snprintf(line, sizeof(line), "ptolower %s\n", ptolower_version());
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
  case CLI_HELP:
    return output_print(cli_help);
  case CLI_CHECK_HELP:
    return output_print(cli_check_help);
  case CLI_VERSION:
    return print_version();
  case CLI_DIALECT:
    return output_print(ptolower_dialect());
  case CLI_LIST_PASSES:
    return list_passes();
  case CLI_LOWER:
  case CLI_CHECK:
    break;
  }
  ptolower_status status = load_target(options);
  if (status != PTOLOWER_OK) {
    return status;
  }
  return options->action != CLI_CHECK ? lower(options)
         : options->verify            ? check_verify(options)
                                      : check_files(options);
}

int main(int argc, char **argv) {
  cli_options options;
  guard_standard_streams();
  ptolower_status status;
  if (command_run(argc, argv, &status)) {
    return (int)status;
  }
  status = cli_options_parse(argc, argv, &options);
  if (status == PTOLOWER_OK) {
    status = perform(&options);
  }
  cli_options_free(&options);
  return (int)status;
}
