/* The elements of tiles and of GM, and the values of operands. */
#include "machine_state.h"

#include <stdlib.h>

int64_t mut_capacity(bool is_a5, mut_space space) {
  static const int64_t kib[2][MUT_SPACES] = {{512, 64, 64, 128, 1, 4, 192},
                                             {512, 64, 64, 256, 4, 4, 248}};
  return kib[is_a5][space] * 1024;
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

static blocks blocks_of(const tile *tile) {
  const mut_tile_type *t = &tile->type;
  if (t->inner == MUT_INNER_NONE) {
    return t->blocks_col_major ? (blocks){1, 1, 0, 0, 1, t->rows}
                               : (blocks){1, 1, 0, 0, t->cols, 1};
  }
  bool by_rows = t->inner == MUT_INNER_ROW;
  int64_t step = is_acc(tile) ? BLOCK_COLUMNS : 32 / t->elem_bytes;
  blocks b = {.rows = by_rows ? 16 : step, .cols = by_rows ? step : 16};
  int64_t size = b.rows * b.cols;
  int64_t rows = tile->pitch ? tile->pitch : t->rows, cols = tile->pitch ? tile->pitch : t->cols;
  b.row_step = by_rows ? b.cols : 1;
  b.col_step = by_rows ? 1 : b.rows;
  b.down = t->blocks_col_major ? size : padded(cols, b.cols) / b.cols * size;
  b.across = t->blocks_col_major ? padded(rows, b.rows) / b.rows * size : size;
  return b;
}

/* Fills a map for the first rows and columns of a tile; false if it is too large. */
bool mut_map_tile(mut_machine *m, const tile *t, int64_t rows, int64_t cols, map *out) {
  if (rows > MAX_EXTENT || cols > MAX_EXTENT) {
    fail(m, "a tile is too large");
    return false;
  }
  blocks b = blocks_of(t);
  int64_t first_row = is_acc(t) ? 0 : t->row, first_col = is_acc(t) ? 0 : t->col;
  for (int64_t r = 0; r < rows; r++) {
    int64_t row = first_row + r;
    out->rows[r] =
        t->address + (row / b.rows * b.down + row % b.rows * b.row_step) * t->type.elem_bytes;
  }
  for (int64_t c = 0; c < cols; c++) {
    int64_t col = first_col + c;
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

/* ---- tables ------------------------------------------------------------------ */

static void grow_table(mut_table *table) {
  mut_table old = *table;
  table->size = old.size ? old.size * 2 : 4096;
  table->keys = calloc(table->size, sizeof(uint64_t));
  table->values = calloc(table->size, sizeof(uint64_t));
  if (!table->keys || !table->values) {
    abort();
  }
  for (size_t i = 0; i < old.size; i++) {
    if (old.keys[i]) {
      size_t slot = slot_of(table, old.keys[i]);
      table->keys[slot] = old.keys[i];
      table->values[slot] = old.values[i];
    }
  }
  free(old.keys);
  free(old.values);
}

void mut_put(mut_table *table, uint64_t key, uint64_t value) {
  if (table->count * 2 >= table->size) {
    grow_table(table);
  }
  size_t slot = slot_of(table, key);
  table->count += table->keys[slot] == 0;
  table->keys[slot] = key;
  table->values[slot] = value;
}

void mut_table_clear(mut_table *table) {
  free(table->keys);
  free(table->values);
  memset(table, 0, sizeof(*table));
}

void mut_add_store(mut_machine *m, uint64_t hash) {
  if (m->store_count == m->store_capacity) {
    m->store_capacity = m->store_capacity ? m->store_capacity * 2 : 64;
    m->stores = realloc(m->stores, (size_t)m->store_capacity * sizeof(uint64_t));
    if (!m->stores) {
      abort();
    }
  }
  const mut_record *expected = m->how.expected;
  int at = expected ? expected->first[m->number] + m->store_count : 0;
  if (expected && (at >= expected->first[m->number + 1] || expected->stores[at] != hash)) {
    m->record->is_other = true;
  }
  m->stores[m->store_count++] = hash;
}

static uint64_t hash_name(const mut_machine *m, int value) {
  uint64_t hash = 1;
  for (const char *at = m->func->values[value].name; *at; at++) {
    hash = mut_mix2(hash, (unsigned char)*at);
  }
  return hash;
}

/* Notes that tile `t` reads what another name left at the address. */
void mut_note_name(mut_machine *m, const tile *t, int64_t address) {
  bool inside = address >= 0 && address < m->memory.room[t->type.space];
  uint32_t owner = inside ? m->memory.owners[t->type.space][address] : 0;
  if (owner == 0 || owner == (uint32_t)t->name + 1) {
    return;
  }
  uint64_t key = mut_mix2((uint64_t)t->name << 1 | m->is_cube, owner);
  if (!is_in_table(&m->record->names, key)) {
    mut_put(&m->record->names, key, mut_mix2(hash_name(m, t->name), hash_name(m, (int)owner - 1)));
  }
}
