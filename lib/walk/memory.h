/* What the on-chip buffers hold, at one point of a walk.
 *
 * A content is what one instruction wrote into one byte range: a part of a matrix
 * in memory (Mat, Left, Right), or a sum of products (Acc). SSA names do not matter: a
 * range is known by its space and address (level3) or by its alloc_tile (level2).
 */
#ifndef PTL_WALK_MEMORY_H
#define PTL_WALK_MEMORY_H

#include "expr/expr.h"
#include "kernel/kernel.h"
#include "kernel/slots.h"
#include "target/range.h"
#include "walk/forked.h"

/* Roots of matrices that lie nowhere in memory: that came through a pipe, or were gathered in Mat.
 */
enum { PTL_ROOT_POPPED = -2, PTL_ROOT_GATHERED = -3 };

/* Rows x cols elements of a matrix in GM, beginning at (row, col); or of one that lies nowhere in
 * memory. */
typedef struct ptl_region {
  int root;     /* value number of the pointer, or PTL_ROOT_... */
  int instance; /* of a matrix that lies nowhere in memory: which one */
  ptl_elem elem;
  ptl_expr row_stride, col_stride; /* in elements */
  ptl_expr row, col, rows, cols;
  int view;                      /* value number of the view that it was read through */
  ptl_expr view_rows, view_cols; /* extents of that view */
  bool is_remade; /* the view has other dimensions: these are of one that has to be made */
} ptl_region;

/* K interval of a sum: [lhs_k, lhs_k + length) of lhs, in its rows from lhs_row on, by the same of
 * rhs. */
typedef struct ptl_segment {
  ptl_expr lhs_row;
  ptl_expr lhs_k, rhs_k;
  int64_t length;
} ptl_segment;

/* Numbers of the events between which an operand was loaded. */
typedef struct ptl_load_span {
  int first, last;
} ptl_load_span;

/* Sum over the segments of lhs[rows, k] * rhs[k, cols]. Never changed once made. */
typedef struct ptl_sum {
  const ptl_op *first; /* the tmatmul that began it */
  int begin;           /* number of that event in the walk */
  ptl_region lhs, rhs; /* their K extents are void; rows of lhs are those of the product */
  bool lhs_transposed; /* lhs lies as k x m: its strides and extents have changed places */
  bool rhs_transposed;
  ptl_expr m, n;
  ptl_elem acc;
  ptl_segment *segments;
  int segment_count;
  const ptl_op *other; /* of another kind than tmatmul and tmatmul.acc, if one is in it; or NULL */
  bool is_open; /* where products are found: more segments may belong to it, any number of them */
  ptl_load_span lhs_loads, rhs_loads;
  ptl_region lhs_last, rhs_last; /* of the chunk that was added last */
  ptl_expr lhs_shift, rhs_shift; /* what was added to its offset in K */
} ptl_sum;

/* `rows` rounded up to 16, with `rows` from 1 to `most` (acc_pitch.h). `most` 0: not known. */
typedef struct ptl_acc_pitch {
  ptl_expr rows;
  int64_t most;
} ptl_acc_pitch;

typedef enum ptl_holds {
  PTL_HOLDS_REGION,
  PTL_HOLDS_SUM,
  PTL_HOLDS_UNKNOWN,
} ptl_holds;

typedef struct ptl_content {
  ptl_range range;
  ptl_holds holds;
  ptl_tile_type type; /* as which tile it was written */
  ptl_region region;
  bool transposed; /* the tile's rows are the region's columns */
  const ptl_sum *sum;
  const char *why;          /* PTL_HOLDS_UNKNOWN */
  bool is_carried;          /* and that because iterations of a loop hand it on */
  const ptl_forked *forked; /* and what is known all the same; or NULL */
  bool is_torn;             /* and that because a write at `torn_by_bytes` covered a part of it */
  int64_t torn_by_bytes;
  const ptl_op *writer;
  ptl_acc_pitch
      pitch; /* of an accumulator, also of one that is PTL_HOLDS_UNKNOWN: as `product` left it */
  const ptl_op *product;
  int load;     /* number of the event that loaded it from GM */
  int64_t step; /* of the walk, at which it was written */
  bool is_read;
} ptl_content;

typedef struct ptl_memory {
  ptl_arena *arena;
  ptl_content *contents;
  int count, capacity;
} ptl_memory;

/* Bytes that a tile of this type takes in its buffer. */
int64_t ptl_tile_bytes(const ptl_target *target, const ptl_tile_type *type);

/* Whether a tile's end can be computed from its address; further away there is no buffer. */
bool ptl_address_is_possible(int64_t address);

ptl_memory ptl_memory_copy(const ptl_memory *memory);

/* Puts a content in its range. What lay there goes; what it overlaps in part becomes unknown.
 * `lost` gets the contents that went without ever being read, at most one (NULL if none). */
void ptl_memory_write(ptl_memory *memory, const ptl_content *content, const ptl_content **lost);

/* Makes unknown whatever overlaps the range, and the range itself. */
void ptl_memory_forget(ptl_memory *memory, ptl_range range, const ptl_op *op, const char *why);

/* The same where products are found, of what the iterations of a loop write: a sum that all of them
 * add to is one of an unknown number of segments; it was `before` the loop as well, or is NULL. */
void ptl_memory_forget_carried(ptl_memory *memory, ptl_range range, const ptl_op *op,
                               const char *why, const ptl_memory *before);

/* Whatever overlaps the range counts as read. */
void ptl_memory_mark_read(ptl_memory *memory, ptl_range range);

/* The content of exactly that range; NULL if there is none. */
ptl_content *ptl_memory_find(ptl_memory *memory, ptl_range range);

/* Any content that overlaps the range; NULL if there is none. */
const ptl_content *ptl_memory_overlap(const ptl_memory *memory, ptl_range range);

/* Keeps what both hold alike; the rest becomes unknown, or forked. */
void ptl_memory_meet(ptl_memory *memory, const ptl_memory *other, const ptl_meeting *meeting);

bool ptl_region_equal(const ptl_region *a, const ptl_region *b);

/* The transpose of a region: the same elements, with rows for columns. */
ptl_region ptl_region_turned(const ptl_region *region);

#endif
