/* An emitted kernel as lines that are broken one at a time: finding tiles, loads and products by
 * the names that the emitter gives them, and editing their lines. Edits are false where there is
 * nothing to edit. */
#ifndef PTL_TEST_BROKEN_TEXT_H
#define PTL_TEST_BROKEN_TEXT_H

#include <stdlib.h>

#include "kernel_test.h"

typedef struct output {
  const char *title;
  const char *chip;
  const char *a, *gate, *up; /* names of tiles begin so */
  int m, k, n;
  const char *elem, *acc;
  bool transposed;
  const char *file; /* a kernel instead of tensors */
  const char *text; /* as the tool emits it */
} output;

static kernel_case test; /* its arena holds the lines */

typedef struct text {
  const output *of;
  const char *lines[1024];
  int count;
} text;

static inline void split(text *t, const output *o) {
  t->of = o;
  t->count = 0;
  for (const char *at = o->text; *at;) {
    size_t length = strcspn(at, "\n");
    assert_true(t->count < 1000);
    t->lines[t->count++] = ptl_arena_copy(&test.arena, at, length);
    at += length + (at[length] == '\n');
  }
}

static inline void insert(text *t, int at, const char *line) {
  memmove(&t->lines[at + 1], &t->lines[at], (size_t)(t->count - at) * sizeof(t->lines[0]));
  t->lines[at] = line;
  t->count++;
}

static inline bool drop(text *t, int at) {
  if (at < 0) {
    return false;
  }
  memmove(&t->lines[at], &t->lines[at + 1], (size_t)(t->count - at - 1) * sizeof(t->lines[0]));
  t->count--;
  return true;
}

/* Puts a line where another stands; back, in front of it; forth, behind it. */
static inline bool move(text *t, int from, int to) {
  if (from < 0) {
    return false;
  }
  const char *line = t->lines[from];
  (void)drop(t, from);
  insert(t, to, line);
  return true;
}

/* The line number `nth` (0: the first; -1: the last) that holds both words; -1 if there is none. */
static inline int find(const text *t, const char *word, const char *other, int nth) {
  int found = -1;
  for (int i = 0; i < t->count; i++) {
    if (strstr(t->lines[i], word) && (!other || strstr(t->lines[i], other))) {
      found = i;
      if (nth-- == 0) {
        return i;
      }
    }
  }
  return nth < -1 ? found : -1;
}

/* Replaces the first `old` of a line. */
static inline bool edit(text *t, int line, const char *old, const char *new) {
  const char *at = line < 0 ? NULL : strstr(t->lines[line], old);
  if (!at) {
    return false;
  }
  t->lines[line] = ptl_arena_printf(&test.arena, "%.*s%s%s", (int)(at - t->lines[line]),
                                    t->lines[line], new, at + strlen(old));
  return true;
}

static inline void edit_all(text *t, const char *old, const char *new) {
  for (int i = 0; i < t->count; i++) {
    for (const char *at = t->lines[i]; (at = strstr(at, old)) != NULL;) {
      size_t offset = (size_t)(at - t->lines[i]) + strlen(new);
      (void)edit(t, i, old, new);
      at = t->lines[i] + offset;
    }
  }
}

/* A constant of its own, in front of all others. */
static inline const char *constant(text *t, int64_t value, const char *type) {
  static int number;
  const char *name = ptl_arena_printf(&test.arena, "%%z%d", number++);
  insert(t, find(t, "func.func @", NULL, 0) + 1,
         ptl_arena_printf(&test.arena, "  %s = arith.constant %lld : %s", name, (long long)value,
                          type));
  return name;
}

/* "%a_mat" and the like. */
static inline const char *tile(const text *t, const char *part, const char *suffix) {
  (void)t;
  return ptl_arena_printf(&test.arena, "%%%s%s", part, suffix);
}

static inline int alloc_of(const text *t, const char *name) {
  return find(t, ptl_arena_printf(&test.arena, "%s = pto.alloc_tile", name), NULL, 0);
}

static inline int64_t address_of(const text *t, const char *name) {
  int line = alloc_of(t, name);
  return line < 0 ? -1 : atoll(strstr(t->lines[line], "addr = %c") + strlen("addr = %c"));
}

static inline bool place(text *t, const char *name, int64_t address) {
  int line = alloc_of(t, name);
  if (line < 0) {
    return false;
  }
  const char *old =
      ptl_arena_printf(&test.arena, "addr = %%c%lld_i64", (long long)address_of(t, name));
  const char *new = ptl_arena_printf(&test.arena, "addr = %s", constant(t, address, "i64"));
  return edit(t, line + 1, old, new);
}

/* Adds to the offset number `index` (0: row, 1: column) of a partition_view line. */
static inline bool shift_part(text *t, int line, int index, int64_t by) {
  if (line < 0) {
    return false;
  }
  const char *begin = strstr(t->lines[line], "offsets = [");
  begin += strlen("offsets = [");
  if (index == 1) {
    begin = strchr(begin, ',') + 2;
  }
  const char *old = ptl_arena_copy(&test.arena, begin, strcspn(begin, ",]"));
  const char *by_name = constant(t, by, "index");
  line++;
  static int number;
  const char *sum = ptl_arena_printf(&test.arena, "%%moved%d", number++);
  insert(t, line,
         ptl_arena_printf(&test.arena, "  %s = arith.addi %s, %s : index", sum, old, by_name));
  const char *text = t->lines[line + 1];
  size_t offset = (size_t)(strstr(text, "offsets = [") - text) + strlen("offsets = [");
  if (index == 1) {
    offset = (size_t)(strchr(text + offset, ',') - text) + 2;
  }
  t->lines[line + 1] = ptl_arena_printf(&test.arena, "%.*s%s%s", (int)offset, text, sum,
                                        text + offset + strlen(old));
  return true;
}

static inline const char *part_of(const text *t, const char *name) {
  (void)t;
  return ptl_arena_printf(&test.arena, "%%%s_part", name);
}

/* The nth tload of a matrix; its partition_view stands in front of it. */
static inline int load_of(const text *t, const char *name, int nth) {
  return find(t, "pto.tload", part_of(t, name), nth);
}

/* The Mat tile of a matrix: in a ring of two slots the first right-hand side has always the first.
 */
static inline const char *mat_of(const text *t, const char *name) {
  if (strcmp(name, t->of->gate) == 0) {
    return "%rhs_mat_0";
  }
  return strcmp(name, t->of->up) == 0 ? "%rhs_mat_1" : tile(t, name, "_mat");
}

static inline int extract_of(const text *t, const char *name, int nth) {
  return find(t, "pto.textract", ptl_arena_printf(&test.arena, "ins(%s", mat_of(t, name)), nth);
}

static inline int first_matmul(const text *t, const char *name) {
  return find(t, "pto.tmatmul ins", ptl_arena_printf(&test.arena, "outs(%%%s_acc", name), 0);
}

static inline int matmul_acc_of(const text *t, const char *name, int nth) {
  return find(t, "pto.tmatmul.acc", ptl_arena_printf(&test.arena, "outs(%%%s_acc", name), nth);
}

static inline int store_of(const text *t, const char *name) {
  return find(t, "pto.tstore", ptl_arena_printf(&test.arena, "%%%s_acc", name), 0);
}

#endif
