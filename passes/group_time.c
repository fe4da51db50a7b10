/* Runs the plans of a function through the model of the pipes, in the order and in the loops in
 * which they stand, so that what one turn of a loop hides behind another counts as it does in the
 * input. */
#include "passes/group_time.h"

#include "passes/loops.h"
#include "passes/turns.h"
#include "plan/timeline.h"

/* A group as it is run. */
typedef struct planned {
  ptl_plan plan;
  ptl_schedule schedule;
  MlirOperation place; /* it is computed in front of this op, or in place of this loop */
  int times;
  ptl_own_tiles tiles; /* without addresses */
} planned;

typedef struct runner {
  ptl_timeline *timeline;
  const planned *groups;
  int count;
  int64_t open_turns; /* of the outermost loop of unknown bounds */
  bool in_open_loop, meets_open_loop;
  bool is_crowded;
  const planned *last; /* that was run; NULL: none yet */
  int64_t around; /* flags around the loops of unknown bounds; one turn of them does not show it */
} runner;

/* A block that is run. */
typedef struct body {
  runner *runner;
  MlirBlock block;
} body;

static void run_block(void *user);

static void run_loop(runner *r, MlirOperation loop) {
  body b = {r, mlirRegionGetFirstBlock(mlirOperationGetRegion(loop, 0))};
  int64_t turns = ptl_trip_count(loop);
  bool is_open = turns < 0;
  bool was_in_open_loop = r->in_open_loop;
  if (is_open) {
    turns = was_in_open_loop ? 1 : r->open_turns;
    r->in_open_loop = r->meets_open_loop = true;
  }
  int64_t items = ptl_timeline_repeat(r->timeline, turns, run_block, &b);
  r->around += is_open ? items : 0;
  r->in_open_loop = was_in_open_loop;
}

static void run_op(runner *r, MlirOperation op) {
  if (ptl_op_is(op, PTL_SCF_FOR)) {
    run_loop(r, op);
    return;
  }
  for (intptr_t i = 0; i < mlirOperationGetNumRegions(op); i++) {
    run_block(&(body){r, mlirRegionGetFirstBlock(mlirOperationGetRegion(op, i))});
  }
}

/* Whether the barrier of a crowded function stands between the two (tile_pool.h). */
static bool are_separate(const planned *before, const planned *now) {
  return !mlirBlockEqual(mlirOperationGetBlock(before->place), mlirOperationGetBlock(now->place)) ||
         !ptl_own_tiles_are_alike(&before->tiles, &now->tiles);
}

static void run_group(runner *r, const planned *group) {
  if (r->is_crowded && r->last && are_separate(r->last, group)) {
    ptl_timeline_flag_op(r->timeline, &(ptl_timeline_flag){.kind = PTL_TIMELINE_STOP});
  }
  r->last = group;
  for (int i = 0; i < group->times; i++) {
    ptl_timeline_run_once(r->timeline, &group->plan, &group->schedule);
  }
}

static void run_block(void *user) {
  const body *b = user;
  MlirOperation op =
      mlirBlockIsNull(b->block) ? (MlirOperation){NULL} : mlirBlockGetFirstOperation(b->block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    bool is_replaced = false;
    for (int i = 0; i < b->runner->count; i++) {
      const planned *group = &b->runner->groups[i];
      if (mlirOperationEqual(group->place, op)) {
        run_group(b->runner, group);
        is_replaced = is_replaced || ptl_op_is(op, PTL_SCF_FOR);
      }
    }
    if (!is_replaced) {
      run_op(b->runner, op);
    }
  }
}

static planned plan_of(const ptl_groups *g, ptl_layout *layout, int index) {
  const ptl_group *group = &g->items[index];
  planned out = {.plan = group->plan, .place = ptl_group_place(group), .times = group->row_tiles};
  if (group->turns > 1) {
    out.place = mlirOperationGetParentOperation(out.place);
  }
  out.schedule = ptl_schedule_build(&g->session->arena, g->session->target, &out.plan);
  if (!layout->has_addresses) {
    out.tiles = ptl_own_tiles_of(layout->arena, g->session->target, &out.plan, &out.schedule);
  }
  (void)ptl_layout_settle(layout, &out.plan);
  return out;
}

/* Runs the function with so many turns of its loops of unknown bounds, and with as many items of
 * the scalar unit besides. */
static ptl_cycles run_function(const ptl_groups *g, runner *r, int64_t open_turns, int64_t items) {
  const ptl_target *target = g->session->target;
  r->timeline = ptl_timeline_create(&g->session->arena, target, target->rates, target->rate_count);
  r->open_turns = open_turns;
  r->last = NULL;
  r->around = 0;
  run_block(&(body){r, mlirRegionGetFirstBlock(mlirOperationGetRegion(g->func, 0))});
  ptl_timeline_add_items(r->timeline, items);
  return ptl_timeline_end(r->timeline);
}

void ptl_groups_time(const ptl_groups *g, ptl_group_time times[PTL_MAX_RATES]) {
  planned *groups = ptl_arena_array(&g->session->arena, (size_t)g->count, sizeof(*groups));
  ptl_layout layout = {.arena = &g->session->arena,
                       .target = g->session->target,
                       .has_addresses = !ptl_has_attr(g->func, ptl_attr_level2)};
  for (int i = 0; i < g->count; i++) {
    groups[i] = plan_of(g, &layout, i);
  }
  runner r = {.groups = groups, .count = g->count, .is_crowded = layout.is_crowded};
  ptl_cycles all = run_function(g, &r, PTL_LIKELY_TURNS, 0);
  /* Without loops of unknown bounds all turns are one. */
  ptl_cycles once = r.meets_open_loop ? run_function(g, &r, 1, r.around) : all;
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    double turn = (all.by[rate] - once.by[rate]) / (PTL_LIKELY_TURNS - 1);
    times[rate] = (ptl_group_time){once.by[rate], turn, r.meets_open_loop};
  }
}

int64_t ptl_groups_instructions(const ptl_groups *g) {
  int64_t count = 0;
  for (int i = 0; i < g->count; i++) {
    ptl_schedule schedule =
        ptl_schedule_build(&g->session->arena, g->session->target, &g->items[i].plan);
    count += (int64_t)schedule.count * g->items[i].row_tiles;
  }
  return count;
}
