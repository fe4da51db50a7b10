/* The traces of both cores of a mixed kernel as one, in an order in which they may run.
 *
 * Who waits for whom does not depend on how fast the cores are: each signal has one giver and one
 * taker, and counts. So one order that the waits allow stands for all. Loops and branches in which
 * the cores tell each other something have to be the same on both, and are woven as one; in a round
 * of a loop as much is taken as given. That a push waits for a free slot is not looked at.
 */

#include "flags/weave.h"

enum { MAX_FRAMES = 32 };

/* Where a core is: in a body, and in those that it stands in. */
typedef struct strand {
  int core;
  struct {
    const ptl_flag_body *body;
    int at;
  } frames[MAX_FRAMES];
  int count;
} strand;

static void fail(ptl_weaver *w, ptl_code fault, int core, const ptl_op *op, const char *why) {
  ptl_flag_weave *weave = w->weave;
  if (!weave->why) {
    weave->fault = fault;
    weave->core = core;
    weave->op = op;
    weave->why = why;
  }
}

static void give_up(ptl_weaver *w, int core, const ptl_op *op, const char *why) {
  fail(w, PTL_CODE_NOT_FOLLOWED, core, op, why);
}

/* Whether cores tell each other something in there. */
static bool crosses(const ptl_flag_node *node) {
  if (node->kind == PTL_FLAG_NODE_CROSSING) {
    return true;
  }
  for (int i = 0; i < node->body_count; i++) {
    for (int j = 0; j < node->bodies[i]->count; j++) {
      if (crosses(&node->bodies[i]->nodes[j])) {
        return true;
      }
    }
  }
  return false;
}

/* ---- both cores --------------------------------------------------------------------------- */

static void weave_bodies(ptl_weaver *w, const ptl_flag_body *cube, const ptl_flag_body *vector,
                         ptl_flag_body *out);

static void enter(ptl_weaver *w, strand *s, const ptl_flag_body *body, const ptl_op *op) {
  if (s->count == MAX_FRAMES) {
    give_up(w, s->core, op, "branches stand too deep in each other");
    return;
  }
  s->frames[s->count].body = body;
  s->frames[s->count++].at = 0;
}

/* What the core comes to next; NULL: its end. */
static const ptl_flag_node *next_of(strand *s) {
  while (s->count > 0 && s->frames[s->count - 1].at == s->frames[s->count - 1].body->count) {
    s->count--;
  }
  return s->count > 0 ? &s->frames[s->count - 1].body->nodes[s->frames[s->count - 1].at] : NULL;
}

/* Whether it is known which branch the core takes. */
static bool is_decided(ptl_weaver *w, int core, const ptl_flag_node *node, bool *holds) {
  int64_t value;
  ptl_expr condition =
      node->kind == PTL_FLAG_NODE_BRANCH ? ptl_weave_expr(w, core, node->condition) : PTL_EXPR_NONE;
  bool is_known =
      condition >= 0 && ptl_expr_is_const(&w->weave->cores[core].world->exprs, condition, &value);
  *holds = is_known && value != 0;
  return is_known;
}

static bool can_go_on(ptl_weaver *w, int core, const ptl_flag_node *node) {
  bool holds;
  if (!node) {
    return false;
  }
  if (node->kind != PTL_FLAG_NODE_CROSSING) {
    return !crosses(node) || is_decided(w, core, node, &holds);
  }
  if (node->crossing.kind != PTL_FLAG_AWAIT) {
    return node->crossing.kind == PTL_FLAG_SIGNAL;
  }
  const ptl_weave_channel *c = ptl_weave_channel_of(w, core, &node->crossing);
  return !c || c->count > 0;
}

static void go_on(ptl_weaver *w, strand *s, ptl_flag_body *out) {
  const ptl_flag_node *node = next_of(s);
  bool holds;
  s->frames[s->count - 1].at++;
  if (!is_decided(w, s->core, node, &holds)) {
    ptl_weave_copy(w, s->core, node, out);
  } else if (holds || node->body_count > 1) {
    enter(w, s, node->bodies[!holds], node->op);
  }
}

static int open_signals(const ptl_weaver *w, int giver) {
  int result = 0;
  for (int i = 0; i < w->channel_count; i++) {
    result += w->channels[i].giver == giver ? w->channels[i].count : 0;
  }
  return result;
}

/* The one that is not ahead, if it can; -1: none can. */
static int core_to_go_on(ptl_weaver *w, const ptl_flag_node *const next[2]) {
  int first = open_signals(w, 0) > open_signals(w, 1);
  return can_go_on(w, first, next[first])           ? first
         : can_go_on(w, 1 - first, next[1 - first]) ? 1 - first
                                                    : -1;
}

static int *counts_of(const ptl_weaver *w) {
  int *counts = ptl_arena_array(w->weave->arena, (size_t)w->channel_count + 1, sizeof(int));
  for (int i = 0; i < w->channel_count; i++) {
    counts[i] = w->channels[i].count;
  }
  return counts;
}

/* Channels that came after `counts` was taken had none. */
static bool has_counts(const ptl_weaver *w, const int *counts, int count) {
  bool is_same = true;
  for (int i = 0; is_same && i < w->channel_count; i++) {
    is_same = w->channels[i].count == (i < count ? counts[i] : 0);
  }
  return is_same;
}

static void set_counts(ptl_weaver *w, const int *counts, int count) {
  for (int i = 0; i < w->channel_count; i++) {
    w->channels[i].count = i < count ? counts[i] : 0;
  }
}

static bool are_same(ptl_weaver *w, ptl_expr cube, ptl_expr vector) {
  ptl_expr a = ptl_weave_expr(w, 0, cube), b = ptl_weave_expr(w, 1, vector);
  return a >= 0 && a == b;
}

static ptl_expr trips_of(ptl_weaver *w, int core, const ptl_flag_node *node) {
  ptl_expr lower = ptl_weave_expr(w, core, node->lower),
           upper = ptl_weave_expr(w, core, node->upper);
  return lower >= 0 && upper >= 0 ? ptl_expr_sub(&w->weave->cores[core].world->exprs, upper, lower)
                                  : PTL_EXPR_NONE;
}

static bool are_same_loops(ptl_weaver *w, const ptl_flag_node *cube, const ptl_flag_node *vector) {
  ptl_expr trips = trips_of(w, 0, cube);
  return cube->kind == PTL_FLAG_NODE_LOOP && vector->kind == PTL_FLAG_NODE_LOOP && trips >= 0 &&
         trips == trips_of(w, 1, vector) && are_same(w, cube->by, vector->by) &&
         cube->body_count == vector->body_count && cube->later == vector->later;
}

static void weave_loops(ptl_weaver *w, const ptl_flag_node *cube, const ptl_flag_node *vector,
                        ptl_flag_body *out) {
  const ptl_flag_node copy = ptl_weave_begin(w, cube, cube->body_count, out);
  w->turns[0][cube->turn.loop] = w->turns[1][vector->turn.loop] = copy.turn;
  int count = w->channel_count;
  const int *counts = counts_of(w);
  w->depth++;
  w->loop_depth++;
  for (int i = 0; i < cube->body_count && !w->weave->why; i++) {
    copy.bodies[i] = ptl_weave_body(w);
    weave_bodies(w, cube->bodies[i], vector->bodies[i], copy.bodies[i]);
    if (!has_counts(w, counts, count)) {
      give_up(w, 0, cube->op, "in a round of this loop the cores do not take what they give");
    }
  }
  w->loop_depth--;
  w->depth--;
}

static void weave_branches(ptl_weaver *w, const ptl_flag_node *cube, const ptl_flag_node *vector,
                           ptl_flag_body *out) {
  static const ptl_flag_body empty;
  const ptl_flag_node copy = ptl_weave_begin(w, cube, 2, out);
  int before_count = w->channel_count, after_count = 0;
  const int *before = counts_of(w), *after = NULL;
  w->depth++;
  for (int i = 0; i < 2 && !w->weave->why; i++) {
    copy.bodies[i] = ptl_weave_body(w);
    weave_bodies(w, i < cube->body_count ? cube->bodies[i] : &empty,
                 i < vector->body_count ? vector->bodies[i] : &empty, copy.bodies[i]);
    if (i == 0) {
      after = counts_of(w);
      after_count = w->channel_count;
      set_counts(w, before, before_count);
    } else if (!has_counts(w, after, after_count)) {
      give_up(w, 0, cube->op, "the cores tell each other more on one of these paths");
    }
  }
  w->depth--;
}

static bool is_await(const ptl_flag_node *node) {
  return node && node->kind == PTL_FLAG_NODE_CROSSING && node->crossing.kind == PTL_FLAG_AWAIT;
}

/* No core can go on. */
static void tell_standstill(ptl_weaver *w, const ptl_flag_node *const next[2]) {
  int core = is_await(next[0]) && !next[0]->crossing.is_pipe ? 0 : 1;
  bool is_hang = (!next[0] || is_await(next[0])) && (!next[1] || is_await(next[1]));
  core = next[core] ? core : 1 - core;
  if (is_hang && w->depth == 0 && is_await(next[core]) && !next[core]->crossing.is_pipe) {
    fail(w, PTL_CODE_WAIT_WITHOUT_SET, core, next[core]->op,
         next[1 - core] ? "the flag between the cores, which this waits for, is not set before the "
                          "other core waits for this one: neither goes on"
                        : "the flag between the cores, which this waits for, the other core does "
                          "not set: the kernel hangs");
    return;
  }
  give_up(w, core, next[core]->op,
          is_hang ? "it is not known whether the other core lets this one go on"
                  : "the cores do not tell each other something in the same loops and branches");
}

static bool is_meeting(const ptl_flag_node *node) {
  return node->kind == PTL_FLAG_NODE_CROSSING && node->crossing.kind == PTL_FLAG_MEETING;
}

/* Both do what needs both. */
static void go_on_together(ptl_weaver *w, strand strands[2], const ptl_flag_node *const next[2],
                           ptl_flag_body *out) {
  const ptl_flag_node *cube = next[0], *vector = next[1];
  if (cube && vector && is_meeting(cube) && is_meeting(vector)) {
    *ptl_weave_more(w, out) = *cube;
  } else if (cube && vector && are_same_loops(w, cube, vector)) {
    weave_loops(w, cube, vector, out);
  } else if (cube && vector && cube->kind == PTL_FLAG_NODE_BRANCH &&
             vector->kind == PTL_FLAG_NODE_BRANCH &&
             are_same(w, cube->condition, vector->condition)) {
    weave_branches(w, cube, vector, out);
  } else {
    tell_standstill(w, next);
    return;
  }
  strands[0].frames[strands[0].count - 1].at++;
  strands[1].frames[strands[1].count - 1].at++;
}

static void weave_bodies(ptl_weaver *w, const ptl_flag_body *cube, const ptl_flag_body *vector,
                         ptl_flag_body *out) {
  strand strands[2] = {{.core = 0}, {.core = 1}};
  enter(w, &strands[0], cube, NULL);
  enter(w, &strands[1], vector, NULL);
  while (!w->weave->why) {
    const ptl_flag_node *next[2] = {next_of(&strands[0]), next_of(&strands[1])};
    int core = core_to_go_on(w, next);
    if (!next[0] && !next[1]) {
      return;
    }
    if (core >= 0) {
      go_on(w, &strands[core], out);
    } else {
      go_on_together(w, strands, next, out);
    }
  }
}

static bool is_giver(const ptl_flag_body *body) {
  for (int i = 0; i < body->count; i++) {
    const ptl_flag_node *node = &body->nodes[i];
    if (node->kind == PTL_FLAG_NODE_CROSSING && node->crossing.kind == PTL_FLAG_SIGNAL &&
        node->crossing.is_pipe) {
      return true;
    }
    for (int j = 0; j < node->body_count; j++) {
      if (is_giver(node->bodies[j])) {
        return true;
      }
    }
  }
  return false;
}

void ptl_flag_weave_cores(ptl_flag_weave *weave) {
  ptl_weaver w = {.weave = weave};
  for (int core = 0; core < 2; core++) {
    const ptl_flag_trace *half = weave->halves[core];
    w.turns[core] =
        ptl_arena_array(weave->arena, (size_t)half->loop_count + 1, sizeof(ptl_flag_turn));
    w.pushes[core] = is_giver(half->body);
  }
  weave->why = NULL;
  weave->body = ptl_weave_body(&w);
  weave_bodies(&w, weave->halves[0]->body, weave->halves[1]->body, weave->body);
  for (int i = 0; i < w.channel_count; i++) {
    const ptl_weave_channel *c = &w.channels[i];
    if (c->count > 0 && !c->what.is_pipe) {
      fail(&w, PTL_CODE_SET_WITHOUT_WAIT, c->giver, c->last,
           "the other core does not wait for the flag between the cores that this sets: the next "
           "kernel finds it set");
    }
  }
}
