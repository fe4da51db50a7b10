/* Who waits for whom: the cores' steps, run with the credits of pto-isa's TPush and TPop.
 *
 * A push gives a data credit, a pop takes one. The i-th push takes a free credit if i >= S and i is
 * a multiple of T, S being the slots and T = S up to 2, else S / 2; the i-th pop gives one if i + 1
 * is a multiple of T, on a5 when it is freed (pto-isa:include/pto/npu/a2a3/TPush.hpp, TPop.hpp;
 * a5/TPush.hpp, whose consumer gives T at its begin as well). The vector cores' signals count only
 * together (FFTS mode 2), and the cube's reach both. */
#include <string.h>

#include "pipes/pipes_state.h"

typedef struct channel_state {
  int *pushes[PTL_CORES], *frees[PTL_CORES]; /* the steps that gave credits, by core */
  int push_count[PTL_CORES], pop_count[PTL_CORES], released[PTL_CORES];
  int free_count[PTL_CORES], waits[PTL_CORES];
} channel_state;

typedef struct runner {
  ptl_run *run;
  channel_state *states; /* by channel */
} runner;

bool ptl_channel_has_core(const ptl_channel *channel, int core, bool producer) {
  bool is_cube = core == 0;
  return is_cube == ((channel->direction == PTL_C2V) == producer) &&
         (core < 2 || channel->has_two_lanes);
}

static int64_t period_of(const ptl_channel *channel) {
  return channel->slots <= 2 ? channel->slots : channel->slots / 2;
}

static void join(ptl_run *run, int core, int step, int other, int other_step) {
  int *mine = run->clocks[core][step];
  const int *theirs = run->clocks[other][other_step];
  for (int i = 0; i < PTL_CORES; i++) {
    mine[i] = mine[i] > theirs[i] ? mine[i] : theirs[i];
  }
}

/* Whether a push can take its free credits; takes them. */
static bool take_free(runner *r, int core, int channel, int step) {
  const ptl_channel *c = &r->run->channels[channel];
  channel_state *state = &r->states[channel];
  int64_t period = period_of(c);
  int64_t given = r->run->family->starts_with_credits ? period : 0;
  int push = state->push_count[core], wait = state->waits[core];
  if (push < c->slots || push % period != 0) {
    return true;
  }
  for (int other = 0; other < PTL_CORES; other++) {
    if (ptl_channel_has_core(c, other, false) && state->free_count[other] + given <= wait) {
      return false;
    }
  }
  for (int other = 0; other < PTL_CORES; other++) {
    if (ptl_channel_has_core(c, other, false) && wait >= given) {
      join(r->run, core, step, other, state->frees[other][wait - given]);
    }
  }
  state->waits[core]++;
  return true;
}

static void give_free(runner *r, int core, int channel, int step) {
  channel_state *state = &r->states[channel];
  if (++state->released[core] % period_of(&r->run->channels[channel]) == 0) {
    state->frees[core][state->free_count[core]++] = step;
  }
}

static bool take_data(runner *r, int core, int channel, int step) {
  const ptl_channel *c = &r->run->channels[channel];
  channel_state *state = &r->states[channel];
  int pop = state->pop_count[core];
  for (int other = 0; other < PTL_CORES; other++) {
    if (ptl_channel_has_core(c, other, true) && state->push_count[other] <= pop) {
      return false;
    }
  }
  for (int other = 0; other < PTL_CORES; other++) {
    if (ptl_channel_has_core(c, other, true)) {
      join(r->run, core, step, other, state->pushes[other][pop]);
    }
  }
  state->pop_count[core]++;
  return true;
}

static bool go_on(runner *r, int core) {
  ptl_run *run = r->run;
  int at = run->at[core];
  const ptl_step *step = &run->steps[core].items[at];
  channel_state *state = &r->states[step->channel];
  ptl_pipe_act act = step->node->use.act;
  if (at > 0) {
    memcpy(run->clocks[core][at], run->clocks[core][at - 1], sizeof(run->clocks[core][at]));
  }
  bool takes_part = ptl_channel_has_core(&run->channels[step->channel], core, act == PTL_PIPE_PUSH);
  if (takes_part && ((act == PTL_PIPE_PUSH && !take_free(r, core, step->channel, at)) ||
                     (act == PTL_PIPE_POP && !take_data(r, core, step->channel, at)))) {
    return false;
  }
  run->clocks[core][at][core] = at + 1;
  if (takes_part && act == PTL_PIPE_PUSH) {
    state->pushes[core][state->push_count[core]++] = at;
  } else if (takes_part && act == (run->family->pops_give_back ? PTL_PIPE_POP : PTL_PIPE_FREE)) {
    give_free(r, core, step->channel, at);
  }
  run->at[core]++;
  return true;
}

void ptl_run_cores(ptl_run *run) {
  runner r = {run,
              ptl_arena_array(run->arena, (size_t)run->channel_count + 1, sizeof(channel_state))};
  for (int core = 0; core < PTL_CORES; core++) {
    size_t count = (size_t)run->steps[core].count + 1;
    run->at[core] = 0;
    run->clocks[core] = ptl_arena_array(run->arena, count, sizeof(*run->clocks[core]));
    for (int i = 0; i < run->channel_count; i++) {
      r.states[i].pushes[core] = ptl_arena_array(run->arena, count, sizeof(int));
      r.states[i].frees[core] = ptl_arena_array(run->arena, count, sizeof(int));
    }
  }
  for (bool moved = true; moved;) {
    moved = false;
    for (int core = 0; core < PTL_CORES; core++) {
      while (run->at[core] < run->steps[core].count && go_on(&r, core)) {
        moved = true;
      }
    }
  }
}

bool ptl_run_is_before(const ptl_run *run, int x, int a, int y, int b) {
  return run->clocks[y][b][x] > a;
}

int *ptl_run_steps_of(const ptl_run *run, int core, int channel, ptl_pipe_act act, int *count) {
  const ptl_steps *steps = &run->steps[core];
  int *found = ptl_arena_array(run->arena, (size_t)steps->count + 1, sizeof(int));
  *count = 0;
  for (int i = 0; i < steps->count; i++) {
    if (steps->items[i].channel == channel && steps->items[i].node->use.act == act) {
      found[(*count)++] = i;
    }
  }
  return found;
}
