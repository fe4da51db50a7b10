#include "asm_test.h"

static void check_parts(MlirLocation location, const char *name, const char *file, int line,
                        int column, const char *model) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_loc_parts parts = ptl_loc_parts_of(&arena, location);
  if (name) {
    assert_non_null(parts.name);
    assert_string_equal(parts.name, name);
  } else {
    assert_null(parts.name);
  }
  if (file) {
    assert_non_null(parts.loc.file);
    assert_string_equal(parts.loc.file, file);
  } else {
    assert_null(parts.loc.file);
  }
  assert_int_equal(parts.loc.line, line);
  assert_int_equal(parts.loc.column, column);
  if (model) {
    assert_non_null(parts.loc.model);
    assert_string_equal(parts.loc.model, model);
  } else {
    assert_null(parts.loc.model);
  }
  ptl_arena_free(&arena);
}

static void check_both_ways(asm_case *test, const char *name, ptl_loc loc) {
  check_parts(ptl_loc_make(test->context, name, loc), name, loc.file, loc.line, loc.column,
              loc.model);
}

static void packs_and_unpacks(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  check_both_ways(&test, NULL, (ptl_loc){0});
  check_both_ways(&test, "x", (ptl_loc){0});
  check_both_ways(&test, NULL, (ptl_loc){.file = "k.pto", .line = 12, .column = 5});
  check_both_ways(&test, "x_1", (ptl_loc){.file = "k.pto", .line = 12, .column = 5});
  check_both_ways(&test, "x", (ptl_loc){"k.pto", 12, 5, "\"model.py\":671:13"});
  check_both_ways(&test, NULL, (ptl_loc){"k.pto", 12, 5, "\"model.py\":671:13"});
  check_both_ways(&test, NULL, (ptl_loc){"a \"b\\c.pto", 1, 1, "\"m\"(\"model.py\":1:2)"});
  check_both_ways(&test, "n", (ptl_loc){"k.pto", 1, 1, "fused[\"a.py\":1:2, \"b.py\":3:4]"});
  case_close(&test);
}

static void a_bad_model_location_is_dropped(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  MlirLocation location =
      ptl_loc_make(test.context, "x", (ptl_loc){"k.pto", 1, 2, "no location at all"});
  check_parts(location, "x", "k.pto", 1, 2, NULL);
  case_close(&test);
}

static void check_same(ptl_loc_parts a, ptl_loc_parts b) {
  assert_string_equal(a.name ? a.name : "", b.name ? b.name : "");
  assert_string_equal(a.loc.file, b.loc.file);
  assert_int_equal(a.loc.line, b.loc.line);
  assert_int_equal(a.loc.column, b.loc.column);
  assert_string_equal(a.loc.model ? a.loc.model : "", b.loc.model ? b.loc.model : "");
}

/* What is kept of a location that was made is what its text says. */
static void renames_places(void **state) {
  (void)state;
  static const char *const names[] = {"x", "a \"b\\c", NULL};
  static const char *const models[] = {NULL, "\"model.py\":671:13",
                                       "fused[\"a.py\":1:2, \"b.py\":3:4]"};
  asm_case test;
  case_open(&test);
  for (size_t i = 0; i < 9; i++) {
    ptl_loc loc = {"k.pto", 12, 5, models[i / 3]};
    MlirLocation renamed =
        ptl_places_rename(&test.places, ptl_loc_make(test.context, "old", loc), names[i % 3]);
    ptl_loc_parts parts = {names[i % 3], loc};
    check_same(parts, ptl_loc_parts_of(&test.arena, renamed));
    check_same(parts, ptl_places_get(&test.places, renamed));
    assert_true(mlirLocationEqual(renamed, ptl_loc_make(test.context, parts.name, loc)));
  }
  case_close(&test);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(packs_and_unpacks),
      cmocka_unit_test(renames_places),
      cmocka_unit_test(a_bad_model_location_is_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
