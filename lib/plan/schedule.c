/* Builds the schedule of a plan: loads, extracts, products and drains in the order in which they
 * are emitted. */
#include "plan/schedule.h"

#include "plan/boxes.h"

/* One K chunk: its place and valid extent. */
typedef struct piece {
  int64_t base;
  int64_t k_valid;
  bool in_k_loop;
} piece;

typedef struct builder {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_plan *plan;
  ptl_item *items;
  int count;
  int capacity;
  /* The N tile that is being built. */
  int64_t n_base;
  int64_t n;
  bool in_n_loop;
} builder;

static ptl_item *push(builder *b, ptl_item_kind kind) {
  b->items = ptl_arena_more(b->arena, b->items, b->count, &b->capacity, sizeof(ptl_item));
  ptl_item *item = &b->items[b->count++];
  item->kind = kind;
  return item;
}

/* An item on `k_valid` elements of K, `offset` from the start of the piece. */
static ptl_item *push_on(builder *b, ptl_item_kind kind, const piece *p, int64_t offset,
                         int64_t k_valid) {
  ptl_item *item = push(b, kind);
  item->k_base = p->base + offset;
  item->in_k_loop = p->in_k_loop;
  item->k_valid = k_valid;
  item->k_tile = ptl_round_up(k_valid, ptl_k_box(b->target, b->plan->problem.lhs));
  item->k_in_mat = offset;
  item->n_base = b->n_base;
  item->in_n_loop = b->in_n_loop;
  item->n = b->n;
  return item;
}

static void load_lhs(builder *b, const piece *p) {
  ptl_item *item = push_on(b, PTL_ITEM_LOAD_LHS, p, 0, p->k_valid);
  item->n_base = 0;
  item->in_n_loop = false;
  item->n = 0;
}

static void load_rhs(builder *b, const piece *p, int stream) {
  push_on(b, PTL_ITEM_LOAD_RHS, p, 0, p->k_valid)->stream = stream;
}

/* The loads that a chunk's first unit needs. */
static void load_first_of(builder *b, const piece *p) {
  if (!b->plan->tiling.lhs_resident) {
    load_lhs(b, p);
  }
  load_rhs(b, p, 0);
}

static void extract_lhs(builder *b, const piece *p, int64_t offset, int64_t k_valid, int slot) {
  ptl_item *item = push_on(b, PTL_ITEM_EXTRACT_LHS, p, offset, k_valid);
  item->slot = slot;
  item->n_base = 0;
  item->in_n_loop = false;
  item->n = 0;
  if (b->plan->tiling.lhs_resident) {
    item->k_in_mat = item->k_base;
  }
}

/* One unit: the products of one chunk with one rhs. The loads of the unit that
 * follows stand before them, so that they run meanwhile. With a single rhs
 * they go into the very tile that this unit reads: then after its last extract. */
static void push_unit(builder *b, const piece *p, const piece *next, int stream) {
  const ptl_tiling *t = &b->plan->tiling;
  int rhs_count = b->plan->problem.rhs_count;
  bool last_stream = stream + 1 == rhs_count;
  if (!last_stream) {
    load_rhs(b, p, stream + 1);
  } else if (next && rhs_count > 1) {
    load_first_of(b, next);
  }
  int64_t steps = ptl_ceil_div(p->k_valid, t->step_k);
  for (int64_t s = 0; s < steps; s++) {
    int64_t offset = s * t->step_k;
    int64_t k_valid = ptl_min(t->step_k, p->k_valid - offset);
    int right_slot = (int)((stream * steps + s) % t->right_slots);
    if (stream == 0) {
      extract_lhs(b, p, offset, k_valid, (int)s);
    }
    ptl_item *extract = push_on(b, PTL_ITEM_EXTRACT_RHS, p, offset, k_valid);
    extract->stream = stream;
    extract->slot = right_slot;
    if (next && rhs_count == 1 && s + 1 == steps) {
      load_first_of(b, next);
    }
    ptl_item *matmul = push_on(b, PTL_ITEM_MATMUL, p, offset, k_valid);
    matmul->stream = stream;
    matmul->left_slot = (int)s;
    matmul->right_slot = right_slot;
    matmul->starts = p->base == 0 && !p->in_k_loop && s == 0;
  }
}

static void push_chunk(builder *b, const piece *p, const piece *next) {
  for (int stream = 0; stream < b->plan->problem.rhs_count; stream++) {
    push_unit(b, p, next, stream);
  }
}

static piece piece_at(const ptl_tiling *t, int64_t index) {
  piece p = {ptl_min(index, t->full_chunks) * t->chunk_k, t->chunk_k, false};
  for (int64_t i = t->full_chunks; i < index; i++) {
    p.base += t->tail_k[i - t->full_chunks];
  }
  if (index >= t->full_chunks) {
    p.k_valid = t->tail_k[index - t->full_chunks];
  }
  return p;
}

static void push_loop(builder *b, ptl_item_kind kind, int64_t trip_count, int64_t step) {
  ptl_item *item = push(b, kind);
  item->trip_count = trip_count;
  item->step = step;
}

/* All of K for one N tile. The first chunk is peeled: it starts the
 * accumulators. The last full chunk stands after the loop, because at a loop's exit
 * ptoas lets what follows wait for everything that the loop loaded. */
static void push_k(builder *b) {
  const ptl_tiling *t = &b->plan->tiling;
  int64_t pieces = t->full_chunks + t->tail_count;
  piece first = piece_at(t, 0);
  load_first_of(b, &first);
  for (int64_t i = 0; i < pieces; i++) {
    int64_t trip_count = ptl_k_loop_trips(t);
    if (i == 1 && trip_count > 0) {
      piece body = {t->chunk_k, t->chunk_k, true};
      piece next = {2 * t->chunk_k, t->chunk_k, true};
      push_loop(b, PTL_ITEM_LOOP_K, trip_count, t->chunk_k);
      push_chunk(b, &body, &next);
      push(b, PTL_ITEM_END);
      i += trip_count;
    }
    piece now = piece_at(t, i);
    piece next = i + 1 < pieces ? piece_at(t, i + 1) : now;
    push_chunk(b, &now, i + 1 < pieces ? &next : NULL);
  }
}

static void push_n_tile(builder *b, int64_t n_base, int64_t n, bool in_n_loop) {
  b->n_base = n_base;
  b->n = n;
  b->in_n_loop = in_n_loop;
  push_k(b);
  for (int stream = 0; stream < b->plan->problem.rhs_count; stream++) {
    ptl_item *item = push(b, PTL_ITEM_STORE);
    item->stream = stream;
    item->n_base = n_base;
    item->n = n;
    item->in_n_loop = in_n_loop;
  }
}

ptl_schedule ptl_schedule_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan) {
  const ptl_tiling *t = &plan->tiling;
  builder b = {.arena = arena, .target = target, .plan = plan};
  if (t->lhs_resident) {
    piece whole = {0, plan->problem.k, false};
    load_lhs(&b, &whole);
  }
  int64_t trip_count = ptl_n_loop_trips(t);
  if (trip_count > 0) {
    push_loop(&b, PTL_ITEM_LOOP_N, trip_count, t->n_tile);
    push_n_tile(&b, 0, t->n_tile, true);
    push(&b, PTL_ITEM_END);
  }
  for (int64_t i = 0; trip_count == 0 && i < t->n_full; i++) {
    push_n_tile(&b, i * t->n_tile, t->n_tile, false);
  }
  if (t->n_tail > 0) {
    push_n_tile(&b, t->n_full * t->n_tile, t->n_tail, false);
  }
  ptl_schedule schedule = {b.items, b.count};
  return schedule;
}

/* ---- visits --------------------------------------------------------------- */

/* The items of the loop that begins there, without its own and its end. */
static ptl_schedule body_of(const ptl_schedule *schedule, int begin) {
  int depth = 1, end = begin + 1;
  for (; end < schedule->count; end++) {
    ptl_item_kind kind = schedule->items[end].kind;
    depth += kind == PTL_ITEM_LOOP_N || kind == PTL_ITEM_LOOP_K;
    depth -= kind == PTL_ITEM_END;
    if (depth == 0) {
      break;
    }
  }
  return (ptl_schedule){schedule->items + begin + 1, end - begin - 1};
}

void ptl_schedule_visit(const ptl_schedule *schedule, const ptl_schedule_visitor *visitor,
                        void *user) {
  for (int i = 0; i < schedule->count; i++) {
    const ptl_item *item = &schedule->items[i];
    switch (item->kind) {
    case PTL_ITEM_LOAD_LHS:
    case PTL_ITEM_LOAD_RHS:
      visitor->load(user, item);
      break;
    case PTL_ITEM_EXTRACT_LHS:
    case PTL_ITEM_EXTRACT_RHS:
      visitor->extract(user, item);
      break;
    case PTL_ITEM_MATMUL:
      visitor->matmul(user, item);
      break;
    case PTL_ITEM_STORE:
      visitor->store(user, item);
      break;
    case PTL_ITEM_LOOP_N:
    case PTL_ITEM_LOOP_K: {
      ptl_schedule body = body_of(schedule, i);
      visitor->loop(user, item, &body);
      i += body.count + 1;
      break;
    }
    case PTL_ITEM_END:
      break;
    }
  }
}
