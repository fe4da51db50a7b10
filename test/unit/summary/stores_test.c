/* Kernels made from tensors: what they store is the product that their function said. */
#include "kernel_fixture.h"
#include "summary/stores.h"

/* The rows from one batch of out to the next. */
static const char *row_step = "%c16";

/* out = x w in three batches of 16 x 64 times 64 x 64, with `w_row` for the first row of w,
 * `to_row` for that of out, and `rows` for the rows that are loaded and stored. */
static void build(const char *w_row, const char *to_row, const char *rows) {
  ptl_strbuf k;
  ptl_strbuf_init(&k, &test.arena);
  ptl_strbuf_puts(
      &k, "!x = !pto.tile_buf<mat, 16x64xi8, valid=?x?, blayout=col_major, slayout=row_major>\n"
          "!w = !pto.tile_buf<mat, 64x64xi8, blayout=col_major, slayout=row_major>\n"
          "!l = !pto.tile_buf<left, 16x64xi8, valid=?x?, slayout=row_major>\n"
          "!r = !pto.tile_buf<right, 64x64xi8, slayout=col_major>\n"
          "!acc = !pto.tile_buf<acc, 16x64xi32, valid=?x?, blayout=col_major, slayout=row_major, "
          "fractal=1024>\n"
          "module attributes {pto.target_arch = \"a2a3\"} {\n"
          "func.func @k(%xp: !pto.ptr<i8>, %wp: !pto.ptr<i8>, %up: !pto.ptr<i32>, %n: index) "
          "attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {\n"
          "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
          "%c3 = arith.constant 3 : index\n%c16 = arith.constant 16 : index\n"
          "%c64 = arith.constant 64 : index\n%c192 = arith.constant 192 : index\n"
          "%c48 = arith.constant 48 : index\n%p0 = arith.constant 0 : i64\n"
          "%p4096 = arith.constant 4096 : i64\n%all = arith.minsi %n, %c16 : index\n"
          "%x = pto.make_tensor_view %xp, shape = [%c48, %c64], strides = [%c64, %c1] {layout = "
          "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
          "%w = pto.make_tensor_view %wp, shape = [%c192, %c64], strides = [%c64, %c1] {layout = "
          "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
          "%u = pto.make_tensor_view %up, shape = [%c48, %c64], strides = [%c64, %c1] {layout = "
          "#pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  ptl_strbuf_printf(
      &k,
      "%%x_mat = pto.alloc_tile addr = %%p4096 valid_row = %s valid_col = %%c64 : !x\n"
      "%%w_mat = pto.alloc_tile addr = %%p0 : !w\n"
      "%%left = pto.alloc_tile addr = %%p0 valid_row = %s valid_col = %%c64 : !l\n"
      "%%right = pto.alloc_tile addr = %%p0 : !r\n"
      "%%acc = pto.alloc_tile addr = %%p0 valid_row = %s valid_col = %%c64 : !acc\n",
      rows, rows, rows);
  ptl_strbuf_printf(
      &k,
      "scf.for %%b = %%c0 to %%c3 step %%c1 {\n"
      "%%x_row = arith.muli %%b, %s : index\n%%w_row = arith.muli %%b, %%c64 : index\n"
      "%%xs = pto.partition_view %%x, offsets = [%%x_row, %%c0], sizes = [%s, %%c64] : "
      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<?x64xi8>\n"
      "%%ws = pto.partition_view %%w, offsets = [%s, %%c0], sizes = [%%c64, %%c64] : "
      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<64x64xi8>\n"
      "%%us = pto.partition_view %%u, offsets = [%s, %%c0], sizes = [%s, %%c64] : "
      "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<?x64xi32>\n",
      row_step, rows, w_row, to_row, rows);
  ptl_strbuf_puts(
      &k, "pto.tload ins(%xs : !pto.partition_tensor_view<?x64xi8>) outs(%x_mat : !x)\n"
          "pto.tload ins(%ws : !pto.partition_tensor_view<64x64xi8>) outs(%w_mat : !w)\n"
          "pto.textract ins(%x_mat, %c0, %c0 : !x, index, index) outs(%left : !l)\n"
          "pto.textract ins(%w_mat, %c0, %c0 : !w, index, index) outs(%right : !r)\n"
          "pto.tmatmul ins(%left, %right : !l, !r) outs(%acc : !acc)\n"
          "pto.tstore ins(%acc : !acc) outs(%us : !pto.partition_tensor_view<?x64xi32>)\n}\n");
  kernel_end(&test, &k);
}

/* What the kernel is found to do wrong; "" if it stores that. */
static const char *differs(ptl_expected_store expected) {
  const ptl_op *where;
  const char *wrong =
      ptl_stores_differ(&test.arena, test.kernel, test.target, &expected, 1, &where);
  return wrong ? wrong : "";
}

static const ptl_expected_store batches = {.out = 2,
                                           .lhs = 0,
                                           .rhs = 1,
                                           .m = 16,
                                           .k = 64,
                                           .n = 64,
                                           .batches = 3,
                                           .lhs_has_batches = 1,
                                           .rhs_has_batches = 1,
                                           .rows = -1};

static const char not_lhs[] = "what it stores is not a product with those rows of the left operand";
static const char not_rhs[] =
    "what it stores is not the product with those columns of that operand";

static void each_batch_has_its_operands(void **state) {
  (void)state;
  build("%w_row", "%x_row", "%c16");
  assert_string_equal(differs(batches), "");
  ptl_expected_store other = batches;
  other.lhs_has_batches = 0;
  assert_string_equal(differs(other), not_lhs);
  other = batches;
  other.rhs_has_batches = 0;
  assert_string_equal(differs(other), not_rhs);
  other = batches;
  other.rhs_transposed = 1;
  assert_string_equal(differs(other), not_rhs);
  other = batches;
  other.lhs_transposed = 1;
  assert_string_equal(differs(other), not_lhs);
  other = batches;
  other.batches = 4;
  assert_string_equal(differs(other), "a result is not stored whole");
  other = batches;
  other.m = 12; /* the second store would be of two batches */
  other.batches = 4;
  assert_string_equal(differs(other), "it is not known of which batch it stores rows");
}

static void one_right_operand_for_all(void **state) {
  (void)state;
  build("%c0", "%x_row", "%c16");
  assert_string_equal(differs(batches), not_rhs);
  ptl_expected_store shared = batches;
  shared.rhs_has_batches = 0;
  assert_string_equal(differs(shared), "");
}

static void batches_change_places(void **state) {
  (void)state;
  build("%w_row", "%c0", "%c16");
  assert_string_equal(differs(batches), not_lhs);
}

/* Bands of rows may stand in any order of their columns, but each is there once, and none is left
 * out. */
static void rows_are_stored_once(void **state) {
  (void)state;
  ptl_expected_store once = batches;
  once.lhs_has_batches = once.rhs_has_batches = 0;
  once.batches = 1;
  once.m = 48;
  build("%c0", "%x_row", "%c16");
  assert_string_equal(differs(once), "");
  row_step = "%c0";
  build("%c0", "%x_row", "%c16");
  assert_string_equal(differs(once), "its columns do not follow those that were stored before");
  row_step = "%c1";
  build("%c0", "%x_row", "%c16");
  assert_string_equal(differs(once), "its rows do not follow those that were stored before");
  row_step = "%c16";
  build("%c0", "%x_row", "%c3");
  assert_string_equal(differs(once), "its rows do not follow those that were stored before");
  once.n = 32;
  assert_string_not_equal(differs(once), "");
}

static void all_rows_that_there_are(void **state) {
  (void)state;
  ptl_expected_store dynamic = {
      .out = 2, .lhs = 0, .rhs = 1, .m = 16, .k = 64, .n = 64, .batches = 1, .rows = 3};
  build("%w_row", "%x_row", "%all");
  assert_string_not_equal(differs(dynamic), ""); /* two more are stored behind them */
  build("%w_row", "%c0", "%all");
  assert_string_not_equal(differs(dynamic), "");
  dynamic.m = 32;
  assert_string_equal(differs(dynamic), "the number of rows that it stores is not known");
  dynamic.m = 16;
  dynamic.rows = -1;
  assert_string_equal(differs(dynamic), "the number of rows that it stores is not known");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_batch_has_its_operands, set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_right_operand_for_all, set_up, tear_down),
      cmocka_unit_test_setup_teardown(batches_change_places, set_up, tear_down),
      cmocka_unit_test_setup_teardown(rows_are_stored_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(all_rows_that_there_are, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
