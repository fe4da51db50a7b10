/* Products, and whether an accumulator holds one. */
#include "machine_state.h"

#include <stdlib.h>

/* ---- products --------------------------------------------------------------------- */

static chain *chain_at(mut_machine *m, const tile *t) {
  for (int i = 0; i < m->chain_count; i++) {
    if (m->chains[i].address == t->address) {
      return &m->chains[i];
    }
  }
  if (m->chain_count == MAX_CHAINS) {
    return &m->chains[MAX_CHAINS - 1];
  }
  chain *c = &m->chains[m->chain_count++];
  memset(c, 0, sizeof(*c));
  c->address = t->address;
  return c;
}

/* Rows x cols identities as elements of one matrix in GM. */
static operand_run run_of(const uint64_t *ids, int64_t rows, int64_t cols) {
  operand_run run = {.is_known = false};
  int64_t at;
  int other;
  if (!mut_gm_place(ids[0], &run.root, &run.begin)) {
    return run;
  }
  if (rows > 1 && mut_gm_place(ids[cols], &other, &at)) {
    run.row = at - run.begin;
  }
  if (cols > 1 && mut_gm_place(ids[1], &other, &at)) {
    run.col = at - run.begin;
  }
  run.is_known = true;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < cols; c++) {
      run.is_known = run.is_known && mut_gm_place(ids[r * cols + c], &other, &at) &&
                     other == run.root && at == run.begin + r * run.row + c * run.col;
    }
  }
  return run;
}

/* Whether an operand goes on where the one before it ended; what is not known may. */
static bool goes_on(const operand_run *old, const operand_run *next) {
  if (!old->is_known || !next->is_known) {
    return old->is_known == next->is_known;
  }
  return old->root == next->root && old->begin == next->begin && old->row == next->row &&
         old->col == next->col;
}

/* Notes what is multiplied, and whether it goes on where the accumulator's sum ends. */
static void judge_product(mut_machine *m, bool accumulates, const tile *out, int64_t rows,
                          int64_t k, int64_t cols) {
  chain next = {.address = out->address, .m = rows, .n = cols};
  next.lhs = run_of(m->left, rows, k);
  next.rhs = run_of(m->right, k, cols);
  chain *old = chain_at(m, out);
  next.is_good = next.lhs.is_known || next.rhs.is_known;
  if (accumulates) {
    next.is_good = next.is_good && old->is_good && goes_on(&old->lhs, &next.lhs) &&
                   goes_on(&old->rhs, &next.rhs) && old->m == rows && old->n == cols;
  }
  next.lhs.begin += k * next.lhs.col;
  next.rhs.begin += k * next.rhs.row;
  *old = next;
}

/* The product that tile `t` is a part of: the last that begins at or before it. */
static const chain *chain_around(const mut_machine *m, const tile *t) {
  const chain *found = NULL;
  for (int i = 0; i < m->chain_count; i++) {
    const chain *c = &m->chains[i];
    if (c->address <= t->address && (!found || c->address > found->address)) {
      found = c;
    }
  }
  return found;
}

void mut_judge_leaving(mut_machine *m, const tile *t) {
  const chain *product = m->how.judge ? chain_around(m, t) : NULL;
  if (m->how.judge && !(product && product->is_good)) {
    m->record->is_consistent = false;
  }
}

static void read_operands(mut_machine *m, const tile *left, const tile *right, int64_t rows,
                          int64_t k, int64_t cols) {
  tile by_rows = mut_as_operand(m->is_a5, left, rows, k);
  tile by_cols = mut_as_operand(m->is_a5, right, k, cols);
  if (!mut_map_tile(m, &by_rows, rows, k, &m->from) ||
      !mut_map_tile(m, &by_cols, k, cols, &m->to)) {
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

/* An i32 accumulator on a2a3 takes 32 rows of a block column: what lies behind its own is
 * overwritten with nobody's values. */
static void spoil_padding(mut_machine *m, const tile *out, int64_t rows, int64_t cols) {
  bool is_i32 = strcmp(out->type.elem, "i32") == 0;
  int64_t step = 32;
  int64_t columns = padded(cols, BLOCK_COLUMNS) * out->type.elem_bytes;
  int64_t end = (is_i32 && !m->is_a5 ? padded(rows, 32) : padded(rows, 16)) * columns;
  for (int64_t at = padded(rows, 16) * columns; at < end; at += step) {
    mut_memory_write(&m->memory, MUT_ACC, out->address + at, step, mut_mix2(4242, (uint64_t)at),
                     (uint32_t)out->name + 1);
  }
}

/* Rows and groups of a product in `sums`, at its own pitch; rows up to the next 16 are nobody's. */
static void write_product(mut_machine *m, const tile *out, int64_t rows, int64_t groups,
                          const uint64_t *sums) {
  for (int64_t r = 0; r < padded(rows, 16); r++) {
    for (int64_t g = 0; g < groups; g++) {
      uint64_t id = r < rows ? sums[r * groups + g] : mut_mix2(4242, (uint64_t)(r * groups + g));
      write_group(m, out, &m->to, r, g, id ? id : 1);
    }
  }
}

static void multiply(mut_machine *m, int64_t rows, int64_t k, int64_t groups, uint64_t *sums) {
  for (int64_t i = 0; i < rows * k; i++) {
    m->left[i] = mut_mix(m->left[i] + 3);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t i = 0; i < k; i++) {
      uint64_t factor = m->left[r * k + i];
      const uint64_t *by = m->right + i * groups;
      for (int64_t g = 0; g < groups; g++) {
        sums[r * groups + g] += factor * by[g];
      }
    }
  }
}

void mut_run_matmul(mut_machine *m, const mut_op *op, bool accumulates) {
  int first = accumulates ? 1 : 0;
  const tile *left = &operand(m, op, first)->tile, *right = &operand(m, op, first + 1)->tile;
  tile out = operand(m, op, first + 2)->tile;
  tile in = accumulates && m->how.adds_to_input ? operand(m, op, 0)->tile : out;
  int64_t rows = left->valid_rows, k = left->valid_cols, cols = right->valid_cols;
  int64_t groups = (cols + ACC_COLUMNS - 1) / ACC_COLUMNS, all_rows = padded(rows, 16);
  if (rows < 0 || k < 0 || cols < 0 || rows * k > MAX_OPERAND || k * cols > MAX_OPERAND) {
    fail(m, "a product is too large");
    return;
  }
  in.pitch = out.pitch = mut_product_pitch(rows);
  mut_check_alignment(m, left);
  mut_check_alignment(m, right);
  mut_check_alignment(m, &out);
  read_operands(m, left, right, rows, k, cols);
  if (m->how.judge) {
    judge_product(m, accumulates, &out, rows, k, cols);
  }
  fold_right(m, k, cols, groups);
  if (!mut_map_tile(m, &in, all_rows, padded(cols, ACC_COLUMNS), &m->from) ||
      !mut_map_tile(m, &out, all_rows, padded(cols, ACC_COLUMNS), &m->to)) {
    return;
  }
  uint64_t *sums = calloc((size_t)(rows * groups) + 1, sizeof(uint64_t));
  multiply(m, rows, k, groups, sums);
  for (int64_t i = 0; accumulates && i < rows * groups; i++) {
    sums[i] += read_group(m, &in, &m->from, i / groups, i % groups);
  }
  write_product(m, &out, rows, groups, sums);
  spoil_padding(m, &out, rows, cols);
  free(sums);
}
