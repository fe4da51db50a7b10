/* Products of random shapes and types from tensors, lowered for both chips and validated
 * against plain sums. PTOLOWER_SHAPES=2000 runs that many instead of 200. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/ptolower.h>

enum { DEFAULT_SHAPES = 200, TEXT_SIZE = 8192 };

typedef struct shape {
  const char *elem, *sum, *target;
  int m, k, n, products;
  int transposed;
} shape;

static uint64_t state_of_random = 1;

static int below(int limit) {
  state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
  return (int)(state_of_random >> 33) % limit;
}

static int pick(const int *values, int count) { return values[below(count)]; }

static shape random_shape(void) {
  static const char *const elems[] = {"i8", "f16", "bf16", "f32"};
  static const int rows[] = {1, 2, 7, 8, 15, 16, 16, 17, 31, 32, 33, 48, 64, 100};
  static const int depths[] = {16,  17,  31,  32,  33,  64,   100,  128, 255,
                               256, 257, 512, 513, 777, 1024, 1500, 2048};
  static const int widths[] = {1, 1, 2, 3, 4, 5, 7, 8, 8, 9, 12, 16, 17};
  shape s = {.elem = elems[below(4)], .target = below(2) ? "a2a3" : "a5"};
  int quantum = strcmp(s.elem, "i8") == 0 ? 32 : 16;
  s.sum = quantum == 32 ? "i32" : "f32";
  s.m = pick(rows, sizeof(rows) / sizeof(rows[0]));
  s.k = pick(depths, sizeof(depths) / sizeof(depths[0]));
  s.n = quantum * pick(widths, sizeof(widths) / sizeof(widths[0]));
  s.products = 1 + below(4);
  s.transposed = below(3) == 0;
  while ((double)s.m * s.k * s.n * s.products > 2e6) { /* plain sums are slow */
    if (s.m > 16) {
      s.m = (s.m + 1) / 2;
    } else if (s.n > 4 * quantum) {
      s.n = s.n / quantum / 2 * quantum;
    } else {
      s.k = s.k / 2 > 16 ? s.k / 2 : 16;
      s.products = s.products > 2 ? s.products - 1 : s.products;
      if (s.k == 16) {
        break;
      }
    }
  }
  return s;
}

static size_t add(char *text, size_t used, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static size_t add(char *text, size_t used, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  used += (size_t)vsnprintf(text + used, TEXT_SIZE - used, format, arguments);
  va_end(arguments);
  return used;
}

static size_t add_results(char *text, size_t used, const shape *s) {
  for (int i = 0; i < s->products; i++) {
    used = add(text, used, "%stensor<%dx%dx%s>", i ? ", " : "", s->m, s->n, s->sum);
  }
  return used;
}

static size_t write_module(const shape *s, char *text) {
  char weight[64], left[64], sum[64];
  snprintf(left, sizeof(left), "tensor<%dx%dx%s>", s->m, s->k, s->elem);
  snprintf(weight, sizeof(weight), "tensor<%dx%dx%s>", s->transposed ? s->n : s->k,
           s->transposed ? s->k : s->n, s->elem);
  snprintf(sum, sizeof(sum), "tensor<%dx%dx%s>", s->m, s->n, s->sum);
  size_t used = add(text, 0, "func.func @f(%%a: %s", left);
  for (int i = 0; i < s->products; i++) {
    used = add(text, used, ", %%w%d: %s", i, weight);
  }
  used = add(text, used, ") -> (");
  used = add_results(text, used, s);
  used = add(text, used, ") {\n  %%z = arith.constant dense<%s> : %s\n",
             strcmp(s->sum, "i32") == 0 ? "0" : "0.0", sum);
  for (int i = 0; i < s->products; i++) {
    used =
        add(text, used, "  %%r%d = linalg.matmul%s ins(%%a, %%w%d : %s, %s) outs(%%z : %s) -> %s\n",
            i, s->transposed ? "_transpose_b" : "", i, left, weight, sum, sum);
  }
  used = add(text, used, "  return ");
  for (int i = 0; i < s->products; i++) {
    used = add(text, used, "%s%%r%d", i ? ", " : "", i);
  }
  used = add(text, used, " : ");
  used = add_results(text, used, s);
  return add(text, used, "\n}\n");
}

static void validate(const shape *s, int index) {
  char text[TEXT_SIZE];
  size_t length = write_module(s, text);
  ptolower_options *options = ptolower_options_create();
  assert_int_equal(ptolower_options_set(options, "target", s->target), PTOLOWER_OK);
  assert_int_equal(ptolower_options_set(options, "validate", "1"), PTOLOWER_OK);
  assert_int_equal(ptolower_options_set(options, "fuse", "always"), PTOLOWER_OK);
  ptolower_result *result;
  ptolower_status status = ptolower_run(options, text, length, &result);
  int rounds = 0;
  const char *problem = "";
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    ptolower_diagnostic diagnostic = ptolower_result_diagnostic(result, i);
    rounds += diagnostic.code == 322;
    if (diagnostic.severity == PTOLOWER_ERROR || diagnostic.code == 321) {
      problem = diagnostic.text;
    }
  }
  if (status != PTOLOWER_OK || rounds == 0 || *problem) {
    print_error("shape %d: %s %s %dx%dx%d, %d products%s\n", index, s->target, s->elem, s->m, s->k,
                s->n, s->products, s->transposed ? ", transposed" : "");
    fail_msg("status %d, %d rounds: %s", (int)status, rounds, problem);
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
}

static void random_shapes(void **state) {
  (void)state;
  const char *wanted = getenv("PTOLOWER_SHAPES");
  int count = wanted ? atoi(wanted) : DEFAULT_SHAPES;
  for (int i = 0; i < count; i++) {
    shape s = random_shape();
    validate(&s, i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_shapes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
