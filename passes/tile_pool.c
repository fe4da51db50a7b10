/* Keeps the tiles of a function that is lowered. */
#include "passes/tile_pool.h"

#include "passes/erase.h"
#include "passes/plan_attr.h"
#include "passes/turns.h"

static const ptl_valid UNKNOWN = {{NULL}, {NULL}};

static bool same_valid(const ptl_valid *a, const ptl_valid *b) {
  return !mlirValueIsNull(a->rows) && mlirValueEqual(a->rows, b->rows) &&
         mlirValueEqual(a->cols, b->cols);
}

static bool is_in(MlirBlock block, MlirBlock outer) {
  while (!mlirBlockIsNull(block) && !mlirBlockEqual(block, outer)) {
    MlirOperation around = mlirBlockGetParentOperation(block);
    block = mlirOperationIsNull(around) ? (MlirBlock){NULL} : mlirOperationGetBlock(around);
  }
  return !mlirBlockIsNull(block);
}

/* The innermost block around all ops. */
static MlirBlock block_around(const ptl_op_list *ops) {
  MlirBlock block = mlirOperationGetBlock(ops->items[0]);
  for (int i = 1; i < ops->count; i++) {
    while (mlirOperationIsNull(ptl_op_in_block(ops->items[i], block))) {
      block = mlirOperationGetBlock(mlirBlockGetParentOperation(block));
    }
  }
  return block;
}

/* Whether plan `index` goes on with the tiles of the one before. */
static bool goes_on(const ptl_op_list *ops, int index, const ptl_own_tiles *before,
                    const ptl_own_tiles *now) {
  return mlirBlockEqual(mlirOperationGetBlock(ops->items[index - 1]),
                        mlirOperationGetBlock(ops->items[index])) &&
         ptl_own_tiles_are_alike(before, now);
}

/* Where ptoas places the tiles: whether they lie apart, else which plans have the same. */
static void settle(ptl_session *session, const ptl_op_list *ops, ptl_tile_pool *pool) {
  ptl_arena *arena = &session->arena;
  ptl_layout layout = {.arena = arena, .target = session->target};
  int *tiles_of = ptl_arena_array(arena, (size_t)ops->count, sizeof(*tiles_of));
  ptl_own_tiles before = {.count = 0};
  for (int i = 0; i < ops->count; i++) {
    ptl_plan plan;
    if (!ptl_plan_from_attr(session, ops->items[i], &plan)) {
      return; /* lowering says so */
    }
    ptl_schedule schedule = ptl_schedule_build(arena, session->target, &plan);
    ptl_own_tiles now = ptl_own_tiles_of(arena, session->target, &plan, &schedule);
    tiles_of[i] = i == 0 ? 0 : tiles_of[i - 1] + !goes_on(ops, i, &before, &now);
    before = now;
    ptl_plan_place(session->target, &plan); /* as it was before plan-accumulators put it apart */
    (void)ptl_layout_settle(&layout, &plan);
  }
  if (layout.is_crowded) {
    pool->tiles_of = tiles_of;
  } else {
    pool->home = block_around(ops);
  }
}

ptl_tile_pool ptl_tile_pool_of(ptl_session *session, MlirOperation func, const ptl_op_list *ops) {
  ptl_tile_pool pool = {.session = session, .has_addresses = !ptl_has_attr(func, ptl_attr_level2)};
  if (!pool.has_addresses && ops->count > 0) {
    settle(session, ops, &pool);
  }
  return pool;
}

/* The last op with an effect in front of one in its block; null if there is none. */
static MlirOperation effect_before(MlirOperation op) {
  MlirOperation last = {NULL};
  MlirOperation at = mlirBlockGetFirstOperation(mlirOperationGetBlock(op));
  for (; !mlirOperationEqual(at, op); at = mlirOperationGetNextInBlock(at)) {
    last = ptl_has_no_effect(at) ? last : at;
  }
  return last;
}

/* Unless the input has it already. */
static void build_barrier(const ptl_tile_pool *pool, MlirOperation before) {
  MlirOperation last = effect_before(before);
  if (!mlirOperationIsNull(last) && ptl_op_is(last, PTL_PTO_BARRIER)) {
    return;
  }
  ptl_builder builder = ptl_builder_before(pool->session, before);
  MlirAttribute all =
      mlirAttributeParseGet(builder.context, mlirStringRefCreateFromCString("#pto.pipe<PIPE_ALL>"));
  MlirNamedAttribute pipe = ptl_named(builder.context, "pipe", all);
  ptl_op_spec spec = {.id = PTL_PTO_BARRIER, .attributes = &pipe, .attribute_count = 1};
  ptl_build(&builder, &spec);
}

/* Whether the plans of a loop begin with the one of that number, and end with one of other tiles.
 */
static bool has_other_end(const ptl_tile_pool *pool, const ptl_op_list *ops, int index,
                          MlirBlock loop) {
  int last = index;
  while (last + 1 < ops->count &&
         !mlirOperationIsNull(ptl_op_in_block(ops->items[last + 1], loop))) {
    last++;
  }
  return pool->tiles_of[last] != pool->tiles_of[index];
}

/* Between two plans of different tiles; in a loop also between its turns. `before`: the block of
 * the plan before, null for the first. */
static void separate(const ptl_tile_pool *pool, const ptl_op_list *ops, int index,
                     MlirBlock before) {
  MlirOperation op = ops->items[index];
  MlirBlock block = mlirOperationGetBlock(op);
  for (; !mlirBlockIsNull(block); block = mlirOperationGetBlock(op)) {
    if (is_in(before, block)) {
      if (pool->tiles_of[index] != pool->tiles_of[index - 1]) {
        build_barrier(pool, op);
      }
      return;
    }
    MlirOperation around = mlirBlockGetParentOperation(block);
    if (ptl_op_is(around, PTL_SCF_FOR) && has_other_end(pool, ops, index, block)) {
      build_barrier(pool, op);
    }
    op = around;
    if (mlirOperationIsNull(op) || ptl_op_is(op, PTL_FUNC_FUNC)) {
      return;
    }
  }
}

static bool keeps_tiles(const ptl_tile_pool *pool, int index) {
  return !pool->has_addresses &&
         (!pool->tiles_of || (index > 0 && pool->tiles_of[index] == pool->tiles_of[index - 1]));
}

void ptl_tile_pool_enter(ptl_tile_pool *pool, const ptl_op_list *ops, int index) {
  MlirBlock block = mlirOperationGetBlock(ops->items[index]);
  if (pool->tiles_of) {
    separate(pool, ops, index, pool->block);
  }
  if (!keeps_tiles(pool, index)) {
    pool->count = 0;
  }
  for (int i = 0; i < pool->count && !mlirBlockEqual(pool->block, block); i++) {
    pool->entries[i].valid = UNKNOWN; /* a loop may have changed it */
  }
  pool->block = block;
  pool->op = ops->items[index];
}

ptl_builder ptl_tile_pool_place(const ptl_tile_pool *pool, const ptl_builder *builder) {
  ptl_builder place = *builder;
  if (!mlirBlockIsNull(pool->home) && !mlirBlockEqual(pool->block, pool->home)) {
    place.block = pool->home;
    place.before = ptl_op_in_block(pool->op, pool->home);
  }
  return place;
}

/* The type of a view says what is valid of it, and so does each alloc_tile with an address. */
static bool same_need(const ptl_tile_pool *pool, const ptl_tile_need *a, const ptl_tile_need *b) {
  return a->space == b->space && a->role == b->role && a->slot == b->slot && a->rows == b->rows &&
         a->cols == b->cols && a->is_transposed_view == b->is_transposed_view &&
         ((!pool->has_addresses && !a->is_transposed_view) ||
          (a->valid_rows == b->valid_rows && a->valid_cols == b->valid_cols));
}

ptl_tile_entry *ptl_tile_pool_find(const ptl_tile_pool *pool, MlirBlock block,
                                   const ptl_tile_need *need) {
  for (int i = 0; i < pool->count; i++) {
    ptl_tile_entry *entry = &pool->entries[i];
    if (same_need(pool, &entry->need, need) && is_in(block, entry->block)) {
      return entry;
    }
  }
  return NULL;
}

ptl_tile_entry *ptl_tile_pool_add(ptl_tile_pool *pool, const ptl_tile_entry *entry) {
  pool->entries = ptl_arena_more(&pool->session->arena, pool->entries, pool->count, &pool->capacity,
                                 sizeof(ptl_tile_entry));
  pool->entries[pool->count] = *entry;
  return &pool->entries[pool->count++];
}

void ptl_tile_set_valid(ptl_tile_entry *entry, const ptl_builder *builder, ptl_valid valid) {
  if (same_valid(&entry->valid, &valid)) {
    return;
  }
  MlirValue operands[3] = {entry->value, valid.rows, valid.cols};
  ptl_op_spec spec = {.id = PTL_PTO_SET_VALIDSHAPE, .operands = operands, .operand_count = 3};
  ptl_build(builder, &spec);
  entry->valid = valid;
}

void ptl_tile_fill_ahead(ptl_tile_entry *entry, ptl_valid valid) {
  bool is_other = entry->fills_ahead > 0 && !same_valid(&entry->ahead, &valid);
  entry->fills_ahead = is_other || entry->fills_ahead == 2 ? 2 : 1;
  entry->ahead = valid;
}

void ptl_tile_pool_begin_loop(ptl_tile_pool *pool, const ptl_builder *builder) {
  for (int i = 0; i < pool->count; i++) {
    ptl_tile_entry *entry = &pool->entries[i];
    if (entry->fills_ahead == 1) {
      ptl_tile_set_valid(entry, builder, entry->ahead);
    } else if (entry->fills_ahead == 2) {
      entry->valid = UNKNOWN;
    }
    entry->fills_ahead = 0;
  }
}
