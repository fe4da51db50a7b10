/* Loops: those that are known to run so many times are run; of others the first iteration and any
 * later one are walked, and what they leave meets with not having run.
 *
 * Inside of a loop every walk over the body gives values that are not known leaves of their own, so
 * that what one iteration leaves behind is never taken for what the next one means by the same
 * name.
 */
#include "walk/walk_state.h"

static ptl_expr expr_of(const ptl_walk *walk, int value) { return walk->bindings[value].expr; }

static bool judges(const ptl_walk *walk) { return walk->mode != PTL_WALK_ONCE; }

static int carried_count(const ptl_op *op) { return op->operand_count - 3; }

static void run_loop(ptl_walk *walk, const ptl_op *op, int64_t turns) {
  const ptl_block *body = op->blocks[0];
  int carried = carried_count(op);
  ptl_expr variable = expr_of(walk, op->operands[0]), step = expr_of(walk, op->operands[2]);
  ptl_copy_bindings(walk, body->first_argument + 1, op->operands + 3, carried);
  walk->loop_depth++;
  for (int64_t i = 0; i < turns && !walk->out_of_steps; i++) {
    ptl_bind(walk, body->first_argument, variable);
    ptl_walk_block(walk, body);
    const ptl_op *yield = ptl_yield_of(body);
    if (yield && yield->operand_count == carried) {
      ptl_copy_bindings(walk, body->first_argument + 1, yield->operands, carried);
    }
    variable = ptl_expr_add(walk->exprs, variable, step);
  }
  walk->loop_depth--;
  for (int i = 0; i < carried && i < op->result_count; i++) {
    walk->bindings[op->first_result + i] = walk->bindings[body->first_argument + 1 + i];
  }
}

bool ptl_walk_turns(const ptl_walk *walk, const ptl_op *op, int64_t *turns) {
  int64_t distance, step;
  if (!ptl_expr_difference(walk->exprs, expr_of(walk, op->operands[1]),
                           expr_of(walk, op->operands[0]), &distance) ||
      !ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[2]), &step) || step <= 0) {
    return false;
  }
  *turns = distance > 0 ? (distance - 1) / step + 1 : 0;
  return true;
}

int64_t ptl_walk_most_turns(ptl_walk *walk, const ptl_op *op) {
  enum { LONGEST = 1 << 30 };
  int64_t step;
  if (!ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[2]), &step) || step <= 0) {
    return 0;
  }
  ptl_expr distance =
      ptl_expr_sub(walk->exprs, expr_of(walk, op->operands[1]), expr_of(walk, op->operands[0]));
  int64_t most = ptl_walk_most(walk, distance, LONGEST);
  return most > 0 && most < LONGEST ? (most - 1) / step + 1 : 0;
}

/* ---- symbolic bounds ----------------------------------------------------------- */

/* Walks a body that tells no more than `hearing` lets it. */
static void walk_quietly(ptl_walk *walk, const ptl_block *body, ptl_hearing hearing) {
  ptl_hearing outer = walk->hearing;
  int events = walk->event_count;
  walk->hearing = outer > hearing ? outer : hearing;
  ptl_walk_block(walk, body);
  walk->hearing = outer;
  walk->event_count = events;
}

/* ---- rounds ------------------------------------------------------------------------
 *
 * Iterations are walked in rounds of as many as the slots of multi tiles take turns in, so that the
 * number of each slot is a constant. Without slots a round is one iteration. */

typedef struct turns {
  const ptl_op *op;
  int64_t period;
  ptl_meeting meeting;
  bool has_left;
  ptl_state left; /* after iterations that are not the last of their round */
} turns;

static int64_t period_of(const ptl_walk *walk, const ptl_op *op) {
  int64_t lower, step;
  bool is_known = judges(walk) &&
                  ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[0]), &lower) &&
                  ptl_expr_is_const(walk->exprs, expr_of(walk, op->operands[2]), &step) &&
                  lower >= 0 && step > 0;
  return is_known ? ptl_slot_period(walk->kernel, op->blocks[0]) : 1;
}

/* The loop may end here, though the round goes on. */
static void leave_early(ptl_walk *walk, turns *t) {
  ptl_state now = ptl_state_fork(&walk->state);
  if (t->has_left) {
    ptl_state_meet(walk, &t->left, &now, &t->meeting);
  } else {
    t->left = now;
    t->has_left = true;
  }
}

/* Inside of a round each iteration runs on a condition of its own. */
static int enter_iteration(ptl_walk *walk, const turns *t) {
  ptl_exprs *exprs = walk->exprs;
  ptl_expr variable = expr_of(walk, t->op->blocks[0]->first_argument);
  ptl_expr upper = expr_of(walk, t->op->operands[1]);
  return t->period == 1
             ? walk->path.count
             : ptl_path_enter(&walk->path, exprs, t->op, 0,
                              ptl_expr_is_negative(exprs, ptl_expr_sub(exprs, variable, upper)));
}

/* The variable in the first round: lower + step * phase. */
static ptl_expr early_iteration(ptl_walk *walk, const ptl_op *op, int64_t phase) {
  ptl_expr lower = expr_of(walk, op->operands[0]), step = expr_of(walk, op->operands[2]);
  if (phase == 0) {
    return lower;
  }
  ptl_expr further = ptl_expr_mul(walk->exprs, step, ptl_expr_const(walk->exprs, phase));
  return ptl_expr_add(walk->exprs, lower, further);
}

/* The first iteration is known exactly: it begins with what lies in the buffers before the
 * loop. A fault in it is one for all bounds with which the loop runs at all. */
static void walk_first_round(ptl_walk *walk, turns *t) {
  const ptl_op *op = t->op;
  const ptl_block *body = op->blocks[0];
  int64_t outer = walk->maybe_begin;
  const ptl_op *yield = ptl_yield_of(body);
  for (int64_t phase = 0; phase < t->period; phase++) {
    bool goes_on = phase > 0 && yield && yield->operand_count == carried_count(op);
    ptl_copy_bindings(walk, body->first_argument + 1, goes_on ? yield->operands : op->operands + 3,
                      carried_count(op));
    ptl_bind(walk, body->first_argument, early_iteration(walk, op, phase));
    walk->maybe_begin = walk->steps;
    walk->further += phase > 0;
    int outside = enter_iteration(walk, t);
    ptl_walk_tell_turn(walk, PTL_EVENT_FIRST, op, phase);
    walk_quietly(walk, body, PTL_HEARS_FAULTS);
    ptl_walk_tell_path(walk, PTL_EVENT_END, op);
    walk->further -= phase > 0;
    ptl_path_leave(&walk->path, outside);
    if (phase + 1 < t->period) {
      leave_early(walk, t);
    }
  }
  walk->maybe_begin = outer;
}

/* Where the iterations of a phase begin, and how far they are apart. */
typedef struct stride {
  ptl_expr lower, step;
} stride;

static stride stride_of(ptl_walk *walk, const turns *t, int64_t phase) {
  ptl_expr step = expr_of(walk, t->op->operands[2]);
  ptl_expr period = ptl_expr_const(walk->exprs, t->period);
  return (stride){early_iteration(walk, t->op, phase),
                  t->period == 1 ? step : ptl_expr_mul(walk->exprs, step, period)};
}

/* The variable in a later round: lower + step * (1 + some number), so that it is none of the first
 * one's, if that is known not to be negative. */
static ptl_expr later_iteration(ptl_walk *walk, stride from, ptl_expr number) {
  int64_t size, is_negative;
  if (!judges(walk) || !ptl_expr_is_const(walk->exprs, from.step, &size) || size <= 0 ||
      !ptl_expr_is_const(walk->exprs, ptl_expr_is_negative(walk->exprs, from.lower),
                         &is_negative) ||
      is_negative) {
    return number;
  }
  ptl_expr count = ptl_expr_add_const(walk->exprs, number, 1);
  ptl_expr further = ptl_expr_mul(walk->exprs, count, from.step);
  ptl_expr result = ptl_expr_add(walk->exprs, from.lower, further);
  return result >= 0 ? result : number;
}

static void note_variable(ptl_walk *walk, const ptl_op *op, stride from, ptl_expr number) {
  int value = op->blocks[0]->first_argument;
  ptl_expr variable = expr_of(walk, value);
  ptl_leaf noted = {.kind = variable == number ? PTL_LEAF_LOOP : PTL_LEAF_TURN,
                    .value = value,
                    .lower = from.lower,
                    .upper = expr_of(walk, op->operands[1]),
                    .step = from.step,
                    .variable = variable};
  if (number >= 0) {
    ptl_leaves_note(&walk->leaves, ptl_expr_leaf_number(walk->exprs, number), &noted);
  }
}

/* `tiles`: what the loop carries is on every iteration, by number; NULL: not known. */
static void bind_iteration(ptl_walk *walk, const turns *t, int64_t phase, ptl_tile *const *tiles) {
  const ptl_block *body = t->op->blocks[0];
  stride from = stride_of(walk, t, phase);
  ptl_bind_leaf(walk, body->first_argument, true);
  ptl_expr number = expr_of(walk, body->first_argument);
  ptl_bind(walk, body->first_argument, later_iteration(walk, from, number));
  note_variable(walk, t->op, from, number);
  ptl_bind_leaves(walk, body->first_argument + 1, body->argument_count - 1);
  for (int i = 0; i < carried_count(t->op) && i + 1 < body->argument_count; i++) {
    walk->bindings[body->first_argument + 1 + i].tile = tiles[i];
  }
}

static void walk_later_round(ptl_walk *walk, turns *t, ptl_tile *const *tiles, bool is_heard) {
  const ptl_block *body = t->op->blocks[0];
  for (int64_t phase = 0; phase < t->period; phase++) {
    bind_iteration(walk, t, phase, tiles);
    int outside = enter_iteration(walk, t);
    if (is_heard) {
      walk->further += phase > 0;
      ptl_walk_tell_turn(walk, PTL_EVENT_FOR, t->op, phase);
      ptl_walk_block(walk, body);
      ptl_walk_tell_path(walk, PTL_EVENT_END, t->op);
      walk->further -= phase > 0;
    } else {
      walk_quietly(walk, body, PTL_HEARS_NOTHING);
    }
    ptl_path_leave(&walk->path, outside);
    if (is_heard && phase + 1 < t->period) {
      leave_early(walk, t);
    }
  }
}

/* The tiles that a loop hands on from iteration to iteration in one place, as they were walked in
 * its first one. */
static ptl_tile **carried_tiles(ptl_walk *walk, const ptl_op *op) {
  int carried = carried_count(op);
  ptl_tile **tiles = ptl_arena_array(walk->arena, (size_t)carried + 1, sizeof(*tiles));
  const ptl_op *yield = ptl_yield_of(op->blocks[0]);
  for (int i = 0; judges(walk) && yield && i < carried && i < yield->operand_count; i++) {
    tiles[i] = ptl_same_tile(walk, ptl_tile_at(walk, op->operands[3 + i]),
                             ptl_tile_at(walk, yield->operands[i]));
  }
  return tiles;
}

/* `before`: what was there before the iterations; NULL: it does not matter. */
static void forget_written(ptl_walk *walk, int first, const ptl_op *op, const char *why,
                           const ptl_memory *before) {
  ptl_memory *memory = &walk->state.memory;
  for (int i = first; i < walk->written_count; i++) {
    if (judges(walk)) {
      ptl_memory_forget(memory, walk->written[i], op, why);
    } else {
      ptl_memory_forget_carried(memory, walk->written[i], op, why, before);
    }
  }
}

/* Walks what any iteration does, and leaves the state after one or more of them. */
static void walk_iterations(ptl_walk *walk, const ptl_op *op) {
  turns t = {
      .op = op, .period = period_of(walk, op), .meeting = {op, PTL_EXPR_NONE, walk->path.numbers}};
  int first_written = walk->written_count;
  bool outer = walk->record_writes;
  walk->record_writes = true;
  if (judges(walk)) {
    walk_first_round(walk, &t);
  }
  ptl_tile **tiles = carried_tiles(walk, op);
  ptl_state first = ptl_state_fork(&walk->state);
  walk_later_round(walk, &t, tiles, false);
  walk->record_writes = outer;
  if (judges(walk)) {
    ptl_state_meet(walk, &walk->state, &first, &t.meeting);
  }
  forget_written(walk, first_written, op, "an earlier iteration of this loop may have written it",
                 &first.memory);
  walk_later_round(walk, &t, tiles, true);
  if (judges(walk)) {
    ptl_state_meet(walk, &walk->state, &first, &t.meeting);
  }
  if (t.has_left) {
    ptl_state_meet(walk, &walk->state, &t.left, &t.meeting);
  }
  forget_written(walk, first_written, op, "a loop that may not run writes it", NULL);
  if (!walk->record_writes) {
    walk->written_count = first_written;
  }
  ptl_bind_leaves(walk, op->first_result, op->result_count);
  for (int i = 0; i < carried_count(op) && i < op->result_count; i++) {
    walk->bindings[op->first_result + i].tile = tiles[i];
  }
}

static void walk_symbolic(ptl_walk *walk, const ptl_op *op) {
  ptl_expr lower = expr_of(walk, op->operands[0]), upper = expr_of(walk, op->operands[1]);
  ptl_expr runs = ptl_expr_is_negative(walk->exprs, ptl_expr_sub(walk->exprs, lower, upper));
  ptl_truth truth = ptl_path_truth(&walk->path, walk->exprs, runs);
  if (truth == PTL_FALSE) {
    ptl_copy_bindings(walk, op->first_result, op->operands + 3, op->result_count);
    return;
  }
  ptl_state before = ptl_state_fork(&walk->state);
  const ptl_meeting meeting = {op, runs, walk->path.numbers};
  int outside = ptl_path_enter(&walk->path, walk->exprs, op, 0, runs);
  walk->loop_depth += judges(walk);
  walk_iterations(walk, op);
  walk->loop_depth -= judges(walk);
  ptl_path_leave(&walk->path, outside);
  if (truth != PTL_TRUE) {
    ptl_state_meet(walk, &walk->state, &before, &meeting);
  }
}

void ptl_walk_loop(ptl_walk *walk, const ptl_op *op) {
  int64_t turns;
  if (ptl_walk_turns(walk, op, &turns) && (walk->mode == PTL_WALK_RUN || !op->holds_sink)) {
    run_loop(walk, op, turns);
  } else {
    walk_symbolic(walk, op);
  }
}
