#include "asm_test.h"

static const char long_form[] =
    "!pto.tile_buf<loc=mat, dtype=i8, rows=16, cols=512, v_row=?, v_col=512, blayout=col_major, "
    "slayout=row_major, fractal=512, pad=0>";

static void reads_the_long_spelling(void **state) {
  (void)state;
  ptl_tile_type type;
  assert_true(ptl_tile_type_parse(ptl_str_of(long_form), &type));
  assert_int_equal(type.space, PTL_SPACE_MAT);
  assert_int_equal(type.elem, PTL_ELEM_I8);
  assert_int_equal(type.rows, 16);
  assert_int_equal(type.cols, 512);
  assert_int_equal(type.valid_rows, -1);
  assert_int_equal(type.valid_cols, 512);
  assert_true(type.blayout_col_major);
  assert_int_equal(type.slayout, PTL_SLAYOUT_ROW);
  assert_int_equal(type.fractal, 512);
  assert_int_equal(type.compact, 0);
}

static void reads_the_compact_spelling(void **state) {
  (void)state;
  ptl_tile_type type;
  assert_true(
      ptl_tile_type_parse(ptl_str_of("!pto.tile_buf<acc, 16x256xi32, valid=?x?, blayout=col_major, "
                                     "slayout=row_major, fractal=1024, compact=1>"),
                          &type));
  assert_int_equal(type.space, PTL_SPACE_ACC);
  assert_int_equal(type.elem, PTL_ELEM_I32);
  assert_int_equal(type.valid_rows, -1);
  assert_int_equal(type.fractal, 1024);
  assert_int_equal(type.compact, 1);
  assert_true(ptl_tile_type_parse(ptl_str_of("!pto.tile_buf<vec, 5x64xbf16>"), &type));
  assert_int_equal(type.valid_rows, 5);
  assert_int_equal(type.valid_cols, 64);
  assert_false(type.blayout_col_major);
  assert_int_equal(type.slayout, PTL_SLAYOUT_NONE);
  assert_int_equal(type.fractal, 512);
}

static void prints_what_it_read(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_strbuf text;
  ptl_tile_type type;
  ptl_arena_init(&arena);
  ptl_strbuf_init(&text, &arena);
  assert_true(ptl_tile_type_parse(ptl_str_of(long_form), &type));
  ptl_tile_type_print(&type, &text);
  assert_string_equal(text.data, long_form);
  ptl_arena_free(&arena);
}

static void refuses_what_is_no_tile(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      "i8",
                                      "!pto.tile_buf<",
                                      "!pto.tile_buf<mat>",
                                      "!pto.tile_buf<moon, 16x16xi8>",
                                      "!pto.tile_buf<mat, 16x16xi9>",
                                      "!pto.tile_buf<mat, 0x16xi8>",
                                      "!pto.tile_buf<mat, 16x16xi8> ",
                                      "!pto.tile_buf<mat, 16x16xi8>>",
                                      "!pto.tile_buf<mat, 16x16xi8, what=1>",
                                      "!pto.tile_buf<mat, 99999999999999999999x1xi8>"};
  ptl_tile_type type;
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    bool blank_end = i == 7;
    assert_int_equal(ptl_tile_type_parse(ptl_str_of(texts[i]), &type), blank_end);
  }
}

static void reads_views(void **state) {
  (void)state;
  ptl_view_type view;
  assert_true(ptl_view_type_parse(ptl_str_of("!pto.tensor_view<?x17408xi8>"), &view));
  assert_false(view.is_partition);
  assert_int_equal(view.rank, 2);
  assert_int_equal(view.extents[0], -1);
  assert_int_equal(view.extents[1], 17408);
  assert_int_equal(view.elem, PTL_ELEM_I8);
  assert_true(ptl_view_type_parse(ptl_str_of("!pto.partition_tensor_view<16xf32>"), &view));
  assert_true(view.is_partition);
  assert_int_equal(view.rank, 1);
  assert_false(ptl_view_type_parse(ptl_str_of("!pto.tensor_view<1x2x3xi8>"), &view));
  assert_false(ptl_view_type_parse(ptl_str_of("!pto.tensor_view<i8>"), &view));
  assert_false(ptl_view_type_parse(ptl_str_of("!pto.ptr<i8>"), &view));
}

/* What the rules ask of types that the cube does not know. */
static void reads_any_element(void **state) {
  (void)state;
  ptl_view_shape view;
  assert_true(ptl_view_shape_parse(ptl_str_of("!pto.tensor_view<1x2x?x4x!pto.hif8, nd>"), &view));
  assert_int_equal(view.rank, 4);
  assert_int_equal(view.extents[2], -1);
  assert_true(ptl_str_is(view.elem, "!pto.hif8"));
  assert_false(ptl_view_shape_parse(ptl_str_of("!pto.tensor_view<f8E4M3FN>"), &view));
  assert_false(ptl_view_shape_parse(ptl_str_of("!pto.tensor_view<1x1x1x1x1x1x1x1x1xi8>"), &view));
  ptl_tile_type tile;
  ptl_str elem;
  assert_true(ptl_tile_shape_parse(ptl_str_of("!pto.tile_buf<vec, 8x64xf8E4M3FN>"), &tile, &elem));
  assert_true(ptl_str_is(elem, "f8E4M3FN"));
  assert_int_equal(tile.elem, PTL_ELEM_NONE);
  assert_false(ptl_tile_type_parse(ptl_str_of("!pto.tile_buf<vec, 8x64xf8E4M3FN>"), &tile));
  assert_true(ptl_str_is(ptl_ptr_elem(ptl_str_of("!pto.ptr<!pto.hif8, gm>")), "!pto.hif8"));
  assert_int_equal(ptl_ptr_elem(ptl_str_of("index")).length, 0);
}

static void reads_pointers(void **state) {
  (void)state;
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("!pto.ptr<bf16>")), PTL_ELEM_BF16);
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("!pto.ptr<i8, gm>")), PTL_ELEM_I8);
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("!pto.ptr<i64>")), PTL_ELEM_I64);
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("!pto.ptr<f64>")), PTL_ELEM_NONE);
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("!pto.ptr<i8,>")), PTL_ELEM_NONE);
  assert_int_equal(ptl_ptr_type_parse(ptl_str_of("index")), PTL_ELEM_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_the_long_spelling),
      cmocka_unit_test(reads_the_compact_spelling),
      cmocka_unit_test(prints_what_it_read),
      cmocka_unit_test(refuses_what_is_no_tile),
      cmocka_unit_test(reads_views),
      cmocka_unit_test(reads_any_element),
      cmocka_unit_test(reads_pointers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
