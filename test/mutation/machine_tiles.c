/* The elements of tiles and of GM, and the values of operands. */
#include "machine_state.h"

#include <stdlib.h>

int64_t mut_capacity(bool is_a5, mut_space space) {
  static const int64_t kib[2][MUT_SPACES] = {{512, 64, 64, 128, 1, 4, 192},
                                             {512, 64, 64, 256, 4, 4, 248}};
  return kib[is_a5][space] * 1024;
}

int64_t mut_acc_rows(bool is_a5, const mut_tile_type *type) {
  bool is_i32 = strcmp(type->elem, "i32") == 0;
  return padded(type->rows, is_i32 && !is_a5 ? 32 : 16);
}

int64_t mut_tile_bytes(bool is_a5, const mut_tile_type *type) {
  int64_t rows = type->space == MUT_ACC ? mut_acc_rows(is_a5, type) : type->rows;
  return rows * type->cols * type->elem_bytes;
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
  int64_t rows = is_acc ? mut_acc_rows(m->is_a5, t) : t->rows;
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
bool mut_map_tile(mut_machine *m, const tile *t, int64_t rows, int64_t cols, map *out) {
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

/* A buffer is addressed in 32-byte blocks: anything else counts as outside. */
void mut_check_alignment(mut_machine *m, const tile *t) {
  if (t->address % 32 != 0 && t->valid_rows > 0 && t->valid_cols > 0) {
    m->memory.outside++;
  }
}

/* ---- GM --------------------------------------------------------------------- */

void mut_put_written(written *w, uint64_t key, uint64_t value) {
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

void mut_add_store(mut_machine *m, uint64_t hash) {
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

/* ---- operands ----------------------------------------------------------------- */

/* The value of an attribute of integer type in the op's text. */
int64_t mut_attribute(const mut_op *op, const char *name, int64_t otherwise) {
  const char *at = strstr(op->attributes, name);
  return at ? strtoll(at + strlen(name), NULL, 10) : otherwise;
}
