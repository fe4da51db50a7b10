/* Vector ops that count, transpose and gather, on indices of 32 and 64 bits. Only the public
 * headers are included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/sim.h>

enum { ROWS = 2, COLS = 8, COUNT = ROWS * COLS };

#define TILE(elem, rows, cols)                                                                     \
  "!pto.tile_buf<loc=vec, dtype=" elem ", rows=" #rows ", cols=" #cols ", v_row=" #rows            \
  ", v_col=" #cols ", blayout=row_major, slayout=none_box, fractal=512, pad=0>"
#define VIEW(name, argument, elem, rows, cols, row, col)                                           \
  "%" name "_view = pto.make_tensor_view %" argument ", shape = [" rows ", " cols                  \
  "], strides = [" cols ", %c1] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?x" elem ">\n"     \
  "%" name " = pto.partition_view %" name "_view, offsets = [%c0, " row "], sizes = [" rows        \
  ", " col "] : !pto.tensor_view<?x?x" elem "> -> !pto.partition_tensor_view<?x?x" elem ">\n"
#define ALLOC(name, address, type) "%" name " = pto.alloc_tile addr = %a" address " : " type "\n"
#define LOAD(view, elem, tile, type)                                                               \
  "pto.tload ins(%" view " : !pto.partition_tensor_view<?x?x" elem ">) outs(%" tile " : " type ")" \
  "\n"
#define STORE(tile, type, view, elem)                                                              \
  "pto.tstore ins(%" tile " : " type ") outs(%" view " : !pto.partition_tensor_view<?x?x" elem     \
  ">)\n"

/* %in is 2 x 8 f32, %out of what the op gives. */
#define KERNEL(elem, rows, cols, body)                                                             \
  "module attributes {pto.target_arch = \"a2a3\"} {\n"                                             \
  "func.func @k(%in: !pto.ptr<f32>, %at: !pto.ptr<i32>, %out: !pto.ptr<" elem ">, "                \
  "%long: !pto.ptr<i64>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {\n"              \
  "%a0 = arith.constant 0 : i64\n"                                                                 \
  "%a256 = arith.constant 256 : i64\n"                                                             \
  "%a512 = arith.constant 512 : i64\n"                                                             \
  "%a768 = arith.constant 768 : i64\n"                                                             \
  "%c0 = arith.constant 0 : index\n"                                                               \
  "%c1 = arith.constant 1 : index\n"                                                               \
  "%c2 = arith.constant 2 : index\n"                                                               \
  "%c8 = arith.constant 8 : index\n"                                                               \
  "%three = arith.constant 3 : i32\n" VIEW("from", "in", "f32", "%c2", "%c8", "%c0", "%c8")        \
      VIEW("to", "out", elem, rows, cols, "%c0", cols) ALLOC("x", "0", TILE("f32", 2, 8))          \
          LOAD("from", "f32", "x", TILE("f32", 2, 8)) body "return\n}\n}\n"

static const float *input(void) {
  static float in[COUNT];
  for (int i = 0; i < COUNT; i++) {
    in[i] = (float)i + 0.5F;
  }
  return in;
}

/* Runs the kernel; the bytes of %out are the result's. */
static const void *run(const char *kernel, const int32_t *at, const int64_t *longs,
                       ptolower_result **result) {
  ptolower_sim_argument arguments[] = {
      {.name = "in", .data = input(), .size = COUNT * sizeof(float)},
      {.name = "at",
       .data = at,
       .size = at ? 8 * sizeof(*at) : 0,
       .text = at ? NULL : "zeros:8xi32"},
      {.name = "long",
       .data = longs,
       .size = longs ? 2 * sizeof(*longs) : 0,
       .text = longs ? NULL : "zeros:2xi64"}};
  ptolower_sim_options sim = {.arguments = arguments, .argument_count = 3};
  ptolower_options *options = ptolower_options_create();
  ptolower_status status = ptolower_simulate(options, &sim, kernel, strlen(kernel), result);
  ptolower_options_destroy(options);
  size_t size;
  return status == PTOLOWER_OK ? ptolower_result_tensor(*result, "out", &size) : NULL;
}

static void rows_and_columns_change_places(void **state) {
  (void)state;
  const char *kernel =
      KERNEL("f32", "%c8", "%c2",
             ALLOC("y", "256", TILE("f32", 8, 8))
                 ALLOC("t", "512", TILE("f32", 8, 8)) "pto.set_validshape %y, %c8, %c2 : " TILE(
                     "f32", 8, 8) "\n"
                                  "pto.ttrans ins(%x, %t : " TILE("f32", 2, 8) ", " TILE(
                                      "f32", 8,
                                      8) ") outs(%y : " TILE("f32", 8,
                                                             8) ")\n" STORE("y", TILE("f32", 8, 8),
                                                                            "to", "f32"));
  ptolower_result *result = NULL;
  const float *out = run(kernel, NULL, NULL, &result);
  assert_non_null(out);
  for (int i = 0; i < COUNT; i++) {
    assert_true(out[i] == input()[i % ROWS * COLS + i / ROWS]);
  }
  ptolower_result_destroy(result);
}

#define GATHER                                                                                     \
  KERNEL(                                                                                          \
      "f32", "%c1", "%c8",                                                                         \
      VIEW("places", "at", "i32", "%c1", "%c8", "%c0", "%c8") ALLOC("i", "256", TILE("i32", 1, 8)) \
          ALLOC("y", "512", TILE("f32", 1, 8)) ALLOC("t", "768", TILE("i32", 1, 8))                \
              LOAD("places", "i32", "i", TILE("i32", 1, 8)) "pto.tgather ins(%x, %i, %t : " TILE(  \
                  "f32", 2,                                                                        \
                  8) ", " TILE("i32", 1,                                                           \
                               8) ", " TILE("i32", 1,                                              \
                                            8) ") outs(%y : " TILE("f32", 1,                       \
                                                                   8) ")\n" STORE("y",             \
                                                                                  TILE("f32", 1,   \
                                                                                       8),         \
                                                                                  "to", "f32"))

static void elements_are_gathered_by_index(void **state) {
  (void)state;
  const int32_t at[8] = {15, 0, 8, 7, 7, 1, 14, 3};
  ptolower_result *result = NULL;
  const float *out = run(GATHER, at, NULL, &result);
  assert_non_null(out);
  for (int i = 0; i < 8; i++) {
    assert_true(out[i] == input()[at[i]]);
  }
  ptolower_result_destroy(result);
}

static void an_index_outside_is_reported(void **state) {
  (void)state;
  const int32_t at[8] = {15, 0, 16, 7, 7, 1, 14, 3};
  ptolower_result *result = NULL;
  assert_null(run(GATHER, at, NULL, &result));
  assert_int_equal(ptolower_result_diagnostic(result, 0).code, 302);
  ptolower_result_destroy(result);
}

/* With the axis that newer kernels name, and without. */
static void elements_are_gathered_by_mask(void **state) {
  (void)state;
  static const char *const kernels[] = {
      KERNEL("f32", "%c1", "%c8",
             ALLOC("y", "256",
                   TILE("f32", 1,
                        8)) "pto.tgather ins(%x, {maskPattern = #pto.mask_pattern<P1010>} "
                            ": " TILE("f32", 2, 8) ") outs(%y : " TILE("f32", 1, 8) ")\n" STORE(
                                "y", TILE("f32", 1, 8), "to", "f32")),
      KERNEL("f32", "%c1", "%c8",
             ALLOC("y", "256",
                   TILE("f32", 1,
                        8)) "pto.tgather ins(%x, {maskPattern = #pto.mask_pattern<P1010>} "
                            ": " TILE("f32", 2, 8) ", \"row\") outs(%y : " TILE(
                                "f32", 1, 8) ")\n" STORE("y", TILE("f32", 1, 8), "to", "f32"))};
  for (int k = 0; k < 2; k++) {
    ptolower_result *result = NULL;
    const float *out = run(kernels[k], NULL, NULL, &result);
    assert_non_null(out);
    for (int i = 0; i < 8; i++) {
      assert_true(out[i] == input()[2 * i + 1]);
    }
    ptolower_result_destroy(result);
  }
}

static void tiles_are_counted_up_and_down(void **state) {
  (void)state;
  static const char *const kernels[] = {
      KERNEL("ui32", "%c1", "%c8",
             "%first = builtin.unrealized_conversion_cast %three : i32 to ui32\n" ALLOC(
                 "y", "256",
                 TILE("ui32", 1,
                      8)) "pto.tci ins(%first : ui32) outs(%y : " TILE("ui32", 1,
                                                                       8) ") {descending = "
                                                                          "false}\n" STORE(
                                                                              "y",
                                                                              TILE("ui32", 1, 8),
                                                                              "to", "ui32")),
      KERNEL(
          "i32", "%c1", "%c8",
          ALLOC("y", "256", TILE("i32", 1, 8)) "pto.tci ins(%three : i32) outs(%y : " TILE(
              "i32", 1, 8) ") {descending = true}\n" STORE("y", TILE("i32", 1, 8), "to", "i32"))};
  for (int k = 0; k < 2; k++) {
    ptolower_result *result = NULL;
    const int32_t *out = run(kernels[k], NULL, NULL, &result);
    assert_non_null(out);
    for (int i = 0; i < 8; i++) {
      assert_int_equal(out[i], k == 0 ? 3 + i : 3 - i);
    }
    ptolower_result_destroy(result);
  }
}

/* A place that is read from memory: past 32 bits if its upper half is not dropped. */
static void scalars_have_64_bits(void **state) {
  (void)state;
  const char *kernel = KERNEL("i64", "%c1", "%c2",
                              "%read = pto.load_scalar %long[%c0] : !pto.ptr<i64> -> i64\n"
                              "%sum = arith.addi %read, %a256 : i64\n"
                              "pto.store_scalar %sum, %out[%c1] : !pto.ptr<i64>, i64\n");
  const int64_t longs[2] = {INT64_C(0x123456789), 0};
  ptolower_result *result = NULL;
  const int64_t *out = run(kernel, NULL, longs, &result);
  assert_non_null(out);
  assert_true(out[1] == INT64_C(0x123456789) + 256);
  ptolower_result_destroy(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_and_columns_change_places),
      cmocka_unit_test(elements_are_gathered_by_index),
      cmocka_unit_test(an_index_outside_is_reported),
      cmocka_unit_test(elements_are_gathered_by_mask),
      cmocka_unit_test(tiles_are_counted_up_and_down),
      cmocka_unit_test(scalars_have_64_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
