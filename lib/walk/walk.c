/* Runs a kernel op by op: binds integers, walks both sides of a branch whose condition is not
 * known, and hands each op to those that follow tiles, names, sums and bounds. */
#include "walk/walk_state.h"

#include <string.h>

/* ---- what values are bound to ------------------------------------------------------ */

static void note_constant(ptl_noted *noted, const ptl_exprs *exprs, int value, ptl_expr expr) {
  int64_t constant;
  ptl_constancy *known = &noted->constancy[value];
  if (!ptl_expr_is_const(exprs, expr, &constant) ||
      (*known == PTL_ONE_CONSTANT && noted->constants[value] != constant)) {
    *known = PTL_NO_CONSTANT;
  } else if (*known == PTL_NEVER_BOUND) {
    *known = PTL_ONE_CONSTANT;
    noted->constants[value] = constant;
  }
}

bool ptl_noted_constant(const ptl_noted *noted, int value, int64_t *out) {
  *out = noted->constants[value];
  return noted->constancy[value] == PTL_ONE_CONSTANT;
}

void ptl_bind(ptl_walk *walk, int value, ptl_expr expr) {
  if (walk->bindings[value].is_set) {
    ptl_shapes_set(&walk->state.shapes, value, NULL);
  }
  walk->bindings[value] = (ptl_binding){.expr = expr};
  if (walk->noted && walk->kernel->values[value].is_integer) {
    note_constant(walk->noted, walk->exprs, value, expr);
  }
}

ptl_expr ptl_walk_fresh_leaf(ptl_walk *walk) {
  return ptl_expr_leaf(walk->exprs, walk->kernel->value_count + walk->fresh_leaves++, false);
}

/* A value that is nothing but itself. Within a loop it is another one in each
 * iteration. Arguments, block indices and loop variables of pypto's kernels are
 * never negative; nothing is known of other results. */
static ptl_expr leaf(ptl_walk *walk, int value, bool nonnegative) {
  if (!walk->kernel->values[value].is_integer) {
    return PTL_EXPR_NONE;
  }
  int number = value;
  if (walk->loop_depth > 0) {
    number = walk->kernel->value_count + walk->fresh_leaves++;
  }
  ptl_leaf noted = ptl_leaf_of_value(walk->kernel, value);
  ptl_leaves_note(&walk->leaves, number, &noted);
  ptl_walk_tell_leaf(walk, value, number);
  return ptl_expr_leaf(walk->exprs, number, nonnegative);
}

void ptl_bind_leaf(ptl_walk *walk, int value, bool nonnegative) {
  ptl_bind(walk, value, leaf(walk, value, nonnegative));
}

void ptl_note_choice(ptl_walk *walk, int value, ptl_expr condition, ptl_expr a, ptl_expr b) {
  int number = ptl_expr_leaf_number(walk->exprs, walk->bindings[value].expr);
  if (number >= 0) {
    ptl_leaf choice = {PTL_LEAF_CHOICE, value, .condition = condition, .a = a, .b = b};
    ptl_leaves_note(&walk->leaves, number, &choice);
  }
}

void ptl_bind_leaves(ptl_walk *walk, int first, int count) {
  for (int i = 0; i < count; i++) {
    ptl_bind_leaf(walk, first + i, false);
  }
}

/* A tile is handed on as it has been set. */
void ptl_copy_bindings(ptl_walk *walk, int first, const int *from, int count) {
  ptl_binding *copy = ptl_arena_array(walk->arena, (size_t)count, sizeof(ptl_binding));
  for (int i = 0; i < count; i++) {
    copy[i] = walk->bindings[from[i]];
    copy[i].tile = (ptl_tile *)ptl_tile_at(walk, from[i]);
    copy[i].is_set = false;
  }
  for (int i = 0; i < count; i++) {
    ptl_bind(walk, first + i, copy[i].expr);
    walk->bindings[first + i] = copy[i];
  }
}

ptl_tile *ptl_same_tile(ptl_walk *walk, const ptl_tile *a, const ptl_tile *b) {
  if (!a || !b || !a->is_known || !b->is_known || !ptl_range_equal(&a->range, &b->range) ||
      a->type.elem != b->type.elem || a->type.rows != b->type.rows ||
      a->type.cols != b->type.cols || a->type.blayout_col_major != b->type.blayout_col_major ||
      a->type.slayout != b->type.slayout) {
    return NULL;
  }
  return ptl_shape_of_either(walk, a, b);
}

/* ---- branches ------------------------------------------------------------------------ */

const ptl_op *ptl_yield_of(const ptl_block *block) {
  if (!block || block->op_count == 0) {
    return NULL;
  }
  const ptl_op *last = &block->ops[block->op_count - 1];
  return last->kind == PTL_OP_YIELD ? last : NULL;
}

static void bind_results(ptl_walk *walk, const ptl_op *op, const ptl_block *taken) {
  const ptl_op *yield = ptl_yield_of(taken);
  if (yield && yield->operand_count == op->result_count) {
    ptl_copy_bindings(walk, op->first_result, yield->operands, op->result_count);
  } else {
    ptl_bind_leaves(walk, op->first_result, op->result_count);
  }
}

/* What both branches hand on: the same number, or a tile in the same place. */
static void bind_either(ptl_walk *walk, const ptl_op *op) {
  const ptl_op *then = ptl_yield_of(op->blocks[0]), *other = ptl_yield_of(op->blocks[1]);
  bool are_whole = then && other && then->operand_count == op->result_count &&
                   other->operand_count == op->result_count;
  ptl_bind_leaves(walk, op->first_result, op->result_count);
  for (int i = 0; i < op->result_count && are_whole && walk->mode != PTL_WALK_ONCE; i++) {
    const ptl_binding *a = &walk->bindings[then->operands[i]];
    const ptl_binding *b = &walk->bindings[other->operands[i]];
    if (a->expr >= 0 && a->expr == b->expr) {
      ptl_bind(walk, op->first_result + i, a->expr);
    } else {
      ptl_note_choice(walk, op->first_result + i, walk->bindings[op->operands[0]].expr, a->expr,
                      b->expr);
    }
    walk->bindings[op->first_result + i].tile = ptl_same_tile(
        walk, ptl_tile_at(walk, then->operands[i]), ptl_tile_at(walk, other->operands[i]));
  }
}

static void walk_branch(ptl_walk *walk, const ptl_op *op, int branch, ptl_expr condition) {
  int outside = ptl_path_enter(&walk->path, walk->exprs, op, branch, condition);
  if (op->blocks[branch]) {
    ptl_walk_block(walk, op->blocks[branch]);
  }
  ptl_path_leave(&walk->path, outside);
}

static void walk_both(ptl_walk *walk, const ptl_op *op, ptl_expr condition) {
  const ptl_meeting meeting = {op, condition, walk->path.numbers};
  ptl_state other = ptl_state_fork(&walk->state);
  int64_t outer = walk->maybe_begin;
  walk->maybe_begin = walk->steps;
  ptl_walk_tell_path(walk, PTL_EVENT_IF, op);
  walk_branch(walk, op, 0, condition);
  ptl_walk_tell_path(walk, PTL_EVENT_ELSE, op);
  ptl_state then = walk->state;
  walk->state = other;
  walk_branch(walk, op, 1, condition < 0 ? PTL_EXPR_NONE : ptl_expr_not(walk->exprs, condition));
  ptl_walk_tell_path(walk, PTL_EVENT_END, op);
  walk->maybe_begin = outer;
  ptl_state_meet(walk, &then, &walk->state, &meeting);
  walk->state = then;
  bind_either(walk, op);
}

static void walk_if(ptl_walk *walk, const ptl_op *op) {
  ptl_expr condition = walk->bindings[op->operands[0]].expr;
  ptl_truth truth = ptl_path_truth(&walk->path, walk->exprs, condition);
  if (truth == PTL_UNKNOWN) {
    walk_both(walk, op, condition);
    return;
  }
  const ptl_block *taken = op->blocks[truth == PTL_TRUE ? 0 : 1];
  if (taken) {
    ptl_walk_block(walk, taken);
  }
  bind_results(walk, op, taken);
}

/* ---- ops ------------------------------------------------------------------------------- */

static bool is_block_index(const ptl_op *op) { return ptl_row(op)->run == PTL_RUN_BLOCK_VALUE; }

static void walk_op(ptl_walk *walk, const ptl_op *op) {
  if (ptl_is_integer_op(op)) {
    ptl_walk_integer(walk, op);
    return;
  }
  ptl_walk_tell_path(walk, PTL_EVENT_STEP, op);
  switch (op->kind) {
  case PTL_OP_FOR:
    ptl_walk_loop(walk, op);
    break;
  case PTL_OP_IF:
    walk_if(walk, op);
    break;
  case PTL_OP_YIELD:
    ptl_owners_walk_yield(walk, op);
    break;
  case PTL_OP_RETURN:
    break;
  default:
    for (int i = 0; i < op->result_count; i++) {
      ptl_bind_leaf(walk, op->first_result + i, is_block_index(op));
    }
    ptl_owners_walk_op(walk, op);
    ptl_walk_tile_op(walk, op);
    break;
  }
}

/* What the walk has cost so far, in steps. */
static int64_t work_of(const ptl_walk *walk) {
  return walk->steps + walk->scanned / PTL_WALK_ENTRIES_PER_STEP +
         (int64_t)(walk->arena->bytes - walk->arena_begin) / PTL_WALK_BYTES_PER_STEP;
}

void ptl_walk_block(ptl_walk *walk, const ptl_block *block) {
  for (int i = 0; i < block->op_count && !walk->out_of_steps; i++) {
    walk->steps++;
    walk->scanned +=
        walk->state.memory.count + walk->state.owners.count + walk->state.owners.slices.count;
    if (work_of(walk) > PTL_WALK_MAX_STEPS) {
      walk->hearing = PTL_HEARS_ALL;
      ptl_walk_fault(walk, PTL_CODE_NOT_FOLLOWED, &block->ops[i], NULL,
                     "the kernel takes more than %d steps to follow", PTL_WALK_MAX_STEPS);
      walk->out_of_steps = true;
      return;
    }
    walk->current = &block->ops[i];
    walk_op(walk, &block->ops[i]);
  }
}

static void init_noted(ptl_noted *noted, ptl_arena *arena, const ptl_kernel *kernel) {
  size_t count = (size_t)kernel->value_count + 1;
  *noted =
      (ptl_noted){.constancy = ptl_arena_array(arena, count, sizeof(ptl_constancy)),
                  .constants = ptl_arena_array(arena, count, sizeof(int64_t)),
                  .last_place = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(int))};
  memset(noted->last_place, 0xff, ((size_t)kernel->op_count + 1) * sizeof(int));
}

ptl_status ptl_walk_run(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                        ptl_walk_mode mode, ptl_exprs *exprs, ptl_walk_listener listener,
                        void *user) {
  return ptl_walk_run_noting(arena, kernel, target, mode, exprs, listener, user, NULL);
}

ptl_status ptl_walk_run_noting(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                               ptl_walk_mode mode, ptl_exprs *exprs, ptl_walk_listener listener,
                               void *user, ptl_noted *noted) {
  ptl_walk walk = {.arena = arena,
                   .kernel = kernel,
                   .target = target,
                   .mode = mode,
                   .exprs = exprs,
                   .listener = listener,
                   .user = user,
                   .path = {.arena = arena},
                   .leaves = {.arena = arena},
                   .noted = noted,
                   .arena_begin = arena->bytes};
  ptl_state_init(&walk.state, arena, kernel);
  ptl_bounds_init(&walk.bounds, arena, kernel);
  ptl_ledger_init(&walk.ledger, arena, kernel);
  if (noted) {
    init_noted(noted, arena, kernel);
  }
  walk.bindings = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(ptl_binding));
  for (int i = 0; i < kernel->value_count; i++) {
    walk.bindings[i].expr = PTL_EXPR_NONE;
  }
  for (int i = 0; i < kernel->body->argument_count; i++) {
    ptl_bind_leaf(&walk, kernel->body->first_argument + i, true);
  }
  ptl_walk_block(&walk, kernel->body);
  ptl_walk_finish(&walk);
  ptl_bounds_finish(&walk);
  return walk.out_of_steps ? PTL_REFUSED : PTL_OK;
}

bool ptl_fault_is_of_others(ptl_code fault) {
  return fault == PTL_CODE_VECTOR_SCRATCH_AREA || fault == PTL_CODE_WRONG_PIPE ||
         fault == PTL_CODE_SECOND_SLOT || fault == PTL_CODE_KNOWN_WRONG;
}

bool ptl_fault_is_error(ptl_code fault) {
  return fault != PTL_CODE_NONE && fault != PTL_CODE_NOT_FOLLOWED && !ptl_fault_is_of_others(fault);
}

bool ptl_fault_is_of_flags(ptl_code fault) {
  return fault == PTL_CODE_PARTIAL_OVERLAP || fault == PTL_CODE_EVENT_IDS ||
         fault == PTL_CODE_SLOT_EVENT_IDS || fault == PTL_CODE_LOOK_AHEAD_SLOT;
}

bool ptl_fault_is_shared(ptl_code fault) {
  return fault == PTL_CODE_MAY_LEAVE_VIEW || fault == PTL_CODE_EXTENT_MAY_BE_NEGATIVE ||
         fault == PTL_CODE_STALE_LOAD;
}
