/* Inside of the check of lives at level2: which tile each value is (lives_names.c), and which tiles
 * live at one time (lives.c). Not for other layers. */
#ifndef PTL_CHECK_LIVES_STATE_H
#define PTL_CHECK_LIVES_STATE_H

#include "check/check_parts.h"
#include "kernel/fit.h"

/* Indices of ops after which a tile was written for sure. */
typedef struct ptl_lives_span {
  int begin, end;
} ptl_lives_span;

typedef struct ptl_lives_tile {
  const ptl_op *alloc;
  ptl_size size;
  int64_t bytes;  /* with all slots, each aligned */
  bool is_merged; /* it is one of several tiles under some name: not followed */
  ptl_lives_span *spans;
  int span_count, span_capacity;
} ptl_lives_tile;

typedef struct ptl_lives_crowd {
  const ptl_op *op; /* NULL: none found */
  int newest;
  int64_t bytes;
  uint64_t *tiles; /* a set of them */
} ptl_lives_crowd;

typedef struct ptl_lives {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  const ptl_target *target;
  const ptl_noted *noted;
  ptl_lives_tile *tiles;
  int count, capacity;
  size_t words;
  int *tile_of;  /* by value number; -1: none */
  bool *is_part; /* by value number: a name of a part of its tile */
  int64_t reserved_bytes[PTL_SPACE_COUNT], total_bytes[PTL_SPACE_COUNT];
  ptl_lives_crowd crowds[PTL_SPACE_COUNT];
} ptl_lives;

/* Finds the tiles without addresses, their names, and what is reserved for pipes. */
void ptl_lives_name(ptl_lives *lives);

/* The last op of a block; NULL if it has none. */
const ptl_op *ptl_lives_last_op(const ptl_block *block);

#endif
