/* `ptolower shapes`: runs the cases of a file of shapes, and compares each outcome with what is
 * expected. */
#include "shapes/shapes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/output.h"
#include "common/ptoas.h"
#include "common/report.h"
#include "common/words.h"

static const word_help help = {.usage = "shapes [options] SHAPES.json",
                               .about = "Lowers, checks and assembles each shape of a list, on all "
                                        "cores, and compares with what the\n"
                                        "list expects (docs/shapes.md).\n",
                               .done = "each shape is as expected",
                               .refused =
                                   "there was a surprise, or a file could not be read or written"};

typedef struct shapes_cli {
  const char *input, *format, *junit, *ptoas, *jobs, *synchroniser;
  bool is_helped, synchronises;
} shapes_cli;

static ptolower_status read_options(int argc, char **argv, shapes_cli *out) {
  *out = (shapes_cli){.format = "text"};
  const word_option options[] = {
      {.name = "format",
       .shown = "FORMAT",
       .value = &out->format,
       .help = "text (default) or json"},
      {.name = "junit",
       .shown = "FILE.xml",
       .value = &out->junit,
       .help = "the same for a CI system"},
      {.name = "ptoas",
       .shown = "PATH|VERSION",
       .value = &out->ptoas,
       .help = "the ptoas that assembles, or none; default: $PTOAS, else on PATH. A version, as "
               "0.60: what is lowered for; default: that of PATH, else any"},
      option_sync(&out->synchronises, &out->synchroniser),
      {.name = "jobs",
       .shown = "N",
       .value = &out->jobs,
       .help = "how many are run at once; default: all cores"}};
  word_list list = {.help = &help,
                    .options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .inputs = &out->input,
                    .max_inputs = 1};
  ptolower_status status = words_read(&list, argc, argv);
  out->is_helped = list.is_helped;
  if (status != PTOLOWER_OK || list.is_helped) {
    return status;
  }
  if (!word_is_format(out->format)) {
    return PTOLOWER_USAGE;
  }
  if (out->junit && strcmp(out->junit, "-") == 0) {
    return report_usage("'--junit' names a file; the table goes to standard output");
  }
  return out->input ? PTOLOWER_OK : report_usage("no list of shapes");
}

static bool read_jobs(const char *word, size_t *out) {
  double number = 0;
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  *out = cores > 0 ? (size_t)cores : 1;
  if (word && !word_number("jobs", word, &number)) {
    return false;
  }
  if (word && (number > 1024 || number < 1 || number != (double)(size_t)number)) {
    report_usage("'--jobs' is a whole number from 1 to 1024, not '%s'", word);
    return false;
  }
  *out = word ? (size_t)number : *out;
  return true;
}

typedef void (*printer)(FILE *out, const shape_list *list);

static char *print_to_text(const shape_list *list, printer print, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  if (out) {
    print(out, list);
  }
  return out && fclose(out) == 0 ? text : NULL;
}

static void print_assembled(FILE *out, const shape_list *list) {
  shapes_print_table(out, list, true);
}

static void print_not_assembled(FILE *out, const shape_list *list) {
  shapes_print_table(out, list, false);
}

static ptolower_status write_results(const shapes_cli *cli, const shape_list *list,
                                     bool was_assembled) {
  bool is_json = strcmp(cli->format, "json") == 0;
  output_file files[2] = {{.path = "-"}, {.path = cli->junit}};
  char *text = print_to_text(list,
                             is_json         ? shapes_print_json
                             : was_assembled ? print_assembled
                                             : print_not_assembled,
                             &files[0].length);
  char *junit = print_to_text(list, shapes_print_junit, &files[1].length);
  files[0].text = text;
  files[1].text = junit;
  ptolower_status status = PTOLOWER_INTERNAL;
  if (text && junit) {
    status = output_write(files, cli->junit ? 2 : 1);
  } else {
    report_error("out of memory");
  }
  free(text);
  free(junit);
  return status;
}

static ptolower_status judge(const shape_list *list) {
  for (size_t i = 0; i < list->count; i++) {
    if (shape_is_surprise(&list->cases[i], &list->results[i])) {
      return PTOLOWER_REFUSED;
    }
  }
  return PTOLOWER_OK;
}

static ptolower_status run(const shapes_cli *cli, shape_list *list) {
  ptoas_choice ptoas;
  char scratch[PATH_MAX];
  shape_options options = {.scratch = scratch};
  if (!read_jobs(cli->jobs, &options.jobs)) {
    return PTOLOWER_USAGE;
  }
  const char *asked = cli->synchroniser ? cli->synchroniser : cli->ptoas;
  if (!(cli->synchronises ? ptoas_choose_for_sync : ptoas_choose)(asked, &ptoas)) {
    return PTOLOWER_REFUSED;
  }
  options.proves = cli->synchronises;
  options.ptoas = *ptoas.path ? ptoas.path : NULL;
  options.version = *ptoas.version ? ptoas.version : NULL;
  if (!file_scratch(scratch)) {
    return PTOLOWER_REFUSED;
  }
  bool ok = shapes_run(list, &options);
  rmdir(scratch);
  ptolower_status status = ok ? write_results(cli, list, *ptoas.path) : PTOLOWER_REFUSED;
  return status == PTOLOWER_OK ? judge(list) : status;
}

ptolower_status shapes_main(int argc, char **argv) {
  shapes_cli cli;
  shape_list list;
  ptolower_status status = read_options(argc, argv, &cli);
  if (status != PTOLOWER_OK) {
    return status;
  }
  if (cli.is_helped) {
    return PTOLOWER_OK;
  }
  if (!shapes_read(cli.input, &list)) {
    return PTOLOWER_REFUSED;
  }
  status = run(&cli, &list);
  shapes_free(&list);
  return status;
}
