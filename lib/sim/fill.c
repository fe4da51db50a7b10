/* Makes the values of generated tensors, from the seed and the index of the element. */
#include "sim/fill.h"

#include <math.h>
#include <string.h>

#include "sim/number.h"

/* splitmix64 of the index: good bits at random access. */
static uint64_t hash(uint64_t seed, uint64_t index) {
  uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15u + index * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/* Values that break what is only nearly right. */
static double extreme_float(ptl_elem elem, uint64_t bits) {
  static const double values[] = {
      0.0, -0.0,    1.0,      -1.0,     0.5,       -3.0,     1e-3,   -7.0,    INFINITY, -INFINITY,
      NAN, 0x1p-24, -0x1p-20, 0x1p-133, -0x1p-140, 0x1p-149, 0x1p14, -0x1p15, 65504.0,  -65504.0};
  enum { COUNT = sizeof(values) / sizeof(values[0]), RARE = 32 };
  if (bits % RARE == 0) {
    double large = elem == PTL_ELEM_F16 ? 65504.0 : 0x1.8p127;
    return bits & 256 ? large : -large;
  }
  /* Special values are rare, else every sum is NaN. */
  uint64_t pick = bits >> 16;
  bool special = (bits >> 8) % 61 == 0;
  return special ? values[pick % COUNT] : values[2 + pick % 6];
}

static int64_t extreme_integer(ptl_elem elem, uint64_t bits) {
  int64_t low = ptl_saturate(elem, INT64_MIN), high = ptl_saturate(elem, INT64_MAX);
  const int64_t values[] = {low, high, low, high, low + 1, 0, 1, -1};
  return values[bits % (sizeof(values) / sizeof(values[0]))];
}

static double random_float(ptl_elem elem, uint64_t bits) {
  int width = elem == PTL_ELEM_BF16 ? 7 : elem == PTL_ELEM_F16 ? 10 : 20;
  int64_t range = INT64_C(1) << width;
  return ldexp((double)((int64_t)(bits % (uint64_t)(2 * range)) - range), -width);
}

static void fill_float(ptl_sim_fill fill, ptl_elem elem, uint8_t *at, int64_t index) {
  uint64_t bits = hash(fill.seed, (uint64_t)index);
  double value = fill.kind == PTL_FILL_ONES      ? 1.0
                 : fill.kind == PTL_FILL_IOTA    ? (double)index
                 : fill.kind == PTL_FILL_RANDOM  ? random_float(elem, bits)
                 : fill.kind == PTL_FILL_EXTREME ? extreme_float(elem, bits)
                 : fill.kind == PTL_FILL_SMALL   ? (double)(bits % 4)
                                                 : 0.0;
  ptl_write_real(elem, at, value, PTL_ROUND_RINT);
}

static void fill_integer(ptl_sim_fill fill, ptl_elem elem, uint8_t *at, int64_t index) {
  uint64_t bits = hash(fill.seed, (uint64_t)index);
  int64_t value = fill.kind == PTL_FILL_ONES      ? 1
                  : fill.kind == PTL_FILL_IOTA    ? index
                  : fill.kind == PTL_FILL_RANDOM  ? (int64_t)bits
                  : fill.kind == PTL_FILL_EXTREME ? extreme_integer(elem, bits)
                  : fill.kind == PTL_FILL_SMALL   ? (int64_t)(bits % 4)
                                                  : 0;
  ptl_write_integer(elem, at, value);
}

/* Random bytes, eight at a time: weights are large. */
static void fill_bytes(uint64_t seed, uint8_t *bytes, int64_t first, int64_t last) {
  for (int64_t i = first; i < last;) {
    uint64_t bits = hash(seed, (uint64_t)(i / 8));
    if (i % 8 == 0 && last - i >= 8) {
      memcpy(bytes + i, &bits, 8);
      i += 8;
    } else {
      bytes[i] = (uint8_t)(bits >> (8 * (i % 8)));
      i++;
    }
  }
}

void ptl_sim_fill_one(ptl_sim_fill fill, ptl_elem elem, uint8_t *at, int64_t index) {
  if (fill.kind == PTL_FILL_RANDOM && ptl_elem_bytes(elem) == 1) {
    *at = (uint8_t)(hash(fill.seed, (uint64_t)(index / 8)) >> (8 * (index % 8)));
  } else if (ptl_elem_is_float(elem)) {
    fill_float(fill, elem, at, index);
  } else {
    fill_integer(fill, elem, at, index);
  }
}

void ptl_sim_fill_elements(ptl_sim_fill fill, ptl_elem elem, uint8_t *bytes, int64_t first,
                           int64_t last) {
  int64_t size = ptl_elem_bytes(elem);
  if (fill.kind == PTL_FILL_ZEROS) {
    memset(bytes + first * size, 0, (size_t)((last - first) * size));
    return;
  }
  if (fill.kind == PTL_FILL_RANDOM && size == 1) {
    fill_bytes(fill.seed, bytes, first, last);
    return;
  }
  for (int64_t i = first; i < last; i++) {
    ptl_sim_fill_one(fill, elem, bytes + i * size, i);
  }
}
