#include "kernel/walk_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ptl_walk_report(ptl_walk *walk, ptl_event *event) {
  event->number = walk->event_count++;
  if (walk->hearing == PTL_HEARS_ALL ||
      (walk->hearing == PTL_HEARS_FAULTS && event->kind == PTL_EVENT_FAULT)) {
    walk->listener(walk->user, walk, event);
  }
}

void ptl_walk_fault(ptl_walk *walk, ptl_fault fault, const ptl_op *op, const ptl_op *other,
                    const char *format, ...) {
  if (walk->hearing == PTL_HEARS_NOTHING) {
    return;
  }
  char text[512];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  ptl_event event = {.kind = PTL_EVENT_FAULT, .op = op, .fault = fault, .other = other};
  event.text = ptl_arena_copy(walk->arena, text, strlen(text));
  ptl_walk_report(walk, &event);
}

void ptl_walk_note_write(ptl_walk *walk, ptl_range range) {
  if (!walk->record_writes) {
    return;
  }
  if (walk->written_count == walk->written_capacity) {
    int capacity = walk->written_capacity ? walk->written_capacity * 2 : 32;
    walk->written = ptl_arena_grow(walk->arena, walk->written, (size_t)walk->written_count,
                                   (size_t)capacity, sizeof(ptl_range));
    walk->written_capacity = capacity;
  }
  walk->written[walk->written_count++] = range;
}

static void walk_block(ptl_walk *walk, const ptl_block *block);

static ptl_expr expr_of(const ptl_walk *walk, int value) { return walk->bindings[value].expr; }

static void bind(ptl_walk *walk, int value, ptl_expr expr) {
  memset(&walk->bindings[value], 0, sizeof(ptl_binding));
  walk->bindings[value].expr = expr;
}

/* A value that is nothing but itself. Within a loop that is run it is another one in each
 * iteration. Arguments, block indices and loop variables of pypto's kernels are
 * never negative; nothing is known of other results. */
static ptl_expr leaf(ptl_walk *walk, int value, bool nonnegative) {
  if (!walk->kernel->values[value].is_integer) {
    return PTL_EXPR_NONE;
  }
  int number = value;
  if (walk->run_depth > 0) {
    number = walk->kernel->value_count + walk->fresh_leaves++;
  }
  return ptl_expr_leaf(walk->exprs, number, nonnegative);
}

static void bind_leaf(ptl_walk *walk, int value, bool nonnegative) {
  bind(walk, value, PTL_EXPR_NONE);
  walk->bindings[value].expr = leaf(walk, value, nonnegative);
}

static void bind_leaves(ptl_walk *walk, int first, int count) {
  for (int i = 0; i < count; i++) {
    bind_leaf(walk, first + i, false);
  }
}

static bool is_block_index(const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  ptl_str str = {name.data, name.length};
  return ptl_str_starts_with(str, "pto.get_block") || ptl_str_starts_with(str, "pto.get_subblock");
}

typedef enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN } truth;

/* ult, ule, ugt, uge, of constants: their order is that of the same bits in 64. */
static truth compare_unsigned(const ptl_walk *walk, int64_t predicate, ptl_expr a, ptl_expr b) {
  int64_t x, y;
  if (!ptl_expr_is_const(walk->exprs, a, &x) || !ptl_expr_is_const(walk->exprs, b, &y)) {
    return TRUTH_UNKNOWN;
  }
  uint64_t left = (uint64_t)x, right = (uint64_t)y;
  const bool results[4] = {left < right, left <= right, left > right, left >= right};
  return results[predicate - 6] ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Predicates of arith.cmpi: eq, ne, slt, sle, sgt, sge; the unsigned ones follow. */
static truth compare(ptl_walk *walk, int64_t predicate, ptl_expr a, ptl_expr b) {
  int64_t difference;
  if (predicate > 5) {
    return compare_unsigned(walk, predicate, a, b);
  }
  if (a < 0 || b < 0 || !ptl_expr_difference(walk->exprs, a, b, &difference)) {
    return TRUTH_UNKNOWN;
  }
  const bool results[6] = {difference == 0, difference != 0,
                           difference<0, difference <= 0, difference> 0, difference >= 0};
  return results[predicate] ? TRUTH_TRUE : TRUTH_FALSE;
}

static truth truth_of(const ptl_walk *walk, int value) {
  int64_t constant;
  if (!ptl_expr_is_const(walk->exprs, expr_of(walk, value), &constant)) {
    return TRUTH_UNKNOWN;
  }
  return constant != 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Bitwise operations on constants; an `and` with zero needs only one. */
static ptl_expr bitwise(ptl_walk *walk, const ptl_op *op, ptl_expr a, ptl_expr b) {
  int64_t x, y;
  bool has_x = ptl_expr_is_const(walk->exprs, a, &x);
  bool has_y = ptl_expr_is_const(walk->exprs, b, &y);
  if (op->kind == PTL_OP_AND && ((has_x && x == 0) || (has_y && y == 0))) {
    return ptl_expr_const(walk->exprs, 0);
  }
  if (!has_x || !has_y) {
    return PTL_EXPR_NONE;
  }
  return ptl_expr_const(walk->exprs, op->kind == PTL_OP_AND  ? x & y
                                     : op->kind == PTL_OP_OR ? x | y
                                                             : x ^ y);
}

static ptl_expr binary(ptl_walk *walk, const ptl_op *op) {
  ptl_expr a = expr_of(walk, op->operands[0]);
  ptl_expr b = expr_of(walk, op->operands[1]);
  switch (op->kind) {
  case PTL_OP_ADD:
    return ptl_expr_add(walk->exprs, a, b);
  case PTL_OP_SUB:
    return ptl_expr_sub(walk->exprs, a, b);
  case PTL_OP_MUL:
    return ptl_expr_mul(walk->exprs, a, b);
  case PTL_OP_DIV:
    return ptl_expr_div(walk->exprs, a, b);
  case PTL_OP_REM:
    return ptl_expr_rem(walk->exprs, a, b);
  case PTL_OP_MAX:
    return ptl_expr_max(walk->exprs, a, b);
  case PTL_OP_AND:
  case PTL_OP_OR:
  case PTL_OP_XOR:
    return bitwise(walk, op, a, b);
  default:
    return ptl_expr_min(walk->exprs, a, b);
  }
}

/* The operand's bits without a sign. That of a value which is never negative is the value. */
static ptl_expr cast_unsigned(ptl_walk *walk, const ptl_op *op) {
  int operand = op->operands[0], bits = walk->kernel->values[operand].bits;
  ptl_expr value = expr_of(walk, operand);
  int64_t constant;
  if (ptl_expr_is_const(walk->exprs, value, &constant)) {
    return ptl_expr_const(walk->exprs, ptl_wrap_unsigned(constant, bits));
  }
  bool is_itself =
      bits >= 64 || ptl_expr_max(walk->exprs, value, ptl_expr_const(walk->exprs, 0)) == value;
  return is_itself ? value : PTL_EXPR_NONE;
}

/* Constants wrap at the width of their type. Of what is not constant, i32 and wider are taken not
 * to; of narrower results nothing is known. */
static ptl_expr fit(ptl_walk *walk, int value, ptl_expr expr) {
  int bits = walk->kernel->values[value].bits;
  int64_t constant;
  if (expr < 0 || bits > 64) {
    return PTL_EXPR_NONE;
  }
  if (ptl_expr_is_const(walk->exprs, expr, &constant)) {
    return ptl_expr_const(walk->exprs, ptl_wrap_signed(constant, bits));
  }
  return bits >= 32 ? expr : PTL_EXPR_NONE;
}

static void walk_integer(ptl_walk *walk, const ptl_op *op) {
  ptl_expr result = PTL_EXPR_NONE;
  truth known;
  switch (op->kind) {
  case PTL_OP_CONST:
    result = ptl_expr_const(walk->exprs, op->imm);
    break;
  case PTL_OP_CAST:
    result = expr_of(walk, op->operands[0]);
    break;
  case PTL_OP_CAST_UNSIGNED:
    result = cast_unsigned(walk, op);
    break;
  case PTL_OP_CMP:
    known = compare(walk, op->imm, expr_of(walk, op->operands[0]), expr_of(walk, op->operands[1]));
    if (known != TRUTH_UNKNOWN) {
      result = ptl_expr_const(walk->exprs, -(known == TRUTH_TRUE));
    }
    break;
  case PTL_OP_SELECT:
    known = truth_of(walk, op->operands[0]);
    if (known != TRUTH_UNKNOWN) {
      result = expr_of(walk, op->operands[known == TRUTH_TRUE ? 1 : 2]);
    }
    break;
  default:
    result = binary(walk, op);
    break;
  }
  result = fit(walk, op->first_result, result);
  bind(walk, op->first_result, PTL_EXPR_NONE);
  walk->bindings[op->first_result].expr =
      result >= 0 ? result : leaf(walk, op->first_result, false);
}

/* The values that a block's yield hands on; NULL without a yield. */
static const ptl_op *yield_of(const ptl_block *block) {
  if (!block || block->op_count == 0) {
    return NULL;
  }
  const ptl_op *last = &block->ops[block->op_count - 1];
  return last->kind == PTL_OP_YIELD ? last : NULL;
}

static void copy_bindings(ptl_walk *walk, int first, const int *from, int count) {
  ptl_binding *copy = ptl_arena_array(walk->arena, (size_t)count, sizeof(ptl_binding));
  for (int i = 0; i < count; i++) {
    copy[i] = walk->bindings[from[i]];
  }
  for (int i = 0; i < count; i++) {
    walk->bindings[first + i] = copy[i];
  }
}

static void run_loop(ptl_walk *walk, const ptl_op *op, int64_t lower, int64_t upper, int64_t step) {
  const ptl_block *body = op->blocks[0];
  int carried = op->operand_count - 3;
  copy_bindings(walk, body->first_argument + 1, op->operands + 3, carried);
  walk->run_depth++;
  for (int64_t iv = lower; iv < upper && !walk->out_of_steps; iv += step) {
    bind(walk, body->first_argument, ptl_expr_const(walk->exprs, iv));
    walk_block(walk, body);
    const ptl_op *yield = yield_of(body);
    if (yield && yield->operand_count == carried) {
      copy_bindings(walk, body->first_argument + 1, yield->operands, carried);
    }
  }
  walk->run_depth--;
  for (int i = 0; i < carried && i < op->result_count; i++) {
    walk->bindings[op->first_result + i] = walk->bindings[body->first_argument + 1 + i];
  }
}

/* Walks a body for what it tells; what it leaves in the buffers is taken back. */
static void try_body(ptl_walk *walk, const ptl_block *body, ptl_hearing hearing) {
  ptl_memory saved = ptl_memory_copy(&walk->memory);
  ptl_hearing outer = walk->hearing;
  int events = walk->event_count;
  walk->hearing = outer > hearing ? outer : hearing;
  walk_block(walk, body);
  walk->hearing = outer;
  walk->event_count = events;
  walk->memory = saved;
}

/* The ranges that the body writes, found by walking it without being heard. */
static void rehearse(ptl_walk *walk, const ptl_block *body) {
  bool outer = walk->record_writes;
  walk->record_writes = true;
  try_body(walk, body, PTL_HEARS_NOTHING);
  walk->record_writes = outer;
}

/* The first iteration is known exactly: it begins with what lies in the buffers before the
 * loop. A fault in it is one for all bounds with which the loop runs at all. */
static void walk_first_iteration(ptl_walk *walk, const ptl_op *op) {
  const ptl_block *body = op->blocks[0];
  int64_t outer = walk->maybe_begin;
  if (walk->mode != PTL_WALK_RUN || walk->hearing == PTL_HEARS_NOTHING) {
    return;
  }
  bind(walk, body->first_argument, expr_of(walk, op->operands[0]));
  copy_bindings(walk, body->first_argument + 1, op->operands + 3, op->operand_count - 3);
  walk->maybe_begin = walk->steps;
  try_body(walk, body, PTL_HEARS_FAULTS);
  walk->maybe_begin = outer;
}

static void forget_written(ptl_walk *walk, int first, const ptl_op *op, const char *why) {
  for (int i = first; i < walk->written_count; i++) {
    ptl_memory_forget(&walk->memory, walk->written[i], op, why);
  }
}

static void bind_iteration(ptl_walk *walk, const ptl_block *body) {
  bind_leaf(walk, body->first_argument, true);
  bind_leaves(walk, body->first_argument + 1, body->argument_count - 1);
}

static void walk_any_iteration(ptl_walk *walk, const ptl_op *op) {
  const ptl_block *body = op->blocks[0];
  int first_written = walk->written_count;
  walk_first_iteration(walk, op);
  bind_iteration(walk, body);
  rehearse(walk, body);
  forget_written(walk, first_written, op, "an earlier iteration of this loop may have written it");
  bind_iteration(walk, body);
  walk_block(walk, body);
  forget_written(walk, first_written, op, "a loop that may not run writes it");
  if (!walk->record_writes) {
    walk->written_count = first_written;
  }
  bind_leaves(walk, op->first_result, op->result_count);
}

static void walk_for(ptl_walk *walk, const ptl_op *op) {
  int64_t lower, upper, step;
  bool is_const = ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[0]), &lower) &&
                  ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[1]), &upper) &&
                  ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[2]), &step) &&
                  step > 0 && upper <= INT64_MAX - step;
  if (is_const && (walk->mode == PTL_WALK_RUN || !op->holds_sink)) {
    run_loop(walk, op, lower, upper, step);
  } else {
    walk_any_iteration(walk, op);
  }
}

static void bind_results(ptl_walk *walk, const ptl_op *op, const ptl_block *taken) {
  const ptl_op *yield = yield_of(taken);
  if (yield && yield->operand_count == op->result_count) {
    copy_bindings(walk, op->first_result, yield->operands, op->result_count);
  } else {
    bind_leaves(walk, op->first_result, op->result_count);
  }
}

static void walk_if(ptl_walk *walk, const ptl_op *op) {
  truth condition = truth_of(walk, op->operands[0]);
  if (condition != TRUTH_UNKNOWN) {
    const ptl_block *taken = op->blocks[condition == TRUTH_TRUE ? 0 : 1];
    if (taken) {
      walk_block(walk, taken);
    }
    bind_results(walk, op, taken);
    return;
  }
  ptl_memory before = ptl_memory_copy(&walk->memory);
  ptl_names names = ptl_names_copy(&walk->names);
  int64_t outer = walk->maybe_begin;
  walk->maybe_depth++;
  walk->maybe_begin = walk->steps;
  walk_block(walk, op->blocks[0]);
  ptl_memory then = walk->memory;
  ptl_names then_names = walk->names;
  walk->memory = before;
  walk->names = names;
  if (op->blocks[1]) {
    walk_block(walk, op->blocks[1]);
  }
  walk->maybe_depth--;
  walk->maybe_begin = outer;
  walk->scanned += (int64_t)walk->memory.count * then.count +
                   (int64_t)walk->names.count * then_names.count;
  ptl_memory_meet(&walk->memory, &then, op);
  ptl_names_meet(&walk->names, &then_names);
  bind_leaves(walk, op->first_result, op->result_count);
}

static void walk_op(ptl_walk *walk, const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_FOR:
    walk_for(walk, op);
    break;
  case PTL_OP_IF:
    walk_if(walk, op);
    break;
  case PTL_OP_YIELD:
    ptl_names_walk_yield(walk, op);
    break;
  case PTL_OP_RETURN:
    break;
  case PTL_OP_CONST:
  case PTL_OP_ADD:
  case PTL_OP_SUB:
  case PTL_OP_MUL:
  case PTL_OP_DIV:
  case PTL_OP_REM:
  case PTL_OP_MAX:
  case PTL_OP_MIN:
  case PTL_OP_AND:
  case PTL_OP_OR:
  case PTL_OP_XOR:
  case PTL_OP_CAST:
  case PTL_OP_CAST_UNSIGNED:
  case PTL_OP_CMP:
  case PTL_OP_SELECT:
    walk_integer(walk, op);
    break;
  default:
    for (int i = 0; i < op->result_count; i++) {
      bind_leaf(walk, op->first_result + i, is_block_index(op));
    }
    ptl_names_walk_op(walk, op);
    ptl_walk_tile_op(walk, op);
    break;
  }
}

/* What the walk has cost so far, in steps. */
static int64_t work_of(const ptl_walk *walk) {
  return walk->steps + walk->scanned / PTL_WALK_ENTRIES_PER_STEP +
         (int64_t)(walk->arena->bytes - walk->arena_begin) / PTL_WALK_BYTES_PER_STEP;
}

static void walk_block(ptl_walk *walk, const ptl_block *block) {
  for (int i = 0; i < block->op_count && !walk->out_of_steps; i++) {
    walk->steps++;
    walk->scanned += walk->memory.count + walk->names.count + walk->names.slices->count;
    if (work_of(walk) > PTL_WALK_MAX_STEPS) {
      walk->hearing = PTL_HEARS_ALL;
      ptl_walk_fault(walk, PTL_FAULT_UNKNOWN, &block->ops[i], NULL,
                     "the kernel takes more than %d steps to follow", PTL_WALK_MAX_STEPS);
      walk->out_of_steps = true;
      return;
    }
    walk_op(walk, &block->ops[i]);
  }
}

ptl_status ptl_walk_run(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                        ptl_walk_mode mode, ptl_exprs *exprs, ptl_walk_listener listener,
                        void *user) {
  ptl_walk walk = {.arena = arena,
                   .kernel = kernel,
                   .target = target,
                   .mode = mode,
                   .exprs = exprs,
                   .listener = listener,
                   .user = user,
                   .arena_begin = arena->bytes};
  walk.memory.arena = arena;
  walk.names.arena = arena;
  walk.names.written = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(int64_t));
  walk.names.writers = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(ptl_op *));
  walk.names.has_reader = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(bool));
  walk.names.slices = ptl_arena_array(arena, 1, sizeof(ptl_slices));
  walk.names.is_lost = ptl_arena_array(arena, PTL_SPACE_COUNT, sizeof(bool));
  walk.bindings = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(ptl_binding));
  for (int i = 0; i < kernel->value_count; i++) {
    walk.bindings[i].expr = PTL_EXPR_NONE;
  }
  for (int i = 0; i < kernel->body->argument_count; i++) {
    bind_leaf(&walk, kernel->body->first_argument + i, true);
  }
  walk_block(&walk, kernel->body);
  ptl_walk_finish(&walk);
  return walk.out_of_steps ? PTL_REFUSED : PTL_OK;
}

bool ptl_fault_is_error(ptl_fault fault) {
  return fault != PTL_FAULT_NONE && fault != PTL_FAULT_UNKNOWN;
}
