/* The smaller and the larger of two numbers, and the multiple that is next to one. */
#ifndef PTL_SUPPORT_ROUNDING_H
#define PTL_SUPPORT_ROUNDING_H

#include <stdint.h>

static inline int64_t ptl_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ptl_max(int64_t a, int64_t b) { return a > b ? a : b; }
/* Of numbers that are not negative. */
static inline int64_t ptl_ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0); }
/* The multiple of b next to a; that below it where int64_t has none above. */
static inline int64_t ptl_round_up(int64_t a, int64_t b) {
  int64_t below = a - a % b;
  return below == a || below > INT64_MAX - b ? below : below + b;
}

#endif
