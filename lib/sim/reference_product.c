/* The products of the plain computation. Every element is summed by itself, in ascending order of
 * K: exact for integers (they stay far below 2^53), in f32 step by step for floats. The rows of rhs
 * are read one after the other, each once. Compiled without contraction to fused multiply-adds
 * (CMakeLists.txt). */
#include "sim/reference.h"

/* The matrices of one batch; `first` is the index of the first element of rhs. */
typedef struct batch {
  const double *lhs;
  int64_t first;
  double *sums;
} batch;

static void read_row(const ptl_product_form *form, const ptl_tensor_value *rhs, int64_t first,
                     int64_t at_k, double *row) {
  int64_t size = ptl_elem_bytes(rhs->elem);
  for (int64_t j = 0; j < form->n; j++) {
    int64_t at = first + (form->rhs_transposed ? j * form->k + at_k : at_k * form->n + j);
    row[j] = rhs->bytes ? ptl_read_real(rhs->elem, rhs->bytes + at * size) : 0;
  }
}

static void add_integers(double *sums, double factor, const double *row, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    sums[j] += factor * row[j];
  }
}

static void add_floats(double *sums, float factor, const double *row, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    float product = factor * (float)row[j];
    sums[j] = (float)sums[j] + product;
  }
}

static void multiply_batch(const ptl_product_form *form, const ptl_tensor_value *rhs,
                           const batch *batch, bool is_float, double *row) {
  for (int64_t k = 0; k < form->k; k++) {
    read_row(form, rhs, batch->first, k, row);
    for (int64_t i = 0; i < form->m; i++) {
      double factor = batch->lhs[form->lhs_transposed ? k * form->m + i : i * form->k + k];
      double *sums = batch->sums + i * form->n;
      if (is_float) {
        add_floats(sums, (float)factor, row, form->n);
      } else {
        add_integers(sums, factor, row, form->n);
      }
    }
  }
}

void ptl_multiply(ptl_arena *arena, const ptl_product_form *form, const ptl_tensor_value *lhs,
                  const ptl_tensor_value *rhs, ptl_tensor_value *out) {
  ptl_arena numbers; /* of one product */
  ptl_arena_init(&numbers);
  const double *left = ptl_tensor_numbers(&numbers, lhs);
  double *sums = ptl_arena_array(&numbers, (size_t)ptl_tensor_elements(out), sizeof(double));
  double *row = ptl_arena_array(&numbers, (size_t)form->n, sizeof(double));
  for (int64_t i = 0; i < form->batches; i++) {
    batch batch = {left + i * form->m * form->k, i * form->k * form->n,
                   sums + i * form->m * form->n};
    multiply_batch(form, rhs, &batch, ptl_elem_is_float(out->elem), row);
  }
  ptl_tensor_set(arena, out, sums);
  ptl_arena_free(&numbers);
}
