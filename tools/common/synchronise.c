/* Runs ptoas on a file, for its flags. */
#include "common/synchronise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/capture.h"
#include "common/ptoas.h"
#include "common/report.h"

static bool write_text(const char *path, const file_text *text) {
  FILE *file = fopen(path, "wb");
  bool ok = file && fwrite(text->data, 1, text->length, file) == text->length;
  if (file) {
    ok = fclose(file) == 0 && ok;
  }
  if (!ok) {
    report_error("'%s' cannot be written", path);
  }
  return ok;
}

static void report_fault(const char *name, const ptoas_run *run) {
  size_t length = 0;
  char *messages = run->messages >= 0 ? capture_text(run->messages, &length) : NULL;
  report_error("%s does not compile '%s' (%s)", run->program, name, run->fault);
  if (messages && length > 0) {
    fputs(messages, stderr);
  }
  free(messages);
}

/* Compiles the text in a directory of its own. */
static bool compile(const char *program, const char *name, const file_text *input,
                    const ptolower_form *form, bool tells, file_text *out) {
  char directory[PATH_MAX], from[PATH_MAX + 16], to[PATH_MAX + 16];
  if (!file_scratch(directory)) {
    return false;
  }
  snprintf(from, sizeof(from), "%s/kernel.pto", directory);
  snprintf(to, sizeof(to), "%s/kernel.cpp", directory);
  ptoas_run run = {.program = program,
                   .input = from,
                   .output = to,
                   .arch = form->arch,
                   .is_level2 = form->level == 2,
                   .messages = capture_open()};
  bool ok = write_text(from, input);
  if (ok && !ptoas_compile(&run)) {
    if (tells) {
      report_fault(name, &run);
    }
    ok = false;
  }
  ok = ok && file_read(to, out);
  if (run.messages >= 0) {
    close(run.messages);
  }
  unlink(from);
  unlink(to);
  rmdir(directory);
  return ok;
}

ptolower_status synchronise(const char *ptoas, const ptolower_options *options, const char *name,
                            const file_text *input, bool tells, ptolower_result **result,
                            file_text *out) {
  ptolower_status status = ptolower_check_begin(options, input->data, input->length, result);
  *out = (file_text){0};
  if (status == PTOLOWER_OK) {
    ptolower_form form = ptolower_check_form(*result);
    (void)compile(ptoas, name, input, &form, tells, out);
  }
  return status;
}

ptolower_status synchronise_end(ptolower_result *result, const ptolower_options *options,
                                const file_text *written) {
  return ptolower_check_end(result, options, written->data ? written->data : "");
}

bool ptoas_written(const char *ptoas, const ptolower_options *options, const char *name,
                   const file_text *input, bool tells, file_text *out) {
  ptolower_result *result;
  (void)synchronise(ptoas, options, name, input, tells, &result, out);
  ptolower_result_destroy(result);
  return out->data;
}
