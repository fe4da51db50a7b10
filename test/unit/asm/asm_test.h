/* What the tests of lib/asm share: reading a text into MLIR, and writing it back. */
#ifndef PTL_TEST_ASM_TEST_H
#define PTL_TEST_ASM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/Dialect/Arith.h>
#include <mlir-c/Dialect/Func.h>
#include <mlir-c/Dialect/Linalg.h>
#include <mlir-c/Dialect/SCF.h>
#include <mlir-c/Dialect/Tensor.h>
#include <mlir-c/IR.h>

#include "asm/asm.h"

typedef struct asm_case {
  ptl_arena arena;
  ptl_diags diags;
  ptl_places places;
  MlirContext context;
  ptl_asm_text text;
  MlirModule module; /* of the last text; null if it was refused */
  ptl_str source;
} asm_case;

static inline void case_open(asm_case *test) {
  memset(test, 0, sizeof(*test));
  ptl_arena_init(&test->arena);
  ptl_diags_init(&test->diags, &test->arena);
  test->places.arena = &test->arena;
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__arith__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__func__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__linalg__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__scf__(), registry);
  mlirDialectHandleInsertDialect(mlirGetDialectHandle__tensor__(), registry);
  test->context = mlirContextCreateWithThreading(false);
  mlirContextAppendDialectRegistry(test->context, registry);
  mlirContextSetAllowUnregisteredDialects(test->context, true);
  mlirDialectRegistryDestroy(registry);
}

static inline void case_drop_module(asm_case *test) {
  if (!mlirModuleIsNull(test->module)) {
    mlirModuleDestroy(test->module);
  }
  test->module = (MlirModule){NULL};
}

static inline void case_close(asm_case *test) {
  case_drop_module(test);
  mlirContextDestroy(test->context);
  ptl_arena_free(&test->arena);
}

static inline int count_lines(ptl_str text) {
  int count = 0;
  for (size_t i = 0; i < text.length; i++) {
    count += text.data[i] == '\n';
  }
  return count;
}

/* Reads a text as k.pto; parses it if it was not refused. */
static inline ptl_status case_read(asm_case *test, ptl_str source) {
  case_drop_module(test);
  test->source = source;
  ptl_diags_init(&test->diags, &test->arena);
  ptl_status status = ptl_asm_read(&test->arena, source, "dir/k.pto", &test->diags, &test->text);
  if (status == PTL_OK) {
    assert_int_equal(count_lines(test->text.mlir), count_lines(source));
    test->module = mlirModuleCreateParse(
        test->context, mlirStringRefCreate(test->text.mlir.data, test->text.mlir.length));
  }
  return status;
}

static inline MlirOperation case_first_func(asm_case *test) {
  assert_false(mlirModuleIsNull(test->module));
  return mlirBlockGetFirstOperation(mlirModuleGetBody(test->module));
}

static inline MlirAttribute attribute_of(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString(name));
}

static inline bool is_named(MlirOperation op, const char *name) {
  MlirStringRef own = mlirIdentifierStr(mlirOperationGetName(op));
  return own.length == strlen(name) && memcmp(own.data, name, own.length) == 0;
}

typedef struct rewrite_counts {
  int functions;
  int opaque;
} rewrite_counts;

/* Replaces the functions among the ops from `op` on, and in nested modules. */
static inline void rewrite_ops(asm_case *test, MlirOperation op, size_t *copied, ptl_strbuf *out,
                               rewrite_counts *counts) {
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (is_named(op, "builtin.module")) {
      MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
      rewrite_ops(test, mlirBlockGetFirstOperation(body), copied, out, counts);
    } else if (!is_named(op, "func.func")) {
      continue;
    } else if (!mlirAttributeIsNull(attribute_of(op, "ptolower.opaque"))) {
      counts->opaque++;
    } else {
      MlirAttribute range = attribute_of(op, "ptolower.range");
      size_t begin = (size_t)mlirDenseI64ArrayGetElement(range, 0);
      ptl_strbuf_add(out, test->source.data + *copied, begin - *copied);
      *copied = (size_t)mlirDenseI64ArrayGetElement(range, 1);
      assert_int_equal(ptl_asm_write_func(op, &test->places, &test->diags, out), PTL_OK);
      counts->functions++;
    }
  }
}

/* The text that was read last, with each of its functions written anew. */
static inline ptl_str case_rewrite(asm_case *test, rewrite_counts *counts) {
  ptl_strbuf out;
  size_t copied = 0;
  ptl_strbuf_init(&out, &test->arena);
  *counts = (rewrite_counts){0, 0};
  rewrite_ops(test, case_first_func(test), &copied, &out, counts);
  ptl_strbuf_add(&out, test->source.data + copied, test->source.length - copied);
  return (ptl_str){out.data, out.length};
}

static inline void count_op(MlirOperation op, long *count) {
  *count += 1 + mlirOperationGetNumOperands(op) + mlirOperationGetNumResults(op);
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); i++) {
    MlirStringRef name = mlirIdentifierStr(mlirOperationGetAttribute(op, i).name);
    *count += name.length < 9 || memcmp(name.data, "ptolower.", 9) != 0;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(op); i++) {
    MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i));
    MlirOperation inner =
        mlirBlockIsNull(block) ? (MlirOperation){NULL} : mlirBlockGetFirstOperation(block);
    for (; !mlirOperationIsNull(inner); inner = mlirOperationGetNextInBlock(inner)) {
      count_op(inner, count);
    }
  }
}

/* Ops, operands, results and attributes of the last text, all together. */
static inline long case_size(asm_case *test) {
  long count = 0;
  count_op(mlirModuleGetOperation(test->module), &count);
  return count;
}

/* Reads, writes, reads and writes again: nothing is lost, and the text stays. */
static inline rewrite_counts check_round_trip(asm_case *test, ptl_str source) {
  rewrite_counts counts;
  rewrite_counts again;
  assert_int_equal(case_read(test, source), PTL_OK);
  assert_false(mlirModuleIsNull(test->module));
  long size = case_size(test);
  ptl_str once = case_rewrite(test, &counts);
  assert_int_equal(case_read(test, once), PTL_OK);
  assert_false(mlirModuleIsNull(test->module));
  assert_int_equal(case_size(test), size);
  ptl_str twice = case_rewrite(test, &again);
  assert_int_equal(counts.functions, again.functions);
  assert_int_equal(counts.opaque, again.opaque);
  assert_string_equal(once.data, twice.data);
  return counts;
}

#endif
