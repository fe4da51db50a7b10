/* Counts the turns of loops. */
#include "passes/loops.h"

#include "ir/session.h"
#include "plan/plan.h"
#include "support/checked.h"
#include "support/rounding.h"

enum { MOST_TIMES = 1 << 30 };

/* As it was found out when the products were. */
static int64_t noted_turns(MlirOperation loop) {
  MlirAttribute turns = ptl_attr(loop, ptl_attr_loop_turns);
  return mlirAttributeIsNull(turns) ? -1 : mlirIntegerAttrGetValueInt(turns);
}

int64_t ptl_trip_count(MlirOperation loop) {
  int64_t bounds[3], distance;
  for (int i = 0; i < 3; i++) {
    if (!ptl_constant_of(mlirOperationGetOperand(loop, i), &bounds[i])) {
      return noted_turns(loop);
    }
  }
  if (bounds[2] <= 0 || !ptl_sub(bounds[1], bounds[0], &distance)) {
    return -1;
  }
  return distance > 0 ? (distance - 1) / bounds[2] + 1 : 0;
}

int64_t ptl_times_run(MlirOperation op) {
  int64_t times = 1;
  for (op = mlirOperationGetParentOperation(op); !mlirOperationIsNull(op);
       op = mlirOperationGetParentOperation(op)) {
    int64_t turns = ptl_op_is(op, PTL_SCF_FOR) ? ptl_trip_count(op) : 1;
    turns = turns < 0 ? PTL_LIKELY_TURNS : ptl_max(turns, 1);
    times = ptl_mul(times, turns, &times) ? ptl_min(times, MOST_TIMES) : MOST_TIMES;
  }
  return times;
}
