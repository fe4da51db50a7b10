/* Prints the one line that the drop-in says when something went wrong. */
#include "common/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One write, so that lines of many processes do not mix. */
void dropin_say(bool is_error, ptl_code code, const char *format, ...) {
  char line[2048];
  int begin = snprintf(line, sizeof(line), "ptolower: %s: ", is_error ? "error" : "warning");
  size_t room = sizeof(line) - (size_t)begin - 16; /* the code still fits */
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + begin, room, format, arguments);
  va_end(arguments);
  size_t length = strlen(line);
  length += (size_t)snprintf(line + length, sizeof(line) - length, " [PTL%03d]\n", code);
  ssize_t written = write(STDERR_FILENO, line, length);
  (void)written; /* there is no one left to tell */
}
