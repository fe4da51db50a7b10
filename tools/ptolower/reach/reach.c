/* `ptolower reach`: lowers every kernel of the files and folders, keeps what was decided, and
 * prints it. No kernel is written. */
#include "reach/reach.h"

#include <stdlib.h>
#include <string.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/kernel_files.h"
#include "common/output.h"
#include "common/progress.h"
#include "common/report.h"

static const word_help help = {
    .usage = "reach [options] FILE|DIR...",
    .about =
        "Says of every kernel that uses the cube how many products it has, which of them share "
        "their\n"
        "left operand, and whether it is fused, repaired, settled or left, and why; then\n"
        "how many kernels there are of each kind. Of a folder, all .pto files below it are read.\n"
        "Nothing is written.\n",
    .refused = "a file cannot be read or is no module, which the others are told without"};

typedef struct reach_cli {
  file_command command;
  const char *format;
  bool summary;
} reach_cli;

/* ---- files ---------------------------------------------------------------- */

typedef struct reach_run {
  ptolower_options *library;
  reach_table table;
  ptolower_status status; /* the worst so far */
  progress progress;
} reach_run;

static void worsen(reach_run *run, ptolower_status status) {
  run->status = status > run->status ? status : run->status;
}

/* A refusal of the library is a row or a fault of the table; a wrong option ends it all. */
static void lower_text(reach_run *run, size_t place, const char *file, const file_text *input) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_run(run->library, input->data, input->length, &result);
  if (!result || !reach_add_result(&run->table, place, file_shown(file), result)) {
    report_error("out of memory");
    status = PTOLOWER_INTERNAL;
  }
  if (status >= PTOLOWER_USAGE) {
    report_diagnostics(stderr, result, false);
  }
  worsen(run, status);
  ptolower_result_destroy(result);
}

static void lower_file(reach_run *run, size_t place, const char *file) {
  file_text input;
  if (!file_read(file, &input)) {
    worsen(run, PTOLOWER_REFUSED);
    return;
  }
  if (ptolower_options_set(run->library, "file", file_shown(file)) == PTOLOWER_OK) {
    lower_text(run, place, file, &input);
  } else {
    worsen(run, PTOLOWER_INTERNAL);
  }
  file_text_free(&input);
}

static void lower_place(reach_run *run, size_t place) {
  char **files;
  size_t count;
  if (!kernel_files(run->table.places[place], &files, &count)) {
    worsen(run, PTOLOWER_REFUSED);
  }
  for (size_t i = 0; i < count; i++) {
    if (run->status != PTOLOWER_USAGE) {
      progress_tell(&run->progress, i, count, files[i]);
      lower_file(run, place, files[i]);
    }
    free(files[i]);
  }
  free(files);
}

/* ---- the command ---------------------------------------------------------- */

static bool is_format(const char *name) {
  return strcmp(name, "text") == 0 || strcmp(name, "json") == 0 || strcmp(name, "markdown") == 0;
}

static ptolower_status read_options(int argc, char **argv, reach_cli *cli) {
  const word_option options[] = {
      {.name = "format",
       .shown = "FORMAT",
       .value = &cli->format,
       .help = "text (default), json, or markdown, which has the summary only"},
      {.name = "summary", .flag = &cli->summary, .help = "of text, the summary only"},
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
  if (!is_format(cli->format)) {
    return word_invalid("format", cli->format, "text, json or markdown");
  }
  return cli->command.input_count > 0 ? PTOLOWER_OK : report_usage("no input");
}

static ptolower_status begin(reach_run *run, const reach_cli *cli) {
  *run = (reach_run){.library = cli->command.library,
                     .table = {.places = cli->command.inputs,
                               .place_count = cli->command.input_count,
                               .files = calloc(cli->command.input_count, sizeof(size_t))},
                     .progress = progress_begin()};
  if (!run->table.files) {
    report_error("out of memory");
  }
  return run->table.files ? PTOLOWER_OK : PTOLOWER_INTERNAL;
}

static ptolower_status print(const reach_table *table, const reach_cli *cli) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  if (out && strcmp(cli->format, "json") == 0) {
    reach_put_json(out, table);
  } else if (out && strcmp(cli->format, "markdown") == 0) {
    reach_put_markdown(out, table);
  } else if (out) {
    reach_put_text(out, table, cli->summary);
  }
  ptolower_status status = PTOLOWER_INTERNAL;
  if (!out || fclose(out) != 0) {
    report_error("out of memory");
  } else {
    status = output_print(text);
  }
  free(text);
  return status;
}

static ptolower_status reach(const reach_cli *cli) {
  reach_run run;
  run.status = begin(&run, cli);
  for (size_t i = 0; run.status < PTOLOWER_USAGE && i < cli->command.input_count; i++) {
    lower_place(&run, i);
  }
  progress_end(&run.progress);
  if (run.status != PTOLOWER_USAGE) {
    worsen(&run, print(&run.table, cli));
  }
  reach_table_free(&run.table);
  return run.status;
}

ptolower_status reach_main(int argc, char **argv) {
  reach_cli cli = {.format = "text"};
  ptolower_status status = file_command_begin(&cli.command, argc);
  if (status == PTOLOWER_OK) {
    status = read_options(argc, argv, &cli);
  }
  if (status == PTOLOWER_OK && !cli.command.is_helped) {
    status = reach(&cli);
  }
  file_command_free(&cli.command);
  return status;
}
