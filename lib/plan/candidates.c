/* All ways to cut a problem that the search tries. */
#include "plan/search.h"

#include <string.h>

int64_t ptl_mat_lhs_bytes(const ptl_target *target, const ptl_problem *problem,
                          const ptl_tiling *tiling) {
  int64_t k = tiling->lhs_resident ? ptl_round_up(problem->k, ptl_k_box(target, problem->lhs))
                                   : tiling->chunk_k;
  return tiling->m_tile * k * ptl_elem_bytes(problem->lhs);
}

int64_t ptl_mat_rhs_bytes(const ptl_problem *problem, const ptl_tiling *tiling) {
  return tiling->chunk_k * tiling->n_tile * ptl_elem_bytes(problem->rhs);
}

int64_t ptl_left_bytes(const ptl_problem *problem, const ptl_tiling *tiling) {
  return tiling->m_tile * tiling->step_k * ptl_elem_bytes(problem->lhs);
}

int64_t ptl_right_bytes(const ptl_problem *problem, const ptl_tiling *tiling) {
  return tiling->step_k * tiling->n_tile * ptl_elem_bytes(problem->rhs);
}

int64_t ptl_space_bytes(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes) {
  return (count - 1) * ptl_round_up(bytes, ptl_target_alignment(target, space)) + bytes;
}

static bool fits(const ptl_target *target, ptl_space space, int64_t count, int64_t bytes) {
  return ptl_space_bytes(target, space, count, bytes) <= target->capacity_bytes[space];
}

static bool acc_fits(const ptl_target *target, const ptl_problem *p, int64_t n) {
  int64_t bytes = ptl_acc_bytes(target, p->acc, ptl_m_tile(target, p), n);
  return fits(target, PTL_SPACE_ACC, p->rhs_count, bytes);
}

static bool mat_fits(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t) {
  int64_t lhs =
      ptl_round_up(ptl_mat_lhs_bytes(target, p, t), ptl_target_alignment(target, PTL_SPACE_MAT));
  int64_t rhs = ptl_space_bytes(target, PTL_SPACE_MAT, p->rhs_count, ptl_mat_rhs_bytes(p, t));
  return lhs + rhs <= target->capacity_bytes[PTL_SPACE_MAT];
}

/* Whether a rhs tile of n columns fits at all: with the smallest step and chunk. */
static bool width_fits(const ptl_target *target, const ptl_problem *p, int64_t n) {
  int64_t box = ptl_k_box(target, p->rhs);
  ptl_tiling least = {.m_tile = ptl_m_tile(target, p), .n_tile = n, .chunk_k = box, .step_k = box};
  return acc_fits(target, p, n) && mat_fits(target, p, &least) &&
         fits(target, PTL_SPACE_RIGHT, 1, ptl_right_bytes(p, &least));
}

/* The widest rhs tile that fits; 0 if there is none. */
static int64_t n_limit(const ptl_target *target, const ptl_problem *p) {
  int64_t box = ptl_n_box(target, p);
  int64_t most = ptl_min(p->n, ptl_min(target->max_store_columns, target->max_matmul_extent));
  int64_t low = 0; /* in boxes: fits */
  int64_t high = most / box + 1;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    bool ok = width_fits(target, p, middle * box);
    low = ok ? middle : low;
    high = ok ? high : middle;
  }
  return low * box;
}

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

int ptl_n_tiles(const ptl_target *target, const ptl_problem *p, int64_t narrowest, int64_t *out) {
  int64_t box = ptl_n_box(target, p);
  int64_t limit = n_limit(target, p);
  int count = 0;
  if (limit == 0 || (limit < p->n && !p->n_splittable)) {
    return 0;
  }
  if (!p->n_splittable) {
    out[0] = p->n;
    return 1;
  }
  count = add_extent(out, count, PTL_MAX_N_TILES, limit);
  int64_t parts = ptl_ceil_div(p->n, limit);
  for (int64_t i = parts; i < parts + 3 && i <= p->n / box; i++) {
    int64_t n = ptl_round_up(ptl_ceil_div(p->n, i), box);
    count = n <= limit ? add_extent(out, count, PTL_MAX_N_TILES, n) : count;
  }
  for (int64_t n = 2048; n >= narrowest; n /= 2) {
    count = n <= limit ? add_extent(out, count, PTL_MAX_N_TILES, n) : count;
  }
  sort_descending(out, count);
  return count;
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

/* Cuts the last `amount` of K into `parts` tail chunks, each half of what is
 * left (the last two are alike): the shorter the last chunk, the less is left to do when
 * its load is done. */
static bool taper(ptl_tiling *t, int64_t k, int64_t amount, int parts, int64_t box) {
  t->full_chunks = (k - amount) / t->chunk_k;
  t->tail_count = 0;
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

int ptl_completions(const ptl_target *target, const ptl_problem *p, const ptl_tiling *staging,
                    ptl_tiling *out) {
  int64_t box = ptl_k_box(target, p->lhs);
  int count = 0;
  if (!mat_fits(target, p, staging) || !acc_fits(target, p, staging->n_tile)) {
    return 0;
  }
  for (int right_slots = 1; right_slots <= 2; right_slots++) {
    int found = 0;
    for (int left_slots = 1; left_slots <= PTL_MAX_LEFT && found < 3; left_slots++) {
      ptl_tiling t = *staging;
      t.step_k = t.chunk_k / left_slots;
      t.left_slots = left_slots;
      t.right_slots = right_slots;
      if (t.step_k * left_slots == t.chunk_k && t.step_k % box == 0 && t.step_k > 0 &&
          t.step_k <= target->max_matmul_extent &&
          fits(target, PTL_SPACE_LEFT, left_slots, ptl_left_bytes(p, &t)) &&
          fits(target, PTL_SPACE_RIGHT, right_slots, ptl_right_bytes(p, &t)) &&
          ptl_choose_loops(target, p, &t) && count < PTL_MAX_COMPLETIONS) {
        out[count++] = t;
        found++;
      }
    }
  }
  return count;
}

static bool push_if_complete(const ptl_target *target, const ptl_problem *p, const ptl_tiling *t,
                             ptl_tilings *list) {
  ptl_tiling completions[PTL_MAX_COMPLETIONS];
  if (ptl_completions(target, p, t, completions) == 0) {
    return false;
  }
  push(list, t);
  return true;
}

/* The tails of one chunk size; false if none of them can be completed. */
static bool push_tails(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                       ptl_tilings *list) {
  int64_t box = ptl_k_box(target, p->lhs);
  int64_t rest = p->k % t.chunk_k;
  bool any = false;
  for (int parts = 1; parts <= 3; parts++) {
    /* Without a rest the last full chunk is what may be cut. */
    int64_t amount = rest > 0 ? rest : parts > 1 ? t.chunk_k : 0;
    /* Tapered without a full chunk before is what a smaller chunk makes of it. */
    if (taper(&t, p->k, amount, parts, box) && (parts == 1 || t.full_chunks > 0)) {
      any |= push_if_complete(target, p, &t, list);
    }
  }
  return any;
}

/* The stagings of one width and residency: the largest chunks that fit, down to an
 * eighth of the largest. Smaller ones only add instructions. */
static int64_t push_chunks(const ptl_target *target, const ptl_problem *p, ptl_tiling t,
                           ptl_tilings *list) {
  int64_t chunks[PTL_MAX_CHUNKS];
  int count = ptl_chunks(target, p, chunks);
  int64_t largest = 0;
  for (int i = 0; i < count && chunks[i] * 8 >= largest; i++) {
    t.chunk_k = chunks[i];
    bool left_fits = fits(target, PTL_SPACE_LEFT, 1, t.m_tile * t.chunk_k * ptl_elem_bytes(p->lhs));
    if (left_fits && push_tails(target, p, t, list)) {
      largest = ptl_max(largest, t.chunk_k);
    }
  }
  return largest;
}

static void push_widths(const ptl_target *target, const ptl_problem *p, int64_t narrowest,
                        ptl_tilings *list) {
  int64_t widths[PTL_MAX_N_TILES];
  int count = ptl_n_tiles(target, p, narrowest, widths);
  int64_t enough_k = ptl_min(p->k, 4 * ptl_k_box(target, p->lhs));
  for (int i = 0; i < count; i++) {
    ptl_tiling t = {.m_tile = ptl_m_tile(target, p), .n_tile = widths[i]};
    t.n_full = p->n / t.n_tile;
    t.n_tail = p->n % t.n_tile;
    t.lhs_resident = p->k_block == 0;
    /* Streaming lhs costs instructions and event ids: only where its residency leaves
     * no room for decent chunks, or where no load can bring it whole. */
    if (!t.lhs_resident || push_chunks(target, p, t, list) < enough_k) {
      t.lhs_resident = false;
      push_chunks(target, p, t, list);
    }
  }
}

ptl_tilings ptl_stagings(ptl_arena *arena, const ptl_target *target, const ptl_problem *p) {
  ptl_tilings list = {.arena = arena};
  push_widths(target, p, 128, &list);
  if (list.count == 0) {
    push_widths(target, p, ptl_n_box(target, p), &list);
  }
  return list;
}
