/* What instructions read and write of the memory of a kernel's arguments. */
#include <stdlib.h>

#include "recorder.h"

static void note(rac_recorder *r, mut_machine *m, const view *of, int64_t rows, int64_t cols,
                 bool is_write) {
  bool is_seen = m->is_cube || m->lane == r->lane || m->chip->core_count == 1;
  if (!is_seen || rows <= 0 || cols <= 0) {
    return;
  }
  if (of->root < 0 || of->root >= RAC_ROOTS) {
    fail(m, "there are too many arguments");
    return;
  }
  r->touches = rac_more(r->touches, r->touch_count, &r->touch_capacity, sizeof(rac_touch));
  r->touches[r->touch_count++] = (rac_touch){r->trace->count - 1, *of, rows, cols, is_write};
}

/* One element, as a view of rank 1. */
static void note_word(rac_recorder *r, mut_machine *m, const view *pointer, int64_t offset,
                      bool is_write) {
  const view word = {.root = pointer->root,
                     .rank = 1,
                     .offset = pointer->offset + offset,
                     .strides = {1},
                     .sizes = {1}};
  note(r, m, &word, 1, 1, is_write);
}

void rac_note_gm(rac_recorder *r, mut_machine *m, const mut_op *op) {
  if (rac_starts(op, "pto.load_scalar")) {
    note_word(r, m, &operand(m, op, 0)->view, operand(m, op, 1)->integer, false);
  } else if (rac_starts(op, "pto.store_scalar")) {
    rac_instr *instr = &r->trace->instrs[r->trace->count - 1];
    instr->stores_word = true;
    instr->word = operand(m, op, 0)->hash;
    note_word(r, m, &operand(m, op, 1)->view, operand(m, op, 2)->integer, true);
  } else if (rac_starts(op, "pto.tload")) {
    const view *of = &operand(m, op, 0)->view;
    const tile *t = &operand(m, op, 1)->tile;
    note(r, m, of, smaller(view_rows(of), t->type.rows), smaller(view_cols(of), t->type.cols),
         false);
  } else if (rac_starts(op, "pto.tstore")) {
    const tile *t = &operand(m, op, 0)->tile;
    const view *of = &operand(m, op, 1)->view;
    note(r, m, of, smaller(view_rows(of), t->valid_rows), smaller(view_cols(of), t->valid_cols),
         true);
  }
}

/* ---- ranges -------------------------------------------------------------------------------- */

typedef struct sharing {
  unsigned reads, writes; /* by which pipes of which cores */
} sharing;

static unsigned user_of(const rac_instr *i) {
  return 1U << (unsigned)(i->core * RAC_PIPES + (int)i->pipe);
}

static bool is_shared(const sharing *s) {
  unsigned all = s->reads | s->writes;
  return s->writes != 0 && (all & (all - 1)) != 0;
}

static int compare_elements(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void add_elements(rac_recorder *r, const rac_touch *t) {
  int64_t count = 0, base = (int64_t)(RAC_GM + t->of.root) << RAC_MEMORY_SHIFT;
  int64_t *elements = malloc((size_t)(t->rows * t->cols) * sizeof(*elements));
  for (int64_t row = 0; row < t->rows; row++) {
    for (int64_t col = 0; col < t->cols; col++) {
      elements[count++] = base + view_offset(&t->of, row, col);
    }
  }
  qsort(elements, (size_t)count, sizeof(*elements), compare_elements);
  for (int64_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && elements[end] <= elements[end - 1] + 1;) {
      end++;
    }
    r->ranges = rac_more(r->ranges, r->count, &r->capacity, sizeof(rac_range));
    r->ranges[r->count++] =
        (rac_range){t->instr, elements[begin], elements[end - 1] + 1, t->is_write};
  }
  free(elements);
}

void rac_add_gm(rac_recorder *r) {
  sharing *roots = calloc(RAC_ROOTS, sizeof(*roots));
  for (int i = 0; i < r->touch_count; i++) {
    const rac_touch *t = &r->touches[i];
    unsigned user = user_of(&r->trace->instrs[t->instr]);
    *(t->is_write ? &roots[t->of.root].writes : &roots[t->of.root].reads) |= user;
  }
  for (int i = 0; i < r->touch_count; i++) {
    if (is_shared(&roots[r->touches[i].of.root])) {
      add_elements(r, &r->touches[i]);
    }
  }
  free(roots);
}
