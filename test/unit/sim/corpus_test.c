/* The matmul kernels of the corpus, each run with scalars that are not zero, against plain
 * products. What a kernel computes is written down here by hand, not derived from it. Skipped
 * where the corpus is not at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <ptolower/sim.h>

#include "corpus_cases.h"
#include "sim/fill.h"
#include "sim/number.h"

enum { CASES = sizeof(cases) / sizeof(cases[0]), ARGUMENTS = 16, SEED = 77 };

static const char *corpus(void) {
  const char *named = getenv("PTOLOWER_CORPUS");
  return named ? named : PTL_SOURCE_DIR "/../shared/corpus";
}

static char *read_file(const char *name, size_t *length) {
  char path[512];
  snprintf(path, sizeof(path), "%s/%s", corpus(), name);
  FILE *file = fopen(path, "rb");
  if (!file) {
    return NULL;
  }
  char *text = malloc(1 << 20);
  *length = fread(text, 1, 1 << 20, file);
  fclose(file);
  return text;
}

/* "3=16 4=2" as arguments. */
static size_t read_scalars(char *text, ptolower_sim_argument *out) {
  size_t count = 0;
  for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
    char *equals = strchr(word, '=');
    *equals = '\0';
    out[count++] = (ptolower_sim_argument){.name = word, .text = equals + 1};
  }
  return count;
}

static char numbers[ARGUMENTS][4];

/* The inputs and what is added to are generated. */
static size_t name_tensors(const kernel_case *c, ptolower_sim_argument *out) {
  const int args[3] = {c->lhs.arg, c->rhs.arg, c->out.arg};
  for (int i = 0; i < 3; i++) {
    snprintf(numbers[i], sizeof(numbers[i]), "%d", args[i]);
    out[i] = (ptolower_sim_argument){.name = numbers[i],
                                     .text = i == 2 ? "small,seed=3" : "random,seed=77"};
  }
  return 3;
}

static double generated(ptl_elem elem, const place *at, int64_t row, int64_t col) {
  uint8_t bytes[4];
  ptl_sim_fill fill = {PTL_FILL_RANDOM, SEED};
  ptl_sim_fill_one(fill, elem, bytes, (at->row + row) * at->stride + at->col + col);
  return ptl_read_real(elem, bytes);
}

static float *inputs(const kernel_case *c, const place *at, int64_t rows, int64_t cols) {
  float *out = malloc((size_t)(rows * cols) * sizeof(float));
  for (int64_t i = 0; i < rows * cols; i++) {
    out[i] = (float)generated(c->elem, at, i / cols, i % cols);
  }
  return out;
}

static double plain_sum(const kernel_case *c, const float *lhs, const float *rhs, int64_t j) {
  int64_t step = c->transposed ? 1 : c->n;
  rhs += c->transposed ? j * c->k : j;
  double exact = 0.0;
  volatile float single = 0.0f;
  for (int64_t k = 0; k < c->k; k++) {
    if (c->out_elem == PTL_ELEM_I32) {
      exact += (double)lhs[k] * (double)rhs[k * step];
    } else {
      volatile float product = lhs[k] * rhs[k * step];
      single = single + product;
    }
  }
  return c->out_elem == PTL_ELEM_I32 ? exact : (double)single;
}

static void compare(const kernel_case *c, const uint8_t *out, size_t size) {
  float *lhs = inputs(c, &c->lhs, c->m, c->k);
  float *rhs = c->transposed ? inputs(c, &c->rhs, c->n, c->k) : inputs(c, &c->rhs, c->k, c->n);
  for (int64_t i = 0; i < c->m; i++) {
    for (int64_t j = 0; j < c->n; j++) {
      int64_t at = (c->out.row + i) * c->out.stride + c->out.col + j;
      uint8_t before[4], expected[4];
      ptl_sim_fill_one((ptl_sim_fill){PTL_FILL_SMALL, 3}, c->out_elem, before, at);
      double sum = plain_sum(c, lhs + i * c->k, rhs, j);
      sum += c->adds ? ptl_read_real(c->out_elem, before) : 0.0;
      ptl_write_real(c->out_elem, expected, sum, PTL_ROUND_RINT);
      assert_true((size_t)(at + 1) * 4 <= size);
      if (memcmp(out + at * 4, expected, 4) != 0) {
        fail_msg("%s: [%d, %d] is %.9g, expected %.9g", c->file, (int)i, (int)j,
                 ptl_read_real(c->out_elem, out + at * 4), sum);
      }
    }
  }
  free(lhs);
  free(rhs);
}

static void run_case(const kernel_case *c, const char *text, size_t length) {
  ptolower_sim_argument arguments[ARGUMENTS];
  char scalars[64];
  size_t size, count = name_tensors(c, arguments);
  snprintf(scalars, sizeof(scalars), "%s", c->scalars);
  count += read_scalars(scalars, arguments + count);
  ptolower_sim_options sim = {.arguments = arguments,
                              .argument_count = count,
                              .first_block = c->block,
                              .block_count = 1,
                              .block_num = 24};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result;
  ptolower_status status = ptolower_simulate(options, &sim, text, length, &result);
  if (status != PTOLOWER_OK) {
    fail_msg("%s: %s", c->file, ptolower_result_diagnostic_line(result, 0));
  }
  const uint8_t *out = ptolower_result_tensor(result, numbers[2], &size);
  compare(c, out, size);
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
}

static void equals_plain_products(void **state) {
  (void)state;
  for (size_t i = 0; i < CASES; i++) {
    size_t length;
    char *text = read_file(cases[i].file, &length);
    if (!text) {
      skip();
    }
    run_case(&cases[i], text, length);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(equals_plain_products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
