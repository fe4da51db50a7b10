/* Finds the real ptoas: passes over files with the drop-in's own bytes, and over those that an
 * outer call has tried. */
#include "find.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/program.h"
#include "common/say.h"

static const char guard_name[] = "PTOLOWER_PTOAS_GUARD";

enum { ID_SIZE = 48, GUARD_SIZE = 4096 };

/* The files gone through, as "|device:inode|device:inode|". */
typedef struct guard {
  char text[GUARD_SIZE];
} guard;

static void guard_read(guard *seen) {
  const char *value = getenv(guard_name);
  snprintf(seen->text, sizeof(seen->text), "%s", value && *value ? value : "|");
}

static void id_of(const struct stat *file, char id[ID_SIZE]) {
  snprintf(id, ID_SIZE, "|%llx:%llx|", (unsigned long long)file->st_dev,
           (unsigned long long)file->st_ino);
}

static bool guard_holds(const guard *seen, const struct stat *file) {
  char id[ID_SIZE];
  id_of(file, id);
  return strstr(seen->text, id) != NULL;
}

static void guard_add(guard *seen, const struct stat *file) {
  char id[ID_SIZE];
  id_of(file, id);
  size_t length = strlen(seen->text);
  if (!strstr(seen->text, id) && length + strlen(id) < sizeof(seen->text)) {
    memcpy(seen->text + length, id + 1, strlen(id)); /* they share a bar */
  }
}

bool own_path(char path[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (length > 0) {
    path[length] = '\0';
    return true;
  }
  const char *executed = (const char *)getauxval(AT_EXECFN); /* where /proc is not mounted */
  return executed && realpath(executed, path);
}

/* Reads up to `size` bytes; -1 on failure. */
static ssize_t read_file(const char *path, char *buffer, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd >= 0 ? read(fd, buffer, size) : -1;
  if (fd >= 0) {
    close(fd);
  }
  return length;
}

/* Whether the file has our own bytes. The real ptoas seldom has our size, so that this costs
 * nothing but where a copy is met. */
static bool is_copy_of_us(const char *path, const struct stat *file) {
  char self[PATH_MAX];
  struct stat own;
  if (!own_path(self) || stat(self, &own) != 0 || own.st_size != file->st_size) {
    return false;
  }
  size_t size = (size_t)own.st_size;
  char *both = malloc(2 * size);
  bool same = both && read_file(self, both, size) == (ssize_t)size &&
              read_file(path, both + size, size) == (ssize_t)size &&
              memcmp(both, both + size, size) == 0;
  free(both);
  return same;
}

/* Whether it has not been gone through. */
static bool is_new(const char *path, const struct stat *file, const void *seen) {
  return !guard_holds(seen, file) && !is_copy_of_us(path, file);
}

/* Takes PTOLOWER_PTOAS; false if it cannot be executed, which has been reported. `*taken` is false
 * if it leads back here, so that PATH decides. */
static bool take_named(const char *named, const guard *seen, real_ptoas *out, struct stat *file,
                       bool *taken) {
  *taken = false;
  if (!program_is(named, file)) {
    dropin_say(true, PTL_CODE_DROPIN_NO_PTOAS,
               "PTOLOWER_PTOAS is '%s', which is no program; set it to the real ptoas", named);
    return false;
  }
  *taken = is_new(named, file, seen);
  snprintf(out->path, sizeof(out->path), "%s", named);
  return true;
}

static void report_missing(const char *named) {
  if (named) {
    dropin_say(true, PTL_CODE_DROPIN_NO_PTOAS,
               "PTOLOWER_PTOAS is '%s', which is the drop-in itself, and PATH has no "
               "other ptoas; set PTOLOWER_PTOAS to the real one",
               named);
  } else {
    dropin_say(true, PTL_CODE_DROPIN_NO_PTOAS,
               "PATH has no ptoas but this drop-in; set PTOLOWER_PTOAS to the real one");
  }
}

bool real_ptoas_find(const char *named, real_ptoas *out) {
  guard seen;
  struct stat file;
  bool taken = false;
  guard_read(&seen);
  out->is_guarded = seen.text[1] != '\0';
  char self[PATH_MAX];
  if (own_path(self) && stat(self, &file) == 0) {
    guard_add(&seen, &file);
  }
  if (named && !take_named(named, &seen, out, &file, &taken)) {
    return false;
  }
  if (!taken && !program_search(is_new, &seen, out->path, &file)) {
    report_missing(named);
    return false;
  }
  guard_add(&seen, &file);
  return setenv(guard_name, seen.text, 1) == 0;
}
