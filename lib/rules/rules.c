/* Which rules each op has to keep, and the pass over a kernel that asks them. */
#include "rules/rules.h"

#include <string.h>

#include "rules/rules_state.h"

enum { MAX_RULES = 8 };

/* Sets of rules; of each the first that fails is told. */
static const ptl_rule_check alloc_rules[MAX_RULES] = {
    ptl_rule_tile_type,    ptl_rule_valid_fits, ptl_rule_tile_rows, ptl_rule_tile_boxes,
    ptl_rule_tile_address, ptl_rule_tile_valid, ptl_rule_tile_level};
static const ptl_rule_check validshape_rules[MAX_RULES] = {ptl_rule_set_validshape};
static const ptl_rule_check view_rules[MAX_RULES] = {ptl_rule_view};
static const ptl_rule_check part_rules[MAX_RULES] = {ptl_rule_part_types, ptl_rule_part_bounds};
static const ptl_rule_check load_rules[MAX_RULES] = {ptl_rule_load_kinds, ptl_rule_valid_fits,
                                                     ptl_rule_load_elems, ptl_rule_load_space};
static const ptl_rule_check store_rules[MAX_RULES] = {ptl_rule_store_kinds, ptl_rule_valid_fits,
                                                      ptl_rule_store_count, ptl_rule_store_space,
                                                      ptl_rule_store_elems, ptl_rule_store_acc};
static const ptl_rule_check extract_rules[MAX_RULES] = {
    ptl_rule_valid_fits,       ptl_rule_extract_kinds,   ptl_rule_extract_bounds,
    ptl_rule_extract_elems,    ptl_rule_extract_forms,   ptl_rule_extract_spaces,
    ptl_rule_extract_from_mat, ptl_rule_extract_from_acc};
static const ptl_rule_check move_rules[MAX_RULES] = {ptl_rule_valid_fits, ptl_rule_move_spaces,
                                                     ptl_rule_move_shapes, ptl_rule_move_forms,
                                                     ptl_rule_move_layouts};
static const ptl_rule_check product_rules[MAX_RULES] = {
    ptl_rule_valid_fits, ptl_rule_product_spaces, ptl_rule_product_elems, ptl_rule_product_extents,
    ptl_rule_product_layouts};
static const ptl_rule_check bias_product_rules[MAX_RULES] = {
    ptl_rule_valid_fits,      ptl_rule_product_spaces,  ptl_rule_product_elems,
    ptl_rule_product_extents, ptl_rule_product_layouts, ptl_rule_product_bias};
static const ptl_rule_check a5_only_rules[MAX_RULES] = {ptl_rule_a5_only};
static const ptl_rule_check reserve_rules[MAX_RULES] = {ptl_rule_reserve};
static const ptl_rule_check frontend_init_rules[MAX_RULES] = {
    ptl_rule_core, ptl_rule_frontend_init, ptl_rule_frontend_epilogue, ptl_rule_frontend_buffers};
static const ptl_rule_check frontend_data_rules[MAX_RULES] = {ptl_rule_core, ptl_rule_frontend_data,
                                                              ptl_rule_frontend_entry};
static const ptl_rule_check frontend_pop_rules[MAX_RULES] = {
    ptl_rule_core, ptl_rule_frontend_data, ptl_rule_frontend_entry, ptl_rule_pop_valid,
    ptl_rule_pop_split};
static const ptl_rule_check pipe_rules[MAX_RULES] = {ptl_rule_pipe_shape, ptl_rule_pipe_operands};
static const ptl_rule_check pipe_data_rules[MAX_RULES] = {ptl_rule_pipe_data, ptl_rule_pipe_entry};

static const ptl_rule_check no_rules[MAX_RULES];

#define SET(name, functions) [PTL_RULES_##name] = functions##_rules,
static const ptl_rule_check *const sets[] = {[PTL_RULES_NONE] = no_rules, PTL_FOR_EACH_RULES(SET)};
#undef SET

/* ---- what is known before the first rule --------------------------------------- */

static void note_pipe(ptl_rules *r, const ptl_op *op) {
  if (op->id != PTL_PTO_RESERVE_BUFFER && ptl_row(op)->act != PTL_PIPE_INIT) {
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
  const ptl_rule_check *rules = sets[ptl_row(op)->rules];
  const char *wrong = NULL;
  p->rules.other = NULL;
  for (int i = 0; !wrong && i < MAX_RULES && rules[i]; i++) {
    wrong = rules[i](&p->rules, op);
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
    if (op->blocks[0] && op->id == PTL_PTO_SECTION_CUBE) {
      p->rules.core = "cube";
    } else if (op->blocks[0] && op->id == PTL_PTO_SECTION_VECTOR) {
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
