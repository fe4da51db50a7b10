/* The instructions of a kernel for ptolower_time: when each runs, and what its op is in the words
 * of the text. */
#include "api/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/describe.h"
#include "passes/passes.h"

typedef struct timeline_builder {
  ptl_session *session;
  const ptl_kernel *kernel;
  int *numbers; /* by an op's index: its number in `ops`, counted from 1; 0: none yet */
  ptolower_timed_op *ops;
  int count, capacity;
} timeline_builder;

static bool has_letter(const char *name) {
  return name[strcspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0';
}

/* What the text calls a value; of a part of a tensor that has a number only, what it calls the view
 * that it is of. */
static const char *name_of(const timeline_builder *b, int number) {
  ptl_arena *arena = &b->session->arena;
  const ptl_value *value = &b->kernel->values[number];
  const char *name = ptl_value_name(b->kernel, number);
  if (value->is_view && !has_letter(name) && mlirValueIsAOpResult(value->value)) {
    MlirOperation maker = mlirOpResultGetOwner(value->value);
    const char *whole = mlirOperationGetNumOperands(maker) > 0
                            ? ptl_name_of_value(arena, mlirOperationGetOperand(maker, 0))
                            : "";
    name = has_letter(whole) ? whole : name;
  }
  return *name ? name : value->is_tile ? ptl_space_name(value->tile.space) : "memory";
}

/* The names of what an op reads, or writes, with commas; of a part of a tensor, too. */
static const char *names_of(const timeline_builder *b, const ptl_op *op, bool written) {
  ptl_strbuf out;
  ptl_strbuf_init(&out, &b->session->arena);
  ptl_strbuf_puts(&out, "");
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = &b->kernel->values[op->operands[i]];
    bool is_written = op->access[i] == PTL_ACCESS_WRITE;
    if ((value->is_tile || value->is_view) && is_written == written) {
      ptl_strbuf_printf(&out, "%s%s", out.length > 0 ? ", " : "", name_of(b, op->operands[i]));
    }
  }
  return out.data;
}

/* "16 x 256 x 512" of a product, "512 x 256 i8" of what is moved. */
static const char *shape_of(const timeline_builder *b, const ptl_recorded *recorded) {
  ptl_arena *arena = &b->session->arena;
  if (recorded->k > 0) {
    return ptl_arena_printf(arena, "%" PRId64 " x %" PRId64 " x %" PRId64, recorded->m, recorded->k,
                            recorded->n);
  }
  const ptl_op *op = recorded->op;
  int tile = ptl_written_tile(b->kernel, op);
  for (int i = 0; i < op->operand_count && tile < 0; i++) {
    tile = b->kernel->values[op->operands[i]].is_tile ? op->operands[i] : -1;
  }
  if (tile < 0) {
    return "";
  }
  const ptl_tile_type *type = &b->kernel->values[tile].tile;
  return ptl_arena_printf(arena, "%" PRId64 " x %" PRId64 " %s", type->rows, type->cols,
                          ptl_elem_name(type->elem));
}

/* "tload" of "pto.tload". */
static const char *op_name(ptl_arena *arena, const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  const char *dot = memchr(name.data, '.', name.length);
  size_t prefix = dot ? (size_t)(dot + 1 - name.data) : 0;
  return ptl_arena_copy(arena, name.data + prefix, name.length - prefix);
}

static ptolower_timed_op describe(const timeline_builder *b, const ptl_recorded *recorded) {
  ptl_arena *arena = &b->session->arena;
  const ptl_op *op = recorded->op;
  ptl_loc loc = ptl_op_loc(arena, op);
  const char *to = names_of(b, op, true);
  return (ptolower_timed_op){
      .name = op_name(arena, op),
      .what = ptl_arena_printf(arena, "%s%s%s", names_of(b, op, false), *to ? " -> " : "", to),
      .shape = shape_of(b, recorded),
      .line = loc.line,
      .source = loc.model};
}

static int number_of(timeline_builder *b, const ptl_recorded *recorded) {
  int *number = &b->numbers[recorded->op->index];
  if (*number == 0) {
    b->ops = ptl_arena_more(&b->session->arena, b->ops, b->count, &b->capacity, sizeof(*b->ops));
    b->ops[b->count++] = describe(b, recorded);
    *number = b->count;
  }
  return *number - 1;
}

static ptolower_instruction *instructions_of(timeline_builder *b, const ptl_recording *recording) {
  ptolower_instruction *out =
      ptl_arena_array(&b->session->arena, (size_t)recording->count, sizeof(*out));
  for (int i = 0; i < recording->count; i++) {
    const ptl_instruction *item = &recording->items[i];
    out[i] = (ptolower_instruction){.unit = (ptolower_unit)item->pipe,
                                    .free = item->free,
                                    .begin = item->begin,
                                    .end = item->end,
                                    .wait = (ptolower_wait)item->wait,
                                    .waits_for = item->waits_for,
                                    .op = number_of(b, &recording->recorded[i]),
                                    .bytes = recording->recorded[i].bytes};
  }
  return out;
}

const ptolower_timeline *ptl_timeline_of(ptl_session *session, const ptl_kernel *kernel,
                                         const ptl_recording *recording) {
  ptl_arena *arena = &session->arena;
  timeline_builder b = {.session = session,
                        .kernel = kernel,
                        .numbers = ptl_arena_array(arena, (size_t)kernel->op_count, sizeof(int))};
  ptolower_timeline *out = ptl_arena_alloc(arena, sizeof(*out));
  out->instructions = instructions_of(&b, recording);
  out->instruction_count = recording->count;
  out->ops = b.ops;
  out->op_count = b.count;
  out->is_cut = recording->is_cut;
  return out;
}

/* ---- flags ------------------------------------------------------------------ */

static const char *flag_text(ptl_arena *arena, const ptl_flag_op *flag) {
  enum { PREFIX = sizeof("PIPE_") - 1 };
  return flag->kind == PTL_FLAG_BARRIER
             ? "PIPE_ALL"
             : ptl_arena_printf(arena, "%s -> %s, EVENT_ID%" PRId64,
                                ptl_sync_pipe_name(flag->from) + PREFIX,
                                ptl_sync_pipe_name(flag->to) + PREFIX, flag->id);
}

static int by_cost(const void *a, const void *b) {
  const ptolower_stall *left = a, *right = b;
  if (left->longer != right->longer) {
    return left->longer > right->longer ? -1 : 1;
  }
  return left->cycles != right->cycles ? (left->cycles > right->cycles ? -1 : 1)
                                       : left->line - right->line;
}

const ptolower_played *ptl_stalls_of(ptl_arena *arena, const ptl_played *played) {
  size_t count = (size_t)played->stall_count;
  ptolower_stall *stalls = ptl_arena_array(arena, count + 1, sizeof(*stalls));
  for (size_t i = 0; i < count; i++) {
    const ptl_stall *stall = &played->stalls[i];
    stalls[i] = (ptolower_stall){.unit = (ptolower_unit)stall->pipe,
                                 .flag = flag_text(arena, &stall->flag),
                                 .line = ptl_op_loc(arena, stall->op).line,
                                 .op = op_name(arena, stall->op),
                                 .cycles = stall->cycles,
                                 .longer = stall->longer,
                                 .count = stall->count};
  }
  qsort(stalls, count, sizeof(*stalls), by_cost);
  ptolower_played *out = ptl_arena_alloc(arena, sizeof(*out));
  *out = (ptolower_played){.cycles = played->cycles,
                           .data_cycles = played->data_cycles,
                           .stalls = stalls,
                           .stall_count = played->stall_count};
  return out;
}
