/* Comparing two kernels by running them.
 *
 * Both get the same generated inputs; afterwards every tensor must hold the same bytes, and
 * what is pushed to functions that do not run must be the same tiles. Scalars are chosen by running
 * the first kernel's addresses alone: as large as leaves every access in range, and other ones in
 * each round. A round has random data, the next one the ends of the ranges, infinities, NaN and
 * denormals, the last one other random data.
 */
#ifndef PTL_SIM_VALIDATE_H
#define PTL_SIM_VALIDATE_H

#include "sim/unit.h"

/* What is expected of a kernel. */
typedef struct ptl_sim_reference {
  const ptl_sim_unit *unit; /* another kernel; NULL: the function on tensors */
  MlirOperation tensors;
} ptl_sim_reference;

/* PTL_INTERNAL with PTL320: they differ, or the second cannot do what the first does.
 * PTL_REFUSED with PTL301 or PTL321: the first cannot be run, so nothing is said. */
PTL_MUST_USE ptl_status ptl_sim_validate(ptl_diags *diags, const ptl_target *target,
                                         const ptl_sim_reference *before,
                                         const ptl_sim_unit *after);

/* ---- parts of it ---- */

/* One side's memory in a round. */
typedef struct ptl_sim_side {
  ptl_sim_arg *args;
  ptl_sim_tensor *tensors; /* one for each argument; those of scalars are not used */
  int count;
} ptl_sim_side;

/* Computes a function on tensors as plain sums in ascending k; its results are the arguments
 * after its own. PTL_REFUSED with PTL321: it holds something else. */
PTL_MUST_USE ptl_status ptl_sim_run_tensors(ptl_arena *arena, ptl_diags *diags, MlirOperation func,
                                            ptl_sim_side *side);

/* Compares the sides' tensors. PTL_INTERNAL with PTL320 that names the smallest element. */
PTL_MUST_USE ptl_status ptl_sim_compare_sides(ptl_diags *diags, ptl_loc loc, const char *kernel,
                                              const char *const *names, const char *round,
                                              ptl_sim_side *before, ptl_sim_side *after);

/* Chooses scalars and the block for a round: the values of `args`, `block` and `block_num`.
 * `launch` is the first kernel's. False: with none does it run and store something. */
bool ptl_sim_choose(const ptl_sim_launch *launch, int round, ptl_sim_arg *args, int64_t *block,
                    int64_t *block_num);

#endif
