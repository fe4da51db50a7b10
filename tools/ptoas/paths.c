/* Lets ptoas write beside the output, and renames what it wrote when it is whole. */
#include "paths.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of what lies in the private directory, with its slash and NUL. */
enum { NAME_LENGTH = 16 };

/* ---- the private directory ------------------------------------------------ */

static const paths *chosen; /* NULL: nothing is to be removed */

void paths_remove(void) {
  if (!chosen || !chosen->directory[0]) {
    return;
  }
  for (size_t i = 0; i < COMPILES; i++) {
    unlink(chosen->temporaries[i]);
  }
  if (chosen->drop_lowered) {
    unlink(chosen->lowered);
  }
  rmdir(chosen->directory);
}

static void on_deadly_signal(int number) {
  paths_remove();
  signal(number, SIG_DFL);
  raise(number);
}

static void remove_at_the_end(const paths *out) {
  static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  chosen = out;
  atexit(paths_remove);
  for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
    struct sigaction old;
    if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
      signal(deadly[i], on_deadly_signal);
    }
  }
}

/* The length of the directory's part of a path, with its slash. */
static int directory_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (int)(slash + 1 - path) : 0;
}

static bool put_in_directory(paths *out, char path[PATH_MAX], const char *name) {
  return snprintf(path, PATH_MAX, "%s/%s", out->directory, name) < PATH_MAX;
}

/* Makes the directory in `parent`, which is empty or ends in a slash. */
static bool make_directory(paths *out, const char *parent, int length) {
  static const char template[] = ".ptolower-XXXXXX";
  out->directory[0] = '\0';
  if ((size_t)length + sizeof(template) + NAME_LENGTH > sizeof(out->directory)) {
    errno = ENAMETOOLONG;
    return false;
  }
  snprintf(out->directory, sizeof(out->directory), "%.*s%s", length, parent, template);
  if (!mkdtemp(out->directory)) {
    out->directory[0] = '\0';
    return false;
  }
  return put_in_directory(out, out->temporaries[OF_LOWERED], "of-lowered") &&
         put_in_directory(out, out->temporaries[OF_ORIGINAL], "of-original");
}

static bool drop_lowered(paths *out) {
  out->drop_lowered = true;
  return put_in_directory(out, out->lowered, "lowered.pto");
}

/* Without a file to lie beside. */
static bool choose_temporary(paths *out) {
  const char *directory = getenv("TMPDIR");
  char parent[PATH_MAX];
  int length =
      snprintf(parent, sizeof(parent), "%s/", directory && *directory ? directory : "/tmp");
  return make_directory(out, parent, length) && drop_lowered(out);
}

/* ---- the output ----------------------------------------------------------- */

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
  return snprintf(directory, sizeof(directory), "%.*s", length, slash ? path : ".") < PATH_MAX &&
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

/* The lowered file is kept beside the output, unless its name would be too long or the input's. A
 * link in its place is not followed: the user did not name that file. */
static bool choose_lowered(const char *path, const char *input, paths *out) {
  static const char suffix[] = ".ptolower.pto";
  struct stat existing;
  size_t name = strlen(path) - (size_t)directory_length(path);
  int length = snprintf(out->lowered, sizeof(out->lowered), "%s%s", path, suffix);
  if (name + sizeof(suffix) - 1 > NAME_MAX || length >= (int)sizeof(out->lowered) ||
      is_same_file(out->lowered, input)) {
    return drop_lowered(out);
  }
  if (lstat(out->lowered, &existing) == 0 && S_ISLNK(existing.st_mode)) {
    unlink(out->lowered);
  }
  return true;
}

bool paths_choose(const char *path, const char *input, bool keep, paths *out) {
  struct stat existing;
  *out = (paths){0};
  remove_at_the_end(out);
  bool exists = path && stat(path, &existing) == 0;
  if (!path || (exists && !S_ISREG(existing.st_mode))) {
    return choose_temporary(out);
  }
  if (!exists || !realpath(path, out->target)) {
    if (strlen(path) >= sizeof(out->target)) {
      errno = ENAMETOOLONG;
      return false;
    }
    strcpy(out->target, path);
  }
  if (!is_open_directory(out->target) || !is_open_directory(path)) {
    return choose_temporary(out);
  }
  out->is_whole = true;
  return make_directory(out, out->target, directory_length(out->target)) &&
         (keep ? choose_lowered(path, input, out) : drop_lowered(out));
}

bool paths_finish(const paths *out, compile which) {
  struct stat existing;
  if (!out->is_whole) {
    return true;
  }
  const char *written = out->temporaries[which];
  if (stat(out->target, &existing) == 0) {
    (void)!chmod(written, existing.st_mode & 07777); /* as if it had been written over */
  }
  return rename(written, out->target) == 0 || errno == ENOENT;
}
