/* `ptolower validate`: two kernels, compared by running them. */
#include <stdio.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "sim/sim.h"
#include "sim/sim_options.h"
#include "support/codes.h"

/* For the library that is a fault of its own; here it is the answer. */
static bool differ(const ptolower_result *result) {
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    if (ptolower_result_diagnostic(result, i).code == PTL_CODE_KERNELS_DIFFER) {
      return true;
    }
  }
  return false;
}

static ptolower_status compare(const sim_cli *cli, const file_text *before,
                               const file_text *after) {
  ptolower_result *result = NULL;
  ptolower_text first = {cli->inputs[0], before->data, before->length};
  ptolower_text second = {cli->inputs[1], after->data, after->length};
  ptolower_status status = ptolower_validate(cli->library, &first, &second, &result);
  if (result) {
    report_diagnostics(stderr, result, cli->remarks);
    status = differ(result) ? PTOLOWER_REFUSED : status;
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
