/* Integers of both functions as expressions of one world: what is the same value on both cores is
 * the same symbol. */
#include <stdio.h>
#include <string.h>

#include "pipes/pipes_state.h"

enum { MAX_SYMBOLS = 50000, MAX_NESTING = 500 };

void ptl_world_init(ptl_world *world, ptl_arena *arena) {
  memset(world, 0, sizeof(*world));
  world->arena = arena;
  ptl_exprs_init(&world->exprs, arena);
}

/* ---- symbols ---------------------------------------------------------------- */

static uint32_t hash_of(const ptl_symbol *symbol) {
  uint64_t hash = ptl_hash((uint64_t)symbol->kind, (uint64_t)symbol->key);
  hash = symbol->name ? ptl_hash(hash, ptl_hash_text(ptl_str_of(symbol->name))) : hash;
  for (int i = 0; i < symbol->operand_count; i++) {
    hash = ptl_hash(hash, (uint64_t)symbol->operands[i]);
  }
  return (uint32_t)hash;
}

static bool is_same(const ptl_symbol *a, const ptl_symbol *b) {
  if (a->kind != b->kind || a->key != b->key || a->operand_count != b->operand_count ||
      (a->name && b->name ? strcmp(a->name, b->name) != 0 : a->name != b->name)) {
    return false;
  }
  return memcmp(a->operands, b->operands, sizeof(ptl_expr) * (size_t)a->operand_count) == 0;
}

static ptl_expr expr_of_symbol(ptl_world *world, const ptl_symbol *symbol) {
  uint32_t hash = hash_of(symbol), at = hash;
  int found;
  do {
    found = ptl_map_next(&world->symbol_map, hash, &at);
  } while (found >= 0 && !is_same(&world->symbols[found], symbol));
  if (found < 0 && world->symbol_count == MAX_SYMBOLS) {
    return PTL_EXPR_NONE;
  }
  if (found < 0) {
    found = world->symbol_count++;
    world->symbols = ptl_arena_more(world->arena, world->symbols, found, &world->symbol_capacity,
                                    sizeof(ptl_symbol));
    world->symbols[found] = *symbol;
    ptl_map_reserve(&world->symbol_map, world->arena, 256);
    ptl_map_add(&world->symbol_map, hash, found);
  }
  return ptl_expr_leaf(&world->exprs, found, world->symbols[found].nonnegative);
}

/* ---- what a leaf of the walk is ------------------------------------------------ */

static ptl_str name_of(const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  return (ptl_str){name.data, name.length};
}

static bool is_argument(const ptl_pipe_record *record, int value) {
  const ptl_block *body = record->kernel->body;
  return value >= body->first_argument && value < body->first_argument + body->argument_count;
}

int ptl_pipe_argument_key(const ptl_pipe_record *record, int value) {
  return record->arg_keys && is_argument(record, value)
             ? record->arg_keys[value - record->kernel->body->first_argument]
             : -1;
}

/* pypto's argument, and the op. */
static bool is_lane(const ptl_core *core, const ptl_leaf_def *def) {
  const ptl_pipe_record *record = core->record;
  if (def->op) {
    return def->op->id == PTL_PTO_GET_SUBBLOCK_IDX;
  }
  return is_argument(record, def->value) &&
         record->arg_keys[def->value - record->kernel->body->first_argument] == PTL_PIPE_LANE_KEY;
}

static ptl_expr private_symbol(ptl_core *core, int leaf, ptl_symbol symbol) {
  symbol.kind = PTL_SYMBOL_OTHER;
  symbol.key = (int64_t)leaf * 4 + core->record->is_vector * 2 + core->lane;
  symbol.operand_count = 0;
  return expr_of_symbol(core->world, &symbol);
}

/* Ops on integers, whatever the core. */
static bool is_arithmetic(const ptl_pipe_record *record, const ptl_op *op) {
  if (!ptl_op_is_arith(op->id) || op->operand_count > PTL_SYMBOL_OPERANDS) {
    return false;
  }
  for (int i = 0; i < op->operand_count; i++) {
    if (!record->kernel->values[op->operands[i]].is_integer) {
      return false;
    }
  }
  return true;
}

static ptl_expr op_symbol(ptl_core *core, int leaf, const ptl_leaf_def *def, ptl_symbol symbol) {
  const ptl_op *op = def->op;
  bool is_block = ptl_row(op)->run == PTL_RUN_BLOCK_VALUE && op->id != PTL_PTO_GET_SUBBLOCK_IDX;
  bool is_load = def->root >= 0 && is_argument(core->record, def->root);
  if (!is_block && !is_load && !is_arithmetic(core->record, op)) {
    return private_symbol(core, leaf, symbol);
  }
  symbol.kind = is_load ? PTL_SYMBOL_LOAD : PTL_SYMBOL_OP;
  if (is_load) {
    symbol.key = core->record->arg_keys[def->root - core->record->kernel->body->first_argument];
  } else if (op->kind == PTL_OP_CMP) {
    symbol.key = op->imm;
  }
  symbol.operand_count = is_block ? 0 : op->operand_count;
  for (int i = 0; i < symbol.operand_count; i++) {
    symbol.operands[i] = ptl_core_expr(core, def->operands[i]);
    if (symbol.operands[i] < 0) {
      return private_symbol(core, leaf, symbol);
    }
  }
  return expr_of_symbol(core->world, &symbol);
}

/* A leaf that a loop has: its variable, which is `lower` and a step for each iteration; or the
 * number of the iteration less one. */
static ptl_expr loop_leaf(ptl_core *core, const ptl_leaf_def *def) {
  ptl_exprs *exprs = &core->world->exprs;
  ptl_symbol symbol = {.kind = PTL_SYMBOL_LOOP, .key = def->loop->depth, .nonnegative = true};
  symbol.value = -1;
  ptl_expr iteration = expr_of_symbol(core->world, &symbol);
  if (!def->is_variable) {
    return ptl_expr_add_const(exprs, iteration, -1);
  }
  return ptl_expr_add(exprs, ptl_core_expr(core, def->loop->lower),
                      ptl_expr_mul(exprs, iteration, ptl_core_expr(core, def->loop->step)));
}

static ptl_expr leaf_expr(ptl_core *core, const ptl_atom *atom) {
  const ptl_pipe_record *record = core->record;
  static const ptl_leaf_def unknown = {.value = -1, .root = -1};
  const ptl_leaf_def *def =
      atom->leaf < record->leaf_count ? &record->leaves[atom->leaf] : &unknown;
  ptl_symbol symbol = {
      .nonnegative = atom->nonnegative, .op = def->op, .record = record, .value = def->value};
  symbol.is_bool = def->value >= 0 && record->kernel->values[def->value].bits == 1;
  if (def->loop) {
    return loop_leaf(core, def);
  }
  if (is_lane(core, def)) {
    return ptl_expr_const(&core->world->exprs, core->lane);
  }
  if (def->op) {
    ptl_str name = name_of(def->op);
    symbol.name = ptl_arena_copy(core->world->arena, name.data, name.length);
    return op_symbol(core, atom->leaf, def, symbol);
  }
  if (!is_argument(record, def->value)) {
    return private_symbol(core, atom->leaf, symbol);
  }
  symbol.kind = PTL_SYMBOL_ARG;
  symbol.key = record->arg_keys[def->value - record->kernel->body->first_argument];
  return expr_of_symbol(core->world, &symbol);
}

/* ---- expressions ------------------------------------------------------------------- */

/* The value of an atom on two operands. A condition's atom is 1, its expression -1. */
static ptl_expr operation(ptl_exprs *exprs, ptl_expr_op op, ptl_expr a, ptl_expr b) {
  ptl_expr zero = ptl_expr_const(exprs, 0);
  switch (op) {
  case PTL_EXPR_MUL:
    return ptl_expr_mul(exprs, a, b);
  case PTL_EXPR_DIV:
    return ptl_expr_div(exprs, a, b);
  case PTL_EXPR_REM:
    return ptl_expr_rem(exprs, a, b);
  case PTL_EXPR_MAX:
    return ptl_expr_max(exprs, a, b);
  case PTL_EXPR_MIN:
    return ptl_expr_min(exprs, a, b);
  case PTL_EXPR_IS_ZERO:
    return ptl_expr_sub(exprs, zero, ptl_expr_is_zero(exprs, a));
  case PTL_EXPR_IS_NEGATIVE:
    return ptl_expr_sub(exprs, zero, ptl_expr_is_negative(exprs, a));
  default:
    return ptl_expr_sub(exprs, zero, ptl_expr_and(exprs, a, b));
  }
}

ptl_expr ptl_world_atom(ptl_world *world, ptl_atom atom) {
  return atom.op == PTL_EXPR_LEAF ? ptl_expr_leaf(&world->exprs, atom.leaf, atom.nonnegative)
                                  : operation(&world->exprs, atom.op, atom.a, atom.b);
}

static ptl_expr atom_expr(ptl_core *core, const ptl_atom *atom) {
  if (atom->op == PTL_EXPR_LEAF) {
    return leaf_expr(core, atom);
  }
  ptl_expr a = ptl_core_expr(core, atom->a), b = ptl_core_expr(core, atom->b);
  return operation(&core->world->exprs, atom->op, a, b);
}

static ptl_expr make_expr(ptl_core *core, ptl_expr expr) {
  ptl_exprs *exprs = &core->world->exprs;
  const ptl_expr_node *node = &core->record->exprs->nodes[expr];
  ptl_expr sum = ptl_expr_const(exprs, node->constant);
  for (int i = 0; i < node->term_count; i++) {
    ptl_expr atom = atom_expr(core, &core->record->exprs->atoms[node->terms[i].atom]);
    ptl_expr factor = ptl_expr_const(exprs, node->terms[i].coefficient);
    sum = ptl_expr_add(exprs, sum, ptl_expr_mul(exprs, atom, factor));
  }
  return sum;
}

/* In `memo`: 0 not made yet, 1 not known, else the expression plus two. */
ptl_expr ptl_core_expr(ptl_core *core, ptl_expr expr) {
  if (expr < 0 || core->nesting > MAX_NESTING) {
    return PTL_EXPR_NONE;
  }
  if (expr >= core->memo_count) {
    int count = core->record->exprs->node_count;
    core->memo = ptl_arena_grow(core->world->arena, core->memo, (size_t)core->memo_count,
                                (size_t)count, sizeof(ptl_expr));
    core->memo_count = count;
  }
  if (core->memo[expr] == 0) {
    core->nesting++;
    ptl_expr made = make_expr(core, expr);
    core->nesting--;
    core->memo[expr] = made < 0 ? 1 : made + 2;
  }
  return core->memo[expr] == 1 ? PTL_EXPR_NONE : core->memo[expr] - 2;
}

/* ---- passes over expressions ------------------------------------------------------------ */

ptl_expr *ptl_world_mark(ptl_world *world, ptl_expr expr, bool *is_new) {
  ptl_world_marks *marks = &world->marks;
  if (expr >= marks->count) {
    int count = world->exprs.node_count * 2;
    marks->passes = ptl_arena_grow(world->arena, marks->passes, (size_t)marks->count, (size_t)count,
                                   sizeof(int));
    marks->values = ptl_arena_grow(world->arena, marks->values, (size_t)marks->count, (size_t)count,
                                   sizeof(ptl_expr));
    marks->count = count;
  }
  *is_new = marks->passes[expr] != marks->pass;
  marks->passes[expr] = marks->pass;
  return &marks->values[expr];
}

/* ---- the first iteration --------------------------------------------------------------- */

typedef struct substitution {
  ptl_world *world;
  int64_t depth;
  int nesting;
} substitution;

static ptl_expr substitute(substitution *s, ptl_expr expr);

static ptl_expr substitute_symbol(substitution *s, int number) {
  ptl_symbol symbol = s->world->symbols[number];
  if (symbol.kind == PTL_SYMBOL_LOOP && symbol.key == s->depth) {
    return ptl_expr_const(&s->world->exprs, 0);
  }
  for (int i = 0; i < symbol.operand_count; i++) {
    symbol.operands[i] = substitute(s, symbol.operands[i]);
    if (symbol.operands[i] < 0) {
      return PTL_EXPR_NONE;
    }
  }
  return expr_of_symbol(s->world, &symbol);
}

static ptl_expr substitute(substitution *s, ptl_expr expr) {
  ptl_exprs *exprs = &s->world->exprs;
  if (expr < 0 || s->nesting > MAX_NESTING) {
    return PTL_EXPR_NONE;
  }
  bool is_new;
  ptl_expr *known = ptl_world_mark(s->world, expr, &is_new);
  if (!is_new) {
    return *known;
  }
  *known = PTL_EXPR_NONE;
  s->nesting++;
  ptl_expr_node node = exprs->nodes[expr];
  ptl_expr sum = ptl_expr_const(exprs, node.constant);
  for (int i = 0; i < node.term_count; i++) {
    ptl_atom atom = exprs->atoms[node.terms[i].atom];
    ptl_expr value = atom.op == PTL_EXPR_LEAF
                         ? substitute_symbol(s, atom.leaf)
                         : operation(exprs, atom.op, substitute(s, atom.a), substitute(s, atom.b));
    ptl_expr factor = ptl_expr_const(exprs, node.terms[i].coefficient);
    sum = ptl_expr_add(exprs, sum, ptl_expr_mul(exprs, value, factor));
  }
  s->nesting--;
  *ptl_world_mark(s->world, expr, &is_new) = sum;
  return sum;
}

ptl_expr ptl_world_at_first(ptl_world *world, ptl_expr expr, int depth) {
  substitution s = {world, depth, 0};
  world->marks.pass++;
  return substitute(&s, expr);
}
