/* The table of commands. */
#include "commands.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "common/report.h"
#include "explain/explain.h"
#include "fuse/fuse.h"
#include "pypto_kernel/pypto_kernel.h"
#include "reach/reach.h"
#include "reduce/reduce.h"
#include "shapes/shapes.h"
#include "sim/sim.h"
#include "support/nearest.h"
#include "time/time.h"
#include "tpot/tpot.h"

typedef struct command {
  const char *name, *inputs;
  const char *does;
  ptolower_status (*run)(int argc, char **argv); /* argv[0] is the name; NULL: help */
} command;

static const command commands[] = {
    {"check", "FILE...", "prove the address plans of kernels", check_main},
    {"explain", "CODE...", "what a diagnostic means, and what to do: explain PTL208", explain_main},
    {"fuse", "KERNEL KERNEL...", "one kernel of several that read one activation", fuse_main},
    {"help", "COMMAND", "how a command is used", NULL},
    {"pypto-kernel", "", "a dual kernel as pypto models call it: .pto, C++ and stub",
     pypto_kernel_main},
    {"reach", "FILE|DIR...", "which kernels are fused or left, and why, in one table", reach_main},
    {"reduce", "FILE", "the smallest file that still shows a finding", reduce_main},
    {"shapes", "LIST.json", "which shapes can be lowered, against what is expected", shapes_main},
    {"sim", "KERNEL", "run a kernel on this machine", sim_main},
    {"time", "FILE|DIR...", "how long each kernel takes by the model, and what would be gained",
     time_main},
    {"tpot", "MODEL.json", "estimate the time per output token", tpot_main},
    {"validate", "BEFORE AFTER", "compare two kernels by running them", validate_main},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const command *find_command(const char *name) {
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i].name) == 0) {
      return &commands[i];
    }
  }
  return NULL;
}

/* The command that a word was probably meant to be; NULL: none. */
static const char *nearest_command(const char *word) {
  ptl_nearest nearest = ptl_nearest_to(ptl_str_of(word));
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    ptl_nearest_try(&nearest, ptl_str_of(commands[i].name));
  }
  return nearest.name.data;
}

static ptolower_status run_command(const command *command, int argc, char **argv) {
  report_of_command(command->name);
  return command->run(argc, argv);
}

static ptolower_status unknown_command(const char *word) {
  const char *nearest = nearest_command(word);
  return nearest ? report_usage("unknown command '%s'; did you mean '%s'?", word, nearest)
                 : report_usage("unknown command '%s'", word);
}

/* `help NAME` is `NAME --help`. `help` alone and `help help` become `--help`, which lowering has:
 * false. */
static bool run_help(int argc, char **argv, ptolower_status *status) {
  static char option[] = "--help";
  if (argc < 2 || strcmp(argv[1], argv[0]) == 0) {
    argv[0] = option;
    return false;
  }
  const command *asked = find_command(argv[1]);
  char *words[] = {argv[1], option, NULL};
  *status = asked && asked->run ? run_command(asked, 2, words) : unknown_command(argv[1]);
  return true;
}

bool command_run(int argc, char **argv, ptolower_status *status) {
  const command *named = argc > 1 ? find_command(argv[1]) : NULL;
  if (named && !named->run) {
    return run_help(argc - 1, argv + 1, status);
  }
  if (named) {
    *status = run_command(named, argc - 1, argv + 1);
  }
  return named;
}

ptolower_status command_judge(const char *word) {
  if (access(word, F_OK) == 0) {
    return PTOLOWER_OK;
  }
  const command *named = find_command(word);
  if (named) {
    return report_usage("'%s' is a command, which comes first: ptolower %s %s", word, word,
                        named->inputs);
  }
  const char *nearest = nearest_command(word);
  return nearest
             ? report_usage("there is no file '%s'; did you mean the command '%s'?", word, nearest)
             : PTOLOWER_OK;
}

void command_list(FILE *out) {
  fputs("Commands, each with a --help of its own:\n", out);
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    int width = fprintf(out, "  %s %s", commands[i].name, commands[i].inputs);
    fprintf(out, "%*s%s\n", width < 27 ? 27 - width : 1, "", commands[i].does);
  }
}
