/* What is called wrong, and what is not, where it is not known which way a kernel goes: loops with
 * symbolic bounds, branches, columns that arguments choose, tiles at places that are not
 * followed. */
#include "kernel_fixture.h"

/* g[:, j] = x * a[:, j], with x from x_mat. */
static void product_at(ptl_strbuf *out, const char *j) {
  load_w(out, "%w_mat", "%a", "%c0", j);
  move_x(out);
  move_w(out, "%w_mat");
  matmul(out, "%g_acc");
  store(out, "%g_acc", "%g", j);
}

/* ---- first iterations ----------------------------------------------------------- */

/* Each iteration loads x for the next one; somebody has to load it for the first. */
static void handed_on(void **state) {
  static const char *const bounds[] = {"%c0 to %m step %c64", "%n to %m step %c64"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    if (i % 2) {
      load_x(&k, "%c0");
    }
    ptl_strbuf_printf(&k, "scf.for %%j = %s {\n", bounds[i / 2]);
    product_at(&k, "%j");
    load_x(&k, "%c0");
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    assert_int_equal(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE), i % 2 == 0);
    assert_true(has_finding(&test, PTL_CODE_NOT_FOLLOWED));
  }
}

/* The first iteration is told from the others by the loop's variable, or by a carried value. */
static void told_apart(void **state) {
  static const char *const conditions[] = {"eq, %j, %begin", "eq, %count, %c0", "ne, %j, %begin",
                                           "ne, %count, %c0"};
  static const char *const begins[] = {"%c0", "%n"};
  (void)state;
  for (size_t i = 0; i < 8; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k,
                      "%%begin = arith.addi %s, %%c0 : index\n"
                      "%%end = scf.for %%j = %%begin to %%m step %%c64 "
                      "iter_args(%%count = %%c0) -> (index) {\n"
                      "%%loads = arith.cmpi %s : index\nscf.if %%loads {\n",
                      begins[i / 4], conditions[i % 4]);
    load_x(&k, "%c0");
    ptl_strbuf_puts(&k, "}\n");
    product_at(&k, "%j");
    ptl_strbuf_puts(&k, "%more = arith.addi %count, %c1 : index\nscf.yield %more : index\n}\n");
    kernel_end(&test, &k);
    assert_int_equal(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE), i % 4 >= 2);
  }
}

/* In a loop inside of a loop, and in a branch that may not be taken. */
static void nested(void **state) {
  static const char *const around[] = {"scf.for %i = %c0 to %n step %c1 {\n", "scf.if %flag {\n"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, around[i]);
    ptl_strbuf_puts(&k, "scf.for %j = %c0 to %m step %c64 {\n");
    product_at(&k, "%j");
    load_x(&k, "%c0");
    ptl_strbuf_puts(&k, "}\n}\n");
    kernel_end(&test, &k);
    assert_true(has_finding(&test, PTL_CODE_READ_BEFORE_WRITE));
  }
}

/* What the first iteration does not load is there before it, and every later one loads it. */
static void loaded_later(void **state) {
  (void)state;
  ptl_strbuf k = kernel_begin(&test, NULL);
  load_x(&k, "%c0");
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %m step %c64 {\n"
                      "%later = arith.cmpi ne, %j, %c0 : index\nscf.if %later {\n");
  load_x(&k, "%j");
  ptl_strbuf_puts(&k, "}\n");
  product_at(&k, "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
  assert_no_error(&test);
  assert_false(has_finding(&test, PTL_CODE_NOT_FOLLOWED));
}

/* Nothing but faults is heard of a first iteration: a load costs once. */
static void counted_once(void **state) {
  static const char *const ends[] = {"%c64", "%m"};
  double cycles[2];
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_printf(&k, "scf.for %%j = %%c0 to %s step %%c64 {\n", ends[i]);
    load_x(&k, "%c0");
    product_at(&k, "%j");
    ptl_strbuf_puts(&k, "}\n");
    kernel_end(&test, &k);
    ptl_cost cost = ptl_kernel_cost(&test.arena, test.kernel, test.target);
    assert_true(cost.is_complete);
    cycles[i] = cost.times[0].cycles;
  }
  assert_true(cycles[0] == cycles[1]);
}

/* ---- what may not run ------------------------------------------------------------- */

/* Data that a loop or a branch overwrites is read where that does not run. */
static void default_data(void **state) {
  static const char *const around[] = {"scf.for %i = %c0 to %n step %c1 {\n", "scf.if %flag {\n"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    for (int twice = 0; twice < 2; twice++) {
      ptl_strbuf k = kernel_begin(&test, NULL);
      load_x(&k, "%c0");
      ptl_strbuf_puts(&k, around[i]);
      load_x(&k, "%c64");
      if (twice) { /* the first of these is of no use in any case */
        load_x(&k, "%c128");
      }
      ptl_strbuf_puts(&k, "}\n");
      product_at(&k, "%n");
      kernel_end(&test, &k);
      assert_int_equal(has_finding(&test, PTL_CODE_LOST_DATA), twice);
    }
  }
}

/* ---- products that arguments make the same --------------------------------------- */

static void columns(void **state) {
  static const struct {
    const char *column;
    ptl_code fault;
    bool may_be_same;
  } cases[] = {
      {"%m", PTL_CODE_MIXED_SUM, true},          {"%both", PTL_CODE_MIXED_SUM, true},
      {"%next", PTL_CODE_MIXED_SUM, false},      {"%most", PTL_CODE_NOT_FOLLOWED, true},
      {"%shifted", PTL_CODE_NOT_FOLLOWED, true}, {"%same", PTL_CODE_NONE, true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, "%both = arith.addi %n, %m : index\n%next = arith.addi %n, %c64 : index\n"
                        "%most = arith.minsi %n, %m : index\n%same = arith.subi %both, %m : index\n"
                        "%shifted = arith.shli %n, %c1 : index\n");
    chunk(&k, "%g_acc", "%a", "%c0", "%n", true);
    chunk(&k, "%g_acc", "%a", "%c64", cases[i].column, false);
    store(&k, "%g_acc", "%g", "%n");
    kernel_end(&test, &k);
    ptl_findings findings = findings_of(&test);
    if (cases[i].fault == PTL_CODE_NONE) {
      assert_int_equal(findings.count, 0);
      continue;
    }
    assert_true(has_finding(&test, cases[i].fault));
    assert_int_equal(has_finding(&test, PTL_CODE_MIXED_SUM), cases[i].fault == PTL_CODE_MIXED_SUM);
    bool says_unless = strstr(findings.items[0].text, "unless the kernel's arguments") != NULL;
    assert_int_equal(says_unless, cases[i].may_be_same && cases[i].fault == PTL_CODE_MIXED_SUM);
  }
}

/* ---- operands in another shape ------------------------------------------------------ */

static void other_shape(void **state) {
  static const char *const fills[] = {
      "pto.tmov ins(%w_mat : !w) outs(%right : !r)\n",
      "pto.textract ins(%w_mat, %c0, %c0 : !w, index, index) outs(%flat : "
      "!pto.tile_buf<right, 32x128xi8, valid=32x64, slayout=col_major>)\n"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, "%flat = pto.alloc_tile addr = %p0 : "
                        "!pto.tile_buf<right, 32x128xi8, valid=32x64, slayout=col_major>\n");
    load_x(&k, "%c0");
    load_w(&k, "%w_mat", "%a", "%c0", "%n");
    move_x(&k);
    ptl_strbuf_puts(&k, fills[i]);
    matmul(&k, "%g_acc");
    store(&k, "%g_acc", "%g", "%n");
    kernel_end(&test, &k);
    assert_int_equal(has_finding(&test, PTL_CODE_SHAPE_MISMATCH), i == 1);
  }
}

/* ---- tiles that are not followed -------------------------------------------------- */

static const char parts[] = "%at = arith.index_cast %n : index to i64\n"
                            "%x_far = pto.alloc_tile addr = %at : !x\n"
                            "%x_sub = pto.subview %x_mat[%c0, %c0] sizes [16, 64] : !x -> !x\n"
                            "%lsub = pto.subview %left[%c0, %c0] sizes [16, 64] : !l -> !l\n"
                            "%g_sub = pto.subview %g_acc[%c0, %c0] sizes [16, 64] : !acc -> !acc\n";

/* What is read or written through a part of a tile, or at an address that is no constant, is
 * neither lost nor missing. */
static void unknown_places(void **state) {
  static const struct {
    const char *old, *new;
  } cases[] = {
      {"ins(%x_mat :", "ins(%x_sub :"},
      {"ins(%x_mat :", "ins(%x_far :"},
      {"outs(%x_mat :", "outs(%x_sub :"},
      {"outs(%x_mat :", "outs(%x_far :"},
      {"outs(%left :", "outs(%lsub :"},
      {"ins(%left, ", "ins(%lsub, "},
      {"outs(%g_acc : !acc)", "outs(%g_sub : !acc)"},
      {"ins(%g_acc : ", "ins(%g_sub : "},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_strbuf k = kernel_begin(&test, NULL);
    ptl_strbuf_puts(&k, parts);
    load_x(&k, "%c0");
    product_at(&k, "%n");
    char *at = strstr(k.data, cases[i].old);
    assert_non_null(at);
    memcpy(at, cases[i].new, strlen(cases[i].new));
    kernel_end(&test, &k);
    assert_no_error(&test);
    assert_true(has_finding(&test, PTL_CODE_NOT_FOLLOWED));
  }
}

/* Nothing is proved of a vector tile whose address nobody knows. */
static void unknown_vector_place(void **state) {
  static const char kernel[] =
      "!v = !pto.tile_buf<vec, 16x64xi8>\nmodule {\n"
      "func.func @k(%xp: !pto.ptr<i8>, %at: i64) "
      "attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {\n"
      "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
      "%c16 = arith.constant 16 : index\n%c64 = arith.constant 64 : index\n"
      "%p0 = arith.constant 0 : i64\n"
      "%x = pto.make_tensor_view %xp, shape = [%c16, %c64], strides = [%c64, %c1] {layout = "
      "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
      "%part = pto.partition_view %x, offsets = [%c0, %c0], sizes = [%c16, %c64] : "
      "!pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
      "%far = pto.alloc_tile addr = %at : !v\n%near = pto.alloc_tile addr = %p0 : !v\n"
      "pto.tload ins(%part : !pto.partition_tensor_view<16x64xi8>) outs(%far : !v)\n"
      "pto.tstore ins(%near : !v) outs(%part : !pto.partition_tensor_view<16x64xi8>)\n"
      "return\n}\n}\n";
  (void)state;
  case_read(&test, (ptl_str){kernel, strlen(kernel)});
  assert_no_error(&test);
  assert_true(has_finding(&test, PTL_CODE_NOT_FOLLOWED));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(handed_on),      TEST(told_apart),           TEST(nested),  TEST(loaded_later),
      TEST(counted_once),   TEST(default_data),         TEST(columns), TEST(other_shape),
      TEST(unknown_places), TEST(unknown_vector_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
