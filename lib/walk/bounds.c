/* Asks at each visit of the walk whether the parts of views lie inside of them, and decides at
 * the end which of the failures are errors, warnings or assumptions. */
#include "walk/bounds.h"

#include <inttypes.h>
#include <string.h>

#include "expr/expr_text.h"
#include "kernel/describe.h"
#include "walk/walk_state.h"

enum { MAX_SEARCHES = 64 };

void ptl_bounds_init(ptl_bounds *bounds, ptl_arena *arena, const ptl_kernel *kernel) {
  *bounds =
      (ptl_bounds){.first = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(int))};
  memset(bounds->first, 0xff, ((size_t)kernel->op_count + 1) * sizeof(int));
}

/* The item of an op's question; questions come in the same order at each visit. */
static ptl_bound *bound_of(ptl_walk *walk, const ptl_op *op, int number) {
  ptl_bounds *bounds = &walk->bounds;
  int *first = &bounds->first[op->index];
  if (*first >= 0 && *first + number < bounds->count && bounds->items[*first + number].op == op) {
    return &bounds->items[*first + number];
  }
  bounds->items = ptl_arena_more(walk->arena, bounds->items, bounds->count, &bounds->capacity,
                                 sizeof(ptl_bound));
  *first = number == 0 ? bounds->count : *first;
  bounds->items[bounds->count] = (ptl_bound){.op = op, .extent = -1};
  return &bounds->items[bounds->count++];
}

/* ---- the path ----------------------------------------------------------- */

/* The variable's value in the last iteration, where it is known how many there are. */
static ptl_expr last_value(const ptl_walk *walk, const ptl_op *loop) {
  int64_t turns, step;
  if (!ptl_walk_turns(walk, loop, &turns) || turns == 0 ||
      !ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, loop->operands[2]), &step)) {
    return PTL_EXPR_NONE;
  }
  return ptl_expr_add_const(walk->exprs, ptl_integer_at(walk, loop->operands[0]),
                            (turns - 1) * step);
}

static void add_loop(ptl_walk *walk, ptl_facts *facts, const ptl_op *loop) {
  ptl_expr variable = ptl_integer_at(walk, loop->blocks[0]->first_argument);
  ptl_expr lower = ptl_integer_at(walk, loop->operands[0]);
  ptl_expr upper = ptl_integer_at(walk, loop->operands[1]);
  ptl_facts_add(facts, ptl_expr_sub(walk->exprs, last_value(walk, loop), variable));
  ptl_expr below = ptl_expr_sub(walk->exprs, upper, variable);
  if (below >= 0) {
    ptl_facts_add(facts, ptl_expr_add_const(walk->exprs, below, -1));
  }
  ptl_facts_add(facts, ptl_expr_sub(walk->exprs, variable, lower));
}

ptl_facts ptl_facts_here(ptl_walk *walk) {
  ptl_facts facts = {.arena = walk->arena, .exprs = walk->exprs, .leaves = &walk->leaves};
  for (int i = 0; i < walk->path.count; i++) {
    const ptl_decision *decision = &walk->path.items[i];
    ptl_facts_assume(&facts, decision->condition, true);
    if (decision->op->kind == PTL_OP_FOR) {
      add_loop(walk, &facts, decision->op);
    }
  }
  return facts;
}

/* Whether this point is reached for all arguments. */
static bool is_sure(const ptl_walk *walk) {
  bool result = true;
  for (int i = 0; result && i < walk->path.count; i++) {
    int64_t holds;
    result = ptl_expr_is_const(walk->exprs, walk->path.items[i].condition, &holds) && holds != 0;
  }
  return result;
}

/* Whether this point is reached whenever the loops around it run at all. */
static bool is_in_first_iterations(const ptl_walk *walk) {
  bool result = walk->loop_depth == walk->path.count;
  for (int i = 0; result && i < walk->path.count; i++) {
    const ptl_op *op = walk->path.items[i].op;
    result = op->kind == PTL_OP_FOR && ptl_integer_at(walk, op->blocks[0]->first_argument) ==
                                           ptl_integer_at(walk, op->operands[0]);
  }
  return result;
}

/* ---- words -------------------------------------------------------------- */

static const char *text_of(ptl_walk *walk, ptl_expr expr) {
  return ptl_expr_text(walk->arena, walk->kernel, walk->exprs, &walk->leaves, expr);
}

static const char *no_words = "";

/* "with %i = 3": the variables of the loops around the op, where they are constants. */
static const char *iteration_text(ptl_walk *walk, const ptl_op *op) {
  const ptl_block *block = walk->kernel->body;
  const char *text = no_words;
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *at = &block->ops[i];
    bool is_around =
        at->index < op->index && (i + 1 == block->op_count || block->ops[i + 1].index > op->index);
    if (!is_around) {
      continue;
    }
    int64_t variable;
    if (at->kind == PTL_OP_FOR &&
        ptl_expr_is_const(walk->exprs, ptl_integer_at(walk, at->blocks[0]->first_argument),
                          &variable)) {
      text = ptl_arena_printf(
          walk->arena, "%s%s %s = %" PRId64, text, *text ? "," : " in the iteration with",
          ptl_value_name(walk->kernel, at->blocks[0]->first_argument), variable);
    }
    bool is_second =
        at->blocks[1] && at->blocks[1]->op_count > 0 && at->blocks[1]->ops[0].index <= op->index;
    block = at->blocks[is_second];
    i = -1;
    if (!block) {
      break;
    }
  }
  return text;
}

/* "for %n = 0": the arguments and loop variables of a witness. */
static const char *witness_text(ptl_walk *walk, const ptl_witness *witness) {
  const char *text = no_words;
  for (int i = 0; i < witness->count; i++) {
    ptl_leaf leaf = ptl_leaves_at(&walk->leaves, witness->leaves[i]);
    if (leaf.value >= 0) {
      text = ptl_arena_printf(walk->arena, "%s%s %s = %" PRId64, text, *text ? "," : " for",
                              ptl_value_name(walk->kernel, leaf.value), witness->values[i]);
    }
  }
  return text;
}

/* What is asked of one number of an op. */
typedef enum subject { SUBJECT_OFFSET, SUBJECT_END, SUBJECT_SIZE, SUBJECT_VALID } subject;

struct ptl_question {
  subject subject;
  const ptl_op *op;
  int dimension; /* of the part; of a tile: 0 rows, 1 columns */
  int extent;    /* value number of a size or of what is valid; else -1 */
  ptl_expr goal; /* it is right if this is not negative */
  ptl_expr value;
  ptl_expr begin, of; /* SUBJECT_END: the elements from `begin` to `value` are taken, of how many */
};

typedef struct ptl_question question;

static const char *name_of(ptl_walk *walk, const question *q) {
  if (q->subject == SUBJECT_VALID) {
    return q->dimension == 0 ? "valid_row" : "valid_col";
  }
  const char *what = q->subject == SUBJECT_OFFSET ? "offset" : "size";
  return q->op->rank != 2
             ? ptl_arena_printf(walk->arena, "the %s in dimension %d", what, q->dimension)
             : ptl_arena_printf(walk->arena, "the %s %s", q->dimension == 0 ? "row" : "column",
                                what);
}

/* "rows 48 to 80 of a view of 64" */
static const char *range_text(ptl_walk *walk, const question *q) {
  const char *elements = q->op->rank != 2 ? "elements" : q->dimension == 0 ? "rows" : "columns";
  const char *where =
      q->op->rank != 2 ? ptl_arena_printf(walk->arena, "dimension %d of ", q->dimension) : "";
  return ptl_arena_printf(walk->arena, "%s %s to %s of %sa view of %s", elements,
                          text_of(walk, q->begin), text_of(walk, q->value), where,
                          text_of(walk, q->of));
}

static bool is_extent(const question *q) {
  return q->subject == SUBJECT_SIZE || q->subject == SUBJECT_VALID;
}

static const char *failure_text(ptl_walk *walk, const question *q) {
  const char *iteration = iteration_text(walk, q->op);
  if (q->subject == SUBJECT_END) {
    return ptl_arena_printf(walk->arena, "%s are taken%s; take no more than it has",
                            range_text(walk, q), iteration);
  }
  return ptl_arena_printf(walk->arena, "%s is %s%s: negative, %s; make it 0 or more",
                          name_of(walk, q), text_of(walk, q->value), iteration,
                          is_extent(q) ? "and the transfer would not end" : "before the view");
}

static const char *warning_text(ptl_walk *walk, const question *q, const ptl_witness *witness) {
  int64_t value;
  const char *is = ptl_expr_is_const(walk->exprs, q->value, &value)
                       ? ""
                       : ptl_arena_printf(walk->arena, ", %s,", text_of(walk, q->value));
  return ptl_arena_printf(walk->arena,
                          "%s%s is %" PRId64
                          "%s%s: negative, %s; guard it with an scf.if, or clamp it "
                          "with arith.maxsi",
                          name_of(walk, q), is, witness->value, witness_text(walk, witness),
                          iteration_text(walk, q->op),
                          is_extent(q) ? "and the transfer would not end" : "before the view");
}

const char *ptl_assumption_text(ptl_walk *walk, const ptl_event *event) {
  const question *q = event->taken;
  return q->subject == SUBJECT_END
             ? ptl_arena_printf(walk->arena, "%s are in it", range_text(walk, q))
             : ptl_arena_printf(walk->arena, "%s, %s, is not negative", name_of(walk, q),
                                text_of(walk, q->value));
}

/* ---- one number at one visit -------------------------------------------- */

typedef enum answer { HOLDS, FAILS, OPEN } answer;

static answer answer_of(ptl_walk *walk, ptl_facts *facts, ptl_expr goal) {
  ptl_expr opposite = ptl_expr_sub(walk->exprs, ptl_expr_const(walk->exprs, -1), goal);
  if (ptl_is_nonnegative(facts, goal)) {
    return HOLDS;
  }
  return goal >= 0 && opposite >= 0 && ptl_is_nonnegative(facts, opposite) ? FAILS : OPEN;
}

static ptl_code fault_of(bool is_extent, bool is_error) {
  return is_extent ? (is_error ? PTL_CODE_NEGATIVE_EXTENT : PTL_CODE_EXTENT_MAY_BE_NEGATIVE)
                   : (is_error ? PTL_CODE_OUTSIDE_OF_VIEW : PTL_CODE_MAY_LEAVE_VIEW);
}

/* Whether the same number was told of at another op. */
static bool is_told_elsewhere(const ptl_walk *walk, const ptl_bound *bound) {
  for (int i = 0; bound->extent >= 0 && i < walk->bounds.count; i++) {
    if (walk->bounds.items[i].extent == bound->extent && walk->bounds.items[i].is_told) {
      return true;
    }
  }
  return false;
}

static void tell(ptl_walk *walk, ptl_bound *bound, bool is_error, const char *text) {
  if (!is_told_elsewhere(walk, bound)) {
    ptl_walk_fault(walk, fault_of(bound->extent >= 0, is_error), bound->op, NULL, "%s", text);
  }
  bound->is_told = true;
}

static void note_failure(ptl_walk *walk, ptl_bound *bound, const question *q) {
  bound->failures++;
  if (!bound->failure) {
    bound->failure = failure_text(walk, q);
  }
  if (is_sure(walk)) {
    tell(walk, bound, true, failure_text(walk, q));
  }
}

static void note_doubt(ptl_walk *walk, ptl_bound *bound, const question *q, answer found,
                       const ptl_witness *witness) {
  bool is_end = q->subject == SUBJECT_END;
  if (bound->warning) {
    return;
  }
  if (witness && !is_end && (found == FAILS || witness->argument_count <= 1)) {
    bound->warning = warning_text(walk, q, witness);
  } else if (witness && is_end && found == FAILS && is_in_first_iterations(walk)) {
    bound->warning = failure_text(walk, q);
  } else if (!bound->taken) {
    question *taken = ptl_arena_alloc(walk->arena, sizeof(*taken));
    *taken = *q;
    bound->taken = taken;
  }
}

/* Looks for arguments under which the number is wrong, where that matters. */
static bool find_witness(ptl_facts *facts, ptl_bound *bound, const question *q, answer found,
                         ptl_witness *out) {
  bool matters = found == FAILS || (q->subject != SUBJECT_END && !bound->warning);
  return matters && bound->searches++ < MAX_SEARCHES && ptl_find_negative(facts, q->goal, out);
}

static void ask(ptl_walk *walk, int number, const question *q) {
  ptl_bound *bound = bound_of(walk, q->op, number);
  int64_t constant;
  bound->extent = q->extent;
  bound->visits++;
  if (bound->is_told || (ptl_expr_is_const(walk->exprs, q->goal, &constant) && constant >= 0)) {
    return;
  }
  ptl_facts facts = ptl_facts_here(walk);
  answer found = answer_of(walk, &facts, q->goal);
  if (found == HOLDS) {
    return;
  }
  ptl_witness witness;
  bool is_met = find_witness(&facts, bound, q, found, &witness);
  if (found == FAILS && (is_met || is_sure(walk))) {
    note_failure(walk, bound, q);
  }
  if (!bound->is_told) {
    note_doubt(walk, bound, q, found, is_met ? &witness : NULL);
  }
}

/* ---- ops ---------------------------------------------------------------- */

static void ask_part(ptl_walk *walk, const ptl_op *op) {
  const ptl_gm_window *view = ptl_gm_window_at(walk, op->operands[0]);
  for (int i = 0; i < op->rank; i++) {
    int size = op->operands[1 + op->rank + i];
    ptl_expr offset = ptl_integer_at(walk, op->operands[1 + i]);
    ptl_expr end = ptl_expr_add(walk->exprs, offset, ptl_integer_at(walk, size));
    ptl_expr of = view && view->rank == op->rank ? view->extents[i] : PTL_EXPR_NONE;
    ask(walk, 3 * i, &(question){SUBJECT_OFFSET, op, i, -1, .goal = offset, .value = offset});
    ask(walk, 3 * i + 1,
        &(question){SUBJECT_END, op, i, -1, .goal = ptl_expr_sub(walk->exprs, of, end),
                    .value = end, .begin = offset, .of = of});
    ask(walk, 3 * i + 2,
        &(question){SUBJECT_SIZE, op, i, size, .goal = ptl_integer_at(walk, size),
                    .value = ptl_integer_at(walk, size)});
  }
}

/* Rows and columns that are valid, as values; -1: the type says how many. */
static void ask_valid(ptl_walk *walk, const ptl_op *op, int rows, int cols) {
  const int values[] = {rows, cols};
  for (int i = 0; i < 2; i++) {
    ptl_expr value =
        values[i] >= 0 ? ptl_integer_at(walk, values[i]) : ptl_expr_const(walk->exprs, 0);
    ask(walk, i, &(question){SUBJECT_VALID, op, i, values[i], .goal = value, .value = value});
  }
}

void ptl_bounds_walk_op(ptl_walk *walk, const ptl_op *op) {
  if (walk->mode == PTL_WALK_ONCE || walk->hearing == PTL_HEARS_NOTHING) {
    return;
  }
  if (op->kind == PTL_OP_PART) {
    ask_part(walk, op);
  } else if (op->kind == PTL_OP_ALLOC) {
    ask_valid(walk, op, op->valid_row, op->valid_col);
  } else if (op->kind == PTL_OP_VALIDSHAPE) {
    ask_valid(walk, op, op->operands[1], op->operands[2]);
  }
}

void ptl_bounds_finish(ptl_walk *walk) {
  for (int i = 0; i < walk->bounds.count; i++) {
    ptl_bound *bound = &walk->bounds.items[i];
    if (bound->is_told) {
      continue;
    }
    if (bound->failures > 0 && bound->failures == bound->visits) {
      tell(walk, bound, true, bound->failure);
    } else if (bound->warning) {
      tell(walk, bound, false, bound->warning);
    } else if (bound->taken) {
      ptl_event event = {.kind = PTL_EVENT_ASSUMPTION, .op = bound->op, .taken = bound->taken};
      ptl_walk_report(walk, &event);
    }
  }
}
