/* Vector ops: each output element is a hash of what it may depend on. */
#include "machine_state.h"

#include <stdlib.h>

/* ---- vector ops ------------------------------------------------------------------- */

static uint64_t tile_hash(mut_machine *m, const tile *t, const map *at) {
  uint64_t hash = mut_mix((uint64_t)t->valid_rows * 1000 + (uint64_t)t->valid_cols);
  for (int64_t r = 0; r < t->valid_rows; r++) {
    for (int64_t c = 0; c < t->valid_cols; c++) {
      hash = mut_mix2(hash, read_element(m, t, at, r, c));
    }
  }
  return hash;
}

static uint64_t row_hash(mut_machine *m, const tile *t, const map *at, int64_t row) {
  uint64_t hash = mut_mix(31);
  for (int64_t c = 0; c < t->valid_cols; c++) {
    hash = mut_mix2(hash, read_element(m, t, at, row, c));
  }
  return hash;
}

/* How an input element belongs to an output element. */
typedef enum relation { SAME, ALONG_ROW, ALONG_COL, WHOLE_ROW, WHOLE } relation;

static relation relate(const tile *in, const tile *out) {
  if (in->valid_rows == out->valid_rows && in->valid_cols == out->valid_cols) {
    return SAME;
  }
  if (in->valid_rows == out->valid_rows && in->valid_cols == 1) {
    return ALONG_ROW;
  }
  if (in->valid_cols == out->valid_cols && in->valid_rows == 1) {
    return ALONG_COL;
  }
  return in->valid_rows == out->valid_rows && out->valid_cols == 1 ? WHOLE_ROW : WHOLE;
}

static uint64_t related(mut_machine *m, const tile *in, const map *at, relation how, uint64_t whole,
                        int64_t row, int64_t col) {
  switch (how) {
  case SAME:
    return read_element(m, in, at, row, col);
  case ALONG_ROW:
    return read_element(m, in, at, row, 0);
  case ALONG_COL:
    return read_element(m, in, at, 0, col);
  case WHOLE_ROW:
    return row_hash(m, in, at, row);
  default:
    return whole;
  }
}

static bool has_scratch(const char *name) {
  return strcmp(name, "pto.trowsum") == 0 || strcmp(name, "pto.trowmax") == 0 ||
         strcmp(name, "pto.trowmin") == 0;
}

static bool meets(const mut_machine *m, const tile *a, const tile *b) {
  int64_t a_end = a->address + mut_tile_bytes(m->is_a5, &a->type);
  int64_t b_end = b->address + mut_tile_bytes(m->is_a5, &b->type);
  return a->type.space == b->type.space && a->address < b_end && b->address < a_end;
}

/* What a scratch tile holds behind the op is nobody's. */
static void spoil(mut_machine *m, const tile *t) {
  if (!mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < t->valid_rows; r++) {
    for (int64_t c = 0; c < t->valid_cols; c++) {
      mut_memory_erase(&m->memory, t->type.space, m->to.rows[r] + m->to.cols[c],
                       t->type.elem_bytes);
    }
  }
}

/* Notes what operand `index` holds, for the comparison of judged runs. */
void mut_note_read(mut_machine *m, const mut_op *op, int index) {
  mut_record *record = m->record;
  const tile *t = &operand(m, op, index)->tile;
  if (!m->how.judge || (t->type.space != MUT_VEC && t->type.space != MUT_MAT) ||
      !mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->from)) {
    return;
  }
  int value = op->operands[index].value;
  while (m->func->values[value].slice_of >= 0) {
    value = m->func->values[value].slice_of;
  }
  if (record->read_count == record->read_capacity) {
    record->read_capacity = record->read_capacity ? record->read_capacity * 2 : 256;
    record->reads = realloc(record->reads, (size_t)record->read_capacity * sizeof(mut_read));
    if (!record->reads) {
      abort();
    }
  }
  record->reads[record->read_count++] =
      (mut_read){tile_hash(m, t, &m->from), !m->func->values[value].is_written};
}

typedef struct vector_op {
  const tile *in[MAX_INPUTS], *out;
  relation how[MAX_INPUTS];
  uint64_t whole[MAX_INPUTS];
  int count;
  uint64_t base; /* hash of the op and of what is not a tile */
} vector_op;

static void collect_operands(mut_machine *m, const mut_op *op, vector_op *v) {
  v->base = mut_mix(11);
  for (const char *at = op->name; *at; at++) {
    v->base = mut_mix2(v->base, (unsigned char)*at);
  }
  for (int i = 0; i < op->operand_count; i++) {
    const value *operand_value = operand(m, op, i);
    const tile *t = &operand_value->tile;
    if (kind_of(m, op, i) != MUT_TILE) {
      v->base = mut_mix2(v->base, operand_value->hash);
      continue;
    }
    mut_check_alignment(m, t);
    if (op->operands[i].is_out) {
      v->out = t;
    } else if (has_scratch(op->name) && v->count == 1) {
      spoil(m, t);
    } else if (v->count < MAX_INPUTS) {
      mut_note_read(m, op, i);
      v->in[v->count++] = t;
    }
  }
}

static uint64_t output_element(mut_machine *m, const vector_op *v, bool pads, int64_t r,
                               int64_t c) {
  uint64_t id = v->base;
  for (int i = 0; i < v->count; i++) {
    bool is_pad = pads && (r >= v->in[i]->valid_rows || c >= v->in[i]->valid_cols);
    id = mut_mix2(id, is_pad ? 1
                             : related(m, v->in[i], &m->inputs[i], pads ? SAME : v->how[i],
                                       v->whole[i], r, c));
  }
  return id;
}

/* A vector op: all inputs are read before anything is written. If the output lies
 * across an input, not in its place, the op destroys what it has yet to read: the result
 * is told apart. */
void mut_run_vector(mut_machine *m, const mut_op *op) {
  vector_op v = {.count = 0};
  collect_operands(m, op, &v);
  if (!v.out) {
    fail(m, "an op without an output tile");
    return;
  }
  for (int i = 0; i < v.count; i++) {
    const tile *in = v.in[i];
    if (!mut_map_tile(m, in, in->valid_rows, in->valid_cols, &m->inputs[i])) {
      return;
    }
    v.how[i] = relate(in, v.out);
    v.whole[i] = v.how[i] == WHOLE ? tile_hash(m, in, &m->inputs[i]) : 0;
    if (in->address != v.out->address && meets(m, in, v.out)) {
      v.base = mut_mix2(v.base, 666);
      m->record->misplaced++;
    }
  }
  bool pads = strcmp(op->name, "pto.tfillpad") == 0;
  int64_t rows = pads ? v.out->type.rows : v.out->valid_rows;
  int64_t cols = pads ? v.out->type.cols : v.out->valid_cols;
  if (!mut_map_tile(m, v.out, rows, cols, &m->to)) {
    return;
  }
  uint64_t *ids = calloc((size_t)(rows * cols) + 1, sizeof(uint64_t));
  for (int64_t i = 0; i < rows * cols; i++) {
    ids[i] = output_element(m, &v, pads, i / cols, i % cols);
  }
  for (int64_t i = 0; i < rows * cols; i++) {
    write_element(m, v.out, &m->to, i / cols, i % cols, ids[i]);
  }
  free(ids);
}
