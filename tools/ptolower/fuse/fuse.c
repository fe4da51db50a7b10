/* `ptolower fuse`: reads files, or functions of files, and writes the one kernel that they become.
 */
#include "fuse/fuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ptolower/fuse.h>

#include "common/file_command.h"
#include "common/files.h"
#include "common/output.h"
#include "common/plan_table.h"
#include "common/report.h"

static const word_help help = {
    .usage = "fuse [options] KERNEL KERNEL...",
    .about =
        "Makes one kernel of several that read one activation, as gate and up where they are tasks "
        "of\n"
        "their own: the activation is loaded once, and the streams of the weights overlap. KERNEL "
        "is\n"
        "FILE.pto, for all its functions that multiply, or FILE.pto#FUNCTION. What comes out does\n"
        "what the kernels do one after the other, which is proved.\n",
    .refused =
        "the kernels cannot be one, or are better apart; or a file could not be read or written",
    .examples = "  ptolower fuse gate.pto up.pto -o gate_up.pto --manifest=gate_up.json\n"};

typedef struct fuse_cli {
  file_command command;
  const char *output, *manifest, *plan, *fuse;
  word_pairs same;
  bool remarks;
} fuse_cli;

/* The kernels, and what they lie in. */
typedef struct fuse_run {
  ptolower_kernel *kernels;
  file_text *texts;
  char **files; /* names, without functions */
  size_t count; /* that were read */
} fuse_run;

/* ---- options -------------------------------------------------------------- */

static ptolower_status read_options(int argc, char **argv, fuse_cli *cli) {
  const word_option options[] = {
      {.section = "Output",
       .name = "output",
       .letter = 'o',
       .shown = "FILE",
       .value = &cli->output,
       .help = "write the kernel to FILE; '-' is standard output (default)"},
      {.name = "manifest",
       .shown = "FILE",
       .value = &cli->manifest,
       .help = "write which argument is which one of each kernel, as JSON"},
      {.name = "plan",
       .shown = "FILE",
       .value = &cli->plan,
       .help = "write the plan as JSON: chunks, addresses, bytes, cycles; on a terminal '-' "
               "shows it as a table"},
      {.name = "remarks", .flag = &cli->remarks, .help = "say what was decided"},
      {.name = "print-ir-after-all",
       .key = "print-ir",
       .help = "print the IR after every pass, to standard error"},
      {.section = "Lowering",
       .name = "name",
       .shown = "NAME",
       .key = "name",
       .help = "of the kernel; default: the names of all with _ between"},
      {.name = "same",
       .shown = "FILE#FUNCTION:ARGUMENT=FILE#FUNCTION:ARGUMENT",
       .pairs = &cli->same,
       .help = "these arguments are one; can be given more than once. Without it the left operands "
               "are one that agree in type, view and offsets, and so are scalars that are used "
               "alike; a remark says which"},
      {.name = "fuse",
       .shown = "WHEN",
       .value = &cli->fuse,
       .help = "auto: if it is faster (default); always"},
      option_target(NULL),
      option_ptoas(),
      {.name = "validate",
       .key = "validate",
       .help = "run the kernels one after the other, and their one, and compare"},
  };
  ptolower_status status = file_command_read(&cli->command, &help, options,
                                             sizeof(options) / sizeof(options[0]), argc, argv);
  if (status != PTOLOWER_OK || cli->command.is_helped) {
    return status;
  }
  if (cli->fuse && strcmp(cli->fuse, "auto") != 0 && strcmp(cli->fuse, "always") != 0) {
    return word_invalid("fuse", cli->fuse, "auto or always");
  }
  return cli->command.input_count > 0 ? plan_check_place(cli->plan, cli->output)
                                      : report_usage("no input");
}

/* The pairs as lines. */
static char *same_lines(const word_pairs *same) {
  size_t length;
  char *text = NULL;
  FILE *out = open_memstream(&text, &length);
  for (size_t i = 0; out && i < same->count; i++) {
    fprintf(out, "%s=%s\n", same->items[i].name, same->items[i].value);
  }
  if (out && fclose(out) != 0) {
    free(text);
    text = NULL;
  }
  return text;
}

static bool set_options(const fuse_cli *cli) {
  char *same = same_lines(&cli->same);
  bool ok =
      same && ptolower_options_set(cli->command.library, "same", same) == PTOLOWER_OK &&
      (!cli->fuse || ptolower_options_set(cli->command.library, "fuse", cli->fuse) == PTOLOWER_OK);
  free(same);
  return ok;
}

/* ---- kernels -------------------------------------------------------------- */

/* FILE or FILE#FUNCTION. */
static bool read_kernel(fuse_run *run, const char *word) {
  const char *mark = strrchr(word, '#');
  char *file = mark ? strndup(word, (size_t)(mark - word)) : strdup(word);
  if (!file || !file_read(file, &run->texts[run->count])) {
    free(file);
    return false;
  }
  run->files[run->count] = file;
  run->kernels[run->count] = (ptolower_kernel){.file = file_shown(file),
                                               .data = run->texts[run->count].data,
                                               .length = run->texts[run->count].length,
                                               .function = mark ? mark + 1 : NULL};
  run->count++;
  return true;
}

static ptolower_status begin(fuse_run *run, const fuse_cli *cli) {
  *run = (fuse_run){.kernels = calloc(cli->command.input_count, sizeof(*run->kernels)),
                    .texts = calloc(cli->command.input_count, sizeof(*run->texts)),
                    .files = calloc(cli->command.input_count, sizeof(*run->files))};
  if (!run->kernels || !run->texts || !run->files || !set_options(cli)) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < cli->command.input_count; i++) {
    if (!read_kernel(run, cli->command.inputs[i])) {
      return PTOLOWER_REFUSED;
    }
  }
  return PTOLOWER_OK;
}

static void end(fuse_run *run) {
  for (size_t i = 0; i < run->count; i++) {
    file_text_free(&run->texts[i]);
    free(run->files[i]);
  }
  free(run->kernels);
  free(run->texts);
  free(run->files);
}

/* ---- the command ---------------------------------------------------------- */

static ptolower_status write_result(const fuse_cli *cli, const ptolower_result *result) {
  char *table = NULL;
  output_file files[3] = {{.path = cli->output}};
  size_t count = 1;
  files[0].text = ptolower_result_output(result, &files[0].length);
  if (cli->manifest) {
    files[count++] = (output_file){.path = cli->manifest, .text = ptolower_result_manifest(result)};
  }
  if (cli->plan) {
    files[count++] = (output_file){
        .path = cli->plan, .text = plan_text(cli->plan, ptolower_result_plan(result), &table)};
  }
  for (size_t i = 0; i < count; i++) {
    if (!files[i].text) {
      report_error("the library gave no result");
      return PTOLOWER_INTERNAL;
    }
    files[i].length = i > 0 ? strlen(files[i].text) : files[i].length;
  }
  ptolower_status status = output_write(files, count);
  free(table);
  return status;
}

static ptolower_status fuse(const fuse_run *run, const fuse_cli *cli) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_fuse(cli->command.library, run->kernels, run->count, &result);
  if (!result) {
    report_error("out of memory");
    return status;
  }
  if (ptolower_result_ir(result)) {
    fputs(ptolower_result_ir(result), stderr);
  }
  report_diagnostics(stderr, result, cli->remarks);
  if (status == PTOLOWER_OK) {
    status = write_result(cli, result);
  }
  ptolower_result_destroy(result);
  return status;
}

static ptolower_status run_fuse(const fuse_cli *cli) {
  fuse_run run;
  ptolower_status status = begin(&run, cli);
  if (status == PTOLOWER_OK) {
    status = fuse(&run, cli);
  }
  end(&run);
  return status;
}

ptolower_status fuse_main(int argc, char **argv) {
  fuse_cli cli = {.output = "-"};
  ptolower_status status = file_command_begin(&cli.command, argc);
  if (status == PTOLOWER_OK) {
    status = read_options(argc, argv, &cli);
  }
  if (status == PTOLOWER_OK && !cli.command.is_helped) {
    status = run_fuse(&cli);
  }
  word_pairs_free(&cli.same);
  file_command_free(&cli.command);
  return status;
}
