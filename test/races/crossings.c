/* What cores tell each other: flags between them, pushes and pops, and where all meet.
 *
 * Of n slots of a pipe a signal "free" is given for every period (n, or half of them from 4 on) of
 * pops, and awaited before every push that begins a period and whose slots have been used. On a2a3
 * a push writes to global memory, and a pop copies from there to a place of its own core and gives
 * the slot back; on a5 a push writes to the other core, and tfree gives the slot back
 * (pto-isa:include/pto/npu/a2a3/TPush.hpp, TPop.hpp; a5/TPush.hpp, TFree.hpp).
 */
#include "recorder.h"

enum { DATA_CHANNELS = 32, FREE_CHANNELS = 48, IDS_OF_LANE = 16 };

static bool is_vector_core(const mut_machine *m, int number) {
  return !m->chip->running[number]->is_cube;
}

/* The cores that take part in what this one tells: on a5 an entry that is not split is lane 0's. */
static unsigned peers_of(const mut_machine *m, bool is_split) {
  unsigned peers = 0;
  for (int i = 0; i < m->chip->core_count; i++) {
    const mut_machine *other = m->chip->running[i];
    const mut_machine *vector = m->is_cube ? other : m;
    bool is_in = !m->is_a5 || is_split || vector->lane == 0;
    peers |= other->is_cube != m->is_cube && is_in ? 1U << (unsigned)i : 0U;
  }
  return peers;
}

/* ---- flags between the cores ------------------------------------------------------------- */

/* On a5 the cube's flags for the second vector core have numbers of their own. */
static void put_lane(const mut_machine *m, rac_instr *flag) {
  if (!m->is_a5) {
    flag->peers = peers_of(m, true);
    return;
  }
  int lane = m->is_cube ? flag->id / IDS_OF_LANE : 0;
  flag->id = m->is_cube ? flag->id % IDS_OF_LANE : flag->id;
  for (int i = 0; i < m->chip->core_count; i++) {
    const mut_machine *other = m->chip->running[i];
    bool is_peer = other->is_cube != m->is_cube && (!m->is_cube || other->lane == lane);
    flag->peers |= is_peer ? 1U << (unsigned)i : 0U;
  }
}

static void add_flag(rac_recorder *r, mut_machine *m, rac_instr flag) {
  flag.id =
      flag.id < 0 && flag.op->operand_count == 1 ? (int)operand(m, flag.op, 0)->integer : flag.id;
  if (flag.id < 0 || flag.id >= DATA_CHANNELS) {
    fail(m, "a flag between the cores is not known");
    return;
  }
  put_lane(m, &flag);
  flag.is_told = true;
  if (flag.kind == RAC_AWAIT && !m->is_a5) {
    flag.pipe = RAC_ALL;
  }
  if (flag.peers != 0) {
    (void)rac_add_instr(r, m, flag);
  }
}

static void add_meeting(rac_recorder *r, mut_machine *m, const mut_op *op) {
  bool is_of_all = strstr(op->attributes, "core_type<mix>") != NULL;
  if (!strstr(op->attributes, "mode<hard>")) {
    fail(m, "a meeting by a counter");
  }
  (void)rac_add_instr(r, m, (rac_instr){.kind = RAC_BARRIER, .op = op, .pipe = RAC_ALL});
  if (is_of_all) {
    (void)rac_add_instr(r, m, (rac_instr){.kind = RAC_MEET, .op = op, .pipe = RAC_ALL});
  }
}

/* ---- pipes between the cores ---------------------------------------------------------------- */

typedef struct crossing {
  const mut_op *op;
  pipe_end *end;
  bool to_vector;
  int split;
  int number; /* of the pipe and its direction */
  unsigned peers;
} crossing;

static crossing crossing_of(mut_machine *m, const mut_op *op) {
  int64_t id = mut_attribute(op, "id = ", 0);
  crossing c = {.op = op, .split = (int)mut_attribute(op, "split = ", 0)};
  id = id >= 0 && id < MAX_PIPES ? id : 0;
  c.to_vector = strstr(op->name, "_to_aiv") || strstr(op->name, "_from_aic");
  c.end = &m->ends[c.to_vector][id];
  c.number = (int)id * 2 + c.to_vector;
  c.peers = peers_of(m, c.split != 0);
  if (!c.end->is_there) {
    fail(m, "a pipe without its initialize op");
  }
  return c;
}

static int64_t period_of(const pipe_end *end) {
  return end->slots <= 2 ? end->slots : end->slots / 2;
}

static void add_signal(rac_recorder *r, const mut_machine *m, const crossing *c, rac_kind kind,
                       rac_pipe pipe, int channels) {
  bool stops_all = kind == RAC_AWAIT && !m->is_a5;
  (void)rac_add_instr(r, m,
                      (rac_instr){.kind = kind,
                                  .op = c->op,
                                  .pipe = stops_all ? RAC_ALL : pipe,
                                  .id = channels + c->number,
                                  .peers = c->peers});
}

/* The half of an entry that is a vector core's, in halves of slots. */
static void add_slot(rac_recorder *r, const mut_machine *m, const crossing *c, bool is_write) {
  int64_t begin = c->end->count % c->end->slots * 2, end = begin + 2;
  if (c->split != 0 && !m->is_cube) {
    begin += m->lane;
    end = begin + 1;
  }
  if (c->split != 0 || m->is_cube || m->lane == 0 || !is_write) {
    rac_add_range(r, RAC_SLOTS + c->number, begin, end, is_write);
  }
}

/* On a5: what a push writes into the other cores' buffers. */
static void add_remote(rac_recorder *r, mut_machine *m, const crossing *c, const tile *t) {
  int64_t bytes = t->valid_rows * t->valid_cols * t->type.elem_bytes;
  int64_t begin = c->end->base + c->end->count % c->end->slots * c->end->slot_bytes;
  bool halves = c->split != 0;
  begin += halves && !m->is_cube ? m->lane * bytes : 0;
  bytes = halves && m->is_cube ? bytes / 2 : bytes;
  for (int i = 0; i < m->chip->core_count && bytes > 0; i++) {
    if (c->peers >> (unsigned)i & 1U) {
      mut_space space = is_vector_core(m, i) ? MUT_VEC : MUT_MAT;
      rac_add_range(r, rac_memory_of(m->chip->running[i], space), begin, begin + bytes, true);
    }
  }
}

static void add_push(rac_recorder *r, mut_machine *m, const mut_op *op) {
  crossing c = crossing_of(m, op);
  rac_pipe pipe = m->is_cube ? RAC_FIX : RAC_MTE3;
  int64_t period = period_of(c.end);
  if (c.peers == 0) {
    return;
  }
  if (c.end->count >= c.end->slots && c.end->count % period == 0) {
    add_signal(r, m, &c, RAC_AWAIT, pipe, FREE_CHANNELS);
    c.end->waits++;
  }
  rac_add_op(r, m, op, pipe);
  if (m->is_a5) {
    add_remote(r, m, &c, &operand(m, op, 0)->tile);
  } else {
    add_slot(r, m, &c, true);
  }
  add_signal(r, m, &c, RAC_SIGNAL, pipe, DATA_CHANNELS);
  c.end->count++;
}

static tile popped_tile(mut_machine *m, const mut_op *op, const crossing *c) {
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  int64_t slots = m->is_a5 ? c->end->slots : c->end->local_slots;
  tile t = {.type = *type,
            .address = c->end->base + c->end->count % slots * c->end->slot_bytes,
            .valid_rows = type->valid_rows < 0 ? type->rows : type->valid_rows,
            .valid_cols = type->valid_cols < 0 ? type->cols : type->valid_cols,
            .name = op->results[0]};
  if (op->operand_count == 2) {
    t.valid_rows = operand(m, op, 0)->integer;
    t.valid_cols = operand(m, op, 1)->integer;
  }
  return t;
}

static void give_back(rac_recorder *r, const mut_machine *m, const crossing *c, int64_t done,
                      rac_pipe pipe) {
  if (done % period_of(c->end) == 0) {
    add_signal(r, m, c, RAC_SIGNAL, pipe, FREE_CHANNELS);
  }
}

static void add_copy(rac_recorder *r, mut_machine *m, const crossing *c, const tile *to) {
  (void)rac_add_instr(r, m, (rac_instr){.kind = RAC_OP, .op = c->op, .pipe = RAC_MTE2});
  add_slot(r, m, c, false);
  if (to->valid_rows > 0 && to->valid_cols > 0) {
    rac_add_tile(r, m, to, false, true);
  }
}

static void add_pop(rac_recorder *r, mut_machine *m, const mut_op *op) {
  crossing c = crossing_of(m, op);
  rac_pipe reader = m->is_cube ? RAC_MTE1 : RAC_V;
  value *out = result(m, op);
  out->tile = popped_tile(m, op, &c);
  if (c.peers == 0) {
    return;
  }
  add_signal(r, m, &c, RAC_AWAIT, reader, DATA_CHANNELS);
  if (!m->is_a5) {
    add_copy(r, m, &c, &out->tile);
    give_back(r, m, &c, c.end->count + 1, RAC_MTE2);
  }
  c.end->count++;
}

static void add_free(rac_recorder *r, mut_machine *m, const mut_op *op) {
  crossing c = crossing_of(m, op);
  c.end->frees++;
  if (m->is_a5 && c.peers != 0) {
    give_back(r, m, &c, c.end->frees, m->is_cube ? RAC_MTE1 : RAC_V);
  }
}

/* On a2a3 a core that pushed does not end before its slots are free again. */
static void add_end(rac_recorder *r, mut_machine *m, const mut_op *op) {
  for (int i = 0; i < 2 * MAX_PIPES && !m->is_a5; i++) {
    pipe_end *end = &m->ends[0][0] + i;
    if (!end->is_there || !end->is_producer) {
      continue;
    }
    int to_vector = i / MAX_PIPES, id = i % MAX_PIPES;
    crossing c = {.op = op, .end = end, .number = id * 2 + to_vector, .peers = peers_of(m, true)};
    for (; end->waits < end->count / period_of(end); end->waits++) {
      add_signal(r, m, &c, RAC_AWAIT, RAC_ALL, FREE_CHANNELS);
    }
  }
}

/* ---- ops ------------------------------------------------------------------------------------ */

typedef void (*adder)(rac_recorder *r, mut_machine *m, const mut_op *op);

static adder adder_of(const mut_op *op) {
  return rac_starts(op, "pto.tpush_")                                              ? add_push
         : rac_starts(op, "pto.tpop_")                                             ? add_pop
         : rac_starts(op, "pto.tfree_")                                            ? add_free
         : strcmp(op->name, "return") == 0 || strcmp(op->name, "func.return") == 0 ? add_end
                                                                                   : NULL;
}

bool rac_add_crossing(rac_recorder *r, mut_machine *m, const mut_op *op) {
  rac_instr flag = {.op = op};
  bool is_flag = rac_flag_of(op, &flag.kind, &flag.pipe, &flag.to, &flag.id);
  if (is_flag && flag.kind == RAC_MEET) {
    add_meeting(r, m, op);
    return true;
  }
  if (is_flag && (flag.kind == RAC_SIGNAL || flag.kind == RAC_AWAIT)) {
    add_flag(r, m, flag);
    return true;
  }
  adder add = m->chip->core_count > 1 ? adder_of(op) : NULL;
  if (add) {
    add(r, m, op);
  }
  return add != NULL;
}
