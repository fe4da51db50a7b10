/* The options of lowering and of check. */
#include "options/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/plan_table.h"
#include "common/report.h"

static ptolower_status read_words(const word_help *help, const word_option *options, size_t count,
                                  int argc, char **argv, cli_options *out) {
  *out = (cli_options){.output = "-"};
  ptolower_status status = file_command_begin(&out->command, argc);
  if (status == PTOLOWER_OK) {
    status = file_command_read(&out->command, help, options, count, argc, argv);
  }
  out->action = out->command.is_helped ? CLI_NOTHING : out->action;
  return status;
}

void cli_options_free(cli_options *options) { file_command_free(&options->command); }

/* ---- lowering ------------------------------------------------------------ */

static const word_help lower_help = {
    .usage = "[options] INPUT\n[options] COMMAND",
    .about =
        "Rewrites cube kernels for Ascend NPUs so that their weights are loaded while others are\n"
        "multiplied, and so that products of one left operand load it once. The result is .pto\n"
        "assembly for ptoas, and every address in it is proved.\n"
        "\n"
        "INPUT is a .pto file as pypto writes it, or an MLIR module of products on tensors "
        "(linalg);\n"
        "'-' is standard input. A kernel that does not gain by it stays as it is.\n",
    .refused = "the input was wrong or refused, or a file could not be read or written",
    .examples = "  ptolower gate_up.mlir --target=a5 -o gate_up.pto\n"
                "  ptolower kernel.pto -o fused.pto --plan=plan.json --remarks\n"
                "  ptolower - --stop-after=fuse-products < kernel.pto\n"};

static ptolower_status check_lower(const cli_options *options) {
  if (options->action != CLI_LOWER) {
    return PTOLOWER_OK;
  }
  if (options->command.input_count == 0) {
    return report_usage("no input");
  }
  return plan_check_place(options->plan, options->output);
}

/* An option of the library's. `shown`: what --help calls its value; NULL: it is 1. */
static word_option keyed(const char *name, const char *shown, const char *key, const char *help) {
  return (word_option){.name = name, .shown = shown, .key = key, .help = help};
}

ptolower_status lower_options_parse(int argc, char **argv, void (*put_commands)(FILE *out),
                                    cli_options *out) {
  bool list_passes = false, dialect = false, version = false;
  const word_option options[] = {
      {.section = "Output",
       .name = "output",
       .letter = 'o',
       .shown = "FILE",
       .value = &out->output,
       .help = "write the result to FILE; '-' is standard output (default)"},
      {.name = "plan",
       .shown = "FILE",
       .value = &out->plan,
       .help = "write the plan as JSON: chunks, addresses, bytes, cycles; on a terminal '-' "
               "shows it as a table"},
      {.name = "remarks",
       .flag = &out->remarks,
       .help = "say for every candidate whether it was fused, and why not"},
      option_target("Lowering"),
      option_ptoas(),
      keyed("fuse", "WHEN", "fuse", "auto: when it pays (default); off; always"),
      keyed("rewrite", "WHICH", "rewrite",
            "all (default): every kernel whose products are known, if it pays; pairs: those "
            "with products to fuse; none (as by --fuse=off)"),
      keyed("repair", "WHEN", "repair",
            "kernels that no ptoas compiles are rewritten, even if that does not pay: auto, "
            "unless --rewrite=none (default); off; always"),
      keyed("validate", NULL, "validate",
            "run every changed function before and after, and compare"),
      {.section = "Passes",
       .name = "list-passes",
       .flag = &list_passes,
       .help = "print the passes in their order"},
      {.name = "pass-pipeline",
       .shown = "P,..",
       .key = "pass-pipeline",
       .may_be_empty = true,
       .help = "run these passes only"},
      keyed("stop-after", "PASS", "stop-after", "print the IR after PASS instead of .pto"),
      keyed("print-ir-after-all", NULL, "print-ir",
            "print the IR after every pass, to standard error"),
      keyed("print-ir-after-change", NULL, "print-ir-change", "the same of passes that change it"),
      keyed("print-ir-after", "PASS", "print-ir-after", "the same of one pass"),
      keyed("print-ir-before", "PASS", "print-ir-before", "print the IR before a pass"),
      keyed("print-ir-locations", NULL, "print-ir-locations",
            "with the places of ops, which hold the names of the file's values, too"),
      keyed("timing", NULL, "timing", "print the time of every pass, to standard error"),
      {.section = "Information",
       .name = "dialect",
       .flag = &dialect,
       .help = "print the definition of the ptolower dialect"},
      {.name = "version", .flag = &version, .help = "print the version"},
  };
  word_help help = lower_help;
  help.more = put_commands;
  ptolower_status status =
      read_words(&help, options, sizeof(options) / sizeof(options[0]), argc, argv, out);
  if (out->action == CLI_LOWER) {
    out->action = version       ? CLI_VERSION
                  : dialect     ? CLI_DIALECT
                  : list_passes ? CLI_LIST_PASSES
                                : CLI_LOWER;
  }
  return status == PTOLOWER_OK ? check_lower(out) : status;
}

/* ---- check --------------------------------------------------------------- */

static const word_help check_help = {
    .usage = "check [options] FILE|DIR|PATTERN...\ncheck --verify=CERTIFICATE",
    .about =
        "Proves the address plan of every function in .pto files, or says what is wrong with it:\n"
        "tiles outside of their buffer, misaligned, or overwritten before they are read; operands\n"
        "that do not fit; accumulators that hold no one product. '-' is standard input.\n"
        "Of a folder, all .pto files below it are checked; in a pattern '**' stands for any "
        "folders.\n",
    .done = "no errors; there may be warnings",
    .refused = "errors, no proof where one is required, or a file could not be read or written",
    .examples = "  ptolower check --summary kernel.pto\n"
                "  ptolower check -Werror --format=sarif build/*.pto > check.sarif\n"
                "  ptolower check --map=map.html kernel.pto\n"
                "  ptolower check -j8 --baseline=known.json 'build_output/**/ptoas/*.pto'\n"};

static ptolower_status set_format(cli_options *out, const char *value) {
  static const char *const names[] = {
      [CLI_TEXT] = "text", [CLI_JSON] = "json", [CLI_SARIF] = "sarif"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(value, names[i]) == 0) {
      out->format = (cli_format)i;
      return PTOLOWER_OK;
    }
  }
  return word_invalid("format", value, "text, json or sarif");
}

static ptolower_status set_jobs(cli_options *out, const char *value) {
  enum { MOST = 256 };
  char *end;
  unsigned long jobs = strtoul(value, &end, 10);
  if (*value < '0' || *value > '9' || *end || jobs == 0 || jobs > MOST) {
    return word_invalid("jobs", value, "a number from 1 to 256");
  }
  out->jobs = jobs;
  return PTOLOWER_OK;
}

static ptolower_status check_inputs(const cli_options *options) {
  if (options->verify && options->command.input_count > 0) {
    return report_usage(
        "'--verify' checks the files that the certificate names; there is one more, '%s'",
        options->command.inputs[0]);
  }
  return options->verify || options->command.input_count > 0 ? PTOLOWER_OK
                                                             : report_usage("no input");
}

static ptolower_status check_check(cli_options *out, const char *format, const char *jobs) {
  if (out->action == CLI_NOTHING) {
    return PTOLOWER_OK;
  }
  ptolower_status status = check_inputs(out);
  if (status != PTOLOWER_OK) {
    return status;
  }
  if (out->ptoas &&
      ptolower_options_set(out->command.library, "ptoas", out->ptoas) != PTOLOWER_OK) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  if (out->map && ptolower_options_set(out->command.library, "map", "1") != PTOLOWER_OK) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  status = set_format(out, format);
  return status == PTOLOWER_OK ? set_jobs(out, jobs) : status;
}

ptolower_status check_options_parse(int argc, char **argv, cli_options *out) {
  const char *format = "text", *jobs = "1";
  const word_option options[] = {
      {.section = "Output, to standard output",
       .name = "format",
       .shown = "FORMAT",
       .value = &format,
       .help = "text (default), json, or sarif (2.1.0); one document for all files"},
      {.name = "summary",
       .flag = &out->summary,
       .help = "text: show for every function how full its buffers are"},
      {.name = "remarks",
       .flag = &out->remarks,
       .help = "name every op that could not be followed, not only the first"},
      {.name = "map",
       .shown = "FILE.html",
       .value = &out->map,
       .help = "draw the memory map and the timeline as a page"},
      option_target("Checking"),
      {.name = "ptoas",
       .shown = "VERSION",
       .value = &out->ptoas,
       .help = "the ptoas that compiles it, as 0.60; default: any"},
      option_sync(&out->synchronises, &out->synchroniser),
      {.name = "Werror", .one_dash = true, .key = "werror", .help = "warnings are errors"},
      {.name = "jobs",
       .letter = 'j',
       .shown = "N",
       .value = &jobs,
       .help = "check so many files at a time; the output is the same; default: 1"},
      {.name = "baseline",
       .shown = "FILE",
       .value = &out->baseline,
       .help = "tell findings only that this file does not list"},
      {.name = "write-baseline",
       .shown = "FILE",
       .value = &out->new_baseline,
       .help = "write such a file"},
      {.name = "certificate",
       .shown = "FILE",
       .value = &out->certificate,
       .help = "write what was proved of which files, by their hashes"},
      {.name = "verify",
       .shown = "FILE",
       .value = &out->verify,
       .help = "confirm such a certificate: the files are the same, and proved"},
      {.name = "require-proof",
       .flag = &out->requires_proof,
       .help = "fail unless every function is proved, or has no tiles"},
  };
  ptolower_status status =
      read_words(&check_help, options, sizeof(options) / sizeof(options[0]), argc, argv, out);
  return status == PTOLOWER_OK ? check_check(out, format, jobs) : status;
}
