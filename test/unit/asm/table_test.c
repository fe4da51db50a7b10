/* Every row of the op table is tried with all of its optional parts and with none:
 * the statement is made from the row, read, parsed and written. */
#include "asm_test.h"

#include "asm/syntax.h"

static const char tile[] =
    "!pto.tile_buf<loc=vec, dtype=f32, rows=16, cols=16, v_row=16, v_col=16, blayout=row_major, "
    "slayout=none_box, fractal=512, pad=0>";

static void rows_are_sorted_and_found(void **state) {
  (void)state;
  for (int id = 1; id < PTL_OP_ID_COUNT; id++) {
    const ptl_op_row *row = &ptl_op_table[id];
    assert_true(strcmp(ptl_op_table[id - 1].name, row->name) < 0);
    assert_int_equal(ptl_op_find(ptl_str_of(row->name)), id);
    if (row->also) {
      assert_int_equal(ptl_op_find(ptl_str_of(row->also)), id);
    }
  }
  assert_int_equal(ptl_op_find(ptl_str_of("pto.tfly")), PTL_NO_OP);
  assert_int_equal(ptl_op_find(ptl_str_of("tload")), PTL_NO_OP);
  assert_int_equal(ptl_op_find(ptl_str_of("pto.")), PTL_NO_OP);
  assert_int_equal(ptl_op_find(ptl_str_of("")), PTL_NO_OP);
  assert_int_equal(ptl_op_find(ptl_str_of("math.exp")), PTL_ANY_MATH);
}

/* What a row says fits together. */
static void rows_are_sound(void **state) {
  (void)state;
  for (int id = 1; id < PTL_OP_ID_COUNT; id++) {
    const ptl_op_row *row = &ptl_op_table[id];
    bool is_pto = strncmp(row->name, "pto.", 4) == 0;
    assert_int_equal(row->syntax != NULL, is_pto);
    assert_true(row->form == PTL_FORM_GENERIC || !is_pto);
    assert_true(row->until == 0 || row->since <= row->until);
    assert_true(row->also_since == 0 || (row->also && row->until < row->also_since));
    assert_true(!row->may_in_registers || row->apart != 0);
    /* an output that an op keeps apart is one that it writes */
    assert_true(row->apart == 0 || strstr(row->syntax, "outs("));
    assert_true(row->act == PTL_PIPE_NONE || row->rules != PTL_RULES_NONE);
  }
}

static ptl_op_absence absence(ptl_op_id id, const char *name, int major, int minor) {
  ptl_version with;
  return ptl_op_missing(&ptl_op_table[id], ptl_str_of(name), (ptl_version){major, minor}, &with);
}

static void knows_which_ptoas_has_an_op(void **state) {
  (void)state;
  assert_int_equal(absence(PTL_PTO_TLOAD, "pto.tload", 0, 1), PTL_OP_NOT_MISSING);
  assert_int_equal(absence(PTL_PTO_PTRTOINT, "pto.ptrtoint", 0, 27), PTL_OP_NOT_YET);
  assert_int_equal(absence(PTL_PTO_PTRTOINT, "pto.ptrtoint", 0, 28), PTL_OP_NOT_MISSING);
  assert_int_equal(absence(PTL_PTO_TPACK, "pto.tpack", 0, 47), PTL_OP_NOT_MISSING);
  assert_int_equal(absence(PTL_PTO_TPACK, "pto.tpack", 0, 48), PTL_OP_NO_LONGER);
  assert_int_equal(absence(PTL_PTO_TPACK, "pto.tpack", 1, 0), PTL_OP_NO_LONGER);
  assert_int_equal(absence(PTL_PTO_TADDRELU, "pto.taddrelu", 0, 48), PTL_OP_NOT_YET);
  assert_int_equal(absence(PTL_PTO_LOAD_SCALAR, "pto.load_scalar", 0, 63), PTL_OP_NOT_MISSING);
  assert_int_equal(absence(PTL_PTO_LOAD_SCALAR, "pto.load_scalar", 0, 64), PTL_OP_NO_LONGER);
  assert_int_equal(absence(PTL_PTO_LOAD_SCALAR, "pto.load", 0, 63), PTL_OP_NOT_YET);
  assert_int_equal(absence(PTL_PTO_LOAD_SCALAR, "pto.load", 0, 64), PTL_OP_NOT_MISSING);
}

static const char *value_of(ptl_str type) {
  return ptl_str_is(type, "index") ? "%i"
         : ptl_str_is(type, "i64") ? "%l"
         : ptl_str_is(type, "ptr") ? "%p"
                                   : "%t";
}

/* It goes by the place in the table, which must hold its ops alone and all of them. */
static void arith_is_known_by_its_place(void **state) {
  (void)state;
  for (int id = PTL_NO_OP + 1; id < PTL_OP_ID_COUNT; id++) {
    bool is_named = ptl_str_starts_with(ptl_str_of(ptl_op_table[id].name), "arith.");
    assert_int_equal(ptl_op_is_arith(id), is_named);
  }
  assert_true(ptl_op_is_arith(ptl_op_find(ptl_str_of("arith.no_row"))));
  assert_false(ptl_op_is_arith(PTL_NO_OP));
}

static void add_list(ptl_strbuf *out, ptl_str list, bool full) {
  const char *dict = "";
  int count = 0;
  for (;;) {
    ptl_syntax_item item = ptl_syntax_next_in_list(&list);
    if (item.kind == PTL_SYN_END) {
      break;
    }
    if (item.kind == PTL_SYN_DICT) {
      dict = full ? " {extra = 1 : i32}" : "";
    } else if (item.mark == 0 || item.mark == '*' || full) {
      ptl_strbuf_puts(out, count++ > 0 ? ", %t" : "%t");
    }
  }
  ptl_strbuf_puts(out, dict);
  for (int i = 0; i < count; i++) {
    ptl_strbuf_printf(out, "%s%s", i == 0 ? " : " : ", ", tile);
  }
}

static void add_dict(ptl_strbuf *out, ptl_str names) {
  ptl_strbuf_puts(out, " {");
  for (size_t i = 0; i < names.length; i++) {
    ptl_strbuf_add(out, names.data + i, 1);
    if (i + 1 == names.length || names.data[i + 1] == ',') {
      ptl_strbuf_puts(out, " = 3");
    }
  }
  ptl_strbuf_puts(out, names.length == 0 ? "other = \"}>\"}" : "}");
}

static bool is_group(const ptl_op_row *row, ptl_str name) {
  ptl_op_layout layout = ptl_op_layout_of(row);
  return ptl_op_group(&layout, name) >= 0;
}

/* One item as text; results go to `results`. */
static void add_syntax(ptl_strbuf *out, const ptl_op_row *row, ptl_str syntax, bool full,
                       int *results) {
  for (;;) {
    ptl_syntax_item item = ptl_syntax_next(&syntax);
    switch (item.kind) {
    case PTL_SYN_LITERAL:
      ptl_strbuf_puts(out, " ");
      ptl_strbuf_add_str(out, item.text);
      break;
    case PTL_SYN_COMMA:
      ptl_strbuf_puts(out, out->data[out->length - 1] == '(' ? "" : ",");
      break;
    case PTL_SYN_OPERAND:
      ptl_strbuf_printf(out, " %s", value_of(item.type));
      if (item.mark == '*' && full) {
        ptl_strbuf_printf(out, ", %s", value_of(item.type));
      }
      break;
    case PTL_SYN_LIST:
      add_list(out, item.text, full);
      break;
    case PTL_SYN_TYPE:
      ptl_strbuf_printf(out, " %s", ptl_str_is(item.text, "group") && full ? tile : "");
      ptl_strbuf_printf(out, "%s%s", ptl_str_is(item.text, "group") && full ? ", " : "", tile);
      *results += !is_group(row, item.text);
      break;
    case PTL_SYN_ATTR:
      ptl_strbuf_puts(out, item.type.length > 0 ? " <X>" : " [7]");
      break;
    case PTL_SYN_DICT:
      if (full) {
        add_dict(out, item.text);
      }
      break;
    case PTL_SYN_MAYBE:
      if (full) {
        add_syntax(out, row, item.text, full, results);
      }
      break;
    case PTL_SYN_BODY:
      ptl_strbuf_puts(out, " {\n %c = arith.constant 1 : i32\n }");
      break;
    case PTL_SYN_IMPLIED:
      *results += 1;
      break;
    case PTL_SYN_END:
      return;
    }
  }
}

static ptl_str statement_of(asm_case *test, const ptl_op_row *row, const char *name, bool full) {
  ptl_strbuf op;
  ptl_strbuf text;
  int results = 0;
  ptl_strbuf_init(&op, &test->arena);
  ptl_strbuf_init(&text, &test->arena);
  ptl_strbuf_puts(&op, name);
  add_syntax(&op, row, ptl_str_of(row->syntax), full, &results);
  ptl_strbuf_printf(&text, "func.func @f(%%i: index, %%l: i64, %%p: !pto.ptr<f32>, %%t: %s) {\n",
                    tile);
  ptl_strbuf_printf(&text, "  %s%s\n  return\n}\n",
                    results == 0   ? ""
                    : results == 1 ? "%r = "
                                   : "%r:2 = ",
                    op.data);
  return (ptl_str){text.data, text.length};
}

static void check_statement(asm_case *test, const ptl_op_row *row, const char *name, bool full) {
  ptl_str source = statement_of(test, row, name, full);
  assert_int_equal(case_read(test, source), PTL_OK);
  if (mlirModuleIsNull(test->module)) {
    print_error("%s\nbecame\n%s\n", source.data, test->text.mlir.data);
    fail();
  }
  rewrite_counts counts = check_round_trip(test, source);
  const char *written = strstr(test->source.data, name);
  bool is_name = written && written[strlen(name)] != '_' && written[strlen(name)] != '.';
  if (counts.functions != 1 || counts.opaque != 0 || !is_name ||
      strstr(test->source.data, "\"pto.")) {
    print_error("%s\n%s\n", source.data, test->source.data);
    fail();
  }
}

/* Under the name that it was read by. */
static void every_row_is_read_and_written(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  for (int id = 0; id < PTL_OP_ID_COUNT; id++) {
    const ptl_op_row *row = &ptl_op_table[id];
    for (int full = 0; row->syntax && full < 2; full++) {
      check_statement(&test, row, row->name, full == 1);
      if (row->also) {
        check_statement(&test, row, row->also, full == 1);
      }
    }
  }
  case_close(&test);
}

static void check_nearest(const char *name, const char *nearest) {
  ptl_str found = ptl_op_nearest(ptl_str_of(name));
  assert_int_equal(found.length, strlen(nearest));
  assert_memory_equal(found.data ? found.data : "", nearest, found.length);
}

static void misspelt_ops_have_a_neighbour(void **state) {
  (void)state;
  check_nearest("pto.tlaod", "tload");      /* two letters changed places */
  check_nearest("pto.tlod", "tload");       /* one is missing */
  check_nearest("pto.tmatmull", "tmatmul"); /* one too many */
  check_nearest("pto.TSTORE", "tstore");    /* capitals */
  check_nearest("pto.tmatmul_acc", "tmatmul.acc");
  check_nearest("pto.mte_gm_l2", "mte_gm_l1"); /* one without a row */
  check_nearest("pto.tfly", "");
  check_nearest("pto.", "");
  check_nearest("pto.a_name_that_is_longer_than_that_of_any_op_that_there_is", "");
  assert_true(ptl_op_exists(ptl_str_of("pto.tload")));
  assert_true(ptl_op_exists(ptl_str_of("pto.vadd")));
  assert_true(ptl_op_exists(ptl_str_of("pto.vmi.addf")));
  assert_false(ptl_op_exists(ptl_str_of("pto.vad")));
  assert_false(ptl_op_exists(ptl_str_of("pto.")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_sorted_and_found),
      cmocka_unit_test(rows_are_sound),
      cmocka_unit_test(arith_is_known_by_its_place),
      cmocka_unit_test(knows_which_ptoas_has_an_op),
      cmocka_unit_test(every_row_is_read_and_written),
      cmocka_unit_test(misspelt_ops_have_a_neighbour),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
