/* The options of lowering and of check. */
#ifndef PTOLOWER_OPTIONS_H
#define PTOLOWER_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "common/file_command.h"

/* What a call is to do. */
typedef enum cli_action {
  CLI_LOWER,
  CLI_VERSION,
  CLI_DIALECT,
  CLI_LIST_PASSES,
  CLI_NOTHING, /* --help has been printed */
} cli_action;

typedef enum cli_format {
  CLI_TEXT,
  CLI_JSON,
  CLI_SARIF,
} cli_format;

/* Strings point into argv. */
typedef struct cli_options {
  cli_action action;
  file_command command;     /* of its inputs "-" is standard input */
  const char *output;       /* "-": standard output */
  const char *plan;         /* NULL: no plan is written */
  bool remarks;             /* show remarks, too */
  bool requires_proof;      /* of a check: what is not proved is a failure */
  bool summary;             /* of a check: show how full the buffers are */
  cli_format format;        /* of what a check finds */
  const char *ptoas;        /* a version, or NULL */
  const char *baseline;     /* of a check: a file of findings to pass over; NULL: none */
  const char *new_baseline; /* where the findings are to be written as such a file, or NULL */
  const char *certificate;  /* where what was proved is to be written, or NULL */
  const char *verify;       /* a certificate to confirm instead of a check, or NULL */
  size_t jobs;              /* how many files are checked at a time */
  bool synchronises;        /* of a check: the flags that a ptoas puts in are proved */
  const char *synchroniser; /* which ptoas; NULL: the usual one */
  const char *map;          /* NULL: no memory map is drawn */
} cli_options;

/* Read the command line. Anything but PTOLOWER_OK has been reported. `out` is to be freed whatever
 * the status is. To lower takes one input, which is not judged here; `put_commands` writes the part
 * of --help that tells of commands. */
ptolower_status lower_options_parse(int argc, char **argv, void (*put_commands)(FILE *out),
                                    cli_options *out);
ptolower_status check_options_parse(int argc, char **argv, cli_options *out);
void cli_options_free(cli_options *options);

#endif
