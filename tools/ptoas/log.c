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

/* What is known of the flags of a function; `*known` is its line of the proof, and moves on. */
static void end_line(FILE *out, const proof *proof, bool is_fused, const char **known) {
  fputs(",\"sync\":", out);
  if (proof && !proof->functions && is_fused) {
    fputs("{\"verdict\":\"not followed\",", out);
    put_string(out, "text", proof->reason);
    fputc('}', out);
  } else if (*known && **known) {
    size_t length = strcspn(*known, "\n");
    fwrite(*known, 1, length, out);
    *known += length + ((*known)[length] == '\n');
  } else {
    fputs("null", out);
  }
  fputs("}\n", out);
}

/* `{"fused":true,...}` goes on the file's line; of a file whose original is compiled nothing is
 * fused. */
static void put_kernel(FILE *out, const log_entry *entry, const char *line, size_t length,
                       const char **known) {
  static const char fused[] = "{\"fused\":true";
  size_t skipped = 1;
  bool is_fused = length > sizeof(fused) && !memcmp(line, fused, sizeof(fused) - 1);
  bool is_dropped = entry->is_rejected || (entry->proof && entry->proof->fails);
  begin_line(out, entry);
  if (is_fused && is_dropped) {
    fputs("\"fused\":false", out);
    skipped = sizeof(fused) - 1;
  }
  fwrite(line + skipped, 1, length - skipped - 1, out);
  end_line(out, entry->proof, is_fused, known);
}

static void put_failure(FILE *out, const log_entry *entry) {
  begin_line(out, entry);
  fprintf(out, "\"fused\":false,\"kernel\":null,\"code\":\"PTL%03d\",",
          PTL_CODE_DROPIN_NOT_LOWERED);
  put_string(out, "why", entry->why);
  fputs(",\"cycles\":null,\"buffers\":null,\"certificate\":null,\"sync\":null}\n", out);
}

/* All lines of an entry, to be freed; NULL if memory is out. */
static char *format_entry(const log_entry *entry, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  const char *known = entry->proof ? entry->proof->functions : NULL;
  if (!entry->kernels) {
    put_failure(out, entry);
  }
  for (const char *at = entry->kernels; at && *at;) {
    size_t line = strcspn(at, "\n");
    if (line > 1) {
      put_kernel(out, entry, at, line, &known);
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
