/* The time that no schedule of a tiling can beat, in closed form. Most candidates lose by it and
 * need not be run. */
#include "plan/cycles.h"
#include "plan/search.h"

static int64_t columns_in_memory(const ptl_problem *p) {
  int64_t n = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    n += ptl_columns_in_memory(p, rhs, 0, p->n[rhs]);
  }
  return n;
}

ptl_bounds ptl_bounds_of(const ptl_target *target, const ptl_problem *p) {
  int64_t k = ptl_round_up(p->k, ptl_k_box(target, p->lhs)), elem = ptl_elem_bytes(p->lhs);
  double row_tiles = ptl_row_tiles_of(p);
  ptl_bounds b = {.target = target,
                  .problem = p,
                  .columns_in_memory = columns_in_memory(p),
                  .paces = ptl_paces_of(target, p->lhs)};
  b.lhs_extract = ptl_left_takes(&b.paces, (double)(ptl_m_tile(target, p) * k * elem));
  ptl_cycles rhs = {{0}};
  for (int i = 0; i < p->rhs_count; i++) {
    int64_t fractals = ptl_matmul_fractals(target, p->m, p->k, p->n[i], p->lhs);
    b.cube += (double)fractals * row_tiles;
    ptl_cycles one = ptl_right_takes(&b.paces, (double)(k * p->n[i] * elem), !p->rhs_transposed[i]);
    ptl_add_cycles(&rhs, &one, 1);
  }
  b.rhs_extract = ptl_times(&rhs, row_tiles);
  return b;
}

/* K of the chunks of lhs that stay. */
static int64_t kept_k(const ptl_tiling *t) {
  int64_t k = ptl_lhs_kept_before(t, t->full_chunks) * t->chunk_k;
  for (int i = 0; i < t->tail_count; i++) {
    k += ptl_lhs_is_kept(t, t->full_chunks + i) ? t->tail_k[i] : 0;
  }
  return k;
}

/* Elements of lhs that are loaded, for each of its rows. */
static int64_t lhs_k_loaded(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t kept = t->lhs_resident ? p->k : kept_k(t);
  return kept + c->rounds * (p->k - kept);
}

/* What MTE2 loads: every byte of rhs once, what stays of lhs once, the rest for each round. */
static double loaded_bytes(const ptl_bounds *b, const ptl_tiling *t, const ptl_counts *c) {
  const ptl_problem *p = b->problem;
  double lhs = (double)(p->m * ptl_row_tiles_of(p)) * (double)lhs_k_loaded(p, t, c);
  double elems = lhs + (double)p->k * (double)b->columns_in_memory;
  return elems * (double)ptl_elem_bytes(p->lhs);
}

/* The last column tile. In turn, it is one of the rhs with the most tiles: the narrowest last one
 * is no more than it. */
static ptl_column last_column(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t columns = ptl_column_count(p, t);
  if (t->rhs_by_rhs || columns == p->rhs_count) {
    return ptl_column_at(p, t, columns - 1);
  }
  int rhs = p->rhs_count - 1;
  return (ptl_column){rhs, 0, ptl_n_box(target, p, rhs)};
}

/* ---- what a staging decides ---- */

/* Bytes of the first loads, and what the last unit is, padded as the tiles are. */
static ptl_staging_bounds ends_of_staging(const ptl_bounds *b, const ptl_tiling *t) {
  const ptl_problem *p = b->problem;
  int64_t box = ptl_k_box(b->target, p->lhs), elem = ptl_elem_bytes(p->lhs);
  ptl_column first = ptl_column_at(p, t, 0), last = last_column(b->target, p, t);
  int64_t first_k = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  int64_t unit_k = ptl_min(first_k, ptl_unit_k(t, first.rhs));
  int64_t last_piece = t->tail_count > 0 ? t->tail_k[t->tail_count - 1] : t->chunk_k;
  int64_t length = ptl_unit_k(t, last.rhs);
  int64_t last_unit = last_piece - (ptl_ceil_div(last_piece, length) - 1) * length;
  return (ptl_staging_bounds){
      .of = b,
      .counts = ptl_count_staging(p, t),
      .first_k = first_k,
      .lhs_load_bytes = p->m * (t->lhs_resident ? p->k : first_k) * elem,
      .unit_load_bytes = unit_k * elem * ptl_columns_in_memory(p, first.rhs, first.n_base, first.n),
      .last = last,
      .last_unit_k = last_unit,
      .last_row_bytes = ptl_round_up(last_unit, box) * elem};
}

ptl_staging_bounds ptl_bounds_of_staging(const ptl_bounds *b, const ptl_tiling *t) {
  const ptl_problem *p = b->problem;
  const ptl_paces *paces = &b->paces;
  ptl_staging_bounds s = ends_of_staging(b, t);
  double count = (double)(s.counts.rhs_loads + s.counts.lhs_loads);
  double part = 1 / (double)ptl_repeats(p);
  ptl_cycles first = ptl_loads_take(paces, 1, (double)s.lhs_load_bytes);
  ptl_cycles unit = ptl_loads_take(paces, 1, (double)s.unit_load_bytes);
  ptl_add_cycles(&first, &unit, 1);
  ptl_cycles last =
      ptl_right_takes(paces, (double)(s.last_row_bytes * s.last.n), !p->rhs_transposed[s.last.rhs]);
  s.loads = ptl_loads_take(paces, count, loaded_bytes(b, t, &s.counts));
  s.first_loads = ptl_times(&first, part);
  s.lhs = ptl_times(&b->lhs_extract, (double)(s.counts.rounds * ptl_row_tiles_of(p)));
  s.last_extracts = ptl_times(&last, part);
  return s;
}

/* ---- what goes with it ---- */

/* Everything that the first and the last pieces of a schedule hold up, their bytes padded as the
 * tiles are: the part of it that each repeat has at the least, as one may run into the next. */
typedef struct ends {
  ptl_cycles first_extract; /* of lhs: may run while rhs is still loaded */
  ptl_cycles first_parts;   /* of the last unit, all parts but the last */
  bool has_parts;           /* it has more than one */
  ptl_cycles last_product;
  ptl_cycles drain;
} ends;

static ends ends_of(const ptl_staging_bounds *s, const ptl_tiling *t) {
  const ptl_target *target = s->of->target;
  const ptl_problem *p = s->of->problem;
  const ptl_paces *paces = &s->of->paces;
  int64_t box = ptl_k_box(target, p->lhs), elem = ptl_elem_bytes(p->lhs);
  int64_t last_k = s->last_unit_k - (ptl_ceil_div(s->last_unit_k, t->step_k) - 1) * t->step_k;
  int64_t width = ptl_part_columns(target, p, t, s->last.rhs), n = s->last.n;
  int64_t last_part = n - (ptl_ceil_div(n, width) - 1) * width;
  int64_t first_bytes = t->m_tile * elem * ptl_round_up(ptl_min(t->step_k, s->first_k), box);
  int64_t fractals = ptl_matmul_fractals(target, p->m, last_k, last_part, p->lhs);
  int64_t rows = ptl_rows_out(p);
  ptl_cycles extract = ptl_left_takes(paces, (double)first_bytes);
  ptl_cycles parts = ptl_right_takes(paces, (double)(s->last_row_bytes * (n - last_part)),
                                     !p->rhs_transposed[s->last.rhs]);
  ptl_cycles product = ptl_matmuls_take(paces, 1, (double)fractals);
  ptl_cycles drain = ptl_drain_takes(paces, rows, rows * last_part * ptl_elem_bytes(p->acc));
  double part = 1 / (double)ptl_repeats(p);
  return (ends){.first_extract = ptl_times(&extract, part),
                .first_parts = ptl_times(&parts, part),
                .has_parts = n > last_part,
                .last_product = ptl_times(&product, part),
                .drain = ptl_times(&drain, part)};
}

ptl_cycles ptl_cube_cycles(const ptl_bounds *b, const ptl_counts *c) {
  return ptl_matmuls_take(&b->paces, (double)c->products, b->cube);
}

/* Flags hand each Right tile to its product, and the Right tiles back at least once in a turn of
 * their slots; each Mat tile of rhs they hand over and back. The first in each slot find it free.
 */
static int64_t least_items(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t flags = 2 * (c->products + c->products / t->right_slots) + 4 * c->rhs_loads -
                  2 * (t->right_slots + t->mat_slots);
  return ptl_issued_items(p, c) + (flags > 0 ? flags : 0);
}

ptl_cycles ptl_cycles_bounds(const ptl_staging_bounds *s, const ptl_tiling *t,
                             const ptl_counts *c) {
  const ptl_bounds *b = s->of;
  ends e = ends_of(s, t);
  ptl_cycles all_products = ptl_cube_cycles(b, c), out;
  double items = (double)least_items(b->problem, t, c);
  /* The accumulators of the last column tile leave one after the other. */
  bool in_parts = t->n_parts > 1 && e.has_parts;
  /* An extract into the one Right tile and the product that reads it take turns. */
  bool one_right = t->right_slots == 1;
  /* A load into the one Mat tile and the extracts from it take turns. */
  bool one_mat = t->mat_slots == 1 && b->problem->row_tiles <= 1;
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    double loads = s->loads.by[i], first_loads = s->first_loads.by[i];
    double rhs = b->rhs_extract.by[i], cube = all_products.by[i];
    double product = e.last_product.by[i], drain = e.drain.by[i];
    double parts = loads + e.first_parts.by[i] + product + drain;
    double bound = loads + s->last_extracts.by[i] + product;
    bound = ptl_later(bound, in_parts ? parts : 0);
    bound = ptl_later(bound, first_loads + s->lhs.by[i] - e.first_extract.by[i] + rhs + product);
    bound = ptl_later(bound, first_loads + cube);
    bound = ptl_later(bound, one_right ? first_loads + rhs + cube : 0);
    bound = ptl_later(bound, one_mat ? loads + rhs + product : 0);
    out.by[i] = ptl_later(bound, items * b->paces.issue.by[i]) + drain;
  }
  return out;
}
