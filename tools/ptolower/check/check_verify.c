/* `ptolower check --verify=FILE`: checks the files of a certificate again, and compares. */
#include <stdlib.h>

#include "check/check.h"
#include "common/output.h"
#include "common/report.h"

/* One call. */
typedef struct verify_run {
  const cli_options *options;
  FILE *text;
  int confirmed, others;
} verify_run;

/* The file is checked for the chip that the certificate names, unless the user brings a table. */
static ptolower_options *options_for(const verify_run *run, const cJSON *entry, const char *name,
                                     const char *ptoas) {
  ptolower_options *options = ptolower_options_copy(run->options->command.library);
  const char *target = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "target"));
  bool ok = options && ptolower_options_set(options, "file", name) == PTOLOWER_OK;
  if (ok && !run->options->command.has_table) {
    ok = ptolower_options_set(options, "target", target) == PTOLOWER_OK;
  }
  if (ok && ptoas) {
    ok = ptolower_options_set(options, "ptoas", ptoas) == PTOLOWER_OK;
  }
  if (!ok) {
    ptolower_options_destroy(options);
  }
  return ok ? options : NULL;
}

static bool confirm(verify_run *run, const cJSON *entry, const char *ptoas) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "file"));
  ptolower_result *result = NULL;
  file_text input;
  if (!file_read(name, &input)) {
    return false;
  }
  ptolower_options *options = options_for(run, entry, name, ptoas);
  if (options && ptolower_check(options, input.data, input.length, &result) == PTOLOWER_USAGE) {
    report_diagnostics(stderr, result, false);
  }
  const char *text = ptolower_result_report(result);
  cJSON *report = text ? cJSON_Parse(text) : NULL;
  checked_file file = {.name = name, .result = result, .report = report};
  bool same = certificate_confirms(run->text, entry, &file, &input);
  cJSON_Delete(report);
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  file_text_free(&input);
  return same;
}

static void confirm_all(verify_run *run, const cJSON *document) {
  const char *ptoas = cJSON_GetStringValue(cJSON_GetObjectItem(document, "ptoas"));
  const char *version = cJSON_GetStringValue(cJSON_GetObjectItem(document, "ptolower"));
  const cJSON *entry;
  cJSON_ArrayForEach(entry, cJSON_GetObjectItem(document, "files")) {
    bool same = confirm(run, entry, ptoas);
    run->confirmed += same;
    run->others += !same;
  }
  fprintf(run->text, "%d file%s confirmed, %d not; the certificate is of ptolower %s\n",
          run->confirmed, run->confirmed == 1 ? "" : "s", run->others, version ? version : "?");
}

ptolower_status check_verify(const cli_options *options) {
  verify_run run = {.options = options};
  file_text certificate;
  if (!file_read(options->verify, &certificate)) {
    return PTOLOWER_REFUSED;
  }
  cJSON *document = certificate_parse(options->verify, certificate.data);
  file_text_free(&certificate);
  if (!document) {
    return PTOLOWER_REFUSED;
  }
  char *text = NULL;
  size_t length;
  run.text = open_memstream(&text, &length);
  ptolower_status status = PTOLOWER_INTERNAL;
  if (run.text) {
    confirm_all(&run, document);
  }
  if (!run.text || fclose(run.text) != 0) {
    report_error("out of memory");
  } else {
    status = output_print(text);
  }
  free(text);
  cJSON_Delete(document);
  return status == PTOLOWER_OK && run.others > 0 ? PTOLOWER_REFUSED : status;
}
