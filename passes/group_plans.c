/* Plans the groups of a function, finds room for all of them, and compares with the input. */
#include <string.h>

#include "ir/build.h"
#include "passes/cut_rows.h"
#include "passes/group_time.h"
#include "passes/groups.h"
#include "passes/plan_attr.h"
#include "passes/planned.h"
#include "passes/turns.h"
#include "passes/widen.h"
#include "support/checked.h"
#include "support/rounding.h"

static ptl_status search_plan(ptl_groups *g, ptl_group *group, const ptl_problem *problem,
                              ptl_no_plan *why) {
  ptl_limits limits = {group->reference, g->share};
  return ptl_planned_search(g->session, problem, &limits, &group->plan, why);
}

/* A plan of a part of the rows, if the product can be cut in such. */
static ptl_status plan_row_tiles(ptl_groups *g, ptl_group *group, ptl_problem *problem,
                                 ptl_no_plan *why) {
  int tiles = ptl_row_tiles(group->ops[0], problem->m, PTL_MAX_ROWS);
  if (tiles == 0) {
    return PTL_REFUSED;
  }
  group->row_tiles = tiles;
  problem->m /= tiles;
  problem->rows_out = 0;
  problem->repeats = ptl_max(1, problem->repeats) * tiles;
  return search_plan(g, group, problem, why);
}

/* Whether one run of `wide` is not slower than `turns` of `narrow`, all calibrations counted alike.
 */
static bool is_better(const ptl_groups *g, const ptl_plan *wide, const ptl_plan *narrow,
                      int64_t turns) {
  int rates = g->session->target->rate_count;
  double ratios = 0;
  for (int rate = 0; rate < rates; rate++) {
    ratios += wide->cycles[rate] / ((double)turns * narrow->cycles[rate]);
  }
  return ratios <= rates;
}

/* The problem of all turns of a loop over the columns. */
static bool widen_problem(ptl_problem *problem, int64_t turns) {
  for (int i = 0; i < problem->rhs_count; i++) {
    if (problem->n_in_memory[i] != 0 || !ptl_mul(problem->n[i], turns, &problem->n[i])) {
      return false;
    }
  }
  problem->outer_loops--;
  problem->repeats = ptl_max(1, problem->repeats / turns);
  return true;
}

/* Plans a group as it stands, and together with the loop around it if that goes over its columns.
 * The better plan is taken. */
static ptl_status plan_group(ptl_groups *g, ptl_group *group, ptl_problem *problem,
                             ptl_no_plan *why) {
  ptl_status status = search_plan(g, group, problem, why);
  int64_t turns = ptl_columns_in_turns(g->session, group->ops, group->count);
  ptl_problem whole = *problem;
  ptl_group wide = *group;
  ptl_no_plan ignored = {0};
  if (turns > 1 && widen_problem(&whole, turns) &&
      search_plan(g, &wide, &whole, &ignored) == PTL_OK &&
      (status != PTL_OK || is_better(g, &wide.plan, &group->plan, turns))) {
    group->plan = wide.plan;
    group->turns = turns;
    return PTL_OK;
  }
  return status;
}

/* The fewest tiles of at most `most` rows each that the problem is one of; false if there are none.
 */
static bool cut_in_row_tiles(const ptl_groups *g, int64_t most, ptl_problem *problem) {
  for (int tiles = 2; tiles <= PTL_MAX_SHARING; tiles++) {
    if (problem->m <= tiles * most &&
        ptl_problem_in_row_tiles(g->session->target, tiles, problem)) {
      return true;
    }
  }
  return false;
}

bool ptl_group_keeps_rhs(ptl_groups *g, ptl_group *group, int64_t rows) {
  ptl_problem whole, apart;
  ptl_no_plan ignored = {0};
  ptl_group streaming = *group, keeping = *group;
  if (!ptl_group_problem(g, group, &whole)) {
    return false;
  }
  apart = whole;
  apart.m = apart.rows_out = rows;
  int64_t tiles = ptl_ceil_div(whole.m, rows);
  apart.repeats = ptl_max(1, apart.repeats) * tiles;
  if (!cut_in_row_tiles(g, PTL_MAX_ROWS, &whole) ||
      search_plan(g, &keeping, &whole, &ignored) != PTL_OK ||
      (search_plan(g, &streaming, &apart, &ignored) == PTL_OK &&
       !is_better(g, &keeping.plan, &streaming.plan, tiles))) {
    return false;
  }
  for (int i = 0; i < group->count; i++) {
    ptl_set_attr(group->ops[i], ptl_attr_row_tiles, ptl_int(g->session->context, whole.row_tiles));
  }
  return true;
}

/* Plans every group. One that has no plan is halved; a single product without a plan
 * refuses the function. */
bool ptl_groups_plan(ptl_groups *g, ptl_no_plan *why, MlirOperation *where) {
  for (int i = 0; i < g->count; i++) {
    ptl_group *group = &g->items[i];
    ptl_problem problem;
    *where = group->ops[0];
    if (!ptl_group_problem(g, group, &problem)) {
      why->text = "its extents are not constant";
      return false;
    }
    ptl_status status = plan_group(g, group, &problem, why);
    if (status != PTL_OK && group->count == 1 && problem.m > PTL_MAX_ROWS) {
      status = plan_row_tiles(g, group, &problem, why);
    }
    if (status == PTL_OK) {
      continue;
    }
    if (group->count == 1) {
      return false;
    }
    ptl_groups_insert(g, i + 1, &(ptl_group){.row_tiles = 1, .turns = 1});
    ptl_group_halve(&g->items[i], &g->items[i + 1]);
    i--;
  }
  return true;
}

/* Whether the plans of all groups can be in one function; notes what they take then. */
static bool plans_fit(ptl_groups *g) {
  ptl_layout layout = {.arena = &g->session->arena,
                       .target = g->session->target,
                       .has_addresses = !ptl_has_attr(g->func, ptl_attr_level2)};
  for (int i = 0; i < g->count; i++) {
    ptl_plan plan = g->items[i].plan;
    if (!ptl_layout_settle(&layout, &plan)) {
      return false;
    }
    for (ptl_space space = 0; space < PTL_SPACE_COUNT; space++) {
      int64_t used = plan.used_bytes[space];
      g->used_bytes[space] = used > g->used_bytes[space] ? used : g->used_bytes[space];
    }
  }
  return true;
}

/* The plans of all groups, to come back to. */
typedef struct kept_plans {
  ptl_group *items;
  int share;
} kept_plans;

static kept_plans keep_plans(const ptl_groups *g) {
  size_t count = (size_t)g->count;
  return (kept_plans){ptl_arena_grow(&g->session->arena, g->items, count, count, sizeof(*g->items)),
                      g->share};
}

static void take_back(ptl_groups *g, const kept_plans *kept) {
  memcpy(g->items, kept->items, (size_t)g->count * sizeof(*g->items));
  g->share = kept->share;
}

/* Plans every group anew, below its reference if it has one. */
static bool plan_anew(ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    ptl_group *group = &g->items[i];
    ptl_problem problem = group->plan.problem;
    ptl_no_plan why;
    if (search_plan(g, group, &problem, &why) != PTL_OK) {
      return false;
    }
  }
  return true;
}

/* The same, each in one of `share` parts of the buffers. */
static bool plan_in_shares(ptl_groups *g, int share) {
  g->share = share;
  return plan_anew(g) && plans_fit(g);
}

/* Whether the plans of all groups can be in one function: as they are, or each in a part of the
 * buffers. */
bool ptl_groups_make_room(ptl_groups *g) {
  if (plans_fit(g)) {
    return true;
  }
  kept_plans kept = keep_plans(g);
  for (int share = 2; share <= g->count; share++) {
    if (plan_in_shares(g, share)) {
      return true;
    }
    take_back(g, &kept);
  }
  return false;
}

/* So many items of the scalar unit are no gain: the model tells no less apart. */
enum { ITEMS_NOT_TOLD = 4 };

static double read_cycles(const ptl_groups *g, const char *name, int rate) {
  MlirAttribute cycles = ptl_attr(g->func, name);
  return mlirAttributeIsNull(cycles) ? 0 : mlirDenseF64ArrayGetElement(cycles, rate);
}

/* What is written may take so much more than its plan: a part of it, and items that ptoas adds. */
static const double UNSURE = 0.02;
enum { UNSURE_ITEMS = 10 };

static bool is_close(const ptl_rates *rates, double before, double after) {
  return after * (1 + UNSURE) + UNSURE_ITEMS * rates->issue_cycles > before;
}

/* Takes the times under one calibration into account. */
static void compare(ptl_gain *gain, const ptl_rates *rates, const ptl_comparison *now) {
  const ptl_comparison *worst = &gain->worst;
  if (!worst->calibration || now->after * worst->before > worst->after * now->before) {
    gain->worst = *now;
  }
  gain->pays = gain->pays && !ptl_is_longer(now->after, now->before);
  gain->is_close = gain->is_close || is_close(rates, now->before, now->after);
}

static ptl_group_time input_time(const ptl_groups *g, int rate) {
  return (ptl_group_time){read_cycles(g, ptl_attr_cycles, rate),
                          read_cycles(g, ptl_attr_turns, rate),
                          ptl_has_attr(g->func, ptl_attr_turns)};
}

/* Cycles of a turn of the loops of unknown bounds; of all, if there are none. */
static double on_average(const ptl_groups *g, ptl_group_time time) {
  bool has_turns = ptl_has_attr(g->func, ptl_attr_turns);
  return has_turns ? ptl_mean_turn(time.once, time.turn) : time.once;
}

/* Never slower under any calibration, in a run in which loops of unknown bounds have one turn and
 * for each turn more; and faster on average by more than noise under one. Where the bounds of a
 * loop are known on each turn of another only, the plans have no time that compares: the text has.
 */
ptl_gain ptl_groups_gain(const ptl_groups *g) {
  ptl_gain result = {.pays = true};
  ptl_group_time times[PTL_MAX_RATES];
  ptl_groups_time(g, times);
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    const ptl_rates *rates = &g->session->target->rates[rate];
    ptl_group_time before = input_time(g, rate), after = times[rate];
    ptl_comparison once = {rates->name, after.once, before.once, false};
    ptl_comparison turn = {rates->name, after.turn, before.turn, true};
    compare(&result, rates, &once);
    if (before.has_open_loops) {
      compare(&result, rates, &turn);
    }
    if (rate == 0) {
      result.first = before.has_open_loops ? turn : once;
    }
    result.is_close = result.is_close || after.has_open_loops != before.has_open_loops;
    double least = ITEMS_NOT_TOLD * rates->issue_cycles;
    result.is_faster =
        result.is_faster || (ptl_is_shorter(on_average(g, after), on_average(g, before)) &&
                             on_average(g, after) < on_average(g, before) - least);
  }
  result.pays = result.pays && result.is_faster;
  return result;
}

/* The cycles of the input that a group may take: as much of them as it has of those of all plans,
 * which are `times`. */
static const ptl_reference *share_of_input(ptl_groups *g, const ptl_group *group,
                                           const ptl_group_time *times) {
  ptl_reference *share = ptl_arena_alloc(&g->session->arena, sizeof(*share));
  bool has_turns = ptl_has_attr(g->func, ptl_attr_turns);
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    ptl_group_time before = input_time(g, rate), after = times[rate];
    share->cycles[rate] = group->plan.cycles[rate] * on_average(g, before) / on_average(g, after);
    share->first_cycles[rate] =
        has_turns ? group->plan.first_cycles[rate] * before.once / after.once : 0;
  }
  return share;
}

/* Searches again: for plans that are not slower than the input under any calibration. */
static bool plan_within_input(ptl_groups *g) {
  ptl_group_time times[PTL_MAX_RATES];
  ptl_groups_time(g, times);
  for (int i = 0; i < g->count; i++) {
    g->items[i].reference = share_of_input(g, &g->items[i], times);
  }
  return plan_anew(g) && ptl_groups_make_room(g);
}

/* The gain of the plans; of others where these do not pay, and those do. */
ptl_gain ptl_groups_best_gain(ptl_groups *g) {
  ptl_gain first = ptl_groups_gain(g);
  if (first.pays || mlirAttributeIsNull(ptl_attr(g->func, ptl_attr_cycles))) {
    return first;
  }
  kept_plans kept = keep_plans(g);
  if (plan_within_input(g)) {
    ptl_gain second = ptl_groups_gain(g);
    if (second.pays) {
      return second;
    }
  }
  take_back(g, &kept);
  return first;
}

/* Searches again: for plans that are not slower than these under any calibration. */
static bool plan_within_plans(ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    ptl_group *group = &g->items[i];
    ptl_reference *own = ptl_arena_alloc(&g->session->arena, sizeof(*own));
    memcpy(own->cycles, group->plan.cycles, sizeof(own->cycles));
    memcpy(own->first_cycles, group->plan.first_cycles, sizeof(own->first_cycles));
    group->reference = own;
  }
  return plan_anew(g) && ptl_groups_make_room(g);
}

/* Whether nothing is longer than before under any calibration, and all is shorter under one. */
static bool are_better(const ptl_groups *g, const ptl_group_time *now,
                       const ptl_group_time *before) {
  bool any = false;
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    if (ptl_is_longer(now[rate].once, before[rate].once)) {
      return false;
    }
    any = any || ptl_is_shorter(now[rate].once, before[rate].once);
  }
  return any;
}

void ptl_groups_improve(ptl_groups *g) {
  ptl_group_time before[PTL_MAX_RATES], now[PTL_MAX_RATES];
  kept_plans kept = keep_plans(g);
  ptl_groups_time(g, before);
  while (plan_within_plans(g)) {
    ptl_groups_time(g, now);
    if (!are_better(g, now, before)) {
      break;
    }
    kept = keep_plans(g);
    memcpy(before, now, sizeof(before));
  }
  take_back(g, &kept);
}
