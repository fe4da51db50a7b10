/* Reads the command lines of commands that call the library on files. */
#include "common/file_command.h"

#include <stdlib.h>

#include "common/report.h"

ptolower_status file_command_begin(file_command *c, int argc) {
  *c = (file_command){.library = ptolower_options_create(),
                      .inputs = calloc((size_t)argc, sizeof(char *))};
  if (!c->library || !c->inputs) {
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
  }
  return PTOLOWER_OK;
}

void file_command_free(file_command *c) {
  ptolower_options_destroy(c->library);
  free(c->inputs);
}

ptolower_status file_command_read(file_command *c, const word_help *help,
                                  const word_option *options, size_t option_count, int argc,
                                  char **argv) {
  word_list list = {.help = help,
                    .options = options,
                    .option_count = option_count,
                    .library = c->library,
                    .inputs = c->inputs,
                    .max_inputs = (size_t)argc};
  ptolower_status status = words_read(&list, argc, argv);
  c->input_count = list.input_count;
  c->is_helped = list.is_helped;
  c->has_table = list.has_table;
  return status;
}

word_option option_target(const char *section) {
  return (word_option){
      .section = section,
      .name = "target",
      .shown = "CHIP",
      .key = "target",
      .help =
          "a2a3 (or a3, 910B, 910C), a5 (or 950), in any case, or a table of your own, FILE.json "
          "(docs/targets.md); default: the module's, else a2a3"};
}

word_option option_ptoas(void) {
  return (word_option){.name = "ptoas",
                       .shown = "VERSION",
                       .key = "ptoas",
                       .help = "the ptoas that compiles it, as 0.60; default: any"};
}

word_option option_fuse(void) {
  return (word_option){.name = "fuse",
                       .shown = "WHEN",
                       .key = "fuse",
                       .help = "as for lowering: auto (default), off, always"};
}

word_option option_rewrite(void) {
  return (word_option){.name = "rewrite",
                       .shown = "WHICH",
                       .key = "rewrite",
                       .help = "as for lowering: all (default), pairs, none"};
}

word_option option_sync(bool *is_given, const char **ptoas) {
  return (word_option){.name = "sync",
                       .shown = "PTOAS",
                       .flag = is_given,
                       .value = ptoas,
                       .help = "prove the flags that a ptoas puts in: a program, or a directory "
                               "that holds one; default: $PTOAS, else ptoas on PATH"};
}
