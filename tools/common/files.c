/* Reads whole files and standard input, remembers which were read, and makes scratch files that
 * go away with the process. */
#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/grow.h"
#include "common/report.h"

/* Bytes that are read at once, at least. */
enum { PIECE = 1 << 16 };

static bool read_all(int fd, file_text *text) {
  size_t capacity = 0;
  for (;;) {
    char *data = grow(text->data, text->length + PIECE + 1, &capacity, 1);
    if (!data) {
      return false;
    }
    text->data = data;
    ssize_t count = read(fd, text->data + text->length, capacity - text->length - 1);
    if (count == 0) {
      text->data[text->length] = '\0';
      return true;
    }
    if (count < 0 && errno != EINTR) {
      return false;
    }
    text->length += count > 0 ? (size_t)count : 0;
  }
}

/* ---- what was read ------------------------------------------------------ */

typedef struct file_id {
  dev_t device;
  ino_t inode;
} file_id;

static file_id *files_read; /* lives as long as the process */
static size_t files_read_count, files_read_capacity;

/* Of other things than regular files, as a terminal, nothing is lost by writing. */
static bool remember(int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || file_was_read(&file)) {
    return true;
  }
  file_id *items = grow(files_read, files_read_count + 1, &files_read_capacity, sizeof(*items));
  if (!items) {
    return false;
  }
  files_read = items;
  files_read[files_read_count++] = (file_id){file.st_dev, file.st_ino};
  return true;
}

bool file_was_read(const struct stat *file) {
  for (size_t i = 0; i < files_read_count; i++) {
    if (files_read[i].device == file->st_dev && files_read[i].inode == file->st_ino) {
      return true;
    }
  }
  return false;
}

/* Whether standard input is still there to be read: it can be read once. */
static bool take_standard_input(void) {
  static bool is_taken;
  bool is_first = !is_taken;
  is_taken = true;
  if (!is_first) {
    report_error("'-' names standard input, which can be read only once");
  }
  return is_first;
}

const char *file_shown(const char *path) { return strcmp(path, "-") == 0 ? "<stdin>" : path; }

bool file_read(const char *path, file_text *out) {
  bool is_stdin = strcmp(path, "-") == 0;
  *out = (file_text){0};
  if (is_stdin && !take_standard_input()) {
    return false;
  }
  int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && remember(fd) && read_all(fd, out);
  if (!ok) {
    report_error("cannot read '%s': %s", file_shown(path), strerror(errno));
    file_text_free(out);
  }
  if (fd >= 0 && !is_stdin) {
    close(fd);
  }
  return ok;
}

/* ---- the scratch directory ---------------------------------------------- */

static char scratch[PATH_MAX];
static pid_t scratch_owner; /* its children do not remove it */

static void remove_scratch(int signal_number) {
  if (getpid() == scratch_owner) {
    pid_t pid = fork();
    if (pid == 0) {
      execl("/bin/rm", "rm", "-rf", "--", scratch, (char *)NULL);
      _exit(127);
    }
    waitpid(pid, NULL, 0);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

static void remove_when_killed(const char *path) {
  static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
  snprintf(scratch, sizeof(scratch), "%s", path);
  scratch_owner = getpid();
  for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
    struct sigaction old;
    if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
      signal(deadly[i], remove_scratch);
    }
  }
}

bool file_scratch(char path[PATH_MAX]) {
  const char *parent = getenv("TMPDIR");
  parent = parent && *parent ? parent : "/tmp";
  bool fits = snprintf(path, PATH_MAX, "%s/ptolower-XXXXXX", parent) < PATH_MAX;
  bool ok = fits && mkdtemp(path);
  if (!ok) {
    report_error("no directory can be made in '%s': %s", parent,
                 strerror(fits ? errno : ENAMETOOLONG));
    return false;
  }
  remove_when_killed(path);
  return true;
}

void file_text_free(file_text *text) {
  free(text->data);
  *text = (file_text){0};
}
