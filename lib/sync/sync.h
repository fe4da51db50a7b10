/* How ptoas' --enable-insert-sync ties a kernel's pipes with event flags: a model of what 0.60 does
 * (PTOAS:lib/PTO/Transforms/InsertSync), as far as flags between different pipes are concerned.
 *
 * A tie is a flag that one op sets and another waits for. Ties that a loop carries from iteration
 * to iteration hold an event id for as long as the loop runs; one between slots of a multi tile
 * holds an id for each slot, if both ends name their slot by one value.
 */
#ifndef PTL_SYNC_SYNC_H
#define PTL_SYNC_SYNC_H

#include "walk/walk.h"

typedef struct ptl_tie {
  const ptl_op *from, *to; /* it is set after `from`, and waited for before `to` */
  ptl_sync_pipe from_pipe, to_pipe;
  const ptl_op *loop; /* that carries it; NULL: it is within one iteration */
  int ids;            /* more than one: one for each slot */
  bool is_look_ahead; /* `to` reads, by slots, what `from` wrote into another slot of its iteration
                       */
  int slots_of;       /* value of the multi tile into one slot of which `to` writes, where slots are
                         tied one by one in a loop; -1: none */
  bool has_other_slot; /* the loop ties such ops of these pipes by another slot of it, too */
  bool is_conditional; /* an end of it stands in a branch of the loop: its flag is moved out */
  bool is_redundant;
} ptl_tie;

typedef struct ptl_ties {
  ptl_tie *items;
  int count;
} ptl_ties;

/* None if the kernel is too long for it, or has flags of its own. */
ptl_ties ptl_ties_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                     const ptl_noted *noted);

/* "PIPE_V", "PIPE_MTE2", ...: as ptoas writes it. */
const char *ptl_sync_pipe_name(ptl_sync_pipe pipe);

/* What can be at the ends of ties: the pipes of the ops on tiles, and slots of multi tiles. */
typedef struct ptl_sync_ends {
  bool has_pipe[PTL_SYNC_PIPE_COUNT];
  bool has_slots;
} ptl_sync_ends;
ptl_sync_ends ptl_sync_ends_of(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                               const ptl_noted *noted);

#endif
