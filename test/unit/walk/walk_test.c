/* The walk: however a kernel is written, what its buffers hold is found; and where that cannot be
 * told, nothing is claimed. Kernels are compared by their effects, a sum that leaves being one
 * line of text. */
#include "kernel/describe.h"
#include "kernel_fixture.h"

static const char one_product[] =
    "pto.tstore to a0.3:i32 strides 512, 1 row 0 col 0 rows 16 cols 64 valid 16 of "
    "a0.0:i8 strides 256, 1 row 0 k 0 m 16 times a0.1:i8 strides 512, 1 n at 0+1*a0.5 k 0 n 64 "
    "over 128\n";

static void unrolled(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

/* for k { if k == 0 { tmatmul } else { tmatmul.acc } } */
static void loop_with_first_iteration(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %k = %c0 to %c128 step %c64 {\n"
                      "%first = arith.cmpi eq, %k, %c0 : index\n");
  load_x(&k, "%k");
  load_w(&k, "%w_mat", "%a", "%k", "%n");
  move_x(&k);
  move_w(&k, "%w_mat");
  ptl_strbuf_puts(&k, "scf.if %first {\n");
  matmul(&k, "%g_acc");
  ptl_strbuf_puts(&k, "} else {\n");
  matmul_acc(&k, "%g_acc");
  ptl_strbuf_puts(&k, "}\n}\n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

/* The first chunk is peeled; the accumulator has another name in the loop. */
static void peeled(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
  ptl_strbuf_puts(&k, "scf.for %k = %c64 to %c128 step %c64 {\n"
                      "%phi = pto.alloc_tile addr = %p0 : !acc\n");
  chunk(&k, "%phi", "%a", "%k", "%n", false);
  ptl_strbuf_puts(&k, "}\n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

/* Two stages of a loop that runs once, each with a Mat tile of its own. */
static void stages(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %k = %c0 to %c128 step %c128 {\n"
                      "%next = arith.addi %k, %c64 : index\n");
  load_w(&k, "%w_mat", "%a", "%k", "%n");
  load_w(&k, "%v_mat", "%a", "%next", "%n");
  load_x(&k, "%k");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  load_x(&k, "%next");
  move_x(&k);
  move_w(&k, "%v_mat");
  matmul_acc(&k, "%g_acc");
  ptl_strbuf_puts(&k, "}\n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

/* An offset that a loop carries, in units of its own. */
static void iter_args(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%end = scf.for %i = %c0 to %c2 step %c1 iter_args(%at = %c0) -> (index) {\n"
                      "%first = arith.cmpi slt, %i, %c1 : index\n");
  load_x(&k, "%at");
  load_w(&k, "%w_mat", "%a", "%at", "%n");
  move_x(&k);
  move_w(&k, "%w_mat");
  ptl_strbuf_puts(&k, "scf.if %first {\n");
  matmul(&k, "%g_acc");
  ptl_strbuf_puts(&k, "} else {\n");
  matmul_acc(&k, "%g_acc");
  ptl_strbuf_puts(&k, "}\n%following = arith.addi %at, %c64 : index\n"
                      "scf.yield %following : index\n}\n"
                      "%zero = arith.subi %end, %c128 : index\n");
  store(&k, "%g_acc", "%g", "%zero");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

/* A value that an scf.if chooses, and a select. */
static void chosen_values(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%yes = arith.cmpi sge, %n, %n : index\n"
                      "%at = scf.if %yes -> (index) {\nscf.yield %n : index\n} else {\n"
                      "scf.yield %m : index\n}\n"
                      "%to = arith.select %yes, %c0, %c64 : index\n");
  product_of_two(&k, "%g_acc", "%a", "%at");
  store(&k, "%g_acc", "%g", "%to");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
}

/* Clamps of offsets that are never negative are no other offsets. */
static void clamped_offsets(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%at = arith.maxsi %n, %c0 : index\n");
  chunk(&k, "%g_acc", "%a", "%c0", "%at", true);
  chunk(&k, "%g_acc", "%a", "%c64", "%n", false);
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
}

/* A loop around the sink is walked once, for any iteration, constant bounds or not. */
static void loops_around_the_sink(void **state) {
  static const char *const bounds[] = {"%c0 to %c512 step %c128", "%c0 to %m step %c64"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k, "scf.for %%j = %s {\n", bounds[i]);
    product_of_two(&k, "%g_acc", "%a", "%j");
    store(&k, "%g_acc", "%g", "%j");
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    ptl_products products = products_of(&test);
    assert_null(products.why.text);
    assert_int_equal(products.count, 1);
    assert_int_equal(products.items[0].sink_count, 1);
    assert_int_equal(products.items[0].k.length, 128);
    assert_non_null(strstr(effects_of(&test), "col 0+1*i1.0 rows"));
    assert_non_null(strstr(effects_of(&test), "n at 0+1*i1.0 k 0 n 64 over 128"));
    assert_sound(&test);
  }
}

/* How often a symbolic loop runs is not known: neither is the K of what it adds to. */
static void symbolic_chunks(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
  ptl_strbuf_puts(&k, "scf.for %k = %c64 to %m step %c64 {\n");
  chunk(&k, "%g_acc", "%a", "%k", "%n", false);
  ptl_strbuf_puts(&k, "}\n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  ptl_products products = products_of(&test);
  assert_null(products.why.text);
  assert_int_equal(products.count, 1);
  assert_int_equal(products.stays.code, PTL_CODE_EXTENT_NOT_KNOWN);
  assert_true(has_finding(&test, PTL_CODE_NOT_FOLLOWED));
  assert_int_equal(effects_of(&test)[0], '?');
}

/* What a symbolic loop wrote in an earlier iteration is not known at its begin. */
static void symbolic_loop_forgets(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  load_x(&k, "%c0");
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %m step %c64 {\n");
  load_w(&k, "%w_mat", "%a", "%c0", "%j");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%j");
  load_x(&k, "%j"); /* for the next iteration */
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  ptl_products products = products_of(&test);
  assert_non_null(products.why.text);
  assert_int_equal(products.why.code, PTL_CODE_NOT_FOLLOWED);
  assert_non_null(strstr(products.why.text, "an earlier iteration"));
}

/* x stays in Mat for the whole loop: nothing in it is written there. */
static void resident_operand(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  load_x(&k, "%c0");
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %m step %c64 {\n");
  load_w(&k, "%w_mat", "%a", "%c0", "%j");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_null(products_of(&test).why.text);
  assert_sound(&test);
}

/* Rows that only the caller knows: of x's tile, and of what is stored. */
static void dynamic_rows(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(
      &test, "%w_mat = pto.alloc_tile addr = %p0 : !w\n"
             "%x_mat = pto.alloc_tile addr = %p8192 valid_row = %m : "
             "!pto.tile_buf<mat, 16x64xi8, valid=?x64, blayout=col_major, slayout=row_major>\n"
             "%left = pto.alloc_tile addr = %p0 valid_row = %m : "
             "!pto.tile_buf<left, 16x64xi8, valid=?x64, slayout=row_major>\n"
             "%right = pto.alloc_tile addr = %p0 : !r\n"
             "%g_acc = pto.alloc_tile addr = %p0 valid_row = %m : !pto.tile_buf<acc, 16x64xi32, "
             "valid=?x64, blayout=col_major, slayout=row_major, fractal=1024>\n");
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  ptl_strbuf_puts(
      &k, "%part = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%m, %c64] : "
          "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<?x64xi8>\n"
          "pto.tload ins(%part : !pto.partition_tensor_view<?x64xi8>) outs(%x_mat : "
          "!pto.tile_buf<mat, 16x64xi8, valid=?x64, blayout=col_major, slayout=row_major>)\n"
          "pto.tmov ins(%x_mat : !pto.tile_buf<mat, 16x64xi8, valid=?x64, blayout=col_major, "
          "slayout=row_major>) outs(%left : !pto.tile_buf<left, 16x64xi8, valid=?x64, "
          "slayout=row_major>)\n");
  move_w(&k, "%w_mat");
  ptl_strbuf_puts(
      &k, "pto.tmatmul ins(%left, %right : !pto.tile_buf<left, 16x64xi8, valid=?x64, "
          "slayout=row_major>, !r) outs(%g_acc : !pto.tile_buf<acc, 16x64xi32, valid=?x64, "
          "blayout=col_major, slayout=row_major, fractal=1024>)\n"
          "%out = pto.partition_view %g, offsets = [%c0, %c0], sizes = [%m, %c64] : "
          "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<?x64xi32>\n"
          "pto.tstore ins(%g_acc : !pto.tile_buf<acc, 16x64xi32, valid=?x64, blayout=col_major, "
          "slayout=row_major, fractal=1024>) outs(%out : !pto.partition_tensor_view<?x64xi32>)\n");
  kernel_end(&test, &k);
  assert_sound(&test);
  assert_non_null(strstr(effects_of(&test), " rows 0+1*a0.6 cols 64 valid 0+1*a0.6 of "));
  assert_non_null(strstr(effects_of(&test), " m 0+1*a0.6 times "));
  assert_int_equal(products_of(&test).items[0].m_tile, 16);
}

/* Weights as n x k: another tile type on the same address is their transpose. */
static void transposed_view(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%wt_mat = pto.alloc_tile addr = %p0 : !wt\n");
  load_x(&k, "%c64");
  load_w(&k, "%w_mat", "%a", "%n", "%c64");
  move_x(&k);
  ptl_strbuf_puts(&k, "pto.tmov ins(%wt_mat : !wt) outs(%right : !r)\n");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_sound(&test);
  assert_non_null(strstr(effects_of(&test), " k 64 m 16 times transposed a0.1:i8"));
  assert_non_null(strstr(effects_of(&test), " n at 0+1*a0.5 k 64 n 64 over 64"));
}

/* Parts of what lies in Mat, at offsets. */
static void extracts(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%long = pto.alloc_tile addr = %p65536 : !pto.tile_buf<mat, 128x64xi8, "
                      "blayout=col_major, slayout=row_major>\n"
                      "%part = pto.partition_view %a, offsets = [%c0, %n], sizes = [%c128, %c64] : "
                      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<128x64xi8>\n"
                      "pto.tload ins(%part : !pto.partition_tensor_view<128x64xi8>) outs(%long : "
                      "!pto.tile_buf<mat, 128x64xi8, blayout=col_major, slayout=row_major>)\n");
  static const char extract[] =
      "pto.textract ins(%%long, %s, %%c0 : !pto.tile_buf<mat, 128x64xi8, blayout=col_major, "
      "slayout=row_major>, index, index) outs(%%right : !r)\n";
  load_x(&k, "%c0");
  move_x(&k);
  ptl_strbuf_printf(&k, extract, "%c0");
  matmul(&k, "%g_acc");
  load_x(&k, "%c64");
  move_x(&k);
  ptl_strbuf_printf(&k, extract, "%c64");
  matmul_acc(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  ptl_strbuf inside = k;
  kernel_end(&test, &inside);
  assert_string_equal(effects_of(&test), one_product);
  assert_sound(&test);
}

static void extract_past_the_end(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  load_x(&k, "%c0");
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  move_x(&k);
  ptl_strbuf_puts(&k, "pto.textract ins(%w_mat, %c16, %c0 : !w, index, index) outs(%right : !r)\n");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_non_null(products_of(&test).why.text);
  assert_int_not_equal(findings_of(&test).count, 0);
}

/* Both branches of an scf.if on an unknown condition leave the same: it is known. Else it is not.
 */
static void branches(void **state) {
  static const char *const columns[] = {"%n", "%m"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    load_x(&k, "%c0");
    move_x(&k);
    ptl_strbuf_puts(&k, "scf.if %flag {\n");
    load_w(&k, "%w_mat", "%a", "%c0", "%n");
    ptl_strbuf_puts(&k, "} else {\n");
    load_w(&k, "%w_mat", "%a", "%c0", columns[i]);
    ptl_strbuf_puts(&k, "}\n");
    move_w(&k, "%w_mat");
    matmul(&k, "%g_acc");
    store(&k, "%g_acc", "%g", "%c0");
    kernel_end(&test, &k);
    ptl_products products = products_of(&test);
    assert_int_equal(products.why.text == NULL, i == 0);
    if (products.why.text) {
      assert_int_equal(products.why.code, PTL_CODE_NOT_FOLLOWED);
      assert_non_null(strstr(products.why.text, "branches"));
    }
  }
}

/* A branch that may not be taken may have written. */
static void branch_without_else(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  load_x(&k, "%c0");
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  move_x(&k);
  ptl_strbuf_puts(&k, "scf.if %flag {\n");
  load_w(&k, "%w_mat", "%b", "%c0", "%n");
  ptl_strbuf_puts(&k, "}\n");
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_non_null(products_of(&test).why.text);
}

/* A tile that another one covers in part is lost. */
static void partial_overlap(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%p2048 = arith.constant 2048 : i64\n"
                      "%o_mat = pto.alloc_tile addr = %p2048 : !w\n");
  load_x(&k, "%c0");
  move_x(&k);
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  load_w(&k, "%o_mat", "%b", "%c0", "%n");
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  ptl_products products = products_of(&test);
  assert_non_null(products.why.text);
  assert_true(ptl_fault_is_error(products.why.code));
  assert_true(has_finding(&test, PTL_CODE_PARTIAL_OVERLAP));
}

/* The same of accumulators, whose names do not matter: gate leaves, up is computed over its second
 * half, and gate is to leave once more. */
static void accumulators_overlap(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%o_acc = pto.alloc_tile addr = %p4096 : !acc\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  product_of_two(&k, "%o_acc", "%b", "%n");
  store(&k, "%o_acc", "%u", "%n");
  store(&k, "%g_acc", "%g", "%m");
  kernel_end(&test, &k);
  assert_non_null(products_of(&test).why.text);
  assert_int_equal(effects_of(&test)[0], '?');
}

/* Without addresses (level2) a tile is its alloc_tile. */
static void level2(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, "%w_mat = pto.alloc_tile : !w\n%x_mat = pto.alloc_tile : !x\n"
                                     "%left = pto.alloc_tile : !l\n%right = pto.alloc_tile : !r\n"
                                     "%g_acc = pto.alloc_tile : !acc\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_false(test.kernel->has_addresses);
  assert_string_equal(effects_of(&test), one_product);
}

/* K chunks in another order: the same sum of integers. */
static void chunks_in_any_order(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c64", "%n", true);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", false);
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), one_product);
}

/* x's chunk times another chunk of the weights is no product of theirs. */
static void chunks_out_of_step(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
  load_x(&k, "%c64");
  load_w(&k, "%w_mat", "%a", "%c128", "%n");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul_acc(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  assert_non_null(products_of(&test).why.text);
  assert_true(has_finding(&test, PTL_CODE_MIXED_SUM));
}

/* A kernel that would take forever to follow is given up, and said to be. */
static void endless_kernel(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%far = arith.constant 1000000000 : index\n"
                      "scf.for %i = %c0 to %far step %c1 {\n%j = arith.addi %i, %c1 : index\n}\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%c0");
  kernel_end(&test, &k);
  ptl_products products = products_of(&test);
  assert_non_null(products.why.text);
  assert_non_null(strstr(products.why.text, "steps"));
  assert_int_equal(products.why.code, PTL_CODE_NOT_FOLLOWED);
  assert_false(ptl_kernel_cost(&test.arena, test.kernel, test.target).is_complete);
}

/* Names that were first asked for with memory of one use are still there after it. */
static void names_stay(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  kernel_end(&test, &k);
  ptl_arena of_one_use;
  ptl_arena_init(&of_one_use);
  int value = 0;
  while (!test.kernel->values[value].is_tile) {
    value++;
  }
  assert_string_equal(ptl_tile_text(&of_one_use, test.kernel, value, 0), "mat tile %w_mat (at 0)");
  ptl_arena_reset(&of_one_use);
  memset(ptl_arena_alloc(&of_one_use, 4096), 'z', 4096);
  assert_string_equal(ptl_value_name(test.kernel, value), "%w_mat");
  ptl_arena_free(&of_one_use);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(unrolled),
      TEST(loop_with_first_iteration),
      TEST(peeled),
      TEST(stages),
      TEST(iter_args),
      TEST(chosen_values),
      TEST(clamped_offsets),
      TEST(loops_around_the_sink),
      TEST(symbolic_chunks),
      TEST(symbolic_loop_forgets),
      TEST(resident_operand),
      TEST(dynamic_rows),
      TEST(transposed_view),
      TEST(extracts),
      TEST(extract_past_the_end),
      TEST(branches),
      TEST(branch_without_else),
      TEST(partial_overlap),
      TEST(accumulators_overlap),
      TEST(level2),
      TEST(chunks_in_any_order),
      TEST(chunks_out_of_step),
      TEST(endless_kernel),
      TEST(names_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
