/* Copies and drops text of the user's file so that what follows keeps its line, and writes the
 * place of an op as a location in MLIR's syntax. */
#include "asm/reader.h"

#include <stdbool.h>
#include <string.h>

void ptl_reader_place(ptl_reader *reader, const char *at, int *line, int *column) {
  for (;;) {
    const char *begin = reader->line_begin;
    const char *newline = at > begin ? memchr(begin, '\n', (size_t)(at - begin)) : NULL;
    if (!newline) {
      break;
    }
    reader->line_begin = newline + 1;
    reader->line++;
  }
  *line = reader->line;
  *column = (int)(at - reader->line_begin) + 1;
}

void ptl_reader_copy(ptl_reader *reader, const char *to) {
  ptl_str text = {reader->copied, (size_t)(to - reader->copied)};
  ptl_canonical_copy(&reader->spellings, text, reader->out);
  reader->copied = to;
}

static size_t count_newlines(const char *at, const char *end) {
  size_t count = 0;
  while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
    count++;
    at++;
  }
  return count;
}

/* Drops the text up to `to`; its line breaks stay but for so many. */
static void drop_but_lines(ptl_reader *reader, const char *to, size_t fewer) {
  size_t count = count_newlines(reader->copied, to);
  for (size_t i = fewer; i < count; i++) {
    ptl_strbuf_puts(reader->out, "\n");
  }
  reader->copied = to;
}

void ptl_reader_drop(ptl_reader *reader, const char *to) { drop_but_lines(reader, to, 0); }

void ptl_reader_keep_lines(ptl_reader *reader, const char *to, size_t mark) {
  const ptl_strbuf *out = reader->out;
  drop_but_lines(reader, to, count_newlines(out->data + mark, out->data + out->length));
}

static bool stands_for_itself(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void ptl_asm_add_quoted(ptl_strbuf *out, const char *text) {
  ptl_strbuf_puts(out, "\"");
  for (;;) {
    const char *run = text;
    while (stands_for_itself(*text)) {
      text++;
    }
    ptl_strbuf_add(out, run, (size_t)(text - run));
    if (!*text) {
      break;
    }
    bool is_printed = *text == '"' || *text == '\\';
    ptl_strbuf_printf(out, is_printed ? "\\%c" : "\\%02X", (unsigned char)*text);
    text++;
  }
  ptl_strbuf_puts(out, "\"");
}

static void add_name(const ptl_frame *frame, ptl_strbuf *out) {
  ptl_strbuf_puts(out, "\"");
  ptl_strbuf_add_str(out, frame->name);
  ptl_strbuf_puts(out, "\"");
}

static void add_place(const ptl_reader *reader, const ptl_frame *frame) {
  ptl_strbuf *out = reader->out;
  bool has_own = frame->location.length > 0;
  ptl_strbuf_puts(out, has_own ? "fused[" : "");
  ptl_strbuf_add_str(out, reader->quoted_file);
  ptl_strbuf_puts(out, ":");
  ptl_strbuf_number(out, frame->line);
  ptl_strbuf_puts(out, ":");
  ptl_strbuf_number(out, frame->column);
  if (has_own) {
    ptl_strbuf_puts(out, ", ");
    ptl_strbuf_add_str(out, frame->location);
    ptl_strbuf_puts(out, "]");
  }
}

void ptl_reader_add_location(ptl_reader *reader, const ptl_frame *frame) {
  ptl_strbuf *out = reader->out;
  bool has_name = frame->name.length > 0;
  if (!has_name && !reader->has_places) {
    return;
  }
  ptl_strbuf_puts(out, " loc(");
  if (has_name) {
    add_name(frame, out);
  }
  if (reader->has_places) {
    ptl_strbuf_puts(out, has_name ? "(" : "");
    add_place(reader, frame);
    ptl_strbuf_puts(out, has_name ? ")" : "");
  }
  ptl_strbuf_puts(out, ")");
}
