#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

/* The temporary files there are, for the signal handler. */
static char *volatile temporaries[OUTPUT_MAX_FILES];

static void remove_temporaries(int signal_number) {
  for (size_t i = 0; i < OUTPUT_MAX_FILES; ++i) {
    if (temporaries[i]) {
      unlink(temporaries[i]);
    }
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/* Ctrl-C and the like remove temporary files; a reader that went away and a file
 * that grew too large are errors of write(). */
static void set_up_signals(void) {
  static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; ++i) {
    struct sigaction old;
    if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
      signal(deadly[i], remove_temporaries);
    }
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

static bool failed(const output_file *file) {
  const char *name = strcmp(file->path, "-") == 0 ? "<stdout>" : file->path;
  report_error("cannot write '%s': %s", name, strerror(errno));
  return false;
}

/* The standard stream that the path names, or -1. */
static int standard_stream(const char *path) {
  if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0) {
    return STDOUT_FILENO;
  }
  return strcmp(path, "/dev/stderr") == 0 ? STDERR_FILENO : -1;
}

/* `directory`/`name`, to be freed; NULL if memory is out. */
static char *join_path(const char *directory, const char *name) {
  size_t size = strlen(directory) + strlen(name) + 2;
  char *path = malloc(size);
  if (path) {
    snprintf(path, size, "%s/%s", directory, name);
  }
  return path;
}

/* The directory of `path`, to be freed; NULL if memory is out. */
static char *directory_of(const char *path) {
  char *copy = strdup(path);
  char *directory = copy ? strdup(dirname(copy)) : NULL;
  free(copy);
  return directory;
}

/* The absolute path that a rename has to replace: of the file there is, links followed,
 * else of the one there will be. */
static char *resolve(const char *path) {
  char *target = realpath(path, NULL);
  if (target || errno != ENOENT) {
    return target;
  }
  char *directory = directory_of(path);
  char *absolute = directory ? realpath(directory, NULL) : NULL;
  const char *slash = strrchr(path, '/');
  target = absolute ? join_path(absolute, slash ? slash + 1 : path) : NULL;
  free(directory);
  free(absolute);
  return target;
}

/* A template for mkstemp in the directory of `target`. */
static char *temporary_template(const char *target) {
  char *directory = directory_of(target);
  char *result = directory ? join_path(directory, ".ptolower-XXXXXX") : NULL;
  free(directory);
  return result;
}

/* What the file's mode is to be: that of the file there is, or what umask leaves. */
static mode_t final_mode(const struct stat *existing) {
  if (existing) {
    return existing->st_mode & 07777;
  }
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

static bool open_temporary(output_file *file, size_t index, const struct stat *existing) {
  if (existing && access(file->path, W_OK) != 0) {
    return false; /* a rename would not ask */
  }
  file->target = resolve(file->path);
  char *temporary = file->target ? temporary_template(file->target) : NULL;
  file->fd = temporary ? mkstemp(temporary) : -1;
  if (file->fd < 0) {
    free(temporary);
    return false;
  }
  file->temporary = temporaries[index] = temporary;
  return fchmod(file->fd, final_mode(existing)) == 0;
}

/* Opens the temporary file, or the file itself if it is none that can be replaced. */
static bool open_file(output_file *file, size_t index) {
  struct stat existing;
  file->target = file->temporary = NULL;
  file->fd = standard_stream(file->path);
  if (file->fd >= 0) {
    return true;
  }
  bool exists = stat(file->path, &existing) == 0;
  if (!exists && errno != ENOENT) {
    return failed(file);
  }
  if (exists && !S_ISREG(existing.st_mode)) {
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
    return file->fd >= 0 || failed(file);
  }
  return open_temporary(file, index, exists ? &existing : NULL) || failed(file);
}

static bool write_all(int fd, const char *text, size_t length) {
  while (length > 0) {
    ssize_t count = write(fd, text, length);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    text += count > 0 ? count : 0;
    length -= count > 0 ? (size_t)count : 0;
  }
  return true;
}

/* Writes and closes. */
static bool fill_file(output_file *file) {
  bool ok = write_all(file->fd, file->text, file->length);
  int fd = file->fd;
  file->fd = -1;
  if (fd > STDERR_FILENO) {
    int error = errno;
    bool closed = close(fd) == 0;
    errno = ok ? errno : error;
    ok = ok && closed;
  }
  return ok || failed(file);
}

/* Temporary files first: what went to a pipe cannot be taken back. */
static bool fill_files(output_file *files, size_t count) {
  bool ok = true;
  for (size_t i = 0; i < count && ok; ++i) {
    ok = !files[i].target || fill_file(&files[i]);
  }
  for (size_t i = 0; i < count && ok; ++i) {
    ok = files[i].target || fill_file(&files[i]);
  }
  return ok;
}

static bool rename_file(output_file *file, size_t index) {
  if (!file->temporary) {
    return true;
  }
  if (rename(file->temporary, file->target) != 0) {
    return failed(file);
  }
  temporaries[index] = NULL;
  free(file->temporary);
  file->temporary = NULL;
  return true;
}

static void release_file(output_file *file, size_t index) {
  if (file->fd > STDERR_FILENO) {
    close(file->fd);
  }
  if (file->temporary) {
    unlink(file->temporary);
    temporaries[index] = NULL;
  }
  free(file->temporary);
  free(file->target);
}

static bool are_distinct(const output_file *files, size_t count) {
  const char *first = count > 1 ? files[0].target : NULL;
  bool same = first && files[1].target && strcmp(first, files[1].target) == 0;
  if (same) {
    report_error("'%s' and '%s' are the same file", files[0].path, files[1].path);
  }
  return !same;
}

bool output_write(output_file *files, size_t count) {
  bool ok = true;
  size_t opened = 0;
  set_up_signals();
  for (; opened < count && ok; ++opened) {
    ok = open_file(&files[opened], opened);
  }
  ok = ok && are_distinct(files, count) && fill_files(files, count);
  for (size_t i = count; i > 0 && ok; --i) { /* the main one last */
    ok = rename_file(&files[i - 1], i - 1);
  }
  for (size_t i = 0; i < opened; ++i) {
    release_file(&files[i], i);
  }
  return ok;
}

bool output_print(const char *text) {
  output_file file = {.path = "-", .text = text, .length = strlen(text)};
  return output_write(&file, 1);
}
