#include "report.h"

#include <stdarg.h>
#include <stdio.h>

static void print_error(const char *format, va_list arguments) {
  fputs("ptolower: error: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

void report_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_error(format, arguments);
  va_end(arguments);
}

ptolower_status report_usage(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print_error(format, arguments);
  va_end(arguments);
  fputs("try 'ptolower --help'\n", stderr);
  return PTOLOWER_USAGE;
}
