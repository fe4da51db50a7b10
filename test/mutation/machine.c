#include "machine_state.h"

#include <stdlib.h>

static void run_block(mut_machine *m, const mut_block *block);

/* ---- control ---------------------------------------------------------------------------- */

static const mut_op *yield_of(const mut_block *block) {
  if (block->count && strcmp(block->ops[block->count - 1].name, "scf.yield") == 0) {
    return &block->ops[block->count - 1];
  }
  return NULL;
}

static void yield_to(mut_machine *m, const mut_block *block, const int *to, int count) {
  const mut_op *yield = yield_of(block);
  value held[16];
  for (int i = 0; yield && i < count && i < yield->operand_count && i < 16; i++) {
    held[i] = *operand(m, yield, i);
  }
  for (int i = 0; yield && i < count && i < yield->operand_count && i < 16; i++) {
    m->values[to[i]] = held[i];
  }
}

static void run_for(mut_machine *m, const mut_op *op) {
  const mut_block *body = op->blocks[0];
  int64_t lower = operand(m, op, 0)->integer, upper = operand(m, op, 1)->integer;
  int64_t step = operand(m, op, 2)->integer;
  int carried = op->operand_count - 3;
  for (int i = 0; i < carried; i++) {
    m->values[body->arguments[1 + i]] = *operand(m, op, 3 + i);
  }
  if (step <= 0) {
    fail(m, "a loop step is not positive");
    return;
  }
  for (int64_t at = lower; at < upper && !m->record->failed; at += step) {
    set_scalar(&m->values[body->arguments[0]], at);
    run_block(m, body);
    yield_to(m, body, body->arguments + 1, carried);
  }
  for (int i = 0; i < carried && i < op->result_count; i++) {
    m->values[op->results[i]] = m->values[body->arguments[1 + i]];
  }
}

static void run_if(mut_machine *m, const mut_op *op) {
  const mut_block *taken = op->blocks[operand(m, op, 0)->integer ? 0 : 1];
  if (taken) {
    run_block(m, taken);
    yield_to(m, taken, op->results, op->result_count);
  }
}

static bool is_idle(const char *name) {
  return strncmp(name, "pto.tfree", 9) == 0 || strstr(name, "initialize_pipe") ||
         strstr(name, "reserve") || strcmp(name, "return") == 0 ||
         strcmp(name, "func.return") == 0 || strcmp(name, "scf.yield") == 0;
}

static void run_pto(mut_machine *m, const mut_op *op) {
  const char *name = op->name + strlen("pto.");
  if (strcmp(name, "make_tensor_view") == 0) {
    mut_run_view(m, op);
  } else if (strcmp(name, "partition_view") == 0) {
    mut_run_part(m, op);
  } else if (strcmp(name, "alloc_tile") == 0) {
    mut_run_alloc(m, op);
  } else if (strcmp(name, "subview") == 0) {
    mut_run_subview(m, op);
  } else if (strcmp(name, "set_validshape") == 0) {
    tile *t = &operand(m, op, 0)->tile;
    t->valid_rows = operand(m, op, 1)->integer;
    t->valid_cols = operand(m, op, 2)->integer;
  } else if (strcmp(name, "tload") == 0) {
    mut_run_load(m, op);
  } else if (strcmp(name, "tstore") == 0) {
    mut_note_read(m, op, 0);
    mut_send(m, op, &operand(m, op, 0)->tile, &operand(m, op, 1)->view);
  } else if (strncmp(name, "tpush", 5) == 0) {
    mut_send(m, op, &operand(m, op, 0)->tile, NULL);
  } else if (strncmp(name, "tpop", 4) == 0) {
    mut_run_pop(m, op);
  } else if (strcmp(name, "textract") == 0) {
    mut_note_read(m, op, 0);
    mut_transfer(m, &operand(m, op, 0)->tile, operand(m, op, 1)->integer,
                 operand(m, op, 2)->integer, &operand(m, op, 3)->tile);
  } else if (strcmp(name, "tmov") == 0) {
    mut_note_read(m, op, 0);
    mut_transfer(m, &operand(m, op, 0)->tile, 0, 0, &operand(m, op, 1)->tile);
  } else if (strcmp(name, "tmatmul") == 0 || strcmp(name, "tmatmul.acc") == 0) {
    mut_run_matmul(m, op, name[7] == '.');
  } else if (strcmp(name, "tgetval") == 0) {
    mut_note_read(m, op, 0);
    mut_run_getval(m, op);
  } else if (strcmp(name, "tsetval") == 0) {
    mut_run_setval(m, op);
  } else if (strcmp(name, "load_scalar") == 0) {
    mut_run_load_scalar(m, op);
  } else if (strcmp(name, "store_scalar") == 0) {
    mut_run_store_scalar(m, op);
  } else if (name[0] == 't') {
    mut_run_vector(m, op);
  } else {
    fail(m, "an op is not known to the interpreter");
  }
}

static void run_op(mut_machine *m, const mut_op *op) {
  if (strncmp(op->name, "arith.", 6) == 0) {
    mut_run_arith(m, op);
  } else if (strcmp(op->name, "scf.for") == 0) {
    run_for(m, op);
  } else if (strcmp(op->name, "scf.if") == 0) {
    run_if(m, op);
  } else if (is_idle(op->name)) {
    return;
  } else if (strncmp(op->name, "pto.", 4) == 0) {
    run_pto(m, op);
  } else {
    fail(m, "an op is not known to the interpreter");
  }
}

static void run_block(mut_machine *m, const mut_block *block) {
  for (int i = 0; i < block->count && !m->record->failed; i++) {
    if (++m->steps > MAX_STEPS) {
      fail(m, "too many steps");
    }
    run_op(m, &block->ops[i]);
  }
}

/* ---- a run ------------------------------------------------------------------------------- */

static int64_t argument_of(const char *name, int index, int set) {
  if (strstr(name, "valid")) {
    return set ? 16 : 32;
  }
  if (strstr(name, "subblock")) {
    return set;
  }
  if (strstr(name, "block")) {
    return set + 1;
  }
  return set ? 160 + 32 * index : 64 + 32 * index;
}

static void bind_arguments(mut_machine *m) {
  const mut_block *body = m->func->body;
  for (int i = 0; i < body->argument_count; i++) {
    int value = body->arguments[i];
    set_scalar(&m->values[value], argument_of(m->func->values[value].name, i, m->argument_set));
  }
}

mut_machine *mut_machine_create(bool is_a5) {
  mut_machine *m = calloc(1, sizeof(*m));
  int64_t sizes[MUT_SPACES];
  m->is_a5 = is_a5;
  for (int i = 0; i < MUT_SPACES; i++) {
    sizes[i] = mut_capacity(is_a5, (mut_space)i);
  }
  mut_memory_init(&m->memory, sizes);
  m->left = calloc(MAX_OPERAND, sizeof(uint64_t));
  m->right = calloc(MAX_OPERAND, sizeof(uint64_t));
  return m;
}

void mut_machine_destroy(mut_machine *m) {
  mut_memory_free(&m->memory);
  free(m->left);
  free(m->right);
  free(m->written.keys);
  free(m->written.values);
  free(m);
}

void mut_machine_run(mut_machine *m, const mut_func *func, int argument_set, bool adds_to_input,
                     bool judge, mut_place *places, mut_record *out) {
  memset(out, 0, sizeof(*out));
  out->is_consistent = true;
  m->func = func;
  m->record = out;
  m->places = places;
  m->adds_to_input = adds_to_input;
  m->judge = judge;
  m->argument_set = argument_set;
  m->pops = 0;
  m->steps = 0;
  m->chain_count = 0;
  m->values = calloc((size_t)func->value_count + 1, sizeof(value));
  m->fixed = calloc((size_t)func->op_count + 1, sizeof(int64_t));
  for (int i = 0; i < func->op_count; i++) {
    m->fixed[i] = -1;
  }
  memset(m->next_free, 0, sizeof(m->next_free));
  mut_memory_clear(&m->memory);
  if (m->written.count) {
    memset(m->written.keys, 0, m->written.size * sizeof(uint64_t));
    m->written.count = 0;
  }
  if (func->unknown) {
    fail(m, "a statement was not understood");
  } else {
    bind_arguments(m);
    run_block(m, func->body);
  }
  out->outside = m->memory.outside;
  out->unwritten = m->memory.unwritten;
  out->pieces = m->memory.pieces;
  free(m->values);
  free(m->fixed);
}

bool mut_record_equal(const mut_record *a, const mut_record *b) {
  return a->count == b->count && (a->outside > 0) == (b->outside > 0) && a->failed == b->failed &&
         (a->count == 0 || memcmp(a->stores, b->stores, (size_t)a->count * sizeof(uint64_t)) == 0);
}

void mut_record_free(mut_record *record) {
  free(record->stores);
  free(record->reads);
  memset(record, 0, sizeof(*record));
}
