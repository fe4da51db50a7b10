/* Goes through two kernels in step, and notes which value of one is which of the other. */
#include "kernel/same.h"

#include <string.h>

/* One of the two. */
typedef struct side {
  const ptl_kernel *kernel;
  const ptl_op **makers; /* by value: the op whose result it is; NULL: none */
  int *other;            /* by value: the value of the other kernel that it is; -1: not known */
  bool *is_used;         /* by value: by an op that is not idle */
} side;

typedef struct matcher {
  side a, b;
  const ptl_op **ops; /* by index of an op of a: that of b; NULL: none yet */
  bool *is_reshaped;  /* by value of a: a set_validshape changes the tile */
} matcher;

static void note_block(side *s, bool *is_reshaped, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    for (int j = 0; j < op->result_count; j++) {
      s->makers[op->first_result + j] = op;
    }
    if (is_reshaped && op->id == PTL_PTO_SET_VALIDSHAPE && op->operand_count > 0) {
      is_reshaped[op->operands[0]] = true;
    }
    note_block(s, is_reshaped, op->blocks[0]);
    note_block(s, is_reshaped, op->blocks[1]);
  }
}

static bool is_idle(const side *s, const ptl_op *op);

static bool is_empty(const side *s, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (!is_idle(s, op) && (op->kind != PTL_OP_YIELD || op->operand_count > 0)) {
      return false;
    }
  }
  return true;
}

/* Whether the op computes what no op takes that does something, or is a loop or a branch of no
 * more than that. */
static bool is_idle(const side *s, const ptl_op *op) {
  bool is_control = op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF;
  bool is_used = is_control ? !is_empty(s, op->blocks[0]) || !is_empty(s, op->blocks[1])
                            : ptl_row(op)->effect != PTL_EFFECT_PURE;
  for (int i = 0; i < op->result_count; i++) {
    is_used = is_used || s->is_used[op->first_result + i];
  }
  return !is_used;
}

/* From the end, so that the users of a value are seen before it. */
static void note_uses(side *s, const ptl_block *block) {
  for (int i = block ? block->op_count : 0; i-- > 0;) {
    const ptl_op *op = &block->ops[i];
    note_uses(s, op->blocks[1]);
    note_uses(s, op->blocks[0]);
    for (int j = 0; j < op->operand_count && !is_idle(s, op); j++) {
      s->is_used[op->operands[j]] = true;
    }
  }
}

static side side_of(ptl_arena *arena, const ptl_kernel *kernel) {
  size_t count = (size_t)kernel->value_count;
  side s = {.kernel = kernel,
            .makers = ptl_arena_array(arena, count, sizeof(*s.makers)),
            .other = ptl_arena_array(arena, count, sizeof(*s.other)),
            .is_used = ptl_arena_array(arena, count, sizeof(*s.is_used))};
  for (size_t i = 0; i < count; i++) {
    s.makers[i] = NULL;
    s.other[i] = -1;
    s.is_used[i] = false;
  }
  note_uses(&s, kernel->body);
  return s;
}

/* ---- ops ------------------------------------------------------------------ */

static bool is_ours(MlirNamedAttribute attribute) {
  static const char prefix[] = "ptolower.";
  MlirStringRef name = mlirIdentifierStr(attribute.name);
  return name.length >= sizeof(prefix) - 1 && memcmp(name.data, prefix, sizeof(prefix) - 1) == 0;
}

/* Whether every attribute of one is one of the other, but for ours. */
static bool has_attributes_of(MlirOperation a, MlirOperation b) {
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(b); i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(b, i);
    MlirAttribute own = mlirOperationGetAttributeByName(a, mlirIdentifierStr(attribute.name));
    if (!is_ours(attribute) &&
        (mlirAttributeIsNull(own) || !mlirAttributeEqual(own, attribute.attribute))) {
      return false;
    }
  }
  return true;
}

static bool have_one_type(const matcher *m, int a, int b) {
  return mlirTypeEqual(mlirValueGetType(m->a.kernel->values[a].value),
                       mlirValueGetType(m->b.kernel->values[b].value));
}

/* Whether there is more in the op than was decoded. */
static bool has_more(const ptl_op *op) {
  bool is_decoded = op->kind == PTL_OP_FOR || op->kind == PTL_OP_IF;
  return !is_decoded && mlirOperationGetNumRegions(op->op) > 0;
}

static bool look_alike(const matcher *m, const ptl_op *a, const ptl_op *b) {
  if (mlirOperationIsNull(a->op) || mlirOperationIsNull(b->op) ||
      !mlirIdentifierEqual(mlirOperationGetName(a->op), mlirOperationGetName(b->op)) ||
      has_more(a) || a->operand_count != b->operand_count || a->result_count != b->result_count ||
      !has_attributes_of(a->op, b->op) || !has_attributes_of(b->op, a->op)) {
    return false;
  }
  for (int i = 0; i < a->result_count; i++) {
    if (!have_one_type(m, a->first_result + i, b->first_result + i)) {
      return false;
    }
  }
  return true;
}

/* Whether it may stand anywhere. */
static bool is_free(const ptl_op *op) {
  return op->id == PTL_ARITH_CONSTANT || op->kind == PTL_OP_ALLOC;
}

/* The next op of a block that has to be one of the other kernel, too. */
static const ptl_op *next_op(const side *s, const ptl_block *block, int *at) {
  while (*at < block->op_count && (is_free(&block->ops[*at]) || is_idle(s, &block->ops[*at]))) {
    (*at)++;
  }
  return *at < block->op_count ? &block->ops[(*at)++] : NULL;
}

/* ---- values ---------------------------------------------------------------- */

static void pair(matcher *m, int a, int b) {
  m->a.other[a] = b;
  m->b.other[b] = a;
}

static bool are_one(matcher *m, int a, int b);

static bool have_one_input(matcher *m, const ptl_op *a, const ptl_op *b) {
  for (int i = 0; i < a->operand_count; i++) {
    if (!are_one(m, a->operands[i], b->operands[i])) {
      return false;
    }
  }
  return true;
}

static bool stand_alike(const matcher *m, const ptl_op *a, const ptl_op *b) {
  return a->parent && b->parent ? m->ops[a->parent->index] == b->parent : a->parent == b->parent;
}

static bool are_one(matcher *m, int a, int b) {
  const ptl_op *made_a = m->a.makers[a], *made_b = m->b.makers[b];
  bool is_constant = made_a && made_a->id == PTL_ARITH_CONSTANT;
  if (!is_constant && (m->a.other[a] >= 0 || m->b.other[b] >= 0)) {
    return m->a.other[a] == b;
  }
  if (!made_a || !made_b || !is_free(made_a) || !look_alike(m, made_a, made_b) ||
      !have_one_input(m, made_a, made_b) ||
      (m->is_reshaped[a] && !stand_alike(m, made_a, made_b))) {
    return false;
  }
  pair(m, a, b);
  return true;
}

/* ---- blocks ---------------------------------------------------------------- */

static bool match_blocks(matcher *m, const ptl_block *a, const ptl_block *b);

static bool match_ops(matcher *m, const ptl_op *a, const ptl_op *b) {
  if (!look_alike(m, a, b) || !have_one_input(m, a, b)) {
    return false;
  }
  m->ops[a->index] = b;
  for (int i = 0; i < a->result_count; i++) {
    pair(m, a->first_result + i, b->first_result + i);
  }
  return match_blocks(m, a->blocks[0], b->blocks[0]) && match_blocks(m, a->blocks[1], b->blocks[1]);
}

static bool match_arguments(matcher *m, const ptl_block *a, const ptl_block *b) {
  if (a->argument_count != b->argument_count) {
    return false;
  }
  for (int i = 0; i < a->argument_count; i++) {
    if (!have_one_type(m, a->first_argument + i, b->first_argument + i)) {
      return false;
    }
    pair(m, a->first_argument + i, b->first_argument + i);
  }
  return true;
}

static bool match_blocks(matcher *m, const ptl_block *a, const ptl_block *b) {
  if (!a || !b) {
    return a == b;
  }
  int at_a = 0, at_b = 0;
  const ptl_op *op_a, *op_b;
  bool same = match_arguments(m, a, b);
  do {
    op_a = next_op(&m->a, a, &at_a);
    op_b = next_op(&m->b, b, &at_b);
    same = same && !op_a == !op_b && (!op_a || match_ops(m, op_a, op_b));
  } while (same && op_a);
  return same;
}

bool ptl_kernels_do_the_same(ptl_arena *arena, const ptl_kernel *a, const ptl_kernel *b) {
  matcher m = {.a = side_of(arena, a),
               .b = side_of(arena, b),
               .ops = ptl_arena_array(arena, (size_t)a->op_count, sizeof(*m.ops)),
               .is_reshaped = ptl_arena_array(arena, (size_t)a->value_count, sizeof(bool))};
  memset(m.ops, 0, (size_t)a->op_count * sizeof(*m.ops));
  memset(m.is_reshaped, 0, (size_t)a->value_count * sizeof(bool));
  note_block(&m.a, m.is_reshaped, a->body);
  note_block(&m.b, NULL, b->body);
  return has_attributes_of(a->func, b->func) && has_attributes_of(b->func, a->func) &&
         match_blocks(&m, a->body, b->body);
}
