/* The functions of the scalar and vector families, by op name. */
#ifndef PTL_SIM_SCALAR_H
#define PTL_SIM_SCALAR_H

#include "sim/state.h"

/* A row of the table of ops: name, how it is run, which function of its family. */
typedef struct ptl_sim_op_row {
  const char *name;
  ptl_sim_exec *exec;
  int function;
} ptl_sim_op_row;

/* The row of an op, as "pto.tload"; NULL: it is not simulated. */
const ptl_sim_op_row *ptl_sim_find_op(ptl_str name);

/* Integer functions of two numbers; arith ops and vector ops of integers. */
typedef enum ptl_sim_function {
  PTL_FN_ADD,
  PTL_FN_SUB,
  PTL_FN_MUL,
  PTL_FN_DIV,
  PTL_FN_UDIV,
  PTL_FN_CEILDIV,
  PTL_FN_FLOORDIV,
  PTL_FN_REM,
  PTL_FN_UREM,
  PTL_FN_MAX,
  PTL_FN_MIN,
  PTL_FN_UMAX,
  PTL_FN_UMIN,
  PTL_FN_AND,
  PTL_FN_OR,
  PTL_FN_XOR,
  PTL_FN_SHL,
  PTL_FN_SHR,
  PTL_FN_EXPDIF, /* exp(a - b) */
  /* of one number */
  PTL_FN_COPY,
  PTL_FN_NEG,
  PTL_FN_ABS,
  PTL_FN_EXP,
  PTL_FN_LOG,
  PTL_FN_SQRT,
  PTL_FN_RSQRT,
  PTL_FN_RECIP,
  PTL_FN_RELU,
  PTL_FN_NOT,
} ptl_sim_function;

/* Both inputs as numbers of any integer or float type. */
int64_t ptl_sim_integer_function(ptl_sim_function function, int64_t a, int64_t b);
double ptl_sim_real_function(ptl_sim_function function, double a, double b);

#endif
