/* Integers and single elements. */
#include "machine_state.h"

/* ---- integers ------------------------------------------------------------------ */

static bool compare(const mut_op *op, int64_t a, int64_t b) {
  switch (op->integer) {
  case 'e' << 8 | 'q':
    return a == b;
  case 'n' << 8 | 'e':
    return a != b;
  case 's' << 8 | 'l':
    return strstr(op->attributes, "sle,") ? a <= b : a < b;
  default:
    return strstr(op->attributes, "sge,") ? a >= b : a > b;
  }
}

void mut_run_arith(mut_machine *m, const mut_op *op) {
  const char *name = op->name + strlen("arith.");
  value *out = result(m, op);
  if (strcmp(name, "constant") == 0) {
    set_scalar(out, op->integer);
    if (op->is_float) {
      const char *at = strchr(op->attributes, '=');
      out->hash = mut_mix(1);
      for (; at && *at && *at != ':'; at++) {
        out->hash = mut_mix2(out->hash, (unsigned char)*at);
      }
    }
    return;
  }
  value *a = operand(m, op, 0);
  value *b = op->operand_count > 1 ? operand(m, op, 1) : a;
  static const char *const names[] = {"addi",  "subi",  "muli",  "divsi", "remsi", "maxsi",
                                      "minsi", "divui", "remui", "andi",  "ori"};
  int64_t x = a->integer, y = b->integer;
  int64_t results[] = {x + y,         x - y,         x * y,         y ? x / y : 0,
                       y ? x % y : 0, x > y ? x : y, x < y ? x : y, y ? x / y : 0,
                       y ? x % y : 0, x & y,         x | y};
  for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
    if (strcmp(name, names[i]) == 0) {
      set_scalar(out, results[i]);
      out->hash = mut_mix2(mut_mix2(a->hash, b->hash), i);
      return;
    }
  }
  if (strcmp(name, "cmpi") == 0) {
    set_scalar(out, compare(op, x, y));
  } else if (strcmp(name, "select") == 0) {
    *out = *operand(m, op, x ? 1 : 2);
  } else if (strncmp(name, "index_cast", 10) == 0 || strncmp(name, "ext", 3) == 0 ||
             strncmp(name, "trunc", 5) == 0) {
    out->integer = x;
    out->hash = a->hash;
  } else { /* floats */
    out->integer = x;
    out->hash = mut_mix((uint64_t)name[0] << 8 | (uint64_t)name[1]);
    for (int i = 0; i < op->operand_count; i++) {
      out->hash = mut_mix2(out->hash, operand(m, op, i)->hash);
    }
  }
}

/* ---- single elements ------------------------------------------------------------------ */

/* Element `index` of a tile, row by row. */
void mut_run_getval(mut_machine *m, const mut_op *op) {
  const tile *t = &operand(m, op, 0)->tile;
  int64_t index = operand(m, op, 1)->integer;
  mut_check_alignment(m, t);
  value *out = result(m, op);
  if (mut_map_tile(m, t, t->type.rows, t->type.cols, &m->from)) {
    out->hash = read_element(m, t, &m->from, index / t->type.cols, index % t->type.cols);
  }
  out->integer = (int64_t)(out->hash % 3) + 1;
}

void mut_run_setval(mut_machine *m, const mut_op *op) {
  int64_t index = operand(m, op, 0)->integer;
  const tile *t = &operand(m, op, 2)->tile;
  mut_check_alignment(m, t);
  if (mut_map_tile(m, t, t->type.rows, t->type.cols, &m->to)) {
    write_element(m, t, &m->to, index / t->type.cols, index % t->type.cols,
                  operand(m, op, 1)->hash);
  }
}

void mut_run_load_scalar(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const view *pointer = &operand(m, op, 0)->view;
  out->hash = load_gm(m, pointer->root, pointer->offset + operand(m, op, 1)->integer);
  out->integer = 30 + (int64_t)(mut_mix(out->hash) % 5);
}

void mut_run_store_scalar(mut_machine *m, const mut_op *op) {
  const view *pointer = &operand(m, op, 1)->view;
  int root = pointer->root;
  int64_t offset = pointer->offset + operand(m, op, 2)->integer;
  uint64_t id = operand(m, op, 0)->hash;
  mut_put(&m->chip->written, mut_gm_identity(root, offset), id);
  mut_add_store(m, mut_mix2(mut_mix2(id, (uint64_t)offset), (uint64_t)root));
}
