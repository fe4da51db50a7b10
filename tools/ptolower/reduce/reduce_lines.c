/* Statements of a .pto file. */
#include "reduce/reduce_lines.h"

#include <string.h>

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static ptl_str trimmed(ptl_str line) {
  while (line.length > 0 && is_blank(line.data[0])) {
    line.data++;
    line.length--;
  }
  while (line.length > 0 && is_blank(line.data[line.length - 1])) {
    line.length--;
  }
  return line;
}

/* ---- text ------------------------------------------------------------------------------- */

/* How many brackets, other than braces, are open behind a line. */
static int open_brackets(ptl_str line, int open) {
  bool in_string = false;
  for (size_t i = 0; i < line.length; i++) {
    char c = line.data[i];
    in_string = c == '"' ? !in_string : in_string;
    if (in_string) {
      continue;
    }
    if (c == '/' && i + 1 < line.length && line.data[i + 1] == '/') {
      break;
    }
    open += (c == '(' || c == '[') - (c == ')' || c == ']');
  }
  return open;
}

reduce_lines reduce_split(ptl_arena *arena, ptl_str text) {
  reduce_lines out = {0};
  int capacity = 0, open = 0;
  for (size_t at = 0; at < text.length;) {
    size_t begin = at;
    do {
      size_t line = at;
      while (at < text.length && text.data[at] != '\n') {
        at++;
      }
      open = open_brackets((ptl_str){text.data + line, at - line}, open);
      at++;
    } while (open > 0 && at < text.length);
    open = 0;
    size_t end = at - 1 < text.length ? at - 1 : text.length;
    out.items = ptl_arena_more(arena, out.items, out.count, &capacity, sizeof(ptl_str));
    out.items[out.count++] = (ptl_str){text.data + begin, end - begin};
  }
  return out;
}

ptl_str reduce_join(ptl_arena *arena, const reduce_lines *lines) {
  ptl_strbuf buf;
  ptl_strbuf_init(&buf, arena);
  ptl_strbuf_puts(&buf, "");
  for (int i = 0; i < lines->count; i++) {
    ptl_strbuf_add_str(&buf, lines->items[i]);
    ptl_strbuf_puts(&buf, "\n");
  }
  return (ptl_str){buf.data, buf.length};
}

/* ---- regions ---------------------------------------------------------------------------- */

bool reduce_opens(ptl_str line) {
  line = trimmed(line);
  return line.length > 0 && line.data[line.length - 1] == '{';
}

bool reduce_closes(ptl_str line) {
  line = trimmed(line);
  return line.length > 0 && line.data[0] == '}';
}

int reduce_end_of(const reduce_lines *lines, int opener) {
  int depth = 0;
  for (int i = opener; i < lines->count; i++) {
    depth +=
        (int)reduce_opens(lines->items[i]) - (int)(i > opener && reduce_closes(lines->items[i]));
    if (depth <= 0) {
      return i;
    }
  }
  return lines->count - 1;
}

static ptl_str op_of(ptl_str line) {
  size_t results = reduce_results(line);
  return trimmed((ptl_str){line.data + results, line.length - results});
}

bool reduce_is_op(ptl_str line, const char *name) { return ptl_str_starts_with(op_of(line), name); }

bool reduce_may_go(const reduce_lines *lines, int line) {
  ptl_str text = lines->items[line];
  return !reduce_closes(text) && !reduce_is_op(text, "module") &&
         !reduce_is_op(text, "scf.yield") && !reduce_is_op(text, "return") &&
         !reduce_is_op(text, "func.return");
}

reduce_lines reduce_indented(ptl_arena *arena, const reduce_lines *lines) {
  reduce_lines out = {ptl_arena_array(arena, (size_t)lines->count + 1, sizeof(ptl_str)),
                      lines->count};
  int depth = 0;
  for (int i = 0; i < lines->count; i++) {
    ptl_str line = trimmed(lines->items[i]);
    depth -= reduce_closes(line);
    out.items[i] = ptl_str_of(ptl_arena_printf(arena, "%*s%.*s", depth > 0 ? 2 * depth : 0, "",
                                               (int)line.length, line.data));
    depth += reduce_opens(line);
  }
  return out;
}

/* ---- names ------------------------------------------------------------------------------- */

static bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '.' || c == '-';
}

ptl_str reduce_next_name(ptl_str line, size_t *at) {
  bool in_string = false;
  for (size_t i = *at; i < line.length; i++) {
    in_string = line.data[i] == '"' ? !in_string : in_string;
    if (in_string || line.data[i] != '%') {
      continue;
    }
    size_t end = i + 1;
    while (end < line.length && is_name_char(line.data[end])) {
      end++;
    }
    *at = end;
    return (ptl_str){line.data + i, end - i};
  }
  *at = line.length;
  return (ptl_str){"", 0};
}

size_t reduce_results(ptl_str line) {
  ptl_str text = trimmed(line);
  if (text.length == 0 || text.data[0] != '%') {
    return 0;
  }
  const char *equals = memchr(line.data, '=', line.length);
  return equals ? (size_t)(equals - line.data) + 1 : 0;
}

typedef struct names {
  ptl_str *items;
  int count, capacity;
} names;

static void add_results(ptl_arena *arena, names *set, ptl_str line) {
  ptl_str results = {line.data, reduce_results(line)};
  size_t at = 0;
  for (ptl_str name; (name = reduce_next_name(results, &at)).length > 0;) {
    set->items = ptl_arena_more(arena, set->items, set->count, &set->capacity, sizeof(ptl_str));
    set->items[set->count++] = name;
  }
}

static bool uses_any(const names *set, ptl_str line) {
  size_t at = reduce_results(line);
  for (ptl_str name; set->count > 0 && (name = reduce_next_name(line, &at)).length > 0;) {
    for (int i = 0; i < set->count; i++) {
      if (ptl_str_equal(set->items[i], name)) {
        return true;
      }
    }
  }
  return false;
}

bool reduce_mark_users(ptl_arena *arena, const reduce_lines *lines, bool *is_marked) {
  names gone = {0};
  for (int i = 0; i < lines->count; i++) {
    ptl_str line = lines->items[i];
    if (reduce_is_op(line, "func.func")) {
      gone.count = 0;
    }
    if (!is_marked[i] && uses_any(&gone, line)) {
      if (!reduce_may_go(lines, i)) {
        return false;
      }
      for (int end = reduce_end_of(lines, i), k = i; k <= end; k++) {
        is_marked[k] = true;
      }
    }
    if (is_marked[i]) {
      add_results(arena, &gone, line);
    }
  }
  return true;
}

reduce_lines reduce_without(ptl_arena *arena, const reduce_lines *lines, const bool *is_marked) {
  reduce_lines out = {ptl_arena_array(arena, (size_t)lines->count + 1, sizeof(ptl_str)), 0};
  for (int i = 0; i < lines->count; i++) {
    if (!is_marked[i]) {
      out.items[out.count++] = lines->items[i];
    }
  }
  return out;
}

ptl_str reduce_renamed(ptl_arena *arena, ptl_str line, ptl_str name, ptl_str by) {
  ptl_strbuf buf;
  size_t at = 0, kept = 0;
  ptl_strbuf_init(&buf, arena);
  for (ptl_str next; (next = reduce_next_name(line, &at)).length > 0;) {
    size_t end = at;
    while (end < line.length && (line.data[end] == '#' || is_name_char(line.data[end]))) {
      end++;
    }
    next.length = (size_t)(line.data + end - next.data);
    at = end;
    if (ptl_str_equal(next, name)) {
      ptl_strbuf_add(&buf, line.data + kept, (size_t)(next.data - line.data) - kept);
      ptl_strbuf_add_str(&buf, by);
      kept = end;
    }
  }
  ptl_strbuf_add(&buf, line.data + kept, line.length - kept);
  return kept == 0 ? line : (ptl_str){buf.data, buf.length};
}
