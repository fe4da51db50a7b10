/* When each instruction of a kernel runs, and what it waits for. */
#ifndef PTL_SUMMARY_RECORDING_H
#define PTL_SUMMARY_RECORDING_H

#include "plan/record.h"
#include "walk/walk.h"

/* What an instruction is one of; several are of one op where a loop repeats it. */
typedef struct ptl_recorded {
  const ptl_op *op;
  int64_t bytes;   /* that are moved; of a product 0 */
  int64_t m, k, n; /* of a product; else 0 */
} ptl_recorded;

typedef struct ptl_recording {
  const ptl_instruction *items;
  const ptl_recorded *recorded; /* by item */
  int count;
  bool is_cut; /* there are more than are kept */
} ptl_recording;

/* The instructions of the kernel in program order, under one calibration. */
ptl_recording ptl_kernel_recording(ptl_arena *arena, const ptl_kernel *kernel,
                                   const ptl_target *target, const ptl_rates *rates);

#endif
