/* `ptolower fuse`: reads files, or functions of files, and writes the one kernel that they become.
 */
#include "fuse/fuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ptolower/fuse.h>

#include "common/files.h"
#include "common/output.h"
#include "common/report.h"
#include "common/words.h"

static const char help[] =
    "Usage: ptolower fuse [options] KERNEL KERNEL...\n"
    "\n"
    "Makes one kernel of several that read one activation, as gate and up where they are tasks of\n"
    "their own: the activation is loaded once, and the streams of the weights overlap. KERNEL is\n"
    "FILE.pto, for all its functions that multiply, or FILE.pto#FUNCTION. What comes out does "
    "what\n"
    "the kernels do one after the other, which is proved.\n"
    "\n"
    "  -o, --output=FILE        write the kernel to FILE; '-' is standard output (default)\n"
    "      --manifest=FILE      write which argument is which one of each kernel, as JSON\n"
    "      --plan=FILE          write the plan as JSON: chunks, addresses, bytes, cycles\n"
    "      --name=NAME          of the kernel; default: the names of all with _ between\n"
    "      --same=FILE#FUNCTION:ARGUMENT=FILE#FUNCTION:ARGUMENT\n"
    "                           these arguments are one; can be given more than once. Without it\n"
    "                           the left operands are one that agree in type, view and offsets,\n"
    "                           and so are scalars that are used alike; a remark says which\n"
    "      --fuse=WHEN          auto: if it is faster (default); always\n"
    "      --validate           run the kernels one after the other, and their one, and compare\n"
    "      --remarks            say what was decided\n"
    "      --target=NAME        chip; default: the module's, else a2a3\n"
    "      --ptoas=VERSION      the ptoas that compiles it, as 0.60; default: any\n"
    "      --print-ir-after-all print the IR behind every pass, to standard error\n"
    "  -h, --help               print this text\n"
    "\n"
    "Exit status: 0 done; 1 the kernels cannot be one, or are better apart; 2 wrong usage; 3 our "
    "bug.\n";

typedef struct fuse_cli {
  const char **inputs;
  size_t input_count;
  const char *output, *manifest, *plan, *name, *fuse, *target, *ptoas;
  word_pairs same;
  bool validate, remarks, print_ir, help;
} fuse_cli;

/* The kernels, and what they lie in. */
typedef struct fuse_run {
  ptolower_options *library;
  ptolower_kernel *kernels;
  file_text *texts;
  char **files; /* names, without functions */
  size_t count; /* that were read */
} fuse_run;

/* ---- options -------------------------------------------------------------- */

static ptolower_status read_options(int argc, char **argv, fuse_cli *cli) {
  const word_option options[] = {
      {.name = "output", .letter = 'o', .value = &cli->output},
      {.name = "manifest", .value = &cli->manifest},
      {.name = "plan", .value = &cli->plan},
      {.name = "name", .value = &cli->name},
      {.name = "same", .pairs = &cli->same},
      {.name = "fuse", .value = &cli->fuse},
      {.name = "validate", .flag = &cli->validate},
      {.name = "remarks", .flag = &cli->remarks},
      {.name = "target", .value = &cli->target},
      {.name = "ptoas", .value = &cli->ptoas},
      {.name = "print-ir-after-all", .flag = &cli->print_ir},
      {.name = "help", .flag = &cli->help},
  };
  word_list list = {.options = options,
                    .option_count = sizeof(options) / sizeof(options[0]),
                    .inputs = cli->inputs,
                    .max_inputs = (size_t)argc};
  ptolower_status status = words_read(&list, argc, argv);
  cli->input_count = list.input_count;
  if (status != PTOLOWER_OK || cli->help) {
    return status;
  }
  if (cli->fuse && strcmp(cli->fuse, "auto") != 0 && strcmp(cli->fuse, "always") != 0) {
    return report_usage("'%s' is no way to fuse kernels; use auto or always", cli->fuse);
  }
  return cli->input_count > 0 ? PTOLOWER_OK : report_usage("no input");
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

static bool set(ptolower_options *library, const char *key, const char *value) {
  return !value || ptolower_options_set(library, key, value) == PTOLOWER_OK;
}

static bool set_options(ptolower_options *library, const fuse_cli *cli) {
  char *same = same_lines(&cli->same);
  bool ok = library && same && set(library, "same", same) && set(library, "name", cli->name) &&
            set(library, "fuse", cli->fuse) && set(library, "target", cli->target) &&
            set(library, "ptoas", cli->ptoas) &&
            set(library, "validate", cli->validate ? "1" : NULL) &&
            set(library, "print-ir", cli->print_ir ? "1" : NULL);
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
  run->kernels[run->count] = (ptolower_kernel){.file = file,
                                               .data = run->texts[run->count].data,
                                               .length = run->texts[run->count].length,
                                               .function = mark ? mark + 1 : NULL};
  run->count++;
  return true;
}

static ptolower_status begin(fuse_run *run, const fuse_cli *cli) {
  *run = (fuse_run){.library = ptolower_options_create(),
                    .kernels = calloc(cli->input_count, sizeof(*run->kernels)),
                    .texts = calloc(cli->input_count, sizeof(*run->texts)),
                    .files = calloc(cli->input_count, sizeof(*run->files))};
  if (!run->kernels || !run->texts || !run->files || !set_options(run->library, cli)) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  for (size_t i = 0; i < cli->input_count; i++) {
    if (!read_kernel(run, cli->inputs[i])) {
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
  ptolower_options_destroy(run->library);
}

/* ---- the command ---------------------------------------------------------- */

static ptolower_status write_result(const fuse_cli *cli, const ptolower_result *result) {
  output_file files[3] = {{.path = cli->output}};
  size_t count = 1;
  files[0].text = ptolower_result_output(result, &files[0].length);
  if (cli->manifest) {
    files[count++] = (output_file){.path = cli->manifest, .text = ptolower_result_manifest(result)};
  }
  if (cli->plan) {
    files[count++] = (output_file){.path = cli->plan, .text = ptolower_result_plan(result)};
  }
  for (size_t i = 0; i < count; i++) {
    if (!files[i].text) {
      report_error("the library gave no result");
      return PTOLOWER_INTERNAL;
    }
    files[i].length = i > 0 ? strlen(files[i].text) : files[i].length;
  }
  return output_write(files, count);
}

static ptolower_status fuse(const fuse_run *run, const fuse_cli *cli) {
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_fuse(run->library, run->kernels, run->count, &result);
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
  fuse_cli cli = {.inputs = calloc((size_t)argc, sizeof(char *)), .output = "-"};
  if (!cli.inputs) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = read_options(argc, argv, &cli);
  if (status == PTOLOWER_OK) {
    status = cli.help ? output_print(help) : run_fuse(&cli);
  }
  word_pairs_free(&cli.same);
  free(cli.inputs);
  return status;
}
