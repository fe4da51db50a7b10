/* What a function's body says of memory: which views it makes of its arguments, what it reads of
 * them and writes to them, where and how wide. Memory is followed by value: from a pointer into
 * views, parts and pointers made of it. */
#include "api/signature.h"
#include "ir/build.h"
#include "kernel/describe.h"

/* ---- values --------------------------------------------------------------- */

static ptolower_integer integer_of(const ptl_signature_body *b, int value) {
  const ptl_op *maker = b->makers[value];
  int argument = value - b->kernel->body->first_argument;
  if (maker) {
    return maker->kind == PTL_OP_CONST ? (ptolower_integer){PTOLOWER_CONSTANT, maker->imm}
                                       : (ptolower_integer){PTOLOWER_COMPUTED, 0};
  }
  return argument >= 0 && argument < b->kernel->body->argument_count
             ? (ptolower_integer){PTOLOWER_GIVEN, argument}
             : (ptolower_integer){PTOLOWER_COMPUTED, 0};
}

static const ptolower_integer *integers_of(const ptl_signature_body *b, const int *values,
                                           int count) {
  ptolower_integer *out = ptl_arena_array(b->arena, (size_t)count, sizeof(ptolower_integer));
  for (int i = 0; i < count; i++) {
    out[i] = integer_of(b, values[i]);
  }
  return out;
}

static const char *type_of(const ptl_signature_body *b, int value) {
  return ptl_type_text(b->arena, mlirValueGetType(b->kernel->values[value].value)).data;
}

/* ---- views and parts ------------------------------------------------------ */

static void add_view(ptl_signature_body *b, const ptl_op *op) {
  int value = op->first_result, rank = op->rank;
  const char *name = ptl_value_name(b->kernel, value);
  ptl_view_shape shape = {.rank = 0};
  (void)ptl_view_shape_parse(ptl_str_of(type_of(b, value)), &shape);
  b->views = ptl_arena_more(b->arena, b->views, (int)b->out->view_count, &b->view_capacity,
                            sizeof(ptolower_view));
  b->views[b->out->view_count++] =
      (ptolower_view){.name = *name ? name + 1 : name,
                      .place = ptl_signature_place(b->arena, op->op),
                      .argument = b->roots[op->operands[0]],
                      .begins_inside = b->is_inside[op->operands[0]],
                      .element = ptl_arena_copy(b->arena, shape.elem.length ? shape.elem.data : "",
                                                shape.elem.length),
                      .layout = ptl_attr_word(b->arena, op->op, "layout"),
                      .rank = rank,
                      .shape = integers_of(b, op->operands + 1, rank),
                      .strides = integers_of(b, op->operands + 1 + rank, rank)};
}

/* The extents of memory that an op names: those of its type, else the sizes that it was cut with.
 */
static int extents_of(const ptl_signature_body *b, int value, const ptolower_integer **out) {
  const ptl_op *maker = b->makers[value];
  ptl_view_shape shape;
  if (!ptl_view_shape_parse(ptl_str_of(type_of(b, value)), &shape)) {
    return 0;
  }
  bool has_sizes = maker && maker->kind == PTL_OP_PART && maker->rank == shape.rank;
  ptolower_integer *extents =
      ptl_arena_array(b->arena, (size_t)shape.rank, sizeof(ptolower_integer));
  for (int i = 0; i < shape.rank; i++) {
    if (shape.extents[i] >= 0) {
      extents[i] = (ptolower_integer){PTOLOWER_CONSTANT, shape.extents[i]};
    } else if (has_sizes) {
      extents[i] = integer_of(b, maker->operands[1 + shape.rank + i]);
    }
  }
  *out = extents;
  return shape.rank;
}

/* ---- reads and writes ----------------------------------------------------- */

static bool is_in_loop(const ptl_op *op) {
  for (const ptl_op *around = op->parent; around; around = around->parent) {
    if (around->kind != PTL_OP_IF && around->id != PTL_PTO_SECTION_CUBE &&
        around->id != PTL_PTO_SECTION_VECTOR) {
      return true;
    }
  }
  return false;
}

static void add_store(ptl_signature_body *b, const ptl_op *op, int value) {
  const char *adds = ptl_attr_word(b->arena, op->op, "atomicType");
  ptolower_store store = {.place = ptl_signature_place(b->arena, op->op),
                          .argument = b->roots[value],
                          .is_scalar = op->id == PTL_PTO_STORE_SCALAR,
                          .adds = *adds && !ptl_str_is(ptl_str_of(adds), "atomic_none"),
                          .in_loop = is_in_loop(op)};
  store.rank = store.is_scalar ? 0 : extents_of(b, value, &store.extents);
  b->stores = ptl_arena_more(b->arena, b->stores, (int)b->out->store_count, &b->store_capacity,
                             sizeof(ptolower_store));
  b->stores[b->out->store_count++] = store;
  if (store.argument >= 0 && store.adds) {
    b->arguments[store.argument].is_read = 1;
  }
}

static void mark(ptl_signature_body *b, int value, bool is_read, bool is_written) {
  ptolower_argument *argument = b->roots[value] < 0 ? NULL : &b->arguments[b->roots[value]];
  if (argument) {
    argument->is_read = argument->is_read || is_read;
    argument->is_written = argument->is_written || is_written;
  }
}

/* Whether the row says which of its operands the op writes. */
static bool tells_what_it_writes(const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    if (op->access[i] == PTL_ACCESS_WRITE) {
      return true;
    }
  }
  return false;
}

/* A scalar is stored to memory that stands in no outs(...). */
static void read_scalar_store(ptl_signature_body *b, const ptl_op *op) {
  mark(b, op->operands[1], false, true);
  add_store(b, op, op->operands[1]);
}

/* Ops whose row tells. What moves data and writes memory is a store. */
static void read_accesses(ptl_signature_body *b, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    int value = op->operands[i];
    bool writes = op->access[i] == PTL_ACCESS_WRITE || op->access[i] == PTL_ACCESS_SCRATCH;
    mark(b, value, op->access[i] == PTL_ACCESS_READ, writes);
    if (op->access[i] == PTL_ACCESS_WRITE && ptl_row(op)->effect == PTL_EFFECT_MOVES &&
        (b->roots[value] >= 0 || b->kernel->values[value].is_view)) {
      add_store(b, op, value);
    }
  }
}

static void hand_on(ptl_signature_body *b, const ptl_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    mark(b, op->operands[i], true, true);
  }
}

/* Its results lead where its first operand leads; with other memory beside it, nowhere. */
static void derive(ptl_signature_body *b, const ptl_op *op) {
  int root = op->operand_count > 0 ? b->roots[op->operands[0]] : -1;
  bool is_inside = root >= 0 && (op->id == PTL_PTO_ADDPTR || b->is_inside[op->operands[0]]);
  for (int i = 1; i < op->operand_count; i++) {
    if (b->roots[op->operands[i]] >= 0) {
      hand_on(b, op);
      return;
    }
  }
  for (int i = 0; i < op->result_count; i++) {
    b->roots[op->first_result + i] = root;
    b->is_inside[op->first_result + i] = is_inside || op->kind == PTL_OP_PART;
  }
}

/* ---- loops and branches --------------------------------------------------- */

/* What a loop carries leads where its initial value leads, though perhaps further inside. */
static void enter_loop(ptl_signature_body *b, const ptl_op *op) {
  for (int i = 0; i < op->result_count && i + 3 < op->operand_count; i++) {
    int root = b->roots[op->operands[i + 3]];
    int carried[2] = {op->blocks[0]->first_argument + 1 + i, op->first_result + i};
    for (int j = 0; j < 2; j++) {
      b->roots[carried[j]] = root;
      b->is_inside[carried[j]] = root >= 0;
    }
  }
}

/* One value takes over another; where they lead to different memory, neither is followed. */
static void join(ptl_signature_body *b, int value, int with) {
  if (b->roots[value] != b->roots[with]) {
    mark(b, value, true, true);
    mark(b, with, true, true);
    b->roots[value] = -1;
  }
  b->is_inside[value] = b->is_inside[value] || b->is_inside[with];
}

static void leave_branch(ptl_signature_body *b, const ptl_op *branch, const ptl_op *yield,
                         bool is_first) {
  for (int i = 0; i < yield->operand_count && i < branch->result_count; i++) {
    int result = branch->first_result + i, value = yield->operands[i];
    if (is_first) {
      b->roots[result] = b->roots[value];
    }
    join(b, result, value);
  }
}

static void read_yield(ptl_signature_body *b, const ptl_op *op, const ptl_block *block) {
  const ptl_op *around = op->parent;
  if (around && around->kind == PTL_OP_IF) {
    leave_branch(b, around, op, block == around->blocks[0]);
  } else if (around && around->kind == PTL_OP_FOR) {
    for (int i = 0; i < op->operand_count && i < around->result_count; i++) {
      join(b, around->first_result + i, op->operands[i]);
    }
  } else {
    hand_on(b, op);
  }
}

/* ---- ops ------------------------------------------------------------------ */

static void read_alloc(ptl_signature_body *b, const ptl_op *op) {
  b->out->tile_count++;
  b->out->placed_tile_count += op->address >= 0;
}

static void read_effect(ptl_signature_body *b, const ptl_op *op) {
  const ptl_op_row *row = ptl_row(op);
  bool is_known = row->effect != PTL_EFFECT_UNKNOWN || tells_what_it_writes(op) ||
                  op->id == PTL_PTO_LOAD_SCALAR;
  if (row->act == PTL_PIPE_INIT) {
    ptl_signature_add_pipe(b, op);
  } else if (op->id == PTL_PTO_STORE_SCALAR) {
    read_scalar_store(b, op);
  } else if (!is_known || row->rules == PTL_RULES_PIPE) {
    hand_on(b, op);
  } else if (row->effect == PTL_EFFECT_PURE) {
    derive(b, op);
  } else {
    read_accesses(b, op);
  }
}

static void read_op(ptl_signature_body *b, const ptl_op *op, const ptl_block *block) {
  switch (op->kind) {
  case PTL_OP_ALLOC:
  case PTL_OP_ALLOC_MULTI:
    read_alloc(b, op);
    break;
  case PTL_OP_FOR:
    enter_loop(b, op);
    break;
  case PTL_OP_IF:
    break;
  case PTL_OP_YIELD:
    read_yield(b, op, block);
    break;
  case PTL_OP_VIEW:
    add_view(b, op);
    read_effect(b, op);
    break;
  default:
    read_effect(b, op);
    ptl_signature_use_pipe(b, op);
    break;
  }
}

/* Regions after the second, and blocks after the first, are not decoded. */
static bool is_decoded_whole(const ptl_op *op) {
  intptr_t regions = mlirOperationGetNumRegions(op->op);
  bool is_whole = regions <= 2;
  for (intptr_t i = 0; is_whole && i < regions; i++) {
    MlirBlock first = mlirRegionGetFirstBlock(mlirOperationGetRegion(op->op, i));
    is_whole = mlirBlockIsNull(first) || mlirBlockIsNull(mlirBlockGetNextInRegion(first));
  }
  return is_whole;
}

static void touch_all(ptl_signature_body *b) {
  for (int i = 0; i < b->kernel->body->argument_count; i++) {
    mark(b, b->kernel->body->first_argument + i, true, true);
  }
}

static void read_block(ptl_signature_body *b, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    for (int j = 0; j < op->result_count; j++) {
      b->makers[op->first_result + j] = op;
    }
    read_op(b, op, block);
    if (!is_decoded_whole(op)) {
      touch_all(b);
    }
    read_block(b, op->blocks[0]);
    read_block(b, op->blocks[1]);
  }
}

/* Pointers, and what else may stand for memory. */
static bool leads_to_memory(MlirValue value) {
  MlirType type = mlirValueGetType(value);
  return mlirTypeIsAOpaque(type) || mlirTypeIsAMemRef(type);
}

void ptl_signature_read_body(ptl_signature_body *body) {
  const ptl_kernel *kernel = body->kernel;
  size_t values = (size_t)kernel->value_count;
  body->makers = ptl_arena_array(body->arena, values, sizeof(ptl_op *));
  body->roots = ptl_arena_array(body->arena, values, sizeof(int));
  body->is_inside = ptl_arena_array(body->arena, values, sizeof(bool));
  for (size_t i = 0; i < values; i++) {
    int argument = (int)i - kernel->body->first_argument;
    bool is_argument = argument >= 0 && argument < kernel->body->argument_count;
    body->roots[i] = is_argument && leads_to_memory(kernel->values[i].value) ? argument : -1;
  }
  read_block(body, kernel->body);
  body->out->views = body->views;
  body->out->stores = body->stores;
  body->out->pipes = body->pipes;
}
