/* Keeps the version of the real ptoas in the user's cache directory. */
#include "version.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What tells a program from another one, and from itself after a change. */
enum { IDENTITY_SIZE = 128 };

static void identity_of(const struct stat *file, char identity[IDENTITY_SIZE]) {
  snprintf(identity, IDENTITY_SIZE, "%llx:%llx %lld %lld.%09ld ", (unsigned long long)file->st_dev,
           (unsigned long long)file->st_ino, (long long)file->st_size,
           (long long)file->st_mtim.tv_sec, file->st_mtim.tv_nsec);
}

/* ---- the directory -------------------------------------------------------- */

/* The directory above ours, of absolute paths only; false if no variable names one. */
static bool cache_home(char path[PATH_MAX]) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  int length = -1;
  if (cache && cache[0] == '/') {
    length = snprintf(path, PATH_MAX, "%s", cache);
  } else if (home && home[0] == '/') {
    length = snprintf(path, PATH_MAX, "%s/.cache", home);
  }
  return length > 0 && length < PATH_MAX;
}

/* Opens our directory, which nobody else can write into; -1 if there can be none. */
static int open_directory(void) {
  char home[PATH_MAX], path[PATH_MAX + sizeof "/ptolower"];
  struct stat file;
  if (!cache_home(home)) {
    return -1;
  }
  (void)mkdir(home, 0700);
  snprintf(path, sizeof(path), "%s/ptolower", home);
  (void)mkdir(path, 0700);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  bool is_private = fd >= 0 && fstat(fd, &file) == 0 && file.st_uid == geteuid() &&
                    (file.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (fd >= 0 && !is_private) {
    close(fd);
  }
  return is_private ? fd : -1;
}

/* ---- the file ------------------------------------------------------------- */

enum { NAME_SIZE = 64 };

static void name_of(const struct stat *file, char name[NAME_SIZE]) {
  snprintf(name, NAME_SIZE, "ptoas-%llx-%llx", (unsigned long long)file->st_dev,
           (unsigned long long)file->st_ino);
}

/* What is kept of a program with that identity: its version, or `-`. False: nothing that is
 * whole. */
static bool recall(int directory, const char *name, const char *identity,
                   char version[PTOAS_VERSION_SIZE]) {
  char text[IDENTITY_SIZE + PTOAS_VERSION_SIZE + 2];
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t count = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
  if (fd >= 0) {
    close(fd);
  }
  size_t known = strlen(identity), length = count > 0 ? (size_t)count : 0;
  if (length <= known + 1 || memcmp(text, identity, known) != 0 || text[length - 1] != '\n') {
    return false;
  }
  text[length - 1] = '\0';
  const char *kept = text + known;
  bool is_unknown = strcmp(kept, "-") == 0;
  if (!is_unknown && !ptoas_is_version(kept)) {
    return false;
  }
  snprintf(version, PTOAS_VERSION_SIZE, "%s", is_unknown ? "" : kept);
  return true;
}

/* A new file for what will be kept; -1 if there can be none. */
static int create(int directory, const char *name, char temporary[NAME_SIZE + 16]) {
  snprintf(temporary, NAME_SIZE + 16, "%s.%ld", name, (long)getpid());
  (void)unlinkat(directory, temporary, 0);
  return openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* Fills the new file, and puts it in the place of the old one as a whole. */
static bool keep(int directory, int fd, const char *temporary, const char *name,
                 const char *identity, const char *version) {
  char text[IDENTITY_SIZE + PTOAS_VERSION_SIZE + 2];
  int length = snprintf(text, sizeof(text), "%s%s\n", identity, *version ? version : "-");
  return write(fd, text, (size_t)length) == length &&
         renameat(directory, temporary, directory, name) == 0;
}

/* Whether the program is still what it was. */
static bool is_same(const char *program, const char *identity) {
  struct stat file;
  char now[IDENTITY_SIZE];
  if (stat(program, &file) != 0) {
    return false;
  }
  identity_of(&file, now);
  return strcmp(now, identity) == 0;
}

/* Asks only if the answer can be kept. */
static void ask(int directory, const char *program, const char *name, const char *identity,
                char version[PTOAS_VERSION_SIZE]) {
  char temporary[NAME_SIZE + 16];
  int fd = create(directory, name, temporary);
  if (fd < 0) {
    return;
  }
  bool is_answered = ptoas_ask_version(program, version) && is_same(program, identity);
  if (!is_answered || !keep(directory, fd, temporary, name, identity, version)) {
    version[0] = '\0';
    (void)unlinkat(directory, temporary, 0);
  }
  close(fd);
}

void real_version(const char *program, char version[PTOAS_VERSION_SIZE]) {
  struct stat file;
  char name[NAME_SIZE], identity[IDENTITY_SIZE];
  int directory = stat(program, &file) == 0 ? open_directory() : -1;
  version[0] = '\0';
  if (directory < 0) {
    return;
  }
  name_of(&file, name);
  identity_of(&file, identity);
  if (!recall(directory, name, identity, version)) {
    ask(directory, program, name, identity, version);
  }
  close(directory);
}
