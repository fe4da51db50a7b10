/* Views, tiles, and what moves between GM and tiles. */
#include "machine_state.h"

/* ---- views, tiles ------------------------------------------------------------- */

void mut_run_view(mut_machine *m, const mut_op *op) {
  const view *pointer = &operand(m, op, 0)->view;
  view *v = &result(m, op)->view;
  *v =
      (view){.rank = (op->operand_count - 1) / 2, .root = pointer->root, .offset = pointer->offset};
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

void mut_run_add_pointer(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  *out = *operand(m, op, 0);
  out->view.offset += operand(m, op, 1)->integer;
}

void mut_run_alloc(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  bool has_address = false;
  out->tile = (tile){.type = *type,
                     .valid_rows = type->valid_rows,
                     .valid_cols = type->valid_cols,
                     .name = op->results[0],
                     .buffer = -1};
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
  if (!has_address) {
    out->tile.address = mut_place_buffer(m, op, type->space, bytes);
    out->tile.buffer = op->number;
  } else if (m->places) {
    m->places[op->number] = (mut_place){op, out->tile.address, bytes};
  }
}

/* A part of a tile. Of an accumulator it is a tile of its own, at an address that is reckoned
 * by the whole's rows. */
void mut_run_subview(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  int64_t row = operand(m, op, 1)->integer, col = operand(m, op, 2)->integer;
  out->tile = operand(m, op, 0)->tile;
  out->tile.row += row;
  out->tile.col += col;
  if (is_acc(&out->tile)) {
    out->tile.address += (row * BLOCK_COLUMNS + col * out->tile.type.rows) * type->elem_bytes;
  }
  out->tile.valid_rows = op->operand_count > 4 ? operand(m, op, 3)->integer : type->rows;
  out->tile.valid_cols = op->operand_count > 4 ? operand(m, op, 4)->integer : type->cols;
}

/* The same bytes as a tile of another type. */
void mut_run_reshape(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  out->tile = operand(m, op, 0)->tile;
  out->tile.type = *type;
  out->tile.valid_rows = type->valid_rows < 0 ? type->rows : type->valid_rows;
  out->tile.valid_cols = type->valid_cols < 0 ? type->cols : type->valid_cols;
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

void mut_run_store(mut_machine *m, const mut_op *op) {
  const value *from = operand(m, op, 0);
  const view *v = &operand(m, op, 1)->view;
  tile t = mut_as_stored(&from->tile);
  uint64_t hash = mut_mix((uint64_t)v->root + 100);
  int64_t rows = smaller(view_rows(v), t.valid_rows), cols = smaller(view_cols(v), t.valid_cols);
  bool adds = strstr(op->attributes, "atomic_add") != NULL;
  mut_note_read(m, op, 0);
  mut_check_alignment(m, &t);
  if (!mut_map_tile(m, &t, rows, cols, &m->from)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      uint64_t id = read_element(m, &t, &m->from, r, c);
      int64_t offset = view_offset(v, r, c);
      uint64_t key = mut_gm_identity(v->root, offset);
      hash += mut_mix2(id, (uint64_t)offset);
      mut_put(&m->chip->written, key, adds ? mut_mix2(load_gm(m, v->root, offset), id) : id);
    }
  }
  mut_add_store(m, hash);
  if (is_acc(&t)) {
    mut_judge_leaving(m, &t);
  }
}

/* Mat -> Left, Right, and whatever other way a move takes; from (row, col) of the source. */
void mut_transfer(mut_machine *m, const tile *from, int64_t row, int64_t col, const tile *to,
                  bool extracts) {
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  tile part = mut_as_moved(m->is_a5, from, to),
       filled = mut_as_filled(m->is_a5, to, from, extracts);
  part.row += row;
  part.col += col;
  if (is_acc(&part)) {
    part.address += (row * BLOCK_COLUMNS + col * part.type.rows) * part.type.elem_bytes;
    mut_judge_leaving(m, &part);
  }
  mut_check_alignment(m, from);
  mut_check_alignment(m, to);
  if (!mut_map_tile(m, &part, rows, cols, &m->from) ||
      !mut_map_tile(m, &filled, rows, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      write_element(m, &filled, &m->to, r, c, read_element(m, &part, &m->from, r, c));
    }
  }
}
