/* Elements of tensors as numbers, and as people read them. */
#include "sim/sim_element.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/number.h"

typedef union element {
  float real;
  int64_t i64;
  int32_t i32;
  uint32_t ui32;
  int16_t i16;
  uint16_t ui16;
  int8_t i8;
  uint8_t ui8;
} element;

size_t element_bytes(const char *type) {
  return strchr(type, '8') ? 1 : strstr(type, "32") ? 4 : strstr(type, "64") ? 8 : 2;
}

static element read_element(const char *type, const void *at) {
  element out = {.i64 = 0};
  memcpy(&out, at, element_bytes(type));
  return out;
}

double element_number(const char *type, const void *at) {
  element value = read_element(type, at);
  return strcmp(type, "f32") == 0    ? (double)value.real
         : strcmp(type, "f16") == 0  ? (double)ptl_f32_of_f16(value.ui16)
         : strcmp(type, "bf16") == 0 ? (double)ptl_f32_of_bf16(value.ui16)
         : strcmp(type, "i64") == 0  ? (double)value.i64
         : strcmp(type, "i32") == 0  ? (double)value.i32
         : strcmp(type, "ui32") == 0 ? (double)value.ui32
         : strcmp(type, "i16") == 0  ? (double)value.i16
         : strcmp(type, "i8") == 0   ? (double)value.i8
         : strcmp(type, "ui8") == 0  ? (double)value.ui8
                                     : (double)value.ui16;
}

void element_print(char *out, size_t room, const char *type, const void *at) {
  if (strcmp(type, "i64") == 0) {
    snprintf(out, room, "%lld", (long long)read_element(type, at).i64);
  } else {
    snprintf(out, room, strchr(type, 'f') ? "%.9g" : "%.0f", element_number(type, at));
  }
}
