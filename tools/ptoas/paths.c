#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Puts `<directory>/<prefix><name>.<suffix>` together. */
static bool join(char out[PATH_MAX], const char *path, const char *prefix, const char *suffix) {
  const char *slash = strrchr(path, '/');
  int directory = slash ? (int)(slash + 1 - path) : 0;
  int length =
      snprintf(out, PATH_MAX, "%.*s%s%s%s", directory, path, prefix, path + directory, suffix);
  return length < PATH_MAX;
}

/* Without a file to lie beside. */
static bool choose_temporary(paths *out) {
  const char *directory = getenv("TMPDIR");
  int length = snprintf(out->lowered, sizeof out->lowered, "%s/ptolower-%ld.pto",
                        directory && *directory ? directory : "/tmp", (long)getpid());
  out->drop_lowered = true;
  return length < (int)sizeof out->lowered;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat of_a, of_b;
  return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

/* Whether files can be made in the directory of `path`. */
static bool is_open_directory(const char *path) {
  char directory[PATH_MAX];
  const char *slash = strrchr(path, '/');
  int length = slash ? (int)(slash - path) + (slash == path) : 1;
  return snprintf(directory, sizeof directory, "%.*s", length, slash ? path : ".") < PATH_MAX &&
         access(directory, W_OK | X_OK) == 0;
}

bool paths_are_usable(const char *input, const char *output) {
  struct stat file;
  if (stat(input, &file) != 0 || !S_ISREG(file.st_mode) || access(input, R_OK) != 0) {
    return false;
  }
  if (output && stat(output, &file) == 0) {
    return !S_ISDIR(file.st_mode) && access(output, W_OK) == 0;
  }
  return !output || is_open_directory(output);
}

bool paths_choose(const char *path, const char *input, bool keep, paths *out) {
  struct stat existing;
  char suffix[64], lowered[64];
  *out = (paths){0};
  bool exists = path && stat(path, &existing) == 0;
  if (!path || (exists && !S_ISREG(existing.st_mode))) {
    return choose_temporary(out);
  }
  if (!exists || !realpath(path, out->target)) {
    if (strlen(path) >= sizeof out->target) {
      return false;
    }
    strcpy(out->target, path);
  }
  if (!is_open_directory(out->target) || !is_open_directory(path)) {
    return choose_temporary(out);
  }
  out->is_whole = true;
  snprintf(suffix, sizeof suffix, ".ptolower-%ld", (long)getpid());
  snprintf(lowered, sizeof lowered, keep ? ".ptolower.pto" : ".ptolower-%ld.pto", (long)getpid());
  out->drop_lowered = !keep;
  if (!join(out->temporary, out->target, ".", suffix) || !join(out->lowered, path, "", lowered)) {
    return false;
  }
  return !is_same_file(out->lowered, input) || choose_temporary(out);
}

bool paths_finish(const paths *out) {
  struct stat existing;
  if (!out->is_whole) {
    return true;
  }
  if (stat(out->target, &existing) == 0) {
    (void)!chmod(out->temporary, existing.st_mode & 07777); /* as if it had been written over */
  }
  return rename(out->temporary, out->target) == 0 || errno == ENOENT;
}

void paths_discard(const paths *out) {
  if (out->is_whole) {
    unlink(out->temporary);
  }
}
