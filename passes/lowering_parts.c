/* Builds the parts of views that the items of a plan load and store, and the offsets in them. */
#include "passes/lowering.h"

/* An offset: base value + loop variable + constant; null parts are not there. */
typedef struct offset {
  MlirValue base;
  MlirValue variable;
  int64_t constant;
} offset;

/* ---- offsets ------------------------------------------------------------ */

static MlirValue build_offset(const ptl_lowering *l, offset o) {
  int64_t constant;
  if (ptl_constant_of(o.base, &constant)) {
    o.constant += constant;
    o.base.ptr = NULL;
  }
  MlirValue sum = mlirValueIsNull(o.base) ? o.variable : o.base;
  if (!mlirValueIsNull(o.base) && !mlirValueIsNull(o.variable)) {
    sum = ptl_build_binary(&l->builder, PTL_ARITH_ADDI, o.base, o.variable);
  }
  return mlirValueIsNull(sum) ? ptl_build_index(&l->builder, o.constant)
                              : ptl_build_sum(&l->builder, sum, o.constant);
}

static offset k_offset(const ptl_lowering *l, const ptl_item *item, MlirValue base) {
  MlirValue none = {NULL};
  return (offset){base, item->in_k_loop ? l->k_variable : none, item->k_base};
}

/* Where a K offset of blocks leads: base + k / length * step, and k % length in that block. */
static MlirValue block_of(const ptl_lowering *l, offset k, int64_t length, int64_t step,
                          MlirValue base) {
  MlirValue none = {NULL};
  if (mlirValueIsNull(k.variable)) {
    return build_offset(l, (offset){base, none, k.constant / length * step});
  }
  MlirValue number = ptl_build_binary(&l->builder, PTL_ARITH_DIVSI, build_offset(l, k),
                                      ptl_build_index(&l->builder, length));
  number =
      ptl_build_binary(&l->builder, PTL_ARITH_MULI, number, ptl_build_index(&l->builder, step));
  return build_offset(l, (offset){base, number, 0});
}

static MlirValue inside_of_block(const ptl_lowering *l, offset k, int64_t length, MlirValue base) {
  MlirValue none = {NULL};
  if (mlirValueIsNull(k.variable) || l->plan.tiling.chunk_k == length) {
    int64_t constant = mlirValueIsNull(k.variable) ? k.constant % length : 0;
    return build_offset(l, (offset){base, none, constant});
  }
  MlirValue rest = ptl_build_binary(&l->builder, PTL_ARITH_REMSI, build_offset(l, k),
                                    ptl_build_index(&l->builder, length));
  return build_offset(l, (offset){base, rest, 0});
}

static offset n_offset(const ptl_lowering *l, const ptl_item *item, MlirValue base) {
  MlirValue none = {NULL};
  return (offset){base, item->in_n_loop ? l->n_variable : none, item->n_base};
}

/* ---- parts --------------------------------------------------------------- */

bool ptl_read_operand_part(ptl_session *session, MlirValue value, ptl_operand_part *out) {
  ptl_view_type type;
  if (!mlirValueIsAOpResult(value)) {
    return false;
  }
  MlirOperation op = mlirOpResultGetOwner(value);
  if (!ptl_op_is(op, PTL_PTO_PARTITION_VIEW) || mlirOperationGetNumOperands(op) != 5 ||
      !ptl_view_type_parse(ptl_type_text(&session->arena, mlirValueGetType(value)), &type)) {
    return false;
  }
  const char *name = ptl_places_get(&session->places, mlirOperationGetLocation(op)).name;
  name = name ? name : "part";
  *out = (ptl_operand_part){.view = mlirOperationGetOperand(op, 0),
                            .row = mlirOperationGetOperand(op, 1),
                            .col = mlirOperationGetOperand(op, 2),
                            .rows = mlirOperationGetOperand(op, 3),
                            .cols = mlirOperationGetOperand(op, 4),
                            .elem = type.elem,
                            .location = mlirOperationGetLocation(op),
                            .name = name,
                            .part_name = ptl_arena_printf(&session->arena, "%s_part", name)};
  return true;
}

static void add_extent(ptl_strbuf *out, MlirValue extent) {
  int64_t value;
  if (ptl_constant_of(extent, &value)) {
    ptl_strbuf_number(out, value);
  } else {
    ptl_strbuf_puts(out, "?");
  }
  ptl_strbuf_puts(out, "x");
}

static MlirType part_type(const ptl_lowering *l, MlirValue rows, MlirValue cols, ptl_elem elem) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, &l->session->arena);
  ptl_strbuf_puts(&text, "!pto.partition_tensor_view<");
  add_extent(&text, rows);
  add_extent(&text, cols);
  ptl_strbuf_puts(&text, ptl_elem_name(elem));
  ptl_strbuf_puts(&text, ">");
  return ptl_type(l->session->context, text.data);
}

/* The part of `from`'s view at (row, col) of rows x cols. */
static MlirValue build_part(const ptl_lowering *l, const ptl_operand_part *from, MlirValue row,
                            MlirValue col, MlirValue rows, MlirValue cols) {
  MlirValue operands[5] = {from->view, row, col, rows, cols};
  return ptl_build_part(&l->builder, operands, part_type(l, rows, cols, from->elem),
                        from->part_name);
}

typedef struct place {
  MlirValue row, col;
} place;

static place lhs_place(const ptl_lowering *l, const ptl_item *item) {
  const int64_t width = l->k_blocks[0];
  MlirValue none = {NULL};
  if (width == 0) {
    return (place){l->lhs.row, build_offset(l, k_offset(l, item, l->lhs.col))};
  }
  offset k = k_offset(l, item, none);
  MlirValue row = block_of(l, k, width, l->k_blocks[1], l->lhs.row);
  return (place){row, inside_of_block(l, k, width, l->lhs.col)};
}

static MlirValue rhs_k(const ptl_lowering *l, const ptl_item *item, MlirValue base) {
  const int64_t length = l->k_blocks[2];
  MlirValue none = {NULL};
  if (length == 0) {
    return build_offset(l, k_offset(l, item, base));
  }
  offset k = k_offset(l, item, none);
  return inside_of_block(l, k, length, block_of(l, k, length, l->k_blocks[3], base));
}

/* Where the tile of rows of an item begins. */
static MlirValue row_of(const ptl_lowering *l, const ptl_item *item, MlirValue base) {
  return ptl_build_sum(&l->builder, base, item->row * l->plan.problem.m);
}

static MlirValue lhs_to_load(const ptl_lowering *l, const ptl_item *item, MlirValue k) {
  if (l->plan.problem.lhs_transposed) {
    MlirValue row = build_offset(l, k_offset(l, item, l->lhs.row));
    return build_part(l, &l->lhs, row, row_of(l, item, l->lhs.col), k, l->tiles.lhs_rows);
  }
  place at = lhs_place(l, item);
  return build_part(l, &l->lhs, row_of(l, item, at.row), at.col, l->tiles.lhs_rows, k);
}

static MlirValue rhs_to_load(const ptl_lowering *l, const ptl_item *item, MlirValue k) {
  const ptl_operand_part *rhs = &l->rhs[item->rhs];
  bool transposed = l->plan.problem.rhs_transposed[item->rhs];
  MlirValue n = ptl_build_index(&l->builder, ptl_tiles_columns(&l->tiles, item));
  MlirValue k_at = rhs_k(l, item, transposed ? rhs->col : rhs->row);
  MlirValue n_at = build_offset(l, n_offset(l, item, transposed ? rhs->row : rhs->col));
  return transposed ? build_part(l, rhs, n_at, k_at, n, k) : build_part(l, rhs, k_at, n_at, k, n);
}

MlirValue ptl_build_loaded_part(const ptl_lowering *l, const ptl_item *item) {
  MlirValue k = ptl_build_index(&l->builder, item->k_valid);
  return item->kind == PTL_ITEM_LOAD_LHS ? lhs_to_load(l, item, k) : rhs_to_load(l, item, k);
}

MlirValue ptl_build_stored_part(const ptl_lowering *l, const ptl_operand_part *target,
                                const ptl_item *item) {
  MlirValue col = build_offset(l, n_offset(l, item, target->col));
  MlirValue cols = ptl_build_index(&l->builder, ptl_tiles_columns_out(&l->tiles, item));
  MlirValue rows = l->plan.problem.row_tiles > 1 ? l->tiles.acc_rows : target->rows;
  return build_part(l, target, row_of(l, item, target->row), col, rows, cols);
}

MlirValue ptl_build_k_in_mat(const ptl_lowering *l, const ptl_item *item, bool moves) {
  MlirValue none = {NULL};
  return build_offset(l, (offset){none, moves ? l->k_variable : none, item->k_in_mat});
}
