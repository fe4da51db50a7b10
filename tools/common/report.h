/* What the command line says on standard error, and its exit codes. */
#ifndef PTOLOWER_REPORT_H
#define PTOLOWER_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <ptolower/ptolower.h>

#include "support/codes.h"

/* The command that wrong usage is explained by; none at first. */
void report_of_command(const char *name);

/* Prints `ptolower: error: ...` and a newline. */
__attribute__((format(printf, 1, 2))) void report_error(const char *format, ...);

/* The same with a code of docs/diagnostics.md after it: `... [PTLnnn]`. */
__attribute__((format(printf, 2, 3))) void report_refusal(ptl_code code, const char *format, ...);

/* The same for a wrong option, followed by a pointer to --help; gives PTOLOWER_USAGE. */
__attribute__((format(printf, 1, 2))) ptolower_status report_usage(const char *format, ...);

/* Prints the result's diagnostics, each with the line of the source that it is about: those that
 * are shown by themselves, and where asked for all remarks. */
void report_diagnostics(FILE *stream, const ptolower_result *result, bool remarks);

#endif
