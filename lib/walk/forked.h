/* An accumulator to which the two paths of a meeting have added differently: both of its sums.
 *
 * What is added after the meeting is added to both, and both are judged when the accumulator
 * leaves. A path that decides the condition of the meeting again has one of them.
 */
#ifndef PTL_WALK_FORKED_H
#define PTL_WALK_FORKED_H

#include "expr/when.h"

struct ptl_content;
struct ptl_sum;
struct ptl_tile;
struct ptl_walk;

typedef struct ptl_forked {
  const struct ptl_sum *sums[2]; /* of the first and of the second path; NULL: not known */
  ptl_meeting meeting;
} ptl_forked;

/* What is known of an accumulator after a meeting; NULL: nothing. */
const ptl_forked *ptl_forked_meet(ptl_arena *arena, const struct ptl_content *first,
                                  const struct ptl_content *second, const ptl_meeting *meeting);

/* If the path that leads here decides the meeting's condition, the content holds one sum. */
void ptl_forked_settle(const struct ptl_walk *walk, struct ptl_content *content);

/* Judges the sums where the accumulator leaves, and reports one that is not whole. True: all that
 * there is to say of the content was said. */
bool ptl_forked_leave(struct ptl_walk *walk, const ptl_op *op, const struct ptl_tile *tile,
                      struct ptl_content *content);

#endif
