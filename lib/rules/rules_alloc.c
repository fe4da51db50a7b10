/* Rules for alloc_tile and set_validshape. */
#include "rules/rules_state.h"
#include "support/rounding.h"

/* The tile type that an alloc_tile makes; NULL if it makes none. */
static const ptl_tile_type *allocated(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *type = ptl_rule_result(r, op);
  return type->kind == PTL_TYPE_TILE ? &type->tile : NULL;
}

/* ptoas: "tile_buf rows/cols must be positive", "unknown loc", "unsupported s_fractal_size",
 * in all versions, when the type is read. */
const char *ptl_rule_tile_type(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *type = ptl_rule_result(r, op);
  if (type->kind == PTL_TYPE_NO_TILE) {
    return "this is no tile type: it needs a loc that the chip has, and one to 2^20 rows and "
           "columns";
  }
  if (type->kind != PTL_TYPE_TILE) {
    return NULL;
  }
  const ptl_tile_type *tile = &type->tile;
  if (tile->fractal != 32 && tile->fractal != 512 && tile->fractal != 1024) {
    return PTL_RULE_SAY(r,
                        "a tile has no fractal of %" PRId64 "; there are 512 (bytes), 1024 for "
                        "accumulators and 32 for scales",
                        tile->fractal);
  }
  return NULL;
}

/* ptoas 0.48: "none_box tile row byte size (cols * sizeof(dtype)) to be 32-byte aligned". */
const char *ptl_rule_tile_rows(ptl_rules *r, const ptl_op *op) {
  const ptl_tile_type *tile = allocated(r, op);
  int64_t bytes = ptl_rule_result(r, op)->elem_bytes;
  int64_t multiple = ptl_elem_is_low(ptl_rule_result(r, op)) ? 16 : 32;
  if (!tile || bytes == 0 || tile->slayout != PTL_SLAYOUT_NONE) {
    return NULL;
  }
  int64_t run = (tile->blayout_col_major ? tile->rows : tile->cols) * bytes;
  if (run % multiple == 0) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "a %s of the tile takes %" PRId64 " bytes, and has to take a multiple of "
                      "%" PRId64 ": %" PRId64 " %s, with v_%s for what is used, would do",
                      tile->blayout_col_major ? "column" : "row", run, multiple,
                      ptl_round_up(run, multiple) / bytes,
                      tile->blayout_col_major ? "rows" : "columns",
                      tile->blayout_col_major ? "row" : "col");
}

/* Rows and columns of the boxes that a boxed tile is made of. */
static bool box_of(const ptl_tile_type *tile, int64_t elem_bytes, int64_t *rows, int64_t *cols) {
  if (tile->fractal == 512 && 32 % elem_bytes != 0) {
    return false;
  }
  bool by_rows = tile->slayout == PTL_SLAYOUT_ROW;
  *rows = tile->fractal != 512 || by_rows ? 16 : 32 / elem_bytes;
  *cols = tile->fractal == 32 ? 2 : tile->fractal == 512 && by_rows ? 32 / elem_bytes : 16;
  return true;
}

/* ptoas 0.48: "boxed tile rows to be a multiple of innerRows", "cols ... of innerCols (32)". */
const char *ptl_rule_tile_boxes(ptl_rules *r, const ptl_op *op) {
  const ptl_tile_type *tile = allocated(r, op);
  const ptl_rule_type *type = ptl_rule_result(r, op);
  int64_t rows, cols;
  if (!tile || type->elem_bytes == 0 || tile->slayout == PTL_SLAYOUT_NONE ||
      !box_of(tile, type->elem_bytes, &rows, &cols)) {
    return NULL;
  }
  bool any_rows = tile->space == PTL_SPACE_VEC || tile->fractal == 32 || tile->rows == 1;
  bool rows_fit = any_rows || tile->rows % rows == 0;
  if (rows_fit && tile->cols % cols == 0) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "the %s tile is made of boxes of %" PRId64 " rows and %" PRId64
                      " columns of %.*s, so it cannot be %" PRId64 " x %" PRId64 "; %" PRId64
                      " x %" PRId64 ", with v_row and v_col for what is used, would do",
                      ptl_space_name(tile->space), rows, cols, PTL_STR(type->elem), tile->rows,
                      tile->cols, rows_fit ? tile->rows : ptl_round_up(tile->rows, rows),
                      ptl_round_up(tile->cols, cols));
}

static const char *valid_operand(ptl_rules *r, const char *axis, int64_t in_type, bool is_given) {
  if (is_given == (in_type < 0)) {
    return NULL;
  }
  return is_given
             ? PTL_RULE_SAY(
                   r, "valid_%s is given, but the type says v_%s=%" PRId64 "; it takes v_%s=?",
                   axis, axis, in_type, axis)
             : PTL_RULE_SAY(r, "the type says v_%s=?, so valid_%s has to be given", axis, axis);
}

/* ptoas: "valid_row operand is required / must be absent because result type v_row is". */
const char *ptl_rule_tile_valid(ptl_rules *r, const ptl_op *op) {
  const ptl_tile_type *tile = allocated(r, op);
  if (!tile) {
    return NULL;
  }
  const char *wrong = valid_operand(r, "row", tile->valid_rows, op->valid_row >= 0);
  return wrong ? wrong : valid_operand(r, "col", tile->valid_cols, op->valid_col >= 0);
}

/* ptoas 0.60: "addr must be non-negative", "must be aligned to 32 / 512 bytes". */
const char *ptl_rule_tile_address(ptl_rules *r, const ptl_op *op) {
  const ptl_tile_type *tile = allocated(r, op);
  int64_t address;
  if (!tile || op->address < 0 || !ptl_rule_constant(r, op->address, &address)) {
    return NULL;
  }
  const char *space = ptl_space_name(tile->space);
  int64_t alignment = ptl_target_alignment(r->target, tile->space);
  if (address < 0) {
    return PTL_RULE_SAY(r, "the tile's address in %s is %" PRId64 "; addresses begin at 0", space,
                        address);
  }
  if (alignment == 0 || address % alignment == 0) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "the tile's address in %s is %" PRId64
                      ", and has to be a multiple of %" PRId64 ": %" PRId64 " or %" PRId64,
                      space, address, alignment, address / alignment * alignment,
                      ptl_round_up(address, alignment));
}

/* ptoas: "requires 'addr' operand" at level3, "unexpected 'addr' operand" below. Told once, where
 * the function changes its mind. */
const char *ptl_rule_tile_level(ptl_rules *r, const ptl_op *op) {
  const ptl_op *with = r->with_address, *without = r->without_address;
  if (!with || !without || op != (with->index > without->index ? with : without)) {
    return NULL;
  }
  r->other = op == with ? without : with;
  return op == with ? "this tile has an address, and others of the function have none: at level3 "
                      "every tile has one, at level2 none"
                    : "this tile has no address, and others of the function have one: at level3 "
                      "every tile has one, at level2 none";
}

/* ptoas: "expects src to satisfy valid_shape[0] <= shape[0]", of each tile that an op takes;
 * 0.48 when it reads the type. */
const char *ptl_rule_valid_fits(ptl_rules *r, const ptl_op *op) {
  for (int i = 0; i < op->operand_count + op->result_count; i++) {
    int value = i < op->operand_count ? op->operands[i] : op->first_result + i - op->operand_count;
    const ptl_rule_type *type = ptl_rule_type_of(r, value);
    if (type->kind != PTL_TYPE_TILE) {
      continue;
    }
    const ptl_tile_type *tile = &type->tile;
    if (tile->valid_rows > tile->rows || tile->valid_cols > tile->cols) {
      return PTL_RULE_SAY(r,
                          "the %s tile has %" PRId64 " x %" PRId64 " elements, so v_row=%" PRId64
                          ", v_col=%" PRId64 " cannot all be valid",
                          ptl_space_name(tile->space), tile->rows, tile->cols, tile->valid_rows,
                          tile->valid_cols);
    }
  }
  return NULL;
}

static const char *valid_extent(ptl_rules *r, int value, int64_t extent, const char *axis) {
  int64_t given;
  if (!ptl_rule_constant(r, value, &given) || (given >= 0 && given <= extent)) {
    return NULL;
  }
  return PTL_RULE_SAY(r, "%" PRId64 " %s cannot be valid of %" PRId64 "; 0 to %" PRId64 " can",
                      given, axis, extent, extent);
}

/* ptoas: "expects source tile_buf to have dynamic validShape (?, ?)", "expects row operand <=
 * shape dim", "requires a locally bound tile source". */
const char *ptl_rule_set_validshape(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *type = ptl_rule_operand(r, op, 0);
  if (type->kind != PTL_TYPE_TILE || op->operand_count < 3) {
    return NULL;
  }
  const ptl_tile_type *tile = &type->tile;
  if (tile->valid_rows >= 0 && tile->valid_cols >= 0) {
    return PTL_RULE_SAY(r,
                        "the tile's type fixes what is valid, %" PRId64 " x %" PRId64
                        "; to be set it has to say v_row=?, v_col=?",
                        tile->valid_rows, tile->valid_cols);
  }
  if (!r->makers[op->operands[0]]) {
    return "what is valid can only be set of a tile that this block makes: not of an argument";
  }
  const char *wrong = valid_extent(r, op->operands[1], tile->rows, "rows");
  return wrong ? wrong : valid_extent(r, op->operands[2], tile->cols, "columns");
}
