/* On which of the paths that lead here each tile was written under its own name, and on which other
 * tiles were written over it since.
 *
 * An array by value number that is forked without being copied: its pieces are shared until one
 * side writes to them.
 */
#ifndef PTL_WALK_MARKS_H
#define PTL_WALK_MARKS_H

#include "expr/when.h"

typedef struct ptl_mark {
  bool is_written; /* on some path: on which */
  const ptl_when *when;
  bool is_lost; /* likewise */
  const ptl_when *lost_when;
  int64_t lost_begin, lost_end; /* no byte outside of these was lost */
} ptl_mark;

typedef struct ptl_marks {
  ptl_arena *arena;
  struct ptl_mark_piece **pieces;
  int piece_count;
  int64_t owner;   /* pieces of this owner may be written to */
  int64_t *owners; /* given out so far; shared by all forks */
} ptl_marks;

/* Bytes from `begin` to `end` were lost, too. */
void ptl_mark_widen(ptl_mark *mark, int64_t begin, int64_t end);

void ptl_marks_init(ptl_marks *marks, ptl_arena *arena, int count);
ptl_mark ptl_marks_at(const ptl_marks *marks, int index);
void ptl_marks_set(ptl_marks *marks, int index, ptl_mark mark);

/* A second one that is as `marks` is now. Neither sees what is set in the other from now on. */
ptl_marks ptl_marks_fork(ptl_marks *marks);

/* `marks` is the first path of the meeting, `second` the second. */
void ptl_marks_meet(ptl_marks *marks, const ptl_marks *second, ptl_exprs *exprs,
                    const ptl_meeting *meeting);

#endif
