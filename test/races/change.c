/* Changes of one flag in the text of a kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "races.h"

const char *rac_change_name(rac_change_kind kind) {
  static const char *const names[] = {"removed",  "moved up",   "moved down",
                                      "other id", "other from", "other to"};
  return names[kind];
}

typedef struct changer {
  const char *text;
  const mut_func *func;
  rac_visit visit;
  void *user;
} changer;

/* The text with `begin` to `end` replaced, and, if `to` is not NULL, something put in there. */
static char *edit(const char *text, size_t begin, size_t end, const char *now, size_t at,
                  const char *put) {
  size_t length = strlen(text), size = length + strlen(now) + (put ? strlen(put) : 0) + 2;
  char *out = malloc(size);
  size_t used = 0;
  for (size_t i = 0; i <= length; i++) {
    if (put && i == at) {
      used += (size_t)snprintf(out + used, size - used, "%s\n", put);
    }
    if (i == begin) {
      used += (size_t)snprintf(out + used, size - used, "%s", now);
    }
    if (i < begin || i >= end) {
      out[used++] = text[i];
    }
  }
  return out;
}

static void tell(const changer *c, rac_change_kind kind, const mut_op *op, const char *what,
                 char *text) {
  const rac_change change = {kind, op, what};
  c->visit(c->user, &change, text);
  free(text);
}

/* ---- places -------------------------------------------------------------------------- */

static bool works(const mut_op *op) {
  rac_kind kind;
  rac_pipe from, to;
  int id;
  return strncmp(op->name, "pto.t", 5) == 0 || strncmp(op->name, "scf.for", 7) == 0 ||
         strncmp(op->name, "scf.if", 6) == 0 || rac_flag_of(op, &kind, &from, &to, &id);
}

static char *statement(const changer *c, const mut_op *op) {
  size_t length = op->end - op->begin;
  char *out = malloc(length + 1);
  memcpy(out, c->text + op->begin, length);
  out[length] = '\0';
  return out;
}

/* Across the nearest statement that does something, of the same block. */
static void move(const changer *c, const mut_block *block, int index, int step) {
  const mut_op *op = &block->ops[index];
  int to = index + step;
  while (to >= 0 && to < block->count && !works(&block->ops[to])) {
    to += step;
  }
  if (to < 0 || to >= block->count || op->operand_count > 0) {
    return;
  }
  const mut_op *other = &block->ops[to];
  char *own = statement(c, op);
  size_t at = step < 0 ? other->begin : other->close;
  at += step > 0 && c->text[at] == '\n';
  tell(c, step < 0 ? RAC_MOVED_UP : RAC_MOVED_DOWN, op, other->name,
       edit(c->text, op->begin, op->end, "", at, own));
  free(own);
}

/* ---- ids and pipes --------------------------------------------------------------------- */

static void say_otherwise(const changer *c, const mut_op *op, rac_change_kind kind,
                          const char *before, const char *now) {
  const char *at = strstr(c->text + op->begin, before);
  size_t begin = (size_t)(at - c->text);
  if (at && begin < op->end) {
    tell(c, kind, op, now, edit(c->text, begin, begin + strlen(before), now, 0, NULL));
  }
}

static void change_id(const changer *c, const mut_op *op, rac_kind kind, int id) {
  bool is_between_cores = kind == RAC_SIGNAL || kind == RAC_AWAIT;
  const char *form = is_between_cores ? ">, %d" : "<EVENT_ID%d>";
  char before[32], now[32];
  (void)snprintf(before, sizeof(before), form, id);
  for (int other = 0; other < 8; other++) {
    if (other != id) {
      (void)snprintf(now, sizeof(now), form, other);
      say_otherwise(c, op, RAC_OTHER_ID, before, now);
    }
  }
}

static bool has_pipe(const changer *c, rac_pipe pipe) {
  return pipe == RAC_MTE2 ||
         (c->func->is_vector ? pipe == RAC_V || pipe == RAC_MTE3
                             : pipe == RAC_M || pipe == RAC_MTE1 || pipe == RAC_FIX);
}

static void change_pipe(const changer *c, const mut_op *op, rac_kind kind, rac_pipe from,
                        rac_pipe to, bool is_from) {
  char before[64], now[64];
  rac_pipe own = is_from ? from : to, kept = is_from ? to : from;
  if (own == RAC_ALL) {
    return;
  }
  for (int i = 0; i < RAC_PIPES; i++) {
    rac_pipe other = (rac_pipe)i;
    if (other == own || other == kept || !has_pipe(c, other)) {
      continue;
    }
    const char *ends = is_from && (kind == RAC_SET || kind == RAC_WAIT) ? ">," : ">";
    (void)snprintf(before, sizeof(before), "<%s%s", rac_pipe_name(own), ends);
    (void)snprintf(now, sizeof(now), "<%s%s", rac_pipe_name(other), ends);
    say_otherwise(c, op, is_from ? RAC_OTHER_FROM : RAC_OTHER_TO, before, now);
  }
}

static void change(const changer *c, const mut_block *block, int index) {
  const mut_op *op = &block->ops[index];
  rac_kind kind;
  rac_pipe from, to;
  int id;
  if (!rac_flag_of(op, &kind, &from, &to, &id)) {
    return;
  }
  tell(c, RAC_REMOVED, op, "", edit(c->text, op->begin, op->end, "", 0, NULL));
  move(c, block, index, -1);
  move(c, block, index, 1);
  change_pipe(c, op, kind, from, to, true);
  if (kind == RAC_SET || kind == RAC_WAIT) {
    change_pipe(c, op, kind, from, to, false);
  }
  if (id >= 0) {
    change_id(c, op, kind, id);
  }
}

void rac_changes(const char *text, const mut_func *func, rac_visit visit, void *user) {
  const changer c = {text, func, visit, user};
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      change(&c, func->blocks[b], i);
    }
  }
}
