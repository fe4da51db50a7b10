/* Finds the files that a word of the command line names: a file, or all .pto files below a folder,
 * in the order of their paths. */
#include "common/kernel_files.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/report.h"

/* nftw hands nothing on to its callback. */
static char **found;
static size_t found_count;

static bool add(const char *path) {
  char **more = realloc(found, (found_count + 1) * sizeof(*more));
  char *copy = strdup(path);
  found = more ? more : found;
  if (!more || !copy) {
    free(copy);
    return false;
  }
  found[found_count++] = copy;
  return true;
}

static bool is_kernel_file(const char *path) {
  size_t length = strlen(path);
  return length > 4 && strcmp(path + length - 4, ".pto") == 0;
}

static int visit(const char *path, const struct stat *file, int type, struct FTW *at) {
  (void)at;
  bool is_wanted = type == FTW_F && S_ISREG(file->st_mode) && is_kernel_file(path);
  return is_wanted && !add(path) ? -1 : 0;
}

static int by_path(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

bool kernel_files(const char *place, char ***out, size_t *count) {
  enum { OPEN_FOLDERS = 16 };
  struct stat file;
  bool is_folder = stat(place, &file) == 0 && S_ISDIR(file.st_mode);
  found = NULL;
  found_count = 0;
  bool ok = is_folder ? nftw(place, visit, OPEN_FOLDERS, FTW_PHYS) == 0 : add(place);
  if (!ok) {
    report_error("'%s' cannot be searched", place);
  } else if (found_count > 0) {
    qsort(found, found_count, sizeof(*found), by_path);
  }
  *out = found;
  *count = found_count;
  return ok;
}
