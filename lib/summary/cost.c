/* Feeds the events of a walk to the pipe model, to time a kernel as it is written. */
#include "summary/cost.h"

/* What is appended to timelines. */
typedef struct instruction {
  bool is_flag;
  ptl_timeline_flag flag;
  ptl_event event;
} instruction;

/* There are two timelines: one with a turn of the loops of unknown bounds, one with more, which
 * shows how much of a turn is hidden behind the one before, or done once for all. Up to the first
 * such loop they are one. */
struct ptl_clocks {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  int rate_count;
  ptl_timeline *once, *more; /* `more` NULL: they are one */
  ptl_cost cost;
  ptl_event_kind *open; /* loops and branches around this point */
  int depth, depth_capacity;
  int open_loops;
  const ptl_inserted *inserted; /* NULL: not known */
  instruction *turn;            /* what the outermost open loop does */
  int turn_count, turn_capacity;
  int64_t added; /* turns that the longer timelines have more, at most */
  int64_t most;  /* turns that the outermost open loops have at most; 0: none met yet */
};

typedef struct ptl_clocks clocks;

bool ptl_modelled_pipe(ptl_sync_pipe pipe, ptl_pipe *out) {
  static const struct {
    ptl_sync_pipe from;
    ptl_pipe to;
  } pipes[] = {{PTL_SYNC_PIPE_MTE2, PTL_PIPE_MTE2},
               {PTL_SYNC_PIPE_MTE1, PTL_PIPE_MTE1},
               {PTL_SYNC_PIPE_M, PTL_PIPE_M},
               {PTL_SYNC_PIPE_FIX, PTL_PIPE_FIX}};
  for (size_t i = 0; i < sizeof(pipes) / sizeof(pipes[0]); i++) {
    if (pipes[i].from == pipe) {
      *out = pipes[i].to;
      return true;
    }
  }
  return false;
}

/* ptoas drops a tile that no op names. */
static bool is_assigned(const ptl_kernel *kernel, const ptl_op *op) {
  return op->kind == PTL_OP_ALLOC && kernel->values[op->first_result].is_named;
}

void ptl_cost_append(ptl_timeline *timeline, const ptl_kernel *kernel, const ptl_event *event) {
  switch (event->kind) {
  case PTL_EVENT_LOAD:
    ptl_timeline_load(timeline, event->to, event->bytes);
    break;
  case PTL_EVENT_EXTRACT:
    ptl_timeline_extract(timeline, event->from, event->to, event->bytes, event->elem,
                         event->is_turned);
    break;
  case PTL_EVENT_MATMUL:
    ptl_timeline_matmul(timeline, event->left, event->right, event->acc, event->m, event->k,
                        event->n, event->elem, event->accumulates);
    break;
  case PTL_EVENT_SINK:
    ptl_timeline_drain(timeline, event->acc, event->rows, event->bytes);
    break;
  case PTL_EVENT_STEP:
    if (is_assigned(kernel, event->op)) {
      ptl_timeline_assign(timeline);
    }
    break;
  default:
    break;
  }
}

static void append(const clocks *c, ptl_timeline *timeline, const instruction *what) {
  if (what->is_flag) {
    ptl_timeline_flag_op(timeline, &what->flag);
  } else {
    ptl_cost_append(timeline, c->kernel, &what->event);
  }
}

static void take(clocks *c, const ptl_walk *walk, const instruction *what) {
  if (c->more) {
    append(c, c->more, what);
  }
  if (ptl_walk_is_later_turn(walk)) {
    return;
  }
  append(c, c->once, what);
  if (c->open_loops > 0) {
    c->turn = ptl_arena_more(c->arena, c->turn, c->turn_count, &c->turn_capacity, sizeof(*c->turn));
    c->turn[c->turn_count++] = *what;
  }
}

static void take_instruction(clocks *c, const ptl_walk *walk, const ptl_event *event) {
  take(c, walk, &(instruction){.event = *event});
}

/* The event id of a flag at this point. */
static int id_at(const ptl_inserted *inserted, const ptl_walk *walk, int flag) {
  const ptl_slot_ids *slots = &inserted->slots[flag];
  int64_t slot;
  if (slots->slot < 0) {
    return (int)inserted->flags[flag].id;
  }
  bool is_known = ptl_expr_is_const(ptl_walk_exprs(walk), ptl_integer_at(walk, slots->slot), &slot);
  return slots->ids[is_known && slot > 0 ? slot % slots->count : 0];
}

static void take_flag(clocks *c, const ptl_walk *walk, int index) {
  instruction what = {.is_flag = true, .flag = {.kind = PTL_TIMELINE_ITEM}};
  const ptl_flag_op *flag = &c->inserted->flags[index];
  if (flag->kind == PTL_FLAG_BARRIER) {
    what.flag.kind = flag->from == PTL_SYNC_PIPE_NONE ? PTL_TIMELINE_STOP : PTL_TIMELINE_ITEM;
  } else if (ptl_modelled_pipe(flag->from, &what.flag.from) &&
             ptl_modelled_pipe(flag->to, &what.flag.to)) {
    what.flag.kind = flag->kind == PTL_FLAG_SET ? PTL_TIMELINE_SET : PTL_TIMELINE_WAIT;
    what.flag.id = id_at(c->inserted, walk, index);
  }
  take(c, walk, &what);
}

static void take_step(clocks *c, const ptl_walk *walk, const ptl_event *event) {
  if (ptl_walk_is_aside(walk)) {
    return;
  }
  const ptl_inserted *inserted = c->inserted;
  int first = inserted ? inserted->first[event->op->index] : 0;
  int last = inserted ? inserted->first[event->op->index + 1] : 0;
  for (int i = first; i < last; i++) {
    take_flag(c, walk, i);
  }
  if (is_assigned(c->kernel, event->op)) {
    take_instruction(c, walk, event);
  }
}

/* Loops with other bounds than those before count once. */
static void note_turns(clocks *c, ptl_walk *walk, const ptl_op *loop) {
  int64_t most = ptl_walk_most_turns(walk, loop);
  c->most = most > 0 && (c->most == 0 || c->most == most) ? most : 1;
}

static void enter(clocks *c, ptl_walk *walk, const ptl_event *event) {
  c->open = ptl_arena_more(c->arena, c->open, c->depth, &c->depth_capacity, sizeof(*c->open));
  c->open[c->depth++] = event->kind;
  if (event->kind == PTL_EVENT_FOR && c->open_loops++ == 0) {
    c->more = c->more ? c->more : ptl_timeline_copy(c->once);
    note_turns(c, walk, event->op);
    c->turn_count = 0;
  }
}

/* After the outermost open loop comes another turn, unless the walk takes one itself. */
static void leave(clocks *c, const ptl_op *op) {
  if (c->open[--c->depth] != PTL_EVENT_FOR || --c->open_loops > 0) {
    return;
  }
  int64_t period = ptl_slot_period(c->kernel, op->blocks[0]);
  int64_t added = period == 1 ? PTL_LIKELY_TURNS - 1 : period - 1;
  c->added = added > c->added ? added : c->added;
  for (int64_t turn = 1; period == 1 && turn < PTL_LIKELY_TURNS; turn++) {
    for (int i = 0; i < c->turn_count; i++) {
      append(c, c->more, &c->turn[i]);
    }
  }
}

void ptl_clocks_listen(void *user, ptl_walk *walk, const ptl_event *event) {
  clocks *c = user;
  c->cost.has_open_loops |= event->kind == PTL_EVENT_FOR;
  c->cost.has_branches |= event->kind == PTL_EVENT_IF;
  c->cost.has_gaps |= event->kind == PTL_EVENT_FAULT && event->fault == PTL_CODE_NOT_FOLLOWED;
  switch (event->kind) {
  case PTL_EVENT_STEP:
    take_step(c, walk, event);
    break;
  case PTL_EVENT_LOAD:
  case PTL_EVENT_EXTRACT:
  case PTL_EVENT_MATMUL:
  case PTL_EVENT_SINK:
    take_instruction(c, walk, event);
    break;
  case PTL_EVENT_FIRST:
  case PTL_EVENT_FOR:
  case PTL_EVENT_IF:
    enter(c, walk, event);
    break;
  case PTL_EVENT_END:
    leave(c, event->op);
    break;
  default:
    break;
  }
}

static void hear_nothing(void *user, ptl_walk *walk, const ptl_event *event) {
  (void)user;
  (void)walk;
  (void)event;
}

const ptl_inserted *ptl_kernel_flags(ptl_arena *arena, const ptl_kernel *kernel,
                                     const ptl_target *target) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  ptl_noted noted;
  ptl_status status =
      ptl_walk_run_noting(arena, kernel, target, PTL_WALK_ONCE, &exprs, hear_nothing, NULL, &noted);
  return status == PTL_OK ? ptl_inserted_flags(arena, kernel, target, &noted) : NULL;
}

static double with_turns(double once, double longer, double times) {
  return once + (longer - once) * times;
}

/* What is spent with so many times what the longer timeline has more. */
static ptl_spent spent_with_turns(const ptl_spent *once, const ptl_spent *longer, double times) {
  ptl_spent out = {.cycles = with_turns(once->cycles, longer->cycles, times),
                   .issue = with_turns(once->issue, longer->issue, times)};
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    out.busy[pipe] = with_turns(once->busy[pipe], longer->busy[pipe], times);
  }
  return out;
}

static void read_clocks(clocks *c) {
  double further = c->most > 1 ? (double)(c->most - 1) : 0;
  for (int i = 0; i < c->rate_count; i++) {
    ptl_spent once = ptl_timeline_spent(c->once, i);
    ptl_spent more = c->more ? ptl_timeline_spent(c->more, i) : once;
    c->cost.times[i] = once;
    c->cost.turns[i] = (more.cycles - once.cycles) / (double)c->added;
    c->cost.most[i] = spent_with_turns(&once, &more, further / (double)c->added);
  }
}

ptl_clocks *ptl_clocks_new(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                           const ptl_inserted *inserted) {
  clocks *c = ptl_arena_alloc(arena, sizeof(*c));
  *c = (clocks){.arena = arena,
                .kernel = kernel,
                .rate_count = target->rate_count,
                .once = ptl_timeline_create(arena, target, target->rates, target->rate_count),
                .inserted = inserted,
                .added = 1};
  if (inserted) {
    ptl_timeline_take_flags(c->once);
  }
  return c;
}

ptl_cost ptl_clocks_end(ptl_clocks *c, bool is_complete) {
  read_clocks(c);
  c->cost.is_complete = is_complete;
  return c->cost;
}

ptl_cost ptl_kernel_cost(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target) {
  return ptl_kernel_cost_with(arena, kernel, target, ptl_kernel_flags(arena, kernel, target));
}

ptl_cost ptl_kernel_cost_with(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                              const ptl_inserted *inserted) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  clocks *c = ptl_clocks_new(arena, kernel, target, inserted);
  ptl_status status =
      ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &exprs, ptl_clocks_listen, c);
  return ptl_clocks_end(c, status == PTL_OK);
}
