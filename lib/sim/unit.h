/* What can be launched in a module: a function, or a cube and a vector function together: X_aic and
 * X_aiv, or the only two, if they talk to each other. */
#ifndef PTL_SIM_UNIT_H
#define PTL_SIM_UNIT_H

#include "sim/sim.h"

typedef struct ptl_sim_unit {
  const char *name; /* of the function; of a pair that of the cube function, without _aic */
  const ptl_kernel *cube;
  const ptl_kernel *vector; /* NULL: no pair */
} ptl_sim_unit;

typedef struct ptl_sim_units {
  ptl_sim_unit *items;
  int count;
} ptl_sim_units;

/* Decodes all functions that have a body. */
ptl_sim_units ptl_sim_units_of(ptl_arena *arena, MlirModule module);

/* The unit of that name, which may also be that of one of its functions: then only this one is
 * launched. NULL: the only one. False: there is none, or there are several. */
bool ptl_sim_find_unit(const ptl_sim_units *units, const char *name, ptl_sim_unit *out);

/* Both functions of a unit, prepared. */
PTL_MUST_USE ptl_status ptl_sim_prepare_unit(ptl_arena *arena, const ptl_sim_unit *unit,
                                             const ptl_target *target, ptl_diags *diags,
                                             ptl_sim_launch *out);

#endif
