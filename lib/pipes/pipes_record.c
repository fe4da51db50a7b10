/* What a walk tells of the pipes of one function, kept as a tree. */
#include <mlir-c/BuiltinAttributes.h>
#include <string.h>

#include "pipes/pipes_state.h"
#include "rules/op_types.h"
#include "walk/walk.h"

/* ---- what the ops are, without a walk ------------------------------------- */

enum { MAX_ENDS = 64 };

static int64_t attr_or(const ptl_op *op, const char *name, int64_t otherwise) {
  int64_t value;
  return ptl_rule_integer_attr(op, name, &value) ? value : otherwise;
}

static bool has_attr(const ptl_op *op, const char *name) {
  return !mlirAttributeIsNull(
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name)));
}

static int says_nosplit(const ptl_op *op) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString("nosplit"));
  return mlirAttributeIsNull(attribute) || !mlirAttributeIsABool(attribute)
             ? -1
             : mlirBoolAttrGetValue(attribute);
}

static ptl_pipe_use use_of(const ptl_op *op) {
  const ptl_op_row *row = ptl_row(op);
  if (row->act == PTL_PIPE_NONE || row->act == PTL_PIPE_ALLOC) {
    return (ptl_pipe_use){.act = PTL_PIPE_NONE, .direction = PTL_C2V};
  }
  return (ptl_pipe_use){row->act, row->direction, attr_or(op, "id", 0), attr_or(op, "split", 0)};
}

/* Operands of an initialize_pipe: gm_slot_buffer, gm_slot_tensor, and the buffers of both
 * directions, each at most once. */
static int operand_of_group(const ptl_op *op, int group) {
  int at = 0;
  for (int i = 0; i < group; i++) {
    at += ptl_rule_segment(op, i, 0);
  }
  return ptl_rule_segment(op, group, 0) == 1 && at < op->operand_count ? op->operands[at] : -1;
}

static const ptl_op *buffer_of(const ptl_pipe_record *record, const ptl_op *op, int group) {
  int value = operand_of_group(op, group);
  const ptl_op *maker = value >= 0 ? record->makers[value] : NULL;
  return maker && (maker->id == PTL_PTO_RESERVE_BUFFER ||
                   maker->id == PTL_PTO_IMPORT_RESERVED_BUFFER)
             ? maker
             : NULL;
}

static void add_end(ptl_pipe_record *record, const ptl_op *op) {
  if (record->end_count == MAX_ENDS) {
    return; /* PTL_CODE_PIPE_FLAGS is told of them */
  }
  size_t count = (size_t)record->end_count;
  record->ends =
      ptl_arena_grow(record->arena, record->ends, count, count + 1, sizeof(ptl_pipe_end));
  int64_t mask = attr_or(op, "dir_mask", 0);
  int64_t slots = attr_or(op, "slot_num", mask == 3 ? 4 : 8);
  record->ends[record->end_count++] =
      (ptl_pipe_end){.op = op,
                     .id = attr_or(op, "id", 0),
                     .dir_mask = mask,
                     .slot_size = attr_or(op, "slot_size", 0),
                     .slot_num = slots,
                     .local_slot_num = attr_or(op, "local_slot_num", slots),
                     .nosplit = says_nosplit(op),
                     .has_epilogue = has_attr(op, "acc_push_epilogue"),
                     .gm_root = -1,
                     .gm_offset = PTL_EXPR_NONE,
                     .buffer = {buffer_of(record, op, 2), buffer_of(record, op, 3)}};
}

static void note_op(ptl_pipe_record *record, const ptl_op *op) {
  for (int i = 0; i < op->result_count; i++) {
    record->makers[op->first_result + i] = op;
  }
  ptl_pipe_use use = use_of(op);
  ((ptl_pipe_use *)record->uses)[op->index] = use;
  if (use.act == PTL_PIPE_INIT) {
    record->is_vector = use.direction == PTL_V2C;
    add_end(record, op);
  }
}

/* A walk enters loops and branches only. */
static void note_block(ptl_pipe_record *record, const ptl_block *block, bool is_entered) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    bool enters = is_entered && (op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF);
    note_op(record, op);
    if (!is_entered && record->uses[op->index].act != PTL_PIPE_NONE && !record->unseen) {
      record->unseen = op;
    }
    note_block(record, op->blocks[0], enters);
    note_block(record, op->blocks[1], enters);
  }
}

static bool sets_up_a_pipe(const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (ptl_row(op)->act == PTL_PIPE_INIT || sets_up_a_pipe(op->blocks[0]) ||
        sets_up_a_pipe(op->blocks[1])) {
      return true;
    }
  }
  return false;
}

/* As pypto names the functions of both cores. */
static bool is_named_vector(const char *name) {
  size_t length = strlen(name);
  return length > 4 && strcmp(name + length - 4, "_aiv") == 0;
}

ptl_pipe_record *ptl_pipe_record_new(ptl_arena *arena, const ptl_kernel *kernel,
                                     const ptl_target *target, bool is_half) {
  bool has_pipes = sets_up_a_pipe(kernel->body);
  if (!has_pipes && !is_half) {
    return NULL;
  }
  ptl_pipe_record *record = ptl_arena_alloc(arena, sizeof(*record));
  record->arena = arena;
  record->kernel = kernel;
  record->target = target;
  record->has_pipes = has_pipes;
  record->is_vector = is_named_vector(kernel->name);
  record->makers = ptl_arena_array(arena, (size_t)kernel->value_count + 1, sizeof(ptl_op *));
  record->uses = ptl_arena_array(arena, (size_t)kernel->op_count + 1, sizeof(ptl_pipe_use));
  note_block(record, kernel->body, true);
  return record;
}

const ptl_op *ptl_pipe_record_first(const ptl_pipe_record *record) {
  return record->root.count > 0 ? record->root.items[0]->op : NULL;
}

bool ptl_pipe_record_has_pipes(const ptl_pipe_record *record) { return record->has_pipes; }

bool ptl_pipe_record_is_vector(const ptl_pipe_record *record) { return record->is_vector; }

ptl_pipe_end *ptl_pipe_end_of(const ptl_pipe_record *record, int64_t id) {
  for (int i = 0; i < record->end_count; i++) {
    if (record->ends[i].id == id) {
      return &record->ends[i];
    }
  }
  return NULL;
}

const char *ptl_pipe_argument_name(const ptl_pipe_record *record, int value) {
  int index = value - record->kernel->body->first_argument;
  return ptl_argument_name(record->arena, record->kernel->func, index);
}

/* ---- while it is walked ------------------------------------------------------ */

void ptl_pipe_record_begin(ptl_pipe_record *record, const ptl_exprs *exprs) {
  record->exprs = exprs;
  record->root = (ptl_pipe_nodes){0};
  record->open = &record->root;
  record->stack_count = record->loop_depth = 0;
  record->leaves = NULL;
  record->leaf_count = 0;
  record->leaf_of =
      ptl_arena_array(record->arena, (size_t)record->kernel->value_count + 1, sizeof(int));
}

static ptl_leaf_def *leaf_at(ptl_pipe_record *record, int leaf) {
  if (leaf >= record->leaf_count) {
    int count = leaf < 64 ? 128 : leaf * 2;
    record->leaves = ptl_arena_grow(record->arena, record->leaves, (size_t)record->leaf_count,
                                    (size_t)count, sizeof(ptl_leaf_def));
    record->leaf_count = count;
  }
  return &record->leaves[leaf];
}

int ptl_pipe_root(const ptl_pipe_record *record, int pointer) {
  const ptl_op *maker = record->makers[pointer];
  while (maker && maker->id == PTL_PTO_ADDPTR && maker->operand_count == 2) {
    pointer = maker->operands[0];
    maker = record->makers[pointer];
  }
  return pointer;
}

/* Elements from the root of a chain of addptr on. */
static ptl_expr offset_of(const ptl_pipe_record *record, ptl_walk *walk, int pointer) {
  ptl_expr offset = ptl_expr_const(ptl_walk_exprs(walk), 0);
  const ptl_op *maker = record->makers[pointer];
  while (maker && maker->id == PTL_PTO_ADDPTR && maker->operand_count == 2) {
    offset = ptl_expr_add(ptl_walk_exprs(walk), offset, ptl_integer_at(walk, maker->operands[1]));
    pointer = maker->operands[0];
    maker = record->makers[pointer];
  }
  return offset;
}

static void note_leaf(ptl_pipe_record *record, ptl_walk *walk, const ptl_event *event) {
  ptl_leaf_def *def = leaf_at(record, event->leaf);
  const ptl_op *op = record->makers[event->value];
  *def = (ptl_leaf_def){.op = op, .value = event->value, .root = -1};
  if (!op) {
    record->leaf_of[event->value] = event->leaf;
    return;
  }
  def->operands = ptl_arena_array(record->arena, (size_t)op->operand_count, sizeof(ptl_expr));
  for (int i = 0; i < op->operand_count; i++) {
    bool is_pointer = ptl_value_at(walk, op->operands[i])->is_pointer;
    def->operands[i] = is_pointer ? offset_of(record, walk, op->operands[i])
                                  : ptl_integer_at(walk, op->operands[i]);
  }
  if (op->id == PTL_PTO_LOAD_SCALAR && op->operand_count == 2) {
    def->root = ptl_pipe_root(record, op->operands[0]);
  }
}

static ptl_pipe_node *add_node(ptl_pipe_record *record, ptl_pipe_node_kind kind, const ptl_op *op) {
  ptl_pipe_nodes *list = record->open;
  list->items = ptl_arena_more(record->arena, list->items, list->count, &list->capacity,
                               sizeof(ptl_pipe_node *));
  ptl_pipe_node *node = ptl_arena_alloc(record->arena, sizeof(*node));
  node->kind = kind;
  node->op = op;
  list->items[list->count++] = node;
  return node;
}

static void open_node(ptl_pipe_record *record, ptl_pipe_node *node, int body) {
  record->stack = ptl_arena_more(record->arena, record->stack, record->stack_count,
                                 &record->stack_capacity, sizeof(ptl_pipe_node *));
  record->stack[record->stack_count++] = node;
  record->open = &node->bodies[body];
}

static ptl_pipe_node *last_of(const ptl_pipe_nodes *list) {
  return list->count > 0 ? list->items[list->count - 1] : NULL;
}

static ptl_pipe_node *loop_node(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  ptl_pipe_node *node = add_node(record, PTL_NODE_FOR, op);
  node->lower = ptl_integer_at(walk, op->operands[0]);
  node->upper = ptl_integer_at(walk, op->operands[1]);
  node->step = ptl_integer_at(walk, op->operands[2]);
  node->depth = record->loop_depth;
  return node;
}

static void begin_first(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  ptl_pipe_node *node = loop_node(record, walk, op);
  node->has_first = true;
  record->loop_depth++;
  open_node(record, node, 0);
}

/* The loop's variable is a leaf of its own, or lower + step * (1 + a leaf) (loops.c). */
static void begin_any(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  ptl_pipe_node *node = last_of(record->open);
  if (!node || node->op != op || !node->has_first || node->is_complete) {
    node = loop_node(record, walk, op);
  }
  int variable = op->blocks[0]->first_argument;
  int leaf = record->leaf_of[variable];
  ptl_expr itself = ptl_expr_leaf(ptl_walk_exprs(walk), leaf, true);
  leaf_at(record, leaf)->loop = node;
  leaf_at(record, leaf)->is_variable = ptl_integer_at(walk, variable) == itself;
  record->loop_depth++;
  open_node(record, node, 1);
}

static void begin_branches(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  ptl_pipe_node *node = add_node(record, PTL_NODE_IF, op);
  node->condition = ptl_integer_at(walk, op->operands[0]);
  open_node(record, node, 0);
}

/* The list that a node, the last of it, is in. */
static ptl_pipe_nodes *list_of(ptl_pipe_record *record, const ptl_pipe_node *node) {
  if (record->stack_count == 0) {
    return &record->root;
  }
  ptl_pipe_node *outer = record->stack[record->stack_count - 1];
  return &outer->bodies[last_of(&outer->bodies[1]) == node];
}

/* What holds no op of a pipe is dropped; of a loop only when it has come to its end. */
static void end_node(ptl_pipe_record *record) {
  ptl_pipe_node *node = record->stack[--record->stack_count];
  bool is_first = node->kind == PTL_NODE_FOR && record->open == &node->bodies[0];
  record->loop_depth -= node->kind == PTL_NODE_FOR;
  record->open = list_of(record, node);
  node->is_complete = !is_first;
  if (!is_first && node->bodies[0].count == 0 && node->bodies[1].count == 0) {
    record->open->count--;
  }
}

static int64_t pointed_bytes(ptl_arena *arena, const ptl_value *pointer) {
  return ptl_elem_bytes(ptl_ptr_type_parse(ptl_type_text(arena, mlirValueGetType(pointer->value))));
}

static void note_gm(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  int pointer = operand_of_group(op, 0);
  if (pointer < 0 || !ptl_value_at(walk, pointer)->is_pointer) {
    return;
  }
  for (int i = 0; i < record->end_count; i++) {
    ptl_pipe_end *end = &record->ends[i];
    if (end->op == op) {
      ptl_expr bytes = ptl_expr_const(ptl_walk_exprs(walk),
                                      pointed_bytes(record->arena, ptl_value_at(walk, pointer)));
      end->gm_root = ptl_pipe_root(record, pointer);
      end->gm_offset = ptl_expr_mul(ptl_walk_exprs(walk), offset_of(record, walk, pointer), bytes);
    }
  }
}

/* What the type says, else what the tile has now: windows of a tile have their own types. */
static ptl_expr extent(ptl_walk *walk, int64_t of_type, ptl_expr now) {
  return of_type >= 0 ? ptl_expr_const(ptl_walk_exprs(walk), of_type) : now;
}

/* In a loop that is run the same thing comes again and again. */
static void keep_use(ptl_pipe_record *record, const ptl_pipe_node *node) {
  ptl_pipe_node *last = last_of(record->open);
  if (last && last->kind == PTL_NODE_OP && last->op == node->op && last->rows == node->rows &&
      last->cols == node->cols) {
    last->times++;
  } else {
    *add_node(record, PTL_NODE_OP, node->op) = *node;
  }
}

static void note_use(ptl_pipe_record *record, ptl_walk *walk, const ptl_op *op) {
  ptl_pipe_use use = record->uses[op->index];
  if (use.act == PTL_PIPE_NONE) {
    return;
  }
  if (use.act == PTL_PIPE_INIT) {
    note_gm(record, walk, op);
    return;
  }
  if (use.act == PTL_PIPE_FREE && record->target->family->pops_give_back) {
    return;
  }
  ptl_pipe_node node_now = {.kind = PTL_NODE_OP, .op = op, .use = use, .times = 1};
  ptl_pipe_node *node = &node_now;
  node->rows = node->cols = PTL_EXPR_NONE;
  if (use.act == PTL_PIPE_PUSH && op->operand_count > 0) {
    const ptl_value *value = ptl_value_at(walk, op->operands[0]);
    const ptl_tile *tile = ptl_tile_at(walk, op->operands[0]);
    node->tile = value->is_tile ? &value->tile : NULL;
    node->rows = extent(walk, value->tile.valid_rows, tile ? tile->valid_rows : PTL_EXPR_NONE);
    node->cols = extent(walk, value->tile.valid_cols, tile ? tile->valid_cols : PTL_EXPR_NONE);
  } else if (use.act == PTL_PIPE_POP && op->result_count == 1 &&
             ptl_value_at(walk, op->first_result)->is_tile) {
    node->tile = &ptl_value_at(walk, op->first_result)->tile;
    ptl_pop_valid(walk, op, &node->rows, &node->cols);
  }
  keep_use(record, node);
}

void ptl_pipe_record_event(ptl_pipe_record *record, ptl_walk *walk, const ptl_event *event) {
  if (event->is_further) {
    return;
  }
  if ((event->kind == PTL_EVENT_ELSE || event->kind == PTL_EVENT_END) && record->stack_count == 0) {
    return; /* a walk that was cut short begins to be heard anywhere */
  }
  switch (event->kind) {
  case PTL_EVENT_LEAF:
    note_leaf(record, walk, event);
    break;
  case PTL_EVENT_OP:
    note_use(record, walk, event->op);
    break;
  case PTL_EVENT_FIRST:
    begin_first(record, walk, event->op);
    break;
  case PTL_EVENT_FOR:
    begin_any(record, walk, event->op);
    break;
  case PTL_EVENT_IF:
    begin_branches(record, walk, event->op);
    break;
  case PTL_EVENT_ELSE:
    record->open = &record->stack[record->stack_count - 1]->bodies[1];
    break;
  case PTL_EVENT_END:
    end_node(record);
    break;
  default:
    break;
  }
}
