/* The time that no schedule of a tiling can beat, in closed form. Most candidates lose by it and
 * need not be run. */
#include "plan/cycles.h"
#include "plan/search.h"

static double more(double a, double b) { return a > b ? a : b; }

static int64_t columns_in_memory(const ptl_problem *p) {
  int64_t n = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    n += ptl_columns_in_memory(p, rhs, 0, p->n[rhs]);
  }
  return n;
}

/* Cycles of the extract of bytes of a rhs. */
static double extract_of(const ptl_rates *rates, const ptl_problem *p, int rhs, int64_t bytes,
                         int64_t elem) {
  return ptl_extract_cycles(rates, PTL_SPACE_RIGHT, bytes, elem, !p->rhs_transposed[rhs]);
}

static ptl_work work_by(const ptl_target *target, const ptl_rates *rates, const ptl_problem *p) {
  int64_t k = ptl_round_up(p->k, ptl_k_box(target, p->lhs));
  int64_t elem = ptl_elem_bytes(p->lhs);
  ptl_work w = {.rates = rates};
  w.lhs_extract =
      ptl_extract_cycles(rates, PTL_SPACE_LEFT, ptl_m_tile(target, p) * k * elem, elem, false);
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    int64_t fractals = ptl_matmul_fractals(target, p->m, p->k, p->n[rhs], p->lhs);
    double with_head = ptl_matmul_cycles(rates, fractals);
    w.cube += (with_head - rates->matmul_head_cycles) * ptl_row_tiles_of(p);
    w.rhs_extract += extract_of(rates, p, rhs, k * p->n[rhs] * elem, elem);
  }
  w.rhs_extract *= ptl_row_tiles_of(p);
  return w;
}

ptl_bounds ptl_bounds_of(const ptl_target *target, const ptl_problem *p) {
  ptl_bounds b = {.target = target, .problem = p, .columns_in_memory = columns_in_memory(p)};
  for (int i = 0; i < target->rate_count; i++) {
    b.work[i] = work_by(target, &target->rates[i], p);
  }
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
  ptl_staging_bounds s = ends_of_staging(b, t);
  double count = (double)(s.counts.rhs_loads + s.counts.lhs_loads);
  double bytes = loaded_bytes(b, t, &s.counts), part = 1 / (double)ptl_repeats(p);
  double lhs_times = (double)(s.counts.rounds * ptl_row_tiles_of(p));
  for (int i = 0; i < b->target->rate_count; i++) {
    const ptl_work *work = &b->work[i];
    const ptl_rates *rates = work->rates;
    double first =
        ptl_load_cycles(rates, s.lhs_load_bytes) + ptl_load_cycles(rates, s.unit_load_bytes);
    double last =
        extract_of(rates, p, s.last.rhs, s.last_row_bytes * s.last.n, ptl_elem_bytes(p->lhs));
    s.by[i] = (ptl_staging_cycles){.loads = count * rates->load_fixed_cycles +
                                            bytes / rates->gm_to_mat_bytes_per_cycle,
                                   .first_loads = first * part,
                                   .lhs = lhs_times * work->lhs_extract,
                                   .last_extracts = last * part};
  }
  return s;
}

/* ---- what goes with it ---- */

/* The first and the last pieces of a schedule, which hold up everything else: bytes, padded as the
 * tiles are. */
typedef struct end_sizes {
  int64_t elem, rows_out;
  double part;           /* of them that each repeat has at the least: one may run into the next */
  int64_t first_extract; /* of lhs: may run while rhs is still loaded */
  int64_t first_parts;   /* of the last unit, all parts but the last */
  bool has_parts;        /* it has more than one */
  int64_t last_fractals; /* of the last product */
  int64_t drain;
} end_sizes;

static end_sizes sizes_of_ends(const ptl_staging_bounds *s, const ptl_tiling *t) {
  const ptl_target *target = s->of->target;
  const ptl_problem *p = s->of->problem;
  int64_t box = ptl_k_box(target, p->lhs), elem = ptl_elem_bytes(p->lhs);
  int64_t last_k = s->last_unit_k - (ptl_ceil_div(s->last_unit_k, t->step_k) - 1) * t->step_k;
  int64_t width = ptl_part_columns(target, p, t, s->last.rhs), n = s->last.n;
  int64_t last_part = n - (ptl_ceil_div(n, width) - 1) * width;
  return (end_sizes){.elem = elem,
                     .rows_out = ptl_rows_out(p),
                     .part = 1 / (double)ptl_repeats(p),
                     .first_extract =
                         t->m_tile * elem * ptl_round_up(ptl_min(t->step_k, s->first_k), box),
                     .first_parts = s->last_row_bytes * (n - last_part),
                     .has_parts = n > last_part,
                     .last_fractals = ptl_matmul_fractals(target, p->m, last_k, last_part, p->lhs),
                     .drain = ptl_rows_out(p) * last_part * ptl_elem_bytes(p->acc)};
}

/* Everything that the ends of a schedule hold up. */
typedef struct ends {
  double first_extract;
  double first_parts;
  double last_product;
  double drain;
} ends;

static ends ends_of(const ptl_problem *p, const ptl_rates *rates, int last_rhs,
                    const end_sizes *s) {
  return (ends){
      .first_extract =
          s->part * ptl_extract_cycles(rates, PTL_SPACE_LEFT, s->first_extract, s->elem, false),
      .first_parts =
          s->has_parts ? s->part * extract_of(rates, p, last_rhs, s->first_parts, s->elem) : 0,
      .last_product = s->part * ptl_matmul_cycles(rates, s->last_fractals),
      .drain = s->part * ptl_drain_cycles(rates, s->rows_out, s->drain)};
}

double ptl_cube_cycles(const ptl_work *work, const ptl_counts *c) {
  return (double)c->products * work->rates->matmul_head_cycles + work->cube;
}

/* Flags hand each Right tile to its product, and the Right tiles back at least once in a turn of
 * their slots; each Mat tile of rhs they hand over and back. The first in each slot find it free.
 */
static int64_t least_items(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t flags = 2 * (c->products + c->products / t->right_slots) + 4 * c->rhs_loads -
                  2 * (t->right_slots + t->mat_slots);
  return ptl_issued_items(p, c) + (flags > 0 ? flags : 0);
}

static double bound_by(const ptl_staging_bounds *s, int rate, const ptl_tiling *t,
                       const ptl_counts *c, const end_sizes *sizes, double items) {
  const ptl_problem *p = s->of->problem;
  const ptl_work *work = &s->of->work[rate];
  const ptl_staging_cycles *by = &s->by[rate];
  ends e = ends_of(p, work->rates, s->last.rhs, sizes);
  double rhs = work->rhs_extract, cube = ptl_cube_cycles(work, c);
  double bound = by->loads + by->last_extracts + e.last_product;
  if (t->n_parts > 1 && sizes->has_parts) {
    /* The accumulators of the last column tile leave one after the other. */
    bound = more(bound, by->loads + e.first_parts + e.last_product + e.drain);
  }
  bound = more(bound, by->first_loads + by->lhs - e.first_extract + rhs + e.last_product);
  bound = more(bound, by->first_loads + cube);
  if (t->right_slots == 1) {
    /* An extract into the one Right tile and the product that reads it take turns. */
    bound = more(bound, by->first_loads + rhs + cube);
  }
  if (t->mat_slots == 1 && p->row_tiles <= 1) {
    /* A load into the one Mat tile and the extracts from it take turns. */
    bound = more(bound, by->loads + rhs + e.last_product);
  }
  return more(bound, items * work->rates->issue_cycles) + e.drain;
}

void ptl_cycles_bounds(const ptl_staging_bounds *s, const ptl_tiling *t, const ptl_counts *c,
                       double *out) {
  end_sizes sizes = sizes_of_ends(s, t);
  double items = (double)least_items(s->of->problem, t, c);
  for (int i = 0; i < s->of->target->rate_count; i++) {
    out[i] = bound_by(s, i, t, c, &sizes, items);
  }
}
