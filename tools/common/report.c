/* Prints diagnostics and errors of the command line, and keeps the exit codes. */
#include "common/report.h"

#include <stdarg.h>
#include <stdio.h>

static const char *command = ""; /* with a blank after it */

void report_of_command(const char *name) {
  static char own[32];
  snprintf(own, sizeof(own), "%s ", name);
  command = own;
}

static void print_text(const char *format, va_list arguments) {
  fputs("ptolower: error: ", stderr);
  vfprintf(stderr, format, arguments);
}

static void print_error(const char *format, va_list arguments) {
  print_text(format, arguments);
  fputc('\n', stderr);
}

void report_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_error(format, arguments);
  va_end(arguments);
}

void report_refusal(ptl_code code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_text(format, arguments);
  va_end(arguments);
  fprintf(stderr, " [PTL%03d]\n", code);
}

ptolower_status report_usage(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_error(format, arguments);
  va_end(arguments);
  fprintf(stderr, "try 'ptolower %s--help'\n", command);
  return PTOLOWER_USAGE;
}

static void print_allowed(FILE *stream, const ptolower_result *result, size_t index) {
  const char *reason = ptolower_result_diagnostic_allowed(result, index);
  ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, index);
  if (reason) {
    fprintf(stream, "%s:%d:%d: note: allowed because %s\n", diagnostic.file, diagnostic.line,
            diagnostic.column, reason);
  }
}

void report_diagnostics(FILE *stream, const ptolower_result *result, bool remarks) {
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; i++) {
    if (remarks || ptolower_result_diagnostic_is_shown(result, i)) {
      fputs(ptolower_result_diagnostic_line(result, i), stream);
      print_allowed(stream, result, i);
    }
  }
}
