/* The functions of the scalar and vector families. */
#ifndef PTL_SIM_SCALAR_H
#define PTL_SIM_SCALAR_H

#include "sim/state.h"

/* How ops of a family are run; NULL: they are not, or are control flow. */
ptl_sim_exec *ptl_sim_exec_of(ptl_op_run run);

/* Functions of two numbers, of any integer or float type. */
int64_t ptl_sim_integer_function(ptl_op_function function, int64_t a, int64_t b);
double ptl_sim_real_function(ptl_op_function function, double a, double b);

#endif
