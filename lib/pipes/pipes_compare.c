/* The two functions of a kernel against each other. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipes/pipes_state.h"

enum {
  SAMPLES = 60,
  MAX_WORK = 1000 * 1000,
  MAX_STEPS = 3000,
  MAX_STEPS_OF_ALL = 100000,
  MAX_CHANNELS = 64,
  MAX_FINDINGS = 1000
};

typedef enum ptl_agreement { AGREES, DIFFERS, NOT_KNOWN } ptl_agreement;

typedef struct comparison {
  ptl_pipe_record *records[2]; /* cube, vector */
  ptl_world world;
  ptl_core cores[PTL_CORES];
  ptl_channel *channels;
  int channel_count;
  ptl_agreement *agreements; /* by channel */
  bool *is_told;             /* by channel: an error */
  bool deadlock_is_told, lay_is_told, load_is_told;
  const ptl_family *family;
  ptl_pipe_findings *out;
} comparison;

/* ---- findings ------------------------------------------------------------------- */

static void add_finding(ptl_pipe_findings *out, ptl_pipe_finding finding) {
  for (int i = 0; i < out->count; i++) {
    if (out->items[i].fault == finding.fault && out->items[i].op == finding.op) {
      return;
    }
  }
  if (out->count == MAX_FINDINGS) {
    return;
  }
  out->items =
      ptl_arena_more(out->arena, out->items, out->count, &out->capacity, sizeof(ptl_pipe_finding));
  out->items[out->count++] = finding;
}

static void find(ptl_pipe_findings *out, ptl_code fault, const ptl_pipe_record *record,
                 const ptl_op *op, const ptl_op *other, const char *format, va_list args) {
  char text[1024];
  (void)vsnprintf(text, sizeof(text), format, args);
  MlirOperation none = {NULL};
  add_finding(out, (ptl_pipe_finding){fault, op, record->is_vector, other ? other->op : none,
                                      ptl_arena_copy(out->arena, text, strlen(text))});
}

void ptl_pipe_find(ptl_pipe_findings *out, ptl_code fault, const ptl_pipe_record *record,
                   const ptl_op *op, const char *format, ...) {
  va_list args;
  va_start(args, format);
  find(out, fault, record, op, NULL, format, args);
  va_end(args);
}

void ptl_pipe_find_with(ptl_pipe_findings *out, ptl_code fault, const ptl_pipe_record *record,
                        const ptl_op *op, const ptl_op *other, const char *format, ...) {
  va_list args;
  va_start(args, format);
  find(out, fault, record, op, other, format, args);
  va_end(args);
}

/* ---- channels --------------------------------------------------------------------- */

static const ptl_pipe_node *first_use(const ptl_pipe_nodes *nodes, int64_t id,
                                      ptl_pipe_direction direction, ptl_pipe_act act) {
  for (int i = 0; i < nodes->count; i++) {
    const ptl_pipe_node *node = nodes->items[i];
    if (node->kind == PTL_NODE_OP && node->use.id == id && node->use.direction == direction &&
        node->use.act == act) {
      return node;
    }
    for (int j = 0; j < 2; j++) {
      const ptl_pipe_node *inner = first_use(&node->bodies[j], id, direction, act);
      if (inner) {
        return inner;
      }
    }
  }
  return NULL;
}

static const ptl_pipe_record *side_of(const comparison *c, const ptl_channel *channel,
                                      bool producer) {
  return c->records[(channel->direction == PTL_C2V) != producer];
}

static const ptl_pipe_node *first_of(const comparison *c, const ptl_channel *channel,
                                     ptl_pipe_act act) {
  const ptl_pipe_record *record = side_of(c, channel, act == PTL_PIPE_PUSH);
  return first_use(&record->root, channel->id, channel->direction, act);
}

/* Else a pipe without split is for the first vector core alone
 * (pto-isa:include/pto/npu/a5/TPush.hpp, waitIntraBlockBySplit). */
static bool has_two_lanes(const comparison *c, const ptl_channel *channel) {
  const ptl_pipe_node *push = first_of(c, channel, PTL_PIPE_PUSH);
  const ptl_pipe_node *pop = first_of(c, channel, PTL_PIPE_POP);
  return c->family->unsplit_has_two_lanes || (push && push->use.split != 0) ||
         (pop && pop->use.split != 0);
}

static void add_channel(comparison *c, int64_t id, ptl_pipe_direction direction) {
  for (int i = 0; i < c->channel_count; i++) {
    if (c->channels[i].id == id && c->channels[i].direction == direction) {
      return;
    }
  }
  ptl_channel channel = {.id = id, .direction = direction};
  channel.producer = ptl_pipe_end_of(side_of(c, &channel, true), id);
  channel.consumer = ptl_pipe_end_of(side_of(c, &channel, false), id);
  const ptl_pipe_end *end = channel.producer ? channel.producer : channel.consumer;
  channel.slots = !end || end->slot_num < 1          ? 1
                  : end->slot_num > MAX_STEPS_OF_ALL ? MAX_STEPS_OF_ALL
                                                     : end->slot_num;
  channel.has_two_lanes = has_two_lanes(c, &channel);
  if (c->channel_count == MAX_CHANNELS) {
    return; /* more than flags; what goes through it is not known */
  }
  size_t count = (size_t)c->channel_count;
  c->channels = ptl_arena_grow(c->world.arena, c->channels, count, count + 1, sizeof(ptl_channel));
  c->channels[c->channel_count++] = channel;
}

static void add_channels(comparison *c, const ptl_pipe_nodes *nodes) {
  for (int i = 0; i < nodes->count; i++) {
    const ptl_pipe_node *node = nodes->items[i];
    if (node->kind == PTL_NODE_OP) {
      add_channel(c, node->use.id, node->use.direction);
    }
    add_channels(c, &node->bodies[0]);
    add_channels(c, &node->bodies[1]);
  }
}

static const char *name_of(const comparison *c, const ptl_channel *channel) {
  const char *way = channel->direction == PTL_C2V ? "from cube to vector" : "from vector to cube";
  return channel->id == 0 && c->records[0]->end_count == 1
             ? way
             : ptl_arena_printf(c->world.arena, "%s on pipe %" PRId64, way, channel->id);
}

static const char *lane_text(const ptl_channel *channel, int core) {
  return !channel->has_two_lanes || core == 0 ? ""
         : core == 1                          ? " of the first vector core (subblock 0)"
                                              : " of the second vector core (subblock 1)";
}

/* ---- counts ------------------------------------------------------------------------- */

static const ptl_count *count_of(comparison *c, const ptl_channel *channel, ptl_pipe_act act,
                                 int core) {
  ptl_pipe_use use = {act, channel->direction, channel->id, 0};
  return ptl_core_count(&c->cores[core], &c->cores[core].record->root, &use);
}

static ptl_agreement agreement_of(comparison *c, const ptl_channel *channel) {
  ptl_agreement result = AGREES;
  ptl_pipe_act on_cube = channel->direction == PTL_C2V ? PTL_PIPE_PUSH : PTL_PIPE_POP;
  ptl_pipe_act on_vector = channel->direction == PTL_C2V ? PTL_PIPE_POP : PTL_PIPE_PUSH;
  const ptl_count *cube = count_of(c, channel, on_cube, 0);
  for (int core = 1; core < PTL_CORES; core++) {
    if (core == 2 && !channel->has_two_lanes) {
      continue;
    }
    const ptl_count *vector = count_of(c, channel, on_vector, core);
    if (!cube || !vector) {
      return NOT_KNOWN;
    }
    result = ptl_count_equal(cube, vector) ? result : DIFFERS;
  }
  return result;
}

/* ---- counts and order, with numbers --------------------------------------------------- */

static ptl_run new_run(const comparison *c, ptl_arena *arena) {
  return (ptl_run){.arena = arena,
                   .channels = c->channels,
                   .channel_count = c->channel_count,
                   .family = c->family};
}

/* One core of each side: more pops than pushes, or fewer. */
static bool tell_counts(comparison *c, const ptl_run *run, const ptl_sample *sample, int index,
                        int producer, int consumer) {
  const ptl_channel *channel = &c->channels[index];
  int pushes, pops;
  int *push_steps = ptl_run_steps_of(run, producer, index, PTL_PIPE_PUSH, &pushes);
  int *pop_steps = ptl_run_steps_of(run, consumer, index, PTL_PIPE_POP, &pops);
  if (pushes == pops || c->is_told[index]) {
    return pushes == pops;
  }
  c->is_told[index] = true;
  bool is_short = pops > pushes;
  int core = is_short ? consumer : producer;
  const ptl_pipe_record *record = c->cores[core].record;
  const ptl_step *step = &run->steps[core].items[is_short ? pop_steps[pushes] : push_steps[pops]];
  const ptl_pipe_node *other = first_of(c, channel, is_short ? PTL_PIPE_PUSH : PTL_PIPE_POP);
  const char *when = ptl_sample_text(sample, c->world.arena);
  if (is_short) {
    ptl_pipe_find_with(
        c->out, PTL_CODE_POP_WITHOUT_PUSH, record, step->node->op, other ? other->op : NULL,
        "%s%d pop%s%s %s against %d push%s%s: the core waits here for ever", when, pops,
        pops == 1 ? "" : "s", lane_text(channel, consumer), name_of(c, channel), pushes,
        pushes == 1 ? "" : "es", lane_text(channel, producer));
  } else {
    ptl_pipe_find_with(c->out, PTL_CODE_PUSH_WITHOUT_POP, record, step->node->op,
                       other ? other->op : NULL,
                       "%s%d push%s%s %s against %d pop%s%s: nobody takes this tile", when, pushes,
                       pushes == 1 ? "" : "es", lane_text(channel, producer), name_of(c, channel),
                       pops, pops == 1 ? "" : "s", lane_text(channel, consumer));
  }
  return false;
}

static bool counts_agree(comparison *c, const ptl_run *run, const ptl_sample *sample) {
  bool agree = true;
  for (int i = 0; i < c->channel_count; i++) {
    for (int producer = 0; producer < PTL_CORES; producer++) {
      for (int consumer = 0; consumer < PTL_CORES; consumer++) {
        if (ptl_channel_has_core(&c->channels[i], producer, true) &&
            ptl_channel_has_core(&c->channels[i], consumer, false)) {
          agree = tell_counts(c, run, sample, i, producer, consumer) && agree;
        }
      }
    }
  }
  return agree;
}

static const ptl_pipe_node *waiting(const ptl_run *run, int core) {
  return run->at[core] < run->steps[core].count ? run->steps[core].items[run->at[core]].node : NULL;
}

/* All counts agree: what stands still waits for a core that waits as well. */
static void tell_deadlock(comparison *c, const ptl_run *run, const ptl_sample *sample) {
  const ptl_pipe_node *cube = waiting(run, 0);
  int lane = waiting(run, 1) ? 1 : 2;
  const ptl_pipe_node *vector = waiting(run, lane);
  if ((!cube && !vector) || c->deadlock_is_told) {
    return;
  }
  c->deadlock_is_told = true;
  bool at_cube = cube && (!vector || cube->use.act == PTL_PIPE_PUSH);
  const ptl_pipe_node *at = at_cube ? cube : vector, *other = at_cube ? vector : cube;
  const ptl_step *step = &run->steps[at_cube ? 0 : lane].items[run->at[at_cube ? 0 : lane]];
  const ptl_channel *channel = &c->channels[step->channel];
  ptl_pipe_find_with(
      c->out, PTL_CODE_CORES_WAIT, c->cores[at_cube ? 0 : 1].record, at->op,
      other ? other->op : NULL,
      "%s%s, but the other core waits for this one as well: neither goes on",
      ptl_sample_text(sample, c->world.arena),
      at->use.act == PTL_PIPE_PUSH
          ? ptl_arena_printf(c->world.arena, "this push %s waits for one of its %" PRId64 " slots",
                             name_of(c, channel), channel->slots)
          : ptl_arena_printf(c->world.arena, "this pop %s waits for a tile", name_of(c, channel)));
}

/* ---- what goes through ------------------------------------------------------------------ */

static int64_t halved(int64_t split, int64_t axis, int64_t extent) {
  return split == axis ? extent / 2 : extent;
}

/* The push's extents as the pop has to have them: half of it for a vector core, or of the cube's
 * tile. */
static void check_pair(comparison *c, const ptl_channel *channel, const ptl_step *push,
                       const ptl_step *pop) {
  const ptl_pipe_node *from = push->node, *to = pop->node;
  const ptl_pipe_record *record = side_of(c, channel, false);
  bool to_vector = channel->direction == PTL_C2V;
  const ptl_step *whole = to_vector ? push : pop, *part = to_vector ? pop : push;
  if (from->use.split != to->use.split) {
    ptl_pipe_find_with(c->out, PTL_CODE_PIPE_ENDS, record, to->op, from->op,
                       "this pops with split = %" PRId64 " what is pushed with split = %" PRId64,
                       to->use.split, from->use.split);
    return;
  }
  if (!from->tile || !to->tile || from->use.split > 2) {
    return;
  }
  if (from->tile->elem != to->tile->elem &&
      !(channel->producer && channel->producer->has_epilogue)) {
    ptl_pipe_find_with(c->out, PTL_CODE_POPPED_SHAPE, record, to->op, from->op,
                       "a tile of %s is popped, but one of %s is pushed",
                       ptl_elem_name(to->tile->elem), ptl_elem_name(from->tile->elem));
    return;
  }
  int64_t rows = halved(from->use.split, 1, whole->rows),
          cols = halved(from->use.split, 2, whole->cols);
  bool is_known = whole->rows > 0 && whole->cols > 0 && part->rows > 0 && part->cols > 0;
  if (is_known && (rows != part->rows || cols != part->cols)) {
    ptl_pipe_find_with(c->out, PTL_CODE_POPPED_SHAPE, record, to->op, from->op,
                       "a tile of %" PRId64 " x %" PRId64 " is popped, but one of %" PRId64
                       " x %" PRId64 " is pushed (split = %" PRId64 ")",
                       pop->rows, pop->cols, push->rows, push->cols, from->use.split);
  }
}

/* Extents that are no constants: surely different ones, whatever they are. */
static bool differ(comparison *c, ptl_expr a, ptl_expr b) {
  int64_t difference;
  return ptl_expr_difference(&c->world.exprs, a, b, &difference) && difference != 0 &&
         !ptl_world_is_in_loop(&c->world, a);
}

static void check_symbolic_pair(comparison *c, const ptl_channel *channel, const ptl_step *push,
                                const ptl_step *pop) {
  bool is_empty = push->rows == 0 || push->cols == 0 || pop->rows == 0 || pop->cols == 0;
  bool is_constant = push->rows >= 0 && push->cols >= 0 && pop->rows >= 0 && pop->cols >= 0;
  if (push->node->use.split == 0 && pop->node->use.split == 0 && !is_empty && !is_constant &&
      (differ(c, push->row_expr, pop->row_expr) || differ(c, push->col_expr, pop->col_expr))) {
    ptl_pipe_find_with(c->out, PTL_CODE_POPPED_SHAPE, side_of(c, channel, false), pop->node->op,
                       push->node->op,
                       "the valid extents of the tile that is popped are not those of the one that "
                       "is pushed");
  }
}

static void check_pairs(comparison *c, const ptl_run *run) {
  for (int i = 0; i < c->channel_count; i++) {
    int producer = c->channels[i].direction == PTL_C2V ? 0 : 1;
    int consumer = 1 - producer;
    int pushes, pops;
    int *push_steps = ptl_run_steps_of(run, producer, i, PTL_PIPE_PUSH, &pushes);
    int *pop_steps = ptl_run_steps_of(run, consumer, i, PTL_PIPE_POP, &pops);
    for (int k = 0; k < pushes && k < pops; k++) {
      const ptl_step *push = &run->steps[producer].items[push_steps[k]];
      const ptl_step *pop = &run->steps[consumer].items[pop_steps[k]];
      check_pair(c, &c->channels[i], push, pop);
      check_symbolic_pair(c, &c->channels[i], push, pop);
    }
  }
}

/* ---- two rings on one place -------------------------------------------------------------- */

static int find_channel(const comparison *c, int64_t id, ptl_pipe_direction direction) {
  for (int i = 0; i < c->channel_count; i++) {
    if (c->channels[i].id == id && c->channels[i].direction == direction) {
      return i;
    }
  }
  return -1;
}

typedef struct entries {
  int *writes[PTL_CORES], *reads[PTL_CORES];
  int count;
} entries;

static entries entries_of(const ptl_run *run, int channel) {
  entries e = {.count = 64};
  for (int core = 0; core < PTL_CORES; core++) {
    int count;
    e.writes[core] = ptl_run_steps_of(run, core, channel, PTL_PIPE_PUSH, &count);
    if (ptl_channel_has_core(&run->channels[channel], core, true) && count < e.count) {
      e.count = count;
    }
    e.reads[core] = ptl_run_steps_of(run, core, channel, PTL_PIPE_POP, &count);
    if (ptl_channel_has_core(&run->channels[channel], core, false) && count < e.count) {
      e.count = count;
    }
  }
  return e;
}

/* Whether the first vector core, or the cube, has read entry i before the other writes entry k. */
static bool is_done(const ptl_run *run, const entries *a, int reader, int i, const entries *b,
                    int writer, int k) {
  return ptl_run_is_before(run, reader, a->reads[reader][i], writer, b->writes[writer][k]);
}

/* pto-isa before d2b30a84 begins both rings of a two-way pipe at one address. */
static void check_two_way(comparison *c, const ptl_run *run, const ptl_pipe_end *end) {
  int down = find_channel(c, end->id, PTL_C2V), up = find_channel(c, end->id, PTL_V2C);
  if (end->dir_mask != 3 || end->gm_root < 0 || down < 0 || up < 0 || c->lay_is_told) {
    return;
  }
  entries a = entries_of(run, down), b = entries_of(run, up);
  int64_t slots = c->channels[down].slots, gm_bytes = ptl_pipe_gm_bytes(end);
  for (int i = 0; i < a.count; i++) {
    for (int64_t k = i % slots; k < b.count; k += slots) {
      if (is_done(run, &a, 1, i, &b, 1, (int)k) || is_done(run, &b, 0, (int)k, &a, 0, i)) {
        continue;
      }
      c->lay_is_told = true;
      for (int side = 0; side < 2; side++) {
        const ptl_pipe_end *here = ptl_pipe_end_of(c->records[side], end->id);
        ptl_pipe_find_with(
            c->out, PTL_CODE_TWO_WAY_SLOTS, c->records[side], here ? here->op : end->op,
            run->steps[0].items[a.writes[0][i]].node->op,
            "pto-isa before d2b30a84 (2026-08-11) puts the slots of both ways at one address: push "
            "%d to the vector core may overwrite tile %d to the cube, which waits in the same "
            "slot; "
            "newer ones take 2 x %" PRId64 " x %" PRId64 " = %" PRId64 " bytes",
            i + 1, (int)k + 1, slots, end->slot_size, gm_bytes);
      }
      return;
    }
  }
}

/* ---- samples --------------------------------------------------------------------------------- */

static void try_sample(comparison *c, ptl_arena *arena, uint64_t seed, int64_t *work,
                       int max_steps) {
  ptl_sample sample;
  ptl_run run = new_run(c, arena);
  ptl_sample_begin(&sample, &c->world, arena, seed, work, max_steps);
  for (int core = 0; core < PTL_CORES && !sample.is_broken; core++) {
    ptl_sample_steps(&sample, &c->cores[core], c->channels, c->channel_count, &run.steps[core]);
  }
  if (sample.is_broken) {
    return;
  }
  bool agree = counts_agree(c, &run, &sample);
  check_pairs(c, &run);
  if (agree) {
    ptl_run_cores(&run);
    tell_deadlock(c, &run, &sample);
    for (int i = 0;
         i < c->records[0]->end_count && !c->deadlock_is_told && c->family->pipes_lie_in_gm; i++) {
      check_two_way(c, &run, &c->records[0]->ends[i]);
    }
  }
}

static bool is_straight(const ptl_pipe_nodes *nodes) {
  for (int i = 0; i < nodes->count; i++) {
    if (nodes->items[i]->kind != PTL_NODE_OP) {
      return false;
    }
  }
  return true;
}

static void try_samples(comparison *c) {
  bool is_exact = is_straight(&c->records[0]->root) && is_straight(&c->records[1]->root);
  int64_t work = MAX_WORK;
  for (int i = 0; i < (is_exact ? 1 : SAMPLES) && work > 0; i++) {
    ptl_arena arena;
    ptl_arena_init(&arena);
    try_sample(c, &arena, (uint64_t)i, &work, is_exact ? MAX_STEPS_OF_ALL : MAX_STEPS);
    ptl_arena_free(&arena);
  }
}

/* ---- what is read twice ---------------------------------------------------------------------- */

static void look_for_load(void *user, const ptl_symbol *symbol) {
  const ptl_symbol **load = user;
  *load = symbol->kind == PTL_SYMBOL_LOAD && !*load ? symbol : *load;
}

/* Once for a kernel: its loops are the same for all of its pipes. */
static void check_loads(comparison *c, const ptl_channel *channel) {
  const ptl_symbol *load = NULL;
  const ptl_count *count =
      count_of(c, channel, channel->direction == PTL_C2V ? PTL_PIPE_PUSH : PTL_PIPE_POP, 0);
  const ptl_pipe_node *pop = first_of(c, channel, PTL_PIPE_POP);
  if (!count || !pop) {
    return;
  }
  ptl_count_symbols(&c->world, count, look_for_load, &load);
  if (load && !c->load_is_told) {
    c->load_is_told = true;
    ptl_pipe_find_with(
        c->out, PTL_CODE_COUNT_READ_TWICE, side_of(c, channel, false), pop->op, load->op,
        "how many tiles are popped and pushed %s is read from memory by each core on its own; if "
        "that changes in between, one of them waits for ever: pass it as an argument",
        name_of(c, channel));
  }
}

/* ---- all of it
 * ----------------------------------------------------------------------------------- */

static void set_up(comparison *c, ptl_pipe_record *cube, ptl_pipe_record *vector,
                   ptl_pipe_findings *out) {
  c->records[0] = cube;
  c->records[1] = vector;
  c->out = out;
  c->family = cube->target->family;
  ptl_world_init(&c->world, out->arena);
  for (int core = 0; core < PTL_CORES; core++) {
    c->cores[core] =
        (ptl_core){.world = &c->world, .record = c->records[core > 0], .lane = core == 2};
  }
  add_channels(c, &cube->root);
  add_channels(c, &vector->root);
  size_t count = (size_t)c->channel_count + 1;
  c->agreements = ptl_arena_array(out->arena, count, sizeof(ptl_agreement));
  c->is_told = ptl_arena_array(out->arena, count, sizeof(bool));
}

static void tell_unknown(comparison *c, int index) {
  const ptl_channel *channel = &c->channels[index];
  const ptl_pipe_node *pop = first_of(c, channel, PTL_PIPE_POP);
  const ptl_pipe_node *push = first_of(c, channel, PTL_PIPE_PUSH);
  const ptl_pipe_node *at = pop ? pop : push;
  ptl_pipe_find_with(c->out, PTL_CODE_NOT_FOLLOWED, side_of(c, channel, !pop), at->op,
                     pop && push ? push->op : NULL,
                     "it is not known whether as many tiles are popped as pushed %s",
                     name_of(c, channel));
}

void ptl_pipes_compare(ptl_pipe_record *cube, const int *cube_keys, ptl_pipe_record *vector,
                       const int *vector_keys, ptl_pipe_findings *out) {
  comparison c = {.out = out};
  cube->arg_keys = cube_keys;
  vector->arg_keys = vector_keys;
  if (cube->unseen || vector->unseen) {
    const ptl_pipe_record *record = vector->unseen ? vector : cube;
    ptl_pipe_find(
        out, PTL_CODE_NOT_FOLLOWED, record, record->unseen,
        "an op of a pipe inside of an op that is not followed: it is not known whether as "
        "many tiles are popped as pushed");
    return;
  }
  set_up(&c, cube, vector, out);
  for (int i = 0; i < c.channel_count; i++) {
    c.agreements[i] = agreement_of(&c, &c.channels[i]);
  }
  ptl_pipes_agree(cube, vector, out);
  try_samples(&c);
  for (int i = 0; i < c.channel_count; i++) {
    if (c.agreements[i] == AGREES) {
      check_loads(&c, &c.channels[i]);
    } else if (!c.is_told[i]) {
      tell_unknown(&c, i);
    }
  }
}
