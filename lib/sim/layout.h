/* Where the elements of a tile lie in its bytes.
 *
 * A tile is cut into boxes; a box holds lines, a line holds neighbouring elements of one
 * row (or, where `swapped`, of one column: then rows and columns change places in all
 * that follows). Mat nz, Left zz, Right zn, Acc nz and plain vector tiles differ only in
 * the size of the box and in the steps between boxes.
 */
#ifndef PTL_SIM_LAYOUT_H
#define PTL_SIM_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "asm/asm.h"
#include "target/target.h"

typedef struct ptl_sim_layout {
  bool swapped;
  bool down_first;            /* boxes follow each other down a column of boxes, not along a row */
  int64_t box_rows, box_cols; /* elements; of a line: box_cols */
  int64_t row_step, col_step; /* elements from a box to the one below, to the right */
  int64_t elem_bytes;
  int64_t bytes; /* of the whole tile, padding included */
} ptl_sim_layout;

/* The layout of a tile type on a chip. Left, Right and Acc tiles have the chip's layout
 * whatever is written; boxes are 16 rows (Right: columns) of 32 bytes, in Acc 16 x 16 elements.
 * `bytes` of an accumulator has its rows padded as the chip pads them. */
ptl_sim_layout ptl_sim_layout_of(const ptl_tile_type *type, const ptl_target *target);

/* The same boxes with `pitch` rows (of elements, columns if not `down_first`; swapped ones change
 * places) from one column of boxes to the next (row of boxes). */
ptl_sim_layout ptl_sim_layout_at(const ptl_sim_layout *layout, int64_t pitch);

/* Byte offset of an element. */
int64_t ptl_sim_offset(const ptl_sim_layout *layout, int64_t row, int64_t col);

/* A rectangle of a tile. */
typedef struct ptl_sim_region {
  int64_t row, col, rows, cols;
} ptl_sim_region;

/* Copies a rectangle between a tile's bytes and a dense array of rows that lie `stride`
 * bytes apart. */
void ptl_sim_gather(const ptl_sim_layout *layout, const uint8_t *tile, ptl_sim_region region,
                    uint8_t *dense, int64_t stride);
void ptl_sim_scatter(const ptl_sim_layout *layout, uint8_t *tile, ptl_sim_region region,
                     const uint8_t *dense, int64_t stride);

/* What a byte of a buffer holds. */
typedef enum ptl_sim_mark {
  PTL_SIM_UNWRITTEN, /* nothing since the run began */
  PTL_SIM_WRITTEN,
  PTL_SIM_PADDING, /* what the cube leaves beside a product, in the rows that fill a fractal */
} ptl_sim_mark;

/* Marks of a rectangle, one byte for each byte of the tile: sets all, tells whether one is
 * `mark`, and copies one for each element. */
void ptl_sim_set_marks(const ptl_sim_layout *layout, uint8_t *marks, ptl_sim_region region,
                       ptl_sim_mark mark);
bool ptl_sim_has_mark(const ptl_sim_layout *layout, const uint8_t *marks, ptl_sim_region region,
                      ptl_sim_mark mark);
void ptl_sim_gather_marks(const ptl_sim_layout *layout, const uint8_t *marks, ptl_sim_region region,
                          uint8_t *dense);
void ptl_sim_scatter_marks(const ptl_sim_layout *layout, uint8_t *marks, ptl_sim_region region,
                           const uint8_t *dense);

#endif
