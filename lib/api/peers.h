/* Which two functions of a module are the cube's and the vector core's of one kernel. */
#ifndef PTL_API_PEERS_H
#define PTL_API_PEERS_H

#include <mlir-c/IR.h>

#include "support/arena.h"

/* The other function of a mixed kernel: the one that a buffer is imported from, or that imports
 * from this one, else by name (X_aic, X_aiv). Null if there is none. */
MlirOperation ptl_peer_of(MlirOperation func);

/* Numbers the arguments of two functions: equal numbers are the same value. They are told by the
 * calls of both in one function, else by their places, else by their names; what pypto adds for its
 * runtime by name. */
void ptl_peer_arguments(ptl_arena *arena, MlirOperation a, MlirOperation b, int **keys_a,
                        int **keys_b);

#endif
