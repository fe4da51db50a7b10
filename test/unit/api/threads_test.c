/* Two threads lower different inputs at once, many times; each gets, byte for byte, what
 * one thread gets. Refused inputs are among them. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/ptolower.h>

enum { THREADS = 3, ROUNDS = 40, INPUTS = 7 };

typedef struct input {
  char text[4096];
  const char *chip; /* NULL: a table */
  const char *table;
  ptolower_status status;
  char *expected; /* everything that a result says, in one text */
} input;

static input inputs[INPUTS];

static void write_pair(input *in, int m, int k, int n, const char *elem, const char *acc) {
  (void)snprintf(in->text, sizeof(in->text),
                 "func.func @pair(%%a: tensor<%dx%dx%s>, %%g: tensor<%dx%dx%s>, %%u: "
                 "tensor<%dx%dx%s>) -> (tensor<%dx%dx%s>, tensor<%dx%dx%s>) {\n"
                 "  %%0:2 = \"ptolower.matmul_dual_acc\"(%%a, %%g, %%u) : (tensor<%dx%dx%s>, "
                 "tensor<%dx%dx%s>, tensor<%dx%dx%s>) -> (tensor<%dx%dx%s>, tensor<%dx%dx%s>)\n"
                 "  return %%0#0, %%0#1 : tensor<%dx%dx%s>, tensor<%dx%dx%s>\n}\n",
                 m, k, elem, k, n, elem, k, n, elem, m, n, acc, m, n, acc, m, k, elem, k, n, elem,
                 k, n, elem, m, n, acc, m, n, acc, m, n, acc, m, n, acc);
}

/* All that a run gives, the times left out. NULL if memory is out. */
static char *everything(const input *in, ptolower_status *status) {
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  if (ptolower_options_set(options, in->chip ? "target" : "target-json",
                           in->chip ? in->chip : in->table) != PTOLOWER_OK ||
      ptolower_options_set(options, "print-ir", "1") != PTOLOWER_OK ||
      ptolower_options_set(options, "validate", "1") != PTOLOWER_OK) {
    abort();
  }
  *status = ptolower_run(options, in->text, strlen(in->text), &result);
  size_t length = 0;
  const char *output = ptolower_result_output(result, &length);
  const char *plan = ptolower_result_plan(result);
  const char *ir = ptolower_result_ir(result);
  size_t size = 3 + length + (plan ? strlen(plan) : 0) + strlen(ir ? ir : "");
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    size += strlen(ptolower_result_diagnostic_line(result, i));
  }
  char *all = malloc(size);
  size_t at =
      (size_t)snprintf(all, size, "%s%s%s", output ? output : "-", plan ? plan : "-", ir ? ir : "");
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    at += (size_t)snprintf(all + at, size - at, "%s", ptolower_result_diagnostic_line(result, i));
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return all;
}

/* Every thread begins with another input. Returns the number of results that are not the
 * expected ones. */
static void *work(void *user) {
  intptr_t first = (intptr_t)user, wrong = 0;
  for (int round = 0; round < ROUNDS; round++) {
    const input *in = &inputs[(first + round) % INPUTS];
    ptolower_status status;
    char *all = everything(in, &status);
    wrong += status != in->status || strcmp(all, in->expected) != 0;
    free(all);
  }
  return (void *)wrong;
}

static const char *read_table(void) {
  static char text[16384];
  FILE *file = fopen(PTL_SOURCE_DIR "/test/passes/Inputs/chip.json", "rb");
  assert_non_null(file);
  size_t length = fread(text, 1, sizeof(text) - 1, file);
  (void)fclose(file);
  text[length] = '\0';
  return text;
}

static void threads_do_not_meet(void **state) {
  (void)state;
  write_pair(&inputs[0], 16, 512, 256, "i8", "i32");
  write_pair(&inputs[1], 64, 4096, 64, "bf16", "f32");
  write_pair(&inputs[2], 5, 100, 32, "f32", "f32");
  write_pair(&inputs[3], 0, 512, 40, "i8", "i32"); /* refused: M */
  (void)snprintf(inputs[4].text, sizeof(inputs[4].text),
                 "module {\n  func.func @f() {\n  return\n");
  write_pair(&inputs[5], 16, 512, 256, "i8", "i32");
  write_pair(&inputs[6], 16, 512, 256, "i8", "i32");
  inputs[5].table = read_table();
  inputs[6].table = "{\n \"name\": nothing}"; /* refused: no JSON */
  static const char *const chips[INPUTS] = {"a2a3", "a5", "a2a3", "a5", "a3", NULL, NULL};
  static const ptolower_status statuses[INPUTS] = {PTOLOWER_OK,      PTOLOWER_OK,      PTOLOWER_OK,
                                                   PTOLOWER_REFUSED, PTOLOWER_REFUSED, PTOLOWER_OK,
                                                   PTOLOWER_REFUSED};
  for (int i = 0; i < INPUTS; i++) {
    inputs[i].chip = chips[i];
    inputs[i].expected = everything(&inputs[i], &inputs[i].status);
    assert_int_equal(inputs[i].status, statuses[i]);
  }
  pthread_t threads[THREADS];
  for (intptr_t i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)i), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    void *wrong = NULL;
    assert_int_equal(pthread_join(threads[i], &wrong), 0);
    assert_null(wrong);
  }
  for (int i = 0; i < INPUTS; i++) {
    free(inputs[i].expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(threads_do_not_meet)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
