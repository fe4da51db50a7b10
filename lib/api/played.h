/* A kernel run with the flags that ptoas put into it. */
#ifndef PTL_API_PLAYED_H
#define PTL_API_PLAYED_H

#include "flags/flags.h"
#include "summary/recording.h"

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
  double cycles;
  ptl_stall *stalls;
  int stall_count;
} ptl_played;

/* Whether the ids of all flags are constants: others are not played. */
bool ptl_can_play(const ptl_kernel *kernel, const ptl_flags_beside *flags);

/* Each pipe waits for what its flags say, beside what its instructions read and overwrite. */
ptl_played ptl_play(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                    const ptl_rates *rates, const ptl_flags_beside *flags);

#endif
