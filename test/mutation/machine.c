#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
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

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t padded(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

int64_t mut_capacity(bool is_a5, mut_space space) {
  static const int64_t kib[2][MUT_SPACES] = {{512, 64, 64, 128, 1, 4, 192},
                                             {512, 64, 64, 256, 4, 4, 248}};
  return kib[is_a5][space] * 1024;
}

static int64_t acc_rows(bool is_a5, const mut_tile_type *type) {
  bool is_i32 = strcmp(type->elem, "i32") == 0;
  return padded(type->rows, is_i32 && !is_a5 ? 32 : 16);
}

int64_t mut_tile_bytes(bool is_a5, const mut_tile_type *type) {
  int64_t rows = type->space == MUT_ACC ? acc_rows(is_a5, type) : type->rows;
  return rows * type->cols * type->elem_bytes;
}

static void fail(mut_machine *m, const char *why) {
  if (!m->record->failed) {
    m->record->failed = why;
  }
}

/* ---- elements of tiles ------------------------------------------------------ */

/* Extents of an inner block of the layout, and how blocks follow each other. */
typedef struct blocks {
  int64_t rows, cols;         /* of one block */
  int64_t row_step, col_step; /* in it, in elements */
  int64_t down, across;       /* from block to block, in elements */
} blocks;

static blocks blocks_of(const mut_machine *m, const mut_tile_type *t) {
  if (t->inner == MUT_INNER_NONE) {
    return t->blocks_col_major ? (blocks){1, 1, 0, 0, 1, t->rows}
                               : (blocks){1, 1, 0, 0, t->cols, 1};
  }
  bool is_acc = t->space == MUT_ACC, by_rows = t->inner == MUT_INNER_ROW;
  int64_t rows = is_acc ? acc_rows(m->is_a5, t) : t->rows;
  int64_t step = is_acc ? 16 : 32 / t->elem_bytes;
  blocks b = {.rows = by_rows ? 16 : step, .cols = by_rows ? step : 16};
  int64_t size = b.rows * b.cols;
  b.row_step = by_rows ? b.cols : 1;
  b.col_step = by_rows ? 1 : b.rows;
  b.down = t->blocks_col_major ? size : padded(t->cols, b.cols) / b.cols * size;
  b.across = t->blocks_col_major ? padded(rows, b.rows) / b.rows * size : size;
  return b;
}

/* Fills a map for the first rows and columns of a tile; false if it is too large. */
static bool map_tile(mut_machine *m, const tile *t, int64_t rows, int64_t cols, map *out) {
  if (rows > MAX_EXTENT || cols > MAX_EXTENT) {
    fail(m, "a tile is too large");
    return false;
  }
  blocks b = blocks_of(m, &t->type);
  for (int64_t r = 0; r < rows; r++) {
    int64_t row = t->row + r;
    out->rows[r] =
        t->address + (row / b.rows * b.down + row % b.rows * b.row_step) * t->type.elem_bytes;
  }
  for (int64_t c = 0; c < cols; c++) {
    int64_t col = t->col + c;
    out->cols[c] = (col / b.cols * b.across + col % b.cols * b.col_step) * t->type.elem_bytes;
  }
  return true;
}

static bool is_acc(const tile *t) { return t->type.space == MUT_ACC; }

/* Accumulators hold one identity for 8 columns of a row. */
static uint64_t read_group(mut_machine *m, const tile *t, const map *at, int64_t row,
                           int64_t group) {
  return mut_memory_read(&m->memory, MUT_ACC, at->rows[row] + at->cols[group * ACC_COLUMNS],
                         ACC_COLUMNS * t->type.elem_bytes);
}

static void write_group(mut_machine *m, const tile *t, const map *at, int64_t row, int64_t group,
                        uint64_t id) {
  mut_memory_write(&m->memory, MUT_ACC, at->rows[row] + at->cols[group * ACC_COLUMNS],
                   ACC_COLUMNS * t->type.elem_bytes, id);
}

static uint64_t read_element(mut_machine *m, const tile *t, const map *at, int64_t row,
                             int64_t col) {
  if (is_acc(t)) {
    return mut_mix2(read_group(m, t, at, row, col / ACC_COLUMNS), (uint64_t)(col % ACC_COLUMNS));
  }
  return mut_memory_read(&m->memory, t->type.space, at->rows[row] + at->cols[col],
                         t->type.elem_bytes);
}

static void write_element(mut_machine *m, const tile *t, const map *at, int64_t row, int64_t col,
                          uint64_t id) {
  mut_memory_write(&m->memory, t->type.space, at->rows[row] + at->cols[col], t->type.elem_bytes,
                   id);
}

/* A buffer is addressed in 32-byte blocks: anything else counts as outside. */
static void check_alignment(mut_machine *m, const tile *t) {
  if (t->address % 32 != 0 && t->valid_rows > 0 && t->valid_cols > 0) {
    m->memory.outside++;
  }
}

/* ---- GM --------------------------------------------------------------------- */

static size_t slot_of(const written *w, uint64_t key) {
  size_t slot = mut_mix(key) & (w->size - 1);
  while (w->keys[slot] && w->keys[slot] != key) {
    slot = (slot + 1) & (w->size - 1);
  }
  return slot;
}

static void put_written(written *w, uint64_t key, uint64_t value) {
  if (w->count * 2 >= w->size) {
    written old = *w;
    w->size = old.size ? old.size * 2 : 4096;
    w->keys = calloc(w->size, sizeof(uint64_t));
    w->values = calloc(w->size, sizeof(uint64_t));
    if (!w->keys || !w->values) {
      abort();
    }
    for (size_t i = 0; i < old.size; i++) {
      if (old.keys[i]) {
        size_t slot = slot_of(w, old.keys[i]);
        w->keys[slot] = old.keys[i];
        w->values[slot] = old.values[i];
      }
    }
    free(old.keys);
    free(old.values);
  }
  size_t slot = slot_of(w, key);
  w->count += w->keys[slot] == 0;
  w->keys[slot] = key;
  w->values[slot] = value;
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

static void add_store(mut_machine *m, uint64_t hash) {
  mut_record *r = m->record;
  if (r->count == r->capacity) {
    r->capacity = r->capacity ? r->capacity * 2 : 64;
    r->stores = realloc(r->stores, (size_t)r->capacity * sizeof(uint64_t));
    if (!r->stores) {
      abort();
    }
  }
  r->stores[r->count++] = hash;
}

static int64_t view_rows(const view *v) {
  int64_t rows = 1;
  for (int i = 0; i + 1 < v->rank; i++) {
    rows *= v->sizes[i];
  }
  return rows;
}

static int64_t view_cols(const view *v) { return v->rank ? v->sizes[v->rank - 1] : 0; }

static int64_t view_offset(const view *v, int64_t row, int64_t col) {
  int64_t offset = v->offset + col * v->strides[v->rank - 1];
  for (int i = v->rank - 2; i >= 0; i--) {
    offset += row % v->sizes[i] * v->strides[i];
    row /= v->sizes[i];
  }
  return offset;
}

/* ---- operands ----------------------------------------------------------------- */

static value *operand(mut_machine *m, const mut_op *op, int index) {
  static value none;
  if (index >= op->operand_count || op->operands[index].value < 0) {
    fail(m, "an operand is missing");
    memset(&none, 0, sizeof(none));
    return &none;
  }
  return &m->values[op->operands[index].value];
}

static value *result(mut_machine *m, const mut_op *op) {
  static value none;
  return op->result_count ? &m->values[op->results[0]] : &none;
}

static mut_result_type kind_of(const mut_machine *m, const mut_op *op, int index) {
  int value = op->operands[index].value;
  return value < 0 ? MUT_NO_RESULT : m->func->values[value].kind;
}

static void set_scalar(value *v, int64_t integer) {
  v->integer = integer;
  v->hash = mut_mix((uint64_t)integer);
}

/* The value of an attribute of integer type in the op's text. */
static int64_t attribute(const mut_op *op, const char *name, int64_t otherwise) {
  const char *at = strstr(op->attributes, name);
  return at ? strtoll(at + strlen(name), NULL, 10) : otherwise;
}

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

static void run_arith(mut_machine *m, const mut_op *op) {
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

/* ---- views, tiles ------------------------------------------------------------- */

static void run_view(mut_machine *m, const mut_op *op) {
  view *v = &result(m, op)->view;
  v->rank = (op->operand_count - 1) / 2;
  v->root = op->operands[0].value;
  v->offset = 0;
  for (int i = 0; i < v->rank && i < 5; i++) {
    v->sizes[i] = operand(m, op, 1 + i)->integer;
    v->strides[i] = operand(m, op, 1 + v->rank + i)->integer;
  }
}

static void run_part(mut_machine *m, const mut_op *op) {
  view *v = &result(m, op)->view;
  *v = operand(m, op, 0)->view;
  for (int i = 0; i < v->rank && i < 5; i++) {
    v->offset += operand(m, op, 1 + i)->integer * v->strides[i];
    v->sizes[i] = operand(m, op, 1 + v->rank + i)->integer;
  }
}

static void run_alloc(mut_machine *m, const mut_op *op) {
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

static void run_subview(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  out->tile = operand(m, op, 0)->tile;
  out->tile.row += operand(m, op, 1)->integer;
  out->tile.col += operand(m, op, 2)->integer;
  out->tile.valid_rows = op->operand_count > 4 ? operand(m, op, 3)->integer : type->rows;
  out->tile.valid_cols = op->operand_count > 4 ? operand(m, op, 4)->integer : type->cols;
}

/* ---- transfers ------------------------------------------------------------------ */

static void run_load(mut_machine *m, const mut_op *op) {
  const view *v = &operand(m, op, 0)->view;
  const tile *t = &operand(m, op, 1)->tile;
  int64_t rows = smaller(view_rows(v), t->type.rows), cols = smaller(view_cols(v), t->type.cols);
  check_alignment(m, t);
  if (!map_tile(m, t, rows, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    int64_t begin = view_offset(v, r, 0);
    for (int64_t c = 0; c < cols; c++) {
      write_element(m, t, &m->to, r, c, load_gm(m, v->root, begin + c * v->strides[v->rank - 1]));
    }
  }
}

static void judge_leaving(mut_machine *m, const tile *t);

/* To GM, or to the other core: there `v` is NULL. */
static void send(mut_machine *m, const mut_op *op, const tile *t, const view *v) {
  uint64_t hash = mut_mix(v ? (uint64_t)v->root + 100 : 99);
  int64_t rows = v ? smaller(view_rows(v), t->valid_rows) : t->valid_rows;
  int64_t cols = v ? smaller(view_cols(v), t->valid_cols) : t->valid_cols;
  bool adds = strstr(op->attributes, "atomic_add") != NULL;
  check_alignment(m, t);
  if (!map_tile(m, t, rows, cols, &m->from)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      uint64_t id = read_element(m, t, &m->from, r, c);
      int64_t offset = v ? view_offset(v, r, c) : r * cols + c;
      hash += mut_mix2(id, (uint64_t)offset);
      if (v) {
        uint64_t key = mut_gm_identity(v->root, offset);
        put_written(&m->written, key, adds ? mut_mix2(load_gm(m, v->root, offset), id) : id);
      }
    }
  }
  add_store(m, hash);
  if (is_acc(t)) {
    judge_leaving(m, t);
  }
}

/* Mat -> Left, Right, and whatever other way a move takes; from (row, col) of the source. */
static void transfer(mut_machine *m, const tile *from, int64_t row, int64_t col, const tile *to) {
  int64_t rows = to->valid_rows, cols = to->valid_cols;
  tile part = *from;
  part.row += row;
  part.col += col;
  check_alignment(m, from);
  check_alignment(m, to);
  if (!map_tile(m, &part, rows, cols, &m->from) || !map_tile(m, to, rows, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      write_element(m, to, &m->to, r, c, read_element(m, &part, &m->from, r, c));
    }
  }
}

/* ---- products --------------------------------------------------------------------- */

static chain *chain_at(mut_machine *m, const tile *t) {
  for (int i = 0; i < m->chain_count; i++) {
    if (m->chains[i].address == t->address) {
      return &m->chains[i];
    }
  }
  if (m->chain_count == 64) {
    return &m->chains[63];
  }
  chain *c = &m->chains[m->chain_count++];
  memset(c, 0, sizeof(*c));
  c->address = t->address;
  return c;
}

/* Whether rows x cols identities are elements of one matrix in GM, and which. */
static bool is_regular(const uint64_t *ids, int64_t rows, int64_t cols, int *root, int64_t *begin,
                       int64_t *row_stride, int64_t *col_stride) {
  int64_t at;
  int other;
  if (!mut_gm_place(ids[0], root, begin)) {
    return false;
  }
  *row_stride = *col_stride = 0;
  if (rows > 1 && mut_gm_place(ids[cols], &other, &at)) {
    *row_stride = at - *begin;
  }
  if (cols > 1 && mut_gm_place(ids[1], &other, &at)) {
    *col_stride = at - *begin;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      if (!mut_gm_place(ids[r * cols + c], &other, &at) || other != *root ||
          at != *begin + r * *row_stride + c * *col_stride) {
        return false;
      }
    }
  }
  return true;
}

/* Notes what is multiplied, and whether it goes on where the accumulator's sum ends. */
static void judge_product(mut_machine *m, bool accumulates, const tile *out, int64_t rows,
                          int64_t k, int64_t cols) {
  chain next = {.address = out->address, .m = rows, .n = cols};
  int64_t lhs, rhs;
  next.is_good = is_regular(m->left, rows, k, &next.lhs_root, &lhs, &next.lhs_row, &next.lhs_k) &&
                 is_regular(m->right, k, cols, &next.rhs_root, &rhs, &next.rhs_k, &next.rhs_col);
  chain *old = chain_at(m, out);
  if (next.is_good && accumulates) {
    next.is_good = old->is_good && old->lhs_root == next.lhs_root &&
                   old->rhs_root == next.rhs_root && old->lhs_next == lhs && old->rhs_next == rhs &&
                   old->lhs_row == next.lhs_row && old->lhs_k == next.lhs_k &&
                   old->rhs_k == next.rhs_k && old->rhs_col == next.rhs_col && old->m == rows &&
                   old->n == cols;
  }
  if (next.is_good) {
    next.lhs_next = lhs + k * next.lhs_k;
    next.rhs_next = rhs + k * next.rhs_k;
  }
  *old = next;
}

static void judge_leaving(mut_machine *m, const tile *t) {
  if (m->judge && !chain_at(m, t)->is_good) {
    m->record->is_consistent = false;
  }
}

static void read_operands(mut_machine *m, const tile *left, const tile *right, int64_t rows,
                          int64_t k, int64_t cols) {
  if (!map_tile(m, left, rows, k, &m->from) || !map_tile(m, right, k, cols, &m->to)) {
    return;
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t i = 0; i < k; i++) {
      m->left[r * k + i] = read_element(m, left, &m->from, r, i);
    }
  }
  for (int64_t i = 0; i < k; i++) {
    for (int64_t c = 0; c < cols; c++) {
      m->right[i * cols + c] = read_element(m, right, &m->to, i, c);
    }
  }
}

/* right[k, n] over each group of columns, as one number. */
static void fold_right(mut_machine *m, int64_t k, int64_t cols, int64_t groups) {
  uint64_t weights[ACC_COLUMNS];
  for (int i = 0; i < ACC_COLUMNS; i++) {
    weights[i] = mut_mix((uint64_t)i + 1000);
  }
  for (int64_t i = 0; i < k; i++) {
    for (int64_t g = 0; g < groups; g++) {
      uint64_t sum = 0;
      for (int64_t c = g * ACC_COLUMNS; c < cols && c < (g + 1) * ACC_COLUMNS; c++) {
        sum += mut_mix(m->right[i * cols + c] + 5) * weights[c % ACC_COLUMNS];
      }
      m->right[i * groups + g] = sum;
    }
  }
}

static void run_matmul(mut_machine *m, const mut_op *op, bool accumulates) {
  int first = accumulates ? 1 : 0;
  const tile *left = &operand(m, op, first)->tile, *right = &operand(m, op, first + 1)->tile;
  const tile *out = &operand(m, op, first + 2)->tile;
  const tile *in = accumulates && m->adds_to_input ? &operand(m, op, 0)->tile : out;
  int64_t rows = left->valid_rows, k = left->valid_cols, cols = right->valid_cols;
  int64_t groups = (cols + ACC_COLUMNS - 1) / ACC_COLUMNS;
  int64_t all_rows = acc_rows(m->is_a5, &out->type);
  if (rows < 0 || k < 0 || cols < 0 || rows * k > MAX_OPERAND || k * cols > MAX_OPERAND) {
    fail(m, "a product is too large");
    return;
  }
  check_alignment(m, left);
  check_alignment(m, right);
  check_alignment(m, out);
  read_operands(m, left, right, rows, k, cols);
  if (m->judge) {
    judge_product(m, accumulates, out, rows, k, cols);
  }
  fold_right(m, k, cols, groups);
  for (int64_t i = 0; i < rows * k; i++) {
    m->left[i] = mut_mix(m->left[i] + 3);
  }
  if (!map_tile(m, in, all_rows, padded(cols, ACC_COLUMNS), &m->from) ||
      !map_tile(m, out, all_rows, padded(cols, ACC_COLUMNS), &m->to)) {
    return;
  }
  uint64_t *sums = calloc((size_t)(rows * groups) + 1, sizeof(uint64_t));
  for (int64_t r = 0; r < rows; r++) {
    uint64_t *row = sums + r * groups;
    for (int64_t i = 0; i < k; i++) {
      uint64_t factor = m->left[r * k + i];
      const uint64_t *by = m->right + i * groups;
      for (int64_t g = 0; g < groups; g++) {
        row[g] += factor * by[g];
      }
    }
    for (int64_t g = 0; accumulates && g < groups; g++) {
      row[g] += read_group(m, in, &m->from, r, g);
    }
  }
  for (int64_t r = 0; r < all_rows; r++) {
    for (int64_t g = 0; g < groups; g++) {
      uint64_t id = r < rows ? sums[r * groups + g] : mut_mix2(4242, (uint64_t)(r * groups + g));
      write_group(m, out, &m->to, r, g, id ? id : 1);
    }
  }
  free(sums);
}

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
  if (!map_tile(m, t, t->valid_rows, t->valid_cols, &m->to)) {
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
static void note_read(mut_machine *m, const mut_op *op, int index) {
  mut_record *record = m->record;
  const tile *t = &operand(m, op, index)->tile;
  if (!m->judge || (t->type.space != MUT_VEC && t->type.space != MUT_MAT) ||
      !map_tile(m, t, t->valid_rows, t->valid_cols, &m->from)) {
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
    check_alignment(m, t);
    if (op->operands[i].is_out) {
      v->out = t;
    } else if (has_scratch(op->name) && v->count == 1) {
      spoil(m, t);
    } else if (v->count < MAX_INPUTS) {
      note_read(m, op, i);
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
static void run_vector(mut_machine *m, const mut_op *op) {
  vector_op v = {.count = 0};
  collect_operands(m, op, &v);
  if (!v.out) {
    fail(m, "an op without an output tile");
    return;
  }
  for (int i = 0; i < v.count; i++) {
    const tile *in = v.in[i];
    if (!map_tile(m, in, in->valid_rows, in->valid_cols, &m->inputs[i])) {
      return;
    }
    v.how[i] = relate(in, v.out);
    v.whole[i] = v.how[i] == WHOLE ? tile_hash(m, in, &m->inputs[i]) : 0;
    if (in->address != v.out->address && meets(m, in, v.out)) {
      v.base = mut_mix2(v.base, 666);
    }
  }
  bool pads = strcmp(op->name, "pto.tfillpad") == 0;
  int64_t rows = pads ? v.out->type.rows : v.out->valid_rows;
  int64_t cols = pads ? v.out->type.cols : v.out->valid_cols;
  if (!map_tile(m, v.out, rows, cols, &m->to)) {
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

/* ---- scalars and queues --------------------------------------------------------------- */

/* Element `index` of a tile, row by row. */
static void run_getval(mut_machine *m, const mut_op *op) {
  const tile *t = &operand(m, op, 0)->tile;
  int64_t index = operand(m, op, 1)->integer;
  check_alignment(m, t);
  value *out = result(m, op);
  if (map_tile(m, t, t->type.rows, t->type.cols, &m->from)) {
    out->hash = read_element(m, t, &m->from, index / t->type.cols, index % t->type.cols);
  }
  out->integer = (int64_t)(out->hash % 3) + 1;
}

static void run_setval(mut_machine *m, const mut_op *op) {
  int64_t index = operand(m, op, 0)->integer;
  const tile *t = &operand(m, op, 2)->tile;
  check_alignment(m, t);
  if (map_tile(m, t, t->type.rows, t->type.cols, &m->to)) {
    write_element(m, t, &m->to, index / t->type.cols, index % t->type.cols,
                  operand(m, op, 1)->hash);
  }
}

static void run_load_scalar(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  out->hash = load_gm(m, op->operands[0].value, operand(m, op, 1)->integer);
  out->integer = 30 + (int64_t)(mut_mix(out->hash) % 5);
}

static void run_store_scalar(mut_machine *m, const mut_op *op) {
  int root = op->operands[1].value;
  int64_t offset = operand(m, op, 2)->integer;
  uint64_t id = operand(m, op, 0)->hash;
  put_written(&m->written, mut_gm_identity(root, offset), id);
  add_store(m, mut_mix2(mut_mix2(id, (uint64_t)offset), (uint64_t)root));
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
static void run_pop(mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  const mut_op *buffer = reserved(m->func, type->space == MUT_VEC ? "space<vec>" : "space<mat>");
  const mut_op *pipe = pipe_of(m->func);
  if (!buffer || !pipe) {
    fail(m, "a pop without a reserved buffer");
    return;
  }
  int64_t slots = attribute(pipe, "slot_num = ", 1);
  int64_t size = attribute(pipe, "slot_size = ", 0);
  out->tile = (tile){.type = *type,
                     .address = attribute(buffer, "base = ", 0) + m->pops % slots * size,
                     .valid_rows = type->valid_rows < 0 ? type->rows : type->valid_rows,
                     .valid_cols = type->valid_cols < 0 ? type->cols : type->valid_cols};
  if (op->operand_count == 2) {
    out->tile.valid_rows = operand(m, op, 0)->integer;
    out->tile.valid_cols = operand(m, op, 1)->integer;
  }
  if (!map_tile(m, &out->tile, out->tile.valid_rows, out->tile.valid_cols, &m->to)) {
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

/* ---- control ---------------------------------------------------------------------------- */

static void run_block(mut_machine *m, const mut_block *block);

static const mut_op *yield_of(const mut_block *block) {
  if (block->count && strcmp(block->ops[block->count - 1].name, "scf.yield") == 0) {
    return &block->ops[block->count - 1];
  }
  return NULL;
}

static void yield_to(mut_machine *m, const mut_block *block, const int *to, int count) {
  const mut_op *yield = yield_of(block);
  value held[16];
  for (int i = 0; yield && i < count && i < yield->operand_count && i < 16; i++) {
    held[i] = *operand(m, yield, i);
  }
  for (int i = 0; yield && i < count && i < yield->operand_count && i < 16; i++) {
    m->values[to[i]] = held[i];
  }
}

static void run_for(mut_machine *m, const mut_op *op) {
  const mut_block *body = op->blocks[0];
  int64_t lower = operand(m, op, 0)->integer, upper = operand(m, op, 1)->integer;
  int64_t step = operand(m, op, 2)->integer;
  int carried = op->operand_count - 3;
  for (int i = 0; i < carried; i++) {
    m->values[body->arguments[1 + i]] = *operand(m, op, 3 + i);
  }
  if (step <= 0) {
    fail(m, "a loop step is not positive");
    return;
  }
  for (int64_t at = lower; at < upper && !m->record->failed; at += step) {
    set_scalar(&m->values[body->arguments[0]], at);
    run_block(m, body);
    yield_to(m, body, body->arguments + 1, carried);
  }
  for (int i = 0; i < carried && i < op->result_count; i++) {
    m->values[op->results[i]] = m->values[body->arguments[1 + i]];
  }
}

static void run_if(mut_machine *m, const mut_op *op) {
  const mut_block *taken = op->blocks[operand(m, op, 0)->integer ? 0 : 1];
  if (taken) {
    run_block(m, taken);
    yield_to(m, taken, op->results, op->result_count);
  }
}

static bool is_idle(const char *name) {
  return strncmp(name, "pto.tfree", 9) == 0 || strstr(name, "initialize_pipe") ||
         strstr(name, "reserve") || strcmp(name, "return") == 0 ||
         strcmp(name, "func.return") == 0 || strcmp(name, "scf.yield") == 0;
}

static void run_pto(mut_machine *m, const mut_op *op) {
  const char *name = op->name + strlen("pto.");
  if (strcmp(name, "make_tensor_view") == 0) {
    run_view(m, op);
  } else if (strcmp(name, "partition_view") == 0) {
    run_part(m, op);
  } else if (strcmp(name, "alloc_tile") == 0) {
    run_alloc(m, op);
  } else if (strcmp(name, "subview") == 0) {
    run_subview(m, op);
  } else if (strcmp(name, "set_validshape") == 0) {
    tile *t = &operand(m, op, 0)->tile;
    t->valid_rows = operand(m, op, 1)->integer;
    t->valid_cols = operand(m, op, 2)->integer;
  } else if (strcmp(name, "tload") == 0) {
    run_load(m, op);
  } else if (strcmp(name, "tstore") == 0) {
    note_read(m, op, 0);
    send(m, op, &operand(m, op, 0)->tile, &operand(m, op, 1)->view);
  } else if (strncmp(name, "tpush", 5) == 0) {
    send(m, op, &operand(m, op, 0)->tile, NULL);
  } else if (strncmp(name, "tpop", 4) == 0) {
    run_pop(m, op);
  } else if (strcmp(name, "textract") == 0) {
    note_read(m, op, 0);
    transfer(m, &operand(m, op, 0)->tile, operand(m, op, 1)->integer, operand(m, op, 2)->integer,
             &operand(m, op, 3)->tile);
  } else if (strcmp(name, "tmov") == 0) {
    note_read(m, op, 0);
    transfer(m, &operand(m, op, 0)->tile, 0, 0, &operand(m, op, 1)->tile);
  } else if (strcmp(name, "tmatmul") == 0 || strcmp(name, "tmatmul.acc") == 0) {
    run_matmul(m, op, name[7] == '.');
  } else if (strcmp(name, "tgetval") == 0) {
    note_read(m, op, 0);
    run_getval(m, op);
  } else if (strcmp(name, "tsetval") == 0) {
    run_setval(m, op);
  } else if (strcmp(name, "load_scalar") == 0) {
    run_load_scalar(m, op);
  } else if (strcmp(name, "store_scalar") == 0) {
    run_store_scalar(m, op);
  } else if (name[0] == 't') {
    run_vector(m, op);
  } else {
    fail(m, "an op is not known to the interpreter");
  }
}

static void run_op(mut_machine *m, const mut_op *op) {
  if (strncmp(op->name, "arith.", 6) == 0) {
    run_arith(m, op);
  } else if (strcmp(op->name, "scf.for") == 0) {
    run_for(m, op);
  } else if (strcmp(op->name, "scf.if") == 0) {
    run_if(m, op);
  } else if (is_idle(op->name)) {
    return;
  } else if (strncmp(op->name, "pto.", 4) == 0) {
    run_pto(m, op);
  } else {
    fail(m, "an op is not known to the interpreter");
  }
}

static void run_block(mut_machine *m, const mut_block *block) {
  for (int i = 0; i < block->count && !m->record->failed; i++) {
    if (++m->steps > MAX_STEPS) {
      fail(m, "too many steps");
    }
    run_op(m, &block->ops[i]);
  }
}

/* ---- a run ------------------------------------------------------------------------------- */

static int64_t argument_of(const char *name, int index, int set) {
  if (strstr(name, "valid")) {
    return set ? 16 : 32;
  }
  if (strstr(name, "subblock")) {
    return set;
  }
  if (strstr(name, "block")) {
    return set + 1;
  }
  return set ? 160 + 32 * index : 64 + 32 * index;
}

static void bind_arguments(mut_machine *m) {
  const mut_block *body = m->func->body;
  for (int i = 0; i < body->argument_count; i++) {
    int value = body->arguments[i];
    set_scalar(&m->values[value], argument_of(m->func->values[value].name, i, m->argument_set));
  }
}

mut_machine *mut_machine_create(bool is_a5) {
  mut_machine *m = calloc(1, sizeof(*m));
  int64_t sizes[MUT_SPACES];
  m->is_a5 = is_a5;
  for (int i = 0; i < MUT_SPACES; i++) {
    sizes[i] = mut_capacity(is_a5, (mut_space)i);
  }
  mut_memory_init(&m->memory, sizes);
  m->left = calloc(MAX_OPERAND, sizeof(uint64_t));
  m->right = calloc(MAX_OPERAND, sizeof(uint64_t));
  return m;
}

void mut_machine_destroy(mut_machine *m) {
  mut_memory_free(&m->memory);
  free(m->left);
  free(m->right);
  free(m->written.keys);
  free(m->written.values);
  free(m);
}

void mut_machine_run(mut_machine *m, const mut_func *func, int argument_set, bool adds_to_input,
                     bool judge, mut_place *places, mut_record *out) {
  memset(out, 0, sizeof(*out));
  out->is_consistent = true;
  m->func = func;
  m->record = out;
  m->places = places;
  m->adds_to_input = adds_to_input;
  m->judge = judge;
  m->argument_set = argument_set;
  m->pops = 0;
  m->steps = 0;
  m->chain_count = 0;
  m->values = calloc((size_t)func->value_count + 1, sizeof(value));
  m->fixed = calloc((size_t)func->op_count + 1, sizeof(int64_t));
  for (int i = 0; i < func->op_count; i++) {
    m->fixed[i] = -1;
  }
  memset(m->next_free, 0, sizeof(m->next_free));
  mut_memory_clear(&m->memory);
  if (m->written.count) {
    memset(m->written.keys, 0, m->written.size * sizeof(uint64_t));
    m->written.count = 0;
  }
  if (func->unknown) {
    fail(m, "a statement was not understood");
  } else {
    bind_arguments(m);
    run_block(m, func->body);
  }
  out->outside = m->memory.outside;
  out->unwritten = m->memory.unwritten;
  out->pieces = m->memory.pieces;
  free(m->values);
  free(m->fixed);
}

bool mut_record_equal(const mut_record *a, const mut_record *b) {
  return a->count == b->count && (a->outside > 0) == (b->outside > 0) && a->failed == b->failed &&
         (a->count == 0 || memcmp(a->stores, b->stores, (size_t)a->count * sizeof(uint64_t)) == 0);
}

void mut_record_free(mut_record *record) {
  free(record->stores);
  free(record->reads);
  memset(record, 0, sizeof(*record));
}
