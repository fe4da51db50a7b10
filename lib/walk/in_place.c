/* Judges an op whose output lies on one of its operands, by the table of what each op still reads
 * while it writes. */
#include "walk/in_place.h"

#include <inttypes.h>
#include <string.h>

#include "walk/walk_state.h"
#include "walk/window.h"

static bool has_registers(const ptl_walk *walk) {
  return walk->target->family->has_vector_registers;
}

/* Operands on which the op's outputs may not lie, a bit for each. */
static unsigned apart_operands(const ptl_walk *walk, const ptl_op *op) {
  if (op->id == PTL_PTO_TRSQRT && op->operand_count == 2) {
    return 0; /* one instruction; with scratch there are several */
  }
  const ptl_op_row *row = ptl_row(op);
  return has_registers(walk) && row->may_in_registers ? 0 : row->apart;
}

/* A number by a tile is computed in the output first (pto-isa:include/pto/npu/a2a3/TDivS.hpp); so
 * is a quotient of integers. */
static bool divides_in_output(const ptl_walk *walk, const ptl_op *op) {
  const ptl_value *first = ptl_value_at(walk, op->operands[0]);
  ptl_elem elem = first->tile.elem;
  return op->id == PTL_PTO_TDIVS && !has_registers(walk) &&
         !(first->is_tile && (elem == PTL_ELEM_F32 || elem == PTL_ELEM_F16));
}

/* Rows of a tile, or columns where these lie in one piece, or the stripes of a boxed layout. */
static bool is_one_line(const ptl_walk *walk, const ptl_window *window) {
  const ptl_tile_type *type = &window->type;
  int64_t most = type->blayout_col_major ? type->cols : type->rows;
  ptl_expr count = type->blayout_col_major ? window->valid_cols : window->valid_rows;
  return most == 1 || ptl_const_or(walk, count, most) <= 1;
}

static bool have_same_order(const ptl_tile_type *a, const ptl_tile_type *b) {
  return a->blayout_col_major == b->blayout_col_major && a->slayout == b->slayout;
}

/* Whether all that is read of a line is read by one instruction, or in one loop. a2a3 computes what
 * is left over of each line's 256 bytes after all lines
 * (pto-isa:include/pto/npu/a2a3/TBinOp.hpp, TCvt.hpp). */
static bool is_read_in_order(const ptl_walk *walk, const ptl_window *from) {
  enum { REPEAT_BYTES = 256 };
  const ptl_tile_type *type = &from->type;
  int64_t length = type->blayout_col_major ? ptl_const_or(walk, from->valid_rows, type->rows)
                                           : ptl_const_or(walk, from->valid_cols, type->cols);
  int64_t bytes = length * ptl_elem_bytes(type->elem);
  return has_registers(walk) || bytes <= REPEAT_BYTES || bytes % REPEAT_BYTES == 0;
}

/* An output and another operand that share bytes. */
typedef struct pair {
  const ptl_op *op;
  int operand;
  ptl_window to, from;
  bool reads_part; /* of a tile: a subview */
  const ptl_op *alloc;
  int output;
} pair;

typedef enum conflict { NO_CONFLICT, CONFLICT_PLACE, CONFLICT_PITCH } conflict;

/* Of an op that computes element by element, in ascending order: lines that get shorter stay behind
 * those that are read, as pypto and PTOAS place conversions to smaller elements, and windows. */
static conflict conflict_of(const ptl_walk *walk, const pair *p) {
  const ptl_window *to = &p->to, *from = &p->from;
  bool is_same_place = to->range.begin_bytes == from->range.begin_bytes;
  bool is_behind = p->reads_part && to->range.begin_bytes < from->range.begin_bytes;
  if ((!is_same_place && !is_behind) ||
      ptl_elem_bytes(to->type.elem) > ptl_elem_bytes(from->type.elem)) {
    return CONFLICT_PLACE;
  }
  if (is_one_line(walk, to) && is_one_line(walk, from)) {
    return NO_CONFLICT;
  }
  bool fits = is_same_place && to->line_bytes == from->line_bytes;
  bool falls_behind = to->line_bytes <= from->line_bytes && is_read_in_order(walk, from);
  return have_same_order(&to->type, &from->type) && (fits || falls_behind) ? NO_CONFLICT
                                                                           : CONFLICT_PITCH;
}

/* "%y (at 0)" */
static const char *place_text(const ptl_walk *walk, const pair *p, int operand,
                              const ptl_window *window) {
  return ptl_arena_printf(walk->arena, "%s (at %" PRId64 ")",
                          ptl_walk_name(walk, p->op->operands[operand]), window->range.begin_bytes);
}

static void fault_scratch(ptl_walk *walk, const pair *p) {
  ptl_walk_fault(walk, PTL_CODE_OUTPUT_ON_INPUT, p->op, p->alloc,
                 "the scratch tile %s lies on the op's operand %s",
                 place_text(walk, p, p->output, &p->to), place_text(walk, p, p->operand, &p->from));
}

static void fault_apart(ptl_walk *walk, const pair *p) {
  ptl_walk_fault(
      walk, PTL_CODE_OUTPUT_ON_INPUT, p->op, p->alloc,
      "the output %s lies on the op's operand %s, and %s reads operand %d while it writes: "
      "give the output bytes of its own",
      place_text(walk, p, p->output, &p->to), place_text(walk, p, p->operand, &p->from),
      ptl_row(p->op)->name, p->operand);
}

static void fault_conflict(ptl_walk *walk, const pair *p, conflict found) {
  if (found == CONFLICT_PLACE) {
    ptl_walk_fault(walk, PTL_CODE_OUTPUT_ON_INPUT, p->op, p->alloc,
                   "the output %s lies on the op's operand %s",
                   place_text(walk, p, p->output, &p->to),
                   place_text(walk, p, p->operand, &p->from));
  } else if (found == CONFLICT_PITCH) {
    ptl_walk_fault(walk, PTL_CODE_OUTPUT_ON_INPUT, p->op, p->alloc,
                   "the output %s lies on the op's operand %s in lines of %" PRId64
                   " instead of %" PRId64 " bytes: it overwrites some that are not read yet",
                   place_text(walk, p, p->output, &p->to),
                   place_text(walk, p, p->operand, &p->from), p->to.line_bytes, p->from.line_bytes);
  }
}

static bool check_pair(ptl_walk *walk, const pair *p, ptl_access output) {
  if (output == PTL_ACCESS_SCRATCH) {
    fault_scratch(walk, p);
    return true;
  }
  if ((apart_operands(walk, p->op) >> p->operand & 1) != 0 ||
      p->op->access[p->operand] == PTL_ACCESS_WRITE || divides_in_output(walk, p->op)) {
    fault_apart(walk, p);
    return true;
  }
  conflict found = conflict_of(walk, p);
  fault_conflict(walk, p, found);
  return found != NO_CONFLICT;
}

static bool is_asked(const ptl_tile *tile) {
  return tile && tile->has_range && tile->type.space != PTL_SPACE_ACC;
}

static bool check_output(ptl_walk *walk, const ptl_op *op, int output) {
  const ptl_tile *to = ptl_tile_at(walk, op->operands[output]);
  for (int i = 0; i < op->operand_count && is_asked(to); i++) {
    const ptl_tile *from = ptl_tile_at(walk, op->operands[i]);
    if (i == output || !is_asked(from) || op->access[i] == PTL_ACCESS_NONE ||
        ptl_windows_may_be_apart(walk, to, from)) {
      continue;
    }
    pair p = {op,          i,     ptl_window_of(to), ptl_window_of(from), from->window != NULL,
              from->alloc, output};
    if (ptl_ranges_overlap(&p.to.range, &p.from.range) &&
        check_pair(walk, &p, op->access[output])) {
      return true;
    }
  }
  return false;
}

void ptl_in_place_check(ptl_walk *walk, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    bool is_output = op->access[i] == PTL_ACCESS_WRITE || op->access[i] == PTL_ACCESS_SCRATCH;
    if (is_output && check_output(walk, op, i)) {
      return;
    }
  }
}
