/* Builds the schedule of a plan: its rounds and loops, with loads, extracts, products and drains in
 * the order in which they are emitted. */
#include "plan/schedule.h"

#include <limits.h>

#include "plan/schedule_build.h"

static int64_t gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static int64_t lcm(int64_t a, int64_t b) { return a / gcd(a, b) * b; }

/* How many times `each` things fill whole turns of the slots. */
static int64_t whole_turns(int64_t each, int64_t slots) { return slots / gcd(each, slots); }

/* So many pieces or rounds make a pass of a loop, which has `trip_count` passes; none if 0. */
typedef struct loop {
  int64_t per_pass;
  int64_t trip_count;
} loop;

static loop loop_of(int64_t per_pass, int64_t available) {
  loop l = {per_pass, ptl_max(available, 0) / per_pass};
  l.trip_count = l.trip_count >= 2 ? l.trip_count : 0;
  return l;
}

/* The loop over the full chunks of a round, from the second on. What it loads for later passes are
 * full chunks, too, and the last of those stand after it: at a loop's exit ptoas lets what follows
 * wait for everything that the loop loaded. */
static loop k_loop(const ptl_builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  if (t->unroll_k || t->full_chunks < 4 || t->lhs_kept > 0) {
    return (loop){1, 0};
  }
  int64_t units = ptl_units_of_piece(b, round, 0);
  int64_t ahead = ptl_max(1, ptl_ceil_div(t->mat_slots - 1, units));
  int64_t lhs_turns = lcm(t->lhs_slots, ptl_left_turns(t));
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_turns), t->full_chunks - 1 - ahead);
}

/* Whether all of a column tile is there to be loaded. */
static bool is_in_memory(const ptl_builder *b, const ptl_column *column) {
  return ptl_columns_in_memory(b->problem, column->rhs, column->n_base, column->n) == column->n;
}

/* Columns from one round to the next, if the next does the same there; else 0. */
static int64_t shift_of(const ptl_builder *b, int64_t round) {
  int64_t width = b->tiling->columns_at_once, shift = 0;
  if (round + 1 >= b->round_count ||
      ptl_columns_of_round(b, round + 1) != ptl_columns_of_round(b, round)) {
    return 0;
  }
  for (int i = 0; i < ptl_columns_of_round(b, round); i++) {
    const ptl_column *now = &b->columns[round * width + i];
    const ptl_column *next = now + width;
    int64_t by = next->n_base - now->n_base;
    if (next->rhs != now->rhs || next->n != now->n || !is_in_memory(b, next) ||
        (i > 0 && by != shift)) {
      return 0;
    }
    shift = by;
  }
  return shift;
}

/* The loop over rounds that are alike, from `round` on. */
static loop n_loop(const ptl_builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  int64_t shift = shift_of(b, round), alike = 1;
  bool loads_all_lhs = round == 0 && t->lhs_kept > 0;
  if (t->unroll_n || shift <= 0 || loads_all_lhs) {
    return (loop){1, 0};
  }
  while (shift_of(b, round + alike - 1) == shift) {
    alike++;
  }
  int rows = ptl_row_tiles_of(b->problem);
  int64_t units = rows * ptl_units_of_round(b, round);
  int64_t ahead = ptl_ceil_div(t->mat_slots - 1, units);
  int64_t lhs_rounds = lcm(
      whole_turns(rows * (b->piece_count - t->lhs_kept), ptl_max(1, t->lhs_slots - t->lhs_kept)),
      whole_turns(rows * b->piece_count, ptl_left_turns(t)));
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_rounds), alike - ahead);
}

static void begin_loop(ptl_builder *b, ptl_item_kind kind, loop l, int64_t step) {
  ptl_item *item = ptl_push_item(b, kind);
  item->trip_count = l.trip_count;
  item->step = step;
}

/* All of K for one row tile of a round. The first chunk is peeled: it starts the accumulators. */
static void push_row_tile(ptl_builder *b) {
  int64_t round = b->now.round;
  int row = b->now.row;
  loop l = k_loop(b, round);
  while (b->now.round == round && b->now.row == row && b->count <= b->most) {
    bool loops = b->now.piece == 1 && l.trip_count > 0;
    if (loops) {
      begin_loop(b, PTL_ITEM_LOOP_K, l, l.per_pass * b->tiling->chunk_k);
      b->in_k_loop = true;
    }
    for (int64_t i = 0; i < (loops ? l.per_pass : 1); i++) {
      ptl_push_piece(b);
    }
    if (loops) {
      b->in_k_loop = false;
      ptl_push_item(b, PTL_ITEM_END);
      b->now.piece += (l.trip_count - 1) * l.per_pass;
    }
  }
  ptl_push_stores(b, round, row);
}

static void push_round(ptl_builder *b) {
  int64_t round = b->now.round;
  while (b->now.round == round && b->count <= b->most) {
    push_row_tile(b);
  }
}

static void push_rounds(ptl_builder *b) {
  while (b->now.round < b->round_count && b->count <= b->most) {
    int64_t round = b->now.round;
    loop l = n_loop(b, round);
    if (l.trip_count == 0) {
      push_round(b);
      continue;
    }
    begin_loop(b, PTL_ITEM_LOOP_N, l, l.per_pass * shift_of(b, round));
    b->in_n_loop = true;
    for (int64_t i = 0; i < l.per_pass; i++) {
      push_round(b);
    }
    b->in_n_loop = false;
    ptl_push_item(b, PTL_ITEM_END);
    b->now.round = round + l.trip_count * l.per_pass;
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

static ptl_builder begin_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                               int most) {
  ptl_builder b = {.arena = arena,
                   .target = target,
                   .problem = &plan->problem,
                   .tiling = &plan->tiling,
                   .most = most};
  read_extents(&b);
  read_columns(&b);
  return b;
}

/* How many items there are; more than `most` if there are more. */
static int count_items(ptl_builder b) {
  b.only_counts = true;
  ptl_push_first_loads(&b);
  push_rounds(&b);
  return b.count;
}

int ptl_schedule_count(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan, int most) {
  return count_items(begin_build(arena, target, plan, most));
}

ptl_schedule ptl_schedule_build_within(ptl_arena *arena, const ptl_target *target,
                                       const ptl_plan *plan, int most) {
  ptl_builder b = begin_build(arena, target, plan, most);
  b.most = count_items(b);
  if (b.most > most) {
    return (ptl_schedule){NULL, 0};
  }
  b.items = ptl_arena_extend(arena, NULL, 0, (size_t)b.most * sizeof(*b.items));
  ptl_push_first_loads(&b);
  push_rounds(&b);
  return b.count > b.most ? (ptl_schedule){NULL, 0} : (ptl_schedule){b.items, b.count};
}

ptl_schedule ptl_schedule_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan) {
  return ptl_schedule_build_within(arena, target, plan, INT_MAX - 1);
}
