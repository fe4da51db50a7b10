/* Makes a trace of a kernel while it is walked. */
#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "flags/flags_state.h"
#include "flags/written_lines.h"

/* ---- whether a kernel has flags ------------------------------------------------------ */

/* Ops by which ptoas takes a function for one that is synchronised, and what it leaves of its own.
 */
static bool is_synchronisation(const ptl_op *op) {
  switch (op->id) {
  case PTL_PTO_SET_FLAG:
  case PTL_PTO_WAIT_FLAG:
  case PTL_PTO_SET_FLAG_DYN:
  case PTL_PTO_WAIT_FLAG_DYN:
  case PTL_PTO_RECORD_EVENT:
  case PTL_PTO_WAIT_EVENT:
    return true;
  case PTL_PTO_BARRIER:
    return !mlirAttributeIsNull(mlirOperationGetAttributeByName(
        op->op, mlirStringRefCreateFromCString("pto.auto_sync_tail_barrier")));
  default:
    return false;
  }
}

static bool holds(const ptl_block *block, bool (*is_asked)(const ptl_op *op)) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (is_asked(op) || holds(op->blocks[0], is_asked) || holds(op->blocks[1], is_asked)) {
      return true;
    }
  }
  return false;
}

ptl_flag_trace *ptl_flag_trace_new(ptl_arena *arena, const ptl_kernel *kernel,
                                   const ptl_target *target, const ptl_flags_beside *beside,
                                   bool is_half) {
  bool is_asked = beside || holds(kernel->body, is_synchronisation);
  if (!is_asked && !is_half && !holds(kernel->body, ptl_flag_is_signal)) {
    return NULL;
  }
  ptl_flag_trace *trace = ptl_arena_alloc(arena, sizeof(*trace));
  *trace = (ptl_flag_trace){
      .arena = arena, .kernel = kernel, .target = target, .beside = beside, .is_asked = is_asked};
  ptl_flag_trace_begin(trace, PTL_WALK_RUN);
  return trace;
}

void ptl_flag_trace_begin(ptl_flag_trace *trace, ptl_walk_mode mode) {
  trace->mode = mode;
  trace->body = trace->open = ptl_arena_alloc(trace->arena, sizeof(ptl_flag_body));
  *trace->body = (ptl_flag_body){0};
  trace->stack_count = 0;
  trace->step = 0;
  trace->loop_count = 0;
  trace->exprs = NULL;
  trace->roots =
      ptl_arena_array(trace->arena, (size_t)trace->kernel->value_count + 1, sizeof(ptl_flag_root));
  trace->pipes = 0;
  ptl_flag_rings_begin(trace);
  trace->unknown = trace->signal = trace->strange_signal = trace->open_slot = NULL;
}

bool ptl_flag_trace_is_asked(const ptl_flag_trace *trace) { return trace->is_asked; }

/* ---- nodes --------------------------------------------------------------------------- */

static ptl_flag_node *add_node(ptl_flag_trace *trace, ptl_flag_node_kind kind, const ptl_op *op) {
  ptl_flag_body *body = trace->open;
  body->nodes = ptl_arena_more(trace->arena, body->nodes, body->count, &body->capacity,
                               sizeof(ptl_flag_node));
  body->nodes[body->count] = (ptl_flag_node){.kind = kind, .op = op, .step = trace->step};
  return &body->nodes[body->count++];
}

static void give_up(ptl_flag_trace *trace, const ptl_op *op, const char *why) {
  if (!trace->unknown) {
    trace->unknown = op;
    trace->unknown_why = why;
  }
}

static void add_flag(ptl_flag_trace *trace, const ptl_op *op, const ptl_flag_op *flag) {
  add_node(trace, PTL_FLAG_NODE_FLAG, op)->flag = *flag;
}

static void add_flags_beside(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op) {
  const ptl_flags_beside *beside = trace->beside;
  for (int i = beside->first[op->index]; i < beside->first[op->index + 1]; i++) {
    ptl_flag_op flag = beside->flags[i];
    if (beside->ids[i] != 0 &&
        (!ptl_expr_is_const(ptl_walk_exprs(walk),
                            ptl_written_value(beside->values, walk, beside->ids[i]), &flag.id) ||
         flag.id < 0)) {
      give_up(trace, op, "the id of a flag before it is not known");
    }
    add_flag(trace, op, &flag);
  }
}

/* Ops that tie pipes in other ways, which are not followed. */
static bool ties_otherwise(const ptl_op *op) {
  return op->id == PTL_PTO_GET_BUF || op->id == PTL_PTO_RLS_BUF || op->id == PTL_PTO_TSYNC;
}

static void note_roots(ptl_flag_trace *trace, const ptl_flag_node *node) {
  for (int i = 0; i < node->byte_count; i++) {
    if (node->bytes[i].gm) {
      ptl_flag_root *root = &trace->roots[node->bytes[i].gm->root + 1];
      *(node->bytes[i].is_write ? &root->writes : &root->reads) |= 1U << (unsigned)node->pipe;
    }
  }
}

static void add_work(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op) {
  const char *why = NULL;
  bool is_scalar = op->id == PTL_PTO_LOAD_SCALAR || op->id == PTL_PTO_STORE_SCALAR;
  ptl_sync_pipe pipe = is_scalar ? PTL_SYNC_PIPE_S : ptl_flag_pipe(trace, op, &why);
  if (pipe == PTL_SYNC_PIPE_NONE) {
    if (why) {
      give_up(trace, op, why);
    }
    return;
  }
  const ptl_flag_bytes *bytes;
  int count = ptl_flag_bytes_of(trace, walk, op, &bytes);
  if (count < 0) {
    give_up(trace, op, "it is not known where a tile of it lies");
    return;
  }
  ptl_flag_node *node = add_node(trace, PTL_FLAG_NODE_OP, op);
  node->pipe = pipe;
  node->bytes = bytes;
  node->byte_count = count;
  trace->pipes |= 1U << (unsigned)pipe;
  note_roots(trace, node);
}

static void add_slot(ptl_flag_trace *trace, const ptl_op *op) {
  ptl_flag_node slot;
  if (ptl_flag_ring_node(trace, op, &slot)) {
    ptl_flag_node *node = add_node(trace, PTL_FLAG_NODE_OP, op);
    node->pipe = slot.pipe;
    node->bytes = slot.bytes;
    node->byte_count = slot.byte_count;
    trace->pipes |= 1U << (unsigned)slot.pipe;
  }
}

/* What the op tells the other core, if it is of this kind. */
static void add_crossing(ptl_flag_trace *trace, const ptl_walk *walk, const ptl_op *op,
                         ptl_flag_crossing_kind kind) {
  ptl_flag_crossing crossing;
  const char *why;
  trace->signal = trace->signal || !ptl_flag_is_signal(op) ? trace->signal : op;
  bool is_one = ptl_flag_crossing_of(trace->target, walk, op, &crossing, &why);
  if (why && !trace->strange_signal) {
    trace->strange_signal = op;
    trace->strange_why = why;
  }
  if (is_one && crossing.kind == kind) {
    add_node(trace, PTL_FLAG_NODE_CROSSING, op)->crossing = crossing;
  }
}

/* All pipes end what they do before the core meets others (pto-isa: SyncAll.hpp). */
static void add_meeting(ptl_flag_trace *trace, const ptl_walk *walk, const ptl_op *op) {
  const ptl_flag_op all = {.kind = PTL_FLAG_BARRIER, .from = PTL_SYNC_PIPE_NONE};
  add_flag(trace, op, &all);
  add_crossing(trace, walk, op, PTL_FLAG_MEETING);
}

static void add_step(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op) {
  ptl_flag_op flag;
  trace->step++;
  trace->exprs = ptl_walk_exprs(walk);
  if (trace->beside) {
    add_flags_beside(trace, walk, op);
  }
  if (op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF || op->kind == PTL_OP_YIELD ||
      op->kind == PTL_OP_RETURN) {
    return;
  }
  if (ptl_flag_of_op(walk, op, &flag)) {
    if (flag.kind != PTL_FLAG_BARRIER && flag.id < 0) {
      give_up(trace, op, "its pipes or its event id are not known");
    } else {
      add_flag(trace, op, &flag);
    }
  } else if (ties_otherwise(op)) {
    give_up(trace, op, "this way of tying pipes is not followed");
  } else if (op->id == PTL_PTO_SYNCALL) {
    add_meeting(trace, walk, op);
  } else {
    add_crossing(trace, walk, op, PTL_FLAG_AWAIT);
    add_work(trace, walk, op);
    add_slot(trace, op);
    add_crossing(trace, walk, op, PTL_FLAG_SIGNAL);
  }
}

/* ---- loops and branches ------------------------------------------------------------------ */

static void push(ptl_flag_trace *trace, ptl_flag_node *node, const ptl_flag_turn *turn) {
  trace->stack = ptl_arena_more(trace->arena, trace->stack, trace->stack_count,
                                &trace->stack_capacity, sizeof(*trace->stack));
  trace->stack[trace->stack_count++] = (ptl_flag_open){trace->open, node, *turn};
}

static void open_body(ptl_flag_trace *trace, ptl_flag_node *node) {
  ptl_flag_body *body = ptl_arena_alloc(trace->arena, sizeof(*body));
  *body = (ptl_flag_body){0};
  node->bodies = ptl_arena_more(trace->arena, node->bodies, node->body_count, &node->body_capacity,
                                sizeof(*node->bodies));
  node->bodies[node->body_count++] = body;
  trace->open = body;
}

/* The node of a loop whose first iteration, or a later one, begins here. */
static ptl_flag_node *loop_node(ptl_flag_trace *trace, const ptl_walk *walk,
                                const ptl_event *event) {
  ptl_flag_body *body = trace->open;
  bool is_new = event->kind == PTL_EVENT_FIRST && event->phase == 0;
  ptl_flag_node *last = body->count > 0 ? &body->nodes[body->count - 1] : NULL;
  if (!is_new && last && last->kind == PTL_FLAG_NODE_LOOP && last->op == event->op) {
    return last;
  }
  ptl_flag_node *node = add_node(trace, PTL_FLAG_NODE_LOOP, event->op);
  node->turn =
      (ptl_flag_turn){.loop = ++trace->loop_count, .depth = trace->stack_count, .atom = -1};
  node->lower = ptl_integer_at(walk, event->op->operands[0]);
  node->upper = ptl_integer_at(walk, event->op->operands[1]);
  node->by = ptl_integer_at(walk, event->op->operands[2]);
  return node;
}

/* The atom by which the loop's variable differs from what it was in the first round; -1 if that is
 * not so. */
static int atom_of_round(ptl_walk *walk, const ptl_event *event) {
  ptl_exprs *exprs = ptl_walk_exprs(walk);
  ptl_expr lower = ptl_integer_at(walk, event->op->operands[0]);
  ptl_expr step = ptl_integer_at(walk, event->op->operands[2]);
  ptl_expr first =
      ptl_expr_add(exprs, lower, ptl_expr_mul(exprs, step, ptl_expr_const(exprs, event->phase)));
  ptl_expr passed =
      ptl_expr_sub(exprs, ptl_integer_at(walk, event->op->blocks[0]->first_argument), first);
  if (passed < 0 || exprs->nodes[passed].term_count != 1 ||
      exprs->nodes[passed].terms[0].coefficient != exprs->nodes[passed].constant) {
    return -1;
  }
  int atom = exprs->nodes[passed].terms[0].atom;
  return exprs->atoms[atom].op == PTL_EXPR_LEAF ? atom : -1;
}

static ptl_flag_turn turn_of(ptl_walk *walk, const ptl_event *event, ptl_flag_node *node) {
  ptl_flag_turn turn = node->turn;
  turn.is_first = event->kind == PTL_EVENT_FIRST;
  if (!turn.is_first) {
    turn.atom = atom_of_round(walk, event);
    turn.first_leaf = turn.atom >= 0 ? ptl_walk_exprs(walk)->atoms[turn.atom].leaf : 0;
    node->turn.first_leaf = event->phase == 0 ? turn.first_leaf : node->turn.first_leaf;
  }
  return turn;
}

static void begin_iteration(ptl_flag_trace *trace, ptl_walk *walk, const ptl_event *event) {
  ptl_flag_node *node = loop_node(trace, walk, event);
  if (event->kind == PTL_EVENT_FOR && event->phase == 0) {
    node->later = node->body_count;
  }
  const ptl_flag_turn turn = turn_of(walk, event, node);
  push(trace, node, &turn);
  open_body(trace, node);
}

static void begin_branches(ptl_flag_trace *trace, const ptl_walk *walk, const ptl_op *op) {
  ptl_flag_node *node = add_node(trace, PTL_FLAG_NODE_BRANCH, op);
  node->condition = ptl_integer_at(walk, op->operands[0]);
  push(trace, node, &(ptl_flag_turn){0});
  open_body(trace, node);
}

static void end(ptl_flag_trace *trace) { trace->open = trace->stack[--trace->stack_count].around; }

void ptl_flag_trace_event(ptl_flag_trace *trace, ptl_walk *walk, const ptl_event *event) {
  bool closes = event->kind == PTL_EVENT_ELSE || event->kind == PTL_EVENT_END;
  if (closes && trace->stack_count == 0) {
    return; /* a walk that was cut short begins to be heard anywhere */
  }
  switch (event->kind) {
  case PTL_EVENT_STEP:
    add_step(trace, walk, event->op);
    break;
  case PTL_EVENT_FIRST:
  case PTL_EVENT_FOR:
    begin_iteration(trace, walk, event);
    break;
  case PTL_EVENT_IF:
    begin_branches(trace, walk, event->op);
    break;
  case PTL_EVENT_ELSE:
    open_body(trace, trace->stack[trace->stack_count - 1].node);
    break;
  case PTL_EVENT_END:
    end(trace);
    break;
  default:
    break;
  }
}
