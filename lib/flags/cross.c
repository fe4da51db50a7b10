/* What both cores of a mixed kernel do in global memory, and what they tell each other. */
#include "flags/flags_state.h"

typedef struct comparison {
  ptl_arena *arena;
  const ptl_flag_trace *halves[2]; /* cube, vector */
  const ptl_pipe_record *records[2];
  ptl_pipe_findings *out;
  int key_count;
  unsigned *uses; /* by key plus one (0: not known): READS and WRITES of each core */
} comparison;

enum { READS = 1, WRITES = 2, USES_OF_CORE = 2 };

const ptl_op *ptl_flag_trace_signal(const ptl_flag_trace *trace) {
  return trace->strange_signal ? trace->strange_signal : trace->signal;
}

const ptl_op *ptl_flag_trace_open_slot(const ptl_flag_trace *trace) { return trace->open_slot; }

/* ---- memory of both cores ------------------------------------------------------------- */

static int key_of(const comparison *c, int core, int root) {
  return root < 0 ? -1 : ptl_pipe_argument_key(c->records[core], root);
}

static void count_keys(comparison *c) {
  for (int core = 0; core < 2; core++) {
    for (int root = 0; root < c->halves[core]->kernel->value_count; root++) {
      int key = key_of(c, core, root);
      c->key_count = key >= c->key_count ? key + 1 : c->key_count;
    }
  }
}

static void note_uses(comparison *c) {
  for (int core = 0; core < 2; core++) {
    const ptl_flag_trace *half = c->halves[core];
    for (int i = 0; i <= half->kernel->value_count; i++) {
      unsigned uses = (half->roots[i].reads ? READS : 0U) | (half->roots[i].writes ? WRITES : 0U);
      c->uses[key_of(c, core, i - 1) + 1] |= uses << (core * USES_OF_CORE);
    }
  }
}

/* One core writes what the other one touches. */
static bool is_shared(unsigned uses) {
  unsigned cube = uses & (READS | WRITES), vector = uses >> USES_OF_CORE;
  return cube != 0 && vector != 0 && ((cube | vector) & WRITES) != 0;
}

/* Whether any is; of which is known is told by key. */
static bool find_shared(const comparison *c, bool *by_key, bool *has_unknown) {
  unsigned all = 0, unknown = c->uses[0];
  bool any = false;
  for (int key = 0; key < c->key_count; key++) {
    by_key[key] = is_shared(c->uses[key + 1]);
    any = any || by_key[key];
    all |= c->uses[key + 1];
  }
  *has_unknown = unknown != 0 && is_shared(all | unknown);
  return any || *has_unknown;
}

/* ---- one lane ------------------------------------------------------------------------- */

static void tell(const comparison *c, int core, ptl_code fault, const ptl_op *op,
                 const ptl_op *other, const char *text) {
  ptl_pipe_find_with(c->out, fault, c->records[core], op, other, "%s", text);
}

/* Those of the cube, then those of the vector core. */
static ptl_flag_ring *rings_of_both(const comparison *c, int *count) {
  *count = c->halves[0]->ring_count + c->halves[1]->ring_count;
  ptl_flag_ring *rings = ptl_arena_array(c->arena, (size_t)*count + 1, sizeof(*rings));
  for (int i = 0; i < *count; i++) {
    int core = i >= c->halves[0]->ring_count;
    rings[i] = c->halves[core]->rings[i - core * c->halves[0]->ring_count];
  }
  return rings;
}

static bool compare_lane(const comparison *c, ptl_flag_weave *weave, int lane) {
  ptl_world world;
  ptl_world_init(&world, c->arena);
  for (int core = 0; core < 2; core++) {
    weave->cores[core] =
        (ptl_core){.world = &world, .record = c->records[core], .lane = core * lane};
  }
  ptl_flag_weave_cores(weave);
  if (weave->why) {
    tell(c, weave->core, weave->fault, weave->op, NULL, weave->why);
    return false;
  }
  const ptl_flag_woven woven = {{c->halves[0], c->halves[1]}};
  int ring_count;
  ptl_flag_ring *rings = rings_of_both(c, &ring_count);
  const ptl_flag_trace trace = {.arena = c->arena,
                                .target = c->halves[0]->target,
                                .body = weave->body,
                                .exprs = &world.exprs,
                                .rings = rings,
                                .ring_count = ring_count,
                                .pipes = c->halves[0]->pipes | c->halves[1]->pipes
                                                                   << PTL_SYNC_PIPE_COUNT,
                                .woven = &woven};
  ptl_flag_findings found = ptl_flags_check_woven(&trace);
  for (int i = 0; i < found.count; i++) {
    const ptl_flag_finding *f = &found.items[i];
    tell(c, f->core, f->fault, f->op, f->other, f->text);
  }
  return found.count == 0;
}

static bool has_ids_of_lanes(const ptl_flag_body *body) {
  for (int i = 0; i < body->count; i++) {
    const ptl_flag_node *node = &body->nodes[i];
    if (node->kind == PTL_FLAG_NODE_CROSSING && !node->crossing.is_pipe &&
        node->crossing.id >= PTL_FLAG_IDS_OF_LANE) {
      return true;
    }
    for (int j = 0; j < node->body_count; j++) {
      if (has_ids_of_lanes(node->bodies[j])) {
        return true;
      }
    }
  }
  return false;
}

/* ---- all of it ------------------------------------------------------------------------ */

static bool can_be_followed(const comparison *c) {
  for (int core = 0; core < 2; core++) {
    const ptl_flag_trace *half = c->halves[core];
    if (half->strange_signal) {
      tell(c, core, PTL_CODE_NOT_FOLLOWED, half->strange_signal, NULL, half->strange_why);
      return false;
    }
  }
  return true;
}

void ptl_flags_check_cores(const ptl_flag_trace *cube, const ptl_pipe_record *cube_record,
                           const ptl_flag_trace *vector, const ptl_pipe_record *vector_record,
                           bool known, ptl_pipe_findings *out) {
  comparison c = {.arena = out->arena,
                  .halves = {cube, vector},
                  .records = {cube_record, vector_record},
                  .out = out};
  ptl_flag_weave weave = {.arena = out->arena, .halves = {cube, vector}};
  count_keys(&c);
  c.uses = ptl_arena_array(c.arena, (size_t)c.key_count + 1, sizeof(unsigned));
  bool *by_key = ptl_arena_array(c.arena, (size_t)c.key_count + 1, sizeof(bool));
  note_uses(&c);
  weave.is_memory_asked = find_shared(&c, by_key, &weave.has_unknown_memory) && known;
  weave.is_shared = by_key;
  weave.are_slots_asked =
      known && (ptl_flag_trace_open_slot(cube) || ptl_flag_trace_open_slot(vector));
  bool has_signals = ptl_flag_trace_signal(cube) || ptl_flag_trace_signal(vector);
  bool is_asked = weave.is_memory_asked || weave.are_slots_asked || has_signals;
  if (!is_asked || !can_be_followed(&c)) {
    return;
  }
  bool has_two_lanes = cube->target->family->unsplit_has_two_lanes;
  weave.is_lane_told = !has_two_lanes && has_ids_of_lanes(cube->body);
  if (compare_lane(&c, &weave, 0) && (has_two_lanes || weave.is_lane_told)) {
    (void)compare_lane(&c, &weave, 1);
  }
}
