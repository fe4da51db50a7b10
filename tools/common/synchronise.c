/* Runs ptoas on a file, for its flags. */
#include "common/synchronise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "common/capture.h"
#include "common/ptoas.h"
#include "common/report.h"

/* What ptoas has to be told of a file. */
typedef struct module_form {
  const char *arch;
  bool is_level2;
} module_form;

static bool is_level2(const cJSON *report) {
  const cJSON *function;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(report, "functions")) {
    const cJSON *level = cJSON_GetObjectItem(function, "level");
    if (level && level->valueint == 2) {
      return true;
    }
  }
  return false;
}

/* A check without flags tells it; false if the file cannot be read, which that check will tell. */
static bool ask_form(const ptolower_options *options, const file_text *input, module_form *out) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_check(options, input->data, input->length, &result);
  cJSON *report = cJSON_Parse(ptolower_result_report(result));
  const char *chip = cJSON_GetStringValue(cJSON_GetObjectItem(report, "target"));
  bool ok = status <= PTOLOWER_REFUSED && chip;
  if (ok) {
    out->arch = ptolower_chip_of(chip).arch;
    out->is_level2 = is_level2(report);
  }
  cJSON_Delete(report);
  ptolower_result_destroy(result);
  return ok && out->arch;
}

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
                    const module_form *form, bool tells, file_text *out) {
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
                   .is_level2 = form->is_level2,
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

bool ptoas_written(const char *ptoas, const ptolower_options *options, const char *name,
                   const file_text *input, bool tells, file_text *out) {
  module_form form = {0};
  *out = (file_text){0};
  return ask_form(options, input, &form) && compile(ptoas, name, input, &form, tells, out);
}

ptolower_status synchronise(const char *ptoas, ptolower_options *options, const char *name,
                            const file_text *input, bool tells) {
  file_text cpp;
  ptolower_status status = ptolower_options_set(options, "written", "");
  if (status != PTOLOWER_OK || !ptoas_written(ptoas, options, name, input, tells, &cpp)) {
    return status;
  }
  status = ptolower_options_set(options, "written", cpp.data);
  file_text_free(&cpp);
  return status;
}
