/* `ptolower time`: times every kernel of the files and folders as it is and as it is rewritten, and
 * prints both. No kernel is written. */
#include "time/time.h"

#include <stdlib.h>
#include <string.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/kernel_files.h"
#include "common/output.h"
#include "common/progress.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "common/synchronise.h"

static const word_help help = {
    .usage = "time [options] FILE|DIR...",
    .about =
        "Says of every kernel that uses the cube how many cycles it takes by the model of the "
        "core,\n"
        "what each pipe works of them, what the pipe with the most work needs at least, and what\n"
        "rewriting makes of it; most gained first. Of a folder, all .pto files below it are read.\n"
        "No kernel is written.\n",
    .refused = "a file cannot be read or is no module, which the others are timed without"};

typedef struct time_cli {
  file_command command;
  const char *format, *calibration, *timeline, *synchroniser;
  bool synchronises;
} time_cli;

/* ---- files ---------------------------------------------------------------- */

typedef struct time_run {
  ptolower_options *library;
  const char *ptoas; /* whose flags are played; NULL: nobody's */
  time_table table;
  ptolower_status status; /* the worst so far */
  progress progress;
} time_run;

static void worsen(time_run *run, ptolower_status status) {
  run->status = status > run->status ? status : run->status;
}

/* Has ptoas compile a text, for the option that gets what it wrote. */
static ptolower_status tell_written(const time_run *run, const char *option, const char *file,
                                    const file_text *text) {
  file_text cpp = {0};
  bool is_written = text->data && ptoas_written(run->ptoas, run->library, file, text, true, &cpp);
  ptolower_status status = ptolower_options_set(run->library, option, is_written ? cpp.data : "");
  file_text_free(&cpp);
  return status;
}

/* The kernels as they are, and as they are rewritten. */
static ptolower_status tell_flags(const time_run *run, const char *file, const file_text *input) {
  ptolower_result *lowered = NULL;
  ptolower_status status = tell_written(run, "written", file, input);
  if (status == PTOLOWER_OK &&
      ptolower_run(run->library, input->data, input->length, &lowered) <= PTOLOWER_REFUSED) {
    size_t length = 0;
    const char *output = ptolower_result_output(lowered, &length);
    const file_text text = {(char *)output, length};
    status = tell_written(run, "written-lowered", file, &text);
  }
  ptolower_result_destroy(lowered);
  return status;
}

static void time_text(time_run *run, const char *file, const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_time(run->library, input->data, input->length, &result);
  if (status != PTOLOWER_OK) {
    progress_end(&run->progress);
    report_diagnostics(stderr, result, false);
  }
  if (!result || !time_add(&run->table, file_shown(file), result)) {
    report_error("out of memory");
    status = PTOLOWER_INTERNAL;
    ptolower_result_destroy(result);
  }
  worsen(run, status);
}

static void time_one(time_run *run, const char *file) {
  file_text input;
  if (!file_read(file, &input)) {
    worsen(run, PTOLOWER_REFUSED);
    return;
  }
  if (ptolower_options_set(run->library, "file", file_shown(file)) == PTOLOWER_OK &&
      (!run->ptoas || tell_flags(run, file, &input) == PTOLOWER_OK)) {
    time_text(run, file, &input);
  } else {
    worsen(run, PTOLOWER_INTERNAL);
  }
  file_text_free(&input);
}

static void time_place(time_run *run, const char *place) {
  char **files;
  size_t count;
  if (!kernel_files(place, &files, &count)) {
    worsen(run, PTOLOWER_REFUSED);
  }
  for (size_t i = 0; i < count; i++) {
    if (run->status < PTOLOWER_USAGE) {
      progress_tell(&run->progress, i, count, files[i]);
      time_one(run, files[i]);
    }
    free(files[i]);
  }
  free(files);
}

/* ---- the command ---------------------------------------------------------- */

typedef void (*time_format)(FILE *out, const time_table *table);

static const struct {
  const char *name;
  time_format put;
} formats[] = {{"text", time_put_text}, {"json", time_put_json}, {"csv", time_put_csv}};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

/* FORMATS if there is none of that name. */
static size_t find_format(const char *name) {
  size_t i = 0;
  while (i < FORMATS && strcmp(formats[i].name, name) != 0) {
    i++;
  }
  return i;
}

/* How a timeline is drawn, by the end of the file's name; NULL: that says nothing. */
static time_format drawing_of(const char *path) {
  size_t length = strlen(path);
  const char *end = length > 5 ? path + length - 5 : "";
  return strcmp(end, ".html") == 0   ? time_put_page
         : strcmp(end, ".json") == 0 ? time_put_trace
                                     : NULL;
}

static ptolower_status read_options(int argc, char **argv, time_cli *cli) {
  const word_option options[] = {
      {.name = "format",
       .shown = "FORMAT",
       .value = &cli->format,
       .help = "text (default), json, or csv"},
      {.name = "calibration",
       .shown = "NAME",
       .value = &cli->calibration,
       .help = "of the model, as 'pto-isa model, issue 50'; default: all"},
      {.name = "timeline",
       .shown = "FILE",
       .value = &cli->timeline,
       .help = "draw what runs when, before and after: FILE.html is a page, FILE.json a trace for "
               "Perfetto; of one calibration, the first if none is named"},
      option_sync(&cli->synchronises, &cli->synchroniser),
      option_fuse(),
      option_rewrite(),
      option_target(NULL),
      option_ptoas(),
  };
  ptolower_status status = file_command_read(&cli->command, &help, options,
                                             sizeof(options) / sizeof(options[0]), argc, argv);
  if (status != PTOLOWER_OK || cli->command.is_helped) {
    return status;
  }
  if (find_format(cli->format) == FORMATS) {
    return word_invalid("format", cli->format, "text, json or csv");
  }
  if (cli->timeline && !drawing_of(cli->timeline)) {
    return report_usage("'%s' ends neither in .html nor in .json", cli->timeline);
  }
  return cli->command.input_count > 0 ? PTOLOWER_OK : report_usage("no input");
}

/* A timeline is made of one calibration. */
static bool ask_for_timeline(const time_cli *cli) {
  const char *calibration = cli->calibration ? cli->calibration : "first";
  bool ok = !cli->timeline ||
            ptolower_options_set(cli->command.library, "timeline", calibration) == PTOLOWER_OK;
  if (!ok) {
    report_error("out of memory");
  }
  return ok;
}

/* Whether a kernel has the calibration that was asked for; if none has, that is reported. */
static bool has_calibration(const time_table *table) {
  bool found = !table->calibration || table->row_count == 0;
  for (size_t i = 0; i < table->row_count && !found; i++) {
    size_t at = 0;
    found = time_next(table, &table->rows[i], &at);
  }
  if (!found) {
    const ptolower_result *result = table->rows[0].result;
    report_usage("no calibration is named '%s'; there is '%s', and --format=csv shows the others",
                 table->calibration, ptolower_result_calibration(result, 0));
  }
  return found;
}

/* A whole document as a text, to be freed; NULL: memory is out, which has been reported. */
static char *text_of(const time_table *table, time_format put) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  if (out) {
    put(out, table);
  }
  if (!out || fclose(out) != 0) {
    report_error("out of memory");
    free(text);
    text = NULL;
  }
  return text;
}

static ptolower_status print(const time_table *table, const char *format) {
  char *text = text_of(table, formats[find_format(format)].put);
  ptolower_status status = text ? output_print(text) : PTOLOWER_INTERNAL;
  free(text);
  return status;
}

static ptolower_status draw(const time_table *table, const char *path) {
  time_table one = *table;
  if (!one.calibration && one.row_count > 0) {
    one.calibration = ptolower_result_calibration(one.rows[0].result, 0);
  }
  char *text = text_of(&one, drawing_of(path));
  output_file file = {.path = path, .text = text, .length = text ? strlen(text) : 0};
  ptolower_status status = text ? output_write(&file, 1) : PTOLOWER_INTERNAL;
  free(text);
  return status;
}

static ptolower_status put_all(const time_run *run, const time_cli *cli) {
  if (!has_calibration(&run->table)) {
    return PTOLOWER_USAGE;
  }
  ptolower_status status = cli->timeline ? draw(&run->table, cli->timeline) : PTOLOWER_OK;
  return status == PTOLOWER_OK ? print(&run->table, cli->format) : status;
}

static ptolower_status time_all(const time_cli *cli) {
  ptoas_choice ptoas;
  if (!ask_for_timeline(cli)) {
    return PTOLOWER_INTERNAL;
  }
  if (cli->synchronises && !ptoas_choose_for_sync(cli->synchroniser, &ptoas)) {
    return PTOLOWER_REFUSED;
  }
  time_run run = {.library = cli->command.library,
                  .ptoas = cli->synchronises ? ptoas.path : NULL,
                  .table = {.calibration = cli->calibration},
                  .progress = progress_begin()};
  for (size_t i = 0; run.status < PTOLOWER_USAGE && i < cli->command.input_count; i++) {
    time_place(&run, cli->command.inputs[i]);
  }
  progress_end(&run.progress);
  if (run.status < PTOLOWER_USAGE) {
    time_sort(&run.table);
    worsen(&run, put_all(&run, cli));
  }
  time_table_free(&run.table);
  return run.status;
}

ptolower_status time_main(int argc, char **argv) {
  time_cli cli = {.format = "text"};
  ptolower_status status = file_command_begin(&cli.command, argc);
  if (status == PTOLOWER_OK) {
    status = read_options(argc, argv, &cli);
  }
  if (status == PTOLOWER_OK && !cli.command.is_helped) {
    status = time_all(&cli);
  }
  file_command_free(&cli.command);
  return status;
}
