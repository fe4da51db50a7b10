/* Rules for tload and tstore. */
#include <string.h>

#include "rules/rules_state.h"

static bool is_known(const ptl_rule_type *type) { return type->kind != PTL_TYPE_UNKNOWN; }

static bool is_pair(ptl_rules *r, const ptl_op *op, ptl_type_kind first, ptl_type_kind second) {
  return ptl_rule_operand(r, op, 0)->kind == first && ptl_rule_operand(r, op, 1)->kind == second;
}

/* A dimension of a part without elements; -1 if there is none. */
static int empty_dimension(const ptl_rule_type *part) {
  for (int i = 0; i < part->rank; i++) {
    if (part->extents[i] == 0) {
      return i;
    }
  }
  return -1;
}

/* ptoas: "element type to be i8/i16/i32/i64/u64/f16/bf16/f32"; a5 also the types of one byte. */
static bool moves_elem(const ptl_rules *r, const ptl_rule_type *type) {
  static const char *const floats[] = {"f16", "bf16", "f32", NULL};
  return ptl_elem_is_int(type, 8) || ptl_elem_is_int(type, 16) || ptl_elem_is_int(type, 32) ||
         ptl_elem_is_int(type, 64) || ptl_elem_is_one_of(type, floats) ||
         (r->family->has_low_types && ptl_elem_is_low(type));
}

static const char *bad_elem(ptl_rules *r, const ptl_op *op, const ptl_rule_type *type) {
  ptl_str name = ptl_op_short_name(ptl_str_of(ptl_row(op)->name));
  return PTL_RULE_SAY(r,
                      "%.*s does not move %.*s on %s; it moves integers of 8 to 64 bits, f16, bf16 "
                      "and f32",
                      PTL_STR(name), PTL_STR(type->elem), r->target->name);
}

static const char *bad_width(ptl_rules *r, const ptl_rule_type *from, const ptl_rule_type *to) {
  return PTL_RULE_SAY(
      r, "elements keep their size on the way: %.*s has %" PRId64 " bytes, %.*s has %" PRId64,
      PTL_STR(from->elem), from->elem_bytes, PTL_STR(to->elem), to->elem_bytes);
}

static bool differ_in_bytes(const ptl_rule_type *a, const ptl_rule_type *b) {
  return a->elem_bytes > 0 && b->elem_bytes > 0 && a->elem_bytes != b->elem_bytes;
}

/* ptoas 0.48, a5: "vec dst layout to be ND, DN, or NZ". */
static bool is_plain_or_boxed(const ptl_tile_type *tile) {
  return tile->slayout == PTL_SLAYOUT_NONE ||
         (tile->blayout_col_major && tile->slayout == PTL_SLAYOUT_ROW);
}

static const char *bad_vec_layout(ptl_rules *r, const ptl_tile_type *tile) {
  return PTL_RULE_SAY(r,
                      "a vector tile with blayout=%s, slayout=%s does not travel on a5; with "
                      "slayout=none_box, or blayout=col_major, slayout=row_major it does",
                      ptl_blayout_name(tile), ptl_slayout_name(tile));
}

/* ---- tload ------------------------------------------------------------------ */

/* ptoas: "expects src to be !pto.partition_tensor_view and dst to be !pto.tile_buf", "src shape
 * to be positive". */
const char *ptl_rule_load_kinds(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *part = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 1);
  if (!is_known(part) || !is_known(tile)) {
    return NULL;
  }
  if (part->kind != PTL_TYPE_PART || tile->kind != PTL_TYPE_TILE) {
    return "tload reads a !pto.partition_tensor_view and writes a !pto.tile_buf";
  }
  int empty = empty_dimension(part);
  return empty < 0 ? NULL : PTL_RULE_SAY(r, "the part has no elements in dimension %d", empty);
}

/* ptoas: "tload dst element type to be ...", "same bitwidth", "A5 i64/u64 tload dst pad to be null
 * or zero". */
const char *ptl_rule_load_elems(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *part = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 1);
  if (!is_pair(r, op, PTL_TYPE_PART, PTL_TYPE_TILE)) {
    return NULL;
  }
  if (!moves_elem(r, part)) {
    return bad_elem(r, op, part);
  }
  if (!moves_elem(r, tile)) {
    return bad_elem(r, op, tile);
  }
  if (differ_in_bytes(part, tile)) {
    return bad_width(r, part, tile);
  }
  if (r->family->pads_i64_with_zero && ptl_elem_is_int(tile, 64) && tile->tile.pad > 1) {
    return PTL_RULE_SAY(r,
                        "a tile of 64-bit integers is padded with nothing or zero, pad=0 or 1, "
                        "not pad=%" PRId64,
                        tile->tile.pad);
  }
  return NULL;
}

/* ptoas: "tload dst to use loc=vec or loc=mat" (a2a3; on a5 only 0.60's lowering says so), "A5
 * tload vec dst layout". */
const char *ptl_rule_load_space(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 1);
  if (tile->kind != PTL_TYPE_TILE) {
    return NULL;
  }
  ptl_space space = tile->tile.space;
  if (space == PTL_SPACE_VEC) {
    return r->family->vec_is_plain_or_boxed && !is_plain_or_boxed(&tile->tile)
               ? bad_vec_layout(r, &tile->tile)
               : NULL;
  }
  return space == PTL_SPACE_MAT || r->family->loads_any_space
             ? NULL
             : PTL_RULE_SAY(r, "tload cannot fill a %s tile: it fills mat and vec",
                            ptl_space_name(space));
}

/* ---- tstore ----------------------------------------------------------------- */

/* ptoas: "expects src to be !pto.tile_buf and dst to be !pto.partition_tensor_view", "dst shape
 * to be positive". */
const char *ptl_rule_store_kinds(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *part = ptl_rule_operand(r, op, 1);
  if (!is_known(part) || !is_known(tile)) {
    return NULL;
  }
  if (part->kind != PTL_TYPE_PART || tile->kind != PTL_TYPE_TILE) {
    return "tstore reads a !pto.tile_buf and writes a !pto.partition_tensor_view";
  }
  int empty = empty_dimension(part);
  return empty < 0 ? NULL : PTL_RULE_SAY(r, "the part has no elements in dimension %d", empty);
}

/* Elements of a part; -1 if that is not known. */
static int64_t part_elements(const ptl_rule_type *part) {
  int64_t count = 1;
  for (int i = 0; i < part->rank; i++) {
    if (part->extents[i] <= 0 || count > INT64_MAX / part->extents[i]) {
      return -1;
    }
    count *= part->extents[i];
  }
  return count;
}

/* ptoas: "dst static element count to match src valid_shape static element count"; 0.60 not with
 * scales (fp). */
const char *ptl_rule_store_count(ptl_rules *r, const ptl_op *op) {
  if (!is_pair(r, op, PTL_TYPE_TILE, PTL_TYPE_PART)) {
    return NULL;
  }
  const ptl_tile_type *tile = &ptl_rule_operand(r, op, 0)->tile;
  int64_t in_part = part_elements(ptl_rule_operand(r, op, 1));
  if (ptl_rule_extra(r, op, 2, PTL_TYPE_TILE) || in_part < 0 || tile->valid_rows <= 0 ||
      tile->valid_cols <= 0 || tile->valid_rows > INT64_MAX / tile->valid_cols ||
      tile->valid_rows * tile->valid_cols == in_part) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "%" PRId64 " x %" PRId64 " elements of the tile are valid, but the part that "
                      "is written has %" PRId64,
                      tile->valid_rows, tile->valid_cols, in_part);
}

static bool has_attr(ptl_rules *r, const ptl_op *op, const char *name, const char *but_for) {
  ptl_str text = ptl_rule_attr_text(r, op, name);
  return text.length > 0 && !(but_for && strstr(text.data, but_for));
}

/* ptoas: "tstore src to use loc=vec, loc=mat, or loc=acc" (a5: vec or acc), "preQuantScalar /
 * reluPreMode form to use loc=acc src", 0.60: "fp and preQuantScalar to be mutually exclusive",
 * "fp to use loc=scaling". */
const char *ptl_rule_store_space(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 0);
  if (tile->kind != PTL_TYPE_TILE) {
    return NULL;
  }
  ptl_space space = tile->tile.space;
  if (space != PTL_SPACE_VEC && space != PTL_SPACE_ACC &&
      (space != PTL_SPACE_MAT || !r->family->stores_mat)) {
    return PTL_RULE_SAY(r, "tstore cannot store a %s tile on %s; it stores acc, %s",
                        ptl_space_name(space), r->target->name,
                        r->family->stores_mat ? "vec and mat" : "vec");
  }
  const ptl_rule_type *fp = ptl_rule_extra(r, op, 2, PTL_TYPE_TILE);
  const ptl_rule_type *quant = ptl_rule_extra(r, op, 2, PTL_TYPE_INTEGER);
  if (space != PTL_SPACE_ACC && (fp || quant || has_attr(r, op, "reluPreMode", "no_relu"))) {
    return PTL_RULE_SAY(r, "only an accumulator is scaled or clamped on its way out, not a %s tile",
                        ptl_space_name(space));
  }
  if (fp && quant) {
    return "an accumulator is scaled by a tile (fp) or by a scalar, not by both";
  }
  return fp && fp->tile.space != PTL_SPACE_SCALING
             ? PTL_RULE_SAY(r, "the scales (fp) lie in scaling, not in %s",
                            ptl_space_name(fp->tile.space))
             : NULL;
}

/* ptoas: "vec/mat tstore src element type to be ...", "same bitwidth", "A5 vec tstore src layout".
 */
const char *ptl_rule_store_elems(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *tile = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *part = ptl_rule_operand(r, op, 1);
  if (!is_pair(r, op, PTL_TYPE_TILE, PTL_TYPE_PART) || tile->tile.space == PTL_SPACE_ACC) {
    return NULL;
  }
  if (!moves_elem(r, tile)) {
    return bad_elem(r, op, tile);
  }
  if (!r->family->has_low_types && ptl_elem_is_low(part)) {
    return bad_elem(r, op, part);
  }
  if (differ_in_bytes(tile, part)) {
    return bad_width(r, tile, part);
  }
  bool is_line = tile->tile.rows == 1 || tile->tile.cols == 1;
  return r->family->vec_is_plain_or_boxed && !is_line && !is_plain_or_boxed(&tile->tile)
             ? bad_vec_layout(r, &tile->tile)
             : NULL;
}

/* What an accumulator may become. */
static bool acc_becomes(const ptl_rules *r, const ptl_rule_type *acc, const ptl_rule_type *part,
                        bool is_scaled) {
  static const char *const floats[] = {"f32", "f16", "bf16", NULL};
  if (!is_scaled) {
    return ptl_elem_is_int(part, 32) || ptl_elem_is_one_of(part, floats);
  }
  if (ptl_elem_is_int(part, 8)) {
    return true;
  }
  if (ptl_elem_is(acc, "f32")) {
    bool is_low = ptl_str_starts_with(part->elem, "f8E4M3") || ptl_elem_is(part, "!pto.hif8");
    return r->family->scales_to_floats && (ptl_elem_is_one_of(part, floats) || is_low);
  }
  return ptl_elem_is(part, "f16") || (r->family->scales_to_floats && ptl_elem_is(part, "bf16"));
}

/* ptoas: "acc tstore src element type to be i32 or f32", "dst element type to be i32/f32/f16/bf16",
 * "preQuantScalar tstore dst type to be i8/ui8/f16", "src cols to be in [1, 4095]". */
const char *ptl_rule_store_acc(ptl_rules *r, const ptl_op *op) {
  const ptl_rule_type *acc = ptl_rule_operand(r, op, 0);
  const ptl_rule_type *part = ptl_rule_operand(r, op, 1);
  if (!is_pair(r, op, PTL_TYPE_TILE, PTL_TYPE_PART) || acc->tile.space != PTL_SPACE_ACC) {
    return NULL;
  }
  if (!ptl_elem_is_int(acc, 32) && !ptl_elem_is(acc, "f32")) {
    return PTL_RULE_SAY(r, "an accumulator that is stored is of i32 or f32, not of %.*s",
                        PTL_STR(acc->elem));
  }
  bool is_scaled = op->operand_count > 2;
  bool any_type = ptl_rule_extra(r, op, 2, PTL_TYPE_TILE); /* 0.60: with fp */
  if (!any_type && !acc_becomes(r, acc, part, is_scaled)) {
    return PTL_RULE_SAY(r, "an accumulator of %.*s cannot be stored as %.*s%s", PTL_STR(acc->elem),
                        PTL_STR(part->elem),
                        is_scaled ? " after scaling; i8 would do"
                                  : "; i32, f32, f16 and bf16 would do, others after scaling");
  }
  int64_t most = r->target->max_store_columns;
  if (r->family->limits_stored_columns && (acc->tile.cols > most || acc->tile.valid_cols > most)) {
    return PTL_RULE_SAY(r,
                        "the accumulator has %" PRId64 " columns; one tstore takes at most "
                        "%" PRId64,
                        acc->tile.cols, most);
  }
  return NULL;
}
