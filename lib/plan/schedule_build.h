/* How a schedule is built: its units and pieces, and the items of them. Not for other layers. */
#ifndef PTL_PLAN_SCHEDULE_BUILD_H
#define PTL_PLAN_SCHEDULE_BUILD_H

#include "plan/schedule.h"
#include "plan/search.h"

/* One K chunk: its place and valid extent. */
typedef struct ptl_piece {
  int64_t base;
  int64_t k_valid;
} ptl_piece;

/* A unit: a part of a piece of K of one column of a round. In a loop that of the first pass.
 * `number` and `piece_number` count units and pieces from the start of the schedule; loops are so
 * long that passes which are not written down leave both as they are, modulo the slots. */
typedef struct ptl_unit {
  int64_t round;
  int row; /* tile of rows */
  int64_t piece;
  int column, part;
  int64_t number, piece_number;
} ptl_unit;

typedef struct ptl_builder {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_problem *problem;
  const ptl_tiling *tiling;
  int64_t k_box;
  int64_t part_columns[PTL_MAX_RHS], unit_k[PTL_MAX_RHS]; /* extents of a part, and of a unit */
  ptl_column *columns;
  int64_t column_count, round_count, piece_count;
  ptl_unit now;   /* whose products come next */
  ptl_unit ahead; /* whose loads come next, if there is one */
  bool has_ahead;
  bool in_k_loop, in_n_loop;
  ptl_item *items;
  int count, capacity;
  ptl_item beyond;
} ptl_builder;

/* So many pieces or rounds make a pass of a loop, which has `trip_count` passes; none if 0. Its
 * variable moves on by `step`. */
typedef struct ptl_loop {
  int64_t per_pass, trip_count, step;
} ptl_loop;

/* ---- schedule_units.c: what there is to do ---- */

static inline int ptl_columns_of_round(const ptl_builder *b, int64_t round) {
  int64_t left = b->column_count - round * b->tiling->columns_at_once;
  return (int)ptl_min(left, b->tiling->columns_at_once);
}

static inline const ptl_column *ptl_unit_column(const ptl_builder *b, const ptl_unit *u) {
  return &b->columns[u->round * b->tiling->columns_at_once + u->column];
}

static inline ptl_piece ptl_piece_at(const ptl_tiling *t, int64_t index) {
  ptl_piece p = {ptl_min(index, t->full_chunks) * t->chunk_k, t->chunk_k};
  for (int64_t i = t->full_chunks; i < index; i++) {
    p.base += t->tail_k[i - t->full_chunks];
  }
  if (index >= t->full_chunks) {
    p.k_valid = t->tail_k[index - t->full_chunks];
  }
  return p;
}

/* Units of a piece of K, or of all of them, in all columns of a round. */
int64_t ptl_units_of_piece(const ptl_builder *b, int64_t round, int64_t index);
int64_t ptl_units_of_round(const ptl_builder *b, int64_t round);

/* Moves on to the next unit; false if there is none. */
bool ptl_next_unit(const ptl_builder *b, ptl_unit *u);

/* ---- schedule_loops.c ---- */

/* The loop over the full chunks of a round, from the second on; and over rounds, from `round` on.
 */
ptl_loop ptl_k_loop_of(const ptl_builder *b, int64_t round);
ptl_loop ptl_n_loop_of(const ptl_builder *b, int64_t round);

/* ---- schedule.c ---- */

/* A builder of the schedule of a whole tiling, which must stay as long. How its loops are
 * unrolled may change before it builds. */
ptl_builder ptl_begin_build(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                            const ptl_tiling *tiling);

/* ---- outline.c ---- */

/* What can be told of a schedule before it is made. */
typedef struct ptl_outline {
  int items;      /* `most` + 1 if there are more than `most`: the rest is not known then */
  int heads;      /* ties that loops carry at the least: flags that are set before all else */
  bool lacks_ids; /* ptoas has too few event ids for its loops (event_ids.h) */
} ptl_outline;

/* Of several row tiles, only the items are known. */
ptl_outline ptl_outline_of(const ptl_builder *b, const ptl_counts *counts, int most);

/* The same, if it has no more than `most` items, and ptoas event ids for its loops. If not, it ends
 * as soon as it shows: false, and what is out then says nothing. Of several row tiles, ptoas may
 * have too few ids all the same. */
bool ptl_outline_if_possible(const ptl_builder *b, const ptl_counts *counts, int most,
                             ptl_outline *out);

/* ---- schedule_items.c ---- */

/* Whether a unit is the first that needs a chunk of lhs which is not there. */
bool ptl_needs_lhs(const ptl_builder *b, const ptl_unit *u);

/* A new item, to be filled in; one that nobody reads if there are more than were counted. */
ptl_item *ptl_push_item(ptl_builder *b, ptl_item_kind kind);

/* Loads of a resident lhs, and of the units before which no products stand. */
void ptl_push_first_loads(ptl_builder *b);

/* Finds the unit whose loads come next, where the builder has gone on from a loop. */
void ptl_look_ahead(ptl_builder *b);

/* All units of the piece at which the builder is, with the loads of those ahead; moves on. */
void ptl_push_piece(ptl_builder *b);

void ptl_push_stores(ptl_builder *b, int64_t round, int row);

/* Chunks in turn have their own Left tiles where there are slots for more than one. */
int64_t ptl_left_turns(const ptl_tiling *t);

#endif
