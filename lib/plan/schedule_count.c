/* How long a schedule is, without it: the items of its rounds and pieces are counted, not made. A
 * loop shifts all that it does by whole turns of the slots, so that what its pass loads ahead for
 * later ones is as much as what its own pieces need. */
#include "plan/schedule_build.h"

static int64_t parts_of_round(const ptl_builder *b, int64_t round) {
  int64_t parts = 0;
  for (ptl_unit u = {.round = round}; u.column < ptl_columns_of_round(b, round); u.column++) {
    const ptl_column *column = ptl_unit_column(b, &u);
    parts += ptl_ceil_div(column->n, b->part_columns[column->rhs]);
  }
  return parts;
}

/* Steps of all of K. */
static int64_t steps_of_k(const ptl_tiling *t) {
  int64_t steps = t->full_chunks * (t->chunk_k / t->step_k);
  for (int i = 0; i < t->tail_count; i++) {
    steps += ptl_ceil_div(t->tail_k[i], t->step_k);
  }
  return steps;
}

/* Chunks of lhs that a row tile of a round loads. */
static int64_t lhs_loads_of(const ptl_builder *b, int64_t round) {
  return b->tiling->lhs_resident ? 0 : b->piece_count - (round > 0 ? b->tiling->lhs_kept : 0);
}

/* A round that is written down, of whose chunks a loop stands for those that it repeats. */
static int64_t items_of_round(const ptl_builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  ptl_loop l = ptl_k_loop_of(b, round);
  int64_t repeated = l.trip_count > 0 ? (l.trip_count - 1) * l.per_pass : 0;
  int64_t parts = parts_of_round(b, round);
  int64_t steps = steps_of_k(t) - repeated * (t->chunk_k / t->step_k);
  int64_t rhs_loads = ptl_units_of_round(b, round);
  int64_t lhs_loads = lhs_loads_of(b, round);
  if (l.trip_count > 0) {
    rhs_loads -= repeated * ptl_units_of_piece(b, round, 0);
    lhs_loads -= t->lhs_resident ? 0 : repeated;
  }
  int64_t ends = l.trip_count > 0 ? 2 : 0, stores = parts;
  return ptl_row_tiles_of(b->problem) * (lhs_loads + steps * (1 + 2 * parts) + stores + ends) +
         rhs_loads;
}

int ptl_count_items(const ptl_builder *b, int most) {
  int64_t count = b->tiling->lhs_resident;
  for (int64_t round = 0; round < b->round_count && count <= most;) {
    ptl_loop l = ptl_n_loop_of(b, round);
    int64_t written = l.trip_count > 0 ? l.per_pass : 1;
    count += l.trip_count > 0 ? 2 : 0;
    for (int64_t i = 0; i < written && count <= most; i++) {
      count += items_of_round(b, round + i);
    }
    round += l.trip_count > 0 ? l.trip_count * l.per_pass : 1;
  }
  return (int)ptl_min(count, most + 1);
}
