#include "mutate_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mut_kind_name(mut_kind kind) {
  static const char *const names[] = {"address onto another tile",
                                      "buffer onto another",
                                      "half past the end",
                                      "past the end",
                                      "off alignment",
                                      "negative address",
                                      "acc_in swapped",
                                      "stages collapsed",
                                      "16-row i32 accumulators",
                                      "computed address",
                                      "operand swapped",
                                      "store source swapped",
                                      "load dropped",
                                      "extract dropped",
                                      "op into a branch",
                                      "op into a loop",
                                      "op out of its branch",
                                      "op out of its loop",
                                      "op to the other branch",
                                      "bound := an argument",
                                      "compact turned over",
                                      "rows of the box",
                                      "valid rows",
                                      "set_validshape added",
                                      "pipe op dropped",
                                      "pipe op doubled",
                                      "trips of one half",
                                      "split changed",
                                      "slots changed",
                                      "extents without addresses",
                                      "own address, computed"};
  return names[kind];
}

/* ---- sites --------------------------------------------------------------------- */

static int address_operand(const mut_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    if (op->operands[i].key == 'a') {
      return i;
    }
  }
  return -1;
}

static void collect_sites(enumerator *e, const mut_place *places) {
  e->sites = calloc((size_t)e->func->op_count + 1, sizeof(site));
  for (int b = 0; b < e->func->block_count; b++) {
    const mut_block *block = e->func->blocks[b];
    for (int i = 0; i < block->count; i++) {
      const mut_op *op = &block->ops[i];
      if (strcmp(op->name, "pto.alloc_tile") != 0 || op->result_count != 1) {
        continue;
      }
      const mut_tile_type *type = &e->func->values[op->results[0]].tile;
      int operand = address_operand(op);
      const mut_place *place = &places[op->number];
      if (operand >= 0 && !place->op) {
        continue; /* in a branch that no run takes */
      }
      e->sites[e->site_count++] = (site){op,
                                         type,
                                         op->results[0],
                                         operand >= 0 ? place->address : -1 - op->number,
                                         mut_tile_bytes(e->program->is_a5, type),
                                         operand,
                                         block->in_loop};
    }
  }
}

const site *mut_site_of(const enumerator *e, int value) {
  for (int i = 0; i < e->site_count; i++) {
    if (e->sites[i].value == value) {
      return &e->sites[i];
    }
  }
  return NULL;
}

const char *mut_name_of(const enumerator *e, int value) {
  return value >= 0 ? e->func->values[value].name : "?";
}

bool mut_same_type(const mut_tile_type *a, const mut_tile_type *b) {
  return a->space == b->space && strcmp(a->elem, b->elem) == 0 && a->rows == b->rows &&
         a->cols == b->cols && a->valid_rows == b->valid_rows && a->valid_cols == b->valid_cols &&
         a->blocks_col_major == b->blocks_col_major && a->inner == b->inner &&
         a->fractal == b->fractal;
}

bool mut_goes_along(const site *s, const site *with, scope how) {
  if (s == with) {
    return true;
  }
  bool same = s->type->space == with->type->space && s->address == with->address && s->operand >= 0;
  return same && (how == ALL_OF_ADDRESS ||
                  (how == ALL_IN_LOOPS && s->in_loop && mut_same_type(s->type, with->type)));
}

int mut_count_along(const enumerator *e, const site *with, scope how) {
  int count = 0;
  for (int i = 0; i < e->site_count; i++) {
    count += mut_goes_along(&e->sites[i], with, how);
  }
  return count;
}

bool mut_is_first_of_address(const enumerator *e, const site *s) {
  for (const site *other = e->sites; other < s; other++) {
    if (other->type->space == s->type->space && other->address == s->address) {
      return false;
    }
  }
  return true;
}

/* ---- a mutation ------------------------------------------------------------------ */

void mut_begin(enumerator *e, mut_kind kind, const mut_op *op) {
  mut_mutation *m = e->mutation;
  m->kind = kind;
  m->op = op;
  m->what[0] = 0;
  m->edit_count = 0;
  m->pool_used = 0;
}

void mut_describe(enumerator *e, const char *format, ...) {
  va_list args;
  va_start(args, format);
  (void)vsnprintf(e->mutation->what, sizeof(e->mutation->what), format, args);
  va_end(args);
}

static void add_edit(enumerator *e, size_t from, size_t to, const char *text) {
  mut_mutation *m = e->mutation;
  if (m->edit_count == MUT_MAX_EDITS) {
    abort();
  }
  m->edits[m->edit_count++] = (mut_edit){from, to, text};
}

static const char *print(enumerator *e, const char *format, va_list args) {
  mut_mutation *m = e->mutation;
  char *text = m->pool + m->pool_used;
  int length = vsnprintf(text, sizeof(m->pool) - m->pool_used, format, args);
  if (length < 0 || (size_t)length >= sizeof(m->pool) - m->pool_used) {
    abort();
  }
  m->pool_used += (size_t)length + 1;
  return text;
}

void mut_remove(enumerator *e, const mut_op *op) { add_edit(e, op->begin, op->end, NULL); }

void mut_replace(enumerator *e, size_t from, size_t to, const char *format, ...) {
  va_list args;
  va_start(args, format);
  add_edit(e, from, to, print(e, format, args));
  va_end(args);
}

void mut_insert(enumerator *e, size_t at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  add_edit(e, at, at, print(e, format, args));
  va_end(args);
}

void mut_at_entry(enumerator *e, const char *format, ...) {
  va_list args;
  va_start(args, format);
  add_edit(e, e->func->entry, e->func->entry, "\n  ");
  add_edit(e, e->func->entry, e->func->entry, print(e, format, args));
  va_end(args);
}

void mut_finish(enumerator *e) { e->visit(e->user, e->mutation); }

void mut_enumerate(const char *text, const mut_program *program, const mut_unit *unit,
                   const mut_func *func, const mut_place *places, mut_visitor visit, void *user) {
  enumerator e = {.text = text,
                  .program = program,
                  .unit = unit,
                  .func = func,
                  .visit = visit,
                  .user = user,
                  .mutation = malloc(sizeof(mut_mutation))};
  if (!e.mutation) {
    abort();
  }
  collect_sites(&e, places);
  for (int i = 0; i < e.site_count; i++) {
    if (e.sites[i].operand >= 0) {
      mut_addresses(&e, &e.sites[i]);
    }
  }
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      mut_operands(&e, &func->blocks[b]->ops[i]);
      mut_control(&e, &func->blocks[b]->ops[i]);
      mut_pipes(&e, &func->blocks[b]->ops[i]);
    }
  }
  mut_pitches(&e);
  mut_extents(&e);
  free(e.sites);
  free(e.mutation);
}

/* ---- text ----------------------------------------------------------------------- */

typedef struct ordered {
  mut_edit edit;
  int number;
} ordered;

/* By place; at one place as they were added. */
static int by_begin(const void *a, const void *b) {
  const ordered *x = a, *y = b;
  if (x->edit.begin != y->edit.begin) {
    return x->edit.begin < y->edit.begin ? -1 : 1;
  }
  return x->number - y->number;
}

static char *append(char *out, const char *text, size_t length) {
  memcpy(out, text, length);
  return out + length;
}

char *mut_apply(const char *text, const mut_mutation *mutation) {
  int count = mutation->edit_count;
  size_t room = strlen(text) + 64, at = 0;
  ordered *edits = calloc((size_t)count + 1, sizeof(ordered));
  for (int i = 0; i < count; i++) {
    edits[i] = (ordered){mutation->edits[i], i};
    room += edits[i].edit.text ? strlen(edits[i].edit.text) : 0;
  }
  qsort(edits, (size_t)count, sizeof(ordered), by_begin);
  char *result = malloc(room);
  char *out = result;
  for (int i = 0; i < count; i++) {
    const mut_edit *edit = &edits[i].edit;
    out = append(out, text + at, edit->begin - at);
    if (edit->text) {
      out = append(out, edit->text, strlen(edit->text));
    }
    for (size_t j = edit->begin; j < edit->end && !edit->text; j++) {
      if (text[j] == '\n') {
        *out++ = '\n';
      }
    }
    at = edit->end;
  }
  strcpy(out, text + at);
  free(edits);
  return result;
}
