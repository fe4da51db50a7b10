/* Products: which belong together, and when what they load may be loaded elsewhere. */
#include "kernel_fixture.h"

/* The groups of the products in the order in which they leave, as "0 0 1". */
static const char *groups(void) {
  ptl_products products = products_of(&test);
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test.arena);
  ptl_strbuf_puts(&text, "");
  if (products.why.text) {
    return ptl_arena_printf(&test.arena, "%s", products.why.text);
  }
  if (products.stays.text) {
    return ptl_arena_printf(&test.arena, "%d: %s", products.stays.code, products.stays.text);
  }
  for (int i = 0; i < products.count; i++) {
    ptl_strbuf_printf(&text, "%s%d", i ? " " : "", products.items[i].group);
  }
  return text.data;
}

/* gate = x a, up = x b, `between` standing behind gate's store. */
static void build_pair(const char *between) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  ptl_strbuf_puts(&k, between);
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%u_acc", "%u", "%n");
  kernel_end(&test, &k);
}

static void a_pair(void **state) {
  (void)state;
  build_pair("");
  assert_string_equal(groups(), "0 0");
  ptl_products products = products_of(&test);
  assert_true(ptl_product_shares_lhs(&products.items[0], &products.items[1]));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(products.items[i].k.length, 128);
    assert_int_equal(products.items[i].m_tile, 16);
    assert_int_equal(products.items[i].n, 64);
    assert_int_equal(products.items[i].sink_count, 1);
  }
  assert_true(products.items[0].position < products.items[1].position);
}

/* Chunks of both products in one loop, through one Mat tile. */
static void a_pair_in_one_loop(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %k = %c0 to %c128 step %c64 {\n"
                      "%first = arith.cmpi eq, %k, %c0 : index\n");
  load_x(&k, "%k");
  move_x(&k);
  for (int i = 0; i < 2; i++) {
    load_w(&k, "%w_mat", i ? "%b" : "%a", "%k", "%n");
    move_w(&k, "%w_mat");
    ptl_strbuf_puts(&k, "scf.if %first {\n");
    matmul(&k, i ? "%u_acc" : "%g_acc");
    ptl_strbuf_puts(&k, "} else {\n");
    matmul_acc(&k, i ? "%u_acc" : "%g_acc");
    ptl_strbuf_puts(&k, "}\n");
  }
  ptl_strbuf_puts(&k, "}\n");
  store(&k, "%u_acc", "%u", "%n");
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 0");
  /* In the order in which they leave: up first. */
  ptl_products products = products_of(&test);
  assert_int_equal(products.items[0].sum->rhs.root, 2);
  assert_int_equal(products.items[1].sum->rhs.root, 1);
}

/* Three of one x, one of which is another part of the same weights. */
static void three(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  product_of_two(&k, "%g_acc", "%b", "%n");
  store(&k, "%g_acc", "%u", "%n");
  product_of_two(&k, "%g_acc", "%b", "%m");
  store(&k, "%g_acc", "%u", "%m");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 0 0");
}

/* Other K ranges, or other rows, are another lhs. */
static void another_lhs(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  chunk(&k, "%u_acc", "%b", "%c0", "%n", true);
  store(&k, "%u_acc", "%u", "%n");
  chunk(&k, "%u_acc", "%b", "%c64", "%n", true);
  store(&k, "%u_acc", "%u", "%m");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 1 2");
}

/* Weights half as wide: other Right tiles, another accumulator. */
static void another_width(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
  store(&k, "%g_acc", "%g", "%n");
  ptl_strbuf_puts(
      &k, "%c32 = arith.constant 32 : index\n"
          "%n_mat = pto.alloc_tile addr = %p65536 : !pto.tile_buf<mat, 64x32xi8, "
          "blayout=col_major, slayout=row_major>\n"
          "%n_right = pto.alloc_tile addr = %p8192 : !pto.tile_buf<right, 64x32xi8, "
          "slayout=col_major>\n"
          "%n_acc = pto.alloc_tile addr = %p65536 : !pto.tile_buf<acc, 16x32xi32, "
          "blayout=col_major, slayout=row_major, fractal=1024>\n"
          "%n_in = pto.partition_view %b, offsets = [%c0, %n], sizes = [%c64, %c32] : "
          "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<64x32xi8>\n"
          "pto.tload ins(%n_in : !pto.partition_tensor_view<64x32xi8>) outs(%n_mat : "
          "!pto.tile_buf<mat, 64x32xi8, blayout=col_major, slayout=row_major>)\n"
          "pto.tmov ins(%n_mat : !pto.tile_buf<mat, 64x32xi8, blayout=col_major, "
          "slayout=row_major>) outs(%n_right : !pto.tile_buf<right, 64x32xi8, "
          "slayout=col_major>)\n"
          "pto.tmatmul ins(%left, %n_right : !l, !pto.tile_buf<right, 64x32xi8, "
          "slayout=col_major>) outs(%n_acc : !pto.tile_buf<acc, 16x32xi32, blayout=col_major, "
          "slayout=row_major, fractal=1024>)\n"
          "%n_out = pto.partition_view %u, offsets = [%c0, %n], sizes = [%c16, %c32] : "
          "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<16x32xi32>\n"
          "pto.tstore ins(%n_acc : !pto.tile_buf<acc, 16x32xi32, blayout=col_major, "
          "slayout=row_major, fractal=1024>) outs(%n_out : "
          "!pto.partition_tensor_view<16x32xi32>)\n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 0");
  ptl_products products = products_of(&test);
  assert_true(ptl_product_shares_lhs(&products.items[0], &products.items[1]));
}

/* A group is a run: gate, other, up are three. */
static void runs_only(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  chunk(&k, "%g_acc", "%b", "%c0", "%m", true);
  store(&k, "%g_acc", "%g", "%m");
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%u_acc", "%u", "%n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 1 2");
}

/* Sinks in two blocks have no place in common. */
static void two_blocks(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%g_acc", "%g", "%n");
  ptl_strbuf_puts(&k, "scf.if %flag {\n");
  store(&k, "%u_acc", "%u", "%n");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 1");
}

static void one_product_in_two_blocks(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  ptl_strbuf_puts(&k, "scf.if %flag {\n");
  store(&k, "%g_acc", "%u", "%n");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_int_equal(products_of(&test).stays.code, PTL_CODE_LEAVES_IN_PARTS);
  assert_non_null(strstr(groups(), "two different blocks"));
}

/* Sinks that take fewer rows than the product has, or fewer columns. */
static void parts_of_a_product(void **state) {
  static const char *const extents[] = {"%m, %c64", "%c16, %c16"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, "%part = pto.alloc_tile addr = %p0 valid_row = %c16 valid_col = %c64 : "
                        "!pto.tile_buf<acc, 16x64xi32, valid=?x?, blayout=col_major, "
                        "slayout=row_major, fractal=1024>\n");
    product_of_two(&k, "%g_acc", "%a", "%n");
    ptl_strbuf_printf(&k,
                      "pto.set_validshape %%part, %s : !pto.tile_buf<acc, 16x64xi32, valid=?x?, "
                      "blayout=col_major, slayout=row_major, fractal=1024>\n"
                      "pto.tpush_to_aiv(%%part : !pto.tile_buf<acc, 16x64xi32, valid=?x?, "
                      "blayout=col_major, slayout=row_major, fractal=1024>) {split = 0}\n",
                      extents[i]);
    kernel_end(&test, &k);
    assert_int_equal(products_of(&test).stays.code, PTL_CODE_LEAVES_IN_PARTS);
    assert_int_equal(products_of(&test).count, 1);
    assert_int_equal(effects_of(&test)[0], '?');
  }
}

/* What comes through a pipe is no part of a matrix, but a product can be made of it. */
static void popped_activation(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%popped = pto.tpop_from_aiv {split = 0} -> !x\n");
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  ptl_strbuf_puts(&k, "pto.tmov ins(%popped : !x) outs(%left : !l)\n");
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  store(&k, "%g_acc", "%g", "%n");
  ptl_strbuf_puts(&k, "pto.tfree_from_aiv {split = 0}\n");
  kernel_end(&test, &k);
  ptl_products products = products_of(&test);
  assert_null(products.why.text);
  assert_int_equal(products.stays.code, PTL_CODE_POPPED_OPERAND);
  assert_int_equal(products.items[0].sum->lhs.root, PTL_ROOT_POPPED);
}

/* A product may leave more than once. */
static void two_sinks(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  store(&k, "%g_acc", "%u", "%n");
  ptl_strbuf_puts(&k, "pto.tpush_to_aiv(%g_acc : !acc) {split = 0}\n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0");
  assert_int_equal(products_of(&test).items[0].sink_count, 3);
}

/* ---- moving loads over what may write ------------------------------------ */

/* up would be computed at gate's store. Its weights are loaded behind a store to them. */
static void store_to_the_weights(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%b32 = pto.make_tensor_view %bp, shape = [%c16, %c64], strides = [%c64, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  store(&k, "%g_acc", "%b32", "%c0");
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%u_acc", "%u", "%n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 1");
}

/* The same to x: neither may x be loaded once. */
static void store_to_the_activation(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%x32 = pto.make_tensor_view %xp, shape = [%c16, %c64], strides = [%c64, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%x32", "%c0");
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%u_acc", "%u", "%n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0 1");
}

/* Distinct pointer arguments do not alias: what is in another does not matter. */
static void store_elsewhere(void **state) {
  (void)state;
  build_pair("%g2 = pto.partition_view %g, offsets = [%c0, %m], sizes = [%c16, %c64] : "
             "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<16x64xi32>\n"
             "pto.tstore ins(%g_acc : !acc) outs(%g2 : !pto.partition_tensor_view<16x64xi32>)\n");
  assert_string_equal(groups(), "0 0");
}

/* Whoever waits for another core may see what that wrote. */
static void unknown_effect_between(void **state) {
  (void)state;
  build_pair("\"pto.some_wait\"() : () -> ()\n");
  assert_string_equal(groups(), "0 1");
  build_pair("pto.barrier #pto.pipe<PIPE_ALL>\n");
  assert_string_equal(groups(), "0 1");
}

/* What only reads does not write, and what is after a loop is not between its iterations. */
static void effects_that_do_not_matter(void **state) {
  (void)state;
  build_pair("%scalar = pto.load_scalar %gp[%c0] : !pto.ptr<i32> -> i32\n");
  assert_string_equal(groups(), "0 0");
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %c512 step %c64 {\n");
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\npto.barrier #pto.pipe<PIPE_ALL>\n");
  kernel_end(&test, &k);
  assert_string_equal(groups(), "0");
}

/* A store to a view of more than two dimensions writes one tensor, too, also where its blocks do
 * not lie whole rows apart. */
static void store_to_blocks(void **state) {
  static const char *const pointers[] = {"%gp", "%xp"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(
        &k,
        "%%blocks = pto.make_tensor_view %s, shape = [%%c16, %%c16, %%c64], strides = "
        "[%%c16, %%c64, %%c1] {layout = #pto.layout<nd>} : "
        "!pto.tensor_view<?x?x?xi32>\n"
        "scf.for %%j = %%c0 to %%m step %%c1 {\n",
        pointers[i]);
    product_of_two(&k, "%g_acc", "%a", "%n");
    ptl_strbuf_puts(&k,
                    "%block = pto.partition_view %blocks, offsets = [%j, %c0, %c0], sizes = [%c1, "
                    "%c16, %c64] : !pto.tensor_view<?x?x?xi32> -> "
                    "!pto.partition_tensor_view<1x16x64xi32>\n"
                    "pto.tstore ins(%g_acc : !acc) outs(%block : "
                    "!pto.partition_tensor_view<1x16x64xi32>)\n}\n");
    kernel_end(&test, &k);
    assert_int_equal(products_of(&test).stays.code,
                     i ? PTL_CODE_OPERANDS_MAY_CHANGE : PTL_CODE_NONE);
    assert_non_null(strstr(effects_of(&test), "at 0+1*i1.0 to 1 stride 16 at 0 to 16 stride 64"));
  }
}

/* Between the load of a weight and its own product's sink, too. */
static void effect_before_the_sink(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%a32 = pto.make_tensor_view %ap, shape = [%c16, %c64], strides = [%c64, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  chunk(&k, "%u_acc", "%b", "%c0", "%n", true);
  store(&k, "%u_acc", "%a32", "%c0"); /* overwrites a, which gate has loaded before */
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_non_null(strstr(groups(), "may write what the product reads"));
}

/* In a loop an op behind the sink stands in front of the next iteration's load. */
static void effect_in_a_loop(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%a32 = pto.make_tensor_view %ap, shape = [%c16, %c64], strides = [%c64, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n"
                      "scf.for %j = %c0 to %c512 step %c64 {\n");
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", "%g", "%j");
  store(&k, "%g_acc", "%a32", "%c0");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_non_null(strstr(groups(), "may write what the product reads"));
}

/* ---- sums ---------------------------------------------------------------- */

/* The walk's sums of i8: any order, no gap, no overlap. */
static void gaps_and_overlaps(void **state) {
  static const char *const second[] = {"%c128", "%c0"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
    chunk(&k, "%g_acc", "%a", second[i], "%n", false);
    store(&k, "%g_acc", "%g", "%n");
    kernel_end(&test, &k);
    assert_non_null(strstr(groups(), "overlap or leave a gap"));
  }
}

/* Floats have to be added in the order of K: another order is another number. */
static void order_of_floats(void **state) {
  (void)state;
  for (int descending = 0; descending < 2; descending++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    chunk(&k, "%g_acc", "%a", descending ? "%c64" : "%c0", "%n", true);
    chunk(&k, "%g_acc", "%a", descending ? "%c0" : "%c64", "%n", false);
    store(&k, "%g_acc", "%g", "%n");
    ptl_strbuf_puts(&k, "return\n}\n}\n");
    /* The same text on bf16 and f32. */
    ptl_strbuf text;
    ptl_strbuf_init(&text, &test.arena);
    for (const char *at = k.data; *at; at++) {
      bool i8 = strncmp(at, "i8", 2) == 0, i32 = strncmp(at, "i32", 3) == 0;
      if (i8 || i32) {
        ptl_strbuf_puts(&text, i8 ? "bf16" : "f32");
        at += i8 ? 1 : 2;
      } else {
        ptl_strbuf_add(&text, at, 1);
      }
    }
    case_read(&test, (ptl_str){text.data, text.length});
    ptl_products products = products_of(&test);
    assert_null(products.why.text);
    assert_int_equal(products.stays.code, descending ? PTL_CODE_K_ORDER : PTL_CODE_NONE);
    assert_int_equal(products.items[0].k.length, 128);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_pair),
      TEST(a_pair_in_one_loop),
      TEST(three),
      TEST(another_lhs),
      TEST(another_width),
      TEST(runs_only),
      TEST(two_blocks),
      TEST(one_product_in_two_blocks),
      TEST(parts_of_a_product),
      TEST(popped_activation),
      TEST(two_sinks),
      TEST(store_to_the_weights),
      TEST(store_to_the_activation),
      TEST(store_elsewhere),
      TEST(unknown_effect_between),
      TEST(effects_that_do_not_matter),
      TEST(store_to_blocks),
      TEST(effect_before_the_sink),
      TEST(effect_in_a_loop),
      TEST(gaps_and_overlaps),
      TEST(order_of_floats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
