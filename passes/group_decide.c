/* Decides whether the products of a function are computed anew, and says so: a kernel may stay as
 * it is; a function on tensors, and kernels that were merged, cannot. */
#include <inttypes.h>
#include <string.h>

#include "ir/build.h"
#include "passes/compact.h"
#include "passes/group_time.h"
#include "passes/groups.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"

/* A product whose sinks take rows that it does not write; null if there is none. */
static MlirOperation product_of_too_few_rows(ptl_groups *g) {
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

static bool is_imported(const ptl_groups *g) { return ptl_has_attr(g->func, ptl_attr_imported); }

static const char too_much[] =
    "its products do not fit beside each other; split the function, or store each group of "
    "products before the next is computed";

/* A kernel stays as it is. */
static ptl_status leave(ptl_groups *g, ptl_code code, MlirOperation where, const char *text) {
  bool is_of_sets = g->has_pair || g->session->fuse == PTL_FUSE_OFF;
  ptl_diag_add(&g->session->diags, code, ptl_loc_of(g->session, where), "'%s' is not %s: %s",
               ptl_function_name(g->session, g->func), is_of_sets ? "fused" : "rewritten", text);
  return PTL_OK;
}

/* A function that was made from tensors cannot stay as it is. */
static ptl_status fail(ptl_groups *g, ptl_code code, MlirOperation where, const char *text) {
  ptl_diag_add(&g->session->diags, code, ptl_loc_of(g->session, where), "%s", text);
  return PTL_REFUSED;
}

static const char *why_it_does_not_pay(ptl_groups *g, const ptl_gain *gain) {
  return ptl_arena_printf(&g->session->arena,
                          "%sthe plan is not modelled faster under every calibration (%s: "
                          "%.0f cycles, the input %.0f%s)",
                          g->has_pair ? "already dual: " : "", gain->worst.calibration,
                          gain->worst.after, gain->worst.before,
                          gain->worst.is_of_turn ? ", for each turn of its loops" : "");
}

/* What the times of a comparison are of, if not of all. */
static const char *of_what(const ptl_comparison *c) {
  return c->is_of_turn ? " (for each turn of its loops)" : "";
}

static void announce(ptl_groups *g, const ptl_gain *gain, MlirOperation where) {
  ptl_session *session = g->session;
  /* The plan's time leaves out vector ops, which a function of no kind may have. */
  if (gain->is_close || !ptl_has_attr(g->func, "pto.kernel_kind")) {
    ptl_set_unit(g->func, ptl_attr_close);
  }
  const char *before = is_imported(g) ? ""
                                      : ptl_arena_printf(&session->arena, ", before at %.0f%s",
                                                         gain->first.before, of_what(&gain->first));
  ptl_diag_add(&session->diags, PTL_CODE_FUSED, ptl_loc_of(session, where),
               "'%s' is %s: modelled at %.0f cycles%s", ptl_function_name(session, g->func),
               ptl_groups_have_pair(g) ? "fused"
               : is_imported(g)        ? "lowered"
                                       : "rewritten",
               gain->first.after, before);
}

static const char too_many_rows[] =
    "more rows leave than its left operand has, rounded up to 16; store those only";

/* What is wrong with a function that no ptoas compiles, with the place. */
static const char *what_is_broken(ptl_groups *g) {
  ptl_str text = ptl_string_attr(g->func, ptl_attr_broken);
  return ptl_arena_copy(&g->session->arena, text.data, text.length);
}

static ptl_status leave_broken(ptl_groups *g, MlirOperation where, const char *why) {
  ptl_diag_add(&g->session->diags, PTL_CODE_NOT_REPAIRED, ptl_loc_of(g->session, where),
               "no ptoas compiles '%s' (%s), and it is not repaired: %s",
               ptl_function_name(g->session, g->func), what_is_broken(g), why);
  return PTL_OK;
}

static void announce_repair(ptl_groups *g, MlirOperation where) {
  bool is_joined = ptl_has_attr(g->func, ptl_attr_joined);
  const int64_t *used = g->used_bytes;
  ptl_gain gain = ptl_groups_gain(g);
  ptl_diag_add(&g->session->diags, PTL_CODE_REPAIRED, ptl_loc_of(g->session, where),
               "'%s' is repaired: %s%s; now mat takes %" PRId64 " bytes, left %" PRId64
               ", right %" PRId64 ", acc %" PRId64 "; modelled at %.0f cycles%s",
               ptl_function_name(g->session, g->func), what_is_broken(g),
               is_joined ? "; accumulators that a move joins are taken for one" : "",
               used[PTL_SPACE_MAT], used[PTL_SPACE_LEFT], used[PTL_SPACE_RIGHT],
               used[PTL_SPACE_ACC], gain.first.after, of_what(&gain.first));
}

/* A function that no ptoas compiles: whatever the model says of the time. */
static ptl_status decide_broken(ptl_groups *g, bool *fuse) {
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!ptl_groups_plan(g, &why, &where)) {
    return leave_broken(g, where, why.text);
  }
  if (!ptl_groups_are_apart(g) || !ptl_groups_make_room(g)) {
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

/* A column tile whose rows get short where it is loaded by itself; null if there is none. */
static MlirOperation short_tile(ptl_groups *g, int64_t *row_bytes) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 1; j < g->items[i].count; j++) {
      MlirOperation op = g->items[i].ops[j];
      ptl_problem p;
      if (ptl_has_attr(op, ptl_attr_shares_loads) && ptl_problem_of(g->session, op, &p) &&
          !p.rhs_transposed[0]) {
        *row_bytes = p.n[0] * ptl_elem_bytes(p.rhs);
        if (*row_bytes < PTL_LEAST_ROW_BYTES) {
          return op;
        }
      }
    }
  }
  return (MlirOperation){NULL};
}

static ptl_status leave_as_one(ptl_groups *g, MlirOperation tile, int64_t row_bytes) {
  return leave(g, PTL_CODE_DOES_NOT_PAY, tile,
               ptl_arena_printf(&g->session->arena,
                                "column tiles of one weight that are loaded together have rows of "
                                "%" PRId64 " bytes each; apart, these are bursts so short that no "
                                "calibration tells their time",
                                row_bytes));
}

/* Column tiles that the input loads as one are a way to compute one product: that of our own
 * output, too. So they are cut anew only if the whole product gains by a plan. Whole products
 * without a plan say nothing. */
static bool pays_as_one(const ptl_groups *g) {
  ptl_groups whole = *g;
  ptl_no_plan why = {0};
  MlirOperation where;
  whole.joins_tiles = true;
  whole.items = ptl_arena_array(&g->session->arena, (size_t)g->count, sizeof(*whole.items));
  memcpy(whole.items, g->items, (size_t)g->count * sizeof(*whole.items));
  whole.capacity = g->count;
  return !ptl_groups_plan(&whole, &why, &where) || !ptl_groups_make_room(&whole) ||
         ptl_groups_best_gain(&whole).pays;
}

static bool has_shared_loads(const ptl_groups *g) {
  for (int i = 0; i < g->count; i++) {
    for (int j = 1; j < g->items[i].count; j++) {
      if (ptl_has_attr(g->items[i].ops[j], ptl_attr_shares_loads)) {
        return true;
      }
    }
  }
  return false;
}

/* Why what is written would be too long; NULL: it is not. */
static const char *why_too_long(const ptl_groups *g) {
  MlirAttribute length = ptl_attr(g->func, ptl_attr_length);
  int64_t before = mlirAttributeIsNull(length) ? 0 : mlirIntegerAttrGetValueInt(length);
  int64_t after = ptl_groups_instructions(g);
  if (after <= PTL_MAX_TEXT_OF_ALL || after <= before) {
    return NULL;
  }
  return ptl_arena_printf(&g->session->arena,
                          "its %d plans are %" PRId64
                          " instructions together, and the input is %" PRId64
                          "; ptoas takes long for more than %d",
                          g->count, after, before, PTL_MAX_TEXT_OF_ALL);
}

static const char not_as_one[] = "column tiles of one weight that are loaded together are one "
                                 "product, which no plan is modelled "
                                 "to compute faster";

static const char *why_no_pair(const ptl_groups *g) {
  return g->count == 1 ? "--rewrite=pairs, and it has one product"
                       : "--rewrite=pairs, and no two of its products share their left operand "
                         "side by side";
}

/* Whether the function is rewritten whatever the model says of the time. */
static bool is_forced(const ptl_groups *g) {
  return g->session->fuse == PTL_FUSE_ALWAYS && ptl_groups_have_pair(g);
}

/* Why a run before this one has found the plan to be slower than the input; NULL: it has not. */
static const char *why_slower_as_written(const ptl_groups *g) {
  const char *name = ptl_function_name(g->session, g->func);
  for (const ptl_slower *at = g->session->slower; at; at = at->next) {
    if (strcmp(at->function, name) == 0) {
      return at->why;
    }
  }
  return NULL;
}

static ptl_status decide_kernel(ptl_groups *g, bool *fuse) {
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
  const char *slower = why_slower_as_written(g);
  if (slower) {
    return leave(g, PTL_CODE_DOES_NOT_PAY, where, slower);
  }
  if (!ptl_groups_plan(g, &why, &where) || (needs_pair && !ptl_groups_have_pair(g))) {
    return leave(g, PTL_CODE_PAIR_WITHOUT_PLAN, where, why.text);
  }
  if (!ptl_groups_are_apart(g) || !ptl_groups_make_room(g)) {
    return leave(g, PTL_CODE_PRODUCTS_DO_NOT_FIT, where, too_much);
  }
  MlirOperation low = product_of_too_few_rows(g);
  if (!mlirOperationIsNull(low)) {
    return leave(g, PTL_CODE_TOO_MANY_ROWS, low, too_many_rows);
  }
  int64_t row_bytes;
  MlirOperation tile = short_tile(g, &row_bytes);
  if (!mlirOperationIsNull(tile) && !is_forced(g)) {
    return leave_as_one(g, tile, row_bytes);
  }
  ptl_gain gain = ptl_groups_best_gain(g);
  if (!gain.pays && !is_forced(g)) {
    return leave(g, PTL_CODE_DOES_NOT_PAY, where, why_it_does_not_pay(g, &gain));
  }
  const char *too_long = is_forced(g) ? NULL : why_too_long(g);
  if (too_long) {
    return leave(g, PTL_CODE_DOES_NOT_PAY, where, too_long);
  }
  if (has_shared_loads(g) && !is_forced(g) && !pays_as_one(g)) {
    return leave(g, PTL_CODE_DOES_NOT_PAY, where, not_as_one);
  }
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

static ptl_status decide_imported(ptl_groups *g, bool *fuse) {
  ptl_groups_cut_high(g);
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!ptl_groups_plan(g, &why, &where)) {
    return fail(g, why.code, where, why.text);
  }
  if (!ptl_groups_are_apart(g) || !ptl_groups_make_room(g)) {
    return fail(g, PTL_CODE_NO_PLAN_PRODUCTS, where, too_much);
  }
  ptl_groups_improve(g);
  ptl_gain gain = ptl_groups_gain(g);
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

static const char *why_apart(ptl_groups *g, const ptl_gain *gain) {
  return ptl_arena_printf(&g->session->arena,
                          "the kernels are faster apart: as one they are modelled at %.0f "
                          "cycles, one after the other at %.0f (%s); --fuse=always makes one of "
                          "them in any case",
                          gain->worst.after, gain->worst.before, gain->worst.calibration);
}

/* Kernels that were merged have no form to go back to. */
static ptl_status decide_merged(ptl_groups *g, bool *fuse) {
  MlirOperation where = g->items[0].ops[0];
  ptl_no_plan why = {0};
  if (!g->has_pair) {
    return fail(g, PTL_CODE_MERGED_WITHOUT_PAIR, where,
                "no two products of the kernels can be computed side by side: they differ in the "
                "extents or the type of their right operands, or stand in different loops");
  }
  if (!ptl_groups_plan(g, &why, &where) || !ptl_groups_have_pair(g)) {
    return fail(g, why.code, where, why.text);
  }
  if (!ptl_groups_are_apart(g) || !ptl_groups_make_room(g)) {
    return fail(g, PTL_CODE_NO_PLAN_PRODUCTS, where, too_much);
  }
  MlirOperation low = product_of_too_few_rows(g);
  if (!mlirOperationIsNull(low)) {
    return fail(g, PTL_CODE_MERGED_WITHOUT_PAIR, low, too_many_rows);
  }
  if (ptl_groups_are_broken(g)) {
    *fuse = true;
    announce_repair(g, where);
    return PTL_OK;
  }
  ptl_gain gain = ptl_groups_best_gain(g);
  if (g->session->fuse == PTL_FUSE_AUTO && !gain.pays) {
    return fail(g, PTL_CODE_BETTER_APART, where, why_apart(g, &gain));
  }
  *fuse = true;
  announce(g, &gain, where);
  return PTL_OK;
}

/* Whether to rewrite the function; a remark or an error says why not. */
ptl_status ptl_groups_decide(ptl_groups *g, bool *fuse) {
  *fuse = false;
  if (ptl_has_attr(g->func, ptl_attr_merged)) {
    return decide_merged(g, fuse);
  }
  if (is_imported(g)) {
    return decide_imported(g, fuse);
  }
  return ptl_groups_are_broken(g) ? decide_broken(g, fuse) : decide_kernel(g, fuse);
}
