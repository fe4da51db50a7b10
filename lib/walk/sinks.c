/* What leaves the core, and ops that the rest of the world notices. */
#include "support/rounding.h"
#include "walk/acc_pitch.h"
#include "walk/acc_window.h"
#include "walk/mat_window.h"
#include "walk/walk_state.h"
#include "walk/window.h"

#include <inttypes.h>

/* Whether columns leave that are the product's own, or after them up to the end of its last block
 * of columns, which the cube writes, too. */
static bool takes_columns(const ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum) {
  int64_t cols, n;
  return sum->n == tile->valid_cols ||
         (ptl_expr_is_const(walk->exprs, tile->valid_cols, &cols) &&
          ptl_expr_is_const(walk->exprs, sum->n, &n) && n > 0 && n < cols &&
          cols <= ptl_round_up(n, walk->target->family->fractal_rows));
}

/* Whether a sink takes the whole product and nothing of another one. Rows and columns after the
 * product's own may leave with it (padding that the consumer asked for); what they hold is not
 * defined. */
static bool takes_whole(const ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum) {
  int64_t rows, m;
  if (!takes_columns(walk, tile, sum)) {
    return false;
  }
  if (sum->m == tile->valid_rows) {
    return true;
  }
  if (!ptl_expr_is_const(walk->exprs, tile->valid_rows, &rows) || rows > tile->type.rows) {
    return false;
  }
  if (ptl_expr_is_const(walk->exprs, sum->m, &m)) {
    return m <= rows;
  }
  return rows == tile->type.rows || ptl_expr_most(walk->exprs, sum->m) <= rows;
}

static ptl_acc_reader reader_of(const ptl_walk *walk, const ptl_op *op) {
  if (op->kind == PTL_OP_STORE || op->kind == PTL_OP_PUSH) {
    return op->kind == PTL_OP_STORE ? PTL_READER_STORE : PTL_READER_PUSH;
  }
  const ptl_value *to = ptl_value_at(walk, op->operands[op->kind == PTL_OP_EXTRACT ? 3 : 1]);
  return to->is_tile && to->tile.space == PTL_SPACE_VEC ? PTL_READER_TO_VEC : PTL_READER_TO_MAT;
}

static bool is_at_most(const ptl_walk *walk, ptl_expr extent, ptl_expr limit) {
  int64_t constant, most;
  if (extent < 0 || extent == limit) {
    return extent >= 0;
  }
  return ptl_expr_is_const(walk->exprs, limit, &most) &&
         (ptl_expr_is_const(walk->exprs, extent, &constant)
              ? constant <= most
              : ptl_expr_most(walk->exprs, extent) <= most);
}

/* Whether it takes the first rows and columns of the product. */
static bool takes_a_part(const ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum) {
  return is_at_most(walk, tile->valid_rows, sum->m) && is_at_most(walk, tile->valid_cols, sum->n);
}

bool ptl_takes_product(const ptl_walk *walk, const ptl_tile *tile, const ptl_sum *sum) {
  return takes_whole(walk, tile, sum) || takes_a_part(walk, tile, sum);
}

/* `part`: value number of the part of GM that a store writes; -1 for other sinks. */
void ptl_walk_sink(ptl_walk *walk, const ptl_op *op, int part) {
  if (ptl_acc_window_sink(walk, op, reader_of(walk, op))) {
    return;
  }
  const ptl_tile *tile = ptl_placed_tile(walk, op, 0);
  if (!tile) {
    ptl_walk_give_up(walk, op, "an op that is not followed uses it");
    return;
  }
  int64_t rows = ptl_extent_most(walk, tile->valid_rows, tile->type.rows);
  ptl_pitch_check_read(walk, op, tile, ptl_memory_find(&walk->state.memory, tile->range),
                       reader_of(walk, op));
  ptl_content *held = ptl_memory_find(&walk->state.memory, tile->range);
  if (held) {
    ptl_forked_settle(walk, held);
  }
  bool is_forked = held && ptl_forked_leave(walk, op, tile, held);
  const ptl_content *content = is_forked ? NULL : ptl_read_tile(walk, op, tile);
  bool is_sum = content && content->holds == PTL_HOLDS_SUM;
  if (is_sum && walk->mode != PTL_WALK_ONCE && !ptl_takes_product(walk, tile, content->sum)) {
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, content->writer,
                   "the tile's valid extents are not those of the product that it holds");
    content = NULL;
  }
  ptl_event event = {.kind = PTL_EVENT_SINK,
                     .op = op,
                     .acc = tile->range,
                     .tile = tile,
                     .content = content,
                     .is_whole = content && is_sum && takes_whole(walk, tile, content->sum),
                     .rows = rows,
                     .bytes = ptl_valid_bytes(walk, tile),
                     .root = part >= 0 ? ptl_root_of(walk, part) : -1};
  if (part >= 0 && walk->bindings[part].is_part_known) {
    event.part = &walk->bindings[part].part;
  }
  event.window = part >= 0 ? ptl_gm_window_at(walk, part) : NULL;
  ptl_walk_report(walk, &event);
}

static void report_effect(ptl_walk *walk, const ptl_op *op, int root) {
  ptl_event event = {.kind = PTL_EVENT_EFFECT, .op = op, .root = root};
  ptl_walk_report(walk, &event);
}

void ptl_walk_store(ptl_walk *walk, const ptl_op *op) {
  const ptl_value *source = ptl_value_at(walk, op->operands[0]);
  int root = ptl_root_of(walk, op->operands[1]);
  if (source->is_tile && source->tile.space == PTL_SPACE_ACC) {
    ptl_walk_sink(walk, op, op->operands[1]);
  }
  report_effect(walk, op, root);
}

/* Vector ops work on their tiles alone; they have no operand in GM. */
static bool is_on_vector_tiles(const ptl_walk *walk, const ptl_op *op) {
  bool has_tile = false;
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    if (!value->is_tile && !value->is_integer && (value->is_view || value->is_pointer)) {
      return false;
    }
    has_tile = has_tile || (value->is_tile && value->tile.space == PTL_SPACE_VEC);
  }
  return has_tile;
}

/* Ops that neither write memory nor wait for anybody. */
static bool is_pure(const ptl_walk *walk, const ptl_op *op) {
  ptl_op_effect effect = ptl_row(op)->effect;
  return effect == PTL_EFFECT_PURE || (effect == PTL_EFFECT_MOVES && is_on_vector_tiles(walk, op));
}

/* Ops whose result is their operand's tile, or a part of it; true if that is all of it, and what is
 * read through it is known. */
static bool bind_alias(ptl_walk *walk, const ptl_op *op) {
  const ptl_tile *source = op->operand_count > 0 ? ptl_tile_at(walk, op->operands[0]) : NULL;
  if (!source || op->result_count != 1 || op->access[0] != PTL_ACCESS_NONE ||
      !ptl_value_at(walk, op->first_result)->is_tile) {
    return false;
  }
  ptl_tile *tile = ptl_arena_alloc(walk->arena, sizeof(*tile));
  *tile = *source;
  walk->bindings[op->first_result].tile = tile;
  if (ptl_reshape_bind(walk, op, tile)) {
    return true;
  }
  ptl_window_bind(walk, op, tile);
  tile->is_known = false;
  (void)ptl_slice_range(walk, op, &tile->range);
  return false;
}

void ptl_walk_other(ptl_walk *walk, const ptl_op *op) {
  if (ptl_acc_window_bind(walk, op) || ptl_mat_window_bind(walk, op) || bind_alias(walk, op)) {
    return;
  }
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  bool touches_cube = op->blocks[0] != NULL;
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    if (value->is_tile && ptl_is_cube_space(value->tile.space)) {
      touches_cube = true;
    }
  }
  for (int i = 0; i < op->result_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->first_result + i);
    touches_cube = touches_cube || (value->is_tile && ptl_is_cube_space(value->tile.space));
  }
  if (!ptl_walk_pop(walk, op) && touches_cube) {
    ptl_walk_give_up(walk, op, "an op that is not followed uses it");
    ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, op, NULL, "'%.*s' is not followed",
                   (int)name.length, name.data);
  }
  if (!is_pure(walk, op)) {
    report_effect(walk, op, -1);
  }
}

void ptl_walk_finish(ptl_walk *walk) {
  walk->current = NULL;
  ptl_owners_finish(walk);
  for (int i = 0; i < walk->state.memory.count; i++) {
    const ptl_content *content = &walk->state.memory.contents[i];
    if (!content->is_read && content->holds != PTL_HOLDS_UNKNOWN) {
      ptl_walk_fault(walk, PTL_CODE_LOST_DATA, content->writer, NULL,
                     "nothing reads %s that this leaves in %s",
                     content->holds == PTL_HOLDS_SUM ? "the product" : "the data",
                     ptl_walk_written_text(walk, content->writer));
    }
  }
}
