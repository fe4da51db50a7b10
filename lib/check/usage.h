/* How a kernel uses its buffers: where each tile lies, when it lives, and how high each
 * space is filled. For people to look at; nothing is proved here (check.h).
 *
 * Time is counted in steps: the ops that touch tiles, in program order. A place is what
 * tiles share that begin at one address of one space (level2: a tile alone). A life
 * is one value's stay in a place, under one name or several: from its write to its last
 * read, and around the back edge of every loop that carries it.
 */
#ifndef PTL_CHECK_USAGE_H
#define PTL_CHECK_USAGE_H

#include "check/check.h"

typedef enum ptl_mark {
  PTL_MARK_NONE,
  PTL_MARK_WARNING,
  PTL_MARK_ERROR,
} ptl_mark;

/* A multi tile is one, with all its slots. */
typedef struct ptl_usage_tile {
  const ptl_op *alloc;
  const ptl_tile_type *type;
  bool has_address; /* a constant one */
  int64_t address, bytes;
  int place;       /* -1: its address is not known */
  int first, last; /* steps; -1: nothing touches it */
  ptl_mark mark;
} ptl_usage_tile;

typedef struct ptl_life {
  int place, first, last;
  int *tiles; /* their names, in order of use */
  int tile_count, tile_capacity;
  int64_t bytes; /* of the largest */
  bool is_read;
  ptl_mark mark;
} ptl_life;

typedef struct ptl_usage_step {
  const ptl_op *op;
  int depth; /* loops around it */
} ptl_usage_step;

/* An scf.for with steps inside. */
typedef struct ptl_usage_loop {
  const ptl_op *op;
  int first, last, depth;
} ptl_usage_loop;

typedef struct ptl_usage_space {
  bool is_used;
  int64_t top_bytes;  /* highest end address of a tile; level3 */
  int64_t live_bytes; /* most bytes that live at one step */
} ptl_usage_space;

typedef struct ptl_usage {
  ptl_usage_tile *tiles;
  ptl_life *lives;
  ptl_usage_step *steps;
  ptl_usage_loop *loops;
  int tile_count, life_count, step_count, loop_count, place_count;
  ptl_usage_space spaces[PTL_SPACE_COUNT];
  const ptl_kernel *kernel;
  const int *tile_of_value; /* -1: none */
} ptl_usage;

/* `noted`: by the walk over the kernel. */
ptl_usage *ptl_usage_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                        const ptl_noted *noted);

/* Marks the tiles and lives that a finding is about, unless they have a worse mark: those that its
 * text names, else all of its op. */
void ptl_usage_mark(ptl_usage *usage, const ptl_finding *finding, ptl_mark mark);

#endif
