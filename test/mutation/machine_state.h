/* What the parts of the interpreter share: its state, and how values, tiles and GM are reached. */
#ifndef PTL_TEST_MUTATION_MACHINE_STATE_H
#define PTL_TEST_MUTATION_MACHINE_STATE_H

#include "machine.h"

#include <string.h>

enum {
  MAX_STEPS = 4 * 1000 * 1000,
  MAX_OPERAND = 128 * 1024,
  MAX_EXTENT = 8192,
  MAX_FRAMES = 32,
  ACC_COLUMNS = 8,
  BLOCK_COLUMNS = 16,
  MAX_INPUTS = 6,
  MAX_PIPES = 4,
  MAX_CHAINS = 64
};

/* What is popped without a peer has identities like an argument's elements. */
enum { QUEUE_ROOT = 20000, SLOT_ELEMENTS = 1000000 };

/* A tile as a value: a place, the layout of the whole it is in, and what of it is valid. */
typedef struct tile {
  mut_tile_type type; /* rows, cols: of the layout */
  int64_t address;
  int64_t row, col; /* where this part begins in the layout; an accumulator's address has them */
  int64_t valid_rows, valid_cols;
  int64_t pitch; /* from block to block; 0: as many as the type has */
  int name;      /* the value that a tile was allocated or popped under */
  int buffer;    /* of a tile without an address: its number */
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
  view view;     /* of a pointer: root and offset */
  bool is_freed; /* a popped tile behind its tfree */
} value;

/* An operand of a sum of products: a part of a matrix in GM, or who knows what. */
typedef struct operand_run {
  bool is_known;
  int root;
  int64_t begin, row, col; /* its first element, and strides */
} operand_run;

/* A sum of products in judgement: its last operands. `begin` is where the next must begin. */
typedef struct chain {
  int64_t address;
  bool is_good;
  operand_run lhs, rhs;
  int64_t m, n;
} chain;

/* A tile's layout is a sum of what the row and what the column contribute: byte addresses
 * of the rows and columns of a tile's part, so that an element is at rows[r] + cols[c]. */
typedef struct map {
  int64_t rows[MAX_EXTENT], cols[MAX_EXTENT];
} map;

/* A block that is being run, and of a loop where it stands. */
typedef struct frame {
  const mut_block *block;
  const mut_op *op; /* whose block it is; NULL: the function's */
  int next;
  int64_t at, upper, step;
} frame;

/* One core's end of one direction of a pipe, as its initialize op says. */
typedef struct pipe_end {
  bool is_there;
  bool is_producer;
  int64_t mask, slots, slot_bytes, local_slots;
  int gm_root; /* a2a3: where the entries are kept */
  int64_t gm_offset;
  int64_t base;  /* of the consumer's local slots */
  int split;     /* -1: not used yet */
  int64_t count; /* pushes or pops */
  int64_t frees; /* tfrees */
  int64_t waits; /* free credits taken */
  int open;      /* the popped tile's value that is not freed; -1 */
} pipe_end;

/* A tile of a buffer that ptoas has yet to place: when what is in it is needed. */
typedef struct buffer_life {
  int64_t bytes;
  mut_space space;
  int64_t written, read; /* steps; -1 */
} buffer_life;

typedef struct event {
  int64_t when, bytes;
  mut_space space;
} event;

typedef struct mut_machine {
  mut_chip *chip;
  bool is_a5, is_cube;
  int lane;   /* of a vector core */
  int number; /* of the core in this run */
  bool is_done;
  mut_memory memory;
  uint32_t *acc_tags; /* in judgement: which row and group lies there */
  const mut_func *func;
  value *values;
  frame frames[MAX_FRAMES];
  int depth;
  mut_record *record;
  mut_place *places;
  mut_how how;
  pipe_end ends[2][MAX_PIPES]; /* to the cube, to the vector core */
  int64_t pops;                /* without a peer */
  int64_t steps;
  int64_t next_free[MUT_SPACES]; /* for tiles without addresses */
  int64_t *fixed;                /* by op number: their addresses */
  buffer_life *lives;            /* by op number */
  event *events;
  int event_count, event_capacity;
  chain chains[MAX_CHAINS];
  int chain_count;
  uint64_t *stores;
  int store_count, store_capacity;
  uint64_t *left, *right; /* operands of a product */
  map from, to, inputs[MAX_INPUTS];
} mut_machine;

enum { SLOT_BYTES = 2 * 1024 * 1024, MAX_SLOT_AREAS = 12 };

/* Where the entries of pipes are kept between cores. */
typedef struct slot_area {
  int64_t key; /* a pointer; on a5 one for each direction and lane; -1 */
  uint64_t *bytes;
  uint32_t *tags; /* in judgement: which element of which entry lies there */
  int64_t used;
} slot_area;

struct mut_chip {
  bool is_a5;
  mut_machine *cores[MUT_CORES]; /* the cube, two vector cores */
  int core_count;                /* of this run */
  mut_machine *running[MUT_CORES];
  mut_table written; /* GM elements that the kernel wrote */
  slot_area areas[MAX_SLOT_AREAS];
  mut_record *record;
  bool is_mixed;
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

void mut_note_name(mut_machine *m, const tile *t, int64_t address);

/* Accumulators hold one identity for 8 columns of a row. */
static inline uint64_t read_group(mut_machine *m, const tile *t, const map *at, int64_t row,
                                  int64_t group) {
  int64_t address = at->rows[row] + at->cols[group * ACC_COLUMNS];
  if (m->how.judge) {
    mut_note_name(m, t, address);
    uint32_t tag = (uint32_t)((t->row + row) << 12 | (t->col / ACC_COLUMNS + group)) + 1;
    bool inside = address >= 0 && address < m->memory.room[MUT_ACC];
    m->record->misplaced += inside && m->acc_tags[address / 32] != tag;
  }
  return mut_memory_read(&m->memory, MUT_ACC, address, ACC_COLUMNS * t->type.elem_bytes);
}

static inline void write_group(mut_machine *m, const tile *t, const map *at, int64_t row,
                               int64_t group, uint64_t id) {
  int64_t address = at->rows[row] + at->cols[group * ACC_COLUMNS];
  if (m->how.judge && address >= 0 && address < m->memory.room[MUT_ACC]) {
    m->acc_tags[address / 32] =
        (uint32_t)((t->row + row) << 12 | (t->col / ACC_COLUMNS + group)) + 1;
  }
  mut_memory_write(&m->memory, MUT_ACC, address, ACC_COLUMNS * t->type.elem_bytes, id,
                   (uint32_t)t->name + 1);
}

static inline uint64_t read_element(mut_machine *m, const tile *t, const map *at, int64_t row,
                                    int64_t col) {
  if (is_acc(t)) {
    return mut_mix2(read_group(m, t, at, row, col / ACC_COLUMNS), (uint64_t)(col % ACC_COLUMNS));
  }
  int64_t address = at->rows[row] + at->cols[col];
  if (m->how.judge) {
    mut_note_name(m, t, address);
  }
  return mut_memory_read(&m->memory, t->type.space, address, t->type.elem_bytes);
}

static inline void write_element(mut_machine *m, const tile *t, const map *at, int64_t row,
                                 int64_t col, uint64_t id) {
  mut_memory_write(&m->memory, t->type.space, at->rows[row] + at->cols[col], t->type.elem_bytes, id,
                   (uint32_t)t->name + 1);
}

static inline size_t slot_of(const mut_table *table, uint64_t key) {
  size_t slot = mut_mix(key) & (table->size - 1);
  while (table->keys[slot] && table->keys[slot] != key) {
    slot = (slot + 1) & (table->size - 1);
  }
  return slot;
}

static inline bool is_in_table(const mut_table *table, uint64_t key) {
  return table->count && table->keys[slot_of(table, key)];
}

static inline uint64_t load_gm(const mut_machine *m, int root, int64_t offset) {
  uint64_t key = mut_gm_identity(root, offset);
  const mut_table *written = &m->chip->written;
  if (written->count && !m->how.judge) { /* judged by where it lies, not by what it holds */
    size_t slot = slot_of(written, key);
    if (written->keys[slot]) {
      return written->values[slot];
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
  value *found = &m->values[op->operands[index].value];
  m->record->refused += found->is_freed && m->is_a5; /* a2a3: it stays until it is written over */
  return found;
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

/* machine_ops.c: NULL is an op that is not known, or does nothing */
typedef void (*mut_runner)(mut_machine *m, const mut_op *op);
mut_runner mut_runner_of(const mut_op *op);
bool mut_is_idle(const mut_op *op);

/* machine_tiles.c */
bool mut_map_tile(mut_machine *m, const tile *t, int64_t rows, int64_t cols, map *out);
void mut_check_alignment(mut_machine *m, const tile *t);
void mut_put(mut_table *table, uint64_t key, uint64_t value);
void mut_table_clear(mut_table *table);
void mut_add_store(mut_machine *m, uint64_t hash);

/* machine_pitch.c */
int64_t mut_acc_rows(bool is_a5, const mut_tile_type *type);
int64_t mut_product_pitch(int64_t rows);
tile mut_as_stored(const tile *t);
tile mut_as_pushed(bool is_a5, const tile *t);
tile mut_as_moved(bool is_a5, const tile *t, const tile *to);
tile mut_as_filled(bool is_a5, const tile *t, const tile *from, bool extracts);
tile mut_as_operand(bool is_a5, const tile *t, int64_t rows, int64_t cols);

/* machine_unplanned.c */
int64_t mut_place_buffer(mut_machine *m, const mut_op *op, mut_space space, int64_t bytes);
void mut_follow_lives(mut_machine *m, const mut_op *op);
void mut_judge_room(mut_machine *m);

/* machine_scalar.c */
void mut_run_arith(mut_machine *m, const mut_op *op);
void mut_run_getval(mut_machine *m, const mut_op *op);
void mut_run_setval(mut_machine *m, const mut_op *op);
void mut_run_load_scalar(mut_machine *m, const mut_op *op);
void mut_run_store_scalar(mut_machine *m, const mut_op *op);

/* machine_pipe.c */
bool mut_pipe_waits(mut_machine *m, const mut_op *op);
bool mut_pipe_waits_at_end(const mut_machine *m);
void mut_run_initialize(mut_machine *m, const mut_op *op);
void mut_run_reserve(mut_machine *m, const mut_op *op);
void mut_run_push(mut_machine *m, const mut_op *op);
void mut_run_pop(mut_machine *m, const mut_op *op);
void mut_run_free(mut_machine *m, const mut_op *op);
void mut_judge_pipes(mut_chip *chip);

/* machine_slots.c */
void mut_send_entry(mut_machine *m, const pipe_end *end, const mut_machine *peer, const tile *t,
                    bool to_vector, int split);
void mut_take_entry(mut_machine *m, const pipe_end *end, const tile *t, bool to_vector, int split);
void mut_clear_slots(mut_chip *chip);

/* machine_move.c */
void mut_run_view(mut_machine *m, const mut_op *op);
void mut_run_part(mut_machine *m, const mut_op *op);
void mut_run_add_pointer(mut_machine *m, const mut_op *op);
void mut_run_alloc(mut_machine *m, const mut_op *op);
void mut_run_subview(mut_machine *m, const mut_op *op);
void mut_run_reshape(mut_machine *m, const mut_op *op);
void mut_run_load(mut_machine *m, const mut_op *op);
void mut_run_store(mut_machine *m, const mut_op *op);
void mut_transfer(mut_machine *m, const tile *from, int64_t row, int64_t col, const tile *to,
                  bool extracts);

/* machine_cube.c */
void mut_judge_leaving(mut_machine *m, const tile *t);
void mut_run_matmul(mut_machine *m, const mut_op *op, bool accumulates);

/* machine_vector.c */
void mut_note_read(mut_machine *m, const mut_op *op, int index);
void mut_run_vector(mut_machine *m, const mut_op *op);

#endif
