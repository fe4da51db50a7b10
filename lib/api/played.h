/* A kernel run with the flags that ptoas put into it. */
#ifndef PTL_API_PLAYED_H
#define PTL_API_PLAYED_H

#include "flags/flags.h"
#include "plan/record.h"

/* What an instruction is one of; several are of one op where a loop repeats it. */
typedef struct ptl_recorded {
  const ptl_op *op;
  int64_t bytes;   /* that are moved; of a product 0 */
  int64_t m, k, n; /* of a product; else 0 */
} ptl_recorded;

/* The instructions of a kernel in program order, under one calibration. */
typedef struct ptl_recording {
  const ptl_instruction *items;
  const ptl_recorded *recorded; /* by item */
  int count;
  bool is_cut; /* there are more than are kept */
} ptl_recording;

/* A flag or barrier at which a pipe stood. */
typedef struct ptl_stall {
  const ptl_op *op; /* before which it stands */
  ptl_flag_op flag;
  ptl_pipe pipe;
  double cycles; /* for which the pipe stood */
  double longer; /* of them, those after the instruction could have begun */
  int count;     /* how often */
} ptl_stall;

typedef struct ptl_played {
  ptl_recording recording;
  double cycles, data_cycles; /* with the flags, and without */
  ptl_stall *stalls;
  int stall_count;
} ptl_played;

/* Whether the ids of all flags are constants: others are not played. */
bool ptl_can_play(const ptl_kernel *kernel, const ptl_flags_beside *flags);

/* Each pipe waits for what its flags say, beside what its instructions read and overwrite. `flags`
 * NULL: they are not known, and none is waited for. */
ptl_played ptl_play(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                    const ptl_rates *rates, const ptl_flags_beside *flags);

#endif
