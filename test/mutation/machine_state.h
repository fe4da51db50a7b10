/* What the parts of the interpreter share: its state, and how values, tiles and GM are reached. */
#ifndef PTL_TEST_MUTATION_MACHINE_STATE_H
#define PTL_TEST_MUTATION_MACHINE_STATE_H

#include "machine.h"

#include <string.h>

enum {
  MAX_STEPS = 4 * 1000 * 1000,
  MAX_OPERAND = 128 * 1024,
  MAX_EXTENT = 8192,
  ACC_COLUMNS = 8,
  MAX_INPUTS = 6
};

/* What is popped has identities like an argument's elements. */
enum { QUEUE_ROOT = 20000, SLOT_ELEMENTS = 1000000 };

/* A tile as a value: a place, the layout of the whole it is in, and what of it is valid. */
typedef struct tile {
  mut_tile_type type; /* rows, cols: of the layout */
  int64_t address;
  int64_t row, col; /* where this part begins in the layout */
  int64_t valid_rows, valid_cols;
} tile;

typedef struct view {
  int root;
  int rank;
  int64_t offset, strides[5], sizes[5];
} view;

typedef struct value {
  int64_t integer;
  uint64_t hash; /* of a scalar: what it is */
  tile tile;
  view view;
} value;

/* GM elements that the kernel wrote. */
typedef struct written {
  uint64_t *keys, *values;
  size_t size, count;
} written;

/* A sum of products in judgement: where its operands lie, and where they end. */
typedef struct chain {
  mut_space space;
  int64_t address;
  bool is_good;
  int lhs_root, rhs_root;
  int64_t lhs_next, rhs_next;             /* where the next chunk must begin */
  int64_t lhs_row, lhs_k, rhs_k, rhs_col; /* strides */
  int64_t m, n;
} chain;

/* A tile's layout is a sum of what the row and what the column contribute: byte addresses
 * of the rows and columns of a tile's part, so that an element is at rows[r] + cols[c]. */
typedef struct map {
  int64_t rows[MAX_EXTENT], cols[MAX_EXTENT];
} map;

struct mut_machine {
  bool is_a5;
  mut_memory memory;
  const mut_func *func;
  value *values;
  written written;
  mut_record *record;
  mut_place *places;
  bool adds_to_input, judge;
  int argument_set;
  int pops;
  int64_t steps;
  int64_t next_free[MUT_SPACES]; /* for tiles without addresses */
  int64_t *fixed;                /* by op number: their addresses */
  chain chains[64];
  int chain_count;
  uint64_t *left, *right; /* operands of a product */
  map from, to, inputs[MAX_INPUTS];
};

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static inline int64_t padded(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

static inline void fail(mut_machine *m, const char *why) {
  if (!m->record->failed) {
    m->record->failed = why;
  }
}

static inline bool is_acc(const tile *t) { return t->type.space == MUT_ACC; }

/* Accumulators hold one identity for 8 columns of a row. */
static inline uint64_t read_group(mut_machine *m, const tile *t, const map *at, int64_t row,
                                  int64_t group) {
  return mut_memory_read(&m->memory, MUT_ACC, at->rows[row] + at->cols[group * ACC_COLUMNS],
                         ACC_COLUMNS * t->type.elem_bytes);
}

static inline void write_group(mut_machine *m, const tile *t, const map *at, int64_t row,
                               int64_t group, uint64_t id) {
  mut_memory_write(&m->memory, MUT_ACC, at->rows[row] + at->cols[group * ACC_COLUMNS],
                   ACC_COLUMNS * t->type.elem_bytes, id);
}

static inline uint64_t read_element(mut_machine *m, const tile *t, const map *at, int64_t row,
                                    int64_t col) {
  if (is_acc(t)) {
    return mut_mix2(read_group(m, t, at, row, col / ACC_COLUMNS), (uint64_t)(col % ACC_COLUMNS));
  }
  return mut_memory_read(&m->memory, t->type.space, at->rows[row] + at->cols[col],
                         t->type.elem_bytes);
}

static inline void write_element(mut_machine *m, const tile *t, const map *at, int64_t row,
                                 int64_t col, uint64_t id) {
  mut_memory_write(&m->memory, t->type.space, at->rows[row] + at->cols[col], t->type.elem_bytes,
                   id);
}

static inline size_t slot_of(const written *w, uint64_t key) {
  size_t slot = mut_mix(key) & (w->size - 1);
  while (w->keys[slot] && w->keys[slot] != key) {
    slot = (slot + 1) & (w->size - 1);
  }
  return slot;
}

static inline uint64_t load_gm(const mut_machine *m, int root, int64_t offset) {
  uint64_t key = mut_gm_identity(root, offset);
  if (m->written.count && !m->judge) { /* judged by where an element lies, not by what it holds */
    size_t slot = slot_of(&m->written, key);
    if (m->written.keys[slot]) {
      return m->written.values[slot];
    }
  }
  return key;
}

static inline int64_t view_rows(const view *v) {
  int64_t rows = 1;
  for (int i = 0; i + 1 < v->rank; i++) {
    rows *= v->sizes[i];
  }
  return rows;
}

static inline int64_t view_cols(const view *v) { return v->rank ? v->sizes[v->rank - 1] : 0; }

static inline int64_t view_offset(const view *v, int64_t row, int64_t col) {
  int64_t offset = v->offset + col * v->strides[v->rank - 1];
  for (int i = v->rank - 2; i >= 0; i--) {
    offset += row % v->sizes[i] * v->strides[i];
    row /= v->sizes[i];
  }
  return offset;
}

static inline value *operand(mut_machine *m, const mut_op *op, int index) {
  static value none;
  if (index >= op->operand_count || op->operands[index].value < 0) {
    fail(m, "an operand is missing");
    memset(&none, 0, sizeof(none));
    return &none;
  }
  return &m->values[op->operands[index].value];
}

static inline value *result(mut_machine *m, const mut_op *op) {
  static value none;
  return op->result_count ? &m->values[op->results[0]] : &none;
}

static inline mut_result_type kind_of(const mut_machine *m, const mut_op *op, int index) {
  int value = op->operands[index].value;
  return value < 0 ? MUT_NO_RESULT : m->func->values[value].kind;
}

static inline void set_scalar(value *v, int64_t integer) {
  v->integer = integer;
  v->hash = mut_mix((uint64_t)integer);
}

/* machine_tiles.c */
int64_t mut_acc_rows(bool is_a5, const mut_tile_type *type);
bool mut_map_tile(mut_machine *m, const tile *t, int64_t rows, int64_t cols, map *out);
void mut_check_alignment(mut_machine *m, const tile *t);
void mut_put_written(written *w, uint64_t key, uint64_t value);
void mut_add_store(mut_machine *m, uint64_t hash);
int64_t mut_attribute(const mut_op *op, const char *name, int64_t otherwise);

/* machine_scalar.c */
void mut_run_arith(mut_machine *m, const mut_op *op);
void mut_run_getval(mut_machine *m, const mut_op *op);
void mut_run_setval(mut_machine *m, const mut_op *op);
void mut_run_load_scalar(mut_machine *m, const mut_op *op);
void mut_run_store_scalar(mut_machine *m, const mut_op *op);
void mut_run_pop(mut_machine *m, const mut_op *op);

/* machine_move.c */
void mut_run_view(mut_machine *m, const mut_op *op);
void mut_run_part(mut_machine *m, const mut_op *op);
void mut_run_alloc(mut_machine *m, const mut_op *op);
void mut_run_subview(mut_machine *m, const mut_op *op);
void mut_run_load(mut_machine *m, const mut_op *op);
void mut_send(mut_machine *m, const mut_op *op, const tile *t, const view *v);
void mut_transfer(mut_machine *m, const tile *from, int64_t row, int64_t col, const tile *to);

/* machine_cube.c */
void mut_judge_leaving(mut_machine *m, const tile *t);
void mut_run_matmul(mut_machine *m, const mut_op *op, bool accumulates);

/* machine_vector.c */
void mut_note_read(mut_machine *m, const mut_op *op, int index);
void mut_run_vector(mut_machine *m, const mut_op *op);

#endif
