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

#include "asm/lexer.h"
#include "passes/compact.h"
#include "passes/import.h"
#include "passes/passes.h"
#include "summary/stores.h"

/* ---- runs: the products of one lhs -------------------------------------- */

typedef struct run {
  const ptl_tensor_product *products[PTL_MAX_TENSOR_PRODUCTS];
  int count;
} run;

/* Products of one lhs go together, unless they are not to be fused. */
static bool belongs_to_run(const ptl_importer *im, int head, int other) {
  const ptl_tensor_product *a = &im->in.products[head], *b = &im->in.products[other];
  if (im->is_done[other] || ptl_is_dual(b->op) ||
      (im->session->fuse == PTL_FUSE_OFF && head != other)) {
    return false;
  }
  return mlirValueEqual(a->lhs, b->lhs) && a->lhs_transposed == b->lhs_transposed &&
         a->batches == b->batches;
}

static run take_run(ptl_importer *im, int head) {
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
static void prepare_outside(ptl_importer *im, const ptl_tensor_product *p, MlirValue operand) {
  MlirType type = mlirValueGetType(operand);
  if (p->batches > 1 && ptl_import_batches_of(type) > 1) {
    (void)ptl_import_view_of(im, mlirBlockArgumentGetArgNumber(operand), type);
  } else {
    (void)ptl_import_operand_part(im, operand);
  }
}

static void prepare_views(ptl_importer *im, const run *run) {
  for (int i = 0; i < run->count; i++) {
    const ptl_tensor_product *p = run->products[i];
    im->builder.location = mlirOperationGetLocation(p->op);
    prepare_outside(im, p, p->lhs);
    prepare_outside(im, p, p->rhs);
    for (intptr_t j = 0; j < im->result_count; j++) {
      if (ptl_import_returns(im, j, ptl_import_value_of(p))) {
        (void)ptl_import_view_of(im, im->argument_count + j, ptl_import_result_type(im, j));
      }
    }
  }
}

/* The operands and the places of the results stand before all of the run's products. */
static void prepare_parts(ptl_importer *im, const run *run) {
  for (int i = 0; i < run->count; i++) {
    const ptl_tensor_product *p = run->products[i];
    im->builder.location = mlirOperationGetLocation(p->op);
    (void)ptl_import_operand_part(im, p->lhs);
    (void)ptl_import_operand_part(im, p->rhs);
    ptl_import_prepare_targets(im, ptl_import_value_of(p));
  }
}

/* The result as the accumulator holds it. */
static MlirType accumulated(ptl_importer *im, const ptl_tensor_product *p) {
  ptl_elem acc = ptl_elem_accumulator(ptl_tensor_elem(mlirValueGetType(p->lhs)),
                                      ptl_tensor_elem(mlirValueGetType(p->rhs)));
  return ptl_type(
      im->session->context,
      ptl_arena_printf(&im->session->arena, "tensor<%s>",
                       ptl_import_shape_text(im, p->has_dynamic_rows, p->m, p->n, acc)));
}

enum { MOST_ATTRIBUTES = 5 };

/* How a product is to be computed. Of rows that are dynamic, tiles hold as many as there may be. */
static int product_attributes(ptl_importer *im, const ptl_tensor_product *p,
                              MlirNamedAttribute attributes[MOST_ATTRIBUTES]) {
  MlirContext context = im->session->context;
  int count = 0;
  attributes[count++] = ptl_named(context, ptl_attr_group, ptl_int(context, im->run_count));
  if (p->lhs_transposed) {
    attributes[count++] = ptl_named(context, ptl_attr_lhs_transposed, mlirUnitAttrGet(context));
  }
  if (p->rhs_transposed) {
    attributes[count++] = ptl_named(context, "rhs_transposed", mlirUnitAttrGet(context));
  }
  if (p->has_dynamic_rows) {
    attributes[count++] = ptl_named(context, "max_rows", ptl_int(context, p->m));
    attributes[count++] = ptl_named(context, ptl_attr_compact, mlirUnitAttrGet(context));
  }
  return count;
}

static MlirValue build_product(ptl_importer *im, const ptl_tensor_product *p) {
  MlirType type = accumulated(im, p);
  MlirValue operands[2] = {ptl_import_operand_part(im, p->lhs),
                           ptl_import_operand_part(im, p->rhs)};
  MlirNamedAttribute attributes[MOST_ATTRIBUTES];
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
static void build_products(ptl_importer *im, const run *run) {
  MlirValue results[PTL_MAX_TENSOR_PRODUCTS];
  prepare_parts(im, run);
  for (int i = 0; i < run->count; i++) {
    results[i] = build_product(im, run->products[i]);
  }
  for (int i = 0; i < run->count; i++) {
    im->builder.location = mlirOperationGetLocation(run->products[i]->op);
    ptl_import_build_stores(im, ptl_import_value_of(run->products[i]), results[i]);
  }
}

/* A loop over batches, to the begin of which the builder goes; gives that of before. */
static ptl_builder enter_loop(ptl_importer *im, int64_t batches) {
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

static void build_run(ptl_importer *im, int head) {
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
static void build_dual(ptl_importer *im, MlirOperation old) {
  MlirContext context = im->session->context;
  intptr_t operand_count = mlirOperationGetNumOperands(old);
  intptr_t result_count = mlirOperationGetNumResults(old);
  MlirValue *operands =
      ptl_arena_array(&im->session->arena, (size_t)operand_count, sizeof(*operands));
  MlirType *types = ptl_arena_array(&im->session->arena, (size_t)result_count, sizeof(*types));
  im->builder.location = mlirOperationGetLocation(old);
  for (intptr_t i = 0; i < operand_count; i++) {
    operands[i] = ptl_import_operand_part(im, mlirOperationGetOperand(old, i));
  }
  for (intptr_t i = 0; i < result_count; i++) {
    types[i] = mlirValueGetType(mlirOperationGetResult(old, i));
    ptl_import_prepare_targets(im, mlirOperationGetResult(old, i));
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
    ptl_import_build_stores(im, mlirOperationGetResult(old, i), mlirOperationGetResult(dual, i));
  }
}

/* What the kernel has to store, for the proof that the emitted one does. */
static void record_stores(ptl_importer *im) {
  int64_t *fields = ptl_arena_array(
      &im->session->arena, (size_t)im->result_count * PTL_EXPECTED_STORE_FIELDS, sizeof(int64_t));
  for (intptr_t i = 0; i < im->result_count; i++) {
    const ptl_tensor_product *p =
        ptl_import_product_of(im, mlirOperationGetOperand(im->in.terminator, i));
    int64_t *out = &fields[i * PTL_EXPECTED_STORE_FIELDS];
    out[0] = im->argument_count + i;
    out[1] = mlirBlockArgumentGetArgNumber(p->lhs);
    out[2] = mlirBlockArgumentGetArgNumber(p->rhs);
    out[3] = p->lhs_transposed;
    out[4] = p->rhs_transposed;
    out[5] = p->m;
    out[6] = p->k;
    out[7] = p->n;
    out[8] = p->batches;
    out[9] = p->batches > 1 && ptl_import_batches_of(mlirValueGetType(p->lhs)) > 1;
    out[10] = p->batches > 1 && ptl_import_batches_of(mlirValueGetType(p->rhs)) > 1;
    out[11] = p->has_dynamic_rows ? ptl_import_rows_argument(im, out[1]) : -1;
  }
  ptl_set_attr(im->kernel, ptl_attr_stores,
               mlirDenseI64ArrayGet(im->session->context,
                                    im->result_count * PTL_EXPECTED_STORE_FIELDS, fields));
}

static void build_body(ptl_importer *im) {
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
  session->ir_is_kept = false;
  ptl_importer im = {.session = session};
  ptl_status status = ptl_tensor_function_read(session, func, &im.in);
  if (status == PTL_OK) {
    ptl_import_begin_kernel(&im);
    build_body(&im);
    record_stores(&im);
    mlirOperationDestroy(func);
  }
  return status;
}

/* Whether the text of a function that was not read is one on tensors: it has such ops, or such
 * arguments and results. Attributes of other ops may hold tensors, too. */
static bool reads_as_tensors(ptl_str text) {
  ptl_lexer lexer = ptl_lexer_of(text);
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
  session->ir_is_kept = true;
  if (status == PTL_OK) {
    status = ptl_for_each_function(session, import_function, NULL);
  }
  return status == PTL_OK ? check_rest(session) : status;
}
