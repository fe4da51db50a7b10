/* Sums and products of numbers that a user chose: each says whether it fits. */
#ifndef PTL_SUPPORT_CHECKED_H
#define PTL_SUPPORT_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool ptl_add(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_add_overflow(a, b, out);
}

static inline bool ptl_sub(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_sub_overflow(a, b, out);
}

static inline bool ptl_mul(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}

/* The same, held at the ends of the range: for what is only compared. */
static inline int64_t ptl_add_saturated(int64_t a, int64_t b) {
  int64_t sum;
  return ptl_add(a, b, &sum) ? sum : b > 0 ? INT64_MAX : INT64_MIN;
}

static inline int64_t ptl_mul_saturated(int64_t a, int64_t b) {
  int64_t product;
  return ptl_mul(a, b, &product) ? product : (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

#endif
