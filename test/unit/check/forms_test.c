/* Forms in which pypto writes what is right, each beside one like it that is wrong: blocked
 * matrices, remainders, slices of vector tiles, fills. */
#include "kernel_fixture.h"

/* ---- products ----------------------------------------------------------------------- */

/* x as blocks of 16 x 64, one below the other. */
static void load_block(ptl_strbuf *out, const char *row, const char *col) {
  static int number;
  ptl_strbuf_printf(out,
                    "%%block%d = pto.partition_view %%blocks, offsets = [%s, %s], sizes = [%%c16, "
                    "%%c64] : !pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
                    "pto.tload ins(%%block%d : !pto.partition_tensor_view<16x64xi8>) "
                    "outs(%%x_mat : !x)\n",
                    number, row, col, number);
  number++;
}

static void blocked_lhs(void **state) {
  static const struct {
    const char *width, *rows[3], *cols[3], *rhs_rows[3];
    bool is_right;
  } cases[] = {
      {"%c64", {"%c0", "%c16", "%c32"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c128"}, true},
      {"%c64", {"%c0", "%c32", "%c64"}, {"%c0", "%c0", "%c0"}, {"%c64", "%c128", "%c192"}, true},
      {"%c128", {"%c0", "%c0", "%c16"}, {"%c0", "%c64", "%c0"}, {"%c0", "%c64", "%c128"}, true},
      {"%c64", {"%c0", "%c16", "%c16"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c128"}, false},
      {"%c64", {"%c0", "%c16", "%c64"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c128"}, false},
      {"%c64", {"%c0", "%c16", "%c32"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c192"}, false},
      {"%c64", {"%c0", "%c2", "%c4"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c128"}, false},
      {"%c128", {"%c0", "%c16", "%c32"}, {"%c0", "%c0", "%c0"}, {"%c0", "%c64", "%c128"}, false},
      {"%c64", {"%c0", "%c16", "%c32"}, {"%c0", "%c0", "%c0"}, {"%c128", "%c64", "%c0"}, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k,
                      "%%c32 = arith.constant 32 : index\n"
                      "%%blocks = pto.make_tensor_view %%xp, shape = [%%c64, %s], strides = [%s, "
                      "%%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n",
                      cases[i].width, cases[i].width);
    for (int j = 0; j < 3; j++) {
      load_block(&k, cases[i].rows[j], cases[i].cols[j]);
      load_w(&k, "%w_mat", "%a", cases[i].rhs_rows[j], "%n");
      move_x(&k);
      move_w(&k, "%w_mat");
      (j == 0 ? matmul : matmul_acc)(&k, "%g_acc");
    }
    store(&k, "%g_acc", "%g", "%n");
    kernel_end(&test, &k);
    if (has_finding(&test, PTL_CODE_MIXED_SUM) == cases[i].is_right) {
      fail_msg("case %zu", i);
    }
    ptl_products products = products_of(&test);
    bool is_even = i < 2; /* else the last block is not whole: it is left alone */
    assert_int_equal(products.why.text == NULL, cases[i].is_right);
    if (cases[i].is_right) {
      assert_int_equal(products.stays.code, is_even ? PTL_CODE_NONE : PTL_CODE_K_ORDER);
      assert_int_equal(products.items[0].blocks.length, is_even ? 64 : 0);
      assert_int_equal(strstr(effects_of(&test), "over 192 in blocks of 64 and 64") != NULL,
                       is_even);
    }
  }
}

/* n - n / 4 * 4 is not negative if n is not; of n - m nobody knows. */
static void rounded_down(void **state) {
  (void)state;
  for (int is_known = 0; is_known < 2; is_known++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k,
                      "%%q = arith.divsi %%n, %%c4 : index\n%%down = arith.muli %%q, %%c4 : index\n"
                      "%%rest = arith.subi %%n, %s : index\n"
                      "%%at = arith.muli %%rest, %%c64 : index\n"
                      "%%next = arith.addi %%at, %%c64 : index\n"
                      "%%k0 = arith.maxsi %%at, %%c0 : index\n"
                      "%%k1 = arith.maxsi %%next, %%c0 : index\n",
                      is_known ? "%down" : "%m");
    chunk(&k, "%g_acc", "%a", "%k0", "%n", true);
    chunk(&k, "%g_acc", "%a", "%k1", "%n", false);
    store(&k, "%g_acc", "%g", "%n");
    kernel_end(&test, &k);
    assert_no_error(&test);
    assert_int_equal(has_finding(&test, PTL_CODE_NOT_FOLLOWED), !is_known);
  }
}

/* What is left of a tile is no tile. */
static void torn(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%p2048 = arith.constant 2048 : i64\n"
                      "%over = pto.alloc_tile addr = %p2048 : !w\n");
  load_x(&k, "%c0");
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  load_w(&k, "%over", "%b", "%c0", "%n");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_TILE_OVERWRITTEN_IN_PART));
}

/* ---- vector tiles ------------------------------------------------------------------- */

static const char vector_head[] =
    "!t = !pto.tile_buf<vec, 8x16xf32>\n!row = !pto.tile_buf<vec, 1x16xf32>\n"
    "!half = !pto.tile_buf<vec, 1x8xf32>\n"
    "module attributes {pto.target_arch = \"a2a3\"} {\n"
    "func.func @k(%xp: !pto.ptr<f32>, %yp: !pto.ptr<f32>, %flag: i1) "
    "attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {\n"
    "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
    "%c8 = arith.constant 8 : index\n%c16 = arith.constant 16 : index\n"
    "%zero = arith.constant 0.0 : f32\n"
    "%p0 = arith.constant 0 : i64\n%p32 = arith.constant 32 : i64\n"
    "%p64 = arith.constant 64 : i64\n%p1024 = arith.constant 1024 : i64\n"
    "%x = pto.make_tensor_view %xp, shape = [%c8, %c16], strides = [%c16, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xf32>\n"
    "%y = pto.make_tensor_view %yp, shape = [%c8, %c16], strides = [%c16, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xf32>\n"
    "%x_all = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c8, %c16] : "
    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<8x16xf32>\n"
    "%x_row = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c1, %c16] : "
    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<1x16xf32>\n"
    "%y_all = pto.partition_view %y, offsets = [%c0, %c0], sizes = [%c8, %c16] : "
    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<8x16xf32>\n"
    "%y_row = pto.partition_view %y, offsets = [%c0, %c0], sizes = [%c1, %c16] : "
    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<1x16xf32>\n"
    "%y_half = pto.partition_view %y, offsets = [%c0, %c0], sizes = [%c1, %c8] : "
    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<1x8xf32>\n"
    "%t = pto.alloc_tile addr = %p0 : !t\n%again = pto.alloc_tile addr = %p0 : !t\n"
    "%row = pto.alloc_tile addr = %p1024 : !row\n";

#define LOAD_T "pto.tload ins(%x_all : !pto.partition_tensor_view<8x16xf32>) outs(%t : !t)\n"
#define LOAD_ROW "pto.tload ins(%x_row : !pto.partition_tensor_view<1x16xf32>) outs(%row : !row)\n"
#define STORE_T "pto.tstore ins(%t : !t) outs(%y_all : !pto.partition_tensor_view<8x16xf32>)\n"
#define STORE_AGAIN                                                                                \
  "pto.tstore ins(%again : !t) outs(%y_all : !pto.partition_tensor_view<8x16xf32>)\n"
#define STORE_ROW                                                                                  \
  "pto.tstore ins(%row : !row) outs(%y_row : !pto.partition_tensor_view<1x16xf32>)\n"
#define STORE_HALF                                                                                 \
  "pto.tstore ins(%half : !half) outs(%y_half : !pto.partition_tensor_view<1x8xf32>)\n"

#define SECOND "%second = pto.alloc_tile addr = %p64 : !row\n"
#define STORE_SECOND                                                                               \
  "pto.tstore ins(%second : !row) outs(%y_row : !pto.partition_tensor_view<1x16xf32>)\n"

static const struct {
  const char *statements;
  ptl_code fault;
} vector_forms[] = {
    /* The second row is a slice; not so without the subview that says it. */
    {LOAD_T "%s = pto.subview %t[%c1, %c0] sizes [1, 16] : !t -> !row\n" SECOND STORE_SECOND,
     PTL_CODE_NONE},
    {LOAD_T SECOND STORE_SECOND, PTL_CODE_TILE_CLOBBERED},
    /* So is half a row. */
    {LOAD_T "%s = pto.subview %t[%c0, %c8] sizes [1, 8] : !t -> !half\n"
            "%half = pto.alloc_tile addr = %p32 : !half\n" STORE_HALF,
     PTL_CODE_NONE},
    {LOAD_T "%s = pto.subview %t[%c0, %c0] sizes [1, 8] : !t -> !half\n"
            "%half = pto.alloc_tile addr = %p32 : !half\n" STORE_HALF,
     PTL_CODE_TILE_CLOBBERED},
    /* Extracted onto itself, a row is still whole; onto another part of it, it is not. */
    {LOAD_ROW
     "%half = pto.alloc_tile addr = %p1024 : !half\n"
     "pto.textract ins(%row, %c0, %c0 : !row, index, index) outs(%half : !half)\n" STORE_HALF
         STORE_ROW,
     PTL_CODE_NONE},
    {LOAD_ROW
     "%half = pto.alloc_tile addr = %p1024 : !half\n"
     "pto.textract ins(%row, %c0, %c8 : !row, index, index) outs(%half : !half)\n" STORE_HALF
         STORE_ROW,
     PTL_CODE_TILE_CLOBBERED},
    /* A constant may be overwritten unread, data may not. */
    {"pto.texpands ins(%zero : f32) outs(%again : !t)\n" LOAD_T STORE_T, PTL_CODE_NONE},
    {"pto.tload ins(%x_all : !pto.partition_tensor_view<8x16xf32>) outs(%again : !t)\n" LOAD_T
         STORE_T,
     PTL_CODE_LOST_DATA},
    /* That is, by a tile of the same bytes. */
    {"%small = pto.alloc_tile addr = %p0 : !row\n"
     "pto.texpands ins(%zero : f32) outs(%small : !row)\n" LOAD_T STORE_T,
     PTL_CODE_LOST_DATA},
    /* A write to one row leaves the others; one to the whole tile does not. */
    {LOAD_T LOAD_ROW "%s = pto.subview %again[%c1, %c0] sizes [1, 16] : !t -> !row\n"
                     "pto.tmov ins(%row : !row) outs(%s : !row)\n" STORE_AGAIN,
     PTL_CODE_NONE},
    {LOAD_ROW "pto.tload ins(%x_all : !pto.partition_tensor_view<8x16xf32>) outs(%t : !t)\n"
              "pto.tcolexpand ins(%row : !row) outs(%again : !t)\n" STORE_AGAIN,
     PTL_CODE_LOST_DATA},
};

static void vector_tiles(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(vector_forms) / sizeof(vector_forms[0]); i++) {
    ptl_strbuf k;
    ptl_strbuf_init(&k, &test.arena);
    ptl_strbuf_printf(&k, "%s%s", vector_head, vector_forms[i].statements);
    kernel_end(&test, &k);
    if (vector_forms[i].fault == PTL_CODE_NONE) {
      assert_no_error(&test);
    } else if (!has_finding(&test, vector_forms[i].fault)) {
      fail_msg("not found: %s", vector_forms[i].statements);
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(blocked_lhs),
      TEST(rounded_down),
      TEST(torn),
      TEST(vector_tiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
