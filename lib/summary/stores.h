/* The proof for kernels made from functions on tensors: every result is stored, whole, once,
 * and is the product that the function said.
 */
#ifndef PTL_SUMMARY_STORES_H
#define PTL_SUMMARY_STORES_H

#include "walk/walk.h"

/* One result: argument `out` gets argument lhs (m x k, or k x m if transposed) times argument rhs
 * (k x n, or n x k if transposed), all of them whole matrices, row by row. Arguments by number. Of
 * several batches the result has one matrix after the other, and so has each operand, or it is the
 * same for all. */
typedef struct ptl_expected_store {
  int64_t out, lhs, rhs, lhs_transposed, rhs_transposed, m, k, n;
  int64_t batches, lhs_has_batches, rhs_has_batches;
  int64_t rows; /* the argument that says how many there are, of which m are stored; -1: m */
} ptl_expected_store;

enum { PTL_EXPECTED_STORE_FIELDS = 12 };

/* Walks the kernel and compares. NULL if it stores just that; else what is wrong, with
 * the op in `*where` (NULL if something is missing). Of a kernel that takes too many steps to
 * run, only what any iteration of its loops over N stores is compared. */
const char *ptl_stores_differ(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                              const ptl_expected_store *expected, int count, const ptl_op **where);

#endif
