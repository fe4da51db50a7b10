/* Pipes with random delays: when each instruction begins and ends. */
#include <stdlib.h>
#include <string.h>

#include "races.h"

enum { LATE = 15, SLOW = 1000 * 1000 * 1000, MOST_SEEDED = 4 };

typedef struct times {
  int64_t *at;
  int count, capacity;
  int waited;
} times;

typedef struct chip {
  const rac_trace *trace;
  rac_delays delays;
  uint64_t random;
  int64_t speed[RAC_PIPES]; /* how long its instructions may take */
  int64_t tick;             /* of the vector pipe */
  rac_span *spans;
  int64_t *given; /* when the scalar unit handed out each */
  int *queues[RAC_PIPES];
  int begins[RAC_PIPES], ends[RAC_PIPES];
  int64_t free[RAC_PIPES]; /* when the pipe may begin the next one */
  int64_t done[RAC_PIPES]; /* when all that it began has ended */
  times *flags;            /* when each was set */
  int next;                /* of the scalar unit */
  int64_t now;
} chip;

static uint64_t random_of(chip *c) {
  c->random ^= c->random << 13;
  c->random ^= c->random >> 7;
  c->random ^= c->random << 17;
  return c->random;
}

static int64_t below(chip *c, int64_t limit) { return (int64_t)(random_of(c) % (uint64_t)limit); }

static times *flag_of(chip *c, const rac_instr *i) {
  return &c->flags[((int)i->pipe * RAC_PIPES + (int)i->to) * RAC_IDS + i->id];
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static bool is_slow(const chip *c, int number) { return number == c->delays.slow; }

/* How long an instruction takes, or waits before it begins. */
static int64_t delay_of(chip *c, int number, rac_pipe pipe) {
  if (c->delays.slow >= 0) {
    return is_slow(c, number) ? SLOW : 1;
  }
  int64_t rare = below(c, 32) == 0 ? 100 : 1;
  return 1 + below(c, c->speed[pipe]) * rare;
}

static void set(chip *c, const rac_instr *i, int64_t at) {
  times *t = flag_of(c, i);
  if (t->count == t->capacity) {
    t->capacity = t->capacity ? t->capacity * 2 : 16;
    t->at = realloc(t->at, (size_t)t->capacity * sizeof(*t->at));
  }
  t->at[t->count++] = at;
}

/* When the set that a wait is for has happened; -1: not yet. */
static int64_t met(chip *c, const rac_instr *i) {
  times *t = flag_of(c, i);
  return t->waited < t->count ? t->at[t->waited++] : -1;
}

/* ---- pipes ------------------------------------------------------------------------------ */

static void work(chip *c, int number, rac_pipe pipe, int64_t from) {
  const rac_instr *i = &c->trace->instrs[number];
  rac_span *span = &c->spans[number];
  int64_t delay = delay_of(c, number, pipe);
  span->begin = from;
  if (pipe == RAC_V && !c->trace->is_a5) {
    span->begin = from + delay - 1;
    span->tick = c->tick;
    span->late = 1 + (is_slow(c, number) ? LATE - 1 : below(c, LATE));
    span->end = span->begin + (i->repeats + span->late) * c->tick;
    c->free[pipe] = span->begin + i->repeats * c->tick;
  } else {
    span->end = from + delay;
    c->free[pipe] = pipe == RAC_M ? from + 1 : span->end;
  }
  c->done[pipe] = later(c->done[pipe], span->end);
}

/* Takes what a pipe has to do next; false if it has to wait for something. */
static bool step_pipe(chip *c, rac_pipe pipe) {
  int number = c->queues[pipe][c->begins[pipe]];
  const rac_instr *i = &c->trace->instrs[number];
  int64_t from = later(c->free[pipe], c->given[number]);
  if (i->kind == RAC_WAIT) {
    int64_t at = met(c, i);
    if (at < 0) {
      return false;
    }
    c->free[pipe] = later(from, at);
  } else if (i->kind == RAC_SET) {
    set(c, i, later(from, c->done[pipe]));
  } else if (i->kind == RAC_BARRIER) {
    c->free[pipe] = later(from, c->done[pipe]);
  } else {
    work(c, number, pipe, from);
  }
  c->begins[pipe]++;
  return true;
}

/* ---- the scalar unit ----------------------------------------------------------------------- */

static bool all_are_done(const chip *c, int64_t *at) {
  for (int p = 0; p < RAC_PIPES; p++) {
    if (c->begins[p] < c->ends[p]) {
      return false;
    }
    *at = later(*at, later(c->done[p], c->free[p]));
  }
  return true;
}

static rac_pipe pipe_of(const rac_instr *i) { return i->kind == RAC_WAIT ? i->to : i->pipe; }

/* What the scalar unit does itself; false if it has to wait. */
static bool step_scalar(chip *c, const rac_instr *i, int number) {
  if (i->kind == RAC_BARRIER) {
    return i->pipe == RAC_S || all_are_done(c, &c->now);
  }
  if (i->kind == RAC_WAIT) {
    int64_t at = met(c, i);
    c->now = later(c->now, at);
    return at >= 0;
  }
  if (i->kind == RAC_SET) {
    set(c, i, c->now);
    return true;
  }
  c->spans[number] = (rac_span){.begin = c->now};
  c->now += delay_of(c, number, RAC_S);
  c->spans[number].end = c->now;
  return true;
}

static bool step_program(chip *c) {
  const rac_instr *i = &c->trace->instrs[c->next];
  rac_pipe pipe = pipe_of(i);
  if (pipe == RAC_S || pipe == RAC_ALL) {
    if (!step_scalar(c, i, c->next)) {
      return false;
    }
  } else {
    c->given[c->next] = c->now;
    c->queues[pipe][c->ends[pipe]++] = c->next;
  }
  c->now += c->delays.slow >= 0 ? 0 : below(c, c->speed[RAC_S]);
  c->next++;
  return true;
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void begin(chip *c, const rac_trace *trace, rac_delays delays, rac_span *spans) {
  *c = (chip){.trace = trace, .delays = delays, .spans = spans};
  c->random = delays.seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
  for (int i = 0; i < 8; i++) {
    (void)random_of(c);
  }
  static const int64_t speeds[] = {1, 3, 30, 300, 3000};
  for (int p = 0; p < RAC_PIPES; p++) {
    c->speed[p] = speeds[below(c, sizeof(speeds) / sizeof(speeds[0]))];
    c->queues[p] = malloc(((size_t)trace->count + 1) * sizeof(int));
  }
  c->tick = delays.slow >= 0 ? 1 : 1 + below(c, c->speed[RAC_V]);
  c->given = calloc((size_t)trace->count + 1, sizeof(int64_t));
  c->flags = calloc((size_t)RAC_PIPES * RAC_PIPES * RAC_IDS, sizeof(times));
}

static int end(chip *c) {
  int left = 0;
  for (int i = 0; i < RAC_PIPES * RAC_PIPES * RAC_IDS; i++) {
    left += c->flags[i].count - c->flags[i].waited;
    free(c->flags[i].at);
  }
  for (int p = 0; p < RAC_PIPES; p++) {
    free(c->queues[p]);
  }
  free(c->given);
  free(c->flags);
  return left;
}

bool rac_times(const rac_trace *trace, rac_delays delays, rac_span *spans, int *left) {
  chip c;
  begin(&c, trace, delays, spans);
  bool is_done = false;
  for (bool moves = true; moves;) {
    moves = false;
    while (c.next < trace->count && step_program(&c)) {
      moves = true;
    }
    is_done = c.next == trace->count;
    for (int p = 0; p < RAC_PIPES; p++) {
      while (c.begins[p] < c.ends[p] && step_pipe(&c, (rac_pipe)p)) {
        moves = true;
      }
      is_done = is_done && c.begins[p] == c.ends[p];
    }
  }
  *left = end(&c);
  return is_done;
}

rac_outcome rac_judge(const rac_trace *trace, int seeds, int *where) {
  rac_span *spans = calloc((size_t)trace->count + 1, sizeof(*spans));
  rac_outcome outcome = RAC_SAME;
  *where = -1;
  for (int run = 0; run < seeds + trace->count && outcome == RAC_SAME; run++) {
    rac_delays delays = {.seed = (uint64_t)run + 1, .slow = run < seeds ? -1 : run - seeds};
    int left = 0;
    if (delays.slow >= 0 && trace->instrs[delays.slow].kind != RAC_OP) {
      continue;
    }
    if (!rac_times(trace, delays, spans, &left)) {
      outcome = RAC_HANGS;
    } else if ((*where = rac_changed(trace, spans)) >= 0) {
      outcome = RAC_CHANGES;
    } else if (left > 0) {
      outcome = RAC_LEAVES_A_FLAG;
    }
  }
  free(spans);
  return outcome;
}
