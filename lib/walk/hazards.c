/* Watches for two known faults of others: bytes that pto-isa keeps for itself, and ops for which
 * ptoas lets the wrong pipe wait. */
#include "walk/hazards.h"

#include <inttypes.h>
#include <string.h>

#include "walk/walk_state.h"

static ptl_str name_of(const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  return (ptl_str){name.data, name.length};
}

static bool has_scratch(const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    if (op->access[i] == PTL_ACCESS_SCRATCH) {
      return true;
    }
  }
  return false;
}

static bool is_unawaited(const ptl_hazards *hazards, const ptl_op *op, const ptl_range *range) {
  for (const ptl_unawaited *u = hazards->unawaited; u; u = u->next) {
    if (u->op == op && u->range.buffer == range->buffer &&
        u->range.begin_bytes == range->begin_bytes && u->range.end_bytes == range->end_bytes) {
      return true;
    }
  }
  return false;
}

static void add_unawaited(ptl_arena *arena, ptl_hazards *hazards, const ptl_op *op,
                          const ptl_range *range) {
  if (!is_unawaited(hazards, op, range)) {
    ptl_unawaited *unawaited = ptl_arena_alloc(arena, sizeof(*unawaited));
    *unawaited = (ptl_unawaited){hazards->unawaited, op, *range};
    hazards->unawaited = unawaited;
  }
}

void ptl_hazards_meet(ptl_arena *arena, ptl_hazards *hazards, const ptl_hazards *other) {
  if (other->scratch_time > hazards->scratch_time) {
    hazards->scratch_user = other->scratch_user;
    hazards->scratch_time = other->scratch_time;
  }
  for (const ptl_unawaited *u = other->unawaited; u; u = u->next) {
    add_unawaited(arena, hazards, u->op, &u->range);
  }
}

/* ---- bytes that pto-isa keeps -------------------------------------------- */

/* An expansion of a column that lies in one piece, without a scratch tile
 * (pto-isa:include/pto/npu/a2a3/TRowExpandBinOp.hpp; TExtract.hpp uses the bytes for two windows at
 * once, which no op of ptoas does, and TCvt.hpp no longer). */
static bool uses_area(const ptl_walk *walk, const ptl_op *op) {
  const ptl_op_row *row = ptl_row(op);
  if (row->run != PTL_RUN_EXPAND || !row->by_row || row->function == PTL_FN_COPY ||
      has_scratch(op)) {
    return false;
  }
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    if (op->access[i] == PTL_ACCESS_READ && value->is_tile && value->tile.blayout_col_major) {
      return true;
    }
  }
  return false;
}

static ptl_range area_of(const ptl_target *target) {
  int64_t begin = target->family->vector_area_begin_bytes;
  return (ptl_range){
      .space = PTL_SPACE_VEC, .begin_bytes = begin, .end_bytes = begin + PTL_VEC_AREA_BYTES};
}

static void fault_area(ptl_walk *walk, const ptl_tile *tile, const ptl_op *user) {
  ptl_str name = name_of(user);
  int64_t begin = walk->target->family->vector_area_begin_bytes;
  ptl_walk_fault(walk, PTL_CODE_VECTOR_SCRATCH_AREA, tile->alloc, user,
                 "the vec tile takes bytes %" PRId64 " to %" PRId64
                 ", and pto-isa keeps those from "
                 "%" PRId64 " on for itself: the %.*s in line %d, which has no scratch tile, may "
                 "write there while the tile is in use; let the tile end at %" PRId64,
                 tile->range.begin_bytes, tile->range.end_bytes, begin, (int)name.length, name.data,
                 (int)ptl_op_loc(walk->arena, user).line, begin);
}

static void walk_area(ptl_walk *walk, ptl_hazards *hazards, const ptl_op *op) {
  ptl_range area = area_of(walk->target);
  if (!uses_area(walk, op)) {
    return;
  }
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range && ptl_ranges_overlap(&tile->range, &area)) {
      fault_area(walk, tile, op);
    }
  }
  hazards->scratch_user = op;
  hazards->scratch_time = walk->ledger.now;
}

void ptl_hazards_check_read(ptl_walk *walk, const ptl_tile *tile, const ptl_range *written,
                            int64_t time) {
  const ptl_hazards *hazards = &walk->state.hazards;
  ptl_range area = area_of(walk->target);
  if (hazards->scratch_user && time <= hazards->scratch_time &&
      ptl_ranges_overlap(written, &area) && ptl_ranges_overlap(&tile->range, &area)) {
    fault_area(walk, tile, hazards->scratch_user);
  }
}

/* ---- a tci on another pipe ----------------------------------------------- */

/* Whether ptoas has an op run on the vector pipe, after everything that runs there. */
static bool is_on_vector_pipe(const ptl_walk *walk, const ptl_op *op) {
  bool is_other = ptl_row(op)->pipe != PTL_SYNC_PIPE_V;
  if (op->id == PTL_PTO_TCI) {
    is_other = !has_scratch(op);
  }
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_value *value = ptl_value_at(walk, op->operands[i]);
    is_other = is_other || (value->is_tile && value->tile.space != PTL_SPACE_VEC);
  }
  return !is_other;
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

static bool attribute_has(ptl_walk *walk, const ptl_op *op, const char *name, const char *part) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name));
  ptl_strbuf text;
  ptl_strbuf_init(&text, walk->arena);
  if (!mlirAttributeIsNull(attribute)) {
    mlirAttributePrint(attribute, append_text, &text);
  }
  return text.data && strstr(text.data, part);
}

/* A barrier for all pipes, or a flag or event of the vector pipe that is waited for. */
static bool waits_for_vector_pipe(ptl_walk *walk, const ptl_op *op) {
  switch (op->id) {
  case PTL_PTO_BARRIER:
    return attribute_has(walk, op, "pipe", "PIPE_ALL");
  case PTL_PTO_WAIT_FLAG:
  case PTL_PTO_WAIT_FLAG_DYN:
    return attribute_has(walk, op, "src_pipe", "PIPE_V");
  case PTL_PTO_WAIT_EVENT:
    return attribute_has(walk, op, "src_op", "TVEC");
  default:
    return false;
  }
}

static void note_tci(ptl_walk *walk, ptl_hazards *hazards, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    if (tile && tile->has_range && op->access[i] != PTL_ACCESS_READ) {
      add_unawaited(walk->arena, hazards, op, &tile->range);
    }
  }
}

static void check_pipe(ptl_walk *walk, const ptl_hazards *hazards, const ptl_op *op) {
  const ptl_ptoas_fault_row *fault = ptl_ptoas_fault_of(PTL_PTOAS_MISTAKES_TCI);
  if (!ptl_ptoas_has(walk->target->ptoas, PTL_PTOAS_MISTAKES_TCI)) {
    return;
  }
  for (int i = 0; i < op->operand_count && hazards->unawaited; i++) {
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[i]);
    for (const ptl_unawaited *u = hazards->unawaited; u && tile; u = u->next) {
      if (op->access[i] != PTL_ACCESS_NONE && ptl_ranges_overlap(&tile->range, &u->range)) {
        ptl_walk_fault(walk, PTL_CODE_WRONG_PIPE, op, u->op,
                       "the %s may be used too early here: ptoas up to %s "
                       "waits for the scalar pipe, and the pto.tci in line %d, which has a scratch "
                       "tile, runs on the vector pipe (%s); put a "
                       "pto.barrier of PIPE_ALL behind it",
                       ptl_walk_tile_text(walk, tile), fault->last,
                       (int)ptl_op_loc(walk->arena, u->op).line, fault->reports);
        return;
      }
    }
  }
}

void ptl_hazards_walk_op(ptl_walk *walk, const ptl_op *op) {
  ptl_hazards *hazards = &walk->state.hazards;
  walk_area(walk, hazards, op);
  if (waits_for_vector_pipe(walk, op)) {
    hazards->unawaited = NULL;
  } else if (!is_on_vector_pipe(walk, op)) {
    check_pipe(walk, hazards, op);
  } else if (op->id == PTL_PTO_TCI) {
    note_tci(walk, hazards, op);
  }
}
