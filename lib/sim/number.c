/* Conversion of element values: f16, bf16, f32 and integers, rounded to nearest even, saturated
 * where the chip does so. */
#include "sim/number.h"

#include <math.h>
#include <string.h>

bool ptl_elem_is_float(ptl_elem elem) {
  return elem == PTL_ELEM_F16 || elem == PTL_ELEM_BF16 || elem == PTL_ELEM_F32;
}

static float float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static uint32_t bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

float ptl_f32_of_bf16(uint16_t bits) { return float_of_bits((uint32_t)bits << 16); }

float ptl_f32_of_f16(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
  uint32_t exponent = bits >> 10 & 0x1fu, fraction = bits & 0x3ffu;
  if (exponent == 0x1f) {
    return float_of_bits(sign | 0x7f800000u | fraction << 13);
  }
  if (exponent == 0) {
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

double ptl_round_integer(double value, ptl_round mode) {
  switch (mode) {
  case PTL_ROUND_ROUND:
    return round(value);
  case PTL_ROUND_FLOOR:
    return floor(value);
  case PTL_ROUND_CEIL:
    return ceil(value);
  case PTL_ROUND_TRUNC:
    return trunc(value);
  case PTL_ROUND_ODD: {
    double below = floor(value);
    if (value - below != 0.5) {
      return rint(value);
    }
    return fmod(below, 2.0) != 0.0 ? below : below + 1.0;
  }
  default:
    return rint(value);
  }
}

typedef struct float_format {
  int precision; /* bits of the significand, the hidden one included */
  int least;     /* exponent of the smallest denormal */
  double largest;
} float_format;

static float_format format_of(ptl_elem elem) {
  switch (elem) {
  case PTL_ELEM_F16:
    return (float_format){11, -24, 65504.0};
  case PTL_ELEM_BF16:
    return (float_format){8, -133, 0x1.fep127};
  default:
    return (float_format){24, -149, 0x1.fffffep127};
  }
}

double ptl_round_float(double value, ptl_elem elem, ptl_round mode) {
  if (value == 0.0 || !isfinite(value)) {
    return value;
  }
  float_format format = format_of(elem);
  int exponent;
  frexp(value, &exponent);
  int quantum = exponent - format.precision;
  quantum = quantum < format.least ? format.least : quantum;
  double rounded = ldexp(ptl_round_integer(ldexp(value, -quantum), mode), quantum);
  if (fabs(rounded) > format.largest) {
    bool down = mode == PTL_ROUND_TRUNC || (mode == PTL_ROUND_FLOOR && value > 0) ||
                (mode == PTL_ROUND_CEIL && value < 0);
    rounded = copysign(down ? format.largest : INFINITY, value);
  }
  return rounded == 0.0 ? copysign(0.0, value) : rounded;
}

int64_t ptl_read_integer(ptl_elem elem, const uint8_t *at) {
  switch (elem) {
  case PTL_ELEM_I8:
    return (int8_t)*at;
  case PTL_ELEM_UI8:
    return *at;
  case PTL_ELEM_I16: {
    int16_t value;
    memcpy(&value, at, sizeof(value));
    return value;
  }
  case PTL_ELEM_UI32: {
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
  }
  case PTL_ELEM_I64: {
    int64_t value;
    memcpy(&value, at, sizeof(value));
    return value;
  }
  default: {
    int32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
  }
  }
}

double ptl_read_real(ptl_elem elem, const uint8_t *at) {
  uint16_t half;
  float single;
  switch (elem) {
  case PTL_ELEM_F16:
    memcpy(&half, at, sizeof(half));
    return ptl_f32_of_f16(half);
  case PTL_ELEM_BF16:
    memcpy(&half, at, sizeof(half));
    return ptl_f32_of_bf16(half);
  case PTL_ELEM_F32:
    memcpy(&single, at, sizeof(single));
    return single;
  default:
    return (double)ptl_read_integer(elem, at);
  }
}

int64_t ptl_saturate(ptl_elem elem, int64_t value) {
  bool is_unsigned = elem == PTL_ELEM_UI8 || elem == PTL_ELEM_UI32;
  int bits = (int)ptl_elem_bytes(elem) * 8 - (is_unsigned ? 0 : 1);
  int64_t high = (int64_t)((UINT64_C(1) << bits) - 1);
  int64_t low = is_unsigned ? 0 : -high - 1;
  return value < low ? low : value > high ? high : value;
}

void ptl_write_integer(ptl_elem elem, uint8_t *at, int64_t value) {
  uint64_t bits = (uint64_t)value;
  for (int64_t i = 0; i < ptl_elem_bytes(elem); i++) {
    at[i] = (uint8_t)(bits >> (8 * i));
  }
}

/* The bits of a value that the type holds exactly. */
static uint16_t f16_bits(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  double magnitude = fabs(value);
  if (isnan(value)) {
    return 0x7e00;
  }
  if (magnitude > 65504.0) {
    return sign | 0x7c00;
  }
  if (magnitude < 0x1p-14) {
    return (uint16_t)(sign | (uint16_t)(magnitude * 0x1p24));
  }
  uint32_t bits = bits_of_float((float)magnitude);
  return (uint16_t)(sign | ((bits >> 23) - 112) << 10 | (bits >> 13 & 0x3ff));
}

void ptl_write_real(ptl_elem elem, uint8_t *at, double value, ptl_round mode) {
  if (!ptl_elem_is_float(elem)) {
    double whole = isnan(value) ? 0.0 : ptl_round_integer(value, mode);
    int64_t integer = whole >= 0x1p63 ? INT64_MAX : whole < -0x1p63 ? INT64_MIN : (int64_t)whole;
    ptl_write_integer(elem, at, ptl_saturate(elem, integer));
    return;
  }
  if (elem == PTL_ELEM_F32) {
    bool plain = mode == PTL_ROUND_RINT || isnan(value);
    float single = plain ? (float)value : (float)ptl_round_float(value, elem, mode);
    single = isnan(value) ? float_of_bits(0x7fc00000u) : single;
    memcpy(at, &single, sizeof(single));
    return;
  }
  double rounded = ptl_round_float(value, elem, mode);
  uint16_t bits = elem == PTL_ELEM_F16 ? f16_bits(rounded)
                  : isnan(rounded)     ? (uint16_t)0x7fc0
                                       : (uint16_t)(bits_of_float((float)rounded) >> 16);
  memcpy(at, &bits, sizeof(bits));
}
