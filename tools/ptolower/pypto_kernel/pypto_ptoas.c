/* Has ptoas compile a kernel, and proves the flags that it put in. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/capture.h"
#include "common/flags.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "pypto_kernel/pypto_kernel.h"

static bool compile(const pypto_compile *given, const char *output) {
  ptoas_run run = {.program = given->ptoas,
                   .input = given->path,
                   .output = output,
                   .arch = given->arch,
                   .is_level2 = given->is_level2,
                   .messages = capture_open()};
  bool ok = ptoas_compile(&run);
  if (!ok && run.messages >= 0) {
    (void)capture_replay(run.messages, STDERR_FILENO);
  }
  if (run.messages >= 0) {
    close(run.messages);
  }
  if (!ok) {
    report_refusal(PTL_CODE_PYPTO_PTOAS,
                   "%s does not compile '%s' (%s); another ptoas can be named with --ptoas",
                   given->ptoas, given->path, run.fault);
  }
  return ok;
}

/* Checks the kernel with the flags. A race is as bad as a kernel that does not compile. */
static bool prove(const pypto_compile *given, const char *cpp) {
  ptolower_result *result = NULL;
  bool is_checked =
      ptolower_options_set(given->options, "written", cpp) == PTOLOWER_OK &&
      ptolower_check(given->options, given->text, given->length, &result) <= PTOLOWER_REFUSED;
  flags_known flags = flags_worst(ptolower_result_report(result));
  flags_verdict first_bad = given->proves ? FLAGS_NOT_FOLLOWED : FLAGS_UNPROVED;
  bool ok = is_checked && flags.verdict < first_bad;
  if (!ok) {
    report_refusal(PTL_CODE_PYPTO_PTOAS, "the flags that %s put into '%s' are %s: %s", given->ptoas,
                   given->path, is_checked ? flags_verdict_name(flags.verdict) : "not checked",
                   flags.text);
  }
  ptolower_result_destroy(result);
  return ok;
}

bool pypto_run_ptoas(const pypto_compile *given, file_text *out) {
  char directory[PATH_MAX], output[PATH_MAX + 16];
  if (!file_scratch(directory)) {
    return false;
  }
  snprintf(output, sizeof(output), "%s/kernel.cpp", directory);
  bool ok = compile(given, output) && file_read(output, out) && prove(given, out->data);
  unlink(output);
  rmdir(directory);
  return ok;
}
