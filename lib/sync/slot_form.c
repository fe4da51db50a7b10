/* Brings the number of a slot to the form (i + c) % n, and compares two such forms. */
#include "sync/slot_form.h"

enum { MAX_DEPTH = 12 };

/* base / divisor + offset, modulo `slots` (0: exactly); base -1: a constant. */
typedef struct form {
  int base;
  int64_t divisor, offset;
} form;

static void note_makers(const ptl_op **makers, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    for (int j = 0; j < op->result_count; j++) {
      makers[op->first_result + j] = op;
    }
    note_makers(makers, op->blocks[0]);
    note_makers(makers, op->blocks[1]);
  }
}

ptl_values ptl_values_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_noted *noted) {
  ptl_values values = {.noted = noted};
  values.makers = ptl_arena_array(arena, (size_t)kernel->value_count, sizeof(ptl_op *));
  note_makers(values.makers, kernel->body);
  return values;
}

static bool is_mask(int64_t mask, int64_t slots) {
  return slots > 0 && mask >= 0 && mask < INT64_MAX && (mask & (mask + 1)) == 0 &&
         (mask + 1) % slots == 0;
}

static form form_of(const ptl_values *values, int value, int64_t slots, int depth);

static form opaque(int value) { return (form){value, 1, 0}; }

static form moved(form f, int64_t by, const ptl_op *op) {
  return __builtin_add_overflow(f.offset, by, &f.offset) ? opaque(op->first_result) : f;
}

/* x / c, where x is base + a multiple of c. */
static form divided(form x, int64_t by, int value) {
  if (by <= 0 || x.divisor != 1 || x.offset % by != 0) {
    return opaque(value);
  }
  return (form){x.base, by, x.offset / by};
}

static form form_of_sum(const ptl_values *values, const ptl_op *op, int64_t slots, int depth) {
  int64_t left, right;
  bool has_left = ptl_noted_constant(values->noted, op->operands[0], &left);
  bool has_right = ptl_noted_constant(values->noted, op->operands[1], &right);
  bool is_sub = op->kind == PTL_OP_SUB;
  if (has_right && right > INT64_MIN) {
    return moved(form_of(values, op->operands[0], slots, depth), is_sub ? -right : right, op);
  }
  if (has_left && (!is_sub || slots == 2)) { /* modulo 2, -x is x */
    return moved(form_of(values, op->operands[1], slots, depth), left, op);
  }
  return opaque(op->first_result);
}

static form form_of_op(const ptl_values *values, const ptl_op *op, int64_t slots, int depth) {
  int64_t right;
  bool has_right =
      op->operand_count == 2 && ptl_noted_constant(values->noted, op->operands[1], &right);
  bool is_binary = op->operand_count == 2;
  switch (op->kind) {
  case PTL_OP_CAST:
  case PTL_OP_CAST_UNSIGNED:
    return form_of(values, op->operands[0], slots, depth);
  case PTL_OP_ADD:
  case PTL_OP_SUB:
    return is_binary ? form_of_sum(values, op, slots, depth) : opaque(op->first_result);
  case PTL_OP_REM:
  case PTL_OP_REM_UNSIGNED:
    return has_right && slots > 0 && right > 0 && right % slots == 0
               ? form_of(values, op->operands[0], slots, depth)
               : opaque(op->first_result);
  case PTL_OP_AND:
    return has_right && is_mask(right, slots) ? form_of(values, op->operands[0], slots, depth)
                                              : opaque(op->first_result);
  case PTL_OP_XOR: /* modulo 2, x ^ 1 is x + 1 */
    return has_right && slots == 2
               ? moved(form_of(values, op->operands[0], slots, depth), right & 1, op)
               : opaque(op->first_result);
  case PTL_OP_DIV:
  case PTL_OP_DIV_UNSIGNED:
    return has_right ? divided(form_of(values, op->operands[0], 0, depth), right, op->first_result)
                     : opaque(op->first_result);
  default:
    return opaque(op->first_result);
  }
}

static form form_of(const ptl_values *values, int value, int64_t slots, int depth) {
  const ptl_op *op = values->makers[value];
  int64_t constant;
  if (ptl_noted_constant(values->noted, value, &constant)) {
    return (form){-1, 1, constant};
  }
  return op && depth < MAX_DEPTH ? form_of_op(values, op, slots, depth + 1) : opaque(value);
}

ptl_slot_relation ptl_slots_compare(const ptl_values *values, int a, int b, int slots) {
  form x = form_of(values, a, slots, 0), y = form_of(values, b, slots, 0);
  if (a == b) {
    return PTL_SLOTS_EQUAL;
  }
  if (x.base != y.base || x.divisor != y.divisor) {
    return PTL_SLOTS_UNRELATED;
  }
  int64_t difference;
  if (__builtin_sub_overflow(x.offset, y.offset, &difference)) {
    return PTL_SLOTS_UNRELATED;
  }
  return difference % slots == 0 ? PTL_SLOTS_EQUAL : PTL_SLOTS_DISJOINT;
}
