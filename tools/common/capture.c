/* Keeps the output of a child in an anonymous file, and replays it. */
#define _GNU_SOURCE
#include "common/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int capture_open(void) { return memfd_create("ptolower", MFD_CLOEXEC); }

char *capture_text(int fd, size_t *length) {
  struct stat file;
  if (fstat(fd, &file) != 0) {
    return NULL;
  }
  char *text = malloc((size_t)file.st_size + 1);
  ssize_t count = text ? pread(fd, text, (size_t)file.st_size, 0) : -1;
  if (count < 0) {
    free(text);
    return NULL;
  }
  text[count] = '\0';
  *length = (size_t)count;
  return text;
}

bool capture_replay(int fd, int to) {
  size_t length;
  char *text = capture_text(fd, &length);
  size_t done = 0;
  while (text && done < length) {
    ssize_t count = write(to, text + done, length - done);
    if (count < 0 && errno != EINTR) {
      break;
    }
    done += count > 0 ? (size_t)count : 0;
  }
  free(text);
  return text && done == length;
}
