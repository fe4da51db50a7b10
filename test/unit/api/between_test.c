/* What ptoas makes of a text in between: of two steps of a check, or of a run and the proof of its
 * flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/call_fixture.h"

#define INPUTS PTL_SOURCE_DIR "/test/check/Inputs/sync/"

/* To be freed. */
static char *text_of(const char *path) {
  enum { MOST_BYTES = 1 << 16 };
  char *text = calloc(1, MOST_BYTES);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_true(fread(text, 1, MOST_BYTES - 1, file) > 0);
  fclose(file);
  return text;
}

static void takes_what_was_written_in_between(void **state) {
  (void)state;
  char *text = text_of(INPUTS "kernel.pto"), *written = text_of(INPUTS "good.cpp");
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
  char *text = text_of(INPUTS "kernel.pto");
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

/* The vector half of this kernel has no tiles but those that it pops. */
static void takes_the_level_of_the_tiles_with_addresses(void **state) {
  (void)state;
  char *text = text_of(PTL_SOURCE_DIR "/test/passes/Inputs/mixed.pto");
  assert_int_equal(ptolower_check_begin(options, text, strlen(text), &result), PTOLOWER_OK);
  assert_int_equal(ptolower_check_form(result).level, 3);
  free(text);
}

static void ends_as_it_began(void **state) {
  (void)state;
  static const char text[] = "module {";
  assert_int_equal(ptolower_check_begin(options, text, strlen(text), &result), PTOLOWER_REFUSED);
  assert_null(ptolower_check_form(result).arch);
  assert_int_equal(ptolower_check_end(result, options, ""), PTOLOWER_REFUSED);
  assert_null(ptolower_result_report(result));
}

/* ---- after a run ---------------------------------------------------------- */

static const char kernel[] = PTL_SOURCE_DIR "/test/e2e/inputs/gate_up_store.pto";

#define BARRIER "pipe_barrier(PIPE_ALL);\n"

static void lower(void) {
  char *text = text_of(kernel);
  assert_int_equal(ptolower_options_set(options, "validate", "1"), PTOLOWER_OK);
  assert_int_equal(ptolower_run(options, text, strlen(text), &result), PTOLOWER_OK);
  free(text);
}

/* What stands for what ptoas writes: ops of a text, each after a barrier of all pipes. */
static void write_ops(const char *text, FILE *out) {
  fputs("AICORE void mlp_gate_up() {\n", out);
  for (const char *at = strstr(text, "func.func"); at && *at; at += strcspn(at, "\n") + 1) {
    char name[32] = "";
    at += strspn(at, " ");
    if (sscanf(at, "pto.t%30[a-z.] ins", name) == 1) {
      fputs(BARRIER "T", out);
      for (const char *c = name; *c; c++) {
        fputc(*c == '.' ? '_' : *c - 'a' + 'A', out);
      }
      fputs("(v);\n", out);
    } else if (strncmp(at, "scf.for", 7) == 0) {
      fputs("for (;;) {\n", out);
    } else if (*at == '}' && !strstr(at, "module")) {
      fputs("}\n", out);
    }
  }
}

static void proves_the_flags_of_an_output(void **state) {
  (void)state;
  assert_int_equal(ptolower_options_set(options, "keep", "1"), PTOLOWER_OK);
  lower();
  assert_null(ptolower_result_flags(result));
  char *written = NULL;
  size_t length;
  FILE *out = open_memstream(&written, &length);
  write_ops(ptolower_result_output(result, NULL), out);
  assert_int_equal(fclose(out), 0);
  for (int turn = 0; turn < 2; turn++) {
    assert_int_equal(ptolower_prove_flags(result, written), PTOLOWER_OK);
    assert_string_equal(ptolower_result_flags(result),
                        "[{\"name\":\"mlp_gate_up\",\"flags\":{\"verdict\":\"proved\"}}]");
  }
  memset(strstr(written, "TMATMUL") - strlen(BARRIER), ' ', strlen(BARRIER) - 1);
  assert_int_equal(ptolower_prove_flags(result, written), PTOLOWER_OK);
  assert_non_null(strstr(ptolower_result_flags(result), "\"verdict\":\"wrong\",\"line\":"));
  free(written);
}

static void proves_what_was_kept_only(void **state) {
  (void)state;
  lower();
  assert_int_equal(ptolower_prove_flags(result, ""), PTOLOWER_USAGE);
  assert_null(ptolower_result_flags(result));
  assert_int_equal(ptolower_prove_flags(NULL, ""), PTOLOWER_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(takes_what_was_written_in_between),
      TEST(needs_nothing_written),
      TEST(tells_what_ptoas_has_to_be_told),
      TEST(ends_as_it_began),
      TEST(takes_the_level_of_the_tiles_with_addresses),
      TEST(proves_the_flags_of_an_output),
      TEST(proves_what_was_kept_only),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
