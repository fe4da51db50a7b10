/* Bytes of an on-chip buffer, and when two pieces of it have some in common. */
#ifndef PTL_TARGET_RANGE_H
#define PTL_TARGET_RANGE_H

#include "target/target.h"

/* From `begin_bytes` up to `end_bytes` of a space. `buffer` keeps spaces without addresses (level2)
 * apart: it is 0 at level3. With a `slot` it is one of several places in those bytes, which is not
 * known; two ranges of one slot are the same place. */
typedef struct ptl_range {
  ptl_space space;
  int buffer;
  int64_t begin_bytes;
  int64_t end_bytes;
  int slot; /* 0: all of the bytes */
} ptl_range;

/* Whether [a_begin, a_end) and [b_begin, b_end) have a byte in common. */
static inline bool ptl_bytes_overlap(int64_t a_begin, int64_t a_end, int64_t b_begin,
                                     int64_t b_end) {
  return a_begin < b_end && b_begin < a_end;
}

static inline bool ptl_ranges_share_buffer(const ptl_range *a, const ptl_range *b) {
  return a->space == b->space && a->buffer == b->buffer;
}

static inline bool ptl_ranges_overlap(const ptl_range *a, const ptl_range *b) {
  return ptl_ranges_share_buffer(a, b) &&
         ptl_bytes_overlap(a->begin_bytes, a->end_bytes, b->begin_bytes, b->end_bytes);
}

/* Whether two ranges that overlap may be places without a common byte. */
static inline bool ptl_ranges_may_be_apart(const ptl_range *a, const ptl_range *b) {
  return a->slot != b->slot;
}

/* Whether `inner` has no byte that `outer` has not. */
static inline bool ptl_range_covers(const ptl_range *outer, const ptl_range *inner) {
  return ptl_ranges_share_buffer(outer, inner) && outer->begin_bytes <= inner->begin_bytes &&
         outer->end_bytes >= inner->end_bytes &&
         (outer->slot == 0 || !ptl_ranges_may_be_apart(outer, inner));
}

static inline bool ptl_range_equal(const ptl_range *a, const ptl_range *b) {
  return ptl_range_covers(a, b) && ptl_range_covers(b, a);
}

#endif
