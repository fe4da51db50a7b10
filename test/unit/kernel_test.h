/* What the tests of the walk, and of all that listens to it, share: small kernels in pypto's style,
 * written statement by statement, read and decoded.
 *
 * Every kernel has x (16 x 256), and weights a and b (256 x 512), i8; results g and u
 * (16 x 512, i32); and integers n, m. Tiles: x_mat, w_mat, v_mat (a second one), left, right,
 * g_acc, u_acc. K chunks are 64 long, N tiles 64 wide.
 */
#ifndef PTL_TEST_KERNEL_TEST_H
#define PTL_TEST_KERNEL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "asm/asm.h"
#include "check/check.h"
#include "ir/session.h"
#include "summary/cost.h"
#include "summary/survey.h"

typedef struct kernel_case {
  ptl_arena arena;
  ptl_diags diags;
  MlirContext context;
  MlirModule module;
  ptl_kernel *kernel;
  const ptl_target *target;
} kernel_case;

static const char kernel_head[] =
    "!x = !pto.tile_buf<mat, 16x64xi8, blayout=col_major, slayout=row_major>\n"
    "!w = !pto.tile_buf<mat, 64x64xi8, blayout=col_major, slayout=row_major>\n"
    "!wt = !pto.tile_buf<mat, 64x64xi8, slayout=col_major>\n"
    "!l = !pto.tile_buf<left, 16x64xi8, slayout=row_major>\n"
    "!r = !pto.tile_buf<right, 64x64xi8, slayout=col_major>\n"
    "!acc = !pto.tile_buf<acc, 16x64xi32, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "module attributes {pto.target_arch = \"a2a3\"} {\n"
    "func.func @k(%xp: !pto.ptr<i8>, %ap: !pto.ptr<i8>, %bp: !pto.ptr<i8>, %gp: !pto.ptr<i32>, "
    "%up: !pto.ptr<i32>, %n: index, %m: index, %flag: i1) "
    "attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {\n"
    "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
    "%c2 = arith.constant 2 : index\n%c3 = arith.constant 3 : index\n"
    "%c4 = arith.constant 4 : index\n"
    "%c16 = arith.constant 16 : index\n%c64 = arith.constant 64 : index\n"
    "%c128 = arith.constant 128 : index\n%c192 = arith.constant 192 : index\n"
    "%c256 = arith.constant 256 : index\n%c512 = arith.constant 512 : index\n"
    "%p0 = arith.constant 0 : i64\n%p4096 = arith.constant 4096 : i64\n"
    "%p8192 = arith.constant 8192 : i64\n%p65536 = arith.constant 65536 : i64\n";

static const char kernel_views[] =
    "%x = pto.make_tensor_view %xp, shape = [%c16, %c256], strides = [%c256, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
    "%a = pto.make_tensor_view %ap, shape = [%c256, %c512], strides = [%c512, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
    "%b = pto.make_tensor_view %bp, shape = [%c256, %c512], strides = [%c512, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xi8>\n"
    "%g = pto.make_tensor_view %gp, shape = [%c16, %c512], strides = [%c512, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n"
    "%u = pto.make_tensor_view %up, shape = [%c16, %c512], strides = [%c512, %c1] {layout = "
    "#pto.layout<nd>} : !pto.tensor_view<?x?xi32>\n";

static const char kernel_tiles[] =
    "%w_mat = pto.alloc_tile addr = %p0 : !w\n%v_mat = pto.alloc_tile addr = %p4096 : !w\n"
    "%x_mat = pto.alloc_tile addr = %p8192 : !x\n"
    "%left = pto.alloc_tile addr = %p0 : !l\n%right = pto.alloc_tile addr = %p0 : !r\n"
    "%g_acc = pto.alloc_tile addr = %p0 : !acc\n%u_acc = pto.alloc_tile addr = %p8192 : !acc\n";

/* ---- statements --------------------------------------------------------- */

/* x_mat = x[0:16, k:k+64]. `at` is an SSA name, as in "%c64". */
static inline void load_x(ptl_strbuf *out, const char *k) {
  static int number;
  ptl_strbuf_printf(out,
                    "%%x_part%d = pto.partition_view %%x, offsets = [%%c0, %s], sizes = [%%c16, "
                    "%%c64] : !pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<16x64xi8>\n"
                    "pto.tload ins(%%x_part%d : !pto.partition_tensor_view<16x64xi8>) "
                    "outs(%%x_mat : !x)\n",
                    number, k, number);
  number++;
}

/* tile = view[row:row+64, col:col+64] */
static inline void load_w(ptl_strbuf *out, const char *tile, const char *view, const char *row,
                          const char *col) {
  static int number;
  ptl_strbuf_printf(out,
                    "%%w_part%d = pto.partition_view %s, offsets = [%s, %s], sizes = [%%c64, "
                    "%%c64] : !pto.tensor_view<?x?xi8> -> !pto.partition_tensor_view<64x64xi8>\n"
                    "pto.tload ins(%%w_part%d : !pto.partition_tensor_view<64x64xi8>) "
                    "outs(%s : !w)\n",
                    number, view, row, col, number, tile);
  number++;
}

static inline void move_x(ptl_strbuf *out) {
  ptl_strbuf_puts(out, "pto.tmov ins(%x_mat : !x) outs(%left : !l)\n");
}

static inline void move_w(ptl_strbuf *out, const char *tile) {
  ptl_strbuf_printf(out, "pto.tmov ins(%s : !w) outs(%%right : !r)\n", tile);
}

static inline void matmul(ptl_strbuf *out, const char *acc) {
  ptl_strbuf_printf(out, "pto.tmatmul ins(%%left, %%right : !l, !r) outs(%s : !acc)\n", acc);
}

static inline void matmul_acc(ptl_strbuf *out, const char *acc) {
  ptl_strbuf_printf(
      out, "pto.tmatmul.acc ins(%s, %%left, %%right : !acc, !l, !r) outs(%s : !acc)\n", acc, acc);
}

/* view[0:16, col:col+64] = acc */
static inline void store(ptl_strbuf *out, const char *acc, const char *view, const char *col) {
  static int number;
  ptl_strbuf_printf(out,
                    "%%out%d = pto.partition_view %s, offsets = [%%c0, %s], sizes = [%%c16, %%c64] "
                    ": !pto.tensor_view<?x?xi32> -> !pto.partition_tensor_view<16x64xi32>\n"
                    "pto.tstore ins(%s : !acc) outs(%%out%d : "
                    "!pto.partition_tensor_view<16x64xi32>)\n",
                    number, view, col, acc, number);
  number++;
}

/* One chunk of acc (+)= x[:, k] * view[k, col], through w_mat. */
static inline void chunk(ptl_strbuf *out, const char *acc, const char *view, const char *k,
                         const char *col, bool starts) {
  load_x(out, k);
  load_w(out, "%w_mat", view, k, col);
  move_x(out);
  move_w(out, "%w_mat");
  (starts ? matmul : matmul_acc)(out, acc);
}

/* acc = x * view[:, col] over K from 0 to 128, unrolled. */
static inline void product_of_two(ptl_strbuf *out, const char *acc, const char *view,
                                  const char *col) {
  chunk(out, acc, view, "%c0", col, true);
  chunk(out, acc, view, "%c64", col, false);
}

/* ---- reading ------------------------------------------------------------ */

static inline void case_open(kernel_case *test) {
  memset(test, 0, sizeof(*test));
  ptl_arena_init(&test->arena);
  ptl_diags_init(&test->diags, &test->arena);
  test->context = ptl_context_create();
  test->target = ptl_target_find("a2a3");
}

static inline void case_drop(kernel_case *test) {
  if (!mlirModuleIsNull(test->module)) {
    mlirModuleDestroy(test->module);
  }
  test->module = (MlirModule){NULL};
}

static inline void case_close(kernel_case *test) {
  case_drop(test);
  mlirContextDestroy(test->context);
  ptl_arena_free(&test->arena);
}

/* Reads a module and decodes its first function. */
static inline void case_read(kernel_case *test, ptl_str text) {
  ptl_asm_text read;
  case_drop(test);
  ptl_diags_init(&test->diags, &test->arena);
  assert_int_equal(ptl_asm_read(&test->arena, text, "k.pto", &test->diags, &read), PTL_OK);
  test->module =
      mlirModuleCreateParse(test->context, mlirStringRefCreate(read.mlir.data, read.mlir.length));
  if (mlirModuleIsNull(test->module)) {
    print_error("%.*s\n", (int)text.length, text.data);
  }
  assert_false(mlirModuleIsNull(test->module));
  MlirOperation func = mlirBlockGetFirstOperation(mlirModuleGetBody(test->module));
  for (size_t i = 0; i < test->diags.count; i++) {
    print_error("%d:%d: %s\n", test->diags.items[i].loc.line, test->diags.items[i].loc.column,
                test->diags.items[i].text);
  }
  assert_int_equal(test->diags.count, 0);
  test->kernel = ptl_kernel_decode(&test->arena, func);
}

/* Begins a kernel whose statements are to follow; `tiles` NULL: the ones of every kernel. */
static inline ptl_strbuf kernel_begin(kernel_case *test, const char *tiles) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test->arena);
  ptl_strbuf_puts(&text, kernel_head);
  ptl_strbuf_puts(&text, kernel_views);
  ptl_strbuf_puts(&text, tiles ? tiles : kernel_tiles);
  return text;
}

static inline void kernel_end(kernel_case *test, ptl_strbuf *text) {
  ptl_strbuf_puts(text, "return\n}\n}\n");
  case_read(test, (ptl_str){text->data, text->length});
}

/* ---- judging ------------------------------------------------------------ */

static inline ptl_products products_of(kernel_case *test) {
  ptl_exprs *exprs = ptl_arena_alloc(&test->arena, sizeof(*exprs));
  ptl_exprs_init(exprs, &test->arena);
  return ptl_kernel_survey(&test->arena, test->kernel, test->target, exprs).products;
}

static inline const char *text_of_effects(kernel_case *test, const ptl_effects *effects) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test->arena);
  ptl_strbuf_puts(&text, effects->is_complete ? "" : "?\n");
  for (int i = 0; i < effects->count; i++) {
    ptl_strbuf_printf(&text, "%s\n", effects->lines[i]);
  }
  return text.data;
}

/* What a check hears of a kernel that it goes through straight is what the kernel does. */
static inline void check_hears(kernel_case *test, const char *text) {
  ptl_describer *describer = ptl_describer_new(&test->arena, test->kernel);
  ptl_findings findings = ptl_check_heard(&test->arena, test->kernel, test->target,
                                          ptl_describer_listen_to_run, describer);
  bool is_straight = !findings.is_long && ptl_describer_went_straight(describer);
  ptl_effects heard = ptl_describer_end(describer, PTL_OK);
  if (is_straight && heard.is_complete) {
    assert_string_equal(text_of_effects(test, &heard), text);
  }
}

/* The kernel's effects in one text; "?" in front if they are not complete. They are the same alone
 * as beside its products. */
static inline const char *effects_of(kernel_case *test) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, &test->arena);
  ptl_survey survey = ptl_kernel_survey(&test->arena, test->kernel, test->target, &exprs);
  ptl_effects alone = ptl_kernel_effects(&test->arena, test->kernel, test->target);
  const char *text = text_of_effects(test, &alone);
  assert_string_equal(text_of_effects(test, &survey.effects), text);
  check_hears(test, text);
  return text;
}

static inline ptl_findings findings_of(kernel_case *test) {
  return ptl_check_kernel(&test->arena, test->kernel, test->target);
}

static inline bool has_finding(kernel_case *test, ptl_code fault) {
  ptl_findings findings = findings_of(test);
  for (int i = 0; i < findings.count; i++) {
    if (findings.items[i].fault == fault) {
      return true;
    }
  }
  return false;
}

/* Nothing is called wrong; there may be warnings, and it may be that not all of it is followed. */
static inline void assert_no_error(kernel_case *test) {
  ptl_findings findings = findings_of(test);
  for (int i = 0; i < findings.count; i++) {
    ptl_code fault = findings.items[i].fault;
    if (ptl_fault_is_error(fault) && fault != PTL_CODE_PARTIAL_OVERLAP &&
        fault != PTL_CODE_EVENT_IDS) {
      fail_msg("fault %d: %s", fault, findings.items[i].text);
    }
  }
}

static inline void assert_sound(kernel_case *test) {
  ptl_findings findings = findings_of(test);
  for (int i = 0; i < findings.count; i++) {
    print_error("fault %d: %s\n", findings.items[i].fault, findings.items[i].text);
  }
  assert_int_equal(findings.count, 0);
}

#endif
