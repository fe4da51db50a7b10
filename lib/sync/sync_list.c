/* Lists a kernel as ptoas sees it: ops on tiles with their pipes and bytes, and the begins and
 * ends of loops and branches. */
#include <string.h>

#include "sync/sync_state.h"

/* ---- bytes ------------------------------------------------------------------- */

static bool address_of(const ptl_sync *sync, const ptl_op *op, int64_t *out) {
  *out = 0;
  return op->address < 0 || ptl_noted_constant(sync->values.noted, op->address, out);
}

static void note_alloc(ptl_sync *sync, const ptl_op *op) {
  const ptl_value *value = &sync->kernel->values[op->first_result];
  int64_t address;
  if ((!value->is_tile && value->slot_count == 0) || !address_of(sync, op, &address) ||
      !ptl_address_is_possible(address)) {
    return;
  }
  ptl_sync_bytes *bytes = ptl_arena_alloc(sync->arena, sizeof(*bytes));
  bytes->root = op->first_result;
  bytes->place = op->address >= 0 && value->slot_count == 0 ? op->address : op->first_result;
  bytes->space = value->tile.space;
  bytes->has_address = op->address >= 0;
  bytes->begin_count = value->slot_count > 0 ? value->slot_count : 1;
  bytes->bytes = value->tile.rows * value->tile.cols * ptl_elem_bytes(value->tile.elem);
  bytes->slot = -1;
  for (int i = 0; i < bytes->begin_count; i++) {
    bytes->begins[i] = address + ptl_slot_offset_bytes(sync->target, &value->tile, i);
  }
  sync->bytes_of[op->first_result] = bytes;
}

static void note_slot(ptl_sync *sync, const ptl_op *op) {
  const ptl_sync_bytes *all = sync->bytes_of[op->operands[0]];
  int64_t slot;
  if (!all) {
    return;
  }
  ptl_sync_bytes *bytes = ptl_arena_alloc(sync->arena, sizeof(*bytes));
  *bytes = *all;
  bytes->slot = op->operands[1];
  if (ptl_noted_constant(sync->values.noted, op->operands[1], &slot) && slot >= 0 &&
      slot < all->begin_count) {
    bytes->begins[0] = all->begins[slot];
    bytes->begin_count = 1;
  }
  sync->bytes_of[op->first_result] = bytes;
}

/* Whether an op gives a name to what its first operand points to. */
static bool points(const ptl_op *op) {
  return op->kind == PTL_OP_VIEW || op->kind == PTL_OP_PART || op->id == PTL_PTO_ADDPTR;
}

static void note_results(ptl_sync *sync, const ptl_op *op) {
  bool only_names = op->operand_count > 0 && (op->access[0] == PTL_ACCESS_NONE || points(op));
  if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
    note_alloc(sync, op);
  } else if (op->kind == PTL_OP_SLOT) {
    note_slot(sync, op);
  } else if (only_names && op->result_count == 1) {
    sync->bytes_of[op->first_result] = sync->bytes_of[op->operands[0]];
  }
}

/* ---- pipes -------------------------------------------------------------------- */

static ptl_space space_of(const ptl_sync *sync, const ptl_op *op, int operand) {
  const ptl_value *value = &sync->kernel->values[op->operands[operand]];
  return value->is_tile ? value->tile.space : PTL_SPACE_COUNT;
}

/* PTOAS:include/PTO/IR/PTOOps.td, `getPipe` of each op. */
static ptl_sync_pipe pipe_of(const ptl_sync *sync, const ptl_op *op) {
  switch (op->kind) {
  case PTL_OP_LOAD:
    return PTL_SYNC_PIPE_MTE2;
  case PTL_OP_STORE:
    return space_of(sync, op, 0) == PTL_SPACE_ACC ? PTL_SYNC_PIPE_FIX : PTL_SYNC_PIPE_MTE3;
  case PTL_OP_MATMUL:
  case PTL_OP_MATMUL_ACC:
    return PTL_SYNC_PIPE_M;
  case PTL_OP_PUSH:
    return PTL_SYNC_PIPE_FIX;
  case PTL_OP_EXTRACT:
  case PTL_OP_MOVE: {
    ptl_space from = space_of(sync, op, 0);
    return from == PTL_SPACE_ACC   ? PTL_SYNC_PIPE_FIX
           : from == PTL_SPACE_MAT ? PTL_SYNC_PIPE_MTE1
                                   : PTL_SYNC_PIPE_V;
  }
  default:
    break;
  }
  return ptl_row(op)->pipe == PTL_SYNC_PIPE_NONE ? PTL_SYNC_PIPE_V : ptl_row(op)->pipe;
}

/* ---- GM ------------------------------------------------------------------------ */

static void note_pointers(ptl_sync *sync) {
  const ptl_block *body = sync->kernel->body;
  for (int i = 0; i < body->argument_count; i++) {
    int value = body->first_argument + i;
    if (sync->kernel->values[value].is_pointer) {
      ptl_sync_bytes *bytes = ptl_arena_alloc(sync->arena, sizeof(*bytes));
      *bytes = (ptl_sync_bytes){.root = value,
                                .place = value,
                                .space = PTL_SPACE_COUNT,
                                .begin_count = 1,
                                .bytes = 1,
                                .slot = -1};
      sync->bytes_of[value] = bytes;
    }
  }
}

/* ---- the list ------------------------------------------------------------------ */

static int add_element(ptl_sync *sync, ptl_element element) {
  if (sync->count >= PTL_SYNC_MAX_ELEMENTS) {
    sync->is_given_up = true;
    return 0;
  }
  sync->elements = ptl_arena_more(sync->arena, sync->elements, sync->count, &sync->capacity,
                                  sizeof(ptl_element));
  sync->elements[sync->count] = element;
  return sync->count++;
}

static void list_op(ptl_sync *sync, const ptl_op *op, int around) {
  ptl_element element = {.kind = PTL_ELEMENT_OP, .op = op, .around = around};
  for (int i = 0; i < op->operand_count; i++) {
    const ptl_sync_bytes *bytes = sync->bytes_of[op->operands[i]];
    if (!bytes || op->access[i] == PTL_ACCESS_NONE) {
      continue;
    }
    if (!element.reads) {
      element.reads = ptl_arena_array(sync->arena, (size_t)op->operand_count, sizeof(bytes));
      element.writes = ptl_arena_array(sync->arena, (size_t)op->operand_count, sizeof(bytes));
    }
    if (op->access[i] != PTL_ACCESS_WRITE) {
      element.reads[element.read_count++] = bytes;
    }
    if (op->access[i] != PTL_ACCESS_READ) {
      element.writes[element.write_count++] = bytes;
    }
  }
  if (element.reads) {
    element.pipe = pipe_of(sync, op);
    (void)add_element(sync, element);
  }
}

static void list_block(ptl_sync *sync, const ptl_block *block, int around);

static const ptl_op *last_op(const ptl_block *block) {
  return block && block->op_count > 0 ? &block->ops[block->op_count - 1] : NULL;
}

static void list_loop(ptl_sync *sync, const ptl_op *op, int around) {
  const ptl_block *body = op->blocks[0];
  for (int i = 0; i + 3 < op->operand_count && i + 1 < body->argument_count; i++) {
    sync->bytes_of[body->first_argument + 1 + i] = sync->bytes_of[op->operands[i + 3]];
  }
  int begin =
      add_element(sync, (ptl_element){.kind = PTL_ELEMENT_LOOP_BEGIN, .op = op, .around = around});
  list_block(sync, body, begin);
  int end =
      add_element(sync, (ptl_element){.kind = PTL_ELEMENT_LOOP_END, .op = op, .around = around});
  if (!sync->is_given_up) {
    sync->elements[begin].begin = sync->elements[end].begin = begin;
    sync->elements[begin].end = sync->elements[end].end = end;
  }
  const ptl_op *yield = last_op(body);
  for (int i = 0; yield && i < op->result_count && i < yield->operand_count; i++) {
    sync->bytes_of[op->first_result + i] = sync->bytes_of[yield->operands[i]];
  }
}

static void list_branches(ptl_sync *sync, const ptl_op *op, int around) {
  int begin =
      add_element(sync, (ptl_element){.kind = PTL_ELEMENT_IF_BEGIN, .op = op, .around = around});
  list_block(sync, op->blocks[0], begin);
  int middle = -1;
  if (op->blocks[1]) {
    middle = add_element(sync, (ptl_element){.kind = PTL_ELEMENT_ELSE, .op = op, .around = around});
    list_block(sync, op->blocks[1], middle);
  }
  int end =
      add_element(sync, (ptl_element){.kind = PTL_ELEMENT_IF_END, .op = op, .around = around});
  middle = middle < 0 ? end : middle;
  if (!sync->is_given_up) {
    const int places[3] = {begin, middle, end};
    for (int i = 0; i < 3; i++) {
      sync->elements[places[i]].begin = begin;
      sync->elements[places[i]].middle = middle;
      sync->elements[places[i]].end = end;
    }
  }
  const ptl_op *last = last_op(op->blocks[0]);
  for (int i = 0; last && i < op->result_count && i < last->operand_count; i++) {
    sync->bytes_of[op->first_result + i] = sync->bytes_of[last->operands[i]];
  }
}

/* A kernel with flags of its own is not synchronised. */
static bool is_flag(const ptl_op *op) {
  return op->id == PTL_PTO_SET_FLAG || op->id == PTL_PTO_WAIT_FLAG ||
         op->id == PTL_PTO_RECORD_EVENT || op->id == PTL_PTO_WAIT_EVENT;
}

static void list_block(ptl_sync *sync, const ptl_block *block, int around) {
  for (int i = 0; block && i < block->op_count && !sync->is_given_up; i++) {
    const ptl_op *op = &block->ops[i];
    if (op->kind == PTL_OP_FOR) {
      list_loop(sync, op, around);
    } else if (op->kind == PTL_OP_IF) {
      list_branches(sync, op, around);
    } else if (op->blocks[0]) {
      list_block(sync, op->blocks[0], around);
    } else {
      sync->is_given_up = op->kind == PTL_OP_OTHER && is_flag(op);
      note_results(sync, op);
      if (!points(op)) {
        list_op(sync, op, around);
      }
    }
  }
}

void ptl_sync_list(ptl_sync *sync) {
  sync->bytes_of =
      ptl_arena_array(sync->arena, (size_t)sync->kernel->value_count, sizeof(ptl_sync_bytes *));
  if (sync->has_gm) {
    note_pointers(sync);
  }
  list_block(sync, sync->kernel->body, -1);
}
