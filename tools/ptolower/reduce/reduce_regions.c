/* Replaces loops and branches by what stands in them. */
#include <string.h>

#include "reduce/reduce_steps.h"

/* The names, or numbers of results, that one is to stand for. */
typedef struct renaming {
  ptl_str name, by;
} renaming;

typedef struct renamings {
  renaming *items;
  int count, capacity;
} renamings;

static void add(ptl_arena *arena, renamings *list, ptl_str name, ptl_str by) {
  list->items = ptl_arena_more(arena, list->items, list->count, &list->capacity, sizeof(renaming));
  list->items[list->count++] = (renaming){name, by};
}

static ptl_str renamed(ptl_arena *arena, ptl_str line, const renamings *list) {
  for (int i = 0; i < list->count; i++) {
    line = reduce_renamed(arena, line, list->items[i].name, list->items[i].by);
  }
  return line;
}

/* The loop variable is the lower bound, what is carried what it begins with. */
static renamings inside_loop(ptl_arena *arena, ptl_str head) {
  renamings list = {0};
  size_t at = reduce_results(head);
  ptl_str variable = reduce_next_name(head, &at), lower = reduce_next_name(head, &at);
  add(arena, &list, variable, lower);
  (void)reduce_next_name(head, &at); /* the upper bound, the step */
  (void)reduce_next_name(head, &at);
  for (ptl_str name; (name = reduce_next_name(head, &at)).length > 0;) {
    add(arena, &list, name, reduce_next_name(head, &at));
  }
  return list;
}

/* Results are what the region yields. */
static renamings behind(ptl_arena *arena, ptl_str head, ptl_str yield) {
  renamings list = {0};
  ptl_str results = {head.data, reduce_results(head)};
  size_t at = 0, from = 0;
  ptl_str name = reduce_next_name(results, &at);
  bool is_numbered = memchr(results.data, ':', results.length);
  for (int i = 0; name.length > 0; i++) {
    ptl_str value = reduce_next_name(yield, &from);
    if (value.length == 0) {
      break;
    }
    ptl_str own = name;
    if (is_numbered) {
      own = ptl_str_of(ptl_arena_printf(arena, "%.*s#%d", (int)name.length, name.data, i));
    }
    add(arena, &list, own, value);
    name = is_numbered ? name : reduce_next_name(results, &at);
  }
  return list;
}

/* The lines with those from `head` to `end` replaced by those from `first` up to `last`. */
static reduce_lines unwrapped(ptl_arena *arena, const reduce_lines *lines, int head, int end,
                              int first, int last) {
  reduce_lines out = {ptl_arena_array(arena, (size_t)lines->count + 1, sizeof(ptl_str)), 0};
  renamings inside = {0}, after = {0};
  if (reduce_is_op(lines->items[head], "scf.for")) {
    inside = inside_loop(arena, lines->items[head]);
  }
  for (int i = 0; i < head; i++) {
    out.items[out.count++] = lines->items[i];
  }
  for (int i = first; i < last; i++) {
    ptl_str line = renamed(arena, lines->items[i], &inside);
    if (i + 1 == last && reduce_is_op(line, "scf.yield")) {
      after = behind(arena, lines->items[head], line);
    } else {
      out.items[out.count++] = line;
    }
  }
  for (int i = end + 1; i < lines->count; i++) {
    out.items[out.count++] = renamed(arena, lines->items[i], &after);
  }
  return out;
}

/* The statement that ends the first branch. */
static int else_of(const reduce_lines *lines, int head, int end) {
  int depth = 0;
  for (int i = head; i < end; i++) {
    depth -= i > head && reduce_closes(lines->items[i]);
    if (depth == 0 && i > head) {
      return i;
    }
    depth += reduce_opens(lines->items[i]);
  }
  return end;
}

static bool unwrap(reduction *r, int head) {
  int end = reduce_end_of(&r->lines, head), middle = else_of(&r->lines, head, end);
  bool done = reduce_try(r, unwrapped(r->arena, &r->lines, head, end, head + 1, middle));
  return done || (middle < end &&
                  reduce_try(r, unwrapped(r->arena, &r->lines, head, end, middle + 1, end)));
}

bool reduce_unwrap(reduction *r) {
  bool any = false;
  for (int i = r->lines.count; i-- > 0;) {
    if (i < r->lines.count && (reduce_is_op(r->lines.items[i], "scf.for ") ||
                               reduce_is_op(r->lines.items[i], "scf.if "))) {
      any = unwrap(r, i) || any;
    }
  }
  return any;
}
