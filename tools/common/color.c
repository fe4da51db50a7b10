/* Decides whether text gets colours, and writes the escape sequences. */
#define _DEFAULT_SOURCE /* ioctl */
#include "common/color.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color_when;

static color_when chosen;

bool color_choose(const char *when) {
  static const char *const names[] = {
      [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(when, names[i]) == 0) {
      chosen = (color_when)i;
      return true;
    }
  }
  return false;
}

static int descriptor(FILE *stream) {
  int fd = fileno(stream);
  return fd < 0 ? STDOUT_FILENO : fd;
}

static bool is_colored(FILE *stream) {
  const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
  if (chosen != COLOR_AUTO) {
    return chosen == COLOR_ALWAYS;
  }
  return !(no && *no) && terminal && strcmp(terminal, "dumb") != 0 && isatty(descriptor(stream));
}

void color_begin(FILE *stream, text_color color) {
  static const char *const sequences[] = {
      [COLOR_NONE] = "\033[0m",       [COLOR_BOLD] = "\033[1m",      [COLOR_ERROR] = "\033[1;31m",
      [COLOR_WARNING] = "\033[1;35m", [COLOR_REMARK] = "\033[1;34m", [COLOR_NOTE] = "\033[1;36m",
      [COLOR_MARK] = "\033[1;32m"};
  if (is_colored(stream)) {
    fputs(sequences[color], stream);
  }
}

int color_columns(FILE *stream) {
  struct winsize size;
  return ioctl(descriptor(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
