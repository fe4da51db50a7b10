/* The loops of a schedule: which pieces of K and which rounds a pass of one repeats. */
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

/* The loop of so many things a pass, of `available` ones that are `each` apart; none if that is
 * less than two passes. */
static ptl_loop loop_of(int64_t per_pass, int64_t available, int64_t each) {
  int64_t trips = ptl_max(available, 0) / per_pass;
  return trips < 2 ? (ptl_loop){1, 0, 0} : (ptl_loop){per_pass, trips, per_pass * each};
}

/* The loop over the full chunks of a round, from the second on. What it loads for later passes are
 * full chunks, too, and the last of those stand after it: at a loop's exit ptoas lets what follows
 * wait for everything that the loop loaded. */
ptl_loop ptl_k_loop_of(const ptl_builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  if (t->unroll_k || t->full_chunks < 4 || t->lhs_kept > 0) {
    return (ptl_loop){1, 0, 0};
  }
  int64_t units = ptl_units_of_piece(b, round, 0);
  int64_t ahead = ptl_max(1, ptl_ceil_div(t->mat_slots - 1, units));
  int64_t lhs_turns = lcm(t->lhs_slots, ptl_left_turns(t));
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_turns), t->full_chunks - 1 - ahead,
                 t->chunk_k);
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
ptl_loop ptl_n_loop_of(const ptl_builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  bool loads_all_lhs = round == 0 && t->lhs_kept > 0;
  int64_t shift = t->unroll_n || loads_all_lhs ? 0 : shift_of(b, round), alike = 1;
  if (shift <= 0) {
    return (ptl_loop){1, 0, 0};
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
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_rounds), alike - ahead, shift);
}
