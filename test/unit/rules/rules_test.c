/* The rules of ptoas' verifier: each has an op that keeps it and one that breaks it. */
#include "rules_test.h"

#define ALLOC(type) "%t = pto.alloc_tile addr = %p0 : !pto.tile_buf<" type ">"
#define BOXED "blayout=col_major, slayout=row_major"

static void tiles(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {ALLOC("mat, 16x64xi8, " BOXED), NULL},
      {ALLOC("mat, 0x64xi8"), "no tile type"},
      {ALLOC("mat, 99999999999x99999999999xi8"), "one to 2^20 rows"},
      {ALLOC("vec, 16x32xf16, fractal=16"), "no fractal of 16"},
      {ALLOC("mat, 16x20xi8, " BOXED), "16 x 32"},
      {ALLOC("mat, 20x64xi8, " BOXED), "32 x 64"},
      {ALLOC("mat, 1x64xi8, " BOXED), NULL},
      {ALLOC("vec, 20x64xi8, " BOXED), NULL},
      {ALLOC("right, 48x16xi8, slayout=col_major"), "64 x 16"},
      {ALLOC("right, 64x16xi8, slayout=col_major"), NULL},
      {ALLOC("acc, 16x24xi32, " BOXED ", fractal=1024"), "16 x 32"},
      {ALLOC("vec, 16x4xf32"), "takes 16 bytes"},
      {ALLOC("vec, 16x8xf32"), NULL},
      {ALLOC("vec, 4x16xf32, blayout=col_major"), "8 rows"},
      {ALLOC("vec, 8x1xi64, blayout=col_major"), NULL},
      {ALLOC("vec, 16x32xf16, valid=20x32"), "cannot all be valid"},
      {"%t = pto.alloc_tile addr = %p0 valid_row = %c16 valid_col = %c64 : !dyn", NULL},
      {"%t = pto.alloc_tile addr = %p0 valid_row = %c16 : !dyn", "valid_col has to be given"},
      {"%t = pto.alloc_tile addr = %p0 valid_row = %c16 valid_col = %c64 : !x", "v_row=16"},
      {"%t = pto.alloc_tile addr = %pm : !x", "addresses begin at 0"},
      {"%t = pto.alloc_tile addr = %p8 : !x", "multiple of 32: 0 or 32"},
      {"%t = pto.alloc_tile addr = %p32 : !x", NULL},
      {"%t = pto.alloc_tile addr = %p32 : !l", "multiple of 512: 0 or 512"},
      {"%t = pto.alloc_tile addr = %p0 : !x\n%u = pto.alloc_tile : !x", "has no address"},
      {"%t = pto.alloc_tile : !x\n%u = pto.alloc_tile addr = %p0 : !x", "has an address"},
      {"%t = pto.alloc_tile : !x\n%u = pto.alloc_tile : !x", NULL},
  };
  JUDGE("a2a3", IN_CUBE, cases);
}

#define DYNAMIC "%t = pto.alloc_tile addr = %p0 valid_row = %c16 valid_col = %c64 : !dyn\n"

static void valid_shapes(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {DYNAMIC "pto.set_validshape %t, %c16, %n : !dyn", NULL},
      {DYNAMIC "pto.set_validshape %t, %c17, %n : !dyn", "0 to 16"},
      {DYNAMIC "pto.set_validshape %t, %c16, %m1 : !dyn", "0 to 64"},
      {"%t = pto.alloc_tile addr = %p0 : !x\npto.set_validshape %t, %c16, %c64 : !x", "v_row=?"},
      {"pto.set_validshape %arg, %c16, %c64 : !dyn", "not of an argument"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
}

#define PART(offset, size, view, part)                                                             \
  "%p = pto.partition_view %v, offsets = [" offset ", %c0], sizes = [" size ", %c64] : "           \
  "!pto.tensor_view<" view "> -> !pto.partition_tensor_view<" part ">"
#define VIEW(type)                                                                                 \
  "%v = pto.make_tensor_view %ptr, shape = [%c16, %c64], strides = [%c64, %c1] : "                 \
  "!pto.tensor_view<" type ">\n"

static void views(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {VIEW("?x?xi8") PART("%n", "%c16", "?x?xi8", "16x64xi8"), NULL},
      {VIEW("16x64xi8"), NULL},
      {VIEW("?x?xf32"), "the pointer is to i8"},
      {VIEW("?x?x?xi8"), "3 dimensions"},
      {VIEW("?x?xi8") PART("%c0", "%c16", "?x?xi8", "16x64xf16"), "its part of f16"},
      {VIEW("?x?xi8") PART("%m1", "%c16", "?x?xi8", "16x64xi8"), "before the view"},
      {VIEW("?x?xi8") PART("%c0", "%c0", "?x?xi8", "?x64xi8"), "at least one"},
      {VIEW("?x?xi8") PART("%c0", "%c17", "?x?xi8", "16x64xi8"), "its type says 16"},
      {VIEW("16x64xi8") PART("%n", "%c17", "16x64xi8", "17x64xi8"), "the view at 16"},
      {VIEW("16x64xi8") PART("%c1", "%c16", "16x64xi8", "16x64xi8"), "ends at 17"},
      {"%p = pto.partition_view %pi8, offsets = [%c0, %c0], sizes = [%c16, %c16] : !pi8 -> !pi8",
       "taken of a !pto.tensor_view"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
}

#define LOAD(part, tile) "pto.tload ins(%" part " : !" part ") outs(%" tile " : !" tile ")"
#define STORE(tile, part) "pto.tstore ins(%" tile " : !" tile ") outs(%" part " : !" part ")"

static void loads(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {LOAD("pi8", "x"), NULL},
      {LOAD("pf32", "vec"), NULL},
      {LOAD("pi8", "h"), "keep their size"},
      {LOAD("pi8", "l"), "cannot fill a left tile"},
      {LOAD("none", "x"), "no elements in dimension 0"},
      {LOAD("pi8", "more"), "cannot all be valid"},
      {LOAD("x", "x"), "reads a !pto.partition_tensor_view"},
      {"%f = pto.alloc_tile addr = %p0 : !pto.tile_buf<vec, 16x64xf8E4M3FN>\n"
       "pto.tload ins(%pi8 : !pi8) outs(%f : !pto.tile_buf<vec, 16x64xf8E4M3FN>)",
       "does not move f8E4M3FN on a2a3"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_a5[] = {
      {LOAD("pf32", "vec"), NULL},
      {LOAD("pf32", "boxes"), "does not travel on a5"},
      {"%f = pto.alloc_tile addr = %p0 : !pto.tile_buf<vec, 16x64xf8E4M3FN>\n"
       "pto.tload ins(%pi8 : !pi8) outs(%f : !pto.tile_buf<vec, 16x64xf8E4M3FN>)",
       NULL},
  };
  JUDGE("a5", IN_CUBE, on_a5);
}

static void stores(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {STORE("acc", "pi32"), NULL},
      {STORE("vec", "pf32"), NULL},
      {STORE("x", "pi8"), NULL},
      {STORE("pi32", "pi32"), "reads a !pto.tile_buf"},
      {STORE("acc", "few"), "has 512"},
      {STORE("l", "pi8"), "cannot store a left tile"},
      {STORE("vec", "pf16"), "keep their size"},
      {STORE("acc", "pi8"), "cannot be stored as i8; i32"},
      {STORE("hacc", "pf16"), "of i32 or f32, not of f16"},
      {STORE("wide", "p4096"), "at most 4095"},
      {"pto.tstore ins(%acc : !acc, %s : i64) outs(%pi8 : !pi8)", NULL},
      {"pto.tstore ins(%acc : !acc, %s : i64) outs(%pi32 : !pi32)", "after scaling"},
      {"pto.tstore ins(%facc : !facc fp %scale : !scale) outs(%few : !few)", NULL},
      {"pto.tstore ins(%facc : !facc fp %fbias : !fbias) outs(%few : !few)", "lie in scaling"},
      {"pto.tstore ins(%vec : !vec, %s : i64) outs(%pf32 : !pf32)", "only an accumulator"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_a5[] = {
      {STORE("x", "pi8"), "cannot store a mat tile on a5"},
      {STORE("boxes", "pf32"), "does not travel on a5"},
      {"pto.tstore ins(%facc : !facc, %s : i64) outs(%pf16 : !pf16)", NULL},
  };
  JUDGE("a5", IN_CUBE, on_a5);
}

#define EXTRACT(from, row, col, to)                                                                \
  "pto.textract ins(%" from ", %" row ", %" col " : !" from ", index, index) outs(%" to " : !" to  \
  ")"

static void extracts(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {EXTRACT("x", "c0", "c0", "l"), NULL},
      {EXTRACT("w", "c0", "n", "r"), NULL},
      {EXTRACT("vec", "c0", "c0", "vec"), NULL},
      {EXTRACT("facc", "c0", "c0", "h"), NULL},
      {EXTRACT("pi8", "c0", "c0", "l"), "from tile to tile"},
      {EXTRACT("x", "c1", "c0", "l"), "end behind the tile"},
      {EXTRACT("x", "c0", "m1", "l"), "before the tile"},
      {EXTRACT("h", "c0", "c0", "l"), "keeps the element type"},
      {EXTRACT("acc", "c0", "c0", "nacc"), "moves i8, f16, bf16 and f32"},
      {EXTRACT("x", "c0", "c0", "x"), "no extract leads from mat to mat"},
      {EXTRACT("plain", "c0", "c0", "l"), "here the mat tile has"},
      {EXTRACT("x", "c0", "c0", "odd_l"), "here the left tile has"},
      {EXTRACT("w", "c0", "c0", "odd_r"), "here the right tile has"},
      {EXTRACT("acc", "c0", "c0", "h"), "cannot become f16"},
      {"pto.textract ins(%x, %c0, %c0 : !x, index, index) outs(%l : !l) {reluPreMode = "
       "#pto<relu_pre_mode normal_relu>}",
       "only an accumulator"},
      {"pto.textract ins(%facc, %c0, %c0 : !facc, index, index) outs(%h : !h) {accToVecMode = "
       "#pto<acc_to_vec_mode single_mode_vec0>}",
       "path from acc to vec"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_a5[] = {
      {EXTRACT("facc", "c0", "c0", "vec"), NULL},
      {EXTRACT("vec", "c0", "c0", "boxes"), "here the vec tile has"},
      {EXTRACT("x", "c0", "c0", "l"), NULL},
  };
  JUDGE("a5", IN_CUBE, on_a5);
}

#define MOVE(from, to) "pto.tmov ins(%" from " : !" from ") outs(%" to " : !" to ")"

static void moves(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {MOVE("x", "l"), NULL},
      {MOVE("facc", "h"), NULL},
      {MOVE("vec", "v16"), NULL},
      {MOVE("acc", "facc"), "from acc to acc"},
      {MOVE("l", "x"), "no tmov leads from left to mat"},
      {MOVE("vec", "h"), "no tmov leads from vec to mat"},
      {MOVE("w", "l"), "moves a whole tile"},
      {MOVE("facc", "h32"), "moves a whole tile"},
      {"%t = pto.alloc_tile addr = %p0 : !pto.tile_buf<mat, 16x64xf16, " BOXED ", fractal=1024>\n"
       "pto.tmov ins(%facc : !facc) outs(%t : !pto.tile_buf<mat, 16x64xf16, " BOXED
       ", fractal=1024>)",
       "fractal=512"},
      {"pto.tmov ins(%x : !x) outs(%l : !l) {reluPreMode = #pto<relu_pre_mode normal_relu>}",
       "only an accumulator"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_a5[] = {{MOVE("v16", "h"), NULL}, {MOVE("facc", "h32"), NULL}};
  JUDGE("a5", IN_CUBE, on_a5);
}

#define PRODUCT(left, right, acc)                                                                  \
  "pto.tmatmul ins(%" left ", %" right " : !" left ", !" right ") outs(%" acc " : !" acc ")"
#define PRODUCT_3(name, a, b, c, acc)                                                              \
  "pto.tmatmul." name " ins(%" a ", %" b ", %" c " : !" a ", !" b ", !" c ") outs(%" acc           \
  " : !" acc ")"

static void products(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {PRODUCT("l", "r", "acc"), NULL},
      {PRODUCT_3("acc", "acc", "l", "r", "acc"), NULL},
      {PRODUCT_3("bias", "l", "r", "bias", "acc"), NULL},
      {PRODUCT("x", "r", "acc"), "takes left and right tiles"},
      {PRODUCT("l", "r", "facc"), "no product i8 x i8 -> f32"},
      {PRODUCT("l", "r", "nacc"), "does not give 16 x 32"},
      {PRODUCT_3("acc", "vec", "l", "r", "acc"), "adds to an acc tile"},
      {PRODUCT_3("acc", "facc", "l", "r", "acc"), "adds to of f32"},
      {PRODUCT_3("bias", "l", "r", "x", "acc"), "lies in bias, not in mat"},
      {PRODUCT_3("bias", "l", "r", "bias2", "acc"), "one row, not 2"},
      {PRODUCT_3("bias", "l", "r", "fbias", "acc"), "the bias is of f32"},
      {"%a = pto.alloc_tile addr = %p0 : !pto.tile_buf<left, 16x4096xi8, slayout=row_major>\n"
       "%d = pto.alloc_tile addr = %p0 : !pto.tile_buf<right, 4096x64xi8, slayout=col_major>\n"
       "pto.tmatmul ins(%a, %d : !pto.tile_buf<left, 16x4096xi8, slayout=row_major>, "
       "!pto.tile_buf<right, 4096x64xi8, slayout=col_major>) outs(%acc : !acc)",
       "too large for one instruction"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_a5[] = {
      {PRODUCT("l", "r", "acc"), NULL},
      {PRODUCT("odd_l", "r", "acc"), "the left tile of a product"},
      {PRODUCT("l", "odd_r", "acc"), "the right tile of a product"},
  };
  JUDGE("a5", IN_CUBE, on_a5);
}

/* At the op's own line, once, with the other op; and not a second time in other words. */
static void findings(void **state) {
  (void)state;
  kernel_case test;
  case_open(&test);
  told t = rules_of_text(&test, IN_CUBE,
                         "%t = pto.alloc_tile addr = %p0 : !x\n%u = pto.alloc_tile : !x\n"
                         "%v = pto.alloc_tile : !x");
  assert_int_equal(t.count, 1);
  assert_int_equal(t.op->index, 13);
  assert_non_null(t.other);
  assert_int_equal(t.other->index, 12);
  rules_of_text(&test, IN_CUBE, "%t = pto.alloc_tile addr = %p8 : !x\n" LOAD("pi8", "h"));
  ptl_findings found = findings_of(&test);
  int rules = 0, misaligned = 0;
  for (int i = 0; i < found.count; i++) {
    rules += found.items[i].fault == PTL_CODE_PTOAS_VERIFIER;
    misaligned += found.items[i].fault == PTL_CODE_MISALIGNED;
  }
  assert_int_equal(misaligned, 1);
  assert_int_equal(rules, 1);
  case_close(&test);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tiles), cmocka_unit_test(valid_shapes), cmocka_unit_test(views),
      cmocka_unit_test(loads), cmocka_unit_test(stores),       cmocka_unit_test(extracts),
      cmocka_unit_test(moves), cmocka_unit_test(products),     cmocka_unit_test(findings)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
