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

void mut_judge_leaving(mut_machine *m, const tile *t) {
  if (m->judge && !chain_at(m, t)->is_good) {
    m->record->is_consistent = false;
  }
}

static void read_operands(mut_machine *m, const tile *left, const tile *right, int64_t rows,
                          int64_t k, int64_t cols) {
  if (!mut_map_tile(m, left, rows, k, &m->from) || !mut_map_tile(m, right, k, cols, &m->to)) {
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

void mut_run_matmul(mut_machine *m, const mut_op *op, bool accumulates) {
  int first = accumulates ? 1 : 0;
  const tile *left = &operand(m, op, first)->tile, *right = &operand(m, op, first + 1)->tile;
  const tile *out = &operand(m, op, first + 2)->tile;
  const tile *in = accumulates && m->adds_to_input ? &operand(m, op, 0)->tile : out;
  int64_t rows = left->valid_rows, k = left->valid_cols, cols = right->valid_cols;
  int64_t groups = (cols + ACC_COLUMNS - 1) / ACC_COLUMNS;
  int64_t all_rows = mut_acc_rows(m->is_a5, &out->type);
  if (rows < 0 || k < 0 || cols < 0 || rows * k > MAX_OPERAND || k * cols > MAX_OPERAND) {
    fail(m, "a product is too large");
    return;
  }
  mut_check_alignment(m, left);
  mut_check_alignment(m, right);
  mut_check_alignment(m, out);
  read_operands(m, left, right, rows, k, cols);
  if (m->judge) {
    judge_product(m, accumulates, out, rows, k, cols);
  }
  fold_right(m, k, cols, groups);
  for (int64_t i = 0; i < rows * k; i++) {
    m->left[i] = mut_mix(m->left[i] + 3);
  }
  if (!mut_map_tile(m, in, all_rows, padded(cols, ACC_COLUMNS), &m->from) ||
      !mut_map_tile(m, out, all_rows, padded(cols, ACC_COLUMNS), &m->to)) {
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
