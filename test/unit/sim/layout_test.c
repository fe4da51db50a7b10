/* Layouts of tiles against the formulas of the chip's documents, written out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/layout.h"

static ptl_tile_type tile(ptl_space space, ptl_elem elem, int64_t rows, int64_t cols) {
  ptl_tile_type type = {.space = space,
                        .elem = elem,
                        .rows = rows,
                        .cols = cols,
                        .valid_rows = rows,
                        .valid_cols = cols,
                        .blayout_col_major = true,
                        .slayout = PTL_SLAYOUT_ROW,
                        .fractal = 512};
  return type;
}

static const ptl_target *a3(void) { return ptl_target_find("a2a3"); }
static const ptl_target *a5(void) { return ptl_target_find("a5"); }

/* Every element's offset, in bytes. */
typedef int64_t formula(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size);

static void check(const ptl_tile_type *type, const ptl_target *target, formula *expected) {
  ptl_sim_layout layout = ptl_sim_layout_of(type, target);
  int64_t size = ptl_elem_bytes(type->elem);
  for (int64_t r = 0; r < type->rows; r++) {
    for (int64_t c = 0; c < type->cols; c++) {
      assert_int_equal(ptl_sim_offset(&layout, r, c),
                       expected(r, c, type->rows, type->cols, size) * size);
    }
  }
}

static int64_t up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/* Column blocks of 32 bytes, in each all rows, padded to 16. */
static int64_t nz(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  int64_t width = 32 / size;
  (void)cols;
  return c / width * width * up(rows, 16) + r * width + c % width;
}

/* Rows of blocks; in a block rows of 32 bytes. */
static int64_t zz(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  int64_t width = 32 / size;
  (void)rows;
  return r / 16 * 16 * up(cols, width) + c / width * 16 * width + r % 16 * width + c % width;
}

/* Rows of blocks of 32 bytes of K by 16 columns; in a block columns. */
static int64_t zn(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  int64_t height = 32 / size;
  (void)rows;
  return r / height * height * up(cols, 16) + c / 16 * 16 * height + c % 16 * height + r % height;
}

static int64_t acc(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  (void)cols, (void)size;
  return c / 16 * 16 * up(rows, 16) + r * 16 + c % 16;
}

static int64_t plain_rows(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  (void)rows, (void)size;
  return r * cols + c;
}

static int64_t plain_cols(int64_t r, int64_t c, int64_t rows, int64_t cols, int64_t size) {
  (void)cols, (void)size;
  return c * rows + r;
}

static const ptl_elem elems[] = {PTL_ELEM_I8, PTL_ELEM_BF16, PTL_ELEM_F32};
static const int64_t extents[][2] = {{16, 32}, {48, 64}, {5, 40}, {33, 96}};

static void mat_left_and_right(void **state) {
  (void)state;
  for (size_t e = 0; e < 3; e++) {
    for (size_t i = 0; i < 4; i++) {
      ptl_tile_type mat = tile(PTL_SPACE_MAT, elems[e], extents[i][0], extents[i][1]);
      check(&mat, a3(), nz);
      ptl_tile_type turned = mat;
      turned.blayout_col_major = false;
      turned.slayout = PTL_SLAYOUT_COL;
      check(&turned, a3(), zn);
      ptl_tile_type left = tile(PTL_SPACE_LEFT, elems[e], extents[i][0], extents[i][1]);
      check(&left, a3(), zz); /* whatever is written */
      check(&left, a5(), nz);
      left.blayout_col_major = false;
      check(&left, a5(), nz);
      ptl_tile_type right = tile(PTL_SPACE_RIGHT, elems[e], extents[i][0], extents[i][1]);
      check(&right, a3(), zn);
      check(&right, a5(), zn);
    }
  }
}

static void accumulators(void **state) {
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    ptl_tile_type type = tile(PTL_SPACE_ACC, PTL_ELEM_I32, extents[i][0], extents[i][1]);
    check(&type, a3(), acc);
    check(&type, a5(), acc);
    type.elem = PTL_ELEM_F32;
    check(&type, a3(), acc);
  }
  /* More is kept free than is written. */
  ptl_tile_type low = tile(PTL_SPACE_ACC, PTL_ELEM_I32, 16, 256);
  assert_int_equal(ptl_sim_layout_of(&low, a3()).bytes, 32768);
  assert_int_equal(ptl_sim_layout_of(&low, a5()).bytes, 16384);
}

/* Another pitch moves whole columns (rows, of a2a3's Left) of boxes. */
static void pitches(void **state) {
  (void)state;
  static const ptl_space spaces[] = {PTL_SPACE_LEFT, PTL_SPACE_RIGHT, PTL_SPACE_ACC};
  static formula *const formulas[] = {zz, zn, acc};
  for (size_t i = 0; i < 3; i++) {
    ptl_tile_type wide = tile(spaces[i], PTL_ELEM_F32, 64, 64), own = wide;
    own.rows = spaces[i] == PTL_SPACE_ACC ? 32 : 64;
    own.cols = spaces[i] == PTL_SPACE_ACC ? 64 : 32;
    ptl_sim_layout layout = ptl_sim_layout_of(&wide, a3());
    layout = ptl_sim_layout_at(&layout, 32);
    for (int64_t r = 0; r < own.rows; r++) {
      for (int64_t c = 0; c < own.cols; c++) {
        assert_int_equal(ptl_sim_offset(&layout, r, c),
                         formulas[i](r, c, own.rows, own.cols, 4) * 4);
      }
    }
  }
}

static void vectors(void **state) {
  (void)state;
  ptl_tile_type vec = tile(PTL_SPACE_VEC, PTL_ELEM_F32, 16, 24);
  vec.slayout = PTL_SLAYOUT_NONE;
  check(&vec, a3(), plain_cols);
  vec.blayout_col_major = false;
  check(&vec, a3(), plain_rows);
}

/* A transposed alias of a Mat tile sees the same bytes transposed. */
static void transposed_alias(void **state) {
  (void)state;
  ptl_tile_type mat = tile(PTL_SPACE_MAT, PTL_ELEM_I8, 64, 96);
  ptl_tile_type alias = tile(PTL_SPACE_MAT, PTL_ELEM_I8, 96, 64);
  alias.blayout_col_major = false;
  alias.slayout = PTL_SLAYOUT_COL;
  ptl_sim_layout a = ptl_sim_layout_of(&mat, a3()), b = ptl_sim_layout_of(&alias, a3());
  for (int64_t r = 0; r < 64; r++) {
    for (int64_t c = 0; c < 96; c++) {
      assert_int_equal(ptl_sim_offset(&a, r, c), ptl_sim_offset(&b, c, r));
    }
  }
}

/* Gathering and scattering any rectangle, element by element. */
static void check_copies(const ptl_sim_layout *layout, ptl_sim_region region) {
  uint8_t *bytes = malloc((size_t)layout->bytes), *copy = calloc(1, (size_t)layout->bytes);
  uint8_t *marks = calloc(1, (size_t)layout->bytes);
  int64_t size = layout->elem_bytes, stride = (region.cols + 3) * size;
  uint8_t *dense = calloc(1, (size_t)(region.rows * stride + 1));
  for (int64_t i = 0; i < layout->bytes; i++) {
    bytes[i] = (uint8_t)(i * 37 + i / 251);
  }
  ptl_sim_gather(layout, bytes, region, dense, stride);
  ptl_sim_scatter(layout, copy, region, dense, stride);
  ptl_sim_set_marks(layout, marks, region, PTL_SIM_WRITTEN);
  assert_false(ptl_sim_has_mark(layout, marks, region, PTL_SIM_UNWRITTEN));
  int64_t marked = 0;
  for (int64_t r = 0; r < region.rows; r++) {
    for (int64_t c = 0; c < region.cols; c++) {
      int64_t at = ptl_sim_offset(layout, region.row + r, region.col + c);
      assert_memory_equal(dense + r * stride + c * size, bytes + at, (size_t)size);
      assert_memory_equal(copy + at, bytes + at, (size_t)size);
      assert_int_equal(marks[at], PTL_SIM_WRITTEN);
    }
  }
  for (int64_t i = 0; i < layout->bytes; i++) {
    marked += marks[i];
    assert_true(marks[i] || copy[i] == 0); /* nothing beside the rectangle */
  }
  assert_int_equal(marked, region.rows * region.cols * size);
  free(bytes);
  free(copy);
  free(marks);
  free(dense);
}

static void copies(void **state) {
  (void)state;
  static const ptl_sim_region regions[] = {{0, 0, 48, 64},   {0, 0, 0, 5},   {3, 5, 20, 33},
                                           {16, 32, 16, 32}, {47, 63, 1, 1}, {15, 0, 2, 64}};
  static const ptl_space spaces[] = {PTL_SPACE_MAT, PTL_SPACE_LEFT, PTL_SPACE_RIGHT, PTL_SPACE_ACC};
  for (size_t s = 0; s < 4; s++) {
    for (size_t e = 0; e < 3; e++) {
      ptl_elem elem = spaces[s] == PTL_SPACE_ACC ? PTL_ELEM_I32 : elems[e];
      ptl_tile_type type = tile(spaces[s], elem, 48, 64);
      ptl_sim_layout layout = ptl_sim_layout_of(&type, a3());
      for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
        check_copies(&layout, regions[i]);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mat_left_and_right),
                                     cmocka_unit_test(accumulators),
                                     cmocka_unit_test(pitches),
                                     cmocka_unit_test(vectors),
                                     cmocka_unit_test(transposed_alias),
                                     cmocka_unit_test(copies)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
