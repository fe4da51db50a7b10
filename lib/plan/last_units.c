/* A sharper bound of the time that a tiling needs, for those that are about to be run: its last
 * units go through the pipes one by one, each as a whole.
 *
 * No schedule of the tiling is faster, under whatever calibration, because each time below is one
 * before which something cannot be done:
 *   - MTE2 loads units in their order. By the last units it has loaded all the others. A unit is
 *     loaded after all is extracted from the slot of the ring that it comes into.
 *   - A unit is extracted after its load, and after the unit before it. With one Right tile, each
 *     extract of rhs waits for the product before, so that those extracts and products take turns;
 *     extracts of lhs may run beside products.
 *   - Products run in order, each after its extract. The accumulators leave in the order of their
 *     columns, the last one of a column after its last product.
 *   - The first load, of lhs, waits for its issue, and for those of the addresses of its tile.
 *   - Where all is repeated and lhs is resident, the next repeat loads it after the last extract
 *     from it; the loads of a repeat take at least so long.
 * What else they wait for only makes it longer. Of several row tiles only the first loads units, so
 * that nothing is said of them. */
#include "plan/cycles.h"
#include "plan/search.h"

static int64_t piece_k(const ptl_tiling *t, int64_t piece) {
  return piece < t->full_chunks ? t->chunk_k : t->tail_k[piece - t->full_chunks];
}

/* Whether two units that follow each other take as long. */
static bool are_alike(const ptl_problem *p, const ptl_tiling *t, const ptl_last_unit *a,
                      const ptl_last_unit *b) {
  return a->n == b->n && a->in_memory == b->in_memory && a->k == b->k && a->lhs_k == b->lhs_k &&
         a->ends_column == b->ends_column && a->extracts_lhs == b->extracts_lhs &&
         t->n_tile[a->rhs] == t->n_tile[b->rhs] &&
         p->rhs_transposed[a->rhs] == p->rhs_transposed[b->rhs];
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
      ptl_last_unit *unit = &out->units[out->count];
      *unit = (ptl_last_unit){.rhs = column.rhs,
                              .n = column.n,
                              .in_memory =
                                  ptl_columns_in_memory(p, column.rhs, column.n_base, column.n),
                              .k = ptl_min(length, k - at),
                              .lhs_k = is_first && loads_lhs ? k : 0,
                              .extracts_lhs = i == first,
                              .ends_column = piece + 1 == b->counts.pieces && at + length >= k};
      unit->is_alike = out->count > 0 && are_alike(p, t, unit - 1, unit);
      out->count++;
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
  ptl_cycles lhs_load, load;
  ptl_cycles extracts, first_extract; /* of rhs */
  ptl_cycles products, last_product;
  ptl_cycles stores, last_store; /* of its column, if that ends with it */
  /* Of lhs, if it is of the first column. */
  bool extracts_lhs;
  bool waits_for_lhs;        /* some extract of rhs stands before the last one of lhs */
  ptl_cycles lhs_extracts;   /* 0 if it has none */
  ptl_cycles after_last_lhs; /* from the end of the last one on, at the most */
} work;

/* How a unit is cut. */
typedef struct cut {
  int64_t parts, width, last_n; /* of its columns */
  int64_t steps, last_k;
} cut;

static cut cut_of(const ptl_bounds *b, const ptl_tiling *t, const ptl_last_unit *u) {
  int64_t width = ptl_part_columns(b->target, b->problem, t, u->rhs);
  int64_t parts = ptl_ceil_div(u->n, width), steps = ptl_ceil_div(u->k, t->step_k);
  return (cut){parts, width, u->n - (parts - 1) * width, steps, u->k - (steps - 1) * t->step_k};
}

static ptl_cycles store_cycles(const ptl_bounds *b, int64_t columns) {
  int64_t rows = ptl_rows_out(b->problem);
  return ptl_drain_takes(&b->paces, rows, rows * columns * ptl_elem_bytes(b->problem->acc));
}

static ptl_cycles matmul_cycles(const ptl_bounds *b, int64_t products, int64_t k, int64_t n) {
  int64_t fractals = ptl_matmul_fractals(b->target, b->problem->m, k, n, b->problem->lhs);
  return ptl_matmuls_take(&b->paces, (double)products, (double)fractals);
}

/* The stores of a column. */
static void note_stores(const ptl_bounds *b, const cut *c, work *out) {
  ptl_cycles others = store_cycles(b, c->width);
  out->stores = out->last_store = store_cycles(b, c->last_n);
  ptl_add_cycles(&out->stores, &others, (double)(c->parts - 1));
}

/* What a unit does with lhs. With one Right tile the last extract of lhs may run beside the product
 * before it. */
static void note_lhs(const ptl_bounds *b, const ptl_tiling *t, const ptl_last_unit *u, const cut *c,
                     work *out) {
  const ptl_problem *p = b->problem;
  int64_t elem = ptl_elem_bytes(p->lhs), box = ptl_k_box(b->target, p->lhs);
  int64_t last_bytes = ptl_round_up(c->last_k, box) * u->n * elem;
  out->lhs_extracts =
      ptl_left_takes(&b->paces, (double)(t->m_tile * ptl_round_up(u->k, box) * elem));
  out->after_last_lhs = ptl_right_takes(&b->paces, (double)last_bytes, !p->rhs_transposed[u->rhs]);
  if (t->right_slots == 1) {
    ptl_cycles before = matmul_cycles(b, 1, t->step_k, ptl_min(c->width, u->n));
    ptl_cycles last = matmul_cycles(b, c->parts, c->last_k, u->n);
    ptl_add_cycles(&out->after_last_lhs, &before, 1);
    ptl_add_cycles(&out->after_last_lhs, &last, 1);
  }
}

static void note_work(const ptl_bounds *b, const ptl_tiling *t, const ptl_last_unit *u, work *out) {
  static const ptl_cycles nothing = {{0}};
  const ptl_problem *p = b->problem;
  int64_t elem = ptl_elem_bytes(p->lhs), box = ptl_k_box(b->target, p->lhs);
  int64_t first_k = ptl_round_up(ptl_min(t->step_k, u->k), box);
  cut c = cut_of(b, t, u);
  ptl_cycles element = ptl_right_takes(&b->paces, (double)elem, !p->rhs_transposed[u->rhs]);
  out->lhs_load = nothing;
  if (u->lhs_k > 0) {
    out->lhs_load = ptl_loads_take(&b->paces, 1, (double)(p->m * u->lhs_k * elem));
  }
  out->load = ptl_loads_take(&b->paces, 1, (double)(u->k * u->in_memory * elem));
  out->extracts = ptl_times(&element, (double)(ptl_round_up(u->k, box) * u->n));
  out->first_extract = ptl_times(&element, (double)(first_k * ptl_min(c.width, u->n)));
  out->products = matmul_cycles(b, c.parts * c.steps, u->k, u->n);
  out->last_product = matmul_cycles(b, 1, c.last_k, c.last_n);
  out->extracts_lhs = u->extracts_lhs;
  bool in_parts = c.parts > 1 && p->m >= PTL_MANY_ROWS; /* all of lhs is extracted with the first */
  out->waits_for_lhs = u->extracts_lhs && c.steps > 1 && !in_parts;
  out->lhs_extracts = nothing;
  if (u->extracts_lhs) {
    note_lhs(b, t, u, &c, out);
  }
  out->stores = out->last_store = nothing;
  if (u->ends_column) {
    note_stores(b, &c, out);
  }
}

/* When the pipes are done with what comes before the next unit. */
typedef struct times {
  ptl_cycles loaded, extracted, multiplied, stored;
} times;

/* When they are done with everything before the last units, at the least, if all of it is there so
 * many times. */
static times times_before(const ptl_staging_bounds *b, const ptl_tiling *t, const ptl_counts *c,
                          const work *const *works, int count, double repeats) {
  const ptl_bounds *of = b->of;
  double in_turn = t->right_slots == 1;
  int64_t first_k =
      ptl_round_up(ptl_min(t->step_k, b->first_k), ptl_k_box(of->target, of->problem->lhs));
  int64_t first_bytes = t->m_tile * first_k * ptl_elem_bytes(of->problem->lhs);
  ptl_cycles first_lhs = ptl_left_takes(&of->paces, (double)first_bytes);
  ptl_cycles cube = ptl_cube_cycles(of, c), first = {{0}};
  ptl_add_cycles(&first, &b->first_loads, (double)ptl_repeats(of->problem));
  times now = {.loaded = ptl_times(&b->loads, repeats), .extracted = first, .multiplied = first};
  ptl_add_cycles(&now.extracted, &of->rhs_extract, repeats);
  ptl_add_cycles(&now.extracted, &b->lhs, repeats);
  ptl_add_cycles(&now.extracted, &first_lhs, -1);
  ptl_add_cycles(&now.multiplied, &cube, repeats);
  ptl_add_cycles(&now.multiplied, &of->rhs_extract, repeats * in_turn);
  for (int i = 0; i < count; i++) {
    ptl_add_cycles(&now.loaded, &works[i]->lhs_load, -1);
    ptl_add_cycles(&now.loaded, &works[i]->load, -1);
    ptl_add_cycles(&now.extracted, &works[i]->extracts, -1);
    ptl_add_cycles(&now.extracted, &works[i]->lhs_extracts, -1);
    ptl_add_cycles(&now.multiplied, &works[i]->products, -1);
    ptl_add_cycles(&now.multiplied, &works[i]->extracts, -in_turn);
  }
  return now;
}

/* Goes on by a unit with one Right tile: extracts and products take turns. */
static void run_in_turn(const work *w, times *now) {
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    now->multiplied.by[i] =
        ptl_later(now->loaded.by[i], now->multiplied.by[i]) + w->extracts.by[i] + w->products.by[i];
    now->extracted.by[i] = now->multiplied.by[i] - w->last_product.by[i];
  }
}

/* With several they run beside each other. */
static void run_beside(const work *w, times *now) {
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    double loaded = now->loaded.by[i];
    double lhs_extracted = now->extracted.by[i] + w->lhs_extracts.by[i];
    double extracted = ptl_later(loaded, lhs_extracted) + w->extracts.by[i];
    double first = ptl_later(loaded + w->first_extract.by[i], now->multiplied.by[i]);
    now->multiplied.by[i] = ptl_later(first + w->products.by[i], extracted + w->last_product.by[i]);
    now->extracted.by[i] = extracted;
  }
}

/* Goes on by a unit, whose slot is free by then; NULL: at all times. */
static void run_unit(const ptl_tiling *t, const work *w, const ptl_cycles *freed, times *now) {
  ptl_add_cycles(&now->loaded, &w->lhs_load, 1);
  if (freed) {
    ptl_wait_until(&now->loaded, freed);
  }
  ptl_add_cycles(&now->loaded, &w->load, 1);
  if (t->right_slots == 1) {
    run_in_turn(w, now);
  } else {
    run_beside(w, now);
  }
  for (int i = 0; i < PTL_MAX_RATES; i++) {
    now->stored.by[i] =
        ptl_later(now->stored.by[i] + w->stores.by[i], now->multiplied.by[i] + w->last_store.by[i]);
  }
}

/* The end of the last extract of lhs of a unit, at the least; `before`: what is extracted before
 * the unit. */
static ptl_cycles end_of_lhs(const ptl_tiling *t, const work *w, const ptl_cycles *before,
                             const times *after) {
  ptl_cycles end = *before;
  if (w->waits_for_lhs) {
    ptl_cycles until = t->right_slots == 1 ? after->multiplied : after->extracted;
    ptl_add_cycles(&until, &w->after_last_lhs, -1);
    ptl_wait_until(&end, &until);
  }
  return end;
}

/* Goes on by all units; returns the end of the last extract of lhs. */
static ptl_cycles run_units(const ptl_tiling *t, const work *const *works, int count, times *now) {
  ptl_cycles extracted[PTL_MOST_LAST_UNITS], lhs_end = {{0}};
  for (int i = 0; i < count; i++) {
    ptl_cycles before = now->extracted;
    run_unit(t, works[i], i >= t->mat_slots ? &extracted[i - t->mat_slots] : NULL, now);
    extracted[i] = now->extracted;
    if (works[i]->extracts_lhs) {
      lhs_end = end_of_lhs(t, works[i], &before, now);
    }
  }
  return lhs_end;
}

/* The end of all repeats, each of which begins after the one before is done with lhs, and has
 * loaded all. */
static ptl_cycles end_in_turns(const ptl_tiling *t, const work *const *works, int count,
                               double repeats, times once) {
  ptl_cycles turn = run_units(t, works, count, &once);
  ptl_wait_until(&turn, &once.loaded);
  ptl_cycles end = ptl_times(&turn, repeats - 1);
  ptl_add_cycles(&end, &once.stored, 1);
  return end;
}

/* Pieces of K of an odd number of steps. */
static int64_t odd_pieces(const ptl_tiling *t) {
  int64_t count = ptl_ceil_div(t->chunk_k, t->step_k) % 2 > 0 ? t->full_chunks : 0;
  for (int i = 0; i < t->tail_count; i++) {
    count += ptl_ceil_div(t->tail_k[i], t->step_k) % 2;
  }
  return count;
}

/* Items that the scalar unit issues for one repeat that others surround, at the least. Flags hand
 * each Mat tile of rhs and each Right tile over and back, each load of lhs over, each accumulator
 * to its store. Two Right tiles take turns from the first one on in each piece of K: after one with
 * an odd number of products the same is extracted again, and waits for the product just before,
 * which saves the other a flag; so does an extract of lhs into the Left tile of that product. With
 * two Right tiles a product does not know that the one before it is done, and waits for it if both
 * add to one accumulator. */
static int64_t items_of_repeat(const ptl_problem *p, const ptl_tiling *t, const ptl_counts *c) {
  bool is_one = t->right_slots == 1;
  int64_t saved = t->mat_slots + (is_one ? 0 : c->rounds * odd_pieces(t));
  int64_t barriers = is_one || t->n_parts > 1 ? 0 : c->products - c->rhs_loads;
  int64_t flags = 2 * (2 * c->rhs_loads + 2 * c->products + c->lhs_loads + c->stores - saved);
  return ptl_issued_items(p, c) + flags + barriers;
}

ptl_cycles ptl_last_units_bound(const ptl_last_units *units, const ptl_staging_bounds *b,
                                const ptl_tiling *t, const ptl_counts *c) {
  const ptl_problem *p = b->of->problem;
  if (p->row_tiles > 1) {
    return (ptl_cycles){{0}};
  }
  int count = units->count;
  work different[PTL_MOST_LAST_UNITS];
  const work *works[PTL_MOST_LAST_UNITS]; /* of each unit */
  for (int i = 0; i < count; i++) {
    const ptl_last_unit *unit = &units->units[i];
    if (!unit->is_alike) {
      note_work(b->of, t, unit, &different[i]);
    }
    works[i] = unit->is_alike ? works[i - 1] : &different[i];
  }
  double repeats = (double)ptl_repeats(p);
  times now = times_before(b, t, c, works, count, repeats);
  (void)run_units(t, works, count, &now);
  ptl_cycles end = now.stored;
  if (repeats > 1 && t->lhs_resident) {
    ptl_cycles in_turns =
        end_in_turns(t, works, count, repeats, times_before(b, t, c, works, count, 1));
    ptl_wait_until(&end, &in_turns);
  }
  ptl_add_cycles(&end, &b->of->paces.issue, 2 + p->lhs_transposed);
  double items = repeats * (double)items_of_repeat(p, t, c) - 2 * t->right_slots;
  ptl_cycles issued = ptl_times(&b->of->paces.issue, items);
  if (count > 0) {
    ptl_add_cycles(&issued, &works[count - 1]->last_store, 1);
  }
  ptl_wait_until(&end, &issued);
  return ptl_times(&end, 1 / repeats);
}
