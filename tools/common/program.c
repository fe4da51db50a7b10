/* Looks for an executable ptoas along $PATH. */
#include "common/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool program_is(const char *path, struct stat *file) {
  return stat(path, file) == 0 && S_ISREG(file->st_mode) && access(path, X_OK) == 0;
}

bool program_search(program_filter passes, const void *data, char path[PATH_MAX],
                    struct stat *file) {
  const char *at = getenv("PATH");
  while (at && *at) {
    size_t length = strcspn(at, ":");
    const char *directory = length > 0 ? at : ".";
    int size = snprintf(path, PATH_MAX, "%.*s/ptoas", length > 0 ? (int)length : 1, directory);
    if (size < PATH_MAX && program_is(path, file) && passes(path, file, data)) {
      return true;
    }
    at += length + (at[length] == ':');
  }
  return false;
}
