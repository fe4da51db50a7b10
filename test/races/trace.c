/* The instructions of one run of a kernel, in the order in which the scalar units hand them out. */
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

void *rac_more(void *old, int count, int *capacity, size_t size) {
  if (count < *capacity) {
    return old;
  }
  *capacity = *capacity ? *capacity * 2 : 256;
  void *grown = realloc(old, (size_t)*capacity * size);
  if (!grown) {
    abort();
  }
  return grown;
}

/* ---- what an op does ---------------------------------------------------------------------- */

enum { POPPED_SHIFT = 30 };

void rac_add_range(rac_recorder *r, int memory, int64_t begin, int64_t end, bool is_write) {
  int64_t base = (int64_t)memory << RAC_MEMORY_SHIFT;
  rac_range *last = r->count > 0 ? &r->ranges[r->count - 1] : NULL;
  int instr = r->trace->count - 1;
  if (last && last->instr == instr && last->is_write == is_write && last->end == base + begin) {
    last->end = base + end;
    return;
  }
  r->ranges = rac_more(r->ranges, r->count, &r->capacity, sizeof(rac_range));
  r->ranges[r->count++] = (rac_range){instr, base + begin, base + end, is_write};
}

void rac_add_tile(rac_recorder *r, mut_machine *m, const tile *t, bool is_slice, bool is_write) {
  if (!is_slice) {
    rac_add_range(r, rac_memory_of(m, t->type.space), t->address,
                  t->address + mut_tile_bytes(m->is_a5, &t->type), is_write);
    return;
  }
  memset(r->is_touched, 0, sizeof(r->is_touched));
  if (mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->from)) {
    for (int64_t row = 0; row < t->valid_rows; row++) {
      for (int64_t col = 0; col < t->valid_cols; col++) {
        int64_t block = (m->from.rows[row] + m->from.cols[col]) / RAC_BLOCK;
        r->is_touched[block < RAC_BLOCKS ? block : 0] = true;
      }
    }
  }
  for (int64_t block = 0; block < RAC_BLOCKS; block++) {
    if (r->is_touched[block]) {
      rac_add_range(r, rac_memory_of(m, t->type.space), block * RAC_BLOCK, (block + 1) * RAC_BLOCK,
                    is_write);
    }
  }
}

/* Vector ops with a scratch tile, and how many of their inputs stand before it. */
typedef struct scratch_row {
  const char *op;
  int before;
  bool is_left_on_a5; /* the op works in registers there: it neither reads nor writes the tile */
} scratch_row;

static const scratch_row scratch_rows[] = {
    {"pto.trowsum", 1, true},   {"pto.trowmax", 1, true}, {"pto.trowmin", 1, true},
    {"pto.trowprod", 1, false}, {"pto.ttrans", 1, false}, {"pto.tci", 0, false},
    {"pto.tgather", 2, true},
};

static const scratch_row *scratch_of(const mut_op *op) {
  for (size_t i = 0; i < sizeof(scratch_rows) / sizeof(scratch_rows[0]); i++) {
    if (strcmp(op->name, scratch_rows[i].op) == 0) {
      return &scratch_rows[i];
    }
  }
  return NULL;
}

/* Operands of vector ops that the op may write to by the way. */
static bool is_scratch(const mut_machine *m, const mut_op *op, int operand) {
  int tiles = 0, before = 0;
  for (int i = 0; i < op->operand_count; i++) {
    bool is_tile = kind_of(m, op, i) == MUT_TILE && !op->operands[i].is_out;
    tiles += is_tile;
    before += is_tile && i < operand;
  }
  const scratch_row *row = scratch_of(op);
  if (row) {
    return !op->operands[operand].is_out && before == row->before;
  }
  return strncmp(op->name, "pto.trowexpand", 14) == 0 && tiles == 3 && before == 2;
}

bool rac_starts(const mut_op *op, const char *prefix) {
  return strncmp(op->name, prefix, strlen(prefix)) == 0;
}

static bool leaves_scratch(const mut_machine *m, const mut_op *op) {
  const scratch_row *row = scratch_of(op);
  return m->is_a5 && row && row->is_left_on_a5;
}

/* The pipe by where the data comes from and goes to. */
static rac_pipe pipe_of(mut_machine *m, const mut_op *op) {
  mut_space from = MUT_SPACES;
  bool has_scratch = false;
  for (int i = 0; i < op->operand_count; i++) {
    if (kind_of(m, op, i) == MUT_TILE && !op->operands[i].is_out) {
      from = operand(m, op, i)->tile.type.space;
      has_scratch = has_scratch || is_scratch(m, op, i);
    }
  }
  if (rac_starts(op, "pto.tpop")) {
    return m->is_a5 ? RAC_S : RAC_MTE2;
  }
  if (rac_starts(op, "pto.load_scalar") || rac_starts(op, "pto.store_scalar")) {
    return RAC_S;
  }
  if (rac_starts(op, "pto.tload")) {
    return RAC_MTE2;
  }
  if (rac_starts(op, "pto.tstore") || rac_starts(op, "pto.tpush")) {
    return from == MUT_ACC ? RAC_FIX : RAC_MTE3;
  }
  if (rac_starts(op, "pto.tmatmul") || rac_starts(op, "pto.tgemv")) {
    return RAC_M;
  }
  if (rac_starts(op, "pto.tgetval") || rac_starts(op, "pto.tsetval") ||
      (rac_starts(op, "pto.tci") && !has_scratch)) {
    return RAC_S;
  }
  return from == MUT_MAT ? RAC_MTE1 : from == MUT_ACC ? RAC_FIX : RAC_V;
}

rac_instr *rac_add_instr(rac_recorder *r, const mut_machine *m, rac_instr instr) {
  rac_trace *t = r->trace;
  t->instrs = rac_more(t->instrs, t->count, &t->capacity, sizeof(rac_instr));
  t->instrs[t->count] = instr;
  t->instrs[t->count].core = m->number;
  return &t->instrs[t->count++];
}

static void add_popped(rac_recorder *r, mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  out->tile = (tile){.type = *type,
                     .address = (int64_t)(op->number + 1) << POPPED_SHIFT,
                     .valid_rows = type->rows,
                     .valid_cols = type->cols,
                     .name = op->results[0]};
  rac_add_tile(r, m, &out->tile, false, true);
}

static bool is_slice(const mut_machine *m, const mut_op *op, int operand) {
  return m->func->values[op->operands[operand].value].slice_of >= 0;
}

void rac_add_op(rac_recorder *r, mut_machine *m, const mut_op *op, rac_pipe pipe) {
  (void)rac_add_instr(r, m, (rac_instr){.kind = RAC_OP, .op = op, .pipe = pipe});
  for (int i = 0; i < op->operand_count; i++) {
    bool is_by_the_way = is_scratch(m, op, i);
    if (kind_of(m, op, i) == MUT_TILE && !(is_by_the_way && leaves_scratch(m, op))) {
      bool writes = op->operands[i].is_out || is_by_the_way || rac_starts(op, "pto.tsetval");
      rac_add_tile(r, m, &operand(m, op, i)->tile, is_slice(m, op, i), writes);
    }
  }
  rac_note_gm(r, m, op);
}

static void add_op(rac_recorder *r, mut_machine *m, const mut_op *op) {
  rac_add_op(r, m, op, pipe_of(m, op));
  if (rac_starts(op, "pto.tpop") && op->result_count == 1) {
    add_popped(r, m, op);
  } else if (op->result_count == 1) {
    set_scalar(result(m, op), m->how.argument);
  }
}

static bool is_scalar_op(const mut_op *op) {
  return rac_starts(op, "pto.load_scalar") || rac_starts(op, "pto.store_scalar");
}

/* Ops that the interpreter runs by itself: they work on no pipe. */
static bool is_idle(const mut_op *op) {
  return rac_starts(op, "pto.treshape") || (!rac_starts(op, "pto.t") && !is_scalar_op(op));
}

/* ---- a run -------------------------------------------------------------------------------- */

static void add_flag(rac_recorder *r, mut_machine *m, rac_instr flag) {
  const mut_op *op = flag.op;
  flag.id = flag.id < 0 && op->operand_count == 1 ? (int)operand(m, op, 0)->integer : flag.id;
  if (flag.kind != RAC_BARRIER && (flag.id < 0 || flag.id >= RAC_IDS)) {
    fail(m, "an event id is not known");
  }
  (void)rac_add_instr(r, m, flag);
}

static void begin_core(rac_recorder *r, const mut_machine *m) {
  rac_trace *t = r->trace;
  for (; t->core_count <= m->number; t->core_count++) {
    t->begin[t->core_count] = t->count;
  }
}

static bool listen(void *user, mut_machine *m, const mut_op *op) {
  rac_recorder *r = user;
  rac_instr flag = {.op = op};
  begin_core(r, m);
  if (r->trace->count - r->trace->begin[m->number] >= RAC_MOST_INSTRS) {
    fail(m, "it is too long");
    return true;
  }
  if (strcmp(op->name, "pto.get_subblock_idx") == 0) {
    set_scalar(result(m, op), m->lane);
    return true;
  }
  if (rac_add_crossing(r, m, op)) {
    return true;
  }
  if (rac_flag_of(op, &flag.kind, &flag.pipe, &flag.to, &flag.id)) {
    add_flag(r, m, flag);
    return true;
  }
  if (is_idle(op) || rac_starts(op, "pto.tfree") || rac_starts(op, "pto.tassign")) {
    return rac_starts(op, "pto.tfree") || rac_starts(op, "pto.tassign");
  }
  add_op(r, m, op);
  return true;
}

void rac_trace_run(rac_trace *trace, mut_chip *chip, const mut_program *program,
                   const mut_unit *unit, rac_arguments arguments, int lane) {
  *trace = (rac_trace){.is_a5 = program->is_a5};
  rac_recorder *r = calloc(1, sizeof(*r));
  *r = (rac_recorder){.trace = trace, .lane = lane};
  mut_how how = {.argument_set = MUT_ARGUMENT_SETS,
                 .argument = arguments.first,
                 .argument_step = arguments.step,
                 .listen = listen,
                 .user = r};
  mut_record record;
  mut_chip_run(chip, program, unit, how, NULL, &record);
  trace->failed = record.failed;
  for (int core = trace->core_count; core <= MUT_CORES; core++) {
    trace->begin[core] = trace->count;
  }
  rac_add_gm(r);
  rac_cut(r);
  mut_record_free(&record);
  free(r->ranges);
  free(r->touches);
  free(r);
}

uint64_t rac_trace_hash(const rac_trace *trace) {
  uint64_t hash = mut_mix((uint64_t)trace->count);
  for (int i = 0; i < trace->count; i++) {
    const rac_instr *instr = &trace->instrs[i];
    hash = mut_mix2(hash, (uint64_t)instr->op->number << 32 | (uint64_t)instr->kind << 8 |
                              (uint64_t)instr->core);
    hash = mut_mix2(hash, (uint64_t)instr->pipe << 40 | (uint64_t)instr->to << 32 |
                              (uint64_t)instr->id << 8 | instr->peers);
    hash = mut_mix2(hash, instr->word);
    for (int p = instr->part_begin; p < instr->part_end; p++) {
      const rac_part *part = &trace->parts[p];
      hash = mut_mix2(hash, (uint64_t)part->segment << 1 | part->is_write);
      hash = mut_mix2(hash, (uint64_t)part->first << 32 | (uint64_t)part->last);
    }
  }
  return hash;
}

void rac_trace_free(rac_trace *trace) {
  free(trace->instrs);
  free(trace->parts);
  *trace = (rac_trace){0};
}
