/* The instructions of one run of a kernel, in the order in which the scalar unit hands them out. */
#include <stdlib.h>
#include <string.h>

#include "mutation/machine_state.h"
#include "races.h"

const char *rac_pipe_name(rac_pipe pipe) {
  static const char *const names[] = {"PIPE_S",    "PIPE_V",    "PIPE_M",   "PIPE_MTE1",
                                      "PIPE_MTE2", "PIPE_MTE3", "PIPE_FIX", "PIPE_ALL"};
  return names[pipe];
}

static void *more(void *old, int count, int *capacity, size_t size) {
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

/* ---- flags -------------------------------------------------------------------------- */

/* The pipe whose name stands behind the nth `<`. */
static bool pipe_at(const char *text, int nth, rac_pipe *out) {
  for (; text && nth >= 0; nth--) {
    text = strchr(text, '<');
    text = text ? text + 1 : NULL;
  }
  for (int i = 0; text && i <= RAC_PIPES; i++) {
    const char *name = rac_pipe_name((rac_pipe)i);
    if (strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '>') {
      *out = (rac_pipe)i;
      return true;
    }
  }
  return false;
}

bool rac_flag_of(const mut_op *op, rac_kind *kind, rac_pipe *from, rac_pipe *to, int *id) {
  const char *event = strstr(op->attributes, "<EVENT_ID");
  *kind = strncmp(op->name, "pto.set_flag", 12) == 0    ? RAC_SET
          : strncmp(op->name, "pto.wait_flag", 13) == 0 ? RAC_WAIT
          : strcmp(op->name, "pto.barrier") == 0        ? RAC_BARRIER
                                                        : RAC_OP;
  *id = event ? atoi(event + strlen("<EVENT_ID")) : -1;
  *to = RAC_ALL;
  return *kind != RAC_OP && pipe_at(op->attributes, 0, from) &&
         (*kind == RAC_BARRIER || pipe_at(op->attributes, 1, to));
}

/* ---- what an op does ---------------------------------------------------------------------- */

typedef struct range {
  int instr;
  int64_t begin, end; /* with the space in the high bits */
  bool is_write;
} range;

/* A buffer in blocks. */
enum { BLOCK = 32, MOST_BLOCKS = 512 * 1024 / BLOCK };

typedef struct recorder {
  rac_trace *trace;
  bool is_touched[MOST_BLOCKS];
  range *ranges;
  int count, capacity;
} recorder;

enum { SPACE_SHIFT = 40, POPPED_SHIFT = 30, REPEAT = 256, MOST_PARTS = 32 };

static void add_range(recorder *r, mut_space space, int64_t begin, int64_t end, bool is_write) {
  int64_t base = (int64_t)space << SPACE_SHIFT;
  range *last = r->count > 0 ? &r->ranges[r->count - 1] : NULL;
  int instr = r->trace->count - 1;
  if (last && last->instr == instr && last->is_write == is_write && last->end == base + begin) {
    last->end = base + end;
    return;
  }
  r->ranges = more(r->ranges, r->count, &r->capacity, sizeof(range));
  r->ranges[r->count++] = (range){instr, base + begin, base + end, is_write};
}

/* A tile as a whole; of a slice the blocks that are its own. */
static void add_tile(recorder *r, mut_machine *m, const tile *t, bool is_slice, bool is_write) {
  if (!is_slice) {
    add_range(r, t->type.space, t->address, t->address + mut_tile_bytes(m->is_a5, &t->type),
              is_write);
    return;
  }
  memset(r->is_touched, 0, sizeof(r->is_touched));
  if (mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->from)) {
    for (int64_t row = 0; row < t->valid_rows; row++) {
      for (int64_t col = 0; col < t->valid_cols; col++) {
        int64_t block = (m->from.rows[row] + m->from.cols[col]) / BLOCK;
        r->is_touched[block < MOST_BLOCKS ? block : 0] = true;
      }
    }
  }
  for (int64_t block = 0; block < MOST_BLOCKS; block++) {
    if (r->is_touched[block]) {
      add_range(r, t->type.space, block * BLOCK, (block + 1) * BLOCK, is_write);
    }
  }
}

/* Operands of vector ops that the op writes to by the way. */
static bool is_scratch(const mut_machine *m, const mut_op *op, int operand) {
  static const char *const ops[] = {"pto.trowsum",  "pto.trowmax", "pto.trowmin",
                                    "pto.trowprod", "pto.ttrans",  "pto.tci"};
  int tiles = 0, before = 0;
  for (int i = 0; i < op->operand_count; i++) {
    bool is_tile = kind_of(m, op, i) == MUT_TILE && !op->operands[i].is_out;
    tiles += is_tile;
    before += is_tile && i < operand;
  }
  for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
    bool is_left = m->is_a5 && i < 3; /* it works in registers */
    if (strcmp(op->name, ops[i]) == 0) {
      return !is_left && before == (strcmp(op->name, "pto.tci") == 0 ? 0 : 1);
    }
  }
  return strncmp(op->name, "pto.trowexpand", 14) == 0 && tiles == 3 && before == 2;
}

static bool starts(const mut_op *op, const char *prefix) {
  return strncmp(op->name, prefix, strlen(prefix)) == 0;
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
  if (starts(op, "pto.tpop")) {
    return m->is_a5 ? RAC_S : RAC_MTE2;
  }
  if (starts(op, "pto.tload")) {
    return RAC_MTE2;
  }
  if (starts(op, "pto.tstore") || starts(op, "pto.tpush")) {
    return from == MUT_ACC ? RAC_FIX : RAC_MTE3;
  }
  if (starts(op, "pto.tmatmul") || starts(op, "pto.tgemv")) {
    return RAC_M;
  }
  if (starts(op, "pto.tgetval") || starts(op, "pto.tsetval") ||
      (starts(op, "pto.tci") && !has_scratch)) {
    return RAC_S;
  }
  return from == MUT_MAT ? RAC_MTE1 : from == MUT_ACC ? RAC_FIX : RAC_V;
}

static rac_instr *add_instr(recorder *r, rac_instr instr) {
  rac_trace *t = r->trace;
  t->instrs = more(t->instrs, t->count, &t->capacity, sizeof(rac_instr));
  t->instrs[t->count] = instr;
  return &t->instrs[t->count++];
}

static void add_popped(recorder *r, mut_machine *m, const mut_op *op) {
  value *out = result(m, op);
  const mut_tile_type *type = &m->func->values[op->results[0]].tile;
  out->tile = (tile){.type = *type,
                     .address = (int64_t)(op->number + 1) << POPPED_SHIFT,
                     .valid_rows = type->rows,
                     .valid_cols = type->cols,
                     .name = op->results[0]};
  add_tile(r, m, &out->tile, false, true);
}

static bool is_slice(const mut_machine *m, const mut_op *op, int operand) {
  return m->func->values[op->operands[operand].value].slice_of >= 0;
}

static void add_op(recorder *r, mut_machine *m, const mut_op *op) {
  add_instr(r, (rac_instr){.kind = RAC_OP, .op = op, .pipe = pipe_of(m, op)});
  for (int i = 0; i < op->operand_count; i++) {
    if (kind_of(m, op, i) == MUT_TILE) {
      bool writes = op->operands[i].is_out || is_scratch(m, op, i) || starts(op, "pto.tsetval");
      add_tile(r, m, &operand(m, op, i)->tile, is_slice(m, op, i), writes);
    }
  }
  if (starts(op, "pto.tpop") && op->result_count == 1) {
    add_popped(r, m, op);
  } else if (op->result_count == 1) {
    set_scalar(result(m, op), m->how.argument);
  }
}

/* Ops that the interpreter runs by itself: they work on no pipe. */
static bool is_idle(const mut_op *op) {
  static const char *const names[] = {"pto.treshape", "pto.tfree", "pto.tassign"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (starts(op, names[i])) {
      return true;
    }
  }
  return !starts(op, "pto.t");
}

static bool listen(void *user, mut_machine *m, const mut_op *op) {
  recorder *r = user;
  rac_instr flag = {.op = op};
  if (r->trace->count >= RAC_MOST_INSTRS) {
    fail(m, "it is too long");
    return true;
  }
  if (rac_flag_of(op, &flag.kind, &flag.pipe, &flag.to, &flag.id)) {
    flag.id = flag.id < 0 && op->operand_count == 1 ? (int)operand(m, op, 0)->integer : flag.id;
    if (flag.kind != RAC_BARRIER && (flag.id < 0 || flag.id >= RAC_IDS)) {
      fail(m, "an event id is not known");
    }
    add_instr(r, flag);
    return true;
  }
  if (starts(op, "pto.load_scalar")) {
    set_scalar(result(m, op), m->how.argument);
    return true;
  }
  if (starts(op, "pto.tfree")) {
    return true;
  }
  if (is_idle(op)) {
    return starts(op, "pto.tassign") || starts(op, "pto.store_scalar");
  }
  add_op(r, m, op);
  return true;
}

/* ---- segments -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* So many bytes of a vector tile are one piece. */
static int64_t piece_of(const range *r) {
  int64_t piece = (r->end - r->begin + MOST_PARTS - 1) / MOST_PARTS;
  return (piece + REPEAT - 1) / REPEAT * REPEAT;
}

static int64_t *cuts_of(const recorder *r, int *count) {
  int64_t *cuts = NULL;
  int capacity = 0;
  *count = 0;
  for (int i = 0; i < r->count; i++) {
    const range *a = &r->ranges[i];
    bool is_vector = r->trace->instrs[a->instr].pipe == RAC_V;
    int64_t piece = is_vector ? piece_of(a) : a->end - a->begin;
    for (int64_t at = a->begin; at < a->end; at += piece) {
      cuts = more(cuts, *count, &capacity, sizeof(int64_t));
      cuts[(*count)++] = at;
    }
    cuts = more(cuts, *count, &capacity, sizeof(int64_t));
    cuts[(*count)++] = a->end;
  }
  qsort(cuts, (size_t)*count, sizeof(int64_t), compare);
  int kept = 0;
  for (int i = 0; i < *count; i++) {
    if (kept == 0 || cuts[kept - 1] != cuts[i]) {
      cuts[kept++] = cuts[i];
    }
  }
  *count = kept;
  return cuts;
}

static int find_cut(const int64_t *cuts, int count, int64_t at) {
  int low = 0, high = count;
  while (low + 1 < high) {
    int middle = (low + high) / 2;
    if (cuts[middle] <= at) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

static int repeats_of(const range *r) { return (int)((r->end - r->begin + REPEAT - 1) / REPEAT); }

/* An operand that is smaller than others is worked through as slowly as they are. */
static void add_parts(rac_trace *t, const range *a, const int64_t *cuts, int count) {
  int64_t repeats = t->instrs[a->instr].repeats, own = repeats_of(a);
  for (int i = find_cut(cuts, count, a->begin); i < count && cuts[i] < a->end; i++) {
    int64_t first = (cuts[i] - a->begin) / REPEAT, last = (cuts[i + 1] - 1 - a->begin) / REPEAT;
    t->parts = more(t->parts, t->part_count, &t->part_capacity, sizeof(rac_part));
    t->parts[t->part_count++] = (rac_part){.segment = i,
                                           .first = (int)(first * repeats / own),
                                           .last = (int)(((last + 1) * repeats - 1) / own),
                                           .is_write = a->is_write};
  }
}

static void cut(recorder *r) {
  int count;
  int64_t *cuts = cuts_of(r, &count);
  rac_trace *t = r->trace;
  int next = 0;
  t->segments = count;
  for (int i = 0; i < r->count; i++) {
    int *repeats = &t->instrs[r->ranges[i].instr].repeats;
    *repeats = repeats_of(&r->ranges[i]) > *repeats ? repeats_of(&r->ranges[i]) : *repeats;
  }
  for (int i = 0; i < t->count; i++) {
    t->instrs[i].part_begin = t->part_count;
    for (; next < r->count && r->ranges[next].instr == i; next++) {
      add_parts(t, &r->ranges[next], cuts, count);
    }
    t->instrs[i].part_end = t->part_count;
  }
  free(cuts);
}

void rac_trace_run(rac_trace *trace, mut_chip *chip, const mut_program *program, int func,
                   rac_arguments arguments) {
  *trace = (rac_trace){.is_a5 = program->is_a5};
  recorder r = {.trace = trace};
  mut_unit unit = {.funcs = {func}, .count = 1};
  mut_how how = {.argument_set = MUT_ARGUMENT_SETS,
                 .argument = arguments.first,
                 .argument_step = arguments.step,
                 .listen = listen,
                 .user = &r};
  mut_record record;
  mut_chip_run(chip, program, &unit, how, NULL, &record);
  trace->failed = record.failed;
  cut(&r);
  mut_record_free(&record);
  free(r.ranges);
}

void rac_trace_free(rac_trace *trace) {
  free(trace->instrs);
  free(trace->parts);
  *trace = (rac_trace){0};
}
