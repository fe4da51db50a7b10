/* Finds the text of each function of a module by its `func.func` line, without reading MLIR. */
#include "functions.h"

#include <stdlib.h>
#include <string.h>

#include "common/grow.h"

/* Where the scan stands. */
typedef struct scanner {
  const char *at, *end, *line_begin;
  int line;
} scanner;

static bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '$' || c == '-';
}

static void step(scanner *in) {
  if (*in->at++ == '\n') {
    in->line++;
    in->line_begin = in->at;
  }
}

/* Over a comment or a string; false: there is none here. */
static bool skip_quiet(scanner *in) {
  if (in->end - in->at >= 2 && in->at[0] == '/' && in->at[1] == '/') {
    while (in->at < in->end && *in->at != '\n') {
      step(in);
    }
    return true;
  }
  if (*in->at != '"') {
    return false;
  }
  for (step(in); in->at < in->end && *in->at != '"' && *in->at != '\n'; step(in)) {
    in->at += *in->at == '\\' && in->end - in->at > 1 && in->at[1] != '\n';
  }
  in->at += in->at < in->end && *in->at == '"';
  return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The name after `func.func`: `@name` or `@"name"`, with words as `private` before it. */
static bool read_name(scanner *in, function_text *out) {
  while (in->at < in->end && *in->at != '@') {
    if (in->end - in->at >= 2 && in->at[0] == '/' && in->at[1] == '/') {
      (void)skip_quiet(in);
    } else if (is_blank(*in->at) || is_name_byte(*in->at)) {
      step(in);
    } else {
      return false;
    }
  }
  if (in->at == in->end) {
    return false;
  }
  step(in);
  out->name = in->at;
  if (in->at < in->end && *in->at == '"') {
    (void)skip_quiet(in);
    out->name++;
    out->name_length = (size_t)(in->at - out->name);
    out->name_length -= out->name_length > 0 && in->at[-1] == '"';
    return true;
  }
  while (in->at < in->end && is_name_byte(*in->at)) {
    step(in);
  }
  out->name_length = (size_t)(in->at - out->name);
  return true;
}

/* A function begins with its line, unless something else stands before it there. */
static const char *begin_of(const scanner *in) {
  const char *begin = in->line_begin;
  while (begin < in->at && (*begin == ' ' || *begin == '\t')) {
    begin++;
  }
  return begin == in->at ? in->line_begin : in->at;
}

/* The next function's begin and name; false: there is none. */
static bool find_next(scanner *in, function_text *out) {
  static const char keyword[] = "func.func";
  while (in->at < in->end) {
    if (skip_quiet(in)) {
      continue;
    }
    if (!is_name_byte(*in->at)) {
      /* `%func.func` is no keyword */
      bool is_sigil = strchr("%@!#^", *in->at);
      step(in);
      while (is_sigil && in->at < in->end && is_name_byte(*in->at)) {
        step(in);
      }
      continue;
    }
    const char *word = in->at;
    *out = (function_text){.begin = begin_of(in), .first_line = in->line};
    while (in->at < in->end && is_name_byte(*in->at)) {
      step(in);
    }
    if ((size_t)(in->at - word) == sizeof(keyword) - 1 &&
        !memcmp(word, keyword, sizeof(keyword) - 1) && read_name(in, out)) {
      return true;
    }
  }
  return false;
}

static bool add(function_list *list, const function_text *function) {
  function_text *items = grow(list->items, list->count + 1, &list->capacity, sizeof(*items));
  if (!items) {
    return false;
  }
  items[list->count] = *function;
  list->items = items;
  list->count++;
  return true;
}

static void close_last(function_list *list, const char *end, int last_line) {
  if (list->count > 0) {
    list->items[list->count - 1].end = end;
    list->items[list->count - 1].last_line = last_line;
  }
}

bool functions_find(const char *text, size_t length, function_list *out) {
  scanner in = {.at = text, .end = text + length, .line_begin = text, .line = 1};
  function_text function;
  *out = (function_list){0};
  while (find_next(&in, &function)) {
    close_last(out, function.begin, function.first_line - 1);
    if (!add(out, &function)) {
      functions_free(out);
      return false;
    }
  }
  close_last(out, in.end, in.line);
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

bool function_is_same(const function_text *a, const function_text *b) {
  return a->end - a->begin == b->end - b->begin &&
         memcmp(a->begin, b->begin, (size_t)(a->end - a->begin)) == 0;
}

bool functions_match(const function_list *a, const function_list *b) {
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; i++) {
    same = a->items[i].name_length == b->items[i].name_length &&
           !memcmp(a->items[i].name, b->items[i].name, a->items[i].name_length);
  }
  return same;
}
