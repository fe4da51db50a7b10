#include "mutate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct site {
  const mut_op *op;
  const mut_tile_type *type;
  int value;
  int64_t address, bytes;
  int operand; /* the one that is the address; -1: none */
  bool in_loop;
} site;

typedef struct enumerator {
  const mut_program *program;
  const mut_func *func;
  site *sites;
  int site_count;
  mut_visitor visit;
  void *user;
  mut_mutation mutation;
} enumerator;

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
                                      "operand swapped",
                                      "store source swapped",
                                      "load dropped",
                                      "extract dropped"};
  return names[kind];
}

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

static const site *site_of(const enumerator *e, int value) {
  for (int i = 0; i < e->site_count; i++) {
    if (e->sites[i].value == value) {
      return &e->sites[i];
    }
  }
  return NULL;
}

static void begin(enumerator *e, mut_kind kind, const mut_op *op) {
  e->mutation.kind = kind;
  e->mutation.op = op;
  e->mutation.edit_count = 0;
  e->mutation.entry[0] = 0;
}

static void add_edit(enumerator *e, size_t from, size_t to, const char *text) {
  if (e->mutation.edit_count == MUT_MAX_EDITS) {
    abort();
  }
  e->mutation.edits[e->mutation.edit_count++] = (mut_edit){from, to, text};
}

static void finish(enumerator *e) { e->visit(e->user, &e->mutation); }

/* ---- addresses ------------------------------------------------------------ */

static bool same_type(const mut_tile_type *a, const mut_tile_type *b) {
  return a->space == b->space && strcmp(a->elem, b->elem) == 0 && a->rows == b->rows &&
         a->cols == b->cols && a->valid_rows == b->valid_rows && a->valid_cols == b->valid_cols &&
         a->blocks_col_major == b->blocks_col_major && a->inner == b->inner &&
         a->fractal == b->fractal;
}

/* Which alloc_tiles an address mutation takes along. */
typedef enum scope { ALONE, ALL_OF_ADDRESS, ALL_IN_LOOPS } scope;

static bool goes_along(const site *s, const site *with, scope how) {
  if (s == with) {
    return true;
  }
  bool same = s->type->space == with->type->space && s->address == with->address && s->operand >= 0;
  return same && (how == ALL_OF_ADDRESS ||
                  (how == ALL_IN_LOOPS && s->in_loop && same_type(s->type, with->type)));
}

static int count_along(const enumerator *e, const site *with, scope how) {
  int count = 0;
  for (int i = 0; i < e->site_count; i++) {
    count += goes_along(&e->sites[i], with, how);
  }
  return count;
}

static void move(enumerator *e, mut_kind kind, const site *with, scope how, int64_t address) {
  begin(e, kind, with->op);
  (void)snprintf(e->mutation.entry, sizeof(e->mutation.entry),
                 "\n  %%mut_address = arith.constant %" PRId64 " : i64", address);
  for (int i = 0; i < e->site_count; i++) {
    const site *s = &e->sites[i];
    if (goes_along(s, with, how)) {
      const mut_operand *operand = &s->op->operands[s->operand];
      add_edit(e, operand->begin, operand->end, "%mut_address");
    }
  }
  (void)snprintf(e->mutation.what, sizeof(e->mutation.what),
                 "%s of %d tile%s: %" PRId64 " -> %" PRId64, e->func->values[with->value].name,
                 e->mutation.edit_count, e->mutation.edit_count == 1 ? "" : "s", with->address,
                 address);
  finish(e);
}

/* The first site of its address and space stands for all of them. */
static bool is_first_of_address(const enumerator *e, const site *s) {
  for (const site *other = e->sites; other < s; other++) {
    if (other->type->space == s->type->space && other->address == s->address) {
      return false;
    }
  }
  return true;
}

static void move_alone_and_all(enumerator *e, mut_kind kind, const site *s, int64_t address) {
  move(e, kind, s, ALONE, address);
  if (is_first_of_address(e, s) && count_along(e, s, ALL_OF_ADDRESS) > 1) {
    move(e, kind, s, ALL_OF_ADDRESS, address);
  }
}

static void mutate_place(enumerator *e, const site *s) {
  int64_t capacity = mut_capacity(e->program->is_a5, s->type->space);
  int64_t step = s->type->space == MUT_MAT || s->type->space == MUT_VEC ? 32 : 512;
  int64_t half = s->bytes / 2 / step * step;
  move_alone_and_all(e, MUT_STRADDLE_END, s, capacity - (half > 0 ? half : 0));
  move_alone_and_all(e, MUT_PAST_END, s, capacity + step);
  move_alone_and_all(e, MUT_MISALIGN, s, s->address + 16);
  move_alone_and_all(e, MUT_MISALIGN, s, s->address + 8);
  move_alone_and_all(e, MUT_NEGATIVE, s, -512);
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    if (other->type->space == s->type->space && other->operand >= 0 &&
        other->address != s->address && is_first_of_address(e, other)) {
      move(e, MUT_MOVE, s, ALONE, other->address);
      if (is_first_of_address(e, s) && count_along(e, s, ALL_OF_ADDRESS) > 1) {
        move(e, MUT_MOVE_BUFFER, s, ALL_OF_ADDRESS, other->address);
      }
    }
  }
}

/* Every pair of stages: same type, both in loops, at different addresses. */
static void mutate_stages(enumerator *e, const site *s) {
  if (!s->in_loop) {
    return;
  }
  for (const site *first = e->sites; first < s; first++) {
    bool is_pair = first->in_loop && first->operand >= 0 && first->address != s->address &&
                   same_type(first->type, s->type);
    bool seen = false;
    for (const site *other = e->sites; other < first; other++) {
      seen = seen || (other->in_loop && other->address == first->address &&
                      same_type(other->type, s->type));
    }
    for (const site *other = e->sites; other < s; other++) {
      seen = seen ||
             (other->in_loop && other->address == s->address && same_type(other->type, s->type));
    }
    if (is_pair && !seen) {
      move(e, MUT_COLLAPSE, s, ALL_IN_LOOPS, first->address);
    }
  }
}

static void mutate_footprint(enumerator *e, const site *s) {
  if (s->type->space != MUT_ACC || !is_first_of_address(e, s)) {
    return;
  }
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    int64_t logical = other->type->rows * other->type->cols * other->type->elem_bytes;
    if (other->type->space == MUT_ACC && other->operand >= 0 && other->address != s->address &&
        other->bytes != logical && is_first_of_address(e, other) &&
        other->address + logical != s->address) {
      move(e, MUT_FOOTPRINT, s, ALL_OF_ADDRESS, other->address + logical);
    }
  }
}

/* ---- operands ---------------------------------------------------------------- */

/* Operand `index` := every other tile of its type that can be named here. */
static void swap_operand(enumerator *e, mut_kind kind, const mut_op *op, int index) {
  const mut_operand *operand = &op->operands[index];
  const site *own = operand->value >= 0 ? site_of(e, operand->value) : NULL;
  if (!own) {
    return;
  }
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    if (other->address == own->address || !same_type(other->type, own->type) ||
        !mut_in_scope(e->func, other->value, op)) {
      continue;
    }
    begin(e, kind, op);
    add_edit(e, operand->begin, operand->end, e->func->values[other->value].name);
    (void)snprintf(e->mutation.what, sizeof(e->mutation.what), "%s -> %s",
                   e->func->values[own->value].name, e->func->values[other->value].name);
    finish(e);
  }
}

static void drop(enumerator *e, mut_kind kind, const mut_op *op, int target) {
  begin(e, kind, op);
  add_edit(e, op->begin, op->end, NULL);
  (void)snprintf(e->mutation.what, sizeof(e->mutation.what), "%s to %s", op->name,
                 target >= 0 ? e->func->values[target].name : "?");
  finish(e);
}

static bool is_operand_tile(const mut_func *func, int value) {
  return value >= 0 && func->values[value].kind == MUT_TILE &&
         (func->values[value].tile.space == MUT_LEFT ||
          func->values[value].tile.space == MUT_RIGHT);
}

static void mutate_op(enumerator *e, const mut_op *op) {
  const char *name = op->name;
  int last = op->operand_count ? op->operands[op->operand_count - 1].value : -1;
  if (strcmp(name, "pto.tmatmul") == 0) {
    swap_operand(e, MUT_OPERAND, op, 0);
    swap_operand(e, MUT_OPERAND, op, 1);
  } else if (strcmp(name, "pto.tmatmul.acc") == 0) {
    swap_operand(e, MUT_ACC_IN, op, 0);
    swap_operand(e, MUT_OPERAND, op, 1);
    swap_operand(e, MUT_OPERAND, op, 2);
  } else if (strcmp(name, "pto.tstore") == 0 || strncmp(name, "pto.tpush", 9) == 0) {
    int value = op->operands[0].value;
    if (value >= 0 && e->func->values[value].tile.space == MUT_ACC) {
      swap_operand(e, MUT_STORE_SOURCE, op, 0);
    }
  } else if (strcmp(name, "pto.tload") == 0) {
    drop(e, MUT_DROP_LOAD, op, last);
  } else if (strcmp(name, "pto.textract") == 0 ||
             (strcmp(name, "pto.tmov") == 0 && is_operand_tile(e->func, last))) {
    drop(e, MUT_DROP_EXTRACT, op, last);
  }
}

void mut_enumerate(const mut_program *program, const mut_func *func, const mut_place *places,
                   mut_visitor visit, void *user) {
  enumerator e = {.program = program, .func = func, .visit = visit, .user = user};
  collect_sites(&e, places);
  for (int i = 0; i < e.site_count; i++) {
    if (e.sites[i].operand >= 0) {
      mutate_place(&e, &e.sites[i]);
      mutate_stages(&e, &e.sites[i]);
      mutate_footprint(&e, &e.sites[i]);
    }
  }
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      mutate_op(&e, &func->blocks[b]->ops[i]);
    }
  }
  free(e.sites);
}

/* ---- text ----------------------------------------------------------------------- */

static char *append(char *out, const char *text, size_t length) {
  memcpy(out, text, length);
  return out + length;
}

static int by_begin(const void *a, const void *b) {
  const mut_edit *x = a, *y = b;
  return x->begin < y->begin ? -1 : x->begin > y->begin;
}

char *mut_apply(const char *text, const mut_func *func, const mut_mutation *mutation) {
  mut_edit edits[MUT_MAX_EDITS + 1];
  int count = mutation->edit_count;
  size_t room = strlen(text) + 64;
  memcpy(edits, mutation->edits, (size_t)count * sizeof(mut_edit));
  edits[count++] = (mut_edit){func->entry, func->entry, mutation->entry};
  for (int i = 0; i < count; i++) {
    room += edits[i].text ? strlen(edits[i].text) : 0;
  }
  qsort(edits, (size_t)count, sizeof(mut_edit), by_begin);
  char *result = malloc(room);
  char *out = result;
  size_t at = 0;
  for (int i = 0; i < count; i++) {
    out = append(out, text + at, edits[i].begin - at);
    if (edits[i].text) {
      out = append(out, edits[i].text, strlen(edits[i].text));
    }
    for (size_t j = edits[i].begin; j < edits[i].end && !edits[i].text; j++) {
      if (text[j] == '\n') {
        *out++ = '\n';
      }
    }
    at = edits[i].end;
  }
  strcpy(out, text + at);
  return result;
}
