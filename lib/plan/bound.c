/* The time that no schedule of a tiling can beat, in closed form. Most candidates lose by it and
 * need not be run. */
#include "plan/cycles.h"
#include "plan/search.h"

static double more(double a, double b) { return a > b ? a : b; }

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

ptl_counts ptl_count(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  ptl_counts c = {.rounds = ptl_ceil_div(ptl_column_count(p, t), t->columns_at_once),
                  .pieces = t->full_chunks + t->tail_count,
                  .steps = pieces_of(t, t->step_k)};
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    int64_t width = ptl_part_columns(target, p, t, rhs);
    int64_t full = p->n[rhs] / t->n_tile[rhs];
    int64_t rest = p->n[rhs] - full * t->n_tile[rhs];
    int64_t parts = full * ptl_ceil_div(t->n_tile[rhs], width) + ptl_ceil_div(rest, width);
    c.rhs_loads += tiles_of(p, t, rhs) * pieces_of(t, ptl_unit_k(t, rhs));
    c.products += parts * c.steps * ptl_row_tiles_of(p);
    c.stores += parts * ptl_row_tiles_of(p);
  }
  return c;
}

int64_t ptl_lhs_loads(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t loads = c->rounds * (c->pieces - t->lhs_kept) + t->lhs_kept;
  return t->lhs_resident ? 1 : loads * ptl_row_tiles_of(p);
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

int64_t ptl_issued_items(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t lhs_extracts = c->rounds * c->steps * ptl_row_tiles_of(p);
  return ptl_lhs_loads(p, t, c) + c->rhs_loads + lhs_extracts + 2 * c->products + c->stores;
}

/* A loop over chunks leaves about four of them and the tail, one over rounds two for each rhs. */
int64_t ptl_least_text(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t pieces = ptl_min(c->pieces, 4 + t->tail_count);
  int64_t rounds = ptl_min(c->rounds, 2 * p->rhs_count);
  return ptl_issued_items(p, t, c) * pieces / c->pieces * rounds / c->rounds;
}

/* Flags hand each Right tile to its product, and the Right tiles back at least once in a turn of
 * their slots; each Mat tile of rhs they hand over and back. The first in each slot find it free.
 */
static int64_t least_items(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  int64_t flags = 2 * (c->products + c->products / t->right_slots) + 4 * c->rhs_loads -
                  2 * (t->right_slots + t->mat_slots);
  return ptl_issued_items(p, t, c) + (flags > 0 ? flags : 0);
}

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
    w.cube[rhs] = (with_head - rates->matmul_head_cycles) * ptl_row_tiles_of(p);
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

/* What MTE2 loads: every byte of rhs once, what stays of lhs once, the rest for each round. */
typedef struct all_loads {
  double count, bytes;
} all_loads;

static all_loads loads_of(const ptl_bounds *b, const ptl_tiling *t, const ptl_counts *c) {
  const ptl_problem *p = b->problem;
  double lhs = (double)(p->m * ptl_row_tiles_of(p)) * (double)lhs_k_loaded(p, t, c);
  double elems = lhs + (double)p->k * (double)b->columns_in_memory;
  return (all_loads){(double)(c->rhs_loads + ptl_lhs_loads(p, t, c)),
                     elems * (double)ptl_elem_bytes(p->lhs)};
}

static double load_cycles(const ptl_rates *rates, const all_loads *loads) {
  return loads->count * rates->load_fixed_cycles + loads->bytes / rates->gm_to_mat_bytes_per_cycle;
}

static double cube_cycles(const ptl_work *work, const ptl_problem *p, const ptl_counts *c) {
  double cycles = (double)c->products * work->rates->matmul_head_cycles;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    cycles += work->cube[rhs];
  }
  return cycles;
}

/* The first and the last pieces of a schedule, which hold up everything else: bytes, padded as the
 * tiles are. */
typedef struct end_sizes {
  int64_t elem;
  int64_t lhs_load, unit_load; /* before the first extract of rhs */
  int64_t first_extract;       /* of lhs */
  int last_rhs;
  int64_t last_unit, first_parts; /* of the last unit, and of all its parts but the last */
  bool has_parts;                 /* it has more than one */
  int64_t last_fractals;          /* of the last product */
  int64_t drain;
} end_sizes;

static end_sizes sizes_of_ends(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                               const ptl_column *first, const ptl_column *last) {
  int64_t box = ptl_k_box(target, p->lhs), elem = ptl_elem_bytes(p->lhs);
  int64_t first_k = t->full_chunks > 0 ? t->chunk_k : t->tail_k[0];
  int64_t unit_k = ptl_min(first_k, ptl_unit_k(t, first->rhs));
  int64_t last_piece = t->tail_count > 0 ? t->tail_k[t->tail_count - 1] : t->chunk_k;
  int64_t length = ptl_unit_k(t, last->rhs);
  int64_t last_unit = last_piece - (ptl_ceil_div(last_piece, length) - 1) * length;
  int64_t last_k = last_unit - (ptl_ceil_div(last_unit, t->step_k) - 1) * t->step_k;
  int64_t width = ptl_part_columns(target, p, t, last->rhs);
  int64_t last_part = last->n - (ptl_ceil_div(last->n, width) - 1) * width;
  int64_t unit_row = ptl_round_up(last_unit, box) * elem;
  return (end_sizes){
      .elem = elem,
      .lhs_load = p->m * (t->lhs_resident ? p->k : first_k) * elem,
      .unit_load = unit_k * elem * ptl_columns_in_memory(p, first->rhs, first->n_base, first->n),
      .first_extract = t->m_tile * elem * ptl_round_up(ptl_min(t->step_k, first_k), box),
      .last_rhs = last->rhs,
      .last_unit = unit_row * last->n,
      .first_parts = unit_row * (last->n - last_part),
      .has_parts = last->n > last_part,
      .last_fractals = ptl_matmul_fractals(target, p->m, last_k, last_part, p->lhs),
      .drain = ptl_rows_out(p) * last_part * ptl_elem_bytes(p->acc)};
}

/* Everything that the first and the last unit and the ends of a schedule hold up. */
typedef struct ends {
  double first_loads;   /* lhs and a unit of rhs, before the first extract of rhs */
  double first_extract; /* of lhs: may run while rhs is still loaded */
  double last_extracts; /* of the last unit, after its load */
  double first_parts;   /* of them, what all parts but the last take */
  double last_product;
  double drain;
} ends;

static ends ends_of(const ptl_problem *p, const ptl_rates *rates, const end_sizes *s) {
  return (ends){
      .first_loads = ptl_load_cycles(rates, s->lhs_load) + ptl_load_cycles(rates, s->unit_load),
      .first_extract = ptl_extract_cycles(rates, PTL_SPACE_LEFT, s->first_extract, s->elem, false),
      .last_extracts = extract_of(rates, p, s->last_rhs, s->last_unit, s->elem),
      .first_parts = extract_of(rates, p, s->last_rhs, s->first_parts, s->elem),
      .last_product = ptl_matmul_cycles(rates, s->last_fractals),
      .drain = ptl_drain_cycles(rates, ptl_rows_out(p), s->drain)};
}

/* The part of them that each of so many repeats has at the least: one may run into the next. */
static void share_ends(ends *e, int64_t repeats) {
  double part = 1 / (double)repeats;
  *e = (ends){e->first_loads * part, e->first_extract * part, e->last_extracts * part,
              e->first_parts * part, e->last_product * part,  e->drain * part};
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

/* What does not depend on the calibration. */
typedef struct amounts {
  all_loads loads;
  end_sizes ends;
  double lhs_times; /* that all of lhs is extracted */
  double items;     /* issued at the least */
} amounts;

static double bound_by(const ptl_bounds *b, const ptl_work *work, const ptl_tiling *t,
                       const ptl_counts *c, const amounts *a) {
  const ptl_problem *p = b->problem;
  ends e = ends_of(p, work->rates, &a->ends);
  share_ends(&e, ptl_repeats(p));
  double loads = load_cycles(work->rates, &a->loads);
  double lhs = a->lhs_times * work->lhs_extract;
  double rhs = work->rhs_extract;
  double cube = cube_cycles(work, p, c);
  double bound = loads + e.last_extracts + e.last_product;
  if (t->n_parts > 1 && a->ends.has_parts) {
    /* The accumulators of the last column tile leave one after the other. */
    bound = more(bound, loads + e.first_parts + e.last_product + e.drain);
  }
  bound = more(bound, e.first_loads + lhs - e.first_extract + rhs + e.last_product);
  bound = more(bound, e.first_loads + cube);
  if (t->right_slots == 1) {
    /* An extract into the one Right tile and the product that reads it take turns. */
    bound = more(bound, e.first_loads + rhs + cube);
  }
  if (t->mat_slots == 1 && p->row_tiles <= 1) {
    /* A load into the one Mat tile and the extracts from it take turns. */
    bound = more(bound, loads + rhs + e.last_product);
  }
  return more(bound, a->items * work->rates->issue_cycles) + e.drain;
}

void ptl_cycles_bounds(const ptl_bounds *b, const ptl_tiling *t, const ptl_counts *c, double *out) {
  const ptl_problem *p = b->problem;
  ptl_column first = ptl_column_at(p, t, 0);
  ptl_column last = last_column(b->target, p, t);
  amounts a = {.loads = loads_of(b, t, c),
               .ends = sizes_of_ends(b->target, p, t, &first, &last),
               .lhs_times = (double)(c->rounds * ptl_row_tiles_of(p)),
               .items = (double)least_items(p, t, c)};
  for (int i = 0; i < b->target->rate_count; i++) {
    out[i] = bound_by(b, &b->work[i], t, c, &a);
  }
}
