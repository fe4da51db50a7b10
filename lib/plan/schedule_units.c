/* The units of a schedule in their order: what there is to load and to multiply. */
#include "plan/schedule_build.h"

static int64_t parts_of(const ptl_builder *b, int64_t k_valid, const ptl_column *column) {
  return ptl_ceil_div(k_valid, b->unit_k[column->rhs]);
}

/* Units of a piece of K in all columns of a round. */
int64_t ptl_units_of_piece(const ptl_builder *b, int64_t round, int64_t index) {
  ptl_piece p = ptl_piece_at(b->tiling, index);
  int64_t units = 0;
  for (ptl_unit u = {.round = round}; u.column < ptl_columns_of_round(b, round); u.column++) {
    units += parts_of(b, p.k_valid, ptl_unit_column(b, &u));
  }
  return units;
}

int64_t ptl_units_of_round(const ptl_builder *b, int64_t round) {
  int64_t full = b->tiling->full_chunks;
  int64_t units = full > 0 ? full * ptl_units_of_piece(b, round, 0) : 0;
  for (int64_t i = full; i < b->piece_count; i++) {
    units += ptl_units_of_piece(b, round, i);
  }
  return units;
}

/* Moves on to the next piece, in this round or another; false if there is none. */
static bool next_piece(const ptl_builder *b, ptl_unit *u) {
  u->part = 0;
  u->column = 0;
  u->piece_number++;
  if (++u->piece < b->piece_count) {
    return true;
  }
  u->piece = 0;
  if (++u->row < ptl_row_tiles_of(b->problem)) {
    return true;
  }
  u->row = 0;
  return ++u->round < b->round_count;
}

/* Moves on to the next unit; false if there is none. */
bool ptl_next_unit(const ptl_builder *b, ptl_unit *u) {
  u->number++;
  ptl_piece p = ptl_piece_at(b->tiling, u->piece);
  if (++u->part < parts_of(b, p.k_valid, ptl_unit_column(b, u))) {
    return true;
  }
  u->part = 0;
  if (++u->column < ptl_columns_of_round(b, u->round)) {
    return true;
  }
  return next_piece(b, u);
}
