/* What fits into a buffer: bytes of tiles of any element type, and how large a tile may be. */
#ifndef PTL_KERNEL_FIT_H
#define PTL_KERNEL_FIT_H

#include "kernel/kernel.h"
#include "target/target.h"

/* A tile, or the slots of a multi tile. */
typedef struct ptl_size {
  const ptl_tile_type *tile;
  int64_t elem_bytes;
  bool is_i32; /* an accumulator of i32 has rows of its own */
  int slots;
} ptl_size;

/* Bytes that one of them takes on the chip: padded rows of accumulators included. */
int64_t ptl_size_bytes(const ptl_target *target, const ptl_size *size);

/* "N <= 128 (K = 128) or K <= 32 (N = 512) fits": the largest extents, in steps that the tile's
 * layout allows, with which it takes no more than `available_bytes`. NULL if there are none. */
const char *ptl_fitting_extents(ptl_arena *arena, const ptl_target *target, const ptl_size *size,
                                int64_t available_bytes);

#endif
