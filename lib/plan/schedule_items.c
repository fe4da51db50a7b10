/* The items of a unit and of a piece of K: loads ahead, extracts, products; and the stores. */
#include "plan/schedule_build.h"

ptl_item *ptl_push_item(ptl_builder *b, ptl_item_kind kind) {
  int number = b->count++;
  ptl_item *item = number < b->capacity ? &b->items[number] : &b->beyond;
  item->kind = kind;
  return item;
}

/* An item on `k_valid` elements of K from `k_base` on. */
static ptl_item *push_on_k(ptl_builder *b, ptl_item_kind kind, int64_t k_base, int64_t k_valid) {
  ptl_item *item = ptl_push_item(b, kind);
  item->k_base = k_base;
  item->in_k_loop = b->in_k_loop;
  item->k_valid = k_valid;
  item->k_tile = ptl_round_up(k_valid, b->k_box);
  return item;
}

static void on_columns(const ptl_builder *b, ptl_item *item, int rhs, int64_t n_base, int64_t n) {
  item->rhs = rhs;
  item->n_base = n_base;
  item->in_n_loop = b->in_n_loop;
  item->n = n;
}

/* The Mat slot of the chunk of lhs that a unit needs. */
static int lhs_slot_of(const ptl_builder *b, const ptl_unit *u) {
  const ptl_tiling *t = b->tiling;
  if (t->lhs_kept == 0) {
    return (int)(u->piece_number % t->lhs_slots);
  }
  int64_t before = ptl_lhs_kept_before(t, u->piece);
  if (ptl_lhs_is_kept(t, u->piece)) {
    return (int)before;
  }
  int64_t number = u->round * (b->piece_count - t->lhs_kept) + u->piece - before;
  return (int)(t->lhs_kept + number % (t->lhs_slots - t->lhs_kept));
}

static void load_lhs(ptl_builder *b, const ptl_unit *u) {
  ptl_piece p = ptl_piece_at(b->tiling, u->piece);
  ptl_item *item = push_on_k(b, PTL_ITEM_LOAD_LHS, p.base, p.k_valid);
  item->mat_slot = (int16_t)lhs_slot_of(b, u);
  item->row = (int16_t)u->row;
}

bool ptl_needs_lhs(const ptl_builder *b, const ptl_unit *u) {
  return !b->tiling->lhs_resident && u->column == 0 && u->part == 0 &&
         (u->round == 0 || !ptl_lhs_is_kept(b->tiling, u->piece));
}

/* The loads of a unit: with the first of a chunk comes that of a streamed lhs. */
static void load_unit(ptl_builder *b, const ptl_unit *u) {
  if (ptl_needs_lhs(b, u)) {
    load_lhs(b, u);
  }
  if (u->row > 0) {
    return; /* the first row tile has loaded it */
  }
  const ptl_column *column = ptl_unit_column(b, u);
  ptl_piece p = ptl_piece_at(b->tiling, u->piece);
  int64_t length = b->unit_k[column->rhs];
  int64_t offset = u->part * length;
  ptl_item *item =
      push_on_k(b, PTL_ITEM_LOAD_RHS, p.base + offset, ptl_min(length, p.k_valid - offset));
  item->mat_slot = (int)(u->number % b->tiling->mat_slots);
  on_columns(b, item, column->rhs, column->n_base, column->n);
}

/* Loads the unit that is ahead, if there is one. */
static void load_ahead(ptl_builder *b) {
  if (b->has_ahead) {
    load_unit(b, &b->ahead);
    b->has_ahead = ptl_next_unit(b, &b->ahead);
  }
}

void ptl_look_ahead(ptl_builder *b) {
  b->ahead = b->now;
  b->has_ahead = b->now.round < b->round_count;
  for (int i = 0; i + 1 < b->tiling->mat_slots && b->has_ahead; i++) {
    b->has_ahead = ptl_next_unit(b, &b->ahead);
  }
}

/* K of one product: where it lies in its chunk, and in its unit's Mat tile. */
typedef struct step {
  int64_t in_chunk, in_unit, k_valid;
  int left_slot;
} step;

/* What the products of the unit at hand have in common. */
typedef struct products {
  ptl_piece piece;
  const ptl_column *column;
  int first_acc; /* accumulators of a round are numbered column by column, part by part */
  int first_left;
  int lhs_slot, rhs_slot; /* of Mat */
} products;

static void extract_lhs(ptl_builder *b, const products *of, const step *s) {
  ptl_item *item = push_on_k(b, PTL_ITEM_EXTRACT_LHS, of->piece.base + s->in_chunk, s->k_valid);
  item->slot = s->left_slot;
  item->row = b->now.row;
  item->mat_slot = of->lhs_slot;
  item->k_in_mat = b->tiling->lhs_resident ? item->k_base : s->in_chunk;
}

/* The product of one step of a unit with one part of its columns. */
static void push_product(ptl_builder *b, const products *of, const step *s, int part, int *count) {
  const ptl_column *column = of->column;
  int64_t width = b->part_columns[column->rhs];
  int64_t n = part * width, columns = ptl_min(width, column->n - n);
  int right_slot = (*count)++ % b->tiling->right_slots;
  ptl_item *extract = push_on_k(b, PTL_ITEM_EXTRACT_RHS, of->piece.base + s->in_chunk, s->k_valid);
  on_columns(b, extract, column->rhs, column->n_base + n, columns);
  extract->slot = right_slot;
  extract->mat_slot = of->rhs_slot;
  extract->k_in_mat = s->in_unit;
  extract->n_in_mat = n;
  ptl_item *matmul = push_on_k(b, PTL_ITEM_MATMUL, of->piece.base + s->in_chunk, s->k_valid);
  on_columns(b, matmul, column->rhs, column->n_base + n, columns);
  matmul->left_slot = s->left_slot;
  matmul->right_slot = right_slot;
  matmul->acc = of->first_acc + part;
  matmul->row = b->now.row;
  matmul->starts = b->now.piece == 0 && s->in_chunk == 0;
}

/* Chunks in turn have their own Left tiles where there are slots for more than one. */
int64_t ptl_left_turns(const ptl_tiling *t) {
  return ptl_max(1, t->left_slots / ptl_ceil_div(t->chunk_k, t->step_k));
}

/* The first Left slot of a piece. */
static int first_left(const ptl_builder *b) {
  const ptl_tiling *t = b->tiling;
  int64_t turn = b->now.piece_number % ptl_left_turns(t);
  return (int)(turn * ptl_ceil_div(t->chunk_k, t->step_k));
}

static products products_of(const ptl_builder *b) {
  return (products){.piece = ptl_piece_at(b->tiling, b->now.piece),
                    .column = ptl_unit_column(b, &b->now),
                    .first_acc = b->now.column * b->tiling->n_parts,
                    .first_left = first_left(b),
                    .lhs_slot = lhs_slot_of(b, &b->now),
                    .rhs_slot = (int)(b->now.number % b->tiling->mat_slots)};
}

/* Parts of the columns of a column tile. */
static int column_parts(const ptl_builder *b, const ptl_column *column) {
  return (int)ptl_ceil_div(column->n, b->part_columns[column->rhs]);
}

/* The products of a unit with the parts from `first` on, up to `end`, step by step. */
static void push_parts(ptl_builder *b, const products *of, int first, int end, int *count) {
  int64_t length = b->unit_k[of->column->rhs], step_k = b->tiling->step_k;
  int64_t from = b->now.part * length;
  int64_t to = ptl_min(from + length, of->piece.k_valid);
  int left_slot = of->first_left + (int)(from / step_k);
  for (int64_t at = from; at < to; at += step_k) {
    step s = {at, at - from, ptl_min(step_k, to - at), left_slot++};
    if (b->now.column == 0 && first == 0) {
      extract_lhs(b, of, &s);
    }
    for (int part = first; part < end; part++) {
      push_product(b, of, &s, part, count);
    }
  }
}

/* Whether the parts of a unit are computed one after the other: at the begin and the end of a
 * round, so that the store of one part runs while the other is multiplied. Where there are few
 * rows, the cube waits for loads all the same. */
static bool parts_stand_apart(const ptl_builder *b) {
  return b->problem->m >= PTL_MANY_ROWS &&
         (b->now.piece == 0 || b->now.piece + 1 == b->piece_count);
}

/* One unit: its products. The load of the unit that is a turn of the ring ahead, but for one slot,
 * stands before them, so that it runs meanwhile. */
static void push_unit(ptl_builder *b, int *count) {
  products of = products_of(b);
  int parts = column_parts(b, of.column);
  load_ahead(b);
  if (!parts_stand_apart(b)) {
    push_parts(b, &of, 0, parts, count);
    return;
  }
  for (int part = 0; part < parts; part++) {
    push_parts(b, &of, part, part + 1, count);
  }
}

/* All units of one piece of K. */
void ptl_push_piece(ptl_builder *b) {
  int64_t piece_number = b->now.piece_number;
  int count = 0;
  bool more = true;
  while (more && b->now.piece_number == piece_number) {
    push_unit(b, &count);
    more = ptl_next_unit(b, &b->now);
  }
}

void ptl_push_stores(ptl_builder *b, int64_t round, int row) {
  for (ptl_unit u = {.round = round}; u.column < ptl_columns_of_round(b, round); u.column++) {
    const ptl_column *column = ptl_unit_column(b, &u);
    int64_t width = b->part_columns[column->rhs];
    int acc = u.column * b->tiling->n_parts;
    for (int64_t n = 0; n < column->n; n += width, acc++) {
      ptl_item *item = ptl_push_item(b, PTL_ITEM_STORE);
      on_columns(b, item, column->rhs, column->n_base + n, ptl_min(width, column->n - n));
      item->acc = acc;
      item->row = row;
    }
  }
}

void ptl_push_first_loads(ptl_builder *b) {
  if (b->tiling->lhs_resident) {
    (void)push_on_k(b, PTL_ITEM_LOAD_LHS, 0, b->problem->k);
  }
  b->has_ahead = true;
  for (int i = 0; i + 1 < b->tiling->mat_slots; i++) {
    load_ahead(b);
  }
}
