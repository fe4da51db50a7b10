#include "functions.h"

#include <stdlib.h>
#include <string.h>

static const char keyword[] = "func.func ";

/* The name behind `func.func` on this line; false if the line does not begin a function. */
static bool read_name(const char *line, const char *end, function_text *out) {
  while (line < end && (*line == ' ' || *line == '\t')) {
    ++line;
  }
  if ((size_t)(end - line) < sizeof keyword || memcmp(line, keyword, sizeof keyword - 1) != 0) {
    return false;
  }
  const char *name = memchr(line, '@', (size_t)(end - line));
  if (!name) {
    return false;
  }
  const char *stop = ++name;
  while (stop < end && *stop != '(' && *stop != ' ') {
    ++stop;
  }
  out->name = name;
  out->name_length = (size_t)(stop - name);
  return true;
}

static bool add(function_list *list, const function_text *function) {
  function_text *items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (!items) {
    return false;
  }
  items[list->count] = *function;
  list->items = items;
  ++list->count;
  return true;
}

static void close_last(function_list *list, const char *end, int last_line) {
  if (list->count > 0) {
    list->items[list->count - 1].end = end;
    list->items[list->count - 1].last_line = last_line;
  }
}

bool functions_find(const char *text, size_t length, function_list *out) {
  const char *end = text + length;
  int line_number = 1;
  *out = (function_list){0};
  for (const char *line = text; line < end; ++line_number) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *line_end = newline ? newline : end;
    function_text function = {.begin = line, .first_line = line_number};
    if (read_name(line, line_end, &function)) {
      close_last(out, line, line_number - 1);
      if (!add(out, &function)) {
        functions_free(out);
        return false;
      }
    }
    line = newline ? newline + 1 : end;
  }
  close_last(out, end, line_number);
  return true;
}

void functions_free(function_list *list) {
  free(list->items);
  *list = (function_list){0};
}

bool function_is(const function_text *function, const char *name) {
  return strlen(name) == function->name_length &&
         !memcmp(name, function->name, function->name_length);
}

bool functions_match(const function_list *a, const function_list *b) {
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; ++i) {
    same = a->items[i].name_length == b->items[i].name_length &&
           !memcmp(a->items[i].name, b->items[i].name, a->items[i].name_length);
  }
  return same;
}
