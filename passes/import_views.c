/* Makes views and parts of the arguments of a kernel that was a function on tensors, and the stores
 * of its results. */
#include <inttypes.h>

#include "asm/asm.h"
#include "ir/dynamic_rows.h"
#include "passes/import.h"

static int64_t columns_of(MlirType tensor) {
  return mlirShapedTypeGetDimSize(tensor, mlirShapedTypeGetRank(tensor) - 1);
}

static int64_t rows_of_batch(MlirType tensor) {
  return mlirShapedTypeGetDimSize(tensor, mlirShapedTypeGetRank(tensor) - 2);
}

int64_t ptl_import_batches_of(MlirType tensor) {
  return mlirShapedTypeGetRank(tensor) == 3 ? mlirShapedTypeGetDimSize(tensor, 0) : 1;
}

MlirValue ptl_import_value_of(const ptl_tensor_product *p) {
  return mlirOperationGetResult(p->op, p->index);
}

/* The product that a value of the return is, as it is or rounded. */
const ptl_tensor_product *ptl_import_product_of(const ptl_importer *im, MlirValue value) {
  for (int i = 0; i < im->in.product_count; i++) {
    const ptl_tensor_product *p = &im->in.products[i];
    if (mlirValueEqual(ptl_import_value_of(p), ptl_rounded_value(value))) {
      return p;
    }
  }
  return NULL;
}

/* The rows of an argument that has dynamic ones, and no more than it may have. */
static MlirValue dynamic_rows(ptl_importer *im, intptr_t argument) {
  if (mlirValueIsNull(im->rows[argument])) {
    int64_t most = ptl_max_rows_of(im->in.func, argument);
    im->rows[argument] = ptl_build_binary(&im->builder, PTL_ARITH_MINSI,
                                          im->pointers[ptl_import_rows_argument(im, argument)],
                                          ptl_build_index(&im->builder, most));
  }
  return im->rows[argument];
}

/* Rows of an argument or result of the kernel, `constant` of them but where they are dynamic; a
 * result has those of the left operand of its product then. */
static MlirValue rows_of(ptl_importer *im, intptr_t index, MlirType tensor, int64_t constant) {
  if (!ptl_has_dynamic_rows(tensor)) {
    return ptl_build_index(&im->builder, constant);
  }
  if (index >= im->argument_count) {
    MlirValue result = mlirOperationGetOperand(im->in.terminator, index - im->argument_count);
    index = mlirBlockArgumentGetArgNumber(ptl_import_product_of(im, result)->lhs);
  }
  return dynamic_rows(im, index);
}

/* A tensor as a view of its rows, those of all batches; made once for each. */
MlirValue ptl_import_view_of(ptl_importer *im, intptr_t index, MlirType tensor) {
  if (!mlirValueIsNull(im->views[index])) {
    return im->views[index];
  }
  MlirContext context = im->session->context;
  MlirValue rows =
      rows_of(im, index, tensor, ptl_import_batches_of(tensor) * rows_of_batch(tensor));
  MlirValue width = ptl_build_index(&im->builder, columns_of(tensor));
  MlirValue operands[5] = {im->pointers[index], rows, width, width,
                           ptl_build_index(&im->builder, 1)};
  MlirType type =
      ptl_type(context, ptl_arena_printf(&im->session->arena, "!pto.tensor_view<?x?x%s>",
                                         ptl_elem_name(ptl_tensor_elem(tensor))));
  im->views[index] =
      ptl_build_view(&im->builder, operands, type, ptl_layout_nd(context),
                     ptl_arena_printf(&im->session->arena, "%s_view", im->names[index]));
  return im->views[index];
}

/* Parts of operands lend their names to tiles; a result's is only a place. */
static const char *part_name(ptl_importer *im, intptr_t index) {
  return index < im->argument_count
             ? im->names[index]
             : ptl_arena_printf(&im->session->arena, "%s_pview", im->names[index]);
}

/* "16x64xi8", or "?x64xi8" if the rows are dynamic. */
const char *ptl_import_shape_text(ptl_importer *im, bool has_dynamic_rows, int64_t rows,
                                  int64_t cols, ptl_elem elem) {
  const char *first =
      has_dynamic_rows ? "?" : ptl_arena_printf(&im->session->arena, "%" PRId64, rows);
  return ptl_arena_printf(&im->session->arena, "%sx%" PRId64 "x%s", first, cols,
                          ptl_elem_name(elem));
}

/* The matrix of `rows` rows, if they are not dynamic, that begins at a row of a view. */
static MlirValue build_matrix(ptl_importer *im, intptr_t index, MlirType tensor, MlirValue row,
                              int64_t rows) {
  const char *shape = ptl_import_shape_text(im, ptl_has_dynamic_rows(tensor), rows,
                                            columns_of(tensor), ptl_tensor_elem(tensor));
  MlirValue operands[5] = {ptl_import_view_of(im, index, tensor), row,
                           ptl_build_index(&im->builder, 0), rows_of(im, index, tensor, rows),
                           ptl_build_index(&im->builder, columns_of(tensor))};
  MlirType type =
      ptl_type(im->session->context,
               ptl_arena_printf(&im->session->arena, "!pto.partition_tensor_view<%s>", shape));
  return ptl_build_part(&im->builder, operands, type, part_name(im, index));
}

/* The matrix of a tensor: all of its rows, or in a loop over batches those of the batch; made once
 * for each, and for each loop. */
static MlirValue part_of(ptl_importer *im, intptr_t index, MlirType tensor) {
  int64_t batches = ptl_import_batches_of(tensor), rows = rows_of_batch(tensor);
  bool is_of_batch = batches > 1 && !mlirValueIsNull(im->batch);
  MlirValue *made = is_of_batch ? &im->batch_parts[index] : &im->parts[index];
  if (mlirValueIsNull(*made) && is_of_batch) {
    MlirValue row = ptl_build_binary(&im->builder, PTL_ARITH_MULI, im->batch,
                                     ptl_build_index(&im->builder, rows));
    *made = build_matrix(im, index, tensor, row, rows);
  } else if (mlirValueIsNull(*made)) {
    *made = build_matrix(im, index, tensor, ptl_build_index(&im->builder, 0), batches * rows);
  }
  return *made;
}

MlirValue ptl_import_operand_part(ptl_importer *im, MlirValue value) {
  return part_of(im, mlirBlockArgumentGetArgNumber(value), mlirValueGetType(value));
}

/* Whether result `index` of the function is a value of a product's, as it is or rounded. */
bool ptl_import_returns(const ptl_importer *im, intptr_t index, MlirValue product) {
  return mlirValueEqual(ptl_rounded_value(mlirOperationGetOperand(im->in.terminator, index)),
                        product);
}

static MlirValue target_part(ptl_importer *im, intptr_t index) {
  return part_of(im, im->argument_count + index, ptl_import_result_type(im, index));
}

/* Makes the parts that the results go to, so that they stand before the products: the
 * lowering may put stores there. */
void ptl_import_prepare_targets(ptl_importer *im, MlirValue old) {
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (ptl_import_returns(im, i, old)) {
      (void)target_part(im, i);
    }
  }
}

void ptl_import_build_stores(ptl_importer *im, MlirValue old, MlirValue product) {
  MlirContext context = im->session->context;
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (!ptl_import_returns(im, i, old)) {
      continue;
    }
    MlirValue operands[2] = {product, target_part(im, i)};
    MlirNamedAttribute segments =
        ptl_named(context, "operandSegmentSizes", ptl_asm_plain_segments(context, PTL_PTO_TSTORE));
    ptl_op_spec spec = {.id = PTL_PTO_TSTORE,
                        .operands = operands,
                        .operand_count = 2,
                        .attributes = &segments,
                        .attribute_count = 1};
    ptl_build(&im->builder, &spec);
  }
}
