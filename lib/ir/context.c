/* Makes the MLIR context of a run, loads the dialects, and defines `ptolower` with IRDL. The
 * names of all attributes that passes hand on stand here. */
#include <mlir-c/Dialect/Arith.h>
#include <mlir-c/Dialect/Func.h>
#include <mlir-c/Dialect/IRDL.h>
#include <mlir-c/Dialect/Linalg.h>
#include <mlir-c/Dialect/SCF.h>
#include <mlir-c/Dialect/Tensor.h>

#include <string.h>

#include "asm/asm.h"
#include "ir/session.h"

const char ptl_attr_stage[] = "ptolower.ir";
const char ptl_attr_source[] = "ptolower.source";
const char ptl_attr_range[] = "ptolower.range";
const char ptl_attr_opaque[] = "ptolower.opaque";
const char ptl_attr_changed[] = "ptolower.changed";
const char ptl_attr_settled[] = "ptolower.settled";
const char ptl_attr_imports[] = "ptolower.imports";
const char ptl_attr_close[] = "ptolower.close";
const char ptl_attr_imported[] = "ptolower.imported";
const char ptl_attr_names[] = "ptolower.arg_names";
const char ptl_attr_length[] = "ptolower.input_instructions";
const char ptl_attr_cycles[] = "ptolower.input_cycles";
const char ptl_attr_turns[] = "ptolower.input_turns";
const char ptl_attr_loop_turns[] = "ptolower.turns";
const char ptl_attr_effects[] = "ptolower.effects";
const char ptl_attr_assumes[] = "ptolower.assumes";
const char ptl_attr_plans[] = "ptolower.plans";
const char ptl_attr_group[] = "group";
const char ptl_attr_stores[] = "ptolower.stores";
const char ptl_attr_joined[] = "ptolower.joined";
const char ptl_attr_broken[] = "ptolower.broken";
const char ptl_attr_level2[] = "ptolower.level2";
const char ptl_attr_merge[] = "ptolower.merge";
const char ptl_attr_same[] = "ptolower.same";
const char ptl_attr_merged[] = "ptolower.merged";

/* Operands are tensors (a hand-written op) or parts of views (opaque types of the `pto` dialect),
 * which ptl_verify checks together with their extents. IRDL binds one type to each constraint, so
 * lhs and rhs have their own, and all rhs of a matmul_dual_acc have one type. */
#define PRODUCT_OPERAND(name) "    %" name " = irdl.any\n"
#define PRODUCT_OPERANDS PRODUCT_OPERAND("lhs") PRODUCT_OPERAND("rhs")

/* One rhs and its result of types of their own, and so on, one more each time. */
#define PRODUCT_RESULT(name) "    %" name " = irdl.base \"!builtin.tensor\"\n"
#define PRODUCTS_2                                                                                 \
  PRODUCT_OPERAND("lhs")                                                                           \
  PRODUCT_OPERAND("w0") PRODUCT_OPERAND("w1") PRODUCT_RESULT("r0") PRODUCT_RESULT("r1")
#define PRODUCTS_3 PRODUCTS_2 PRODUCT_OPERAND("w2") PRODUCT_RESULT("r2")
#define PRODUCTS_4 PRODUCTS_3 PRODUCT_OPERAND("w3") PRODUCT_RESULT("r3")
#define PRODUCTS_5 PRODUCTS_4 PRODUCT_OPERAND("w4") PRODUCT_RESULT("r4")
#define PRODUCTS_6 PRODUCTS_5 PRODUCT_OPERAND("w5") PRODUCT_RESULT("r5")
#define MATMUL_ACCS(count, products, operands, results)                                            \
  "  irdl.operation @matmul_accs_" count " {\n" products "    irdl.operands(%lhs, " operands       \
  ")\n    irdl.results(" results ")\n  }\n"

/* Most runs make no matmul_accs_N. These take four times as long to load as the rest of the
 * dialect, so they are a part of their own. */
#define DIALECT(ops) "irdl.dialect @ptolower {\n" ops "}\n"
#define MATMUL                                                                                     \
  "  // One product. A third operand is the accumulator tile in which the input computes it.\n"    \
  "  irdl.operation @matmul {\n" PRODUCT_OPERANDS "    %tile = irdl.base \"!builtin.opaque\"\n"    \
  "    %result = irdl.base \"!builtin.tensor\"\n"                                                  \
  "    irdl.operands(%lhs, %rhs, optional %tile)\n"                                                \
  "    irdl.results(%result)\n"                                                                    \
  "  }\n"
#define MATMUL_DUAL_ACC                                                                            \
  "  // Products of one lhs with several rhs of one type: one accumulator and one result each,\n"  \
  "  // as in %gate, %up = \"ptolower.matmul_dual_acc\"(%a, %w_gate, %w_up).\n"                    \
  "  irdl.operation @matmul_dual_acc {\n" PRODUCT_OPERANDS                                         \
  "    %result = irdl.base \"!builtin.tensor\"\n"                                                  \
  "    irdl.operands(%lhs, variadic %rhs)\n"                                                       \
  "    irdl.results(variadic %result)\n"                                                           \
  "  }\n"
#define ALL_MATMUL_ACCS                                                                            \
  "  // The same with rhs of different types, by how many there are.\n" MATMUL_ACCS(               \
      "2", PRODUCTS_2, "%w0, %w1", "%r0, %r1")                                                     \
      MATMUL_ACCS("3", PRODUCTS_3, "%w0, %w1, %w2", "%r0, %r1, %r2")                               \
          MATMUL_ACCS("4", PRODUCTS_4, "%w0, %w1, %w2, %w3", "%r0, %r1, %r2, %r3")                 \
              MATMUL_ACCS("5", PRODUCTS_5, "%w0, %w1, %w2, %w3, %w4", "%r0, %r1, %r2, %r3, %r4")   \
                  MATMUL_ACCS("6", PRODUCTS_6, "%w0, %w1, %w2, %w3, %w4, %w5",                     \
                              "%r0, %r1, %r2, %r3, %r4, %r5")

static const char dialect_text[] =
    "// The ptolower dialect.\n"
    "//\n"
    "// An operand is a tensor, or a part of a view in memory (!pto.partition_tensor_view).\n"
    "// lhs is m x k, or k x m with the unit attribute lhs_transposed; rhs is k x n, or n x k\n"
    "// with the unit attribute rhs_transposed; a result is lhs * rhs, m x n, as the value that "
    "the accumulator then holds.\n" DIALECT(MATMUL MATMUL_DUAL_ACC ALL_MATMUL_ACCS);
static const char common_text[] = DIALECT(MATMUL MATMUL_DUAL_ACC);
static const char accs_text[] = DIALECT(ALL_MATMUL_ACCS);

const char *ptl_dialect_text(void) { return dialect_text; }

/* Dialects whose ops passes make: MLIR loads the others when it meets them. */
static void load_dialects_of_passes(MlirContext context) {
  static const char *const names[] = {"arith", "func", "scf"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    (void)mlirContextGetOrLoadDialect(context, mlirStringRefCreateFromCString(names[i]));
  }
}

/* A part of the dialect joins those that are loaded. */
static bool load_part(MlirContext context, const char *text) {
  MlirModule module = mlirModuleCreateParse(context, mlirStringRefCreateFromCString(text));
  if (mlirModuleIsNull(module)) {
    return false;
  }
  bool loaded = mlirLogicalResultIsSuccess(mlirLoadIRDLDialects(module));
  mlirModuleDestroy(module);
  return loaded;
}

MlirContext ptl_context_create(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__arith__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__func__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__irdl__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__linalg__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__scf__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__tensor__(), registry);
  MlirContext context = mlirContextCreateWithThreading(false);
  mlirContextAppendDialectRegistry(context, registry);
  mlirDialectRegistryDestroy(registry);
  mlirContextSetAllowUnregisteredDialects(context, true);
  load_dialects_of_passes(context);
  if (!load_part(context, common_text)) {
    mlirContextDestroy(context);
    context.ptr = NULL;
  }
  return context;
}

ptl_loc ptl_loc_of(ptl_session *session, MlirOperation op) {
  ptl_loc loc = ptl_places_get(&session->places, mlirOperationGetLocation(op)).loc;
  if (!loc.file || strcmp(loc.file, "-") == 0) {
    loc.file = session->file; /* MLIR's name of the text that it parses */
  }
  return loc;
}

ptl_status ptl_dialect_not_loaded(ptl_session *session) {
  ptl_loc nowhere = {NULL, 0, 0, NULL};
  ptl_diag_add(&session->diags, PTL_CODE_DIALECT_NOT_LOADED, nowhere,
               "the ptolower dialect did not load");
  return PTL_INTERNAL;
}

ptl_status ptl_load_accs(ptl_session *session) {
  const char *first = ptl_op_table[PTL_PTOLOWER_MATMUL_ACCS_2].name;
  bool is_loaded =
      mlirContextIsRegisteredOperation(session->context, mlirStringRefCreateFromCString(first)) ||
      load_part(session->context, accs_text);
  return is_loaded ? PTL_OK : ptl_dialect_not_loaded(session);
}
