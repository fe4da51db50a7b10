/* From a place in the rewritten text to the user's column. Rewriting keeps lines and the order of
 * what stands in them, so the same word is looked for in the user's line. */
#include <string.h>

#include "asm/asm.h"

/* The text of a line, counted from 1, without its newline. */
static ptl_str line_of(ptl_str text, int line) {
  const char *at = text.data, *end = text.data + text.length;
  for (; line > 1 && at < end; line--) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    at = newline ? newline + 1 : end;
  }
  const char *newline = memchr(at, '\n', (size_t)(end - at));
  return (ptl_str){at, (size_t)((newline ? newline : end) - at)};
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr("_$.%@#!", c));
}

/* The word that begins at `column`, counted from 1; empty if none does. */
static ptl_str word_at(ptl_str line, int column) {
  size_t begin = (size_t)column - 1, end = begin;
  while (end < line.length && is_word(line.data[end])) {
    end++;
  }
  return (ptl_str){line.data + begin, end > begin ? end - begin : 0};
}

/* Where `word` stands from `from` on, by itself; -1 if nowhere. */
static long find_word(ptl_str line, ptl_str word, size_t from) {
  for (size_t i = from; i + word.length <= line.length; i++) {
    bool whole = (i == 0 || !is_word(line.data[i - 1])) &&
                 (i + word.length == line.length || !is_word(line.data[i + word.length]));
    if (whole && memcmp(line.data + i, word.data, word.length) == 0) {
      return (long)i;
    }
  }
  return -1;
}

static int first_column(ptl_str line) {
  size_t at = 0;
  while (at < line.length && (line.data[at] == ' ' || line.data[at] == '\t')) {
    at++;
  }
  return (int)at + 1;
}

int ptl_asm_user_column(ptl_str source, ptl_str mlir, int line, int column) {
  ptl_str theirs = line_of(source, line), ours = line_of(mlir, line);
  if (column < 1 || (size_t)column > ours.length) {
    return first_column(theirs);
  }
  ptl_str word = word_at(ours, column);
  long found = -1;
  for (long at = word.length > 0 ? find_word(ours, word, 0) : -1; at >= 0 && at < column;
       at = find_word(ours, word, (size_t)at + 1)) {
    long next = find_word(theirs, word, (size_t)(found + 1));
    found = next >= 0 ? next : found;
  }
  return found >= 0 ? (int)found + 1 : first_column(theirs);
}
