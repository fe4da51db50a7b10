/* Which changes of a kernel leave the same ops on the same values. */
#include "kernel/same.h"

#include "kernel_fixture.h"

/* Tiles that stand in the loop of the kernels below. */
static const char in_loop[] = "%left = pto.alloc_tile addr = %p0 : !l\n"
                              "%right = pto.alloc_tile addr = %p0 : !r\n"
                              "%g_acc = pto.alloc_tile addr = %p0 : !acc\n";
static const char tiles[] = "%w_mat = pto.alloc_tile addr = %p0 : !w\n"
                            "%x_mat = pto.alloc_tile addr = %p8192 : !x\n";

/* A product for each 64 columns, with statements in front of the loop, in it, and at its end. */
static const ptl_kernel *loop_of(kernel_case *test, const char *before, const char *inside,
                                 const char *after) {
  ptl_strbuf k = kernel_begin(test, tiles);
  ptl_strbuf_puts(&k, before);
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %m step %c64 {\n");
  ptl_strbuf_puts(&k, inside);
  ptl_strbuf_puts(&k,
                  "%xp_ = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c16, %c64] : "
                  "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
                  "pto.tload ins(%xp_ : !pto.partition_tensor_view<16x64xi8>) outs(%x_mat : !x)\n"
                  "%wp_ = pto.partition_view %a, offsets = [%c0, %j], sizes = [%c64, %c64] : "
                  "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<64x64xi8>\n"
                  "pto.tload ins(%wp_ : !pto.partition_tensor_view<64x64xi8>) outs(%w_mat : !w)\n");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  ptl_strbuf_puts(&k, after);
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(test, &k);
  return test->kernel;
}

/* Whether a kernel does the same as the one whose tiles stand in the loop. Both are read in the
 * context of the first. */
static bool is_same(const char *before, const char *inside, const char *after) {
  const ptl_kernel *kernel = loop_of(&test, "", in_loop, "");
  MlirModule module = test.module;
  test.module = (MlirModule){NULL};
  const ptl_kernel *other = loop_of(&test, before, inside, after);
  bool forth = ptl_kernels_do_the_same(&test.arena, kernel, other);
  assert_int_equal(ptl_kernels_do_the_same(&test.arena, other, kernel), forth);
  mlirModuleDestroy(module);
  return forth;
}

static void itself(void **state) {
  (void)state;
  assert_true(is_same("", in_loop, ""));
}

static void tiles_elsewhere(void **state) {
  (void)state;
  assert_true(is_same(in_loop, "", ""));
  assert_true(is_same("%right = pto.alloc_tile addr = %p0 : !r\n",
                      "%z = arith.constant 0 : i64\n"
                      "%g_acc = pto.alloc_tile addr = %z : !acc\n"
                      "%left = pto.alloc_tile addr = %p0 : !l\n",
                      ""));
}

static void other_addresses(void **state) {
  (void)state;
  assert_false(is_same("%left = pto.alloc_tile addr = %p4096 : !l\n"
                       "%right = pto.alloc_tile addr = %p0 : !r\n"
                       "%g_acc = pto.alloc_tile addr = %p0 : !acc\n",
                       "", ""));
}

static void other_tiles(void **state) {
  (void)state;
  assert_false(is_same("%left = pto.alloc_tile addr = %p0 : !l\n"
                       "%right = pto.alloc_tile addr = %p0 : !r\n"
                       "%w2 = pto.alloc_tile addr = %p0 : !w\n"
                       "%g_acc = pto.alloc_tile addr = %p0 : !acc\n",
                       "pto.tmov ins(%w2 : !w) outs(%right : !r)\n", ""));
}

static void another_op(void **state) {
  (void)state;
  assert_false(
      is_same(in_loop, "", "pto.tmatmul ins(%left, %right : !l, !r) outs(%g_acc : !acc)\n"));
  assert_true(is_same(in_loop, "%more = arith.addi %j, %c64 : index\n", ""));
  assert_true(is_same(in_loop, "scf.if %flag {\n%more = arith.addi %j, %c64 : index\n}\n", ""));
  assert_false(is_same(in_loop, "scf.if %flag {\npto.barrier <PIPE_ALL>\n}\n", ""));
}

/* A tile that is changed begins each turn anew. */
static void reshaped_tiles(void **state) {
  (void)state;
  static const char free_tile[] =
      "%t = pto.alloc_tile addr = %p65536 valid_row = %c16 valid_col = %c64 : "
      "!pto.tile_buf<acc, 16x64xi32, valid=?x?, blayout=col_major, slayout=row_major, "
      "fractal=1024>\n";
  static const char reshape[] =
      "pto.set_validshape %t, %c2, %c64 : !pto.tile_buf<acc, 16x64xi32, valid=?x?, "
      "blayout=col_major, slayout=row_major, fractal=1024>\n";
  ptl_strbuf inside;
  ptl_strbuf_init(&inside, &test.arena);
  ptl_strbuf_puts(&inside, in_loop);
  ptl_strbuf_puts(&inside, free_tile);
  const ptl_kernel *kernel = loop_of(&test, "", inside.data, reshape);
  MlirModule module = test.module;
  test.module = (MlirModule){NULL};
  const ptl_kernel *out = loop_of(&test, free_tile, in_loop, reshape);
  assert_true(ptl_kernels_do_the_same(&test.arena, kernel, kernel));
  assert_false(ptl_kernels_do_the_same(&test.arena, kernel, out));
  mlirModuleDestroy(module);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(itself),      TEST(tiles_elsewhere), TEST(other_addresses),
      TEST(other_tiles), TEST(another_op),      TEST(reshaped_tiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
