/* Writes how far a command is, at most once a second. */
#include "common/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

progress progress_begin(void) {
  return (progress){.is_shown = isatty(STDERR_FILENO), .last = time(NULL)};
}

void progress_tell(progress *p, size_t done, size_t all, const char *file) {
  time_t now = time(NULL);
  if (p->is_shown && now > p->last) {
    p->last = now;
    p->has_line = true;
    enum { SHOWN = 48 };
    size_t length = strlen(file);
    fprintf(stderr, "\r\033[K%zu of %zu  %s", done, all,
            file + (length > SHOWN ? length - SHOWN : 0));
    fflush(stderr);
  }
}

void progress_end(const progress *p) {
  if (p->has_line) {
    fputs("\r\033[K", stderr);
  }
}
