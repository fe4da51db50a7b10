/* Leaves statements out. */
#include "reduce/reduce_steps.h"

#include <string.h>

bool reduce_try(reduction *r, reduce_lines lines) {
  if (!reduce_judge_holds(r->judge, reduce_join(r->arena, &lines))) {
    return false;
  }
  r->lines = lines;
  return true;
}

/* Marks a statement, a region as a whole. */
static void mark(const reduce_lines *lines, bool *is_marked, int line) {
  for (int end = reduce_end_of(lines, line), i = line; i <= end; i++) {
    is_marked[i] = true;
  }
}

/* Leaves out what may go of `count` statements, and what uses it. */
static bool drop_some(reduction *r, int first, int count) {
  const reduce_lines *lines = &r->lines;
  bool *is_marked = ptl_arena_array(r->arena, (size_t)lines->count + 1, sizeof(bool));
  bool any = false;
  for (int i = first; i < first + count && i < lines->count; i++) {
    bool holds_more = reduce_end_of(lines, i) >= first + count && count > 1;
    if (!is_marked[i] && reduce_may_go(lines, i) && !holds_more) {
      mark(lines, is_marked, i);
      any = true;
    }
  }
  return any && reduce_mark_users(r->arena, lines, is_marked) &&
         reduce_try(r, reduce_without(r->arena, lines, is_marked));
}

static bool drop_functions(reduction *r) {
  bool any = false;
  for (int i = r->lines.count; i-- > 0;) {
    any = (i < r->lines.count && reduce_is_op(r->lines.items[i], "func.func") &&
           drop_some(r, i, 1)) ||
          any;
  }
  return any;
}

/* What a set and its waits have in common: pipes and id. Empty: it is no flag. */
static ptl_str flag_of(ptl_str line) {
  const char *at = memchr(line.data, '[', line.length);
  bool is_flag = at && (reduce_is_op(line, "pto.set_flag") || reduce_is_op(line, "pto.wait_flag"));
  return is_flag ? (ptl_str){at, line.length - (size_t)(at - line.data)} : (ptl_str){"", 0};
}

/* Sets go with their waits. */
static bool drop_flags(reduction *r) {
  bool any = false;
  for (int i = r->lines.count - 1; i >= 0; i--) {
    ptl_str flag = i < r->lines.count ? flag_of(r->lines.items[i]) : (ptl_str){"", 0};
    bool *is_marked = ptl_arena_array(r->arena, (size_t)r->lines.count + 1, sizeof(bool));
    bool is_first = flag.length > 0;
    for (int k = 0; k < r->lines.count && is_first; k++) {
      is_marked[k] = ptl_str_equal(flag_of(r->lines.items[k]), flag);
      is_first = !is_marked[k] || k <= i;
    }
    any = (is_first && reduce_try(r, reduce_without(r->arena, &r->lines, is_marked))) || any;
  }
  return any;
}

bool reduce_drop(reduction *r, int most) {
  bool any = drop_functions(r);
  any = drop_flags(r) || any;
  for (int size = most; size > 0; size /= 2) {
    for (int first = r->lines.count - size; first > -size; first -= size) {
      any = drop_some(r, first > 0 ? first : 0, first > 0 ? size : size + first) || any;
    }
  }
  return any;
}
