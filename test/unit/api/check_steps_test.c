/* A check in two steps: reading, and checking with what ptoas has made of the text in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/ptolower.h>

static const char inputs[] = PTL_SOURCE_DIR "/test/check/Inputs/sync/";

static ptolower_options *options;
static ptolower_result *result;

static int set_up(void **state) {
  (void)state;
  options = ptolower_options_create();
  result = NULL;
  return options ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return 0;
}

/* To be freed. */
static char *text_of(const char *name) {
  enum { MOST_BYTES = 1 << 16 };
  char path[4096], *text = calloc(1, MOST_BYTES);
  snprintf(path, sizeof(path), "%s%s", inputs, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_true(fread(text, 1, MOST_BYTES - 1, file) > 0);
  fclose(file);
  return text;
}

static void takes_what_was_written_in_between(void **state) {
  (void)state;
  char *text = text_of("kernel.pto"), *written = text_of("good.cpp");
  assert_int_equal(ptolower_check_begin(options, text, strlen(text), &result), PTOLOWER_OK);
  assert_string_equal(ptolower_check_form(result).arch, "a3");
  assert_int_equal(ptolower_check_form(result).level, 3);
  assert_null(ptolower_result_report(result));
  assert_int_equal(ptolower_check_end(result, options, written), PTOLOWER_OK);
  assert_non_null(strstr(ptolower_result_report(result), "\"flags\":{\"verdict\":\"proved\"}"));
  free(text);
  free(written);
}

static void needs_nothing_written(void **state) {
  (void)state;
  char *text = text_of("kernel.pto");
  assert_int_equal(ptolower_check_begin(options, text, strlen(text), &result), PTOLOWER_OK);
  assert_int_equal(ptolower_check_end(result, options, NULL), PTOLOWER_OK);
  assert_non_null(strstr(ptolower_result_report(result), "\"verdict\":\"proved\""));
  assert_null(strstr(ptolower_result_report(result), "flags"));
  free(text);
}

static const char unplaced[] =
    "module attributes {pto.target_arch = \"a5\"} {\n"
    "  func.func @scalar() {\n    return\n  }\n"
    "  func.func @k() {\n"
    "    %t = pto.alloc_tile : !pto.tile_buf<loc=vec, dtype=f32, rows=16, cols=16, v_row=16, "
    "v_col=16, blayout=row_major, slayout=none_box, fractal=512, pad=0>\n"
    "    return\n  }\n"
    "}\n";

static void tells_what_ptoas_has_to_be_told(void **state) {
  (void)state;
  assert_int_equal(ptolower_check_begin(options, unplaced, strlen(unplaced), &result), PTOLOWER_OK);
  assert_string_equal(ptolower_check_form(result).arch, "a5");
  assert_int_equal(ptolower_check_form(result).level, 2);
}

static void ends_as_it_began(void **state) {
  (void)state;
  static const char text[] = "module {";
  assert_int_equal(ptolower_check_begin(options, text, strlen(text), &result), PTOLOWER_REFUSED);
  assert_null(ptolower_check_form(result).arch);
  assert_int_equal(ptolower_check_end(result, options, ""), PTOLOWER_REFUSED);
  assert_null(ptolower_result_report(result));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(takes_what_was_written_in_between),
      TEST(needs_nothing_written),
      TEST(tells_what_ptoas_has_to_be_told),
      TEST(ends_as_it_began),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
