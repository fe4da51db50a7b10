#include "ptoas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static bool is_program(const char *path) {
  struct stat file;
  return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* `asked` itself, or the ptoas in it. */
static bool take(const char *asked, char path[PATH_MAX]) {
  static const char *const places[] = {"%s", "%s/ptoas", "%s/bin/ptoas"};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; ++i) {
    if (snprintf(path, PATH_MAX, places[i], asked) < PATH_MAX && is_program(path)) {
      return true;
    }
  }
  path[0] = '\0';
  return false;
}

static void search_path(char path[PATH_MAX]) {
  const char *at = getenv("PATH");
  while (at && *at) {
    size_t length = strcspn(at, ":");
    if (snprintf(path, PATH_MAX, "%.*s/ptoas", (int)length, at) < PATH_MAX && is_program(path)) {
      return;
    }
    at += length + (at[length] == ':');
  }
  path[0] = '\0';
}

bool ptoas_find(const char *asked, char path[PATH_MAX]) {
  const char *variable = getenv("PTOAS");
  path[0] = '\0';
  if (asked && strcmp(asked, "none") == 0) {
    return true;
  }
  if (!asked && variable && *variable) {
    asked = variable;
  }
  if (!asked) {
    search_path(path);
    return true;
  }
  bool found = take(asked, path);
  if (!found) {
    report_error("'%s' is no ptoas", asked);
  }
  return found;
}
