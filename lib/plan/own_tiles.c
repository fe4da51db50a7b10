/* Lists the tiles of a plan that ptoas places. */
#include "plan/own_tiles.h"

#include "plan/boxes.h"

typedef struct lister {
  ptl_arena *arena;
  const ptl_target *target;
  const ptl_plan *plan;
  ptl_own_tiles tiles;
} lister;

static bool is_in_slot_of(const ptl_own_tile *a, const ptl_own_tile *b) {
  return a->space == b->space && a->role == b->role && a->slot == b->slot &&
         a->unit_k == b->unit_k && a->transposed == b->transposed;
}

/* A Mat tile is as large as the largest load. */
static bool is_held_by(const ptl_own_tile *what, ptl_own_tile *tile) {
  if (!is_in_slot_of(what, tile)) {
    return false;
  }
  if (what->space == PTL_SPACE_MAT) {
    tile->k = ptl_max(tile->k, what->k);
    tile->n = ptl_max(tile->n, what->n);
    return true;
  }
  return tile->k == what->k && tile->n == what->n;
}

static void note(lister *l, const ptl_own_tile *what) {
  for (int i = 0; i < l->tiles.count; i++) {
    if (is_held_by(what, &l->tiles.items[i])) {
      return;
    }
  }
  l->tiles.items = ptl_arena_more(l->arena, l->tiles.items, l->tiles.count, &l->tiles.capacity,
                                  sizeof(ptl_own_tile));
  l->tiles.items[l->tiles.count++] = *what;
}

static ptl_own_tile mat_tile(const ptl_plan *plan, const ptl_item *item) {
  ptl_own_tile tile = {.space = PTL_SPACE_MAT, .slot = item->mat_slot, .k = item->k_tile};
  if (item->kind == PTL_ITEM_LOAD_LHS) {
    tile.role = PTL_ROLE_LHS;
    tile.n = plan->tiling.m_tile;
    return tile;
  }
  tile.role = PTL_ROLE_RHS;
  tile.n = item->n;
  tile.unit_k = ptl_unit_k(&plan->tiling, item->rhs);
  tile.transposed = plan->problem.rhs_transposed[item->rhs];
  return tile;
}

static ptl_own_tile l0_tile(const lister *l, const ptl_item *item) {
  bool is_lhs = item->kind == PTL_ITEM_EXTRACT_LHS;
  int64_t box = ptl_l0_k_box(l->target, &l->plan->problem);
  return (ptl_own_tile){.space = is_lhs ? PTL_SPACE_LEFT : PTL_SPACE_RIGHT,
                        .role = is_lhs ? PTL_ROLE_LHS : PTL_ROLE_RHS,
                        .slot = item->slot,
                        .k = ptl_round_up(item->k_valid, box),
                        .n = is_lhs ? l->plan->tiling.m_tile : item->n};
}

static void note_item(lister *l, const ptl_item *item) {
  ptl_own_tile tile;
  switch (item->kind) {
  case PTL_ITEM_LOAD_LHS:
  case PTL_ITEM_LOAD_RHS:
    tile = mat_tile(l->plan, item);
    break;
  case PTL_ITEM_EXTRACT_LHS:
  case PTL_ITEM_EXTRACT_RHS:
    tile = l0_tile(l, item);
    break;
  case PTL_ITEM_MATMUL:
    tile = (ptl_own_tile){.space = PTL_SPACE_ACC,
                          .role = PTL_ROLE_ACC,
                          .slot = item->acc,
                          .k = l->plan->tiling.m_tile,
                          .n = item->n};
    break;
  default:
    return;
  }
  note(l, &tile);
}

static int64_t bytes_of(const lister *l, const ptl_own_tile *tile) {
  const ptl_problem *p = &l->plan->problem;
  if (tile->role == PTL_ROLE_ACC) {
    return ptl_acc_bytes(l->target, p->acc, tile->k, tile->n);
  }
  return tile->k * tile->n * ptl_elem_bytes(tile->role == PTL_ROLE_LHS ? p->lhs : p->rhs);
}

ptl_own_tiles ptl_own_tiles_of(ptl_arena *arena, const ptl_target *target, const ptl_plan *plan,
                               const ptl_schedule *schedule) {
  lister l = {.arena = arena, .target = target, .plan = plan};
  for (int i = 0; i < schedule->count; i++) {
    note_item(&l, &schedule->items[i]);
  }
  for (int i = 0; i < l.tiles.count; i++) {
    l.tiles.items[i].bytes = bytes_of(&l, &l.tiles.items[i]);
  }
  return l.tiles;
}

const ptl_own_tile *ptl_own_tile_loaded(const ptl_own_tiles *tiles, const ptl_plan *plan,
                                        const ptl_item *load) {
  ptl_own_tile what = mat_tile(plan, load);
  for (int i = 0; i < tiles->count; i++) {
    if (is_in_slot_of(&what, &tiles->items[i])) {
      return &tiles->items[i];
    }
  }
  return NULL;
}

int64_t ptl_own_tiles_bytes(const ptl_own_tiles *tiles, const ptl_target *target, ptl_space space) {
  int64_t align = ptl_max(1, ptl_target_alignment(target, space)), end = 0;
  for (int i = 0; i < tiles->count; i++) {
    const ptl_own_tile *tile = &tiles->items[i];
    end = tile->space == space ? ptl_round_up(end, align) + tile->bytes : end;
  }
  return end;
}

static bool is_alike(const ptl_own_tile *a, const ptl_own_tile *b) {
  return is_in_slot_of(a, b) && a->k == b->k && a->n == b->n && a->bytes == b->bytes;
}

bool ptl_own_tiles_are_alike(const ptl_own_tiles *a, const ptl_own_tiles *b) {
  if (a->count != b->count) {
    return false;
  }
  for (int i = 0; i < a->count; i++) {
    if (!is_alike(&a->items[i], &b->items[i])) {
      return false;
    }
  }
  return true;
}
