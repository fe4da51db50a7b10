/* What can be told of a schedule before it is made: the items of its rounds are counted, and what
 * its loops carry follows from the ring.
 *
 * A pass of a loop fills whole turns of the slots. So what it loads for later passes is as much as
 * what its own units need, and each slot is used as often. Where it begins, all slots but one have
 * their units, and so have the chunks of a streamed lhs that begin with one of those. These slots
 * are first extracted and last loaded: the pass hands them on. All others are first loaded and last
 * extracted: they are overwritten. */
#include "plan/event_ids.h"
#include "plan/schedule_build.h"

typedef struct sketch {
  const ptl_builder *b;
  const ptl_counts *counts;
  int64_t longest_k;  /* of a chunk */
  int64_t steps;      /* of all of K */
  int64_t most_parts; /* of the columns of a round */
  int64_t items;
  int heads;
  bool lacks_ids;
  int most;           /* no more items are of interest */
  bool stops_at_lack; /* nor any, where there are too few event ids */
} sketch;

static bool goes_on(const sketch *s) {
  return s->items <= s->most && !(s->lacks_ids && s->stops_at_lack);
}

static int64_t parts_of_round(const ptl_builder *b, int64_t round) {
  int64_t parts = 0;
  for (ptl_unit u = {.round = round}; u.column < ptl_columns_of_round(b, round); u.column++) {
    const ptl_column *column = ptl_unit_column(b, &u);
    parts += ptl_ceil_div(column->n, b->part_columns[column->rhs]);
  }
  return parts;
}

static void read_chunks(sketch *s) {
  const ptl_tiling *t = s->b->tiling;
  s->steps = t->full_chunks * (t->chunk_k / t->step_k);
  s->longest_k = t->full_chunks > 0 ? t->chunk_k : 0;
  for (int i = 0; i < t->tail_count; i++) {
    s->steps += ptl_ceil_div(t->tail_k[i], t->step_k);
    s->longest_k = ptl_max(s->longest_k, t->tail_k[i]);
  }
}

/* ---- items ---- */

/* Chunks of lhs that a row tile of a round loads. */
static int64_t lhs_loads_of(const ptl_builder *b, int64_t round) {
  return b->tiling->lhs_resident ? 0 : b->piece_count - (round > 0 ? b->tiling->lhs_kept : 0);
}

/* A round that is written down, of whose chunks a loop stands for those that it repeats. */
static int64_t items_of_round(const sketch *s, int64_t round, int64_t parts, const ptl_loop *l) {
  const ptl_builder *b = s->b;
  const ptl_tiling *t = b->tiling;
  int64_t steps = s->steps, rhs_loads = ptl_units_of_round(b, round);
  int64_t lhs_loads = lhs_loads_of(b, round), ends = 0, stores = parts;
  if (l->trip_count > 0) {
    int64_t repeated = (l->trip_count - 1) * l->per_pass;
    steps -= repeated * (t->chunk_k / t->step_k);
    rhs_loads -= repeated * ptl_units_of_piece(b, round, 0);
    lhs_loads -= t->lhs_resident ? 0 : repeated;
    ends = 2;
  }
  return ptl_row_tiles_of(b->problem) * (lhs_loads + steps * (1 + 2 * parts) + stores + ends) +
         rhs_loads;
}

/* ---- ties ---- */

/* Ties to the pass before, at the least. The first load comes into the slot that the last unit of
 * that pass is extracted from: MTE2 waits for the last of all extracts, which it cannot know of.
 * MTE1 awaits the units whose loads stand in that pass one by one, of all slots but one. The first
 * extract into a tile of Left or Right that was used waits for a product after all those that MTE1
 * has waited for. */
static int ties_of_k_loop(const ptl_tiling *t) { return 1 + (t->mat_slots - 1) + 1; }

/* Of the units only the first surely stands outside of loops over chunks, whose ties are their
 * own. The first product overwrites an accumulator whose store M has not waited for. */
static int ties_of_n_loop(const ptl_tiling *t) { return 1 + (t->mat_slots > 1) + 1 + 1; }

/* ---- event ids ---- */

static int64_t turning_lhs_slots(const ptl_tiling *t) {
  return t->lhs_resident ? 0 : t->lhs_slots - t->lhs_kept;
}

/* What a loop carries whose pass begins there and has so many units. */
static ptl_carried carried_from(const ptl_builder *b, ptl_unit begin, int64_t units) {
  int64_t slots = b->tiling->mat_slots, handed_lhs = 0;
  for (int64_t i = 0; i + 1 < slots; i++) {
    handed_lhs += ptl_needs_lhs(b, &begin);
    (void)ptl_next_unit(b, &begin);
  }
  return (ptl_carried){.overwritten = 1 + turning_lhs_slots(b->tiling) - handed_lhs,
                       .handed_on = slots - 1 + handed_lhs,
                       .reloads = units > 1};
}

/* Mat tiles that are used at all: loops around the plan carry each of them. */
static int64_t all_mat_tiles(const sketch *s) {
  const ptl_tiling *t = s->b->tiling;
  return ptl_min(t->mat_slots, s->counts->rhs_loads) + ptl_min(t->lhs_slots, s->counts->lhs_loads);
}

static ptl_carried carried_around(const sketch *s) {
  const ptl_tiling *t = s->b->tiling;
  const ptl_counts *c = s->counts;
  int64_t loops = s->b->problem->outer_loops;
  return (ptl_carried){.overwritten = loops * all_mat_tiles(s),
                       .reloads = loops > 0 &&
                                  (c->rhs_loads > t->mat_slots || c->lhs_loads > t->lhs_slots)};
}

static ptl_carried both(const ptl_carried *a, const ptl_carried *b) {
  return (ptl_carried){a->overwritten + b->overwritten, a->handed_on + b->handed_on,
                       a->reloads || b->reloads};
}

/* Left and Right tiles that are filled by so many chunks, the longest of which has so much of K. */
static int64_t l0_tiles(const ptl_builder *b, int64_t chunks, int64_t k, int64_t parts) {
  int64_t steps = ptl_ceil_div(k, b->tiling->step_k);
  return ptl_min(ptl_left_turns(b->tiling), chunks) * steps +
         ptl_min(b->tiling->right_slots, steps * parts);
}

static bool lacks(const sketch *s, const ptl_carried *carried, int64_t mat_tiles,
                  int64_t l0_tiles) {
  const ptl_target *target = s->b->target;
  return carried->overwritten > ptl_ids_overwritten(target, carried->reloads) ||
         carried->handed_on > ptl_ids_handed_on(target) ||
         mat_tiles > ptl_target_max_carried(target) || l0_tiles > target->event_ids_per_pipe_pair;
}

/* ---- loops ---- */

/* Notes whether ptoas has too few ids for a loop that carries so much, with what is around it. */
static void check_loop(sketch *s, const ptl_carried *carried, int64_t chunks, int64_t k,
                       int64_t parts) {
  const ptl_tiling *t = s->b->tiling;
  s->lacks_ids |=
      lacks(s, carried, t->mat_slots + turning_lhs_slots(t), l0_tiles(s->b, chunks, k, parts));
}

/* A round that is written down. */
static void add_round(sketch *s, int64_t round, const ptl_carried *around, bool is_outermost) {
  const ptl_builder *b = s->b;
  ptl_loop l = ptl_k_loop_of(b, round);
  int64_t parts = parts_of_round(b, round);
  s->most_parts = ptl_max(s->most_parts, parts);
  s->items += items_of_round(s, round, parts, &l);
  if (l.trip_count > 0) {
    int64_t units = l.per_pass * ptl_units_of_piece(b, round, 0);
    ptl_carried own = carried_from(b, (ptl_unit){.round = round, .piece = 1}, units);
    own = both(around, &own);
    check_loop(s, &own, l.per_pass, b->tiling->chunk_k, parts);
    s->heads += is_outermost ? ties_of_k_loop(b->tiling) : 0;
  }
}

static void add_n_loop(sketch *s, int64_t round, const ptl_loop *l, const ptl_carried *around) {
  const ptl_builder *b = s->b;
  int64_t units = l->per_pass * ptl_units_of_round(b, round);
  ptl_carried own = carried_from(b, (ptl_unit){.round = round}, units);
  own = both(around, &own);
  s->items += 2;
  s->heads += ties_of_n_loop(b->tiling);
  for (int64_t i = 0; i < l->per_pass && goes_on(s); i++) {
    add_round(s, round + i, &own, false);
  }
  check_loop(s, &own, l->per_pass * b->piece_count, s->longest_k, parts_of_round(b, round));
}

static void add_rounds(sketch *s, const ptl_carried *around) {
  const ptl_builder *b = s->b;
  for (int64_t round = 0; round < b->round_count && goes_on(s);) {
    ptl_loop l = ptl_n_loop_of(b, round);
    if (l.trip_count > 0) {
      add_n_loop(s, round, &l, around);
      round += l.trip_count * l.per_pass;
    } else {
      add_round(s, round++, around, true);
    }
  }
}

static ptl_outline sketch_it(sketch *s) {
  const ptl_builder *b = s->b;
  ptl_carried around = carried_around(s);
  read_chunks(s);
  add_rounds(s, &around);
  if (b->problem->outer_loops > 0) {
    int64_t chunks = b->round_count * b->piece_count;
    s->lacks_ids |=
        lacks(s, &around, all_mat_tiles(s), l0_tiles(b, chunks, s->longest_k, s->most_parts));
  }
  return (ptl_outline){(int)ptl_min(s->items, s->most + 1), s->heads, s->lacks_ids};
}

static sketch begin(const ptl_builder *b, const ptl_counts *counts, int most) {
  return (sketch){.b = b, .counts = counts, .items = b->tiling->lhs_resident, .most = most};
}

ptl_outline ptl_outline_of(const ptl_builder *b, const ptl_counts *counts, int most) {
  sketch s = begin(b, counts, most);
  return sketch_it(&s);
}

bool ptl_outline_if_possible(const ptl_builder *b, const ptl_counts *counts, int most,
                             ptl_outline *out) {
  sketch s = begin(b, counts, most);
  s.stops_at_lack = b->problem->row_tiles <= 1;
  *out = sketch_it(&s);
  return goes_on(&s);
}
