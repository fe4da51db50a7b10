/* Builds the schedule of a plan: loads, extracts, products and drains in the order in which they
 * are emitted. */
#include "plan/schedule.h"

#include <limits.h>

#include "plan/boxes.h"

/* One K chunk: its place and valid extent. */
typedef struct piece {
  int64_t base;
  int64_t k_valid;
} piece;

/* A unit: a part of a piece of K of one column of a round. In a loop that of the first pass.
 * `number` and `piece_number` count units and pieces from the start of the schedule; loops are so
 * long that passes which are not written down leave both as they are, modulo the slots. */
typedef struct unit {
  int64_t round;
  int row; /* tile of rows */
  int64_t piece;
  int column, part;
  int64_t number, piece_number;
} unit;

typedef struct builder {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_problem *problem;
  const ptl_tiling *tiling;
  ptl_column *columns;
  int64_t column_count, round_count, piece_count;
  unit now;
  bool in_k_loop, in_n_loop;
  ptl_item *items;
  int count, capacity;
  int most;         /* items; nothing more is written down then */
  bool only_counts; /* products and stores: nothing is written down */
  ptl_item beyond;
} builder;

static int64_t gcd(int64_t a, int64_t b) {
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static int64_t lcm(int64_t a, int64_t b) { return a / gcd(a, b) * b; }

/* How many times `each` things fill whole turns of the slots. */
static int64_t whole_turns(int64_t each, int64_t slots) { return slots / gcd(each, slots); }

/* ---- what there is to do --------------------------------------------------- */

static int columns_of_round(const builder *b, int64_t round) {
  int64_t left = b->column_count - round * b->tiling->columns_at_once;
  return (int)ptl_min(left, b->tiling->columns_at_once);
}

static const ptl_column *column_of(const builder *b, const unit *u) {
  return &b->columns[u->round * b->tiling->columns_at_once + u->column];
}

static piece piece_at(const ptl_tiling *t, int64_t index) {
  piece p = {ptl_min(index, t->full_chunks) * t->chunk_k, t->chunk_k};
  for (int64_t i = t->full_chunks; i < index; i++) {
    p.base += t->tail_k[i - t->full_chunks];
  }
  if (index >= t->full_chunks) {
    p.k_valid = t->tail_k[index - t->full_chunks];
  }
  return p;
}

static int64_t parts_of(const builder *b, int64_t k_valid, const ptl_column *column) {
  return ptl_ceil_div(k_valid, ptl_unit_k(b->tiling, column->rhs));
}

/* Units of a piece of K in all columns of a round. */
static int64_t units_of_piece(const builder *b, int64_t round, int64_t index) {
  piece p = piece_at(b->tiling, index);
  int64_t units = 0;
  for (unit u = {.round = round}; u.column < columns_of_round(b, round); u.column++) {
    units += parts_of(b, p.k_valid, column_of(b, &u));
  }
  return units;
}

static int64_t units_of_round(const builder *b, int64_t round) {
  int64_t full = b->tiling->full_chunks;
  int64_t units = full > 0 ? full * units_of_piece(b, round, 0) : 0;
  for (int64_t i = full; i < b->piece_count; i++) {
    units += units_of_piece(b, round, i);
  }
  return units;
}

/* Moves on to the next piece, in this round or another; false if there is none. */
static bool advance_piece(const builder *b, unit *u) {
  u->part = 0;
  u->column = 0;
  u->piece_number++;
  if (++u->piece < b->piece_count) {
    return true;
  }
  u->piece = 0;
  if (++u->row < ptl_row_tiles_of(b->problem)) {
    return true;
  }
  u->row = 0;
  return ++u->round < b->round_count;
}

/* Moves on to the next unit; false if there is none. */
static bool advance(const builder *b, unit *u) {
  u->number++;
  piece p = piece_at(b->tiling, u->piece);
  if (++u->part < parts_of(b, p.k_valid, column_of(b, u))) {
    return true;
  }
  u->part = 0;
  if (++u->column < columns_of_round(b, u->round)) {
    return true;
  }
  return advance_piece(b, u);
}

/* ---- items ------------------------------------------------------------------- */

static ptl_item *push(builder *b, ptl_item_kind kind) {
  if (b->count >= b->most) {
    b->count = b->most + 1;
    return &b->beyond;
  }
  if (b->only_counts) {
    b->count++;
    return &b->beyond;
  }
  b->items = ptl_arena_more(b->arena, b->items, b->count, &b->capacity, sizeof(ptl_item));
  ptl_item *item = &b->items[b->count++];
  *item = (ptl_item){.kind = kind};
  return item;
}

/* An item on `k_valid` elements of K from `k_base` on. */
static ptl_item *push_on_k(builder *b, ptl_item_kind kind, int64_t k_base, int64_t k_valid) {
  ptl_item *item = push(b, kind);
  item->k_base = k_base;
  item->in_k_loop = b->in_k_loop;
  item->k_valid = k_valid;
  item->k_tile = ptl_round_up(k_valid, ptl_k_box(b->target, b->problem->lhs));
  return item;
}

static void on_columns(const builder *b, ptl_item *item, int rhs, int64_t n_base, int64_t n) {
  item->rhs = rhs;
  item->n_base = n_base;
  item->in_n_loop = b->in_n_loop;
  item->n = n;
}

/* The Mat slot of the chunk of lhs that a unit needs. */
static int lhs_slot_of(const builder *b, const unit *u) {
  const ptl_tiling *t = b->tiling;
  int64_t before = ptl_lhs_kept_before(t, u->piece);
  if (t->lhs_kept == 0 || ptl_lhs_is_kept(t, u->piece)) {
    return (int)(t->lhs_kept == 0 ? u->piece_number % t->lhs_slots : before);
  }
  int64_t number = u->round * (b->piece_count - t->lhs_kept) + u->piece - before;
  return (int)(t->lhs_kept + number % (t->lhs_slots - t->lhs_kept));
}

static void load_lhs(builder *b, const unit *u) {
  piece p = piece_at(b->tiling, u->piece);
  ptl_item *item = push_on_k(b, PTL_ITEM_LOAD_LHS, p.base, p.k_valid);
  item->mat_slot = lhs_slot_of(b, u);
  item->row = u->row;
}

/* Whether a unit is the first that needs a chunk of lhs which is not there. */
static bool needs_lhs(const builder *b, const unit *u) {
  return !b->tiling->lhs_resident && u->column == 0 && u->part == 0 &&
         (u->round == 0 || !ptl_lhs_is_kept(b->tiling, u->piece));
}

/* The loads of a unit: with the first of a chunk comes that of a streamed lhs. */
static void load_unit(builder *b, const unit *u) {
  if (needs_lhs(b, u)) {
    load_lhs(b, u);
  }
  if (u->row > 0) {
    return; /* the first row tile has loaded it */
  }
  const ptl_column *column = column_of(b, u);
  piece p = piece_at(b->tiling, u->piece);
  int64_t length = ptl_unit_k(b->tiling, column->rhs);
  int64_t offset = u->part * length;
  ptl_item *item =
      push_on_k(b, PTL_ITEM_LOAD_RHS, p.base + offset, ptl_min(length, p.k_valid - offset));
  item->mat_slot = (int)(u->number % b->tiling->mat_slots);
  on_columns(b, item, column->rhs, column->n_base, column->n);
}

/* Loads the unit that is `units` ahead, if there is one. */
static void load_ahead(builder *b, int units) {
  unit u = b->now;
  for (int i = 0; i < units; i++) {
    if (!advance(b, &u)) {
      return;
    }
  }
  load_unit(b, &u);
}

/* K of one product: where it lies in its chunk, and in its unit's Mat tile. */
typedef struct step {
  int64_t in_chunk, in_unit, k_valid;
  int left_slot;
} step;

static void extract_lhs(builder *b, const step *s) {
  piece p = piece_at(b->tiling, b->now.piece);
  ptl_item *item = push_on_k(b, PTL_ITEM_EXTRACT_LHS, p.base + s->in_chunk, s->k_valid);
  item->slot = s->left_slot;
  item->row = b->now.row;
  item->mat_slot = lhs_slot_of(b, &b->now);
  item->k_in_mat = b->tiling->lhs_resident ? item->k_base : s->in_chunk;
}

/* Accumulators of a round are numbered column by column, part by part. */
static int first_acc(const builder *b) { return b->now.column * b->tiling->n_parts; }

/* The product of one step of a unit with one part of its columns. */
static void push_product(builder *b, const step *s, int part, int *products) {
  const ptl_tiling *t = b->tiling;
  const ptl_column *column = column_of(b, &b->now);
  piece p = piece_at(t, b->now.piece);
  int64_t width = ptl_part_columns(b->target, b->problem, t, column->rhs);
  int64_t n = part * width, columns = ptl_min(width, column->n - n);
  int right_slot = (*products)++ % t->right_slots;
  ptl_item *extract = push_on_k(b, PTL_ITEM_EXTRACT_RHS, p.base + s->in_chunk, s->k_valid);
  on_columns(b, extract, column->rhs, column->n_base + n, columns);
  extract->slot = right_slot;
  extract->mat_slot = (int)(b->now.number % t->mat_slots);
  extract->k_in_mat = s->in_unit;
  extract->n_in_mat = n;
  ptl_item *matmul = push_on_k(b, PTL_ITEM_MATMUL, p.base + s->in_chunk, s->k_valid);
  on_columns(b, matmul, column->rhs, column->n_base + n, columns);
  matmul->left_slot = s->left_slot;
  matmul->right_slot = right_slot;
  matmul->acc = first_acc(b) + part;
  matmul->row = b->now.row;
  matmul->starts = b->now.piece == 0 && s->in_chunk == 0;
}

/* Chunks in turn have their own Left tiles where there are slots for more than one. */
static int64_t left_turns(const ptl_tiling *t) {
  return ptl_max(1, t->left_slots / ptl_ceil_div(t->chunk_k, t->step_k));
}

/* The first Left slot of a piece. */
static int first_left(const builder *b) {
  const ptl_tiling *t = b->tiling;
  int64_t turn = b->now.piece_number % left_turns(t);
  return (int)(turn * ptl_ceil_div(t->chunk_k, t->step_k));
}

/* Parts of the columns of a column tile. */
static int column_parts(const builder *b, const ptl_column *column) {
  return (int)ptl_ceil_div(column->n,
                           ptl_part_columns(b->target, b->problem, b->tiling, column->rhs));
}

/* The products of a unit with the parts from `first` on, up to `end`, step by step. */
static void push_parts(builder *b, int first, int end, int *products) {
  const ptl_tiling *t = b->tiling;
  int64_t length = ptl_unit_k(t, column_of(b, &b->now)->rhs);
  int64_t from = b->now.part * length;
  int64_t to = ptl_min(from + length, piece_at(t, b->now.piece).k_valid);
  for (int64_t at = from; at < to; at += t->step_k) {
    step s = {at, at - from, ptl_min(t->step_k, to - at), first_left(b) + (int)(at / t->step_k)};
    if (b->now.column == 0 && first == 0) {
      extract_lhs(b, &s);
    }
    for (int part = first; part < end; part++) {
      push_product(b, &s, part, products);
    }
  }
}

/* Whether the parts of a unit are computed one after the other: at the begin and the end of a
 * round, so that the store of one part runs while the other is multiplied. Where there are few
 * rows, the cube waits for loads all the same. */
static bool parts_stand_apart(const builder *b) {
  return b->problem->m >= PTL_MANY_ROWS &&
         (b->now.piece == 0 || b->now.piece + 1 == b->piece_count);
}

/* One unit: its products. The load of the unit that is a turn of the ring ahead, but for one slot,
 * stands before them, so that it runs meanwhile. */
static void push_unit(builder *b, int *products) {
  int parts = column_parts(b, column_of(b, &b->now));
  load_ahead(b, b->tiling->mat_slots - 1);
  if (!parts_stand_apart(b)) {
    push_parts(b, 0, parts, products);
    return;
  }
  for (int part = 0; part < parts; part++) {
    push_parts(b, part, part + 1, products);
  }
}

/* Items of the products with one piece of K, and those for lhs. */
static int64_t items_of_piece(const builder *b) {
  int64_t k_valid = piece_at(b->tiling, b->now.piece).k_valid;
  int64_t parts = 0;
  for (unit u = b->now; u.column < columns_of_round(b, u.round); u.column++) {
    parts += column_parts(b, column_of(b, &u));
  }
  return ptl_ceil_div(k_valid, b->tiling->step_k) * (1 + 2 * parts);
}

/* All units of one piece of K. */
static void push_piece(builder *b) {
  if (b->only_counts) {
    b->count = (int)ptl_min(b->count + items_of_piece(b), b->most + 1);
    (void)advance_piece(b, &b->now);
    return;
  }
  int64_t piece_number = b->now.piece_number;
  int products = 0;
  bool more = true;
  while (more && b->now.piece_number == piece_number && b->count <= b->most) {
    push_unit(b, &products);
    more = advance(b, &b->now);
  }
}

/* ---- loops --------------------------------------------------------------------- */

/* So many pieces or rounds make a pass of a loop, which has `trip_count` passes; none if 0. */
typedef struct loop {
  int64_t per_pass;
  int64_t trip_count;
} loop;

static loop loop_of(int64_t per_pass, int64_t available) {
  loop l = {per_pass, ptl_max(available, 0) / per_pass};
  l.trip_count = l.trip_count >= 2 ? l.trip_count : 0;
  return l;
}

/* The loop over the full chunks of a round, from the second on. What it loads for later passes are
 * full chunks, too, and the last of those stand after it: at a loop's exit ptoas lets what follows
 * wait for everything that the loop loaded. */
static loop k_loop(const builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  if (t->unroll_k || t->full_chunks < 4 || t->lhs_kept > 0) {
    return (loop){1, 0};
  }
  int64_t units = units_of_piece(b, round, 0);
  int64_t ahead = ptl_max(1, ptl_ceil_div(t->mat_slots - 1, units));
  int64_t lhs_turns = lcm(t->lhs_slots, left_turns(t));
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_turns), t->full_chunks - 1 - ahead);
}

/* Whether all of a column tile is there to be loaded. */
static bool is_in_memory(const builder *b, const ptl_column *column) {
  return ptl_columns_in_memory(b->problem, column->rhs, column->n_base, column->n) == column->n;
}

/* Columns from one round to the next, if the next does the same there; else 0. */
static int64_t shift_of(const builder *b, int64_t round) {
  int64_t width = b->tiling->columns_at_once, shift = 0;
  if (round + 1 >= b->round_count || columns_of_round(b, round + 1) != columns_of_round(b, round)) {
    return 0;
  }
  for (int i = 0; i < columns_of_round(b, round); i++) {
    const ptl_column *now = &b->columns[round * width + i];
    const ptl_column *next = now + width;
    int64_t by = next->n_base - now->n_base;
    if (next->rhs != now->rhs || next->n != now->n || !is_in_memory(b, next) ||
        (i > 0 && by != shift)) {
      return 0;
    }
    shift = by;
  }
  return shift;
}

/* The loop over rounds that are alike, from `round` on. */
static loop n_loop(const builder *b, int64_t round) {
  const ptl_tiling *t = b->tiling;
  int64_t shift = shift_of(b, round), alike = 1;
  bool loads_all_lhs = round == 0 && t->lhs_kept > 0;
  if (t->unroll_n || shift <= 0 || loads_all_lhs) {
    return (loop){1, 0};
  }
  while (shift_of(b, round + alike - 1) == shift) {
    alike++;
  }
  int rows = ptl_row_tiles_of(b->problem);
  int64_t units = rows * units_of_round(b, round);
  int64_t ahead = ptl_ceil_div(t->mat_slots - 1, units);
  int64_t lhs_rounds = lcm(
      whole_turns(rows * (b->piece_count - t->lhs_kept), ptl_max(1, t->lhs_slots - t->lhs_kept)),
      whole_turns(rows * b->piece_count, left_turns(t)));
  return loop_of(lcm(whole_turns(units, t->mat_slots), lhs_rounds), alike - ahead);
}

static void begin_loop(builder *b, ptl_item_kind kind, loop l, int64_t step) {
  ptl_item *item = push(b, kind);
  item->trip_count = l.trip_count;
  item->step = step;
}

static void push_stores(builder *b, int64_t round, int row) {
  for (unit u = {.round = round}; u.column < columns_of_round(b, round); u.column++) {
    const ptl_column *column = column_of(b, &u);
    int64_t width = ptl_part_columns(b->target, b->problem, b->tiling, column->rhs);
    int acc = u.column * b->tiling->n_parts;
    for (int64_t n = 0; n < column->n; n += width, acc++) {
      ptl_item *item = push(b, PTL_ITEM_STORE);
      on_columns(b, item, column->rhs, column->n_base + n, ptl_min(width, column->n - n));
      item->acc = acc;
      item->row = row;
    }
  }
}

/* All of K for one row tile of a round. The first chunk is peeled: it starts the accumulators. */
static void push_row_tile(builder *b) {
  int64_t round = b->now.round;
  int row = b->now.row;
  loop l = k_loop(b, round);
  while (b->now.round == round && b->now.row == row && b->count <= b->most) {
    bool loops = b->now.piece == 1 && l.trip_count > 0;
    if (loops) {
      begin_loop(b, PTL_ITEM_LOOP_K, l, l.per_pass * b->tiling->chunk_k);
      b->in_k_loop = true;
    }
    for (int64_t i = 0; i < (loops ? l.per_pass : 1); i++) {
      push_piece(b);
    }
    if (loops) {
      b->in_k_loop = false;
      push(b, PTL_ITEM_END);
      b->now.piece += (l.trip_count - 1) * l.per_pass;
    }
  }
  push_stores(b, round, row);
}

static void push_round(builder *b) {
  int64_t round = b->now.round;
  while (b->now.round == round && b->count <= b->most) {
    push_row_tile(b);
  }
}

static void push_rounds(builder *b) {
  while (b->now.round < b->round_count && b->count <= b->most) {
    int64_t round = b->now.round;
    loop l = n_loop(b, round);
    if (l.trip_count == 0) {
      push_round(b);
      continue;
    }
    begin_loop(b, PTL_ITEM_LOOP_N, l, l.per_pass * shift_of(b, round));
    b->in_n_loop = true;
    for (int64_t i = 0; i < l.per_pass; i++) {
      push_round(b);
    }
    b->in_n_loop = false;
    push(b, PTL_ITEM_END);
    b->now.round = round + l.trip_count * l.per_pass;
  }
}

static void read_columns(builder *b) {
  b->column_count = ptl_column_count(b->problem, b->tiling);
  b->columns = ptl_arena_array(b->arena, (size_t)b->column_count, sizeof(*b->columns));
  for (int64_t i = 0; i < b->column_count; i++) {
    b->columns[i] = ptl_column_at(b->problem, b->tiling, i);
  }
  b->round_count = ptl_ceil_div(b->column_count, b->tiling->columns_at_once);
  b->piece_count = b->tiling->full_chunks + b->tiling->tail_count;
}

/* Whether there are more items than `most`, loads not counted. */
static bool is_surely_longer(builder b) {
  b.only_counts = true;
  push_rounds(&b);
  return b.count > b.most;
}

ptl_schedule ptl_schedule_build_within(ptl_arena *arena, const ptl_target *target,
                                       const ptl_plan *plan, int most) {
  builder b = {.arena = arena,
               .target = target,
               .problem = &plan->problem,
               .tiling = &plan->tiling,
               .most = most};
  read_columns(&b);
  if (is_surely_longer(b)) {
    return (ptl_schedule){NULL, 0};
  }
  if (plan->tiling.lhs_resident) {
    (void)push_on_k(&b, PTL_ITEM_LOAD_LHS, 0, plan->problem.k);
  }
  for (int i = 0; i + 1 < plan->tiling.mat_slots; i++) {
    load_ahead(&b, i);
  }
  push_rounds(&b);
  return b.count > most ? (ptl_schedule){NULL, 0} : (ptl_schedule){b.items, b.count};
}

ptl_schedule ptl_schedule_build(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan) {
  return ptl_schedule_build_within(arena, target, plan, INT_MAX - 1);
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
