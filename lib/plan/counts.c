/* How often things happen in a schedule, before there is one. */
#include "plan/search.h"

static int64_t tiles_of(const ptl_problem *p, const ptl_tiling *t, int rhs) {
  return ptl_ceil_div(p->n[rhs], t->n_tile[rhs]);
}

/* Pieces of `length` of K in a column. */
static int64_t pieces_of(const ptl_tiling *t, int64_t length) {
  int64_t count = t->full_chunks * (t->chunk_k / length);
  for (int i = 0; i < t->tail_count; i++) {
    count += ptl_ceil_div(t->tail_k[i], length);
  }
  return count;
}

/* Loads of lhs, or of a chunk of it. */
static int64_t lhs_loads_of(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t loads = c->rounds * (c->pieces - t->lhs_kept) + t->lhs_kept;
  return t->lhs_resident ? 1 : loads * ptl_row_tiles_of(p);
}

ptl_counts ptl_count_staging(const ptl_problem *p, const ptl_tiling *t) {
  ptl_counts c = {.rounds = ptl_ceil_div(ptl_column_count(p, t), t->columns_at_once),
                  .pieces = t->full_chunks + t->tail_count};
  c.lhs_loads = lhs_loads_of(p, t, &c);
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    c.rhs_loads += tiles_of(p, t, rhs) * pieces_of(t, ptl_unit_k(t, rhs));
  }
  return c;
}

/* Parts of all column tiles of a rhs. */
static int64_t parts_of(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                        int rhs) {
  int64_t width = ptl_part_columns(target, p, t, rhs);
  int64_t full = p->n[rhs] / t->n_tile[rhs];
  int64_t rest = p->n[rhs] - full * t->n_tile[rhs];
  return full * ptl_ceil_div(t->n_tile[rhs], width) + ptl_ceil_div(rest, width);
}

void ptl_count_whole(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                     ptl_counts *c) {
  int64_t parts = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    parts += parts_of(target, p, t, rhs);
  }
  c->steps = pieces_of(t, t->step_k);
  c->stores = parts * ptl_row_tiles_of(p);
  c->products = c->stores * c->steps;
}

int64_t ptl_issued_items(const ptl_problem *p, const ptl_counts *c) {
  int64_t lhs_extracts = c->rounds * c->steps * ptl_row_tiles_of(p);
  return c->lhs_loads + c->rhs_loads + lhs_extracts + 2 * c->products + c->stores;
}

/* A loop over chunks leaves about four of them and the tail, one over rounds two for each rhs. */
int64_t ptl_least_text(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t pieces = ptl_min(c->pieces, 4 + t->tail_count);
  int64_t rounds = ptl_min(c->rounds, 2 * p->rhs_count);
  return ptl_issued_items(p, c) * pieces / c->pieces * rounds / c->rounds;
}
