/* lower-to-pto: turn planned products into pto ops.
 *
 * Requires: ptolower.matmul_dual_acc with `plan`, on parts made by pto.partition_view.
 * Produces: the plan's schedule (lib/plan/schedule.h), item by item: alloc_tile,
 *   tload, textract, tmatmul, and loops. The sinks take the accumulator tiles as
 *   they stand; where N is cut, stores of the cut parts take their place.
 * Leaves alone: everything else.
 */
#include <string.h>

#include "passes/erase.h"
#include "passes/lowering.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/plan_json.h"

/* ---- items -------------------------------------------------------------- */

static MlirLocation location_of_item(const ptl_lowering *l, const ptl_item *item) {
  bool is_lhs = item->kind == PTL_ITEM_LOAD_LHS || item->kind == PTL_ITEM_EXTRACT_LHS;
  return is_lhs ? l->lhs.location : l->rhs[item->rhs].location;
}

/* Whether the last tile of an item holds something else after it. */
static bool fills_a_tile(const ptl_item *item) {
  return item->kind == PTL_ITEM_MATMUL ? item->starts : item->kind != PTL_ITEM_STORE;
}

/* The tiles that an item needs. */
static int needs_of(ptl_lowering *l, const ptl_item *item, ptl_tile_need needs[3]) {
  l->builder.location = location_of_item(l, item);
  ptl_tiles_note_load(&l->tiles, item);
  return ptl_tiles_of_item(&l->tiles, item, needs);
}

/* The tiles of an item, which are allocated where they are not there yet. */
static void take_tiles(ptl_lowering *l, const ptl_item *item, MlirValue tiles[3]) {
  ptl_tile_need needs[3];
  int count = needs_of(l, item, needs);
  for (int i = 0; i < count; i++) {
    bool is_filled = fills_a_tile(item) && i == count - 1;
    tiles[i] = is_filled ? ptl_tiles_fill(&l->tiles, &l->builder, &needs[i])
                         : ptl_tiles_get(&l->tiles, &l->builder, &needs[i]);
  }
}

/* The same for an item of a loop that begins next. */
static void take_tiles_ahead(ptl_lowering *l, const ptl_item *item) {
  ptl_tile_need needs[3];
  int count = needs_of(l, item, needs);
  for (int i = 0; i < count; i++) {
    if (fills_a_tile(item) && i == count - 1) {
      ptl_tiles_fill_ahead(&l->tiles, &l->builder, &needs[i]);
    } else {
      (void)ptl_tiles_get(&l->tiles, &l->builder, &needs[i]);
    }
  }
}

static void lower_load(void *user, const ptl_item *item) {
  ptl_lowering *l = user;
  MlirValue tiles[3];
  take_tiles(l, item, tiles);
  MlirValue operands[2] = {ptl_build_loaded_part(l, item), tiles[0]};
  ptl_build_plain(&l->builder, PTL_PTO_TLOAD, operands, 2);
}

static void lower_extract(void *user, const ptl_item *item) {
  ptl_lowering *l = user;
  MlirValue tiles[3];
  take_tiles(l, item, tiles);
  bool is_lhs = item->kind == PTL_ITEM_EXTRACT_LHS;
  bool moves = is_lhs && l->plan.tiling.lhs_resident && item->in_k_loop;
  MlirValue k = ptl_build_k_in_mat(l, item, moves);
  MlirValue row = is_lhs ? ptl_build_index(&l->builder, 0) : k;
  MlirValue col = is_lhs ? k : ptl_build_index(&l->builder, item->n_in_mat);
  MlirValue operands[4] = {tiles[0], row, col, tiles[1]};
  ptl_build_plain(&l->builder, PTL_PTO_TEXTRACT, operands, 4);
}

static void lower_matmul(void *user, const ptl_item *item) {
  ptl_lowering *l = user;
  MlirValue tiles[3];
  take_tiles(l, item, tiles);
  if (item->starts) {
    ptl_build_plain(&l->builder, PTL_PTO_TMATMUL, tiles, 3);
    return;
  }
  MlirValue operands[4] = {tiles[2], tiles[0], tiles[1], tiles[2]};
  ptl_build_plain(&l->builder, PTL_PTO_TMATMUL_ACC, operands, 4);
}

/* A copy of the store for the columns of this N tile. */
static void cut_store(ptl_lowering *l, MlirOperation store, const ptl_item *item, MlirValue acc) {
  ptl_operand_part target;
  if (!ptl_read_operand_part(l->session, mlirOperationGetOperand(store, 1), &target)) {
    return; /* the problem was not splittable then */
  }
  ptl_builder saved = l->builder;
  l->builder.location = mlirOperationGetLocation(store);
  MlirValue cut = ptl_build_stored_part(l, &target, item);
  MlirOperation copy = mlirOperationClone(store);
  mlirOperationSetOperand(copy, 0, acc);
  mlirOperationSetOperand(copy, 1, cut);
  if (mlirOperationIsNull(l->builder.before)) {
    mlirBlockAppendOwnedOperation(l->builder.block, copy);
  } else {
    mlirBlockInsertOwnedOperationBefore(l->builder.block, l->builder.before, copy);
  }
  l->builder = saved;
}

/* The uses of a value, in program order: MLIR lists the newest first, which is mostly the last. */
static ptl_op_list users_of(const ptl_lowering *l, MlirValue value) {
  ptl_op_list list = {.arena = &l->session->arena};
  MlirOpOperand use = mlirValueGetFirstUse(value);
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    ptl_op_list_add(&list, mlirOpOperandGetOwner(use));
  }
  for (int i = 0; i < list.count / 2; i++) {
    MlirOperation first = list.items[i];
    list.items[i] = list.items[list.count - 1 - i];
    list.items[list.count - 1 - i] = first;
  }
  for (int i = 1; i < list.count; i++) {
    MlirOperation user = list.items[i];
    int at = i;
    for (; at > 0 && ptl_op_is_before(user, list.items[at - 1]); at--) {
      list.items[at] = list.items[at - 1];
    }
    list.items[at] = user;
  }
  return list;
}

static void lower_store(void *user, const ptl_item *item) {
  ptl_lowering *l = user;
  MlirValue tiles[3];
  take_tiles(l, item, tiles);
  if (!l->n_is_cut) {
    return;
  }
  ptl_op_list sinks = users_of(l, mlirOperationGetResult(l->op, item->rhs));
  for (int i = 0; i < sinks.count; i++) {
    cut_store(l, sinks.items[i], item, tiles[0]);
  }
}

/* ---- loops -------------------------------------------------------------- */

/* Each alloc_tile becomes an instruction: those of a loop stand in front of it. */
static void allocate_for_loop(ptl_lowering *l, const ptl_schedule *body) {
  ptl_item lhs[PTL_MAX_LHS_SLOTS], rhs[PTL_MAX_MAT_SLOTS];
  memcpy(lhs, l->tiles.loaded_lhs, sizeof(lhs));
  memcpy(rhs, l->tiles.loaded_rhs, sizeof(rhs));
  for (int i = 0; i < body->count; i++) {
    const ptl_item *item = &body->items[i];
    if (item->kind < PTL_ITEM_LOOP_N) { /* an instruction */
      take_tiles_ahead(l, item);
    }
  }
  ptl_tile_pool_begin_loop(l->tiles.pool, &l->builder);
  memcpy(l->tiles.loaded_lhs, lhs, sizeof(lhs));
  memcpy(l->tiles.loaded_rhs, rhs, sizeof(rhs));
}

static MlirBlock build_loop(ptl_lowering *l, const ptl_item *item) {
  MlirContext context = l->session->context;
  MlirValue bounds[3] = {ptl_build_index(&l->builder, 0),
                         ptl_build_index(&l->builder, item->trip_count * item->step),
                         ptl_build_index(&l->builder, item->step)};
  MlirType index = mlirIndexTypeGet(context);
  MlirBlock body = mlirBlockCreate(1, &index, &l->builder.location);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, body);
  ptl_op_spec spec = {.id = PTL_SCF_FOR,
                      .operands = bounds,
                      .operand_count = 3,
                      .value_name = item->kind == PTL_ITEM_LOOP_K ? "k" : "n",
                      .region = region};
  ptl_build(&l->builder, &spec);
  return body;
}

static void lower_items(ptl_lowering *l, const ptl_schedule *items);

static void lower_loop(void *user, const ptl_item *item, const ptl_schedule *items) {
  ptl_lowering *l = user;
  bool is_k = item->kind == PTL_ITEM_LOOP_K;
  l->builder.location = mlirOperationGetLocation(l->op);
  allocate_for_loop(l, items);
  l->builder.location = mlirOperationGetLocation(l->op);
  MlirBlock body = build_loop(l, item);
  ptl_builder outside = l->builder;
  l->builder.block = body;
  l->builder.before.ptr = NULL;
  MlirValue *variable = is_k ? &l->k_variable : &l->n_variable;
  *variable = mlirBlockGetArgument(body, 0);
  lower_items(l, items);
  variable->ptr = NULL;
  l->builder.location = outside.location;
  ptl_op_spec yield = {.id = PTL_SCF_YIELD};
  ptl_build(&l->builder, &yield);
  l->builder = outside;
}

static void lower_items(ptl_lowering *l, const ptl_schedule *items) {
  static const ptl_schedule_visitor visitor = {.load = lower_load,
                                               .extract = lower_extract,
                                               .matmul = lower_matmul,
                                               .store = lower_store,
                                               .loop = lower_loop};
  ptl_schedule_visit(items, &visitor, l);
}

/* ---- the op ------------------------------------------------------------- */

static bool read_operands(ptl_lowering *l) {
  if (!ptl_read_operand_part(l->session, mlirOperationGetOperand(l->op, 0), &l->lhs)) {
    return false;
  }
  l->tiles.lhs_name = l->lhs.name;
  for (int i = 0; i < l->plan.problem.rhs_count; i++) {
    if (!ptl_read_operand_part(l->session, mlirOperationGetOperand(l->op, 1 + i), &l->rhs[i])) {
      return false;
    }
    l->tiles.rhs_names[i] = l->rhs[i].name;
    l->tiles.rhs_columns[i] = l->plan.problem.n[i];
    const ptl_operand_part *rhs = &l->rhs[i];
    (void)ptl_constant_of(l->plan.problem.rhs_transposed[i] ? rhs->rows : rhs->cols,
                          &l->tiles.rhs_columns[i]);
    MlirType result = mlirValueGetType(mlirOperationGetResult(l->op, i));
    l->tiles.columns_out[i] = mlirShapedTypeGetDimSize(result, 1);
  }
  return true;
}

/* Hands the accumulators to the sinks, or drops the sinks that were cut. */
static void finish_sinks(ptl_lowering *l) {
  for (int rhs = 0; rhs < l->plan.problem.rhs_count; rhs++) {
    MlirValue result = mlirOperationGetResult(l->op, rhs);
    if (l->n_is_cut) {
      ptl_op_list sinks = users_of(l, result);
      for (int i = 0; i < sinks.count; i++) {
        mlirOperationDestroy(sinks.items[i]);
      }
      continue;
    }
    ptl_item item = {
        .kind = PTL_ITEM_STORE, .rhs = rhs, .acc = rhs, .n = l->plan.tiling.n_tile[rhs]};
    ptl_tile_need need[3];
    (void)ptl_tiles_of_item(&l->tiles, &item, need);
    ptl_replace_uses(result, ptl_tiles_get(&l->tiles, &l->builder, &need[0]));
  }
}

/* Valid rows: of lhs as its part says, of the accumulators as the sinks take them. */
static void set_rows(ptl_lowering *l) {
  if (l->plan.problem.row_tiles > 1) {
    l->tiles.lhs_rows = l->tiles.acc_rows = ptl_build_index(&l->builder, l->plan.problem.m);
    return;
  }
  MlirType result = mlirValueGetType(mlirOperationGetResult(l->op, 0));
  l->tiles.lhs_rows = l->plan.problem.lhs_transposed ? l->lhs.cols : l->lhs.rows;
  l->tiles.acc_rows = mlirShapedTypeIsDynamicDim(result, 0)
                          ? l->tiles.lhs_rows
                          : ptl_build_index(&l->builder, mlirShapedTypeGetDimSize(result, 0));
}

static ptl_status lower_op(ptl_session *session, MlirOperation func, MlirOperation op,
                           ptl_tile_pool *pool) {
  ptl_lowering l = {.session = session, .op = op};
  if (!ptl_plan_from_attr(session, op, &l.plan)) {
    ptl_diag_add(&session->diags, PTL_CODE_UNREADABLE_ATTRIBUTE, ptl_loc_of(session, op),
                 "the op has no 'plan' that can be read");
    return PTL_REFUSED;
  }
  l.tiles = (ptl_tiles){
      .arena = &session->arena, .target = session->target, .plan = &l.plan, .pool = pool};
  if (!ptl_pitch_of(session, op, &l.plan, &l.tiles.pitch)) {
    ptl_diag_add(&session->diags, PTL_CODE_FOREIGN_IR, ptl_loc_of(session, op),
                 "more rows leave than the left operand has, rounded up to 16");
    return PTL_REFUSED;
  }
  if (!read_operands(&l)) {
    ptl_diag_add(&session->diags, PTL_CODE_FOREIGN_IR, ptl_loc_of(session, op),
                 "the operands are not made by pto.partition_view of two dimensions");
    return PTL_REFUSED;
  }
  (void)ptl_k_blocks_of(op, l.k_blocks);
  l.n_is_cut = ptl_plan_cuts_n(&l.plan);
  l.builder = ptl_builder_before(session, op);
  set_rows(&l);
  ptl_schedule schedule = ptl_schedule_build(&session->arena, session->target, &l.plan);
  if (!pool->has_addresses) {
    l.tiles.own = ptl_own_tiles_of(&session->arena, session->target, &l.plan, &schedule);
  }
  lower_items(&l, &schedule);
  finish_sinks(&l);
  mlirOperationDestroy(op);
  if (session->writes_plans) {
    ptl_plan_add_json(session, func, &l.plan, l.tiles.lhs_name, l.tiles.rhs_names);
  }
  return PTL_OK;
}

static void collect(MlirOperation op, void *user) {
  ptl_op_list *list = user;
  if (ptl_is_dual_acc(op)) {
    ptl_op_list_add(list, op);
  }
}

static ptl_status lower_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  ptl_op_list list = {.arena = &session->arena};
  ptl_for_each_op(func, collect, &list);
  ptl_tile_pool pool = ptl_tile_pool_of(session, func, &list);
  for (int i = 0; i < list.count; i++) {
    ptl_tile_pool_enter(&pool, &list, i);
    ptl_status status = lower_op(session, func, list.items[i], &pool);
    if (status != PTL_OK) {
      return status;
    }
  }
  if (list.count > 0) {
    ptl_erase_dead_ops(session, func);
  }
  return PTL_OK;
}

ptl_status ptl_lower_to_pto(ptl_session *session) {
  return ptl_for_each_function(session, lower_function, NULL);
}
