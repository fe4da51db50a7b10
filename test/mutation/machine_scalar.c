/* Integers, single elements, and what is popped. */
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
  static const char *const names[] = {"addi", "subi", "muli", "divsi", "remsi", "maxsi", "minsi"};
  int64_t x = a->integer, y = b->integer;
  int64_t results[] = {x + y,         x - y,         x * y,        y ? x / y : 0,
                       y ? x % y : 0, x > y ? x : y, x < y ? x : y};
  for (int i = 0; i < 7; i++) {
    if (strcmp(name, names[i]) == 0) {
      set_scalar(out, results[i]);
      out->hash = mut_mix2(mut_mix2(a->hash, b->hash), (uint64_t)i);
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

/* ---- scalars and queues --------------------------------------------------------------- */

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
  out->hash = load_gm(m, op->operands[0].value, operand(m, op, 1)->integer);
  out->integer = 30 + (int64_t)(mut_mix(out->hash) % 5);
}

void mut_run_store_scalar(mut_machine *m, const mut_op *op) {
  int root = op->operands[1].value;
  int64_t offset = operand(m, op, 2)->integer;
  uint64_t id = operand(m, op, 0)->hash;
  mut_put_written(&m->written, mut_gm_identity(root, offset), id);
  mut_add_store(m, mut_mix2(mut_mix2(id, (uint64_t)offset), (uint64_t)root));
}

/* The buffer that this function reserves in a space. */
static const mut_op *reserved(const mut_func *func, const char *location) {
  for (int i = 0; i < func->body->count; i++) {
    const mut_op *op = &func->body->ops[i];
    if (strcmp(op->name, "pto.reserve_buffer") == 0 && strstr(op->attributes, location)) {
      return op;
    }
  }
  return NULL;
}

static const mut_op *pipe_of(const mut_func *func) {
  for (int i = 0; i < func->body->count; i++) {
    if (strstr(func->body->ops[i].name, "_initialize_pipe")) {
      return &func->body->ops[i];
    }
  }
  return NULL;
}

/* Fills the next slot of the queue and hands out a tile on it. */
void mut_run_pop(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  const mut_op *buffer = reserved(m->func, type->space == MUT_VEC ? "space<vec>" : "space<mat>");
  const mut_op *pipe = pipe_of(m->func);
  if (!buffer || !pipe) {
    fail(m, "a pop without a reserved buffer");
    return;
  }
  int64_t slots = mut_attribute(pipe, "slot_num = ", 1);
  int64_t size = mut_attribute(pipe, "slot_size = ", 0);
  out->tile = (tile){.type = *type,
                     .address = mut_attribute(buffer, "base = ", 0) + m->pops % slots * size,
                     .valid_rows = type->valid_rows < 0 ? type->rows : type->valid_rows,
                     .valid_cols = type->valid_cols < 0 ? type->cols : type->valid_cols};
  if (op->operand_count == 2) {
    out->tile.valid_rows = operand(m, op, 0)->integer;
    out->tile.valid_cols = operand(m, op, 1)->integer;
  }
  if (!mut_map_tile(m, &out->tile, out->tile.valid_rows, out->tile.valid_cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < out->tile.valid_rows; r++) {
    for (int64_t c = 0; c < out->tile.valid_cols; c++) {
      write_element(m, &out->tile, &m->to, r, c,
                    mut_gm_identity(QUEUE_ROOT, m->pops * SLOT_ELEMENTS + r * type->cols + c));
    }
  }
  m->pops++;
}
