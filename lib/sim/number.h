/* Element values: reading, writing and rounding them.
 *
 * All arithmetic outside of the cube is done in double or int64_t and rounded once when it
 * is written. For one operation on f32, f16 or bf16 that is the same as rounding it in the
 * element's own precision. */
#ifndef PTL_SIM_NUMBER_H
#define PTL_SIM_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "target/target.h"

/* As pto.round_mode: to nearest even, to nearest and away from zero, ..., to nearest odd. */
typedef enum ptl_round {
  PTL_ROUND_RINT,
  PTL_ROUND_ROUND,
  PTL_ROUND_FLOOR,
  PTL_ROUND_CEIL,
  PTL_ROUND_TRUNC,
  PTL_ROUND_ODD,
} ptl_round;

bool ptl_elem_is_float(ptl_elem elem);

float ptl_f32_of_f16(uint16_t bits);
float ptl_f32_of_bf16(uint16_t bits);

/* The integer next to `value` in the direction of the mode. */
double ptl_round_integer(double value, ptl_round mode);

/* The value of `elem`, a float type, next to `value`; past the largest one it is infinite,
 * in the modes that round toward zero there the largest one. */
double ptl_round_float(double value, ptl_elem elem, ptl_round mode);

/* Any element as a number. Integers are exact. */
double ptl_read_real(ptl_elem elem, const uint8_t *at);
int64_t ptl_read_integer(ptl_elem elem, const uint8_t *at); /* of an integer type */

/* Writes a number as an element: floats rounded by the mode, every NaN as the quiet one of
 * its type; integers rounded by the mode and held at the ends of their range, NaN as 0. */
void ptl_write_real(ptl_elem elem, uint8_t *at, double value, ptl_round mode);
/* Writes the low bits. */
void ptl_write_integer(ptl_elem elem, uint8_t *at, int64_t value);
/* Holds the number at the ends of the type's range. */
int64_t ptl_saturate(ptl_elem elem, int64_t value);

#endif
