/* Ops moved into and out of branches and loops. */
#include "mutate_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- into ---------------------------------------------------------------------------- */

/* What touches a tile, or another core, and gives no value. */
static bool is_effect(const mut_op *op) {
  return strncmp(op->name, "pto.t", 5) == 0 && op->result_count == 0 && !op->blocks[0];
}

/* %mut_n, an argument of the function that is 0, 1, or more. */
static void add_argument(enumerator *e) {
  mut_insert(e, e->func->last_argument, ", %%mut_n: index");
  mut_at_entry(e, "%%mut_zero = arith.constant 0 : index");
  mut_at_entry(e, "%%mut_one = arith.constant 1 : index");
  mut_at_entry(e, "%%mut_flag = arith.cmpi sgt, %%mut_n, %%mut_zero : index");
}

static void wrap(enumerator *e, mut_kind kind, const mut_op *op, const char *head) {
  mut_begin(e, kind, op);
  add_argument(e);
  mut_insert(e, op->begin, "%s {\n  ", head);
  mut_insert(e, op->end, "\n  }");
  mut_describe(e, "%s", op->name);
  mut_finish(e);
}

/* ---- out of ---------------------------------------------------------------------------- */

static bool is_pure(const mut_op *op) {
  static const char *const names[] = {"pto.alloc_tile", "pto.partition_view",
                                      "pto.make_tensor_view", "pto.subview"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(op->name, names[i]) == 0) {
      return true;
    }
  }
  return strncmp(op->name, "arith.", 6) == 0;
}

static const mut_op *definition_in(const mut_block *block, int value) {
  for (int i = 0; i < block->count; i++) {
    for (int j = 0; j < block->ops[i].result_count; j++) {
      if (block->ops[i].results[j] == value) {
        return &block->ops[i];
      }
    }
  }
  return NULL;
}

/* Marks what must go along with an op for it to stand at `place`; false if something cannot. */
static bool mark_needed(const enumerator *e, const mut_block *block, const mut_op *op,
                        const mut_op *place, bool *needed) {
  needed[op - block->ops] = true;
  for (int i = 0; i < op->operand_count; i++) {
    int value = op->operands[i].value;
    const mut_op *own = value >= 0 ? definition_in(block, value) : NULL;
    if (own) {
      if (!is_pure(own) || !mark_needed(e, block, own, place, needed)) {
        return false;
      }
    } else if (value < 0 || !mut_in_scope(e->func, value, place)) {
      return false;
    }
  }
  return true;
}

static bool needs_nothing(const enumerator *e, const mut_op *op, const mut_op *place) {
  for (int i = 0; i < op->operand_count; i++) {
    if (op->operands[i].value < 0 || !mut_in_scope(e->func, op->operands[i].value, place)) {
      return false;
    }
  }
  return true;
}

static void hoist(enumerator *e, mut_kind kind, const mut_block *block, const mut_op *op,
                  const mut_op *around) {
  bool *needed = calloc((size_t)block->count + 1, sizeof(bool));
  if (mark_needed(e, block, op, around, needed)) {
    mut_begin(e, kind, op);
    for (int i = 0; i < block->count; i++) {
      const mut_op *own = &block->ops[i];
      if (needed[i]) {
        mut_insert(e, around->begin, "%.*s\n  ", (int)(own->end - own->begin),
                   e->text + own->begin);
        mut_remove(e, own);
      }
    }
    mut_describe(e, "%s before line %d", op->name, around->line);
    mut_finish(e);
  }
  free(needed);
}

static void put_at(enumerator *e, mut_kind kind, const mut_op *op, size_t at, const char *where) {
  mut_begin(e, kind, op);
  mut_remove(e, op);
  mut_insert(e, at, "\n  %.*s\n  ", (int)(op->end - op->begin), e->text + op->begin);
  mut_describe(e, "%s %s", op->name, where);
  mut_finish(e);
}

/* The op whose block an op is in. */
static const mut_op *op_around(const mut_func *func, int block) {
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      const mut_op *op = &func->blocks[b]->ops[i];
      for (int j = 0; j < 2; j++) {
        if (op->blocks[j] && op->blocks[j]->number == block) {
          return op;
        }
      }
    }
  }
  return NULL;
}

static bool yields(const mut_block *block) {
  return block->count && strcmp(block->ops[block->count - 1].name, "scf.yield") == 0;
}

static void move_out(enumerator *e, const mut_op *op) {
  const mut_block *block = e->func->blocks[op->scope];
  const mut_op *around = op_around(e->func, op->scope);
  if (!around) {
    return;
  }
  bool is_loop = strcmp(around->name, "scf.for") == 0;
  mut_kind kind = is_loop ? MUT_OUT_OF_LOOP : MUT_OUT_OF_BRANCH;
  hoist(e, kind, block, op, around);
  if (needs_nothing(e, op, around)) {
    put_at(e, kind, op, around->close, "behind its end");
    const mut_block *other = around->blocks[around->blocks[0] == block];
    if (other && other != block && !yields(other)) {
      put_at(e, MUT_OTHER_BRANCH, op, other->end, "to the other branch");
    }
  }
}

/* ---- bounds ------------------------------------------------------------------------------ */

static void change_bound(enumerator *e, const mut_op *op) {
  const mut_operand *upper = &op->operands[1];
  mut_begin(e, MUT_BOUND, op);
  add_argument(e);
  mut_replace(e, upper->begin, upper->end, "%%mut_n");
  mut_describe(e, "%s -> %%mut_n", mut_name_of(e, upper->value));
  mut_finish(e);
}

void mut_control(enumerator *e, const mut_op *op) {
  if (is_effect(op)) {
    wrap(e, MUT_INTO_BRANCH, op, "scf.if %mut_flag");
    wrap(e, MUT_INTO_LOOP, op, "scf.for %mut_i = %mut_zero to %mut_n step %mut_one");
    move_out(e, op);
  } else if (strcmp(op->name, "scf.for") == 0) {
    change_bound(e, op);
  }
}
