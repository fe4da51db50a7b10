/* Reads versions of ptoas, and asks a ptoas for its own. */
#include "common/ptoas_version.h"

#include <ctype.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/capture.h"
#include "common/child.h"

enum { MOST_DIGITS = 4, ASK_SECONDS = 5 };

static size_t digits_at(const char *text) {
  size_t count = 0;
  while (isdigit((unsigned char)text[count])) {
    count++;
  }
  return count;
}

/* Bytes of the version at `text`; 0: there is none. */
static size_t version_at(const char *text) {
  size_t length = digits_at(text);
  int numbers = length > 0 && length <= MOST_DIGITS;
  while (numbers > 0 && text[length] == '.') {
    size_t count = digits_at(text + length + 1);
    if (count == 0 || count > MOST_DIGITS) {
      return 0;
    }
    length += 1 + count;
    numbers++;
  }
  return numbers >= 2 && length < PTOAS_VERSION_SIZE ? length : 0;
}

bool ptoas_is_version(const char *word) {
  size_t length = version_at(word);
  return length > 0 && !word[length];
}

/* `ptoas 0.60`; there may be lines of others before it, and a label after the name. */
static void find_version(const char *text, char version[PTOAS_VERSION_SIZE]) {
  const char *at = strstr(text, "ptoas ");
  size_t length = 0;
  while (at && *at && *at != '\n' && !(length = version_at(at))) {
    at += digits_at(at) + (digits_at(at) == 0);
  }
  memcpy(version, length > 0 ? at : "", length);
  version[length] = '\0';
}

bool ptoas_ask_version(const char *program, char version[PTOAS_VERSION_SIZE]) {
  char *words[] = {(char *)program, "--version", NULL};
  int null = open("/dev/null", O_RDWR | O_CLOEXEC), said = capture_open();
  child ptoas = {
      .words = words, .in_fd = null, .out_fd = said, .err_fd = null, .seconds = ASK_SECONDS};
  child_end end;
  bool ok = null >= 0 && said >= 0 && child_run(&ptoas, &end) && WIFEXITED(end.status);
  size_t length;
  char *text = ok ? capture_text(said, &length) : NULL;
  version[0] = '\0';
  if (text) {
    find_version(text, version);
  }
  free(text);
  close(null);
  close(said);
  return text != NULL;
}
