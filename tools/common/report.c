/* Prints diagnostics and errors of the command line, and keeps the exit codes. */
#include "common/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/color.h"

static const char *command = ""; /* with a blank after it */

void report_of_command(const char *name) {
  static char own[32];
  snprintf(own, sizeof(own), "%s ", name);
  command = own;
}

static void print_text(const char *format, va_list arguments) {
  color_begin(stderr, COLOR_BOLD);
  fputs("ptolower: ", stderr);
  color_begin(stderr, COLOR_ERROR);
  fputs("error: ", stderr);
  color_begin(stderr, COLOR_NONE);
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

static text_color severity_color(ptolower_severity severity) {
  static const text_color colors[] = {[PTOLOWER_ERROR] = COLOR_ERROR,
                                      [PTOLOWER_WARNING] = COLOR_WARNING,
                                      [PTOLOWER_REMARK] = COLOR_REMARK,
                                      [PTOLOWER_NOTE] = COLOR_NOTE};
  return colors[severity];
}

/* `place: severity: text`: the place and the severity stand out. */
static void print_line(FILE *stream, const ptolower_diagnostic *diagnostic, const char *line) {
  const char *severity = strstr(line + (diagnostic->file ? strlen(diagnostic->file) : 0), ": ") + 2;
  const char *text = strstr(severity, ": ") + 2;
  color_begin(stream, COLOR_BOLD);
  fwrite(line, 1, (size_t)(severity - line), stream);
  color_begin(stream, severity_color(diagnostic->severity));
  fwrite(severity, 1, (size_t)(text - severity), stream);
  color_begin(stream, COLOR_NONE);
  fputs(text, stream);
}

enum { GUTTER = 8, USUAL_WIDTH = 160 };

/* The line of the source, and what is marked in it. */
static void print_excerpt(FILE *stream, const ptolower_result *result, size_t index) {
  int columns = color_columns(stream);
  ptolower_excerpt excerpt = ptolower_result_diagnostic_excerpt(
      result, index, columns > 0 ? columns - GUTTER : USUAL_WIDTH);
  if (excerpt.line) {
    fprintf(stream, "%5d | %s\n      | ", ptolower_result_diagnostic(result, index).line,
            excerpt.line);
    color_begin(stream, COLOR_MARK);
    fputs(excerpt.marks, stream);
    color_begin(stream, COLOR_NONE);
    fputc('\n', stream);
  }
}

static bool is_same_place(ptolower_diagnostic a, ptolower_diagnostic b) {
  return a.file && b.file && strcmp(a.file, b.file) == 0 && a.line == b.line &&
         a.column == b.column;
}

/* A note at the place of what it belongs to does not show the line again. */
static bool repeats_place(const ptolower_result *result, size_t index) {
  ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, index);
  return diagnostic.severity == PTOLOWER_NOTE && index > 0 &&
         is_same_place(diagnostic, ptolower_result_diagnostic(result, index - 1));
}

void report_diagnostics(FILE *stream, const ptolower_result *result, bool remarks) {
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; i++) {
    if (remarks || ptolower_result_diagnostic_is_shown(result, i)) {
      ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, i);
      print_line(stream, &diagnostic, ptolower_result_diagnostic_line(result, i));
      if (!repeats_place(result, i)) {
        print_excerpt(stream, result, i);
      }
      print_allowed(stream, result, i);
    }
  }
}
