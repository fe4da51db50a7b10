/* Which rules each op has to keep, and the pass over a kernel that asks them. */
#include "rules/rules.h"

#include <string.h>

#include "rules/rules_state.h"

enum { MAX_RULES = 8 };

typedef struct op_rules {
  const char *name;                 /* without `pto.` */
  ptl_rule_check checks[MAX_RULES]; /* in this order; the first that fails is told */
} op_rules;

#define FRONTEND_DATA                                                                              \
  { ptl_rule_core, ptl_rule_frontend_data, ptl_rule_frontend_entry }
#define FRONTEND_POP                                                                               \
  {                                                                                                \
    ptl_rule_core, ptl_rule_frontend_data, ptl_rule_frontend_entry, ptl_rule_pop_valid,            \
        ptl_rule_pop_split                                                                         \
  }
#define FRONTEND_INIT                                                                              \
  { ptl_rule_core, ptl_rule_frontend_init, ptl_rule_frontend_epilogue, ptl_rule_frontend_buffers }

static const op_rules table[] = {
    {"aic_initialize_pipe", FRONTEND_INIT},
    {"aiv_initialize_pipe", FRONTEND_INIT},
    {"alloc_tile",
     {ptl_rule_tile_type, ptl_rule_valid_fits, ptl_rule_tile_rows, ptl_rule_tile_boxes,
      ptl_rule_tile_address, ptl_rule_tile_valid, ptl_rule_tile_level}},
    {"initialize_l2g2l_pipe", {ptl_rule_pipe_shape, ptl_rule_pipe_operands}},
    {"initialize_l2l_pipe", {ptl_rule_pipe_shape, ptl_rule_pipe_operands}},
    {"make_tensor_view", {ptl_rule_view}},
    {"partition_view", {ptl_rule_part_types, ptl_rule_part_bounds}},
    {"reserve_buffer", {ptl_rule_reserve}},
    {"set_validshape", {ptl_rule_set_validshape}},
    {"talloc", {ptl_rule_pipe_data, ptl_rule_pipe_entry}},
    {"talloc_to_aic", FRONTEND_DATA},
    {"talloc_to_aiv", FRONTEND_DATA},
    {"textract",
     {ptl_rule_valid_fits, ptl_rule_extract_kinds, ptl_rule_extract_bounds, ptl_rule_extract_elems,
      ptl_rule_extract_forms, ptl_rule_extract_spaces, ptl_rule_extract_from_mat,
      ptl_rule_extract_from_acc}},
    {"tfree", {ptl_rule_pipe_data, ptl_rule_pipe_entry}},
    {"tfree_from_aic", FRONTEND_DATA},
    {"tfree_from_aiv", FRONTEND_DATA},
    {"tload", {ptl_rule_load_kinds, ptl_rule_valid_fits, ptl_rule_load_elems, ptl_rule_load_space}},
    {"tmatmul",
     {ptl_rule_valid_fits, ptl_rule_product_spaces, ptl_rule_product_elems,
      ptl_rule_product_extents, ptl_rule_product_layouts}},
    {"tmatmul.acc",
     {ptl_rule_valid_fits, ptl_rule_product_spaces, ptl_rule_product_elems,
      ptl_rule_product_extents, ptl_rule_product_layouts}},
    {"tmatmul.bias",
     {ptl_rule_valid_fits, ptl_rule_product_spaces, ptl_rule_product_elems,
      ptl_rule_product_extents, ptl_rule_product_layouts, ptl_rule_product_bias}},
    {"tmatmul.mx", {ptl_rule_a5_only}},
    {"tmatmul.mx.acc", {ptl_rule_a5_only}},
    {"tmatmul.mx.bias", {ptl_rule_a5_only}},
    {"tmov",
     {ptl_rule_valid_fits, ptl_rule_move_spaces, ptl_rule_move_shapes, ptl_rule_move_forms,
      ptl_rule_move_layouts}},
    {"tpop", {ptl_rule_pipe_data, ptl_rule_pipe_entry}},
    {"tpop_from_aic", FRONTEND_POP},
    {"tpop_from_aiv", FRONTEND_POP},
    {"tpush", {ptl_rule_pipe_data, ptl_rule_pipe_entry}},
    {"tpush_to_aic", FRONTEND_DATA},
    {"tpush_to_aiv", FRONTEND_DATA},
    {"tstore",
     {ptl_rule_store_kinds, ptl_rule_valid_fits, ptl_rule_store_count, ptl_rule_store_space,
      ptl_rule_store_elems, ptl_rule_store_acc}},
};

static const op_rules *rules_of(const ptl_op *op) {
  MlirStringRef text = mlirIdentifierStr(mlirOperationGetName(op->op));
  if (text.length < 5 || memcmp(text.data, "pto.", 4) != 0) {
    return NULL;
  }
  ptl_str name = {text.data + 4, text.length - 4};
  size_t low = 0, high = sizeof(table) / sizeof(table[0]);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strncmp(name.data, table[middle].name, name.length);
    if (order == 0 && ptl_str_is(name, table[middle].name)) {
      return &table[middle];
    }
    if (order > 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return NULL;
}

/* ---- what is known before the first rule --------------------------------------- */

static void note_pipe(ptl_rules *r, const ptl_op *op) {
  if (!ptl_rule_op_is(op, "pto.reserve_buffer") && !ptl_rule_op_is(op, "pto.aic_initialize_pipe") &&
      !ptl_rule_op_is(op, "pto.aiv_initialize_pipe")) {
    return;
  }
  r->pipes = ptl_arena_more(r->arena, r->pipes, r->pipe_count, &r->pipe_capacity, sizeof(ptl_op *));
  r->pipes[r->pipe_count++] = op;
}

static void note_alloc(ptl_rules *r, const ptl_op *op) {
  const ptl_op **first = op->address >= 0 ? &r->with_address : &r->without_address;
  *first = *first ? *first : op;
}

static void collect(ptl_rules *r, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    for (int j = 0; j < op->result_count; j++) {
      r->makers[op->first_result + j] = op;
    }
    if (op->kind == PTL_OP_OTHER) {
      note_pipe(r, op);
    } else if (op->kind == PTL_OP_ALLOC) {
      note_alloc(r, op);
    }
    collect(r, op->blocks[0]);
    collect(r, op->blocks[1]);
  }
}

/* ---- the pass -------------------------------------------------------------------- */

typedef struct pass {
  ptl_rules rules;
  ptl_rule_listener listener;
  void *user;
} pass;

static void check_op(pass *p, const ptl_op *op) {
  const op_rules *rules = rules_of(op);
  const char *wrong = NULL;
  p->rules.other = NULL;
  for (int i = 0; rules && !wrong && i < MAX_RULES && rules->checks[i]; i++) {
    wrong = rules->checks[i](&p->rules, op);
  }
  if (wrong) {
    p->listener(p->user, op, p->rules.other, wrong);
  }
}

static void check_block(pass *p, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    const char *core = p->rules.core;
    check_op(p, op);
    if (op->blocks[0] && ptl_rule_op_is(op, "pto.section.cube")) {
      p->rules.core = "cube";
    } else if (op->blocks[0] && ptl_rule_op_is(op, "pto.section.vector")) {
      p->rules.core = "vector";
    }
    check_block(p, op->blocks[0]);
    check_block(p, op->blocks[1]);
    p->rules.core = core;
  }
}

static const char *core_of_function(ptl_rules *r) {
  ptl_op func = {.op = r->kernel->func};
  ptl_str kind = ptl_rule_attr_text(r, &func, "pto.kernel_kind");
  return strstr(kind.data, "cube") ? "cube" : strstr(kind.data, "vector") ? "vector" : NULL;
}

void ptl_rules_check(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted, ptl_rule_listener listener, void *user) {
  size_t values = (size_t)kernel->value_count;
  pass p = {.rules = {.arena = arena,
                      .kernel = kernel,
                      .target = target,
                      .noted = noted,
                      .family = target->family,
                      .types = ptl_arena_array(arena, values, sizeof(ptl_rule_type *)),
                      .makers = ptl_arena_array(arena, values, sizeof(ptl_op *))},
            .listener = listener,
            .user = user};
  p.rules.core = core_of_function(&p.rules);
  collect(&p.rules, kernel->body);
  check_block(&p, kernel->body);
  ptl_rules_check_frees(&p.rules, listener, user);
}
