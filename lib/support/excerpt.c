/* Finds the line of a diagnostic in the texts that were read, and marks in it what the diagnostic
 * speaks of. */
#include "support/excerpt.h"

#include <stdbool.h>
#include <string.h>

#include "support/utf8.h"

enum { LEAST_WIDTH = 40, MOST_WIDTH = 1000, MOST_BYTES = 8192, CONTEXT = 8, DOTS = 3 };

/* ---- finding the line --------------------------------------------------- */

static const ptl_source *find_source(const ptl_diags *diags, const char *file) {
  const ptl_source *found = NULL;
  for (size_t i = 0; file && i < diags->source_count; i++) {
    found = strcmp(diags->sources[i].file, file) == 0 ? &diags->sources[i] : found;
  }
  return found;
}

/* The text from line `number` on; NULL if there are fewer lines. */
static const char *find_line(ptl_str text, int number) {
  const char *line = text.data, *end = text.data + text.length;
  for (int i = 1; line && i < number; i++) {
    line = memchr(line, '\n', (size_t)(end - line));
    line = line ? line + 1 : NULL;
  }
  return line;
}

static size_t line_length(ptl_str text, const char *line) {
  size_t rest = (size_t)(text.data + text.length - line);
  const char *end = memchr(line, '\n', rest);
  size_t length = end ? (size_t)(end - line) : rest;
  return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
}

/* ---- marks -------------------------------------------------------------- */

static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c && strchr("_.$-", c));
}

/* Of the name at `text`, without the sigil before it; what ends a sentence is no part of it. */
static size_t name_length(const char *text, size_t room) {
  size_t length = 0;
  while (length < room && is_name(text[length])) {
    length++;
  }
  while (length > 0 && strchr(".-", text[length - 1])) {
    length--;
  }
  return length;
}

/* Of the word at `text`: a name with its sigil, or one character. */
static size_t word_length(const char *text, size_t room) {
  size_t sigil = room > 0 && *text && strchr("%@!^#", *text) ? 1 : 0;
  size_t length = sigil + name_length(text + sigil, room - sigil);
  return length > sigil ? length : 1;
}

/* Code ends where a comment begins. */
static size_t code_length(ptl_str line) {
  bool quoted = false;
  for (size_t i = 0; i + 1 < line.length; i++) {
    quoted ^= line.data[i] == '"';
    if (!quoted && line.data[i] == '/' && line.data[i + 1] == '/') {
      return i;
    }
  }
  return line.length;
}

static void mark_value(ptl_str line, const char *name, size_t length, char *marks) {
  for (size_t i = 0; i + length <= line.length; i++) {
    bool is_here = memcmp(line.data + i, name, length) == 0 &&
                   word_length(line.data + i, line.length - i) == length;
    for (size_t j = i; is_here && j < i + length; j++) {
      marks[j] = marks[j] == ' ' ? '~' : marks[j];
    }
  }
}

/* The values that the diagnostic's text names. */
static void mark_values(ptl_str line, const char *text, char *marks) {
  for (const char *at = strchr(text, '%'); at; at = strchr(at + 1, '%')) {
    size_t length = word_length(at, strlen(at));
    if (length > 1) {
      mark_value(line, at, length, marks);
    }
  }
}

static void mark_place(ptl_str line, size_t place, char *marks) {
  size_t length = word_length(line.data + place, line.length - place);
  for (size_t i = place; i < place + length && i < line.length; i++) {
    marks[i] = '~';
  }
  marks[place] = '^';
}

/* ---- what is shown ------------------------------------------------------ */

/* What a terminal might obey, and what is no text. */
static bool is_control(const char *at, size_t length) {
  unsigned char c = (unsigned char)*at;
  return length == 0 || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)at[1] < 0xa0);
}

/* The line as it is shown, one mark for each character, and where each character begins. */
typedef struct shown_line {
  char *text, *marks;
  size_t *starts, count;
} shown_line;

static shown_line fold(ptl_arena *arena, ptl_str line, const char *marks) {
  shown_line out = {.text = ptl_arena_alloc(arena, line.length + 1),
                    .marks = ptl_arena_alloc(arena, line.length + 2),
                    .starts = ptl_arena_array(arena, line.length + 1, sizeof(*out.starts))};
  size_t at = 0, end = 0;
  while (at < line.length) {
    size_t length = ptl_utf8_length(line.data + at, line.length - at);
    out.starts[out.count] = end;
    out.marks[out.count++] = memchr(marks + at, '^', length > 0 ? length : 1) ? '^' : marks[at];
    if (is_control(line.data + at, length)) {
      out.text[end++] = length == 0 ? '?' : ' ';
    } else {
      memcpy(out.text + end, line.data + at, length);
      end += length;
    }
    at += length > 0 ? length : 1;
  }
  out.starts[out.count] = end;
  out.marks[out.count] = marks[line.length];
  return out;
}

/* Which characters are shown. */
typedef struct window {
  size_t begin, end;
} window;

static window choose_window(size_t count, size_t place, size_t width) {
  if (count <= width) {
    return (window){0, count};
  }
  size_t room = width - 2 * DOTS;
  size_t begin = place > CONTEXT && place + CONTEXT > room ? place - CONTEXT : 0;
  size_t end = begin + room < count ? begin + room : count;
  return (window){begin, end};
}

static const char *end_marks(char *marks, size_t length) {
  while (length > 0 && marks[length - 1] == ' ') {
    length--;
  }
  marks[length] = '\0';
  return marks;
}

static ptl_excerpt cut(ptl_arena *arena, shown_line line, size_t width) {
  size_t place = (size_t)(strchr(line.marks, '^') - line.marks);
  window shown = choose_window(line.count, place, width);
  const char *before = shown.begin > 0 ? "..." : "", *after = shown.end < line.count ? "..." : "";
  size_t first = line.starts[shown.begin], bytes = line.starts[shown.end] - first;
  size_t marked = shown.end - shown.begin + (shown.end == line.count); /* the end can be marked */
  char *marks = ptl_arena_printf(arena, "%*s%.*s", (int)strlen(before), "", (int)marked,
                                 line.marks + shown.begin);
  return (ptl_excerpt){
      .line = ptl_arena_printf(arena, "%s%.*s%s", before, (int)bytes, line.text + first, after),
      .marks = end_marks(marks, strlen(marks))};
}

/* Of a very long line only the bytes around the place are looked at. */
static ptl_str near_place(ptl_str line, size_t *place) {
  size_t begin = *place > MOST_BYTES / 2 ? *place - MOST_BYTES / 2 : 0;
  size_t rest = line.length - begin;
  *place -= begin;
  return (ptl_str){line.data + begin, rest < MOST_BYTES ? rest : MOST_BYTES};
}

ptl_excerpt ptl_excerpt_of(const ptl_diags *diags, const ptl_diag *diag, int width) {
  const ptl_source *source = find_source(diags, diag->loc.file);
  const char *begin = source && diag->loc.line > 0 ? find_line(source->text, diag->loc.line) : NULL;
  if (!begin) {
    return (ptl_excerpt){.line = NULL};
  }
  ptl_str line = {begin, line_length(source->text, begin)};
  size_t place = diag->loc.column > 0 ? (size_t)diag->loc.column - 1 : 0;
  place = place < line.length ? place : line.length;
  line = near_place(line, &place);
  char *marks = ptl_arena_alloc(diags->arena, line.length + 2);
  memset(marks, ' ', line.length + 1);
  mark_place(line, place, marks);
  mark_values((ptl_str){line.data, code_length(line)}, diag->text, marks);
  size_t most = (size_t)(width < LEAST_WIDTH ? LEAST_WIDTH : width);
  return cut(diags->arena, fold(diags->arena, line, marks), most < MOST_WIDTH ? most : MOST_WIDTH);
}
