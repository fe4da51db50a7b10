/* Appends one line of JSON for each kernel to PTOLOWER_LOG, in one write, so that parallel builds
 * do not mix lines. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/say.h"

/* How many bytes the character at `text` takes; 0: it is none of UTF-8. */
static size_t character_length(const char *text) {
  unsigned char c = (unsigned char)*text;
  size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < length; i++) {
    if (((unsigned char)text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}

/* Writes a string's characters as JSON has them; paths may be any bytes. */
static void put_escaped(FILE *out, const char *text) {
  for (size_t length; *text; text += length ? length : 1) {
    length = character_length(text);
    if (length == 0) {
      fputs("\\ufffd", out);
    } else if (*text == '"' || *text == '\\') {
      fprintf(out, "\\%c", *text);
    } else if (length == 1 && *text < 0x20) {
      fprintf(out, "\\u%04x", (unsigned)*text);
    } else {
      fwrite(text, 1, length, out);
    }
  }
}

static void put_string(FILE *out, const char *key, const char *text) {
  fprintf(out, "\"%s\":", key);
  if (!text) {
    fputs("null", out);
    return;
  }
  fputc('"', out);
  put_escaped(out, text);
  fputc('"', out);
}

/* Each line begins with the file's part. */
static void begin_line(FILE *out, const log_entry *entry) {
  fputc('{', out);
  put_string(out, "input", entry->input);
  fputc(',', out);
  put_string(out, "output", entry->output);
  fprintf(out, ",\"rejected\":%s,", entry->is_rejected ? "true" : "false");
}

/* `{"fused":true,...}` goes on the file's line; a kernel that ptoas rejected is not fused. */
static void put_kernel(FILE *out, const log_entry *entry, const char *line, size_t length) {
  static const char fused[] = "{\"fused\":true";
  size_t skipped = 1;
  begin_line(out, entry);
  if (entry->is_rejected && length > sizeof(fused) && !memcmp(line, fused, sizeof(fused) - 1)) {
    fputs("\"fused\":false", out);
    skipped = sizeof(fused) - 1;
  }
  fwrite(line + skipped, 1, length - skipped, out);
  fputc('\n', out);
}

static void put_failure(FILE *out, const log_entry *entry) {
  begin_line(out, entry);
  fprintf(out, "\"fused\":false,\"kernel\":null,\"code\":\"PTL%03d\",",
          PTL_CODE_DROPIN_NOT_LOWERED);
  put_string(out, "why", entry->why);
  fputs(",\"cycles\":null,\"buffers\":null,\"certificate\":null}\n", out);
}

/* All lines of an entry, to be freed; NULL if memory is out. */
static char *format_entry(const log_entry *entry, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  if (!entry->kernels) {
    put_failure(out, entry);
  }
  for (const char *at = entry->kernels; at && *at;) {
    size_t line = strcspn(at, "\n");
    if (line > 1) {
      put_kernel(out, entry, at, line);
    }
    at += line + (at[line] == '\n');
  }
  if (fclose(out) != 0) {
    free(text);
    return NULL;
  }
  return text;
}

void log_append(const char *path, const log_entry *entry) {
  size_t length;
  char *text = path ? format_entry(entry, &length) : NULL;
  if (!text) {
    return;
  }
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0 || write(fd, text, length) != (ssize_t)length) {
    dropin_say(false, PTL_CODE_DROPIN_LOG, "the log '%s' cannot be written: %s", path,
               strerror(errno));
  }
  if (fd >= 0) {
    close(fd);
  }
  free(text);
}
