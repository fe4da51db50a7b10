/* `ptolower validate`: two kernels, compared by running them. */
#include <stdio.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "sim/sim.h"
#include "sim/sim_options.h"
#include "support/codes.h"

static int count_of(const ptolower_result *result, int code) {
  int count = 0;
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    count += ptolower_result_diagnostic(result, i).code == code;
  }
  return count;
}

static ptolower_status close_with_line(const ptolower_result *result) {
  int runs = count_of(result, PTL_CODE_KERNELS_AGREE);
  char line[128];
  snprintf(line, sizeof(line), "the same bits in %d run%s\n", runs, runs == 1 ? "" : "s");
  return output_print(line);
}

static ptolower_status compare(const sim_cli *cli, const file_text *before,
                               const file_text *after) {
  ptolower_result *result = NULL;
  ptolower_text first = {file_shown(cli->inputs[0]), before->data, before->length};
  ptolower_text second = {file_shown(cli->inputs[1]), after->data, after->length};
  ptolower_status status = ptolower_validate(cli->library, &first, &second, &result);
  if (result) {
    report_diagnostics(stderr, result, cli->remarks);
    /* for the library a difference is a fault of its own; here it is the answer */
    status = count_of(result, PTL_CODE_KERNELS_DIFFER) > 0 ? PTOLOWER_REFUSED : status;
    status = status == PTOLOWER_OK ? close_with_line(result) : status;
    ptolower_result_destroy(result);
  } else {
    report_error("out of memory");
  }
  return status;
}

static ptolower_status run(const sim_cli *cli) {
  file_text before, after;
  if (cli->input_count != 2) {
    return report_usage("validate takes two files");
  }
  if (!file_read(cli->inputs[0], &before)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = PTOLOWER_REFUSED;
  if (file_read(cli->inputs[1], &after)) {
    status = compare(cli, &before, &after);
    file_text_free(&after);
  }
  file_text_free(&before);
  return status;
}

ptolower_status validate_main(int argc, char **argv) {
  sim_cli cli;
  ptolower_status status = validate_options_parse(argc, argv, &cli);
  if (status == PTOLOWER_OK && !cli.is_helped) {
    status = run(&cli);
  }
  sim_options_free(&cli);
  return status;
}
