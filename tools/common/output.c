/* Writes all outputs of a call as temporary files, and renames them when all are whole. */
#include "common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/report.h"

/* The files that are being written, for the signal handler. */
static output_file *volatile pending;
static volatile size_t pending_count;

static void remove_temporaries(int signal_number) {
  for (size_t i = 0; i < pending_count; i++) {
    if (pending[i].temporary) {
      unlink(pending[i].temporary);
    }
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/* Ctrl-C and the like remove temporary files, and so does a reader that went away (as in `| head`),
 * which needs no message. A file that grew too large is an error of write(). */
static void set_up_signals(void) {
  static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
    struct sigaction old;
    if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
      signal(deadly[i], remove_temporaries);
    }
  }
  signal(SIGXFSZ, SIG_IGN);
}

static const char *shown_name(const output_file *file) {
  return strcmp(file->path, "-") == 0 ? "<stdout>" : file->path;
}

static bool failed(const output_file *file) {
  report_error("cannot write '%s': %s", shown_name(file), strerror(errno));
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

static bool open_temporary(output_file *file) {
  const struct stat *existing = file->exists ? &file->existing : NULL;
  if (existing && access(file->path, W_OK) != 0) {
    return false; /* a rename would not ask */
  }
  char *temporary = file->target ? temporary_template(file->target) : NULL;
  file->fd = temporary ? mkstemp(temporary) : -1;
  if (file->fd < 0) {
    free(temporary);
    return false;
  }
  file->temporary = temporary;
  return fchmod(file->fd, final_mode(existing)) == 0;
}

/* What is there, and what a rename will replace; a standard stream is open. */
static bool look_at(output_file *file) {
  file->target = file->temporary = NULL;
  file->fd = standard_stream(file->path);
  if (file->fd >= 0) {
    file->exists = fstat(file->fd, &file->existing) == 0;
    return true;
  }
  file->exists = stat(file->path, &file->existing) == 0;
  if (!file->exists && errno != ENOENT) {
    return failed(file);
  }
  if (file->exists && !S_ISREG(file->existing.st_mode)) {
    return true;
  }
  file->target = resolve(file->path);
  return file->target || failed(file);
}

static bool is_regular(const output_file *file) {
  return file->exists && S_ISREG(file->existing.st_mode);
}

/* Devices are as many files as they are opened. */
static bool is_same(const output_file *a, const output_file *b) {
  if (is_regular(a) && is_regular(b)) {
    return a->existing.st_dev == b->existing.st_dev && a->existing.st_ino == b->existing.st_ino;
  }
  return a->target && b->target ? strcmp(a->target, b->target) == 0 : a->fd >= 0 && a->fd == b->fd;
}

/* Whether no file is an input, and none is another one. */
static bool are_apart(const output_file *files, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (is_regular(&files[i]) && file_was_read(&files[i].existing)) {
      report_usage("'%s' is an input: nothing was written over it; name another output",
                   shown_name(&files[i]));
      return false;
    }
    for (size_t j = 0; j < i; j++) {
      if (is_same(&files[i], &files[j])) {
        report_usage("'%s' and '%s' are the same file", shown_name(&files[j]),
                     shown_name(&files[i]));
        return false;
      }
    }
  }
  return true;
}

/* Opens the temporary file, or the file itself if it is none that can be replaced. */
static bool open_file(output_file *file) {
  if (file->target) {
    return open_temporary(file) || failed(file);
  }
  if (file->fd < 0) {
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
  }
  return file->fd >= 0 || failed(file);
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
  for (size_t i = 0; i < count && ok; i++) {
    ok = !files[i].target || fill_file(&files[i]);
  }
  for (size_t i = 0; i < count && ok; i++) {
    ok = files[i].target || fill_file(&files[i]);
  }
  return ok;
}

static bool rename_file(output_file *file) {
  if (!file->temporary) {
    return true;
  }
  if (rename(file->temporary, file->target) != 0) {
    return failed(file);
  }
  char *renamed = file->temporary;
  file->temporary = NULL;
  free(renamed);
  return true;
}

static void release_file(output_file *file) {
  if (file->fd > STDERR_FILENO) {
    close(file->fd);
  }
  if (file->temporary) {
    unlink(file->temporary);
  }
  char *temporary = file->temporary;
  file->temporary = NULL;
  free(temporary);
  free(file->target);
}

static bool write_files(output_file *files, size_t count) {
  bool ok = true;
  for (size_t i = 0; i < count && ok; i++) {
    ok = open_file(&files[i]);
  }
  ok = ok && fill_files(files, count);
  for (size_t i = count; i > 0 && ok; i--) { /* the main one last */
    ok = rename_file(&files[i - 1]);
  }
  return ok;
}

ptolower_status output_write(output_file *files, size_t count) {
  ptolower_status status = PTOLOWER_OK;
  size_t looked_at = 0;
  for (; looked_at < count && status == PTOLOWER_OK; looked_at++) {
    status = look_at(&files[looked_at]) ? PTOLOWER_OK : PTOLOWER_REFUSED;
  }
  if (status == PTOLOWER_OK && !are_apart(files, count)) {
    status = PTOLOWER_USAGE;
  }
  pending = files;
  pending_count = looked_at;
  set_up_signals();
  if (status == PTOLOWER_OK && !write_files(files, count)) {
    status = PTOLOWER_REFUSED;
  }
  for (size_t i = 0; i < looked_at; i++) {
    release_file(&files[i]);
  }
  pending_count = 0;
  return status;
}

ptolower_status output_print(const char *text) {
  output_file file = {.path = "-", .text = text, .length = strlen(text)};
  return output_write(&file, 1);
}
