/* A linalg op, read as a product: which input is which operand, and how each lies in memory.
 */
#ifndef PTL_PASSES_CONTRACTION_H
#define PTL_PASSES_CONTRACTION_H

#include "ir/build.h"

/* result[b, m, n] = sum over k of lhs[b, m, k] * rhs[b, k, n]; without b if there are no batches.
 * An operand of two dimensions is the same for all batches. */
typedef struct ptl_contraction {
  int lhs, rhs;                        /* which inputs of the op these are: 0 and 1, or 1 and 0 */
  bool lhs_transposed, rhs_transposed; /* k x m, n x k */
  bool has_batches;
} ptl_contraction;

/* Whether the op is a linalg op that multiplies matrices by its name, or a linalg.generic of the
 * same loops and body. NULL: it is; else why it is not, an end to "'linalg.generic' ...". */
const char *ptl_contraction_read(MlirOperation op, ptl_contraction *out);

/* Whether the op is of a name that ptl_contraction_read knows. */
bool ptl_is_contraction(MlirOperation op);

/* What an operand is the transpose of, matrix by matrix, through any number of linalg.transpose;
 * each one changes `*transposed`. The value itself if it is none. */
MlirValue ptl_untransposed(MlirValue value, bool *transposed);

/* Whether the op is a linalg.generic that gives each element of its input as it is; a scalar fills
 * the result. */
bool ptl_is_copy(MlirOperation op);

/* Whether the op rounds each element of its operand to the nearest of a narrower float type:
 * arith.truncf, or a linalg.generic of it. */
bool ptl_is_truncation(MlirOperation op);

#endif
