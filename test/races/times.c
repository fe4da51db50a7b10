/* Pipes with random delays: when each instruction begins and ends. */
#include <stdlib.h>
#include <string.h>

#include "races.h"

enum { LATE = 15, SLOW = 1000 * 1000 * 1000, MOST_SLOW = 500 };

typedef struct times {
  int64_t *at;
  int count, capacity;
  int waited;
} times;

typedef struct core {
  int64_t speed[RAC_PIPES]; /* how long its instructions may take */
  int64_t tick;             /* of the vector pipe */
  int *queues[RAC_PIPES];
  int begins[RAC_PIPES], ends[RAC_PIPES];
  int64_t free[RAC_PIPES]; /* when the pipe may begin the next one */
  int64_t done[RAC_PIPES]; /* when all that it began has ended */
  times *flags;            /* when each was set */
  times meetings;          /* when it was there */
  int next, end;           /* of the scalar unit */
  int64_t now;
} core;

typedef struct chip {
  const rac_trace *trace;
  rac_delays delays;
  uint64_t random;
  rac_span *spans;
  int64_t *given; /* when a scalar unit handed out each */
  core cores[MUT_CORES];
  times *signals; /* when each reaches the other core */
} chip;

static uint64_t random_of(chip *c) {
  c->random ^= c->random << 13;
  c->random ^= c->random >> 7;
  c->random ^= c->random << 17;
  return c->random;
}

static int64_t below(chip *c, int64_t limit) { return (int64_t)(random_of(c) % (uint64_t)limit); }

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

static bool is_slow(const chip *c, int number) { return number == c->delays.slow; }

/* How long an instruction takes, or waits before it begins. */
static int64_t delay_of(chip *c, int number, int64_t speed) {
  if (c->delays.slow >= 0) {
    return is_slow(c, number) ? SLOW : 1;
  }
  int64_t rare = below(c, 32) == 0 ? 100 : 1;
  return 1 + below(c, speed) * rare;
}

static void add_time(times *t, int64_t at) {
  if (t->count == t->capacity) {
    t->capacity = t->capacity ? t->capacity * 2 : 16;
    t->at = realloc(t->at, (size_t)t->capacity * sizeof(*t->at));
  }
  t->at[t->count++] = at;
}

/* ---- flags of one core ---------------------------------------------------------------------- */

static times *flag_of(core *k, const rac_instr *i) {
  return &k->flags[((int)i->pipe * RAC_PIPES + (int)i->to) * RAC_IDS + i->id];
}

/* When the set that a wait is for has happened; -1: not yet. */
static int64_t met(core *k, const rac_instr *i) {
  times *t = flag_of(k, i);
  return t->waited < t->count ? t->at[t->waited++] : -1;
}

/* ---- between the cores ---------------------------------------------------------------------- */

static bool is_peer(const rac_instr *i, int number) {
  return (i->peers >> (unsigned)number & 1U) != 0;
}

static times *signal_of(chip *c, int from, int to, int channel) {
  return &c->signals[(from * MUT_CORES + to) * RAC_CHANNELS + channel];
}

/* Each core that it goes to hears of it at a time of its own. */
static void signal(chip *c, const rac_instr *i, int number, int64_t at) {
  const core *k = &c->cores[i->core];
  for (int to = 0; to < MUT_CORES; to++) {
    if (is_peer(i, to)) {
      add_time(signal_of(c, i->core, to, i->id), at + delay_of(c, number, k->speed[i->pipe]));
    }
  }
}

/* When all that is awaited has come; -1: not yet. */
static int64_t heard(chip *c, const rac_instr *i) {
  int64_t at = 0;
  for (int from = 0; from < MUT_CORES; from++) {
    const times *t = signal_of(c, from, i->core, i->id);
    if (is_peer(i, from) && t->waited == t->count) {
      return -1;
    }
  }
  for (int from = 0; from < MUT_CORES; from++) {
    times *t = signal_of(c, from, i->core, i->id);
    if (is_peer(i, from)) {
      at = later(at, t->at[t->waited++]);
    }
  }
  return at;
}

/* When all cores have come to the meeting that this one is at; -1: not yet. */
static int64_t all_met(chip *c, core *k, int number) {
  times *own = &k->meetings;
  int64_t at = 0;
  if (own->count == own->waited) {
    add_time(own, k->now + delay_of(c, number, k->speed[RAC_S]));
  }
  for (int other = 0; other < c->trace->core_count; other++) {
    const times *t = &c->cores[other].meetings;
    if (t->count <= own->waited) {
      return -1;
    }
    at = later(at, t->at[own->waited]);
  }
  own->waited++;
  return at;
}

/* ---- pipes ------------------------------------------------------------------------------ */

static void work(chip *c, core *k, int number, rac_pipe pipe, int64_t from) {
  const rac_instr *i = &c->trace->instrs[number];
  rac_span *span = &c->spans[number];
  int64_t delay = delay_of(c, number, k->speed[pipe]);
  span->begin = from;
  if (pipe == RAC_V && !c->trace->is_a5) {
    span->begin = from + delay - 1;
    span->tick = k->tick;
    span->late = 1 + (is_slow(c, number) ? LATE - 1 : below(c, LATE));
    span->end = span->begin + (i->repeats + span->late) * k->tick;
    k->free[pipe] = span->begin + i->repeats * k->tick;
  } else {
    span->end = from + delay;
    k->free[pipe] = pipe == RAC_M ? from + 1 : span->end;
  }
  k->done[pipe] = later(k->done[pipe], span->end);
}

/* Takes what a pipe has to do next; false if it has to wait for something. */
static bool step_pipe(chip *c, core *k, rac_pipe pipe) {
  int number = k->queues[pipe][k->begins[pipe]];
  const rac_instr *i = &c->trace->instrs[number];
  int64_t from = later(k->free[pipe], c->given[number]);
  if (i->kind == RAC_WAIT || i->kind == RAC_AWAIT) {
    int64_t at = i->kind == RAC_WAIT ? met(k, i) : heard(c, i);
    if (at < 0) {
      return false;
    }
    k->free[pipe] = later(from, at);
  } else if (i->kind == RAC_SET) {
    add_time(flag_of(k, i), later(from, k->done[pipe]));
  } else if (i->kind == RAC_SIGNAL) {
    signal(c, i, number, later(from, k->done[pipe]));
  } else if (i->kind == RAC_BARRIER) {
    k->free[pipe] = later(from, k->done[pipe]);
  } else {
    work(c, k, number, pipe, from);
  }
  k->begins[pipe]++;
  return true;
}

/* ---- the scalar unit ----------------------------------------------------------------------- */

/* When all pipes of the core have ended what they were given; -1: not yet. */
static int64_t all_done(const core *k) {
  int64_t at = k->now;
  for (int p = 0; p < RAC_PIPES; p++) {
    if (k->begins[p] < k->ends[p]) {
      return -1;
    }
    at = later(at, later(k->done[p], k->free[p]));
  }
  return at;
}

static rac_pipe pipe_of(const rac_instr *i) { return i->kind == RAC_WAIT ? i->to : i->pipe; }

/* The unit goes on while it stores. What it reads, it reads after its own stores. */
static void work_itself(chip *c, core *k, const rac_instr *i, int number) {
  int64_t delay = delay_of(c, number, k->speed[RAC_S]);
  int64_t from = later(k->now, i->part_begin < i->part_end ? k->done[RAC_S] : 0);
  c->spans[number] = (rac_span){.begin = from, .end = from + delay};
  if (i->stores_word) {
    k->done[RAC_S] = from + delay;
  } else {
    k->now = from + delay;
  }
}

/* What the scalar unit does itself; false if it has to wait. */
static bool step_scalar(chip *c, core *k, const rac_instr *i, int number) {
  int64_t at = k->now;
  switch (i->kind) {
  case RAC_BARRIER:
    at = i->pipe == RAC_S ? later(k->now, k->done[RAC_S]) : all_done(k);
    break;
  case RAC_WAIT:
    at = met(k, i);
    break;
  case RAC_AWAIT:
    at = heard(c, i);
    break;
  case RAC_MEET:
    at = all_met(c, k, number);
    break;
  case RAC_SET:
    add_time(flag_of(k, i), later(k->now, k->done[RAC_S]));
    break;
  case RAC_SIGNAL:
    signal(c, i, number, later(k->now, k->done[RAC_S]));
    break;
  case RAC_OP:
    work_itself(c, k, i, number);
    break;
  }
  k->now = later(k->now, at);
  return at >= 0;
}

static bool step_program(chip *c, core *k) {
  const rac_instr *i = &c->trace->instrs[k->next];
  rac_pipe pipe = pipe_of(i);
  if (pipe == RAC_S || pipe == RAC_ALL) {
    if (!step_scalar(c, k, i, k->next)) {
      return false;
    }
  } else {
    c->given[k->next] = k->now;
    k->queues[pipe][k->ends[pipe]++] = k->next;
  }
  k->now += c->delays.slow >= 0 ? 0 : below(c, k->speed[RAC_S]);
  k->next++;
  return true;
}

/* Whether the core did anything. */
static bool step_core(chip *c, core *k) {
  bool moves = false;
  while (k->next < k->end && step_program(c, k)) {
    moves = true;
  }
  for (int p = 0; p < RAC_PIPES; p++) {
    while (k->begins[p] < k->ends[p] && step_pipe(c, k, (rac_pipe)p)) {
      moves = true;
    }
  }
  return moves;
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void begin_core(chip *c, int number) {
  core *k = &c->cores[number];
  static const int64_t speeds[] = {1, 3, 30, 300, 3000};
  static const int64_t starts[] = {1, 1, 1000, 1000000};
  int count = c->trace->begin[number + 1] - c->trace->begin[number];
  for (int p = 0; p < RAC_PIPES; p++) {
    k->speed[p] = speeds[below(c, sizeof(speeds) / sizeof(speeds[0]))];
    k->queues[p] = malloc(((size_t)count + 1) * sizeof(int));
  }
  k->next = c->trace->begin[number];
  k->end = c->trace->begin[number + 1];
  k->tick = c->delays.slow >= 0 ? 1 : 1 + below(c, k->speed[RAC_V]);
  k->flags = calloc((size_t)RAC_PIPES * RAC_PIPES * RAC_IDS, sizeof(times));
  if (c->trace->core_count > 1) {
    k->now = c->delays.slow >= 0 ? (is_slow(c, c->trace->count + number) ? SLOW : 0)
                                 : below(c, starts[below(c, sizeof(starts) / sizeof(starts[0]))]);
  }
}

static void begin(chip *c, const rac_trace *trace, rac_delays delays, rac_span *spans) {
  *c = (chip){.trace = trace, .delays = delays, .spans = spans};
  c->random = delays.seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
  for (int i = 0; i < 8; i++) {
    (void)random_of(c);
  }
  c->given = calloc((size_t)trace->count + 1, sizeof(int64_t));
  c->signals = calloc((size_t)MUT_CORES * MUT_CORES * RAC_CHANNELS, sizeof(times));
  for (int number = 0; number < trace->core_count; number++) {
    begin_core(c, number);
  }
}

/* How many are up; frees them. */
static int end_times(times *all, int count) {
  int left = 0;
  for (int i = 0; i < count; i++) {
    left += all[i].count - all[i].waited;
    free(all[i].at);
  }
  free(all);
  return left;
}

/* Of the signals between the cores those of pipes are not asked for. */
static int left_signals(const chip *c) {
  int left = 0;
  for (int i = 0; i < c->trace->count; i++) {
    const rac_instr *instr = &c->trace->instrs[i];
    for (int to = 0; instr->kind == RAC_SIGNAL && instr->is_told && to < MUT_CORES; to++) {
      const times *t = &c->signals[(instr->core * MUT_CORES + to) * RAC_CHANNELS + instr->id];
      left += is_peer(instr, to) && t->waited < t->count;
    }
  }
  return left;
}

static int end(chip *c) {
  int left = left_signals(c);
  for (int number = 0; number < c->trace->core_count; number++) {
    core *k = &c->cores[number];
    left += end_times(k->flags, RAC_PIPES * RAC_PIPES * RAC_IDS);
    free(k->meetings.at);
    for (int p = 0; p < RAC_PIPES; p++) {
      free(k->queues[p]);
    }
  }
  (void)end_times(c->signals, MUT_CORES * MUT_CORES * RAC_CHANNELS);
  free(c->given);
  return left;
}

static bool is_done(const chip *c) {
  for (int number = 0; number < c->trace->core_count; number++) {
    const core *k = &c->cores[number];
    for (int p = 0; p < RAC_PIPES; p++) {
      if (k->next < k->end || k->begins[p] < k->ends[p]) {
        return false;
      }
    }
  }
  return true;
}

bool rac_times(const rac_trace *trace, rac_delays delays, rac_span *spans, int *left) {
  chip c;
  begin(&c, trace, delays, spans);
  for (bool moves = true; moves;) {
    moves = false;
    for (int number = 0; number < trace->core_count; number++) {
      moves |= step_core(&c, &c.cores[number]);
    }
  }
  bool ends = is_done(&c);
  *left = end(&c);
  return ends;
}

/* Whether it says something to have this one slow. Of a long list, which comes of many rounds of a
 * loop, the first ones are taken, and then some. */
static bool can_be_slow(const rac_trace *trace, int number) {
  if (number >= trace->count) {
    return trace->core_count > 1;
  }
  if (number > MOST_SLOW && number % (trace->count / MOST_SLOW + 1) != 0) {
    return false;
  }
  const rac_instr *i = &trace->instrs[number];
  return i->kind == RAC_SIGNAL || (i->kind == RAC_OP && i->part_begin < i->part_end);
}

rac_outcome rac_judge(const rac_trace *trace, int seeds, int *where) {
  rac_span *spans = calloc((size_t)trace->count + 1, sizeof(*spans));
  int *order = calloc((size_t)trace->count + 1, sizeof(*order));
  int runs = seeds + trace->count + trace->core_count;
  rac_outcome outcome = rac_order(trace, order) ? RAC_SAME : RAC_HANGS;
  *where = -1;
  for (int run = 0; run < runs && outcome == RAC_SAME; run++) {
    rac_delays delays = {.seed = (uint64_t)run + 1, .slow = run < seeds ? -1 : run - seeds};
    int left = 0;
    if (delays.slow >= 0 && !can_be_slow(trace, delays.slow)) {
      continue;
    }
    if (!rac_times(trace, delays, spans, &left)) {
      outcome = RAC_HANGS;
    } else if ((*where = rac_changed(trace, order, spans)) >= 0) {
      outcome = RAC_CHANGES;
    } else if (left > 0) {
      outcome = RAC_LEAVES_A_FLAG;
    }
  }
  free(order);
  free(spans);
  return outcome;
}
