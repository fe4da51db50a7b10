/* Rules for textract and tmov. */
#include <string.h>

#include "rules/rules_state.h"

/* Where an op moves from and to. */
typedef struct pair {
  const ptl_rule_type *from, *to;
  const ptl_rule_type *scales; /* fp, a tile; NULL: none */
  const ptl_rule_type *scalar; /* for quantisation; NULL: none */
  bool clamps;                 /* reluPreMode */
  bool has_mode;               /* accToVecMode */
} pair;

static bool read_pair(ptl_rules *r, const ptl_op *op, int to, pair *out) {
  *out = (pair){.from = ptl_rule_operand(r, op, 0),
                .to = ptl_rule_operand(r, op, to),
                .scales = ptl_rule_extra(r, op, to + 1, PTL_TYPE_TILE),
                .scalar = ptl_rule_extra(r, op, to + 1, PTL_TYPE_INTEGER)};
  if (out->from->kind != PTL_TYPE_TILE || out->to->kind != PTL_TYPE_TILE) {
    return false;
  }
  ptl_str clamp = ptl_rule_attr_text(r, op, "reluPreMode");
  out->clamps = clamp.length > 0 && !strstr(clamp.data, "no_relu");
  out->has_mode = ptl_rule_attr_text(r, op, "accToVecMode").length > 0;
  return true;
}

/* Operands of a textract: tile, row, column, tile. */
static bool read_extract(ptl_rules *r, const ptl_op *op, pair *out) {
  return read_pair(r, op, 3, out);
}

static bool read_move(ptl_rules *r, const ptl_op *op, pair *out) {
  return read_pair(r, op, 1, out);
}

static const char *bad_layout(ptl_rules *r, const ptl_tile_type *tile, const char *right) {
  return PTL_RULE_SAY(r, "here the %s tile has %s, not blayout=%s, slayout=%s",
                      ptl_space_name(tile->space), right, ptl_blayout_name(tile),
                      ptl_slayout_name(tile));
}

/* ---- textract ----------------------------------------------------------------- */

/* ptoas: "expects src and dst to be !pto.tile_buf", "expects indexRow and indexCol to be index". */
const char *ptl_rule_extract_kinds(ptl_rules *r, const ptl_op *op) {
  ptl_type_kind from = ptl_rule_operand(r, op, 0)->kind;
  ptl_type_kind to = ptl_rule_operand(r, op, 3)->kind;
  if (from == PTL_TYPE_VIEW || from == PTL_TYPE_PART || to == PTL_TYPE_VIEW ||
      to == PTL_TYPE_PART) {
    return "textract moves from tile to tile, not from or to global memory";
  }
  return NULL;
}

static const char *out_of_bounds(ptl_rules *r, int index, int64_t extent, int64_t whole,
                                 const char *axis) {
  int64_t begin;
  if (!ptl_rule_constant(r, index, &begin)) {
    return NULL;
  }
  if (begin < 0) {
    return PTL_RULE_SAY(r, "the extract begins at %s %" PRId64 ", before the tile", axis, begin);
  }
  return begin > INT64_MAX - extent || begin + extent > whole
             ? PTL_RULE_SAY(r,
                            "%" PRId64 " %ss from %s %" PRId64 " on end behind the tile, which has "
                            "%" PRId64,
                            extent, axis, axis, begin, whole)
             : NULL;
}

/* ptoas: "expects indexRow to be non-negative", "expects indexRow + dst.rows <= src.rows". */
const char *ptl_rule_extract_bounds(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_extract(r, op, &p)) {
    return NULL;
  }
  const ptl_tile_type *from = &p.from->tile, *to = &p.to->tile;
  const char *wrong = out_of_bounds(r, op->operands[1], to->rows, from->rows, "row");
  return wrong ? wrong : out_of_bounds(r, op->operands[2], to->cols, from->cols, "column");
}

/* ptoas: "expects src and dst to have the same element type", "textract element type to be
 * i8/f16/bf16/f32" (a5: also the types of one byte; 0.60 with fp also i16). */
const char *ptl_rule_extract_elems(ptl_rules *r, const ptl_op *op) {
  static const char *const floats[] = {"f16", "bf16", "f32", NULL};
  pair p;
  if (!read_extract(r, op, &p)) {
    return NULL;
  }
  bool from_acc = p.from->tile.space == PTL_SPACE_ACC;
  if (!from_acc && !ptl_same_elem(p.from, p.to)) {
    return PTL_RULE_SAY(r, "an extract keeps the element type: it cannot make %.*s of %.*s",
                        PTL_STR(p.to->elem), PTL_STR(p.from->elem));
  }
  bool fits = ptl_elem_is_int(p.to, 8) || ptl_elem_is_one_of(p.to, floats) ||
              (r->family->has_low_types && ptl_elem_is_low(p.to)) ||
              (from_acc && p.scales && ptl_elem_is_int(p.to, 16));
  return fits ? NULL
              : PTL_RULE_SAY(r, "an extract moves i8, f16, bf16 and f32%s on %s, not %.*s",
                             r->family->has_low_types ? " and types of one byte" : "",
                             r->target->name, PTL_STR(p.to->elem));
}

/* ptoas: "preQuantScalar / reluPreMode form to use loc=acc src", "accToVecMode only on A5
 * acc->vec", 0.60: "fp and preQuantScalar to be mutually exclusive", "fp to use loc=scaling". */
const char *ptl_rule_extract_forms(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_extract(r, op, &p)) {
    return NULL;
  }
  bool from_acc = p.from->tile.space == PTL_SPACE_ACC;
  if (!from_acc && (p.scales || p.scalar || p.clamps)) {
    return PTL_RULE_SAY(r, "only an accumulator is scaled or clamped on its way out, not a %s tile",
                        ptl_space_name(p.from->tile.space));
  }
  if (p.has_mode && (!r->family->acc_to_vec || !from_acc || p.to->tile.space != PTL_SPACE_VEC)) {
    return "accToVecMode is for the path from acc to vec, which a5 has";
  }
  if (p.scales && p.scalar) {
    return "an accumulator is scaled by a tile (fp) or by a scalar, not by both";
  }
  return p.scales && p.scales->tile.space != PTL_SPACE_SCALING
             ? PTL_RULE_SAY(r, "the scales (fp) lie in scaling, not in %s",
                            ptl_space_name(p.scales->tile.space))
             : NULL;
}

static bool extract_path(const ptl_rules *r, ptl_space from, ptl_space to) {
  switch (from) {
  case PTL_SPACE_MAT:
    return to == PTL_SPACE_LEFT || to == PTL_SPACE_RIGHT ||
           (r->family->has_scaled_products && to == PTL_SPACE_SCALING);
  case PTL_SPACE_ACC:
    return to == PTL_SPACE_MAT || (r->family->acc_to_vec && to == PTL_SPACE_VEC);
  case PTL_SPACE_VEC:
    return to == PTL_SPACE_VEC || (r->family->vec_to_mat && to == PTL_SPACE_MAT);
  default:
    return false;
  }
}

/* ptoas 0.48: "textract src to use loc=mat, loc=acc, or loc=vec", "A5 textract to use a supported
 * src/dst loc pair". */
const char *ptl_rule_extract_spaces(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_extract(r, op, &p) || extract_path(r, p.from->tile.space, p.to->tile.space)) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "no extract leads from %s to %s on %s; from mat to left and right, from acc "
                      "to mat%s and inside of vec there are some",
                      ptl_space_name(p.from->tile.space), ptl_space_name(p.to->tile.space),
                      r->target->name, r->family->acc_to_vec ? " and vec" : "");
}

/* ptoas: "textract src to use a supported mat blayout/slayout combination". */
static bool mat_is_readable(const ptl_rules *r, const ptl_tile_type *mat, ptl_space to) {
  if (mat->blayout_col_major) {
    return mat->slayout == PTL_SLAYOUT_ROW;
  }
  return r->family->extracts_any_row_major || to == PTL_SPACE_LEFT ||
         mat->slayout == PTL_SLAYOUT_COL;
}

/* ptoas: the same, "left dst to use ... row_major slayout", "right dst to use row_major blayout and
 * col_major slayout"; a5: "vec->vec textract src/dst to use ND layout". */
const char *ptl_rule_extract_from_mat(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_extract(r, op, &p)) {
    return NULL;
  }
  const ptl_tile_type *from = &p.from->tile, *to = &p.to->tile;
  if (from->space == PTL_SPACE_MAT && !mat_is_readable(r, from, to->space)) {
    return bad_layout(r, from, "col_major/row_major or, transposed, row_major/col_major");
  }
  if (to->space == PTL_SPACE_LEFT && !ptl_layout_is(to, true, PTL_SLAYOUT_ROW)) {
    return bad_layout(r, to, "slayout=row_major");
  }
  if (to->space == PTL_SPACE_RIGHT && !ptl_layout_is(to, false, PTL_SLAYOUT_COL)) {
    return bad_layout(r, to, "blayout=row_major, slayout=col_major");
  }
  if (!r->family->extracts_plain_vec || from->space != PTL_SPACE_VEC ||
      to->space != PTL_SPACE_VEC) {
    return NULL;
  }
  const ptl_tile_type *odd = ptl_layout_is(from, false, PTL_SLAYOUT_NONE) ? to : from;
  return ptl_layout_is(odd, false, PTL_SLAYOUT_NONE)
             ? NULL
             : bad_layout(r, odd, "blayout=row_major, slayout=none_box");
}

/* What an accumulator may become in Mat or Vec. */
static bool acc_becomes(const ptl_rules *r, const pair *p) {
  bool is_float = ptl_elem_is(p->from, "f32");
  bool is_half = ptl_elem_is(p->to, "f16") || ptl_elem_is(p->to, "bf16");
  if (!p->scales && !p->scalar) {
    return is_float ? is_half || (r->family->acc_keeps_type && ptl_elem_is(p->to, "f32"))
                    : r->family->acc_keeps_type && ptl_elem_is_int(p->from, 32) &&
                          ptl_elem_is_int(p->to, 32);
  }
  if (ptl_elem_is_int(p->to, 8)) {
    return true;
  }
  if (is_float) {
    return r->family->scales_to_floats &&
           (is_half || ptl_elem_is(p->to, "f32") || ptl_elem_is_low(p->to));
  }
  return ptl_elem_is_int(p->from, 32) &&
         (ptl_elem_is(p->to, "f16") ||
          (r->family->scales_to_floats ? ptl_elem_is(p->to, "bf16") : ptl_elem_is_int(p->to, 16)));
}

static bool fits_fractal(const ptl_rules *r, const ptl_tile_type *mat) {
  int64_t fractal = r->family->acc_to_mat_fractal;
  return fractal == 0 || mat->fractal == fractal;
}

/* ptoas 0.48: "acc-source textract src / dst to use blayout=col_major and slayout=row_major",
 * "dst fractal size to be 512", "acc textract element types to be src=f32, dst=f16/bf16". */
const char *ptl_rule_extract_from_acc(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_extract(r, op, &p) || p.from->tile.space != PTL_SPACE_ACC) {
    return NULL;
  }
  const ptl_tile_type *from = &p.from->tile, *to = &p.to->tile;
  bool to_vec = to->space == PTL_SPACE_VEC;
  if (!ptl_layout_is(from, true, PTL_SLAYOUT_ROW)) {
    return bad_layout(r, from, "blayout=col_major, slayout=row_major");
  }
  if (!ptl_layout_is(to, !to_vec, to_vec ? PTL_SLAYOUT_NONE : PTL_SLAYOUT_ROW)) {
    return bad_layout(r, to,
                      to_vec ? "blayout=row_major, slayout=none_box"
                             : "blayout=col_major, slayout=row_major");
  }
  if (!fits_fractal(r, to)) {
    return PTL_RULE_SAY(
        r, "an accumulator is extracted into a tile with fractal=%" PRId64 ", not %" PRId64,
        r->family->acc_to_mat_fractal, to->fractal);
  }
  return acc_becomes(r, &p)
             ? NULL
             : PTL_RULE_SAY(r, "an accumulator of %.*s cannot become %.*s in %s here",
                            PTL_STR(p.from->elem), PTL_STR(p.to->elem), ptl_space_name(to->space));
}

/* ---- tmov ---------------------------------------------------------------------- */

static bool move_path(const ptl_rules *r, ptl_space from, ptl_space to) {
  switch (from) {
  case PTL_SPACE_MAT:
    return to == PTL_SPACE_LEFT || to == PTL_SPACE_RIGHT || to == PTL_SPACE_BIAS ||
           to == PTL_SPACE_SCALING;
  case PTL_SPACE_ACC:
    return to == PTL_SPACE_MAT || to == PTL_SPACE_VEC;
  case PTL_SPACE_VEC:
    return to == PTL_SPACE_VEC || (r->family->vec_to_mat && to == PTL_SPACE_MAT);
  default:
    return false;
  }
}

/* ptoas: "expects a supported tmov address-space pair for this target". It takes acc -> vec on a2a3
 * too, which has no such path. */
const char *ptl_rule_move_spaces(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_move(r, op, &p) || move_path(r, p.from->tile.space, p.to->tile.space)) {
    return NULL;
  }
  if (p.from->tile.space == PTL_SPACE_ACC && p.to->tile.space == PTL_SPACE_ACC) {
    return "no path leads from acc to acc: write the product where it is needed";
  }
  return PTL_RULE_SAY(r, "no tmov leads from %s to %s on %s", ptl_space_name(p.from->tile.space),
                      ptl_space_name(p.to->tile.space), r->target->name);
}

/* ptoas: "expects mat-source tmov to use matching src/dst shapes"; on a2a3 for every source. */
const char *ptl_rule_move_shapes(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_move(r, op, &p)) {
    return NULL;
  }
  const ptl_tile_type *from = &p.from->tile, *to = &p.to->tile;
  bool may_differ = r->family->moves_resize && from->space != PTL_SPACE_MAT;
  if (may_differ || (from->rows == to->rows && from->cols == to->cols)) {
    return NULL;
  }
  return PTL_RULE_SAY(r,
                      "tmov moves a whole tile: %" PRId64 " x %" PRId64 " does not fit %" PRId64
                      " x %" PRId64 "; textract moves a part",
                      from->rows, from->cols, to->rows, to->cols);
}

/* ptoas: "fp and preQuantScalar forms to be mutually exclusive", "accToVecMode only for
 * acc-to-vec",
 * "... form to use loc=acc src", "fp form src to have element type f32, i32". */
const char *ptl_rule_move_forms(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_move(r, op, &p)) {
    return NULL;
  }
  ptl_space from = p.from->tile.space, to = p.to->tile.space;
  if (p.scales && p.scales->tile.space != PTL_SPACE_SCALING &&
      (r->family->moves_with_scratch && from == PTL_SPACE_VEC)) {
    return NULL; /* 0.60: a rearrangement with scratch */
  }
  if (p.scales && p.scalar) {
    return "an accumulator is scaled by a tile (fp) or by a scalar, not by both";
  }
  if (p.has_mode && (from != PTL_SPACE_ACC || to != PTL_SPACE_VEC)) {
    return "accToVecMode is for the path from acc to vec";
  }
  if (from != PTL_SPACE_ACC && (p.scales || p.scalar || p.clamps)) {
    return PTL_RULE_SAY(r, "only an accumulator is scaled or clamped on its way out, not a %s tile",
                        ptl_space_name(from));
  }
  if (p.scales && p.scales->tile.space != PTL_SPACE_SCALING) {
    return PTL_RULE_SAY(r, "the scales (fp) lie in scaling, not in %s",
                        ptl_space_name(p.scales->tile.space));
  }
  bool wide = ptl_elem_is(p.from, "f32") || ptl_elem_is_int(p.from, 32);
  return p.scales && !wide ? PTL_RULE_SAY(r,
                                          "an accumulator that is scaled is of f32 or i32, not of "
                                          "%.*s",
                                          PTL_STR(p.from->elem))
                           : NULL;
}

/* ptoas: "acc-source fp/relu tmov src to use blayout=col_major and slayout=row_major", "acc-to-mat
 * tmov destination fractal to be 512", "fp/preQuantScalar acc-to-vec forms to use single-mode". */
const char *ptl_rule_move_layouts(ptl_rules *r, const ptl_op *op) {
  pair p;
  if (!read_move(r, op, &p) || p.from->tile.space != PTL_SPACE_ACC) {
    return NULL;
  }
  if ((p.scales || p.clamps) && !ptl_layout_is(&p.from->tile, true, PTL_SLAYOUT_ROW)) {
    return bad_layout(r, &p.from->tile, "blayout=col_major, slayout=row_major");
  }
  if (p.has_mode && (p.scales || p.scalar) &&
      strstr(ptl_rule_attr_text(r, op, "accToVecMode").data, "dual_mode")) {
    return "an accumulator that is scaled goes to one vector core: accToVecMode is a single mode";
  }
  if (p.to->tile.space == PTL_SPACE_MAT && !fits_fractal(r, &p.to->tile)) {
    return PTL_RULE_SAY(
        r, "an accumulator is moved into a mat tile with fractal=%" PRId64 ", not %" PRId64,
        r->family->acc_to_mat_fractal, p.to->tile.fractal);
  }
  return NULL;
}
