/* Cores: how their blocks are run, and how they take turns. */
#include "machine_state.h"

#include <stdlib.h>

/* ---- control ---------------------------------------------------------------------------- */

static void enter(mut_machine *m, const mut_block *block, const mut_op *op) {
  if (m->depth == MAX_FRAMES) {
    fail(m, "blocks are nested too deep");
    return;
  }
  m->frames[m->depth++] = (frame){.block = block, .op = op};
}

static void yield_to(mut_machine *m, const mut_block *block, const int *to, int count) {
  const mut_op *yield = block->count ? &block->ops[block->count - 1] : NULL;
  value held[16];
  if (!yield || strcmp(yield->name, "scf.yield") != 0) {
    return;
  }
  count = (int)smaller(count, smaller(yield->operand_count, 16));
  for (int i = 0; i < count; i++) {
    held[i] = *operand(m, yield, i);
  }
  for (int i = 0; i < count; i++) {
    m->values[to[i]] = held[i];
  }
}

static int carried_of(const mut_op *loop) { return loop->operand_count - 3; }

static void end_loop(mut_machine *m, const mut_op *op) {
  for (int i = 0; i < carried_of(op) && i < op->result_count; i++) {
    m->values[op->results[i]] = m->values[op->blocks[0]->arguments[1 + i]];
  }
}

static void begin_loop(mut_machine *m, const mut_op *op) {
  const mut_block *body = op->blocks[0];
  int64_t at = operand(m, op, 0)->integer, upper = operand(m, op, 1)->integer;
  int64_t step = operand(m, op, 2)->integer;
  for (int i = 0; i < carried_of(op); i++) {
    m->values[body->arguments[1 + i]] = *operand(m, op, 3 + i);
  }
  if (step <= 0) {
    fail(m, "a loop step is not positive");
  } else if (at < upper) {
    enter(m, body, op);
    frame *top = &m->frames[m->depth - 1];
    top->at = at;
    top->upper = upper;
    top->step = step;
    set_scalar(&m->values[body->arguments[0]], at);
  } else {
    end_loop(m, op);
  }
}

static void begin_if(mut_machine *m, const mut_op *op) {
  const mut_block *taken = op->blocks[operand(m, op, 0)->integer ? 0 : 1];
  if (taken) {
    enter(m, taken, op);
  }
}

/* Behind the last op of the innermost block. */
static void leave(mut_machine *m) {
  frame *top = &m->frames[m->depth - 1];
  const mut_op *op = top->op;
  if (op && strcmp(op->name, "scf.for") == 0) {
    yield_to(m, top->block, top->block->arguments + 1, carried_of(op));
    top->at += top->step;
    top->next = 0;
    set_scalar(&m->values[top->block->arguments[0]], top->at);
    if (top->at < top->upper) {
      return;
    }
    end_loop(m, op);
  } else if (op) {
    yield_to(m, top->block, op->results, op->result_count);
  }
  m->depth--;
}

/* ---- cores ------------------------------------------------------------------------------- */

static void run_op(mut_machine *m, const mut_op *op) {
  mut_runner run = mut_runner_of(op);
  if (m->how.listen && m->how.listen(m->how.user, m, op)) {
    return;
  }
  if (strncmp(op->name, "arith.", 6) == 0) {
    mut_run_arith(m, op);
  } else if (strcmp(op->name, "scf.for") == 0) {
    begin_loop(m, op);
  } else if (strcmp(op->name, "scf.if") == 0) {
    begin_if(m, op);
  } else if (run) {
    mut_follow_lives(m, op);
    run(m, op);
  } else if (!mut_is_idle(op)) {
    fail(m, "an op is not known to the interpreter");
  }
}

/* Until the function ends or an op waits; whether anything was run. */
static bool run_core(mut_machine *m) {
  bool moved = false;
  while (m->depth > 0 && !m->record->failed && !m->record->is_other) {
    frame *top = &m->frames[m->depth - 1];
    if (top->next == top->block->count) {
      leave(m);
      continue;
    }
    const mut_op *op = &top->block->ops[top->next];
    if (!m->how.listen && mut_pipe_waits(m, op)) {
      return moved;
    }
    if (++m->steps > MAX_STEPS) {
      fail(m, "too many steps");
    }
    top->next++;
    moved = true;
    run_op(m, op);
  }
  if (!m->is_done && !mut_pipe_waits_at_end(m)) {
    m->is_done = true;
    moved = true;
  }
  return moved;
}

/* ---- arguments ------------------------------------------------------------------------------ */

static int64_t argument_of(const mut_machine *m, const char *name, int index) {
  int set = m->how.argument_set;
  if (strstr(name, "mut_n")) { /* a mutation's own: it is 0 where the kernel does something, too */
    return set == 0 ? 1 : set == 1 ? 0 : 2;
  }
  if (strstr(name, "subblock")) {
    return m->chip->is_mixed ? m->lane : set == 1;
  }
  if (set == MUT_NOTHING) {
    return 0;
  }
  if (set >= MUT_ARGUMENT_SETS) {
    return m->how.argument + index * m->how.argument_step;
  }
  if (strstr(name, "valid")) {
    return set ? 16 : 32;
  }
  if (strstr(name, "block")) {
    return set + 1;
  }
  return set ? 160 + 32 * index : 64 + 32 * index;
}

static void bind_arguments(mut_machine *m) {
  const mut_block *body = m->func->body;
  for (int i = 0; i < body->argument_count; i++) {
    value *v = &m->values[body->arguments[i]];
    set_scalar(v, argument_of(m, m->func->values[body->arguments[i]].name, i));
    v->view = (view){.root = i};
  }
}

/* ---- a run ------------------------------------------------------------------------------- */

static mut_machine *create_core(mut_chip *chip) {
  mut_machine *m = calloc(1, sizeof(*m));
  int64_t sizes[MUT_SPACES];
  m->chip = chip;
  m->is_a5 = chip->is_a5;
  for (int i = 0; i < MUT_SPACES; i++) {
    sizes[i] = mut_capacity(chip->is_a5, (mut_space)i);
  }
  mut_memory_init(&m->memory, sizes);
  m->acc_tags = calloc((size_t)m->memory.room[MUT_ACC] / 32 + 1, sizeof(uint32_t));
  m->left = calloc(MAX_OPERAND, sizeof(uint64_t));
  m->right = calloc(MAX_OPERAND, sizeof(uint64_t));
  return m;
}

mut_chip *mut_chip_create(bool is_a5) {
  mut_chip *chip = calloc(1, sizeof(*chip));
  chip->is_a5 = is_a5;
  for (int i = 0; i < MUT_CORES; i++) {
    chip->cores[i] = create_core(chip);
  }
  return chip;
}

void mut_chip_destroy(mut_chip *chip) {
  for (int i = 0; i < MUT_CORES; i++) {
    mut_machine *m = chip->cores[i];
    mut_memory_free(&m->memory);
    free(m->acc_tags);
    free(m->left);
    free(m->right);
    free(m->events);
    free(m->stores);
    free(m);
  }
  for (int i = 0; i < MAX_SLOT_AREAS; i++) {
    free(chip->areas[i].bytes);
    free(chip->areas[i].tags);
  }
  mut_table_clear(&chip->written);
  free(chip);
}

static bool is_unplanned(const mut_func *func) {
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      const mut_op *op = &func->blocks[b]->ops[i];
      if (strcmp(op->name, "pto.alloc_tile") == 0 && !strstr(op->attributes, "addr")) {
        return true;
      }
    }
  }
  return false;
}

static void start_core(mut_machine *m, const mut_func *func, mut_how how, mut_place *places,
                       mut_record *record) {
  m->func = func;
  m->is_cube = !func->is_vector;
  m->is_done = false;
  m->record = record;
  m->places = places;
  m->how = how;
  m->pops = m->steps = m->chain_count = m->event_count = m->store_count = m->depth = 0;
  m->values = calloc((size_t)func->value_count + 1, sizeof(value));
  m->fixed = calloc((size_t)func->op_count + 1, sizeof(int64_t));
  m->lives = calloc((size_t)func->op_count + 1, sizeof(buffer_life));
  for (int i = 0; i < func->op_count; i++) {
    m->fixed[i] = -1;
  }
  memset(m->next_free, 0, sizeof(m->next_free));
  memset(m->ends, 0, sizeof(m->ends));
  mut_memory_clear(&m->memory, is_unplanned(func), how.judge);
  if (how.judge) {
    memset(m->acc_tags, 0, (size_t)m->memory.room[MUT_ACC] / 32 * sizeof(uint32_t));
  }
  if (func->unknown) {
    fail(m, "a statement was not understood");
    return;
  }
  bind_arguments(m);
  enter(m, func->body, NULL);
}

/* What the core did becomes the record's. */
static void end_core(mut_machine *m) {
  mut_judge_room(m);
  mut_record *r = m->record;
  r->stores = realloc(r->stores, (size_t)(r->count + m->store_count + 1) * sizeof(uint64_t));
  if (m->store_count) {
    memcpy(r->stores + r->count, m->stores, (size_t)m->store_count * sizeof(uint64_t));
  }
  r->count += m->store_count;
  r->first[m->number + 1] = r->count;
  r->outside += m->memory.outside;
  r->unwritten += m->memory.unwritten;
  r->pieces += m->memory.pieces;
  free(m->values);
  free(m->fixed);
  free(m->lives);
}

/* A flag between the cores with a number of the second vector core. */
static bool is_flag_of_lane(const mut_op *op) {
  const char *id = strncmp(op->name, "pto.sync.", 9) == 0 || strstr(op->name, "_intra_block")
                       ? strstr(op->attributes, ">, ")
                       : NULL;
  return id && atoi(id + 3) >= 16;
}

/* a5 dispatches the second vector core only where an entry is split, or a flag is told it. */
static bool splits(const mut_func *func) {
  for (int b = 0; b < func->block_count; b++) {
    for (int i = 0; i < func->blocks[b]->count; i++) {
      const mut_op *op = &func->blocks[b]->ops[i];
      if (mut_attribute(op, "split = ", 0) > 0 || is_flag_of_lane(op)) {
        return true;
      }
    }
  }
  return false;
}

static void run_cores(mut_chip *chip, bool backwards) {
  for (bool moved = true; moved && !chip->record->failed && !chip->record->is_other;) {
    moved = false;
    for (int i = 0; i < chip->core_count; i++) {
      moved |= run_core(chip->running[backwards ? chip->core_count - 1 - i : i]);
    }
  }
}

void mut_chip_run(mut_chip *chip, const mut_program *program, const mut_unit *unit, mut_how how,
                  mut_place *const places[2], mut_record *out) {
  memset(out, 0, sizeof(*out));
  out->is_consistent = true;
  chip->record = out;
  chip->is_mixed = unit->count == 2;
  chip->core_count = 0;
  mut_table_clear(&chip->written);
  mut_clear_slots(chip);
  for (int i = 0; i < unit->count; i++) {
    const mut_func *func = &program->funcs[unit->funcs[i]];
    bool twice = chip->is_mixed && func->is_vector &&
                 (!chip->is_a5 || splits(func) || splits(&program->funcs[unit->funcs[0]]));
    for (int lane = 0; lane <= twice; lane++) {
      mut_machine *core = chip->cores[func->is_vector ? 1 + lane : 0];
      core->lane = lane;
      core->number = chip->core_count;
      chip->running[chip->core_count++] = core;
      start_core(core, func, how, places ? places[i] : NULL, out);
    }
  }
  run_cores(chip, how.vector_first);
  mut_judge_pipes(chip);
  for (int i = 0; i < chip->core_count; i++) {
    end_core(chip->running[i]);
  }
}

bool mut_record_equal(const mut_record *a, const mut_record *b) {
  return !a->is_other && !b->is_other && a->count == b->count &&
         memcmp(a->first, b->first, sizeof(a->first)) == 0 &&
         (a->outside > 0) == (b->outside > 0) && a->failed == b->failed &&
         (a->ending == NULL) == (b->ending == NULL) && (a->refused > 0) == (b->refused > 0) &&
         (a->count == 0 || memcmp(a->stores, b->stores, (size_t)a->count * sizeof(uint64_t)) == 0);
}

void mut_record_free(mut_record *record) {
  free(record->stores);
  free(record->reads);
  mut_table_clear(&record->names);
  memset(record, 0, sizeof(*record));
}
