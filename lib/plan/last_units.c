/* A sharper bound of the time that a tiling needs, for those that are about to be run: its last
 * units go through the pipes one by one, each as a whole.
 *
 * No schedule of the tiling is faster, under whatever calibration, because each time below is one
 * before which something cannot be done:
 *   - MTE2 loads units in their order. By the last units it has loaded all the others. A unit is
 *     loaded after all is extracted from the slot of the ring that it comes into.
 *   - A unit is extracted after its load, and after the unit before it. With one Right tile, each
 *     extract waits for the product before, so that extracts and products take turns.
 *   - Products run in order, each after its extract. The accumulators leave in the order of their
 *     columns, the last one of a column after its last product.
 *   - The first load, of lhs, waits for its issue, and for those of the addresses of its tile.
 * What else they wait for only makes it longer. Of several row tiles only the first loads units, so
 * that nothing is said of them. */
#include "plan/cycles.h"
#include "plan/search.h"

static double later(double a, double b) { return a > b ? a : b; }

static int64_t piece_k(const ptl_tiling *t, int64_t piece) {
  return piece < t->full_chunks ? t->chunk_k : t->tail_k[piece - t->full_chunks];
}

/* The units of a piece of the last round, behind those that are listed; false if there are too
 * many. */
static bool list_piece(const ptl_staging_bounds *b, const ptl_tiling *t, int64_t piece,
                       ptl_last_units *out) {
  const ptl_problem *p = b->of->problem;
  int64_t first = (b->counts.rounds - 1) * t->columns_at_once, k = piece_k(t, piece);
  bool loads_lhs = !t->lhs_resident && (b->counts.rounds == 1 || !ptl_lhs_is_kept(t, piece));
  for (int64_t i = first; i < ptl_column_count(p, t); i++) {
    ptl_column column = ptl_column_at(p, t, i);
    int64_t length = ptl_unit_k(t, column.rhs);
    for (int64_t at = 0; at < k; at += length) {
      if (out->count == PTL_MOST_LAST_UNITS) {
        return false;
      }
      bool is_first = i == first && at == 0;
      out->units[out->count++] = (ptl_last_unit){
          .rhs = column.rhs,
          .n = column.n,
          .in_memory = ptl_columns_in_memory(p, column.rhs, column.n_base, column.n),
          .k = ptl_min(length, k - at),
          .lhs_k = is_first && loads_lhs ? k : 0,
          .ends_column = piece + 1 == b->counts.pieces && at + length >= k};
    }
  }
  return true;
}

ptl_last_units ptl_last_units_of(const ptl_staging_bounds *b, const ptl_tiling *t) {
  ptl_last_units units = {.is_known = true};
  for (int64_t piece = ptl_max(0, t->full_chunks - 1);; piece++) {
    units.count = 0;
    int64_t i = piece;
    while (i < b->counts.pieces && list_piece(b, t, i, &units)) {
      i++;
    }
    if (i == b->counts.pieces) {
      return units;
    }
  }
}

/* What a unit keeps the pipes busy with. */
typedef struct work {
  double lhs_load, load, extracts;
  double first_extract; /* of rhs */
  double products, last_product;
  double stores, last_store; /* of its column, if that ends with it */
} work;

/* How a unit is cut. */
typedef struct cut {
  int64_t parts, width, last_n; /* of its columns */
  int64_t steps, last_k;
} cut;

static cut cut_of(const ptl_staging_bounds *b, const ptl_tiling *t, const ptl_last_unit *u) {
  int64_t width = ptl_part_columns(b->of->target, b->of->problem, t, u->rhs);
  int64_t parts = ptl_ceil_div(u->n, width), steps = ptl_ceil_div(u->k, t->step_k);
  return (cut){parts, width, u->n - (parts - 1) * width, steps, u->k - (steps - 1) * t->step_k};
}

static double store_cycles(const ptl_problem *p, const ptl_rates *rates, int64_t columns) {
  int64_t rows = ptl_rows_out(p);
  return ptl_drain_cycles(rates, rows, rows * columns * ptl_elem_bytes(p->acc));
}

static double matmul_cycles(const ptl_staging_bounds *b, const ptl_rates *rates, int64_t k,
                            int64_t n) {
  const ptl_problem *p = b->of->problem;
  return ptl_matmul_cycles(rates, ptl_matmul_fractals(b->of->target, p->m, k, n, p->lhs));
}

static work work_of(const ptl_staging_bounds *b, const ptl_rates *rates, const ptl_tiling *t,
                    const ptl_last_unit *u) {
  const ptl_problem *p = b->of->problem;
  int64_t elem = ptl_elem_bytes(p->lhs), box = ptl_k_box(b->of->target, p->lhs);
  cut c = cut_of(b, t, u);
  int64_t first_k = ptl_round_up(ptl_min(t->step_k, u->k), box);
  double per_byte =
      ptl_extract_cycles(rates, PTL_SPACE_RIGHT, elem, elem, !p->rhs_transposed[u->rhs]);
  double more_heads = (double)(c.parts * c.steps - 1) * rates->matmul_head_cycles;
  work w = {.lhs_load = u->lhs_k > 0 ? ptl_load_cycles(rates, p->m * u->lhs_k * elem) : 0,
            .load = ptl_load_cycles(rates, u->k * u->in_memory * elem),
            .extracts = per_byte * (double)(ptl_round_up(u->k, box) * u->n),
            .first_extract = per_byte * (double)(first_k * ptl_min(c.width, u->n)),
            .products = more_heads + matmul_cycles(b, rates, u->k, u->n),
            .last_product = matmul_cycles(b, rates, c.last_k, c.last_n)};
  if (u->ends_column) {
    w.last_store = store_cycles(p, rates, c.last_n);
    w.stores = w.last_store + (double)(c.parts - 1) * store_cycles(p, rates, c.width);
  }
  return w;
}

/* When the pipes are done with what comes before the next unit. */
typedef struct times {
  double loaded, extracted, multiplied, stored;
} times;

/* When they are done with everything before the last units, at the least. */
static times times_before(const ptl_staging_bounds *b, int rate, const ptl_tiling *t,
                          const ptl_counts *c, const work *works, int count) {
  const ptl_problem *p = b->of->problem;
  const ptl_work *all = &b->of->work[rate];
  double repeats = (double)ptl_repeats(p);
  double issued = (2 + p->lhs_transposed) * all->rates->issue_cycles;
  double first = issued + repeats * b->by[rate].first_loads;
  double rhs = repeats * all->rhs_extract, cube = repeats * ptl_cube_cycles(all, c);
  bool in_turn = t->right_slots == 1;
  times now = {.loaded = issued + repeats * b->by[rate].loads,
               .extracted = first + rhs,
               .multiplied = first + cube + (in_turn ? rhs : 0)};
  for (int i = 0; i < count; i++) {
    now.loaded -= works[i].lhs_load + works[i].load;
    now.extracted -= works[i].extracts;
    now.multiplied -= works[i].products + (in_turn ? works[i].extracts : 0);
  }
  return now;
}

/* Goes on by a unit, whose slot is free by then. */
static void run_unit(const ptl_tiling *t, const work *w, double freed, times *now) {
  now->loaded = later(now->loaded + w->lhs_load, freed) + w->load;
  if (t->right_slots == 1) {
    now->multiplied = later(now->loaded, now->multiplied) + w->extracts + w->products;
    now->extracted = now->multiplied - w->last_product;
  } else {
    now->extracted = later(now->loaded, now->extracted) + w->extracts;
    now->multiplied = later(later(now->loaded + w->first_extract, now->multiplied) + w->products,
                            now->extracted + w->last_product);
  }
  now->stored = later(now->stored + w->stores, now->multiplied + w->last_store);
}

double ptl_last_units_bound(const ptl_last_units *units, const ptl_staging_bounds *b,
                            const ptl_tiling *t, const ptl_counts *c, int rate) {
  const ptl_problem *p = b->of->problem;
  if (p->row_tiles > 1) {
    return 0;
  }
  work works[PTL_MOST_LAST_UNITS];
  double extracted[PTL_MOST_LAST_UNITS];
  for (int i = 0; i < units->count; i++) {
    works[i] = work_of(b, b->of->work[rate].rates, t, &units->units[i]);
  }
  times now = times_before(b, rate, t, c, works, units->count);
  for (int i = 0; i < units->count; i++) {
    run_unit(t, &works[i], i >= t->mat_slots ? extracted[i - t->mat_slots] : 0, &now);
    extracted[i] = now.extracted;
  }
  return now.stored / (double)ptl_repeats(p);
}
