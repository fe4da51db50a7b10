/* Rules for tmatmul, tmatmul.acc and tmatmul.bias. */
#include "rules/rules_state.h"

/* The tiles of a product: [acc in,] left, right[, bias], acc. */
typedef struct product {
  const ptl_rule_type *in, *left, *right, *bias, *acc;
} product;

/* False if one of them is not known as a tile. */
static bool read_product(ptl_rules *r, const ptl_op *op, product *out) {
  bool has_in = op->id == PTL_PTO_TMATMUL_ACC;
  bool has_bias = op->id == PTL_PTO_TMATMUL_BIAS;
  int at = has_in;
  *out = (product){.in = has_in ? ptl_rule_operand(r, op, 0) : NULL,
                   .left = ptl_rule_operand(r, op, at),
                   .right = ptl_rule_operand(r, op, at + 1),
                   .bias = has_bias ? ptl_rule_operand(r, op, 2) : NULL,
                   .acc = ptl_rule_operand(r, op, has_in || has_bias ? 3 : 2)};
  return out->left->kind == PTL_TYPE_TILE && out->right->kind == PTL_TYPE_TILE &&
         out->acc->kind == PTL_TYPE_TILE && (!has_in || out->in->kind == PTL_TYPE_TILE) &&
         (!has_bias || out->bias->kind == PTL_TYPE_TILE);
}

/* ptoas: "expects lhs, rhs, and dst to use the left, right, and acc address spaces", "expects
 * acc_in to be in the acc address space". */
const char *ptl_rule_product_spaces(ptl_rules *r, const ptl_op *op) {
  product p;
  if (!read_product(r, op, &p)) {
    return NULL;
  }
  if (p.left->tile.space != PTL_SPACE_LEFT || p.right->tile.space != PTL_SPACE_RIGHT ||
      p.acc->tile.space != PTL_SPACE_ACC) {
    return PTL_RULE_SAY(r,
                        "a product takes left and right tiles and writes an acc tile, not %s, %s "
                        "and %s",
                        ptl_space_name(p.left->tile.space), ptl_space_name(p.right->tile.space),
                        ptl_space_name(p.acc->tile.space));
  }
  return p.in && p.in->tile.space != PTL_SPACE_ACC
             ? PTL_RULE_SAY(r, "tmatmul.acc adds to an acc tile, not to a %s tile",
                            ptl_space_name(p.in->tile.space))
             : NULL;
}

/* fp8, and hif8 by itself. */
static bool multiplies_low(const ptl_rule_type *left, const ptl_rule_type *right) {
  bool are_fp8 = ptl_str_starts_with(left->elem, "f8") && ptl_str_starts_with(right->elem, "f8");
  return are_fp8 || (ptl_elem_is(left, "!pto.hif8") && ptl_same_elem(left, right));
}

/* ptoas: "expects (dst, lhs, rhs) element types to match one of (i32, i8, i8), ..."; on a2a3 it
 * lets tmatmul.acc pass, and the result is wrong. */
const char *ptl_rule_product_elems(ptl_rules *r, const ptl_op *op) {
  static const char *const floats[] = {"f16", "bf16", "f32", NULL};
  product p;
  if (!read_product(r, op, &p)) {
    return NULL;
  }
  bool fits_int =
      ptl_elem_is_int(p.left, 8) && ptl_elem_is_int(p.right, 8) && ptl_elem_is_int(p.acc, 32);
  bool fits_float = ptl_elem_is(p.acc, "f32") &&
                    ((ptl_same_elem(p.left, p.right) && ptl_elem_is_one_of(p.left, floats)) ||
                     (r->family->has_low_types && multiplies_low(p.left, p.right)));
  if (!fits_int && !fits_float) {
    return PTL_RULE_SAY(r,
                        "the cube has no product %.*s x %.*s -> %.*s; it multiplies i8 to i32, and "
                        "f16, bf16 and f32 by themselves%s to f32",
                        PTL_STR(p.left->elem), PTL_STR(p.right->elem), PTL_STR(p.acc->elem),
                        r->family->has_low_types ? ", fp8 and hif8" : "");
  }
  return p.in && !ptl_same_elem(p.in, p.acc)
             ? PTL_RULE_SAY(r,
                            "the product is of %.*s, and the accumulator that it adds to of %.*s",
                            PTL_STR(p.acc->elem), PTL_STR(p.in->elem))
             : NULL;
}

/* What counts for ptoas: the valid extent if the type has it, else the tile's. */
static int64_t extent(int64_t valid, int64_t whole) { return valid >= 0 ? valid : whole; }

static int64_t rows_of(const ptl_rule_type *type) {
  return extent(type->tile.valid_rows, type->tile.rows);
}

static int64_t cols_of(const ptl_rule_type *type) {
  return extent(type->tile.valid_cols, type->tile.cols);
}

/* ptoas 0.48: "expects static matmul tile shapes lhs[M,K], rhs[K,N], and dst[M,N]", "expects m, k,
 * and n valid sizes to be in [0, 4095]". */
const char *ptl_rule_product_extents(ptl_rules *r, const ptl_op *op) {
  product p;
  if (!read_product(r, op, &p)) {
    return NULL;
  }
  int64_t m = rows_of(p.left), k = cols_of(p.left), n = cols_of(p.right);
  if (rows_of(p.right) != k || rows_of(p.acc) != m || cols_of(p.acc) != n) {
    return PTL_RULE_SAY(r,
                        "%" PRId64 " x %" PRId64 " (left) times %" PRId64 " x %" PRId64
                        " (right) does not give %" PRId64 " x %" PRId64 " (acc)",
                        m, k, rows_of(p.right), n, rows_of(p.acc), cols_of(p.acc));
  }
  int64_t most = r->target->max_matmul_extent;
  const ptl_tile_type *left = &p.left->tile, *right = &p.right->tile;
  if (left->valid_rows <= most && left->valid_cols <= most && right->valid_cols <= most) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "a product of m=%" PRId64 ", k=%" PRId64 ", n=%" PRId64
                      " is too large for one instruction, which takes at most %" PRId64 " of each",
                      m, k, n, most);
}

static const char *bad_layout(ptl_rules *r, const ptl_tile_type *tile, const char *right) {
  return PTL_RULE_SAY(r, "the %s tile of a product has %s on a5, not blayout=%s, slayout=%s",
                      ptl_space_name(tile->space), right, ptl_blayout_name(tile),
                      ptl_slayout_name(tile));
}

/* ptoas, a5: "expects lhs to use the row_major slayout", "rhs to use the row_major blayout / the
 * col_major slayout", "dst to use the col_major blayout / the row_major slayout". */
const char *ptl_rule_product_layouts(ptl_rules *r, const ptl_op *op) {
  product p;
  if (!r->family->checks_product_layouts || !read_product(r, op, &p)) {
    return NULL;
  }
  if (!ptl_layout_is(&p.left->tile, true, PTL_SLAYOUT_ROW)) {
    return bad_layout(r, &p.left->tile, "blayout=col_major, slayout=row_major");
  }
  if (!ptl_layout_is(&p.right->tile, false, PTL_SLAYOUT_COL)) {
    return bad_layout(r, &p.right->tile, "blayout=row_major, slayout=col_major");
  }
  return ptl_layout_is(&p.acc->tile, true, PTL_SLAYOUT_ROW)
             ? NULL
             : bad_layout(r, &p.acc->tile, "blayout=col_major, slayout=row_major");
}

/* ptoas: "expects bias to be in the bias address space", "to have 1 row", "bias and dst to have the
 * same element type", a5: "bias to use the row_major blayout". */
const char *ptl_rule_product_bias(ptl_rules *r, const ptl_op *op) {
  product p;
  if (!read_product(r, op, &p) || !p.bias) {
    return NULL;
  }
  const ptl_tile_type *bias = &p.bias->tile;
  if (bias->space != PTL_SPACE_BIAS) {
    return PTL_RULE_SAY(r, "the bias lies in bias, not in %s", ptl_space_name(bias->space));
  }
  if (bias->rows != 1) {
    return PTL_RULE_SAY(r, "a bias has one row, not %" PRId64, bias->rows);
  }
  if (!ptl_same_elem(p.bias, p.acc)) {
    return PTL_RULE_SAY(r, "the bias is of %.*s, the accumulator of %.*s; they have to be the same",
                        PTL_STR(p.bias->elem), PTL_STR(p.acc->elem));
  }
  return r->family->checks_product_layouts && bias->blayout_col_major
             ? "a bias has blayout=row_major on a5"
             : NULL;
}

/* ptoas: "tmatmul.mx is only supported on A5 targets". */
const char *ptl_rule_a5_only(ptl_rules *r, const ptl_op *op) {
  (void)op;
  return r->family->has_scaled_products
             ? NULL
             : PTL_RULE_SAY(r, "%s has no products with scales (mx); a5 has", r->target->name);
}
