/* The pitch: rows (or columns) from one block of L0C, L0A or L0B to the next. No op is told
 * it; writer and reader each have their own idea.
 *
 *   L0C    written at the product's rows, rounded up to 16; read at the box's rows, or by
 *          stores of a compact tile at its valid rows (pto-isa:include/pto/npu/.../TMatmul.hpp,
 *          TStore.hpp, TExtract.hpp, TMov.hpp)
 *   L0A    filled at the box, or compact at what is valid; multiplied at what is valid
 *   L0B    the same, in columns
 */
#include "machine_state.h"

int64_t mut_acc_rows(bool is_a5, const mut_tile_type *type) {
  bool is_i32 = strcmp(type->elem, "i32") == 0;
  return padded(type->rows, is_i32 && !is_a5 ? 32 : 16);
}

int64_t mut_product_pitch(int64_t rows) { return padded(rows, 16); }

static tile with_pitch(const tile *t, int64_t pitch) {
  tile result = *t;
  result.pitch = pitch;
  return result;
}

/* As a store reads it. */
tile mut_as_stored(const tile *t) {
  bool follows_valid = is_acc(t) && t->type.compact == 1;
  return with_pitch(t, follows_valid ? padded(t->valid_rows, 16) : 0);
}

/* As a push reads it: through GM on a2a3; on a5 a move to the other core, which goes by the box. */
tile mut_as_pushed(bool is_a5, const tile *t) {
  return is_a5 && is_acc(t) ? with_pitch(t, padded(t->type.rows, 16)) : mut_as_stored(t);
}

/* As a move or an extraction reads it: to Mat by the box, compact or not. */
tile mut_as_moved(bool is_a5, const tile *t, const tile *to) {
  bool to_vector = is_acc(t) && to->type.space == MUT_VEC;
  return to_vector ? mut_as_pushed(is_a5, t) : *t;
}

/* A transposed i8 tile always comes densely. */
static bool is_dense(bool is_a5, const tile *t, const tile *from, bool extracts) {
  if (t->type.compact == 1) {
    return true;
  }
  if (t->type.elem_bytes != 1) {
    return false;
  }
  bool to_right = t->type.space == MUT_RIGHT;
  bool is_transposed = from->type.blocks_col_major == to_right;
  return is_transposed && (to_right || is_a5 || !extracts);
}

/* Left or Right as it is filled. */
tile mut_as_filled(bool is_a5, const tile *t, const tile *from, bool extracts) {
  bool is_operand = t->type.space == MUT_LEFT || t->type.space == MUT_RIGHT;
  if (!is_operand || !is_dense(is_a5, t, from, extracts)) {
    return *t;
  }
  return mut_as_operand(is_a5, t, t->valid_rows, t->valid_cols);
}

/* Left or Right as a product of these extents reads it. */
tile mut_as_operand(bool is_a5, const tile *t, int64_t rows, int64_t cols) {
  (void)is_a5; /* told by the layout: on a5 Left's blocks are in columns */
  int64_t k_step = 32 / t->type.elem_bytes;
  if (t->type.space == MUT_RIGHT) {
    return with_pitch(t, padded(cols, 16));
  }
  return with_pitch(t, t->type.blocks_col_major ? padded(rows, 16) : padded(cols, k_step));
}
