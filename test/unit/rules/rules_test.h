/* What the tests of the rules share: a kernel with an operand of every kind, and judging what the
 * rules say of ops on them. */
#ifndef PTL_TEST_RULES_TEST_H
#define PTL_TEST_RULES_TEST_H

#include "kernel_test.h"

#include "rules/rules.h"

/* What every text may use. */
static const char rules_head[] =
    "!x = !pto.tile_buf<mat, 16x64xi8, blayout=col_major, slayout=row_major>\n"
    "!h = !pto.tile_buf<mat, 16x64xf16, blayout=col_major, slayout=row_major>\n"
    "!h32 = !pto.tile_buf<mat, 16x32xf16, blayout=col_major, slayout=row_major>\n"
    "!plain = !pto.tile_buf<mat, 16x64xi8, blayout=col_major>\n"
    "!l = !pto.tile_buf<left, 16x64xi8, slayout=row_major>\n"
    "!odd_l = !pto.tile_buf<left, 16x64xi8, slayout=col_major>\n"
    "!r = !pto.tile_buf<right, 64x64xi8, slayout=col_major>\n"
    "!odd_r = !pto.tile_buf<right, 64x64xi8, blayout=col_major, slayout=col_major>\n"
    "!w = !pto.tile_buf<mat, 64x64xi8, blayout=col_major, slayout=row_major>\n"
    "!acc = !pto.tile_buf<acc, 16x64xi32, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "!facc = !pto.tile_buf<acc, 16x64xf32, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "!hacc = !pto.tile_buf<acc, 16x64xf16, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "!nacc = !pto.tile_buf<acc, 16x32xi32, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "!wide = !pto.tile_buf<acc, 16x4096xi32, blayout=col_major, slayout=row_major, fractal=1024>\n"
    "!vec = !pto.tile_buf<vec, 16x64xf32>\n"
    "!v16 = !pto.tile_buf<vec, 16x64xf16>\n"
    "!boxes = !pto.tile_buf<vec, 16x64xf32, slayout=row_major>\n"
    "!dyn = !pto.tile_buf<loc=mat, dtype=i8, rows=16, cols=64, v_row=?, v_col=?, "
    "blayout=col_major, slayout=row_major, fractal=512, pad=0>\n"
    "!more = !pto.tile_buf<mat, 16x64xi8, valid=17x64, blayout=col_major, slayout=row_major>\n"
    "!bias = !pto.tile_buf<bias, 1x64xi32>\n"
    "!fbias = !pto.tile_buf<bias, 1x64xf32>\n"
    "!bias2 = !pto.tile_buf<bias, 2x64xi32>\n"
    "!scale = !pto.tile_buf<scaling, 1x64xf16>\n"
    "!pi8 = !pto.partition_tensor_view<16x64xi8>\n"
    "!pi32 = !pto.partition_tensor_view<16x64xi32>\n"
    "!pf32 = !pto.partition_tensor_view<16x64xf32>\n"
    "!pf16 = !pto.partition_tensor_view<16x64xf16>\n"
    "!few = !pto.partition_tensor_view<16x32xi32>\n"
    "!none = !pto.partition_tensor_view<0x64xi8>\n"
    "!p4096 = !pto.partition_tensor_view<16x4096xi32>\n"
    "!view = !pto.tensor_view<?x?xi8>\n";

static const char rules_arguments[] =
    "(%ptr: !pto.ptr<i8>, %fptr: !pto.ptr<f32>, %tv: !view, %n: index, %x: !x, %h: !h, %h32: !h32, "
    "%plain: !plain, %l: !l, %odd_l: !odd_l, %r: !r, %odd_r: !odd_r, %w: !w, %acc: !acc, "
    "%facc: !facc, %hacc: !hacc, %nacc: !nacc, %wide: !wide, %vec: !vec, %v16: !v16, "
    "%boxes: !boxes, %more: !more, %bias: !bias, %fbias: !fbias, %bias2: !bias2, %scale: !scale, "
    "%pi8: !pi8, %pi32: !pi32, %pf32: !pf32, %pf16: !pf16, %few: !few, %none: !none, "
    "%p4096: !p4096, %arg: !dyn, %s: i64)";

static const char rules_constants[] =
    "%c0 = arith.constant 0 : index\n%c1 = arith.constant 1 : index\n"
    "%c16 = arith.constant 16 : index\n%c17 = arith.constant 17 : index\n"
    "%c32 = arith.constant 32 : index\n%c64 = arith.constant 64 : index\n"
    "%m1 = arith.constant -1 : index\n"
    "%p0 = arith.constant 0 : i64\n%p8 = arith.constant 8 : i64\n"
    "%p32 = arith.constant 32 : i64\n%pm = arith.constant -32 : i64\n%b = arith.constant 0 : i32\n";

typedef struct rule_case {
  const char *body;
  const char *says; /* words of what is wrong; NULL: nothing */
} rule_case;

typedef struct told {
  const ptl_op *op;
  const ptl_op *other;
  const char *text;
  int count;
} told;

static inline void listen(void *user, const ptl_op *op, const ptl_op *other, const char *text) {
  told *t = user;
  if (t->count++ == 0) {
    t->op = op;
    t->other = other;
    t->text = text;
  }
}

static inline void hear_nothing(void *user, ptl_walk *walk, const ptl_event *event) {
  (void)user;
  (void)walk;
  (void)event;
}

static inline told rules_of_text(kernel_case *test, const char *kind, const char *body) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &test->arena);
  ptl_strbuf_printf(&text, "%smodule {\nfunc.func @k%s %s{\n%s%s\nreturn\n}\n}\n", rules_head,
                    rules_arguments, kind, rules_constants, body);
  case_read(test, (ptl_str){text.data, text.length});
  told result = {.count = 0};
  ptl_exprs exprs;
  ptl_noted noted;
  ptl_exprs_init(&exprs, &test->arena);
  assert_int_equal(ptl_walk_run_noting(&test->arena, test->kernel, test->target, PTL_WALK_RUN,
                                       &exprs, hear_nothing, NULL, &noted),
                   PTL_OK);
  ptl_rules_check(&test->arena, test->kernel, test->target, &noted, listen, &result);
  return result;
}

#define IN_CUBE "attributes {pto.kernel_kind = #pto.kernel_kind<cube>} "
#define IN_VECTOR "attributes {pto.kernel_kind = #pto.kernel_kind<vector>} "

static inline void judge(const char *target, const char *kind, const rule_case *cases,
                         size_t count) {
  kernel_case test;
  case_open(&test);
  test.target = ptl_target_find(target);
  int wrong = 0;
  for (size_t i = 0; i < count; i++) {
    told t = rules_of_text(&test, kind, cases[i].body);
    bool fits = cases[i].says ? t.count > 0 && strstr(t.text, cases[i].says) : t.count == 0;
    if (!fits) {
      print_error("%s\n  wanted: %s\n  found:  %s\n", cases[i].body,
                  cases[i].says ? cases[i].says : "nothing", t.count > 0 ? t.text : "nothing");
      wrong++;
    }
  }
  case_close(&test);
  assert_int_equal(wrong, 0);
}

#define JUDGE(target, kind, cases) judge(target, kind, cases, sizeof(cases) / sizeof((cases)[0]))

#endif
