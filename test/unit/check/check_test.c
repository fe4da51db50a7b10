/* The checker of kernels: each fault is found in a small kernel that has it, and in none without.
 */
#include "kernel_fixture.h"

/* A sound kernel with `old` replaced by `new` wherever it stands. */
static void build(const char *old, const char *new) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  product_of_two(&k, "%u_acc", "%b", "%n");
  store(&k, "%g_acc", "%g", "%n");
  store(&k, "%u_acc", "%u", "%n");
  ptl_strbuf_puts(&k, "return\n}\n}\n");
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test.arena);
  size_t length = strlen(old);
  for (const char *at = k.data; *at; at++) {
    if (length > 0 && strncmp(at, old, length) == 0) {
      ptl_strbuf_puts(&text, new);
      at += length - 1;
    } else {
      ptl_strbuf_add(&text, at, 1);
    }
  }
  assert_true(length == 0 || strcmp(text.data, k.data) != 0);
  case_read(&test, (ptl_str){text.data, text.length});
}

static void sound(void **state) {
  (void)state;
  build("", "");
  assert_sound(&test);
}

static void places(void **state) {
  static const struct {
    const char *old, *new;
    ptl_code fault;
  } cases[] = {
      /* x_mat in the weights' tile; the accumulators by their logical size. */
      {"%x_mat = pto.alloc_tile addr = %p8192", "%x_mat = pto.alloc_tile addr = %p2048",
       PTL_CODE_PARTIAL_OVERLAP},
      {"%u_acc = pto.alloc_tile addr = %p8192", "%u_acc = pto.alloc_tile addr = %p4096",
       PTL_CODE_PARTIAL_OVERLAP},
      {"%u_acc = pto.alloc_tile addr = %p8192", "%u_acc = pto.alloc_tile addr = %p131072",
       PTL_CODE_OUTSIDE_OF_BUFFER},
      {"%x_mat = pto.alloc_tile addr = %p8192", "%x_mat = pto.alloc_tile addr = %p524032",
       PTL_CODE_OUTSIDE_OF_BUFFER},
      {"%left = pto.alloc_tile addr = %p0", "%left = pto.alloc_tile addr = %m512",
       PTL_CODE_OUTSIDE_OF_BUFFER},
      {"%x_mat = pto.alloc_tile addr = %p8192", "%x_mat = pto.alloc_tile addr = %far",
       PTL_CODE_OUTSIDE_OF_BUFFER},
      {"%left = pto.alloc_tile addr = %p0", "%left = pto.alloc_tile addr = %p32",
       PTL_CODE_MISALIGNED},
      {"%x_mat = pto.alloc_tile addr = %p8192", "%x_mat = pto.alloc_tile addr = %p8200",
       PTL_CODE_MISALIGNED},
      {"%u_acc = pto.alloc_tile addr = %p8192", "%u_acc = pto.alloc_tile addr = %unknown",
       PTL_CODE_NOT_FOLLOWED},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const char *new = ptl_arena_printf(
        &test.arena,
        "%%p2048 = arith.constant 2048 : i64\n%%p131072 = arith.constant 131072 : i64\n"
        "%%p524032 = arith.constant 524032 : i64\n%%m512 = arith.constant -512 : i64\n"
        "%%far = arith.constant 9223372036854775807 : i64\n"
        "%%p32 = arith.constant 32 : i64\n%%p8200 = arith.constant 8200 : i64\n"
        "%%unknown = arith.index_cast %%n : index to i64\n%s",
        cases[i].new);
    build(cases[i].old, new);
    if (!has_finding(&test, cases[i].fault)) {
      print_error("not found: %s\n", cases[i].new);
    }
    assert_true(has_finding(&test, cases[i].fault));
  }
}

/* Reads of what nobody wrote; a load that nobody reads. */
static void order(void **state) {
  (void)state;
  build("pto.tmov ins(%x_mat : !x) outs(%left : !l)\n", "");
  assert_true(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE));

  ptl_strbuf k = kernel_begin(&test, NULL);
  move_w(&k, "%w_mat");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE));

  k = kernel_begin(&test, NULL);
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE));

  k = kernel_begin(&test, NULL);
  load_w(&k, "%w_mat", "%a", "%c0", "%n");
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_LOST_DATA));

  k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  store(&k, "%g_acc", "%g", "%n");
  load_x(&k, "%c0");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_LOST_DATA));

  /* A product that never leaves. */
  k = kernel_begin(&test, NULL);
  product_of_two(&k, "%g_acc", "%a", "%n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_LOST_DATA));
}

static void operands(void **state) {
  static const struct {
    const char *statement;
    ptl_code fault;
  } cases[] = {
      /* acc in is not acc out */
      {"pto.tmatmul.acc ins(%u_acc, %left, %right : !acc, !l, !r) outs(%g_acc : !acc)\n",
       PTL_CODE_ACCUMULATOR_IN_IS_OUT},
      /* x and the weights of other K chunks, or of another product, on top of a sum */
      {"pto.tmatmul.acc ins(%g_acc, %left, %other : !acc, !l, !r) outs(%g_acc : !acc)\n",
       PTL_CODE_MIXED_SUM},
      {"pto.tmatmul ins(%left, %wide : !l, !pto.tile_buf<right, 32x64xi8, slayout=col_major>) "
       "outs(%u_acc : !acc)\n",
       PTL_CODE_SHAPE_MISMATCH},
      {"pto.tmatmul ins(%left, %right : !l, !r) outs(%float : !pto.tile_buf<acc, 16x64xf32, "
       "blayout=col_major, slayout=row_major, fractal=1024>)\n",
       PTL_CODE_ELEMENT_TYPES},
      {"pto.tmatmul ins(%x_mat, %right : !x, !r) outs(%u_acc : !acc)\n", PTL_CODE_NO_PATH},
      {"pto.tmov ins(%g_acc : !acc) outs(%u_acc : !acc)\n", PTL_CODE_NO_PATH},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, "%other = pto.alloc_tile addr = %p8192 : !r\n"
                        "%wide = pto.alloc_tile addr = %p4096 : !pto.tile_buf<right, 32x64xi8, "
                        "slayout=col_major>\n"
                        "%float = pto.alloc_tile addr = %p65536 : !pto.tile_buf<acc, 16x64xf32, "
                        "blayout=col_major, slayout=row_major, fractal=1024>\n");
    chunk(&k, "%u_acc", "%a", "%c0", "%n", true);
    chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
    load_w(&k, "%v_mat", "%b", "%c0", "%n");
    ptl_strbuf_puts(&k, "pto.tmov ins(%v_mat : !w) outs(%other : !r)\n");
    ptl_strbuf_puts(&k, cases[i].statement);
    store(&k, "%g_acc", "%g", "%n");
    store(&k, "%u_acc", "%u", "%n");
    kernel_end(&test, &k);
    if (!has_finding(&test, cases[i].fault)) {
      print_error("not found: %s", cases[i].statement);
    }
    assert_true(has_finding(&test, cases[i].fault));
  }
}

/* A tload into anything but Mat; element types that differ. */
static void loads(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%part = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c16, %c64] : "
                      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
                      "pto.tload ins(%part : !pto.partition_tensor_view<16x64xi8>) outs(%left : "
                      "!l)\n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_NO_PATH));

  k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "%part = pto.partition_view %g, offsets = [%c0, %c0], sizes = [%c16, %c64] : "
                      "!pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<16x64xi32>\n"
                      "pto.tload ins(%part : !pto.partition_tensor_view<16x64xi32>) outs(%x_mat : "
                      "!x)\n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_ELEMENT_TYPES));
}

/* As many Mat tiles loaded anew in a loop as there are event ids, and one more. */
static void event_ids(void **state) {
  (void)state;
  for (int count = 4; count <= 5; count++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    for (int i = 0; i < count; i++) {
      ptl_strbuf_printf(&k,
                        "%%a%d = arith.constant %d : i64\n%%t%d = pto.alloc_tile addr = %%a%d "
                        ": !w\n",
                        i, 65536 + 4096 * i, i, i);
    }
    load_x(&k, "%c0");
    move_x(&k);
    ptl_strbuf_puts(&k, "scf.for %j = %c0 to %c512 step %c64 {\n");
    for (int i = 0; i < count; i++) {
      const char *tile = ptl_arena_printf(&test.arena, "%%t%d", i);
      load_w(&k, tile, "%a", "%c0", "%j");
      move_w(&k, tile);
      matmul(&k, "%g_acc");
      store(&k, "%g_acc", "%g", "%j");
    }
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    assert_int_equal(has_finding(&test, PTL_CODE_EVENT_IDS), count > 4);
  }
}

/* A loop's second iteration finds what the first left: what runs once is not enough. */
static void second_iteration(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
  ptl_strbuf_puts(&k, "scf.for %k = %c64 to %c256 step %c64 {\n");
  move_x(&k); /* always the first chunk of x */
  load_w(&k, "%w_mat", "%a", "%k", "%n");
  move_w(&k, "%w_mat");
  matmul_acc(&k, "%g_acc");
  ptl_strbuf_puts(&k, "}\n");
  store(&k, "%g_acc", "%g", "%n");
  kernel_end(&test, &k);
  assert_true(has_finding(&test, PTL_CODE_MIXED_SUM));
}

/* What cannot be walked to its end is not proved, and that is said (PTL009). A loop around the
 * sinks need not be run for a proof, one in front of them is. */
static void too_long(void **state) {
  (void)state;
  for (int around = 0; around < 2; around++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, "%far = arith.constant 100000000 : index\n"
                        "scf.for %i = %c0 to %far step %c1 {\n%j = arith.addi %i, %c1 : index\n");
    ptl_strbuf_puts(&k, around ? "" : "}\n");
    product_of_two(&k, "%g_acc", "%a", "%n");
    store(&k, "%g_acc", "%g", "%n");
    ptl_strbuf_puts(&k, around ? "}\n" : "");
    kernel_end(&test, &k);
    assert_int_equal(findings_of(&test).is_cut_short, !around);
  }
}

/* Every op goes through what lies in the buffers: a million steps among a thousand tiles are too
 * long, too. */
static void too_much_work(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  for (int i = 0; i < 1000; i++) {
    ptl_strbuf_printf(&k, "%%t%d = pto.alloc_tile : !x\n", i);
  }
  ptl_strbuf_puts(&k, "%far = arith.constant 1000 : index\n"
                      "scf.for %i = %c0 to %far step %c1 {\n"
                      "%p = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c16, %c64] : "
                      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n");
  for (int i = 0; i < 1000; i++) {
    ptl_strbuf_printf(&k,
                      "pto.tload ins(%%p : !pto.partition_tensor_view<16x64xi8>) "
                      "outs(%%t%d : !x)\n",
                      i);
  }
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_true(findings_of(&test).is_cut_short);
}

/* ---- cycles -------------------------------------------------------------- */

static double cycles_of(void) {
  ptl_cost cost = ptl_kernel_cost(&test.arena, test.kernel, test.target);
  assert_true(cost.is_complete);
  for (int i = 0; i < test.target->rate_count; i++) {
    assert_true(cost.times[i].cycles > 0);
  }
  return cost.times[0].cycles;
}

/* Through one Mat tile each load waits for the move before it; through two it does not. */
static void overlap_is_faster(void **state) {
  double cycles[2];
  (void)state;
  for (int i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    load_x(&k, "%c0");
    move_x(&k);
    ptl_strbuf_puts(&k,
                    "scf.for %j = %c0 to %c512 step %c128 {\n%l = arith.addi %j, %c64 : index\n");
    load_w(&k, "%w_mat", "%a", "%c0", "%j");
    move_w(&k, "%w_mat");
    matmul(&k, "%g_acc");
    store(&k, "%g_acc", "%g", "%j");
    load_w(&k, i ? "%v_mat" : "%w_mat", "%b", "%c0", "%l");
    move_w(&k, i ? "%v_mat" : "%w_mat");
    matmul(&k, "%u_acc");
    store(&k, "%u_acc", "%u", "%l");
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    cycles[i] = cycles_of();
  }
  assert_true(cycles[1] < cycles[0]);
}

/* A constant loop costs as often as it runs, a symbolic one a turn, which may be hidden in part. */
static void loops_cost(void **state) {
  static const char *const ends[] = {"%c64", "%c512", "%m"};
  double cycles[3];
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k, "scf.for %%j = %%c0 to %s step %%c64 {\n", ends[i]);
    product_of_two(&k, "%g_acc", "%a", "%j");
    store(&k, "%g_acc", "%g", "%j");
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    cycles[i] = cycles_of();
  }
  assert_true(cycles[1] > 4 * cycles[0]);
  assert_true(cycles[1] <= 8 * cycles[0]);
  assert_true(cycles[2] <= cycles[0] && cycles[2] > cycles[0] / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sound),
      TEST(places),
      TEST(order),
      TEST(operands),
      TEST(loads),
      TEST(event_ids),
      TEST(second_iteration),
      TEST(too_long),
      TEST(too_much_work),
      TEST(overlap_is_faster),
      TEST(loops_cost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
