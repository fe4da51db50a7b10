/* Makes the tile types and the alloc_tile ops of a lowered product, with names that say what each
 * holds. */
#include "passes/plan_tiles.h"
#include "plan/boxes.h"

#include <string.h>

static ptl_elem elem_of(const ptl_tiles *tiles, const ptl_tile_need *need) {
  const ptl_problem *problem = &tiles->plan->problem;
  return need->role == PTL_ROLE_ACC   ? problem->acc
         : need->role == PTL_ROLE_LHS ? problem->lhs
                                      : problem->rhs;
}

/* Layouts as pypto writes them (Mat nd, Mat transposed view, Left, Right, Acc). */
static void set_layout(const ptl_tiles *tiles, const ptl_tile_need *need, ptl_tile_type *type) {
  type->fractal = 512;
  switch (need->space) {
  case PTL_SPACE_LEFT:
    type->blayout_col_major = tiles->target->family->left_is_col_major;
    type->slayout = PTL_SLAYOUT_ROW;
    break;
  case PTL_SPACE_RIGHT:
    type->slayout = PTL_SLAYOUT_COL;
    break;
  case PTL_SPACE_ACC:
    type->blayout_col_major = true;
    type->slayout = PTL_SLAYOUT_ROW;
    type->fractal = 1024;
    break;
  default:
    type->blayout_col_major = !need->is_transposed_view;
    type->slayout = need->is_transposed_view ? PTL_SLAYOUT_COL : PTL_SLAYOUT_ROW;
    break;
  }
}

/* Without addresses, a view of a Mat tile as its transpose is made from the tile. */
static bool is_reshaped(const ptl_tiles *tiles, const ptl_tile_need *need) {
  return need->is_transposed_view && !tiles->pool->has_addresses;
}

static MlirType type_of(const ptl_tiles *tiles, MlirContext context, const ptl_tile_need *need) {
  ptl_tile_type type = {.space = need->space,
                        .elem = elem_of(tiles, need),
                        .rows = need->rows,
                        .cols = need->cols,
                        .valid_rows = -1,
                        .valid_cols = -1};
  if (is_reshaped(tiles, need)) {
    type.valid_rows = need->valid_rows; /* there is no op that could set them */
    type.valid_cols = need->valid_cols;
  }
  set_layout(tiles, need, &type);
  bool is_compact = (need->space == PTL_SPACE_ACC && tiles->pitch.acc_is_compact) ||
                    (need->space == PTL_SPACE_LEFT && tiles->pitch.left_is_compact);
  type.compact = is_compact ? 1 : 0;
  ptl_strbuf text;
  ptl_strbuf_init(&text, tiles->arena);
  ptl_tile_type_print(&type, &text);
  return ptl_type(context, text.data);
}

int ptl_rhs_of_buffer(const ptl_plan *plan, ptl_role role, int slot) {
  if (role == PTL_ROLE_ACC &&
      ptl_column_count(&plan->problem, &plan->tiling) == plan->tiling.columns_at_once) {
    return ptl_column_at(&plan->problem, &plan->tiling, slot / plan->tiling.n_parts).rhs;
  }
  return plan->problem.rhs_count == 1 ? 0 : -1;
}

static bool has_turns(const ptl_tiling *t, const ptl_tile_need *need) {
  return need->space == PTL_SPACE_LEFT || need->space == PTL_SPACE_RIGHT ||
         (need->space == PTL_SPACE_MAT &&
          (need->role == PTL_ROLE_RHS ? t->mat_slots : t->lhs_slots) > 1);
}

static const char *name_of(const ptl_tiles *tiles, const ptl_tile_need *need) {
  const ptl_tiling *t = &tiles->plan->tiling;
  int rhs =
      need->space == PTL_SPACE_RIGHT ? -1 : ptl_rhs_of_buffer(tiles->plan, need->role, need->slot);
  const char *owner = need->role == PTL_ROLE_LHS ? tiles->lhs_name
                      : rhs >= 0                 ? tiles->rhs_names[rhs]
                                                 : "rhs";
  const char *view = need->is_transposed_view ? "_t" : "";
  bool is_numbered =
      has_turns(t, need) || (need->role == PTL_ROLE_ACC && ptl_plan_cuts_n(tiles->plan));
  return is_numbered
             ? ptl_arena_printf(tiles->arena, "%s_%s_%d%s", owner, ptl_space_name(need->space),
                                need->slot, view)
             : ptl_arena_printf(tiles->arena, "%s_%s%s", owner, ptl_space_name(need->space), view);
}

/* Whether a tile holds lhs as it lies in memory, k x m. */
static bool is_k_by_m(const ptl_tiles *tiles, const ptl_tile_need *need) {
  return need->space == PTL_SPACE_MAT && need->role == PTL_ROLE_LHS &&
         tiles->plan->problem.lhs_transposed && !need->is_transposed_view;
}

/* Valid rows and columns. Those along M are values that the tiles have. */
static ptl_valid valid_of(const ptl_tiles *tiles, const ptl_builder *builder,
                          const ptl_tile_need *need) {
  if (is_k_by_m(tiles, need)) {
    return (ptl_valid){ptl_build_index(builder, need->valid_rows), tiles->lhs_rows};
  }
  MlirValue rows = need->role == PTL_ROLE_RHS   ? ptl_build_index(builder, need->valid_rows)
                   : need->role == PTL_ROLE_ACC ? tiles->acc_rows
                                                : tiles->lhs_rows;
  return (ptl_valid){rows, ptl_build_index(builder, need->valid_cols)};
}

/* Of an alloc_tile: its address, if it has one; null. */
static MlirValue address_of(const ptl_tiles *tiles, const ptl_builder *builder,
                            const ptl_tile_need *need) {
  MlirValue none = {NULL};
  if (!tiles->pool->has_addresses) {
    return none;
  }
  const ptl_buffer *buffer = ptl_plan_buffer(tiles->plan, need->space, need->role, need->slot);
  return ptl_build_i64(builder, buffer->address_bytes);
}

static MlirValue build_tile(const ptl_tiles *tiles, const ptl_builder *builder,
                            const ptl_tile_need *need, MlirValue address, const ptl_valid *valid) {
  MlirValue operands[3];
  int count = 0;
  if (tiles->pool->has_addresses) {
    operands[count++] = address;
  }
  operands[count++] = valid->rows;
  operands[count++] = valid->cols;
  const int32_t sizes[3] = {tiles->pool->has_addresses, 1, 1};
  MlirNamedAttribute segments =
      ptl_named(builder->context, "operandSegmentSizes", ptl_segments(builder->context, sizes, 3));
  MlirType type = type_of(tiles, builder->context, need);
  ptl_op_spec spec = {.id = PTL_PTO_ALLOC_TILE,
                      .operands = operands,
                      .operand_count = count,
                      .results = &type,
                      .result_count = 1,
                      .attributes = &segments,
                      .attribute_count = 1,
                      .value_name = name_of(tiles, need)};
  return mlirOperationGetResult(ptl_build(builder, &spec), 0);
}

/* The tile that a transposed view shows. */
static ptl_tile_need shown_by(const ptl_tile_need *view) {
  ptl_tile_need need = *view;
  need.rows = view->cols;
  need.cols = view->rows;
  need.valid_rows = view->valid_cols;
  need.valid_cols = view->valid_rows;
  need.is_transposed_view = false;
  return need;
}

static MlirValue build_view(ptl_tiles *tiles, const ptl_builder *builder,
                            const ptl_tile_need *need) {
  ptl_tile_need whole = shown_by(need);
  MlirValue tile = ptl_tiles_get(tiles, builder, &whole);
  MlirType type = type_of(tiles, builder->context, need);
  ptl_op_spec spec = {.id = PTL_PTO_TRESHAPE,
                      .operands = &tile,
                      .operand_count = 1,
                      .results = &type,
                      .result_count = 1,
                      .value_name = name_of(tiles, need)};
  return mlirOperationGetResult(ptl_build(builder, &spec), 0);
}

/* A tile that is allocated around a loop has to be told what is valid in each turn. */
static void allocate(ptl_tiles *tiles, const ptl_builder *builder, ptl_tile_entry *entry) {
  const ptl_tile_need *need = &entry->need;
  ptl_builder place = ptl_tile_pool_place(tiles->pool, builder);
  bool is_here = mlirBlockEqual(place.block, builder->block);
  MlirValue address = address_of(tiles, &place, need);
  ptl_valid valid;
  if (is_here) {
    valid = entry->valid = valid_of(tiles, builder, need);
  } else {
    valid.rows = ptl_build_index(&place, need->rows);
    valid.cols = ptl_build_index(&place, need->cols);
  }
  entry->block = place.block;
  entry->value = build_tile(tiles, &place, need, address, &valid);
}

static ptl_tile_entry *get(ptl_tiles *tiles, const ptl_builder *builder,
                           const ptl_tile_need *need) {
  ptl_tile_entry *known = ptl_tile_pool_find(tiles->pool, builder->block, need);
  if (known) {
    return known;
  }
  ptl_tile_entry entry = {.need = *need, .block = builder->block};
  if (is_reshaped(tiles, need)) {
    entry.value = build_view(tiles, builder, need);
  } else {
    allocate(tiles, builder, &entry);
  }
  return ptl_tile_pool_add(tiles->pool, &entry);
}

MlirValue ptl_tiles_get(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need) {
  return get(tiles, builder, need)->value;
}

MlirValue ptl_tiles_fill(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need) {
  ptl_tile_entry *entry = get(tiles, builder, need);
  if (!tiles->pool->has_addresses) {
    ptl_tile_set_valid(entry, builder, valid_of(tiles, builder, need));
  }
  return entry->value;
}

void ptl_tiles_fill_ahead(ptl_tiles *tiles, const ptl_builder *builder, const ptl_tile_need *need) {
  ptl_tile_entry *entry = get(tiles, builder, need);
  if (!tiles->pool->has_addresses) {
    ptl_tile_fill_ahead(entry, valid_of(tiles, builder, need));
  }
}

/* The extents of a Mat tile along K and the other way: with an address those of the load, without
 * those of its slot. */
static void mat_extents(const ptl_tiles *tiles, const ptl_item *load, int64_t *k, int64_t *n) {
  if (!tiles->pool->has_addresses) {
    const ptl_own_tile *own = ptl_own_tile_loaded(&tiles->own, tiles->plan, load);
    *k = own->k;
    *n = own->n;
  }
}

static ptl_tile_need lhs_mat(const ptl_tiles *tiles, const ptl_item *item, bool as_m_by_k) {
  const ptl_item *load =
      item->kind == PTL_ITEM_LOAD_LHS ? item : &tiles->loaded_lhs[item->mat_slot];
  bool is_transposed = tiles->plan->problem.lhs_transposed;
  int64_t k = load->k_tile, m = tiles->plan->tiling.m_tile;
  mat_extents(tiles, load, &k, &m);
  ptl_tile_need need = {.space = PTL_SPACE_MAT,
                        .role = PTL_ROLE_LHS,
                        .slot = item->mat_slot,
                        .rows = m,
                        .cols = k,
                        .valid_rows = tiles->plan->problem.m,
                        .valid_cols = load->k_valid,
                        .is_transposed_view = is_transposed};
  return is_transposed && !as_m_by_k ? shown_by(&need) : need;
}

/* Of the columns of an item those that are among the first `columns`; loops go over whole tiles. */
static int64_t columns_among(const ptl_item *item, int64_t columns) {
  return item->in_n_loop ? item->n : ptl_min(item->n, columns - item->n_base);
}

/* What is beyond the columns of a whole rhs is padding. */
int64_t ptl_tiles_columns(const ptl_tiles *tiles, const ptl_item *item) {
  return columns_among(item, tiles->rhs_columns[item->rhs]);
}

int64_t ptl_tiles_columns_out(const ptl_tiles *tiles, const ptl_item *item) {
  return columns_among(item, tiles->columns_out[item->rhs]);
}

static ptl_tile_need rhs_mat(const ptl_tiles *tiles, const ptl_item *item, bool as_k_by_n) {
  const ptl_item *load =
      item->kind == PTL_ITEM_LOAD_RHS ? item : &tiles->loaded_rhs[item->mat_slot];
  bool transposed = tiles->plan->problem.rhs_transposed[item->rhs];
  ptl_tile_need need = {
      .space = PTL_SPACE_MAT, .role = PTL_ROLE_RHS, .slot = item->mat_slot, .rhs = item->rhs};
  bool n_by_k = transposed && !as_k_by_n;
  int64_t k_tile = load->k_tile, n_tile = load->n;
  mat_extents(tiles, load, &k_tile, &n_tile);
  need.rows = n_by_k ? n_tile : k_tile;
  need.cols = n_by_k ? k_tile : n_tile;
  int64_t n = ptl_tiles_columns(tiles, load);
  need.valid_rows = n_by_k ? n : load->k_valid;
  need.valid_cols = n_by_k ? load->k_valid : n;
  need.is_transposed_view = transposed && as_k_by_n;
  return need;
}

/* K of a Left or Right tile: a2a3's Left is filled at the tile's columns and read at the valid
 * ones, rounded up to a fractal. */
static int64_t k_of_l0(const ptl_tiles *tiles, const ptl_item *item) {
  return ptl_round_up(item->k_valid, ptl_l0_k_box(tiles->target, &tiles->plan->problem));
}

static ptl_tile_need left(const ptl_tiles *tiles, const ptl_item *item, int slot) {
  return (ptl_tile_need){.space = PTL_SPACE_LEFT,
                         .role = PTL_ROLE_LHS,
                         .slot = slot,
                         .rows = tiles->plan->tiling.m_tile,
                         .cols = k_of_l0(tiles, item),
                         .valid_rows = tiles->plan->problem.m,
                         .valid_cols = item->k_valid};
}

static ptl_tile_need right(const ptl_tiles *tiles, const ptl_item *item, int slot) {
  return (ptl_tile_need){.space = PTL_SPACE_RIGHT,
                         .role = PTL_ROLE_RHS,
                         .slot = slot,
                         .rhs = item->rhs,
                         .rows = k_of_l0(tiles, item),
                         .cols = item->n,
                         .valid_rows = item->k_valid,
                         .valid_cols = ptl_tiles_columns(tiles, item)};
}

static ptl_tile_need acc(const ptl_tiles *tiles, const ptl_item *item) {
  return (ptl_tile_need){.space = PTL_SPACE_ACC,
                         .role = PTL_ROLE_ACC,
                         .slot = item->acc,
                         .rhs = item->rhs,
                         .rows = tiles->plan->tiling.m_tile,
                         .cols = item->n,
                         .valid_rows = tiles->plan->problem.m,
                         .valid_cols = ptl_tiles_columns_out(tiles, item)};
}

void ptl_tiles_note_load(ptl_tiles *tiles, const ptl_item *item) {
  if (item->kind == PTL_ITEM_LOAD_LHS) {
    tiles->loaded_lhs[item->mat_slot] = *item;
  } else if (item->kind == PTL_ITEM_LOAD_RHS) {
    tiles->loaded_rhs[item->mat_slot] = *item;
  }
}

int ptl_tiles_of_item(const ptl_tiles *tiles, const ptl_item *item, ptl_tile_need out[3]) {
  switch (item->kind) {
  case PTL_ITEM_LOAD_LHS:
    out[0] = lhs_mat(tiles, item, false);
    return 1;
  case PTL_ITEM_LOAD_RHS:
    out[0] = rhs_mat(tiles, item, false);
    return 1;
  case PTL_ITEM_EXTRACT_LHS:
    out[0] = lhs_mat(tiles, item, true);
    out[1] = left(tiles, item, item->slot);
    return 2;
  case PTL_ITEM_EXTRACT_RHS:
    out[0] = rhs_mat(tiles, item, true);
    out[1] = right(tiles, item, item->slot);
    return 2;
  case PTL_ITEM_MATMUL:
    out[0] = left(tiles, item, item->left_slot);
    out[1] = right(tiles, item, item->right_slot);
    out[2] = acc(tiles, item);
    return 3;
  case PTL_ITEM_STORE:
    out[0] = acc(tiles, item);
    return 1;
  default:
    return 0;
  }
}
