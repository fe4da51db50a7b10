/* What the reader adds to a text, and what it refuses or passes through. */
#include "asm_test.h"

#include <mlir-c/BuiltinTypes.h>

#define TILE(space) "!pto.tile_buf<" space ", 16x16xf32>"

static MlirOperation first_op(asm_case *test) {
  MlirRegion body = mlirOperationGetRegion(case_first_func(test), 0);
  return mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(body));
}

static MlirOperation nth_op(asm_case *test, int index) {
  MlirOperation op = first_op(test);
  while (index-- > 0) {
    op = mlirOperationGetNextInBlock(op);
  }
  return op;
}

static void check_place(asm_case *test, MlirOperation op, const char *name, int line, int column,
                        const char *model) {
  ptl_loc_parts parts = ptl_loc_parts_of(&test->arena, mlirOperationGetLocation(op));
  assert_string_equal(parts.name ? parts.name : "", name);
  assert_string_equal(parts.loc.file, "dir/k.pto");
  assert_int_equal(parts.loc.line, line);
  assert_int_equal(parts.loc.column, column);
  assert_string_equal(parts.loc.model ? parts.loc.model : "", model);
}

static void read_ok(asm_case *test, const char *source) {
  assert_int_equal(case_read(test, ptl_str_of(source)), PTL_OK);
  assert_false(mlirModuleIsNull(test->module));
}

static void every_op_gets_its_place(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test,
          "func.func @f(%p: !pto.ptr<f32>, %n: index) {\n"
          "  %c0_i64 = arith.constant 0 : i64  %c1 = arith.constant 1 : index\n"
          "  %t = pto.alloc_tile addr = %c0_i64\n"
          "       valid_row = %n // a comment: loc(\"no\":1:1) {\n"
          "       : " TILE(
              "vec") " loc(\"model.py\":671:13)\n"
                     "  scf.for %i = %n to %n step %c1 {\n"
                     "  } loc(\"model.py\":1:2)\n"
                     "  %x = scf.for %j = %n to %n step %c1 iter_args(%a = %n) -> (index) {\n"
                     "    scf.yield %a : index }\n"
                     "  return\n"
                     "}\n");
  check_place(&test, nth_op(&test, 0), "c0_i64", 2, 13, "");
  check_place(&test, nth_op(&test, 1), "c1", 2, 43, "");
  check_place(&test, nth_op(&test, 2), "t", 3, 8, "\"model.py\":671:13");
  check_place(&test, nth_op(&test, 3), "i", 6, 3, "\"model.py\":1:2");
  check_place(&test, nth_op(&test, 4), "x", 8, 8, "");
  check_place(&test, nth_op(&test, 5), "", 10, 3, "");
  check_place(&test, case_first_func(&test), "", 1, 1, "");
  case_close(&test);
}

static void functions_know_their_names_and_range(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  const char *source = "// hello\n  func.func @f(%p: !pto.ptr<f32> {a.b}, %n: index loc(\"x\")) "
                       "-> i32 attributes {a.kind = #pto.kernel_kind<cube>} {\n"
                       "  %c = arith.constant 0 : i32\n  return %c : i32\n} loc(\"m\":1:2)\n\n";
  read_ok(&test, source);
  MlirOperation func = case_first_func(&test);
  MlirAttribute range = attribute_of(func, "ptolower.range");
  assert_int_equal(mlirDenseI64ArrayGetElement(range, 0), 11);
  assert_int_equal(mlirDenseI64ArrayGetElement(range, 1), (long)strlen(source) - 2);
  MlirAttribute names = attribute_of(func, "ptolower.arg_names");
  assert_int_equal(mlirArrayAttrGetNumElements(names), 2);
  MlirStringRef name = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, 1));
  assert_memory_equal(name.data, "n", 1);
  assert_false(mlirAttributeIsNull(attribute_of(func, "a.kind")));
  case_close(&test);
}

static void types_have_one_spelling(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test,
          "!v = !pto.tensor_view< ?x?xf32 >\n"
          "func.func @f(%p: !pto.ptr<f32, gm>, %a: " TILE(
              "vec") ", %n: index) {\n"
                     "  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] : !v\n"
                     "  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n]\n"
                     "     : !pto.tensor_view<?x?xf32>\n"
                     "  pto.tload ins(%w : !pto.partition_tensor_view<?x?xf32>) outs(%a :\n"
                     "    !pto.tile_buf<loc=vec, dtype=f32, rows=16, cols=16, v_row=16, v_col=16,\n"
                     "    blayout=row_major, slayout=none_box, fractal=512, pad=0>)\n"
                     "  return\n}\n");
  assert_int_equal(test.diags.count, 0);
  case_close(&test);
}

/* MLIR takes long to read one: two tiles of a type name it by its alias. */
static void types_are_read_once(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test, "func.func @f() {\n  %c = arith.constant 0 : i64\n"
                 "  %a = pto.alloc_tile addr = %c : " TILE(
                     "vec") "\n"
                            "  %b = pto.alloc_tile addr = %c : " TILE("vec") "\n  return\n}\n");
  const char *first = strstr(test.text.mlir.data, "!pto.tile_buf<");
  assert_non_null(first);
  assert_null(strstr(first + 1, "!pto.tile_buf<"));
  MlirValue a = mlirOperationGetResult(nth_op(&test, 1), 0);
  MlirValue b = mlirOperationGetResult(nth_op(&test, 2), 0);
  assert_true(mlirTypeEqual(mlirValueGetType(a), mlirValueGetType(b)));
  case_close(&test);
}

/* The type of a value is taken as it was, but not out of a longer word. */
static void types_are_taken_whole(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  (void)case_read(&test,
                  ptl_str_of("func.func @f(%a: " TILE("mat") ", %b: " TILE(
                      "left") ", %n: i3) {\n"
                              "  pto.textract ins(%a, %n, %n : " TILE(
                                  "mat") ", i32, i3) outs(%b : " TILE("left") ")\n"
                                                                              "  return\n}\n"));
  assert_non_null(strstr(test.text.mlir.data, ", i32, i3, "));
  case_close(&test);
}

static void append(MlirStringRef text, void *buf) { ptl_strbuf_add(buf, text.data, text.length); }

/* Types are written without MLIR's help, as MLIR writes them. */
static void texts_of_types_are_those_of_mlir(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  static const char *const texts[] = {"tile<loc=a, 1x?xf32, !b.c: d>",
                                      "t<a<b>, c<d>>",
                                      "t<>",
                                      "t",
                                      "t1<a>",
                                      "t_<a>",
                                      "t<\"a b\">",
                                      "t<a-b>",
                                      "t<a",
                                      "t<a>>",
                                      "t<a><b>",
                                      "t<a>b",
                                      "<a>",
                                      "t?<a>",
                                      "t<a\\b>",
                                      "t >",
                                      "t<a(>",
                                      "t<[b>",
                                      "t<>a>",
                                      "t<a\n>"};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    MlirType type = mlirOpaqueTypeGet(test.context, mlirStringRefCreateFromCString("pto"),
                                      mlirStringRefCreateFromCString(texts[i]));
    ptl_strbuf printed;
    ptl_strbuf_init(&printed, &test.arena);
    mlirTypePrint(type, append, &printed);
    assert_string_equal(ptl_type_text(&test.arena, type).data, printed.data);
  }
  case_close(&test);
}

static int count_of(const char *text, const char *what) {
  int count = 0;
  for (const char *at = strstr(text, what); at; at = strstr(at + 1, what)) {
    count++;
  }
  return count;
}

/* The same holds of arguments and attributes. */
static void plain_texts_are_read_once(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  const char *view = "pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] "
                     "{layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf32>\n";
  char source[1024];
  snprintf(source, sizeof(source),
           "func.func @f(%%p: !pto.ptr<f32>, %%q: !pto.ptr<f32, gm> {a.b}, %%n: index) {\n"
           "  %%v = %s  %%w = %s"
           "  pto.barrier <PIPE_ALL>\n  pto.barrier <PIPE_ALL>\n  return\n}\n",
           view, view);
  read_ok(&test, source);
  assert_int_equal(count_of(test.text.mlir.data, "!pto.ptr<f32"), 1);
  assert_int_equal(count_of(test.text.mlir.data, "#pto.layout<nd>"), 1);
  assert_int_equal(count_of(test.text.mlir.data, "#pto.pipe<PIPE_ALL>"), 1);
  MlirAttribute first = attribute_of(nth_op(&test, 0), "layout");
  assert_true(mlirAttributeEqual(first, attribute_of(nth_op(&test, 1), "layout")));
  assert_false(mlirAttributeIsNull(attribute_of(case_first_func(&test), "arg_attrs")));
  case_close(&test);
}

static void partition_types_come_from_constants(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test, "func.func @f(%v: !pto.tensor_view<?x?xi8>, %n: index) {\n"
                 "  %c16 = arith.constant 16 : index\n"
                 "  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%c16, %n]"
                 " : !pto.tensor_view<?x?xi8>\n"
                 "  return\n}\n");
  assert_non_null(strstr(test.text.mlir.data, "!pto.partition_tensor_view<16x?xi8>"));
  case_close(&test);
}

static void aliases_of_locations_work(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test, "#m = affine_map<(d0, d1) -> (d0)>\n"
                 "module {\n  func.func @f() {\n    return loc(#loc3)\n  } loc(#loc)\n"
                 "} loc(#loc)\n"
                 "#loc = loc(unknown)\n#loc1 = loc(\"a.py\":1:2)\n"
                 "#loc3 = loc(\"name\"(#loc1))\n");
  check_place(&test, first_op(&test), "", 4, 5, "\"name\"(\"a.py\":1:2)");
  case_close(&test);
}

static void linalg_is_copied(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(
      &test,
      "func.func @f(%a: tensor<16x512xi8>, %b: tensor<512x256xi8>) -> tensor<16x256xi32> {\n"
      "  %c0 = arith.constant 0 : i32\n"
      "  %e = tensor.empty() : tensor<16x256xi32>\n"
      "  %z = linalg.fill ins(%c0 : i32) outs(%e : tensor<16x256xi32>) -> tensor<16x256xi32>\n"
      "  %r = linalg.matmul\n"
      "         ins(%a, %b : tensor<16x512xi8>, tensor<512x256xi8>)\n"
      "         outs(%z : tensor<16x256xi32>) -> tensor<16x256xi32>\n"
      "  %m = linalg.map { arith.addi } ins(%r, %r : tensor<16x256xi32>, tensor<16x256xi32>)\n"
      "         outs(%e : tensor<16x256xi32>)\n"
      "  %g = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,\n"
      "           affine_map<(i, j) -> (i, j)>], iterator_types = [\"parallel\", \"parallel\"]}\n"
      "         ins(%m : tensor<16x256xi32>) outs(%e : tensor<16x256xi32>) {\n"
      "    ^bb0(%x: i32, %y: i32):\n"
      "      %s = arith.addi %x, %y : i32\n"
      "      linalg.yield %s : i32\n"
      "    } -> tensor<16x256xi32>\n"
      "  return %g : tensor<16x256xi32>\n"
      "}\n");
  assert_int_equal(test.diags.count, 0);
  check_place(&test, nth_op(&test, 3), "r", 5, 8, "");
  check_place(&test, nth_op(&test, 5), "g", 10, 8, "");
  check_place(&test, nth_op(&test, 6), "", 17, 3, "");
  case_close(&test);
}

static void generic_form_is_kept(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  check_round_trip(
      &test, ptl_str_of("func.func @f(%a: i32) {\n"
                        "  \"pto.tmov\"(%a, %a) <{operandSegmentSizes = array<i32: 1, 1, 0, 0>,\n"
                        "     mode = #pto<x y>}> {z} : (i32, i32) -> ()\n"
                        "  %r:2 = \"foo.bar\"(%a) ({\n  ^bb0(%i: i32):\n"
                        "    \"foo.use\"(%i) : (i32) -> ()\n"
                        "  }, {\n  }) {x = \"})\"} : (i32) -> (i32, i32)\n"
                        "  \"foo.use\"(%r#1) : (i32) -> ()\n"
                        "  return\n}\n"));
  assert_non_null(strstr(test.source.data, "\"pto.tmov\"(%a, %a) {mode = #pto<x y>, "
                                           "operandSegmentSizes = array<i32: 1, 1, 0, 0>, z}"));
  assert_non_null(strstr(test.source.data, "\"foo.use\"(%r#1)"));
  case_close(&test);
}

/* The second of three functions holds something unknown: the others are read. */
static void check_opaque(const char *statement, const char *reason, int column) {
  asm_case test;
  case_open(&test);
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test.arena);
  ptl_strbuf_printf(
      &text,
      "module {\n"
      "  func.func @a() {\n    return\n  }\n"
      "  func.func @b(%%x: index, %%t: " TILE("vec") ") -> i32 attributes {k.k = 1 : i32} {\n"
                                                     "    scf.if %%c {\n"
                                                     "      %s\n    }\n"
                                                     "    return %%z : i32\n  } loc(\"m\":1:2)\n"
                                                     "  func.func @c() {\n    return\n  }\n}\n",
      statement);
  read_ok(&test, text.data);
  MlirOperation func = mlirOperationGetNextInBlock(case_first_func(&test));
  MlirAttribute opaque = attribute_of(func, "ptolower.opaque");
  assert_false(mlirAttributeIsNull(opaque));
  MlirStringRef own = mlirStringAttrGetValue(opaque);
  assert_memory_equal(own.data, reason, strlen(reason));
  assert_false(mlirAttributeIsNull(attribute_of(func, "k.k")));
  assert_false(mlirAttributeIsNull(attribute_of(func, "ptolower.range")));
  check_place(&test, func, "", 5, 3, "");
  check_place(&test, mlirOperationGetNextInBlock(func), "", 11, 3, "");
  assert_int_equal(test.diags.count, 1);
  assert_int_equal(test.diags.items[0].code, 13);
  assert_int_equal(test.diags.items[0].severity, PTL_REMARK);
  assert_int_equal(test.diags.items[0].loc.line, 7);
  assert_int_equal(test.diags.items[0].loc.column, column);
  case_close(&test);
}

static void unknown_things_make_their_function_opaque(void **state) {
  (void)state;
  check_opaque("pto.tfly ins(%x : index)", "pto.tfly is not known", 7);
  check_opaque("%q = pto.alloc_tile what = %x : i32", "the syntax of this pto.alloc_tile", 12);
  check_opaque("pto.tload ins(%x : index) outs(%t)", "the syntax of this pto.tload", 7);
  check_opaque("%m = memref.alloc() : memref<16xf32>", "memref.alloc is not known", 12);
  check_opaque("cf.br ^bb1", "cf.br is not known", 7);
  check_opaque("pto.section.cube { func.call @a() : () -> () }", "a call inside", 26);
  check_opaque("?!", "this is no operation", 7);
}

/* What MLIR refuses costs its function, too, once its line is known. */
/* A place in the rewritten text is the same word in the user's line, else where that line begins.
 */
static void columns_are_the_users(void **state) {
  (void)state;
  ptl_str source = ptl_str_of("a\n  pto.tload ins(%x : !t) outs(%x1 : !t)\n  %v = pto.t %x\n");
  ptl_str mlir = ptl_str_of("a\n\"pto.tload\"(%x, %x1) : (!t, !t) -> ()\n%v = \"pto.t\"(%x)\n");
  static const struct {
    int line, column, expected;
  } cases[] = {{2, 13, 17}, {2, 17, 31}, {2, 2, 3},   {2, 25, 22}, {2, 29, 37},
               {2, 99, 3},  {2, 1, 3},   {3, 14, 14}, {3, 1, 3},   {9, 4, 1}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_int_equal(ptl_asm_user_column(source, mlir, cases[i].line, cases[i].column),
                     cases[i].expected);
  }
}

static void problems_make_their_function_opaque(void **state) {
  (void)state;
  static const char source[] = "func.func @a() {\n  return\n}\n"
                               "func.func @b() {\n  %x = arith.what 1\n  return\n}\n";
  asm_case test;
  case_open(&test);
  const ptl_asm_problem problem = {5, 8, "arith.what is not known"};
  assert_int_equal(ptl_asm_read_around(&test.arena, ptl_str_of(source), "k.pto", &problem, 1,
                                       PTL_REMARK, &test.diags, &test.text),
                   PTL_OK);
  test.module =
      mlirModuleCreateParse(test.context, mlirStringRefCreateFromCString(test.text.mlir.data));
  MlirOperation func = case_first_func(&test);
  assert_true(mlirAttributeIsNull(attribute_of(func, "ptolower.opaque")));
  func = mlirOperationGetNextInBlock(func);
  assert_false(mlirAttributeIsNull(attribute_of(func, "ptolower.opaque")));
  assert_int_equal(test.diags.items[0].severity, PTL_WARNING);
  assert_int_equal(test.diags.items[0].loc.line, 5);
  assert_int_equal(test.diags.items[0].loc.column, 8);
  case_close(&test);
}

static void unknown_module_ops_are_left_out(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  read_ok(&test, "foo.global @x = {a = 1}\n : i32\nfunc.func @f() {\n  return\n}\n");
  assert_int_equal(test.diags.count, 1);
  assert_int_equal(test.diags.items[0].code, 13);
  check_place(&test, case_first_func(&test), "", 3, 1, "");
  case_close(&test);
}

static void intermediate_text_is_taken_as_it_is(void **state) {
  (void)state;
  static const char text[] = "// printed by a pass\n#loc = loc(unknown)\n"
                             "module attributes {a.a = {b = 1}, ptolower.ir = \"fuse\"} {\n"
                             "  func.func @f() {\n    return\n  }\n}\n";
  asm_case test;
  case_open(&test);
  read_ok(&test, text);
  assert_true(test.text.is_intermediate);
  assert_string_equal(test.text.mlir.data, text);
  read_ok(&test, "module attributes {a.a = \"ptolower.ir\"} {}");
  assert_false(test.text.is_intermediate);
  case_close(&test);
}

static void check_refused(ptl_str text, int code, int line, int column) {
  asm_case test;
  case_open(&test);
  assert_int_equal(case_read(&test, text), PTL_REFUSED);
  assert_true(test.diags.error_count == 1);
  assert_int_equal(test.diags.items[0].code, code);
  assert_int_equal(test.diags.items[0].loc.line, line);
  assert_int_equal(test.diags.items[0].loc.column, column);
  case_close(&test);
}

static void what_is_no_text_is_refused(void **state) {
  (void)state;
  check_refused(ptl_str_of("module {\n  func.func @f() {\n}\n"), 10, 1, 8);
  check_refused(ptl_str_of("module {\n)"), 10, 2, 1);
  check_refused(ptl_str_of("}"), 10, 1, 1);
  check_refused(ptl_str_of("module {\n \"abc\n}"), 10, 2, 2);
  check_refused(ptl_str_of("module {\n  hello world\n}"), 10, 2, 3);
  check_refused(ptl_str_of("int main() { return 0; }"), 10, 1, 1);
  check_refused((ptl_str){"module {\n\0}", 11}, 12, 2, 1);
  check_refused(ptl_str_of("module {}\n// \xff"), 12, 2, 4);
  check_refused(ptl_str_of("\xc3"), 12, 1, 1);
}

static void deep_nesting_is_refused(void **state) {
  (void)state;
  enum { DEPTH = 100000 };
  static char text[2 * DEPTH];
  static const char *const kinds[] = {"()", "[]", "{}", "<>"};
  for (size_t i = 0; i < 4; i++) {
    memset(text, kinds[i][0], DEPTH);
    memset(text + DEPTH, kinds[i][1], DEPTH);
    check_refused((ptl_str){text, sizeof(text)}, 11, 1, PTL_MAX_NESTING + 1);
  }
}

static void empty_texts_are_modules(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  assert_int_equal(case_read(&test, (ptl_str){"", 0}), PTL_OK);
  assert_false(mlirModuleIsNull(test.module));
  assert_int_equal(case_read(&test, ptl_str_of("// nothing\n")), PTL_OK);
  assert_false(mlirModuleIsNull(test.module));
  case_close(&test);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_gets_its_place),
      cmocka_unit_test(functions_know_their_names_and_range),
      cmocka_unit_test(types_have_one_spelling),
      cmocka_unit_test(types_are_read_once),
      cmocka_unit_test(types_are_taken_whole),
      cmocka_unit_test(texts_of_types_are_those_of_mlir),
      cmocka_unit_test(plain_texts_are_read_once),
      cmocka_unit_test(partition_types_come_from_constants),
      cmocka_unit_test(aliases_of_locations_work),
      cmocka_unit_test(linalg_is_copied),
      cmocka_unit_test(generic_form_is_kept),
      cmocka_unit_test(unknown_things_make_their_function_opaque),
      cmocka_unit_test(columns_are_the_users),
      cmocka_unit_test(problems_make_their_function_opaque),
      cmocka_unit_test(unknown_module_ops_are_left_out),
      cmocka_unit_test(intermediate_text_is_taken_as_it_is),
      cmocka_unit_test(what_is_no_text_is_refused),
      cmocka_unit_test(deep_nesting_is_refused),
      cmocka_unit_test(empty_texts_are_modules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
