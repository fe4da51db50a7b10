/* Views, tiles, and what moves between GM and tiles. */
#include "machine_state.h"

/* ---- views, tiles ------------------------------------------------------------- */

void mut_run_view(mut_machine *m, const mut_op *op) {
  view *v = &result(m, op)->view;
  v->rank = (op->operand_count - 1) / 2;
  v->root = op->operands[0].value;
  v->offset = 0;
  for (int i = 0; i < v->rank && i < 5; i++) {
    v->sizes[i] = operand(m, op, 1 + i)->integer;
    v->strides[i] = operand(m, op, 1 + v->rank + i)->integer;
  }
}

void mut_run_part(mut_machine *m, const mut_op *op) {
  view *v = &result(m, op)->view;
  *v = operand(m, op, 0)->view;
  for (int i = 0; i < v->rank && i < 5; i++) {
    v->offset += operand(m, op, 1 + i)->integer * v->strides[i];
    v->sizes[i] = operand(m, op, 1 + v->rank + i)->integer;
  }
}

void mut_run_alloc(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  bool has_address = false;
  out->tile = (tile){.type = *type, .valid_rows = type->valid_rows, .valid_cols = type->valid_cols};
  for (int i = 0; i < op->operand_count; i++) {
    int64_t integer = operand(m, op, i)->integer;
    switch (op->operands[i].key) {
    case 'a':
      out->tile.address = integer;
      has_address = true;
      break;
    case 'r':
      out->tile.valid_rows = integer;
      break;
    case 'c':
      out->tile.valid_cols = integer;
      break;
    default:
      break;
    }
  }
  int64_t bytes = mut_tile_bytes(m->is_a5, type);
  if (!has_address) { /* level2: a place of its own */
    if (m->fixed[op->number] < 0) {
      m->fixed[op->number] = m->next_free[type->space];
      m->next_free[type->space] += padded(bytes, 512);
    }
    out->tile.address = m->fixed[op->number];
  } else if (m->places) {
    m->places[op->number] = (mut_place){op, out->tile.address, bytes};
  }
}

void mut_run_subview(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  out->tile = operand(m, op, 0)->tile;
  out->tile.row += operand(m, op, 1)->integer;
  out->tile.col += operand(m, op, 2)->integer;
  out->tile.valid_rows = op->operand_count > 4 ? operand(m, op, 3)->integer : type->rows;
  out->tile.valid_cols = op->operand_count > 4 ? operand(m, op, 4)->integer : type->cols;
}

/* ---- transfers ------------------------------------------------------------------ */

void mut_run_load(mut_machine *m, const mut_op *op) {
  const view *v = &operand(m, op, 0)->view;
  const tile *t = &operand(m, op, 1)->tile;
  int64_t rows = smaller(view_rows(v), t->type.rows), cols = smaller(view_cols(v), t->type.cols);
  mut_check_alignment(m, t);
  if (!mut_map_tile(m, t, rows, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    int64_t begin = view_offset(v, r, 0);
    for (int64_t c = 0; c < cols; c++) {
      write_element(m, t, &m->to, r, c, load_gm(m, v->root, begin + c * v->strides[v->rank - 1]));
    }
  }
}

/* To GM, or to the other core: there `v` is NULL. */
void mut_send(mut_machine *m, const mut_op *op, const tile *t, const view *v) {
  uint64_t hash = mut_mix(v ? (uint64_t)v->root + 100 : 99);
  int64_t rows = v ? smaller(view_rows(v), t->valid_rows) : t->valid_rows;
  int64_t cols = v ? smaller(view_cols(v), t->valid_cols) : t->valid_cols;
  bool adds = strstr(op->attributes, "atomic_add") != NULL;
  mut_check_alignment(m, t);
  if (!mut_map_tile(m, t, rows, cols, &m->from)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      uint64_t id = read_element(m, t, &m->from, r, c);
      int64_t offset = v ? view_offset(v, r, c) : r * cols + c;
      hash += mut_mix2(id, (uint64_t)offset);
      if (v) {
        uint64_t key = mut_gm_identity(v->root, offset);
        mut_put_written(&m->written, key, adds ? mut_mix2(load_gm(m, v->root, offset), id) : id);
      }
    }
  }
  mut_add_store(m, hash);
  if (is_acc(t)) {
    mut_judge_leaving(m, t);
  }
}

/* Mat -> Left, Right, and whatever other way a move takes; from (row, col) of the source. */
void mut_transfer(mut_machine *m, const tile *from, int64_t row, int64_t col, const tile *to) {
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  tile part = *from;
  part.row += row;
  part.col += col;
  mut_check_alignment(m, from);
  mut_check_alignment(m, to);
  if (!mut_map_tile(m, &part, rows, cols, &m->from) || !mut_map_tile(m, to, rows, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      write_element(m, to, &m->to, r, c, read_element(m, &part, &m->from, r, c));
    }
  }
}
