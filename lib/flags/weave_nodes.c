/* What one core does, in the trace of both: signals between the cores by channel, global memory in
 * one world, and nodes. */
#include <limits.h>

#include "flags/weave.h"

ptl_flag_node *ptl_weave_more(ptl_weaver *w, ptl_flag_body *body) {
  body->nodes = ptl_arena_more(w->weave->arena, body->nodes, body->count, &body->capacity,
                               sizeof(ptl_flag_node));
  return &body->nodes[body->count++];
}

ptl_flag_body *ptl_weave_body(ptl_weaver *w) {
  return ptl_arena_array(w->weave->arena, 1, sizeof(ptl_flag_body));
}

/* ---- signals ------------------------------------------------------------------------- */

/* The flag's number on both cores; false if it is the other vector core's. */
static bool id_in_lane(const ptl_weaver *w, int core, const ptl_flag_crossing *what, int64_t *id) {
  bool is_of_lane = w->weave->is_lane_told && !what->is_pipe && core == 0;
  *id = what->id;
  if (!is_of_lane) {
    return true;
  }
  *id -= w->weave->cores[1].lane * PTL_FLAG_IDS_OF_LANE;
  return *id >= 0 && *id < PTL_FLAG_IDS_OF_LANE;
}

ptl_weave_channel *ptl_weave_channel_of(ptl_weaver *w, int core, const ptl_flag_crossing *what) {
  int giver = what->kind == PTL_FLAG_SIGNAL ? core : 1 - core;
  int64_t id;
  if (!id_in_lane(w, core, what, &id)) {
    return NULL;
  }
  for (int i = 0; i < w->channel_count; i++) {
    ptl_weave_channel *c = &w->channels[i];
    if (c->giver == giver && c->what.is_pipe == what->is_pipe && c->what.id == id) {
      return c;
    }
  }
  w->channels = ptl_arena_more(w->weave->arena, w->channels, w->channel_count, &w->channel_capacity,
                               sizeof(ptl_weave_channel));
  ptl_weave_channel *c = &w->channels[w->channel_count++];
  *c = (ptl_weave_channel){.what = *what, .giver = giver};
  c->what.id = id;
  return c;
}

/* ---- global memory -------------------------------------------------------------------- */

ptl_expr ptl_weave_expr(ptl_weaver *w, int core, ptl_expr expr) {
  return ptl_core_expr(&w->weave->cores[core], expr);
}

/* False if it is not the same number in all rounds of the loops that are not counted. */
static bool move_place(ptl_weaver *w, int core, ptl_flag_place *place) {
  place->rest = ptl_weave_expr(w, core, place->rest);
  place->newest_leaf = -1;
  return place->rest >= 0 && !ptl_world_is_in_loop(w->weave->cores[core].world, place->rest);
}

static bool move_window(ptl_weaver *w, int core, ptl_flag_gm *gm) {
  ptl_gm_window *window = &gm->window;
  window->base = ptl_weave_expr(w, core, window->base);
  gm->span = ptl_weave_expr(w, core, gm->span);
  bool is_known = window->base >= 0 && gm->span >= 0 && move_place(w, core, &gm->start);
  for (int i = 0; i < window->rank; i++) {
    window->offsets[i] = ptl_weave_expr(w, core, window->offsets[i]);
    window->extents[i] = ptl_weave_expr(w, core, window->extents[i]);
    window->strides[i] = ptl_weave_expr(w, core, window->strides[i]);
    is_known = is_known && window->extents[i] >= 0 && window->strides[i] >= 0 &&
               move_place(w, core, &gm->places[i]);
  }
  return is_known;
}

/* The same elements, in the world of both cores. */
static const ptl_flag_gm *move_gm(ptl_weaver *w, int core, const ptl_flag_gm *gm) {
  const ptl_pipe_record *record = w->weave->cores[core].record;
  ptl_flag_gm *out = ptl_arena_alloc(w->weave->arena, sizeof(*out));
  *out = *gm;
  out->root = gm->root < 0 ? -1 : ptl_pipe_argument_key(record, gm->root);
  for (int i = 0; i < gm->turn_count; i++) {
    const ptl_flag_turn *turn = &w->turns[core][gm->turns[i].loop];
    out->turns[i].loop = turn->loop;
    out->turns[i].depth = turn->depth;
    out->turns[i].first_leaf = INT_MAX;
  }
  out->is_known = gm->is_known && move_window(w, core, out);
  return out;
}

static bool is_shared(const ptl_weaver *w, int core, const ptl_flag_gm *gm) {
  int key = gm->root < 0 ? -1 : ptl_pipe_argument_key(w->weave->cores[core].record, gm->root);
  return w->weave->has_unknown_memory || key < 0 || w->weave->is_shared[key];
}

/* Whether the core may stand after a push that waited for a free slot. */
static bool may_be_let_on(const ptl_weaver *w, int core) {
  int given = 0;
  for (int i = 0; i < w->channel_count; i++) {
    const ptl_weave_channel *c = &w->channels[i];
    given = c->giver == core && c->what.is_pipe && c->given > given ? c->given : given;
  }
  return given > 1 || (w->loop_depth > 0 && w->pushes[core]);
}

/* Bytes of global memory that both cores use. */
static bool put_gm(ptl_weaver *w, int core, const ptl_flag_bytes *old, ptl_flag_bytes *out) {
  if (!w->weave->is_memory_asked || !is_shared(w, core, old->gm)) {
    return false;
  }
  *out = *old;
  out->gm = move_gm(w, core, old->gm);
  out->range.buffer = out->gm->root + 1;
  out->stored = ptl_weave_expr(w, core, old->stored);
  out->value = old->gm->root >= 0 ? old->gm->root : old->value;
  return true;
}

/* Bytes of a slot of a pipe, of which each core has its own. */
static bool put_slot(const ptl_weaver *w, int core, const ptl_flag_bytes *old,
                     ptl_flag_bytes *out) {
  const ptl_flag_trace *cube = w->weave->halves[0];
  if (!w->weave->are_slots_asked || old->ring == 0 || old->role == PTL_FLAG_ROLE_ARRIVAL ||
      old->role == PTL_FLAG_ROLE_FREE) {
    return false;
  }
  *out = *old;
  out->ring += core * cube->ring_count;
  out->range.buffer += core * (cube->kernel->value_count + 1);
  return true;
}

static void add_op(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out) {
  ptl_flag_bytes *bytes =
      ptl_arena_array(w->weave->arena, (size_t)node->byte_count + 1, sizeof(*bytes));
  int count = 0;
  for (int i = 0; i < node->byte_count; i++) {
    const ptl_flag_bytes *old = &node->bytes[i];
    count += old->gm ? put_gm(w, core, old, &bytes[count]) : put_slot(w, core, old, &bytes[count]);
  }
  if (count > 0) {
    *ptl_weave_more(w, out) = (ptl_flag_node){.kind = PTL_FLAG_NODE_OP,
                                              .op = node->op,
                                              .step = -1,
                                              .pipe = ptl_flag_pipe_on(core, node->pipe),
                                              .bytes = bytes,
                                              .byte_count = count,
                                              .may_be_let_on = may_be_let_on(w, core)};
  }
}

/* ---- nodes of one core ------------------------------------------------------------------ */

static void add_flag(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out) {
  ptl_flag_node *copy = ptl_weave_more(w, out);
  *copy = *node;
  copy->pipe = ptl_flag_pipe_on(core, PTL_SYNC_PIPE_NONE);
  if (node->flag.kind != PTL_FLAG_BARRIER || node->flag.from != PTL_SYNC_PIPE_NONE) {
    copy->flag.from = ptl_flag_pipe_on(core, node->flag.from);
    copy->flag.to = ptl_flag_pipe_on(core, node->flag.to);
  }
}

static void add_crossing(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out) {
  ptl_weave_channel *c = ptl_weave_channel_of(w, core, &node->crossing);
  if (!c) {
    return;
  }
  bool gives = node->crossing.kind == PTL_FLAG_SIGNAL;
  c->count += gives ? 1 : -1;
  c->given += gives;
  c->last = gives ? node->op : c->last;
  ptl_flag_node *copy = ptl_weave_more(w, out);
  *copy = *node;
  copy->pipe = ptl_flag_pipe_on(core, node->crossing.pipe);
  copy->flag = (ptl_flag_op){.id = c - w->channels};
}

ptl_flag_node ptl_weave_begin(ptl_weaver *w, const ptl_flag_node *node, int body_count,
                              ptl_flag_body *out) {
  ptl_flag_node *copy = ptl_weave_more(w, out);
  *copy = *node;
  copy->turn = (ptl_flag_turn){
      .loop = ++w->loop_count, .depth = w->depth, .atom = -1, .first_leaf = INT_MAX};
  copy->bodies = ptl_arena_array(w->weave->arena, (size_t)body_count + 1, sizeof(ptl_flag_body *));
  copy->body_count = body_count;
  return *copy;
}

static void copy_body(ptl_weaver *w, int core, const ptl_flag_body *body, ptl_flag_body *out);

/* A loop or branches of one core alone. */
static void copy_bodies(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out) {
  const ptl_flag_node copy = ptl_weave_begin(w, node, node->body_count, out);
  bool is_loop = node->kind == PTL_FLAG_NODE_LOOP;
  if (is_loop) {
    w->turns[core][node->turn.loop] = copy.turn;
  }
  w->depth++;
  w->loop_depth += is_loop;
  for (int i = 0; i < node->body_count; i++) {
    copy.bodies[i] = ptl_weave_body(w);
    copy_body(w, core, node->bodies[i], copy.bodies[i]);
  }
  w->loop_depth -= is_loop;
  w->depth--;
}

void ptl_weave_copy(ptl_weaver *w, int core, const ptl_flag_node *node, ptl_flag_body *out) {
  switch (node->kind) {
  case PTL_FLAG_NODE_OP:
    add_op(w, core, node, out);
    break;
  case PTL_FLAG_NODE_FLAG:
    add_flag(w, core, node, out);
    break;
  case PTL_FLAG_NODE_CROSSING:
    add_crossing(w, core, node, out);
    break;
  default:
    copy_bodies(w, core, node, out);
    break;
  }
}

static void copy_body(ptl_weaver *w, int core, const ptl_flag_body *body, ptl_flag_body *out) {
  for (int i = 0; i < body->count; i++) {
    ptl_weave_copy(w, core, &body->nodes[i], out);
  }
}
