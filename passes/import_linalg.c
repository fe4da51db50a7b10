/* import-linalg: turn functions on tensors into kernels on views.
 *
 * Requires: functions whose bodies are zero fills, products (linalg ops that are named for them,
 *   linalg.generic of the same form, ptolower.matmul_dual_acc on tensors), what rounds these, and a
 *   return.
 * Produces: a cube kernel of the same name. Its arguments are the function's, tensors as
 *   pointers, then one pointer for each result; every product is a ptolower.matmul (or the
 *   matmul_dual_acc) on parts of views, those of one lhs side by side, followed by the stores
 *   of their results; those of several batches stand in a loop over them.
 * Leaves alone: functions without tensors.
 * Refuses: whatever the kernel would drop (PTL040 to PTL046). A remark tells of sums that are wider
 *   than the op says (PTL047).
 */
#include <inttypes.h>
#include <string.h>

#include "asm/asm.h"
#include "asm/lexer.h"
#include "ir/build.h"
#include "ir/dynamic_rows.h"
#include "passes/compact.h"
#include "passes/passes.h"
#include "passes/tensor_function.h"
#include "summary/stores.h"

typedef struct importer {
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
} importer;

/* ---- the kernel --------------------------------------------------------- */

static MlirType pointer_type(importer *im, MlirType type) {
  return mlirTypeIsATensor(type) ? ptl_type(im->session->context,
                                            ptl_arena_printf(&im->session->arena, "!pto.ptr<%s>",
                                                             ptl_elem_name(ptl_tensor_elem(type))))
                                 : type;
}

static MlirType result_type(importer *im, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(im->in.terminator, index));
}

/* "gate" for `return %gate, ...`, made different from the names before it. */
static const char *result_name(importer *im, intptr_t index) {
  MlirValue value = mlirOperationGetOperand(im->in.terminator, index);
  MlirOperation op = mlirOpResultGetOwner(value);
  const char *name = ptl_loc_parts_of(&im->session->arena, mlirOperationGetLocation(op)).name;
  bool is_own = name && !(name[0] >= '0' && name[0] <= '9') && !ptl_is_dual(op);
  const char *base = is_own ? name : ptl_arena_printf(&im->session->arena, "out%" PRIdPTR, index);
  for (intptr_t i = 0; i < im->argument_count + index; i++) {
    if (strcmp(im->names[i], base) == 0) {
      base = ptl_arena_printf(&im->session->arena, "%s_%" PRIdPTR, base, index);
      i = -1;
    }
  }
  return base;
}

static const char *argument_name(importer *im, intptr_t index) {
  MlirAttribute names = ptl_attr(im->in.func, ptl_attr_names);
  if (mlirAttributeIsNull(names) || !mlirAttributeIsAArray(names) ||
      index >= mlirArrayAttrGetNumElements(names)) {
    return ptl_arena_printf(&im->session->arena, "arg%" PRIdPTR, index);
  }
  MlirStringRef text = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, index));
  return ptl_arena_copy(&im->session->arena, text.data, text.length);
}

static void create_kernel(importer *im, const MlirType *types, const MlirLocation *locations) {
  MlirContext context = im->session->context;
  intptr_t count = im->argument_count + im->result_count + im->rows_count;
  MlirAttribute *names = ptl_arena_array(&im->session->arena, (size_t)count, sizeof(*names));
  for (intptr_t i = 0; i < count; i++) {
    names[i] = ptl_string(context, ptl_str_of(im->names[i]));
  }
  MlirBlock block = mlirBlockCreate(count, types, locations);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirType type = mlirFunctionTypeGet(context, count, types, 0, NULL);
  MlirNamedAttribute attributes[] = {
      ptl_named(context, "sym_name", ptl_attr(im->in.func, "sym_name")),
      ptl_named(context, "function_type", mlirTypeAttrGet(type)),
      ptl_named(
          context, "pto.kernel_kind",
          mlirAttributeParseGet(context, mlirStringRefCreateFromCString("#pto.kernel_kind<cube>"))),
      ptl_named(context, ptl_attr_names, mlirArrayAttrGet(context, count, names)),
      ptl_named(context, ptl_attr_imported, mlirUnitAttrGet(context)),
      ptl_named(context, ptl_attr_changed, mlirUnitAttrGet(context)),
  };
  ptl_builder at = ptl_builder_before(&im->session->arena, im->in.func);
  ptl_op_spec spec = {.id = PTL_FUNC_FUNC,
                      .attributes = attributes,
                      .attribute_count = sizeof(attributes) / sizeof(attributes[0]),
                      .region = region};
  im->kernel = ptl_build(&at, &spec);
  im->builder =
      ptl_builder_at_end(&im->session->arena, block, mlirOperationGetLocation(im->in.func));
  im->builder.entry = block;
}

static MlirValue argument_of(const importer *im, intptr_t index) {
  return mlirBlockGetArgument(im->in.block, index);
}

/* Where the kernel takes the rows of an argument that has dynamic ones. */
static intptr_t rows_argument(const importer *im, intptr_t argument) {
  return im->argument_count + im->result_count + ptl_dynamic_rows_number(im->in.block, argument);
}

static void count_arguments(importer *im) {
  im->argument_count = mlirBlockGetNumArguments(im->in.block);
  im->result_count = mlirOperationGetNumOperands(im->in.terminator);
  im->rows_count = ptl_dynamic_rows_number(im->in.block, im->argument_count);
  size_t count = (size_t)(im->argument_count + im->result_count + im->rows_count);
  ptl_arena *arena = &im->session->arena;
  im->names = ptl_arena_array(arena, count, sizeof(*im->names));
  im->views = ptl_arena_array(arena, count, sizeof(*im->views));
  im->parts = ptl_arena_array(arena, count, sizeof(*im->parts));
  im->batch_parts = ptl_arena_array(arena, count, sizeof(*im->batch_parts));
  im->rows = ptl_arena_array(arena, count, sizeof(*im->rows));
  im->pointers = ptl_arena_array(arena, count, sizeof(*im->pointers));
}

/* Tensors as pointers, results, and the rows that are dynamic. */
static void describe_arguments(importer *im, MlirType *types) {
  for (intptr_t i = 0; i < im->argument_count; i++) {
    MlirType type = mlirValueGetType(argument_of(im, i));
    types[i] = pointer_type(im, type);
    im->names[i] = argument_name(im, i);
    if (ptl_has_dynamic_rows(type)) {
      intptr_t at = rows_argument(im, i);
      types[at] = mlirIndexTypeGet(im->session->context);
      im->names[at] = ptl_arena_printf(&im->session->arena, "%s_rows", im->names[i]);
    }
  }
  for (intptr_t i = 0; i < im->result_count; i++) {
    types[im->argument_count + i] = pointer_type(im, result_type(im, i));
    im->names[im->argument_count + i] = result_name(im, i);
  }
}

static void begin_kernel(importer *im) {
  count_arguments(im);
  size_t count = (size_t)(im->argument_count + im->result_count + im->rows_count);
  ptl_arena *arena = &im->session->arena;
  MlirType *types = ptl_arena_array(arena, count, sizeof(*types));
  MlirLocation *locations = ptl_arena_array(arena, count, sizeof(*locations));
  describe_arguments(im, types);
  for (size_t i = 0; i < count; i++) {
    locations[i] = mlirOperationGetLocation(im->in.func);
  }
  create_kernel(im, types, locations);
  for (size_t i = 0; i < count; i++) {
    im->pointers[i] = mlirBlockGetArgument(
        mlirRegionGetFirstBlock(mlirOperationGetRegion(im->kernel, 0)), (intptr_t)i);
  }
}

/* ---- views and parts ---------------------------------------------------- */

static int64_t columns_of(MlirType tensor) {
  return mlirShapedTypeGetDimSize(tensor, mlirShapedTypeGetRank(tensor) - 1);
}

static int64_t rows_of_batch(MlirType tensor) {
  return mlirShapedTypeGetDimSize(tensor, mlirShapedTypeGetRank(tensor) - 2);
}

static int64_t batches_of(MlirType tensor) {
  return mlirShapedTypeGetRank(tensor) == 3 ? mlirShapedTypeGetDimSize(tensor, 0) : 1;
}

static MlirValue value_of(const ptl_tensor_product *p) {
  return mlirOperationGetResult(p->op, p->index);
}

/* The product that a value of the return is, as it is or rounded. */
static const ptl_tensor_product *product_of(const importer *im, MlirValue value) {
  for (int i = 0; i < im->in.product_count; i++) {
    const ptl_tensor_product *p = &im->in.products[i];
    if (mlirValueEqual(value_of(p), ptl_rounded_value(value))) {
      return p;
    }
  }
  return NULL;
}

/* The rows of an argument that has dynamic ones, and no more than it may have. */
static MlirValue dynamic_rows(importer *im, intptr_t argument) {
  if (mlirValueIsNull(im->rows[argument])) {
    int64_t most = ptl_max_rows_of(im->in.func, argument);
    im->rows[argument] =
        ptl_build_binary(&im->builder, PTL_ARITH_MINSI, im->pointers[rows_argument(im, argument)],
                         ptl_build_index(&im->builder, most));
  }
  return im->rows[argument];
}

/* Rows of an argument or result of the kernel, `constant` of them but where they are dynamic; a
 * result has those of the left operand of its product then. */
static MlirValue rows_of(importer *im, intptr_t index, MlirType tensor, int64_t constant) {
  if (!ptl_has_dynamic_rows(tensor)) {
    return ptl_build_index(&im->builder, constant);
  }
  if (index >= im->argument_count) {
    MlirValue result = mlirOperationGetOperand(im->in.terminator, index - im->argument_count);
    index = mlirBlockArgumentGetArgNumber(product_of(im, result)->lhs);
  }
  return dynamic_rows(im, index);
}

/* A tensor as a view of its rows, those of all batches; made once for each. */
static MlirValue view_of(importer *im, intptr_t index, MlirType tensor) {
  if (!mlirValueIsNull(im->views[index])) {
    return im->views[index];
  }
  MlirContext context = im->session->context;
  MlirValue rows = rows_of(im, index, tensor, batches_of(tensor) * rows_of_batch(tensor));
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
static const char *part_name(importer *im, intptr_t index) {
  return index < im->argument_count
             ? im->names[index]
             : ptl_arena_printf(&im->session->arena, "%s_pview", im->names[index]);
}

/* "16x64xi8", or "?x64xi8" if the rows are dynamic. */
static const char *shape_text(importer *im, bool has_dynamic_rows, int64_t rows, int64_t cols,
                              ptl_elem elem) {
  const char *first =
      has_dynamic_rows ? "?" : ptl_arena_printf(&im->session->arena, "%" PRId64, rows);
  return ptl_arena_printf(&im->session->arena, "%sx%" PRId64 "x%s", first, cols,
                          ptl_elem_name(elem));
}

/* The matrix of `rows` rows, if they are not dynamic, that begins at a row of a view. */
static MlirValue build_matrix(importer *im, intptr_t index, MlirType tensor, MlirValue row,
                              int64_t rows) {
  const char *shape = shape_text(im, ptl_has_dynamic_rows(tensor), rows, columns_of(tensor),
                                 ptl_tensor_elem(tensor));
  MlirValue operands[5] = {view_of(im, index, tensor), row, ptl_build_index(&im->builder, 0),
                           rows_of(im, index, tensor, rows),
                           ptl_build_index(&im->builder, columns_of(tensor))};
  MlirType type =
      ptl_type(im->session->context,
               ptl_arena_printf(&im->session->arena, "!pto.partition_tensor_view<%s>", shape));
  return ptl_build_part(&im->builder, operands, type, part_name(im, index));
}

/* The matrix of a tensor: all of its rows, or in a loop over batches those of the batch; made once
 * for each, and for each loop. */
static MlirValue part_of(importer *im, intptr_t index, MlirType tensor) {
  int64_t batches = batches_of(tensor), rows = rows_of_batch(tensor);
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

static MlirValue operand_part(importer *im, MlirValue value) {
  return part_of(im, mlirBlockArgumentGetArgNumber(value), mlirValueGetType(value));
}

/* Whether result `index` of the function is a value of a product's, as it is or rounded. */
static bool returns(const importer *im, intptr_t index, MlirValue product) {
  return mlirValueEqual(ptl_rounded_value(mlirOperationGetOperand(im->in.terminator, index)),
                        product);
}

static MlirValue target_part(importer *im, intptr_t index) {
  return part_of(im, im->argument_count + index, result_type(im, index));
}

/* Makes the parts that the results go to, so that they stand before the products: the
 * lowering may put stores there. */
static void prepare_targets(importer *im, MlirValue old) {
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (returns(im, i, old)) {
      (void)target_part(im, i);
    }
  }
}

static void build_stores(importer *im, MlirValue old, MlirValue product) {
  MlirContext context = im->session->context;
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (!returns(im, i, old)) {
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

/* ---- runs: the products of one lhs -------------------------------------- */

typedef struct run {
  const ptl_tensor_product *products[PTL_MAX_TENSOR_PRODUCTS];
  int count;
} run;

/* Products of one lhs go together, unless they are not to be fused. */
static bool belongs_to_run(const importer *im, int head, int other) {
  const ptl_tensor_product *a = &im->in.products[head], *b = &im->in.products[other];
  if (im->is_done[other] || ptl_is_dual(b->op) ||
      (im->session->fuse == PTL_FUSE_OFF && head != other)) {
    return false;
  }
  return mlirValueEqual(a->lhs, b->lhs) && a->rhs_transposed == b->rhs_transposed &&
         a->batches == b->batches;
}

static run take_run(importer *im, int head) {
  run run = {.count = 0};
  for (int i = 0; i < im->in.product_count; i++) {
    if (belongs_to_run(im, head, i)) {
      run.products[run.count++] = &im->in.products[i];
      im->is_done[i] = true;
    }
  }
  return run;
}

/* What does not differ between batches stands before the loop over them. */
static void prepare_outside(importer *im, const ptl_tensor_product *p, MlirValue operand) {
  MlirType type = mlirValueGetType(operand);
  if (p->batches > 1 && batches_of(type) > 1) {
    (void)view_of(im, mlirBlockArgumentGetArgNumber(operand), type);
  } else {
    (void)operand_part(im, operand);
  }
}

static void prepare_views(importer *im, const run *run) {
  for (int i = 0; i < run->count; i++) {
    const ptl_tensor_product *p = run->products[i];
    im->builder.location = mlirOperationGetLocation(p->op);
    prepare_outside(im, p, p->lhs);
    prepare_outside(im, p, p->rhs);
    for (intptr_t j = 0; j < im->result_count; j++) {
      if (returns(im, j, value_of(p))) {
        (void)view_of(im, im->argument_count + j, result_type(im, j));
      }
    }
  }
}

/* The operands and the places of the results stand before all of the run's products. */
static void prepare_parts(importer *im, const run *run) {
  for (int i = 0; i < run->count; i++) {
    const ptl_tensor_product *p = run->products[i];
    im->builder.location = mlirOperationGetLocation(p->op);
    (void)operand_part(im, p->lhs);
    (void)operand_part(im, p->rhs);
    prepare_targets(im, value_of(p));
  }
}

/* The result as the accumulator holds it. */
static MlirType accumulated(importer *im, const ptl_tensor_product *p) {
  ptl_elem acc = ptl_elem_accumulator(ptl_tensor_elem(mlirValueGetType(p->lhs)),
                                      ptl_tensor_elem(mlirValueGetType(p->rhs)));
  return ptl_type(im->session->context,
                  ptl_arena_printf(&im->session->arena, "tensor<%s>",
                                   shape_text(im, p->has_dynamic_rows, p->m, p->n, acc)));
}

/* How a product is to be computed. Of rows that are dynamic, tiles hold as many as there may be. */
static int product_attributes(importer *im, const ptl_tensor_product *p,
                              MlirNamedAttribute attributes[4]) {
  MlirContext context = im->session->context;
  int count = 0;
  attributes[count++] = ptl_named(context, ptl_attr_group, ptl_int(context, im->run_count));
  if (p->rhs_transposed) {
    attributes[count++] = ptl_named(context, "rhs_transposed", mlirUnitAttrGet(context));
  }
  if (p->has_dynamic_rows) {
    attributes[count++] = ptl_named(context, "max_rows", ptl_int(context, p->m));
    attributes[count++] = ptl_named(context, ptl_attr_compact, mlirUnitAttrGet(context));
  }
  return count;
}

static MlirValue build_product(importer *im, const ptl_tensor_product *p) {
  MlirType type = accumulated(im, p);
  MlirValue operands[2] = {operand_part(im, p->lhs), operand_part(im, p->rhs)};
  MlirNamedAttribute attributes[4];
  int attribute_count = product_attributes(im, p, attributes);
  im->builder.location = mlirOperationGetLocation(p->op);
  ptl_op_spec spec = {.id = PTL_PTOLOWER_MATMUL,
                      .operands = operands,
                      .operand_count = 2,
                      .results = &type,
                      .result_count = 1,
                      .attributes = attributes,
                      .attribute_count = attribute_count};
  return mlirOperationGetResult(ptl_build(&im->builder, &spec), 0);
}

/* The products of one lhs: their ops, then their stores. */
static void build_products(importer *im, const run *run) {
  MlirValue results[PTL_MAX_TENSOR_PRODUCTS];
  prepare_parts(im, run);
  for (int i = 0; i < run->count; i++) {
    results[i] = build_product(im, run->products[i]);
  }
  for (int i = 0; i < run->count; i++) {
    im->builder.location = mlirOperationGetLocation(run->products[i]->op);
    build_stores(im, value_of(run->products[i]), results[i]);
  }
}

/* A loop over batches, to the begin of which the builder goes; gives that of before. */
static ptl_builder enter_loop(importer *im, int64_t batches) {
  ptl_builder outside = im->builder;
  MlirValue bounds[3] = {ptl_build_index(&outside, 0), ptl_build_index(&outside, batches),
                         ptl_build_index(&outside, 1)};
  MlirType index = mlirIndexTypeGet(im->session->context);
  MlirBlock body = mlirBlockCreate(1, &index, &outside.location);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);
  ptl_op_spec spec = {.id = PTL_SCF_FOR,
                      .operands = bounds,
                      .operand_count = 3,
                      .value_name = "batch",
                      .region = region};
  ptl_build(&outside, &spec);
  im->builder.block = body;
  im->batch = mlirBlockGetArgument(body, 0);
  for (intptr_t i = 0; i < im->argument_count + im->result_count; i++) {
    im->batch_parts[i] = (MlirValue){NULL};
  }
  return outside;
}

static void build_run(importer *im, int head) {
  run run = take_run(im, head);
  int64_t batches = run.products[0]->batches;
  prepare_views(im, &run);
  if (batches == 1) {
    build_products(im, &run);
  } else {
    ptl_builder outside = enter_loop(im, batches);
    build_products(im, &run);
    ptl_op_spec yield = {.id = PTL_SCF_YIELD};
    ptl_build(&im->builder, &yield);
    im->builder = outside;
    im->batch = (MlirValue){NULL};
  }
  im->run_count++;
}

/* A dual op that was written by hand, on parts instead of tensors. */
static void build_dual(importer *im, MlirOperation old) {
  MlirContext context = im->session->context;
  intptr_t operand_count = mlirOperationGetNumOperands(old);
  intptr_t result_count = mlirOperationGetNumResults(old);
  MlirValue *operands =
      ptl_arena_array(&im->session->arena, (size_t)operand_count, sizeof(*operands));
  MlirType *types = ptl_arena_array(&im->session->arena, (size_t)result_count, sizeof(*types));
  im->builder.location = mlirOperationGetLocation(old);
  for (intptr_t i = 0; i < operand_count; i++) {
    operands[i] = operand_part(im, mlirOperationGetOperand(old, i));
  }
  for (intptr_t i = 0; i < result_count; i++) {
    types[i] = mlirValueGetType(mlirOperationGetResult(old, i));
    prepare_targets(im, mlirOperationGetResult(old, i));
  }
  MlirNamedAttribute transposed = ptl_named(context, "rhs_transposed", mlirUnitAttrGet(context));
  ptl_op_spec spec = {.id = PTL_PTOLOWER_MATMUL_DUAL_ACC,
                      .operands = operands,
                      .operand_count = (int)operand_count,
                      .results = types,
                      .result_count = (int)result_count,
                      .attributes = &transposed,
                      .attribute_count = ptl_has_attr(old, "rhs_transposed")};
  MlirOperation dual = ptl_build(&im->builder, &spec);
  for (intptr_t i = 0; i < result_count; i++) {
    build_stores(im, mlirOperationGetResult(old, i), mlirOperationGetResult(dual, i));
  }
}

/* What the kernel has to store, for the proof that the emitted one does. */
static void record_stores(importer *im) {
  int64_t *fields = ptl_arena_array(
      &im->session->arena, (size_t)im->result_count * PTL_EXPECTED_STORE_FIELDS, sizeof(int64_t));
  for (intptr_t i = 0; i < im->result_count; i++) {
    const ptl_tensor_product *p = product_of(im, mlirOperationGetOperand(im->in.terminator, i));
    int64_t *out = &fields[i * PTL_EXPECTED_STORE_FIELDS];
    out[0] = im->argument_count + i;
    out[1] = mlirBlockArgumentGetArgNumber(p->lhs);
    out[2] = mlirBlockArgumentGetArgNumber(p->rhs);
    out[3] = p->rhs_transposed;
    out[4] = p->m;
    out[5] = p->k;
    out[6] = p->n;
    out[7] = p->batches;
    out[8] = p->batches > 1 && batches_of(mlirValueGetType(p->lhs)) > 1;
    out[9] = p->batches > 1 && batches_of(mlirValueGetType(p->rhs)) > 1;
    out[10] = p->has_dynamic_rows ? rows_argument(im, out[1]) : -1;
  }
  ptl_set_attr(im->kernel, ptl_attr_stores,
               mlirDenseI64ArrayGet(im->session->context,
                                    im->result_count * PTL_EXPECTED_STORE_FIELDS, fields));
}

static void build_body(importer *im) {
  for (int i = 0; i < im->in.product_count; i++) {
    const ptl_tensor_product *p = &im->in.products[i];
    if (ptl_is_dual(p->op)) {
      if (p->index == 0) {
        build_dual(im, p->op);
      }
    } else if (!im->is_done[i]) {
      build_run(im, i);
    }
  }
  im->builder.location = mlirOperationGetLocation(im->in.terminator);
  ptl_op_spec spec = {.id = PTL_FUNC_RETURN};
  ptl_build(&im->builder, &spec);
}

/* ---- the pass ----------------------------------------------------------- */

static ptl_status import_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  if (!ptl_is_on_tensors(func)) {
    return PTL_OK;
  }
  importer im = {.session = session};
  ptl_status status = ptl_tensor_function_read(session, func, &im.in);
  if (status == PTL_OK) {
    begin_kernel(&im);
    build_body(&im);
    record_stores(&im);
    mlirOperationDestroy(func);
  }
  return status;
}

/* Whether the text of a function that was not read is one on tensors: it has such ops, or such
 * arguments and results. Attributes of other ops may hold tensors, too. */
static bool reads_as_tensors(ptl_str text) {
  ptl_lexer lexer = {text.data, text.data, text.data + text.length};
  bool in_body = false;
  for (ptl_token token = ptl_lex_next(&lexer); token.kind != PTL_TOK_END;
       token = ptl_lex_next(&lexer)) {
    ptl_str name = token.text;
    if (token.kind == PTL_TOK_STRING && name.length > 2 &&
        ptl_lex_at(&lexer, "(")) { /* an op in generic form */
      name = (ptl_str){name.data + 1, name.length - 2};
    }
    in_body = in_body || ptl_str_is(name, "{");
    if (ptl_is_tensor_op(name) ||
        (!in_body && ptl_str_is(name, "tensor") && ptl_lex_at(&lexer, "<"))) {
      return true;
    }
  }
  return false;
}

/* A function on tensors that could not be read cannot become a kernel. */
static ptl_status check_unread(ptl_session *session) {
  MlirOperation func = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    ptl_str text = ptl_function_text(session, func);
    if (ptl_has_attr(func, ptl_attr_opaque) && reads_as_tensors(text)) {
      ptl_str why = ptl_string_attr(func, ptl_attr_opaque);
      ptl_diag_add(&session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(session, func),
                   "the function on tensors cannot become a kernel: %.*s", (int)why.length,
                   why.data);
      return PTL_REFUSED;
    }
  }
  return PTL_OK;
}

static void find_linalg(MlirOperation op, void *user) {
  MlirOperation *found = user;
  if (mlirOperationIsNull(*found) && ptl_str_starts_with(ptl_op_name(op), "linalg.")) {
    *found = op;
  }
}

/* linalg anywhere else: on memrefs, in a module in the module, ... */
static ptl_status check_rest(ptl_session *session) {
  MlirOperation found = {NULL};
  ptl_for_each_op(mlirModuleGetOperation(session->module), find_linalg, &found);
  if (mlirOperationIsNull(found)) {
    return PTL_OK;
  }
  ptl_str name = ptl_op_name(found);
  ptl_diag_add(&session->diags, PTL_CODE_NOT_A_PRODUCT, ptl_loc_of(session, found),
               "'%.*s' cannot become a kernel here; kernels are made from functions on tensors "
               "at the top of the module",
               (int)name.length, name.data);
  return PTL_REFUSED;
}

ptl_status ptl_import_linalg(ptl_session *session) {
  ptl_status status = check_unread(session);
  if (status == PTL_OK) {
    status = ptl_for_each_function(session, import_function, NULL);
  }
  return status == PTL_OK ? check_rest(session) : status;
}
