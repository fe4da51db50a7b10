/* Compares the pitch at which an accumulator was written with that at which each reader goes
 * through it. */
#include "walk/acc_pitch.h"

#include <inttypes.h>

#include "support/rounding.h"
#include "walk/walk_state.h"

/* Rows by which accumulators grow, and columns of a block of theirs. */
static int64_t block_of(const ptl_walk *walk) { return walk->target->family->fractal_rows; }

/* ---- two pitches ---------------------------------------------------------------- */

static ptl_acc_pitch of_rows(const ptl_walk *walk, ptl_expr rows, int64_t most) {
  int64_t bound = ptl_expr_most(walk->exprs, rows);
  bool is_const = rows >= 0 && walk->exprs->nodes[rows].term_count == 0;
  return (ptl_acc_pitch){rows, ptl_max(is_const ? bound : ptl_min(bound, most), 1)};
}

static ptl_acc_pitch of_box(ptl_walk *walk, int64_t rows) {
  return (ptl_acc_pitch){ptl_expr_const(walk->exprs, rows), rows};
}

static int64_t least_of(const ptl_walk *walk, const ptl_acc_pitch *pitch) {
  int64_t constant;
  return ptl_expr_is_const(walk->exprs, pitch->rows, &constant)
             ? ptl_round_up(pitch->most, block_of(walk))
             : block_of(walk);
}

typedef enum likeness { SAME, NOT_KNOWN, DIFFERENT_FOR_SOME, DIFFERENT } likeness;

static likeness compare(const ptl_walk *walk, const ptl_acc_pitch *a, const ptl_acc_pitch *b) {
  int64_t a_least = least_of(walk, a), b_least = least_of(walk, b);
  int64_t a_most = ptl_round_up(a->most, block_of(walk)),
          b_most = ptl_round_up(b->most, block_of(walk));
  if ((a->rows >= 0 && a->rows == b->rows) || (a_least == a_most && b_least == b_most)) {
    return a->rows == b->rows || a_most == b_most ? SAME : DIFFERENT;
  }
  if (a_most < b_least || b_most < a_least) {
    return DIFFERENT;
  }
  return a_least == a_most || b_least == b_most ? DIFFERENT_FOR_SOME : NOT_KNOWN;
}

/* "16", or "16 to 64" for rows that are not known. */
static const char *text_of(ptl_walk *walk, const ptl_acc_pitch *pitch) {
  int64_t least = least_of(walk, pitch), most = ptl_round_up(pitch->most, block_of(walk));
  return least == most ? ptl_arena_printf(walk->arena, "%" PRId64, most)
                       : ptl_arena_printf(walk->arena, "%" PRId64 " to %" PRId64, least, most);
}

/* Whether no more than the first block column of an accumulator counts. */
static bool is_one_block(const ptl_walk *walk, const ptl_tile *tile) {
  return tile->window_col == 0 &&
         ptl_const_or(walk, tile->valid_cols, tile->type.cols) <= block_of(walk);
}

static void fault(ptl_walk *walk, likeness likeness, const ptl_op *op, const ptl_op *writer,
                  const char *text) {
  if (likeness == NOT_KNOWN) {
    if (walk->mode != PTL_WALK_ONCE) {
      ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, writer,
                     "it is not known whether the pitch at which this reads is that at which it "
                     "was written");
    }
  } else if (likeness != SAME) {
    ptl_walk_fault(walk, PTL_CODE_PITCH, op, writer, "%s%s", text,
                   likeness == DIFFERENT_FOR_SOME ? " (for some number of valid rows)" : "");
  }
}

/* ---- accumulators ----------------------------------------------------------------- */

ptl_acc_pitch ptl_pitch_of_product(ptl_walk *walk, const ptl_op *op, const ptl_tile *left,
                                   const ptl_tile *acc) {
  ptl_acc_pitch pitch = of_rows(walk, left->valid_rows, left->type.rows);
  if (acc->parent && acc->type.rows != acc->parent->type.rows && !is_one_block(walk, acc)) {
    ptl_acc_pitch box = of_box(walk, acc->parent->type.rows);
    fault(walk, compare(walk, &pitch, &box), op, acc->parent->alloc,
          ptl_arena_printf(walk->arena,
                           "the product is written at a pitch of %s rows, but the rows of this "
                           "window of an accumulator lie %" PRId64
                           " apart: a window of more than 16 columns takes all rows",
                           text_of(walk, &pitch), acc->parent->type.rows));
  }
  return pitch;
}

void ptl_pitch_check_sum(ptl_walk *walk, const ptl_op *op, const ptl_content *content,
                         const ptl_acc_pitch *pitch, const ptl_tile *right) {
  if (!content || content->pitch.most == 0 ||
      ptl_const_or(walk, right->valid_cols, right->type.cols) <= block_of(walk)) {
    return;
  }
  likeness likeness = compare(walk, &content->pitch, pitch);
  if (likeness == SAME) {
    return; /* nearly always: no text is made */
  }
  fault(
      walk, likeness, op, content->product,
      ptl_arena_printf(walk->arena,
                       "this adds at a pitch of %s rows to a product that was written at %s: give "
                       "both left tiles as many valid rows",
                       text_of(walk, pitch), text_of(walk, &content->pitch)));
}

/* How an op reads: at the rows of the tile's box, or at its valid rows. */
typedef struct reading {
  ptl_acc_pitch pitch;
  const char *cure;
} reading;

static bool is_by_valid_rows(const ptl_walk *walk, const ptl_tile *tile, ptl_acc_reader reader) {
  bool push_is_store = walk->target->family->pipes_lie_in_gm;
  if (reader == PTL_READER_TO_MAT) {
    return false;
  }
  if (reader == PTL_READER_STORE || (reader == PTL_READER_PUSH && push_is_store)) {
    return tile->type.compact == 1;
  }
  /* a5 acc -> vec, pto-isa from dfd3c8da on: `GetTmovAccSrcStride`. A window has its parent's rows.
   */
  int64_t rows = tile->parent ? tile->parent->type.rows : tile->type.rows;
  return tile->type.valid_rows <= 0 || tile->type.valid_rows >= rows;
}

static reading reading_of(ptl_walk *walk, const ptl_tile *tile, ptl_acc_reader reader) {
  const ptl_tile *box = tile->parent ? tile->parent : tile;
  if (is_by_valid_rows(walk, tile, reader)) {
    return (reading){of_rows(walk, tile->valid_rows, tile->type.rows),
                     tile->parent ? "leave compact=1 out" : "leave the valid rows as they were"};
  }
  const char *cure = reader == PTL_READER_TO_MAT ? "give its tile as many rows"
                     : walk->target->family->acc_to_vec && reader != PTL_READER_STORE
                         ? "give its tile v_row=? (pto-isa from dfd3c8da on), or as many rows"
                         : "give its tile compact=1, or as many rows";
  return (reading){of_box(walk, box->type.rows), cure};
}

/* A window of columns begins where its parent's rows say. */
static void check_base(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                       const ptl_content *content) {
  ptl_acc_pitch box = of_box(walk, tile->parent->type.rows);
  fault(
      walk, compare(walk, &content->pitch, &box), op, content->product,
      ptl_arena_printf(walk->arena,
                       "the accumulator was written at a pitch of %s rows, and this window begins "
                       "where a pitch of %" PRId64 " puts its first column",
                       text_of(walk, &content->pitch), tile->parent->type.rows));
}

void ptl_pitch_check_read(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                          const ptl_content *content, ptl_acc_reader reader) {
  if (!content || content->pitch.most == 0 || is_one_block(walk, tile)) {
    return;
  }
  reading how = reading_of(walk, tile, reader);
  likeness likeness = compare(walk, &content->pitch, &how.pitch);
  fault(
      walk, likeness, op, content->product,
      ptl_arena_printf(walk->arena,
                       "the accumulator was written at a pitch of %s rows, and is read here at %s: "
                       "all columns but the first 16 are wrong; %s",
                       text_of(walk, &content->pitch), text_of(walk, &how.pitch), how.cure));
  bool is_of_whole = tile->parent && !ptl_range_equal(&content->range, &tile->range);
  if (likeness == SAME && is_of_whole && tile->window_col != 0) {
    check_base(walk, op, tile, content);
  }
}

/* ---- Left and Right ------------------------------------------------------------------ */

/* An operand was filled at `filled` rows or columns to a step, and a product reads it at those that
 * are valid, in multiples of `multiple`; compact tiles are filled in multiples of
 * `filled_multiple` (pto-isa:include/pto/common/arch/memory/
 * textract_common.hpp, `TExtractToA`, `TExtractToB`). */
static void check_step(ptl_walk *walk, const ptl_op *op, const ptl_tile *tile,
                       const ptl_content *content, const char *axis, int64_t box, ptl_expr filled,
                       ptl_expr valid, int64_t multiple, int64_t filled_multiple) {
  int64_t extent, is, is_filled = box;
  if (!ptl_expr_is_const(walk->exprs, valid, &extent) || extent < 1 ||
      (content->type.compact == 1 && !ptl_expr_is_const(walk->exprs, filled, &is_filled))) {
    return;
  }
  is = ptl_round_up(extent, multiple);
  is_filled = content->type.compact == 1 ? ptl_round_up(is_filled, filled_multiple) : is_filled;
  if (is != is_filled) {
    ptl_walk_fault(walk, PTL_CODE_PITCH, op, content->writer,
                   "the %s tile was filled in steps of %" PRId64
                   " %s, and the product reads it in steps of %" PRId64
                   "; give it compact=1, or as many %s",
                   ptl_space_name(tile->type.space), is_filled, axis, is, axis);
  }
}

void ptl_pitch_check_operands(ptl_walk *walk, const ptl_op *op, const ptl_tile *left,
                              const ptl_content *lhs, const ptl_tile *right,
                              const ptl_content *rhs) {
  int64_t k = ptl_const_or(walk, left->valid_cols, left->type.cols);
  int64_t m = ptl_const_or(walk, left->valid_rows, left->type.rows);
  int64_t step = ptl_fractal_k(walk->target, left->type.elem);
  bool is_col_major = walk->target->family->left_is_col_major;
  bool is_i8 = left->type.elem == PTL_ELEM_I8;
  if (step == 0 || !lhs || !rhs || lhs->holds != PTL_HOLDS_REGION ||
      rhs->holds != PTL_HOLDS_REGION) {
    return;
  }
  if (!is_col_major && m > block_of(walk)) {
    check_step(walk, op, left, lhs, "columns", left->type.cols,
               lhs->transposed ? lhs->region.rows : lhs->region.cols, left->valid_cols, step,
               lhs->transposed ? ptl_max(step, block_of(walk)) : step);
  } else if (is_col_major && k > step && !(is_i8 && lhs->transposed)) {
    check_step(walk, op, left, lhs, "rows", left->type.rows,
               lhs->transposed ? lhs->region.cols : lhs->region.rows, left->valid_rows,
               block_of(walk), block_of(walk));
  }
  if (k > step && !(is_i8 && !rhs->transposed)) {
    check_step(walk, op, right, rhs, "columns", right->type.cols,
               rhs->transposed ? rhs->region.rows : rhs->region.cols, right->valid_cols,
               block_of(walk), block_of(walk));
  }
}
