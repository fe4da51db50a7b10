/* raise-products: find the products that kernels compute.
 *
 * Requires: kernels in pto ops (functions made from tensors are passed over).
 * Produces: in front of the first sink of each group of products, their operands as
 *   parts of views; in front of each product's first sink a ptolower.matmul, which names
 *   the tile that holds the product there and its group; the sinks use its result. The original
 * code stays: it is what the tile operand stands for. Functions with products are marked with their
 * modelled cycles, their effects, the arguments taken to be non-negative, whether they are
 * level2, and why no ptoas compiles them, if none does. Leaves alone: functions that the walk
 * cannot follow (PTL100 to PTL103), and those with a product that has to be computed where and as
 * it is (PTL117 to PTL119, PTL122, PTL126 to PTL128).
 */
#include <inttypes.h>
#include <string.h>

#include "check/check.h"
#include "ir/build.h"
#include "kernel/describe.h"
#include "passes/compact.h"
#include "passes/outcomes.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"
#include "summary/cost.h"
#include "summary/effects.h"
#include "summary/products.h"

typedef struct raiser {
  ptl_session *session;
  const ptl_kernel *kernel;
  bool stays; /* its products are known, and cannot be computed in another way */
  ptl_exprs exprs;
  ptl_builder builder;
} raiser;

/* ---- expressions as ops ------------------------------------------------- */

static bool is_available(const raiser *r, int value) {
  if (value >= r->kernel->value_count) {
    return false; /* a value of one iteration of a loop */
  }
  MlirValue mlir = r->kernel->values[value].value;
  MlirBlock home = mlirValueIsAOpResult(mlir) ? mlirOperationGetBlock(mlirOpResultGetOwner(mlir))
                                              : mlirBlockArgumentGetOwner(mlir);
  MlirOperation here = ptl_op_in_block(r->builder.before, home);
  if (mlirOperationIsNull(here)) {
    return false;
  }
  return !mlirValueIsAOpResult(mlir) || ptl_op_is_before(mlirOpResultGetOwner(mlir), here);
}

static bool expr_is_available(const raiser *r, ptl_expr expr) {
  const ptl_expr_node *node = &r->exprs.nodes[expr];
  for (int i = 0; i < node->term_count; i++) {
    const ptl_atom *atom = &r->exprs.atoms[node->terms[i].atom];
    bool available = atom->op == PTL_EXPR_LEAF
                         ? is_available(r, atom->leaf)
                         : expr_is_available(r, atom->a) && expr_is_available(r, atom->b);
    if (!available) {
      return false;
    }
  }
  return true;
}

static MlirValue build_expr(const raiser *r, ptl_expr expr);

static MlirValue build_atom(const raiser *r, const ptl_atom *atom) {
  static const ptl_op_id ids[] = {
      [PTL_EXPR_MUL] = PTL_ARITH_MULI,  [PTL_EXPR_DIV] = PTL_ARITH_DIVSI,
      [PTL_EXPR_REM] = PTL_ARITH_REMSI, [PTL_EXPR_MAX] = PTL_ARITH_MAXSI,
      [PTL_EXPR_MIN] = PTL_ARITH_MINSI,
  };
  if (atom->op != PTL_EXPR_LEAF) {
    MlirValue a = build_expr(r, atom->a);
    return ptl_build_binary(&r->builder, ids[atom->op], a, build_expr(r, atom->b));
  }
  MlirValue value = r->kernel->values[atom->leaf].value;
  MlirType index = mlirIndexTypeGet(r->session->context);
  if (mlirTypeIsAIndex(mlirValueGetType(value))) {
    return value;
  }
  ptl_op_spec spec = {.id = PTL_ARITH_INDEX_CAST,
                      .operands = &value,
                      .operand_count = 1,
                      .results = &index,
                      .result_count = 1};
  return mlirOperationGetResult(ptl_build(&r->builder, &spec), 0);
}

static MlirValue build_term(const raiser *r, ptl_term term) {
  MlirValue value = build_atom(r, &r->exprs.atoms[term.atom]);
  if (term.coefficient == 1) {
    return value;
  }
  return ptl_build_binary(&r->builder, PTL_ARITH_MULI, value,
                          ptl_build_index(&r->builder, term.coefficient));
}

static MlirValue build_expr(const raiser *r, ptl_expr expr) {
  const ptl_expr_node *node = &r->exprs.nodes[expr];
  if (node->term_count == 0) {
    return ptl_build_index(&r->builder, node->constant);
  }
  MlirValue sum = build_term(r, node->terms[0]);
  for (int i = 1; i < node->term_count; i++) {
    sum = ptl_build_binary(&r->builder, PTL_ARITH_ADDI, sum, build_term(r, node->terms[i]));
  }
  if (node->constant != 0) {
    sum = ptl_build_binary(&r->builder, PTL_ARITH_ADDI, sum,
                           ptl_build_index(&r->builder, node->constant));
  }
  return sum;
}

/* An offset: the sign rule may have taken a clamp away, so that it is put back. */
static MlirValue build_offset(const raiser *r, ptl_expr expr) {
  MlirValue value = build_expr(r, expr);
  if (r->exprs.nodes[expr].term_count == 0) {
    return value;
  }
  return ptl_build_binary(&r->builder, PTL_ARITH_MAXSI, value, ptl_build_index(&r->builder, 0));
}

/* ---- products as ops ---------------------------------------------------- */

typedef struct part_spec {
  const ptl_region *region; /* any of the matrix */
  ptl_expr row, col, rows, cols;
} part_spec;

static part_spec lhs_part(raiser *r, const ptl_product *product) {
  const ptl_sum *sum = product->sum;
  ptl_expr k = ptl_expr_const(&r->exprs, product->k.length);
  if (sum->lhs_transposed) {
    ptl_region *in_memory = ptl_arena_alloc(&r->session->arena, sizeof(*in_memory));
    *in_memory = ptl_region_turned(&sum->lhs);
    return (part_spec){in_memory, product->k.lhs_k, sum->lhs.row, k, sum->m};
  }
  return (part_spec){&sum->lhs, sum->lhs.row, product->k.lhs_k, sum->m, k};
}

static part_spec rhs_part(raiser *r, const ptl_product *product) {
  const ptl_sum *sum = product->sum;
  ptl_expr k = ptl_expr_const(&r->exprs, product->k.length);
  if (sum->rhs_transposed) {
    return (part_spec){&sum->rhs, sum->rhs.row, product->k.rhs_k, sum->n, k};
  }
  return (part_spec){&sum->rhs, product->k.rhs_k, sum->rhs.col, k, sum->n};
}

/* Whether the view can be used, or made again from its pointer. */
static bool view_is_available(const raiser *r, const ptl_region *region) {
  return (!region->is_remade && is_available(r, region->view)) ||
         (is_available(r, region->root) && expr_is_available(r, region->view_rows) &&
          expr_is_available(r, region->view_cols) && expr_is_available(r, region->row_stride) &&
          expr_is_available(r, region->col_stride));
}

static bool part_is_available(const raiser *r, const part_spec *part) {
  return view_is_available(r, part->region) && expr_is_available(r, part->row) &&
         expr_is_available(r, part->col) && expr_is_available(r, part->rows) &&
         expr_is_available(r, part->cols);
}

static const char *extent_text(const raiser *r, ptl_expr expr) {
  int64_t value;
  return ptl_expr_is_const(&r->exprs, expr, &value)
             ? ptl_arena_printf(&r->session->arena, "%" PRId64, value)
             : "?";
}

static MlirType matrix_type(const raiser *r, ptl_elem elem) {
  return ptl_type(
      r->session->context,
      ptl_arena_printf(&r->session->arena, "!pto.tensor_view<?x?x%s>", ptl_elem_name(elem)));
}

static MlirValue build_view(const raiser *r, const ptl_region *region) {
  MlirValue old = r->kernel->values[region->view].value;
  if (!region->is_remade && is_available(r, region->view)) {
    return old;
  }
  MlirOperation op = mlirOpResultGetOwner(old);
  MlirValue operands[5] = {r->kernel->values[region->root].value, build_expr(r, region->view_rows),
                           build_expr(r, region->view_cols), build_expr(r, region->row_stride),
                           build_expr(r, region->col_stride)};
  MlirType type = region->is_remade ? matrix_type(r, region->elem) : mlirValueGetType(old);
  MlirAttribute layout =
      region->is_remade ? ptl_layout_nd(r->session->context) : ptl_attr(op, "layout");
  return ptl_build_view(&r->builder, operands, type, layout,
                        ptl_loc_parts_of(&r->session->arena, mlirOperationGetLocation(op)).name);
}

static MlirValue build_part(const raiser *r, const part_spec *part, const char *name) {
  MlirContext context = r->session->context;
  const char *text = ptl_arena_printf(&r->session->arena, "!pto.partition_tensor_view<%sx%sx%s>",
                                      extent_text(r, part->rows), extent_text(r, part->cols),
                                      ptl_elem_name(part->region->elem));
  MlirValue operands[5] = {build_view(r, part->region), build_offset(r, part->row),
                           build_offset(r, part->col), build_expr(r, part->rows),
                           build_expr(r, part->cols)};
  return ptl_build_part(&r->builder, operands, ptl_type(context, text), name);
}

/* "w_gate__ssa_v0" for the view %w_gate__ssa_v0_view. */
static const char *view_name(const raiser *r, int view) {
  MlirValue value = r->kernel->values[view].value;
  MlirOperation op = mlirOpResultGetOwner(value);
  const char *name = ptl_loc_parts_of(&r->session->arena, mlirOperationGetLocation(op)).name;
  if (!name) {
    return "part";
  }
  ptl_str str = ptl_str_of(name);
  const char suffix[] = "_view";
  size_t length = sizeof(suffix) - 1;
  if (str.length > length && ptl_str_is((ptl_str){name + str.length - length, length}, suffix)) {
    return ptl_arena_copy(&r->session->arena, name, str.length - length);
  }
  return name;
}

static MlirType result_type(const raiser *r, const ptl_product *product) {
  int64_t rows;
  if (!ptl_expr_is_const(&r->exprs, product->rows, &rows)) {
    rows = mlirShapedTypeGetDynamicSize();
  }
  const int64_t shape[2] = {rows, product->columns};
  MlirContext context = r->session->context;
  MlirType elem =
      product->sum->acc == PTL_ELEM_I32 ? mlirIntegerTypeGet(context, 32) : mlirF32TypeGet(context);
  return mlirRankedTensorTypeGet(2, shape, elem, mlirAttributeGetNull());
}

static bool has_compact_tile(const raiser *r, const ptl_op *sink) {
  ptl_tile_type type;
  const char *text =
      ptl_type_text(&r->session->arena, mlirValueGetType(mlirOperationGetOperand(sink->op, 0)));
  return ptl_tile_type_parse(ptl_str_of(text), &type) && type.compact == 1;
}

/* Whether a sink takes the product from a compact accumulator: then all can. */
static bool is_compact(const raiser *r, const ptl_product *product) {
  for (int i = 0; i < product->sink_count; i++) {
    if (has_compact_tile(r, product->sinks[i])) {
      return true;
    }
  }
  return false;
}

/* Whether the columns of rhs are those after `before`'s, and the same loads bring both. */
static bool shares_loads(raiser *r, const ptl_product *before, const ptl_product *product) {
  const ptl_sum *a = before->sum, *b = product->sum;
  ptl_expr begin = a->rhs_transposed ? a->rhs.row : a->rhs.col;
  ptl_expr end = ptl_expr_add(&r->exprs, begin, a->n);
  return a->rhs.root == b->rhs.root && a->rhs.row_stride == b->rhs.row_stride &&
         a->rhs.col_stride == b->rhs.col_stride && a->rhs_transposed == b->rhs_transposed &&
         end >= 0 && end == (b->rhs_transposed ? b->rhs.row : b->rhs.col) &&
         a->rhs_loads.first == b->rhs_loads.first && a->rhs_loads.last == b->rhs_loads.last;
}

/* `before`: the product of the group in front of it; NULL: it is the first. */
static void build_product(raiser *r, const ptl_product *product, const ptl_product *before,
                          MlirValue lhs, MlirValue rhs) {
  MlirContext context = r->session->context;
  MlirOperation sink = product->sinks[0]->op;
  MlirValue operands[3] = {lhs, rhs, mlirOperationGetOperand(sink, 0)};
  MlirType type = result_type(r, product);
  MlirNamedAttribute attributes[7] = {
      ptl_named(context, ptl_attr_group, ptl_int(context, product->group)),
      ptl_named(context, "max_rows", ptl_int(context, product->m_tile))};
  int attribute_count = 2;
  if (product->sum->lhs_transposed) {
    attributes[attribute_count++] =
        ptl_named(context, ptl_attr_lhs_transposed, mlirUnitAttrGet(context));
  }
  if (product->sum->rhs_transposed) {
    attributes[attribute_count++] = ptl_named(context, "rhs_transposed", mlirUnitAttrGet(context));
  }
  const ptl_k_blocks *blocks = &product->blocks;
  if (blocks->length > 0) {
    const int64_t places[4] = {blocks->lhs_width, blocks->lhs_down, blocks->rhs_length,
                               blocks->rhs_step};
    attributes[attribute_count++] =
        ptl_named(context, ptl_attr_k_blocks, mlirDenseI64ArrayGet(context, 4, places));
  }
  if (before && shares_loads(r, before, product)) {
    attributes[attribute_count++] =
        ptl_named(context, ptl_attr_shares_loads, mlirUnitAttrGet(context));
  }
  if (is_compact(r, product)) {
    attributes[attribute_count++] = ptl_named(context, ptl_attr_compact, mlirUnitAttrGet(context));
  }
  ptl_builder at = ptl_builder_before(&r->session->arena, sink);
  at.location = mlirOperationGetLocation(product->sum->first->op);
  ptl_op_spec spec = {.id = PTL_PTOLOWER_MATMUL,
                      .operands = operands,
                      .operand_count = 3,
                      .results = &type,
                      .result_count = 1,
                      .attributes = attributes,
                      .attribute_count = attribute_count,
                      .value_name = view_name(r, product->sum->rhs.view)};
  MlirValue result = mlirOperationGetResult(ptl_build(&at, &spec), 0);
  for (int i = 0; i < product->sink_count; i++) {
    mlirOperationSetOperand(product->sinks[i]->op, 0, result);
  }
}

/* ---- functions ---------------------------------------------------------- */

/* Says what becomes of the function, and why. */
static void say(raiser *r, ptl_code code, const char *what, const ptl_reason *why) {
  ptl_session *session = r->session;
  ptl_diag_add(&session->diags, code, ptl_loc_of(session, why->op->op), "'%s' is %s: %s",
               r->kernel->name, what, why->text);
  if (why->other) {
    ptl_diag_note(&session->diags, ptl_loc_of(session, why->other->op), "%s here",
                  ptl_op_text(&session->arena, r->kernel, why->other));
  }
}

static void explain(raiser *r, const ptl_reason *why) {
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

static bool allocates_cube_tile(const raiser *r, const ptl_op *op) {
  return (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) &&
         ptl_is_cube_space(r->kernel->values[op->first_result].tile.space);
}

/* Whether no ptoas compiles the kernel for this, or it cannot work, for a path, a size or a place
 * that a rewritten one does not have. */
static bool is_mended(const raiser *r, const ptl_finding *finding) {
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
static bool outlives_rewriting(const raiser *r, const ptl_finding *finding) {
  switch (finding->fault) {
  case PTL_CODE_NOT_FOLLOWED:
    return !r->stays;
  case PTL_CODE_PARTIAL_OVERLAP:
  case PTL_CODE_EVENT_IDS:
  case PTL_CODE_SLOT_EVENT_IDS:
  case PTL_CODE_LOOK_AHEAD_SLOT:
    return false;
  case PTL_CODE_PTOAS_VERIFIER:
    return !is_replaced(finding->op);
  default:
    return !is_mended(r, finding) && !ptl_fault_is_of_others(finding->fault) &&
           !ptl_fault_is_shared(finding->fault);
  }
}

/* Notes in the function what a rewrite would mend, with the place of it in the user's file. */
static void record_broken(raiser *r, const ptl_finding *finding) {
  ptl_loc loc = ptl_loc_of(r->session, finding->op->op);
  const char *text =
      ptl_arena_printf(&r->session->arena, "%d:%d: %s", loc.line, loc.column, finding->text);
  ptl_set_attr(r->kernel->func, ptl_attr_broken, ptl_string(r->session->context, ptl_str_of(text)));
}

/* Whether the check has something against the input that would be said of the output; it is
 * explained. If it has not, but something that a rewrite would mend, that is noted. */
static bool has_own_fault(raiser *r) {
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_findings findings = ptl_check_kernel(&arena, r->kernel, r->session->target, NULL);
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
static void leave(raiser *r, const ptl_reason *why) {
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
static bool may_be_broken(const raiser *r, const ptl_products *products) {
  return products->count > 0 && (products->cannot_work || !r->kernel->has_addresses);
}

/* Whether the function is one that the way to rewrite takes, whatever comes of it. */
static bool may_be_rewritten(const raiser *r, const ptl_products *products) {
  return products->count > 1 || ptl_has_attr(r->kernel->func, ptl_attr_merge) ||
         (products->count > 0 && r->session->rewrite == PTL_REWRITE_ALL);
}

static bool group_is_available(raiser *r, const ptl_products *products, int first, int last) {
  r->builder = ptl_builder_before(&r->session->arena, products->items[first].sinks[0]->op);
  for (int i = first; i < last; i++) {
    part_spec lhs = lhs_part(r, &products->items[i]);
    part_spec rhs = rhs_part(r, &products->items[i]);
    if (!part_is_available(r, &lhs) || !part_is_available(r, &rhs)) {
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

static void raise_group(raiser *r, const ptl_products *products, int first, int last) {
  r->builder = ptl_builder_before(&r->session->arena, products->items[first].sinks[0]->op);
  r->builder.location = mlirOperationGetLocation(products->items[first].sum->first->op);
  part_spec lhs = lhs_part(r, &products->items[first]);
  MlirValue lhs_value = build_part(r, &lhs, view_name(r, lhs.region->view));
  MlirValue rhs_values[PTL_MAX_RHS];
  for (int i = first; i < last; i++) {
    r->builder.location = mlirOperationGetLocation(products->items[i].sum->first->op);
    part_spec rhs = rhs_part(r, &products->items[i]);
    rhs_values[i - first] = build_part(r, &rhs, view_name(r, rhs.region->view));
  }
  for (int i = first; i < last; i++) {
    const ptl_product *before = i > first ? &products->items[i - 1] : NULL;
    build_product(r, &products->items[i], before, lhs_value, rhs_values[i - first]);
  }
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

static void record_cycles(raiser *r) {
  ptl_cost cost = ptl_kernel_cost(&r->session->arena, r->kernel, r->session->target);
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

/* What the function does, for the proof that its rewritten form does the same. */
static bool record_effects(raiser *r) {
  ptl_effects effects = ptl_kernel_effects(&r->session->arena, r->kernel, r->session->target);
  MlirAttribute *lines = ptl_arena_array(&r->session->arena, (size_t)effects.count, sizeof(*lines));
  for (int i = 0; i < effects.count; i++) {
    lines[i] = ptl_string(r->session->context, ptl_str_of(effects.lines[i]));
  }
  ptl_set_attr(r->kernel->func, ptl_attr_effects,
               mlirArrayAttrGet(r->session->context, effects.count, lines));
  return effects.is_complete;
}

/* Arguments that the walk took to be non-negative. */
static void record_assumptions(raiser *r) {
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

/* Whether a function is one that may be rewritten. */
static bool is_wanted(const ptl_session *session, MlirOperation func) {
  ptl_str name = ptl_string_attr(func, "sym_name");
  for (const char *at = session->functions; at;) {
    const char *comma = strchr(at, ',');
    if (ptl_str_equal(name, (ptl_str){at, comma ? (size_t)(comma - at) : strlen(at)})) {
      return true;
    }
    at = comma ? comma + 1 : NULL;
  }
  return !session->functions;
}

static ptl_status raise_function(ptl_session *session, MlirOperation func, void *user) {
  (void)user;
  if (ptl_has_attr(func, ptl_attr_imported) || !is_wanted(session, func)) {
    return PTL_OK;
  }
  raiser r = {.session = session, .kernel = ptl_kernel_decode(&session->arena, func)};
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
  ptl_products products = ptl_products_find(&session->arena, r.kernel, session->target, &r.exprs);
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
    record_assumptions(&r);
    if (!r.kernel->has_addresses) {
      ptl_set_unit(func, ptl_attr_level2);
    }
  }
  for (int first = 0; first < products.count; first = end_of_group(&products, first)) {
    raise_group(&r, &products, first, end_of_group(&products, first));
  }
  return PTL_OK;
}

ptl_status ptl_raise_products(ptl_session *session) {
  return ptl_for_each_function(session, raise_function, NULL);
}
