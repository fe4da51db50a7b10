/* All ways to cut a problem that the search tries. */
#include "plan/search.h"

#include <string.h>

/* Rings of more slots than this gain nothing where units are of like size, or are not. */
enum { MOST_SLOTS_ALIKE = 3, MOST_SLOTS = 4 };

/* Pieces that the end of K is cut in: the last is an eighth of a chunk at least. */
enum { MOST_TAIL = 4 };

/* Parts along K that a unit of a wide rhs may be of a chunk. */
enum { MOST_K_PARTS = 8 };

/* Column tiles of a N that is cut. */
enum { WIDEST_CUT = 1024, LEAST_COLUMNS = 128 };

static int add_extent(int64_t *list, int count, int capacity, int64_t extent) {
  for (int i = 0; i < count; i++) {
    if (list[i] == extent) {
      return count;
    }
  }
  if (count < capacity) {
    list[count++] = extent;
  }
  return count;
}

static void sort_descending(int64_t *list, int count) {
  for (int i = 1; i < count; i++) {
    for (int j = i; j > 0 && list[j] > list[j - 1]; j--) {
      int64_t swap = list[j];
      list[j] = list[j - 1];
      list[j - 1] = swap;
    }
  }
}

static int keep_divisors(int64_t *list, int count, int64_t whole) {
  int kept = 0;
  for (int i = 0; i < count; i++) {
    if (whole % list[i] == 0) {
      list[kept++] = list[i];
    }
  }
  return kept;
}

/* Fractals times 2^i and 3 * 2^i, and the whole K; where K lies in blocks, those that divide one.
 */
int ptl_chunks(const ptl_target *target, const ptl_problem *p, int64_t *out) {
  int64_t box = ptl_k_box(target, p->lhs);
  int64_t whole = ptl_round_up(p->k_block > 0 ? p->k_block : p->k, box);
  int count = 0;
  out[count++] = whole;
  for (int64_t chunk = box; chunk < whole && count + 1 < PTL_MAX_CHUNKS; chunk *= 2) {
    out[count++] = chunk;
    if (3 * chunk < whole) {
      count = add_extent(out, count, PTL_MAX_CHUNKS, 3 * chunk);
    }
  }
  sort_descending(out, count);
  return p->k_block > 0 ? keep_divisors(out, count, p->k_block) : count;
}

static void push(ptl_tilings *list, const ptl_tiling *tiling) {
  list->items =
      ptl_arena_more(list->arena, list->items, list->count, &list->capacity, sizeof(ptl_tiling));
  list->items[list->count++] = *tiling;
}

/* ---- K --------------------------------------------------------------------- */

/* Cuts the last `amount` of K into `parts` tail chunks, each half of what is
 * left (the last two are alike): the shorter the last chunk, the less is left to do when
 * its load is done. */
static bool taper(ptl_tiling *t, int64_t k, int64_t amount, int parts, int64_t box) {
  t->full_chunks = (k - amount) / t->chunk_k;
  t->tail_count = 0;
  memset(t->tail_k, 0, sizeof(t->tail_k));
  while (amount > 0) {
    int64_t part = parts > 1 ? ptl_round_up(ptl_ceil_div(amount, 2), box) : amount;
    if (parts > 1 && part >= amount) {
      return false;
    }
    t->tail_k[t->tail_count++] = part;
    amount -= part;
    parts--;
  }
  return true;
}

static bool push_if_complete(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                             ptl_tilings *list) {
  if (!ptl_can_complete(target, p, t)) {
    return false;
  }
  push(list, t);
  return true;
}

/* Gives each unit of a round a slot, and lhs as many as its loads ahead take; false if there are
 * too many, or not as many in every round. */
static bool keep_rhs(const ptl_problem *p, ptl_tiling *t) {
  int64_t units = t->columns_at_once * (t->full_chunks + t->tail_count);
  t->mat_slots = (int)ptl_min(units, PTL_MAX_MAT_SLOTS);
  t->lhs_slots = ptl_lhs_slots(p, t);
  return ptl_rhs_stays(p, t) && t->lhs_slots <= PTL_MAX_LHS_SLOTS;
}

/* Gives as many chunks of lhs as there is room for a slot in which they stay; false if there is
 * none for any of them. */
static bool keep_lhs(const ptl_target *target, const ptl_problem *p, ptl_tiling *t) {
  int64_t pieces = t->full_chunks + t->tail_count;
  int turning = ptl_lhs_slots(p, t);
  for (int slots = (int)ptl_min(pieces, PTL_MAX_LHS_SLOTS); slots > 0; slots--) {
    t->lhs_slots = slots;
    t->lhs_kept = slots < pieces ? slots - turning : slots;
    if (t->lhs_kept > 0 &&
        ptl_mat_total_bytes(target, p, t) <= target->capacity_bytes[PTL_SPACE_MAT]) {
      return true;
    }
  }
  return false;
}

/* A lhs that is streamed, and all of whose chunks have a slot, stays there. */
static void keep_lhs_of_few_chunks(const ptl_problem *p, ptl_tiling *t) {
  int64_t pieces = t->full_chunks + t->tail_count;
  bool stays = !t->lhs_resident && p->row_tiles <= 1 && t->lhs_slots == pieces;
  t->lhs_kept = stays ? (int)pieces : 0;
}

/* Finds the slots for what stays; false if it cannot. */
static bool keep(const ptl_target *target, const ptl_problem *p, bool lhs_stays, ptl_tiling *t) {
  if (p->row_tiles > 1) {
    return keep_rhs(p, t);
  }
  if (lhs_stays) {
    return keep_lhs(target, p, t);
  }
  keep_lhs_of_few_chunks(p, t);
  return true;
}

/* The tails of one chunk size; false if none of them can be completed. */
static bool push_tails(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                       ptl_tilings *list) {
  int64_t box = ptl_k_box(target, p->lhs);
  int64_t rest = p->k % t.chunk_k;
  bool any = false;
  for (int parts = 1; parts <= MOST_TAIL; parts++) {
    /* Without a rest the last full chunk is what may be cut. */
    int64_t amount = rest > 0 ? rest : parts > 1 ? t.chunk_k : 0;
    /* Tapered without a full chunk before is what a smaller chunk makes of it. */
    if (taper(&t, p->k, amount, parts, box) && (parts == 1 || t.full_chunks > 0) &&
        keep(target, p, list->lhs_stays, &t)) {
      any |= push_if_complete(target, p, &t, list);
    }
  }
  return any;
}

/* The units of a chunk that extract lhs, and those that are loaded ahead, must be done by then. */
int ptl_lhs_slots(const ptl_problem *p, const ptl_tiling *t) {
  if (t->lhs_resident) {
    return 1;
  }
  int64_t last_round = ptl_column_count(p, t) % t->columns_at_once;
  int64_t least_units = last_round > 0 ? last_round : t->columns_at_once;
  int64_t extracting = 1;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    extracting = ptl_max(extracting, t->k_parts[rhs]);
  }
  return (int)ptl_ceil_div(t->mat_slots - 1 + extracting, least_units);
}

bool ptl_rhs_stays(const ptl_problem *p, const ptl_tiling *t) {
  bool whole = !t->lhs_resident && ptl_column_count(p, t) % t->columns_at_once == 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    whole = whole && t->k_parts[rhs] == 1;
  }
  return whole && t->mat_slots == t->columns_at_once * (t->full_chunks + t->tail_count);
}

static bool parts_divide(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    if (t->chunk_k % (t->k_parts[rhs] * ptl_k_box(target, p->lhs)) != 0) {
      return false;
    }
  }
  return true;
}

/* The stagings of one cut of N, residency and ring: the largest chunks that fit, down to an
 * eighth of the largest. Smaller ones only add instructions. */
static int64_t push_chunks(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                           ptl_tilings *list) {
  int64_t chunks[PTL_MAX_CHUNKS];
  int count = ptl_chunks(target, p, chunks);
  int64_t largest = 0;
  t.lhs_slots = ptl_lhs_slots(p, &t);
  for (int i = 0; i < count && chunks[i] * 8 >= largest && t.lhs_slots <= PTL_MAX_LHS_SLOTS; i++) {
    t.chunk_k = chunks[i];
    bool left_fits =
        ptl_fits(target, PTL_SPACE_LEFT, 1, t.m_tile * t.chunk_k * ptl_elem_bytes(p->lhs));
    if (left_fits && parts_divide(target, p, &t) && push_tails(target, p, t, list)) {
      largest = ptl_max(largest, t.chunk_k);
    }
  }
  return largest;
}

/* ---- the ring ---------------------------------------------------------------- */

/* Whether all units have the same bytes, or nearly. */
static bool units_are_alike(const ptl_problem *p, const ptl_tiling *t) {
  int64_t least = INT64_MAX, most = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    int64_t each = t->n_tile[rhs] / t->k_parts[rhs];
    least = ptl_min(least, each);
    most = ptl_max(most, each);
  }
  return 4 * most <= 5 * least;
}

/* Rings of two slots and more; or of one, which overlaps nothing. */
static int64_t push_rings(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                          ptl_tilings *list) {
  if (list->one_slot) {
    t.mat_slots = 1;
    return push_chunks(target, p, t, list);
  }
  bool one_unit_each = ptl_column_count(p, &t) == 1;
  int most = one_unit_each ? 2 : units_are_alike(p, &t) ? MOST_SLOTS_ALIKE : MOST_SLOTS;
  int64_t largest = 0;
  for (t.mat_slots = 2; t.mat_slots <= most; t.mat_slots++) {
    largest = ptl_max(largest, push_chunks(target, p, t, list));
  }
  return largest;
}

/* Whether lhs is more than an eighth of what is loaded. */
static bool lhs_is_large(const ptl_problem *p) {
  int64_t columns = 0;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    columns += p->n[rhs];
  }
  return 8 * p->m > columns;
}

/* Of a large lhs that several rounds need: its first chunk is there long before the last, and what
 * follows loads the next one while the last round still reads this one. One that has no room as a
 * whole stays in part. */
static void push_staying_lhs(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                             bool has_room, ptl_tilings *list) {
  if ((p->m >= PTL_MANY_ROWS || !has_room) && p->k_block == 0 && !list->one_slot &&
      ptl_column_count(p, &t) > t.columns_at_once) {
    list->lhs_stays = true;
    (void)push_rings(target, p, t, list);
    list->lhs_stays = false;
  }
}

static void push_residencies(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                             ptl_tilings *list) {
  int64_t enough_k = ptl_min(p->k, 4 * ptl_k_box(target, p->lhs));
  if (p->row_tiles > 1) {
    t.lhs_resident = false;
    t.mat_slots = 1; /* as many as there are units, once K is cut */
    (void)push_chunks(target, p, t, list);
    return;
  }
  t.lhs_resident = p->k_block == 0;
  /* Streaming lhs costs instructions and event ids: only where its one load keeps the others back
   * for long, where its residency leaves no room for decent chunks, or where no load can bring it
   * whole. */
  bool has_room = t.lhs_resident && push_rings(target, p, t, list) >= enough_k;
  t.lhs_resident = false;
  if (!has_room || lhs_is_large(p)) {
    (void)push_rings(target, p, t, list);
  }
  push_staying_lhs(target, p, t, has_room, list);
}

/* Units as they come, and units of like bytes: wide column tiles in parts of a chunk. */
static void push_parts(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                       ptl_tilings *list) {
  int64_t narrowest = INT64_MAX;
  bool differ = false;
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    narrowest = ptl_min(narrowest, t.n_tile[rhs]);
    t.k_parts[rhs] = 1;
  }
  push_residencies(target, p, t, list);
  for (int rhs = 0; rhs < p->rhs_count; rhs++) {
    t.k_parts[rhs] = (int)ptl_min(t.n_tile[rhs] / narrowest, MOST_K_PARTS);
    differ |= t.k_parts[rhs] > 1;
  }
  if (differ) {
    push_residencies(target, p, t, list);
  }
}

/* ---- N --------------------------------------------------------------------- */

/* Whether a column tile of such a width fits at all: with the smallest step and chunk. */
static bool width_fits(const ptl_target *target, const ptl_problem *p, int rhs, int64_t n) {
  int64_t box = ptl_k_box(target, p->rhs);
  int64_t tile_bytes = box * n * ptl_elem_bytes(p->rhs);
  int64_t m_tile = ptl_m_tile(target, p);
  return n <= p->n[rhs] && n <= ptl_min(target->max_store_columns, target->max_matmul_extent) &&
         ptl_fits(target, PTL_SPACE_ACC, 1, ptl_acc_bytes(target, p->acc, m_tile, n)) &&
         ptl_fits(target, PTL_SPACE_RIGHT, 1, tile_bytes) &&
         ptl_fits(target, PTL_SPACE_MAT, 2, tile_bytes);
}

/* The widest column tile of a rhs that fits; 0 if there is none. */
static int64_t n_limit(const ptl_target *target, const ptl_problem *p, int rhs) {
  int64_t box = ptl_n_box(target, p, rhs);
  int64_t low = 0; /* in boxes: fits */
  int64_t high = p->n[rhs] / box + 1;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    bool ok = width_fits(target, p, rhs, middle * box);
    low = ok ? middle : low;
    high = ok ? high : middle;
  }
  return low * box;
}

/* Columns below which a cut makes the rows of a load short (PTL_LEAST_ROW_BYTES). Of a transposed
 * rhs a row is a chunk of K, whatever the columns. */
static int64_t narrowest_cut(const ptl_problem *p, int rhs) {
  int64_t of_transposed = p->n[rhs] > LEAST_COLUMNS ? LEAST_COLUMNS : LEAST_COLUMNS / 2;
  return p->rhs_transposed[rhs] ? of_transposed : PTL_LEAST_ROW_BYTES / ptl_elem_bytes(p->rhs);
}

/* Widths of a column tile to try, widest first; returns how many: of the widest rhs the whole N
 * where it fits, else the widest that fits, and powers of two; `narrow`: down to a fractal. */
static int widths_of(const ptl_target *target, const ptl_problem *p, bool narrow, int64_t *out) {
  int widest = 0;
  for (int rhs = 1; rhs < p->rhs_count; rhs++) {
    widest = p->n[rhs] > p->n[widest] ? rhs : widest;
  }
  int64_t limit = n_limit(target, p, widest);
  int64_t least = narrow ? target->family->fractal_rows : narrowest_cut(p, widest);
  int count = 0;
  if (limit == 0) {
    return 0;
  }
  count = add_extent(out, count, PTL_MAX_WIDTHS, limit);
  for (int64_t n = WIDEST_CUT; n >= least; n /= 2) {
    count = n < limit ? add_extent(out, count, PTL_MAX_WIDTHS, n) : count;
  }
  return count;
}

/* Tiles of at most `width` columns: of that width where they fill N, else of like width. */
static int64_t tile_of(const ptl_target *target, const ptl_problem *p, int rhs, int64_t width) {
  int64_t n = p->n[rhs];
  int64_t box = ptl_n_box(target, p, rhs);
  if (n <= width) {
    return n;
  }
  width = width / box * box;
  if (width == 0 || n % width == 0) {
    return width;
  }
  return ptl_round_up(ptl_ceil_div(n, ptl_ceil_div(n, width)), box);
}

/* The most columns at once whose accumulators fit. */
static int most_at_once(const ptl_target *target, const ptl_problem *p, ptl_tiling t) {
  int64_t columns = ptl_column_count(p, &t);
  int most = (int)ptl_min(columns, PTL_MAX_ACCS);
  t.n_parts = 1;
  for (; most > 0; most--) {
    t.columns_at_once = most;
    if (ptl_acc_total_bytes(target, p, &t) <= target->capacity_bytes[PTL_SPACE_ACC]) {
      break;
    }
  }
  return most;
}

/* The orders of column tiles of one width: as many at once as fit, in rounds of like size; one
 * after the other; one of each rhs. */
static void push_orders(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                        ptl_tilings *list) {
  int64_t columns = ptl_column_count(p, &t);
  int most = most_at_once(target, p, t);
  if (most == 0) {
    return;
  }
  if (!p->n_splittable) {
    t.columns_at_once = (int)columns;
    if (most == columns) {
      push_parts(target, p, t, list);
    }
    return;
  }
  t.rhs_by_rhs = columns > most;
  t.columns_at_once = (int)ptl_ceil_div(columns, ptl_ceil_div(columns, most));
  push_parts(target, p, t, list);
  if (t.columns_at_once > 1) {
    t.rhs_by_rhs = true;
    t.columns_at_once = 1;
    push_parts(target, p, t, list);
  }
  if (p->rhs_count > 1 && p->rhs_count < most && p->rhs_count < columns) {
    t.rhs_by_rhs = false;
    t.columns_at_once = p->rhs_count;
    push_parts(target, p, t, list);
  }
}

static void push_widths(const ptl_target *target, const ptl_problem *p, bool narrow,
                        ptl_tilings *list) {
  int64_t widths[PTL_MAX_WIDTHS];
  int count = p->n_splittable ? widths_of(target, p, narrow, widths) : 1;
  for (int i = 0; i < count; i++) {
    ptl_tiling t = {.m_tile = ptl_m_tile(target, p), .n_parts = 1};
    bool sound = true;
    for (int rhs = 0; rhs < p->rhs_count; rhs++) {
      t.n_tile[rhs] = p->n_splittable ? tile_of(target, p, rhs, widths[i]) : p->n[rhs];
      sound = sound && t.n_tile[rhs] > 0 && width_fits(target, p, rhs, t.n_tile[rhs]);
    }
    if (sound) {
      push_orders(target, p, t, list);
    }
  }
}

ptl_tilings ptl_stagings(ptl_arena *arena, const ptl_target *target, const ptl_problem *p,
                         ptl_ring_kind kind) {
  ptl_tilings list = {.arena = arena, .one_slot = kind.one_slot};
  if (p->n_splittable || !kind.narrow) {
    push_widths(target, p, kind.narrow, &list);
  }
  return list;
}
