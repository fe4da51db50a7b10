/* raise-products: find the products that kernels compute.
 *
 * Requires: kernels in pto ops (functions made from tensors are passed over).
 * Produces: in front of the first sink of each group of products, their operands as
 *   parts of views; in front of each product's first sink a ptolower.matmul, which names
 *   the tile that holds the product there and its group; the sinks use its result. The original
 * code stays: it is what the tile operand stands for. Loops around sinks are marked with how often
 * they run, where that is known of bounds that are no constants. Functions with products are marked
 * with their modelled cycles, their effects, the arguments taken to be non-negative, whether they
 * are level2, and why no ptoas compiles them, if none does. Leaves alone: functions that the walk
 * cannot follow (PTL100 to PTL103), and those with a product that has to be computed where and as
 * it is (PTL117 to PTL119, PTL122, PTL126 to PTL128).
 */
#include <string.h>

#include "check/check.h"
#include "ir/build.h"
#include "kernel/describe.h"
#include "passes/loops.h"
#include "passes/outcomes.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "passes/raise_build.h"

/* Says what becomes of the function, and why. */
static void say(ptl_raiser *r, ptl_code code, const char *what, const ptl_reason *why) {
  ptl_session *session = r->session;
  ptl_diag_add(&session->diags, code, ptl_loc_of(session, why->op->op), "'%s' is %s: %s",
               r->kernel->name, what, why->text);
  if (why->other) {
    ptl_diag_note(&session->diags, ptl_loc_of(session, why->other->op), "%s here",
                  ptl_op_text(&session->arena, r->kernel, why->other));
  }
}

static void explain(ptl_raiser *r, const ptl_reason *why) {
  bool is_wrong = ptl_fault_is_error(why->code);
  say(r, is_wrong ? PTL_CODE_KERNEL_WRONG : PTL_CODE_PASSED_THROUGH, "passed through", why);
}

/* Whether a rewritten function has ops of its own in place of this one. */
static bool is_replaced(const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_ALLOC:
  case PTL_OP_ALLOC_MULTI:
  case PTL_OP_SLOT:
  case PTL_OP_VALIDSHAPE:
  case PTL_OP_LOAD:
  case PTL_OP_EXTRACT:
  case PTL_OP_MOVE:
  case PTL_OP_MATMUL:
  case PTL_OP_MATMUL_ACC:
    return true;
  default:
    return false;
  }
}

static bool allocates_cube_tile(const ptl_raiser *r, const ptl_op *op) {
  return (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) &&
         ptl_is_cube_space(r->kernel->values[op->first_result].tile.space);
}

/* Whether no ptoas compiles the kernel for this, or it cannot work, for a path, a size or a place
 * that a rewritten one does not have. */
static bool is_mended(const ptl_raiser *r, const ptl_finding *finding) {
  switch (finding->fault) {
  case PTL_CODE_TILE_TOO_LARGE:
  case PTL_CODE_TILES_DO_NOT_FIT:
    return allocates_cube_tile(r, finding->op);
  case PTL_CODE_OUTSIDE_OF_BUFFER:
    return r->session->repairs && allocates_cube_tile(r, finding->op);
  case PTL_CODE_NO_PATH:
    return r->session->repairs && finding->op->kind == PTL_OP_MOVE;
  default:
    return false;
  }
}

/* Whether what is found in the input would be found in the output, too. How large tiles are, how
 * they are synchronised and what ptoas asks of the ops that move them is the output's own affair.
 */
static bool outlives_rewriting(const ptl_raiser *r, const ptl_finding *finding) {
  switch (finding->fault) {
  case PTL_CODE_NOT_FOLLOWED:
    return !r->stays;
  case PTL_CODE_PTOAS_VERIFIER:
    return !is_replaced(finding->op);
  default:
    return !is_mended(r, finding) && !ptl_fault_is_of_flags(finding->fault) &&
           !ptl_fault_is_of_others(finding->fault) && !ptl_fault_is_shared(finding->fault);
  }
}

/* Notes in the function what a rewrite would mend, with the place of it in the user's file. */
static void record_broken(ptl_raiser *r, const ptl_finding *finding) {
  ptl_loc loc = ptl_loc_of(r->session, finding->op->op);
  const char *text =
      ptl_arena_printf(&r->session->arena, "%d:%d: %s", loc.line, loc.column, finding->text);
  ptl_set_attr(r->kernel->func, ptl_attr_broken, ptl_string(r->session->context, ptl_str_of(text)));
}

/* The flags that ptoas puts into the input; NULL: not known. */
static const ptl_inserted *flags_of(const ptl_raiser *r) {
  return r->survey.is_whole ? ptl_inserted_flags(&r->session->arena, r->kernel, r->session->target,
                                                 &r->survey.noted)
                            : NULL;
}

/* Checks the input, and takes its time along the same walk. */
static ptl_findings check(ptl_raiser *r, ptl_arena *arena) {
  const ptl_target *target = r->session->target;
  ptl_clocks *clocks = ptl_clocks_new(&r->session->arena, r->kernel, target, flags_of(r));
  ptl_findings findings = ptl_check_heard(arena, r->kernel, target, ptl_clocks_listen, clocks);
  r->cost = ptl_clocks_end(clocks, !findings.is_long);
  r->is_timed = true;
  return findings;
}

/* Whether the check has something against the input that would be said of the output; it is
 * explained. If it has not, but something that a rewrite would mend, that is noted. */
static bool has_own_fault(ptl_raiser *r) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_findings findings = check(r, &arena);
  const ptl_finding *found = NULL, *mended = NULL;
  for (int i = 0; i < findings.count && !found; i++) {
    const ptl_finding *finding = &findings.items[i];
    found = outlives_rewriting(r, finding) ? finding : NULL;
    mended = !mended && is_mended(r, finding) ? finding : mended;
  }
  if (found) {
    const ptl_reason why = {found->fault, found->text, found->op, found->other};
    explain(r, &why);
  } else if (mended) {
    record_broken(r, mended);
  }
  ptl_arena_free(&arena);
  return found != NULL;
}

/* A function that is followed, and cannot be computed in another way. */
static void leave(ptl_raiser *r, const ptl_reason *why) {
  ptl_session *session = r->session;
  ptl_str broken = ptl_string_attr(r->kernel->func, ptl_attr_broken);
  if (broken.length == 0 || !session->repairs) {
    say(r, why->code, "not fused", why);
    return;
  }
  ptl_diag_add(&session->diags, PTL_CODE_NOT_REPAIRED, ptl_loc_of(session, why->op->op),
               "no ptoas compiles '%s' (%.*s), and it is not repaired: %s", r->kernel->name,
               (int)broken.length, broken.data, why->text);
}

/* Whether ptoas may refuse the function for what a rewrite would mend. */
static bool may_be_broken(const ptl_raiser *r, const ptl_products *products) {
  return products->count > 0 && (products->cannot_work || !r->kernel->has_addresses);
}

/* Whether the function is one that the way to rewrite takes, whatever comes of it. */
static bool may_be_rewritten(const ptl_raiser *r, const ptl_products *products) {
  return products->count > 1 || ptl_has_attr(r->kernel->func, ptl_attr_merge) ||
         (products->count > 0 && r->session->rewrite == PTL_REWRITE_ALL);
}

static bool group_is_available(ptl_raiser *r, const ptl_products *products, int first, int last) {
  r->builder = ptl_builder_before(r->session, products->items[first].sinks[0]->op);
  for (int i = first; i < last; i++) {
    if (!ptl_raise_can_build(r, &products->items[i])) {
      ptl_diag_add(&r->session->diags, PTL_CODE_OFFSET_NOT_KNOWN,
                   ptl_loc_of(r->session, products->items[i].sum->first->op),
                   "'%s' is passed through: the offsets of this product are not known where "
                   "its results leave",
                   r->kernel->name);
      return false;
    }
  }
  return true;
}

static int end_of_group(const ptl_products *products, int first) {
  int last = first + 1;
  while (last < products->count && products->items[last].group == products->items[first].group) {
    last++;
  }
  return last;
}

/* Groups of more products than a plan takes are cut. */
static void limit_groups(ptl_products *products) {
  int length = 0, shift = 0;
  for (int i = 0; i < products->count; i++) {
    bool same = i > 0 && products->items[i].group + shift == products->items[i - 1].group;
    length = same ? length + 1 : 1;
    if (length > PTL_MAX_RHS) {
      shift++;
      length = 1;
    }
    products->items[i].group += shift;
  }
}

/* The modelled time of the input; taken when it was checked, if it was. */
static ptl_cost cost_of(const ptl_raiser *r) {
  return r->is_timed
             ? r->cost
             : ptl_kernel_cost_with(&r->session->arena, r->kernel, r->session->target, flags_of(r));
}

static void record_cycles(ptl_raiser *r) {
  const ptl_cost cost = cost_of(r);
  double cycles[PTL_MAX_RATES];
  int count = r->session->target->rate_count;
  for (int i = 0; i < count; i++) {
    cycles[i] = cost.times[i].cycles;
  }
  if (cost.is_complete) {
    ptl_set_attr(r->kernel->func, ptl_attr_cycles,
                 mlirDenseF64ArrayGet(r->session->context, count, cycles));
  }
  if (cost.is_complete && cost.has_open_loops) {
    ptl_set_attr(r->kernel->func, ptl_attr_turns,
                 mlirDenseF64ArrayGet(r->session->context, count, cost.turns));
  }
}

static void count_instruction(MlirOperation op, void *user) {
  int64_t *count = user;
  *count += ptl_op_row_of(op)->pipe != PTL_SYNC_PIPE_NONE;
}

static void record_instructions(const ptl_raiser *r) {
  int64_t count = 0;
  ptl_for_each_op(r->kernel->func, count_instruction, &count);
  ptl_set_attr(r->kernel->func, ptl_attr_length, ptl_int(r->session->context, count));
}

/* How often loops run whose bounds are no constants. */
static void record_loops(const ptl_raiser *r, const ptl_products *products) {
  for (int i = 0; i < products->loop_count; i++) {
    MlirOperation loop = products->loops[i].op->op;
    if (ptl_trip_count(loop) < 0) {
      ptl_set_attr(loop, ptl_attr_loop_turns,
                   ptl_int(r->session->context, products->loops[i].turns));
    }
  }
}

/* What the function does, for the proof that its rewritten form does the same; false: that is not
 * known. */
static bool record_effects(ptl_raiser *r) {
  const ptl_effects effects = r->survey.effects;
  if (!effects.is_complete) {
    return false;
  }
  MlirAttribute *lines = ptl_arena_array(&r->session->arena, (size_t)effects.count, sizeof(*lines));
  for (int i = 0; i < effects.count; i++) {
    lines[i] = ptl_string(r->session->context, ptl_str_of(effects.lines[i]));
  }
  ptl_set_attr(r->kernel->func, ptl_attr_effects,
               mlirArrayAttrGet(r->session->context, effects.count, lines));
  return true;
}

/* Arguments that the walk took to be non-negative. */
static void record_assumptions(ptl_raiser *r) {
  MlirAttribute *names =
      ptl_arena_array(&r->session->arena, (size_t)r->exprs.atom_count, sizeof(*names));
  int count = 0;
  MlirAttribute all = ptl_attr(r->kernel->func, ptl_attr_names);
  for (int i = 0; i < r->exprs.atom_count; i++) {
    const ptl_atom *atom = &r->exprs.atoms[i];
    if (atom->op == PTL_EXPR_LEAF && atom->assumed &&
        atom->leaf < r->kernel->body->argument_count && !mlirAttributeIsNull(all)) {
      names[count++] = mlirArrayAttrGetElement(all, atom->leaf);
    }
  }
  if (count > 0) {
    ptl_set_attr(r->kernel->func, ptl_attr_assumes,
                 mlirArrayAttrGet(r->session->context, count, names));
  }
}

static ptl_status raise_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  if (ptl_has_attr(func, ptl_attr_imported) || !ptl_is_wanted(session, func)) {
    return PTL_OK;
  }
  ptl_raiser r = {.session = session, .kernel = ptl_kernel_decode(&session->arena, func)};
  if (!r.kernel->has_tiles) {
    return PTL_OK;
  }
  ptl_outcome_open(session, r.kernel);
  if (ptl_has_branches(func)) {
    ptl_diag_add(&session->diags, PTL_CODE_PASSED_THROUGH, ptl_loc_of(session, func),
                 "'%s' is passed through: the function branches between blocks", r.kernel->name);
    return PTL_OK;
  }
  ptl_exprs_init(&r.exprs, &session->arena);
  r.survey = ptl_kernel_survey(&session->arena, r.kernel, session->target, &r.exprs);
  ptl_products products = r.survey.products;
  if (products.why.text) {
    explain(&r, &products.why);
    return PTL_OK;
  }
  ptl_outcome_set_products(session, func, &products);
  r.stays = products.stays.text != NULL;
  bool is_checked = may_be_broken(&r, &products);
  if (is_checked && has_own_fault(&r)) {
    return PTL_OK;
  }
  if (products.stays.text) {
    leave(&r, &products.stays);
    return PTL_OK;
  }
  if (!is_checked && may_be_rewritten(&r, &products) && has_own_fault(&r)) {
    return PTL_OK;
  }
  limit_groups(&products);
  for (int first = 0; first < products.count; first = end_of_group(&products, first)) {
    if (!group_is_available(&r, &products, first, end_of_group(&products, first))) {
      return PTL_OK;
    }
  }
  if (products.count > 0 && !record_effects(&r)) {
    ptl_diag_add(&session->diags, PTL_CODE_EFFECT_NOT_KNOWN, ptl_loc_of(session, func),
                 "'%s' is passed through: what it does cannot be told apart from what another "
                 "function does, so that a rewrite could not be proved",
                 r.kernel->name);
    return PTL_OK;
  }
  if (products.count > 0) {
    record_cycles(&r);
    record_instructions(&r);
    record_loops(&r, &products);
    record_assumptions(&r);
    if (!r.kernel->has_addresses) {
      ptl_set_unit(func, ptl_attr_level2);
    }
  }
  for (int first = 0; first < products.count; first = end_of_group(&products, first)) {
    ptl_raise_build(&r, &products, first, end_of_group(&products, first));
  }
  return PTL_OK;
}

ptl_status ptl_raise_products(ptl_session *session) {
  return ptl_for_each_function(session, raise_function, NULL);
}
