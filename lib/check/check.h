/* The checker of address plans: reads a kernel without knowing its plan.
 *
 * It runs the kernel (PTL_WALK_RUN; of a very long one, only the first and any later iteration of
 * the loops around its sinks) and asks, at every step: does each tile lie inside its buffer,
 * aligned; is what an op reads what was written there, whole; do operands fit; does an accumulator
 * hold one product over one gapless K interval when it leaves? On top, what ptoas' automatic
 * synchronisation cannot handle: tiles that overlap in part, too many loop-carried tiles.
 */
#ifndef PTL_CHECK_CHECK_H
#define PTL_CHECK_CHECK_H

#include "check/assume.h"
#include "flags/flags.h"
#include "pipes/pipes.h"

typedef struct ptl_finding {
  ptl_code fault;
  const ptl_op *op;
  const ptl_op *other; /* may be NULL */
  const char *text;
  const char *evidence; /* evidence.h; may be NULL */
  const char *note;     /* what the other op is; NULL: what the row of the fault says */
} ptl_finding;

typedef void (*ptl_finding_listener)(void *user, ptl_finding finding);

/* What is known of the flags of a kernel; the worst counts. */
typedef enum ptl_flags_verdict {
  PTL_FLAGS_NOT_ASKED, /* there are none yet: ptoas is to put them in */
  PTL_FLAGS_PROVED,
  PTL_FLAGS_NOT_FOLLOWED, /* they, or the ops that they order, are not known */
  PTL_FLAGS_UNPROVED,     /* all is known, and the proof fails: a flag is up on some paths only */
  PTL_FLAGS_WRONG,        /* a race, or a wait that never ends */
} ptl_flags_verdict;

typedef struct ptl_flags_known {
  ptl_flags_verdict verdict;
  const ptl_op *op; /* where they are no better */
  const char *text;
} ptl_flags_known;

typedef struct ptl_findings {
  ptl_finding *items; /* each op and fault once */
  int count;
  ptl_flags_known flags;
  ptl_assumptions assumptions;
  ptl_flag_trace *trace; /* of the kernel's flags; NULL: there is none */
  bool is_long;          /* it has loops of constant bounds that take too many steps to be run */
  bool is_cut_short;     /* the kernel takes more steps than are walked; nothing is proved */
} ptl_findings;

/* All findings of a kernel, but no assumptions; none: its plan is proved. What the walk cannot
 * follow is a finding too (PTL_CODE_NOT_FOLLOWED). */
ptl_findings ptl_check_kernel(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target);
/* The same, and the assumptions; `noted` gets the kernel's constants and places, `record`, if it is
 * not NULL, what the walk tells of pipes; the flags in `written`, what ptoas made of the kernel
 * (flags/written.h), are proved if there is such a text. */
ptl_findings ptl_check_recorded(ptl_arena *arena, const ptl_kernel *kernel,
                                const ptl_target *target, ptl_noted *noted, ptl_pipe_record *record,
                                ptl_str written);
/* As ptl_check_kernel; `listener` hears its walk in PTL_WALK_RUN, which came to the kernel's end
 * unless the findings are `is_long`. */
ptl_findings ptl_check_heard(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                             ptl_walk_listener listener, void *user);

#endif
