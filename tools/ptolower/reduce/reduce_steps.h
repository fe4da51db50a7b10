/* The steps by which a file gets smaller. Each is kept if the finding still stands. */
#ifndef PTOLOWER_REDUCE_STEPS_H
#define PTOLOWER_REDUCE_STEPS_H

#include "reduce/reduce_judge.h"
#include "reduce/reduce_lines.h"

typedef struct reduction {
  ptl_arena *arena;
  reduce_judge *judge;
  reduce_lines lines;
} reduction;

/* Takes these lines if the finding stands in them. */
bool reduce_try(reduction *r, reduce_lines lines);

/* Functions, ops with what uses them, so many at once at first; true if anything went. */
bool reduce_drop(reduction *r, int most);
/* Loops and branches become what stands in them. */
bool reduce_unwrap(reduction *r);
/* Constants get smaller, arguments without uses go. */
bool reduce_shrink(reduction *r);

#endif
