/* Element types: conversions against direct formulas, for all values where that is feasible. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/matmul.h"
#include "sim/number.h"

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static uint16_t narrow(ptl_elem elem, double value, ptl_round mode) {
  uint8_t bytes[4];
  uint16_t bits;
  ptl_write_real(elem, bytes, value, mode);
  memcpy(&bits, bytes, 2);
  return bits;
}

/* f16 by its definition. */
static double f16(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                     : exponent == 0 ? ldexp(fraction, -24)
                                     : ldexp(1024 + fraction, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

static void every_half(void **state) {
  (void)state;
  for (uint32_t bits = 0; bits < 65536; bits++) {
    double value = ptl_f32_of_f16((uint16_t)bits), expected = f16((uint16_t)bits);
    assert_true(isnan(expected) ? isnan(value) : value == expected);
    if (!isnan(expected)) {
      assert_int_equal(narrow(PTL_ELEM_F16, value, PTL_ROUND_RINT), bits);
    }
    float brain = ptl_f32_of_bf16((uint16_t)bits);
    assert_int_equal(bits_of(brain) >> 16, bits);
    if (!isnan(brain)) {
      assert_int_equal(narrow(PTL_ELEM_BF16, (double)brain, PTL_ROUND_RINT), bits);
    }
  }
  assert_int_equal(narrow(PTL_ELEM_F16, NAN, PTL_ROUND_RINT), 0x7e00);
  assert_int_equal(narrow(PTL_ELEM_BF16, -NAN, PTL_ROUND_RINT), 0x7fc0);
}

/* bf16 to nearest even by adding to the bits. */
static void bf16_rounds(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 300000; i++) {
    uint32_t bits = (uint32_t)(i * 2654435761u);
    float value = float_of(bits);
    if (isnan(value)) {
      continue;
    }
    uint32_t expected = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    assert_int_equal(narrow(PTL_ELEM_BF16, (double)value, PTL_ROUND_RINT), expected);
    uint32_t away = (bits + 0x8000) >> 16;
    assert_int_equal(narrow(PTL_ELEM_BF16, (double)value, PTL_ROUND_ROUND), away);
    if (!isinf(value)) {
      assert_int_equal(narrow(PTL_ELEM_BF16, (double)value, PTL_ROUND_TRUNC), bits >> 16);
    }
  }
}

static void integers(void **state) {
  (void)state;
  static const struct {
    double value;
    ptl_round mode;
    int expected;
  } cases[] = {
      {2.5, PTL_ROUND_RINT, 2},    {3.5, PTL_ROUND_RINT, 4},      {2.5, PTL_ROUND_ROUND, 3},
      {-2.5, PTL_ROUND_ROUND, -3}, {-2.1, PTL_ROUND_FLOOR, -3},   {2.1, PTL_ROUND_CEIL, 3},
      {-2.9, PTL_ROUND_TRUNC, -2}, {2.5, PTL_ROUND_ODD, 3},       {3.5, PTL_ROUND_ODD, 3},
      {200, PTL_ROUND_RINT, 127},  {-1e30, PTL_ROUND_RINT, -128}, {NAN, PTL_ROUND_RINT, 0}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    uint8_t byte;
    ptl_write_real(PTL_ELEM_I8, &byte, cases[i].value, cases[i].mode);
    assert_int_equal((int8_t)byte, cases[i].expected);
  }
  uint8_t bytes[4];
  ptl_write_real(PTL_ELEM_I32, bytes, 3e9, PTL_ROUND_RINT);
  assert_int_equal(ptl_read_integer(PTL_ELEM_I32, bytes), INT32_MAX);
}

static void overflow(void **state) {
  (void)state;
  assert_int_equal(narrow(PTL_ELEM_F16, 65519.0, PTL_ROUND_RINT), 0x7bff);
  assert_int_equal(narrow(PTL_ELEM_F16, 65520.0, PTL_ROUND_RINT), 0x7c00);
  assert_int_equal(narrow(PTL_ELEM_F16, 1e6, PTL_ROUND_TRUNC), 0x7bff);
  assert_int_equal(narrow(PTL_ELEM_F16, ldexp(1, -25), PTL_ROUND_RINT), 0);
  assert_int_equal(narrow(PTL_ELEM_F16, -ldexp(1, -30), PTL_ROUND_RINT), 0x8000);
}

/* Ascending k, product rounded, then added: where another order gives another sum. */
static void order_of_sums(void **state) {
  (void)state;
  enum { M = 3, K = 37, N = 19 };
  float lhs[M * K], rhs[K * N], acc[M * N] = {0};
  for (int i = 0; i < M * K; i++) {
    lhs[i] = ldexpf((float)(i * 7 % 31) - 15.0f, i % 13);
  }
  for (int i = 0; i < K * N; i++) {
    rhs[i] = ldexpf((float)(i * 11 % 29) - 14.0f, -(i % 17)) / 3.0f;
  }
  for (int k = 0; k < K; k += 5) { /* cut anywhere, it is the same */
    int step = K - k < 5 ? K - k : 5;
    float part[M * 5];
    for (int i = 0; i < M; i++) {
      memcpy(part + i * step, lhs + i * K + k, (size_t)step * sizeof(float));
    }
    ptl_sim_matmul_f32(M, step, N, part, rhs + k * N, acc);
  }
  for (int i = 0; i < M; i++) {
    for (int j = 0; j < N; j++) {
      volatile float sum = 0.0f;
      for (int k = 0; k < K; k++) {
        volatile float product = lhs[i * K + k] * rhs[k * N + j];
        sum = sum + product;
      }
      assert_int_equal(bits_of(acc[i * N + j]), bits_of(sum));
    }
  }
}

static void integer_products(void **state) {
  (void)state;
  int16_t lhs[6] = {-128, 127, 255, -128, 1, 0}, rhs[6] = {-128, 127, 255, 255, -128, 3};
  int32_t acc[1] = {INT32_MAX};
  ptl_sim_matmul_i16(1, 6, 1, lhs, rhs, acc);
  uint32_t sum = 16384 + 16129 + 65025 - 32640 - 128;
  assert_int_equal((uint32_t)acc[0], (uint32_t)INT32_MAX + sum);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_half),    cmocka_unit_test(bf16_rounds),
      cmocka_unit_test(integers),      cmocka_unit_test(overflow),
      cmocka_unit_test(order_of_sums), cmocka_unit_test(integer_products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
