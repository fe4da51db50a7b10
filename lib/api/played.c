/* Runs a kernel through the model of the pipes, with the flags that stand beside it. */
#include "api/played.h"

#include "summary/cost.h"

enum { FLAG_SLOTS = 64 };

/* A set that nobody has waited for. */
typedef struct raised {
  ptl_flag_op flag;
  double time;
  int cause; /* the instruction that had to end; -1: none */
} raised;

/* What a pipe may not begin before. */
typedef struct hold {
  double time;
  int cause;
  int stall; /* of the flag or barrier; -1: none holds it */
} hold;

typedef struct player {
  ptl_arena *arena;
  const ptl_kernel *kernel;
  ptl_timeline *timeline;
  ptl_record *record;
  const ptl_flags_beside *flags;
  ptl_recorded *recorded;
  int recorded_count, recorded_capacity;
  raised raised[FLAG_SLOTS]; /* the oldest first */
  int raised_count;
  hold holds[PTL_PIPE_COUNT];
  int last[PTL_PIPE_COUNT]; /* instruction of each pipe; -1: none */
  ptl_stall *stalls;
  int stall_count, stall_capacity;
} player;

static double end_of(const player *p, ptl_pipe pipe) {
  return p->last[pipe] >= 0 ? p->record->items[p->last[pipe]].end : 0;
}

static bool is_same_flag(const ptl_flag_op *a, const ptl_flag_op *b) {
  return a->kind == b->kind && a->from == b->from && a->to == b->to && a->id == b->id;
}

static int stall_of(player *p, const ptl_op *op, const ptl_flag_op *flag, ptl_pipe pipe) {
  for (int i = 0; i < p->stall_count; i++) {
    const ptl_stall *known = &p->stalls[i];
    if (known->op == op && known->pipe == pipe && is_same_flag(&known->flag, flag)) {
      return i;
    }
  }
  p->stalls =
      ptl_arena_more(p->arena, p->stalls, p->stall_count, &p->stall_capacity, sizeof(*p->stalls));
  p->stalls[p->stall_count] = (ptl_stall){.op = op, .flag = *flag, .pipe = pipe};
  return p->stall_count++;
}

/* The pipe waits for an instruction of another one. */
static void hold_pipe(player *p, const ptl_op *op, const ptl_flag_op *flag, ptl_pipe pipe,
                      double time, int cause) {
  hold *at = &p->holds[pipe];
  if (time > at->time && time > end_of(p, pipe)) {
    *at = (hold){time, cause, stall_of(p, op, flag, pipe)};
    ptl_timeline_hold(p->timeline, pipe, &(ptl_cycles){{time}});
  }
}

static void set(player *p, const ptl_flag_op *flag) {
  ptl_pipe from;
  if (ptl_modelled_pipe(flag->from, &from) && p->raised_count < FLAG_SLOTS) {
    double held = p->holds[from].time, end = end_of(p, from);
    bool is_held = held > end;
    p->raised[p->raised_count++] =
        (raised){*flag, is_held ? held : end, is_held ? p->holds[from].cause : p->last[from]};
  }
}

static void wait_for(player *p, const ptl_op *op, const ptl_flag_op *flag) {
  ptl_pipe to;
  for (int i = 0; i < p->raised_count; i++) {
    const raised met = p->raised[i];
    if (met.flag.from == flag->from && met.flag.to == flag->to && met.flag.id == flag->id) {
      p->raised_count--;
      for (int j = i; j < p->raised_count; j++) {
        p->raised[j] = p->raised[j + 1];
      }
      if (ptl_modelled_pipe(flag->to, &to)) {
        hold_pipe(p, op, flag, to, met.time, met.cause);
      }
      return;
    }
  }
}

/* All pipes wait for the one that ends last. A pipe alone is in order. */
static void stop_all(player *p, const ptl_op *op, const ptl_flag_op *flag) {
  double last = 0;
  int cause = -1;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    if (end_of(p, (ptl_pipe)pipe) > last) {
      last = end_of(p, (ptl_pipe)pipe);
      cause = p->last[pipe];
    }
  }
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    hold_pipe(p, op, flag, (ptl_pipe)pipe, last, cause);
  }
}

static void take_flags(player *p, const ptl_op *op) {
  static const ptl_timeline_flag item = {.kind = PTL_TIMELINE_ITEM},
                                 stop = {.kind = PTL_TIMELINE_STOP};
  for (int i = p->flags->first[op->index]; i < p->flags->first[op->index + 1]; i++) {
    const ptl_flag_op *flag = &p->flags->flags[i];
    bool stops = flag->kind == PTL_FLAG_BARRIER && flag->from == PTL_SYNC_PIPE_NONE;
    ptl_timeline_flag_op(p->timeline, stops ? &stop : &item);
    if (flag->kind == PTL_FLAG_SET) {
      set(p, flag);
    } else if (flag->kind == PTL_FLAG_WAIT) {
      wait_for(p, op, flag);
    } else if (stops) {
      stop_all(p, op, flag);
    }
  }
}

/* What held the instruction up: a flag, if it begins when that lets it, and later than it has to.
 */
static void judge(player *p, ptl_instruction *item) {
  const hold *at = &p->holds[item->pipe];
  if (item->begin <= item->free || at->stall < 0 || item->begin != at->time) {
    return;
  }
  ptl_stall *stall = &p->stalls[at->stall];
  bool is_barrier = stall->flag.kind == PTL_FLAG_BARRIER;
  if (item->begin > item->ready || item->waits_for < 0) {
    item->wait = is_barrier ? PTL_WAIT_BARRIER : PTL_WAIT_FLAG;
    item->waits_for = at->cause;
  }
  stall->cycles += item->begin - item->free;
  stall->longer += item->begin - item->ready;
  stall->count++;
}

static void listen(void *user, ptl_walk *walk, const ptl_event *event) {
  player *p = user;
  bool is_step = event->kind == PTL_EVENT_STEP;
  if (ptl_walk_is_aside(walk)) {
    return;
  }
  if (is_step && p->flags) {
    take_flags(p, event->op);
  }
  ptl_cost_append(p->timeline, p->kernel, event);
  if (p->recorded_count < p->record->count) {
    ptl_instruction *item = &p->record->items[p->recorded_count];
    judge(p, item);
    p->last[item->pipe] = p->recorded_count;
    p->recorded = ptl_arena_more(p->arena, p->recorded, p->recorded_count, &p->recorded_capacity,
                                 sizeof(*p->recorded));
    p->recorded[p->recorded_count++] =
        (ptl_recorded){event->op, event->bytes, event->m, event->k, event->n};
  }
}

bool ptl_can_play(const ptl_kernel *kernel, const ptl_flags_beside *flags) {
  for (int i = 0; i < flags->first[kernel->op_count + 1]; i++) {
    if (flags->flags[i].kind != PTL_FLAG_BARRIER && flags->flags[i].id < 0) {
      return false;
    }
  }
  return true;
}

ptl_played ptl_play(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                    const ptl_rates *rates, const ptl_flags_beside *flags) {
  ptl_exprs exprs;
  ptl_exprs_init(&exprs, arena);
  player p = {.arena = arena,
              .kernel = kernel,
              .timeline = ptl_timeline_create(arena, target, rates, 1),
              .flags = flags};
  if (flags) {
    ptl_timeline_take_flags(p.timeline);
  }
  p.record = ptl_record_of(arena, p.timeline);
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    p.last[pipe] = p.holds[pipe].stall = -1;
  }
  ptl_status status = ptl_walk_run(arena, kernel, target, PTL_WALK_RUN, &exprs, listen, &p);
  return (ptl_played){.recording = {.items = p.record->items,
                                    .recorded = p.recorded,
                                    .count = p.recorded_count,
                                    .is_cut = p.record->is_cut || status != PTL_OK},
                      .cycles = ptl_timeline_cycles(p.timeline).by[0],
                      .stalls = p.stalls,
                      .stall_count = p.stall_count};
}
