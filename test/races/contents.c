/* What the buffers hold while a list of instructions runs at given times, and what each reads. */
#include <stdlib.h>
#include <string.h>

#include "races.h"

typedef enum event_kind { ENDS, WRITES, READS, BEGINS } event_kind;

typedef struct event {
  int64_t at;
  event_kind kind;
  int instr;
  int part; /* of READS, WRITES */
} event;

typedef struct contents {
  const rac_trace *trace;
  uint64_t *held; /* by segment */
  uint64_t *read; /* by instruction: what it read */
} contents;

static uint64_t mix(uint64_t a, uint64_t b) {
  a = (a + 0x9e3779b97f4a7c15u) ^ (b * 0xbf58476d1ce4e5b9u);
  a = (a ^ (a >> 30)) * 0x94d049bb133111ebu;
  return a ^ (a >> 31);
}

/* What an instruction leaves, and what stands there while it has not ended. A word is there at
 * once, and one that is stored twice is the same. */
static uint64_t written(const contents *c, int instr) {
  const rac_instr *i = &c->trace->instrs[instr];
  return i->stores_word ? mix(3, i->word) : mix(1, (uint64_t)instr);
}

static uint64_t unfinished(int instr) { return mix(2, (uint64_t)instr); }

static void note(contents *c, int instr, int part, uint64_t value) {
  c->read[instr] += mix(value, (uint64_t)part);
}

static bool writes_segment(const rac_trace *t, const rac_instr *i, int segment) {
  for (int p = i->part_begin; p < i->part_end; p++) {
    if (t->parts[p].is_write && t->parts[p].segment == segment) {
      return true;
    }
  }
  return false;
}

static void begin(contents *c, int number) {
  const rac_trace *t = c->trace;
  const rac_instr *i = &t->instrs[number];
  for (int p = i->part_begin; p < i->part_end; p++) {
    if (!t->parts[p].is_write) {
      note(c, number, p, c->held[t->parts[p].segment]);
    }
  }
  for (int p = i->part_begin; p < i->part_end; p++) {
    if (t->parts[p].is_write && !i->stores_word) {
      c->held[t->parts[p].segment] = unfinished(number);
    }
  }
}

/* It reads until it ends, and what it writes must still be its own. */
static void end(contents *c, int number) {
  const rac_trace *t = c->trace;
  const rac_instr *i = &t->instrs[number];
  for (int p = i->part_begin; p < i->part_end; p++) {
    const rac_part *part = &t->parts[p];
    if (part->is_write) {
      note(c, number, p, !i->stores_word && c->held[part->segment] != unfinished(number));
    } else if (!writes_segment(t, i, part->segment)) {
      note(c, number, p, c->held[part->segment]);
    }
  }
  for (int p = i->part_begin; p < i->part_end; p++) {
    if (t->parts[p].is_write) {
      c->held[t->parts[p].segment] = written(c, number);
    }
  }
}

static void run(contents *c, const event *e) {
  const rac_part *part = &c->trace->parts[e->part];
  switch (e->kind) {
  case BEGINS:
    begin(c, e->instr);
    break;
  case ENDS:
    end(c, e->instr);
    break;
  case READS:
    note(c, e->instr, e->part, c->held[part->segment]);
    break;
  case WRITES:
    c->held[part->segment] = written(c, e->instr);
    break;
  }
}

/* ---- events ---------------------------------------------------------------------------- */

static int add_events(const rac_trace *t, int number, const rac_span *span, event *out) {
  const rac_instr *i = &t->instrs[number];
  int count = 0;
  if (i->pipe != RAC_V || t->is_a5) {
    out[count++] = (event){span->begin, BEGINS, number, 0};
    out[count++] = (event){span->end, ENDS, number, 0};
    return count;
  }
  for (int p = i->part_begin; p < i->part_end; p++) {
    const rac_part *part = &t->parts[p];
    out[count++] =
        part->is_write
            ? (event){span->begin + (part->last + span->late) * span->tick, WRITES, number, p}
            : (event){span->begin + part->first * span->tick, READS, number, p};
  }
  return count;
}

static int compare(const void *a, const void *b) {
  const event *x = a, *y = b;
  if (x->at != y->at) {
    return x->at < y->at ? -1 : 1;
  }
  if (x->kind != y->kind) {
    return x->kind < y->kind ? -1 : 1;
  }
  return x->instr != y->instr ? (x->instr < y->instr ? -1 : 1) : x->part - y->part;
}

static contents make(const rac_trace *trace) {
  return (contents){.trace = trace,
                    .held = calloc((size_t)trace->segments + 1, sizeof(uint64_t)),
                    .read = calloc((size_t)trace->count + 1, sizeof(uint64_t))};
}

/* Each instruction for itself, one after the other. */
static contents run_in_order(const rac_trace *trace, const int *order, event *events) {
  contents c = make(trace);
  for (int n = 0; n < trace->count; n++) {
    int i = order[n];
    if (trace->instrs[i].kind != RAC_OP) {
      continue;
    }
    const rac_span span = {.begin = 0, .end = 1, .tick = 1, .late = trace->instrs[i].repeats};
    int count = add_events(trace, i, &span, events);
    qsort(events, (size_t)count, sizeof(*events), compare);
    if (trace->instrs[i].pipe != RAC_V || trace->is_a5) {
      begin(&c, i);
      end(&c, i);
      continue;
    }
    for (int e = 0; e < count; e++) {
      run(&c, &events[e]);
    }
  }
  return c;
}

static contents run_in_time(const rac_trace *trace, const rac_span *spans, event *events) {
  contents c = make(trace);
  int count = 0;
  for (int i = 0; i < trace->count; i++) {
    if (trace->instrs[i].kind == RAC_OP) {
      count += add_events(trace, i, &spans[i], events + count);
    }
  }
  qsort(events, (size_t)count, sizeof(*events), compare);
  for (int e = 0; e < count; e++) {
    run(&c, &events[e]);
  }
  return c;
}

static int first_other(const rac_trace *trace, const contents *a, const contents *b) {
  for (int i = 0; i < trace->count; i++) {
    if (a->read[i] != b->read[i]) {
      return i;
    }
  }
  return memcmp(a->held, b->held, (size_t)trace->segments * sizeof(uint64_t)) != 0 ? trace->count
                                                                                   : -1;
}

int rac_changed(const rac_trace *trace, const int *order, const rac_span *spans) {
  event *events =
      malloc(((size_t)trace->part_count + 2 * (size_t)trace->count + 1) * sizeof(event));
  contents expected = run_in_order(trace, order, events);
  contents seen = run_in_time(trace, spans, events);
  int changed = first_other(trace, &expected, &seen);
  free(events);
  free(expected.held);
  free(expected.read);
  free(seen.held);
  free(seen.read);
  return changed;
}
