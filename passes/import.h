/* A function on tensors while it becomes a kernel. Shared by the parts of import-linalg. */
#ifndef PTL_PASSES_IMPORT_H
#define PTL_PASSES_IMPORT_H

#include "ir/build.h"
#include "passes/tensor_function.h"

typedef struct ptl_importer {
  ptl_session *session;
  ptl_tensor_function in;
  bool is_done[PTL_MAX_TENSOR_PRODUCTS]; /* by product */
  MlirOperation kernel;
  ptl_builder builder;
  MlirValue *pointers; /* of the kernel, arguments first, then results */
  const char **names;
  MlirValue *views, *parts; /* by argument; null until made */
  MlirValue *batch_parts;   /* in the loop over batches, by argument */
  MlirValue batch;          /* the loop's variable; null outside of such a loop */
  MlirValue *rows;          /* by argument of the function, if they are dynamic; null until made */
  intptr_t argument_count, result_count, rows_count;
  int run_count;
} ptl_importer;

/* ---- import_kernel.c: the function that is made ---- */

/* Type of result `index` of the function. */
MlirType ptl_import_result_type(ptl_importer *im, intptr_t index);

/* Makes the function and begins to build in its body. */
void ptl_import_begin_kernel(ptl_importer *im);

/* Where the kernel takes the rows of an argument that has dynamic ones. */
intptr_t ptl_import_rows_argument(const ptl_importer *im, intptr_t argument);

/* ---- import_views.c: its tensors as views and parts ---- */

/* The value that a product is in the function; and the product that a value of the return is, as it
 * is or rounded: NULL if it is none. */
MlirValue ptl_import_value_of(const ptl_tensor_product *p);
const ptl_tensor_product *ptl_import_product_of(const ptl_importer *im, MlirValue value);

/* Whether result `index` of the function is that value, as it is or rounded. */
bool ptl_import_returns(const ptl_importer *im, intptr_t index, MlirValue product);

/* Matrices of a tensor of three dimensions; 1 of one of two. */
int64_t ptl_import_batches_of(MlirType tensor);

/* An argument or result of the kernel as a view of its rows, those of all batches; made once. */
MlirValue ptl_import_view_of(ptl_importer *im, intptr_t index, MlirType tensor);

/* An argument of the function as a matrix: all of its rows, or those of the batch in a loop. */
MlirValue ptl_import_operand_part(ptl_importer *im, MlirValue value);

/* Makes the parts that the results of a product go to, so that they stand before it: the lowering
 * may put stores there. */
void ptl_import_prepare_targets(ptl_importer *im, MlirValue old);

/* Stores `product` wherever the function returns `old`. */
void ptl_import_build_stores(ptl_importer *im, MlirValue old, MlirValue product);

/* "16x64xi8", or "?x64xi8" if the rows are dynamic. */
const char *ptl_import_shape_text(ptl_importer *im, bool has_dynamic_rows, int64_t rows,
                                  int64_t cols, ptl_elem elem);

#endif
