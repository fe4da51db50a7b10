/* `ptolower check`: checks all files and writes one document. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "map/map.h"

/* One call. */
typedef struct check_run {
  const cli_options *options;
  ptolower_status status; /* the worst so far */
  check_totals totals;
  cJSON *document; /* NULL: the format is text */
  cJSON *reports;  /* of all files, for the map */
  FILE *text;
  char *text_data;
  size_t text_length;
} check_run;

/* ---- findings ------------------------------------------------------------- */

static const char *function_at(const checked_file *file, size_t index) {
  const cJSON *function;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
    double first = cJSON_GetNumberValue(cJSON_GetObjectItem(function, "first_diagnostic"));
    double count = cJSON_GetNumberValue(cJSON_GetObjectItem(function, "diagnostics"));
    if ((double)index >= first && (double)index < first + count) {
      return cJSON_GetStringValue(cJSON_GetObjectItem(function, "name"));
    }
  }
  return NULL;
}

bool check_next_finding(const checked_file *file, size_t *next, check_finding *out) {
  size_t count = file->result ? ptolower_result_diagnostic_count(file->result) : 0;
  while (*next < count) {
    size_t index = (*next)++;
    out->head = ptolower_result_diagnostic(file->result, index);
    out->first_note = *next;
    while (*next < count &&
           ptolower_result_diagnostic(file->result, *next).severity == PTOLOWER_NOTE) {
      ++*next;
    }
    out->allowed = ptolower_result_diagnostic_allowed(file->result, index);
    if (file->remarks || out->allowed || ptolower_result_diagnostic_is_shown(file->result, index)) {
      out->note_count = *next - out->first_note;
      out->function = function_at(file, index);
      return true;
    }
  }
  return false;
}

ptolower_severity check_severity(const check_finding *finding) {
  for (size_t i = 0; finding->allowed && ptolower_check_rule(i).code; i++) {
    if (ptolower_check_rule(i).code == finding->head.code) {
      return ptolower_check_rule(i).severity;
    }
  }
  return finding->head.severity;
}

/* ---- one file ------------------------------------------------------------- */

static void count_assumptions(check_totals *totals, const cJSON *function) {
  static const char *const kinds[] = {
      [CHECK_SIGN] = "sign", [CHECK_ALIASING] = "aliasing", [CHECK_BOUND] = "bound"};
  for (int i = 0; i < CHECK_ASSUMPTIONS; i++) {
    const cJSON *item;
    bool found = false;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(function, "assumptions")) {
      found =
          found || strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(item, "kind")), kinds[i]) == 0;
    }
    totals->assuming[i] += found;
  }
}

static void count_functions(check_totals *totals, const cJSON *report) {
  const cJSON *functions = cJSON_GetObjectItem(report, "functions"), *function;
  totals->empty_files += report && cJSON_GetArraySize(functions) == 0;
  cJSON_ArrayForEach(function, functions) {
    const char *verdict = cJSON_GetStringValue(cJSON_GetObjectItem(function, "verdict"));
    totals->functions++;
    if (strcmp(verdict, "proved") == 0) {
      count_assumptions(totals, function);
    }
    totals->proved += strcmp(verdict, "proved") == 0;
    totals->with_findings += strcmp(verdict, "findings") == 0;
    totals->not_followed += strcmp(verdict, "not followed") == 0;
    totals->allowed += strcmp(verdict, "allowed") == 0;
    totals->without_tiles += strcmp(verdict, "no tiles") == 0;
  }
}

static void count_allowed(check_totals *totals, const ptolower_result *result) {
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    totals->allowed_findings += ptolower_result_diagnostic_allowed(result, i) != NULL;
  }
}

/* For the map: each function of the report gets its findings. */
static void attach_findings(const checked_file *file) {
  cJSON *function;
  check_finding finding;
  size_t next = 0;
  bool more = check_next_finding(file, &next, &finding);
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(file->report, "functions")) {
    cJSON *findings = cJSON_AddArrayToObject(function, "findings");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(function, "name"));
    while (more && (!finding.function || finding.function == name)) {
      if (finding.function) {
        json_add_finding(findings, file, &finding);
      }
      more = check_next_finding(file, &next, &finding);
    }
  }
}

static void add_file(check_run *run, const checked_file *file) {
  switch (run->options->format) {
  case CLI_TEXT:
    text_add_file(run->text, file, run->options->summary);
    break;
  case CLI_JSON:
    json_add_file(run->document, file);
    break;
  case CLI_SARIF:
    sarif_add_file(run->document, file);
    break;
  }
}

static void worsen(check_run *run, ptolower_status status) {
  run->status = status > run->status ? status : run->status;
}

static ptolower_status check_text(check_run *run, const char *name, const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_status status =
      ptolower_check(run->options->library, input->data, input->length, &result);
  if (!result) {
    report_error("out of memory");
    return status;
  }
  const char *text = ptolower_result_report(result);
  cJSON *report = text ? cJSON_Parse(text) : NULL;
  checked_file file = {name, result, report, run->options->remarks};
  run->totals.unread_files += !report;
  count_functions(&run->totals, report);
  count_allowed(&run->totals, result);
  if (status != PTOLOWER_USAGE) {
    add_file(run, &file);
  } else {
    report_diagnostics(stderr, result, false);
  }
  if (report && run->options->map) {
    file.remarks = true;
    attach_findings(&file);
    cJSON_AddItemToArray(run->reports, report);
  } else {
    cJSON_Delete(report);
  }
  ptolower_result_destroy(result);
  return status;
}

static void check_file(check_run *run, const char *path) {
  file_text input;
  const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
  if (!file_read(path, &input)) {
    checked_file unread = {.name = name};
    run->totals.unread_files++;
    add_file(run, &unread);
    worsen(run, PTOLOWER_REFUSED);
    return;
  }
  ptolower_status status = ptolower_options_set(run->options->library, "file", name);
  worsen(run, status == PTOLOWER_OK ? check_text(run, name, &input) : status);
  file_text_free(&input);
}

/* ---- all of them ---------------------------------------------------------- */

static bool begin(check_run *run) {
  run->reports = cJSON_CreateArray();
  run->document = run->options->format == CLI_JSON    ? json_create()
                  : run->options->format == CLI_SARIF ? sarif_create()
                                                      : NULL;
  run->text = open_memstream(&run->text_data, &run->text_length);
  bool ok = run->text && run->reports && (run->document || run->options->format == CLI_TEXT);
  if (!ok) {
    report_error("out of memory");
  }
  return ok;
}

static bool all_is_proved(const check_totals *totals) {
  return totals->unread_files == 0 && totals->empty_files == 0 &&
         totals->proved + totals->without_tiles == totals->functions;
}

/* The whole text of what is to be printed. */
static bool finish_text(check_run *run) {
  if (run->options->format == CLI_JSON) {
    json_add_totals(run->document, &run->totals);
  }
  if (run->options->format == CLI_TEXT) {
    text_add_totals(run->text, &run->totals);
  } else {
    char *text = cJSON_Print(run->document);
    fprintf(run->text, "%s\n", text ? text : "");
    free(text);
  }
  bool ok = fclose(run->text) == 0;
  run->text = NULL;
  if (!ok) {
    report_error("out of memory");
  }
  return ok;
}

static ptolower_status write_all(check_run *run) {
  char *map = run->options->map ? map_draw(run->reports) : NULL;
  output_file files[2] = {
      {.path = "-", .text = run->text_data, .length = run->text_length},
      {.path = run->options->map, .text = map, .length = map ? strlen(map) : 0}};
  ptolower_status status = PTOLOWER_INTERNAL;
  if (run->options->map && !map) {
    report_error("out of memory");
  } else {
    status = output_write(files, map ? 2 : 1);
  }
  free(map);
  return status;
}

static void end(check_run *run) {
  if (run->text) {
    fclose(run->text);
  }
  free(run->text_data);
  cJSON_Delete(run->document);
  cJSON_Delete(run->reports);
}

ptolower_status check_files(const cli_options *options) {
  check_run run = {.options = options};
  if (!begin(&run)) {
    end(&run);
    return PTOLOWER_INTERNAL;
  }
  for (int i = 0; i < options->input_count && run.status != PTOLOWER_USAGE; i++) {
    check_file(&run, options->inputs[i]);
  }
  if (options->requires_proof && !all_is_proved(&run.totals)) {
    worsen(&run, PTOLOWER_REFUSED);
  }
  if (run.status != PTOLOWER_USAGE) {
    worsen(&run, finish_text(&run) ? write_all(&run) : PTOLOWER_INTERNAL);
  }
  end(&run);
  return run.status;
}
