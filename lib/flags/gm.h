/* Inside of the proof of flags: what an op reads and writes of global memory, and whether two of
 * these have an element in common, in one iteration of the loops around them or in different ones.
 * Not for other layers. */
#ifndef PTL_FLAGS_GM_H
#define PTL_FLAGS_GM_H

#include "flags/flags.h"
#include "walk/gm_windows.h"

enum { PTL_FLAG_GM_LOOPS = 6 };

/* A loop around an op of a trace, of those that are not run. Rounds count from 0. */
typedef struct ptl_flag_turn {
  int loop;       /* a number of its own; 0: none */
  int depth;      /* of loops around it */
  bool is_first;  /* the op stands in the first round */
  int atom;       /* that counts the rounds from the second on, from 0; -1: not known */
  int first_leaf; /* what is inside of later rounds has leaves from this number on */
} ptl_flag_turn;

/* A number that grows by `steps` with each round of the loops around; the rest is the same in all
 * rounds if its leaves are. */
typedef struct ptl_flag_place {
  ptl_expr rest;
  int newest_leaf; /* in `rest`; -1: it has none */
  int64_t steps[PTL_FLAG_GM_LOOPS];
} ptl_flag_place;

/* Elements of global memory. Without `is_known` it is not known which of the pointer's these are.
 */
typedef struct ptl_flag_gm {
  int root; /* value number of the argument; -1: not known */
  bool is_known;
  ptl_gm_window window;
  ptl_flag_turn turns[PTL_FLAG_GM_LOOPS]; /* from the outside inwards */
  int turn_count;
  ptl_flag_place places[PTL_MAX_RANK]; /* of the offsets */
  ptl_flag_place start;                /* of the first element, counted from the pointer */
  ptl_expr span;                       /* elements from the first to the last */
  bool is_dense;                       /* all of which are the window's */
} ptl_flag_gm;

/* What the op's operand is, or for scalar ops the element that it touches, inside of these loops;
 * NULL if the operand names no global memory. */
const ptl_flag_gm *ptl_flag_gm_of(ptl_arena *arena, ptl_walk *walk, const ptl_kernel *kernel,
                                  const ptl_op *op, int operand, const ptl_flag_turn *turns,
                                  int turn_count);
/* Whether they are the same elements. */
bool ptl_flag_gm_same(const ptl_flag_gm *a, const ptl_flag_gm *b);

typedef enum ptl_flag_meeting {
  PTL_FLAG_APART,
  PTL_FLAG_MEETS,    /* in some rounds of the loops around, if these have so many */
  PTL_FLAG_MAY_MEET, /* not known */
} ptl_flag_meeting;

/* `earlier` was there before `now`. Since then the loop `moved` has gone on to another round; its
 * `loop` is 0: none has. */
ptl_flag_meeting ptl_flag_gm_meeting(ptl_exprs *exprs, const ptl_flag_gm *earlier,
                                     const ptl_flag_turn *moved, const ptl_flag_gm *now);

#endif
