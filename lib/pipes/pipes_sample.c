/* The cores with numbers for arguments and for what is loaded. */
#include <string.h>

#include "pipes/pipes_state.h"

enum { MAX_NESTING = 500 };

void ptl_sample_begin(ptl_sample *sample, ptl_world *world, ptl_arena *arena, uint64_t seed,
                      int64_t *work, int max_steps) {
  memset(sample, 0, sizeof(*sample));
  sample->world = world;
  sample->arena = arena;
  sample->seed = seed;
  sample->work = work;
  sample->max_steps = max_steps;
}

/* Every second round of seeds gives all values one size, the others each its own. */
static int64_t random_value(const ptl_sample *sample, uint64_t hash, bool is_bool) {
  static const int64_t limits[] = {2, 3, 4, 6, 9, 17, 33, 130, 700, 5000};
  const uint64_t count = sizeof(limits) / sizeof(limits[0]);
  bool is_own = sample->seed / count % 2 == 1;
  int64_t limit = limits[(is_own ? hash >> 7 : sample->seed) % count];
  return (int64_t)(ptl_hash(hash, sample->seed) % (uint64_t)(is_bool ? 2 : limit));
}

static int64_t value_of(ptl_sample *sample, ptl_expr expr, int nesting);

static int64_t divide(ptl_sample *sample, bool is_rest, int64_t a, int64_t b) {
  if (b == 0 || b == -1) {
    sample->is_broken = true;
    return 0;
  }
  return is_rest ? a % b : a / b;
}

static bool compare(int64_t predicate, int64_t a, int64_t b) {
  uint64_t x = (uint64_t)a, y = (uint64_t)b;
  const bool results[] = {a == b, a != b, a<b, a <= b, a> b, a >= b, x<y, x <= y, x> y, x >= y};
  return predicate >= 0 && predicate < 10 && results[predicate];
}

static int64_t op_value(ptl_sample *sample, const ptl_symbol *symbol, const int64_t *operands) {
  int64_t a = operands[0], b = operands[1];
  switch (symbol->op->kind) {
  case PTL_OP_CMP:
    return -(int64_t)compare(symbol->key, a, b);
  case PTL_OP_SELECT:
    return a ? b : operands[2];
  case PTL_OP_AND:
    return a & b;
  case PTL_OP_OR:
    return a | b;
  case PTL_OP_XOR:
    return a ^ b;
  default:
    sample->is_broken = sample->is_broken || symbol->operand_count > 0;
    return 0;
  }
}

/* More symbols are made as the cores go on. */
static void use_value(ptl_sample *sample, int number, int64_t value) {
  if (number >= sample->capacity) {
    int capacity = sample->world->symbol_count * 2;
    sample->used = ptl_arena_grow(sample->arena, sample->used, (size_t)sample->capacity,
                                  (size_t)capacity, sizeof(bool));
    sample->values = ptl_arena_grow(sample->arena, sample->values, (size_t)sample->capacity,
                                    (size_t)capacity, sizeof(int64_t));
    sample->capacity = capacity;
  }
  sample->used[number] = true;
  sample->values[number] = value;
}

static int64_t symbol_value(ptl_sample *sample, int number, int nesting) {
  const ptl_symbol *symbol = &sample->world->symbols[number];
  int64_t operands[PTL_SYMBOL_OPERANDS] = {0};
  uint64_t hash = ptl_hash((uint64_t)symbol->kind, (uint64_t)symbol->key);
  for (int i = 0; i < symbol->operand_count; i++) {
    operands[i] = value_of(sample, symbol->operands[i], nesting);
    hash = ptl_hash(hash, (uint64_t)operands[i]);
  }
  for (const char *at = symbol->name; symbol->kind == PTL_SYMBOL_OP && at && *at; at++) {
    hash = ptl_hash(hash, (unsigned char)*at);
  }
  if (symbol->kind == PTL_SYMBOL_LOOP) {
    return symbol->key < PTL_MAX_LOOPS ? sample->loops[symbol->key] : 0;
  }
  if (symbol->kind == PTL_SYMBOL_OP && symbol->operand_count > 0) {
    return op_value(sample, symbol, operands);
  }
  sample->is_broken = sample->is_broken || symbol->kind == PTL_SYMBOL_OTHER;
  int64_t value = random_value(sample, hash, symbol->is_bool);
  use_value(sample, number, value);
  return value;
}

static int64_t atom_value(ptl_sample *sample, const ptl_atom *atom, int nesting) {
  if (atom->op == PTL_EXPR_LEAF) {
    return symbol_value(sample, atom->leaf, nesting);
  }
  int64_t a = value_of(sample, atom->a, nesting);
  int64_t b = atom->b >= 0 ? value_of(sample, atom->b, nesting) : 0;
  int64_t product;
  switch (atom->op) {
  case PTL_EXPR_MUL:
    sample->is_broken = __builtin_mul_overflow(a, b, &product) || sample->is_broken;
    return product;
  case PTL_EXPR_DIV:
  case PTL_EXPR_REM:
    return divide(sample, atom->op == PTL_EXPR_REM, a, b);
  case PTL_EXPR_MAX:
    return a > b ? a : b;
  case PTL_EXPR_MIN:
    return a < b ? a : b;
  case PTL_EXPR_IS_ZERO:
    return a == 0;
  case PTL_EXPR_IS_NEGATIVE:
    return a < 0;
  default:
    return a != 0 && b != 0;
  }
}

static int64_t value_of(ptl_sample *sample, ptl_expr expr, int nesting) {
  if (expr < 0 || nesting > MAX_NESTING || --*sample->work < 0) {
    sample->is_broken = true;
    return 0;
  }
  const ptl_expr_node *node = &sample->world->exprs.nodes[expr];
  int64_t sum = node->constant, part;
  for (int i = 0; i < node->term_count && !sample->is_broken; i++) {
    int64_t value =
        atom_value(sample, &sample->world->exprs.atoms[node->terms[i].atom], nesting + 1);
    sample->is_broken = __builtin_mul_overflow(value, node->terms[i].coefficient, &part) ||
                        __builtin_add_overflow(sum, part, &sum) || sample->is_broken;
  }
  return sum;
}

/* ---- a core's steps -------------------------------------------------------------- */

static bool condition_holds(ptl_sample *sample, ptl_core *core, ptl_expr condition) {
  return value_of(sample, ptl_core_expr(core, condition), 0) != 0;
}

/* -1 if it is not known. */
static int64_t extent(ptl_core *core, ptl_expr expr) {
  int64_t value;
  bool is_const = ptl_expr_is_const(&core->world->exprs, ptl_core_expr(core, expr), &value);
  return is_const && value >= 0 ? value : -1;
}

static void add_step(ptl_sample *sample, ptl_core *core, const ptl_pipe_node *node,
                     const ptl_channel *channels, int channel_count, ptl_steps *out) {
  int channel = 0;
  while (channel < channel_count && (channels[channel].id != node->use.id ||
                                     channels[channel].direction != node->use.direction)) {
    channel++;
  }
  if (channel == channel_count || out->count >= sample->max_steps) {
    sample->is_broken = true;
    return;
  }
  out->items =
      ptl_arena_more(sample->arena, out->items, out->count, &out->capacity, sizeof(ptl_step));
  out->items[out->count++] = (ptl_step){.node = node,
                                        .channel = channel,
                                        .rows = extent(core, node->rows),
                                        .cols = extent(core, node->cols),
                                        .row_expr = ptl_core_expr(core, node->rows),
                                        .col_expr = ptl_core_expr(core, node->cols)};
}

static int64_t trips_of(ptl_sample *sample, ptl_core *core, const ptl_pipe_node *loop) {
  int64_t lower = value_of(sample, ptl_core_expr(core, loop->lower), 0);
  int64_t upper = value_of(sample, ptl_core_expr(core, loop->upper), 0);
  int64_t step = value_of(sample, ptl_core_expr(core, loop->step), 0);
  int64_t distance;
  if (sample->is_broken || step <= 0 || loop->depth >= PTL_MAX_LOOPS ||
      __builtin_sub_overflow(upper, lower, &distance)) {
    sample->is_broken = true;
    return 0;
  }
  return distance <= 0 ? 0 : (distance - 1) / step + 1;
}

static void add_nodes(ptl_sample *sample, ptl_core *core, const ptl_pipe_nodes *nodes,
                      const ptl_channel *channels, int channel_count, ptl_steps *out) {
  for (int i = 0; i < nodes->count && !sample->is_broken; i++) {
    const ptl_pipe_node *node = nodes->items[i];
    if (node->kind == PTL_NODE_OP) {
      for (int64_t j = 0; j < node->times && !sample->is_broken; j++) {
        add_step(sample, core, node, channels, channel_count, out);
      }
    } else if (node->kind == PTL_NODE_IF) {
      bool holds = condition_holds(sample, core, node->condition);
      add_nodes(sample, core, &node->bodies[!holds], channels, channel_count, out);
    } else {
      int64_t trips = trips_of(sample, core, node);
      for (int64_t j = 0; j < trips && !sample->is_broken; j++) {
        sample->loops[node->depth] = j;
        sample->is_broken = --*sample->work < 0;
        add_nodes(sample, core, &node->bodies[j > 0 || !node->has_first], channels, channel_count,
                  out);
      }
    }
  }
}

void ptl_sample_steps(ptl_sample *sample, ptl_core *core, const ptl_channel *channels,
                      int channel_count, ptl_steps *out) {
  add_nodes(sample, core, &core->record->root, channels, channel_count, out);
}

/* ---- telling it ---------------------------------------------------------------------- */

static const char *name_of(ptl_arena *arena, const ptl_symbol *symbol) {
  MlirValue value = symbol->record->kernel->values[symbol->value].value;
  const char *name = NULL;
  if (mlirValueIsAOpResult(value)) {
    MlirLocation location = mlirOperationGetLocation(mlirOpResultGetOwner(value));
    name = ptl_loc_parts_of(arena, location).name;
  } else if (symbol->kind == PTL_SYMBOL_ARG) {
    name = ptl_pipe_argument_name(symbol->record, symbol->value);
  }
  return name ? name : "?";
}

const char *ptl_sample_text(const ptl_sample *sample, ptl_arena *arena) {
  const char *text = "";
  int told = 0;
  for (int i = 0; i < sample->world->symbol_count && i < sample->capacity && told < 4; i++) {
    const ptl_symbol *symbol = &sample->world->symbols[i];
    if (sample->used[i] && symbol->value >= 0 && symbol->record) {
      text = ptl_arena_printf(arena, "%s%s%%%s = %lld", text, told++ ? ", " : "for ",
                              name_of(arena, symbol), (long long)sample->values[i]);
    }
  }
  return told ? ptl_arena_printf(arena, "%s: ", text) : "";
}
