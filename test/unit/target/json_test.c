/* A user's own table: the example of docs/targets.md, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/target.h"

typedef struct fixture {
  ptl_arena arena;
  char *example; /* the JSON block of docs/targets.md */
} fixture;

static char *read_file(ptl_arena *arena, const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = ptl_arena_alloc(arena, 64 * 1024);
  size_t length = fread(text, 1, 64 * 1024 - 1, file);
  (void)fclose(file);
  text[length] = '\0';
  return text;
}

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof(*f));
  assert_non_null(f);
  ptl_arena_init(&f->arena);
  char *text = read_file(&f->arena, PTL_SOURCE_DIR "/docs/targets.md");
  const char *open = "```json\n";
  char *begin = strstr(text, open);
  assert_non_null(begin);
  begin += strlen(open);
  char *end = strstr(begin, "```");
  assert_non_null(end);
  f->example = ptl_arena_copy(&f->arena, begin, (size_t)(end - begin));
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  ptl_arena_free(&f->arena);
  free(f);
  return 0;
}

/* The example with the first `old` replaced. */
static const char *with(fixture *f, const char *old, const char *new) {
  const char *at = strstr(f->example, old);
  assert_non_null(at);
  return ptl_arena_printf(&f->arena, "%.*s%s%s", (int)(at - f->example), f->example, new,
                          at + strlen(old));
}

static const ptl_target *parse(fixture *f, const char *text, ptl_diags *diags) {
  const ptl_target *target = NULL;
  ptl_diags_init(diags, &f->arena);
  ptl_status status = ptl_target_from_json(&f->arena, ptl_str_of(text), "my.json", diags, &target);
  assert_int_equal(status == PTL_OK, diags->error_count == 0);
  assert_int_equal(status == PTL_OK, target != NULL);
  return target;
}

/* The text is refused with this code, and some message of that code holds `words`. */
static void refused(fixture *f, const char *text, ptl_code code, const char *words) {
  ptl_diags diags;
  assert_null(parse(f, text, &diags));
  bool found = false;
  for (size_t i = 0; i < diags.count; i++) {
    found |= diags.items[i].code == code && strstr(diags.items[i].text, words) != NULL;
    assert_string_equal(diags.items[i].loc.file, "my.json");
  }
  if (!found) {
    print_error("no PTL%03d with '%s'; the first is: %s\n", code, words, diags.items[0].text);
  }
  assert_true(found);
}

static void reads_the_example(void **state) {
  fixture *f = *state;
  ptl_diags diags;
  const ptl_target *t = parse(f, f->example, &diags);
  const ptl_target *a2a3 = ptl_target_find("a2a3");
  assert_string_equal(t->name, "a2a3");
  assert_string_equal(t->family->arch, "a3");
  assert_int_equal(t->capacity_bytes[PTL_SPACE_MAT], a2a3->capacity_bytes[PTL_SPACE_MAT] / 2);
  for (int space = PTL_SPACE_LEFT; space < PTL_SPACE_COUNT; space++) {
    assert_int_equal(t->capacity_bytes[space], a2a3->capacity_bytes[space]);
    assert_int_equal(ptl_target_alignment(t, space), ptl_target_alignment(a2a3, space));
  }
  assert_int_equal(t->acc_row_multiple, 16);
  assert_int_equal(t->acc_row_multiple_i32, 32);
  assert_int_equal(t->max_matmul_extent, 4095);
  assert_int_equal(t->max_store_columns, 4095);
  assert_int_equal(t->fp32_passes, 2);
  assert_false(t->family->left_is_col_major);
  assert_int_equal(ptl_target_max_carried(t), 4);
  assert_int_equal(t->rate_count, 1);
  assert_string_equal(t->rates[0].name, "pypto device");
  assert_true(t->rates[0].mat_to_right_bytes_per_cycle == 85.4);
  assert_true(t->rates[0].drain_row_cycles == 4.45);
}

static void refuses_what_is_no_json(void **state) {
  fixture *f = *state;
  refused(f, "", PTL_CODE_TARGET_SYNTAX, "not JSON");
  refused(f, "[]", PTL_CODE_TARGET_SYNTAX, "must be a JSON object");
  refused(f, "7", PTL_CODE_TARGET_SYNTAX, "must be a JSON object");
  refused(f, "{\"name\": }", PTL_CODE_TARGET_SYNTAX, "not JSON");
  refused(f, ptl_arena_printf(&f->arena, "%s x", f->example), PTL_CODE_TARGET_SYNTAX, "behind");
  refused(f, with(f, "262144", "0x40"), PTL_CODE_TARGET_SYNTAX, "not JSON");
  refused(f, with(f, "262144", "NaN"), PTL_CODE_TARGET_SYNTAX, "not JSON");
  ptl_diags diags;
  assert_null(parse(f, "{\n  \"name\": \"a\",\n  oops\n}", &diags));
  assert_int_equal(diags.items[0].loc.line, 3);
  assert_in_range(diags.items[0].loc.column, 3, 4);
}

static const char *const FIELDS[] = {"name",
                                     "ptoas_arch",
                                     "capacity_bytes",
                                     "alignment_bytes",
                                     "acc_row_multiple",
                                     "acc_row_multiple_i32",
                                     "max_matmul_extent",
                                     "max_store_columns",
                                     "fp32_passes",
                                     "left_is_col_major",
                                     "event_ids_per_pipe_pair",
                                     "event_ids_per_carried_pair",
                                     "rates",
                                     "mat",
                                     "left",
                                     "right",
                                     "acc",
                                     "bias",
                                     "scaling",
                                     "vec",
                                     "gm_to_mat_bytes_per_cycle",
                                     "load_fixed_cycles",
                                     "mat_to_left_bytes_per_cycle",
                                     "mat_to_right_bytes_per_cycle",
                                     "acc_drain_bytes_per_cycle",
                                     "drain_fixed_cycles",
                                     "drain_row_cycles",
                                     "matmul_head_cycles",
                                     "issue_cycles"};
enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

static void names_each_missing_and_unknown_field(void **state) {
  fixture *f = *state;
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    const char *quoted = ptl_arena_printf(&f->arena, "\"%s\":", FIELDS[i]);
    const char *text = with(f, quoted, "\"other\":");
    refused(f, text, PTL_CODE_TARGET_FIELD_MISSING, FIELDS[i]);
    refused(f, text, PTL_CODE_TARGET_FIELD_UNKNOWN, "other");
  }
}

static void names_each_field_that_is_there_twice(void **state) {
  fixture *f = *state;
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    const char *quoted = ptl_arena_printf(&f->arena, "\"%s\":", FIELDS[i]);
    refused(f, with(f, quoted, ptl_arena_printf(&f->arena, "%s 1, %s", quoted, quoted)),
            PTL_CODE_TARGET_FIELD_TWICE, FIELDS[i]);
  }
}

static void refuses_each_wrong_number(void **state) {
  fixture *f = *state;
  const struct {
    const char *field, *value, *words;
  } cases[] = {
      {"mat", "-1", "capacity_bytes.mat' is negative"},
      {"mat", "0", "capacity_bytes.mat' is zero"},
      {"mat", "\"512K\"", "capacity_bytes.mat' must be a number"},
      {"mat", "null", "capacity_bytes.mat' must be a number"},
      {"mat", "1.5", "whole number"},
      {"mat", "1e30", "too big"},
      {"mat", "1e999", "too big"},
      {"mat", "1099511627777", "too big"},
      {"vec", "-0.5", "capacity_bytes.vec' is negative"},
      {"fp32_passes", "0", "fp32_passes' is zero"},
      {"event_ids_per_pipe_pair", "true", "must be a number"},
      {"event_ids_per_carried_pair", "0", "is zero"},
      {"max_matmul_extent", "{}", "must be a number"},
      {"gm_to_mat_bytes_per_cycle", "0", "rates[0].gm_to_mat_bytes_per_cycle' is zero"},
      {"gm_to_mat_bytes_per_cycle", "1e-300", "too small"},
      {"issue_cycles", "-3", "rates[0].issue_cycles' is negative"},
      {"drain_row_cycles", "1e300", "too big"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    /* `"mat": 1, "x"` leaves the old value behind as an unknown field. */
    const char *quoted = ptl_arena_printf(&f->arena, "\"%s\":", cases[i].field);
    const char *new = ptl_arena_printf(&f->arena, "%s %s, \"x\":", quoted, cases[i].value);
    refused(f, with(f, quoted, new), PTL_CODE_TARGET_FIELD_VALUE, cases[i].words);
  }
}

static void refuses_other_wrong_values(void **state) {
  fixture *f = *state;
  refused(f, with(f, "\"a2a3\"", "\"\""), PTL_CODE_TARGET_FIELD_VALUE, "'name' must be a text");
  refused(f, with(f, "\"a2a3\"", "3"), PTL_CODE_TARGET_FIELD_VALUE, "'name' must be a text");
  refused(f, with(f, "\"a3\"", "\"a7\""), PTL_CODE_TARGET_FIELD_VALUE, "ptoas_arch");
  refused(f, with(f, "false", "0"), PTL_CODE_TARGET_FIELD_VALUE, "true or false");
  refused(f, with(f, "false", "true"), PTL_CODE_TARGET_FIELD_VALUE,
          "'left_is_col_major' must be false");
  refused(f, with(f, "\"acc_row_multiple\": 16", "\"acc_row_multiple\": 8"),
          PTL_CODE_TARGET_FIELD_VALUE, "multiple of 16");
  refused(f, with(f, "\"mat\": 32", "\"mat\": 48"), PTL_CODE_TARGET_FIELD_VALUE,
          "alignment_bytes.mat");
  refused(f, with(f, "\"pypto device\"", "[]"), PTL_CODE_TARGET_FIELD_VALUE, "rates[0].name");
  refused(f, with(f, "\"rates\": [", "\"rates\": [3,"), PTL_CODE_TARGET_FIELD_VALUE, "rates[0]");
  refused(f, with(f, "\"rates\": [", "\"rates\": [1,2,3,4,5,6,"), PTL_CODE_TARGET_FIELD_VALUE,
          "1 to 6");
  refused(f, with(f, "\"rates\": [", "\"rates\": [], \"x\": ["), PTL_CODE_TARGET_FIELD_VALUE,
          "1 to 6");
  refused(f, with(f, "\"capacity_bytes\": {", "\"capacity_bytes\": 4, \"x\": {"),
          PTL_CODE_TARGET_FIELD_VALUE, "capacity_bytes");
}

static void reports_all_errors(void **state) {
  fixture *f = *state;
  ptl_diags diags;
  assert_null(parse(f, "{}", &diags));
  assert_int_equal(diags.error_count, 13);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_the_example, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_json, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_each_missing_and_unknown_field, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_each_field_that_is_there_twice, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_each_wrong_number, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_other_wrong_values, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reports_all_errors, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
