/* Builds the schedule of a plan: its rounds and loops, with loads, extracts, products and drains in
 * the order in which they are emitted. */
#include "plan/schedule.h"

#include <limits.h>

#include "plan/schedule_build.h"

static void begin_loop(ptl_builder *b, ptl_item_kind kind, const ptl_loop *l) {
  ptl_item *item = ptl_push_item(b, kind);
  item->trip_count = l->trip_count;
  item->step = l->step;
}

/* The chunks of a round that a loop repeats. */
static void push_k_loop(ptl_builder *b, const ptl_loop *l) {
  begin_loop(b, PTL_ITEM_LOOP_K, l);
  b->in_k_loop = true;
  for (int64_t i = 0; i < l->per_pass; i++) {
    ptl_push_piece(b);
  }
  b->in_k_loop = false;
  ptl_push_item(b, PTL_ITEM_END);
  b->now.piece += (l->trip_count - 1) * l->per_pass;
  ptl_look_ahead(b);
}

/* All of K for one row tile of a round. The first chunk is peeled: it starts the accumulators. */
static void push_row_tile(ptl_builder *b) {
  int64_t round = b->now.round;
  int row = b->now.row;
  ptl_loop l = ptl_k_loop_of(b, round);
  while (b->now.round == round && b->now.row == row) {
    if (b->now.piece == 1 && l.trip_count > 0) {
      push_k_loop(b, &l);
    } else {
      ptl_push_piece(b);
    }
  }
  ptl_push_stores(b, round, row);
}

static void push_round(ptl_builder *b) {
  int64_t round = b->now.round;
  while (b->now.round == round) {
    push_row_tile(b);
  }
}

static void push_n_loop(ptl_builder *b, const ptl_loop *l) {
  int64_t round = b->now.round;
  begin_loop(b, PTL_ITEM_LOOP_N, l);
  b->in_n_loop = true;
  for (int64_t i = 0; i < l->per_pass; i++) {
    push_round(b);
  }
  b->in_n_loop = false;
  ptl_push_item(b, PTL_ITEM_END);
  b->now.round = round + l->trip_count * l->per_pass;
  ptl_look_ahead(b);
}

static void push_rounds(ptl_builder *b) {
  while (b->now.round < b->round_count) {
    ptl_loop l = ptl_n_loop_of(b, b->now.round);
    if (l.trip_count > 0) {
      push_n_loop(b, &l);
    } else {
      push_round(b);
    }
  }
}

static void read_extents(ptl_builder *b) {
  b->k_box = ptl_k_box(b->target, b->problem->lhs);
  for (int rhs = 0; rhs < b->problem->rhs_count; rhs++) {
    b->part_columns[rhs] = ptl_part_columns(b->target, b->problem, b->tiling, rhs);
    b->unit_k[rhs] = ptl_unit_k(b->tiling, rhs);
  }
}

static void read_columns(ptl_builder *b) {
  b->column_count = ptl_column_count(b->problem, b->tiling);
  b->columns = ptl_arena_array(b->arena, (size_t)b->column_count, sizeof(*b->columns));
  ptl_columns_of(b->problem, b->tiling, b->columns);
  b->round_count = ptl_ceil_div(b->column_count, b->tiling->columns_at_once);
  b->piece_count = b->tiling->full_chunks + b->tiling->tail_count;
}

ptl_builder ptl_begin_build(ptl_arena *arena, const ptl_target *target, const ptl_problem *problem,
                            const ptl_tiling *tiling) {
  ptl_builder b = {.arena = arena, .target = target, .problem = problem, .tiling = tiling};
  read_extents(&b);
  read_columns(&b);
  return b;
}

ptl_schedule ptl_schedule_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan) {
  ptl_builder b = ptl_begin_build(arena, target, &plan->problem, &plan->tiling);
  ptl_counts counts = ptl_count_staging(b.problem, b.tiling);
  b.capacity = ptl_outline_of(&b, &counts, INT_MAX - 1).items;
  b.items = ptl_arena_array(arena, (size_t)b.capacity, sizeof(*b.items));
  ptl_push_first_loads(&b);
  push_rounds(&b);
  return (ptl_schedule){b.items, (int)ptl_min(b.count, b.capacity)};
}
