/* Products of a kernel as ops: their operands as parts of views, their extents and offsets as
 * arithmetic on what the kernel has where its results leave. */
#include "passes/raise_build.h"

#include <inttypes.h>

#include "ir/build.h"
#include "ir/types.h"
#include "passes/compact.h"
#include "passes/passes.h"
#include "passes/plan_attr.h"

/* ---- expressions as ops ------------------------------------------------- */

static bool is_available(const ptl_raiser *r, int value) {
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

static bool expr_is_available(const ptl_raiser *r, ptl_expr expr) {
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

static MlirValue build_expr(const ptl_raiser *r, ptl_expr expr);

static MlirValue build_atom(const ptl_raiser *r, const ptl_atom *atom) {
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

static MlirValue build_term(const ptl_raiser *r, ptl_term term) {
  MlirValue value = build_atom(r, &r->exprs.atoms[term.atom]);
  if (term.coefficient == 1) {
    return value;
  }
  return ptl_build_binary(&r->builder, PTL_ARITH_MULI, value,
                          ptl_build_index(&r->builder, term.coefficient));
}

static MlirValue build_expr(const ptl_raiser *r, ptl_expr expr) {
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
static MlirValue build_offset(const ptl_raiser *r, ptl_expr expr) {
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

static part_spec lhs_part(ptl_raiser *r, const ptl_product *product) {
  const ptl_sum *sum = product->sum;
  ptl_expr k = ptl_expr_const(&r->exprs, product->k.length);
  if (sum->lhs_transposed) {
    ptl_region *in_memory = ptl_arena_alloc(&r->session->arena, sizeof(*in_memory));
    *in_memory = ptl_region_turned(&sum->lhs);
    return (part_spec){in_memory, product->k.lhs_k, sum->lhs.row, k, sum->m};
  }
  return (part_spec){&sum->lhs, sum->lhs.row, product->k.lhs_k, sum->m, k};
}

static part_spec rhs_part(ptl_raiser *r, const ptl_product *product) {
  const ptl_sum *sum = product->sum;
  ptl_expr k = ptl_expr_const(&r->exprs, product->k.length);
  if (sum->rhs_transposed) {
    return (part_spec){&sum->rhs, sum->rhs.row, product->k.rhs_k, sum->n, k};
  }
  return (part_spec){&sum->rhs, product->k.rhs_k, sum->rhs.col, k, sum->n};
}

/* Whether the view can be used, or made again from its pointer. */
static bool view_is_available(const ptl_raiser *r, const ptl_region *region) {
  return (!region->is_remade && is_available(r, region->view)) ||
         (is_available(r, region->root) && expr_is_available(r, region->view_rows) &&
          expr_is_available(r, region->view_cols) && expr_is_available(r, region->row_stride) &&
          expr_is_available(r, region->col_stride));
}

static bool part_is_available(const ptl_raiser *r, const part_spec *part) {
  return view_is_available(r, part->region) && expr_is_available(r, part->row) &&
         expr_is_available(r, part->col) && expr_is_available(r, part->rows) &&
         expr_is_available(r, part->cols);
}

static const char *extent_text(const ptl_raiser *r, ptl_expr expr) {
  int64_t value;
  return ptl_expr_is_const(&r->exprs, expr, &value)
             ? ptl_arena_printf(&r->session->arena, "%" PRId64, value)
             : "?";
}

static MlirType matrix_type(const ptl_raiser *r, ptl_elem elem) {
  return ptl_type(
      r->session->context,
      ptl_arena_printf(&r->session->arena, "!pto.tensor_view<?x?x%s>", ptl_elem_name(elem)));
}

static MlirValue build_view(const ptl_raiser *r, const ptl_region *region) {
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
                        ptl_places_get(&r->session->places, mlirOperationGetLocation(op)).name);
}

static MlirValue build_part(const ptl_raiser *r, const part_spec *part, const char *name) {
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
static const char *view_name(const ptl_raiser *r, int view) {
  MlirValue value = r->kernel->values[view].value;
  MlirOperation op = mlirOpResultGetOwner(value);
  const char *name = ptl_places_get(&r->session->places, mlirOperationGetLocation(op)).name;
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

static MlirType result_type(const ptl_raiser *r, const ptl_product *product) {
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

static bool has_compact_tile(const ptl_raiser *r, const ptl_op *sink) {
  const ptl_tile_type *type = ptl_tile_of(r->session, mlirOperationGetOperand(sink->op, 0));
  return type && type->compact == 1;
}

/* Whether a sink takes the product from a compact accumulator: then all can. */
static bool is_compact(const ptl_raiser *r, const ptl_product *product) {
  for (int i = 0; i < product->sink_count; i++) {
    if (has_compact_tile(r, product->sinks[i])) {
      return true;
    }
  }
  return false;
}

/* Whether the columns of rhs are those after `before`'s, and the same loads bring both. */
static bool shares_loads(ptl_raiser *r, const ptl_product *before, const ptl_product *product) {
  const ptl_sum *a = before->sum, *b = product->sum;
  ptl_expr begin = a->rhs_transposed ? a->rhs.row : a->rhs.col;
  ptl_expr end = ptl_expr_add(&r->exprs, begin, a->n);
  return a->rhs.root == b->rhs.root && a->rhs.row_stride == b->rhs.row_stride &&
         a->rhs.col_stride == b->rhs.col_stride && a->rhs_transposed == b->rhs_transposed &&
         end >= 0 && end == (b->rhs_transposed ? b->rhs.row : b->rhs.col) &&
         a->rhs_loads.first == b->rhs_loads.first && a->rhs_loads.last == b->rhs_loads.last;
}

/* `before`: the product of the group in front of it; NULL: it is the first. */
static void build_product(ptl_raiser *r, const ptl_product *product, const ptl_product *before,
                          MlirValue lhs, MlirValue rhs) {
  MlirContext context = r->session->context;
  MlirOperation sink = product->sinks[0]->op;
  MlirValue operands[3] = {lhs, rhs, mlirOperationGetOperand(sink, 0)};
  MlirType type = result_type(r, product);
  MlirNamedAttribute attributes[8] = {
      ptl_named(context, ptl_attr_group, ptl_int(context, product->group)),
      ptl_named(context, "max_rows", ptl_int(context, product->m_tile))};
  int attribute_count = 2;
  int64_t m;
  if (product->most_rows < product->m_tile && !ptl_expr_is_const(&r->exprs, product->sum->m, &m)) {
    attributes[attribute_count++] =
        ptl_named(context, ptl_attr_most_rows, ptl_int(context, product->most_rows));
  }
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
  ptl_builder at = ptl_builder_before(r->session, sink);
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

/* ---- for the pass ------------------------------------------------------- */

bool ptl_raise_can_build(ptl_raiser *r, const ptl_product *product) {
  part_spec lhs = lhs_part(r, product);
  part_spec rhs = rhs_part(r, product);
  return part_is_available(r, &lhs) && part_is_available(r, &rhs);
}

void ptl_raise_build(ptl_raiser *r, const ptl_products *products, int first, int last) {
  r->builder = ptl_builder_before(r->session, products->items[first].sinks[0]->op);
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
