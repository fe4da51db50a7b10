/* Puts a comma between each three digits. */
#include "common/grouped.h"

#include <math.h>
#include <stdio.h>

const char *grouped_text(double value, char out[GROUPED_SIZE]) {
  char digits[GROUPED_SIZE];
  int length = snprintf(digits, sizeof(digits), "%.0f", fabs(value));
  char *at = out;
  if (value <= -0.5) {
    *at++ = '-';
  }
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      *at++ = ',';
    }
    *at++ = digits[i];
  }
  *at = '\0';
  return out;
}

double percent_of(double part, double whole) { return whole > 0 ? part / whole * 100 : 0; }
