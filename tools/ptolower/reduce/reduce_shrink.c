/* Smaller constants, fewer arguments. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reduce/reduce_steps.h"

/* The lines with another one at `index`. */
static reduce_lines with(ptl_arena *arena, const reduce_lines *lines, int index, ptl_str line) {
  reduce_lines out = {ptl_arena_array(arena, (size_t)lines->count + 1, sizeof(ptl_str)),
                      lines->count};
  memcpy(out.items, lines->items, (size_t)lines->count * sizeof(ptl_str));
  out.items[index] = line;
  return out;
}

/* ---- constants ----------------------------------------------------------------------------- */

/* Where the number of a constant stands; NULL: it is none, or not above 1. */
static const char *number_of(ptl_str line, int64_t *value, size_t *length) {
  const char word[] = "arith.constant ";
  if (!reduce_is_op(line, word)) {
    return NULL;
  }
  const char *limit = line.data + line.length, *at = line.data + reduce_results(line);
  at += strspn(at, " ") + sizeof(word) - 1;
  *value = 0;
  *length = 0;
  while (at + *length < limit && at[*length] >= '0' && at[*length] <= '9' && *length < 15) {
    *value = *value * 10 + (at[(*length)++] - '0');
  }
  bool is_whole = at + *length < limit && at[*length] == ' ';
  return is_whole && *value > 1 ? at : NULL;
}

static bool try_constant(reduction *r, int index, int64_t value) {
  int64_t old;
  size_t length;
  ptl_str line = r->lines.items[index];
  const char *at = number_of(line, &old, &length);
  if (!at || value >= old) {
    return false;
  }
  const char *end = at + length;
  const char *now = ptl_arena_printf(r->arena, "%.*s%" PRId64 "%.*s", (int)(at - line.data),
                                     line.data, value, (int)(line.data + line.length - end), end);
  return reduce_try(r, with(r->arena, &r->lines, index, ptl_str_of(now)));
}

/* Whether a view has it as an extent or stride, which its type may name, too: a check does not
 * compare them, ptoas does. */
static bool is_of_view(const reduction *r, int index) {
  size_t at = 0;
  ptl_str own = reduce_next_name(r->lines.items[index], &at);
  for (int i = index + 1; i < r->lines.count; i++) {
    ptl_str line = r->lines.items[i];
    bool is_view =
        reduce_is_op(line, "pto.partition_view") || reduce_is_op(line, "pto.make_tensor_view");
    at = 0;
    for (ptl_str name; is_view && (name = reduce_next_name(line, &at)).length > 0;) {
      if (ptl_str_equal(name, own)) {
        return true;
      }
    }
  }
  return false;
}

/* Addresses, which pypto has as i64, may become 0; the step of a loop must not. */
static bool shrink_constant(reduction *r, int index) {
  int64_t value;
  size_t length;
  bool any = false;
  const char *at = number_of(r->lines.items[index], &value, &length);
  if (at && strncmp(at + length, " : i64", 6) == 0 && try_constant(r, index, 0)) {
    return true;
  }
  for (int small = 1; small <= 2; small++) {
    if (try_constant(r, index, small)) {
      return true;
    }
  }
  while (number_of(r->lines.items[index], &value, &length) && try_constant(r, index, value / 2)) {
    any = true;
  }
  return any;
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* The end of the argument that begins at `at`: a comma, or what closes the list. */
static const char *argument_end(const char *at, const char *limit) {
  int open = 0;
  for (; at < limit; at++) {
    open += (*at == '(' || *at == '[' || *at == '<' || *at == '{') -
            (*at == ')' || *at == ']' || *at == '>' || *at == '}');
    if (open < 0 || (open == 0 && *at == ',')) {
      return at;
    }
  }
  return limit;
}

/* Leaves out the nth argument; false if there are not so many. */
static bool without_argument(ptl_arena *arena, ptl_str line, int nth, ptl_str *out) {
  const char *limit = line.data + line.length, *open = memchr(line.data, '(', line.length);
  const char *at = open ? open + 1 : limit, *end = argument_end(at, limit);
  for (int i = 0; i < nth; i++) {
    if (end >= limit || *end != ',') {
      return false;
    }
    at = end + 1;
    end = argument_end(at, limit);
  }
  if (at >= end || end >= limit) {
    return false;
  }
  bool is_last = *end != ',';
  const char *from = is_last && nth > 0 ? at - 1 : at, *rest = is_last ? end : end + 1;
  rest += !is_last && nth == 0 && *rest == ' ';
  *out = ptl_str_of(ptl_arena_printf(arena, "%.*s%.*s", (int)(from - line.data), line.data,
                                     (int)(limit - rest), rest));
  return true;
}

static bool drop_arguments(reduction *r, int index) {
  bool any = false;
  ptl_str line;
  for (int nth = 0; without_argument(r->arena, r->lines.items[index], nth, &line);) {
    bool done = reduce_try(r, with(r->arena, &r->lines, index, line));
    any = any || done;
    nth += !done;
  }
  return any;
}

bool reduce_shrink(reduction *r) {
  bool any = false;
  for (int i = 0; i < r->lines.count; i++) {
    if (r->judge->ptoas || !is_of_view(r, i)) {
      any = shrink_constant(r, i) || any;
    }
    if (reduce_is_op(r->lines.items[i], "func.func")) {
      any = drop_arguments(r, i) || any;
    }
  }
  return any;
}
