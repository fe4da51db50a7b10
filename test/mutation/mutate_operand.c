/* Operands of products and stores; loads and moves that are missing. */
#include "mutate_state.h"

#include <string.h>

/* Operand `index` := every other tile of its type that can be named here. */
static void swap_operand(enumerator *e, mut_kind kind, const mut_op *op, int index) {
  const mut_operand *operand = &op->operands[index];
  const site *own = operand->value >= 0 ? mut_site_of(e, operand->value) : NULL;
  if (!own) {
    return;
  }
  for (int i = 0; i < e->site_count; i++) {
    const site *other = &e->sites[i];
    if (other->address == own->address || !mut_same_type(other->type, own->type) ||
        !mut_in_scope(e->func, other->value, op)) {
      continue;
    }
    mut_begin(e, kind, op);
    mut_replace(e, operand->begin, operand->end, "%s", mut_name_of(e, other->value));
    mut_describe(e, "%s -> %s", mut_name_of(e, own->value), mut_name_of(e, other->value));
    mut_finish(e);
  }
}

static void drop(enumerator *e, mut_kind kind, const mut_op *op, int target) {
  mut_begin(e, kind, op);
  mut_remove(e, op);
  mut_describe(e, "%s to %s", op->name, mut_name_of(e, target));
  mut_finish(e);
}

static bool is_operand_tile(const mut_func *func, int value) {
  return value >= 0 && func->values[value].kind == MUT_TILE &&
         (func->values[value].tile.space == MUT_LEFT ||
          func->values[value].tile.space == MUT_RIGHT);
}

void mut_operands(enumerator *e, const mut_op *op) {
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
