/* Collects the products of a function in groups, and cuts groups along their rows. */
#include "passes/groups.h"

#include <string.h>

#include "ir/build.h"
#include "passes/columns.h"
#include "passes/cut_rows.h"
#include "passes/plan_attr.h"

/* Whether no ptoas compiles the function, and that is to be changed. */
bool ptl_groups_are_broken(const ptl_groups *g) {
  return g->session->repairs && ptl_has_attr(g->func, ptl_attr_broken);
}

void ptl_groups_insert(ptl_groups *g, int at, const ptl_group *group) {
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

static bool continues(ptl_session *session, const ptl_group *last, MlirOperation op) {
  MlirOperation before = last->ops[last->count - 1];
  return last->count < PTL_MAX_RHS &&
         mlirBlockEqual(mlirOperationGetBlock(before), mlirOperationGetBlock(op)) &&
         mlirAttributeEqual(ptl_attr(before, ptl_attr_group), ptl_attr(op, ptl_attr_group)) &&
         mlirValueEqual(mlirOperationGetOperand(before, 0), mlirOperationGetOperand(op, 0)) &&
         has_same_elements(session, before, op) &&
         mlirAttributeEqual(ptl_attr(before, ptl_attr_lhs_transposed),
                            ptl_attr(op, ptl_attr_lhs_transposed)) &&
         mlirAttributeEqual(ptl_attr(before, ptl_attr_k_blocks), ptl_attr(op, ptl_attr_k_blocks));
}

void ptl_groups_collect(MlirOperation op, void *user) {
  ptl_groups *g = user;
  if (!ptl_op_is(op, PTL_PTOLOWER_MATMUL)) {
    return;
  }
  if (g->count > 0 && continues(g->session, &g->items[g->count - 1], op) &&
      (g->session->fuse != PTL_FUSE_OFF || ptl_groups_are_broken(g))) {
    ptl_group *last = &g->items[g->count - 1];
    last->ops[last->count++] = op;
    g->has_pair = g->has_pair || !ptl_has_attr(op, ptl_attr_shares_loads);
    return;
  }
  ptl_groups_insert(g, g->count, &(ptl_group){.count = 1, .row_tiles = 1, .turns = 1, .ops = {op}});
}

/* Adds the rhs of another op to a problem. */
static void add_rhs(const ptl_groups *g, MlirOperation op, const ptl_problem *other,
                    ptl_problem *out) {
  if (g->joins_tiles && ptl_has_attr(op, ptl_attr_shares_loads)) {
    out->n[out->rhs_count - 1] += other->n[0];
    return;
  }
  int i = out->rhs_count++;
  out->n[i] = other->n[0];
  out->n_in_memory[i] = other->n_in_memory[0];
  out->rhs_transposed[i] = other->rhs_transposed[0];
}

/* The problem of a whole group: those of its ops side by side. */
bool ptl_group_problem(ptl_groups *g, const ptl_group *group, ptl_problem *out) {
  if (!ptl_problem_of(g->session, group->ops[0], out)) {
    return false;
  }
  out->n_splittable = ptl_leaves_in_columns(g->session, group->ops, group->count);
  for (int i = 1; i < group->count; i++) {
    ptl_problem other;
    if (!ptl_problem_of(g->session, group->ops[i], &other)) {
      return false;
    }
    add_rhs(g, group->ops[i], &other, out);
  }
  return true;
}

/* Halves a group: equal halves have equal plans, which can take turns in one place. */
void ptl_group_halve(ptl_group *first, ptl_group *second) {
  int kept = (first->count + 1) / 2;
  for (int i = kept; i < first->count; i++) {
    second->ops[second->count++] = first->ops[i];
  }
  first->count = kept;
}

/* The op in front of which the group is computed: the first that takes one of its results. */
MlirOperation ptl_group_place(const ptl_group *group) {
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
static bool outlives(const ptl_group *group, MlirOperation place) {
  MlirOperation begin = ptl_group_place(group);
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

bool ptl_groups_are_apart(const ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 0; j < g->count; j++) {
      if (i != j && outlives(&g->items[i], ptl_group_place(&g->items[j]))) {
        return false;
      }
    }
  }
  return true;
}

/* Column tiles that the input loads as one are one product. */
bool ptl_groups_have_pair(const ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 1; j < g->items[i].count; j++) {
      if (!ptl_has_attr(g->items[i].ops[j], ptl_attr_shares_loads)) {
        return true;
      }
    }
  }
  return false;
}

/* Makes `tiles` groups of the one at `index`, of at most `rows` rows each. */
static void cut_group(ptl_groups *g, int index, int tiles, int64_t rows) {
  ptl_group whole = g->items[index];
  MlirOperation *products =
      ptl_arena_array(&g->session->arena, (size_t)tiles * (size_t)whole.count, sizeof(*products));
  ptl_cut_rows(g->session, whole.ops, whole.count, rows, products);
  whole.row_tiles = 1;
  for (int tile = 0; tile < tiles; tile++) {
    memcpy(whole.ops, &products[tile * whole.count], (size_t)whole.count * sizeof(*products));
    if (tile == 0) {
      g->items[index] = whole;
    } else {
      ptl_groups_insert(g, index + tile, &whole);
    }
  }
}

/* Makes a group of each row tile that is planned. */
void ptl_groups_cut_rows(ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    int tiles = g->items[i].row_tiles;
    if (tiles > 1) {
      cut_group(g, i, tiles, g->items[i].plan.problem.m);
      i += tiles - 1;
    }
  }
}

/* Products of more rows than an accumulator takes, as groups of fewer. */
void ptl_groups_cut_high(ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    ptl_problem problem;
    if (!ptl_group_problem(g, &g->items[i], &problem) || problem.m <= PTL_MAX_ROWS) {
      continue;
    }
    int64_t rows = ptl_row_tile(g->items[i].ops, g->items[i].count, PTL_MAX_ROWS);
    if (rows > 0 && !ptl_group_keeps_rhs(g, &g->items[i], rows)) {
      int tiles = (int)((problem.m + rows - 1) / rows);
      cut_group(g, i, tiles, rows);
      i += tiles - 1;
    }
  }
}
