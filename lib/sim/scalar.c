/* Scalars: arith, and the values that say which block runs. */
#include "sim/scalar.h"

#include <math.h>

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static bool divides(ptl_op_function function) {
  return function >= PTL_FN_DIV && function <= PTL_FN_UREM;
}

/* The quotient of the smallest number and -1 wraps. */
static int64_t divide(ptl_op_function function, int64_t a, int64_t b) {
  if (b == -1 && function != PTL_FN_UDIV && function != PTL_FN_UREM) {
    return function == PTL_FN_REM ? 0 : (int64_t)(0 - (uint64_t)a);
  }
  switch (function) {
  case PTL_FN_UDIV:
    return (int64_t)((uint64_t)a / (uint64_t)b);
  case PTL_FN_UREM:
    return (int64_t)((uint64_t)a % (uint64_t)b);
  case PTL_FN_CEILDIV:
    return floor_div(a, b) + (a % b != 0);
  case PTL_FN_FLOORDIV:
    return floor_div(a, b);
  case PTL_FN_REM:
    return a % b;
  default:
    return a / b;
  }
}

int64_t ptl_sim_integer_function(ptl_op_function function, int64_t a, int64_t b) {
  uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  if (divides(function)) {
    return b == 0 ? 0 : divide(function, a, b);
  }
  switch (function) {
  case PTL_FN_ADD:
    return (int64_t)(ua + ub);
  case PTL_FN_SUB:
    return (int64_t)(ua - ub);
  case PTL_FN_MUL:
    return (int64_t)(ua * ub);
  case PTL_FN_MAX:
    return a > b ? a : b;
  case PTL_FN_MIN:
    return a < b ? a : b;
  case PTL_FN_UMAX:
    return ua > ub ? a : b;
  case PTL_FN_UMIN:
    return ua < ub ? a : b;
  case PTL_FN_AND:
    return a & b;
  case PTL_FN_OR:
    return a | b;
  case PTL_FN_XOR:
    return a ^ b;
  case PTL_FN_SHL:
    return ub < 64 ? (int64_t)(ua << ub) : 0;
  case PTL_FN_SHR:
    return a >> (ub < 63 ? ub : 63);
  case PTL_FN_NEG:
    return (int64_t)(0 - ua);
  case PTL_FN_ABS:
    return a < 0 ? (int64_t)(0 - ua) : a;
  case PTL_FN_RELU:
    return a < 0 ? 0 : a;
  case PTL_FN_NOT:
    return ~a;
  default:
    return a;
  }
}

double ptl_sim_real_function(ptl_op_function function, double a, double b) {
  switch (function) {
  case PTL_FN_ADD:
    return a + b;
  case PTL_FN_SUB:
    return a - b;
  case PTL_FN_MUL:
    return a * b;
  case PTL_FN_DIV:
    return a / b;
  case PTL_FN_REM:
    return fmod(a, b);
  case PTL_FN_MAX:
    return a > b ? a : b;
  case PTL_FN_MIN:
    return a < b ? a : b;
  case PTL_FN_EXPDIF:
    return exp(a - b);
  case PTL_FN_NEG:
    return -a;
  case PTL_FN_ABS:
    return fabs(a);
  case PTL_FN_EXP:
    return exp(a);
  case PTL_FN_LOG:
    return log(a);
  case PTL_FN_SQRT:
    return sqrt(a);
  case PTL_FN_RSQRT:
    return 1.0 / sqrt(a);
  case PTL_FN_RECIP:
    return 1.0 / a;
  case PTL_FN_RELU:
    return a > 0 ? a : 0.0;
  default:
    return a;
  }
}

void ptl_sim_set_integer(ptl_sim_core *core, int value, int64_t integer) {
  int bits = core->program->types[value].bits;
  if (bits > 0 && bits < 64) {
    uint64_t shifted = (uint64_t)integer << (64 - bits);
    integer = (int64_t)shifted >> (64 - bits);
  }
  core->values[value].integer = integer;
}

/* A number of f32, f16 or bf16, rounded as the type holds it; f64 as it is. */
static void set_real(ptl_sim_core *core, int value, double real) {
  ptl_elem elem = core->program->types[value].real;
  core->values[value].real =
      elem == PTL_ELEM_NONE ? real : ptl_round_float(real, elem, PTL_ROUND_RINT);
}

ptl_sim_outcome ptl_sim_nothing(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)core, (void)op, (void)code;
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_constant(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  if (op->kind == PTL_OP_CONST) {
    ptl_sim_set_integer(core, op->first_result, op->imm);
  } else {
    core->values[op->first_result].real = code->real;
  }
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_arith(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  int64_t a = ptl_sim_integer(core, op, 0), b = ptl_sim_integer(core, op, 1);
  if (divides((ptl_op_function)code->function) && b == 0) {
    return ptl_sim_fail(core, op, PTL_CODE_SIM_NO_END, "a division by zero");
  }
  ptl_sim_set_integer(core, op->first_result,
                      ptl_sim_integer_function((ptl_op_function)code->function, a, b));
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_real_arith(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  double a = ptl_sim_operand(core, op, 0)->real;
  double b = op->operand_count > 1 ? ptl_sim_operand(core, op, 1)->real : 0.0;
  set_real(core, op->first_result, ptl_sim_real_function((ptl_op_function)code->function, a, b));
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_compare(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  int64_t a = ptl_sim_integer(core, op, 0), b = ptl_sim_integer(core, op, 1);
  uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  const bool results[10] = {a == b,  a != b, a<b, a <= b, a> b, a >= b, ua<ub, ua <= ub, ua> ub,
                            ua >= ub};
  ptl_sim_set_integer(core, op->first_result, op->imm >= 0 && op->imm < 10 && results[op->imm]);
  return PTL_SIM_DONE;
}

/* arith.cmpf: predicate 0 is false, 15 true; 1 to 6 ordered, 8 to 13 or unordered. */
ptl_sim_outcome ptl_sim_real_compare(ptl_sim_core *core, const ptl_op *op,
                                     const ptl_sim_code *code) {
  double a = ptl_sim_operand(core, op, 0)->real, b = ptl_sim_operand(core, op, 1)->real;
  bool unordered = isnan(a) || isnan(b);
  const bool results[8] = {false, a == b, a > b, a >= b, a < b, a <= b, a != b, true};
  int predicate = code->function;
  bool result = unordered ? predicate >= 8 : results[predicate % 8];
  if (predicate == 7 || predicate == 14) {
    result = unordered == (predicate == 14);
  }
  ptl_sim_set_integer(core, op->first_result, predicate == 15 || (predicate != 0 && result));
  return PTL_SIM_DONE;
}

ptl_sim_outcome ptl_sim_select(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  (void)code;
  int chosen = ptl_sim_integer(core, op, 0) & 1 ? 1 : 2;
  core->values[op->first_result] = *ptl_sim_operand(core, op, chosen);
  return PTL_SIM_DONE;
}

/* Between integers, between floats, and from one to the other. `function` 1: the integer is
 * unsigned. */
ptl_sim_outcome ptl_sim_cast(ptl_sim_core *core, const ptl_op *op, const ptl_sim_code *code) {
  const ptl_sim_type *from = &core->program->types[op->operands[0]];
  const ptl_sim_type *to = &core->program->types[op->first_result];
  const ptl_sim_value *in = ptl_sim_operand(core, op, 0);
  if (from->bits > 0) {
    uint64_t mask = from->bits < 64 ? (UINT64_C(1) << from->bits) - 1 : UINT64_MAX;
    bool is_unsigned = code->function == 1;
    int64_t integer = is_unsigned ? (int64_t)((uint64_t)in->integer & mask) : in->integer;
    if (to->bits > 0) {
      ptl_sim_set_integer(core, op->first_result, integer);
    } else {
      set_real(core, op->first_result, (double)integer);
    }
  } else if (to->bits > 0) {
    double held = isnan(in->real) ? 0.0 : fmax(fmin(trunc(in->real), 0x1p62), -0x1p62);
    ptl_sim_set_integer(core, op->first_result, (int64_t)held);
  } else {
    set_real(core, op->first_result, in->real);
  }
  return PTL_SIM_DONE;
}

/* An integer under another sign. */
ptl_sim_outcome ptl_sim_same_integer(ptl_sim_core *core, const ptl_op *op,
                                     const ptl_sim_code *code) {
  (void)code;
  ptl_sim_set_integer(core, op->first_result, ptl_sim_integer(core, op, 0));
  return PTL_SIM_DONE;
}

/* `function`: 0 block index, 1 block number, 2 sub-block index, 3 sub-block number. */
ptl_sim_outcome ptl_sim_block_value(ptl_sim_core *core, const ptl_op *op,
                                    const ptl_sim_code *code) {
  const int64_t values[4] = {core->block, core->launch->block_num, core->subblock,
                             core->is_vector ? PTL_SIM_SUBBLOCKS : 1};
  ptl_sim_set_integer(core, op->first_result, values[code->function]);
  return PTL_SIM_DONE;
}
