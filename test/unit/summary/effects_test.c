/* Stores of a product piece by piece count as one, where nothing else can be told from it. */
#include "kernel_fixture.h"

/* The effects of g[:, col] = x * a[:, col] for two tiles of columns, one after the other, the
 * second of which is stored to `to`. */
static const char *effects_stored(const char *first, const char *second, const char *to) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", first);
  store(&k, "%g_acc", "%g", first);
  product_of_two(&k, "%g_acc", "%a", second);
  store(&k, "%g_acc", "%g", to);
  kernel_end(&test, &k);
  return effects_of(&test);
}

static const char *effects_unrolled(const char *first, const char *second) {
  return effects_stored(first, second, second);
}

/* The same in a loop, with `more` at the end of its body. */
static const char *effects_in_loop(const char *step, const char *weights, const char *stored,
                                   const char *to, const char *more) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%x32 = pto.make_tensor_view %xp, shape = [%c16, %c512], strides = [%c512, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  ptl_strbuf_printf(&k, "scf.for %%j = %%c0 to %%c128 step %s {\n", step);
  product_of_two(&k, "%g_acc", "%a", weights);
  store(&k, "%g_acc", to, stored);
  ptl_strbuf_printf(&k, "%s}\n", more);
  kernel_end(&test, &k);
  return effects_of(&test);
}

static bool has_loop(const char *effects) { return strstr(effects, " for ") != NULL; }

static int line_count(const char *effects) {
  int count = 0;
  for (; *effects; effects++) {
    count += *effects == '\n';
  }
  return count;
}

static void columns_after_each_other(void **state) {
  (void)state;
  const char *unrolled = effects_unrolled("%c0", "%c64");
  assert_int_equal(line_count(unrolled), 1);
  assert_non_null(strstr(unrolled, "col 0 rows 16 cols 128"));
  assert_non_null(strstr(unrolled, "n at 0 k 0 n 128"));
  assert_string_equal(effects_in_loop("%c64", "%j", "%j", "%g", ""), unrolled);
}

static void columns_that_are_not(void **state) {
  (void)state;
  assert_int_equal(line_count(effects_unrolled("%c64", "%c0")), 2);
  assert_int_equal(line_count(effects_unrolled("%c0", "%c128")), 2);
  assert_int_equal(line_count(effects_unrolled("%c0", "%c0")), 2);
  assert_int_equal(line_count(effects_stored("%c0", "%c64", "%c128")), 2);
  assert_int_equal(line_count(effects_stored("%c0", "%c128", "%c64")), 2);
  assert_true(has_loop(effects_in_loop("%c16", "%j", "%j", "%g", "")));
  assert_true(has_loop(effects_in_loop("%c64", "%j", "%c0", "%g", "")));
  assert_true(has_loop(effects_in_loop("%c64", "%c0", "%j", "%g", "")));
}

/* What the loop multiplies, it may not write: a later turn could read it. */
static void stores_to_an_operand(void **state) {
  (void)state;
  assert_true(has_loop(effects_in_loop("%c64", "%j", "%j", "%x32", "")));
}

static void more_in_the_loop(void **state) {
  (void)state;
  const char *effects =
      effects_in_loop("%c64", "%j", "%j", "%g", "\"pto.some_wait\"() : () -> ()\n");
  assert_true(has_loop(effects));
  assert_int_equal(line_count(effects), 2);
  effects = effects_in_loop("%c64", "%j", "%j", "%g", "pto.barrier #pto.pipe<PIPE_ALL>\n");
  assert_false(has_loop(effects));
  assert_int_equal(line_count(effects), 1);
}

/* gate and up on each turn, to these tensors. */
static const char *effects_of_pair(const char *first, const char *second) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %c128 step %c64 {\n");
  product_of_two(&k, "%g_acc", "%a", "%j");
  store(&k, "%g_acc", first, "%j");
  product_of_two(&k, "%u_acc", "%b", "%j");
  store(&k, "%u_acc", second, "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  return effects_of(&test);
}

static void two_products_in_turn(void **state) {
  (void)state;
  const char *in_turn = effects_of_pair("%g", "%u");
  assert_false(has_loop(in_turn));
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%c0");
  store(&k, "%g_acc", "%g", "%c0");
  product_of_two(&k, "%u_acc", "%b", "%c0");
  store(&k, "%u_acc", "%u", "%c0");
  product_of_two(&k, "%g_acc", "%a", "%c64");
  store(&k, "%g_acc", "%g", "%c64");
  product_of_two(&k, "%u_acc", "%b", "%c64");
  store(&k, "%u_acc", "%u", "%c64");
  kernel_end(&test, &k);
  assert_string_equal(effects_of(&test), in_turn);
}

/* Rows of which each is stored in columns. */
static void rows_in_columns(void **state) {
  static const char *const columns[] = {"%c0", "%c64"};
  static const char *const rows[] = {"%c0", "%c16"};
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%tall = pto.make_tensor_view %xp, shape = [%c64, %c128], strides = [%c128, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
                      "%out = pto.make_tensor_view %gp, shape = [%c64, %c128], strides = [%c128, "
                      "%c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n");
  for (int i = 0; i < 4; i++) {
    ptl_strbuf_printf(&k,
                      "%%x%d = pto.partition_view %%tall, offsets = [%s, %%c0], sizes = [%%c16, "
                      "%%c64] : !pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
                      "pto.tload ins(%%x%d : !pto.partition_tensor_view<16x64xi8>) "
                      "outs(%%x_mat : !x)\n",
                      i, rows[i / 2], i);
    load_w(&k, "%w_mat", "%a", "%c0", columns[i % 2]);
    move_x(&k);
    move_w(&k, "%w_mat");
    matmul(&k, "%g_acc");
    ptl_strbuf_printf(
        &k,
        "%%o%d = pto.partition_view %%out, offsets = [%s, %s], sizes = [%%c16, "
        "%%c64] : !pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<16x64xi32>\n"
        "pto.tstore ins(%%g_acc : !acc) outs(%%o%d : "
        "!pto.partition_tensor_view<16x64xi32>)\n",
        i, rows[i / 2], columns[i % 2], i);
  }
  kernel_end(&test, &k);
  assert_int_equal(line_count(effects_of(&test)), 1);
  assert_non_null(strstr(effects_of(&test), "rows 32 cols 128"));
}

/* A store to the same place in between is not passed over. */
static void a_store_in_between(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%c0");
  store(&k, "%g_acc", "%g", "%c0");
  product_of_two(&k, "%u_acc", "%b", "%c64");
  store(&k, "%u_acc", "%g", "%c64");
  product_of_two(&k, "%g_acc", "%a", "%c64");
  store(&k, "%g_acc", "%g", "%c64");
  kernel_end(&test, &k);
  assert_int_equal(line_count(effects_of(&test)), 3);
}

/* Whose columns are there in the end, depends on the order. */
static void two_products_to_one_tensor(void **state) {
  (void)state;
  const char *effects = effects_of_pair("%g", "%g");
  assert_true(has_loop(effects));
  assert_int_equal(line_count(effects), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(columns_after_each_other), TEST(columns_that_are_not), TEST(stores_to_an_operand),
      TEST(more_in_the_loop),         TEST(two_products_in_turn), TEST(two_products_to_one_tensor),
      TEST(a_store_in_between),       TEST(rows_in_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
