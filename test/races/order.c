/* One order in which all cores may run, without any overlap. */
#include <string.h>

#include "races.h"

typedef struct walker {
  const rac_trace *trace;
  int *order;
  int count;
  int next[MUT_CORES], met[MUT_CORES];
  int given[MUT_CORES][MUT_CORES][RAC_CHANNELS]; /* from core to core, and not taken yet */
} walker;

static bool is_peer(const rac_instr *i, int core) { return (i->peers >> (unsigned)core & 1U) != 0; }

static void give(walker *w, const rac_instr *i) {
  for (int core = 0; core < MUT_CORES; core++) {
    w->given[i->core][core][i->id] += is_peer(i, core);
  }
}

static bool take(walker *w, const rac_instr *i) {
  for (int core = 0; core < MUT_CORES; core++) {
    if (is_peer(i, core) && w->given[core][i->core][i->id] == 0) {
      return false;
    }
  }
  for (int core = 0; core < MUT_CORES; core++) {
    w->given[core][i->core][i->id] -= is_peer(i, core);
  }
  return true;
}

/* All are there, or have been. */
static bool meets(walker *w, int core) {
  int number = w->met[core] + 1;
  for (int other = 0; other < w->trace->core_count; other++) {
    int at = w->next[other];
    bool is_there = at < w->trace->begin[other + 1] && w->trace->instrs[at].kind == RAC_MEET &&
                    w->met[other] + 1 == number;
    if (w->met[other] < number && !is_there) {
      return false;
    }
  }
  w->met[core] = number;
  return true;
}

static bool step(walker *w, int core) {
  int at = w->next[core];
  if (at == w->trace->begin[core + 1]) {
    return false;
  }
  const rac_instr *i = &w->trace->instrs[at];
  if ((i->kind == RAC_AWAIT && !take(w, i)) || (i->kind == RAC_MEET && !meets(w, core))) {
    return false;
  }
  if (i->kind == RAC_SIGNAL) {
    give(w, i);
  }
  w->order[w->count++] = at;
  w->next[core]++;
  return true;
}

bool rac_order(const rac_trace *trace, int *order) {
  walker w = {.trace = trace, .order = order};
  memcpy(w.next, trace->begin, sizeof(w.next));
  for (bool moves = true; moves;) {
    moves = false;
    for (int core = 0; core < trace->core_count; core++) {
      while (step(&w, core)) {
        moves = true;
      }
    }
  }
  return w.count == trace->count;
}
