/* What a generated tensor holds. A value depends on the seed and the element's index
 * alone, so that a tensor can grow and still hold the same. */
#ifndef PTL_SIM_FILL_H
#define PTL_SIM_FILL_H

#include <stdint.h>

#include "target/target.h"

typedef enum ptl_fill_kind {
  PTL_FILL_ZEROS,
  PTL_FILL_ONES,
  PTL_FILL_IOTA,    /* 0, 1, 2, ..., wrapped at the type's range */
  PTL_FILL_RANDOM,  /* integers of the whole range; floats in (-1, 1), f32 with few bits */
  PTL_FILL_EXTREME, /* the ends of the range and what lies around zero; inf, NaN, denormals */
  PTL_FILL_SMALL,   /* integers 0 to 3, also as floats */
} ptl_fill_kind;

typedef struct ptl_sim_fill {
  ptl_fill_kind kind;
  uint64_t seed;
} ptl_sim_fill;

/* One element. */
void ptl_sim_fill_one(ptl_sim_fill fill, ptl_elem elem, uint8_t *at, int64_t index);

/* Fills elements [first, last) of an array. */
void ptl_sim_fill_elements(ptl_sim_fill fill, ptl_elem elem, uint8_t *bytes, int64_t first,
                           int64_t last);

#endif
