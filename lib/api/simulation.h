/* A simulation's arguments and results, as the public API has them. */
#ifndef PTL_API_SIMULATION_H
#define PTL_API_SIMULATION_H

#include "api/api.h"
#include "ptolower/sim.h"
#include "sim/unit.h"

enum { PTL_SIM_MAX_SHAPE = 8 };

/* One argument of the kernel that ran. */
typedef struct ptl_simulated {
  const char *name;
  ptl_sim_tensor *tensor; /* NULL: a scalar */
  MlirType type;          /* while it runs */
  bool is_given;
  int64_t shape[PTL_SIM_MAX_SHAPE];
  int rank;
} ptl_simulated;

/* What a result knows of a simulation. */
typedef struct ptl_simulation {
  const ptolower_sim_options *options; /* while it runs */
  ptl_sim_arg *args;
  ptl_simulated *arguments;
  int count;
} ptl_simulation;

/* Reads `random:16x5120xi8,seed=1` for a pointer to `elem`. The problem, or NULL. */
const char *ptl_parse_fill(ptl_arena *arena, const char *text, ptl_elem elem, ptl_sim_fill *fill,
                           ptl_simulated *out);

#endif
