/* fuse-products: join products that share lhs into ptolower.matmul_dual_acc.
 *
 * Requires: ptolower.matmul ops, marked with their groups.
 * Produces: one ptolower.matmul_dual_acc for each group, at the first sink of its results, and
 * nothing left of the code that computed them before. A function that is rewritten has all its
 * products turned into that op, the single ones with one rhs. Leaves alone: functions that are not
 * asked for (--rewrite), without a plan, or whose plan is not modelled faster; a remark says which.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/build.h"
#include "passes/columns.h"
#include "passes/compact.h"
#include "passes/cut_rows.h"
#include "passes/erase.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/planned.h"
#include "passes/turns.h"
#include "passes/widen.h"
#include "support/checked.h"

typedef struct group {
  MlirOperation ops[PTL_MAX_RHS];
  int count;
  int row_tiles; /* the product is to be cut in as many along its rows; the plan is that of one */
  int64_t turns; /* of a loop over the columns, which the plan is to do as well; 1: of none */
  ptl_plan plan;
  const double *reference; /* cycles that the plan must not exceed, or NULL */
} group;

typedef struct groups {
  ptl_session *session;
  MlirOperation func;
  group *items;
  int count, capacity;
  bool has_pair;
  int share; /* each plan gets one of so many parts of the buffers */
  int64_t used_bytes[PTL_SPACE_COUNT]; /* by the plans of all groups */
} groups;

/* Whether no ptoas compiles the function, and that is to be changed. */
static bool is_to_be_repaired(const groups *g) {
  return g->session->repairs && ptl_has_attr(g->func, ptl_attr_broken);
}

static void insert_group(groups *g, int at, const group *group) {
  g->items =
      ptl_arena_more(&g->session->arena, g->items, g->count, &g->capacity, sizeof(*g->items));
  for (int i = g->count; i > at; i--) {
    g->items[i] = g->items[i - 1];
  }
  g->items[at] = *group;
  g->count++;
}

static bool has_same_elements(ptl_session *session, MlirOperation a, MlirOperation b) {
  ptl_problem x, y;
  return ptl_problem_of(session, a, &x) && ptl_problem_of(session, b, &y) && x.rhs == y.rhs;
}

static bool continues(ptl_session *session, const group *last, MlirOperation op) {
  MlirOperation before = last->ops[last->count - 1];
  return last->count < PTL_MAX_RHS &&
         mlirBlockEqual(mlirOperationGetBlock(before), mlirOperationGetBlock(op)) &&
         mlirAttributeEqual(ptl_attr(before, ptl_attr_group), ptl_attr(op, ptl_attr_group)) &&
         mlirValueEqual(mlirOperationGetOperand(before, 0), mlirOperationGetOperand(op, 0)) &&
         has_same_elements(session, before, op) &&
         mlirAttributeEqual(ptl_attr(before, ptl_attr_k_blocks), ptl_attr(op, ptl_attr_k_blocks));
}

static void collect(MlirOperation op, void *user) {
  groups *g = user;
  if (!ptl_op_is(op, PTL_PTOLOWER_MATMUL)) {
    return;
  }
  if (g->count > 0 && continues(g->session, &g->items[g->count - 1], op) &&
      (g->session->fuse != PTL_FUSE_OFF || is_to_be_repaired(g))) {
    group *last = &g->items[g->count - 1];
    last->ops[last->count++] = op;
    g->has_pair = true;
    return;
  }
  insert_group(g, g->count, &(group){.count = 1, .row_tiles = 1, .turns = 1, .ops = {op}});
}

/* ---- whether to fuse ---------------------------------------------------- */

static int64_t trip_count(MlirOperation loop) {
  int64_t bounds[3];
  for (int i = 0; i < 3; i++) {
    if (!ptl_constant_of(mlirOperationGetOperand(loop, i), &bounds[i])) {
      return 1;
    }
  }
  return bounds[2] > 0 && bounds[1] > bounds[0]
             ? (bounds[1] - bounds[0] + bounds[2] - 1) / bounds[2]
             : 1;
}

static int64_t times_run(MlirOperation op) {
  int64_t times = 1;
  for (op = mlirOperationGetParentOperation(op); !mlirOperationIsNull(op);
       op = mlirOperationGetParentOperation(op)) {
    if (ptl_op_is(op, PTL_SCF_FOR)) {
      times *= trip_count(op);
    }
  }
  return times;
}

/* The problem of a whole group: those of its ops side by side. */
static bool group_problem(groups *g, const group *group, ptl_problem *out) {
  if (!ptl_problem_of(g->session, group->ops[0], out)) {
    return false;
  }
  out->rhs_count = group->count;
  out->n_splittable = ptl_leaves_in_columns(g->session, group->ops, group->count);
  for (int i = 1; i < group->count; i++) {
    ptl_problem other;
    if (!ptl_problem_of(g->session, group->ops[i], &other)) {
      return false;
    }
    out->n[i] = other.n[0];
    out->n_in_memory[i] = other.n_in_memory[0];
    out->rhs_transposed[i] = other.rhs_transposed[0];
  }
  return true;
}

/* Halves a group: equal halves have equal plans, which can take turns in one place. */
static void cut_in_two(group *first, group *second) {
  int kept = (first->count + 1) / 2;
  for (int i = kept; i < first->count; i++) {
    second->ops[second->count++] = first->ops[i];
  }
  first->count = kept;
}

static ptl_status search_plan(groups *g, group *group, const ptl_problem *problem,
                              ptl_no_plan *why) {
  ptl_limits limits = {group->reference, g->share};
  return ptl_planned_search(g->session, problem, &limits, &group->plan, why);
}

/* A plan of a part of the rows, if the product can be cut in such. */
static ptl_status plan_row_tiles(groups *g, group *group, ptl_problem *problem, ptl_no_plan *why) {
  int tiles = ptl_row_tiles(group->ops[0], problem->m, PTL_MAX_ROWS);
  if (tiles == 0) {
    return PTL_REFUSED;
  }
  group->row_tiles = tiles;
  problem->m /= tiles;
  problem->rows_out = 0;
  return search_plan(g, group, problem, why);
}

/* Whether one run of `wide` is not slower than `turns` of `narrow`, all calibrations counted alike.
 */
static bool is_better(const groups *g, const ptl_plan *wide, const ptl_plan *narrow,
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
  return true;
}

/* Plans a group as it stands, and together with the loop around it if that goes over its columns.
 * The better plan is taken. */
static ptl_status plan_group(groups *g, group *group, ptl_problem *problem, ptl_no_plan *why) {
  ptl_status status = search_plan(g, group, problem, why);
  int64_t turns = ptl_columns_in_turns(g->session, group->ops, group->count);
  ptl_problem whole = *problem;
  struct group wide = *group;
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

/* Plans every group. One that has no plan is halved; a single product without a plan
 * refuses the function. */
static bool plan_groups(groups *g, ptl_no_plan *why, MlirOperation *where) {
  for (int i = 0; i < g->count; i++) {
    group *group = &g->items[i];
    ptl_problem problem;
    *where = group->ops[0];
    if (!group_problem(g, group, &problem)) {
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
    insert_group(g, i + 1, &(struct group){.row_tiles = 1, .turns = 1});
    cut_in_two(&g->items[i], &g->items[i + 1]);
    i--;
  }
  return true;
}

/* Whether the plans of all groups can be in one function; notes what they take then. */
static bool plans_fit(groups *g) {
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

/* Plans every group anew, each in one of `share` parts of the buffers. */
static bool plan_in_shares(groups *g, int share) {
  g->share = share;
  for (int i = 0; i < g->count; i++) {
    ptl_problem problem = g->items[i].plan.problem;
    ptl_no_plan why;
    if (search_plan(g, &g->items[i], &problem, &why) != PTL_OK) {
      return false;
    }
  }
  return plans_fit(g);
}

/* Whether the plans of all groups can be in one function: as they are, or each in a part of the
 * buffers. */
static bool make_room(groups *g) {
  if (plans_fit(g)) {
    return true;
  }
  group *before = ptl_arena_array(&g->session->arena, (size_t)g->count, sizeof(*before));
  memcpy(before, g->items, (size_t)g->count * sizeof(*before));
  for (int share = 2; share <= g->count; share++) {
    if (plan_in_shares(g, share)) {
      return true;
    }
    memcpy(g->items, before, (size_t)g->count * sizeof(*before));
  }
  g->share = 1;
  return false;
}

/* A product whose sinks take rows that it does not write; null if there is none. */
static MlirOperation product_of_too_few_rows(groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 0; j < g->items[i].count; j++) {
      ptl_pitch pitch;
      if (!ptl_pitch_of(g->session, g->items[i].ops[j], &g->items[i].plan, &pitch)) {
        return g->items[i].ops[j];
      }
    }
  }
  return (MlirOperation){NULL};
}

/* The op in front of which the group is computed: the first that takes one of its results. */
static MlirOperation place_of(const group *group) {
  MlirOperation first = {NULL};
  for (int i = 0; i < group->count; i++) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(group->ops[i], 0));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      MlirOperation user = mlirOpOperandGetOwner(use);
      if (mlirOperationIsNull(first) || ptl_op_is_before(user, first)) {
        first = user;
      }
    }
  }
  return first;
}

/* Whether a result of the group is still to leave when another group is computed at `place`:
 * both would be in the accumulators at once. */
static bool outlives(const group *group, MlirOperation place) {
  MlirOperation begin = place_of(group);
  MlirOperation at = ptl_op_in_block(place, mlirOperationGetBlock(begin));
  for (int i = 0; i < group->count && !mlirOperationIsNull(at); i++) {
    MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(group->ops[i], 0));
    for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
      if (ptl_op_is_before(begin, at) && ptl_op_is_before(at, mlirOpOperandGetOwner(use))) {
        return true;
      }
    }
  }
  return false;
}

static bool groups_are_apart(const groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 0; j < g->count; j++) {
      if (i != j && outlives(&g->items[i], place_of(&g->items[j]))) {
        return false;
      }
    }
  }
  return true;
}

static bool any_pair(const groups *g) {
  for (int i = 0; i < g->count; i++) {
    if (g->items[i].count > 1) {
      return true;
    }
  }
  return false;
}

typedef struct gain {
  double after, before; /* under the first calibration */
  double worst_after, worst_before;
  const char *worst; /* the calibration with the worst ratio of the two */
  bool pays;
} gain;

static double cycles_of_plans(const groups *g, int rate) {
  double cycles = 0;
  for (int i = 0; i < g->count; i++) {
    const group *group = &g->items[i];
    int64_t times = times_run(group->ops[0]) / group->turns * group->row_tiles;
    cycles += group->plan.cycles[rate] * (double)times;
  }
  return cycles;
}

/* Never slower under any calibration, and faster by more than noise under one. */
static gain modelled_gain(const groups *g) {
  MlirAttribute cycles = ptl_attr(g->func, ptl_attr_cycles);
  gain result = {.pays = true};
  bool faster = false;
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    double after = cycles_of_plans(g, rate);
    double before = mlirAttributeIsNull(cycles) ? 0 : mlirDenseF64ArrayGetElement(cycles, rate);
    if (rate == 0) {
      result.before = before;
      result.after = after;
    }
    if (!result.worst || after * result.worst_before > result.worst_after * before) {
      result.worst = g->session->target->rates[rate].name;
      result.worst_before = before;
      result.worst_after = after;
    }
    result.pays = result.pays && after <= before;
    faster = faster || after < 0.99 * before;
  }
  result.pays = result.pays && faster;
  return result;
}

/* The cycles of the input that a group may take: as much of them as it has of those of all plans. */
static const double *share_of_input(groups *g, const group *group) {
  MlirAttribute cycles = ptl_attr(g->func, ptl_attr_cycles);
  double *share = ptl_arena_array(&g->session->arena, PTL_MAX_RATES, sizeof(*share));
  for (int rate = 0; rate < g->session->target->rate_count; rate++) {
    double before = mlirDenseF64ArrayGetElement(cycles, rate);
    share[rate] = group->plan.cycles[rate] * before / cycles_of_plans(g, rate);
  }
  return share;
}

/* Searches again: for plans that are not slower than the input under any calibration. */
static bool plan_within_input(groups *g) {
  for (int i = 0; i < g->count; i++) {
    g->items[i].reference = share_of_input(g, &g->items[i]);
  }
  for (int i = 0; i < g->count; i++) {
    group *group = &g->items[i];
    ptl_problem problem = group->plan.problem;
    ptl_no_plan why;
    if (search_plan(g, group, &problem, &why) != PTL_OK) {
      return false;
    }
  }
  return true;
}

/* The gain of the plans; of others where these do not pay, and those do. */
static gain best_gain(groups *g) {
  gain first = modelled_gain(g);
  if (first.pays || mlirAttributeIsNull(ptl_attr(g->func, ptl_attr_cycles))) {
    return first;
  }
  group *before = ptl_arena_array(&g->session->arena, (size_t)g->count, sizeof(*before));
  memcpy(before, g->items, (size_t)g->count * sizeof(*before));
  if (plan_within_input(g) && plans_fit(g)) {
    gain second = modelled_gain(g);
    if (second.pays) {
      return second;
    }
  }
  memcpy(g->items, before, (size_t)g->count * sizeof(*before));
  return first;
}

static bool is_imported(const groups *g) { return ptl_has_attr(g->func, ptl_attr_imported); }

static const char too_much[] =
    "its products do not fit beside each other; split the function, or store each group of "
    "products before the next is computed";

/* A kernel stays as it is. */
static ptl_status leave(groups *g, ptl_code code, MlirOperation where, const char *text) {
  bool is_of_sets = g->has_pair || g->session->fuse == PTL_FUSE_OFF;
  ptl_diag_add(&g->session->diags, code, ptl_loc_of(g->session, where), "'%s' is not %s: %s",
               ptl_function_name(g->session, g->func), is_of_sets ? "fused" : "rewritten", text);
  return PTL_OK;
}

/* A function that was made from tensors cannot stay as it is. */
static ptl_status fail(groups *g, ptl_code code, MlirOperation where, const char *text) {
  ptl_diag_add(&g->session->diags, code, ptl_loc_of(g->session, where), "%s", text);
  return PTL_REFUSED;
}

static const char *why_it_does_not_pay(groups *g, const gain *gain) {
  return ptl_arena_printf(&g->session->arena,
                          "%sthe plan is not modelled faster under every calibration (%s: "
                          "%.0f cycles, the input %.0f)",
                          g->has_pair ? "already dual: " : "", gain->worst, gain->worst_after,
                          gain->worst_before);
}

static void announce(groups *g, const gain *gain, MlirOperation where) {
  ptl_session *session = g->session;
  const char *before =
      is_imported(g) ? "" : ptl_arena_printf(&session->arena, ", before at %.0f", gain->before);
  ptl_diag_add(&session->diags, PTL_CODE_FUSED, ptl_loc_of(session, where),
               "'%s' is %s: modelled at %.0f cycles%s", ptl_function_name(session, g->func),
               any_pair(g)      ? "fused"
               : is_imported(g) ? "lowered"
                                : "rewritten",
               gain->after, before);
}

static const char too_many_rows[] =
    "more rows leave than its left operand has, rounded up to 16; store those only";

/* What is wrong with a function that no ptoas compiles, with the place. */
static const char *what_is_broken(groups *g) {
  ptl_str text = ptl_string_attr(g->func, ptl_attr_broken);
  return ptl_arena_copy(&g->session->arena, text.data, text.length);
}

static ptl_status leave_broken(groups *g, MlirOperation where, const char *why) {
  ptl_diag_add(&g->session->diags, PTL_CODE_NOT_REPAIRED, ptl_loc_of(g->session, where),
               "no ptoas compiles '%s' (%s), and it is not repaired: %s",
               ptl_function_name(g->session, g->func), what_is_broken(g), why);
  return PTL_OK;
}

static void announce_repair(groups *g, MlirOperation where) {
  bool is_joined = ptl_has_attr(g->func, ptl_attr_joined);
  const int64_t *used = g->used_bytes;
  ptl_diag_add(&g->session->diags, PTL_CODE_REPAIRED, ptl_loc_of(g->session, where),
               "'%s' is repaired: %s%s; now mat takes %" PRId64 " bytes, left %" PRId64
               ", right %" PRId64 ", acc %" PRId64 "; modelled at %.0f cycles",
               ptl_function_name(g->session, g->func), what_is_broken(g),
               is_joined ? "; accumulators that a move joins are taken for one" : "",
               used[PTL_SPACE_MAT], used[PTL_SPACE_LEFT], used[PTL_SPACE_RIGHT],
               used[PTL_SPACE_ACC], modelled_gain(g).after);
}

/* A function that no ptoas compiles: whatever the model says of the time. */
static ptl_status decide_broken(groups *g, bool *fuse) {
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!plan_groups(g, &why, &where)) {
    return leave_broken(g, where, why.text);
  }
  if (!groups_are_apart(g) || !make_room(g)) {
    return leave_broken(g, where, too_much);
  }
  MlirOperation low = product_of_too_few_rows(g);
  if (!mlirOperationIsNull(low)) {
    return leave_broken(g, low, too_many_rows);
  }
  *fuse = true;
  announce_repair(g, where);
  return PTL_OK;
}

static const char *why_no_pair(const groups *g) {
  return g->count == 1 ? "--rewrite=pairs, and it has one product"
                       : "--rewrite=pairs, and no two of its products share their left operand "
                         "side by side";
}

/* Whether the function is rewritten whatever the model says of the time. */
static bool is_forced(const groups *g) {
  return g->session->fuse == PTL_FUSE_ALWAYS && any_pair(g);
}

static ptl_status decide_kernel(groups *g, bool *fuse) {
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  bool needs_pair = g->session->rewrite == PTL_REWRITE_PAIRS;
  if (g->session->rewrite == PTL_REWRITE_NONE) {
    return leave(g, PTL_CODE_FUSE_OFF, where,
                 g->session->fuse == PTL_FUSE_OFF ? "--fuse=off" : "--rewrite=none");
  }
  if (needs_pair && !g->has_pair) {
    return leave(g, PTL_CODE_NOT_ASKED_FOR, where, why_no_pair(g));
  }
  if (!plan_groups(g, &why, &where) || (needs_pair && !any_pair(g))) {
    return leave(g, PTL_CODE_PAIR_WITHOUT_PLAN, where, why.text);
  }
  if (!groups_are_apart(g) || !make_room(g)) {
    return leave(g, PTL_CODE_PRODUCTS_DO_NOT_FIT, where, too_much);
  }
  MlirOperation low = product_of_too_few_rows(g);
  if (!mlirOperationIsNull(low)) {
    return leave(g, PTL_CODE_TOO_MANY_ROWS, low, too_many_rows);
  }
  gain gain = best_gain(g);
  if (!gain.pays && !is_forced(g)) {
    return leave(g, PTL_CODE_DOES_NOT_PAY, where, why_it_does_not_pay(g, &gain));
  }
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

/* Makes `tiles` groups of the one at `index`, of at most `rows` rows each. */
static void cut_group(groups *g, int index, int tiles, int64_t rows) {
  group whole = g->items[index];
  MlirOperation *products = ptl_arena_array(
      &g->session->arena, (size_t)tiles * (size_t)whole.count, sizeof(*products));
  ptl_cut_rows(g->session, whole.ops, whole.count, rows, products);
  whole.row_tiles = 1;
  for (int tile = 0; tile < tiles; tile++) {
    memcpy(whole.ops, &products[tile * whole.count], (size_t)whole.count * sizeof(*products));
    if (tile == 0) {
      g->items[index] = whole;
    } else {
      insert_group(g, index + tile, &whole);
    }
  }
}

/* Makes a group of each row tile that is planned. */
static void cut_rows(groups *g) {
  for (int i = 0; i < g->count; i++) {
    int tiles = g->items[i].row_tiles;
    if (tiles > 1) {
      cut_group(g, i, tiles, g->items[i].plan.problem.m);
      i += tiles - 1;
    }
  }
}

/* Products of more rows than an accumulator takes, as groups of fewer. */
static void cut_high_groups(groups *g) {
  for (int i = 0; i < g->count; i++) {
    ptl_problem problem;
    if (!group_problem(g, &g->items[i], &problem) || problem.m <= PTL_MAX_ROWS) {
      continue;
    }
    int64_t rows = ptl_row_tile(g->items[i].ops, g->items[i].count, PTL_MAX_ROWS);
    if (rows > 0) {
      int tiles = (int)((problem.m + rows - 1) / rows);
      cut_group(g, i, tiles, rows);
      i += tiles - 1;
    }
  }
}

static ptl_status decide_imported(groups *g, bool *fuse) {
  cut_high_groups(g);
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!plan_groups(g, &why, &where)) {
    return fail(g, why.code, where, why.text);
  }
  if (!groups_are_apart(g) || !make_room(g)) {
    return fail(g, PTL_CODE_NO_PLAN_PRODUCTS, where, too_much);
  }
  gain gain = modelled_gain(g);
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

static const char *why_apart(groups *g, const gain *gain) {
  return ptl_arena_printf(&g->session->arena,
                          "the kernels are better apart: together they are modelled at %.0f "
                          "cycles, one after the other at %.0f (%s); --fuse=always makes one of "
                          "them in any case",
                          gain->worst_after, gain->worst_before, gain->worst);
}

/* Kernels that were merged have no form to go back to. */
static ptl_status decide_merged(groups *g, bool *fuse) {
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!g->has_pair) {
    return fail(g, PTL_CODE_MERGED_WITHOUT_PAIR, where,
                "no two products of the kernels can be computed side by side: they differ in the "
                "extents or the type of their right operands, or stand in different loops");
  }
  if (!plan_groups(g, &why, &where) || !any_pair(g)) {
    return fail(g, why.code, where, why.text);
  }
  if (!groups_are_apart(g) || !make_room(g)) {
    return fail(g, PTL_CODE_NO_PLAN_PRODUCTS, where, too_much);
  }
  MlirOperation low = product_of_too_few_rows(g);
  if (!mlirOperationIsNull(low)) {
    return fail(g, PTL_CODE_MERGED_WITHOUT_PAIR, low, too_many_rows);
  }
  gain gain = best_gain(g);
  if (g->session->fuse == PTL_FUSE_AUTO && !gain.pays) {
    return fail(g, PTL_CODE_BETTER_APART, where, why_apart(g, &gain));
  }
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

/* Whether to rewrite the function; a remark or an error says why not. */
static ptl_status decide(groups *g, bool *fuse) {
  *fuse = false;
  if (ptl_has_attr(g->func, ptl_attr_merged)) {
    return decide_merged(g, fuse);
  }
  if (is_imported(g)) {
    return decide_imported(g, fuse);
  }
  return is_to_be_repaired(g) ? decide_broken(g, fuse) : decide_kernel(g, fuse);
}

/* ---- the rewrite -------------------------------------------------------- */

/* Of compact accumulators and others of as many rows, the others show that both forms are read as
 * they are written. */
static bool all_have(const group *group, const char *name) {
  for (int i = 0; i < group->count; i++) {
    if (!ptl_has_attr(group->ops[i], name)) {
      return false;
    }
  }
  return true;
}

static bool any_has(const group *group, const char *name) {
  for (int i = 0; i < group->count; i++) {
    if (ptl_has_attr(group->ops[i], name)) {
      return true;
    }
  }
  return false;
}

/* Which of the rhs are transposed, where not all are. */
static MlirNamedAttribute transposed_of(groups *g, const group *group) {
  int which[PTL_MAX_RHS];
  for (int i = 0; i < group->count; i++) {
    which[i] = ptl_has_attr(group->ops[i], ptl_attr_rhs_transposed);
  }
  MlirContext context = g->session->context;
  return ptl_named(context, ptl_attr_rhs_transposed,
                   mlirDenseBoolArrayGet(context, group->count, which));
}

static void fuse_group(groups *g, group *group) {
  MlirContext context = g->session->context;
  if (group->turns > 1) {
    ptl_widen(g->session, group->ops, group->count, group->turns);
  }
  if (ptl_plan_cuts_n(&group->plan)) {
    ptl_hoist_stored_parts(g->session, place_of(group), group->ops, group->count);
  }
  ptl_builder builder = ptl_builder_before(&g->session->arena, place_of(group));
  builder.location = mlirOperationGetLocation(group->ops[0]);
  MlirValue operands[1 + PTL_MAX_RHS];
  MlirType results[PTL_MAX_RHS];
  operands[0] = mlirOperationGetOperand(group->ops[0], 0);
  for (int i = 0; i < group->count; i++) {
    operands[1 + i] = mlirOperationGetOperand(group->ops[i], 1);
    results[i] = mlirValueGetType(mlirOperationGetResult(group->ops[i], 0));
  }
  const char *names[] = {"max_rows", ptl_attr_rhs_transposed, ptl_attr_k_blocks, ptl_attr_compact};
  MlirNamedAttribute attributes[7];
  int attribute_count = 0;
  for (int i = 0; i < 4; i++) {
    MlirAttribute value = ptl_attr(group->ops[0], names[i]);
    if (all_have(group, names[i])) {
      attributes[attribute_count++] = ptl_named(context, names[i], value);
    }
  }
  if (any_has(group, ptl_attr_rhs_transposed) && !all_have(group, ptl_attr_rhs_transposed)) {
    attributes[attribute_count++] = transposed_of(g, group);
  }
  if (g->share > 1) {
    attributes[attribute_count++] = ptl_named(context, ptl_attr_share, ptl_int(context, g->share));
  }
  if (group->reference) {
    attributes[attribute_count++] = ptl_named(
        context, ptl_attr_reference,
        mlirDenseF64ArrayGet(context, g->session->target->rate_count, group->reference));
  }
  ptl_op_spec spec = {.id = ptl_dual_acc_id(operands, results, group->count),
                      .operands = operands,
                      .operand_count = 1 + group->count,
                      .results = results,
                      .result_count = group->count,
                      .attributes = attributes,
                      .attribute_count = attribute_count,
                      .value_name = "acc"};
  MlirOperation dual = ptl_build(&builder, &spec);
  for (int i = 0; i < group->count; i++) {
    ptl_replace_uses(mlirOperationGetResult(group->ops[i], 0), mlirOperationGetResult(dual, i));
    mlirOperationDestroy(group->ops[i]);
  }
}

/* Gives the sinks their tiles back and drops what raise-products added. */
static void restore(groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 0; j < g->items[i].count; j++) {
      MlirOperation op = g->items[i].ops[j];
      ptl_replace_uses(mlirOperationGetResult(op, 0), mlirOperationGetOperand(op, 2));
      mlirOperationDestroy(op);
    }
  }
}

static void find_dual(MlirOperation op, void *user) {
  MlirOperation *found = user;
  if (ptl_is_dual_acc(op)) {
    *found = op;
  }
}

static void remark_on_given(ptl_session *session, MlirOperation func) {
  MlirOperation dual = {NULL};
  ptl_for_each_op(func, find_dual, &dual);
  if (!mlirOperationIsNull(dual)) {
    ptl_diag_add(&session->diags, PTL_CODE_GIVEN_AS_DUAL, ptl_loc_of(session, dual),
                 "'%s' was given as matmul_dual_acc and is taken as it is",
                 ptl_function_name(session, func));
  }
}

static ptl_status fuse_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  groups g = {.session = session, .func = func, .share = 1};
  ptl_for_each_op(func, collect, &g);
  if (g.count == 0) {
    remark_on_given(session, func);
    return PTL_OK;
  }
  bool fuse;
  ptl_status status = decide(&g, &fuse);
  if (status != PTL_OK || !fuse) {
    if (status == PTL_OK) {
      restore(&g);
      ptl_erase_dead_ops(session, func);
    }
    return status;
  }
  cut_rows(&g);
  for (int i = 0; i < g.count; i++) {
    fuse_group(&g, &g.items[i]);
  }
  ptl_erase_cube_ops(session, func);
  ptl_erase_dead_ops(session, func);
  ptl_set_unit(func, ptl_attr_changed);
  return PTL_OK;
}

ptl_status ptl_fuse_products(ptl_session *session) {
  return ptl_for_each_function(session, fuse_function, NULL);
}
