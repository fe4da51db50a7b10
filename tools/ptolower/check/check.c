/* `ptolower check`: checks all files, several at a time, and writes one document in the order of
 * the files. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "check/check_pool.h"
#include "common/files.h"
#include "common/kernel_files.h"
#include "common/output.h"
#include "common/progress.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "common/synchronise.h"
#include "map/map.h"

/* One call. */
typedef struct check_run {
  const cli_options *options;
  ptolower_status status; /* the worst so far */
  check_totals totals;
  ptoas_choice ptoas;            /* that synchronises the files, if one does */
  cJSON *document;               /* NULL: the format is text */
  cJSON *reports;                /* of all files, for the map */
  time_table times;              /* the same */
  cJSON *baseline, *certificate; /* NULL: none is asked for */
  char **files;                  /* owned, each and all */
  size_t file_count;
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

/* The file is told of wherever it is wanted. The report is taken over. */
static void tell_file(check_run *run, checked_file *file, cJSON *report, const file_text *input) {
  run->totals.unread_files += !report;
  count_functions(&run->totals, report);
  count_allowed(&run->totals, file->result);
  add_file(run, file);
  if (run->baseline) {
    baseline_add_file(run->baseline, file);
  }
  if (run->certificate) {
    certificate_add_file(run->certificate, file, input);
  }
  if (report && run->options->map) {
    file->remarks = true;
    attach_findings(file);
    cJSON_AddItemToArray(run->reports, report);
    if (!check_add_times(&run->times, run->options->command.library, file->name, input)) {
      worsen(run, PTOLOWER_INTERNAL);
    }
  } else {
    cJSON_Delete(report);
  }
}

/* What goes into a new baseline is no failure. */
static bool fails(const check_run *run, const check_job *job) {
  bool is_listed = run->baseline && ptolower_result_report(job->result);
  return job->status != PTOLOWER_REFUSED || !is_listed;
}

static void tell_job(check_run *run, check_job *job) {
  worsen(run, fails(run, job) ? job->status : PTOLOWER_OK);
  if (!job->input.data) {
    tell_file(run, &(checked_file){.name = job->name}, NULL, &job->input);
  } else if (!job->result) {
    report_error("out of memory");
  } else if (job->status == PTOLOWER_USAGE) {
    report_diagnostics(stderr, job->result, false);
  } else {
    const char *text = ptolower_result_report(job->result);
    cJSON *report = text ? cJSON_Parse(text) : NULL;
    checked_file file = {job->name, job->result, report, run->options->remarks};
    tell_file(run, &file, report, &job->input);
  }
  check_job_free(job);
}

/* Reads the file. False: there is nothing to check. */
static bool begin_job(const check_run *run, const char *path, check_job *job) {
  *job = (check_job){.name = file_shown(path)};
  if (!file_read(path, &job->input)) {
    job->input.data = NULL;
    job->status = PTOLOWER_REFUSED;
    return false;
  }
  job->options = ptolower_options_copy(run->options->command.library);
  bool ok = job->options && ptolower_options_set(job->options, "file", job->name) == PTOLOWER_OK;
  job->status = ok ? PTOLOWER_OK : PTOLOWER_INTERNAL;
  if (ok && run->options->synchronises) {
    job->status = synchronise(run->ptoas.path, job->options, job->name, &job->input, true,
                              &job->result, &job->written);
    return job->result;
  }
  return ok;
}

/* The jobs stand in a ring, so that only some of them are in memory. */
static void run_jobs(check_run *run, check_pool *pool, check_job *ring) {
  size_t room = check_pool_room(pool), begun = 0;
  progress progress = progress_begin();
  for (size_t told = 0; told < run->file_count && run->status != PTOLOWER_USAGE; told++) {
    for (; begun < run->file_count && begun - told < room; begun++) {
      check_job *job = &ring[begun % room];
      job->is_done = !begin_job(run, run->files[begun], job);
      if (!job->is_done) {
        check_pool_add(pool, job);
      }
    }
    progress_tell(&progress, told, run->file_count, run->files[told]);
    check_pool_wait(pool, &ring[told % room]);
    tell_job(run, &ring[told % room]);
  }
  progress_end(&progress);
}

static void check_all(check_run *run) {
  size_t jobs = run->options->jobs < run->file_count ? run->options->jobs : run->file_count;
  check_pool *pool = check_pool_create(jobs > 0 ? jobs : 1);
  check_job *ring = pool ? calloc(check_pool_room(pool), sizeof(*ring)) : NULL;
  if (ring) {
    run_jobs(run, pool, ring);
  } else {
    report_error("out of memory");
    worsen(run, PTOLOWER_INTERNAL);
  }
  size_t room = ring ? check_pool_room(pool) : 0;
  check_pool_destroy(pool);
  for (size_t i = 0; i < room; i++) {
    check_job_free(&ring[i]);
  }
  free(ring);
}

/* ---- all of them ---------------------------------------------------------- */

/* Takes over the paths that a word names. */
static ptolower_status add_place(check_run *run, const char *place) {
  char **files;
  size_t count;
  bool found = kernel_files(place, &files, &count);
  char **more = realloc(run->files, (run->file_count + count + 1) * sizeof(*more));
  if (more) {
    memcpy(more + run->file_count, files, count * sizeof(*more));
    run->files = more;
    run->file_count += count;
  }
  free(files);
  return !more ? PTOLOWER_INTERNAL : found ? PTOLOWER_OK : PTOLOWER_REFUSED;
}

static ptolower_status load_baseline(const cli_options *options) {
  file_text text;
  if (!options->baseline) {
    return PTOLOWER_OK;
  }
  if (!file_read(options->baseline, &text)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = ptolower_options_set(options->command.library, "baseline", text.data);
  file_text_free(&text);
  return status;
}

static bool choose_ptoas(check_run *run) {
  return !run->options->synchronises ||
         ptoas_choose_for_sync(run->options->synchroniser, &run->ptoas);
}

static bool begin(check_run *run) {
  run->baseline = run->options->new_baseline ? baseline_create() : NULL;
  run->certificate = run->options->certificate ? certificate_create(run->options) : NULL;
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

/* Adds a file that is wanted, as JSON. */
static size_t add_json(output_file *files, size_t count, const char *path, const cJSON *document) {
  if (path) {
    char *text = cJSON_Print(document);
    files[count++] = (output_file){.path = path, .text = text, .length = text ? strlen(text) : 0};
  }
  return count;
}

static ptolower_status write_all(check_run *run) {
  const cli_options *options = run->options;
  output_file files[4] = {{.path = "-", .text = run->text_data, .length = run->text_length}};
  size_t count = add_json(files, 1, options->new_baseline, run->baseline);
  count = add_json(files, count, options->certificate, run->certificate);
  if (options->map) {
    char *map = map_draw(run->reports, &run->times);
    files[count++] =
        (output_file){.path = options->map, .text = map, .length = map ? strlen(map) : 0};
  }
  bool ok = true;
  for (size_t i = 1; i < count; i++) {
    ok = ok && files[i].text;
  }
  ptolower_status status = PTOLOWER_INTERNAL;
  if (!ok) {
    report_error("out of memory");
  } else {
    status = output_write(files, count);
  }
  for (size_t i = 1; i < count; i++) {
    free((char *)files[i].text);
  }
  return status;
}

static void end(check_run *run) {
  if (run->text) {
    fclose(run->text);
  }
  free(run->text_data);
  cJSON_Delete(run->document);
  cJSON_Delete(run->reports);
  time_table_free(&run->times);
  cJSON_Delete(run->baseline);
  cJSON_Delete(run->certificate);
  for (size_t i = 0; i < run->file_count; i++) {
    free(run->files[i]);
  }
  free(run->files);
}

static ptolower_status check_files(const cli_options *options) {
  check_run run = {.options = options, .status = load_baseline(options)};
  if (run.status != PTOLOWER_OK) {
    return run.status;
  }
  if (!choose_ptoas(&run)) {
    return PTOLOWER_USAGE;
  }
  if (!begin(&run)) {
    end(&run);
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < options->command.input_count; i++) {
    worsen(&run, add_place(&run, options->command.inputs[i]));
  }
  check_all(&run);
  if (options->requires_proof && !all_is_proved(&run.totals)) {
    worsen(&run, PTOLOWER_REFUSED);
  }
  if (run.status != PTOLOWER_USAGE) {
    worsen(&run, finish_text(&run) ? write_all(&run) : PTOLOWER_INTERNAL);
  }
  end(&run);
  return run.status;
}

ptolower_status check_main(int argc, char **argv) {
  cli_options options;
  ptolower_status status = check_options_parse(argc, argv, &options);
  if (status == PTOLOWER_OK && options.action != CLI_NOTHING) {
    status = options.verify ? check_verify(&options) : check_files(&options);
  }
  cli_options_free(&options);
  return status;
}
