/* import-linalg: turn functions on tensors into kernels on views.
 *
 * Requires: functions whose bodies are zero fills, products (linalg.matmul,
 *   linalg.matmul_transpose_b, ptolower.matmul_dual_acc on tensors) and a return.
 * Produces: a cube kernel of the same name. Its arguments are the function's, tensors as
 *   pointers, then one pointer for each result; every product is a ptolower.matmul (or the
 *   matmul_dual_acc) on parts of views, those of one lhs side by side, followed by the stores
 *   of their results.
 * Leaves alone: functions without tensors.
 * Refuses: whatever the kernel would drop (PTL040 to PTL046).
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/passes.h"

enum { MAX_PRODUCTS = 64 };

/* One product of the function: result number `index` of `op`. */
typedef struct product {
  MlirOperation op;
  intptr_t index;
  MlirValue lhs, rhs;
  bool is_done;
} product;

typedef struct importer {
  ptl_session *session;
  MlirOperation func, kernel;
  MlirBlock old_block;
  MlirOperation terminator;
  ptl_builder builder;
  MlirValue *pointers; /* of the kernel, arguments first, then results */
  const char **names;
  MlirValue *views; /* by argument; null until made */
  intptr_t argument_count, result_count;
  product products[MAX_PRODUCTS];
  int product_count;
  int run_count;
} importer;

static ptl_status refuse(importer *im, int code, MlirOperation op, const char *text) {
  ptl_diag_add(&im->session->diags, PTL_ERROR, code, ptl_loc_of(im->session, op), "%s", text);
  return PTL_REFUSED;
}

/* ---- what the function may hold ----------------------------------------- */

static bool is_tensor(MlirType type) { return mlirTypeIsATensor(type); }

static ptl_elem elem_of(MlirType type) {
  MlirType elem = mlirShapedTypeGetElementType(type);
  if (mlirTypeIsAInteger(elem)) {
    if (!mlirIntegerTypeIsSignless(elem)) {
      return PTL_ELEM_NONE;
    }
    unsigned width = mlirIntegerTypeGetWidth(elem);
    return width == 8 ? PTL_ELEM_I8 : width == 32 ? PTL_ELEM_I32 : PTL_ELEM_NONE;
  }
  return mlirTypeIsAF32(elem)    ? PTL_ELEM_F32
         : mlirTypeIsAF16(elem)  ? PTL_ELEM_F16
         : mlirTypeIsABF16(elem) ? PTL_ELEM_BF16
                                 : PTL_ELEM_NONE;
}

static bool is_zero(MlirAttribute value) {
  if (mlirAttributeIsADenseElements(value)) {
    return mlirDenseElementsAttrIsSplat(value) &&
           is_zero(mlirDenseElementsAttrGetSplatValue(value));
  }
  if (mlirAttributeIsAInteger(value)) {
    return mlirIntegerAttrGetValueInt(value) == 0;
  }
  return mlirAttributeIsAFloat(value) && mlirFloatAttrGetValueDouble(value) == 0.0 &&
         !signbit(mlirFloatAttrGetValueDouble(value));
}

static bool is_zero_value(MlirValue value) {
  if (!mlirValueIsAOpResult(value)) {
    return false;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (ptl_op_is(op, "linalg.fill")) {
    return is_zero_value(mlirOperationGetOperand(op, 0));
  }
  return ptl_op_is(op, "arith.constant") && is_zero(ptl_attr(op, "value"));
}

static bool is_transpose_b(MlirOperation op) { return ptl_op_is(op, "linalg.matmul_transpose_b"); }

static bool is_matmul(MlirOperation op) {
  return ptl_op_is(op, "linalg.matmul") || is_transpose_b(op);
}

static bool is_dual(MlirOperation op) { return ptl_op_is(op, "ptolower.matmul_dual_acc"); }

/* Ops that prepare what a product's outs holds. */
static bool is_preparation(MlirOperation op) {
  return ptl_op_is(op, "arith.constant") || ptl_op_is(op, "tensor.empty") ||
         ptl_op_is(op, "linalg.fill");
}

static bool is_unsigned(importer *im, MlirOperation op) {
  MlirAttribute cast = ptl_attr(op, "cast");
  (void)im;
  if (mlirAttributeIsNull(cast)) {
    return false;
  }
  return mlirAttributeEqual(cast, mlirAttributeParseGet(mlirOperationGetContext(op),
                                                        mlirStringRefCreateFromCString(
                                                            "#linalg.type_fn<cast_unsigned>")));
}

static ptl_status check_tensor(importer *im, MlirOperation op, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  if (!mlirTypeIsARankedTensor(type) || mlirShapedTypeGetRank(type) != 2 ||
      !mlirShapedTypeHasStaticShape(type)) {
    return refuse(im, 43, op,
                  "products need tensors of two constant extents; give the function the shape "
                  "that the kernel is for");
  }
  if (mlirShapedTypeGetDimSize(type, 0) == 0 || mlirShapedTypeGetDimSize(type, 1) == 0) {
    return refuse(im, 43, op, "a tensor of the product has an extent of 0");
  }
  return PTL_OK;
}

static ptl_status check_operand(importer *im, MlirOperation op, MlirValue value) {
  ptl_status status = check_tensor(im, op, value);
  if (status == PTL_OK && !mlirValueIsABlockArgument(value)) {
    return refuse(im, 44, op, "an operand of the product is not an argument of the function");
  }
  return status;
}

static ptl_status check_types(importer *im, MlirOperation op, MlirValue lhs, MlirValue rhs,
                              MlirValue result) {
  ptl_elem acc =
      ptl_elem_accumulator(elem_of(mlirValueGetType(lhs)), elem_of(mlirValueGetType(rhs)));
  if (acc == PTL_ELEM_NONE || acc != elem_of(mlirValueGetType(result)) || is_unsigned(im, op)) {
    return refuse(im, 42, op,
                  "the cube has no such product; it has i8 x i8 -> i32, and f16, bf16 or f32, each "
                  "with itself, -> f32");
  }
  return PTL_OK;
}

/* What the rest of the function does with a result. */
static ptl_status check_uses(importer *im, MlirOperation op, MlirValue result) {
  MlirOpOperand use = mlirValueGetFirstUse(result);
  if (mlirOpOperandIsNull(use)) {
    return refuse(im, 46, op, "the product is not returned; remove it or return it");
  }
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (!mlirOperationEqual(user, im->terminator)) {
      ptl_str name = ptl_op_name(user);
      ptl_diag_add(&im->session->diags, PTL_ERROR, 40, ptl_loc_of(im->session, user),
                   "'%.*s' uses a product; the kernel stores products and does nothing else "
                   "with them",
                   (int)name.length, name.data);
      return PTL_REFUSED;
    }
  }
  return PTL_OK;
}

static ptl_status add_product(importer *im, MlirOperation op, intptr_t index, MlirValue lhs,
                              MlirValue rhs) {
  MlirValue result = mlirOperationGetResult(op, index);
  ptl_status status = check_operand(im, op, lhs);
  if (status == PTL_OK) {
    status = check_operand(im, op, rhs);
  }
  if (status == PTL_OK) {
    status = check_tensor(im, op, result);
  }
  if (status == PTL_OK) {
    status = check_types(im, op, lhs, rhs, result);
  }
  if (status == PTL_OK) {
    status = check_uses(im, op, result);
  }
  if (status == PTL_OK && im->product_count == MAX_PRODUCTS) {
    return refuse(im, 40, op, "the function has more products than a kernel can hold");
  }
  if (status == PTL_OK) {
    im->products[im->product_count++] = (product){op, index, lhs, rhs, false};
  }
  return status;
}

static ptl_status read_op(importer *im, MlirOperation op) {
  if (is_preparation(op) || mlirOperationEqual(op, im->terminator)) {
    return PTL_OK;
  }
  if (is_matmul(op)) {
    if (!is_zero_value(mlirOperationGetOperand(op, 2))) {
      return refuse(im, 41, op,
                    "outs is not filled with zero; the kernel's accumulators begin at zero");
    }
    return add_product(im, op, 0, mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1));
  }
  ptl_status status = PTL_OK;
  if (is_dual(op)) {
    for (intptr_t i = 0; i < mlirOperationGetNumResults(op) && status == PTL_OK; i++) {
      status = add_product(im, op, i, mlirOperationGetOperand(op, 0),
                           mlirOperationGetOperand(op, 1 + i));
    }
    return status;
  }
  ptl_str name = ptl_op_name(op);
  ptl_diag_add(&im->session->diags, PTL_ERROR, 40, ptl_loc_of(im->session, op),
               "'%.*s' has no place in a kernel of products; take it out of the function",
               (int)name.length, name.data);
  return PTL_REFUSED;
}

static ptl_status read_body(importer *im) {
  MlirRegion region = mlirOperationGetRegion(im->func, 0);
  im->old_block = mlirRegionGetFirstBlock(region);
  im->terminator = mlirBlockGetTerminator(im->old_block);
  if (!mlirBlockIsNull(mlirBlockGetNextInRegion(im->old_block))) {
    return refuse(im, 40, im->func, "a kernel of products has no branches");
  }
  ptl_status status = PTL_OK;
  MlirOperation op = mlirBlockGetFirstOperation(im->old_block);
  for (; !mlirOperationIsNull(op) && status == PTL_OK; op = mlirOperationGetNextInBlock(op)) {
    status = read_op(im, op);
  }
  for (intptr_t i = 0; status == PTL_OK && i < mlirOperationGetNumOperands(im->terminator); i++) {
    MlirValue value = mlirOperationGetOperand(im->terminator, i);
    MlirOperation owner =
        mlirValueIsAOpResult(value) ? mlirOpResultGetOwner(value) : im->terminator;
    if (!is_matmul(owner) && !is_dual(owner)) {
      status = refuse(im, 45, im->terminator, "a value that is not a product is returned");
    }
  }
  if (status == PTL_OK && im->product_count == 0) {
    return refuse(im, 45, im->func, "the function computes no product");
  }
  return status;
}

/* ---- the kernel --------------------------------------------------------- */

static MlirType pointer_type(importer *im, MlirType type) {
  return is_tensor(type)
             ? ptl_type(im->session->context, ptl_arena_printf(&im->session->arena, "!pto.ptr<%s>",
                                                               ptl_elem_name(elem_of(type))))
             : type;
}

static MlirType result_type(importer *im, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(im->terminator, index));
}

/* "gate" for `return %gate, ...`, made different from the names before it. */
static const char *result_name(importer *im, intptr_t index) {
  MlirValue value = mlirOperationGetOperand(im->terminator, index);
  MlirOperation op = mlirOpResultGetOwner(value);
  const char *name = ptl_loc_parts_of(&im->session->arena, mlirOperationGetLocation(op)).name;
  bool is_own = name && !(name[0] >= '0' && name[0] <= '9') && is_matmul(op);
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
  MlirAttribute names = ptl_attr(im->func, ptl_attr_names);
  if (mlirAttributeIsNull(names) || !mlirAttributeIsAArray(names) ||
      index >= mlirArrayAttrGetNumElements(names)) {
    return ptl_arena_printf(&im->session->arena, "arg%" PRIdPTR, index);
  }
  MlirStringRef text = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, index));
  return ptl_arena_copy(&im->session->arena, text.data, text.length);
}

static void create_kernel(importer *im, const MlirType *types, const MlirLocation *locations) {
  MlirContext context = im->session->context;
  intptr_t count = im->argument_count + im->result_count;
  MlirAttribute *names = ptl_arena_array(&im->session->arena, (size_t)count, sizeof(*names));
  for (intptr_t i = 0; i < count; i++) {
    names[i] = ptl_string(context, ptl_str_of(im->names[i]));
  }
  MlirBlock block = mlirBlockCreate(count, types, locations);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirType type = mlirFunctionTypeGet(context, count, types, 0, NULL);
  MlirNamedAttribute attributes[] = {
      ptl_named(context, "sym_name", ptl_attr(im->func, "sym_name")),
      ptl_named(context, "function_type", mlirTypeAttrGet(type)),
      ptl_named(
          context, "pto.kernel_kind",
          mlirAttributeParseGet(context, mlirStringRefCreateFromCString("#pto.kernel_kind<cube>"))),
      ptl_named(context, ptl_attr_names, mlirArrayAttrGet(context, count, names)),
      ptl_named(context, ptl_attr_imported, mlirUnitAttrGet(context)),
      ptl_named(context, ptl_attr_changed, mlirUnitAttrGet(context)),
  };
  ptl_builder at = ptl_builder_before(&im->session->arena, im->func);
  ptl_op_spec spec = {.name = "func.func",
                      .attributes = attributes,
                      .attribute_count = sizeof(attributes) / sizeof(attributes[0]),
                      .region = region};
  im->kernel = ptl_build(&at, &spec);
  im->builder = ptl_builder_at_end(&im->session->arena, block, mlirOperationGetLocation(im->func));
  im->builder.entry = block;
}

static void begin_kernel(importer *im) {
  im->argument_count = mlirBlockGetNumArguments(im->old_block);
  im->result_count = mlirOperationGetNumOperands(im->terminator);
  size_t count = (size_t)(im->argument_count + im->result_count);
  ptl_arena *arena = &im->session->arena;
  MlirType *types = ptl_arena_array(arena, count, sizeof(*types));
  MlirLocation *locations = ptl_arena_array(arena, count, sizeof(*locations));
  im->names = ptl_arena_array(arena, count, sizeof(*im->names));
  im->views = ptl_arena_array(arena, count, sizeof(*im->views));
  im->pointers = ptl_arena_array(arena, count, sizeof(*im->pointers));
  for (intptr_t i = 0; i < im->argument_count; i++) {
    types[i] = pointer_type(im, mlirValueGetType(mlirBlockGetArgument(im->old_block, i)));
    im->names[i] = argument_name(im, i);
  }
  for (intptr_t i = 0; i < im->result_count; i++) {
    types[im->argument_count + i] = pointer_type(im, result_type(im, i));
    im->names[im->argument_count + i] = result_name(im, i);
  }
  for (size_t i = 0; i < count; i++) {
    locations[i] = mlirOperationGetLocation(im->func);
  }
  create_kernel(im, types, locations);
  for (size_t i = 0; i < count; i++) {
    im->pointers[i] = mlirBlockGetArgument(
        mlirRegionGetFirstBlock(mlirOperationGetRegion(im->kernel, 0)), (intptr_t)i);
  }
}

static MlirValue build_view(importer *im, intptr_t index, MlirType tensor) {
  MlirContext context = im->session->context;
  int64_t rows = mlirShapedTypeGetDimSize(tensor, 0), cols = mlirShapedTypeGetDimSize(tensor, 1);
  MlirValue one = ptl_build_index(&im->builder, 1);
  MlirValue width = ptl_build_index(&im->builder, cols);
  MlirValue operands[5] = {im->pointers[index], ptl_build_index(&im->builder, rows), width, width,
                           one};
  const int32_t sizes[3] = {1, 2, 2};
  MlirNamedAttribute attributes[2] = {
      ptl_named(context, "layout",
                mlirAttributeParseGet(context, mlirStringRefCreateFromCString("#pto.layout<nd>"))),
      ptl_named(context, "operandSegmentSizes", ptl_segments(context, sizes, 3))};
  MlirType type =
      ptl_type(context, ptl_arena_printf(&im->session->arena, "!pto.tensor_view<?x?x%s>",
                                         ptl_elem_name(elem_of(tensor))));
  ptl_op_spec spec = {.name = "pto.make_tensor_view",
                      .operands = operands,
                      .operand_count = 5,
                      .results = &type,
                      .result_count = 1,
                      .attributes = attributes,
                      .attribute_count = 2,
                      .value_name =
                          ptl_arena_printf(&im->session->arena, "%s_view", im->names[index])};
  return mlirOperationGetResult(ptl_build(&im->builder, &spec), 0);
}

/* The whole of a matrix as a part of its view; made once for each. */
static MlirValue whole_part(importer *im, intptr_t index, MlirType tensor) {
  if (!mlirValueIsNull(im->views[index])) {
    return im->views[index];
  }
  MlirContext context = im->session->context;
  int64_t rows = mlirShapedTypeGetDimSize(tensor, 0), cols = mlirShapedTypeGetDimSize(tensor, 1);
  MlirValue zero = ptl_build_index(&im->builder, 0);
  MlirValue operands[5] = {build_view(im, index, tensor), zero, zero,
                           ptl_build_index(&im->builder, rows),
                           ptl_build_index(&im->builder, cols)};
  const int32_t sizes[3] = {1, 2, 2};
  MlirNamedAttribute segments =
      ptl_named(context, "operandSegmentSizes", ptl_segments(context, sizes, 3));
  MlirType type =
      ptl_type(context, ptl_arena_printf(&im->session->arena,
                                         "!pto.partition_tensor_view<%" PRId64 "x%" PRId64 "x%s>",
                                         rows, cols, ptl_elem_name(elem_of(tensor))));
  ptl_op_spec spec = {.name = "pto.partition_view",
                      .operands = operands,
                      .operand_count = 5,
                      .results = &type,
                      .result_count = 1,
                      .attributes = &segments,
                      .attribute_count = 1,
                      .value_name = im->names[index]};
  im->views[index] = mlirOperationGetResult(ptl_build(&im->builder, &spec), 0);
  return im->views[index];
}

static MlirValue operand_part(importer *im, MlirValue value) {
  return whole_part(im, mlirBlockArgumentGetArgNumber(value), mlirValueGetType(value));
}

/* Makes the parts that the results go to, so that they stand before the products: the
 * lowering may put stores there. */
static void prepare_targets(importer *im, MlirValue old) {
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (mlirValueEqual(mlirOperationGetOperand(im->terminator, i), old)) {
      (void)whole_part(im, im->argument_count + i, mlirValueGetType(old));
    }
  }
}

static void build_stores(importer *im, MlirValue old, MlirValue product) {
  MlirContext context = im->session->context;
  for (intptr_t i = 0; i < im->result_count; i++) {
    if (!mlirValueEqual(mlirOperationGetOperand(im->terminator, i), old)) {
      continue;
    }
    MlirValue operands[2] = {product,
                             whole_part(im, im->argument_count + i, mlirValueGetType(old))};
    MlirNamedAttribute segments =
        ptl_named(context, "operandSegmentSizes", ptl_asm_plain_segments(context, "pto.tstore"));
    ptl_op_spec spec = {.name = "pto.tstore",
                        .operands = operands,
                        .operand_count = 2,
                        .attributes = &segments,
                        .attribute_count = 1};
    ptl_build(&im->builder, &spec);
  }
}

/* Products of one lhs go together, unless they are not to be fused. */
static bool belongs_to_run(const importer *im, const product *head, const product *p) {
  if (p->is_done || is_dual(p->op) || (im->session->fuse == PTL_FUSE_OFF && p != head)) {
    return false;
  }
  return mlirValueEqual(p->lhs, head->lhs) && is_transpose_b(p->op) == is_transpose_b(head->op);
}

/* The products of one lhs: their ops, then their stores. */
static void build_run(importer *im, const product *head) {
  MlirContext context = im->session->context;
  product *run[MAX_PRODUCTS];
  MlirValue results[MAX_PRODUCTS];
  int count = 0;
  for (int i = 0; i < im->product_count; i++) {
    product *p = &im->products[i];
    if (belongs_to_run(im, head, p)) {
      run[count++] = p;
      im->builder.location = mlirOperationGetLocation(p->op);
      (void)operand_part(im, p->lhs);
      (void)operand_part(im, p->rhs);
      prepare_targets(im, mlirOperationGetResult(p->op, p->index));
    }
  }
  for (int i = 0; i < count; i++) {
    MlirType type = mlirValueGetType(mlirOperationGetResult(run[i]->op, run[i]->index));
    MlirValue operands[2] = {operand_part(im, run[i]->lhs), operand_part(im, run[i]->rhs)};
    MlirNamedAttribute attributes[2] = {
        ptl_named(context, ptl_attr_group, ptl_int(context, im->run_count)),
        ptl_named(context, "rhs_transposed", mlirUnitAttrGet(context))};
    im->builder.location = mlirOperationGetLocation(run[i]->op);
    ptl_op_spec spec = {.name = "ptolower.matmul",
                        .operands = operands,
                        .operand_count = 2,
                        .results = &type,
                        .result_count = 1,
                        .attributes = attributes,
                        .attribute_count = 1 + is_transpose_b(run[i]->op)};
    results[i] = mlirOperationGetResult(ptl_build(&im->builder, &spec), 0);
    run[i]->is_done = true;
  }
  for (int i = 0; i < count; i++) {
    im->builder.location = mlirOperationGetLocation(run[i]->op);
    build_stores(im, mlirOperationGetResult(run[i]->op, run[i]->index), results[i]);
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
  ptl_op_spec spec = {.name = "ptolower.matmul_dual_acc",
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

static void build_body(importer *im) {
  for (int i = 0; i < im->product_count; i++) {
    product *p = &im->products[i];
    if (p->is_done) {
      continue;
    }
    if (!is_dual(p->op)) {
      build_run(im, p);
    } else if (p->index == 0) {
      build_dual(im, p->op);
    }
  }
  im->builder.location = mlirOperationGetLocation(im->terminator);
  ptl_op_spec spec = {.name = "func.return"};
  ptl_build(&im->builder, &spec);
}

/* ---- the pass ----------------------------------------------------------- */

static void find_tensor(MlirOperation op, void *user) {
  bool *found = user;
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); i++) {
    *found = *found || is_tensor(mlirValueGetType(mlirOperationGetResult(op, i)));
  }
}

static bool is_on_tensors(MlirOperation func) {
  bool found = false;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    found = found || is_tensor(mlirValueGetType(mlirBlockGetArgument(block, i)));
  }
  ptl_for_each_op(func, find_tensor, &found);
  return found;
}

static ptl_status check_arguments(importer *im) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(im->func, 0));
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); i++) {
    MlirType type = mlirValueGetType(mlirBlockGetArgument(block, i));
    if (is_tensor(type) && elem_of(type) == PTL_ELEM_NONE) {
      return refuse(im, 42, im->func,
                    "an argument has an element type that the cube does not know; it knows i8, "
                    "i32, f16, bf16 and f32");
    }
  }
  return PTL_OK;
}

static ptl_status import_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  if (!is_on_tensors(func)) {
    return PTL_OK;
  }
  importer im = {.session = session, .func = func};
  ptl_status status = check_arguments(&im);
  if (status == PTL_OK) {
    status = read_body(&im);
  }
  if (status == PTL_OK) {
    begin_kernel(&im);
    build_body(&im);
    mlirOperationDestroy(func);
  }
  return status;
}

/* The text of a function that was not read, from the input; empty if it is not at hand. */
static ptl_str text_of(ptl_session *session, MlirOperation func) {
  MlirAttribute range = ptl_attr(func, ptl_attr_range);
  ptl_str source = ptl_string_attr(mlirModuleGetOperation(session->module), ptl_attr_source);
  if (mlirAttributeIsNull(range) || !mlirAttributeIsADenseI64Array(range) ||
      mlirDenseArrayGetNumElements(range) != 2) {
    return ptl_str_of("");
  }
  int64_t begin = mlirDenseI64ArrayGetElement(range, 0);
  int64_t end = mlirDenseI64ArrayGetElement(range, 1);
  if (begin < 0 || end < begin || (uint64_t)end > source.length) {
    return ptl_str_of("");
  }
  return (ptl_str){source.data + begin, (size_t)(end - begin)};
}

static bool mentions(ptl_str text, const char *word) {
  size_t length = strlen(word);
  for (size_t i = 0; i + length <= text.length; i++) {
    if (memcmp(text.data + i, word, length) == 0) {
      return true;
    }
  }
  return false;
}

/* A function on tensors that could not be read cannot become a kernel. */
static ptl_status check_unread(ptl_session *session) {
  MlirOperation func = mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
  for (; !mlirOperationIsNull(func); func = mlirOperationGetNextInBlock(func)) {
    if (ptl_has_attr(func, ptl_attr_opaque) && mentions(text_of(session, func), "linalg.")) {
      ptl_str why = ptl_string_attr(func, ptl_attr_opaque);
      ptl_diag_add(&session->diags, PTL_ERROR, 40, ptl_loc_of(session, func),
                   "the function on tensors cannot become a kernel: %.*s", (int)why.length,
                   why.data);
      return PTL_REFUSED;
    }
  }
  return PTL_OK;
}

ptl_status ptl_import_linalg(ptl_session *session) {
  ptl_status status = check_unread(session);
  return status == PTL_OK ? ptl_for_each_function(session, import_function, NULL) : status;
}
