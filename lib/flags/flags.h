/* Whether the flags of a kernel order what it does: a proof over all paths and trip counts.
 *
 * While a kernel is walked, a trace is made of it: which pipe reads and writes which bytes, and
 * which flags are set and waited for, as a tree of sequences, loops and branches. Over the trace
 * runs a finite state: of each access that is still of interest, which pipes are known to begin
 * after it has ended, and of each flag that is set, what had ended when it was. A loop is proved
 * when one more iteration changes nothing; branches meet.
 *
 * The flags are the kernel's own, or stand beside it, as ptoas puts them in (flags_beside.h).
 */
#ifndef PTL_FLAGS_FLAGS_H
#define PTL_FLAGS_FLAGS_H

#include "pipes/pipes.h"
#include "sync/flag_op.h"
#include "sync/sync.h"
#include "walk/walk.h"

typedef struct ptl_flag_trace ptl_flag_trace;

enum { PTL_FLAGS_MOST_SCRATCH = 4 };

/* Flags that stand beside a kernel: before op `index` there are those from `first[index]` up to
 * `first[index + 1]`. An id that is computed is -1 there, and a variable of `values`; so are the
 * addresses of tiles that the kernel does not place. */
typedef struct ptl_flags_beside {
  const ptl_flag_op *flags;
  const int *ids; /* of each flag: the variable; 0: none */
  const int *first;
  const int *const *addresses; /* by op and operand: the variable, then up to four tiles that ptoas
                                  adds as scratch, then 0; NULL: not known, or not asked */
  const struct ptl_written_values *values;
} ptl_flags_beside;

/* A trace of a kernel that is to be walked; NULL if it holds no flags and none stand beside it
 * (`beside` NULL): then it is ptoas that synchronises it. Half of a mixed kernel (`is_half`)
 * and one that holds flags between the cores have a trace, and are not asked for what their own
 * pipes do. */
ptl_flag_trace *ptl_flag_trace_new(ptl_arena *arena, const ptl_kernel *kernel,
                                   const ptl_target *target, const ptl_flags_beside *beside,
                                   bool is_half);
bool ptl_flag_trace_is_asked(const ptl_flag_trace *trace);
/* Forgets what it has and takes what follows as of a new walk in this mode. */
void ptl_flag_trace_begin(ptl_flag_trace *trace, ptl_walk_mode mode);
void ptl_flag_trace_event(ptl_flag_trace *trace, ptl_walk *walk, const ptl_event *event);

typedef struct ptl_flag_finding {
  ptl_code fault;
  const ptl_op *op;
  const ptl_op *other; /* may be NULL */
  const char *text;
  const char *note;     /* what the other op does; NULL: what the row of the code says */
  const char *evidence; /* where it happens first; may be NULL */
  bool is_unproved;     /* not followed: a flag is up on some paths only, or too often */
  int core;             /* of two: whose `op` is */
} ptl_flag_finding;

typedef struct ptl_flag_findings {
  ptl_flag_finding *items;
  int count;
} ptl_flag_findings;

/* Runs the trace. */
ptl_flag_findings ptl_flags_check(ptl_flag_trace *trace);

/* Both functions of a mixed kernel, whose pipes have been compared: whether the flags between the
 * cores are set and awaited alike, and whether what both touch in global memory is ordered by
 * pushes and pops, by these flags, or where all cores meet. With each function's own flags `known`,
 * which are proved. */
void ptl_flags_check_cores(const ptl_flag_trace *cube, const ptl_pipe_record *cube_record,
                           const ptl_flag_trace *vector, const ptl_pipe_record *vector_record,
                           bool known, ptl_pipe_findings *out);
/* A pop into a slot that may still be read, as far as this core's flags tell; NULL if there is
 * none. Then ptl_flags_check_cores says whether the other core orders the two. */
const ptl_op *ptl_flag_trace_open_slot(const ptl_flag_trace *trace);
/* The first flag between the cores; NULL if there is none. */
const ptl_op *ptl_flag_trace_signal(const ptl_flag_trace *trace);

#endif
