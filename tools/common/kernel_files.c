/* Finds the files that a word of the command line names: a file, all .pto files below a folder, or
 * those that match a pattern, in the order of their paths. */
#include "common/kernel_files.h"

#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/report.h"

/* nftw hands nothing on to its callback. */
static char **found;
static size_t found_count;
static const char *found_pattern; /* NULL: any .pto file */

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

/* Whether the path matches, part by part; a part `**` stands for any number of folders. */
static bool matches(const char *pattern, const char *path) {
  char want[NAME_MAX + 1], have[NAME_MAX + 1];
  size_t want_length = strcspn(pattern, "/"), have_length = strcspn(path, "/");
  if (!*pattern || !*path) {
    return !*pattern && !*path;
  }
  const char *next_path = path + have_length + (path[have_length] == '/');
  const char *next = pattern + want_length + (pattern[want_length] == '/');
  if (want_length == 2 && strncmp(pattern, "**", 2) == 0) {
    return !*next ? is_kernel_file(path)
                  : matches(next, path) || (*next_path && matches(pattern, next_path));
  }
  if (want_length > NAME_MAX || have_length > NAME_MAX) {
    return false;
  }
  memcpy(want, pattern, want_length);
  memcpy(have, path, have_length);
  want[want_length] = have[have_length] = '\0';
  return fnmatch(want, have, 0) == 0 && matches(next, next_path);
}

static int visit(const char *path, const struct stat *file, int type, struct FTW *at) {
  (void)at;
  bool is_wanted = type == FTW_F && S_ISREG(file->st_mode) &&
                   (found_pattern ? matches(found_pattern, path) : is_kernel_file(path));
  return is_wanted && !add(path) ? -1 : 0;
}

static int by_path(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder that all files of a pattern are below; false if it has no wildcard. */
static bool folder_of_pattern(const char *pattern, char folder[PATH_MAX]) {
  size_t length = strcspn(pattern, "*?[");
  if (!pattern[length] || length >= PATH_MAX) {
    return false;
  }
  while (length > 0 && pattern[length - 1] != '/') {
    length--;
  }
  memcpy(folder, length > 0 ? pattern : ".", length > 0 ? length : 1);
  size_t end = length > 1 ? length - 1 : 1; /* without the slash, unless it is the root */
  folder[end] = '\0';
  return true;
}

static bool walk(const char *folder, const char *pattern) {
  enum { OPEN_FOLDERS = 16 };
  bool is_here = pattern && strcmp(folder, ".") == 0 && strncmp(pattern, "./", 2) != 0;
  char from_here[PATH_MAX];
  if (is_here && snprintf(from_here, sizeof(from_here), "./%s", pattern) >= PATH_MAX) {
    return false;
  }
  found_pattern = is_here ? from_here : pattern;
  return nftw(folder, visit, OPEN_FOLDERS, FTW_PHYS) == 0 || errno == ENOENT;
}

bool kernel_files(const char *place, char ***out, size_t *count) {
  struct stat file;
  char folder[PATH_MAX];
  bool exists = stat(place, &file) == 0;
  found = NULL;
  found_count = 0;
  bool ok = exists && S_ISDIR(file.st_mode)               ? walk(place, NULL)
            : !exists && folder_of_pattern(place, folder) ? walk(folder, place)
                                                          : add(place);
  if (!ok) {
    report_error("'%s' cannot be searched", place);
  } else if (found_count == 0) {
    report_error("there is no .pto file at '%s'", place);
  } else {
    qsort(found, found_count, sizeof(*found), by_path);
  }
  *out = found;
  *count = found_count;
  return ok && found_count > 0;
}
