/* The public API's contract: options, statuses, what a result has and has not. Only the
 * public header is included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/ptolower.h>

static const char pair[] =
    "func.func @pair(%a: tensor<16x128xi8>, %g: tensor<128x64xi8>, %u: tensor<128x64xi8>)\n"
    "    -> (tensor<16x64xi32>, tensor<16x64xi32>) {\n"
    "  %z = arith.constant dense<0> : tensor<16x64xi32>\n"
    "  %0 = linalg.matmul ins(%a, %g : tensor<16x128xi8>, tensor<128x64xi8>)\n"
    "                     outs(%z : tensor<16x64xi32>) -> tensor<16x64xi32>\n"
    "  %1 = linalg.matmul ins(%a, %u : tensor<16x128xi8>, tensor<128x64xi8>)\n"
    "                     outs(%z : tensor<16x64xi32>) -> tensor<16x64xi32>\n"
    "  return %0, %1 : tensor<16x64xi32>, tensor<16x64xi32>\n"
    "}\n";

typedef struct call {
  ptolower_options *options;
  ptolower_result *result;
} call;

static call c;

static int set_up(void **state) {
  (void)state;
  c.options = ptolower_options_create();
  c.result = NULL;
  return c.options && ptolower_options_set(c.options, "validate", "1") == PTOLOWER_OK ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  ptolower_result_destroy(c.result);
  ptolower_options_destroy(c.options);
  return 0;
}

static void set(const char *key, const char *value) {
  assert_int_equal(ptolower_options_set(c.options, key, value), PTOLOWER_OK);
}

static ptolower_status run(const char *text) {
  ptolower_result_destroy(c.result);
  c.result = NULL;
  ptolower_status status = ptolower_run(c.options, text, strlen(text), &c.result);
  assert_non_null(c.result);
  return status;
}

static const char *output(void) {
  size_t length = 12345;
  const char *text = ptolower_result_output(c.result, &length);
  assert_int_equal(length, text ? strlen(text) : 0);
  assert_ptr_equal(ptolower_result_output(c.result, NULL), text);
  return text;
}

/* The first diagnostic that is not a note. */
static ptolower_diagnostic first(void) {
  assert_true(ptolower_result_diagnostic_count(c.result) > 0);
  return ptolower_result_diagnostic(c.result, 0);
}

static void about_itself(void **state) {
  (void)state;
  assert_int_equal(strspn(ptolower_version(), "0123456789."), strlen(ptolower_version()));
  assert_non_null(strstr(ptolower_dialect(), "irdl.dialect @ptolower"));
  size_t count = 0;
  while (ptolower_pass_name(count)) {
    assert_true(strlen(ptolower_pass_help(count)) > 0);
    count++;
  }
  assert_int_equal(count, 10);
  assert_string_equal(ptolower_pass_name(0), "import-linalg");
  assert_string_equal(ptolower_pass_name(9), "emit-pto");
  assert_null(ptolower_pass_help(count));
  assert_null(ptolower_pass_name(SIZE_MAX));
}

static void a_run(void **state) {
  (void)state;
  set("file", "dir/pair.mlir");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_non_null(strstr(output(), "func.func @pair("));
  assert_non_null(strstr(output(), "loc(\"pair.mlir\":4:8)"));
  assert_non_null(strstr(ptolower_result_plan(c.result), "\"pair\""));
  assert_null(ptolower_result_ir(c.result));
  assert_null(ptolower_result_timing(c.result));
  ptolower_diagnostic remark = first();
  assert_int_equal(remark.severity, PTOLOWER_REMARK);
  assert_int_equal(remark.code, 120);
  assert_string_equal(remark.file, "dir/pair.mlir");
  assert_int_equal(remark.line, 4);
  assert_int_equal(remark.column, 8);
  const char *line = ptolower_result_diagnostic_line(c.result, 0);
  assert_non_null(strstr(line, "dir/pair.mlir:4:8: remark: "));
  assert_string_equal(line + strlen(line) - strlen(" [PTL120]\n"), " [PTL120]\n");
}

/* Kernels that are not named stay as they are. */
static void only_functions_that_are_named(void **state) {
  (void)state;
  static char kernel[1 << 16];
  FILE *file = fopen(PTL_SOURCE_DIR "/test/e2e/inputs/gate_up_store.pto", "r");
  assert_non_null(file);
  kernel[fread(kernel, 1, sizeof(kernel) - 1, file)] = '\0';
  fclose(file);
  set("functions", "gate_up,mlp");
  assert_int_equal(run(kernel), PTOLOWER_OK);
  assert_string_equal(output(), kernel);
  set("functions", "mlp,mlp_gate_up,");
  assert_int_equal(run(kernel), PTOLOWER_OK);
  assert_non_null(strstr(ptolower_result_plan(c.result), "\"mlp_gate_up\""));
}

/* Plans are not written where nobody asks for them; IR has them in any case. */
static void plans_as_asked_for(void **state) {
  (void)state;
  set("plan", "0");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_null(ptolower_result_plan(c.result));
  set("stop-after", "lower-to-pto");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_non_null(strstr(output(), "ptolower.plans"));
  assert_non_null(strstr(ptolower_result_plan(c.result), "\"pair\""));
}

/* What a run decided is not reported where nobody asks for it. */
static void report_as_asked_for(void **state) {
  (void)state;
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_non_null(strstr(ptolower_result_report(c.result), "\"functions\":["));
  set("report", "0");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_null(ptolower_result_report(c.result));
}

/* Options are copied, the last value counts, and a second run is not changed by the first. */
static void options_are_copied(void **state) {
  (void)state;
  char value[] = "a5";
  set("target", "no such chip");
  set("target", value);
  memcpy(value, "xx", 2);
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_non_null(strstr(output(), "\"a5\""));
  set("target", "a3");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_non_null(strstr(output(), "\"a2a3\""));
  assert_null(strstr(output(), "\"a5\""));
}

static void print_ir_and_timing(void **state) {
  (void)state;
  set("print-ir", "1");
  set("timing", "1");
  assert_int_equal(run(pair), PTOLOWER_OK);
  for (size_t i = 0; ptolower_pass_name(i); i++) {
    assert_non_null(strstr(ptolower_result_ir(c.result), ptolower_pass_name(i)));
    assert_non_null(strstr(ptolower_result_timing(c.result), ptolower_pass_name(i)));
  }
  set("print-ir", "0");
  set("timing", "0");
  assert_int_equal(run(pair), PTOLOWER_OK);
  assert_null(ptolower_result_ir(c.result));
  assert_null(ptolower_result_timing(c.result));
}

static void no_such_key(void **state) {
  (void)state;
  static const char *const keys[] = {"", "Target", "target ", "plans", "fuse-mode"};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    assert_int_equal(ptolower_options_set(c.options, keys[i], "1"), PTOLOWER_USAGE);
  }
  assert_int_equal(run(pair), PTOLOWER_OK);
}

/* What is no such value is judged by the run, which has a result even so. */
static void values_are_judged_by_the_run(void **state) {
  static const char *const wrong[][2] = {{"target", "a4"},
                                         {"fuse", ""},
                                         {"pass-pipeline", "import-linalg,fuse"},
                                         {"stop-after", "nothing"}};
  (void)state;
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    assert_int_equal(tear_down(NULL), 0);
    assert_int_equal(set_up(NULL), 0);
    set(wrong[i][0], wrong[i][1]);
    assert_int_equal(run(pair), PTOLOWER_USAGE);
    assert_null(output());
    assert_null(ptolower_result_plan(c.result));
    assert_int_equal(first().severity, PTOLOWER_ERROR);
    assert_int_equal(first().code, 2);
    assert_null(first().file);
  }
}

/* A refusal has no output; its diagnostics say where. */
static void refusals(void **state) {
  static const struct {
    const char *text;
    int code, line;
  } cases[] = {
      {"hello", 10, 1},
      {"module {\n  func.func @f() {\n", 10, 2},
      {"func.func @f() {\n  return %x : i32\n}\n", 1, 2},
      {"module attributes {pto.target_arch = \"a9\"} {\n}\n", 7, 1},
      {"func.func @f(%a: tensor<4x4xi8>) -> tensor<4x4xi8> {\n  return %a : tensor<4x4xi8>\n}\n",
       45, 2},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_int_equal(run(cases[i].text), PTOLOWER_REFUSED);
    assert_null(output());
    assert_null(ptolower_result_plan(c.result));
    assert_int_equal(first().severity, PTOLOWER_ERROR);
    assert_int_equal(first().code, cases[i].code);
    assert_int_equal(first().line, cases[i].line);
    assert_string_equal(first().file, "<stdin>");
  }
}

/* Text need not end in a NUL, and may be empty. */
static void text_by_length(void **state) {
  (void)state;
  char text[sizeof(pair) + 16];
  memset(text, '}', sizeof(text));
  memcpy(text, pair, strlen(pair));
  assert_int_equal(ptolower_run(c.options, text, strlen(pair), &c.result), PTOLOWER_OK);
  const char *whole = output();
  ptolower_result *other = NULL;
  assert_int_equal(ptolower_run(c.options, pair, strlen(pair), &other), PTOLOWER_OK);
  size_t length = 0;
  assert_string_equal(ptolower_result_output(other, &length), whole);
  assert_int_equal(length, strlen(whole));
  ptolower_result_destroy(other);
  assert_int_equal(run(""), PTOLOWER_OK);
}

/* A user's table; its name in diagnostics. */
static void json_target(void **state) {
  (void)state;
  set("target-json", "{}");
  set("target-file", "my.json");
  assert_int_equal(run(pair), PTOLOWER_REFUSED);
  assert_string_equal(first().file, "my.json");
  assert_int_equal(first().code, 21);
  assert_null(output());
}

static void null_is_fine(void **state) {
  (void)state;
  ptolower_options_destroy(NULL);
  ptolower_result_destroy(NULL);
}

/* What a call gives where memory is out is a result that holds nothing. */
static void no_result_holds_nothing(void **state) {
  (void)state;
  size_t length = 1;
  assert_null(ptolower_result_output(NULL, &length));
  assert_int_equal(length, 0);
  assert_null(ptolower_result_output(NULL, NULL));
  assert_null(ptolower_result_plan(NULL));
  assert_null(ptolower_result_report(NULL));
  assert_null(ptolower_result_ir(NULL));
  assert_null(ptolower_result_timing(NULL));
  assert_int_equal(ptolower_result_diagnostic_count(NULL), 0);
  assert_string_equal(ptolower_result_diagnostic(NULL, 0).text, "");
  assert_string_equal(ptolower_result_diagnostic_line(NULL, 0), "");
}

static void past_the_last_diagnostic(void **state) {
  (void)state;
  assert_int_equal(run("module {"), PTOLOWER_REFUSED);
  size_t count = ptolower_result_diagnostic_count(c.result);
  assert_string_equal(ptolower_result_diagnostic(c.result, count).text, "");
  assert_string_equal(ptolower_result_diagnostic_line(c.result, count), "");
}

/* No text at all is an empty text; one that is too large is not looked at. */
static void sizes_of_texts(void **state) {
  (void)state;
  assert_int_equal(ptolower_run(c.options, NULL, 0, &c.result), PTOLOWER_OK);
  assert_non_null(c.result);
  ptolower_result_destroy(c.result);
  assert_int_equal(ptolower_run(c.options, "", ((size_t)1 << 28) + 1, &c.result), PTOLOWER_REFUSED);
  assert_string_equal(ptolower_result_diagnostic_line(c.result, 0),
                      "<stdin>: error: the text has 268435457 bytes; no more than 268435456 are "
                      "read [PTL015]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(about_itself),
      TEST(a_run),
      TEST(only_functions_that_are_named),
      TEST(plans_as_asked_for),
      TEST(report_as_asked_for),
      TEST(options_are_copied),
      TEST(print_ir_and_timing),
      TEST(no_such_key),
      TEST(values_are_judged_by_the_run),
      TEST(refusals),
      TEST(text_by_length),
      TEST(json_target),
      TEST(null_is_fine),
      TEST(sizes_of_texts),
      TEST(no_result_holds_nothing),
      TEST(past_the_last_diagnostic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
