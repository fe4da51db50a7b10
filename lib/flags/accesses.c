/* What an op does: the pipe that it works on, and the bytes of its tiles and of global memory. */
#include <string.h>

#include "flags/flags_state.h"
#include "flags/written_lines.h"

/* ---- pipes -------------------------------------------------------------------- */

enum { NO_SPACES = 0 };

static unsigned bit(ptl_space space) { return 1U << (unsigned)space; }

/* The spaces of the tiles that an op reads, or writes. */
static unsigned spaces(const ptl_flag_trace *trace, const ptl_op *op, bool written) {
  unsigned result = NO_SPACES;
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = &trace->kernel->values[op->operands[i]];
    bool is_asked = written
                        ? op->access[i] == PTL_ACCESS_WRITE || op->access[i] == PTL_ACCESS_SCRATCH
                        : op->access[i] == PTL_ACCESS_READ;
    result |= value->is_tile && is_asked ? bit(value->tile.space) : 0;
  }
  return result;
}

/* Ops on vector tiles that the table gives no pipe to, and that the vector pipe does not run. */
static ptl_sync_pipe pipe_of_vector_op(const ptl_flag_trace *trace, const ptl_op *op,
                                       const char **why) {
  bool moves_in_gm = trace->target->family->pipes_lie_in_gm;
  switch (op->id) {
  case PTL_PTO_TGETVAL:
  case PTL_PTO_TSETVAL:
    return PTL_SYNC_PIPE_S;
  case PTL_PTO_TCI: /* with a scratch tile it ends in vector ops, whatever ptoas says */
    return spaces(trace, op, false) != NO_SPACES || op->operand_count > 2 ? PTL_SYNC_PIPE_V
                                                                          : PTL_SYNC_PIPE_S;
  case PTL_PTO_TPUSH:
  case PTL_PTO_TPUSH_TO_AIC:
    return PTL_SYNC_PIPE_MTE3;
  case PTL_PTO_MGATHER:
    return moves_in_gm ? PTL_SYNC_PIPE_MTE2 : PTL_SYNC_PIPE_V;
  case PTL_PTO_MSCATTER:
    return moves_in_gm ? PTL_SYNC_PIPE_MTE3 : PTL_SYNC_PIPE_V;
  case PTL_PTO_TSCATTER:
    *why = "the pipe of a scatter is not known";
    return PTL_SYNC_PIPE_NONE;
  default:
    break;
  }
  if (ptl_row(op)->pipe != PTL_SYNC_PIPE_NONE) {
    return ptl_row(op)->pipe;
  }
  if (ptl_row(op)->effect == PTL_EFFECT_MOVES) {
    return PTL_SYNC_PIPE_V;
  }
  *why = "the pipes that it works on are not known";
  return PTL_SYNC_PIPE_NONE;
}

static ptl_sync_pipe pipe_of_cube_op(unsigned from, unsigned to, const char **why) {
  unsigned inner = bit(PTL_SPACE_LEFT) | bit(PTL_SPACE_RIGHT);
  unsigned cube = inner | bit(PTL_SPACE_ACC);
  if ((from & inner) != 0 && (to & bit(PTL_SPACE_ACC)) != 0) {
    return PTL_SYNC_PIPE_M;
  }
  if ((from & cube) == bit(PTL_SPACE_ACC) && (to & cube) == 0) {
    return PTL_SYNC_PIPE_FIX;
  }
  if ((from & ~bit(PTL_SPACE_MAT)) == 0 && from != 0 && (to & bit(PTL_SPACE_ACC)) == 0 && to != 0) {
    return PTL_SYNC_PIPE_MTE1;
  }
  *why = "the pipe that moves data so is not known";
  return PTL_SYNC_PIPE_NONE;
}

static bool is_pop(const ptl_op *op) { return ptl_row(op)->act == PTL_PIPE_POP; }

ptl_sync_pipe ptl_flag_pipe(const ptl_flag_trace *trace, const ptl_op *op, const char **why) {
  unsigned from = spaces(trace, op, false), to = spaces(trace, op, true);
  *why = NULL;
  if (is_pop(op)) {
    return trace->target->family->pipes_lie_in_gm ? PTL_SYNC_PIPE_MTE2 : PTL_SYNC_PIPE_S;
  }
  if ((from | to) == NO_SPACES) {
    return PTL_SYNC_PIPE_NONE;
  }
  if (op->kind == PTL_OP_LOAD) {
    return PTL_SYNC_PIPE_MTE2;
  }
  if (op->kind == PTL_OP_STORE && from == bit(PTL_SPACE_VEC)) {
    return PTL_SYNC_PIPE_MTE3;
  }
  bool is_vector = ((from | to) & ~bit(PTL_SPACE_VEC)) == 0;
  return is_vector ? pipe_of_vector_op(trace, op, why) : pipe_of_cube_op(from, to, why);
}

/* ---- bytes -------------------------------------------------------------------- */

/* Vector ops may follow each other without a barrier, where the second takes exactly what the first
 * wrote in at least 16 repeats, in one piece (PTOAS:lib/PTO/Transforms/InsertSync/
 * InsertSyncAnalysis.cpp `CanPrunePipeVBarrier`). */
enum { REPEAT_BYTES = 256, LONG_REPEATS = 16 };

static bool is_long(ptl_walk *walk, const ptl_tile *tile) {
  const ptl_tile_type *type = &tile->type;
  const ptl_exprs *exprs = ptl_walk_exprs(walk);
  int64_t rows, cols;
  if (type->space != PTL_SPACE_VEC || tile->window ||
      !ptl_expr_is_const(exprs, tile->valid_rows, &rows) ||
      !ptl_expr_is_const(exprs, tile->valid_cols, &cols) || rows <= 0 || rows > type->rows ||
      cols <= 0 || cols > type->cols) {
    return false;
  }
  bool is_one_piece =
      type->blayout_col_major ? rows == type->rows || cols == 1 : cols == type->cols || rows == 1;
  return is_one_piece &&
         rows * cols * ptl_elem_bytes(type->elem) > REPEAT_BYTES * (LONG_REPEATS - 1);
}

ptl_flag_bytes ptl_flag_popped_bytes(const ptl_flag_trace *trace, const ptl_op *op) {
  const ptl_tile_type *type = &trace->kernel->values[op->first_result].tile;
  return (ptl_flag_bytes){.range = {.space = type->space,
                                    .buffer = op->first_result + 1,
                                    .end_bytes = ptl_tile_bytes(trace->target, type)},
                          .is_write = true,
                          .value = op->first_result,
                          .ring = trace->ring_of_value[op->first_result],
                          .role = PTL_FLAG_ROLE_POPPED};
}

/* How far a window begins after the tile whose range it has; false if that is not known. */
static bool begin_of_window(const ptl_flag_trace *trace, const ptl_tile *tile, int64_t *out) {
  const ptl_tile *whole = tile->parent;
  *out = 0;
  if (whole) {
    *out = (tile->window_col * whole->type.rows +
            tile->window_row * trace->target->family->fractal_rows) *
           ptl_elem_bytes(tile->type.elem);
  }
  return tile->window || tile->is_known ||
         (whole && tile->window_col % trace->target->family->fractal_rows == 0);
}

/* A number that the C++ has; false if it is not known, or no address. */
static bool address_beside(const ptl_flag_trace *trace, ptl_walk *walk, int variable,
                           int64_t *out) {
  ptl_expr value = ptl_written_value(trace->beside->values, walk, variable);
  return ptl_expr_is_const(ptl_walk_exprs(walk), value, out) && ptl_address_is_possible(*out);
}

/* Where ptoas has placed a tile that the kernel does not place; false if that is not known. */
static bool place_beside(const ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op, int operand,
                         const ptl_tile *tile, ptl_range *range) {
  const int *const *addresses = trace->beside ? trace->beside->addresses : NULL;
  int64_t address, begin;
  if (!addresses) {
    return true;
  }
  if (addresses[op->index] && addresses[op->index][operand] == 0) {
    return true; /* it was popped */
  }
  if (!addresses[op->index] ||
      !address_beside(trace, walk, addresses[op->index][operand], &address) ||
      !begin_of_window(trace, tile, &begin)) {
    return false;
  }
  address -= begin;
  range->buffer = 0;
  range->end_bytes = address + (range->end_bytes - range->begin_bytes);
  range->begin_bytes = address;
  return true;
}

/* Adds the tiles that ptoas adds to the op; false if it is not known where one lies. */
static bool add_scratch(const ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op,
                        ptl_flag_bytes *out, int *count) {
  const int *const *addresses = trace->beside ? trace->beside->addresses : NULL;
  const int *tiles =
      addresses && addresses[op->index] ? addresses[op->index] + op->operand_count : NULL;
  for (int64_t address; tiles && *tiles != 0; tiles++) {
    const ptl_written_variable *tile = &trace->beside->values->items[*tiles];
    if (!address_beside(trace, walk, tile->address, &address)) {
      return false;
    }
    out[(*count)++] = (ptl_flag_bytes){.range = {.space = PTL_SPACE_VEC,
                                                 .begin_bytes = address,
                                                 .end_bytes = address + tile->bytes},
                                       .is_write = true,
                                       .is_doubtful = trace->target->family->has_vector_registers,
                                       .value = -1};
  }
  return true;
}

/* In registers most ops need no scratch: a gather uses none, and reductions of rows, which take a
 * scratch tile on every chip, leave it alone (pto-isa: a5/TGather.hpp, a5/TRowReduce.hpp). */
static bool leaves_scratch(const ptl_flag_trace *trace, const ptl_op *op) {
  return trace->target->family->has_vector_registers &&
         (op->id == PTL_PTO_TGATHER || op->id == PTL_PTO_TROWSUM || op->id == PTL_PTO_TROWMAX ||
          op->id == PTL_PTO_TROWMIN);
}

/* The ring in whose slot a popped tile lies, or one that is a part of it; 0: none. */
static int ring_of_tile(const ptl_flag_trace *trace, const ptl_tile *tile) {
  int value = tile->range.buffer - 1;
  return value >= 0 && value < trace->kernel->value_count ? trace->ring_of_value[value] : 0;
}

static bool is_none(ptl_walk *walk, ptl_expr extent) {
  int64_t value;
  return ptl_expr_is_const(ptl_walk_exprs(walk), extent, &value) && value == 0;
}

static bool is_empty(ptl_walk *walk, const ptl_tile *tile) {
  return tile && (is_none(walk, tile->valid_rows) || is_none(walk, tile->valid_cols));
}

/* Adds what an operand is to the op; false if its place is not known. */
static bool add_operand(const ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op, int operand,
                        ptl_flag_bytes *out, int *count) {
  int value = op->operands[operand];
  ptl_access access = op->access[operand];
  bool is_scratch = access == PTL_ACCESS_SCRATCH;
  if (!ptl_value_at(walk, value)->is_tile || access == PTL_ACCESS_NONE ||
      (is_scratch && leaves_scratch(trace, op))) {
    return true;
  }
  const ptl_tile *tile = ptl_tile_at(walk, value);
  if (!tile || !tile->has_range) {
    return false;
  }
  out[(*count)++] =
      (ptl_flag_bytes){.range = tile->window ? tile->window->range : tile->range,
                       .is_write = access != PTL_ACCESS_READ,
                       .is_doubtful = is_scratch && trace->target->family->has_vector_registers,
                       .is_long = !is_scratch && is_long(walk, tile),
                       .value = value,
                       .ring = ring_of_tile(trace, tile),
                       .is_empty = is_empty(walk, tile)};
  return place_beside(trace, walk, op, operand, tile, &out[*count - 1].range);
}

/* The loops around what the trace is at. */
static int turns_of(const ptl_flag_trace *trace, ptl_flag_turn *out) {
  int count = 0;
  for (int i = 0; i < trace->stack_count; i++) {
    if (trace->stack[i].turn.loop != 0) {
      if (count < PTL_FLAG_GM_LOOPS) {
        out[count] = trace->stack[i].turn;
      }
      count++;
    }
  }
  return count;
}

/* Global memory is a space of its own; what it is to pointers that are not known is told by `gm`.
 */
static void add_gm(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op, int operand,
                   ptl_flag_bytes *out, int *count) {
  ptl_flag_turn turns[PTL_FLAG_GM_LOOPS];
  if (op->access[operand] == PTL_ACCESS_NONE) {
    return;
  }
  const ptl_flag_gm *gm =
      ptl_flag_gm_of(trace->arena, walk, trace->kernel, op, operand, turns, turns_of(trace, turns));
  if (!gm) {
    return;
  }
  bool is_write = op->access[operand] != PTL_ACCESS_READ || op->id == PTL_PTO_STORE_SCALAR;
  ptl_expr stored =
      op->id == PTL_PTO_STORE_SCALAR ? ptl_integer_at(walk, op->operands[0]) : PTL_EXPR_NONE;
  out[(*count)++] =
      (ptl_flag_bytes){.range = {.space = PTL_SPACE_COUNT, .buffer = gm->root + 1, .end_bytes = 1},
                       .gm = gm,
                       .stored = stored,
                       .is_write = is_write,
                       .value = op->operands[operand]};
}

int ptl_flag_bytes_of(ptl_flag_trace *trace, ptl_walk *walk, const ptl_op *op,
                      const ptl_flag_bytes **out) {
  ptl_flag_bytes *bytes = ptl_arena_array(
      trace->arena, (size_t)op->operand_count + PTL_FLAGS_MOST_SCRATCH + 1, sizeof(*bytes));
  int count = 0;
  *out = bytes;
  for (int i = 0; i < op->operand_count; i++) {
    if (!add_operand(trace, walk, op, i, bytes, &count)) {
      return -1;
    }
    add_gm(trace, walk, op, i, bytes, &count);
  }
  if (!add_scratch(trace, walk, op, bytes, &count)) {
    return -1;
  }
  if (is_pop(op) && op->result_count == 1 && trace->kernel->values[op->first_result].is_tile) {
    bytes[count] = ptl_flag_popped_bytes(trace, op);
    bytes[count++].is_empty = is_empty(walk, ptl_tile_at(walk, op->first_result));
  }
  return is_pop(op) && count == 0 ? -1 : count;
}
