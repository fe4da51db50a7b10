/* ptolower_simulate on memory of the caller's. Only the public headers are included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/sim.h>

enum { A_BYTES = 16 * 128, B_BYTES = 128 * 64, C_SUMS = 16 * 64 };

static char kernel[64 * 1024];

static int read_kernel(void **state) {
  (void)state;
  FILE *file = fopen(PTL_SOURCE_DIR "/test/sim/Inputs/product.pto", "rb");
  size_t length = file ? fread(kernel, 1, sizeof(kernel) - 1, file) : 0;
  if (file) {
    (void)fclose(file);
  }
  return length > 0 ? 0 : -1;
}

/* What is only read is used in place; what the kernel writes is a copy. */
static void data_is_the_callers(void **state) {
  (void)state;
  static int8_t a[A_BYTES], b[B_BYTES];
  static int32_t c[C_SUMS];
  memset(a, 1, sizeof(a));
  memset(b, 2, sizeof(b));
  for (int i = 0; i < C_SUMS; i++) {
    c[i] = -i;
  }
  ptolower_sim_argument arguments[] = {{.name = "a", .data = a, .size = sizeof(a)},
                                       {.name = "b", .data = b, .size = sizeof(b)},
                                       {.name = "c", .data = c, .size = sizeof(c)},
                                       {.name = "column", .text = "32"}};
  ptolower_sim_options sim = {.arguments = arguments, .argument_count = 4};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  assert_int_equal(ptolower_simulate(options, &sim, kernel, strlen(kernel), &result), PTOLOWER_OK);
  size_t size;
  assert_ptr_equal(ptolower_result_tensor(result, "b", &size), b);
  assert_int_equal(size, sizeof(b));
  const int32_t *out = ptolower_result_tensor(result, "c", &size);
  assert_int_equal(size, sizeof(c));
  for (int i = 0; i < C_SUMS; i++) {
    assert_int_equal(c[i], -i);
    assert_int_equal(out[i], i % 64 < 32 ? -i : 128 * 2);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(data_is_the_callers)};
  return cmocka_run_group_tests(tests, read_kernel, NULL);
}
