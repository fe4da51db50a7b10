/* How the families of ops are run that the rows of the op table name. */
#include "sim/scalar.h"

/* Waits and flags are nothing to a simulator that runs in program order. */
#define FAMILY(name, function) [PTL_RUN_##name] = ptl_sim_##function,
static ptl_sim_exec *const families[PTL_RUN_COUNT] = {PTL_FOR_EACH_RUN(FAMILY)};
#undef FAMILY

ptl_sim_exec *ptl_sim_exec_of(ptl_op_run run) { return families[run]; }
